//! Writes: what goes out, and one outcome per row whatever comes back.
use crate::fake::{Fake, run};
use proptest::prelude::*;
use sf_core::protocol::{Response, Safety, rows_in_call, write_request, write_response};
use sf_core::*;

fn id(n: u32) -> SfId {
    SfId::new(format!("001{n:012}")).unwrap()
}
fn insert(object: ObjectName, name: &str) -> Write {
    Write::Insert { object, fields: Fields::new().set(field!("Name"), name) }
}
fn update(n: u32) -> Write {
    let fields = Fields::new().set(field!("Name"), "x").set(field!("Score__c"), Value::Null);
    Write::Update { object: object!("Account"), id: id(n), fields, if_unmodified_since: None }
}
fn upsert(key: FieldName) -> Write {
    Write::Upsert { object: object!("Account"), fields: Fields::new().set(key.clone(), "a/b"), key }
}
fn request(batch: &[Write]) -> Result<protocol::Request> {
    write_request(batch, &WriteOptions::new(), &Capabilities::default())
}

/// A transport without composite writes.
fn one_run() -> Capabilities {
    let mut can = Capabilities::default();
    (can.write_rows, can.write_runs, can.conditional_rows) = (200, 1, 0);
    can
}

#[test]
fn each_verb_has_its_request() {
    let fake = Fake::new()
        .answer(200, format!(r#"[{{"id":"{}","success":true,"errors":[]}}]"#, id(1)))
        .answer(200, format!(r#"[{{"id":"{}","success":true,"errors":[]}}]"#, id(2)))
        .answer(200, format!(r#"[{{"id":"{}","success":true,"errors":[],"created":true}}]"#, id(3)))
        .answer(200, format!(r#"[{{"id":"{}","success":true,"errors":[]}}]"#, id(4)));
    let org = fake.transport();
    let options = WriteOptions::new()
        .with_all_or_none(true)
        .with_allow_duplicates(true)
        .with_assignment_rules(AssignmentRules::Skip);
    let rows = [
        insert(object!("Account"), "Ä \"q\""),
        update(2),
        upsert(field!("Key__c")),
        Write::Delete { id: id(4) },
    ];
    let outcomes: Vec<_> = rows
        .iter()
        .map(|row| run(org.write(std::slice::from_ref(row), &options)).unwrap().pop().unwrap())
        .collect();
    let done = |n, created| RowOutcome::Done { id: id(n), created };
    assert_eq!(outcomes, [done(1, true), done(2, false), done(3, true), done(4, false)]);
    assert_eq!(
        fake.lines(),
        [
            "POST /services/data/v66.0/composite/sobjects".to_owned(),
            "PATCH /services/data/v66.0/composite/sobjects".to_owned(),
            "PATCH /services/data/v66.0/composite/sobjects/Account/Key__c".to_owned(),
            format!("DELETE /services/data/v66.0/composite/sobjects?ids={}&allOrNone=true", id(4)),
        ]
    );
    let body = |records: serde_json::Value| serde_json::json!({"allOrNone": true, "records": records});
    let of = |fields: serde_json::Value| {
        let mut row = serde_json::json!({"attributes": {"type": "Account"}});
        row.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        body(serde_json::json!([row]))
    };
    assert_eq!(fake.body(0), of(serde_json::json!({"Name": "Ä \"q\""})));
    assert_eq!(fake.body(1), of(serde_json::json!({"id": id(2), "Name": "x", "Score__c": null})));
    assert_eq!(fake.body(2), of(serde_json::json!({"Key__c": "a/b"})));
    let safety: Vec<_> = fake.requests().iter().map(|r| r.safety).collect();
    assert_eq!(safety, [Safety::Once, Safety::Idempotent, Safety::Idempotent, Safety::Idempotent]);
    let headers = &fake.requests()[0].headers;
    assert_eq!(headers[0], ("Sforce-Duplicate-Rule-Header".to_owned(), "allowSave=true".to_owned()));
    assert_eq!(headers[1], ("Sforce-Auto-Assign".to_owned(), "FALSE".to_owned()));
}

#[test]
fn digits_of_a_number_go_out_as_they_came() {
    let number: Number = "12345678901234567890.10".parse().unwrap();
    let fields = Fields::new().set(field!("AnnualRevenue"), number);
    let request = request(&[Write::Insert { object: object!("Account"), fields }]).unwrap();
    assert!(request.body.text().unwrap().contains(r#""AnnualRevenue":12345678901234567890.10"#));
}

#[test]
fn a_secretive_transport_deletes_inside_a_composite_call() {
    let part = format!(
        r#"{{"compositeResponse":[{{"body":[{{"id":"{}","success":true,"errors":[]}}],"httpHeaders":{{}},"httpStatusCode":200,"referenceId":"part0"}}]}}"#,
        id(1)
    );
    let mut fake = Fake::new().answer(200, part).answer(200, "{}");
    fake.capabilities.bodies_only = true;
    let rows = [Write::Delete { id: id(1) }];
    let done = run(fake.transport().write(&rows, &WriteOptions::new())).unwrap();
    assert!(done[0].is_done());
    assert_eq!(fake.lines(), ["POST /services/data/v66.0/composite"]);
    let lost = run(fake.transport().write(&rows, &WriteOptions::new())).unwrap();
    assert_eq!(lost[0].failure().unwrap().delivery, Delivery::Unknown);
}

#[test]
fn what_does_not_fit_into_one_call_is_refused_before_sending() {
    let two_verbs = vec![update(1), Write::Delete { id: id(2) }];
    let two_keys = vec![upsert(field!("Key__c")), upsert(field!("Other__c"))];
    let too_many = vec![update(1); 201];
    let objects = |i: usize| if i.is_multiple_of(2) { object!("Account") } else { object!("Task") };
    let pieces: Vec<_> = (0..11).map(|i| insert(objects(i), "x")).collect();
    let id_in_fields = vec![Write::Insert {
        object: object!("Account"),
        fields: Fields::new().set(field!("id"), "001000000000001AAA"),
    }];
    let attributes = vec![Write::Insert {
        object: object!("Account"),
        fields: Fields::new().set(field!("Attributes"), "x"),
    }];
    let no_key = vec![Write::Upsert {
        object: object!("Account"),
        key: field!("Key__c"),
        fields: Fields::new().set(field!("Name"), "x"),
    }];
    for (batch, fits) in [(two_verbs, 1), (two_keys, 1), (too_many, 200), (pieces, 10)] {
        assert_eq!(rows_in_call(&batch, &one_run()), fits);
        let refused = write_request(&batch, &WriteOptions::new(), &one_run()).unwrap_err();
        assert_eq!(refused.delivery(), Delivery::NotSent);
        assert_eq!(rows_in_call(&batch, &Capabilities::default()), batch.len());
    }
    let runs: Vec<_> =
        (0..6).map(|i| if i % 2 == 0 { update(i) } else { Write::Delete { id: id(i) } }).collect();
    for (batch, fits) in [(vec![update(1); 1_001], 1_000), (runs, 5)] {
        assert_eq!(rows_in_call(&batch, &Capabilities::default()), fits);
        assert_eq!(request(&batch).unwrap_err().delivery(), Delivery::NotSent);
    }
    for batch in [id_in_fields, attributes, no_key, vec![]] {
        let refused = request(&batch).unwrap_err();
        assert_eq!((refused.kind(), refused.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent));
    }
    let mut conditional = update(1);
    if let Write::Update { if_unmodified_since, .. } = &mut conditional {
        *if_unmodified_since = Some("2026-01-02T03:04:05Z".parse().unwrap());
    }
    let refused = write_request(&[conditional], &WriteOptions::new(), &one_run()).unwrap_err();
    assert_eq!((refused.kind(), refused.delivery()), (ErrorKind::Unsupported, Delivery::NotSent));
    // Without a call at all.
    let fake = Fake::new();
    assert!(run(fake.transport().write(&vec![update(1); 1_001], &WriteOptions::new())).is_err());
    assert!(run(fake.transport().write(&[], &WriteOptions::new())).unwrap().is_empty());
    assert!(fake.requests().is_empty());
}

/// The outcomes of three updates for an answer.
fn outcomes(status: u16, body: &str) -> Result<Vec<RowOutcome>> {
    answered(&[update(1), update(2), update(3)], Ok(Response::new(status, vec![], body)))
}
fn answered(batch: &[Write], answer: Result<Response>) -> Result<Vec<RowOutcome>> {
    write_response(batch, &WriteOptions::new(), &Capabilities::default(), answer)
}
fn done(n: u32) -> String {
    format!(r#"{{"id":"{}","success":true,"errors":[]}}"#, id(n))
}

#[test]
fn rows_fail_alone() {
    let failed = r#"{"success":false,"errors":[{"statusCode":"UNABLE_TO_LOCK_ROW","message":"unable to obtain exclusive access to this record","fields":[]},{"statusCode":"STRING_TOO_LONG","message":"m","fields":["Name"]}]}"#;
    let rows = outcomes(200, &format!("[{},{failed},{}]", done(1), done(3))).unwrap();
    assert!(rows[0].is_done() && rows[2].is_done());
    let failure = rows[1].failure().unwrap();
    assert_eq!((failure.delivery, failure.retry()), (Delivery::Refused, Retry::Lock));
    assert_eq!(failure.also[0].code, ErrorCode::StringTooLong);
}

#[test]
fn what_the_answer_does_not_account_for_is_unknown() {
    let unknown = |rows: &[RowOutcome]| -> Vec<bool> {
        rows.iter().map(|r| r.failure().is_some_and(|f| f.delivery == Delivery::Unknown)).collect()
    };
    let no_flag = r#"{"id":"001000000000002AAA"}"#;
    let rows = outcomes(200, &format!("[{},{no_flag},{}]", done(1), done(3))).unwrap();
    assert_eq!(unknown(&rows), [false, true, false]);
    let rows = outcomes(200, &format!("[{},7,{}]", done(1), done(3))).unwrap();
    assert_eq!(unknown(&rows), [false, true, false]);
    // Results in another order are noticed by their ids.
    let rows = outcomes(200, &format!("[{},{},{}]", done(2), done(1), done(3))).unwrap();
    assert_eq!(unknown(&rows), [true, true, false]);
    for body in [
        "[]",
        &format!("[{}]", done(1)),
        &format!("[{},{},{},{}]", done(1), done(2), done(3), done(1)),
        "",
        "<html>",
        "[{\"id\":",
        "null",
    ] {
        assert_eq!(unknown(&outcomes(200, body).unwrap()), [true; 3], "{body}");
    }
    assert_eq!(unknown(&outcomes(502, "<html>").unwrap()), [true; 3]);
    // A new row without an id cannot be found again.
    let new = [insert(object!("Account"), "x")];
    let rows = answered(&new, Ok(Response::new(200, vec![], r#"[{"success":true}]"#))).unwrap();
    assert_eq!(unknown(&rows), [true]);
}

#[test]
fn err_means_nothing_was_applied() {
    let body = r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#;
    assert_eq!(outcomes(401, body).unwrap_err().delivery(), Delivery::Refused);
    let fake = Fake::new().lose_request().lose_answer();
    let lost = run(fake.transport().write(&[update(1)], &WriteOptions::new())).unwrap_err();
    assert_eq!(lost.delivery(), Delivery::NotSent);
    let open = run(fake.transport().write(&[update(1)], &WriteOptions::new())).unwrap();
    assert_eq!(open[0].failure().unwrap().delivery, Delivery::Unknown);
}

fn any_write() -> impl Strategy<Value = Write> {
    let object = prop_oneof![Just(object!("Account")), Just(object!("Task"))];
    let fields = proptest::collection::vec(("[A-Za-z]{1,8}(__c)?", ".{0,20}"), 0..4).prop_map(|pairs| {
        pairs.into_iter().map(|(n, v)| (FieldName::new(n).unwrap(), Value::from(v))).collect::<Fields>()
    });
    (object, fields, 0u32..50, 0..4).prop_map(|(object, fields, n, verb)| match verb {
        0 => Write::Insert { object, fields },
        1 => Write::Update { object, id: id(n), fields, if_unmodified_since: None },
        2 => Write::Upsert { object, key: field!("Key__c"), fields: fields.set(field!("Key__c"), "k") },
        _ => Write::Delete { id: id(n) },
    })
}

proptest! {
    #![proptest_config(ProptestConfig::default())]
    #[test]
    fn any_answer_gives_one_outcome_per_row(
        batch in proptest::collection::vec(any_write(), 1..6),
        status in prop_oneof![Just(200u16), 200u16..600],
        body in prop_oneof![
            any::<Vec<u8>>(),
            "[\\[{][\"a-z:,\\[\\]{}0-9]{0,40}".prop_map(String::into_bytes),
            proptest::collection::vec(prop_oneof![Just(done(1)), Just("null".into()), Just("{}".into()),
                Just(r#"{"success":false,"errors":[{}]}"#.into()), Just(r#"{"success":"x","id":7}"#.to_owned())], 0..6)
                .prop_map(|rows| format!("[{}]", rows.join(",")).into_bytes()),
        ],
    ) {
        match answered(&batch, Response::from_bytes(status, vec![], body)) {
            Ok(rows) => prop_assert_eq!(rows.len(), batch.len()),
            Err(error) => prop_assert!(status >= 300 && error.delivery() != Delivery::Unknown),
        }
    }
    #[test]
    fn any_rows_keep_their_place_and_values(batch in proptest::collection::vec(any_write(), 1..8)) {
        let request = |batch: &[Write]| write_request(batch, &WriteOptions::new(), &one_run());
        let fits = rows_in_call(&batch, &one_run());
        prop_assert!(fits >= 1 && fits <= batch.len());
        prop_assert_eq!(request(&batch).is_ok(), fits == batch.len() && batch.iter().all(sendable));
        let part = &batch[..fits];
        if let Ok(request) = request(part)
            && let Some(Ok(body)) = request.body.text().map(serde_json::from_str::<serde_json::Value>)
        {
            let records = body["records"].as_array().unwrap();
            prop_assert_eq!(records.len(), part.len());
            for (record, row) in records.iter().zip(part) {
                let Some(fields) = row.fields() else { panic!("a deletion has no body") };
                prop_assert_eq!(&record["attributes"]["type"], row.object().unwrap().as_str());
                for (name, value) in fields.iter() {
                    prop_assert_eq!(record[name.as_str()].as_str(), value.as_str());
                }
                let extra = 1 + usize::from(matches!(row, Write::Update { .. }));
                prop_assert_eq!(record.as_object().unwrap().len(), fields.len() + extra);
            }
        }
    }
}
fn sendable(row: &Write) -> bool {
    row.fields().is_none_or(|fields| {
        fields
            .iter()
            .all(|(name, _)| !["id", "attributes"].contains(&name.as_str().to_ascii_lowercase().as_str()))
    })
}

#[test]
fn an_upsert_by_id_without_an_id_is_sent_once() {
    let upsert = |fields| Write::Upsert { object: object!("Account"), key: field!("Id"), fields };
    let named = Fields::new().set(field!("Name"), "x");
    let known = request(&[upsert(named.clone().set(field!("Id"), "001000000000001AAA"))]).unwrap();
    assert_eq!(known.safety, Safety::Idempotent);
    let new = request(&[upsert(named)]).unwrap();
    assert_eq!(new.safety, Safety::Once);
    assert!(!new.may_repeat(&CallOptions::new()) && !known.may_repeat(&CallOptions::new()));
}

#[test]
fn deletions_of_alternating_objects_are_cut_after_ten_pieces() {
    let rows: Vec<Write> = (0..24)
        .map(|i| format!("{}00000000000{:03}", if i % 2 == 0 { "001" } else { "003" }, i))
        .map(|id| Write::Delete { id: SfId::new(&id[..15]).unwrap() })
        .collect();
    assert_eq!(rows_in_call(&rows, &one_run()), 10);
    assert_eq!(rows_in_call(&rows[..1], &one_run()), 1);
}

#[test]
fn a_request_in_a_log_shows_no_values() {
    let shown = format!(
        "{:?}",
        protocol::Request::get(["query"]).with_query("q", "SELECT Id FROM Account WHERE Name = 'Acme'")
    );
    assert!(shown.contains("\"q\", 42") && !shown.contains("Acme"), "{shown}");
}
