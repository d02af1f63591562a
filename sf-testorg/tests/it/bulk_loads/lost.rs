//! Connections that break at each step of a load.
use super::{answer_or_drop, names, operations, org, thing, things, upsert};
use sf_core::{BulkLoad, CallOptions, ErrorKind, Fields, RowOutcome};
use sf_testorg::{Effect, Fault, On, Refusal, TestOrg};
use std::time::Duration;

const OPERATIONS: [&str; 5] = ["ingest", "ingest_upload", "ingest_state", "ingest_info", "ingest_results"];

fn rows() -> Vec<Fields> {
    (0..5).map(|n| thing(format!("k{n}"), &format!("n{n}"))).collect()
}
/// No job of the org waits for data any more.
fn open_jobs(test: &TestOrg) -> usize {
    let request = sf_testorg::Request::get("/services/data/v66.0/jobs/ingest").bearer(&test.access_token());
    test.handle(&request).text().matches("\"Open\"").count()
}

#[test]
fn given_any_lost_message_when_loaded_then_every_row_is_there_once_and_its_outcome_is_known() {
    for operation in OPERATIONS {
        for effect in [
            Effect::LoseRequest,
            Effect::LoseAnswer,
            Effect::ResetRequest,
            Effect::ResetAnswer,
            Effect::TornBody,
            Effect::Edge { status: 503, retry_after: None },
            Effect::Page(502, "<html>Bad Gateway</html>".into()),
            Effect::Status(500, "UNKNOWN_EXCEPTION".into()),
            Effect::EndSession,
        ] {
            for times in [1, 2] {
                // A second dead token for one request is told to the caller, as everywhere.
                if effect == Effect::EndSession && times == 2 {
                    continue;
                }
                let test = things();
                let name = format!("{operation} {effect:?} {times}");
                test.inject(Fault::new(On::Operation(operation.into()), effect.clone()).times(times));
                let report = test.clock().run(org(&test).bulk_ingest(super::upsert(), rows()).run());
                let report = report.unwrap_or_else(|error| panic!("{name}: {error:?}"));
                assert!(report.outcomes.iter().all(sf_core::RowOutcome::is_done), "{name}: {report:?}");
                assert_eq!(names(&test), ["n0", "n1", "n2", "n3", "n4"], "{name}");
                // Nobody knows the id of a job whose creation was not answered: the org ends it.
                let made = [Effect::LoseAnswer, Effect::ResetAnswer, Effect::TornBody].contains(&effect);
                let unknown = if operation == "ingest" && made { times as usize } else { 0 };
                assert_eq!(open_jobs(&test), unknown, "{name}: {:?}", operations(&test));
            }
        }
    }
}

#[test]
fn given_another_program_like_ours_when_a_message_was_lost_then_its_job_is_left_alone() {
    for effect in [Effect::LoseRequest, Effect::LoseAnswer] {
        let test = things();
        test.inject(Fault::new(On::Operation("ingest".into()), effect));
        let mut load = org(&test).bulk_ingest(upsert(), rows());
        test.clock().run(async {
            load.step().await.unwrap();
            // At the same time as the lost one, of the same user, for the same object.
            let mut other = org(&test).bulk_ingest(upsert(), rows());
            other.step().await.unwrap();
            load.run().await.unwrap();
            assert!(open_jobs(&test) >= 1);
            assert!(other.run().await.unwrap().outcomes.iter().all(RowOutcome::is_done));
        });
    }
}

/// The upload of the first job is not answered, so another job takes its rows; and then something else goes wrong.
#[test]
fn given_trouble_while_a_job_is_replaced_when_gone_on_with_then_every_row_is_there_once() {
    let daily = Effect::Refuse(Refusal::DailyLimit);
    for (operation, effect, times) in [
        ("ingest_state", Effect::LoseAnswer, 1),
        ("ingest_state", Effect::LoseAnswer, 6),
        ("ingest_state", Effect::LoseRequest, 4),
        ("ingest", Effect::Edge { status: 503, retry_after: None }, 6),
        ("ingest", Effect::LoseRequest, 6),
        ("ingest", daily, 1),
    ] {
        for skip in [0, 1] {
            let test = things();
            let name = format!("{operation} {effect:?} {times} {skip}");
            test.inject(Fault::new(On::Operation("ingest_upload".into()), Effect::LoseAnswer));
            test.inject(Fault::new(On::Operation(operation.into()), effect.clone()).skip(skip).times(times));
            let mut load = org(&test).bulk_ingest(upsert(), rows());
            let report = test.clock().run(async {
                for _ in 0..4 {
                    if let Ok(report) = load.run().await {
                        return report;
                    }
                }
                panic!("{name}: it does not end")
            });
            assert!(report.outcomes.iter().all(RowOutcome::is_done), "{name}: {report:?}");
            assert_eq!(names(&test), ["n0", "n1", "n2", "n3", "n4"], "{name}");
            assert_eq!(open_jobs(&test), 0, "{name}: {:?}", operations(&test));
        }
    }
}

/// One sending a request is for who repeats by himself: each run ends with the error, and the next one goes on.
#[test]
fn given_one_sending_a_request_when_a_load_is_resumed_or_goes_on_then_its_rows_are_sent() {
    let once = |test: &TestOrg| org(test).with_call(CallOptions::new().with_attempts(1));
    // Saved between the making of the job and its upload.
    let test = things();
    let mut load = once(&test).bulk_ingest(upsert(), rows());
    test.clock().run(load.step()).unwrap();
    let job = load.job().clone();
    drop(load);
    let report = test.clock().run(once(&test).bulk_resume(job, rows()).run()).unwrap();
    assert!(report.outcomes.iter().all(RowOutcome::is_done), "{report:?}");
    assert_eq!((names(&test).len(), open_jobs(&test)), (5, 0));

    let test = things();
    test.inject(Fault::new(On::Operation("ingest_upload".into()), Effect::LoseAnswer).times(2));
    let mut load = once(&test).bulk_ingest(upsert(), rows());
    test.clock().run(async {
        for _ in 0..2 {
            let error = load.run().await.unwrap_err();
            assert!(error.to_string().contains("uploads in a row without an answer: 1"), "{error}");
        }
        assert!(load.run().await.unwrap().outcomes.iter().all(RowOutcome::is_done));
    });
    assert_eq!((names(&test).len(), open_jobs(&test)), (5, 0));
}

#[test]
fn given_a_step_that_is_dropped_while_a_job_is_replaced_when_stepped_again_then_no_row_is_lost() {
    for skip in 0..9 {
        let test = things();
        test.inject(Fault::new(On::Operation("ingest_upload".into()), Effect::LoseAnswer));
        test.inject(Fault::new(On::Any, Effect::Slow(Duration::from_secs(3600))).skip(skip));
        let mut load = org(&test).bulk_ingest(upsert(), rows());
        test.clock().run(async { while step_or_drop(&mut load, &test).await {} });
        assert!(load.report().outcomes.iter().all(RowOutcome::is_done), "{skip}: {:?}", load.report());
        assert_eq!(names(&test), ["n0", "n1", "n2", "n3", "n4"], "{skip}");
    }
}

#[test]
fn given_a_crash_after_a_job_was_replaced_when_resumed_from_before_then_every_row_is_there_once() {
    for steps in 0..=2 {
        let test = things();
        test.inject(Fault::new(On::Operation("ingest_upload".into()), Effect::LoseAnswer));
        test.clock().run(async {
            let mut load = org(&test).bulk_ingest(upsert(), rows());
            load.step().await.unwrap();
            load.step().await.unwrap();
            let saved = load.job().clone();
            // Another job, and its upload, which nobody saved.
            for _ in 0..steps {
                load.step().await.unwrap();
            }
            drop(load);
            let report = org(&test).bulk_resume(saved, rows()).run().await.unwrap();
            assert!(report.outcomes.iter().all(RowOutcome::is_done), "{steps}: {report:?}");
        });
        assert_eq!(names(&test), ["n0", "n1", "n2", "n3", "n4"], "{steps}");
    }
}

#[test]
fn given_a_job_that_cannot_be_aborted_when_a_load_is_aborted_then_its_other_jobs_are() {
    let load_of_three = |test: &TestOrg| {
        let mut load = org(test).bulk_ingest(upsert().with_part_rows(2), rows());
        test.clock().run(async {
            while load.job().parts.len() < 3 {
                load.step().await.unwrap();
            }
        });
        load.job().clone()
    };
    let over = |test: &TestOrg, job: &sf_core::BulkJob| -> Vec<bool> {
        let infos = test.clock().run(job.status(&org(test))).unwrap();
        infos.iter().map(|info| info.state == sf_core::protocol::bulk::JobState::Aborted).collect()
    };
    // Its answer is lost, and a repeat is refused, as it is over.
    let test = things();
    let job = load_of_three(&test);
    test.inject(Fault::new(On::Operation("ingest_state".into()), Effect::LoseAnswer));
    test.clock().run(job.abort(&org(&test))).unwrap();
    assert_eq!(over(&test, &job), [true, true, true]);
    // It is refused.
    let test = things();
    let job = load_of_three(&test);
    let first = On::Route(format!("PATCH /services/data/*/jobs/ingest/{}", job.parts[0].id));
    test.inject(Fault::new(first, Effect::Refuse(Refusal::ApiDisabledForUser)));
    test.clock().run(job.abort(&org(&test))).unwrap_err();
    assert_eq!(over(&test, &job), [false, true, true]);
}

#[test]
fn given_an_org_that_never_answers_when_loaded_then_it_is_an_error_and_a_later_step_goes_on() {
    let test = things();
    for operation in ["ingest", "ingest_upload", "ingest_state"] {
        test.inject(Fault::new(On::Operation(operation.into()), Effect::LoseRequest).times(9));
        let mut load = org(&test).bulk_ingest(upsert(), rows());
        test.clock().run(async {
            let mut errors = Vec::new();
            let report = loop {
                match load.run().await {
                    Ok(report) => break report,
                    Err(error) => errors.push(error),
                }
            };
            assert!((1..4).contains(&errors.len()), "{operation}: {errors:?}");
            assert_eq!(errors[0].kind(), ErrorKind::Network);
            assert!(report.outcomes.iter().all(sf_core::RowOutcome::is_done));
            assert_eq!(names(&test).len(), 5);
        });
    }
}

/// Pain 7: bulk calls do not renew the session.
#[test]
fn given_a_session_that_ends_at_any_request_when_loaded_then_it_is_renewed() {
    let requests = {
        let test = things();
        test.clock().run(org(&test).bulk_ingest(upsert(), rows()).run()).unwrap();
        test.counters().requests
    };
    for call in 1..=requests {
        let test = things();
        test.inject(Fault::new(On::Call(call), Effect::EndSession));
        let report = test.clock().run(org(&test).bulk_ingest(upsert(), rows()).run()).unwrap();
        assert!(report.outcomes.iter().all(sf_core::RowOutcome::is_done), "call {call}");
    }
}

#[test]
fn given_a_step_that_is_dropped_when_stepped_again_then_no_row_is_doubled() {
    for skip in 0..6 {
        let test = things();
        test.inject(Fault::new(On::Any, Effect::Slow(Duration::from_secs(3600))).skip(skip));
        let mut load = org(&test).bulk_ingest(upsert(), rows());
        test.clock().run(async { while step_or_drop(&mut load, &test).await {} });
        assert!(load.report().outcomes.iter().all(RowOutcome::is_done), "{skip}");
        assert_eq!(names(&test).len(), 5, "{skip}");
        // The first request makes a job of which nobody knows.
        assert_eq!(open_jobs(&test), usize::from(skip == 0), "{skip}");
    }
}
/// False: it was the last.
async fn step_or_drop(load: &mut BulkLoad, test: &TestOrg) -> bool {
    answer_or_drop(load.step(), test).await.is_none_or(|step| step.unwrap().is_some())
}
