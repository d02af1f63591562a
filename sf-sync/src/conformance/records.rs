//! Records: what is loaded, how much of it, in which order.

use super::{Check, Fixture, ensure, same, sample::*};
use crate::{
    RecordKey,
    store::{Depth, KnownFilter, Life, RecordState, Selection, StoreWrite, Suspect, UnseenFilter},
};
use sf_core::{FieldName, Fields, Number, Record, Value};

fn keys(keys: &[RecordKey], depth: Depth) -> Selection {
    Selection { keys: keys.to_vec(), depth, ..Selection::default() }
}

pub(super) async fn load_sees_what_was_committed(fixture: &dyn Fixture) -> Check {
    let store = fresh(fixture)?;
    let empty = load(&store, Selection::new()).await?;
    same!((empty.rev, empty.next_change), (0, 1), "the counters of a new store");

    let mut first = record(account(1)?);
    first.parent = Some(account(9)?);
    first.life = Life::OutOfScope;
    first.stamp = Some(at(5)?);
    first.check_due = Some(at(6)?);
    first.suspects = vec![Suspect::new(NAME, Value::Null, at(7)?)];
    let rev = commit(&store, vec![StoreWrite::Record(first.clone())]).await?;
    same!(rev, 1, "the number of the first commit");

    let asked = [account(2)?, account(1)?, account(3)?];
    let view = load(&store, keys(&asked, Depth::Full)).await?;
    let expected = RecordState { rev, seen: rev, ..first };
    same!(view.records, vec![expected], "a record and two unknown keys");
    same!((view.rev, view.next_change), (1, 1), "the counters");

    commit(&store, vec![StoreWrite::Record(record(account(3)?)), StoreWrite::Record(record(account(2)?))])
        .await?;
    let view = load(&store, keys(&[account(3)?, account(1)?, account(2)?], Depth::Heads)).await?;
    let order: Vec<_> = view.records.iter().map(|r| r.key).collect();
    same!(order, vec![account(3)?, account(1)?, account(2)?], "the order asked");
    Ok(())
}

pub(super) async fn depth_limits_what_is_loaded(fixture: &dyn Fixture) -> Check {
    let store = fresh(fixture)?;
    let (plain, open, suspect) = (account(1)?, account(2)?, account(3)?);
    let mut doubtful = record(suspect);
    doubtful.suspects = vec![Suspect::new(NAME, "x".into(), at(1)?)];
    doubtful.check_due = Some(at(1)?);
    let writes = vec![
        StoreWrite::Record(record(plain)),
        StoreWrite::Record(record(open)),
        StoreWrite::Record(doubtful.clone()),
        StoreWrite::Entry(entry(1, open, "Beta")?),
    ];
    commit(&store, writes).await?;

    let view = load(&store, keys(&[plain, open, suspect], Depth::Heads)).await?;
    for head in &view.records {
        ensure!(
            head.shadow.is_none() && head.open.is_empty() && head.suspects.is_empty(),
            "a head carries more than a head: {head:?}"
        );
        same!(head.digest, u64::MAX - 1, "the digest of a head");
    }
    let flags: Vec<bool> = view.records.iter().map(|r| r.has_open).collect();
    same!(flags, vec![false, true, false], "which heads are open");
    same!(view.records.last().and_then(|r| r.check_due), Some(at(1)?), "check_due of a head");

    let view = load(&store, keys(&[plain, open, suspect], Depth::OpenInFull)).await?;
    let full: Vec<bool> = view.records.iter().map(|r| r.shadow.is_some()).collect();
    same!(full, vec![false, true, true], "which records OpenInFull loads in full");
    same!(view.record(&open).map(|r| r.open.len()), Some(1), "open entries in OpenInFull");
    same!(view.record(&suspect).map(|r| r.suspects.clone()), Some(doubtful.suspects), "suspects");

    let view = load(&store, keys(&[plain, open, suspect], Depth::Full)).await?;
    ensure!(view.records.iter().all(|r| r.shadow.is_some()), "Full loads every shadow: {view:?}");
    Ok(())
}

pub(super) async fn each_record_comes_once_at_the_greatest_depth(fixture: &dyn Fixture) -> Check {
    let store = fresh(fixture)?;
    let (a, b) = (account(1)?, account(2)?);
    let writes = vec![
        StoreWrite::Record(record(a)),
        StoreWrite::Record(record(b)),
        StoreWrite::Entry(entry(1, b, "Beta")?),
    ];
    commit(&store, writes).await?;
    let what = Selection {
        keys: vec![a, b, a],
        changes: vec![crate::ChangeId(1)],
        known: Some(KnownFilter { object: ACCOUNT, after: None, upto: None, parents: Vec::new(), limit: 10 }),
        ..Selection::default()
    };
    let view = load(&store, what).await?;
    let seen: Vec<_> = view.records.iter().map(|r| (r.key, r.shadow.is_some())).collect();
    same!(seen, vec![(a, false), (b, true)], "records asked for several times");
    Ok(())
}

pub(super) async fn values_come_back_as_they_were(fixture: &dyn Fixture) -> Check {
    let mut store = fresh(fixture)?;
    let mut fields = Fields::new();
    let numbers = ["300.0", "1.0E7", "0.10", "-0", "123456789012345678901234567890.123456789", "1e-9"];
    let texts = [
        "",
        " ",
        "null",
        "Zoë 東京 🚀 e\u{301}",
        "a\u{0}b\u{1f}\u{2028}\u{feff}",
        "'; DROP TABLE sf_record; --",
        "\\\"\n\r\t",
        "\u{202e}rtl",
    ];
    for (i, digits) in numbers.iter().enumerate() {
        let number: Number = digits.parse().map_err(|_| format!("{digits} is no number"))?;
        fields = fields.set(name(&format!("Number{i}__c"))?, number);
    }
    for (i, text) in texts.iter().enumerate() {
        fields = fields.set(name(&format!("Text{i}__c"))?, *text);
    }
    let mut owner = Record::new(sf_core::object!("User"));
    owner.fields = Fields::new().set(NAME, "Ann");
    fields = fields
        .set(name("Long__c")?, "ä".repeat(100_000))
        .set(name("Empty__c")?, Value::Null)
        .set(name("Yes__c")?, true)
        .set(name("Owner")?, Value::Parent(Box::new(owner)));
    let written = serde_json::to_string(&fields).map_err(|e| e.to_string())?;

    let mut stored = record(account(1)?);
    stored.shadow = Some(fields.clone());
    stored.digest = u64::MAX;
    let mut line = entry(1, account(1)?, "Zoë 🚀")?;
    line.old = fields.get(&name("Number0__c")?).cloned().unwrap_or(Value::Null);
    line.failure = Some(sf_core::Failure::new(
        sf_core::ErrorKind::Refused,
        sf_core::Delivery::Refused,
        "bad \"value\" ä",
    ));
    commit(&store, vec![StoreWrite::Record(stored), StoreWrite::Entry(line.clone())]).await?;

    for round in ["at once", "after a restart"] {
        let view = load(&store, keys(&[account(1)?], Depth::Full)).await?;
        let Some(found) = view.records.first() else { return Err(format!("{round}: no record")) };
        let shadow = found.shadow.clone().unwrap_or_default();
        let read = serde_json::to_string(&shadow).map_err(|e| e.to_string())?;
        ensure!(read == written, "{round}: values changed: {}", first_difference(&read, &written));
        same!(found.digest, u64::MAX, "the digest");
        same!(found.open, vec![line.clone()], "the entry");
        let old = found.open.first().map(|e| serde_json::to_string(&e.old).unwrap_or_default());
        same!(old.as_deref(), Some("300.0"), "the digits of an old value");
        store = fixture.reopen(store).map_err(|e| format!("cannot be opened again: {e:?}"))?;
    }
    Ok(())
}

fn name(text: &str) -> Result<FieldName, String> {
    FieldName::new(text).map_err(|e| e.to_string())
}

fn first_difference(a: &str, b: &str) -> String {
    let same = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).count();
    let around = |s: &str| s.chars().skip(same.saturating_sub(20)).take(60).collect::<String>();
    format!("…{} instead of …{}", around(a), around(b))
}

pub(super) async fn thousands_of_keys_in_one_load(fixture: &dyn Fixture) -> Check {
    let store = fresh(fixture)?;
    let all = (0..5_000).map(account).collect::<Result<Vec<_>, _>>()?;
    let writes = all.iter().map(|key| StoreWrite::Record(record(*key))).collect();
    commit(&store, writes).await?;
    commit(&store, vec![StoreWrite::Seen(all.clone())]).await?;
    let view = load(&store, keys(&all, Depth::Heads)).await?;
    same!(view.records.len(), 5_000, "records in one load");
    ensure!(
        view.records.iter().all(|r| (r.rev, r.seen) == (1, 2)),
        "rev and seen of some of 5,000 records are wrong"
    );
    Ok(())
}

pub(super) async fn known_records_come_in_pages_by_key(fixture: &dyn Fixture) -> Check {
    let store = fresh(fixture)?;
    let mut writes = Vec::new();
    // Written backwards, so that the order of insertion is not the order of keys.
    for n in (0..20).rev() {
        writes.push(StoreWrite::Record(record(account(n)?)));
        let mut child = record(opportunity(n)?);
        child.parent = Some(account(n % 2)?);
        if n == 7 {
            child.life = Life::Gone;
        }
        writes.push(StoreWrite::Record(child));
    }
    commit(&store, writes).await?;

    let page = |after, upto, parents: Vec<RecordKey>, limit| Selection {
        // Object names ignore case.
        known: Some(KnownFilter { object: sf_core::object!("OPPORTUNITY"), after, upto, parents, limit }),
        ..Selection::default()
    };
    let expect = |numbers: &[u32]| numbers.iter().map(|n| opportunity(*n)).collect::<Result<Vec<_>, _>>();
    for (what, selection, numbers) in [
        ("the first page", page(None, None, vec![], 3), vec![0, 1, 2]),
        ("the next page", page(Some(opportunity(2)?), None, vec![], 3), vec![3, 4, 5]),
        ("up to a key", page(Some(opportunity(2)?), Some(opportunity(4)?), vec![], 9), vec![3, 4]),
        ("children of one", page(None, None, vec![account(1)?], 5), vec![1, 3, 5, 7, 9]),
        (
            "children of many",
            page(Some(opportunity(15)?), None, (0..400).map(account).collect::<Result<_, _>>()?, 9),
            vec![16, 17, 18, 19],
        ),
        ("children of none", page(None, None, vec![account(5)?], 5), vec![]),
    ] {
        let found: Vec<_> = load(&store, selection).await?.records.iter().map(|r| r.key).collect();
        same!(found, expect(&numbers)?, what);
    }
    Ok(())
}

pub(super) async fn unseen_records_are_those_no_pull_met(fixture: &dyn Fixture) -> Check {
    let store = fresh(fixture)?;
    let mut writes = Vec::new();
    for n in 0..10 {
        let mut child = record(opportunity(n)?);
        child.parent = Some(account(n % 2)?);
        if n == 4 {
            child.life = Life::OutOfScope;
        }
        writes.push(StoreWrite::Record(child));
    }
    let first = commit(&store, writes).await?;
    let met = [0, 1, 99].map(opportunity).into_iter().collect::<Result<Vec<_>, _>>()?;
    let second = commit(&store, vec![StoreWrite::Seen(met)]).await?;

    let page = |since, after, parents, limit| Selection {
        unseen: Some(UnseenFilter { object: OPPORTUNITY, since, after, parents, limit }),
        ..Selection::default()
    };
    let expect = |numbers: &[u32]| numbers.iter().map(|n| opportunity(*n)).collect::<Result<Vec<_>, _>>();
    for (what, selection, numbers) in [
        ("unseen since the pull", page(first, None, vec![], 3), vec![2, 3, 5]),
        ("the next page", page(first, Some(opportunity(5)?), vec![], 9), vec![6, 7, 8, 9]),
        ("children of one", page(first, None, vec![account(1)?], 9), vec![3, 5, 7, 9]),
        (
            "children of many",
            page(first, None, (0..400).map(account).collect::<Result<_, _>>()?, 2),
            vec![2, 3],
        ),
        ("all that are live", page(second, None, vec![], 2), vec![0, 1]),
        ("before everything", page(0, None, vec![], 9), vec![]),
        ("without a bound", page(u64::MAX, None, vec![], 1), vec![0]),
    ] {
        let view = load(&store, selection).await?;
        let found: Vec<_> = view.records.iter().map(|r| r.key).collect();
        same!(found, expect(&numbers)?, what);
        ensure!(view.records.iter().all(|r| r.shadow.is_none()), "{what}: more than heads");
    }
    Ok(())
}
