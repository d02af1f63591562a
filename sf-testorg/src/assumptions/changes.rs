//! What is assumed of: change events.

/// Change events.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChangeAssumptions {
    /// A record that is changed and then deleted in one transaction has a DELETE event; else one of the first change, as the guide's rule for
    /// several changes of a record says literally (default: `true`).
    pub deletion_wins: bool,
    /// A change of a large text is a unified diff where that is shorter; else the whole text (default: `true`).
    pub large_text_as_diff: bool,
    /// The hash in a diff is that of the new text; else of the old one. The guide says the first and shows the second (default: `true`).
    pub diff_hash_is_of_new_text: bool,
    /// Formulas and roll-ups are in events; the guide says so, the Object Reference does not (default: `true`).
    pub with_formulas: bool,
}

impl Default for ChangeAssumptions {
    fn default() -> ChangeAssumptions {
        ChangeAssumptions {
            deletion_wins: true,
            large_text_as_diff: true,
            diff_hash_is_of_new_text: true,
            with_formulas: true,
        }
    }
}
