use crate::ndjson::FieldValue;
use sf_core::{Record, Value};
use sf_soql::{Item, Statement};
use std::io::{self, Write};

/// The columns of the table. They are known from the statement where that names fields only; else the first row has them.
///
/// Lines end with a line feed; a cell with a comma, a quote, a line break or a blank at its edge is quoted (RFC 4180). An
/// empty cell is null: Salesforce has no empty text.
pub struct Columns(Option<Vec<String>>);

impl Columns {
    pub fn of(statement: &Statement) -> Columns {
        // Paths that begin with an alias of a relationship are spelled otherwise in the rows.
        let known = statement.group.is_none() && statement.path_aliases.is_empty();
        Columns(known.then(|| statement.items.iter().map(|item| column(statement, item)).collect()).flatten())
    }

    /// The header, when there was no row to begin with.
    pub fn write_header_alone(&self, out: &mut impl Write) -> io::Result<()> {
        self.0.as_ref().map_or(Ok(()), |columns| write_line(out, columns.iter().map(String::as_str)))
    }

    pub fn write(&mut self, out: &mut impl Write, row: &Record, first: bool) -> io::Result<()> {
        let of_row = self.0.is_none() || !first;
        let columns = self.0.get_or_insert_with(|| names(row));
        if first {
            write_line(out, columns.iter().map(String::as_str))?;
        }
        if of_row && let Some(new) = names(row).into_iter().find(|name| !has(columns, name)) {
            return Err(io::Error::other(format!(
                "a row has the field {new}, which the header lacks; name the fields in the query, or use --format ndjson"
            )));
        }
        let cells =
            columns.iter().map(|column| row.value(column).map_or(Ok(String::new()), |value| cell(&value)));
        write_line(out, cells.collect::<io::Result<Vec<_>>>()?.iter().map(String::as_str))
    }
}

/// A parent that is null has no fields, and one that is there may have columns below it.
fn has(columns: &[String], name: &str) -> bool {
    columns.iter().any(|column| {
        column.eq_ignore_ascii_case(name)
            || (column.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
                && column.as_bytes().get(name.len()) == Some(&b'.'))
    })
}

/// `None`: what the rows will call it depends on the org.
fn column(statement: &Statement, item: &Item) -> Option<String> {
    match item {
        Item::Value { value, alias: None } => {
            let path = value.as_field()?.as_str();
            let own = |step: &str| {
                statement.from.is(step)
                    || statement.alias.as_ref().is_some_and(|a| a.as_str().eq_ignore_ascii_case(step))
            };
            Some(path.split_once('.').filter(|(step, _)| own(step)).map_or(path, |(_, rest)| rest).to_owned())
        }
        Item::Children { query, alias: None } => Some(query.from.to_string()),
        _ => None,
    }
}

/// The fields of a row, those of its parents by path.
fn names(row: &Record) -> Vec<String> {
    let mut names: Vec<String> = row.id.iter().map(|_| "Id".to_owned()).collect();
    for (name, value) in row.fields.iter() {
        match value.as_parent() {
            Some(parent) => names.extend(names_of_parent(name.as_str(), parent)),
            None => names.push(name.to_string()),
        }
    }
    names
}

fn names_of_parent(relationship: &str, parent: &Record) -> Vec<String> {
    names(parent).into_iter().map(|name| format!("{relationship}.{name}")).collect()
}

fn cell(value: &Value) -> io::Result<String> {
    Ok(match value {
        Value::Null => String::new(),
        Value::Text(text) => text.clone(),
        Value::Rows(_) | Value::Parent(_) => serde_json::to_string(&FieldValue(value))?,
        value => value.to_string(),
    })
}

fn write_line<'a>(out: &mut impl Write, cells: impl Iterator<Item = &'a str>) -> io::Result<()> {
    for (i, cell) in cells.enumerate() {
        if i > 0 {
            out.write_all(b",")?;
        }
        let quoted = cell.contains([',', '"', '\n', '\r']) || cell.trim().len() < cell.len();
        match quoted {
            true => write!(out, "\"{}\"", cell.replace('"', "\"\""))?,
            false => out.write_all(cell.as_bytes())?,
        }
    }
    out.write_all(b"\n")
}
