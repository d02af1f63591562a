//! Two or three rows made one.
use super::{NONE, Saver, convert};
use crate::{
    assumptions::AssumedError,
    error::{ApiError, ApiResult},
    json::Json,
    state::{BinChange, Cell, Deletion, Row, SObjectType},
};
use sf_core::SfId;
use std::{collections::BTreeSet, sync::Arc};

/// (SOAP API guide, "merge()"; of cases: Apex Developer Guide, "Merging Records")
const MERGEABLE: [&str; 4] = ["Account", "Case", "Contact", "Lead"];

/// What a merge did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Merged {
    /// The row that is left.
    pub master: SfId,
    /// The rows that were merged into it and are in the recycle bin now.
    pub victims: Vec<SfId>,
    /// Related rows that were moved to the master, by id.
    pub moved: Vec<SfId>,
}

impl Saver<'_> {
    /// Moves what belongs to the victims to the master, deletes the victims, then updates the master: its triggers and rules run, those of
    /// moved children do not. (Apex Developer Guide, "Triggers and Merge Statements")
    pub(crate) fn merge(
        &mut self,
        master: SfId,
        victims: &[SfId],
        fields: &[(String, Json)],
    ) -> ApiResult<Merged> {
        let Some(sobject) = self.state.schema().by_prefix(master.key_prefix()).cloned() else {
            return Err(ApiError::row("MALFORMED_ID", format!("malformed id {master}"), NONE));
        };
        self.check_merge(&sobject, master, victims)?;
        let savepoint = self.state.savepoint();
        let result = self.merge_rows(&sobject, master, victims, fields);
        if result.is_err() {
            self.state.rollback_to(savepoint);
        }
        result
    }

    fn check_merge(&mut self, sobject: &Arc<SObjectType>, master: SfId, victims: &[SfId]) -> ApiResult<()> {
        if !MERGEABLE.contains(&sobject.name.as_str()) {
            let message = format!("entity type {} does not support merge", sobject.name);
            return Err(ApiError::row("INVALID_TYPE_FOR_OPERATION", message, NONE)
                .assumed(AssumedError::NotMergeable));
        }
        let distinct: BTreeSet<SfId> = victims.iter().copied().collect();
        if !(1..=2).contains(&victims.len()) || distinct.len() != victims.len() || distinct.contains(&master)
        {
            let message = "A merge needs a master record and one or two other records";
            return Err(ApiError::row("MERGE_FAILED", message, NONE).assumed(AssumedError::MergeRecords));
        }
        for id in victims.iter().copied().chain([master]) {
            let row = self.existing(sobject, id)?;
            if convert::is_converted(sobject, &row) {
                return Err(convert::converted_lead());
            }
            self.faults.row_error(&sobject.name, Some(id))?;
        }
        let access = self.rules.object_access(&sobject.name);
        if access.edit && access.delete { Ok(()) } else { Err(self.insufficient_access()) }
    }

    fn merge_rows(
        &mut self,
        sobject: &Arc<SObjectType>,
        master: SfId,
        victims: &[SfId],
        fields: &[(String, Json)],
    ) -> ApiResult<Merged> {
        let mut fields = fields.to_vec();
        if let Some(manager) = self.manager_of_victims(sobject, master, victims)
            && !fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("ReportsToId"))
        {
            fields.push(("ReportsToId".into(), Json::Text(manager.to_string())));
        }
        let mut moved = BTreeSet::new();
        for victim in victims {
            self.move_children(sobject, *victim, master, victims, &mut moved)?;
        }
        for victim in victims {
            self.lose(sobject, *victim, master);
        }
        self.update(&sobject.name, master, &fields)?;
        self.check_ring(sobject, master)?;
        Ok(Merged { master, victims: victims.to_vec(), moved: moved.into_iter().collect() })
    }

    /// A contact that reports to nobody takes the manager of a victim. (SOAP API guide, "merge()")
    fn manager_of_victims(&self, sobject: &SObjectType, master: SfId, victims: &[SfId]) -> Option<SfId> {
        let at = sobject.position("ReportsToId").filter(|_| sobject.name == "Contact")?;
        let manager = |id: SfId| self.state.find(id).and_then(|(_, row)| row.cells[at].as_id());
        if manager(master).is_some() {
            return None;
        }
        let managers = victims.iter().filter_map(|victim| manager(*victim));
        managers.into_iter().find(|manager| *manager != master && !victims.contains(manager))
    }

    fn move_children(
        &mut self,
        sobject: &Arc<SObjectType>,
        victim: SfId,
        master: SfId,
        victims: &[SfId],
        moved: &mut BTreeSet<SfId>,
    ) -> ApiResult<()> {
        for relationship in &sobject.children {
            let Some(child) = self.state.schema().get(&relationship.child).cloned() else { continue };
            let Some(at) = child.position(&relationship.field) else { continue };
            let field = child.fields[at].clone();
            for id in self.with_value(&child, at, &Cell::Id(victim)) {
                if victims.contains(&id) {
                    continue;
                }
                if id == master {
                    return Err(circular(&field.label));
                }
                if field.createable || field.updateable {
                    self.state
                        .update_row(id, [(field.name.as_str(), Cell::Id(master))])
                        .map_err(|e| ApiError::new(500, "UNKNOWN_EXCEPTION", e.to_string()))?;
                    moved.insert(id);
                } else if let Some((_, row)) = self.state.find(id) {
                    // What a row merely shows moves no stamp.
                    let mut row = Row::clone(row);
                    row.cells[at] = Cell::Id(master);
                    self.state.put(&child, id, Some(Arc::new(row)));
                }
            }
        }
        Ok(())
    }

    fn lose(&mut self, sobject: &Arc<SObjectType>, victim: SfId, master: SfId) {
        let Some((_, row)) = self.state.find(victim) else { return };
        let mut row = Row::clone(row);
        self.state.stamp(sobject, &mut row);
        for (at, cell) in [
            (sobject.system.is_deleted, Cell::Bool(true)),
            (sobject.position("MasterRecordId"), Cell::Id(master)),
        ] {
            if let Some(at) = at {
                row.cells[at] = cell;
            }
        }
        self.state.put(sobject, victim, Some(Arc::new(row)));
        let at = self.state.now();
        let deletion = Deletion { root: victim, at, cascaded: Vec::new(), cleared: Vec::new() };
        self.state.change_bin(BinChange::Put(deletion));
    }

    /// A merge that would put a row above itself is refused. (SOAP API guide, "merge()": related accounts, reports-to relationships)
    fn check_ring(&self, sobject: &SObjectType, master: SfId) -> ApiResult<()> {
        for name in ["ParentId", "ReportsToId"] {
            let Some(at) = sobject.position(name) else { continue };
            let mut seen = BTreeSet::new();
            let mut id = master;
            while let Some(parent) = self.state.find(id).and_then(|(_, row)| row.cells[at].as_id()) {
                if parent == master {
                    return Err(circular(&sobject.fields[at].label));
                }
                if !seen.insert(parent) {
                    break;
                }
                id = parent;
            }
        }
        Ok(())
    }
}

fn circular(label: &str) -> ApiError {
    let message = format!("{label}: the merge would make the record its own parent");
    ApiError::row("CIRCULAR_DEPENDENCY", message, NONE).assumed(AssumedError::CircularMerge)
}
