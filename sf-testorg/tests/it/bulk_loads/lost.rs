//! Connections that break at each step of a load.
use super::{names, operations, org, thing, things, upsert};
use sf_core::{ErrorKind, Fields};
use sf_testorg::{Effect, Fault, On, TestOrg};

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
                assert_eq!(open_jobs(&test), 0, "{name}: {:?}", operations(&test));
            }
        }
    }
}

#[test]
fn given_another_program_like_ours_when_an_answer_was_lost_then_its_job_is_left_alone() {
    let test = things();
    test.inject(Fault::new(On::Operation("ingest".into()), Effect::LoseAnswer));
    let mut load = org(&test).bulk_ingest(upsert(), rows());
    test.clock().run(async {
        load.step().await.unwrap();
        // At the same time as the lost one, of the same user, for the same object.
        let mut other = org(&test).bulk_ingest(upsert(), rows());
        other.step().await.unwrap();
        load.run().await.unwrap();
        assert!(open_jobs(&test) >= 1);
        assert!(other.run().await.unwrap().outcomes.iter().all(|o| o.is_done()));
    });
}

#[test]
fn given_an_org_that_never_answers_when_loaded_then_it_is_an_error_and_a_later_step_goes_on() {
    let test = things();
    for operation in ["ingest", "ingest_upload"] {
        test.inject(Fault::new(On::Operation(operation.into()), Effect::LoseRequest).times(6));
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
        let slow = Effect::Slow(std::time::Duration::from_secs(3600));
        test.inject(Fault::new(On::Any, slow).skip(skip));
        let mut load = org(&test).bulk_ingest(upsert(), rows());
        test.clock().run(async {
            loop {
                // A step that does not answer at once is dropped.
                let step = load.step();
                let mut step = std::pin::pin!(step);
                let mut asleep = std::pin::pin!(test_sleep(&test));
                let done = std::future::poll_fn(|context| {
                    if let std::task::Poll::Ready(done) = step.as_mut().poll(context) {
                        return std::task::Poll::Ready(Some(done));
                    }
                    asleep.as_mut().poll(context).map(|()| None)
                })
                .await;
                match done {
                    Some(Ok(None)) => break,
                    Some(Ok(Some(_))) | None => {}
                    Some(Err(error)) => panic!("{skip}: {error:?}"),
                }
            }
            assert!(load.report().outcomes.iter().all(sf_core::RowOutcome::is_done), "{skip}");
        });
        assert_eq!(names(&test).len(), 5, "{skip}");
        assert_eq!(open_jobs(&test), 0, "{skip}");
    }
}
async fn test_sleep(test: &TestOrg) {
    use sf_core::Clock;
    let clock = test.clock();
    clock.sleep_until(clock.now() + std::time::Duration::from_secs(600)).await;
}
