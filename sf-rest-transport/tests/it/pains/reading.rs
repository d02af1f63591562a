use crate::{
    over_http::{data_calls, serve, token_calls},
    transport,
};
use serde::Deserialize;
use sf_core::{
    Children, ErrorCode, ErrorKind, Fields, Org, QueryCall, QueryOptions, Record, Retry, SfId, Soql, Write,
    field, models::Account, object,
};
use sf_rest_transport::{App, Rest, Tokens};
use sf_soql::prelude::*;
use sf_testorg::{Effect, Fault, On, TestOrg, demo::Dataset};
use std::collections::BTreeSet;
use wiremock::{
    Mock, MockServer, Request as Seen, Respond, ResponseTemplate,
    matchers::{any, path_regex},
};

const QUERY: &str = "/services/data/v66.0/query";

/// A result of so many rows in pages of these sizes, over and over.
struct Pages {
    rows: usize,
    sizes: Vec<usize>,
}
impl Respond for Pages {
    fn respond(&self, request: &Seen) -> ResponseTemplate {
        let path = request.url.path();
        // The cursor names the page: its rows are those behind all pages before it.
        let page: usize =
            path.strip_prefix(QUERY).unwrap().strip_prefix("/01g-").map_or(0, |n| n.parse().unwrap());
        let size = |n: usize| self.sizes[n % self.sizes.len()];
        let start: usize = (0..page).map(size).sum();
        let end = (start + size(page)).min(self.rows);
        let rows: Vec<_> =
            (start..end).map(|n| format!(r#"{{"attributes":{{"type":"Account"}},"Name":"{n}"}}"#)).collect();
        let next = match end < self.rows {
            true => format!(r#""done":false,"nextRecordsUrl":"{QUERY}/01g-{}","#, page + 1),
            false => r#""done":true,"#.to_owned(),
        };
        let body = format!(r#"{{"totalSize":{},{next}"records":[{}]}}"#, self.rows, rows.join(","));
        ResponseTemplate::new(200).set_body_raw(body, "application/json")
    }
}
async fn pages(rows: usize, sizes: &[usize]) -> (MockServer, Org) {
    let server = MockServer::start().await;
    Mock::given(path_regex("^/services/data/v66.0/query"))
        .respond_with(Pages { rows, sizes: sizes.to_vec() })
        .mount(&server)
        .await;
    let org = Org::new(transport(&server.uri()));
    (server, org)
}
fn statement() -> sf_core::Typed<Account> {
    Soql::raw("SELECT Name FROM Account").typed()
}
fn numbers(rows: &[Account]) -> Vec<usize> {
    rows.iter().map(|row| row.name.value().unwrap().parse().unwrap()).collect()
}

/// Pain 15: 10,000 rows, or 50,000, and nobody says that there are more.
#[tokio::test]
async fn every_row_comes_however_many_there_are() {
    let (server, org) = pages(60_500, &[2_000]).await;
    let rows = org.query(statement()).all().await.unwrap();
    assert!(numbers(&rows).into_iter().eq(0..60_500));
    assert_eq!(server.received_requests().await.unwrap().len(), 31);
}

/// Pain 17: pages have any size, also none, and only the org says where the next one is.
/// Pain 22: a list is the whole list.
#[tokio::test]
async fn pages_of_any_size_are_followed_to_the_end() {
    for sizes in [vec![1, 0, 7, 2_000, 0, 0, 3], vec![0, 250], vec![1]] {
        let (_server, org) = pages(97, &sizes).await;
        assert!(numbers(&org.query(statement()).all().await.unwrap()).into_iter().eq(0..97), "{sizes:?}");
    }
}

/// Pain 18: whoever stops in the middle of a page and goes on misses nothing.
#[tokio::test]
async fn taking_some_and_going_on_swallows_no_row() {
    for taken in [0, 1, 9, 10, 11, 20, 35] {
        let (_server, org) = pages(35, &[10]).await;
        let mut rows = org.query(statement());
        let mut seen = Vec::new();
        for _ in 0..taken {
            seen.extend(rows.try_next().await.unwrap());
        }
        assert_eq!(seen.len(), taken);
        seen.extend(rows.all().await.unwrap());
        assert!(numbers(&seen).into_iter().eq(0..35), "{taken}");
    }
}

/// Pain 23: pages come as they are asked for, and those that were read are let go.
#[tokio::test]
async fn no_more_pages_are_fetched_than_are_read() {
    let (server, org) = pages(6_000, &[100]).await;
    let asked = || async { server.received_requests().await.unwrap().len() };
    let mut rows = org.query(statement());
    assert_eq!(asked().await, 0, "nothing is sent before a row is asked for");
    // What may be fetched ahead, when that is chosen, is a handful.
    let ahead = 8;
    for n in 0..2_000 {
        assert!(rows.try_next().await.unwrap().is_some());
        if n % 100 == 99 {
            let pages = asked().await;
            assert!(pages <= n / 100 + 1 + ahead, "{pages} pages for {n} rows");
        }
    }
    let before = asked().await;
    drop(rows);
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(asked().await, before, "whoever stops reading stops fetching");
    assert!(before < 60);
}

#[derive(Debug, Deserialize)]
struct Parent {
    #[serde(rename = "Contacts")]
    contacts: Children<Person>,
}
#[derive(Debug, Deserialize)]
struct Person {
    #[serde(rename = "Cases")]
    cases: Children<Record>,
}

/// Pain 16: child rows are cut at the first batch, and those of the second level always.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn children_are_complete_at_every_level() {
    let sim = TestOrg::builder().dataset(Dataset::Empty).page_size(2).build();
    let insert = |object, fields| sim.apply(Write::Insert { object, fields }).unwrap();
    for n in 0..3 {
        let account = insert(object!("Account"), Fields::new().set(field!("Name"), format!("A{n}")));
        for _ in 0..5 {
            let contact = Fields::new().set(field!("LastName"), "C").set(field!("AccountId"), account);
            let contact = insert(object!("Contact"), contact);
            for _ in 0..3 {
                insert(object!("Case"), Fields::new().set(field!("ContactId"), contact));
            }
        }
    }
    let (_server, org) = serve(&sim);
    let soql =
        "SELECT Name, (SELECT LastName, (SELECT Id FROM Cases) FROM Contacts) FROM Account ORDER BY Name";
    let rows = org.query(Soql::raw(soql).typed::<Parent>()).all().await.unwrap();
    assert_eq!(rows.len(), 3);
    let mut cases = BTreeSet::new();
    for row in &rows {
        assert!(row.contacts.is_complete());
        assert_eq!((row.contacts.len(), row.contacts.total), (5, 5));
        for person in &row.contacts {
            assert!(person.cases.is_complete());
            assert_eq!(person.cases.len(), 3);
            cases.extend(person.cases.iter().map(|case| case.id.unwrap()));
        }
    }
    assert_eq!(cases.len(), 45, "each case once");
}

fn accounts(count: usize, page_size: usize) -> TestOrg {
    let sim = TestOrg::builder().dataset(Dataset::Empty).page_size(page_size).build();
    for n in 0..count {
        let fields = Fields::new().set(field!("Name"), format!("{n}"));
        sim.apply(Write::Insert { object: object!("Account"), fields }).unwrap();
    }
    sim
}
fn lose_locators(at: u32) -> Fault {
    Fault::new(On::Operation("query_more".into()), Effect::LoseLocators).skip(at)
}

/// Pain 19: a cursor dies. With an order to go by the query goes on behind the last row; without one it says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_cursor_loses_and_doubles_no_row() {
    let sim = accounts(35, 4);
    let (_server, org) = serve(&sim);
    sim.inject(lose_locators(1));
    sim.inject(lose_locators(4));
    let query = Query::of::<Account>().select([Account::ID, Account::NAME]).order_by(Account::ID);
    let rows = org.query(query).all().await.unwrap();
    let ids: BTreeSet<SfId> = rows.iter().map(|row| *row.id.value().unwrap()).collect();
    assert_eq!((rows.len(), ids.len()), (35, 35));
    assert!(sim.faults().is_empty());
    assert_eq!(sim.calls().iter().filter(|call| call.operation() == "query").count(), 3);

    // No order: what was read is handed out, then the typed error.
    sim.inject(lose_locators(0));
    let mut rows = org.query(Soql::raw("SELECT Name FROM Account").typed::<Account>());
    let mut read = 0;
    let e = loop {
        match rows.try_next().await {
            Ok(row) => read += usize::from(row.is_some()),
            Err(e) => break e,
        }
    };
    assert_eq!((read, e.kind(), e.retry()), (4, ErrorKind::CursorLost, Retry::Restart));
    assert_eq!(e.code(), Some(&ErrorCode::InvalidQueryLocator));
    assert!(rows.try_next().await.unwrap().is_none());
}

/// Pain 19, by the other order that tells rows apart: those of one moment lie on both sides of the page's border.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_cursor_between_rows_of_one_moment_loses_and_doubles_no_row() {
    for page_size in [3, 4, 5] {
        let sim = TestOrg::builder().dataset(Dataset::Empty).page_size(page_size).build();
        let insert = |n: usize| {
            let fields = Fields::new().set(field!("Name"), format!("{n}"));
            sim.apply(Write::Insert { object: object!("Account"), fields }).unwrap()
        };
        // Seven of a moment, the earlier moments with the greater ids, so that neither column alone says the order.
        let ids: Vec<SfId> = (0..35).map(insert).collect();
        for group in ids.chunks(7).rev() {
            sim.clock().advance(std::time::Duration::from_secs(60));
            for id in group {
                let fields = Fields::new().set(field!("Phone"), "1");
                let object = object!("Account");
                sim.apply(Write::Update { object, id: *id, fields, if_unmodified_since: None }).unwrap();
            }
        }
        let expected: Vec<SfId> = ids.chunks(7).rev().flatten().copied().collect();
        let (_server, org) = serve(&sim);
        let query = || {
            Query::of::<Account>()
                .select([Account::ID, Account::SYSTEM_MODSTAMP])
                .order_by(Account::SYSTEM_MODSTAMP)
                .order_by(Account::ID)
        };
        // At each border in turn.
        for at in 0..(35_usize.div_ceil(page_size) - 1) {
            sim.inject(lose_locators(u32::try_from(at).unwrap()));
            let rows = org.query(query()).all().await.unwrap();
            let moments: BTreeSet<_> = rows.iter().map(|row| row.system_modstamp.value().copied()).collect();
            assert_eq!(moments.len(), 5, "the moments are shared");
            let came: Vec<SfId> = rows.iter().map(|row| *row.id.value().unwrap()).collect();
            assert_eq!(came, expected, "pages of {page_size}, lost at {at}");
            assert!(sim.faults().is_empty());
        }
        let restarts = sim.calls().iter().filter(|call| call.target.contains("SystemModstamp+%3D")).count();
        assert!(restarts > 0 || sim.calls().iter().any(|call| call.target.contains("SystemModstamp%20%3D")));
    }
}

/// Pain 19: a cursor belongs to the session that made it. A new token is refused for it too, for ever.
#[tokio::test]
async fn a_cursor_of_an_ended_session_costs_one_new_token_and_then_the_query_starts_behind_the_last_row() {
    struct OldSession;
    impl Respond for OldSession {
        fn respond(&self, request: &Seen) -> ResponseTemplate {
            let json =
                |status, body: String| ResponseTemplate::new(status).set_body_raw(body, "application/json");
            let id = |n: u8| format!("001{n:012}AAA");
            let row =
                |n: u8| format!(r#"{{"attributes":{{"type":"Account"}},"Id":"{}","Name":"{n}"}}"#, id(n));
            if request.url.path().starts_with(&format!("{QUERY}/")) {
                return json(
                    401,
                    r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#.into(),
                );
            }
            let soql = request.url.query_pairs().find(|(name, _)| name == "q").unwrap().1;
            match soql.contains(&format!("Id > '{}'", id(1))) {
                true => json(200, format!(r#"{{"totalSize":1,"done":true,"records":[{}]}}"#, row(2))),
                false => json(
                    200,
                    format!(
                        r#"{{"totalSize":2,"done":false,"nextRecordsUrl":"{QUERY}/01g-1","records":[{}]}}"#,
                        row(1)
                    ),
                ),
            }
        }
    }
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::path("/services/oauth2/token"))
        .respond_with(ResponseTemplate::new(200).set_body_json(serde_json::json!({
            "access_token": "fresh", "instance_url": server.uri(), "token_type": "Bearer"})))
        .with_priority(1)
        .mount(&server)
        .await;
    Mock::given(any()).respond_with(OldSession).mount(&server).await;
    let signed_in = || {
        let tokens = Tokens::refresh("refresh").with_access("old", server.uri());
        let session = App::new(server.uri(), "client").allow_loopback_http().session(tokens).unwrap();
        Org::new(Rest::with_credentials(session).allow_loopback_http().connect().unwrap())
    };
    let query = Query::of::<Account>().select([Account::ID, Account::NAME]).order_by(Account::ID);
    let rows = signed_in().query(query).all().await.unwrap();
    assert_eq!(rows.iter().map(|row| row.name.value().unwrap().as_str()).collect::<Vec<_>>(), ["1", "2"]);
    let tokens = |seen: Vec<Seen>| seen.iter().filter(|r| r.url.path().ends_with("/token")).count();
    assert_eq!(tokens(server.received_requests().await.unwrap()), 1);

    // Without an order there is no way behind the last row: an end, not a loop.
    let e =
        signed_in().query(Soql::raw("SELECT Id FROM Account").typed::<Account>()).all().await.unwrap_err();
    assert_eq!((e.kind(), e.code()), (ErrorKind::NotSignedIn, Some(&ErrorCode::InvalidSessionId)));
    let seen = server.received_requests().await.unwrap();
    assert_eq!((tokens(seen.clone()), seen.len()), (2, 1 + 4 + 4));
}

/// Pain 20: statements around the length of a URL, in letters that take three bytes each there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_goes_into_the_url_or_into_a_body_and_finds_the_same_rows() {
    let sim = accounts(3, 2_000);
    let (_server, org) = serve(&sim);
    let mut methods = BTreeSet::new();
    for length in [10, 2_590, 2_600, 2_610, 7_000, 7_900, 20_000, 60_000] {
        for letter in ["x", "é", "€"] {
            // Cut into texts that are not longer than a field.
            let texts: Vec<String> =
                (0..=length / 200).map(|n| format!("'{}{n}'", letter.repeat(200))).collect();
            let soql =
                format!("SELECT Name FROM Account WHERE Name IN ('1',{}) ORDER BY Name", texts.join(","));
            if soql.chars().count() > 100_000 {
                continue;
            }
            let rows = org.query(Soql::raw(soql).typed::<Account>()).all().await.unwrap();
            assert_eq!(numbers(&rows), [1], "{length} {letter}");
            methods.insert(sim.calls().last().unwrap().method.as_str().to_owned());
        }
    }
    assert_eq!(methods.len(), 2, "{methods:?}");
    // A URL with its headers has 16,384 bytes at most; proxies often take half.
    assert!(sim.calls().iter().all(|call| call.target.len() < 8_192));
}

/// Pain 21: all fields of an object that has 700 of them, in one statement and by id.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_fields_of_a_wide_object_come_in_one_call() {
    let sim = TestOrg::empty();
    let fields: Vec<_> = (0..700)
        .map(|n| serde_json::json!({"name": format!("A_field_with_a_long_name_{n:03}__c"), "type": "string", "length": 40}))
        .collect();
    sim.add_fields(&object!("Account"), fields).unwrap();
    let values =
        Fields::new().set(field!("Name"), "A").set(field!("A_field_with_a_long_name_699__c"), "last");
    let id = sim.apply(Write::Insert { object: object!("Account"), fields: values }).unwrap();
    let (_server, org) = serve(&sim);
    let describe = org.describe(&object!("Account")).await.unwrap();
    // An address is the sum of other fields.
    let names: Vec<sf_core::FieldName> = describe.fields.iter().map(|field| field.name.clone()).collect();
    assert!(names.len() > 700);
    let list = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(",");
    let before = data_calls(&sim);
    let call = QueryCall::Start(Soql::raw(format!("SELECT {list} FROM Account")));
    let page = org.transport().query(&[call], &QueryOptions::new()).await.unwrap().remove(0).unwrap();
    let by_id = org
        .transport()
        .retrieve(&object!("Account"), &[id], &names, &sf_core::CallOptions::new())
        .await
        .unwrap();
    assert_eq!(data_calls(&sim) - before, 2);
    for page in [page, by_id] {
        let row = page.decode::<Record>().unwrap().remove(0).unwrap();
        assert_eq!(
            row.get::<String>("A_field_with_a_long_name_699__c").unwrap().value().map(String::as_str),
            Some("last")
        );
        assert_eq!(row.get::<String>("A_field_with_a_long_name_000__c").unwrap(), sf_core::Field::Null);
    }
    assert_eq!(token_calls(&sim), 0);
}
