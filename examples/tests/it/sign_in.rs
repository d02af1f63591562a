//! The examples that sign in, against their own simulated orgs.
use crate::process::{example, run};
use std::process::Command;

#[test]
fn sign_in_browser_signs_in_once_and_finds_its_tokens_again() {
    let said = run(&mut Command::new(example("sign_in_browser")));
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    let lines: Vec<&str> = said.out.lines().collect();
    assert!(lines[0].starts_with("The user is sent to http://127.0.0.1:"), "{}", said.out);
    assert!(said.out.contains("The browser shows: Salesforce has answered\n"), "{}", said.out);
    let signed_in: Vec<_> = lines.iter().filter(|line| line.starts_with("Signed in as ")).collect();
    assert_eq!(signed_in.len(), 2, "{}", said.out);
    assert!(signed_in.iter().all(|line| line.ends_with("(scopes: refresh_token api).")), "{}", said.out);
}

#[test]
fn sign_in_browser_says_what_is_missing() {
    let run_with = |arguments: &[&str]| {
        run(Command::new(example("sign_in_browser")).args(arguments).env_remove("SF_TOKEN_KEY"))
    };
    let said = run_with(&["--login-url", "https://login.salesforce.com"]);
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
    assert!(said.err.contains("give both --login-url and --client-id"), "{}", said.err);
    let said = run_with(&["--login-url", "https://login.salesforce.com", "--client-id", "3MVG9"]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("SF_TOKEN_KEY, the key of the token store, is not set"), "{}", said.err);
}

#[test]
fn sign_in_jwt_signs_in_again_by_itself() {
    let said = run(&mut Command::new(example("sign_in_jwt")));
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert_eq!(said.out.lines().filter(|line| line.contains("signed in as ")).count(), 2, "{}", said.out);
}
