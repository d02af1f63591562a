//! Switches of what happens to a row besides saving: deletion, undelete, merge, conversion.
use std::time::Duration;

/// Deletion, undelete, merge and lead conversion.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LifeAssumptions {
    /// What becomes of a lookup of a row that is undeleted when its parent is still deleted, merged into another row or gone (default:
    /// [`LostParent::Survivor`]).
    pub undelete_lost_parent: LostParent,
    /// How long rows can still be queried with `queryAll` when the recycle bin was emptied of them (default: not at all, as
    /// practitioners report; the SOAP API guide says "for some time, typically 24 hours").
    pub purged_rows_linger: Duration,
    /// `…/deleted/` goes on listing rows that are out of the recycle bin for good (default: `true`; the guide speaks of a delete log of
    /// its own).
    pub deleted_lists_purged: bool,
    /// Activities of a lead that is converted without an opportunity are about the account, else about nothing (default: `false`).
    pub converted_activities_of_account: bool,
}

impl Default for LifeAssumptions {
    fn default() -> LifeAssumptions {
        LifeAssumptions {
            undelete_lost_parent: LostParent::Survivor,
            purged_rows_linger: Duration::ZERO,
            deleted_lists_purged: true,
            converted_activities_of_account: false,
        }
    }
}

/// What becomes of a lookup of a row that is undeleted when its parent is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum LostParent {
    /// It points to the row that the parent was merged into; it is empty where there is none.
    #[default]
    Survivor,
    /// It is empty.
    Empty,
    /// The undelete is refused with `UNDELETE_FAILED`.
    Refuse,
}
