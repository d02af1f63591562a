//! `Rows`: all pages, children completed, errors in their place, lost cursors.
use crate::fake::{Fake, run};
use sf_core::models::{Account, Opportunity};
use sf_core::*;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

pub(super) fn id(n: u32) -> SfId {
    SfId::new(format!("001{n:012}")).unwrap()
}
pub(super) fn row(n: u32) -> String {
    format!(r#"{{"attributes":{{"type":"Account"}},"Id":"{}","Name":"A{n}","Score__c":{n}.0E7}}"#, id(n))
}
pub(super) fn page(total: u32, next: Option<&str>, rows: &[String]) -> String {
    let next = next.map_or(r#""done":true"#.to_owned(), |next| {
        format!(r#""done":false,"nextRecordsUrl":"/services/data/v66.0/query/{next}""#)
    });
    format!(r#"{{"totalSize":{total},{next},"records":[{}]}}"#, rows.join(","))
}
pub(super) fn lost(answer: Fake) -> Fake {
    answer.answer(400, r#"[{"errorCode":"INVALID_QUERY_LOCATOR","message":"invalid query locator"}]"#)
}
pub(super) fn composite(bodies: &[String]) -> String {
    let parts: Vec<_> = bodies
        .iter()
        .enumerate()
        .map(|(i, body)| {
            format!(r#"{{"body":{body},"httpHeaders":{{}},"httpStatusCode":200,"referenceId":"part{i}"}}"#)
        })
        .collect();
    format!(r#"{{"compositeResponse":[{}]}}"#, parts.join(","))
}
pub(super) fn query(fake: &Fake, text: &str) -> Rows<Account> {
    Org::new(fake.transport()).query(Soql::raw(text).typed::<Account>())
}
/// Every item, errors as their text.
pub(super) fn items(mut rows: Rows<Account>) -> Vec<String> {
    use futures_core::Stream;
    let mut cx = Context::from_waker(Waker::noop());
    let mut items = Vec::new();
    loop {
        match Pin::new(&mut rows).poll_next(&mut cx) {
            Poll::Ready(None) => return items,
            Poll::Ready(Some(Ok(row))) => items.push(row.name.into_value().unwrap_or_default()),
            Poll::Ready(Some(Err(error))) => items.push(error.to_string()),
            Poll::Pending => panic!("nothing here waits"),
        }
    }
}

#[test]
fn nothing_is_sent_before_the_first_row_is_asked_for() {
    let fake = Fake::new();
    drop(query(&fake, "SELECT Id FROM Account"));
    assert!(fake.requests().is_empty());
}

#[test]
fn all_pages_are_read_even_empty_ones() {
    let fake = Fake::new()
        .answer(200, page(3, Some("01g-1"), &[row(1), row(2)]))
        .answer(200, page(3, Some("01g-2"), &[]))
        .answer(200, page(3, None, &[row(3)]));
    let rows = run(query(&fake, "SELECT Id FROM Account").all()).unwrap();
    let ids: Vec<_> = rows.iter().map(|r| r.id.value().copied().unwrap()).collect();
    assert_eq!(ids, [id(1), id(2), id(3)]);
    assert_eq!(fake.requests().len(), 3);
}

#[test]
fn first_reads_one_page() {
    let fake = Fake::new().answer(200, page(3, Some("01g-1"), &[row(1), row(2)]));
    assert_eq!(run(query(&fake, "x").first()).unwrap().unwrap().id.value(), Some(&id(1)));
    let none = Fake::new().answer(200, page(0, None, &[]));
    assert!(run(query(&none, "x").first()).unwrap().is_none());
}

#[test]
fn a_malformed_row_is_an_error_and_the_stream_goes_on() {
    let bad = r#"{"attributes":{"type":"Account"},"Id":"nonsense","Name":"B"}"#.to_owned();
    let fake = Fake::new()
        .answer(200, page(4, Some("01g-1"), &[row(1), bad, row(3)]))
        .answer(200, page(4, None, &[row(4)]));
    let items = items(query(&fake, "x"));
    assert_eq!((items[0].as_str(), items[2].as_str(), items[3].as_str()), ("A1", "A3", "A4"));
    assert_eq!(items.len(), 4);
}

#[test]
fn a_failed_page_is_the_last_item() {
    let fake = Fake::new().answer(200, page(4, Some("01g-1"), &[row(1)])).lose_answer();
    assert_eq!(items(query(&fake, "x")), ["A1", "no answer in 30 s"]);
    let refused = Fake::new().answer(400, r#"[{"errorCode":"MALFORMED_QUERY","message":"m"}]"#);
    assert_eq!(items(query(&refused, "x")), ["MALFORMED_QUERY: m"]);
    let itself = page(4, Some("01g-1"), &[row(1)]);
    let endless = Fake::new().answer(200, itself.clone()).answer(200, itself);
    assert_eq!(items(query(&endless, "x")), ["A1", "a page names itself as the next one"]);
}

/// Whatever the length of the circle: nothing is asked for twice, so no row comes twice.
#[test]
fn pages_that_go_round_in_a_circle_are_an_error() {
    for length in [3, 4, 9] {
        for back_to in 1..length - 1 {
            let next = |n: u32| format!("01g-{n}");
            let mut fake = Fake::new();
            for n in 1..=length {
                let to = if n == length { next(back_to) } else { next(n) };
                fake = fake.answer(200, page(90, Some(&to), &[row(n)]));
            }
            let items = items(query(&fake, "x"));
            let (error, rows) = items.split_last().unwrap();
            let expected: Vec<_> = (1..length).map(|n| format!("A{n}")).collect();
            assert_eq!(rows, expected, "{length} {back_to}");
            assert!(error.contains("read before"), "{error}");
            assert_eq!(fake.requests().len(), length as usize);
        }
    }
}

/// A statement that was begun again has pages of its own.
#[test]
fn after_a_restart_the_names_of_pages_are_new() {
    let fake = lost(Fake::new().answer(200, page(4, Some("01g-1"), &[row(1)])))
        .answer(200, page(3, Some("01g-1"), &[row(2)]))
        .answer(200, page(3, None, &[row(3)]));
    assert_eq!(items(Org::new(fake.transport()).query(keyset().typed::<Account>())), ["A1", "A2", "A3"]);
}

/// The same for ranges of ids.
#[test]
fn pages_of_a_range_that_go_round_in_a_circle_are_an_error() {
    let greatest = page(1, None, &[row(90)]);
    let fake = Fake::new()
        .answer(200, composite(&[page(4, Some("01g-1"), &[row(1), row(2)]), greatest]))
        .answer(200, page(4, Some("01g-2"), &[row(3), row(4)]))
        .answer(200, page(4, Some("01g-1"), &[row(5), row(6)]));
    let rows = Org::new(fake.transport()).query(keyset_with_last().typed::<Account>()).with_parallel(2);
    let items = items(rows);
    let (error, rows) = items.split_last().unwrap();
    assert!(error.contains("read before") && rows.len() <= 4, "{items:?}");
}
fn keyset_with_last() -> Soql {
    let form = KeysetForm::new(Keyset::Id, "SELECT Id FROM Account WHERE ", " ORDER BY Id")
        .with_last("SELECT Id FROM Account ORDER BY Id DESC LIMIT 1");
    Soql::built("SELECT Id FROM Account ORDER BY Id", false, Some(form))
}

pub(super) const WITH_CHILDREN: &str = "SELECT Id, ( select Name FROM Opportunities) FROM Account";

pub(super) fn child(n: u32) -> String {
    format!(r#"{{"attributes":{{"type":"Opportunity"}},"Name":"D{n}","Amount":{n}.00}}"#)
}
pub(super) fn parent(n: u32, children: &str) -> String {
    format!(
        r#"{{"attributes":{{"type":"Account"}},"Id":"{}","Score__c":1.0E7,"Opportunities":{children},"Owner":{{"attributes":{{"type":"User"}},"Name":"nextRecordsUrl \"q\""}}}}"#,
        id(n)
    )
}

#[test]
fn cut_children_are_completed_before_the_parent_is_handed_out() {
    let first = [
        parent(1, &page(3, Some("c1-1"), &[child(1)])),
        parent(2, "null"),
        parent(3, &page(2, Some("c3-1"), &[child(7)])),
    ];
    let fake = Fake::new()
        .answer(200, page(4, Some("01g-3"), &first))
        .answer(200, composite(&[page(3, Some("c1-2"), &[child(2)]), page(2, None, &[child(8)])]))
        .answer(200, page(3, None, &[child(3)]))
        .answer(200, page(4, None, &[parent(4, &page(1, None, &[child(9)]))]));
    let rows = run(query(&fake, "SELECT Id, (SELECT Name FROM Opportunities) FROM Account").all()).unwrap();
    let names: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let children: Children<Opportunity> = row.children(Account::OPPORTUNITIES).unwrap();
            assert_eq!(children.total as usize, children.rows.len());
            assert!(children.next.is_none());
            children.into_iter().map(|c| c.name.into_value().unwrap()).collect()
        })
        .collect();
    assert_eq!(names, [vec!["D1", "D2", "D3"], vec![], vec!["D7", "D8"], vec!["D9"]]);
    // Digits of the parent and of children that came later are the org's.
    assert_eq!(rows[0].extra.get::<Number>("Score__c").unwrap().value().unwrap().as_str(), "1.0E7");
    let children = rows[0].children(Account::OPPORTUNITIES).unwrap();
    assert_eq!(children.rows[2].amount.value().unwrap().as_str(), "3.00");
    assert_eq!(fake.requests().len(), 4, "{:?}", fake.lines());
}

#[test]
fn children_of_children_are_completed_too() {
    let contact = |next, deals: &[String]| {
        format!(r#"{{"attributes":{{"type":"Contact"}},"Name":"C","Deals__r":{}}}"#, page(2, next, deals))
    };
    let fake = Fake::new()
        .answer(200, page(1, None, &[parent(1, &page(2, Some("c1"), &[contact(Some("d1"), &[child(1)])]))]))
        .answer(200, page(2, None, &[contact(Some("d2"), &[child(3)])]))
        .answer(200, composite(&[page(2, None, &[child(2)]), page(2, None, &[child(4)])]));
    let rows: Vec<Record> =
        run(Org::new(fake.transport()).query(Soql::raw("SELECT (SELECT x FROM y) FROM z")).all()).unwrap();
    let contacts = rows[0].children("Opportunities").unwrap();
    let deals: Vec<Vec<String>> = contacts
        .rows
        .iter()
        .map(|c| {
            c.children("Deals__r")
                .unwrap()
                .rows
                .iter()
                .map(|d| d.get::<String>("Name").unwrap().into_value().unwrap())
                .collect()
        })
        .collect();
    assert_eq!(deals, [["D1", "D2"], ["D3", "D4"]]);
}

#[test]
fn missing_children_are_an_error_not_a_shorter_list() {
    let cut = page(1, None, &[parent(1, &page(3, Some("c1"), &[child(1)]))]);
    let fewer = Fake::new().answer(200, cut.clone()).answer(200, page(3, None, &[child(2)]));
    assert_eq!(items(query(&fewer, WITH_CHILDREN)), ["2 of 3 child rows came"]);
    let failed = Fake::new().answer(200, cut.clone()).lose_answer();
    assert_eq!(items(query(&failed, WITH_CHILDREN)), ["no answer in 30 s"]);
    let endless = Fake::new().answer(200, cut).answer(200, page(3, Some("c1"), &[]));
    assert_eq!(items(query(&endless, WITH_CHILDREN)), ["a page of child rows names itself as the next one"]);
    let cut = page(1, None, &[parent(1, &page(9, Some("c1"), &[child(1)]))]);
    let circle = Fake::new()
        .answer(200, cut)
        .answer(200, page(9, Some("c2"), &[child(2)]))
        .answer(200, page(9, Some("c3"), &[]))
        .answer(200, page(9, Some("c1"), &[child(3)]));
    let told = "a page of child rows names one that was read before as the next one";
    assert_eq!(items(query(&circle, WITH_CHILDREN)), [told]);
}

pub(super) fn keyset() -> Soql {
    let form = KeysetForm::new(Keyset::Id, "SELECT Id FROM Account WHERE ", " ORDER BY Id");
    Soql::built("SELECT Id FROM Account ORDER BY Id", false, Some(form))
}

#[test]
fn a_lost_cursor_with_a_keyset_goes_on_after_the_last_row() {
    let fake = lost(Fake::new().answer(200, page(4, Some("01g-2"), &[row(1), row(2)])))
        .answer(200, page(2, Some("01h-1"), &[row(3)]))
        .answer(200, page(2, None, &[row(4)]));
    let rows = Org::new(fake.transport()).query(keyset().typed::<Account>());
    assert_eq!(items(rows), ["A1", "A2", "A3", "A4"]);
    assert_eq!(
        fake.requests()[2].query,
        [("q".to_owned(), format!("SELECT Id FROM Account WHERE Id > '{}' ORDER BY Id", id(2)))]
    );
}

/// A cursor belongs to the session that made it: after a refresh the new token is refused for it too.
#[test]
fn a_cursor_of_an_ended_session_with_a_keyset_goes_on_after_the_last_row() {
    let ended = r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#;
    let fake = Fake::new()
        .answer(200, page(3, Some("01g-2"), &[row(1), row(2)]))
        .answer(401, ended)
        .answer(200, page(1, None, &[row(3)]));
    assert_eq!(items(Org::new(fake.transport()).query(keyset().typed::<Account>())), ["A1", "A2", "A3"]);
    // Who is really signed out learns it from the restart, and a query that never began is not repeated.
    let out = "INVALID_SESSION_ID: Session expired or invalid";
    let fake =
        Fake::new().answer(200, page(3, Some("01g-2"), &[row(1)])).answer(401, ended).answer(401, ended);
    assert_eq!(items(Org::new(fake.transport()).query(keyset().typed::<Account>())), ["A1", out]);
    let fake = Fake::new().answer(401, ended);
    assert_eq!(items(Org::new(fake.transport()).query(keyset().typed::<Account>())), [out]);
}

#[test]
fn a_cursor_that_is_lost_again_at_once_is_an_error() {
    let fake = lost(lost(Fake::new().answer(200, page(4, Some("01g-2"), &[row(1), row(2)]))));
    let rows = Org::new(fake.transport()).query(keyset().typed::<Account>());
    assert_eq!(items(rows), ["A1", "A2", "INVALID_QUERY_LOCATOR: invalid query locator"]);
}

#[test]
fn a_lost_cursor_without_a_keyset_is_a_typed_error() {
    let fake = lost(Fake::new().answer(200, page(4, Some("01g-2"), &[row(1)])));
    let mut rows = query(&fake, "SELECT Id FROM Account");
    run(rows.try_next()).unwrap();
    let error = run(rows.try_next()).unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::CursorLost, Retry::Restart));
    assert!(run(rows.try_next()).unwrap().is_none());
}
