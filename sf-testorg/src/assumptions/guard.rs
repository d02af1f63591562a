//! What is assumed of the rules that guard and complete a save.

/// Duplicate rules, permissions, roll-ups.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GuardAssumptions {
    /// The key of the details of a duplicate is `duplicateResut`, as many clients of API versions 48.0 to 56.0 read it, instead of
    /// `duplicateResult` (default: `false`).
    pub duplicate_result_is_misspelled: bool,
    /// Row errors of collections have the details of a duplicate, too; the guide's samples have not (default: `false`).
    pub duplicate_result_in_collections: bool,
    /// Changing or deleting a row of an sObject for which the user has no permission answers 403, else 400 (default: `true`).
    pub insufficient_access_is_403: bool,
    /// A roll-up whose value changed moves the parent's `SystemModstamp` (default: `true`); `LastModifiedDate` it never moves.
    pub roll_up_moves_modstamp: bool,
}

impl Default for GuardAssumptions {
    fn default() -> GuardAssumptions {
        GuardAssumptions {
            duplicate_result_is_misspelled: false,
            duplicate_result_in_collections: false,
            insufficient_access_is_403: true,
            roll_up_moves_modstamp: true,
        }
    }
}
