//! Models of standard objects, with the fields that every org has.
//!
//! Fields that exist only with a feature switched on (state and country codes, currency, record types, person
//! accounts, portals) and custom fields are in `extra`; or declare a model of your own with
//! [`sobject!`](crate::sobject). Picklists are open enums with the values of a new org.
//! (Object Reference for the Salesforce Platform, "Standard Objects".)
mod account;
mod case;
mod contact;
mod content_version;
mod email_message;
mod event;
mod lead;
mod opportunity;
mod task;
mod user;

pub use account::{Account, AccountType, Industry, LeadSource, Ownership, Rating};
pub use case::{Case, CaseComment, CaseOrigin, CasePriority, CaseReason, CaseStatus, CaseType};
pub use contact::{Contact, Salutation};
pub use content_version::ContentVersion;
pub use email_message::{EmailMessage, EmailMessageStatus};
pub use event::{Event, EventShowAs, GroupEventType, RecurrenceInstance, RecurrenceType};
pub use lead::{Lead, LeadStatus};
pub use opportunity::{ForecastCategory, ForecastCategoryName, Opportunity, OpportunityType, StageName};
pub use task::{CallType, Task, TaskPriority, TaskStatus, TaskSubtype};
pub use user::{User, UserType};
