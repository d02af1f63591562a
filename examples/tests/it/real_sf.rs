//! The story over the real `sf` command. `SF_REAL_COMMAND` names it, its `node` is in PATH; without them these tests show as
//! ignored, and fail when they are asked for.

use crate::process::{Said, account_sync, run};
use sf_testorg::{Effect, Fault, On, SfLogin, TestOrg};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The program with the command in front of its PATH, and `home` as the command's and its own.
fn with_sf(home: &Path) -> Command {
    let sf: PathBuf =
        std::env::var_os("SF_REAL_COMMAND").expect("SF_REAL_COMMAND names no sf command").into();
    let before = std::env::var_os("PATH").unwrap_or_default();
    let folders = sf.parent().map(Path::to_path_buf).into_iter().chain(std::env::split_paths(&before));
    let mut command = account_sync();
    command.env("PATH", std::env::join_paths(folders).unwrap()).env("HOME", home);
    for proxy in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"] {
        command.env_remove(proxy);
    }
    command.args(["--json", "--accounts", "20", "--db"]).arg(home.join("desk.db"));
    command
}

fn told(said: &Said) {
    assert_eq!(said.code, Some(0), "{said:?}");
    let told: Vec<u64> = said.steps().iter().map(|step| step["n"].as_u64().unwrap()).collect();
    assert_eq!(told, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert!(
        said.step(1)["entries"].as_array().unwrap().iter().any(|e| !e["sf_version"].is_null()),
        "{said:?}"
    );
}

#[test]
#[ignore = "needs the real sf command (SF_REAL_COMMAND)"]
fn given_the_simulated_org_when_every_request_is_a_command_then_the_story_is_the_same() {
    let home = tempfile::tempdir().unwrap();
    let said = run(with_sf(home.path()).args(["--transport", "cli"]));
    told(&said);
    let pushed = said.step(6);
    let with =
        |value: &str| pushed["entries"].as_array().unwrap().iter().filter(|e| e["status"] == value).count();
    assert_eq!((with("failed"), with("pushed")), (2, 5), "{pushed}");
}

#[test]
#[ignore = "needs the real sf command (SF_REAL_COMMAND)"]
fn given_an_alias_when_the_command_gives_its_token_then_the_story_is_told_by_rest_and_the_org_is_restored() {
    let home = tempfile::tempdir().unwrap();
    let server = TestOrg::builder().accounts(20).build().serve().unwrap();
    server.sign_in_sf(home.path(), "sim", SfLogin::RefreshToken).unwrap();
    let account =
        || server.org().rows(&sf_core::object!("Account")).into_iter().map(|row| row.id).collect::<Vec<_>>();
    let before = account();
    // Without --write nothing is saved.
    let said =
        run(with_sf(home.path()).args(["--target-org", "sim", "--db"]).arg(home.path().join("look.db")));
    assert_eq!((said.code, server.org().saves().len()), (Some(0), 0), "{said:?}");
    assert!(said.steps().iter().all(|step| !(5..=7).contains(&step["n"].as_u64().unwrap())), "{said:?}");
    // The token that the command gave is refused in the middle: it is asked for another.
    let first = server.token();
    server.org().inject(Fault::new(On::Operation("update".into()), Effect::EndSession));
    let said = run(with_sf(home.path()).args(["--target-org", "sim", "--write"]));
    told(&said);
    assert_eq!(server.org().calls().iter().filter(|call| call.operation() == "token").count(), 1);
    assert_eq!(account(), before);
    for token in [first, server.token()] {
        assert!(!said.out.contains(&token) && !said.err.contains(&token));
    }
    // And with every request a command.
    let said = run(with_sf(home.path())
        .args(["--target-org", "sim", "--transport", "cli", "--write", "--db"])
        .arg(home.path().join("cli.db")));
    told(&said);
    assert_eq!(account(), before);
    let said = run(with_sf(home.path()).args(["--target-org", "nobody"]));
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("sf org login web --alias nobody"), "{said:?}");
}
