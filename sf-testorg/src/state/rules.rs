//! The org's rules as part of its state: checked when they are put, undone and committed like rows.
use super::{Kind, SObjectType, SchemaError, State, Undo, schema_error};
use crate::{
    guard::{AssignmentRule, AutoNumber, DuplicateRule, Permissions, RollUp, Rule, RuleKey, Summary},
    soql,
};
use serde_json::{Value as Json, json};
use sf_core::{FieldName, ObjectName, SfId};
use std::{cell::Cell as Visited, collections::BTreeMap, sync::Arc};

type Checked<T> = Result<T, SchemaError>;

/// All rules by what tells them apart, each with its id.
pub(super) type Rules = BTreeMap<RuleKey, (SfId, Rule)>;

impl State {
    pub(crate) fn rules(&self) -> impl Iterator<Item = (SfId, &Rule)> {
        self.rules.values().map(|(id, rule)| (*id, rule))
    }
    /// The rules of one kind (`validation`, …) and one sObject.
    pub(crate) fn rules_of(&self, kind: &'static str, object: &str) -> impl Iterator<Item = (SfId, &Rule)> {
        let object = object.to_ascii_lowercase();
        self.rules
            .range((kind, object.clone(), String::new())..)
            .take_while(move |((k, o, _), _)| *k == kind && *o == object)
            .map(|(_, (id, rule))| (*id, rule))
    }
    pub(crate) fn has_rules(&self, kind: &'static str) -> bool {
        self.rules.range((kind, String::new(), String::new())..).next().is_some_and(|((k, ..), _)| *k == kind)
    }

    /// Adds a rule or replaces the one of the same key. Part of the transaction.
    ///
    /// # Errors
    /// It names what is not there, or a condition cannot be read.
    pub fn put_rule(&mut self, rule: Rule) -> Checked<SfId> {
        let known = self.rules.get(&rule.key());
        if let Some((id, _)) = known.filter(|(_, known)| *known == rule) {
            return Ok(*id);
        }
        let known = known.map(|(id, _)| *id);
        self.check_rule(&rule)?;
        let id = match known {
            Some(id) => id,
            None => self.next_id_of(rule.key_prefix()).ok_or_else(|| schema_error("a rule without id"))?,
        };
        match &rule {
            Rule::RollUp(roll_up) => self.put_roll_up_field(roll_up)?,
            Rule::AutoNumber(number) => self.put_number_field(number)?,
            Rule::Assignment(assignment) if assignment.active => self.deactivate_others(assignment),
            _ => {}
        }
        let roll_up = match &rule {
            Rule::RollUp(roll_up) => Some(roll_up.clone()),
            _ => None,
        };
        if let Rule::Permissions(permissions) = &rule {
            let objects: Vec<ObjectName> =
                permissions.objects.keys().chain(permissions.fields.keys()).cloned().collect();
            objects.iter().for_each(|object| self.touch_schema(object.as_str()));
        }
        self.set_rule(id, rule);
        if let Some(roll_up) = roll_up {
            self.roll_up_all(&roll_up);
        }
        Ok(id)
    }

    /// Puts a rule that was checked.
    pub(super) fn set_rule(&mut self, id: SfId, rule: Rule) {
        let key = rule.key();
        if let Rule::Duplicate(duplicate) = &rule {
            self.index_matches(duplicate);
        }
        let before = self.rules.insert(key.clone(), (id, rule));
        self.undo.push(Undo::Rule { key, before });
    }

    /// An index of the first matching field that can have one, so that a new row is not compared with all others.
    fn index_matches(&mut self, rule: &DuplicateRule) {
        let Some(sobject) = self.schema.get(rule.object.as_str()).cloned() else { return };
        let Some(table) = self.tables.get_mut(&sobject.name.to_ascii_lowercase()) else { return };
        let fields: Vec<usize> =
            rule.matching.iter().filter_map(|m| sobject.position(m.field.as_str())).collect();
        if !fields.iter().any(|at| table.is_indexed(*at) && !sobject.fields[*at].case_sensitive)
            && let Some(at) = fields.iter().find(|at| sobject.fields[**at].kind() == Kind::Text)
        {
            table.index(&sobject, *at);
        }
    }

    /// The indexes that duplicate rules need, when an sObject's rows have a new table.
    pub(super) fn index_all_matches(&mut self, object: &str) {
        let rules: Vec<DuplicateRule> = self
            .rules_of("duplicate", object)
            .filter_map(|(_, rule)| if let Rule::Duplicate(rule) = rule { Some(rule.clone()) } else { None })
            .collect();
        rules.iter().for_each(|rule| self.index_matches(rule));
    }

    fn deactivate_others(&mut self, active: &AssignmentRule) {
        let mut others = Vec::new();
        for (id, rule) in self.rules_of("assignment", active.object.as_str()) {
            if let Rule::Assignment(other) = rule
                && other.active
            {
                others.push((id, AssignmentRule { active: false, ..other.clone() }));
            }
        }
        others.into_iter().for_each(|(id, other)| self.set_rule(id, Rule::Assignment(other)));
    }

    fn check_rule(&self, rule: &Rule) -> Checked<()> {
        match rule {
            Rule::Validation(rule) => {
                let sobject = self.object_of(&rule.object)?;
                if let Some(field) = &rule.error_field {
                    field_of(&sobject, field)?;
                }
                self.check_condition(&sobject, Some(&rule.condition))
            }
            Rule::Duplicate(rule) => self.check_duplicate(rule),
            Rule::Assignment(rule) => self.check_assignment(rule),
            Rule::RollUp(rule) => self.check_roll_up(rule),
            Rule::AutoNumber(rule) => self.check_number(rule),
            Rule::Permissions(rule) => self.check_permissions(rule),
        }
    }

    fn check_condition(&self, sobject: &Arc<SObjectType>, condition: Option<&String>) -> Checked<()> {
        let Some(text) = condition else { return Ok(()) };
        soql::RowCondition::new(&soql::Sources::system(self, &Visited::default()), sobject, text)
            .map(|_| ())
            .map_err(|e| {
                schema_error(format!("the condition {text:?} of {}: {}", sobject.name, e.message.trim()))
            })
    }

    fn check_duplicate(&self, rule: &DuplicateRule) -> Checked<()> {
        let sobject = self.object_of(&rule.object)?;
        if rule.matching.is_empty() {
            return Err(schema_error(format!("the duplicate rule {} has no matching fields", rule.name)));
        }
        for matching in &rule.matching {
            field_of(&sobject, &matching.field)?;
        }
        self.check_condition(&sobject, rule.condition.as_ref())
    }

    fn check_assignment(&self, rule: &AssignmentRule) -> Checked<()> {
        let sobject = self.object_of(&rule.object)?;
        if !matches!(sobject.name.as_str(), "Case" | "Lead") {
            return Err(schema_error(format!(
                "{} has no assignment rules: Case and Lead have",
                sobject.name
            )));
        }
        for entry in &rule.entries {
            self.check_condition(&sobject, entry.condition.as_ref())?;
            let owner = sobject.system.owner.map(|at| &sobject.fields[at]);
            let is_owner = self.find(entry.owner).is_some_and(|(target, row)| {
                !row.is_deleted(target) && owner.is_some_and(|f| f.reference_to.contains(&target.name))
            });
            if !is_owner {
                return Err(schema_error(format!("{} cannot own a {}", entry.owner, sobject.name)));
            }
        }
        Ok(())
    }

    fn check_roll_up(&self, rule: &RollUp) -> Checked<()> {
        let (parent, child) = (self.object_of(&rule.object)?, self.object_of(&rule.child)?);
        let lookup = field_of(&child, &rule.lookup)?;
        if !child.fields[lookup].reference_to.contains(&parent.name) {
            let message = format!("{}.{} does not refer to {}", child.name, rule.lookup, parent.name);
            return Err(schema_error(message));
        }
        let kind = match &rule.of {
            Some(field) => Some(child.fields[field_of(&child, field)?].kind()),
            None => None,
        };
        let fits = match rule.summary {
            Summary::Count => kind.is_none(),
            Summary::Sum => matches!(kind, Some(Kind::Int | Kind::Double)),
            Summary::Min | Summary::Max => {
                matches!(kind, Some(Kind::Int | Kind::Double | Kind::Date | Kind::DateTime))
            }
        };
        if !fits {
            let message = format!(
                "the roll-up {}.{}: a count has no field, a sum one with a number, a least or greatest value one with a number or a date",
                parent.name, rule.field
            );
            return Err(schema_error(message));
        }
        if self.leads_to(&parent.name, &child.name) {
            let message = format!("the roll-up {}.{} would sum itself up", parent.name, rule.field);
            return Err(schema_error(message));
        }
        self.check_condition(&child, rule.condition.as_ref())
    }

    /// Whether a change of one sObject moves roll-ups of the other, through any number of them.
    fn leads_to(&self, from: &str, to: &str) -> bool {
        let mut open = vec![from.to_owned()];
        let mut seen = Vec::new();
        while let Some(object) = open.pop() {
            if object.eq_ignore_ascii_case(to) {
                return true;
            }
            if seen.contains(&object) {
                continue;
            }
            for (_, rule) in self.rules() {
                if let Rule::RollUp(rule) = rule
                    && rule.child.is(&object)
                {
                    open.push(rule.object.as_str().to_owned());
                }
            }
            seen.push(object);
        }
        false
    }

    fn put_roll_up_field(&mut self, rule: &RollUp) -> Checked<()> {
        let (parent, child) = (self.object_of(&rule.object)?, self.object_of(&rule.child)?);
        let source = rule.of.as_ref().and_then(|of| child.field(of.as_str()));
        let kind = match (rule.summary, source) {
            (Summary::Count, _) | (_, None) => json!({"type": "double", "precision": 18, "scale": 0}),
            (_, Some(source)) if matches!(source.kind(), Kind::Int) => {
                json!({"type": "double", "precision": 18, "scale": 0})
            }
            (_, Some(source)) => {
                json!({"type": source.wire_type, "precision": source.precision, "scale": source.scale})
            }
        };
        self.put_computed_field(&parent, &rule.field, kind, "calculated")
    }

    fn check_number(&self, rule: &AutoNumber) -> Checked<()> {
        let sobject = self.object_of(&rule.object)?;
        let is_text = |at: usize| sobject.fields[at].kind() == Kind::Text;
        if sobject.position(rule.field.as_str()).is_some_and(|at| !is_text(at)) {
            return Err(schema_error(format!("{}.{} is no text", sobject.name, rule.field)));
        }
        if super::derive::is_number_format(&rule.format) {
            return Ok(());
        }
        let message = format!("{:?} is no display format: it has one {{0000}}", rule.format);
        Err(schema_error(message))
    }

    fn put_number_field(&mut self, rule: &AutoNumber) -> Checked<()> {
        let sobject = self.object_of(&rule.object)?;
        self.put_computed_field(&sobject, &rule.field, json!({"type": "string", "length": 30}), "autoNumber")
    }

    /// The field as one that the org fills; a new one where there is none.
    fn put_computed_field(
        &mut self,
        sobject: &SObjectType,
        field: &FieldName,
        kind: Json,
        flag: &str,
    ) -> Checked<()> {
        let at = sobject.position(field.as_str());
        let known = at.and_then(|at| sobject.describe().get("fields")?.as_array()?.get(at)).cloned();
        let mut entry = match known {
            Some(Json::Object(entry)) => entry,
            _ => {
                let label = field.as_str().trim_end_matches("__c").replace('_', " ");
                let mut entry = serde_json::Map::new();
                entry.insert("name".into(), field.as_str().into());
                entry.insert("label".into(), label.into());
                entry.insert("filterable".into(), true.into());
                entry.insert("sortable".into(), true.into());
                entry.extend(kind.as_object().cloned().into_iter().flatten());
                entry
            }
        };
        let before = entry.clone();
        entry.insert(flag.into(), true.into());
        entry.insert("createable".into(), false.into());
        entry.insert("updateable".into(), false.into());
        entry.insert("nillable".into(), (flag == "calculated").into());
        entry.insert("defaultedOnCreate".into(), (flag == "autoNumber").into());
        if at.is_some() && entry == before {
            return Ok(());
        }
        self.put_fields(&sobject.name, vec![Json::Object(entry)])
    }

    fn check_permissions(&self, rule: &Permissions) -> Checked<()> {
        let target = self.find(rule.of).map(|(sobject, _)| sobject.name.as_str());
        if !matches!(target, Some("User" | "Profile")) {
            return Err(schema_error(format!("{} is neither a user nor a profile", rule.of)));
        }
        for object in rule.objects.keys() {
            self.object_of(object)?;
        }
        for (object, fields) in &rule.fields {
            let sobject = self.object_of(object)?;
            for field in fields.keys() {
                field_of(&sobject, field)?;
            }
        }
        Ok(())
    }

    fn object_of(&self, object: &ObjectName) -> Checked<Arc<SObjectType>> {
        self.sobject(object.as_str())
    }
}

fn field_of(sobject: &SObjectType, field: &FieldName) -> Checked<usize> {
    super::known(sobject, field.as_str())
}
