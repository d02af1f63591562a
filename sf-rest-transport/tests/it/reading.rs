//! Rows of several pages over HTTP: what is asked for ahead comes by itself and is in nobody's way.
use sf_core::{Field, Org, Soql, Transport, models::Account};
use sf_rest_transport::{Rest, RestTransport};
use sf_testorg::{Server, TestOrg, state::Cell};
use std::time::Duration;
use tokio::time::{sleep, timeout};

const MOST: Duration = Duration::from_secs(20);

fn server(rows: usize) -> Server {
    let test = TestOrg::empty();
    let filled = test.transact(|state| {
        for at in 0..rows {
            state.insert_row("Account", [("Name", Cell::text(format!("A{at}")))]).unwrap();
        }
    });
    filled.unwrap();
    test.page_size(2);
    test.serve().unwrap()
}
fn at(server: &Server, concurrency: usize) -> RestTransport {
    let rest = Rest::at(server.url()).token(server.token()).allow_loopback_http();
    rest.concurrency(concurrency).connect().unwrap()
}
fn names() -> sf_core::Typed<Account> {
    Soql::raw("SELECT Id, Name FROM Account").typed()
}

/// With one place for requests, the page ahead must not keep it from the program's own calls.
#[tokio::test]
async fn a_page_ahead_holds_up_no_other_call() {
    let server = server(6);
    let org = Org::new(at(&server, 1));
    let mut rows = org.query(names());
    let work = async {
        let mut count = 0;
        while let Some(row) = rows.try_next().await.unwrap() {
            org.update(&Account { id: row.id, site: Field::Value("seen".into()), ..Account::default() })
                .await
                .unwrap();
            count += 1;
        }
        count
    };
    assert_eq!(timeout(MOST, work).await.expect("the program waits for itself"), 6);
}

#[tokio::test]
async fn a_page_ahead_is_received_while_no_row_is_taken() {
    let server = server(4);
    let transport = at(&server, 10);
    let mut rows = Org::new(transport.clone()).query(names());
    for _ in 0..2 {
        rows.try_next().await.unwrap().unwrap();
    }
    let first = transport.usage().bytes_in;
    let received = async {
        while transport.usage().bytes_in == first {
            sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(MOST, received).await.expect("the second page does not come by itself");
    assert_eq!(rows.all().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_read_that_is_dropped_is_ended() {
    let server = server(1);
    server.org().latency(Duration::from_secs(3_600));
    let transport = at(&server, 1);
    for _ in 0..3 {
        let org = Org::new(transport.clone());
        assert!(timeout(Duration::from_millis(50), org.query(names()).all()).await.is_err());
    }
    // Their places are free again.
    server.org().latency(Duration::ZERO);
    let all = Org::new(transport).query(names()).all();
    assert_eq!(timeout(MOST, all).await.expect("a dropped call keeps its place").unwrap().len(), 1);
}
