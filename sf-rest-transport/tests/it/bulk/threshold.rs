//! One call for any number of rows: by calls below a threshold, by a job above it, and the plan says which.
use super::{Served, empty, stream, thing, things, upsert};
use sf_core::{
    AssignmentRules, BulkIngest, Delivery, ErrorCode, ErrorKind, Field, Fields, RowOutcome, SObject, Value,
    WriteOptions, field,
    models::Account,
    plan::{Thresholds, WritePath},
};
use sf_testorg::{Effect, Fault, On};

fn above(rows: u64) -> Thresholds {
    Thresholds::new().with_bulk_writes(rows)
}
fn account(n: usize) -> Account {
    Account { name: format!("n{n}").into(), ..Account::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_up_to_the_threshold_are_calls_and_one_more_is_a_job_as_the_plan_says() {
    for (count, path, operation) in
        [(1_200, WritePath::Composite, "composite"), (1_201, WritePath::Bulk, "ingest")]
    {
        let served = Served::new(empty().build());
        let org = served.org();
        let rows = stream((0..count).map(account));
        let mut load =
            org.load_stream(BulkIngest::insert(Account::OBJECT), rows).with_thresholds(above(1_200));
        let plan = load.plan().await.unwrap().clone();
        assert_eq!((plan.rows(), plan.calls[0].path), (count as u64, path), "{plan}");
        assert_eq!(served.sim.counters().requests, 0);
        let report = load.run().await.unwrap();
        assert_eq!(report.plan, plan);
        assert_eq!(served.operations()[0], operation);
        assert_eq!((report.outcomes.len(), report.jobs.len()), (count, usize::from(count > 1_200)));
        for (n, outcome) in report.outcomes.iter().enumerate().step_by(97) {
            let id = outcome.clone().into_result().unwrap().0;
            let name = served.sim.row(id).unwrap().get::<String>("Name").unwrap();
            assert_eq!(name, Field::Value(format!("n{n}")));
        }
        assert_eq!(served.sim.rows(&Account::OBJECT).len(), count);
        if path == WritePath::Composite {
            assert_eq!(served.sim.counters().api_calls, plan.api_calls);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_cannot_go_by_the_job_goes_by_a_call_and_every_outcome_stands_at_its_row() {
    for (threshold, jobs) in [(10, 1), (1_000, 0)] {
        let served = Served::new(things().build());
        let org = served.org();
        let row = |n: usize| match n % 10 {
            3 => thing(format!("k{n}"), "#N/A"),
            6 => Fields::new().set(field!("Name"), "no key"),
            8 => thing(format!("k{n}"), "x").set(field!("Name"), Value::Null),
            _ => thing(format!("k{n}"), format!("n{n}")),
        };
        // Rows of the head, that the plan has seen, and rows after it.
        let mut load = org.load_stream(upsert(), stream((0..60).map(row))).with_thresholds(above(threshold));
        let plan = load.plan().await.unwrap().to_string();
        assert_eq!(plan.contains("a value has no form in a job's CSV"), jobs == 1, "{plan}");
        let report = load.run().await.unwrap();
        assert_eq!((report.outcomes.len(), report.jobs.len()), (60, jobs));
        for (n, outcome) in report.outcomes.iter().enumerate() {
            match outcome {
                RowOutcome::Done { id, created: true } => {
                    let saved = served.sim.row(*id).unwrap();
                    assert_eq!(saved.get::<String>("Key__c").unwrap(), Field::Value(format!("k{n}")));
                    let name = saved.get::<String>("Name").unwrap();
                    let expected = match n % 10 {
                        3 => Field::from("#N/A"),
                        8 => Field::Null,
                        _ => Field::Value(format!("n{n}")),
                    };
                    assert_eq!(name, expected, "{n}");
                }
                RowOutcome::Done { .. } => panic!("{n} was there"),
                RowOutcome::Failed(failure) => {
                    assert_eq!(
                        (n % 10, failure.kind, failure.delivery),
                        (6, ErrorKind::InvalidInput, Delivery::NotSent)
                    );
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_job_cannot_promise_keeps_the_rows_at_calls() {
    for (options, words) in [
        (WriteOptions::new().with_all_or_none(true), "all or none"),
        (WriteOptions::new().with_allow_duplicates(true), "duplicate rules"),
        (WriteOptions::new().with_assignment_rules(AssignmentRules::Run), "assignment rule"),
    ] {
        let served = Served::new(empty().build());
        let org = served.org();
        let mut load = org
            .load_stream(BulkIngest::insert(Account::OBJECT), stream((0..500).map(account)))
            .with_thresholds(above(100))
            .with_options(options.clone());
        let plan = load.plan().await.unwrap().to_string();
        assert!(
            plan.contains("no Bulk job although there are more than 100 rows") && plan.contains(words),
            "{plan}"
        );
        let report = load.run().await.unwrap();
        assert!(report.outcomes.iter().all(RowOutcome::is_done) && report.jobs.is_empty(), "{report:?}");
        assert_eq!((report.outcomes.len(), served.sim.rows(&Account::OBJECT).len()), (500, 500));
    }
    // All or none, and one of them cannot be right: none.
    let served = Served::new(things().build());
    let all = WriteOptions::new().with_all_or_none(true);
    let rows = [thing("a", "a"), Fields::new().set(field!("Name"), "no key"), thing("b", "b")];
    let report = served.org().load(upsert(), rows.clone()).with_options(all).run().await.unwrap();
    let codes: Vec<_> = report.failures().map(|(_, failure)| failure.code.clone()).collect();
    let held = Some(ErrorCode::AllOrNoneOperationRolledBack);
    assert_eq!(codes, [held.clone(), None, held]);
    assert_eq!(served.sim.counters().requests, 0);
    let hard = served.org().load(BulkIngest::hard_delete(Account::OBJECT), rows).run().await.unwrap_err();
    assert_eq!((hard.kind(), hard.delivery()), (ErrorKind::Unsupported, Delivery::NotSent));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn updates_and_deletions_go_either_way() {
    for threshold in [10, 1_000] {
        let served = Served::new(empty().build());
        let org = served.org();
        let load =
            |ingest: BulkIngest, rows: Vec<Account>| org.load(ingest, rows).with_thresholds(above(threshold));
        let report =
            load(BulkIngest::insert(Account::OBJECT), (0..50).map(account).collect()).run().await.unwrap();
        let ids: Vec<_> = report.outcomes.into_iter().map(|o| o.into_result().unwrap().0).collect();
        let changed =
            |id: &sf_core::SfId| Account { id: (*id).into(), phone: "7".into(), ..Account::default() };
        let report =
            load(BulkIngest::update(Account::OBJECT), ids.iter().map(changed).collect()).run().await.unwrap();
        assert!(report.failures().next().is_none(), "{report:?}");
        assert!(
            served
                .sim
                .rows(&Account::OBJECT)
                .iter()
                .all(|row| row.get::<String>("Phone").unwrap() == "7".into())
        );
        let report = org
            .load(BulkIngest::delete(Account::OBJECT), ids)
            .with_thresholds(above(threshold))
            .run()
            .await
            .unwrap();
        assert!(report.failures().next().is_none() && served.sim.rows(&Account::OBJECT).is_empty());
        assert_eq!(report.jobs.len(), usize::from(threshold == 10));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_dropped_sends_no_row_again() {
    let served = Served::new(empty().build());
    let slow = |operation: &str, seconds| {
        let effect = Effect::Slow(std::time::Duration::from_secs(seconds));
        served.sim.inject(Fault::new(On::Operation(operation.into()), effect));
    };
    let soon = std::time::Duration::from_millis(200);
    // By calls: what was under way is unknown, and the rows keep their places.
    slow("composite", 30);
    let never = Thresholds::rest_only();
    let mut load =
        served.org().load(BulkIngest::insert(Account::OBJECT), (0..300).map(account)).with_thresholds(never);
    assert!(tokio::time::timeout(soon, load.run()).await.is_err());
    let report = load.run().await.unwrap();
    assert_eq!(report.outcomes.len(), 300);
    assert!(report.failures().all(|(_, failure)| failure.delivery == Delivery::Unknown));
    assert!(served.sim.rows(&Account::OBJECT).len() <= 300);
    // By a job: it is gone on with.
    let before = served.sim.rows(&Account::OBJECT).len();
    slow("ingest_upload", 3);
    let mut load = served
        .org()
        .load(BulkIngest::insert(Account::OBJECT), (0..300).map(account))
        .with_thresholds(above(10));
    assert!(tokio::time::timeout(soon, load.run()).await.is_err());
    assert!(load.job().is_some());
    let report = load.run().await.unwrap();
    assert!(report.failures().next().is_none(), "{report:?}");
    assert_eq!(served.sim.rows(&Account::OBJECT).len(), before + 300);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_dropped_goes_on_with_the_rows_behind_the_call_that_was_under_way() {
    let served = Served::new(empty().build());
    let slow = Effect::Slow(std::time::Duration::from_secs(30));
    served.sim.inject(Fault::new(On::Operation("composite".into()), slow));
    let rows = (0..10_300).map(account);
    let mut load =
        served.org().load(BulkIngest::insert(Account::OBJECT), rows).with_thresholds(Thresholds::rest_only());
    let soon = std::time::Duration::from_millis(200);
    assert!(tokio::time::timeout(soon, load.run()).await.is_err());
    let report = load.run().await.unwrap();
    assert_eq!(report.outcomes.len(), 10_300);
    assert!(report.failures().all(|(row, failure)| row < 1_000 && failure.delivery == Delivery::Unknown));
    for (n, outcome) in report.outcomes.iter().enumerate().skip(1_000) {
        let id = outcome.clone().into_result().unwrap().0;
        assert_eq!(served.sim.value(id, "Name"), format!("n{n}").into());
    }
    // Once more: nothing is left.
    assert_eq!(load.run().await.unwrap().outcomes, report.outcomes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_is_not_asked_again_after_its_end() {
    let served = Served::new(empty().build());
    for (count, threshold) in [(10, 100), (10, 5), (11, 10), (10, 10)] {
        let mut left = (0..count).map(account).map(Some).chain([None]);
        let rows = std::iter::from_fn(move || left.next().expect("asked after its end"));
        let load = served.org().load(BulkIngest::insert(Account::OBJECT), rows);
        let report = load.with_thresholds(above(threshold)).run().await.unwrap();
        assert_eq!((report.outcomes.len(), report.failures().count()), (count, 0));
    }
}
