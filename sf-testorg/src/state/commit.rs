//! What one transaction changed, as a value that can be kept and applied again.
use super::{BinChange, Cell, Kind, Row, SchemaError, State, schema::schema_error};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sf_core::{SfId, Timestamp};
use std::{collections::BTreeMap, sync::Arc};

/// Everything one transaction changed. Applying the commits of an org in order, from an org with the same
/// schema, gives the same rows, the same next ids and the same open picklist values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Commit {
    /// 1 for the first commit of an org, then without gaps.
    pub number: u64,
    /// The org's time when it was made.
    pub at: Timestamp,
    /// New images of rows, soft-deleted ones included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<RowImage>,
    /// Rows that are gone for good.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<SfId>,
    /// Counters that moved: of ids by key prefix, of auto-numbers by `Object.Field`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counters: BTreeMap<String, u64>,
    /// Picklist values that were opened or closed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub picklists: Vec<PicklistChange>,
    /// sObjects and fields that were added or replaced, in order; before the rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schema: Vec<SchemaChange>,
    /// What came into the recycle bin and what left it, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bin: Vec<BinChange>,
    /// Rules that were added or replaced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleChange>,
}
impl Commit {
    /// Whether nothing was changed (nothing needs to be kept).
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
            && self.removed.is_empty()
            && self.counters.is_empty()
            && self.picklists.is_empty()
            && self.schema.is_empty()
            && self.bin.is_empty()
            && self.rules.is_empty()
    }
}

/// A rule was added or replaced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RuleChange {
    /// The rule's id.
    pub id: SfId,
    /// The rule as it is now.
    pub rule: crate::guard::Rule,
}

/// A whole row, its null fields left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RowImage {
    /// API name of the sObject.
    pub object: String,
    /// The row.
    pub id: SfId,
    /// What the transaction as a whole did to it.
    #[serde(default, skip_serializing_if = "ChangeKind::is_update")]
    pub change: ChangeKind,
    /// Fields by API name.
    pub fields: BTreeMap<String, Cell>,
}

/// What a transaction as a whole did to a row: the words of Salesforce's change events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ChangeKind {
    /// It was not there before.
    Create,
    /// It was there and is.
    #[default]
    Update,
    /// It went into the recycle bin, as the losers of a merge do.
    Delete,
    /// It came back from there.
    Undelete,
}
impl ChangeKind {
    // Serde asks by reference.
    #[allow(clippy::trivially_copy_pass_by_ref)]
    fn is_update(&self) -> bool {
        *self == ChangeKind::Update
    }
}

/// sObjects or fields were added or replaced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SchemaChange {
    /// An sObject, by its describe.
    SObject(Json),
    /// Fields of an sObject.
    Fields {
        /// Its API name.
        object: String,
        /// Their describe entries.
        fields: Vec<Json>,
    },
}

/// One picklist value was opened or closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PicklistChange {
    /// API name of the sObject.
    pub object: String,
    /// API name of the field.
    pub field: String,
    /// The value.
    pub value: String,
    /// Whether it may be chosen from now on.
    pub active: bool,
}

impl State {
    /// Applies a kept commit again. Fields the schema no longer has are left out.
    ///
    /// # Errors
    /// A commit out of order, or of an sObject the schema does not have.
    pub fn apply_commit(&mut self, commit: &Commit) -> Result<(), SchemaError> {
        if commit.number != self.commits + 1 {
            let next = self.commits + 1;
            return Err(schema_error(format!("commit {} where {next} was expected", commit.number)));
        }
        self.now = self.now.max(commit.at);
        self.replaying = true;
        let applied = self.apply_changes(commit);
        self.replaying = false;
        applied?;
        for change in &commit.bin {
            self.bin.apply(change.clone());
        }
        for (prefix, counter) in &commit.counters {
            let known = self.counters.entry(prefix.clone()).or_insert(0);
            *known = (*known).max(*counter);
        }
        self.undo.clear();
        self.moved.clear();
        self.commits = commit.number;
        Ok(())
    }

    /// What followed from a change when it was made is in the commit: it must not follow again.
    fn apply_changes(&mut self, commit: &Commit) -> Result<(), SchemaError> {
        for change in &commit.schema {
            self.apply_schema(change)?;
        }
        self.apply_images(commit)?;
        for change in &commit.rules {
            self.set_rule(change.id, change.rule.clone());
        }
        for change in &commit.picklists {
            self.set_picklist_active(&change.object, &change.field, &change.value, change.active)?;
        }
        Ok(())
    }

    fn apply_images(&mut self, commit: &Commit) -> Result<(), SchemaError> {
        for image in &commit.rows {
            let sobject = self.sobject(&image.object)?;
            let mut cells = vec![Cell::Null; sobject.fields.len()];
            for (at, field) in sobject.fields.iter().enumerate() {
                if field.kind() == Kind::Boolean {
                    cells[at] = Cell::Bool(false);
                }
                if let Some(cell) = image.fields.get(&field.name) {
                    cells[at] = cell.clone();
                }
            }
            self.put(&sobject, image.id, Some(Arc::new(Row { id: image.id, cells })));
        }
        for id in &commit.removed {
            if let Some(sobject) = self.find(*id).map(|(sobject, _)| sobject.clone()) {
                self.put(&sobject, *id, None);
            }
        }
        Ok(())
    }
}
