//! Field paths, resolved once against the schema and then walked for every row.
use super::{Sources, error::QueryError};
use crate::assumptions::AssumedError;
use crate::state::{Cell, FieldType, Kind, Row, SObjectType};
use sf_core::FieldPath;
use sf_soql::Statement;
use std::{borrow::Cow, sync::Arc};

/// At most this many lookups in one path (SOQL reference, "Understanding Relationship Query Limitations").
const MAX_STEPS: usize = 5;

/// Fields that every target of a polymorphic lookup answers (Object Reference, "Name").
const NAME_FIELDS: [&str; 17] = [
    "Id",
    "Name",
    "FirstName",
    "MiddleName",
    "LastName",
    "Suffix",
    "Type",
    "Alias",
    "Email",
    "Phone",
    "Title",
    "Username",
    "IsActive",
    "ProfileId",
    "UserRoleId",
    "LastViewedDate",
    "LastReferencedDate",
];

/// Whether a target has a value in that field as a `Name`: a contact's e-mail address is only there by TYPEOF (Object Reference, "Name").
fn has_field(target: &str, name: &str) -> bool {
    match name {
        "Alias" | "IsActive" | "Phone" | "ProfileId" | "UserRoleId" | "Username" => target == "User",
        "Email" => matches!(target, "User" | "Group"),
        _ => true,
    }
}

/// One lookup on the way.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// The lookup's relationship name in describe case.
    pub(super) name: String,
    /// Position of the lookup field.
    pub(super) at: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Leaf {
    /// A field of a known type.
    Field { sobject: Arc<SObjectType>, at: usize },
    /// A field of whatever row a polymorphic lookup points to, by name.
    OfAny(&'static str),
}

impl Leaf {
    /// A field that every target of a polymorphic lookup answers.
    pub(super) fn of_any(name: &str) -> Option<Leaf> {
        NAME_FIELDS.iter().find(|known| known.eq_ignore_ascii_case(name)).map(|known| Leaf::OfAny(known))
    }
}

/// The position of a lookup by its relationship name.
fn lookup(
    sources: &Sources<'_>,
    sobject: &SObjectType,
    relationship: &str,
) -> Result<usize, QueryError<'static>> {
    sobject
        .relationship(relationship)
        .filter(|at| sources.rules.is_visible(&sobject.name, &sobject.fields[*at].name))
        .filter(|at| !sources.rules.hides_all(&sobject.fields[*at].reference_to))
        .ok_or_else(|| QueryError::relationship(relationship))
}

/// A path as seen from the object, without aliases. FROM of a child subquery has the relationship, and a path may begin
/// with the object all the same: `(SELECT Contact.LastName FROM Account.Contacts)`.
pub(super) fn relative<'q>(
    statement: &'q Statement,
    sobject: &SObjectType,
    path: &'q FieldPath,
) -> Cow<'q, str> {
    let text = statement.relative(path);
    match text.split_once('.') {
        Some((first, rest))
            if first.eq_ignore_ascii_case(&sobject.name) && sobject.relationship(first).is_none() =>
        {
            Cow::Owned(rest.to_owned())
        }
        _ => text,
    }
}

/// The further entries of FROM: each is a path of lookups, used or not.
pub(super) fn check_aliases<'q>(
    sources: &Sources<'_>,
    statement: &'q Statement,
    sobject: &Arc<SObjectType>,
) -> Result<(), QueryError<'q>> {
    for entry in &statement.path_aliases {
        let text = relative(statement, sobject, &entry.path);
        lookups(sources, sobject, &text).map_err(|e| e.at(sf_soql::Leaf::Path(&entry.path)))?;
    }
    Ok(())
}

fn target_of(sources: &Sources<'_>, field: &FieldType) -> Option<Arc<SObjectType>> {
    field.reference_to.first().and_then(|name| sources.sobject(name)).cloned()
}

fn too_deep(text: &str) -> QueryError<'static> {
    let message = format!(
        "maximum number of levels of relationships exceeded in path '{text}': a path may have {MAX_STEPS}"
    );
    QueryError::plain("MALFORMED_QUERY", message).assumed(AssumedError::TooDeep)
}

/// The lookups of a path that ends with a relationship, and the last of them as a field.
pub(super) fn lookups(
    sources: &Sources<'_>,
    sobject: &Arc<SObjectType>,
    text: &str,
) -> Result<(Vec<Step>, FieldType), QueryError<'static>> {
    let parts: Vec<&str> = text.split('.').collect();
    if parts.len() > MAX_STEPS {
        return Err(too_deep(text));
    }
    let mut steps = Vec::with_capacity(parts.len());
    let mut current = sobject.clone();
    let mut last = None;
    for (i, part) in parts.iter().enumerate() {
        let at = lookup(sources, &current, part)?;
        let field = current.fields[at].clone();
        steps.push(Step { name: field.relationship_name.clone().unwrap_or_default(), at });
        if i + 1 < parts.len() {
            let one = Some(&field).filter(|f| f.reference_to.len() == 1);
            let target = one.and_then(|f| target_of(sources, f));
            current = target.ok_or_else(|| QueryError::relationship(parts[i + 1]))?;
        }
        last = Some(field);
    }
    last.map(|field| (steps, field)).ok_or_else(|| QueryError::relationship(text))
}

/// The row that lookups lead to; `None` when one on the way is empty or leads to what the running user cannot read.
/// Without lookups it is the row itself, whose type is not told.
pub(super) fn walk<'s>(
    steps: &[Step],
    sources: &Sources<'s>,
    row: &'s Row,
) -> Option<(Option<&'s Arc<SObjectType>>, &'s Row)> {
    let mut current: (Option<&Arc<SObjectType>>, &Row) = (None, row);
    for step in steps {
        let id = current.1.cells.get(step.at)?.as_id()?;
        let (sobject, row) = sources.state.find(id)?;
        if !sources.rules.object_access(&sobject.name).read {
            return None;
        }
        current = (Some(sobject), row);
    }
    Some(current)
}

/// `Account.Owner.Name` as positions.
#[derive(Debug, Clone)]
pub(super) struct Path {
    pub(super) steps: Vec<Step>,
    pub(super) leaf: Leaf,
}

impl Path {
    /// Resolves a path that starts at `sobject`. Errors have no place.
    pub(super) fn resolve(
        sources: &Sources<'_>,
        sobject: &Arc<SObjectType>,
        text: &str,
    ) -> Result<Path, QueryError<'static>> {
        let mut parts: Vec<&str> = text.split('.').collect();
        let last = parts.pop().unwrap_or_default();
        if parts.len() > MAX_STEPS {
            return Err(too_deep(text));
        }
        let mut steps = Vec::with_capacity(parts.len());
        let mut current = sobject.clone();
        for (i, part) in parts.iter().enumerate() {
            let at = lookup(sources, &current, part)?;
            let field = &current.fields[at];
            steps.push(Step { name: field.relationship_name.clone().unwrap_or_default(), at });
            if field.reference_to.len() > 1 {
                return match Leaf::of_any(last) {
                    Some(leaf) if i + 1 == parts.len() => Ok(Path { steps, leaf }),
                    Some(_) => Err(QueryError::relationship(parts[i + 1])),
                    None => Err(QueryError::column(last, "Name")),
                };
            }
            current = target_of(sources, field).ok_or_else(|| QueryError::relationship(part))?;
        }
        let at = current
            .position(last)
            .filter(|at| sources.rules.is_visible(&current.name, &current.fields[*at].name))
            .ok_or_else(|| QueryError::column(last, &current.name))?;
        Ok(Path { steps, leaf: Leaf::Field { sobject: current, at } })
    }

    /// The field at the end; none for a field of a polymorphic parent.
    pub(super) fn field(&self) -> Option<&FieldType> {
        match &self.leaf {
            Leaf::Field { sobject, at } => Some(&sobject.fields[*at]),
            Leaf::OfAny(_) => None,
        }
    }
    pub(super) fn kind(&self) -> Kind {
        match &self.leaf {
            Leaf::Field { .. } => self.field().map_or(Kind::Other, FieldType::kind),
            Leaf::OfAny("Id" | "ProfileId" | "UserRoleId") => Kind::Reference,
            Leaf::OfAny("IsActive") => Kind::Boolean,
            Leaf::OfAny("Type") => Kind::Picklist,
            Leaf::OfAny("LastViewedDate" | "LastReferencedDate") => Kind::DateTime,
            Leaf::OfAny(_) => Kind::Text,
        }
    }
    /// The name of the end in describe case.
    pub(super) fn name(&self) -> &str {
        match &self.leaf {
            Leaf::Field { .. } => self.field().map_or("", |f| &f.name),
            Leaf::OfAny(name) => name,
        }
    }
    /// `Account.Owner.Name` in describe case.
    pub(super) fn dotted(&self) -> String {
        let steps = self.steps.iter().map(|step| step.name.as_str());
        steps.chain([self.name()]).collect::<Vec<_>>().join(".")
    }
    /// The position, when the path is a field of the row itself.
    pub(super) fn own(&self) -> Option<usize> {
        match (&self.leaf, self.steps.as_slice()) {
            (Leaf::Field { at, .. }, []) => Some(*at),
            _ => None,
        }
    }

    /// The same path behind others.
    pub(super) fn behind(self, steps: &[Step]) -> Path {
        Path { steps: steps.iter().cloned().chain(self.steps).collect(), leaf: self.leaf }
    }

    /// The row the path ends at; `None` when a lookup on the way is empty.
    pub(super) fn target<'s>(
        &self,
        sources: &Sources<'s>,
        row: &'s Row,
    ) -> Option<(Option<&'s Arc<SObjectType>>, &'s Row)> {
        walk(&self.steps, sources, row)
    }

    /// The value for one row; null when a lookup on the way is empty.
    pub(super) fn value(&self, sources: &Sources<'_>, row: &Row) -> Cell {
        let Some((sobject, row)) = self.target(sources, row) else { return Cell::Null };
        match (&self.leaf, sobject) {
            (Leaf::Field { at, .. }, _) => row.cells.get(*at).cloned().unwrap_or_default(),
            (Leaf::OfAny("Type"), Some(sobject)) => Cell::text(&sobject.name),
            (Leaf::OfAny(name), Some(sobject)) if has_field(&sobject.name, name) => sobject
                .position(name)
                .filter(|at| sources.rules.is_visible(&sobject.name, &sobject.fields[*at].name))
                .map_or(Cell::Null, |at| row.cells[at].clone()),
            (Leaf::OfAny(_), Some(_)) => Cell::Null,
            (Leaf::OfAny(_), None) => Cell::Null,
        }
    }
}
