//! Crashes, lost answers and dead sessions at each step of a load.
use super::{Served, dropped::until, stream, thing, things, upsert};
use sf_core::{BulkJob, Fields, RowOutcome};
use sf_testorg::{Effect, Fault, On};
use std::time::Duration;

const OPERATIONS: [&str; 5] = ["ingest", "ingest_upload", "ingest_state", "ingest_info", "ingest_results"];

fn rows() -> Vec<Fields> {
    (0..9).map(|n| thing(format!("k{n}"), format!("n{n}"))).collect()
}
fn names() -> Vec<String> {
    (0..9).map(|n| format!("n{n}")).collect()
}
impl Served {
    /// How many jobs still wait for data.
    fn open_jobs(&self) -> usize {
        let request =
            sf_testorg::Request::get("/services/data/v66.0/jobs/ingest").bearer(&self.sim.access_token());
        self.sim.handle(&request).text().matches("\"Open\"").count()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_load_goes_on_after_a_crash_at_any_step_and_no_row_is_there_twice() {
    // Three jobs, each created, uploaded, closed, waited for.
    for steps in 0..=12 {
        for unsaved in [false, true] {
            let served = Served::new(things().build());
            let mut load = served.org().bulk_ingest(upsert().with_part_rows(4), rows());
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
            let report = served.org().bulk_resume_stream(job, stream(rows())).run().await.unwrap();
            assert!(report.outcomes.iter().all(RowOutcome::is_done), "{steps} {unsaved}: {report:?}");
            for (n, outcome) in report.outcomes.iter().enumerate() {
                let id = outcome.clone().into_result().unwrap().0;
                let key = served.sim.row(id).unwrap().get::<String>("Key__c").unwrap();
                assert_eq!(key.into_value(), Some(format!("k{n}")), "{steps} {unsaved}");
            }
            assert_eq!(served.names(), names(), "{steps} {unsaved}");
        }
    }
}

/// Inserts have no key that would hide a second one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_at_any_step_doubles_no_row() {
    for operation in OPERATIONS {
        for effect in [
            Effect::LoseRequest,
            Effect::LoseAnswer,
            Effect::ResetRequest,
            Effect::ResetAnswer,
            Effect::TornBody,
            Effect::Edge { status: 503, retry_after: None },
            Effect::Status(500, "UNKNOWN_EXCEPTION".into()),
        ] {
            let served = Served::new(things().build());
            let name = format!("{operation} {effect:?}");
            let made = matches!(effect, Effect::LoseAnswer | Effect::ResetAnswer | Effect::TornBody);
            served.sim.inject(Fault::new(On::Operation(operation.into()), effect));
            let insert = sf_core::BulkIngest::insert(sf_core::object!("Thing__c"));
            let report = served.org().bulk_ingest_stream(insert, stream(rows())).run().await;
            let report = report.unwrap_or_else(|error| panic!("{name}: {error:?}"));
            assert!(report.outcomes.iter().all(RowOutcome::is_done), "{name}: {report:?}");
            assert_eq!(served.names(), names(), "{name}");
            // Nobody knows the id of a job whose creation was not answered: the org ends it.
            let unknown = usize::from(operation == "ingest" && made);
            assert_eq!(served.open_jobs(), unknown, "{name}: {:?}", served.operations());
        }
    }
}

/// Pain 7: bulk calls do not renew the session.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_dies_in_the_middle_is_renewed_once() {
    for operation in OPERATIONS {
        let served = Served::new(things().build());
        served.sim.inject(Fault::new(On::Operation(operation.into()), Effect::EndSession));
        let report = served.org().bulk_ingest(upsert(), rows()).run().await.unwrap();
        assert!(report.outcomes.iter().all(RowOutcome::is_done), "{operation}: {report:?}");
        assert_eq!((served.names(), served.count("token")), (names(), 1), "{operation}");
        assert_eq!(served.count("ingest"), 1 + usize::from(operation == "ingest"), "{operation}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_is_dropped_loses_nothing() {
    let served = Served::new(things().build());
    for operation in OPERATIONS {
        let on = On::Operation(operation.into());
        served.sim.inject(Fault::new(on, Effect::Slow(Duration::from_millis(500))));
        let before = served.count(operation);
        let mut load = served.org().bulk_ingest(upsert(), rows());
        tokio::select! {
            biased;
            () = until(&served, operation, before + 1) => {}
            report = load.run() => panic!("{operation}: {report:?}"),
        }
        let report = load.run().await.unwrap();
        assert!(report.outcomes.iter().all(RowOutcome::is_done), "{operation}: {report:?}");
        assert_eq!(served.names(), names(), "{operation}");
        served.sim.clear_faults();
    }
}
