//! A dry run of a push.
use super::{Rules, send, values, verify};
use crate::{
    Direction, Plan, PlannedCall,
    schema::refusal,
    store::{Phase, View},
};
use sf_core::{Capabilities, Delivery, ErrorKind, Failure, FieldPath, ObjectName};
use std::{cmp::Reverse, collections::BTreeMap};

/// What a push would send. Pure: the same view, the same plan.
pub(crate) fn plan(view: &View, can: &Capabilities, rules: &Rules<'_>) -> Plan {
    let mut plan = Plan::default();
    let mut looks: BTreeMap<(Look, ObjectName), u64> = BTreeMap::new();
    // Rows by the size of the call they may go in: after a refusal of a whole call that is smaller.
    let mut writes: BTreeMap<Reverse<u64>, u64> = BTreeMap::new();
    let size = can.write_rows.max(1) as u64;
    let mut sent = 0;
    for record in &view.records {
        let mut look = |look, any: bool| {
            if any {
                *looks.entry((look, record.object.clone())).or_default() += 1;
            }
        };
        look(Look::Verify, !verify::doubtful(record, rules.now).is_empty());
        look(Look::Confirm, !verify::confirmable(record, rules.now).is_empty());
        let (mut fields, mut unchecked, mut cap) = (0, false, size);
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
                None => {
                    fields += 1;
                    unchecked |= !send::is_checked(entry, rules);
                    cap = cap.min(if entry.batch > 0 { entry.batch.into() } else { size });
                }
            }
        }
        if fields > 0 {
            look(Look::Check, unchecked);
            *writes.entry(Reverse(cap)).or_default() += 1;
            plan.rows += 1;
            sent += fields;
        }
    }
    let reads = send::CHECK_ROWS.min(can.ids_per_call).max(1) as u64;
    for ((look, object), count) in looks {
        let question = match look {
            Look::Verify => "did the values without an answer arrive?",
            Look::Confirm => "did an old value arrive over a newer one?",
            Look::Check => "does the org still hold what the edits stand on?",
        };
        plan.call("retrieve", count, reads, format!("{object}: {question}"));
    }
    for (Reverse(cap), count) in writes {
        plan.call("write", count, cap, format!("edited fields only ({sent} in all)"));
    }
    plan
}
/// The reads of a push, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Look {
    Verify,
    Confirm,
    Check,
}
impl Plan {
    fn call(&mut self, operation: &str, mut left: u64, most: u64, why: String) {
        while left > 0 {
            let rows = left.min(most.max(1));
            self.calls.push(PlannedCall { operation: operation.into(), rows, why: why.clone() });
            left -= rows;
        }
    }
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
