//! One counter for the whole store.

use super::{Check, Fixture, same, sample::*};
use crate::store::{ChangeSet, Committed, Depth, ScopeKey, ScopeState, Selection, Store, StoreWrite};

pub(super) async fn a_commit_gives_its_number_to_what_it_writes(fixture: &dyn Fixture) -> Check {
    let store = fresh(fixture)?;
    let (a, b, c) = (account(1)?, account(2)?, account(3)?);
    let key = ScopeKey("Account".into());
    let all = Selection { keys: vec![a, b, c], scopes: vec![key.clone()], ..Selection::default() };
    let numbers = async |store: &dyn Store| -> Result<_, String> {
        let view = load(store, all.clone()).await?;
        let records: Vec<_> = view.records.iter().map(|r| (r.rev, r.seen)).collect();
        Ok((view.rev, records, view.scopes.iter().map(|s| s.rev).collect::<Vec<_>>()))
    };

    let writes = [a, b, c].map(|key| StoreWrite::Record(record(key)));
    commit(&store, writes.into_iter().collect()).await?;
    same!(numbers(&store).await?, (1, vec![(1, 1); 3], vec![]), "one commit, one number");

    commit(&store, vec![StoreWrite::Record(record(b)), StoreWrite::Entry(entry(1, c, "x")?)]).await?;
    same!(numbers(&store).await?, (2, vec![(1, 1), (2, 1), (2, 1)], vec![]), "an entry moves its record");

    commit(&store, vec![StoreWrite::Seen(vec![a, account(99)?])]).await?;
    same!(numbers(&store).await?, (3, vec![(1, 3), (2, 1), (2, 1)], vec![]), "Seen leaves rev alone");

    commit(&store, vec![StoreWrite::Scope(ScopeState::new(key.clone()))]).await?;
    same!(numbers(&store).await?, (4, vec![(1, 3), (2, 1), (2, 1)], vec![4]), "a scope gets the number");

    match store.commit(ChangeSet::default()).await {
        Ok(Committed::Done { rev: 4 }) => {}
        other => return Err(format!("a change set that writes nothing was {other:?}")),
    }
    same!(load(&store, Selection::new()).await?.rev, 4, "the counter after a commit of nothing");
    Ok(())
}

pub(super) async fn writing_a_record_keeps_what_the_store_keeps(fixture: &dyn Fixture) -> Check {
    let store = fresh(fixture)?;
    let key = account(1)?;
    commit(&store, vec![StoreWrite::Record(record(key)), StoreWrite::Entry(entry(1, key, "x")?)]).await?;
    let mut lying = record(key);
    (lying.rev, lying.seen, lying.has_open) = (77, 78, false);
    lying.open = vec![entry(9, key, "not stored")?];
    lying.parent = Some(account(2)?);
    commit(&store, vec![StoreWrite::Record(lying)]).await?;

    let what = Selection { keys: vec![key], depth: Depth::Full, ..Selection::default() };
    let view = load(&store, what.clone()).await?;
    let found = view.records.first().map(|r| (r.rev, r.seen, r.has_open, r.parent, r.open.len()));
    same!(found, Some((2, 1, true, Some(account(2)?), 1)), "rev, seen, has_open, parent, open");

    // What an index follows can be taken away again.
    commit(&store, vec![StoreWrite::Record(record(key))]).await?;
    let view = load(&store, what).await?;
    same!(view.records.first().map(|r| (r.parent, r.check_due)), Some((None, None)), "cleared columns");
    Ok(())
}
