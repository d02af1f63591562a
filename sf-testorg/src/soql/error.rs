//! Errors of a statement in the org's form: the statement, a caret, `ERROR at Row:1:Column:8`, the message.
use crate::{assumptions::AssumedError, error::ApiError};

/// What is wrong, and the piece of the statement it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QueryError {
    code: &'static str,
    message: String,
    token: Option<String>,
    assumed: Option<AssumedError>,
}

const REFERENCE: &str = "Please reference your WSDL or the describe call for the appropriate names.";

impl QueryError {
    pub(super) fn new(code: &'static str, token: &str, message: impl Into<String>) -> QueryError {
        QueryError { code, message: message.into(), token: Some(token.into()), assumed: None }
    }
    /// Without the header that points into the statement.
    pub(super) fn plain(code: &'static str, message: impl Into<String>) -> QueryError {
        QueryError { code, message: message.into(), token: None, assumed: None }
    }
    /// Nobody documents its code or its words.
    pub(super) fn assumed(self, which: AssumedError) -> QueryError {
        QueryError { assumed: Some(which), ..self }
    }
    pub(super) fn malformed(token: &str, message: impl Into<String>) -> QueryError {
        QueryError::new("MALFORMED_QUERY", token, message)
    }
    pub(super) fn column(path: &str, field: &str, entity: &str) -> QueryError {
        let message = format!(
            "No such column '{field}' on entity '{entity}'. If you are attempting to use a custom field, be sure to \
             append the '__c' after the custom field name. {REFERENCE}"
        );
        QueryError::new("INVALID_FIELD", path, message)
    }
    pub(super) fn relationship(path: &str, name: &str) -> QueryError {
        let message = format!(
            "Didn't understand relationship '{name}' in field path. If you are attempting to use a custom \
             relationship, be sure to append the '__r' after the custom relationship name. {REFERENCE}"
        );
        QueryError::new("INVALID_FIELD", path, message)
    }
    pub(super) fn child_relationship(name: &str) -> QueryError {
        let message = format!(
            "Didn't understand relationship '{name}' in FROM part of query call. If you are attempting to use a \
             custom relationship, be sure to append the '__r' after the custom relationship name. {REFERENCE}"
        );
        QueryError::new("INVALID_TYPE", name, message).assumed(AssumedError::ChildRelationship)
    }
    pub(super) fn sobject(name: &str) -> QueryError {
        let message = format!(
            "sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append \
             the '__c' after the entity name. {REFERENCE}"
        );
        QueryError::new("INVALID_TYPE", name, message)
    }
    pub(super) fn not_filterable(path: &str, field: &str) -> QueryError {
        QueryError::new("INVALID_FIELD", path, format!("field '{field}' can not be filtered in a query call"))
    }
    pub(super) fn operator(path: &str, kind: &str) -> QueryError {
        QueryError::new("INVALID_QUERY_FILTER_OPERATOR", path, format!("invalid operator on {kind} field"))
    }
    /// What this simulated org leaves out, said plainly.
    pub(super) fn unsupported(token: &str, what: &str) -> QueryError {
        QueryError::malformed(token, format!("{what} is not simulated by this org"))
    }

    /// As an answer to the statement `text`.
    pub(crate) fn into_api(self, text: &str) -> ApiError {
        let message = match &self.token {
            None => self.message,
            Some(token) => format!("{}{}", header(text, find(text, token)), self.message),
        };
        ApiError { assumed: self.assumed, ..ApiError::new(400, self.code, message) }
    }
}

/// The syntax error of a statement that does not parse.
pub(super) fn syntax(text: &str, problems: &sf_soql::Problems) -> ApiError {
    let Some(problem) = problems.iter().next() else {
        return ApiError::new(400, "MALFORMED_QUERY", "unexpected token");
    };
    let message = match problem.span {
        Some(span) if !text.trim().is_empty() => format!("{}{}", header(text, span.start), problem.message),
        _ => problem.message.clone(),
    };
    ApiError::new(400, "MALFORMED_QUERY", message)
}

/// Byte position of a word; the start when it is not there.
fn find(text: &str, token: &str) -> usize {
    let (hay, needle) = (text.to_ascii_lowercase(), token.to_ascii_lowercase());
    let is_name = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
    hay.match_indices(&needle)
        .map(|(at, _)| at)
        .find(|at| {
            let bytes = hay.as_bytes();
            !is_name(at.checked_sub(1).and_then(|i| bytes.get(i))) && !is_name(bytes.get(at + needle.len()))
        })
        .unwrap_or(0)
}

/// How much of a long statement is quoted before and after the place.
const WINDOW: usize = 50;

fn header(text: &str, at: usize) -> String {
    let before: Vec<char> = text.get(..at).unwrap_or_default().chars().collect();
    let row = before.iter().filter(|c| **c == '\n').count() + 1;
    let column = before.iter().rev().take_while(|c| **c != '\n').count() + 1;
    let start = before.len().saturating_sub(WINDOW);
    let flat = |c: &char| if c.is_control() { ' ' } else { *c };
    let quoted: String = before[start..].iter().map(flat).collect();
    let after: String = text.get(at..).unwrap_or_default().chars().take(WINDOW).map(|c| flat(&c)).collect();
    let caret = " ".repeat(before.len() - start);
    format!("\n{quoted}{after}\n{caret}^\nERROR at Row:{row}:Column:{column}\n")
}
