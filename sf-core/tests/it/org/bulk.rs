//! Results of a job that came back changed: which line is which row's.
use crate::fake::{Fake, run};
use sf_core::*;
use std::{
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

const JOB: &str = r#"{"id":"750000000000001AAA","state":"JobComplete"}"#;

/// Loads rows with these keys and the names `n0`, `n1`, …; the lines are those of the files of done and of failed rows.
fn load(keys: &[&str], done: &[&str], failed: &[&str]) -> BulkReport {
    let done = [&["sf__Id,sf__Created,Key__c,Name"], done].concat().join("\n");
    let failed = [&["sf__Id,sf__Error,Key__c,Name"], failed].concat().join("\n");
    let mut fake = Fake::new()
        .answer(200, JOB)
        .answer(201, "")
        .answer(200, JOB)
        .answer(200, JOB)
        .answer(200, done)
        .answer(200, failed)
        .answer(200, "Key__c,Name");
    let row = |(n, key): (usize, &&str)| {
        let name = Fields::new().set(field!("Name"), format!("n{n}"));
        if key.is_empty() { name } else { name.set(field!("Key__c"), *key) }
    };
    let rows: Vec<Fields> = keys.iter().enumerate().map(row).collect();
    fake.capabilities.bulk = true;
    let ingest = BulkIngest::insert(object!("Thing__c")).with_key(field!("Key__c"));
    run(Org::new(fake.transport()).bulk_ingest(ingest, rows).run()).unwrap()
}
/// `1` the id that ends so, `!` refused, `?` unknown.
fn told(report: &BulkReport) -> String {
    let told = |outcome: &RowOutcome| match outcome {
        RowOutcome::Done { id, .. } => id.as_str()[14..15].to_owned(),
        RowOutcome::Failed(failure) if failure.delivery == Delivery::Unknown => "?".to_owned(),
        RowOutcome::Failed(_) => "!".to_owned(),
    };
    report.outcomes.iter().map(told).collect()
}
fn done(n: u32, key: &str, name: &str) -> String {
    format!("a0000000000000{n}AAA,true,{key},{name}")
}
fn failed(why: &str, key: &str, name: &str) -> String {
    format!(",{why}:no:--,{key},{name}")
}

#[test]
fn a_row_that_came_back_changed_is_known_by_its_key() {
    let report = load(&["a", "b", "a"], &[&done(1, "b", "x"), &done(2, "a", "n2"), &done(3, "a", "x")], &[]);
    assert_eq!((told(&report).as_str(), report.unmatched.len()), ("312", 0));
}

#[test]
fn of_changed_rows_with_one_key_nobody_knows_which_is_which_unless_all_ended_alike() {
    let report =
        load(&["a", "a", "b"], &[&done(1, "a", "x"), &done(2, "b", "x")], &[&failed("OTHER", "a", "y")]);
    assert_eq!((told(&report).as_str(), report.unmatched.len()), ("??2", 2));
    let line = failed("OTHER", "a", "x");
    let report = load(&["a", "a", "b"], &[&done(2, "b", "x")], &[&line, &line]);
    assert_eq!((told(&report).as_str(), report.unmatched.len()), ("!!2", 0));
    // One line is missing: of either.
    let report = load(&["a", "a"], &[], &[&line]);
    assert_eq!((told(&report).as_str(), report.unmatched.len()), ("??", 1));
    // More lines than rows.
    let report = load(&["a"], &[&done(1, "a", "x")], &[&line]);
    assert_eq!((told(&report).as_str(), report.unmatched.len()), ("?", 2));
}

#[test]
fn a_changed_row_without_a_key_is_nobodys() {
    let report = load(&["", "b"], &[&done(1, "", "x"), &done(2, "b", "n1")], &[]);
    assert_eq!((told(&report).as_str(), report.unmatched.len()), ("?2", 1));
    assert_eq!(report.unmatched[0].row[1], ("Name".to_owned(), "x".to_owned()));
}

/// Rows that stop coming after some, as from a slow source.
struct Stalls(std::vec::IntoIter<Fields>);
impl futures_core::Stream for Stalls {
    type Item = Fields;
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Fields>> {
        self.0.next().map_or(Poll::Pending, |row| Poll::Ready(Some(row)))
    }
}

#[test]
fn a_resumed_load_that_is_aborted_calls_no_row_unsent_that_a_job_may_have() {
    let rows: Vec<Fields> = (0..6).map(|n| Fields::new().set(field!("Name"), format!("n{n}"))).collect();
    let ingest = BulkIngest::insert(object!("Thing__c")).with_part_rows(2);
    let mut fake = (0..3).fold(Fake::new(), |fake, n| {
        let job = JOB.replace("001AAA", &format!("00{n}AAA"));
        fake.answer(200, &job).answer(201, "").answer(200, &job)
    });
    fake.capabilities.bulk = true;
    let mut load = Org::new(fake.transport()).bulk_ingest(ingest, rows.clone());
    run(async {
        while load.job().parts.iter().filter(|part| part.stage == BulkStage::Closed).count() < 3 {
            load.step().await.unwrap();
        }
    });

    let mut fake = (0..3).fold(Fake::new(), |fake, _| fake.answer(200, JOB));
    fake.capabilities.bulk = true;
    let given = Stalls(rows.into_iter().take(3).collect::<Vec<_>>().into_iter());
    let mut load = Org::new(fake.transport()).bulk_resume_stream(load.job().clone(), given);
    let mut context = Context::from_waker(Waker::noop());
    assert!(pin!(load.step()).as_mut().poll(&mut context).is_pending());
    run(load.abort()).unwrap();
    let told: Vec<_> = load.report().outcomes.iter().map(|o| o.failure().unwrap().delivery).collect();
    assert_eq!(told, [Delivery::Unknown; 3]);
}
