//! What is assumed of the REST resources.
use std::time::Duration;

/// Requests, headers and statuses of the REST resources.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RestAssumptions {
    /// The status of a tree that was saved (default: 201; the guide does not name it).
    pub tree_status: u16,
    /// An answer 405 has the header `Allow`, as HTTP asks for; else only its message names the methods (default: `true`).
    pub method_errors_have_allow: bool,
    /// Of a key that stands twice in a row's JSON the last value counts; else the request is refused (default: `true`).
    pub last_duplicate_key_wins: bool,
    /// The status of an upsert with `updateOnly=true` that finds no row (default: 404).
    pub update_only_status: u16,
    /// An update by id whose body has the id too is refused; else the id in the body is ignored (default: `true`).
    pub id_in_body_is_refused: bool,
    /// A compound address or location without any part is `null`; else an object of nulls (default: `true`).
    pub empty_address_is_null: bool,
    /// In a collection without `allOrNone` in which rows fail, the good ones are undone and saved a second time, so that triggers run twice
    /// (default: `false`; Salesforce may do it once or twice).
    pub retries_good_rows: bool,
    /// Answers 429 and 503 have the header `Retry-After` with so many seconds (default: `None`, no such header).
    pub retry_after: Option<Duration>,
    /// A search without RETURNING finds rows of every sObject that can be queried and has a name, in the order of the sObjects' names; else
    /// only rows of sObjects whose describe says `searchable` (default: `true`).
    pub bare_search_finds_all: bool,
}

impl Default for RestAssumptions {
    fn default() -> RestAssumptions {
        RestAssumptions {
            tree_status: 201,
            method_errors_have_allow: true,
            last_duplicate_key_wins: true,
            update_only_status: 404,
            id_in_body_is_refused: true,
            empty_address_is_null: true,
            retries_good_rows: false,
            retry_after: None,
            bare_search_finds_all: true,
        }
    }
}
