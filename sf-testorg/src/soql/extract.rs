//! Rows of a query as columns of cells: what a bulk export writes.
use super::{
    MAX_STATEMENT, Sources,
    error::{self, QueryError},
    path::{Leaf, Path},
    plan::Plan,
    select::{duplicate, no_alias},
    value::{Clause, Value},
};
use crate::{
    assumptions::AssumedError,
    error::{ApiError, ApiResult},
    state::{Cell, Kind, SObjectType},
};
use sf_soql::{FieldSet, Item, Statement};
use std::sync::Arc;

/// A statement that can be exported. Bulk API 2.0 guide, "Create a Query Job": no GROUP BY, OFFSET, TYPEOF, aggregates, compound
/// fields and child subqueries.
pub(crate) struct Extract {
    object: String,
    columns: Vec<(String, Value)>,
    plan: Plan,
    is_ordered: bool,
}

impl Extract {
    /// Reads and resolves a statement.
    pub(crate) fn new(sources: &Sources<'_>, text: &str) -> ApiResult<Extract> {
        if text.chars().count() > MAX_STATEMENT {
            let message = format!("SOQL statements cannot be longer than {MAX_STATEMENT} characters.");
            let error = ApiError::new(400, "MALFORMED_QUERY", message);
            return Err(error.assumed(AssumedError::LongStatement));
        }
        let (statement, places) =
            Statement::parse_with_places(text).map_err(|problems| error::syntax(text, &problems))?;
        let name = statement.from.as_str();
        let Some(sobject) = sources.sobject(name).cloned() else {
            let message = format!("Entity '{name}' is not supported by the Bulk API.");
            return Err(ApiError::new(400, "INVALIDENTITY", message));
        };
        resolve(sources, &statement, &sobject).map_err(|e| e.into_api(text, &places.of(&statement)))
    }

    /// API name of the object.
    pub(crate) fn object(&self) -> &str {
        &self.object
    }
    /// Names of the columns, in the order of the SELECT.
    pub(crate) fn header(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }
    /// Whether the statement says in which order, or which of the rows.
    pub(crate) fn is_ordered(&self) -> bool {
        self.is_ordered
    }
    /// Calls `f` with the cells of every row.
    pub(crate) fn each(&self, sources: &Sources<'_>, mut f: impl FnMut(&[Cell])) {
        let mut cells = Vec::with_capacity(self.columns.len());
        for row in self.plan.rows(sources, None) {
            cells.clear();
            cells.extend(self.columns.iter().map(|(_, value)| value.of(sources, &row)));
            f(&cells);
        }
    }
}

/// All texts have the form of the ones that are known.
fn refused<'q>(what: &str) -> QueryError<'q> {
    QueryError::plain("API_ERROR", format!("{what} not supported in Bulk Query"))
        .assumed(AssumedError::BulkUnsupported)
}

fn resolve<'q>(
    sources: &Sources<'_>,
    statement: &'q Statement,
    sobject: &Arc<SObjectType>,
) -> Result<Extract, QueryError<'q>> {
    if !sobject.queryable {
        let message = format!("entity type {} does not support query", sobject.name);
        return Err(QueryError::plain("API_ERROR", message));
    }
    if statement.children().next().is_some() {
        let message = "Aggregate Relationships not supported in Bulk V2 Query with CSV content type";
        return Err(QueryError::plain("API_ERROR", message));
    }
    if statement.group.is_some() || statement.having.is_some() {
        return Err(refused("GROUP BY"));
    }
    if statement.is_aggregate() || statement.is_count() {
        return Err(refused("Aggregate functions"));
    }
    if statement.offset.is_some() {
        return Err(refused("OFFSET"));
    }
    let mut columns: Vec<(String, Value)> = Vec::new();
    for item in &statement.items {
        match item {
            Item::Value { value, alias } => {
                let value = Value::resolve(sources, statement, sobject, value, Clause::Select)?;
                if let Some(alias) = alias.as_ref().filter(|_| !value.may_have_alias()) {
                    return Err(no_alias(alias));
                }
                let name = alias.as_ref().map_or_else(|| value.path.dotted(), ToString::to_string);
                columns.push((name, value));
            }
            Item::Fields(FieldSet::Standard) => {
                for (at, field) in sobject.fields.iter().enumerate() {
                    if !field.custom && sources.rules.is_visible(&sobject.name, &field.name) {
                        let leaf = Leaf::Field { sobject: sobject.clone(), at };
                        let path = Path { steps: Vec::new(), leaf };
                        columns.push((field.name.clone(), Value::field(path)));
                    }
                }
            }
            // SOQL reference, "FIELDS()": the ones without a bound are not for Bulk API 2.0.
            Item::Fields(_) => return Err(refused("FIELDS(ALL) and FIELDS(CUSTOM)")),
            Item::TypeOf(_) => return Err(refused("TYPEOF")),
            _ => return Err(refused("This item of SELECT")),
        }
    }
    for (at, (name, value)) in columns.iter().enumerate() {
        match value.path.field().map(|field| field.kind()).filter(|_| value.is_plain()) {
            Some(Kind::Address | Kind::Location) => return Err(refused("Selecting compound data")),
            Some(Kind::Base64) => return Err(refused("Binary fields")),
            _ => {}
        }
        if columns[..at].iter().any(|(other, _)| other == name) {
            return Err(duplicate(name.clone()));
        }
    }
    if sources.version < 50 {
        // Guide, "Get Results for a Query Job".
        columns.sort_by(|(a, _), (b, _)| a.cmp(b));
    }
    let plan = Plan::new(sources, statement, sobject)?;
    let is_ordered = !statement.order.is_empty() || statement.limit.is_some();
    Ok(Extract { object: sobject.name.clone(), columns, plan, is_ordered })
}
