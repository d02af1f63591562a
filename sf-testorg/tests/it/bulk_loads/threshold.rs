//! `Org::load`: calls up to a threshold, jobs above it.
use super::{answer_or_drop, empty, names, operations, org, thing, things, upsert};
use sf_core::{
    BulkIngest, Delivery, Fields, RowLoad, RowOutcome, SObject, field, models::Account, plan::Thresholds,
};
use sf_testorg::{Effect, Fault, On, TestOrg};
use std::time::Duration;

fn account(n: usize) -> Account {
    Account { name: format!("n{n:05}").into(), ..Account::default() }
}
fn slow(test: &TestOrg, call: u32) {
    let slow = Effect::Slow(Duration::from_secs(3600));
    test.inject(Fault::new(On::Operation("composite".into()), slow).skip(call));
}
/// Runs it until it is not dropped any more, and tells how often it was.
fn run(load: &mut RowLoad, test: &TestOrg) -> (usize, Vec<RowOutcome>) {
    test.clock().run(async {
        let mut dropped = 0;
        loop {
            match answer_or_drop(load.run(), test).await {
                Some(report) => return (dropped, report.unwrap().outcomes),
                None => dropped += 1,
            }
        }
    })
}
fn is_unknown(outcome: &RowOutcome) -> bool {
    outcome.failure().is_some_and(|failure| failure.delivery == Delivery::Unknown)
}

#[test]
fn given_a_run_that_is_dropped_when_run_again_then_only_the_call_under_way_is_unknown() {
    // In the first piece of 10,000 rows, at its end, in the second; twice.
    for calls in [vec![0], vec![2], vec![9], vec![10], vec![1, 3]] {
        let test = empty().build();
        for call in &calls {
            slow(&test, *call);
        }
        let mut load = org(&test)
            .load(BulkIngest::insert(Account::OBJECT), (0..11_500).map(account))
            .with_thresholds(Thresholds::rest_only());
        let (dropped, outcomes) = run(&mut load, &test);
        assert_eq!((dropped, outcomes.len()), (calls.len(), 11_500), "{calls:?}");
        let sent = operations(&test).len();
        assert_eq!(sent, 12, "{calls:?}: each row once");
        for (n, outcome) in outcomes.iter().enumerate() {
            let under_way = calls.contains(&u32::try_from(n / 1_000).unwrap());
            assert_eq!(is_unknown(outcome), under_way, "{calls:?} {n}: {outcome:?}");
            if let RowOutcome::Done { id, .. } = outcome {
                assert_eq!(test.value(*id, "Name"), format!("n{n:05}").into());
            }
        }
        assert!(outcomes.iter().all(|outcome| outcome.is_done() || is_unknown(outcome)));
        // Once more: nothing is left.
        assert_eq!(run(&mut load, &test), (0, outcomes));
        assert_eq!(operations(&test).len(), sent);
    }
}

#[test]
fn given_rows_by_calls_after_a_job_when_dropped_then_only_the_call_under_way_is_unknown() {
    let test = things();
    slow(&test, 1);
    let row = |n: usize| thing(format!("k{n}"), if n.is_multiple_of(2) { "x" } else { "#N/A" });
    let mut load = org(&test)
        .load(upsert(), (0..6_000).map(row))
        .with_thresholds(Thresholds::new().with_bulk_writes(50));
    let (dropped, outcomes) = run(&mut load, &test);
    assert_eq!((dropped, outcomes.len()), (1, 6_000));
    for (n, outcome) in outcomes.iter().enumerate() {
        let under_way = n % 2 == 1 && (1_000..2_000).contains(&(n / 2));
        assert_eq!((outcome.is_done(), is_unknown(outcome)), (!under_way, under_way), "{n}: {outcome:?}");
    }
    assert_eq!(run(&mut load, &test), (0, outcomes));
}

#[test]
fn given_rows_that_cannot_be_right_when_there_are_many_good_ones_then_they_go_by_a_job() {
    let test = things();
    // Of those among the first, some have no place in any write; there is one behind the rows that the plan has seen.
    let bad = |n: usize| n < 20 || n == 90;
    let row = move |n: usize| match bad(n) {
        true if n.is_multiple_of(2) => Fields::new().set(field!("Name"), "no key"),
        true => thing(format!("k{n}"), "x").set(field!("attributes"), "x"),
        false => thing(format!("k{n}"), "x"),
    };
    let mut load =
        org(&test).load(upsert(), (0..100).map(row)).with_thresholds(Thresholds::new().with_bulk_writes(10));
    let plan = test.clock().run(load.plan()).unwrap().to_string();
    assert!(plan.contains("20 rows are not sent: row 0:"), "{plan}");
    let report = test.clock().run(load.run()).unwrap();
    assert_eq!((report.jobs.len(), report.outcomes.len(), names(&test).len()), (1, 100, 79));
    for (n, outcome) in report.outcomes.iter().enumerate() {
        let failed = outcome.failure().map(|failure| failure.delivery);
        assert_eq!(failed, bad(n).then_some(Delivery::NotSent), "{n}");
    }
}
