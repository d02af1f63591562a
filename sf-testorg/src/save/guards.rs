//! Validation rules, duplicate rules and assignment rules at work.
use super::{Assign, NONE, Saver, Saving, checks};
use crate::{
    AssumedError,
    error::{ApiError, ApiResult},
    guard::{AssignmentRule, DuplicateAction, DuplicateRule, Match, Rule, ValidationRule},
    soql::{RowCondition, Sources, write_attributes, write_field},
    state::{Cell, Key, Row, SObjectType, ids, write_json_string},
};
use sf_core::{FieldName, SfId};
use std::{cell::Cell as Visited, fmt, sync::Arc};

/// A validation rule that is a closure.
#[derive(Clone)]
pub(crate) struct Check {
    pub(crate) message: String,
    pub(crate) error_field: Option<FieldName>,
    pub(crate) condition: Arc<dyn Fn(&Saving<'_>) -> bool + Send + Sync>,
}
impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check").field("message", &self.message).finish_non_exhaustive()
    }
}

fn refusal(message: &str, field: Option<&FieldName>) -> ApiError {
    ApiError::row("FIELD_CUSTOM_VALIDATION_EXCEPTION", message, field.map(FieldName::as_str))
}

impl Saver<'_> {
    /// The row as it is about to be saved; without an id while it is new.
    fn as_row(&self, before: Option<&Row>, cells: &[Cell]) -> ApiResult<Row> {
        let id = match before {
            Some(row) => row.id,
            None => SfId::new("000000000000000")
                .map_err(|e| ApiError::new(500, "UNKNOWN_EXCEPTION", e.to_string()))?,
        };
        Ok(Row { id, cells: cells.to_vec() })
    }

    /// Refuses the row with the errors of all validation rules that it meets.
    pub(super) fn validate(
        &self,
        sobject: &Arc<SObjectType>,
        before: Option<&Row>,
        cells: &mut Vec<Cell>,
    ) -> ApiResult<()> {
        let mut errors = Vec::new();
        let rules: Vec<&ValidationRule> = self
            .state
            .rules_of("validation", &sobject.name)
            .filter_map(|(_, rule)| match rule {
                Rule::Validation(rule) if rule.active => Some(rule),
                _ => None,
            })
            .collect();
        if !rules.is_empty() {
            let visited = Visited::default();
            let sources = Sources::system(self.state, &visited);
            let row = self.as_row(before, cells)?;
            for rule in rules {
                if RowCondition::new(&sources, sobject, &rule.condition)?.holds(&sources, &row) {
                    errors.push(refusal(&rule.message, rule.error_field.as_ref()));
                }
            }
        }
        for check in self.rules.checks.get(&sobject.name.to_ascii_lowercase()).into_iter().flatten() {
            let values = self.state.assumptions.values;
            let saving = Saving { sobject, before, cells, values, refusal: None };
            if (check.condition)(&saving) {
                errors.push(refusal(&check.message, check.error_field.as_ref()));
            }
        }
        let mut errors = errors.into_iter();
        match errors.next() {
            None => Ok(()),
            Some(first) => Err(ApiError { more: errors.collect(), ..first }),
        }
    }

    pub(super) fn check_duplicates(
        &self,
        sobject: &Arc<SObjectType>,
        before: Option<&Row>,
        cells: &[Cell],
    ) -> ApiResult<()> {
        for (_, rule) in self.state.rules_of("duplicate", &sobject.name) {
            let Rule::Duplicate(rule) = rule else { continue };
            if rule.active {
                self.check_duplicates_by(rule, sobject, before, cells)?;
            }
        }
        Ok(())
    }

    fn check_duplicates_by(
        &self,
        rule: &DuplicateRule,
        sobject: &Arc<SObjectType>,
        before: Option<&Row>,
        cells: &[Cell],
    ) -> ApiResult<()> {
        let action = if before.is_some() { rule.on_update } else { rule.on_create };
        let may_save = action != DuplicateAction::Block;
        if action == DuplicateAction::Allow || (may_save && self.options.allow_duplicates) {
            return Ok(());
        }
        let fields: Option<Vec<(usize, &Match)>> =
            rule.matching.iter().map(|m| Some((sobject.position(m.field.as_str())?, m))).collect();
        // A field went away with a new describe of the sObject: nothing matches.
        let Some(fields) = fields else { return Ok(()) };
        let is_touched = before.is_none_or(|row| fields.iter().any(|(at, _)| row.cells[*at] != cells[*at]));
        if !is_touched || fields.iter().any(|(at, _)| cells[*at].is_null()) {
            return Ok(());
        }
        if let Some(condition) = &rule.condition {
            let visited = Visited::default();
            let sources = Sources::system(self.state, &visited);
            let row = self.as_row(before, cells)?;
            if !RowCondition::new(&sources, sobject, condition)?.holds(&sources, &row) {
                return Ok(());
            }
        }
        let found = self.duplicates(sobject, &fields, before.map(|row| row.id), cells);
        if found.is_empty() {
            return Ok(());
        }
        let key = if self.state.assumptions.guard.duplicate_result_is_misspelled {
            "duplicateResut"
        } else {
            "duplicateResult"
        };
        let result = self.duplicate_result(rule, sobject, &found, may_save);
        Err(ApiError {
            extra: Some(Box::new((key, result))),
            extra_in_rows: self.state.assumptions.guard.duplicate_result_in_collections,
            ..ApiError::new(400, "DUPLICATES_DETECTED", &rule.message)
        })
    }

    /// Live rows with the same values, in the order of their creation.
    fn duplicates(
        &self,
        sobject: &SObjectType,
        fields: &[(usize, &Match)],
        own: Option<SfId>,
        cells: &[Cell],
    ) -> Vec<Arc<Row>> {
        let Some(table) = self.state.table(&sobject.name) else { return Vec::new() };
        let same = |row: &&Arc<Row>| {
            Some(row.id) != own
                && !row.is_deleted(sobject)
                && !self.is_of_this_save(row.id)
                && fields.iter().all(|(at, m)| is_same(&row.cells[*at], &cells[*at], m.ignore_case))
        };
        let indexed = fields.iter().find_map(|(at, _)| {
            let key = Key::of(&cells[*at], &sobject.fields[*at])?;
            // An index with case would miss what differs in case.
            if sobject.fields[*at].case_sensitive { None } else { table.lookup(*at, &key) }
        });
        match indexed {
            Some(ids) => {
                ids.into_iter().flatten().filter_map(|id| table.get(*id)).filter(same).cloned().collect()
            }
            None => table.iter().filter(same).cloned().collect(),
        }
    }

    /// Salesforce Help, duplicate rules: records that are saved together are not compared with each other.
    fn is_of_this_save(&self, id: SfId) -> bool {
        self.options
            .batch
            .as_ref()
            .is_some_and(|counters| ids::counter_of(id) > counters.get(id.key_prefix()).copied().unwrap_or(0))
    }

    fn duplicate_result(
        &self,
        rule: &DuplicateRule,
        sobject: &SObjectType,
        found: &[Arc<Row>],
        may_save: bool,
    ) -> String {
        let text = |text: &str| {
            let mut out = String::new();
            write_json_string(text, &mut out);
            out
        };
        let records: Vec<String> = found.iter().map(|row| self.match_record(sobject, row)).collect();
        let (object, message) = (text(&sobject.name), text(&rule.message));
        let (name, matching) = (text(&rule.name), text(&rule.matching_rule()));
        let size = found.len();
        let records = records.join(",");
        format!(
            "{{\"allowSave\":{may_save},\"duplicateRule\":{name},\"duplicateRuleEntityType\":{object},\
             \"errorMessage\":{message},\"matchResults\":[{{\"entityType\":{object},\"errors\":[],\
             \"matchEngine\":\"ExactMatchEngine\",\"matchRecords\":[{records}],\"rule\":{matching},\"size\":{size},\
             \"success\":true}}]}}"
        )
    }

    fn match_record(&self, sobject: &SObjectType, row: &Row) -> String {
        let mut out = String::from(
            "{\"additionalInformation\":[],\"fieldDiffs\":[],\"matchConfidence\":100.0,\"record\":{",
        );
        write_attributes(sobject, row, self.options.version, &mut out);
        for (at, field) in sobject.fields.iter().enumerate() {
            let wanted = at == sobject.system.id
                || (self.options.duplicate_details && self.rules.is_visible(&sobject.name, &field.name));
            if wanted {
                out.push(',');
                write_json_string(&field.name, &mut out);
                out.push(':');
                let style = (self.options.version, &self.state.assumptions.rest);
                write_field(sobject, row, field, style, &mut out);
            }
        }
        out.push_str("}}");
        out
    }

    /// The owner that an assignment rule gives.
    pub(super) fn assign(
        &self,
        sobject: &Arc<SObjectType>,
        before: Option<&Row>,
        cells: &mut [Cell],
    ) -> ApiResult<()> {
        let Some(owner_at) = sobject.system.owner else { return Ok(()) };
        if !matches!(sobject.name.as_str(), "Case" | "Lead") {
            return Ok(());
        }
        let Some(rule) = self.assignment_rule(sobject)? else { return Ok(()) };
        let visited = Visited::default();
        let sources = Sources::system(self.state, &visited);
        let row = self.as_row(before, cells)?;
        for entry in &rule.entries {
            let holds = match &entry.condition {
                Some(text) => RowCondition::new(&sources, sobject, text)?.holds(&sources, &row),
                None => true,
            };
            if holds {
                if self.is_inactive_user(entry.owner) {
                    return Err(checks::inactive_owner(sobject, entry.owner));
                }
                cells[owner_at] = Cell::Id(entry.owner);
                return Ok(());
            }
        }
        Ok(())
    }

    fn assignment_rule(&self, sobject: &SObjectType) -> ApiResult<Option<&AssignmentRule>> {
        let unknown = |id: &str| {
            ApiError::row("INVALID_ASSIGNMENT_RULE", format!("invalid assignment rule id: {id}"), NONE)
                .assumed(AssumedError::UnknownAssignmentRule)
        };
        let mut rules =
            self.state.rules_of("assignment", &sobject.name).filter_map(|(id, rule)| match rule {
                Rule::Assignment(rule) => Some((id, rule)),
                _ => None,
            });
        match self.options.assign {
            Assign::No => Ok(None),
            Assign::Active => Ok(rules.find(|(_, rule)| rule.active).map(|(_, rule)| rule)),
            Assign::Rule(id) => match rules.find(|(known, _)| *known == id) {
                Some((_, rule)) => Ok(Some(rule)),
                None => Err(unknown(id.as_str())),
            },
            Assign::Unknown => Err(unknown("")),
        }
    }

    fn is_inactive_user(&self, id: SfId) -> bool {
        self.state.find(id).is_some_and(|(target, row)| {
            target.name == "User"
                && target.position("IsActive").is_some_and(|at| row.cells[at] == Cell::Bool(false))
        })
    }
}

fn is_same(a: &Cell, b: &Cell, ignore_case: bool) -> bool {
    match (a, b) {
        (Cell::Text(a), Cell::Text(b)) if ignore_case => a.to_lowercase() == b.to_lowercase(),
        (a, b) => a == b,
    }
}
