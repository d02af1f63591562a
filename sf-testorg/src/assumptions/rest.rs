//! What is assumed of the REST resources.

/// Requests, headers, statuses and error words of the REST resources.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RestAssumptions {
    /// The status of a tree that was saved (default: 201; the guide does not name it).
    pub tree_status: u16,
    /// An answer 405 has the header `Allow`, as HTTP asks for; else only its message names the methods (default: `true`).
    pub method_errors_have_allow: bool,
    /// Of a key that stands twice in a row's JSON the last value counts; else the request is refused (default: `true`).
    pub last_duplicate_key_wins: bool,
}

impl Default for RestAssumptions {
    fn default() -> RestAssumptions {
        RestAssumptions { tree_status: 201, method_errors_have_allow: true, last_duplicate_key_wins: true }
    }
}
