//! Rows that somebody else held at the moment: sent again after a random pause, without the others.
use super::Org;
use crate::{Delivery, Result, Retry, RowOutcome, Write, WriteOptions};
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
        let locked = places().filter(|(_, outcome)| is_locked(outcome)).map(|(place, _)| place);
        return locked.filter(|place| !is_overtaken(batch, *place)).collect();
    }
    let undone = outcomes.iter().all(|outcome| is_locked(outcome) || outcome.was_held_back());
    match undone && outcomes.iter().any(is_locked) {
        true => places().map(|(place, _)| place).collect(),
        false => Vec::new(),
    }
}

/// A later row of the call is about the same record: sent again, this one would undo it.
fn is_overtaken(batch: &[Write], place: usize) -> bool {
    let Some(row) = batch.get(place) else { return false };
    let key = |row: &Write| match row {
        Write::Upsert { object, key, fields } => {
            Some((object.clone(), key.clone(), fields.get(key)?.clone()))
        }
        _ => None,
    };
    let (id, value) = (row.id(), key(row));
    let same = |later: &Write| (id.is_some() && later.id() == id) || (value.is_some() && key(later) == value);
    batch.iter().skip(place + 1).any(same)
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
    use crate::{ErrorCode, Failure, Fields, SfId, field, object};

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
            upsert("a"),
            Write::Delete { id: id(2) },
        ];
        let lock = RowOutcome::Failed(Failure::of_code(ErrorCode::UnableToLockRow, "unable to obtain"));
        let outcomes = vec![lock; batch.len()];
        assert_eq!(locked(&batch, &outcomes, false), [2, 4, 5, 6]);
    }
}
