//! SOQL and SOSL: what is evaluated, its limits, and what is not.
//!
//! # SOQL
//!
//! Simulated: parent paths and their aliases, child subqueries with their own locators, polymorphic lookups and TYPEOF, WHERE with
//! SOQL's null rules, semi-joins, date functions, date literals and `convertTimezone` in the user's zone, GROUP BY with ROLLUP,
//! CUBE, GROUPING and HAVING, `toLabel`, `FORMAT` (assumed from five Java locales), DISTANCE, `FIELDS()`, ORDER BY with nulls,
//! LIMIT and OFFSET, every `USING SCOPE` that the object's describe lists; `explain` and `columns`. Errors point at the part of the
//! statement that they are about, and the org refuses what `sf_soql::check` refuses.
//!
//! Taken without effect: `WITH USER_MODE` and its like (REST always asks as the user), `FOR VIEW`, `FOR REFERENCE` and `UPDATE`
//! (`LastViewedDate` does not move). There are no teams, territories, queues and scoping rules, no data categories, and one
//! currency: such statements have no rows, all rows, or Salesforce's refusal.
//!
//! Not: fiscal years other than the calendar's; the limit of 55 parent relationships; the refusal of dates before the year 1700 or
//! after 4000; time limits. The costs of `explain` are assumed.
//!
//! | limit | value | beyond |
//! | --- | --- | --- |
//! | a statement | 100,000 characters | `MALFORMED_QUERY` |
//! | a text in WHERE | 4,000 characters | `MALFORMED_QUERY` |
//! | relationships in a path | 5 | `MALFORMED_QUERY` |
//! | child subqueries of a statement | 20, SELECTs within each other 5 | `MALFORMED_QUERY` |
//! | semi-joins of a WHERE | 2, with AND only, not within each other | `MALFORMED_QUERY` |
//! | fields of ROLLUP and CUBE | 3 | `MALFORMED_QUERY` |
//! | groups of an answer | 2,000; there is no next page | `EXCEEDED_ID_LIMIT` |
//! | rows of `FIELDS(ALL)` and `FIELDS(CUSTOM)` | 200, by LIMIT or by ids | `MALFORMED_QUERY` |
//! | OFFSET | 2,000; there is no next page | `NUMBER_OUTSIDE_VALID_RANGE` |
//! | rows of a page | 2,000; `Sforce-Query-Options: batchSize` 200 to 2,000; [`TestOrg::page_size`](crate::TestOrg::page_size); 200 with two custom long texts; child rows count | a locator |
//! | life of a locator | two days, its own user, 500 of them or 5,000,000 rows behind them: the oldest goes first | `INVALID_QUERY_LOCATOR` |
//!
//! The rows behind a locator are those that were found, with the values that they had; their parents and children are read when
//! their page is. Changes of the schema end all locators.
//!
//! An equality or a list of ids, lookups or external ids, and pages by `Id`, `SystemModstamp`, `CreatedDate` or `LastModifiedDate`
//! come from an index: [`Counters::rows_visited`](crate::Counters::rows_visited) tells how many rows queries looked at.
//!
//! Where Salesforce documents nothing the fields of [`SoqlAssumptions`](crate::SoqlAssumptions) decide.
//!
//! # SOSL
//!
//! Simulated: `FIND {…}` with AND, OR, AND NOT, phrases, `*` and `?`; `IN … FIELDS`; `RETURNING` with fields, WHERE, ORDER BY, LIMIT;
//! the parameterized search by URL and by body. All text fields are searched, word by word, without regard to case. 2,000 rows at
//! most; beyond 4,000 characters of a search its operators are removed, beyond 10,000 nothing is found.
//!
//! Not: WITH, synonyms, stemming, the fields by which Salesforce leaves single sObjects out of a search group.
