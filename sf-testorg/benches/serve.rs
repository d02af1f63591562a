//! A page of 2,000 account rows with 14 fields, answered by the simulated org, against serde_json writing the same rows that
//! are in memory as `serde_json::Value`; and what a client gets over HTTP.
//!
//! Both sides of the ratio run in turns in one thread; the fastest round of each counts, since other programs only ever add
//! time. Prints one line for the bench script, `ratio NAME value limit`, and figures for information.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    missing_docs
)]

#[path = "../tests/it/http.rs"]
#[allow(dead_code)]
mod http;

use sf_testorg::{Request, TestOrg};
use std::{
    hint::black_box,
    thread,
    time::{Duration, Instant},
};

const ROWS: usize = 2_000;
const DURATION: Duration = Duration::from_secs(3);
const SOQL: &str = "SELECT+Id,Name,Industry,Phone,Website,BillingCity,AnnualRevenue,NumberOfEmployees,OwnerId,Type,Description,\
                    IsDeleted,CreatedDate,SystemModstamp+FROM+Account+ORDER+BY+Id+LIMIT+2000";

/// The seconds of the fastest round of each side.
fn compare(mut one: impl FnMut(), mut other: impl FnMut()) -> (f64, f64) {
    let (mut fastest, begin) = ((f64::INFINITY, f64::INFINITY), Instant::now());
    while begin.elapsed() < DURATION {
        let start = Instant::now();
        one();
        fastest.0 = fastest.0.min(start.elapsed().as_secs_f64());
        let start = Instant::now();
        other();
        fastest.1 = fastest.1.min(start.elapsed().as_secs_f64());
    }
    fastest
}

/// Requests answered in a second over as many connections as cores.
fn over_http(url: &str, token: &str, target: &str) -> f64 {
    let connections = thread::available_parallelism().map_or(2, usize::from);
    let headers = format!("Authorization: Bearer {token}");
    let begin = Instant::now();
    let answered: usize = thread::scope(|scope| {
        let clients: Vec<_> = (0..connections)
            .map(|_| {
                scope.spawn(|| {
                    let mut connection = http::Connection::open(url);
                    let mut answered = 0;
                    while begin.elapsed() < DURATION {
                        let answer = connection.send(&format!("GET {target}"), &headers, b"").unwrap();
                        assert_eq!(answer.status, 200);
                        answered += 1;
                    }
                    answered
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().unwrap()).sum()
    });
    answered as f64 / begin.elapsed().as_secs_f64()
}

fn main() {
    let org = TestOrg::builder().accounts(ROWS as u64).build();
    org.daily_api_requests(u64::MAX);
    let page = format!("/services/data/v66.0/query?q={SOQL}");
    let request = Request::get(&page).bearer(&org.access_token());
    let answer = org.handle(&request);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let value: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(value["records"].as_array().unwrap().len(), ROWS);
    // The same bytes but for how numbers are written.
    let written = serde_json::to_vec(&value).unwrap();
    assert!(written.len().abs_diff(answer.body.len()) < answer.body.len() / 20);

    let (served, serialised) = compare(
        || drop(black_box(org.handle(black_box(&request)))),
        || drop(black_box(serde_json::to_vec(black_box(&value)).unwrap())),
    );
    println!("ratio testorg_page_vs_serde_json {:.3} 2.0", served / serialised);
    println!(
        "  a page of {ROWS} rows, {} KiB: {:.2} ms; serde_json: {:.2} ms",
        answer.body.len() / 1024,
        served * 1e3,
        serialised * 1e3
    );
    let server = org.serve().unwrap();
    let pages = over_http(server.url(), &server.token(), &page);
    let id = value["records"][7]["Id"].as_str().unwrap();
    let one = format!("/services/data/v66.0/query?q=SELECT+Id,Name,Owner.Name+FROM+Account+WHERE+Id='{id}'");
    let queries = over_http(server.url(), &server.token(), &one);
    println!(
        "  over HTTP: {queries:.0} queries of one row/s, {:.0} rows/s in pages of {ROWS}",
        pages * ROWS as f64
    );
}
