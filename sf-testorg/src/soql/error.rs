//! Errors of a statement in the org's form: the statement, a caret, `ERROR at Row:1:Column:8`, the message.
use crate::{assumptions::AssumedError, error::ApiError};
use sf_core::ObjectName;
use sf_soql::{Leaf, Operand, PlacesOf};

/// What is wrong, and which part of the statement it is about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct QueryError<'q> {
    code: &'static str,
    message: String,
    at: Option<Leaf<'q>>,
    assumed: Option<AssumedError>,
}

const REFERENCE: &str = "Please reference your WSDL or the describe call for the appropriate names.";

impl<'q> QueryError<'q> {
    pub(super) fn new(code: &'static str, at: Leaf<'q>, message: impl Into<String>) -> QueryError<'q> {
        QueryError { code, message: message.into(), at: Some(at), assumed: None }
    }
    /// Without the header that points into the statement, unless it gets a place later.
    pub(super) fn plain(code: &'static str, message: impl Into<String>) -> QueryError<'q> {
        QueryError { code, message: message.into(), at: None, assumed: None }
    }
    pub(super) fn malformed(at: Leaf<'q>, message: impl Into<String>) -> QueryError<'q> {
        QueryError::new("MALFORMED_QUERY", at, message)
    }
    /// Nobody documents its code or its words.
    pub(super) fn assumed(self, which: AssumedError) -> QueryError<'q> {
        QueryError { assumed: Some(which), ..self }
    }
    /// The place, when it has none yet.
    pub(super) fn at(self, leaf: Leaf<'q>) -> QueryError<'q> {
        QueryError { at: self.at.or(Some(leaf)), ..self }
    }
    /// [`at`](QueryError::at) the beginning of an operand.
    pub(super) fn at_operand(self, operand: &'q Operand) -> QueryError<'q> {
        match leaf_of(operand) {
            Some(leaf) => self.at(leaf),
            None => self,
        }
    }
    /// About the field at the end of a path.
    pub(super) fn column(field: &str, entity: &str) -> QueryError<'q> {
        let message = format!(
            "No such column '{field}' on entity '{entity}'. If you are attempting to use a custom field, be sure to \
             append the '__c' after the custom field name. {REFERENCE}"
        );
        QueryError::plain("INVALID_FIELD", message)
    }
    /// About a relationship in a path.
    pub(super) fn relationship(name: &str) -> QueryError<'q> {
        let message = format!(
            "Didn't understand relationship '{name}' in field path. If you are attempting to use a custom \
             relationship, be sure to append the '__r' after the custom relationship name. {REFERENCE}"
        );
        QueryError::plain("INVALID_FIELD", message)
    }
    pub(super) fn child_relationship(name: &str, at: Leaf<'q>) -> QueryError<'q> {
        let message = format!(
            "Didn't understand relationship '{name}' in FROM part of query call. If you are attempting to use a \
             custom relationship, be sure to append the '__r' after the custom relationship name. {REFERENCE}"
        );
        QueryError::new("INVALID_TYPE", at, message).assumed(AssumedError::ChildRelationship)
    }
    pub(super) fn sobject(name: &'q ObjectName) -> QueryError<'q> {
        let message = format!(
            "sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append \
             the '__c' after the entity name. {REFERENCE}"
        );
        QueryError::new("INVALID_TYPE", Leaf::Object(name), message)
    }
    /// About the left side of a comparison.
    pub(super) fn operator(kind: &str) -> QueryError<'q> {
        QueryError::plain("INVALID_QUERY_FILTER_OPERATOR", format!("invalid operator on {kind} field"))
    }

    /// As an answer to the statement `text`.
    pub(crate) fn into_api(self, text: &str, places: &PlacesOf<'_>) -> ApiError {
        let place = self.at.and_then(|leaf| places.range(leaf));
        let message = match place {
            None => self.message,
            Some(place) => format!("{}{}", header(text, place.start), self.message),
        };
        ApiError { assumed: self.assumed, ..ApiError::new(400, self.code, message) }
    }
}

/// Where an operand begins.
pub(super) fn leaf_of(operand: &Operand) -> Option<Leaf<'_>> {
    match operand {
        Operand::Field(path) => Some(Leaf::Path(path)),
        Operand::Call { function, .. } => Some(Leaf::Function(function)),
        Operand::Distance(distance) => Some(Leaf::Path(&distance.location)),
        _ => None,
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
