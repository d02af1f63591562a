//! The suite that every transport passes, over processes and HTTP to the simulated org.
use crate::fake::Fake;
use sf_core::{CallOptions, Transport, conformance};
use sf_testorg::TestOrg;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_come_through_one_process() {
    let org = TestOrg::demo();
    let server = org.serve().unwrap();
    let fake = Fake::of(&server, &org);
    let transport = fake.sf().await.connect().unwrap();
    let limits = transport.limits(&CallOptions::new()).await.unwrap();
    assert!(limits.daily_api_requests().is_some());
    assert_eq!(fake.calls().len(), 1);
    assert_eq!((transport.usage().spawns, transport.usage().calls), (1, 2));
    assert!(transport.usage().daily.is_some());
}

async fn conforms(version: &str) {
    let org = TestOrg::empty();
    let server = org.serve().unwrap();
    let fake = Fake::of(&server, &org).version(version);
    let transport = fake.sf().await.connect().unwrap();
    let report = conformance::run_all(&transport, &org).await;
    assert!(report.passed(), "{report}");
    assert_eq!(report.skipped().count(), 0, "{report}");
    assert_eq!(fake.left_over(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_transport_conforms_with_json_answers() {
    conforms("2.150.6").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_transport_conforms_with_answers_as_text() {
    conforms("2.127.2").await;
}
