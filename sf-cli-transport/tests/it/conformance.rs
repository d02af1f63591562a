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
    nothing_shows_in_arguments(&fake, &server.token());
}

/// Arguments are visible to every user of the machine.
fn nothing_shows_in_arguments(fake: &Fake, token: &str) {
    let calls = fake.calls();
    assert!(calls.len() > 40);
    for call in calls {
        assert_eq!(call["stray"], "");
        for argument in call["argv"].as_array().unwrap() {
            let text = argument.as_str().unwrap();
            // The names of all rows begin with it.
            assert!(!text.contains("conformance") && !text.contains(token), "{text}");
            // Ids: only where the suite itself names a path.
            assert!(!text.contains("/001") || text.contains("/sobjects/Account/001"), "{text}");
            assert!(!text.contains("SELECT"), "{text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_transport_conforms_with_json_answers() {
    conforms("2.150.6").await;
}

/// As on Windows, where there is no `/dev/stdin`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_conform_with_bodies_in_files() {
    let org = TestOrg::empty();
    let server = org.serve().unwrap();
    let fake = Fake::of(&server, &org);
    let transport = fake.sf().await.bodies_by_file().connect().unwrap();
    for case in ["any_text_is_written_as_it_is", "outcomes_are_in_row_order", "numbers_keep_their_digits"] {
        assert_eq!(conformance::run_case(case, &transport, &org).await, Ok(()), "{case}");
    }
    assert!(fake.calls().iter().all(|call| !call["argv"].to_string().contains("/dev/stdin")));
    assert_eq!(fake.left_over(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_transport_conforms_with_answers_as_text() {
    conforms("2.127.2").await;
}
