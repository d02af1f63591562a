use crate::{desk::Desk, trouble::Trouble};
use serde_json::{Value as Json, json};
use sf_core::Value;
use sf_sync::{Change, RecordKey};

/// The change log as people read it: record, label, old, new, status, who, time.
pub fn table(desk: &Desk, changes: &[Change]) -> Result<Vec<String>, Trouble> {
    let mut rows = vec![["#", "record", "field", "old", "new", "status", "who", "time"].map(str::to_owned)];
    for change in changes {
        rows.push([
            change.id.to_string(),
            shorten(&record_name(desk, change)?, 24),
            change.label.clone(),
            shorten(&shown(&change.old), 22),
            shorten(&shown(&change.new), 34),
            change.status.to_string(),
            change.actor.clone().unwrap_or_default(),
            change.at.utc().format("%H:%M:%S").to_string(),
        ]);
    }
    let widths: Vec<usize> =
        (0..8).map(|c| rows.iter().map(|r| r[c].chars().count()).max().unwrap_or(0)).collect();
    Ok(rows
        .iter()
        .map(|row| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        })
        .collect())
}

/// One entry for programs.
pub fn entry(change: &Change) -> Json {
    json!({
        "change": change.id, "record": record_id(change), "object": change.object, "field": change.field,
        "label": change.label, "old": change.old, "new": change.new, "remote": change.remote,
        "status": change.status.to_string(), "actor": change.actor,
        "code": change.failure.as_ref().and_then(|f| f.code.as_ref()).map(ToString::to_string),
    })
}

pub fn record_name(desk: &Desk, change: &Change) -> Result<String, Trouble> {
    Ok(match change.record {
        RecordKey::Id(id) => desk.name_of(id)?.unwrap_or_else(|| id.to_string()),
        _ => "(new)".to_owned(),
    })
}

pub fn record_id(change: &Change) -> String {
    match change.record {
        RecordKey::Id(id) => id.to_string(),
        _ => String::new(),
    }
}

/// A value in a line of text.
pub fn shown(value: &Value) -> String {
    if value.is_null() { "(empty)".to_owned() } else { value.to_string() }
}

pub fn shorten(text: &str, width: usize) -> String {
    let line = text.replace(['\n', '\r', '\t'], " ");
    if line.chars().count() <= width {
        return line;
    }
    line.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}
