//! Signing in: rules that no other test shows, and both positions of what is assumed.
use crate::oauth::{CALLBACK, allow, desk, desk_token, parameter, refresh, refused, signed_in, text, user};
use sf_testorg::{Assumptions, OAuthAssumptions, TestOrg};
use std::time::Duration;

fn assuming(change: impl FnOnce(&mut OAuthAssumptions)) -> TestOrg {
    let mut assumptions = Assumptions::default();
    change(&mut assumptions.oauth);
    TestOrg::builder().accounts(1).connected_app(desk()).assumptions(assumptions).build()
}

#[test]
fn a_code_lives_as_long_as_assumed() {
    let lives = |org: &TestOrg, seconds: u64| {
        let code = parameter(&allow(org, &user(org, "ae1@").0, &[]), "code").unwrap();
        org.clock().advance(Duration::from_secs(seconds));
        let exchange = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
        let answer = desk_token(org, &exchange);
        if answer.0 != 200 {
            assert_eq!(answer, refused("invalid_grant", "expired authorization code"));
        }
        answer.0 == 200
    };
    let org = assuming(|_| {});
    assert_eq!((lives(&org, 890), lives(&org, 910)), (true, false));
    let org = assuming(|oauth| oauth.code_life = Duration::from_secs(60));
    assert_eq!((lives(&org, 50), lives(&org, 70)), (true, false));
}

#[test]
fn a_user_has_as_many_grants_as_assumed() {
    for most in [1, 3] {
        let org = assuming(|oauth| oauth.grants_per_user = most);
        let (username, _) = user(&org, "ae1@");
        let all: Vec<_> = (0..=most).map(|_| signed_in(&org, &username)).collect();
        let alive = |at: usize| refresh(&org, text(&all[at], "refresh_token")).0 == 200;
        assert!(!alive(0) && (1..=most).all(alive), "{most}");
    }
}
