//! What the org takes of a test's time. Not part of a run: `cargo test --release -p sf-testorg --test it speed -- --ignored --nocapture`.
use crate::{
    given::{V, encode},
    query_pages,
};
use sf_core::object;
use sf_testorg::{Request, TestOrg};
use std::time::{Duration, Instant};

fn per_second(calls: u32, mut call: impl FnMut(u32)) -> f64 {
    let start = Instant::now();
    (0..calls).for_each(&mut call);
    f64::from(calls) / start.elapsed().as_secs_f64()
}

#[test]
#[ignore = "measures time, so only in release on a quiet machine"]
fn the_demo_is_up_at_once_and_answers_tens_of_thousands_of_calls_a_second() {
    let start = Instant::now();
    let org = TestOrg::demo();
    let took = start.elapsed();
    println!("TestOrg::demo(): {took:?}");
    assert!(took < Duration::from_millis(500), "{took:?}");
    org.daily_api_requests(u64::MAX);
    let token = org.access_token();
    let id = org.rows(&object!("Account"))[0].id.unwrap();
    let query = |soql: &str| Request::get(format!("{V}/query?q={}", soql.replace(' ', "+"))).bearer(&token);
    for (name, request) in [
        ("query by id", query(&format!("SELECT Name FROM Account WHERE Id = '{id}'"))),
        ("query, LIMIT 1", query("SELECT Id FROM Account LIMIT 1")),
        ("get", Request::get(format!("{V}/sobjects/Account/{id}?fields=Name")).bearer(&token)),
    ] {
        let rate = per_second(50_000, |_| assert_eq!(org.handle(&request).status, 200));
        println!("{name}: {rate:.0} calls a second");
        assert!(rate > 10_000.0, "{name}: {rate:.0}");
    }
    let update = |n: u32| {
        let request = Request::patch(format!("{V}/sobjects/Account/{id}"), format!("{{\"Phone\":\"{n}\"}}"));
        assert_eq!(org.handle(&request.bearer(&token)).status, 204);
    };
    println!("update: {:.0} calls a second", per_second(20_000, update));
}

#[test]
#[ignore = "measures time, so only in release on a quiet machine"]
fn an_indexed_query_on_100000_rows_takes_well_under_a_millisecond() {
    let given = query_pages::large();
    given.org.daily_api_requests(u64::MAX);
    let token = given.org.access_token();
    let ids = given.column("SELECT Id FROM Contact ORDER BY Id LIMIT 200 OFFSET 2000", "Id");
    let account = given.column("SELECT AccountId FROM Contact ORDER BY Id LIMIT 1 OFFSET 2000", "AccountId");
    let list = ids.iter().map(|id| format!("'{}'", id.as_str().unwrap())).collect::<Vec<_>>().join(",");
    let (id, account) = (ids[7].as_str().unwrap(), account[0].as_str().unwrap());
    for (name, soql, most) in [
        ("Id = …", format!("SELECT LastName FROM Contact WHERE Id = '{id}'"), 500),
        ("Id IN (200 ids)", format!("SELECT LastName FROM Contact WHERE Id IN ({list})"), 5_000),
        ("AccountId = …", format!("SELECT LastName FROM Contact WHERE AccountId = '{account}'"), 500),
        (
            "a page of 200 by key",
            format!("SELECT Id FROM Contact WHERE Id > '{id}' ORDER BY Id LIMIT 200"),
            5_000,
        ),
    ] {
        let request = Request::get(format!("{V}/query?q={}", encode(&soql))).bearer(&token);
        let micros = 1e6 / per_second(2_000, |_| assert_eq!(given.org.handle(&request).status, 200));
        println!("{} rows, {name}: {micros:.0} µs", query_pages::ROWS);
        assert!(micros < f64::from(most), "{name}: {micros:.0} µs");
    }
}
