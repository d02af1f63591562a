//! `Org`'s writes, rows by id and describes.
use crate::{
    budget::HandClock,
    fake::{Fake, run},
};
use sf_core::models::Account;
use sf_core::protocol::Response;
use sf_core::*;
use std::time::Duration;

fn id(n: u32) -> SfId {
    SfId::new(format!("001{n:012}")).unwrap()
}
fn update(n: u32) -> Write {
    let fields = Fields::new().set(field!("Name"), "x");
    Write::Update { object: object!("Account"), id: id(n), fields, if_unmodified_since: None }
}
fn results(ids: impl IntoIterator<Item = u32>) -> String {
    let rows: Vec<_> =
        ids.into_iter().map(|n| format!(r#"{{"id":"{}","success":true,"errors":[]}}"#, id(n))).collect();
    format!("[{}]", rows.join(","))
}
/// A transport without composite writes.
fn plain(mut fake: Fake) -> Fake {
    let can = &mut fake.capabilities;
    (can.write_rows, can.write_runs, can.conditional_rows) = (200, 1, 0);
    fake
}
fn deliveries(outcomes: &[RowOutcome]) -> Vec<Option<Delivery>> {
    outcomes.iter().map(|o| o.failure().map(|f| f.delivery)).collect()
}

#[test]
fn any_number_of_rows_is_cut_and_comes_back_in_order() {
    let fake = Fake::new()
        .answer(200, results(0..200))
        .answer(200, results(200..250))
        .answer(200, results(300..301))
        .answer(200, results(400..401));
    let mut rows: Vec<Write> = (0..250).map(update).collect();
    rows.push(Write::Delete { id: id(300) });
    rows.push(update(400));
    let outcomes = run(Org::new(plain(fake.clone()).transport()).write(rows, &WriteOptions::new()));
    let ids: Vec<_> = outcomes.into_iter().map(|o| o.into_result().unwrap().0).collect();
    let expected: Vec<_> = (0..250).chain([300, 400]).map(id).collect();
    assert_eq!(ids, expected);
    assert_eq!(fake.requests().len(), 4);
}

#[test]
fn a_lost_answer_makes_only_its_rows_unknown() {
    let fake = Fake::new().answer(200, results(0..200)).lose_answer().answer(200, results(400..401));
    let outcomes =
        run(Org::new(plain(fake.clone()).transport()).write((0..401).map(update), &WriteOptions::new()));
    let mut expected = vec![None; 200];
    expected.extend(vec![Some(Delivery::Unknown); 200]);
    expected.push(None);
    assert_eq!(deliveries(&outcomes), expected);
}

#[test]
fn trouble_of_the_org_stops_the_calls_after_it() {
    let limit = r#"[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]"#;
    let fake = Fake::new().answer(403, limit);
    let outcomes =
        run(Org::new(plain(fake.clone()).transport()).write((0..401).map(update), &WriteOptions::new()));
    let mut expected = vec![Some(Delivery::Refused); 200];
    expected.extend(vec![Some(Delivery::NotSent); 201]);
    assert_eq!(deliveries(&outcomes), expected);
    let last = outcomes[400].failure().unwrap();
    assert_eq!(last.message, "not sent, because an earlier call failed: TotalRequests Limit exceeded.");
    assert_eq!(last.retry(), Retry::Quota);
    // Trouble with the rows of one call does not.
    let malformed = r#"[{"errorCode":"JSON_PARSER_ERROR","message":"m"}]"#;
    let fake = Fake::new().answer(400, malformed).answer(200, results(200..201));
    let outcomes =
        run(Org::new(plain(fake.clone()).transport()).write((0..201).map(update), &WriteOptions::new()));
    assert!(outcomes[200].is_done());
}

#[test]
fn a_row_that_cannot_be_right_fails_alone_and_is_not_sent() {
    let fake = Fake::new().answer(200, results([1, 3]));
    let mut conditional = update(2);
    if let Write::Update { if_unmodified_since, .. } = &mut conditional {
        *if_unmodified_since = Some("2026-01-02T03:04:05Z".parse().unwrap());
    }
    let rows = [update(1), conditional, update(3)];
    let outcomes = run(Org::new(plain(fake.clone()).transport()).write(rows, &WriteOptions::new()));
    assert_eq!(deliveries(&outcomes), [None, Some(Delivery::NotSent), None]);
    assert_eq!(fake.body(0)["records"].as_array().unwrap().len(), 2);
}

#[test]
fn all_or_none_is_never_cut() {
    let options = WriteOptions::new().with_all_or_none(true);
    let fake = Fake::new();
    let outcomes = run(Org::new(plain(fake.clone()).transport()).write((0..201).map(update), &options));
    assert_eq!(deliveries(&outcomes), vec![Some(Delivery::NotSent); 201]);
    assert!(outcomes[0].failure().unwrap().help().next_step.contains("200"));
    assert!(fake.requests().is_empty());
}

#[test]
fn all_or_none_sends_nothing_when_one_row_cannot_be_right() {
    let options = WriteOptions::new().with_all_or_none(true);
    let fake = Fake::new();
    let bad = Fields::new().set(field!("Id"), "001000000000009AAA");
    let bad = Write::Update { object: object!("Account"), id: id(2), fields: bad, if_unmodified_since: None };
    let outcomes = run(Org::new(fake.transport()).write([update(1), bad, update(3)], &options));
    assert!(fake.requests().is_empty());
    assert_eq!(deliveries(&outcomes), [Some(Delivery::NotSent); 3]);
    let retries: Vec<_> = outcomes.iter().map(|o| o.failure().unwrap().retry()).collect();
    assert_eq!(retries, [Retry::Sibling, Retry::Never, Retry::Sibling]);
}

#[test]
fn a_fetched_row_can_be_changed_and_sent_back() {
    let row = r#"[{"attributes":{"type":"Account","url":"/services/data/v66.0/sobjects/Account/001000000000001AAA"},"Id":"001000000000001AAA","Name":"Acme","AnnualRevenue":1.0E7,"SystemModstamp":"2026-01-02T03:04:05.000+0000","CX_Play__c":"Grow","Owner":{"attributes":{"type":"User","url":"/x"},"Name":"Ann"},"Opportunities":null}]"#;
    let fake = Fake::new().answer(200, row).answer(200, results([1])).answer(200, "[null]");
    let org = Org::new(fake.transport());
    let mut account: Account = run(org.fetch(id(1))).unwrap();
    account.name = Field::Null;
    run(org.update(&account)).unwrap();
    assert_eq!(
        fake.requests()[1].body.text().unwrap(),
        format!(
            r#"{{"allOrNone":false,"records":[{{"attributes":{{"type":"Account"}},"id":"{}","Name":null,"AnnualRevenue":1.0E7,"CX_Play__c":"Grow"}}]}}"#,
            id(1)
        )
    );
    let gone = run(org.fetch::<Account>(id(2))).unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
}

#[test]
fn single_writes() {
    let fake = Fake::new()
        .answer(200, results([1]))
        .answer(200, format!(r#"[{{"id":"{}","success":true,"created":false,"errors":[]}}]"#, id(2)))
        .answer(200, r#"[{"success":false,"errors":[{"statusCode":"ENTITY_IS_DELETED","message":"entity is deleted","fields":[]}]}]"#);
    let org = Org::new(fake.transport()).with_priority(Priority::Backfill);
    let mut account = Account { name: "Acme".into(), ..Account::default() };
    assert_eq!(run(org.insert(&account)).unwrap(), id(1));
    account.extra.set(field!("Key__c"), "k1");
    let upserted = run(org.upsert(field!("Key__c"), &account)).unwrap();
    assert_eq!((upserted.id, upserted.created), (id(2), false));
    assert_eq!(run(org.delete(id(3))).unwrap_err().code(), Some(&ErrorCode::EntityIsDeleted));
    // Nothing to say, no call; no id, no call; an id, no insert.
    run(org.update(&Account { id: id(1).into(), ..Account::default() })).unwrap();
    assert!(run(org.update(&Account::default())).is_err());
    assert!(run(org.insert(&Account { id: id(1).into(), ..Account::default() })).is_err());
    assert_eq!(fake.requests().len(), 3);
}

#[test]
fn fetch_all_keeps_order_and_gaps_over_several_calls() {
    let row = |n: u32| format!(r#"{{"attributes":{{"type":"Account"}},"Id":"{}"}}"#, id(n));
    let mut fake = Fake::new().answer(200, format!("[{},null]", row(7))).answer(200, format!("[{}]", row(3)));
    fake.capabilities.ids_per_call = 2;
    let rows: Vec<Option<Account>> =
        run(Org::new(fake.transport()).fetch_all([id(7), id(9), id(3)])).unwrap();
    let ids: Vec<_> = rows.iter().map(|r| r.as_ref().and_then(SObject::id)).collect();
    assert_eq!(ids, [Some(id(7)), None, Some(id(3))]);
}

#[test]
fn a_describe_is_kept_then_asked_whether_it_changed() {
    let header = |time: &str| vec![("Last-Modified".to_owned(), time.to_owned())];
    let body = r#"{"name":"Account","label":"Old","fields":[]}"#;
    let first = Response::new(200, header("Fri, 02 Jan 2026 03:04:05 GMT"), body);
    let fake = Fake::new().response(first).answer(304, "").answer(200, body.replace("Old", "New"));
    let clock = HandClock::new();
    let org =
        Org::builder(fake.transport()).clock(clock.clone()).describe_ttl(Duration::from_secs(60)).build();
    let account = object!("Account");
    let label = |org: &Org| run(org.describe(&account)).unwrap().label.clone().unwrap();
    assert_eq!((label(&org), label(&org.clone())), ("Old".to_owned(), "Old".to_owned()));
    assert_eq!(fake.requests().len(), 1);
    clock.advance(Duration::from_secs(61));
    assert_eq!((label(&org), label(&org)), ("Old".to_owned(), "Old".to_owned()));
    assert_eq!(fake.requests()[1].headers[0].1, "Fri, 02 Jan 2026 03:04:05 GMT");
    org.forget_describe(&account);
    assert_eq!(label(&org), "New");
    assert_eq!(fake.requests().len(), 3);
}

fn one(n: u32, code: Option<&str>) -> String {
    match code {
        None => format!(r#"{{"id":"{}","success":true,"errors":[]}}"#, id(n)),
        Some(code) => format!(
            r#"{{"id":"{}","success":false,"errors":[{{"statusCode":"{code}","message":"m","fields":[]}}]}}"#,
            id(n)
        ),
    }
}
const LOCK: Option<&str> = Some("UNABLE_TO_LOCK_ROW");

/// Pain 37: locked rows are left to the user.
#[test]
fn locked_rows_are_sent_again_they_alone_and_not_for_ever() {
    let list = |rows: &[String]| format!("[{}]", rows.join(","));
    let fake = Fake::new()
        .answer(200, list(&[one(0, LOCK), one(1, None), one(2, Some("STRING_TOO_LONG")), one(3, LOCK)]))
        .answer(200, list(&[one(0, None), one(3, LOCK)]))
        .answer(200, list(&[one(3, LOCK)]))
        .answer(200, list(&[one(3, LOCK)]));
    let clock = HandClock::new();
    let org = Org::builder(fake.transport()).clock(clock.clone()).build();
    let start = clock.now();
    let outcomes = run(org.write((0..4).map(update), &WriteOptions::new()));
    let codes: Vec<_> =
        outcomes.iter().map(|o| o.failure().and_then(|f| f.code.as_ref()).map(ErrorCode::as_str)).collect();
    assert_eq!(codes, [None, None, Some("STRING_TOO_LONG"), LOCK]);
    let sent: Vec<_> = (0..4).map(|call| fake.body(call)["records"].as_array().unwrap().len()).collect();
    assert_eq!(sent, [4, 2, 1, 1]);
    assert!(clock.now() <= start + Duration::from_millis(500 + 1_000 + 2_000));

    // The caller repeats: one sending.
    let fake = Fake::new().answer(200, list(&[one(0, LOCK)]));
    let options = WriteOptions::new().with_call(CallOptions::new().with_attempts(1));
    assert!(!run(Org::new(fake.transport()).write([update(0)], &options))[0].is_done());
    assert_eq!(fake.requests().len(), 1);

    // All or none: all of them again.
    let rolled = Some("ALL_OR_NONE_OPERATION_ROLLED_BACK");
    let fake = Fake::new()
        .answer(200, list(&[one(0, rolled), one(1, LOCK)]))
        .answer(200, list(&[one(0, None), one(1, None)]));
    let org = Org::builder(fake.transport()).clock(HandClock::new()).build();
    let outcomes = run(org.write((0..2).map(update), &WriteOptions::new().with_all_or_none(true)));
    assert!(outcomes.iter().all(RowOutcome::is_done), "{outcomes:?}");
    // But not when the data of another row is to blame.
    let fake = Fake::new().answer(200, list(&[one(0, Some("STRING_TOO_LONG")), one(1, LOCK)]));
    let org = Org::builder(fake.transport()).clock(HandClock::new()).build();
    run(org.write((0..2).map(update), &WriteOptions::new().with_all_or_none(true)));
    assert_eq!(fake.requests().len(), 1);
}

#[test]
fn what_a_repeat_of_locked_rows_leaves_open_is_said() {
    // The repeat's answer is lost: what became of the row is unknown, no more a lock.
    let locked = format!("[{},{}]", one(0, None), one(1, LOCK));
    let write = |fake: &Fake| {
        let org = Org::builder(fake.transport()).clock(HandClock::new()).build();
        run(org.write((0..2).map(update), &WriteOptions::new()))
    };
    let lost = write(&Fake::new().answer(200, locked.as_str()).lose_answer());
    assert_eq!(deliveries(&lost), [None, Some(Delivery::Unknown)]);
    // The repeat never left: the row is where it was.
    let unsent = write(&Fake::new().answer(200, locked.as_str()).lose_request());
    assert_eq!(unsent[1].failure().unwrap().retry(), Retry::Lock);
}
