//! Paths against describes.

use super::Checker;
use super::fields::{NAME_FIELDS, Value};
use super::limits::{MAX_LEVELS, MAX_PARENTS};
use crate::{Leaf, Statement};
use sf_core::{Describe, FieldDescribe, FieldName, FieldPath, ObjectName};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Where a SELECT stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Root,
    /// In the SELECT list of another; how deep, and whether the outermost statement has `LIMIT 1`.
    Child {
        level: usize,
        one_row: bool,
    },
    /// In a list of IN.
    SemiJoin,
    /// None at all: a bare condition.
    Condition,
}

/// One SELECT with its object.
pub(super) struct Scope<'s> {
    pub(super) statement: &'s Statement,
    /// None when nothing is known about it.
    pub(super) object: Option<&'s Describe>,
    pub(super) role: Role,
    /// The parent relationships on all paths so far, in lower case.
    parents: BTreeSet<String>,
}

impl<'s> Scope<'s> {
    pub(super) fn new(statement: &'s Statement, object: Option<&'s Describe>, role: Role) -> Scope<'s> {
        Scope { statement, object, role, parents: BTreeSet::new() }
    }

    /// Seen from the object, without aliases; none when there are too many of them to follow.
    pub(super) fn relative<'p>(&self, path: &'p FieldPath) -> Option<Cow<'p, str>> {
        if self.statement.path_aliases.len() > MAX_PARENTS {
            return None;
        }
        let text = self.statement.relative(path);
        Some(match text.split_once('.') {
            Some((first, rest)) if self.is_object_of_children(first) => Cow::Owned(rest.to_owned()),
            _ => text,
        })
    }

    /// FROM of a child subquery has the relationship, and a path may begin with the object all the same:
    /// `(SELECT Contact.LastName FROM Account.Contacts)`.
    fn is_object_of_children(&self, name: &str) -> bool {
        matches!(self.role, Role::Child { .. })
            && self.object.is_some_and(|object| object.name.is(name) && object.relationship(name).is_none())
    }
}

/// What a relationship leads to.
#[derive(Clone, Copy)]
pub(super) enum Parent<'s> {
    Object(&'s Describe),
    /// Of several types; the field that points to it, when it is known.
    Several(Option<&'s FieldDescribe>),
    /// Not in the schema.
    Unknown,
}

impl<'s> Checker<'s> {
    /// The object of a FROM.
    pub(super) fn object(&mut self, name: &'s ObjectName) -> Option<&'s Describe> {
        let Some(object) = self.schema.describe(name) else {
            self.no_object(name);
            return None;
        };
        if !object.queryable {
            let explanation = "its rows cannot be read with SOQL by this user";
            self.wrong(
                Leaf::Object(name),
                format!("entity type {} does not support query", object.name),
                explanation,
            );
        }
        Some(object)
    }

    /// The object of a subquery or of TYPEOF, which may be unknown to a schema that is not complete.
    pub(super) fn other(&self, name: &ObjectName) -> Parent<'s> {
        self.schema.describe(name).map_or(Parent::Unknown, Parent::Object)
    }

    /// A path to a field. None when it cannot be judged, or when its problem is told already.
    pub(super) fn field(&mut self, scope: &mut Scope<'s>, path: &'s FieldPath) -> Option<Value<'s>> {
        let text = scope.relative(path)?;
        let start = scope.object.map_or(Parent::Unknown, Parent::Object);
        self.field_from(scope, start, &text, path)
    }

    /// The field at the end of `text`, which begins at `start` and is told at `path`.
    pub(super) fn field_from(
        &mut self,
        scope: &mut Scope<'s>,
        start: Parent<'s>,
        text: &str,
        path: &'s FieldPath,
    ) -> Option<Value<'s>> {
        let (parents, last) = text.rsplit_once('.').map_or((None, text), |(p, last)| (Some(p), last));
        let end = match parents {
            Some(parents) => self.walk(scope, start, parents, path)?,
            None => start,
        };
        match end {
            Parent::Object(object) => match FieldName::new(last).ok().and_then(|name| object.field(&name)) {
                Some(field) => Some(Value::of(object, field)),
                None => {
                    self.no_column(scope.statement, path, object, parents, last);
                    None
                }
            },
            Parent::Several(by) => {
                match NAME_FIELDS.iter().find(|field| field.name.eq_ignore_ascii_case(last)) {
                    Some(field) => Some(Value::of_name(field)),
                    None => {
                        self.no_column_of_several(path, by, parents, last);
                        None
                    }
                }
            }
            Parent::Unknown => None,
        }
    }

    /// The end of a path of relationships. None when its problem is told.
    pub(super) fn walk(
        &mut self,
        scope: &mut Scope<'s>,
        start: Parent<'s>,
        parents: &str,
        path: &'s FieldPath,
    ) -> Option<Parent<'s>> {
        let levels = parents.split('.').count();
        if levels > MAX_LEVELS {
            self.too_many_levels(path, levels);
            return None;
        }
        let mut end = 0;
        let mut current = start;
        for name in parents.split('.') {
            end += name.len();
            self.count_parent(scope, &parents[..end], path);
            end += 1;
            current = self.parent(current, name, path)?;
        }
        Some(current)
    }

    fn count_parent(&mut self, scope: &mut Scope<'s>, relationship: &str, path: &'s FieldPath) {
        let is_new =
            scope.parents.len() <= MAX_PARENTS && scope.parents.insert(relationship.to_ascii_lowercase());
        if is_new && scope.parents.len() > MAX_PARENTS {
            self.too_many_parents(path);
        }
    }

    fn parent(&mut self, from: Parent<'s>, name: &str, path: &'s FieldPath) -> Option<Parent<'s>> {
        let object = match from {
            Parent::Object(object) => object,
            Parent::Unknown => return Some(Parent::Unknown),
            // The two parents that the Name pseudo-object has itself.
            Parent::Several(_) if ["Profile", "UserRole"].iter().any(|p| p.eq_ignore_ascii_case(name)) => {
                return Some(ObjectName::new(name).map_or(Parent::Unknown, |object| self.other(&object)));
            }
            Parent::Several(by) => {
                self.no_parent_of_several(path, by, name);
                return None;
            }
        };
        let Some(field) = object.relationship(name) else {
            self.no_parent(path, object, name);
            return None;
        };
        match field.reference_to.as_slice() {
            [] => Some(Parent::Unknown),
            [one] => {
                let parent = self.other(one);
                if matches!(parent, Parent::Unknown) && self.schema.is_complete() {
                    self.parent_without_object(path, name, one);
                    return None;
                }
                Some(parent)
            }
            _ => Some(Parent::Several(Some(field))),
        }
    }
}
