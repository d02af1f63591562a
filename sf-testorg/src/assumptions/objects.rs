//! What is assumed of: what single sObjects do of themselves.

/// What single sObjects do of themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectAssumptions {
    /// A case that names a contact and no account gets the contact's account (default: `true`).
    pub case_account_follows_contact: bool,
    /// `Comments` of a case reads as null after it was written (default: `true`); the comment is made in any case.
    pub case_comments_read_null: bool,
    /// A ContentVersion without Title is named by the file of its `PathOnClient`, without the extension; else it is refused (default:
    /// `true`).
    pub file_title_from_path: bool,
    /// A ContentVersion without `VersionData` is refused; else it is an empty file (default: `true`).
    pub file_needs_content: bool,
    /// The number of a new org's first case (default: 1001, written `00001001`).
    pub first_case_number: u64,
    /// An opportunity in a stage that nobody set up is open; else it stays closed or won as it was (default: `true`).
    pub unknown_stage_is_open: bool,
    /// A timed event has its day, in UTC, in `ActivityDate` too (default: `true`).
    pub timed_event_has_a_day: bool,
}

impl Default for ObjectAssumptions {
    fn default() -> ObjectAssumptions {
        ObjectAssumptions {
            case_account_follows_contact: true,
            case_comments_read_null: true,
            file_title_from_path: true,
            file_needs_content: true,
            first_case_number: 1_001,
            unknown_stage_is_open: true,
            timed_event_has_a_day: true,
        }
    }
}
