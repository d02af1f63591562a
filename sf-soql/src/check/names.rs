//! Names that are not there, and which one was probably meant.

use super::Checker;
use super::fields::NAME_FIELDS;
use super::limits::{MAX_LEVELS, MAX_PARENTS};
use super::operand::spell;
use super::suggest::closest;
use crate::{Item, Leaf, Operand, Statement};
use sf_core::{Describe, FieldDescribe, FieldName, FieldPath, ObjectName};

impl<'s> Checker<'s> {
    /// The nearest name, while suggestions are left: a statement may have ten thousand wrong names.
    pub(super) fn nearest<'a>(
        &mut self,
        wrong: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Option<&'a str> {
        self.suggestions = self.suggestions.checked_sub(1)?;
        closest(wrong, known)
    }

    pub(super) fn no_object(&mut self, name: &'s ObjectName) {
        let schema = self.schema;
        let known = schema.object_names();
        let explanation = match self.nearest(name.as_str(), known.iter().map(|name| name.as_str())) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if schema.is_complete() => {
                "the org has no such object, or this user may not see it".to_owned()
            }
            None => {
                "it is not among the describes that the statement is checked against: load it, if it exists"
                    .to_owned()
            }
        };
        self.wrong(Leaf::Object(name), format!("sObject type '{name}' is not supported"), explanation);
    }

    /// `parents` is what stands before the field.
    pub(super) fn no_column(
        &mut self,
        s: &'s Statement,
        path: &'s FieldPath,
        object: &'s Describe,
        parents: Option<&str>,
        name: &str,
    ) {
        let before = parents.map(|p| format!("{p}.")).unwrap_or_default();
        let explanation = if let Some(value) = aliased(s, name).filter(|_| parents.is_none()) {
            format!("`{name}` is an alias, which only SELECT knows: repeat {}", spell(value))
        } else if let Some(field) = object.relationship(name) {
            let relationship = field.relationship_name.as_deref().unwrap_or(name);
            format!(
                "`{relationship}` is a relationship: write `{before}{}` for the id or `{before}{relationship}.Name` for a field behind it",
                field.name
            )
        } else if let Some(child) = object.child(name).and_then(|c| c.relationship_name.as_deref()) {
            format!("`{child}` is a child relationship: write a subquery, (SELECT Id FROM {child})")
        } else {
            match self.nearest(name, object.fields.iter().map(|field| field.name.as_str())) {
                Some(meant) => format!("did you mean `{before}{meant}`?"),
                None => format!("{} has no such field, or this user may not see it", object.name),
            }
        };
        self.wrong(
            Leaf::Path(path),
            format!("No such column '{name}' on entity '{}'", object.name),
            explanation,
        );
    }

    /// A parent of several types has only the fields of Name.
    pub(super) fn no_column_of_several(
        &mut self,
        path: &'s FieldPath,
        by: Option<&'s FieldDescribe>,
        parents: Option<&str>,
        name: &str,
    ) {
        let relationship = by.and_then(|by| by.relationship_name.as_deref());
        // In ELSE of TYPEOF nothing stands before it.
        let before = parents.or(relationship).unwrap_or("it");
        // A field of one of the types was meant, if one of them has it.
        let has_it = |object: &&ObjectName| {
            let field = FieldName::new(name).ok();
            field
                .zip(self.schema.describe(object))
                .is_some_and(|(field, object)| object.field(&field).is_some())
        };
        let owner = by.and_then(|by| by.reference_to.iter().find(has_it)).cloned();
        let explanation = match owner {
            Some(_) if parents.is_none() => {
                "ELSE is for every other type: these share only Name, Type and the like".to_owned()
            }
            Some(object) => format!(
                "`{before}` has parents of several types, which share only Name, Type and the like: in SELECT write \
                 TYPEOF {before} WHEN {object} THEN {name} END"
            ),
            None => match self.nearest(name, NAME_FIELDS.iter().map(|field| field.name)) {
                Some(meant) => {
                    format!("did you mean `{}{meant}`?", parents.map(|p| format!("{p}.")).unwrap_or_default())
                }
                None => format!(
                    "`{before}` has parents of several types, which share only Name, Type and the like; TYPEOF reads \
                     the others"
                ),
            },
        };
        self.wrong(Leaf::Path(path), format!("No such column '{name}' on entity 'Name'"), explanation);
    }

    pub(super) fn no_parent(&mut self, path: &'s FieldPath, object: &'s Describe, name: &str) {
        let field = FieldName::new(name).ok().and_then(|name| object.field(&name));
        let explanation = match field {
            Some(FieldDescribe { relationship_name: Some(relationship), name, .. }) => {
                format!("`{name}` is the field; its parent is called `{relationship}` in a path")
            }
            Some(field) => {
                format!("`{}` has no parent: it is a field of type {}", field.name, field.wire_type)
            }
            None => match self.nearest(name, relationships(object)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => match object.child(name) {
                    Some(_) => {
                        format!("`{name}` leads to children: write a subquery, (SELECT Id FROM {name})")
                    }
                    None => format!("{} has no such parent, or this user may not see it", object.name),
                },
            },
        };
        self.not_understood(path, name, explanation);
    }

    pub(super) fn no_parent_of_several(
        &mut self,
        path: &'s FieldPath,
        by: Option<&'s FieldDescribe>,
        name: &str,
    ) {
        let parents = by.and_then(|by| by.relationship_name.as_deref()).unwrap_or("it");
        let explanation = format!(
            "`{parents}` has parents of several types, so no path goes on behind it; in SELECT, TYPEOF {parents} reads \
             the fields of each type"
        );
        self.not_understood(path, name, explanation);
    }

    pub(super) fn parent_without_object(&mut self, path: &'s FieldPath, name: &str, object: &ObjectName) {
        self.not_understood(path, name, format!("it leads to {object}, which this user may not see"));
    }

    fn not_understood(&mut self, path: &'s FieldPath, name: &str, explanation: String) {
        self.wrong(
            Leaf::Path(path),
            format!("Didn't understand relationship '{name}' in field path"),
            explanation,
        );
    }

    pub(super) fn too_many_levels(&mut self, path: &'s FieldPath, levels: usize) {
        self.wrong(
            Leaf::Path(path),
            format!("a path of {levels} relationships, Salesforce takes {MAX_LEVELS}"),
            "begin at an object that is nearer, or read the parent in a query of its own",
        );
    }

    pub(super) fn too_many_parents(&mut self, path: &'s FieldPath) {
        self.wrong(
            Leaf::Path(path),
            format!("more than the {MAX_PARENTS} parent relationships that Salesforce takes in a query"),
            "read some of the parents in a query of their own",
        );
    }

    /// The child relationship of a subquery's FROM.
    pub(super) fn no_children(&mut self, object: &'s Describe, child: &'s Statement) {
        let name = child.from.as_str();
        let relationship = |c: &'s sf_core::describe::ChildDescribe| c.relationship_name.as_deref();
        let known = object.child_relationships.iter().filter_map(relationship);
        let of_object = object
            .child_relationships
            .iter()
            .find(|c| c.child == child.from && c.relationship_name.is_some());
        let explanation = match of_object.and_then(relationship) {
            Some(meant) => format!("the children of the object {name} are called `{meant}`"),
            None => match self.nearest(name, known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => match object.relationship(name) {
                    Some(_) => format!("`{name}` is a parent: select {name}.Name without a subquery"),
                    None => {
                        format!("{} has no such child relationship, or this user may not see it", object.name)
                    }
                },
            },
        };
        let message = format!("Didn't understand relationship '{name}' in FROM part of query call");
        self.wrong(Leaf::Object(&child.from), message, explanation);
    }
}

pub(super) fn relationships(object: &Describe) -> impl Iterator<Item = &str> {
    object.fields.iter().filter_map(|field| field.relationship_name.as_deref())
}

/// What is selected under that alias.
fn aliased<'s>(s: &'s Statement, name: &str) -> Option<&'s Operand> {
    s.items.iter().find_map(|item| match item {
        Item::Value { value, alias: Some(alias) } if alias.as_str().eq_ignore_ascii_case(name) => Some(value),
        _ => None,
    })
}
