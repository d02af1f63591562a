//! A dry run of a push.
use super::{Rules, send, values};
use crate::{
    Direction, Plan, PlannedCall,
    schema::refusal,
    store::{Phase, View},
};
use sf_core::{Capabilities, Delivery, ErrorKind, Failure, FieldPath, ObjectName};
use std::collections::BTreeMap;

/// What a push would send. Pure: the same view, the same plan.
pub(crate) fn plan(view: &View, can: &Capabilities, rules: &Rules<'_>) -> Plan {
    let mut plan = Plan::default();
    let mut rows: BTreeMap<ObjectName, (u64, u64)> = BTreeMap::new();
    for record in &view.records {
        let mut fields = 0;
        for entry in record.open.iter().filter(|e| e.closed.is_none()) {
            match entry.phase {
                Phase::Queued => {}
                Phase::Retryable if entry.due.is_some_and(|due| due <= rules.now) => {}
                Phase::Retryable => {
                    let why = entry.failure.as_ref().map_or_else(String::new, |f| format!(" after: {f}"));
                    let due = entry.due.unwrap_or(rules.now);
                    plan.waiting.push((entry.id, format!("goes out again at {due}{why}")));
                    continue;
                }
                Phase::InFlight => {
                    plan.waiting.push((entry.id, "is on its way".into()));
                    continue;
                }
                Phase::Verifying => {
                    plan.waiting
                        .push((entry.id, "was sent without an answer; it is read again first".into()));
                    continue;
                }
                _ => continue,
            }
            match why_not(&entry.object, &entry.field, &entry.new, rules) {
                Some(failure) => plan.refused.push((entry.id, failure.message)),
                None => fields += 1,
            }
        }
        if fields > 0 {
            let counted = rows.entry(record.object.clone()).or_default();
            counted.0 += 1;
            counted.1 += fields;
            plan.rows += 1;
        }
    }
    let reads = send::CHECK_ROWS.min(can.ids_per_call).max(1) as u64;
    for (object, (count, _)) in &rows {
        let mut left = *count;
        while left > 0 {
            let rows = left.min(reads);
            let why = format!("{object}: does the org still hold what the edits stand on?");
            plan.calls.push(PlannedCall { operation: "retrieve".into(), rows, why });
            left -= rows;
        }
    }
    let size = can.write_rows.max(1) as u64;
    let (mut left, fields) = (plan.rows, rows.values().map(|(_, fields)| fields).sum::<u64>());
    while left > 0 {
        let rows = left.min(size);
        let why = format!("edited fields only ({fields} in all)");
        plan.calls.push(PlannedCall { operation: "write".into(), rows, why });
        left -= rows;
    }
    plan
}

/// Why a value would not be sent.
pub(crate) fn why_not(
    object: &ObjectName,
    field: &sf_core::FieldName,
    value: &sf_core::Value,
    rules: &Rules<'_>,
) -> Option<Failure> {
    let mapped = rules.config.mapping.of(object).and_then(|m| m.field(&FieldPath::from(field)));
    if mapped.is_none_or(|m| m.direction != Direction::Both) {
        let mut failure = Failure::new(
            ErrorKind::InvalidInput,
            Delivery::NotSent,
            format!("{field} is not mapped for writing any more"),
        );
        failure.next_step =
            Some("Map the field with direction `both` and retry, or revert the change.".into());
        return Some(failure);
    }
    let describe = rules.schema.get(object)?;
    match values::to_write(value.clone(), describe.field(field)) {
        Ok(value) => refusal(describe, field, &value),
        Err(problem) => {
            Some(Failure::new(ErrorKind::InvalidInput, Delivery::NotSent, format!("{field} {problem}")))
        }
    }
}
