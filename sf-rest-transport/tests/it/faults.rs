//! Every fault of the simulated org's catalogue, over HTTP: what is said, what is sent, and what the org then holds.
//!
//! A fault that is added to the catalogue fails the first test until it has a row in the table.
use crate::over_http;
use sf_core::{
    CallOptions, Delivery, ErrorCode, ErrorKind, Failure, Fields, Org, Retry, RowOutcome, SfId, Soql,
    Transport, Write, WriteOptions, field, models::Account, object, protocol::Request,
};
use sf_rest_transport::RestTransport;
use sf_testorg::{Effect, Fault, On, Request as Seen, TestOrg};
use std::{collections::BTreeSet, time::Duration};

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
        // Pain 38: one code, three limits: stop, slow down, wait (five seconds; the call has three).
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
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_told_as_what_it_is_and_no_write_is_sent_blindly_again() {
    let mut wrong = Vec::new();
    let mut cases = Vec::new();
    for (fault, line) in Fault::catalogue().into_iter().zip(table()) {
        cases.extend((0..4).map(|at| (fault.clone(), at, line.calls[at], line.tokens)));
    }
    // Pauses overlap.
    for chunk in cases.chunks(16) {
        let runs: Vec<_> = chunk.iter().cloned().map(|case| tokio::spawn(check(case))).collect();
        for run in runs {
            wrong.extend(run.await.unwrap().err());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn check((fault, at, row, tokens): (Fault, usize, Row, usize)) -> Result<(), String> {
    let case = format!("{} on call {at}", name(&fault));
    let once = Case::begin(&fault).await;
    let failure = once.perform(at, Some(1)).await;
    let seen = Outcome { failure: failure.as_ref().map(|failure| facts(failure, at)), sent: once.sent() };
    let held = once.held(at);
    if (seen, held) != (row.once, row.held) {
        return Err(format!("{case}: {seen:?} and {held} held, expected {:?} and {}", row.once, row.held));
    }
    if once.token_requests() != tokens {
        return Err(format!("{case}: {} token requests", once.token_requests()));
    }
    if let Some(failure) = &failure {
        let help = failure.help();
        if help.cause.len() < 10 || help.next_step.len() < 10 {
            return Err(format!("{case}: {help:?} does not help"));
        }
    }
    if let Effect::CommitLate(after) = fault.effect {
        once.sim.clock().advance(after);
        once.sim.settle();
        if at > 0 && once.held(at) != ALL[at] {
            return Err(format!("{case}: {} held ten minutes later", once.held(at)));
        }
    }
    if failure.is_none() {
        return Ok(());
    }
    let again = Case::begin(&fault).await;
    let failure = again.perform(at, None).await;
    let expected = row.once.sent + usize::from(row.is_repeated);
    if (again.sent(), failure.is_some()) != (expected, !row.is_repeated) {
        return Err(format!("{case}, with repeats: sent {} times, {failure:?}", again.sent()));
    }
    let held = if row.is_repeated { ALL[at] } else { row.held };
    if again.held(at) != held {
        return Err(format!("{case}, with repeats: {} held, expected {held}", again.held(at)));
    }
    Ok(())
}
fn facts(
    failure: &Failure,
    at: usize,
) -> (ErrorKind, Delivery, Option<&'static str>, &'static str) {
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
    _server: sf_testorg::Server,
}
const PLAY: sf_core::FieldName = field!("CX_Play__c");
fn account(name: &str, play: &str) -> Fields {
    Fields::new().set(field!("Name"), name).set(PLAY, play)
}

impl Case {
    /// An org with three accounts, signed in, the fault armed.
    async fn begin(fault: &Fault) -> Case {
        let mut fault = fault.clone();
        let page_size = if fault.effect == Effect::LoseLocators { 2 } else { 2_000 };
        let sim =
            TestOrg::builder().dataset(sf_testorg::demo::Dataset::Empty).page_size(page_size).build();
        let rows = ["a", "b", "c"].map(|name| {
            sim.apply(Write::Insert { object: object!("Account"), fields: account(name, "Renew") }).unwrap()
        });
        let server = sim.serve().unwrap();
        let idle = Duration::from_secs(if matches!(fault.effect, Effect::Slow(_)) { 1 } else { 20 });
        let rest = over_http::renewing(&sim, &server).idle_timeout(idle).connect().unwrap();
        match &mut fault.effect {
            // Where the same server has another name.
            Effect::MoveInstance(url) => *url = server.url().replace("127.0.0.1", "localhost"),
            Effect::LoseLocators => fault.on = On::Operation("query_more".into()),
            _ => {}
        }
        let before = sim.calls().len();
        sim.inject(fault);
        Case { sim, rest, row: rows[0], before, _server: server }
    }

    async fn perform(&self, at: usize, attempts: Option<u32>) -> Option<Failure> {
        let call = CallOptions::new().with_attempts(attempts).with_timeout(Duration::from_secs(4));
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
                let insert = |name| Write::Insert { object: object!("Account"), fields: account(name, "Grow") };
                write(vec![insert("new one"), insert("new two")]).await
            }
            _ => {
                let job = r#"{"object":"Account","operation":"insert"}"#;
                let request = Request::post(["jobs", "ingest"]).with_json(job);
                self.rest.call(&request, &call).await.err().map(sf_core::Error::into_failure)
            }
        }
    }

    /// Requests to the data API, since the fault was armed.
    fn sent(&self) -> usize {
        let calls = self.sim.calls();
        calls[self.before..].iter().filter(|call| call.target.starts_with("/services/data/")).count()
    }
    fn token_requests(&self) -> usize {
        self.sim.calls().iter().filter(|call| call.operation() == "token").count()
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
            2 => accounts().iter().filter(|row| has(row, "Name", "new one") || has(row, "Name", "new two")).count(),
            _ => {
                self.sim.clear_faults();
                let list = Seen::get("/services/data/v66.0/jobs/ingest").bearer(&self.sim.access_token());
                let answer = self.sim.handle(&list);
                answer.text().matches("\"operation\":\"insert\"").count()
            }
        }
    }
}
