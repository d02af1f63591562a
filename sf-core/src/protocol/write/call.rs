//! What one call holds: leading rows, cut into the subrequests of a composite call.
use crate::{Capabilities, FieldName, Fields, ObjectName, Value, Write};
use std::ops::Range;

/// The org works on consecutive rows of one object together, on ten such pieces a collections call at most.
const PIECES: usize = 10;
/// Rows of one collections call.
pub(super) const ROWS: usize = 200;
/// Collections that one composite call takes.
const COLLECTIONS: usize = 5;
/// Subrequests that one composite call takes.
const SUBREQUESTS: usize = 25;
/// The org takes 50 MB. Escapes and what the guess leaves out must fit, too.
const BYTES: usize = 16 << 20;

/// What one collections call has in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb<'a> {
    Insert,
    Update,
    Upsert(&'a ObjectName, &'a FieldName),
    Delete,
    /// An update that depends on the record being unchanged: alone in its subrequest.
    Conditional,
}
pub(super) fn verb(row: &Write) -> Verb<'_> {
    match row {
        Write::Insert { .. } => Verb::Insert,
        Write::Update { if_unmodified_since: Some(_), .. } => Verb::Conditional,
        Write::Update { .. } => Verb::Update,
        Write::Upsert { object, key, .. } => Verb::Upsert(object, key),
        Write::Delete { .. } => Verb::Delete,
    }
}

/// How many leading rows of `rows` one call may hold; at least 1 unless `rows` is empty.
///
/// A call is one collections request, or a composite of up to `can.write_runs` of them (at most five). Each holds a run of
/// one verb (upserts: of one object and key), up to 200 rows in at most ten pieces of one object each. An update with
/// `if_unmodified_since` is a subrequest of its own, up to `can.conditional_rows` of them, 25 subrequests in all. A call has at
/// most `can.write_rows` rows and about 16 MB.
///
/// Text with `@{` is never part of a composite call: the org would take it for a reference to another subrequest
/// (REST API guide, "Composite: referenceId") and knows no escape. Such rows go in a collections request of their own.
pub fn rows_in_call(rows: &[Write], can: &Capabilities) -> usize {
    parts(rows, can).last().map_or(0, |part| part.end)
}

/// How many subrequests the first call for these rows has.
pub(crate) fn parts_in_call(rows: &[Write], can: &Capabilities) -> usize {
    parts(rows, can).len()
}

/// The subrequests of the first call, by their rows.
pub(super) fn parts(rows: &[Write], can: &Capabilities) -> Vec<Range<usize>> {
    let most = can.write_rows.max(1);
    let (mut collections, mut conditional, mut bytes) = (0, 0, 0);
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < most && parts.len() < SUBREQUESTS {
        let Some(first) = rows.get(at) else { break };
        let single = verb(first) == Verb::Conditional;
        if !parts.is_empty() {
            let full = if single {
                conditional >= can.conditional_rows
            } else {
                collections >= can.write_runs.min(COLLECTIONS)
            };
            // A transport that takes one run makes no composite calls at all.
            if full || can.write_runs < 2 {
                break;
            }
        }
        let run = run(rows.get(at..).unwrap_or_default(), most - at, &mut bytes);
        let end = at + if parts.is_empty() { run.max(1) } else { run };
        let plain =
            rows.get(at..end).unwrap_or_default().iter().take_while(|row| !has_reference(row)).count();
        match parts.is_empty() {
            true => {
                parts.push(at..end);
                if at + plain < end {
                    break;
                }
            }
            false if plain > 0 => {
                parts.push(at..at + plain);
                if at + plain < end {
                    break;
                }
            }
            false => break,
        }
        match single {
            true => conditional += 1,
            false => collections += 1,
        }
        at = end;
    }
    parts
}

/// How many leading rows form one subrequest.
fn run(rows: &[Write], most: usize, bytes: &mut usize) -> usize {
    let Some(first) = rows.first() else { return 0 };
    let most = if verb(first) == Verb::Conditional { 1 } else { most.min(ROWS) };
    let mut pieces = 1;
    let mut before: Option<&Write> = None;
    for (i, row) in rows.iter().take(most).enumerate() {
        pieces += usize::from(before.is_some_and(|before| piece(row) != piece(before)));
        *bytes += weight(row);
        if verb(row) != verb(first) || pieces > PIECES || *bytes > BYTES {
            *bytes -= weight(row);
            return i;
        }
        before = Some(row);
    }
    rows.len().min(most)
}

/// Rows of one piece follow each other and are of one object; of a deletion the id's key prefix says which.
fn piece(row: &Write) -> (Option<&ObjectName>, Option<&str>) {
    match row {
        Write::Delete { id } => (None, Some(id.key_prefix())),
        _ => (row.object(), None),
    }
}

/// About how many bytes the row is as JSON.
fn weight(row: &Write) -> usize {
    100 + row.fields().map_or(0, weight_of)
}
fn weight_of(fields: &Fields) -> usize {
    let value = |value: &Value| match value {
        Value::Text(text) => text.len() + text.len() / 8,
        Value::Json(text) => text.get().len(),
        Value::Parent(parent) => 60 + weight_of(&parent.fields),
        _ => 24,
    };
    fields.iter().map(|(name, v)| name.as_str().len() + 8 + value(v)).sum()
}

/// A text in the row that a composite call would take for a reference.
pub(in crate::protocol) fn has_reference(row: &Write) -> bool {
    row.fields().is_some_and(fields_have_reference)
}
pub(in crate::protocol) fn fields_have_reference(fields: &Fields) -> bool {
    fields.iter().any(|(_, value)| match value {
        Value::Text(text) => text.contains("@{"),
        // Raw JSON may spell it with escapes.
        Value::Json(text) => text.get().contains("@{") || text.get().contains("\\u"),
        Value::Parent(parent) => fields_have_reference(&parent.fields),
        _ => false,
    })
}
