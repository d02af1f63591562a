//! `Rows::with_parallel` over HTTP to a simulated org that takes 50 ms for every answer: 100 pages at once and one by one.
//!
//! `cargo bench -p sf-rest-transport --bench parallel`, or with `--test` a small round that only looks at the rows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]
use sf_core::{Keyset, KeysetForm, Org, SfId, Soql, Typed, models::Account};
use sf_rest_transport::Rest;
use sf_testorg::{TestOrg, state::Cell};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

const CALLS: usize = 8;

fn statement() -> Typed<Account> {
    let form = KeysetForm::new(Keyset::Id, "SELECT Id, Name FROM Account WHERE ", " ORDER BY Id")
        .with_last("SELECT Id FROM Account ORDER BY Id DESC LIMIT 1");
    Soql::built("SELECT Id, Name FROM Account ORDER BY Id", false, Some(form)).typed()
}

async fn read(org: &Org, calls: usize, expected: usize) -> Duration {
    let start = Instant::now();
    let rows = org.query(statement()).with_parallel(calls).all().await.unwrap();
    let spent = start.elapsed();
    let ids: BTreeSet<SfId> = rows.iter().map(|row| *row.id.value().unwrap()).collect();
    assert_eq!((rows.len(), ids.len()), (expected, expected));
    spent
}

fn main() {
    let is_test = std::env::args().any(|argument| argument == "--test");
    let (pages, latency) = if is_test { (10, 1) } else { (100, 50) };
    let rows = pages * 50;
    let test = TestOrg::empty();
    let filled = test.transact(|state| {
        for at in 0..rows {
            state.insert_row("Account", [("Name", Cell::text(format!("Account {at}")))]).unwrap();
        }
    });
    filled.unwrap();
    test.page_size(50);
    test.latency(Duration::from_millis(latency));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let server = test.serve().unwrap();
    let transport = Rest::at(server.url()).token(server.token()).allow_loopback_http().connect().unwrap();
    let org = Org::new(transport);
    runtime.block_on(async {
        // Connections are open and code is warm.
        read(&org, CALLS, rows).await;
        let alone = read(&org, 1, rows).await;
        let together = read(&org, CALLS, rows).await;
        if is_test {
            return;
        }
        eprintln!(
            "{pages} pages with 50 ms each: {alone:.2?} one by one, {together:.2?} by {CALLS} at a time"
        );
        println!("ratio parallel_read {:.3} 0.25", together.as_secs_f64() / alone.as_secs_f64());
    });
}
