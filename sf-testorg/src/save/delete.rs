//! Soft deletion and what goes with it.
use super::{NONE, Saver};
use crate::{
    assumptions::AssumedError,
    error::{ApiError, ApiResult},
    state::{BinChange, Cell, ClearedLookup, Deletion, Row, SObjectType},
};
use sf_core::SfId;
use std::sync::Arc;

impl Saver<'_> {
    /// Puts a row and its cascading children into the recycle bin.
    pub(crate) fn delete(&mut self, id: SfId) -> ApiResult<()> {
        let Some(sobject) = self.state.schema().by_prefix(id.key_prefix()).cloned() else {
            return Err(ApiError::row("MALFORMED_ID", format!("malformed id {id}"), NONE));
        };
        self.existing(&sobject, id)?;
        self.faults.row_error(&sobject.name, Some(id))?;
        self.check_may_delete(&sobject)?;
        let savepoint = self.state.savepoint();
        let result = self.delete_tree(&sobject, id);
        if result.is_err() {
            self.state.rollback_to(savepoint);
        }
        result
    }

    fn delete_tree(&mut self, sobject: &Arc<SObjectType>, root: SfId) -> ApiResult<()> {
        let mut deletion = Deletion { root, at: self.state.now(), cascaded: Vec::new(), cleared: Vec::new() };
        let mut open = vec![(sobject.clone(), root)];
        while let Some((sobject, id)) = open.pop() {
            let Some(row) = self.state.table(&sobject.name).and_then(|t| t.get(id)).cloned() else {
                continue;
            };
            if row.is_deleted(&sobject) {
                continue;
            }
            // What cannot be deleted by itself goes with its parent: versions with their document.
            if !sobject.deletable && id == root || sobject.system.is_deleted.is_none() {
                return Err(not_deletable(&sobject));
            }
            for relationship in &sobject.children {
                let Some(child) = self.state.schema().get(&relationship.child).cloned() else { continue };
                let Some(at) = child.position(&relationship.field) else { continue };
                let children = self.with_value(&child, at, &Cell::Id(id));
                if relationship.restricted_delete && !children.is_empty() {
                    let rows = children.iter().filter_map(|id| self.state.find(*id)).map(|(_, row)| row);
                    return Err(restricted(&sobject, &row, &child, rows.map(|row| shown_name(&child, row))));
                }
                for child_id in children {
                    if relationship.cascade_delete {
                        open.push((child.clone(), child_id));
                    } else {
                        self.clear(&child, child_id, at);
                        let field = child.fields[at].name.clone();
                        deletion.cleared.push(ClearedLookup { row: child_id, field, to: id });
                    }
                }
            }
            // As it is now: its roll-ups have followed the lookups that were emptied.
            let Some(row) = self.state.table(&sobject.name).and_then(|t| t.get(id)) else { continue };
            let mut row = Row::clone(row);
            self.state.stamp(&sobject, &mut row);
            if let Some(at) = sobject.system.is_deleted {
                row.cells[at] = Cell::Bool(true);
            }
            self.state.put(&sobject, id, Some(Arc::new(row)));
            if id != root {
                deletion.cascaded.push(id);
            }
        }
        self.state.change_bin(BinChange::Put(deletion));
        Ok(())
    }

    /// A lookup to a deleted row becomes empty; the child's stamp moves.
    fn clear(&mut self, child: &Arc<SObjectType>, id: SfId, at: usize) {
        let Some(row) = self.state.table(&child.name).and_then(|t| t.get(id)) else { return };
        let mut row = Row::clone(row);
        self.state.stamp(child, &mut row);
        row.cells[at] = Cell::Null;
        self.state.put(child, id, Some(Arc::new(row)));
    }
}

fn not_deletable(sobject: &SObjectType) -> ApiError {
    let message = format!("entity type cannot be deleted: {}", sobject.label);
    ApiError::row("INSUFFICIENT_ACCESS_OR_READONLY", message, NONE).assumed(AssumedError::NotDeletable)
}
/// What people know a row by.
fn shown_name<'r>(sobject: &SObjectType, row: &'r Row) -> &'r str {
    let name = sobject.fields.iter().position(|field| field.name_field);
    name.and_then(|at| row.cells[at].as_text()).unwrap_or(row.id.as_str())
}
fn restricted<'r>(
    sobject: &SObjectType,
    row: &Row,
    child: &SObjectType,
    children: impl Iterator<Item = &'r str>,
) -> ApiError {
    let message = format!(
        "Your attempt to delete {} could not be completed because it is associated with the following {}s.: {}",
        shown_name(sobject, row),
        child.label.to_ascii_lowercase(),
        children.collect::<Vec<_>>().join(", ")
    );
    ApiError::row("DELETE_FAILED", message, NONE).assumed(AssumedError::RestrictedDelete)
}
