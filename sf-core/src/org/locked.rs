//! Rows that somebody else held at the moment: sent again after a random pause, without the others.
use super::Org;
use crate::{
    Delivery, FieldName, Number, ObjectName, Result, Retry, RowOutcome, SfId, Value, Write, WriteOptions,
};
use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

/// Sendings of a locked row at most, unless [`CallOptions::attempts`](crate::CallOptions::attempts) says.
const SENDINGS: u32 = 4;
const BASE: Duration = Duration::from_millis(250);

impl Org {
    /// One call, and up to three more for the rows that it found locked (`UNABLE_TO_LOCK_ROW`): the org refused them, so a
    /// repeat cannot apply twice. Not for a row that a later one of the call is about as well. An all-or-none call that was undone by a lock goes again as a whole.
    pub(super) async fn write_call(
        &self,
        batch: &[Write],
        options: &WriteOptions,
    ) -> Result<Vec<RowOutcome>> {
        let mut outcomes = self.transport().write(batch, options).await?;
        for sent in 1..options.call.attempts.unwrap_or(SENDINGS) {
            let places = locked(batch, &outcomes, options.all_or_none);
            if places.is_empty() || outcomes.len() != batch.len() {
                break;
            }
            self.clock().sleep_until(self.clock().now() + pause(sent)).await;
            let rows: Vec<Write> = places.iter().filter_map(|place| batch.get(*place).cloned()).collect();
            // A call that failed as a whole applied nothing: the rows are where they were.
            let Ok(results) = self.transport().write(&rows, options).await else { break };
            let count = results.len();
            let mut results = results.into_iter();
            for place in places {
                let result = results.next().filter(|_| count == rows.len());
                if let Some(slot) = outcomes.get_mut(place) {
                    *slot = result
                        .unwrap_or_else(|| RowOutcome::Failed(super::send::miscounted(count, rows.len())));
                }
            }
        }
        Ok(outcomes)
    }
}

fn locked(batch: &[Write], outcomes: &[RowOutcome], all_or_none: bool) -> Vec<usize> {
    let is_locked = |outcome: &RowOutcome| {
        outcome.failure().is_some_and(|f| f.retry() == Retry::Lock && f.delivery == Delivery::Refused)
    };
    let places = || outcomes.iter().enumerate();
    if !all_or_none {
        let mut locked: Vec<usize> =
            places().filter(|(_, outcome)| is_locked(outcome)).map(|(place, _)| place).collect();
        if !locked.is_empty() {
            // Sent again, a row would undo a later one of the call about the same record.
            let targets: Vec<Option<Target<'_>>> = batch.iter().map(target).collect();
            let later = |place: usize| targets.get(place + 1..).unwrap_or_default();
            let is_overtaken = |target: &Option<_>, place| target.is_some() && later(place).contains(target);
            locked.retain(|place| !targets.get(*place).is_some_and(|target| is_overtaken(target, *place)));
        }
        return locked;
    }
    let undone = outcomes.iter().all(|outcome| is_locked(outcome) || outcome.was_held_back());
    match undone && outcomes.iter().any(is_locked) {
        true => places().map(|(place, _)| place).collect(),
        false => Vec::new(),
    }
}

/// The record that a row is about. Whether keys in upper and lower case, or a number and its text, are one record's is up to the
/// field. Here they are: to take two records for one only costs a repeat.
#[derive(PartialEq)]
enum Target<'a> {
    Id(SfId),
    Number(&'a ObjectName, &'a FieldName, Number),
    Text(&'a ObjectName, &'a FieldName, String),
}
fn target(row: &Write) -> Option<Target<'_>> {
    let Write::Upsert { object, key, fields } = row else { return row.id().map(Target::Id) };
    let text = match fields.get(key)? {
        Value::Text(text) => text.trim(),
        Value::Number(number) => number.as_str(),
        _ => return None,
    };
    if key.is("Id") {
        return SfId::new(text).ok().map(Target::Id);
    }
    Some(match text.parse() {
        Ok(number) => Target::Number(object, key, number),
        Err(_) => Target::Text(object, key, text.to_lowercase()),
    })
}

/// Full jitter: who fought for a row must not meet again. `RandomState` differs each time, and needs no entropy of a host.
fn pause(sent: u32) -> Duration {
    let ceiling = BASE.saturating_mul(1 << sent.min(4));
    let random = RandomState::new().hash_one(sent);
    Duration::from_millis(random % (u64::try_from(ceiling.as_millis()).unwrap_or(u64::MAX) + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorCode, Failure, Fields, field, object};

    #[test]
    fn a_locked_row_does_not_overtake_a_later_one_of_the_same_record() {
        let id = |n: usize| SfId::new(format!("00100000000000{n}")).unwrap();
        let update = |n| Write::Update {
            object: object!("Account"),
            id: id(n),
            fields: Fields::new(),
            if_unmodified_since: None,
        };
        let upsert = |key: &str| Write::Upsert {
            object: object!("Account"),
            key: field!("Key__c"),
            fields: Fields::new().set(field!("Key__c"), key),
        };
        let batch = [
            update(1),
            update(2),
            update(1),
            upsert("a"),
            upsert("b"),
            upsert("A"),
            Write::Delete { id: id(2) },
            upsert("7"),
            upsert("7.5"),
            Write::Upsert {
                object: object!("account"),
                key: field!("key__C"),
                fields: Fields::new().set(field!("Key__c"), 7),
            },
            // The same record in all ways to name it.
            Write::Upsert {
                object: object!("Account"),
                key: field!("Id"),
                fields: Fields::new().set(field!("Id"), "001000000000003"),
            },
            update(3),
        ];
        let lock = RowOutcome::Failed(Failure::of_code(ErrorCode::UnableToLockRow, "unable to obtain"));
        let outcomes = vec![lock; batch.len()];
        assert_eq!(locked(&batch, &outcomes, false), [2, 4, 5, 6, 8, 9, 11]);
    }
}
