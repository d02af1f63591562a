//! Rows on their way out: into the recycle bin, out of it for good, and off the queries.
use super::{BinChange, Cell, RecycleBin, Row, Savepoint, State, Undo};
use sf_core::{SfId, Timestamp};
use std::collections::BTreeSet;

impl State {
    pub(crate) fn bin(&self) -> &RecycleBin {
        &self.bin
    }
    /// Part of the transaction: it is in the commit and can be taken back.
    pub(crate) fn change_bin(&mut self, change: BinChange) {
        if let Some(back) = self.bin.apply(change.clone()) {
            self.undo.push(Undo::Bin { change, back });
        }
    }

    /// Removes the rows that went into the recycle bin since: they cannot be brought back.
    pub(crate) fn purge_deleted_since(&mut self, savepoint: Savepoint) {
        let touched = self.undo.iter().skip(savepoint.0).filter_map(|undo| match undo {
            Undo::Row { id, .. } => Some(*id),
            _ => None,
        });
        let touched: BTreeSet<SfId> = touched.collect();
        for id in touched {
            self.change_bin(BinChange::Take(id));
            self.remove_deleted(id);
        }
    }

    /// Ends the time in which a deletion can be undone. Its rows can still be queried for as long as
    /// [`crate::Assumptions`] says. Gives how many rows that were.
    pub(crate) fn purge(&mut self, root: SfId) -> usize {
        let Some(deletion) = self.bin.get(root).cloned() else { return 0 };
        self.change_bin(BinChange::Take(root));
        let until = self.now + self.assumptions.life.purged_rows_linger;
        let rows: Vec<SfId> = std::iter::once(root).chain(deletion.cascaded).collect();
        for id in &rows {
            if until > self.now {
                self.change_bin(BinChange::Linger { id: *id, until: Some(until) });
            } else {
                self.remove_deleted(*id);
            }
        }
        rows.len()
    }

    /// Removes what nobody can bring back or query any more. Salesforce does so by itself.
    pub(crate) fn purge_expired(&mut self) {
        for root in self.bin.expired(self.now) {
            self.purge(root);
        }
        for id in self.bin.faded(self.now) {
            self.change_bin(BinChange::Linger { id, until: None });
            self.remove_deleted(id);
        }
    }

    /// The row is gone; the delete log keeps its id.
    fn remove_deleted(&mut self, id: SfId) {
        let Some((sobject, row)) = self.find(id) else { return };
        if !row.is_deleted(sobject) {
            return;
        }
        let sobject = sobject.clone();
        let deleted = Some(stamp_of(&sobject, row).unwrap_or(self.now));
        self.put(&sobject, id, None);
        self.change_bin(BinChange::Log { id, deleted });
    }
}

/// The delete itself moves the stamp: deletedDate is taken from it. (SOAP API guide, "GetDeletedResult")
fn stamp_of(sobject: &super::SObjectType, row: &Row) -> Option<Timestamp> {
    match row.cells[sobject.system.system_modstamp.or(sobject.system.modified_date)?] {
        Cell::DateTime(at) => Some(at),
        _ => None,
    }
}
