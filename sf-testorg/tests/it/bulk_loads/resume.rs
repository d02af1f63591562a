//! Loads that end in the middle, and go on from what was saved.
use super::{names, operations, org, thing, things, upsert};
use sf_core::{BulkJob, Clock, Delivery, ErrorKind, Fields, RowOutcome};
use sf_testorg::{Effect, Fault, On};
use std::time::Duration;

fn rows() -> Vec<Fields> {
    let mut rows: Vec<Fields> = (0..9).map(|n| thing(format!("k{n}"), &format!("n{n}"))).collect();
    rows[4] = thing("x", "#N/A");
    rows
}

/// Pain 64: what was begun cannot be found again.
#[test]
fn given_a_crash_after_any_step_when_resumed_from_what_was_saved_then_every_row_is_there_once() {
    let ingest = upsert().with_part_rows(4);
    for steps in 0..=9 {
        for unsaved in [false, true] {
            let test = things();
            test.clock().run(async {
                let mut load = org(&test).bulk_ingest(ingest.clone(), rows());
                let mut saved = serde_json::to_string(load.job()).unwrap();
                for _ in 0..steps {
                    if let Some(job) = load.step().await.unwrap() {
                        saved = serde_json::to_string(job).unwrap();
                    }
                }
                if unsaved {
                    // The next step is made, and the crash comes before it is saved.
                    load.step().await.unwrap();
                }
                drop(load);
                let job: BulkJob = serde_json::from_str(&saved).unwrap();
                let report = org(&test).bulk_resume(job, rows()).run().await.unwrap();
                let done = report.outcomes.iter().filter(|outcome| outcome.is_done()).count();
                assert_eq!((done, report.outcomes.len()), (8, 9), "{steps} {unsaved}: {report:?}");
                for (n, outcome) in report.outcomes.iter().enumerate().filter(|(n, _)| *n != 4) {
                    let id = outcome.clone().into_result().unwrap().0;
                    let key = test.row(id).unwrap().get::<String>("Key__c").unwrap();
                    assert_eq!(key.into_value(), Some(format!("k{n}")), "{steps} {unsaved}");
                }
            });
            assert_eq!(names(&test).len(), 8, "{steps} {unsaved}");
        }
    }
}

#[test]
fn given_a_crash_between_upload_and_its_answer_when_resumed_then_another_job_takes_the_rows() {
    let test = things();
    test.clock().run(async {
        let mut load = org(&test).bulk_ingest(upsert(), rows());
        let saved = load.step().await.unwrap().unwrap().clone();
        load.step().await.unwrap();
        let old = saved.parts[0].id;
        let mut load = org(&test).bulk_resume(saved, rows());
        let report = load.run().await.unwrap();
        assert_eq!(report.outcomes.iter().filter(|outcome| outcome.is_done()).count(), 8);
        assert_eq!(load.job().replaced, [old]);
        assert_eq!(report.jobs.len(), 1);
    });
    assert_eq!(operations(&test).iter().filter(|name| **name == "ingest_upload").count(), 2);
}

#[test]
fn given_other_rows_when_resumed_then_nothing_is_sent() {
    let test = things();
    test.clock().run(async {
        let mut load = org(&test).bulk_ingest(upsert(), rows());
        let saved = load.step().await.unwrap().unwrap().clone();
        let before = test.counters().requests;
        let mut other = rows();
        other[0] = thing("k0", "changed");
        let error = org(&test).bulk_resume(saved, other).run().await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent));
        assert_eq!(test.counters().requests, before);
    });
}

#[test]
fn given_rows_for_some_of_its_jobs_when_resumed_then_it_is_an_error_and_not_a_wait() {
    let test = things();
    test.clock().run(async {
        let mut load = org(&test).bulk_ingest(upsert().with_part_rows(4), rows());
        while load.job().parts.len() < 2 {
            load.step().await.unwrap();
        }
        let saved = load.job().clone();
        let begun = test.clock().now();
        for rows in [rows()[..4].to_vec(), Vec::new()] {
            let mut load = org(&test).bulk_resume(saved.clone(), rows);
            let error = load.run().await.unwrap_err();
            assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent));
            assert!(error.help().next_step.contains("same rows"), "{}", error.help());
            // Whoever gives it up does not need them.
            load.abort().await.unwrap();
            load.run().await.unwrap();
        }
        assert!(test.clock().now() < begun + Duration::from_secs(60));
    });
}

#[test]
fn given_jobs_of_no_rows_when_loaded_then_each_row_is_a_job() {
    let test = things();
    let mut ingest = upsert();
    ingest.part_rows = 0;
    let report = test.clock().run(org(&test).bulk_ingest(ingest, rows()).run()).unwrap();
    assert_eq!((report.jobs.len(), report.failures().count()), (8, 1));
}

#[test]
fn given_a_job_that_is_gone_when_resumed_then_its_rows_are_unknown() {
    for steps in [2, 3] {
        let test = things();
        test.clock().run(async {
            let mut load = org(&test).bulk_ingest(upsert(), rows());
            for _ in 0..steps {
                load.step().await.unwrap();
            }
            let saved = load.job().clone();
            drop(load);
            test.clock().advance(Duration::from_secs(9 * 24 * 3600));
            let report = org(&test).bulk_resume(saved, rows()).run().await.unwrap();
            for (n, failure) in report.failures().filter(|(n, _)| *n != 4) {
                assert_eq!(failure.delivery, Delivery::Unknown, "{steps} {n}");
                assert!(failure.help().next_step.contains("seven days"));
            }
            assert_eq!(report.failures().count(), 9, "{steps}");
        });
    }
}

#[test]
fn given_a_job_that_somebody_aborted_when_loaded_then_its_rows_are_refused() {
    let test = things();
    test.clock().run(async {
        for steps in [1, 2, 3] {
            let mut load = org(&test).bulk_ingest(upsert(), rows());
            for _ in 0..steps {
                load.step().await.unwrap();
            }
            load.job().abort(&org(&test)).await.unwrap();
            let report = loop {
                match load.run().await {
                    Ok(report) => break report,
                    Err(error) => assert_eq!(error.delivery(), Delivery::Refused, "{steps}: {error:?}"),
                }
            };
            for outcome in &report.outcomes {
                let RowOutcome::Failed(failure) = outcome else { panic!("{steps}: {outcome:?}") };
                assert_ne!(failure.delivery, Delivery::Unknown, "{steps}: {failure:?}");
            }
        }
    });
    assert!(names(&test).is_empty());
}

#[test]
fn given_results_that_break_off_when_read_then_they_are_read_again() {
    let test = things();
    test.inject(Fault::new(On::Operation("ingest_results".into()), Effect::TornBody).times(2));
    let report = test.clock().run(org(&test).bulk_ingest(upsert(), rows()).run()).unwrap();
    assert_eq!(report.outcomes.iter().filter(|outcome| outcome.is_done()).count(), 8);
}
