//! What the org takes of a test's time. Not part of a run: `cargo test --release -p sf-testorg --test it speed -- --ignored --nocapture`.
use crate::given::V;
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
