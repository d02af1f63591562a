//! SOSL: what `/search` and `/parameterizedSearch` look for. The reader is this crate's own, so that a client's writer is
//! judged by something else.
mod read;
mod term;

pub(crate) use read::read;
pub(crate) use term::Term;

use crate::state::{Cell, FieldType, Kind, Row, SObjectType};

/// What is looked for, and where.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Search {
    pub(crate) term: Term,
    pub(crate) group: Group,
    /// In this order; without any, every object is searched.
    pub(crate) returning: Vec<Returning>,
    /// Of all objects together.
    pub(crate) limit: usize,
}

/// One object of RETURNING, as the SELECT that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Returning {
    pub(crate) object: String,
    pub(crate) soql: String,
}

/// `IN … FIELDS`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    All,
    Name,
    Email,
    Phone,
    Sidebar,
}

impl Group {
    pub(crate) fn named(word: &str) -> Option<Group> {
        Some(match word.to_ascii_uppercase().as_str() {
            "ALL" => Group::All,
            "NAME" => Group::Name,
            "EMAIL" => Group::Email,
            "PHONE" => Group::Phone,
            "SIDEBAR" => Group::Sidebar,
            _ => return None,
        })
    }

    /// Whether a field belongs to it. A simplification: the guide's table of fields by object is longer.
    fn has(self, field: &FieldType) -> bool {
        let is_text = matches!(field.kind(), Kind::Text) || field.is_long_text();
        match self {
            Group::All => is_text,
            Group::Name => field.name_field,
            Group::Email => field.wire_type == "email",
            Group::Phone => field.wire_type == "phone",
            Group::Sidebar => field.name_field || matches!(field.wire_type.as_str(), "email" | "phone"),
        }
    }
}

impl Search {
    /// Whether a row has what is looked for, in the fields that the user sees.
    pub(crate) fn finds(
        &self,
        sobject: &SObjectType,
        row: &Row,
        is_visible: &dyn Fn(&SObjectType, &FieldType) -> bool,
    ) -> bool {
        let mut text = String::new();
        for (field, cell) in sobject.fields.iter().zip(&row.cells) {
            if let Cell::Text(value) = cell
                && self.group.has(field)
                && is_visible(sobject, field)
            {
                text.push_str(value);
                // Words of one field do not make a phrase with those of the next.
                text.push('\n');
            }
        }
        self.term.matches(&text)
    }
}

/// What is wrong with a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SearchError {
    /// Where, in characters from 1; none when it is about the whole.
    pub(crate) column: Option<usize>,
    pub(crate) message: String,
}

impl SearchError {
    fn at(column: usize, message: impl Into<String>) -> SearchError {
        SearchError { column: Some(column), message: message.into() }
    }
    fn whole(message: impl Into<String>) -> SearchError {
        SearchError { column: None, message: message.into() }
    }
}
