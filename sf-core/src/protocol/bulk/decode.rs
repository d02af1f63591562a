//! Rows of a query's CSV as typed rows.
use super::CsvRow;
use crate::{Delivery, ErrorKind, Failure, FieldKind, Number, error::json_problem};
use serde::de::DeserializeOwned;

/// Turns CSV rows into what the same row would be in JSON, and that into a type.
///
/// CSV has no types: a cell is a number or a checkbox when the model's column says so, else it is text, as it stands. An
/// empty cell is null. `Owner.Name` becomes a parent row; a parent without any value is null, and its object is called
/// `SObject`, because CSV does not tell.
#[derive(Debug)]
pub struct RowDecoder {
    object: String,
    root: Vec<Node>,
    json: String,
}
#[derive(Debug)]
struct Node {
    /// As a JSON key, with quotes.
    key: String,
    name: String,
    value: Place,
}
#[derive(Debug)]
enum Place {
    Cell(usize, Option<FieldKind>),
    Parent(Vec<Node>),
}

impl RowDecoder {
    /// For rows under this header; `kind` knows the columns of the model.
    pub fn new<'a>(
        object: &str,
        header: impl Iterator<Item = &'a str>,
        kind: impl Fn(&str) -> Option<FieldKind>,
    ) -> RowDecoder {
        let mut root = Vec::new();
        for (at, name) in header.enumerate() {
            place(&mut root, name, Place::Cell(at, kind(name)));
        }
        RowDecoder { object: quoted(object), root, json: String::new() }
    }

    /// One row.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when the row is not a `T`.
    pub fn decode<T: DeserializeOwned>(&mut self, row: CsvRow<'_>) -> Result<T, Failure> {
        let mut json = std::mem::take(&mut self.json);
        json.clear();
        let wrote = write_object(&mut json, &self.object, &self.root, row);
        self.json = json;
        wrote?;
        serde_json::from_str(&self.json).map_err(|e| unreadable(&json_problem(&e)))
    }
}

fn place(nodes: &mut Vec<Node>, path: &str, cell: Place) {
    let Some((parent, rest)) = path.split_once('.') else {
        return nodes.push(Node { key: quoted(path), name: path.to_owned(), value: cell });
    };
    for node in nodes.iter_mut() {
        if let Place::Parent(inner) = &mut node.value
            && node.name.eq_ignore_ascii_case(parent)
        {
            return place(inner, rest, cell);
        }
    }
    let mut inner = Vec::new();
    place(&mut inner, rest, cell);
    nodes.push(Node { key: quoted(parent), name: parent.to_owned(), value: Place::Parent(inner) });
}
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn write_object(out: &mut String, object: &str, nodes: &[Node], row: CsvRow<'_>) -> Result<(), Failure> {
    out.push_str("{\"attributes\":{\"type\":");
    out.push_str(object);
    out.push('}');
    for node in nodes {
        out.push(',');
        out.push_str(&node.key);
        out.push(':');
        match &node.value {
            Place::Cell(at, kind) => write_cell(out, row.cell(*at).unwrap_or_default(), *kind)
                .map_err(|()| unreadable(&format!("`{}` is not of the type of its column", node.name)))?,
            Place::Parent(inner) if is_blank(inner, row) => out.push_str("null"),
            Place::Parent(inner) => write_object(out, "\"SObject\"", inner, row)?,
        }
    }
    out.push('}');
    Ok(())
}
fn is_blank(nodes: &[Node], row: CsvRow<'_>) -> bool {
    nodes.iter().all(|node| match &node.value {
        Place::Cell(at, _) => row.cell(*at).is_none_or(str::is_empty),
        Place::Parent(inner) => is_blank(inner, row),
    })
}
fn write_cell(out: &mut String, text: &str, kind: Option<FieldKind>) -> Result<(), ()> {
    match (text, kind) {
        ("", _) => out.push_str("null"),
        (_, Some(FieldKind::Boolean)) => match text {
            _ if text.eq_ignore_ascii_case("true") => out.push_str("true"),
            _ if text.eq_ignore_ascii_case("false") => out.push_str("false"),
            _ => return Err(()),
        },
        (_, Some(FieldKind::Integer | FieldKind::Number)) => match text.parse::<Number>() {
            Ok(_) => out.push_str(text),
            Err(_) => return Err(()),
        },
        _ => write_text(out, text),
    }
    Ok(())
}
fn write_text(out: &mut String, text: &str) {
    out.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(text.get(from..at).unwrap_or_default());
        from = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            _ => {
                let hex = |n: u8| char::from_digit(u32::from(n), 16).unwrap_or('0');
                out.push_str("\\u00");
                out.push(hex(byte >> 4));
                out.push(hex(byte & 15));
            }
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out.push('"');
}
fn unreadable(problem: &str) -> Failure {
    Failure::new(ErrorKind::Decode, Delivery::Refused, format!("a row of the CSV cannot be read: {problem}"))
}
