//! Writes of several runs: one composite call, and one outcome per row whatever comes back.
use crate::fake::{Fake, run};
use proptest::prelude::*;
use sf_core::protocol::{Response, Safety, rows_in_call, write_request, write_response};
use sf_core::*;

fn id(n: u32) -> SfId {
    SfId::new(format!("001{n:012}")).unwrap()
}
fn insert(name: &str) -> Write {
    Write::Insert { object: object!("Account"), fields: Fields::new().set(field!("Name"), name) }
}
fn update(n: u32) -> Write {
    let fields = Fields::new().set(field!("Name"), "x");
    Write::Update { object: object!("Account"), id: id(n), fields, if_unmodified_since: None }
}
fn conditional(n: u32) -> Write {
    let since = "2026-01-02T03:04:05.678Z".parse().ok();
    let fields = Fields::new().set(field!("Name"), "x");
    Write::Update { object: object!("Account"), id: id(n), fields, if_unmodified_since: since }
}
fn delete(n: u32) -> Write {
    Write::Delete { id: id(n) }
}
fn done(ids: impl IntoIterator<Item = u32>) -> String {
    let rows = ids.into_iter().map(|n| format!(r#"{{"id":"{}","success":true,"errors":[]}}"#, id(n)));
    format!("[{}]", rows.collect::<Vec<_>>().join(","))
}
fn part(n: usize, status: u16, body: &str) -> String {
    format!(r#"{{"body":{body},"httpHeaders":{{}},"httpStatusCode":{status},"referenceId":"part{n}"}}"#)
}
fn answer(parts: &[String]) -> String {
    format!(r#"{{"compositeResponse":[{}]}}"#, parts.join(","))
}
fn outcomes(batch: &[Write], options: &WriteOptions, body: String) -> Vec<RowOutcome> {
    let answer = Ok(Response::new(200, vec![], body));
    write_response(batch, options, &Capabilities::default(), answer).unwrap()
}
/// `ok`, or the delivery and the code of the failure.
fn shown(outcomes: &[RowOutcome]) -> Vec<String> {
    let show = |o: &RowOutcome| match o.failure() {
        None => "ok".to_owned(),
        Some(f) => format!("{:?} {}", f.delivery, f.code.as_ref().map_or("-", ErrorCode::as_str)),
    };
    outcomes.iter().map(show).collect()
}

#[test]
fn runs_of_verbs_are_subrequests_in_the_order_of_the_rows() {
    let rows = [insert("a"), insert("b"), update(3), delete(4), conditional(5), insert("c")];
    let body = answer(&[
        part(0, 200, &done([1, 2])),
        part(1, 200, &done([3])),
        part(2, 200, &done([4])),
        part(3, 204, "null"),
        part(4, 200, &done([6])),
    ]);
    let fake = Fake::new().answer(200, body);
    let options = WriteOptions::new()
        .with_allow_duplicates(true)
        .with_duplicate_details(true)
        .with_assignment_rules(AssignmentRules::Rule(SfId::new("01Q000000000001").unwrap()));
    let outcomes = run(fake.transport().write(&rows, &options)).unwrap();
    let ids: Vec<_> = outcomes.into_iter().map(|o| o.into_result().unwrap()).collect();
    let expected = [(1, true), (2, true), (3, false), (4, false), (5, false), (6, true)];
    assert_eq!(ids, expected.map(|(n, created)| (id(n), created)));
    assert_eq!(fake.lines(), ["POST /services/data/v66.0/composite"]);
    let sent = fake.body(0);
    assert_eq!((&sent["allOrNone"], &sent["collateSubrequests"]), (&false.into(), &false.into()));
    let parts = sent["compositeRequest"].as_array().unwrap();
    let lines: Vec<_> = parts
        .iter()
        .map(|p| format!("{} {}", p["method"].as_str().unwrap(), p["url"].as_str().unwrap()))
        .collect();
    assert_eq!(
        lines,
        [
            "POST /services/data/v66.0/composite/sobjects".to_owned(),
            "PATCH /services/data/v66.0/composite/sobjects".to_owned(),
            format!("DELETE /services/data/v66.0/composite/sobjects?ids={}&allOrNone=false", id(4)),
            format!("PATCH /services/data/v66.0/sobjects/Account/{}", id(5)),
            "POST /services/data/v66.0/composite/sobjects".to_owned(),
        ]
    );
    // A subrequest inherits no header: each has its own.
    for (i, part) in parts.iter().enumerate() {
        let headers = &part["httpHeaders"];
        assert_eq!(
            headers["Sforce-Duplicate-Rule-Header"], "allowSave=true; includeRecordDetails=true",
            "{i}"
        );
        assert_eq!(headers["Sforce-Auto-Assign"], "01Q000000000001EAA", "{i}");
    }
    assert_eq!(parts[3]["httpHeaders"]["If-Unmodified-Since"], "Fri, 02 Jan 2026 03:04:05 GMT");
    assert_eq!(parts[3]["body"], serde_json::json!({"Name": "x"}));
    assert_eq!(fake.requests()[0].safety, Safety::Once);
}

#[test]
fn a_conditional_update_alone_is_one_request_and_its_refusal_is_of_the_row() {
    let refused = r#"[{"errorCode":"MATCH_PRECONDITION_FAILED","message":"m"}]"#;
    let fake = Fake::new().answer(204, "").answer(412, refused).answer(412, "").answer(503, "");
    let org = fake.transport();
    let write = || run(org.write(&[conditional(1)], &WriteOptions::new())).unwrap();
    assert_eq!(shown(&write()), ["ok"]);
    assert_eq!(shown(&write()), ["Refused MATCH_PRECONDITION_FAILED"]);
    let bare = write();
    assert_eq!(shown(&bare), ["Refused -"]);
    assert_eq!(
        (bare[0].failure().unwrap().kind, bare[0].failure().unwrap().retry()),
        (ErrorKind::Conflict, Retry::Restart)
    );
    assert_eq!(shown(&write()), ["Unknown -"]);
    assert_eq!(fake.lines()[0], format!("PATCH /services/data/v66.0/sobjects/Account/{}", id(1)));
    // Sent again after it was done, it would be refused: the transport must not repeat it.
    assert_eq!(fake.requests()[0].safety, Safety::Once);
    assert_eq!(rows_in_call(&(0..40).map(conditional).collect::<Vec<_>>(), &Capabilities::default()), 25);
}

/// Pain 45: one failure must not hide the rest, and a part that was refused takes down its own rows only.
#[test]
fn a_refused_part_fails_its_rows_and_a_missing_one_leaves_them_open() {
    let rows = [insert("a"), update(2), update(3), delete(4), insert("e")];
    let refused = r#"[{"errorCode":"JSON_PARSER_ERROR","message":"m"}]"#;
    let two = r#"[{"success":false,"errors":[{"statusCode":"STRING_TOO_LONG","message":"a","fields":["Name"]},{"statusCode":"REQUIRED_FIELD_MISSING","message":"b","fields":[]}]}]"#;
    let body = answer(&[part(3, 200, two), part(1, 400, refused), part(0, 200, &done([1]))]);
    let seen = outcomes(&rows, &WriteOptions::new(), body);
    assert_eq!(
        shown(&seen),
        [
            "ok",
            "Refused JSON_PARSER_ERROR",
            "Refused JSON_PARSER_ERROR",
            "Unknown -",
            "Refused STRING_TOO_LONG"
        ]
    );
    // Whose refusal it was: the part's has a status, the row's has none.
    let status = |i: usize| seen[i].failure().unwrap().status;
    assert_eq!((status(1), status(4)), (Some(400), None));
    assert_eq!(seen[4].failure().unwrap().also[0].code, ErrorCode::RequiredFieldMissing);
    // A gateway's trouble in a part leaves its rows open; so does a wrong number of results.
    let body = answer(&[
        part(0, 502, "null"),
        part(1, 200, &done([2])),
        part(2, 200, &done([4])),
        part(3, 200, &done([5])),
    ]);
    assert_eq!(
        shown(&outcomes(&rows, &WriteOptions::new(), body)),
        ["Unknown -", "Unknown -", "Unknown -", "ok", "ok"]
    );
}

#[test]
fn a_lost_or_unreadable_answer_leaves_all_rows_open() {
    let rows = [insert("a"), delete(2)];
    let unknown = |answer: Result<Response>| {
        let seen = write_response(&rows, &WriteOptions::new(), &Capabilities::default(), answer).unwrap();
        assert_eq!(shown(&seen), ["Unknown -"; 2]);
    };
    for body in ["", "[]", "{}", r#"{"compositeResponse":7}"#, r#"{"compositeResponse":[]}"#, "<html>"] {
        unknown(Ok(Response::new(200, vec![], body)));
    }
    unknown(Ok(Response::new(502, vec![], "<html>")));
    unknown(Err(Failure::new(ErrorKind::Timeout, Delivery::Unknown, "no answer").into()));
    let refused = r#"[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]"#;
    let refused = Ok(Response::new(401, vec![], refused));
    let error = write_response(&rows, &WriteOptions::new(), &Capabilities::default(), refused).unwrap_err();
    assert_eq!((error.delivery(), error.retry()), (Delivery::Refused, Retry::SignIn));
}

/// Pain 46: the org prints `"success":true` for rows that the outer all-or-none undid; and "halted" is not "failed".
#[test]
fn all_or_none_undoes_the_rows_of_all_parts() {
    let rows = [insert("a"), insert("b"), update(3)];
    let options = WriteOptions::new().with_all_or_none(true);
    let request = write_request(&rows, &options, &Capabilities::default()).unwrap();
    let sent: serde_json::Value = serde_json::from_str(request.body.text().unwrap()).unwrap();
    assert_eq!(sent["allOrNone"], true);
    assert_eq!(sent["compositeRequest"][0]["body"]["allOrNone"], true);
    let halted = r#"[{"errorCode":"PROCESSING_HALTED","message":"The transaction was rolled back since another operation in the same transaction failed."}]"#;
    let mixed = format!(
        r#"[{{"id":"{}","success":true,"errors":[]}},{{"success":false,"errors":[{{"statusCode":"STRING_TOO_LONG","message":"m","fields":[]}}]}}]"#,
        id(1)
    );
    let seen = outcomes(&rows, &options, answer(&[part(0, 200, &mixed), part(1, 400, halted)]));
    assert_eq!(
        shown(&seen),
        ["Refused ALL_OR_NONE_OPERATION_ROLLED_BACK", "Refused STRING_TOO_LONG", "Refused PROCESSING_HALTED"]
    );
    let held: Vec<_> = seen.iter().map(RowOutcome::was_held_back).collect();
    assert_eq!(held, [true, false, true]);
    // Nothing failed: nothing is undone.
    let seen = outcomes(&rows, &options, answer(&[part(0, 200, &done([1, 2])), part(1, 200, &done([3]))]));
    assert_eq!(shown(&seen), ["ok"; 3]);
}

/// A text with `@{` is a reference inside a composite, and there is no escape: such a row goes in a call of its own kind.
#[test]
fn text_that_looks_like_a_reference_never_goes_into_a_composite() {
    let can = Capabilities::default();
    let rows = [insert("a"), update(2), insert("see @{part0[0].id}"), update(3)];
    assert_eq!(rows_in_call(&rows, &can), 2);
    // Alone in its run it goes as a collection, which resolves nothing.
    assert_eq!(rows_in_call(&rows[2..], &can), 1);
    let alone = write_request(&rows[2..3], &WriteOptions::new(), &can).unwrap();
    assert_eq!(alone.path, "composite/sobjects");
    let plan = plan::write(&rows, &WriteOptions::new(), &can, &plan::Thresholds::new());
    assert_eq!(plan.calls.iter().map(|c| c.rows.clone()).collect::<Vec<_>>(), [vec![0, 1], vec![2], vec![3]]);
    // All or none cannot be promised then.
    let options = WriteOptions::new().with_all_or_none(true);
    let fake = Fake::new();
    let outcomes = run(Org::new(fake.transport()).write(rows, &options));
    assert_eq!(shown(&outcomes), ["NotSent -"; 4]);
    let escaped = serde_json::value::RawValue::from_string(r#"{"city":"\u0040{a.id}"}"#.to_owned()).unwrap();
    let raw = Fields::new().set(field!("BillingAddress"), Value::Json(escaped));
    let raw = Write::Insert { object: object!("Account"), fields: raw };
    assert_eq!(rows_in_call(&[update(1), raw], &can), 1);
}

#[test]
fn a_large_call_is_cut_by_its_bytes() {
    let rows = vec![insert(&"x".repeat(100_000)); 400];
    let fits = rows_in_call(&rows, &Capabilities::default());
    assert!((100..200).contains(&fits), "{fits}");
    let alone = [insert(&"x".repeat(40_000_000))];
    assert_eq!(rows_in_call(&alone, &Capabilities::default()), 1);
}

fn any_write() -> impl Strategy<Value = Write> {
    let text = prop_oneof!["[a-c]{0,3}", Just("@{part0.id}".to_owned()), Just("@".to_owned())];
    (0u32..50, text, 0..5).prop_map(|(n, text, verb)| match verb {
        0 => insert(&text),
        1 => conditional(n),
        2 => Write::Upsert {
            object: object!("Account"),
            key: field!("Name"),
            fields: Fields::new().set(field!("Name"), format!("k{text}")),
        },
        3 => delete(n),
        _ => update(n),
    })
}
proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    /// Every row goes out exactly once, in order, with its text, in calls that keep the org's limits.
    #[test]
    fn any_rows_go_out_once_and_in_order(
        runs in proptest::collection::vec((any_write(), 1usize..120), 1..40),
    ) {
        let rows: Vec<Write> = runs.iter().flat_map(|(row, n)| std::iter::repeat_n(row.clone(), *n)).collect();
        let can = Capabilities::default();
        let mut rest = rows.as_slice();
        while !rest.is_empty() {
            let count = rows_in_call(rest, &can);
            prop_assert!((1..=1_000).contains(&count));
            let (batch, left) = rest.split_at(count);
            let request = write_request(batch, &WriteOptions::new(), &can).unwrap();
            let text = request.body.text().unwrap_or_default();
            if request.path == "composite" {
                let reference = "@{";
                prop_assert!(!text.contains(reference));
                let body: serde_json::Value = serde_json::from_str(text).unwrap();
                let parts = body["compositeRequest"].as_array().unwrap();
                let large = parts.iter().filter(|p| p["url"].as_str().unwrap().contains("/composite/")).count();
                prop_assert!(parts.len() <= 25 && large <= 5);
                let mut sent = 0;
                for part in parts {
                    let url = part["url"].as_str().unwrap();
                    let rows = match (part["body"]["records"].as_array(), url.split_once("?ids=")) {
                        (Some(records), _) => records.len(),
                        (None, Some((_, ids))) => ids.split("%2C").count(),
                        (None, None) => 1,
                    };
                    prop_assert!((1..=200).contains(&rows));
                    sent += rows;
                }
                prop_assert_eq!(sent, count);
            }
            rest = left;
        }
    }
    #[test]
    fn any_composite_answer_gives_one_outcome_per_row(
        batch in proptest::collection::vec(any_write(), 2..12),
        parts in proptest::collection::vec((0usize..7, prop_oneof![Just(200u16), 200u16..600],
            prop_oneof![Just("null".to_owned()), Just("[]".to_owned()), Just(done([1])), Just(done([1, 2])), Just("7".to_owned())]), 0..6),
        all_or_none: bool,
    ) {
        let parts: Vec<_> = parts.iter().map(|(n, status, body)| part(*n, *status, body)).collect();
        let options = WriteOptions::new().with_all_or_none(all_or_none);
        let answer = Ok(Response::new(200, vec![], answer(&parts)));
        let fits = rows_in_call(&batch, &Capabilities::default());
        match write_response(&batch[..fits], &options, &Capabilities::default(), answer) {
            Ok(seen) => prop_assert_eq!(seen.len(), fits),
            Err(error) => prop_assert!(error.delivery() != Delivery::Unknown),
        }
    }
}
