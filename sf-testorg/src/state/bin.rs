//! The recycle bin: what was deleted together, until when it can be brought back, and what remains of it afterwards.
use serde::{Deserialize, Serialize};
use sf_core::{SfId, Timestamp};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// How long a deletion can be undone. (SOAP API guide, "emptyRecycleBin()")
pub(super) const KEPT: Duration = Duration::from_secs(15 * 24 * 3600);

/// One deletion in the recycle bin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Deletion {
    /// The row that was deleted: the id that an undelete names.
    pub root: SfId,
    /// When.
    pub at: Timestamp,
    /// Rows that went with it. They come back with it, and cannot come back without it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cascaded: Vec<SfId>,
    /// Lookups of other rows that were emptied: the row and the field. Each pointed to one of the deleted rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cleared: Vec<ClearedLookup>,
}

/// A lookup that was emptied when the row it pointed to was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClearedLookup {
    /// The row that has the lookup.
    pub row: SfId,
    /// API name of the lookup.
    pub field: String,
    /// What it pointed to.
    pub to: SfId,
}

/// One change of the recycle bin, as a transaction keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum BinChange {
    /// A deletion came into the bin.
    Put(Deletion),
    /// The deletion of this row left it.
    Take(SfId),
    /// A row that left the bin for good can still be queried until then.
    Linger {
        /// The row.
        id: SfId,
        /// When it disappears; none: it did.
        until: Option<Timestamp>,
    },
    /// A row is gone and stays in the delete log.
    Log {
        /// The row.
        id: SfId,
        /// When it was deleted; none: it is not in the log.
        deleted: Option<Timestamp>,
    },
}

/// The recycle bin and the delete log of an org.
#[derive(Debug, Clone, Default)]
pub(crate) struct RecycleBin {
    deletions: BTreeMap<SfId, Deletion>,
    by_time: BTreeSet<(Timestamp, SfId)>,
    /// The deletion that a cascaded row belongs to.
    root_of: BTreeMap<SfId, SfId>,
    lingering: BTreeMap<SfId, Timestamp>,
    log: BTreeMap<SfId, Timestamp>,
}

impl RecycleBin {
    /// The deletion of this row, unless it went with another one.
    pub(crate) fn get(&self, root: SfId) -> Option<&Deletion> {
        self.deletions.get(&root)
    }
    /// Whether the row went with another one.
    pub(crate) fn is_cascaded(&self, id: SfId) -> bool {
        self.root_of.contains_key(&id)
    }
    /// Whether the row left the bin for good and can still be queried.
    pub(crate) fn is_lingering(&self, id: SfId) -> bool {
        self.lingering.contains_key(&id)
    }
    /// Oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Deletion> {
        self.by_time.iter().filter_map(|(_, root)| self.deletions.get(root))
    }
    /// Rows that are gone, with the time they were deleted.
    pub(crate) fn log(&self) -> &BTreeMap<SfId, Timestamp> {
        &self.log
    }
    /// Deletions that nobody can undo any more.
    pub(super) fn expired(&self, now: Timestamp) -> Vec<SfId> {
        self.by_time.iter().take_while(|(at, _)| *at + KEPT <= now).map(|(_, root)| *root).collect()
    }
    /// Rows that cannot be queried any more.
    pub(super) fn faded(&self, now: Timestamp) -> Vec<SfId> {
        self.lingering.iter().filter(|(_, until)| **until <= now).map(|(id, _)| *id).collect()
    }

    /// Makes the change; gives the one that takes it back.
    pub(super) fn apply(&mut self, change: BinChange) -> Option<BinChange> {
        match change {
            BinChange::Put(deletion) => {
                let root = deletion.root;
                let before = self.take(root);
                self.by_time.insert((deletion.at, root));
                self.root_of.extend(deletion.cascaded.iter().map(|id| (*id, root)));
                self.deletions.insert(root, deletion);
                Some(before.map_or(BinChange::Take(root), BinChange::Put))
            }
            BinChange::Take(root) => self.take(root).map(BinChange::Put),
            BinChange::Linger { id, until } => {
                Some(BinChange::Linger { id, until: set(&mut self.lingering, id, until) })
            }
            BinChange::Log { id, deleted } => {
                Some(BinChange::Log { id, deleted: set(&mut self.log, id, deleted) })
            }
        }
    }

    fn take(&mut self, root: SfId) -> Option<Deletion> {
        let deletion = self.deletions.remove(&root)?;
        self.by_time.remove(&(deletion.at, root));
        for id in &deletion.cascaded {
            self.root_of.remove(id);
        }
        Some(deletion)
    }
}

fn set(map: &mut BTreeMap<SfId, Timestamp>, id: SfId, to: Option<Timestamp>) -> Option<Timestamp> {
    match to {
        Some(at) => map.insert(id, at),
        None => map.remove(&id),
    }
}
