//! Field paths, resolved once against the schema and then walked for every row.
use super::{Sources, error::QueryError};
use crate::state::{Cell, FieldType, Kind, Row, SObjectType};
use std::sync::Arc;

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

/// `Account.Owner.Name` as positions.
#[derive(Debug, Clone)]
pub(super) struct Path {
    pub(super) steps: Vec<Step>,
    pub(super) leaf: Leaf,
}

impl Path {
    /// Resolves a path that starts at `sobject`.
    pub(super) fn resolve(
        sources: &Sources<'_>,
        sobject: &Arc<SObjectType>,
        text: &str,
    ) -> Result<Path, QueryError> {
        let mut parts: Vec<&str> = text.split('.').collect();
        let last = parts.pop().unwrap_or_default();
        if parts.len() > MAX_STEPS {
            let message = format!(
                "maximum number of levels of relationships exceeded in path '{text}': a path may have {MAX_STEPS}"
            );
            return Err(QueryError::malformed(text, message));
        }
        let mut steps = Vec::with_capacity(parts.len());
        let mut current = sobject.clone();
        for (i, part) in parts.iter().enumerate() {
            let at = current
                .relationship(part)
                .filter(|at| sources.rules.is_visible(&current.name, &current.fields[*at].name))
                .ok_or_else(|| QueryError::relationship(text, part))?;
            let field = &current.fields[at];
            steps.push(Step { name: field.relationship_name.clone().unwrap_or_default(), at });
            if field.reference_to.len() > 1 {
                let known = NAME_FIELDS.iter().find(|n| n.eq_ignore_ascii_case(last));
                return match known {
                    Some(name) if i + 1 == parts.len() => Ok(Path { steps, leaf: Leaf::OfAny(name) }),
                    Some(_) => Err(QueryError::relationship(text, parts[i + 1])),
                    None => Err(QueryError::column(text, last, "Name")),
                };
            }
            let target = field.reference_to.first().and_then(|t| sources.state.schema().get(t)).cloned();
            current = target.ok_or_else(|| QueryError::relationship(text, part))?;
        }
        let at = current
            .position(last)
            .filter(|at| sources.rules.is_visible(&current.name, &current.fields[*at].name))
            .ok_or_else(|| QueryError::column(text, last, &current.name))?;
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
    /// The position, when the path is a field of the row itself.
    pub(super) fn own(&self) -> Option<usize> {
        match (&self.leaf, self.steps.as_slice()) {
            (Leaf::Field { at, .. }, []) => Some(*at),
            _ => None,
        }
    }

    /// The row the path ends at; `None` when a lookup on the way is empty.
    pub(super) fn target<'s>(
        &self,
        sources: &Sources<'s>,
        row: &'s Row,
        steps: usize,
    ) -> Option<(Option<&'s Arc<SObjectType>>, &'s Row)> {
        let mut current: (Option<&Arc<SObjectType>>, &Row) = (None, row);
        for step in &self.steps[..steps] {
            let id = current.1.cells.get(step.at)?.as_id()?;
            let (sobject, row) = sources.state.find(id)?;
            current = (Some(sobject), row);
        }
        Some(current)
    }

    /// The value for one row; null when a lookup on the way is empty.
    pub(super) fn value(&self, sources: &Sources<'_>, row: &Row) -> Cell {
        let Some((sobject, row)) = self.target(sources, row, self.steps.len()) else { return Cell::Null };
        match (&self.leaf, sobject) {
            (Leaf::Field { at, .. }, _) => row.cells.get(*at).cloned().unwrap_or_default(),
            (Leaf::OfAny("Type"), Some(sobject)) => Cell::text(&sobject.name),
            (Leaf::OfAny(name), Some(sobject)) => {
                sobject.position(name).map_or(Cell::Null, |at| row.cells[at].clone())
            }
            (Leaf::OfAny(_), None) => Cell::Null,
        }
    }
}
