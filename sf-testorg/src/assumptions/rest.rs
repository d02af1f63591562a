//! What is assumed of the REST resources.

/// Requests, headers, statuses and error words of the REST resources.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RestAssumptions {
    /// The status of a tree that was saved (default: 201; the guide does not name it).
    pub tree_status: u16,
}

impl Default for RestAssumptions {
    fn default() -> RestAssumptions {
        RestAssumptions { tree_status: 201 }
    }
}
