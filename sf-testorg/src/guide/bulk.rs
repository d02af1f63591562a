//! Bulk API 2.0 and 1.0: jobs that load and export rows.
//!
//! # Bulk API 2.0
//!
//! Simulated: jobs that load rows (insert, update, upsert, delete; hard delete where [`Builder::bulk_hard_delete`](crate::Builder::bulk_hard_delete) allows it) from one
//! upload or a multipart request, and jobs that export a query (`query`, `queryAll`); close, abort, delete, lists, result files, result
//! pages with `Sforce-Locator`, `resultPages`. CSV with all delimiters and both line endings; `#N/A`, empty values, relationship columns
//! (`Owner.Username`, `Lead:Who.Email`); a malformed row fails alone, a wrong header or line ending fails the job in Salesforce's words.
//! Rows are saved under the same rules, triggers and faults as all others, 200 in a transaction, 10,000 in a batch
//! ([`Builder::bulk_batch_rows`](crate::Builder::bulk_batch_rows)). Who asks for a job finds it `InProgress` once; nobody needs to ask ([`Builder::bulk_step`](crate::Builder::bulk_step)). An
//! export has three result pages unless [`Builder::bulk_page_rows`](crate::Builder::bulk_page_rows) says otherwise, and rows in no order unless the query asks for one.
//! Row faults name the request that closed the job ([`On::Call`](crate::On::Call)) and its operation (`insert`, …, or `ingest`). Jobs live in memory: a state file
//! keeps what they did, not them.
//!
//! Not: retries of batches. The processing times are made up (a millisecond for each row). Every switch of [`BulkAssumptions`](crate::BulkAssumptions) stands
//! for something undocumented.
//!
//! # Bulk API 1.0
//!
//! Simulated (`/services/async/NN.0/job…`, session in `X-SFDC-Session` or as a bearer): jobs told in XML or JSON, batches in CSV,
//! JSON and XML (nulls, parents by an external id), as simple-salesforce, jsforce and CumulusCI send them. Create, close, abort; batches,
//! their list, request and results, the rows in the order of the request; `query` and `queryAll` with several results; serial jobs;
//! PK chunking, where a statement without ORDER BY and LIMIT is split by ids (100,000, or `chunkSize`) into batches of their own and
//! the first one is `NotProcessed`. Batches go on as the jobs of 2.0 do, by time or by being asked for (alone, or with their job), and
//! their rows are saved in the same way; 10,000 rows and 10,000,000 bytes in one. Errors are 400 with an `exceptionCode`, a dead session
//! too. In the log they are `bulk1_job`, `bulk1_batch` (the one that row faults are about), `bulk1_state`, `bulk1_info`, `bulk1_results`.
//!
//! Not: binary attachments, transformation specifications, PK chunking by a parent, retries,
//! TYPEOF, which the guide excludes.
//! [`Bulk1Assumptions`](crate::Bulk1Assumptions) has what is undocumented.
