//! `/search` and `/parameterizedSearch`.
use super::{Answer, Call, Service};
use crate::{
    Method,
    error::{ApiError, ApiResult},
    json::Json,
    soql,
    sosl::{self, Group, Returning, Search, SearchError, Term},
    state::{FieldType, Row, SObjectType, write_json_string},
};

/// The most a parameterized search returns of all objects together.
const MOST_ROWS: usize = 2000;

impl Service<'_> {
    /// `GET /search?q=FIND {…}`
    pub(super) fn search(&mut self, call: &Call<'_>) -> ApiResult<Answer> {
        let Some(text) = call.parameter("q") else {
            return Err(malformed(&SearchError { column: None, message: NO_TERM.into() }));
        };
        let search = sosl::read(text).map_err(|e| malformed(&e))?;
        self.answer_search(call, search)
    }

    /// `GET /parameterizedSearch?q=Acme&sobject=Account&Account.fields=Id,Name`, or the same as a body.
    pub(super) fn parameterized_search(&mut self, call: &Call<'_>) -> ApiResult<Answer> {
        let search = match call.method {
            Method::Get | Method::Head => from_parameters(call)?,
            Method::Post => from_body(&call.json()?)?,
            other => return Err(ApiError::method(other, "GET,HEAD,POST")),
        };
        self.answer_search(call, search)
    }

    fn answer_search(&mut self, call: &Call<'_>, mut search: Search) -> ApiResult<Answer> {
        if search.returning.is_empty() {
            let all = self.inner.assumptions.rest.bare_search_finds_all;
            let is_searchable = |sobject: &SObjectType| {
                sobject.describe().get("searchable").and_then(serde_json::Value::as_bool).unwrap_or(false)
            };
            let has_name = |sobject: &&std::sync::Arc<SObjectType>| {
                sobject.queryable
                    && sobject.fields.iter().any(|field| field.name_field)
                    && (all || is_searchable(sobject))
                    && self.inner.rules.object_access(&sobject.name).read
            };
            let objects =
                self.inner.state.schema().iter().filter(has_name).map(|sobject| sobject.name.clone());
            search.returning = objects
                .map(|object| Returning { soql: format!("SELECT Id FROM {object}"), object })
                .collect();
        }
        let sources = self.sources(call.version, false);
        let rules = &self.inner.rules;
        let is_visible =
            |sobject: &SObjectType, field: &FieldType| rules.is_visible(&sobject.name, &field.name);
        let finds = |sobject: &SObjectType, row: &Row| search.finds(sobject, row, &is_visible);
        let mut records = Vec::new();
        for returning in &search.returning {
            let left = search.limit - records.len();
            records.extend(soql::find(&sources, &returning.soql, &finds, left)?);
        }
        let rows = records.len();
        let list = format!("[{}]", records.join(","));
        // Up to 36.0 the list stands alone.
        let body = if call.version > 36 { format!("{{\"searchRecords\":{list}}}") } else { list };
        Ok(Answer::json(200, body).rows(rows))
    }
}

const NO_TERM: &str = "No search term found. The search term must be enclosed in braces.";

fn malformed(error: &SearchError) -> ApiError {
    let message = match error.column {
        Some(column) => format!("line 1:{column} {}", error.message),
        None => error.message.clone(),
    };
    ApiError::new(400, "MALFORMED_SEARCH", message)
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "INVALID_SEARCH", message)
}

fn from_parameters(call: &Call<'_>) -> ApiResult<Search> {
    let number = |name: &str| -> ApiResult<Option<usize>> {
        let read = |text: &str| text.parse().map_err(|_| invalid(format!("{name} is no number: {text}")));
        call.parameter(name).map(read).transpose()
    };
    let mut returning = Vec::new();
    for (_, object) in call.query.iter().filter(|(name, _)| name == "sobject") {
        let fields = call.parameter(&format!("{object}.fields")).or_else(|| call.parameter("fields"));
        let limit = number(&format!("{object}.limit"))?.or(number("defaultLimit")?);
        let filter = call.parameter(&format!("{object}.where"));
        returning.push(entry(object, fields.unwrap_or("Id"), filter, None, limit)?);
    }
    search(call.parameter("q"), call.parameter("in"), returning, number("overallLimit")?)
}

fn from_body(body: &Json) -> ApiResult<Search> {
    let names = |json: Option<&Json>| -> Option<String> {
        let list: Vec<&str> = json?.array()?.iter().filter_map(Json::text).collect();
        Some(list.join(","))
    };
    let number = |json: &Json, name: &str| -> ApiResult<Option<usize>> {
        let read = |json: &Json| match json {
            Json::Number(n) => n.parse().map_err(|_| invalid(format!("{name} is no number: {n}"))),
            _ => Err(invalid(format!("{name} is no number"))),
        };
        json.get(name).map(read).transpose()
    };
    let all = names(body.get("fields"));
    let mut returning = Vec::new();
    for json in body.get("sobjects").and_then(Json::array).unwrap_or_default() {
        let object = json.get("name").and_then(Json::text).ok_or_else(|| invalid("an sobject has a name"))?;
        let fields = names(json.get("fields")).or_else(|| all.clone()).unwrap_or_else(|| "Id".into());
        let text = |name: &str| json.get(name).and_then(Json::text);
        let limit = number(json, "limit")?.or(number(body, "defaultLimit")?);
        returning.push(entry(object, &fields, text("where"), text("orderBy"), limit)?);
    }
    let text = |name: &str| body.get(name).and_then(Json::text);
    search(text("q"), text("in"), returning, number(body, "overallLimit")?)
}

fn entry(
    object: &str,
    fields: &str,
    filter: Option<&str>,
    order: Option<&str>,
    limit: Option<usize>,
) -> ApiResult<Returning> {
    if object.is_empty() || !object.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        let mut shown = String::new();
        write_json_string(object, &mut shown);
        return Err(invalid(format!("{shown} is not the name of an sobject")));
    }
    let mut soql = format!("SELECT {fields} FROM {object}");
    for (word, clause) in [("WHERE", filter), ("ORDER BY", order)] {
        if let Some(clause) = clause {
            soql.push_str(&format!(" {word} {clause}"));
        }
    }
    if let Some(limit) = limit {
        soql.push_str(&format!(" LIMIT {}", limit.min(MOST_ROWS)));
    }
    Ok(Returning { object: object.to_owned(), soql })
}

fn search(
    text: Option<&str>,
    group: Option<&str>,
    returning: Vec<Returning>,
    limit: Option<usize>,
) -> ApiResult<Search> {
    let text = text.ok_or_else(|| invalid("q is missing"))?;
    let group = match group {
        Some(name) => Group::named(name).ok_or_else(|| invalid(format!("in knows no {name}")))?,
        None => Group::All,
    };
    let term = Term::plain(text).map_err(|e| malformed(&e))?;
    Ok(Search { term, group, returning, limit: limit.unwrap_or(MOST_ROWS).min(MOST_ROWS) })
}
