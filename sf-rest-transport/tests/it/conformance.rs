//! The same suite that the in-process transport passes, over real HTTP to the simulated org.

use sf_core::{Org, QueryCall, QueryOptions, Soql, Transport, conformance, models::Account};
use sf_rest_transport::{App, Rest, Tokens};
use sf_testorg::{Effect, Fault, On, TestOrg};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_transport_over_http_conforms() {
    let org = TestOrg::empty();
    let server = org.serve().unwrap();
    let rest = Rest::at(server.url()).token(server.token()).allow_loopback_http().connect().unwrap();
    let report = conformance::run_all(&rest, &org).await;
    assert!(report.passed(), "{report}");
    assert_eq!(report.skipped().count(), 0, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_dead_session_when_reading_then_it_is_refreshed_against_the_org() {
    let org = TestOrg::demo();
    let server = org.serve().unwrap();
    let keys = org.credentials();
    let app = App::new(server.url(), keys.client_id.clone())
        .client_secret(keys.client_secret.clone())
        .allow_loopback_http();
    let tokens = Tokens::refresh(keys.refresh_token.clone()).with_access(server.token(), server.url());
    let rest = Rest::with_credentials(app.session(tokens).unwrap()).allow_loopback_http().connect().unwrap();
    org.inject(Fault::new(On::Operation("query".into()), Effect::EndSession));
    let rows = Org::new(rest.clone())
        .query(Soql::raw("SELECT Id, Name FROM Account LIMIT 3").typed::<Account>())
        .all()
        .await;
    assert_eq!(rows.unwrap().len(), 3);
    let tokens = org.calls().iter().filter(|call| call.operation() == "token").count();
    assert_eq!(tokens, 1, "one refresh");
}

/// Pain 20: a statement that is longer than any URL.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_long_statement_when_queried_then_it_goes_in_a_body_and_all_pages_come() {
    let org = TestOrg::builder().accounts(30).build();
    let server = org.serve().unwrap();
    let rest = Rest::at(server.url()).token(server.token()).allow_loopback_http().connect().unwrap();
    let ids: Vec<String> =
        org.rows(&sf_core::object!("Account")).iter().filter_map(|r| Some(format!("'{}'", r.id?))).collect();
    // The same ids many times over: longer than any URL may be.
    let list = vec![ids.join(","); 30].join(",");
    let text = format!("SELECT Id FROM Account WHERE Id IN ({list})");
    assert!(text.len() > 16_384);
    let pages = rest.query(&[QueryCall::Start(Soql::raw(text))], &QueryOptions::new()).await.unwrap();
    assert_eq!(pages[0].as_ref().unwrap().total(), ids.len() as u64);
    assert!(org.calls().iter().all(|call| call.target.len() < 8_192));
}
