//! Picklists whose values are rows of an sObject of their own: `LeadStatus`, `CaseStatus`, `TaskStatus`, `TaskPriority`, and
//! `OpportunityStage`. The rows follow the picklist: one for each active value, in its order.
use super::{Cell, Key, Kind, Row, SObjectType, State};
use sf_core::SfId;
use std::sync::Arc;

/// What ids of these rows begin with, also where the describe has no key prefix.
pub(super) const PREFIX: &str = "01J";

/// An sObject whose rows are the values of a picklist.
struct Values {
    sobject: &'static str,
    /// The picklist: sObject and field.
    of: (&'static str, &'static str),
    /// What else a row says of its value, and of which values of a new org it is true.
    flag: &'static str,
    flagged: &'static str,
}

const ALL: [Values; 4] = [
    Values { sobject: "CaseStatus", of: ("Case", "Status"), flag: "IsClosed", flagged: "Closed" },
    Values {
        sobject: "LeadStatus",
        of: ("Lead", "Status"),
        flag: "IsConverted",
        flagged: "Closed - Converted",
    },
    Values { sobject: "TaskPriority", of: ("Task", "Priority"), flag: "IsHighPriority", flagged: "High" },
    Values { sobject: "TaskStatus", of: ("Task", "Status"), flag: "IsClosed", flagged: "Completed" },
];

/// Whether rows of this sObject have ids that begin with [`PREFIX`].
pub(super) fn has_prefix(sobject: &str) -> bool {
    sobject == "OpportunityStage" || ALL.iter().any(|values| values.sobject == sobject)
}

impl SObjectType {
    /// Whether a row of this sObject could have this id.
    pub(crate) fn could_have(&self, id: SfId) -> bool {
        self.key_prefix.as_deref() == Some(id.key_prefix())
            || (id.key_prefix() == PREFIX && has_prefix(&self.name))
    }
}

impl State {
    /// A row that shares the key prefix of others.
    pub(super) fn find_picklist_row(&self, id: SfId) -> Option<(&Arc<SObjectType>, &Arc<Row>)> {
        let names = ALL.iter().map(|values| values.sobject).chain(["OpportunityStage"]);
        names.into_iter().find_map(|name| Some((self.schema.get(name)?, self.table(name)?.get(id)?)))
    }

    /// What the row of a picklist value says of it: whether a status is closed, or converts a lead.
    pub(crate) fn is_flagged(&self, sobject: &str, value: Option<&str>) -> bool {
        let (Some(values), Some(value)) = (ALL.iter().find(|values| values.sobject == sobject), value) else {
            return false;
        };
        let row = self.picklist_row(sobject, value);
        let flag = row.and_then(|(sobject, row)| Some(&row.cells[sobject.position(values.flag)?]));
        flag.map_or(value == values.flagged, |flag| *flag == Cell::Bool(true))
    }

    fn picklist_row(&self, sobject: &str, value: &str) -> Option<(&Arc<SObjectType>, &Arc<Row>)> {
        let sobject = self.schema.get(sobject)?;
        let at = sobject.position("ApiName")?;
        let table = self.table(&sobject.name)?;
        let key = Key::of(&Cell::text(value), &sobject.fields[at])?;
        let ids = table.lookup(at, &key)??;
        ids.iter().find_map(|id| table.get(*id)).map(|row| (sobject, row))
    }

    /// Brings the rows in line with all picklists.
    pub(crate) fn follow_picklists(&mut self) {
        for values in &ALL {
            self.follow(values);
        }
    }

    /// Brings the rows in line with a picklist of this sObject that has changed.
    pub(super) fn follow_picklists_of(&mut self, object: &str) {
        for values in ALL.iter().filter(|values| values.of.0.eq_ignore_ascii_case(object)) {
            self.follow(values);
        }
        if object.eq_ignore_ascii_case("Opportunity") {
            self.follow_stages();
        }
    }

    fn follow(&mut self, values: &Values) {
        let Some(sobject) = self.schema.get(values.sobject).cloned() else { return };
        let Some(field) = self.schema.get(values.of.0).and_then(|of| of.field(values.of.1)).cloned() else {
            return;
        };
        let active: Vec<_> =
            field.picklist_values.iter().enumerate().filter(|(_, value)| value.active).collect();
        let text = |row: &Row, name: &str| {
            sobject.position(name).and_then(|at| row.cells[at].as_text().map(str::to_owned))
        };
        let rows: Vec<Arc<Row>> = self.rows(&sobject.name).cloned().collect();
        for row in &rows {
            let name = text(row, "ApiName");
            if !active.iter().any(|(_, value)| Some(&value.value) == name.as_ref()) {
                self.put(&sobject, row.id, None);
            }
        }
        for (order, value) in active {
            let known = rows.iter().find(|row| text(row, "ApiName").as_ref() == Some(&value.value));
            let mut row = match known {
                Some(row) => Row::clone(row),
                None => match self.new_picklist_row(&sobject) {
                    Some(row) => row,
                    None => return,
                },
            };
            let order = i64::try_from(order + 1).unwrap_or(i64::MAX);
            let label = value.label.as_deref().unwrap_or(&value.value);
            let mut cells = vec![
                ("MasterLabel", Cell::text(label)),
                ("ApiName", Cell::text(&value.value)),
                ("SortOrder", Cell::Int(order)),
                ("IsDefault", Cell::Bool(value.default_value)),
            ];
            if known.is_none() {
                cells.push((values.flag, Cell::Bool(value.value == values.flagged)));
            }
            for (name, cell) in cells {
                if let Some(at) = sobject.position(name) {
                    row.cells[at] = cell;
                }
            }
            if known.is_none_or(|known| **known != row) {
                self.stamp(&sobject, &mut row);
                self.put(&sobject, row.id, Some(Arc::new(row)));
            }
        }
    }

    fn new_picklist_row(&mut self, sobject: &SObjectType) -> Option<Row> {
        let id = self.next_id_of(PREFIX)?;
        let empty = |kind| if kind == Kind::Boolean { Cell::Bool(false) } else { Cell::Null };
        let mut cells: Vec<Cell> = sobject.fields.iter().map(|field| empty(field.kind())).collect();
        cells[sobject.system.id] = Cell::Id(id);
        if let Some(at) = sobject.system.created_date {
            cells[at] = Cell::DateTime(self.now);
        }
        if let Some(at) = sobject.system.created_by {
            cells[at] = self.user.map_or(Cell::Null, Cell::Id);
        }
        Some(Row { id, cells })
    }

    /// A stage that is closed in the picklist stays as a row that is not active.
    fn follow_stages(&mut self) {
        let (Some(sobject), Some(field)) = (
            self.schema.get("OpportunityStage").cloned(),
            self.schema.get("Opportunity").and_then(|of| of.field("StageName")).cloned(),
        ) else {
            return;
        };
        let (Some(name), Some(active)) = (sobject.position("ApiName"), sobject.position("IsActive")) else {
            return;
        };
        let rows: Vec<Arc<Row>> = self.rows(&sobject.name).cloned().collect();
        for row in rows {
            let listed = field
                .picklist_values
                .iter()
                .any(|v| v.active && Some(v.value.as_str()) == row.cells[name].as_text());
            if row.cells[active] != Cell::Bool(listed) {
                let mut row = Row::clone(&row);
                row.cells[active] = Cell::Bool(listed);
                self.stamp(&sobject, &mut row);
                self.put(&sobject, row.id, Some(Arc::new(row)));
            }
        }
    }
}
