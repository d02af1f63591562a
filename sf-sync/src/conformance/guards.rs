//! Two writers, and commits that are refused.

use super::{Check, Fixture, same, sample::*};
use crate::{
    ChangeId, Config, ConfigVersion, StepId,
    store::{AttemptState, Committed, Guard, ScopeKey, ScopeState, Store, StoreWrite},
};

pub(super) async fn a_moved_revision_is_stale(fixture: &dyn Fixture) -> Check {
    let store = fresh(fixture)?;
    let (a, b) = (account(1)?, account(2)?);
    let guard = |revs: &[(crate::RecordKey, u64)]| Guard { revs: revs.to_vec(), ..Guard::default() };
    let write = || vec![StoreWrite::Record(record(a)), StoreWrite::Seen(vec![a, b])];

    // 0 says that there is no such record.
    let first = guarded(guard(&[(a, 0), (b, 0)]), write());
    same!(store.commit(first.clone()).await.ok(), Some(Committed::Done { rev: 1 }), "a guard that holds");
    stale(&store, "the same change set again", first).await?;
    commit(&store, vec![StoreWrite::Entry(entry(1, a, "x")?)]).await?;
    stale(&store, "an entry moved its record", guarded(guard(&[(a, 1)]), write())).await?;
    stale(&store, "a record that is not there", guarded(guard(&[(a, 2), (b, 2)]), write())).await?;
    stale(&store, "the last of several", guarded(guard(&[(a, 2), (b, 0), (a, 1)]), write())).await?;

    // Only what the guard names counts.
    commit(&store, vec![StoreWrite::Record(record(b))]).await?;
    let still = guarded(guard(&[(a, 2)]), write());
    same!(store.commit(still).await.ok(), Some(Committed::Done { rev: 4 }), "another record moved");
    let seen = guarded(guard(&[(a, 4)]), write());
    same!(store.commit(seen).await.ok(), Some(Committed::Done { rev: 5 }), "two writers in turn");
    Ok(())
}

pub(super) async fn a_moved_scope_counter_or_attempt_is_stale(fixture: &dyn Fixture) -> Check {
    let store = fresh(fixture)?;
    let key = ScopeKey("Account".into());
    let account = account(1)?;
    let write = || vec![StoreWrite::Record(record(account))];
    let scopes = |rev| Guard { scopes: vec![(key.clone(), rev)], ..Guard::default() };
    let scope = || vec![StoreWrite::Scope(ScopeState::new(key.clone()))];
    let attempt = AttemptState::new(StepId(7), 1, at(0)?, at(1)?, Vec::new());
    let open = |id| Guard { attempt: Some(StepId(id)), ..Guard::default() };
    let next = |n| Guard { next_change: Some(n), ..Guard::default() };

    same!(
        store.commit(guarded(scopes(0), scope())).await.ok(),
        Some(Committed::Done { rev: 1 }),
        "a new scope"
    );
    stale(&store, "a scope that came meanwhile", guarded(scopes(0), scope())).await?;
    stale(&store, "a scope that moved", guarded(scopes(2), write())).await?;

    commit(&store, vec![StoreWrite::OpenAttempt(attempt)]).await?;
    stale(&store, "an attempt that is not open", guarded(open(8), write())).await?;
    let settle = guarded(open(7), vec![StoreWrite::CloseAttempt(StepId(7))]);
    same!(store.commit(settle.clone()).await.ok(), Some(Committed::Done { rev: 3 }), "settling");
    stale(&store, "settling twice", settle).await?;

    stale(&store, "a change number that is not the next", guarded(next(2), write())).await?;
    let writes = vec![StoreWrite::Record(record(account)), StoreWrite::Entry(entry(1, account, "x")?)];
    same!(
        store.commit(guarded(next(1), writes.clone())).await.ok(),
        Some(Committed::Done { rev: 4 }),
        "the next change number"
    );
    stale(&store, "a change number that is used", guarded(next(1), writes)).await
}

pub(super) async fn a_refused_commit_leaves_nothing(fixture: &dyn Fixture) -> Check {
    let store = fresh(fixture)?;
    let (a, b) = (account(1)?, account(2)?);
    let version = ConfigVersion::new(1, Config::default(), at(0)?);
    let attempt = AttemptState::new(StepId(7), 1, at(0)?, at(1)?, Vec::new());
    commit(
        &store,
        vec![
            StoreWrite::Record(record(a)),
            StoreWrite::Record(record(b)),
            StoreWrite::Entry(entry(1, a, "x")?),
            StoreWrite::Config(version.clone()),
            StoreWrite::OpenAttempt(attempt.clone()),
        ],
    )
    .await?;
    let before = everything(&store).await?;

    let refused = [
        ("a configuration version that exists", StoreWrite::Config(version)),
        ("an attempt that is open", StoreWrite::OpenAttempt(attempt)),
        ("an entry of an unknown record", StoreWrite::Entry(entry(2, account(99)?, "x")?)),
        ("an entry that would change its record", StoreWrite::Entry(entry(1, b, "x")?)),
    ];
    for (what, last) in refused {
        let mut changed = record(a);
        changed.shadow = None;
        let writes = vec![
            StoreWrite::Record(changed),
            StoreWrite::Record(record(account(50)?)),
            StoreWrite::Entry(entry(3, b, "y")?),
            StoreWrite::Seen(vec![a, b]),
            StoreWrite::CloseAttempt(StepId(7)),
            StoreWrite::Scope(ScopeState::new(ScopeKey("Account".into()))),
            StoreWrite::Document { name: "org".into(), content: Some(1.into()) },
        ];
        // Where the open attempt is the point it must not be closed first.
        let skip = matches!(last, StoreWrite::OpenAttempt(_));
        let mut writes: Vec<_> =
            writes.into_iter().filter(|w| !(skip && matches!(w, StoreWrite::CloseAttempt(_)))).collect();
        writes.push(last);
        if let Ok(done) = store.commit(set(writes)).await {
            return Err(format!("{what} was {done:?} instead of an error"));
        }
        same!(everything(&store).await?, before, format!("{what}: half of the change set is stored"));
    }
    same!(before.0.next_change, 2, "the next change number");
    same!(before.1.changes.first().map(|c| c.id), Some(ChangeId(1)), "the log");
    Ok(())
}
