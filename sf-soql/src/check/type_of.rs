//! TYPEOF.

use super::Checker;
use super::resolve::{Parent, Scope};
use crate::{Item, Leaf, Operand, TypeOf};
use std::collections::BTreeSet;

impl<'s> Checker<'s> {
    pub(super) fn type_of(&mut self, scope: &mut Scope<'s>, t: &'s TypeOf) {
        let parent = match scope.relative(&t.relationship) {
            Some(text) => {
                let start = scope.object.map_or(Parent::Unknown, Parent::Object);
                self.walk(scope, start, &text, &t.relationship)
            }
            None => None,
        };
        let several = match parent {
            Some(Parent::Object(object)) => {
                let message =
                    format!("TYPEOF of '{}', which is always of type {}", t.relationship, object.name);
                let explanation =
                    format!("TYPEOF is for parents of several types: select {}.Name", t.relationship);
                self.wrong(Leaf::Path(&t.relationship), message, explanation);
                None
            }
            Some(Parent::Several(field)) => field,
            Some(Parent::Unknown) | None => None,
        };
        for branch in &t.branches {
            if let Some(field) = several
                && !field.reference_to.contains(&branch.object)
            {
                let message = format!("'{}' can not be of type {}", t.relationship, branch.object);
                let known: Vec<&str> = field.reference_to.iter().map(|object| object.as_str()).collect();
                let explanation = match self.nearest(branch.object.as_str(), known.iter().copied()) {
                    Some(meant) => format!("did you mean {meant}?"),
                    None if known.len() <= 8 => format!("it can be {}", known.join(", ")),
                    None => format!(
                        "it can be one of {} types, {} among them",
                        known.len(),
                        known[..5].join(", ")
                    ),
                };
                self.wrong(Leaf::Object(&branch.object), message, explanation);
                continue;
            }
            let start = self.other(&branch.object);
            for path in &branch.fields {
                self.field_from(scope, start, path.as_str(), path);
            }
        }
        if several.is_some() {
            for path in &t.otherwise {
                self.field_from(scope, Parent::Several(several), path.as_str(), path);
            }
        }
    }

    /// What may not be selected beside TYPEOF.
    pub(super) fn beside_type_of(&mut self, scope: &Scope<'s>) {
        let s = scope.statement;
        let relationship = |item: &'s Item| match item {
            Item::TypeOf(t) => scope.relative(&t.relationship).map(|text| text.to_ascii_lowercase()),
            _ => None,
        };
        let mut relationships = BTreeSet::new();
        for item in &s.items {
            if let (Item::TypeOf(t), Some(name)) = (item, relationship(item))
                && !relationships.insert(name)
            {
                let message = format!("duplicate field selected: {}", t.relationship);
                self.wrong(Leaf::Path(&t.relationship), message, "put all WHENs into one TYPEOF");
            }
        }
        if relationships.is_empty() {
            return;
        }
        for item in &s.items {
            match item {
                Item::Value { value: Operand::Field(path), .. } => {
                    let text = scope.relative(path).unwrap_or_default().to_ascii_lowercase();
                    let parent = text.match_indices('.').map(|(end, _)| &text[..end]);
                    if parent.into_iter().any(|parent| relationships.contains(parent)) {
                        let parent =
                            path.as_str().rsplit_once('.').map_or(path.as_str(), |(parent, _)| parent);
                        let message = format!("'{parent}' is in TYPEOF and in the field list");
                        let explanation = format!("read {path} in TYPEOF, in every WHEN and in ELSE");
                        self.wrong(Leaf::Path(path), message, explanation);
                    }
                }
                Item::Value { value: Operand::Call { function, .. }, .. } if !s.is_aggregate() => {
                    let message = format!("{function} beside TYPEOF");
                    let explanation =
                        "Salesforce takes no function in the SELECT list of a statement with TYPEOF";
                    self.wrong(Leaf::Function(function), message, explanation);
                }
                _ => {}
            }
        }
    }
}
