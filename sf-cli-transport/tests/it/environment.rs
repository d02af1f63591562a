//! What the child inherits of an environment that is full of what it must not see.
use crate::fake::{Fake, program, rest, success};
use serde_json::{Value, json};
use sf_cli_transport::{Discovery, LoginWeb, Sf};
use sf_core::{CallOptions, QueryCall, QueryOptions, Soql, Transport as _};

/// Written down once more: the crate's own list would prove nothing.
const REMOVED: &[&str] = &[
    "FORCE_COLOR",
    "CLICOLOR_FORCE",
    "SF_CONTENT_TYPE",
    "SFDX_CONTENT_TYPE",
    "SF_TEMP_SHOW_SECRETS",
    "SF_ACCESS_TOKEN",
    "SF_LOG_LEVEL",
    "SFDX_LOG_LEVEL",
    "SF_ORG_MAX_QUERY_LIMIT",
    "SF_CAPITALIZE_RECORD_TYPES",
    "DEBUG",
    "DEBUG_COLORS",
    "NODE_DEBUG",
];
const PROXIES: &[&str] =
    &["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];

/// Runs `steps` in a process of its own with these variables: they are the parent's, and nobody else's.
fn run(fake: &Fake, variables: &[&str], kept: &[(&str, &str)]) -> Vec<Value> {
    let mut parent = std::process::Command::new(std::env::current_exe().unwrap());
    parent.args(["--exact", "environment::steps", "--ignored", "--nocapture"]);
    parent.env("SF_TEST_STEPS", fake.path(""));
    for name in PROXIES.iter().chain(REMOVED) {
        parent.env_remove(name);
    }
    parent.envs(variables.iter().map(|name| (name, "http://127.0.0.1:9")));
    parent.envs(kept.iter().copied());
    let output = parent.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fake.calls()
}

#[tokio::test]
#[ignore = "started by the other tests, with variables"]
async fn steps() {
    let Some(folder) = std::env::var_os("SF_TEST_STEPS") else { return };
    let folder = std::path::Path::new(&folder);
    let discovery = Discovery::new().without_search().at(program()).home(folder.join("home"));
    let command = discovery.env("FAKE_SF_DIR", folder).find().await.unwrap();
    let steps = std::fs::read_to_string(folder.join("steps")).unwrap();
    for step in steps.lines() {
        let (what, org) = step.split_once(' ').unwrap();
        let mut sf = Sf::command(&command);
        if org != "-" {
            sf = sf.target_org(org);
        }
        let call = CallOptions::new();
        match what {
            "limits" => drop(sf.connect().unwrap().limits(&call).await.unwrap()),
            "many" => {
                let batch = [QueryCall::Start(Soql::raw("SELECT Id FROM Account"))];
                drop(sf.connect_many_rows().unwrap().query(&batch, &QueryOptions::new()).await.unwrap());
            }
            "orgs" => drop(command.orgs().await.unwrap()),
            "status" => drop(command.status(Some(org)).await.unwrap()),
            "token" => drop(sf_core::Credentials::token(&sf.credentials().unwrap(), None).await.unwrap()),
            "login" => drop(command.login_web(&LoginWeb::new().instance_url(org)).await.unwrap()),
            other => panic!("{other}"),
        }
    }
}

const ID: &str = "00D5e000000A0e7EAC";
fn org(url: &str) -> Value {
    json!({"id": ID, "username": "ann@acme.example", "instanceUrl": url, "connectedStatus": "Connected", "accessToken": "00D!x"})
}
/// `desk` and the default org are on this machine, `away` is not.
fn fake(steps: &[&str]) -> Fake {
    let fake = Fake::new();
    std::fs::write(fake.path("steps"), steps.join("\n")).unwrap();
    let entry = |username: &str, alias: &str, url: &str, configs: Value| json!({"username": username, "alias": alias, "instanceUrl": url, "configs": configs, "oauthMethod": "web"});
    let listed = json!([
        entry("bob@acme.example", "away", "https://acme.my.salesforce.com", json!([])),
        entry("ann@acme.example", "first,desk", "http://127.0.0.1:8080/", json!(["target-org"])),
        {"username": "broken@acme.example", "error": "x"},
    ]);
    fake.rule(json!({"when": ["org list auth"], "stdout": success(listed)}));
    fake.rule(json!({"when": ["/limits"], "stdout": rest(200, json!({"DailyApiRequests": {"Max": 5, "Remaining": 4}}))}));
    fake.rule(json!({"when": ["org list --skip"], "stdout": success(json!({}))}));
    let rows = json!({"records": [], "totalSize": 0, "done": true});
    fake.rule(json!({"when": ["data query"], "stdout": success(rows)}));
    fake.rule(json!({"when": ["org display"], "stdout": success(org("http://127.0.0.1:8080/"))}));
    fake.rule(json!({"when": ["org login web"], "stdout": success(org("http://127.0.0.1:8080/"))}));
    fake
}
fn seen<'a>(call: &Value, names: &[&'a str]) -> Vec<&'a str> {
    names.iter().copied().filter(|name| !call["env"][*name].is_null()).collect()
}

#[test]
fn what_spoils_the_output_or_shows_secrets_is_removed_and_the_rest_is_inherited() {
    let fake = fake(&["limits away", "many away", "status away", "login https://acme.my.salesforce.com"]);
    let calls = run(&fake, REMOVED, &[("SF_TEST_KEPT", "yes"), ("SF_DISABLE_LOG_FILE", "false")]);
    assert_eq!(calls.len(), 4);
    for call in calls {
        let mut seen = seen(&call, REMOVED);
        if call["argv"][0] == "data" {
            // With a value of its own.
            seen.retain(|name| *name != "SF_ORG_MAX_QUERY_LIMIT");
            assert_eq!(call["env"]["SF_ORG_MAX_QUERY_LIMIT"], "50000000");
        }
        assert!(seen.is_empty(), "{seen:?}");
        assert_eq!(
            (&call["env"]["SF_TEST_KEPT"], &call["env"]["SF_DISABLE_LOG_FILE"]),
            (&json!("yes"), &json!("true"))
        );
    }
}

/// The command sends even 127.0.0.1 through a proxy, with the token.
#[test]
fn an_org_on_this_machine_is_reached_without_proxies_and_another_one_with_them() {
    let fake = fake(&[
        "limits desk",
        "limits first",
        "limits ann@acme.example",
        "limits -",
        "many desk",
        "status desk",
        "token desk",
        "login http://127.0.0.1:8080",
        "orgs -",
        "limits away",
        "many away",
        "login https://acme.my.salesforce.com",
    ]);
    let calls = run(&fake, PROXIES, &[]);
    let lists = calls.iter().filter(|call| call["argv"][2] == "auth").count();
    // A sign-in may change what is known.
    assert_eq!(lists, 2, "asked once, and once more after a sign-in");
    let calls: Vec<_> = calls.iter().filter(|call| call["argv"][2] != "auth").collect();
    assert_eq!(calls.len(), 12);
    for (i, call) in calls.into_iter().enumerate() {
        let expected = if i < 8 { &[][..] } else { PROXIES };
        assert_eq!(seen(call, PROXIES), expected, "{i}: {}", call["argv"]);
    }
}

#[test]
fn each_of_the_proxies_alone_is_noticed_and_without_any_nothing_is_asked() {
    for name in PROXIES {
        let fake = fake(&["limits desk"]);
        let calls = run(&fake, &[name], &[]);
        assert_eq!(calls.len(), 2, "{name}");
        assert!(seen(&calls[1], PROXIES).is_empty(), "{name}");
    }
    assert_eq!(run(&fake(&["limits desk", "limits away"]), &[], &[]).len(), 2);
}

#[tokio::test]
async fn a_proxy_that_the_host_set_is_not_for_an_org_on_this_machine_either() {
    let fake = fake(&[]);
    let discovery = Discovery::new().without_search().at(program()).env("FAKE_SF_DIR", fake.path(""));
    let command =
        discovery.env("HTTPS_PROXY", "http://127.0.0.1:9").home(fake.path("home")).find().await.unwrap();
    for org in ["desk", "away"] {
        let transport = Sf::command(&command).target_org(org).connect().unwrap();
        transport.limits(&CallOptions::new()).await.unwrap();
        let calls = fake.calls();
        let env = &calls.last().unwrap()["env"];
        assert_eq!(env["HTTPS_PROXY"].is_null(), org == "desk", "{org}");
        // The process that asked counts.
        assert_eq!(transport.usage().spawns, if org == "desk" { 2 } else { 1 });
    }
}

/// Nobody is cut off because the list cannot be had.
#[tokio::test]
async fn without_a_list_of_the_logins_the_proxies_stay() {
    let fake = Fake::new();
    fake.rule(json!({"when": ["org list auth"], "exit": 127}));
    fake.rule(json!({"when": ["/limits"], "stdout": rest(200, json!({"DailyApiRequests": {"Max": 5, "Remaining": 4}}))}));
    let discovery = Discovery::new().without_search().at(program()).env("FAKE_SF_DIR", fake.path(""));
    let command =
        discovery.env("HTTPS_PROXY", "http://127.0.0.1:9").home(fake.path("home")).find().await.unwrap();
    let transport = Sf::command(&command).target_org("desk").connect().unwrap();
    transport.limits(&CallOptions::new()).await.unwrap();
    assert_eq!(fake.calls().last().unwrap()["env"]["HTTPS_PROXY"], "http://127.0.0.1:9");
}
