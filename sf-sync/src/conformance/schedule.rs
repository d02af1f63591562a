//! What the clock says something about, and attempts.

use super::{Check, Fixture, ensure, same, sample::*};
use crate::{
    ChangeId, StepId,
    store::{
        AttemptFilter, AttemptRow, AttemptState, DueFilter, NextDue, Phase, Selection, Store, StoreWrite,
    },
};
use sf_core::{Fields, Timestamp};

async fn due(store: &dyn Store, by: Timestamp, limit: u32) -> Result<Vec<crate::RecordKey>, String> {
    let what = Selection { due: Some(DueFilter { by, limit }), ..Selection::default() };
    let view = load(store, what).await?;
    if view.records.iter().any(|r| r.shadow.is_none() || r.has_open == r.open.is_empty()) {
        return Err(format!("due records come in full: {view:?}"));
    }
    Ok(view.records.iter().map(|r| r.key).collect())
}

pub(super) async fn due_records_come_first_due_first(fixture: &dyn Fixture) -> Check {
    let store = fresh(fixture)?;
    let keys = (0..8).map(account).collect::<Result<Vec<_>, _>>()?;
    let mut writes = Vec::new();
    for (n, key) in keys.iter().enumerate() {
        let mut r = record(*key);
        r.check_due = match n {
            5 => Some(at(20)?),
            6 => Some(at(5)?),
            _ => None,
        };
        writes.push(StoreWrite::Record(r));
    }
    let lines = [
        (1, 0, Phase::Queued, Some(30)),
        (2, 1, Phase::Retryable, Some(10)),
        (3, 2, Phase::Verifying, Some(10)),
        (4, 3, Phase::Conflict, None),
        (5, 0, Phase::Queued, Some(15)),
        (6, 5, Phase::Queued, Some(40)),
        // Any open phase can wait for the clock.
        (8, 7, Phase::InFlight, Some(50)),
        (9, 7, Phase::Permanent, Some(51)),
    ];
    for (id, n, phase, seconds) in lines {
        let Some(key) = keys.get(n) else { continue };
        let mut line = entry(id, *key, "x")?;
        line.phase = phase;
        line.due = seconds.map(at).transpose()?;
        writes.push(StoreWrite::Entry(line));
    }
    // Closed entries do not count, whatever they say.
    let mut closed = pushed(entry(7, account(4)?, "x")?, 1)?;
    closed.due = Some(at(1)?);
    writes.push(StoreWrite::Entry(closed));
    commit(&store, writes).await?;

    let expect = |numbers: &[u32]| numbers.iter().map(|n| account(*n)).collect::<Result<Vec<_>, _>>();
    for (what, seconds, limit, numbers) in [
        ("nothing yet", 4, 10, vec![]),
        ("at the moment", 5, 10, vec![6]),
        ("first due first, ties by key", 30, 10, vec![6, 1, 2, 0, 5]),
        ("as many as the limit", 30, 3, vec![6, 1, 2]),
        ("all that waits", 99, 10, vec![6, 1, 2, 0, 5, 7]),
    ] {
        same!(due(&store, at(seconds)?, limit).await?, expect(&numbers)?, what);
    }
    commit(&store, vec![StoreWrite::Entry(pushed(entry(2, account(1)?, "x")?, 2)?)]).await?;
    same!(due(&store, at(30)?, 2).await?, expect(&[6, 2])?, "after one was closed");
    Ok(())
}

pub(super) async fn next_due_is_the_earliest_of_each_phase(fixture: &dyn Fixture) -> Check {
    let store = fresh(fixture)?;
    let next = async |store: &dyn Store| -> Result<NextDue, String> {
        Ok(load(store, Selection { next_due: true, ..Selection::default() }).await?.next_due)
    };
    same!(next(&store).await?, NextDue::default(), "an empty store");
    let (a, b) = (account(1)?, account(2)?);
    let mut checked = record(b);
    checked.check_due = Some(at(4)?);
    let mut writes = vec![StoreWrite::Record(record(a)), StoreWrite::Record(checked)];
    let lines = [
        (1, Phase::Queued, Some(30)),
        (2, Phase::Queued, Some(20)),
        (3, Phase::Retryable, Some(7)),
        (4, Phase::Verifying, Some(9)),
        (5, Phase::Conflict, Some(1)),
        (6, Phase::Queued, None),
    ];
    for (id, phase, seconds) in lines {
        let mut line = entry(id, a, "x")?;
        line.phase = phase;
        line.due = seconds.map(at).transpose()?;
        writes.push(StoreWrite::Entry(line));
    }
    commit(&store, writes).await?;
    let found = next(&store).await?;
    same!(
        (found.queued, found.retryable, found.verifying, found.check),
        (Some(at(20)?), Some(at(7)?), Some(at(9)?), Some(at(4)?)),
        "queued, retryable, verifying, check"
    );
    let unasked = load(&store, Selection::new()).await?;
    same!(unasked.next_due, NextDue::default(), "when it is not asked for");
    let writes = vec![
        StoreWrite::Entry(pushed(entry(2, a, "x")?, 2)?),
        StoreWrite::Entry(pushed(entry(3, a, "x")?, 2)?),
        StoreWrite::Record(record(b)),
    ];
    commit(&store, writes).await?;
    let found = next(&store).await?;
    same!((found.queued, found.retryable, found.check), (Some(at(30)?), None, None), "after two were closed");
    Ok(())
}

pub(super) async fn attempts_are_open_until_closed(fixture: &dyn Fixture) -> Check {
    let mut store = fresh(fixture)?;
    let attempt = |id: u128, seconds| -> Result<AttemptState, String> {
        let sent = Fields::new().set(NAME, "Zoë").set(sf_core::field!("Amount"), sf_core::Number::from(3));
        let rows = vec![AttemptRow { record: account(1)?, max: ChangeId(4), sent }];
        Ok(AttemptState::new(StepId(id), u128::MAX, at(seconds)?, at(seconds + 60)?, rows))
    };
    let open = async |store: &dyn Store, filter| -> Result<Vec<AttemptState>, String> {
        Ok(load(store, Selection { attempts: Some(filter), ..Selection::default() }).await?.attempts)
    };
    let (first, second, third) = (attempt(u128::MAX, 1)?, attempt(2, 1)?, attempt(1, 1)?);
    commit(&store, vec![StoreWrite::OpenAttempt(first.clone()), StoreWrite::OpenAttempt(second.clone())])
        .await?;
    commit(&store, vec![StoreWrite::OpenAttempt(third.clone())]).await?;
    store = fixture.reopen(store).map_err(|e| format!("cannot be opened again: {e:?}"))?;

    let all = open(&store, AttemptFilter::Open).await?;
    same!(all, vec![first, second.clone(), third.clone()], "open attempts, oldest first");
    same!(open(&store, AttemptFilter::Of(StepId(2))).await?, vec![second], "one attempt");
    ensure!(open(&store, AttemptFilter::Of(StepId(3))).await?.is_empty(), "an unknown attempt was found");

    commit(&store, vec![StoreWrite::CloseAttempt(StepId(2))]).await?;
    ensure!(open(&store, AttemptFilter::Of(StepId(2))).await?.is_empty(), "a closed attempt is open");
    // Without a guard, closing again is no error and changes nothing.
    let before = everything(&store).await?.0.attempts;
    commit(&store, vec![StoreWrite::CloseAttempt(StepId(2)), StoreWrite::CloseAttempt(StepId(99))]).await?;
    same!(everything(&store).await?.0.attempts, before, "attempts after closing one twice");
    ensure!(load(&store, Selection::new()).await?.attempts.is_empty(), "attempts that were not asked for");
    Ok(())
}
