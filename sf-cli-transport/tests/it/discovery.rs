//! Which commands there are and which can be used.
use crate::fake::{Fake, program};
use serde_json::json;
use sf_cli_transport::{Discovery, FoundBy, SfCommand, SfVersion, SignIn};
use sf_core::ErrorKind;
use std::time::{Duration, Instant};

/// As over REST.
#[tokio::test]
async fn an_api_version_that_is_too_old_is_refused_before_anything_starts() {
    use sf_core::{ApiVersion, Delivery};
    let fake = Fake::new();
    let sf = fake.sf().await;
    let old = sf.clone().api_version(ApiVersion::new(45));
    let errors = [old.clone().connect().unwrap_err(), old.connect_many_rows().unwrap_err()];
    for error in errors {
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unsupported, Delivery::NotSent));
        assert_eq!(error.to_string(), "API version 45.0 is too old, 46.0 is the oldest that works");
        assert!(error.help().next_step.contains("Sf::api_version"), "{}", error.help());
    }
    let oldest = sf.api_version(ApiVersion::OLDEST);
    assert!(oldest.clone().connect().is_ok() && oldest.connect_many_rows().is_ok());
    assert!(fake.calls().is_empty());
}

#[tokio::test]
async fn candidates_come_with_version_or_reason_in_the_order_of_preference() {
    let old = Fake::new().version("2.56.7");
    let candidates = old.discovery().at("/no/such/sf").at(file!()).candidates().await;
    assert_eq!(candidates.len(), 3);
    assert_eq!(
        (candidates[0].version, candidates[0].found_by),
        (Some(SfVersion::new(2, 56, 7)), FoundBy::Path)
    );
    assert_eq!(
        candidates[0].problem.as_deref(),
        Some("sf 2.56.7 is too old, 2.64.0 is the oldest that works")
    );
    assert_eq!(candidates[0].command().unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(candidates[1].problem.as_deref(), Some("there is no sf command at this path"));
    assert!(!candidates[2].is_usable() && candidates[2].version.is_none());

    let new = Fake::new();
    let candidates = new.discovery().candidates().await;
    assert!(candidates[0].is_usable());
    assert_eq!(candidates[0].command().unwrap().version(), SfVersion::new(2, 150, 6));
}

#[tokio::test]
async fn the_first_usable_is_found_and_otherwise_the_first_reason() {
    let fake = Fake::new();
    let discovery =
        Discovery::new().without_search().at("/no/such/sf").at(program()).env("FAKE_SF_DIR", fake.path(""));
    assert_eq!(discovery.find().await.unwrap().path(), program());
    let none = Discovery::new().without_search();
    assert_eq!(none.find().await.unwrap_err().kind(), ErrorKind::Setup);
    assert_eq!(none.status(None).await.unwrap(), SignIn::NotFound);
    let error = SfCommand::at("/no/such/sf").await.unwrap_err();
    assert!(error.help().next_step.contains("npm install --global @salesforce/cli"));
    let old = Fake::new().version("2.9.8");
    let error = old.discovery().find().await.unwrap_err();
    assert!(error.to_string().contains("2.9.8") && error.help().next_step.contains("sf update"));
    assert_eq!(old.discovery().status(None).await.unwrap(), SignIn::NotFound);
}

#[tokio::test]
async fn what_says_something_else_or_nothing_is_no_sf() {
    let cases = [
        (json!({"when": ["version"], "stdout": "Foundry sf 1.0\n"}), "no sf command"),
        (
            json!({"when": ["version"], "stdout": json!({"cliVersion": "sfdx-cli/7.209.6", "nodeVersion": "v18"}).to_string()}),
            "old sfdx",
        ),
        (
            json!({"when": ["version"], "stdout": json!({"cliVersion": "@salesforce/cli/new"}).to_string()}),
            "not a version",
        ),
        (json!({"when": ["version"], "exit": 127}), "no sf command"),
    ];
    for (rule, problem) in cases {
        let fake = Fake::new();
        fake.rule(rule.clone());
        let candidate = fake.discovery().candidates().await.remove(0);
        assert!(candidate.problem.as_ref().unwrap().contains(problem), "{rule}: {:?}", candidate.problem);
    }
    // A banner before the answer is not in the way.
    let fake = Fake::new();
    fake.rule(json!({"when": ["version"], "stdout": format!("{{notice}}\n{}", json!({"cliVersion": "@salesforce/cli/2.151.1"}))}));
    assert_eq!(fake.command().await.version(), SfVersion::new(2, 151, 1));
}

/// It says its version all the same.
#[tokio::test]
async fn a_node_that_is_too_old_for_the_command_makes_it_unusable() {
    for (sf, node, usable) in [
        ("2.150.6", "node-v22.23.3", true),
        ("2.150.6", "node-v20.20.2", false),
        ("2.143.6", "node-v20.20.2", false),
        ("2.138.0", "node-v20.20.2", true),
        ("2.64.8", "node-v16.20.2", false),
        ("2.64.8", "v18.6.0", true),
        ("2.150.6", "bun", true),
    ] {
        let fake = Fake::new();
        let version = json!({"cliVersion": format!("@salesforce/cli/{sf}"), "nodeVersion": node});
        fake.rule(json!({"when": ["version"], "stdout": version.to_string()}));
        let candidate = fake.discovery().candidates().await.remove(0);
        assert_eq!(candidate.is_usable(), usable, "{sf} {node}: {:?}", candidate.problem);
        assert_eq!(candidate.version.map(|version| version.to_string()).as_deref(), Some(sf));
        if let Err(error) = candidate.command() {
            assert_eq!((error.kind(), error.delivery()), (ErrorKind::Setup, sf_core::Delivery::NotSent));
            let number = node.trim_start_matches("node-v");
            assert!(
                error.to_string().contains(&format!("runs on Node v{number}, which is too old")),
                "{error}"
            );
            assert!(error.help().next_step.contains("Install Node 22"), "{}", error.help());
            assert_eq!(fake.discovery().status(None).await.unwrap(), SignIn::NotFound);
        }
    }
}

#[tokio::test]
async fn a_command_that_hangs_is_left_after_its_time() {
    let fake = Fake::new();
    fake.rule(json!({"when": ["version"], "delay_ms": 120_000}));
    let start = Instant::now();
    let candidate = fake.discovery().timeout(Duration::from_millis(300)).candidates().await.remove(0);
    assert!(candidate.problem.unwrap().contains("in time"));
    assert!(start.elapsed() < Duration::from_secs(60));
}
