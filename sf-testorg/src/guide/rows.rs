//! What the org keeps, checks and completes when rows are saved: rows, rules, files, change events.
//!
//! # Rows
//!
//! Simulated: required fields, lengths, types, restricted picklists with values that close at run time, lookups, unique and
//! external ids, record types of a describe that has them, soft deletion with cascades, a recycle bin of 15 days with undelete
//! ([`TestOrg::undelete`](crate::TestOrg::undelete)), merge of accounts, contacts, leads and cases ([`TestOrg::merge`](crate::TestOrg::merge)), lead conversion by the standard
//! field mapping ([`TestOrg::convert_lead`](crate::TestOrg::convert_lead)), statuses and priorities as rows that follow their picklists (`LeadStatus`,
//! `CaseStatus`, `TaskStatus`, `TaskPriority`), what follows from an opportunity's stage, a task's or event's fields and a case's
//! status and contact (its number too), triggers as closures ([`TestOrg::on_save`](crate::TestOrg::on_save)). sObjects and fields are added while the org
//! lives ([`TestOrg::add_sobjects`](crate::TestOrg::add_sobjects), [`TestOrg::add_fields`](crate::TestOrg::add_fields)).
//!
//! Not: formulas, dependencies between picklists (the API takes any listed value), custom field mappings of lead conversion,
//! recycle bins of single users and their limit of rows, recurring activities (a series is one row).
//!
//! # Rules
//!
//! Simulated ([`guard`](crate::guard), by [`TestOrg::add_rule`](crate::TestOrg::add_rule)): validation rules over a SOQL condition or as closures
//! ([`TestOrg::refuse_when`](crate::TestOrg::refuse_when)), duplicate rules with exact matching and `Sforce-Duplicate-Rule-Header`, assignment rules of cases
//! and leads with `Sforce-Auto-Assign`, roll-up summaries, auto-numbers, object permissions and field-level security by user or
//! profile ([`TestOrg::set_field_access`](crate::TestOrg::set_field_access) for everybody).
//!
//! Not: sharing (who may read an sObject reads all its rows), fuzzy matching, duplicates across sObjects, territories of accounts,
//! formulas of validation rules (a WHERE clause stands for one).
//!
//! # Files
//!
//! Simulated: ContentVersion, Document and Attachment as base64 (bodies to 50 MB) or by `multipart/form-data` (a file to 2 GB or
//! 500 MB, [`TestOrg::largest_upload`](crate::TestOrg::largest_upload)), collections with binary parts; size, checksum, type, version number, document and links
//! follow; `VersionData` and `Body` give the bytes.
//!
//! Not: ContentUrl, libraries, sharing of files, `Range`, previews. The share types of links are assumed.
//!
//! # Change events
//!
//! Simulated: every commit as Change Data Capture publishes it, in the order of commits ([`TestOrg::changes`](crate::TestOrg::changes),
//! `/__org/changes`): one event for rows that change alike, changed and nulled fields, diffs of large texts, `changeOrigin`, gap
//! and overflow events ([`Effect::GapEvents`](crate::Effect::GapEvents), [`Effect::OverflowEvents`](crate::Effect::OverflowEvents)), 72 hours of retention,
//! [`Builder::change_entities`](crate::Builder::change_entities). A state file does not hold them.
//!
//! Not: the Pub/Sub API and CometD, for which this stream is meant, bitmaps and Avro, wildcard ids, platform events, daily
//! delivery limits, field-level security of a subscriber.
