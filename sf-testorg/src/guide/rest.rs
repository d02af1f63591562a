//! REST resources, request headers, the Tooling API, Apex REST and SOAP.
//!
//! # Resources
//!
//! Simulated, for the API versions 31.0 to 67.0, all as the newest but for upserts and searches: versions and resources, single
//! rows by id and by external id, collections, composite, batch, tree and graph, relationships in URLs, describe, updated and deleted
//! ids with what is still in flight, [queries and searches](super::soql), limits and record counts, recent rows,
//! [files](super::rows), [bulk jobs](super::bulk) and [everything about signing in](super::oauth).
//!
//! Not: XML bodies and answers (415, 406), layouts, list views, quick actions, recent rows by `FOR VIEW`; anything else is `NOT_FOUND`.
//!
//! Requests that are not right get Salesforce's words: the JSON parser's with their place, 405, 406, 410, 413, 414, 415, 431.
//!
//! # Headers
//!
//! `If-Match`, `If-None-Match` (ETag on accounts), `If-Modified-Since`, `If-Unmodified-Since`; `Sforce-Query-Options`,
//! `Sforce-Call-Options` (the client's name as `changeOrigin` of change events), `Sforce-Auto-Assign`, `Sforce-Duplicate-Rule-Header`,
//! `Sforce-Mru`: recent rows are those that requests of one row used, unless it says otherwise. Answers have `Sforce-Limit-Info`, are
//! compressed with gzip where the client takes it, and a request may be gzip or deflate.
//!
//! # Tooling API and Apex REST
//!
//! Tooling: queries and describes of the packages that are installed ([`Builder::installed_package`](crate::Builder::installed_package),
//! [`TestOrg::install_package`](crate::TestOrg::install_package)); all else is no type there. Apex REST: the resources that a test gives
//! ([`TestOrg::apex_rest`](crate::TestOrg::apex_rest)).
//!
//! # SOAP API
//!
//! Simulated: `undelete`, `emptyRecycleBin`, `merge` and `convertLead`, which REST does not have, in partner form under
//! `/services/Soap/u/66.0` with a session of any sign-in, each row with its own result, `AllOrNoneHeader` for undelete; they count as
//! API calls, and faults know them as the operations `undelete`, `empty_recycle_bin`, `merge` and `convert_lead`. Beside them
//! `login()` and `logout()`: see [signing in](super::oauth).
//!
//! Not: the other calls, rows that are sent along with a conversion, mails to owners. REST has no action `convertLead`, as in a real
//! org. A fault that answers a SOAP request ([`Effect::Status`](crate::Effect::Status), [`Effect::Refuse`](crate::Effect::Refuse)) does so in JSON.
