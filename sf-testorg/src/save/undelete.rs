//! Out of the recycle bin again, and out of it for good.
use super::{NONE, Saver};
use crate::{
    AssumedError, LostParent,
    error::{ApiError, ApiResult},
    state::{BinChange, Cell, Deletion, Derivation, Kind, Row, SObjectType},
};
use sf_core::SfId;
use std::sync::Arc;

/// Standard lookups that an undelete of their parent fills again, besides all custom ones. (Apex Developer Guide, "Deleting Records",
/// as far as this org has the objects.)
const RESTORED: [(&str, &str); 3] =
    [("Account", "ParentId"), ("Case", "ParentId"), ("Contact", "ReportsToId")];

impl Saver<'_> {
    /// Brings a row back with all that went with it. There are no triggers before an undelete, and validation rules are not asked.
    pub(crate) fn undelete(&mut self, id: SfId) -> ApiResult<()> {
        let sobject = self.undeletable(id)?;
        let deletion = match self.state.find(id) {
            Some((_, row)) if row.is_deleted(&sobject) => self.deletion(id),
            _ => None,
        };
        let deletion = deletion
            .ok_or_else(|| ApiError::row("UNDELETE_FAILED", "Entity is not in the recycle bin", NONE))?;
        self.faults.row_error(&sobject.name, Some(id))?;
        self.check_may_delete(&sobject)?;
        let savepoint = self.state.savepoint();
        let result = self.bring_back(&deletion);
        if result.is_err() {
            self.state.rollback_to(savepoint);
        }
        result
    }

    /// Empties the recycle bin of one deletion.
    pub(crate) fn purge(&mut self, id: SfId) -> ApiResult<usize> {
        let sobject = self.undeletable(id)?;
        self.check_may_delete(&sobject)?;
        match self.state.purge(id) {
            0 => {
                let message = "invalid record id; no recycle bin entry found";
                Err(ApiError::row("INVALID_ID_FIELD", message, NONE))
            }
            rows => Ok(rows),
        }
    }

    fn undeletable(&self, id: SfId) -> ApiResult<Arc<SObjectType>> {
        let Some(sobject) = self.state.schema().by_prefix(id.key_prefix()).cloned() else {
            return Err(ApiError::row("MALFORMED_ID", format!("malformed id {id}"), NONE));
        };
        if !sobject.deletable || sobject.system.is_deleted.is_none() {
            let message = "Entity type is not undeletable";
            return Err(ApiError::row("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message, NONE));
        }
        Ok(sobject)
    }

    /// Its entry. A row that was deleted outside the rules, in a state that was filled by hand, is one of its own.
    fn deletion(&self, id: SfId) -> Option<Deletion> {
        let bin = self.state.bin();
        if bin.is_cascaded(id) || bin.is_lingering(id) {
            return None;
        }
        let alone = || Deletion { root: id, at: self.state.now(), cascaded: Vec::new(), cleared: Vec::new() };
        Some(bin.get(id).cloned().unwrap_or_else(alone))
    }

    fn bring_back(&mut self, deletion: &Deletion) -> ApiResult<()> {
        self.state.change_bin(BinChange::Take(deletion.root));
        let rows: Vec<SfId> =
            std::iter::once(deletion.root).chain(deletion.cascaded.iter().copied()).collect();
        for id in &rows {
            self.revive(*id)?;
        }
        // Now the lookups: parents may have come back with their children.
        for id in &rows {
            self.settle_lookups(*id)?;
        }
        for cleared in &deletion.cleared {
            self.restore(cleared.row, &cleared.field, cleared.to);
        }
        for id in &rows {
            if let Some(sobject) = self.state.find(*id).map(|(sobject, _)| sobject.clone()) {
                self.state.roll_up_onto(&sobject, *id);
            }
        }
        Ok(())
    }

    fn revive(&mut self, id: SfId) -> ApiResult<()> {
        let Some((sobject, row)) = self.state.find(id) else { return Ok(()) };
        let (sobject, mut row) = (sobject.clone(), Row::clone(row));
        for (at, field) in sobject.fields.iter().enumerate().filter(|(_, field)| field.unique) {
            if !row.cells[at].is_null() && field.kind() != Kind::Id {
                self.check_unique(&sobject, at, &row.cells[at], Some(id))?;
            }
        }
        self.state.stamp(&sobject, &mut row);
        if let Some(at) = sobject.system.is_deleted {
            row.cells[at] = Cell::Bool(false);
        }
        // Null unless the row is deleted. (Object Reference, "Account": MasterRecordId)
        if let Some(at) = sobject.position("MasterRecordId") {
            row.cells[at] = Cell::Null;
        }
        self.state.put(&sobject, id, Some(Arc::new(row)));
        Ok(())
    }

    /// What became of parents that were deleted, merged or removed since.
    fn settle_lookups(&mut self, id: SfId) -> ApiResult<()> {
        let Some((sobject, before)) = self.state.find(id) else { return Ok(()) };
        let (sobject, before) = (sobject.clone(), before.clone());
        let mut row = Row::clone(&before);
        for (at, field) in sobject.fields.iter().enumerate().filter(|(_, f)| f.kind() == Kind::Reference) {
            let Some(to) = row.cells[at].as_id() else { continue };
            if self.is_live(to) {
                continue;
            }
            let policy = self.state.assumptions.life.undelete_lost_parent;
            let survivor = self.survivor(to).filter(|_| policy == LostParent::Survivor);
            if survivor.is_none() && (policy == LostParent::Refuse || !field.nillable) {
                let message = format!("{}: the parent record is deleted: {to}", field.label);
                return Err(ApiError::row("UNDELETE_FAILED", message, [&field.name])
                    .assumed(AssumedError::LostParent));
            }
            row.cells[at] = survivor.map_or(Cell::Null, Cell::Id);
        }
        if row != *before {
            let save = &mut Derivation {
                sobject: &sobject,
                before: Some(&before),
                cells: &mut row.cells,
                given: &[],
            };
            self.state.derive(save);
            self.state.put(&sobject, id, Some(Arc::new(row)));
        }
        Ok(())
    }

    /// Whether a lookup to it is good; one to an sObject that this org does not have is.
    fn is_live(&self, id: SfId) -> bool {
        match self.state.find(id) {
            Some((sobject, row)) => !row.is_deleted(sobject),
            None => self.state.schema().by_prefix(id.key_prefix()).is_none(),
        }
    }

    /// The row that a merged one was merged into, and what that one was merged into.
    fn survivor(&self, lost: SfId) -> Option<SfId> {
        let mut id = lost;
        // A chain of merges cannot be longer, and might be a ring in a state that was filled by hand.
        for _ in 0..100 {
            let (sobject, row) = self.state.find(id)?;
            if !row.is_deleted(sobject) {
                return Some(id);
            }
            id = row.cells[sobject.position("MasterRecordId")?].as_id()?;
        }
        None
    }

    /// Fills a lookup again that was emptied, unless it has been given another value or its row was deleted too.
    fn restore(&mut self, child: SfId, field: &str, to: SfId) {
        let Some((sobject, row)) = self.state.find(child) else { return };
        let Some(at) = sobject.position(field) else { return };
        let field = &sobject.fields[at];
        // What the org computes, such as an activity's account, is as it was.
        let is_computed = !field.createable && !field.updateable;
        let is_restored =
            field.custom || is_computed || RESTORED.contains(&(sobject.name.as_str(), field.name.as_str()));
        if is_restored && !row.is_deleted(sobject) && row.cells[at].is_null() {
            let sobject = sobject.clone();
            let mut row = Row::clone(row);
            self.state.stamp(&sobject, &mut row);
            row.cells[at] = Cell::Id(to);
            self.state.put(&sobject, child, Some(Arc::new(row)));
        }
    }
}
