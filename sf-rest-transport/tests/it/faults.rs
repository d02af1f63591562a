//! Every fault of the simulated org's catalogue, over HTTP: what is said, what is sent, and what the org then holds.
//!
//! A fault that is added to the catalogue fails the first test until it has a row in the table.
use crate::over_http;
use sf_core::{
    CallOptions, Delivery, ErrorCode, ErrorKind, Failure, Fields, Org, Retry, RowOutcome, SfId, Soql,
    Transport, Write, WriteOptions, field, models::Account, object, protocol::Request,
};
use sf_rest_transport::RestTransport;
use sf_testorg::{Effect, Fault, On, Refusal, Request as Seen, TestOrg};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// What one call is seen to be.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Outcome {
    /// Kind, delivery, Salesforce code, retry class; `None`: it worked.
    failure: Option<(ErrorKind, Delivery, Option<&'static str>, &'static str)>,
    /// Requests that came to the org's door.
    sent: usize,
}
/// A call, sent once ([`CallOptions::attempts`]).
#[derive(Debug, Clone, Copy)]
struct Row {
    once: Outcome,
    /// Without that option it is sent once more, and then it works.
    is_repeated: bool,
    /// What the org holds after the single sending.
    held: usize,
}
/// A fault and what it does to a read, an update of one row, a creation of two rows, and a new Bulk job.
#[derive(Clone)]
struct Line {
    fault: &'static str,
    calls: [Row; 4],
    tokens: usize,
}

const NO: Delivery = Delivery::Refused;
const OPEN: Delivery = Delivery::Unknown;
/// Of a read nothing, the row's new value, both new rows, the job.
const ALL: [usize; 4] = [0, 1, 2, 1];
const NOTHING: [usize; 4] = [0; 4];

fn line(
    fault: &'static str,
    failure: Option<(ErrorKind, Delivery, Option<&'static str>, &'static str)>,
    repeated: [bool; 2],
    held: [usize; 4],
) -> Line {
    let row = |at: usize| {
        let failure = failure.map(|(kind, delivery, code, retry)| {
            // Of a read nothing is in doubt that matters: see the comparison below.
            (kind, if at == 0 { NO } else { delivery }, code, retry)
        });
        Row { once: Outcome { failure, sent: 1 }, is_repeated: repeated[usize::from(at > 0)], held: held[at] }
    };
    Line { fault, calls: [row(0), row(1), row(2), row(3)], tokens: 0 }
}
/// It works, at the first sending.
fn fine(fault: &'static str) -> Line {
    line(fault, None, [false, false], ALL)
}
/// A read is repeated and a write is in doubt; `held` says what the org did of it.
fn doubt(fault: &'static str, kind: ErrorKind, code: Option<&'static str>, held: [usize; 4]) -> Line {
    line(fault, Some((kind, OPEN, code, "backoff")), [true, false], held)
}
/// The org did nothing and said so.
fn refused(
    fault: &'static str,
    kind: ErrorKind,
    code: Option<&'static str>,
    retry: &'static str,
    is_repeated: bool,
) -> Line {
    line(fault, Some((kind, NO, code, retry)), [is_repeated, is_repeated], NOTHING)
}
/// One new token, then the same again.
fn renewed(fault: &'static str) -> Line {
    let mut line = fine(fault);
    line.calls.iter_mut().for_each(|row| row.once.sent = 2);
    line.tokens = 1;
    line
}
/// Only these calls are hit: 0 the read, 1 the update, 2 the creation, 3 the job.
fn only(line: Line, hit: &[usize]) -> Line {
    let fine = fine(line.fault);
    let mut calls = line.calls;
    for (at, call) in calls.iter_mut().enumerate() {
        if !hit.contains(&at) {
            *call = fine.calls[at];
        }
    }
    Line { calls, ..line }
}
/// A creation of which one row is refused keeps the other.
fn one_of_two(mut line: Line) -> Line {
    line.calls[2].held = 1;
    line
}

fn table() -> Vec<Line> {
    use ErrorKind::*;
    let unknown = Some("UNKNOWN_EXCEPTION");
    let limit = Some("REQUEST_LIMIT_EXCEEDED");
    let disabled = Some("API_CURRENTLY_DISABLED");
    let mut duplicate = fine(r#""duplicate""#);
    (duplicate.calls[2].held, duplicate.calls[3].held) = (4, 2);
    let mut pages = fine(r#"{"short_page":1}"#);
    pages.calls[0].once.sent = 2;
    let lost = (CursorLost, NO, Some("INVALID_QUERY_LOCATOR"), "restart");
    let mut locators = only(line(r#""lose_locators""#, Some(lost), [false, false], NOTHING), &[0]);
    locators.calls[0].once.sent = 2;
    let trigger = Some("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY");
    let picklist = Some("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST");
    let gone = |fault| only(refused(fault, InvalidInput, Some("INVALID_FIELD"), "never", false), &[0, 1, 2]);
    vec![
        doubt(r#""lose_request""#, Network, None, NOTHING),
        doubt(r#""lose_answer""#, Network, None, ALL),
        doubt(r#""reset_request""#, Network, None, NOTHING),
        doubt(r#""reset_answer""#, Network, None, ALL),
        duplicate,
        // Ten minutes later it is done: see below.
        doubt(r#"{"commit_late":600000}"#, Network, None, NOTHING),
        doubt(r#"{"slow":30000}"#, Timeout, None, ALL),
        doubt(r#""torn_body""#, Network, None, ALL),
        doubt(r#"{"status":[500,"UNKNOWN_EXCEPTION"]}"#, Unavailable, unknown, NOTHING),
        doubt(
            r#"{"page":[502,"<html><body><h1>502 Bad Gateway</h1></body></html>"]}"#,
            Unavailable,
            None,
            NOTHING,
        ),
        one_of_two(only(
            refused(
                r#"{"row_error":["CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY","Guard: execution of BeforeUpdate caused by: System.NullPointerException"]}"#,
                Refused,
                trigger,
                "never",
                false,
            ),
            &[1, 2],
        )),
        one_of_two(only(
            refused(r#""row_lock""#, Locked, Some("UNABLE_TO_LOCK_ROW"), "lock", false),
            &[1, 2],
        )),
        pages,
        locators,
        fine(r#""gap_events""#),
        fine(r#""overflow_events""#),
        renewed(r#""end_session""#),
        renewed(r#"{"move_instance":"https://moved.example"}"#),
        gone(r#"{"hide_field":{"object":"Account","field":"CX_Play__c"}}"#),
        gone(r#"{"remove_field":{"object":"Account","field":"CX_Play__c"}}"#),
        only(
            refused(
                r#"{"close_picklist":{"object":"Account","field":"CX_Play__c","value":"Grow"}}"#,
                Refused,
                picklist,
                "never",
                false,
            ),
            &[1, 2],
        ),
        fine(r#"{"skew_clock":300000}"#),
        fine(r#"{"skew_clock":-300000}"#),
        fine(r#"{"deactivate_user":"0055e0000000002AAA"}"#),
        doubt(r#"{"edge":{"status":420}}"#, Unavailable, None, NOTHING),
        refused(r#"{"edge":{"status":429}}"#, LimitReached, None, "backoff", true),
        doubt(r#"{"edge":{"status":500}}"#, Unavailable, None, NOTHING),
        doubt(r#"{"edge":{"status":502}}"#, Unavailable, None, NOTHING),
        doubt(r#"{"edge":{"status":503}}"#, Unavailable, None, NOTHING),
        doubt(r#"{"edge":{"status":504}}"#, Timeout, None, NOTHING),
        // Two minutes are the caller's decision.
        line(
            r#"{"edge":{"status":503,"retry_after":{"seconds":120}}}"#,
            Some((Unavailable, OPEN, None, "backoff")),
            [false, false],
            NOTHING,
        ),
        line(
            r#"{"edge":{"status":503,"retry_after":{"date":120}}}"#,
            Some((Unavailable, OPEN, None, "backoff")),
            [false, false],
            NOTHING,
        ),
        renewed(r#"{"refuse":"session_expired"}"#),
        refused(
            r#"{"refuse":"session_not_for_rest"}"#,
            Forbidden,
            Some("INVALID_SESSION_ID"),
            "never",
            false,
        ),
        renewed(r#"{"refuse":"jwt_expired"}"#),
        // Pain 38: one code, three limits: stop, slow down, wait (five seconds; the call has four).
        refused(r#"{"refuse":"daily_limit"}"#, LimitReached, limit, "quota", false),
        refused(r#"{"refuse":"concurrent_requests"}"#, LimitReached, limit, "backoff", true),
        refused(r#"{"refuse":"concurrent_long_transactions"}"#, LimitReached, limit, "backoff", false),
        refused(
            r#"{"refuse":"api_disabled_for_org"}"#,
            Forbidden,
            Some("API_DISABLED_FOR_ORG"),
            "never",
            false,
        ),
        refused(r#"{"refuse":"api_disabled_for_user"}"#, Forbidden, disabled, "never", false),
        refused(r#"{"refuse":"api_currently_disabled"}"#, Unavailable, disabled, "backoff", true),
        refused(r#"{"refuse":"query_timeout"}"#, Timeout, Some("QUERY_TIMEOUT"), "backoff", true),
        doubt(r#"{"refuse":"server_unavailable"}"#, Unavailable, Some("SERVER_UNAVAILABLE"), NOTHING),
        doubt(r#"{"refuse":"unknown"}"#, Unavailable, unknown, NOTHING),
    ]
}
fn name(fault: &Fault) -> String {
    serde_json::to_string(&fault.effect).unwrap()
}

#[test]
fn every_fault_of_the_catalogue_has_its_row() {
    let catalogue: Vec<String> = Fault::catalogue().iter().map(name).collect();
    let table: Vec<&str> = table().iter().map(|line| line.fault).collect();
    assert_eq!(catalogue, table);
    assert_eq!(catalogue.iter().collect::<BTreeSet<_>>().len(), catalogue.len());
}

/// Pain 35: a create is never sent twice, whatever became of the first.
/// Pain 38: three limits under one code are three things to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_told_as_what_it_is_and_no_write_is_sent_blindly_again() {
    let mut wrong = Vec::new();
    // Pauses overlap; those of the slow answer, which are real, too.
    let places = Arc::new(Semaphore::new(12));
    let mut runs = Vec::new();
    for (fault, line) in Fault::catalogue().into_iter().zip(table()) {
        let groups: Vec<Vec<usize>> = match fault.effect {
            Effect::Slow(_) => (0..4).map(|at| vec![at]).collect(),
            _ => vec![(0..4).collect()],
        };
        for group in groups {
            let (fault, line, places) = (fault.clone(), line.clone(), places.clone());
            runs.push(tokio::spawn(async move {
                let _place = places.acquire().await.unwrap();
                check(fault, line, group).await
            }));
        }
    }
    for run in runs {
        wrong.extend(run.await.unwrap());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is not as the line says.
async fn check(fault: Fault, line: Line, calls: Vec<usize>) -> Vec<String> {
    let mut wrong = Vec::new();
    let (mut once, mut again) = (Case::begin(&fault), None);
    for at in calls {
        let row = line.calls[at];
        let case = format!("{} on call {at}", line.fault);
        once.arm(&fault);
        // With repeats; beside the other, because a slow answer is waited for.
        let repeated = async {
            row.once.failure?;
            let again: &mut Case = again.get_or_insert_with(|| Case::begin(&fault));
            again.arm(&fault);
            Some((again.perform(at, None).await, again.sent(), again.held(at)))
        };
        let (failure, repeated) = tokio::join!(once.perform(at, Some(1)), repeated);
        let seen = Outcome { failure: failure.as_ref().map(|failure| facts(failure, at)), sent: once.sent() };
        let (held, tokens) = (once.held(at), once.token_requests());
        if (seen, held, tokens) != (row.once, row.held, line.tokens) {
            wrong.push(format!("{case}: {seen:?}, {held} held, {tokens} token requests, not {row:?}"));
        }
        if let Effect::CommitLate(after) = fault.effect {
            once.sim.clock().advance(after);
            once.sim.settle();
            if once.held(at) != ALL[at] {
                wrong.push(format!("{case}: {} held ten minutes later", once.held(at)));
            }
        }
        let Some(failure) = failure else { continue };
        let help = failure.help();
        if help.cause.len() < 10 || help.next_step.len() < 10 {
            wrong.push(format!("{case}: {help:?} does not help"));
        }
        let Some((failure, sent, saved)) = repeated else { continue };
        let expected = row.once.sent + usize::from(row.is_repeated);
        let held = if row.is_repeated { ALL[at] } else { row.held };
        if (sent, failure.is_some(), saved) != (expected, !row.is_repeated, held) {
            wrong.push(format!("{case}, with repeats: sent {sent} times, {saved} held, {failure:?}"));
        }
    }
    wrong
}
fn facts(failure: &Failure, at: usize) -> (ErrorKind, Delivery, Option<&'static str>, &'static str) {
    let code = failure.code.as_ref().map(|code| {
        ErrorCode::KNOWN.iter().find(|known| *known == code).map_or("an unknown code", ErrorCode::as_str)
    });
    let retry = match failure.retry() {
        Retry::Never => "never",
        Retry::Backoff { .. } => "backoff",
        Retry::Lock => "lock",
        Retry::Quota => "quota",
        Retry::SignIn => "sign in",
        Retry::Restart => "restart",
        Retry::Split => "split",
        Retry::Sibling => "sibling",
        _ => "another",
    };
    (failure.kind, if at == 0 { NO } else { failure.delivery }, code, retry)
}

struct Case {
    sim: TestOrg,
    rest: RestTransport,
    row: SfId,
    before: usize,
    time: Duration,
    server: sf_testorg::Server,
}
const PLAY: sf_core::FieldName = field!("CX_Play__c");
fn account(name: &str, play: &str) -> Fields {
    Fields::new().set(field!("Name"), name).set(PLAY, play)
}

impl Case {
    /// An org with three accounts, signed in.
    fn begin(fault: &Fault) -> Case {
        let page_size = if fault.effect == Effect::LoseLocators { 2 } else { 2_000 };
        let sim = TestOrg::builder().dataset(sf_testorg::demo::Dataset::Empty).page_size(page_size).build();
        let rows = ["a", "b", "c"].map(|name| {
            sim.apply(Write::Insert { object: object!("Account"), fields: account(name, "Renew") }).unwrap()
        });
        let server = sim.serve().unwrap();
        let idle =
            Duration::from_millis(if matches!(fault.effect, Effect::Slow(_)) { 6_000 } else { 20_000 });
        let rest = over_http::renewing(&sim, &server).idle_timeout(idle).connect().unwrap();
        let is_long = fault.effect == Effect::Refuse(Refusal::ConcurrentLongTransactions);
        let time = Duration::from_secs(if is_long { 4 } else { 30 });
        Case { sim, rest, row: rows[0], before: 0, time, server }
    }

    /// For the next call.
    fn arm(&mut self, fault: &Fault) {
        let mut fault = fault.clone();
        match &mut fault.effect {
            // Where the same server has another name.
            Effect::MoveInstance(url) => *url = self.server.url().replace("127.0.0.1", "localhost"),
            Effect::LoseLocators => fault.on = On::Operation("query_more".into()),
            _ => {}
        }
        self.sim.clear_faults();
        self.before = self.sim.calls().len();
        self.sim.inject(fault);
    }

    async fn perform(&self, at: usize, attempts: Option<u32>) -> Option<Failure> {
        // Long transactions are waited for five seconds.
        let call = CallOptions::new().with_attempts(attempts).with_timeout(self.time);
        let options = WriteOptions::new().with_call(call.clone());
        let write = |rows: Vec<Write>| async move {
            match self.rest.write(&rows, &options).await {
                Ok(outcomes) => {
                    assert_eq!(outcomes.len(), rows.len());
                    outcomes.iter().find_map(RowOutcome::failure).cloned()
                }
                Err(error) => {
                    assert_ne!(error.delivery(), Delivery::Unknown);
                    Some(error.into_failure())
                }
            }
        };
        match at {
            0 => {
                let soql = Soql::raw("SELECT Id, Name, CX_Play__c FROM Account ORDER BY Name");
                let rows = Org::new(self.rest.clone()).with_call(call).query(soql.typed::<Account>()).all();
                match rows.await {
                    Ok(rows) => {
                        assert_eq!(rows.len(), 3);
                        None
                    }
                    Err(error) => Some(error.into_failure()),
                }
            }
            1 => {
                let fields = Fields::new().set(PLAY, "Grow");
                let object = object!("Account");
                write(vec![Write::Update { object, id: self.row, fields, if_unmodified_since: None }]).await
            }
            2 => {
                let insert =
                    |name| Write::Insert { object: object!("Account"), fields: account(name, "Grow") };
                write(vec![insert("new one"), insert("new two")]).await
            }
            _ => {
                let job = r#"{"object":"Account","operation":"insert"}"#;
                let request = Request::post(["jobs", "ingest"]).with_json(job);
                self.rest.call(&request, &call).await.err().map(sf_core::Error::into_failure)
            }
        }
    }

    /// Requests to the data API since the fault was armed, but for those of `held`.
    fn sent(&self) -> usize {
        let log = self.sim.calls();
        let calls = log[self.before..].iter().filter(|call| call.target.starts_with("/services/data/"));
        calls.filter(|call| call.operation() != "ingest_list").count()
    }
    fn token_requests(&self) -> usize {
        self.sim.calls()[self.before..].iter().filter(|call| call.operation() == "token").count()
    }
    /// What came of the call, seen from the other side.
    fn held(&self, at: usize) -> usize {
        let accounts = || self.sim.rows(&object!("Account"));
        let has = |row: &sf_core::Record, field: &str, text: &str| {
            row.value(field).is_some_and(|value| value.as_str() == Some(text))
        };
        match at {
            0 => 0,
            1 => usize::from(has(&self.sim.row(self.row).unwrap(), "CX_Play__c", "Grow")),
            2 => accounts()
                .iter()
                .filter(|row| has(row, "Name", "new one") || has(row, "Name", "new two"))
                .count(),
            _ => {
                self.sim.clear_faults();
                let list = Seen::get("/services/data/v66.0/jobs/ingest").bearer(&self.sim.access_token());
                let answer = self.sim.handle(&list);
                answer.text().matches("\"operation\":\"insert\"").count()
            }
        }
    }
}
