//! What nobody documents: one switch for each behaviour of which Salesforce says nothing.
mod bulk;
mod bulk1;
mod changes;
mod errors;
mod guard;
mod life;
mod oauth;
mod objects;
mod rest;
mod soql;
mod values;
pub use bulk::BulkAssumptions;
pub use bulk1::Bulk1Assumptions;
pub use changes::ChangeAssumptions;
pub use errors::{AssumedError, ErrorWords};
pub use guard::GuardAssumptions;
pub use life::{LifeAssumptions, LostParent};
pub use oauth::{FormerHost, OAuthAssumptions, RevokeError};
pub use objects::ObjectAssumptions;
pub use rest::RestAssumptions;
pub use soql::SoqlAssumptions;
pub use values::ValueAssumptions;

use crate::error::ApiError;
use std::collections::BTreeMap;

/// Behaviours that are inferred, not documented, by area. The default is what is believed; a client that must work either way is
/// tested with both settings. FIDELITY.md, beside this crate's README, lists them with the tests of both.
///
/// ```
/// use sf_testorg::{Assumptions, TestOrg};
///
/// let mut assumptions = Assumptions::default();
/// assumptions.oauth.invalid_client_is_401 = true;
/// let org = TestOrg::builder().assumptions(assumptions).build();
/// assert!(org.assumptions().oauth.invalid_client_is_401);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Assumptions {
    /// Signing in, tokens, and what a session opens.
    pub oauth: OAuthAssumptions,
    /// Requests, headers, statuses and error words of the REST resources.
    pub rest: RestAssumptions,
    /// What a query means, and how it is refused.
    pub soql: SoqlAssumptions,
    /// Jobs of Bulk API 2.0 and their files.
    pub bulk: BulkAssumptions,
    /// Jobs of Bulk API 1.0.
    pub bulk1: Bulk1Assumptions,
    /// How values are read and stored.
    pub values: ValueAssumptions,
    /// What single sObjects do of themselves.
    pub objects: ObjectAssumptions,
    /// Deletion, undelete, merge and lead conversion.
    pub life: LifeAssumptions,
    /// Change events.
    pub changes: ChangeAssumptions,
    /// Duplicate rules, permissions, roll-ups.
    pub guard: GuardAssumptions,
    /// Other words for errors whose words are assumed (default: none).
    pub errors: BTreeMap<AssumedError, ErrorWords>,
}

impl Assumptions {
    /// The error in this org's words.
    pub(crate) fn worded(&self, error: ApiError) -> ApiError {
        errors::worded(&self.errors, error)
    }
}
