//! From the images of a transaction to its events.
use super::{
    Change, ChangeEvent, ChangeEventHeader, ChangeStream, ChangeType, SHIFT, Style, Transaction, diff, entity,
};
use crate::{assumptions::ChangeAssumptions, state::Cell};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Change Data Capture guide, "Overflow Events": changes of a transaction beyond these have no events of their own.
const MOST_CHANGES: usize = 100_000;
/// Change Data Capture guide, "Gap Events": an event of more than 1 MB becomes one.
const LARGEST_EVENT: usize = 1 << 20;
/// No record.
const NO_ID: &str = "000000000000000AAA";

/// What is in an event beside who and when.
#[derive(Default)]
struct Body {
    nulled: Vec<String>,
    diffs: Vec<String>,
    changed: Vec<String>,
    fields: Map<String, Json>,
}

impl ChangeStream {
    /// The events of a transaction, in order.
    pub(super) fn events(
        &self,
        transaction: &Transaction,
        assumptions: &ChangeAssumptions,
    ) -> Vec<ChangeEvent> {
        let mut events: Vec<ChangeEvent> = Vec::new();
        let mut alike: BTreeMap<String, usize> = BTreeMap::new();
        let mut count = 0;
        for change in &transaction.changes {
            let entity = change.sobject.name.as_str();
            let mut kind = change.kind;
            let mut body = body(change, assumptions);
            count += body.changed.len().max(1);
            if transaction.style == Style::Overflow || count > MOST_CHANGES {
                (kind, body) = (ChangeType::GapOverflow, Body::default());
            } else if transaction.style == Style::Gaps || size(&body.fields) > LARGEST_EVENT {
                (kind, body) = (kind.gap(), Body::default());
            }
            let key = json!([entity, kind, body.changed, body.nulled, body.diffs, body.fields]).to_string();
            if let Some(at) = alike.get(&key) {
                if kind != ChangeType::GapOverflow {
                    events[*at].header.record_ids.push(change.id.to_string());
                }
                continue;
            }
            alike.insert(key, events.len());
            let id = if kind == ChangeType::GapOverflow { NO_ID } else { change.id.as_str() };
            events.push(ChangeEvent {
                replay_id: 0,
                header: ChangeEventHeader {
                    entity_name: entity.to_owned(),
                    record_ids: vec![id.to_owned()],
                    change_type: kind,
                    change_origin: transaction.origin.clone(),
                    transaction_key: self.transaction_key(transaction.number),
                    sequence_number: u32::try_from(events.len() + 1).unwrap_or(u32::MAX),
                    commit_timestamp: transaction.at.millis(),
                    commit_number: 11_000_000_000 + transaction.number,
                    commit_user: transaction.user.map(|user| user.to_string()).unwrap_or_default(),
                    nulled_fields: body.nulled,
                    diff_fields: body.diffs,
                    changed_fields: body.changed,
                },
                fields: body.fields,
            });
        }
        self.number(transaction.number, events)
    }

    /// Gives places in the stream: who has seen the last event of a transaction has seen the transaction.
    fn number(&self, transaction: u64, mut events: Vec<ChangeEvent>) -> Vec<ChangeEvent> {
        if let Some(selected) = &self.selected {
            events.retain(|event| selected.contains(&event.header.entity_name.to_ascii_lowercase()));
        }
        let last = events.len().saturating_sub(1);
        let before = transaction.saturating_sub(1) << SHIFT;
        for (at, event) in events.iter_mut().enumerate() {
            let place = u64::try_from(at + 1).unwrap_or(u64::MAX).min((1 << SHIFT) - 1);
            event.replay_id = if at == last { transaction << SHIFT } else { before + place };
        }
        events
    }

    /// Unique in the org, the same for the same seed.
    fn transaction_key(&self, number: u64) -> String {
        let mut random = crate::demo::random::Random::of(self.seed, "transaction", number);
        let mut hex = || random.below(1 << 16);
        format!(
            "{:04x}{:04x}-{:04x}-{:04x}-{:04x}-{:04x}{:04x}{:04x}",
            hex(),
            hex(),
            hex(),
            hex(),
            hex(),
            hex(),
            hex(),
            hex()
        )
    }
}

fn size(fields: &Map<String, Json>) -> usize {
    fields
        .iter()
        .map(|(name, value)| {
            name.len()
                + match value {
                    Json::String(text) => text.len(),
                    Json::Object(parts) => size(parts),
                    _ => 8,
                }
        })
        .sum()
}

fn body(change: &Change, assumptions: &ChangeAssumptions) -> Body {
    let mut body = Body::default();
    let before = match (change.kind, &change.before) {
        (ChangeType::Delete, _) => return body,
        (ChangeType::Update, Some(before)) => Some(before),
        _ => None,
    };
    let modified = change.sobject.system.modified_date;
    for member in entity::members(&change.sobject) {
        if member.is_computed && !assumptions.with_formulas {
            continue;
        }
        let new = &change.after.cells[member.at];
        let mut value = json_of(new);
        match before.map(|before| &before.cells[member.at]) {
            Some(old) if old == new && modified != Some(member.at) => continue,
            Some(old) => {
                body.changed.push(member.path());
                if new.is_null() {
                    body.nulled.push(member.path());
                }
                if let Some(diff) = text_diff(&member, old, new, assumptions) {
                    body.diffs.push(member.path());
                    value = Json::String(diff);
                }
            }
            None if new.is_null() => continue,
            None => {}
        }
        let name = member.name.to_owned();
        match member.parent {
            None => body.fields.insert(name, value),
            Some(parent) => match body.fields.entry(parent).or_insert_with(|| json!({})) {
                Json::Object(parts) => parts.insert(name, value),
                _ => None,
            },
        };
    }
    body
}

fn text_diff(
    member: &entity::Member<'_>,
    old: &Cell,
    new: &Cell,
    assumptions: &ChangeAssumptions,
) -> Option<String> {
    let (old, new) = (old.as_text()?, new.as_text()?);
    if !member.is_large_text || !assumptions.large_text_as_diff || new.chars().count() < diff::LARGE {
        return None;
    }
    diff::unified(old, new, if assumptions.diff_hash_is_of_new_text { new } else { old })
}

fn json_of(cell: &Cell) -> Json {
    match cell {
        Cell::Null | Cell::Bytes(_) => Json::Null,
        Cell::Bool(b) => json!(b),
        Cell::Int(n) => json!(n),
        Cell::Double(n) => json!(n),
        Cell::Text(text) => json!(text.as_ref()),
        Cell::Id(id) => json!(id.as_str()),
        Cell::Date(day) => json!(day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis()),
        Cell::DateTime(at) => json!(at.millis()),
    }
}
