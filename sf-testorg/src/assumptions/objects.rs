//! What is assumed of: what single sObjects do of themselves.

/// What single sObjects do of themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectAssumptions {
    /// A case that names a contact and no account gets the contact's account (default: `true`).
    pub case_account_follows_contact: bool,
    /// `Comments` of a case reads as null after it was written (default: `true`); the comment is made in any case.
    pub case_comments_read_null: bool,
}

impl Default for ObjectAssumptions {
    fn default() -> ObjectAssumptions {
        ObjectAssumptions { case_account_follows_contact: true, case_comments_read_null: true }
    }
}
