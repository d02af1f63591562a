//! The change log.

use super::{Check, Fixture, ensure, same, sample::*};
use crate::{
    ChangeFilter, ChangeId, Status,
    store::{Depth, Phase, Selection, Store, StoreWrite},
};

async fn lines(store: &dyn Store, filter: ChangeFilter) -> Result<(Vec<u64>, Option<u64>), String> {
    let page = store.changes(filter).await.map_err(|e| format!("the log cannot be read: {e:?}"))?;
    Ok((page.changes.iter().map(|c| c.id.0).collect(), page.next.map(|id| id.0)))
}

async fn prune(store: &dyn Store, seconds: i64, limit: u32) -> Result<u64, String> {
    store.prune(at(seconds)?, limit).await.map_err(|e| format!("prune failed: {e:?}"))
}

pub(super) async fn change_numbers_are_never_used_twice(fixture: &dyn Fixture) -> Check {
    let mut store = fresh(fixture)?;
    let a = account(1)?;
    commit(&store, vec![StoreWrite::Record(record(a))]).await?;
    same!(load(&store, Selection::new()).await?.next_change, 1, "the first change number");
    let writes = vec![
        StoreWrite::Entry(pushed(entry(1, a, "x")?, 1)?),
        StoreWrite::Entry(pushed(entry(5, a, "y")?, 1)?),
        StoreWrite::Entry(pushed(entry(3, a, "z")?, 1)?),
    ];
    commit(&store, writes).await?;
    same!(load(&store, Selection::new()).await?.next_change, 6, "after number 5");
    same!(prune(&store, 2, 10).await?, 3, "entries pruned");
    same!(load(&store, Selection::new()).await?.next_change, 6, "after number 5 was pruned");
    store = fixture.reopen(store).map_err(|e| format!("cannot be opened again: {e:?}"))?;
    same!(load(&store, Selection::new()).await?.next_change, 6, "after a restart");
    Ok(())
}

pub(super) async fn open_entries_make_a_record_open(fixture: &dyn Fixture) -> Check {
    let store = fresh(fixture)?;
    let a = account(1)?;
    let what = Selection { keys: vec![a], depth: Depth::Full, ..Selection::default() };
    let seen = async |store: &dyn Store| -> Result<_, String> {
        let view = load(store, what.clone()).await?;
        let Some(record) = view.records.first() else { return Err("no record".to_owned()) };
        Ok((record.has_open, record.open.iter().map(|e| e.id.0).collect::<Vec<_>>()))
    };
    let mut failed = entry(3, a, "z")?;
    (failed.phase, failed.status) = (Phase::Permanent, Status::Failed);
    // Later numbers first: they come back by number.
    let writes = vec![
        StoreWrite::Record(record(a)),
        StoreWrite::Entry(failed),
        StoreWrite::Entry(entry(1, a, "x")?),
        StoreWrite::Entry(pushed(entry(2, a, "y")?, 1)?),
    ];
    commit(&store, writes).await?;
    same!(seen(&store).await?, (true, vec![1, 3]), "pending and failed entries are open");
    commit(&store, vec![StoreWrite::Entry(pushed(entry(1, a, "x")?, 2)?)]).await?;
    same!(seen(&store).await?, (true, vec![3]), "one is closed");
    let mut reverted = pushed(entry(3, a, "z")?, 3)?;
    (reverted.phase, reverted.status) = (Phase::Reverted, Status::Reverted);
    commit(&store, vec![StoreWrite::Entry(reverted)]).await?;
    same!(seen(&store).await?, (false, vec![]), "all are closed");
    commit(&store, vec![StoreWrite::Entry(entry(3, a, "again")?)]).await?;
    same!(seen(&store).await?, (true, vec![3]), "one is open again");
    Ok(())
}

pub(super) async fn superseded_entries_come_with_their_survivor(fixture: &dyn Fixture) -> Check {
    let store = fresh(fixture)?;
    let (a, b) = (account(1)?, account(2)?);
    let mut old = entry(1, a, "x")?;
    (old.phase, old.survivor) = (Phase::Superseded, Some(ChangeId(3)));
    let mut older = pushed(entry(2, a, "y")?, 1)?;
    (older.phase, older.survivor) = (Phase::Superseded, Some(ChangeId(3)));
    let writes = vec![
        StoreWrite::Record(record(b)),
        StoreWrite::Record(record(a)),
        StoreWrite::Entry(old),
        StoreWrite::Entry(older),
        StoreWrite::Entry(entry(3, a, "z")?),
        StoreWrite::Entry(pushed(entry(4, b, "other")?, 1)?),
        StoreWrite::Entry(entry(5, b, "not asked for")?),
    ];
    commit(&store, writes).await?;
    let changes = vec![ChangeId(4), ChangeId(3), ChangeId(99)];
    let view = load(&store, Selection { changes, ..Selection::default() }).await?;
    same!(view.entries.iter().map(|e| e.id.0).collect::<Vec<_>>(), vec![1, 2, 3, 4], "entries, by number");
    same!(view.entries.get(1).and_then(|e| e.closed), Some(at(1)?), "a closed entry");
    let records: Vec<_> = view.records.iter().map(|r| (r.key, r.shadow.is_some(), r.open.len())).collect();
    same!(records, vec![(a, true, 2), (b, true, 1)], "their records, in full");
    Ok(())
}

pub(super) async fn the_log_comes_in_pages(fixture: &dyn Fixture) -> Check {
    let store = fresh(fixture)?;
    let (a, b) = (account(1)?, account(2)?);
    let mut writes = vec![StoreWrite::Record(record(a)), StoreWrite::Record(record(b))];
    for n in 1..=8 {
        let mut line = entry(n, if n % 2 == 0 { b } else { a }, "x")?;
        match n {
            3 => (line.phase, line.status) = (Phase::Conflict, Status::Failed),
            4 | 5 => line = pushed(line, 1)?,
            6 => {
                line = pushed(line, 1)?;
                (line.phase, line.status) = (Phase::Reverted, Status::Reverted);
            }
            _ => {}
        }
        writes.push(StoreWrite::Entry(line));
    }
    commit(&store, writes).await?;

    let all = ChangeFilter::all;
    for (what, filter, expected) in [
        ("everything", all(), (vec![1, 2, 3, 4, 5, 6, 7, 8], None)),
        ("a page", all().limit(3), (vec![1, 2, 3], Some(3))),
        ("the next page", all().limit(3).after(ChangeId(3)), (vec![4, 5, 6], Some(6))),
        ("the last page", all().limit(3).after(ChangeId(6)), (vec![7, 8], None)),
        ("a page that ends with the log", all().limit(8), (vec![1, 2, 3, 4, 5, 6, 7, 8], None)),
        ("pending", Status::Pending.into(), (vec![1, 2, 7, 8], None)),
        ("failed", Status::Failed.into(), (vec![3], None)),
        ("pushed", Status::Pushed.into(), (vec![4, 5], None)),
        ("reverted", Status::Reverted.into(), (vec![6], None)),
        ("open", all().with(Status::Pending).with(Status::Failed).limit(3), (vec![1, 2, 3], Some(3))),
        ("two statuses", all().with(Status::Reverted).with(Status::Failed), (vec![3, 6], None)),
        ("one record", all().of(b).limit(2), (vec![2, 4], Some(4))),
        ("one record's pending", all().of(a).with(Status::Pending).after(ChangeId(1)), (vec![7], None)),
        ("an unknown record", all().of(account(9)?), (vec![], None)),
        ("after the end", all().after(ChangeId(u64::MAX >> 1)), (vec![], None)),
    ] {
        same!(lines(&store, filter).await?, expected, what);
    }
    let page = store.changes(all().limit(1)).await.map_err(|e| format!("{e:?}"))?;
    same!(page.changes, vec![entry(1, a, "x")?.to_change()], "a line");
    Ok(())
}

pub(super) async fn prune_keeps_what_is_open(fixture: &dyn Fixture) -> Check {
    let store = fresh(fixture)?;
    let (a, b, c) = (account(1)?, account(2)?, account(3)?);
    let mut writes: Vec<_> = [a, b, c].map(|key| StoreWrite::Record(record(key))).into();
    for (n, key, closed) in [
        (1, a, Some(1)),
        (2, a, Some(2)),
        (3, b, Some(1)),
        (4, b, None),
        (5, a, Some(9)),
        (6, c, Some(3)),
        (7, c, Some(3)),
    ] {
        let line = entry(n, key, "x")?;
        writes.push(StoreWrite::Entry(match closed {
            Some(at) => pushed(line, at)?,
            None => line,
        }));
    }
    commit(&store, writes).await?;
    let before = load(&store, Selection { keys: vec![a, b, c], ..Selection::default() }).await?;

    same!(prune(&store, 1, 10).await?, 0, "closed at the moment, not before");
    same!(prune(&store, 9, 3).await?, 3, "as many as the limit");
    same!(lines(&store, ChangeFilter::all()).await?.0, vec![3, 4, 5, 7], "the oldest went first");
    same!(prune(&store, 9, 10).await?, 1, "the rest");
    same!(prune(&store, 9, 10).await?, 0, "nothing twice");
    same!(
        lines(&store, ChangeFilter::all()).await?.0,
        vec![3, 4, 5],
        "an open record's entries and the young"
    );
    let after = load(&store, Selection { keys: vec![a, b, c], ..Selection::default() }).await?;
    same!(after, before, "the records after prune");
    ensure!(after.records.iter().any(|r| r.has_open), "no record is open any more");
    Ok(())
}
