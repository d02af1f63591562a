//! Runs SOQL over the state: parsing and the tree are sf-soql's, meaning and errors are the org's.
mod access;
mod aggregate;
mod columns;
mod dates;
mod distance;
mod error;
mod explain;
mod extract;
mod filter;
mod like;
mod path;
mod plan;
mod render;
mod scalar;
mod scope;
mod select;
mod typeof_item;
mod user;
mod value;

pub(crate) use extract::Extract;
pub(crate) use render::{Cursor, Locators, Paging, write_attributes, write_field};
pub(crate) use user::Settings;

use crate::{
    assumptions::AssumedError,
    error::{ApiError, ApiResult},
    save::Rules,
    state::{Row, SObjectType, State},
};
use error::QueryError;
use sf_soql::{Condition, Statement};
use std::{cell::Cell, sync::Arc};

/// What a query reads.
#[derive(Clone, Copy)]
pub(crate) struct Sources<'s> {
    pub(crate) state: &'s State,
    pub(crate) rules: &'s Rules,
    /// Rows in the recycle bin are seen too (`queryAll`).
    pub(crate) deleted: bool,
    /// The API version of the request, for URLs in the answer.
    pub(crate) version: u16,
    /// Of the running user.
    pub(crate) user: Settings,
    /// Counts the rows that are looked at.
    pub(crate) visited: &'s Cell<u64>,
}

impl<'s> Sources<'s> {
    /// What the org itself sees: live rows, every field. The rows that it looks at count for nobody.
    pub(crate) fn system(state: &'s State, visited: &'s Cell<u64>) -> Sources<'s> {
        let version = *crate::rest::VERSIONS.end();
        Sources { state, rules: &SYSTEM, deleted: false, version, user: Settings::of(state), visited }
    }
    /// An sObject that the running user may read.
    pub(crate) fn sobject(&self, name: &str) -> Option<&'s Arc<SObjectType>> {
        self.state.schema().get(name).filter(|sobject| self.rules.object_access(&sobject.name).read)
    }
}

/// The org's own rules for reading: none.
static SYSTEM: Rules = Rules::NONE;

/// A bare condition about rows of one sObject, as an administrator writes it.
pub(crate) struct RowCondition(Option<filter::Filter>);

impl RowCondition {
    pub(crate) fn new(
        sources: &Sources<'_>,
        sobject: &Arc<SObjectType>,
        text: &str,
    ) -> ApiResult<RowCondition> {
        // Nothing but a condition: no LIMIT, no second clause.
        Condition::parse(text).map_err(|problems| error::syntax(text, &problems))?;
        let statement = format!("SELECT Id FROM {} WHERE {text}", sobject.name);
        read(&statement, |statement| filter::of_rows(sources, statement, sobject, filter::Of::Query))
            .map(RowCondition)
    }
    pub(crate) fn holds(&self, sources: &Sources<'_>, row: &Row) -> bool {
        self.0.as_ref().is_none_or(|filter| filter.matches(sources, row))
    }
}

/// What a query found.
pub(crate) enum Found {
    /// Records, to be read page by page.
    Records(Box<Cursor>),
    /// The number of `COUNT()`.
    Count(usize),
    /// Rows of groups, each the inside of a JSON object, and how many.
    Groups(Vec<String>),
}

/// Longest statement (SOQL reference, "SOQL SELECT Syntax").
const MAX_STATEMENT: usize = 100_000;

/// Rows of one SELECT that also meet another test, each as the JSON of a record: what a search returns of an object.
pub(crate) fn find(
    sources: &Sources<'_>,
    text: &str,
    also: &dyn Fn(&SObjectType, &Row) -> bool,
    most: usize,
) -> ApiResult<Vec<String>> {
    read(text, |statement| plan::find(sources, statement, also, most))
}

/// What a statement would select, as JSON.
pub(crate) fn columns(sources: &Sources<'_>, text: &str) -> ApiResult<String> {
    read(text, |statement| columns::of(sources, statement)).map(|columns| columns.to_string())
}

/// How a statement would be run, as JSON.
pub(crate) fn explain(sources: &Sources<'_>, text: &str) -> ApiResult<String> {
    read(text, |statement| explain::explain(sources, statement))
}

/// Runs one statement.
pub(crate) fn run(sources: &Sources<'_>, text: &str) -> ApiResult<Found> {
    if text.trim().is_empty() {
        return Err(ApiError::new(400, "MALFORMED_QUERY", "SOQL statements cannot be empty or null"));
    }
    if text.chars().count() > MAX_STATEMENT {
        let message = format!("SOQL statements cannot be longer than {MAX_STATEMENT} characters.");
        let error = ApiError::new(400, "MALFORMED_QUERY", message);
        return Err(error.assumed(AssumedError::LongStatement));
    }
    read(text, |statement| plan::run(sources, statement))
}

/// Reads a statement and does something with it; an error shows its place in the text.
fn read<T>(text: &str, then: impl FnOnce(&Statement) -> Result<T, QueryError<'_>>) -> ApiResult<T> {
    let (statement, places) =
        Statement::parse_with_places(text).map_err(|problems| error::syntax(text, &problems))?;
    then(&statement).map_err(|e| e.into_api(text, &places.of(&statement)))
}
