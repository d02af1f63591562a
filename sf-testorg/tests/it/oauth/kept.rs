//! What signing in gave is there after a restart.
use super::{
    CALLBACK, EXPIRED, allow, call, desk, desk_token, parameter, refresh, refused, signed_in, text, token,
    user,
};
use sf_testorg::{ConnectedApp, TestOrg};
use std::{path::Path, time::Duration};

fn open(path: &Path, app: ConnectedApp) -> TestOrg {
    TestOrg::builder().accounts(1).connected_app(app).open(path).unwrap()
}

#[test]
fn given_a_state_file_when_opened_again_then_tokens_live_and_revoked_ones_stay_dead() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("org.state");
    let app = || desk().rotate_refresh_tokens();
    let org = open(&path, app());
    let (username, _) = user(&org, "ae1@");
    let first = signed_in(&org, &username);
    let (_, second) = refresh(&org, text(&first, "refresh_token"));
    let revoked = signed_in(&org, &username);
    assert!(org.revoke_token(text(&revoked, "refresh_token")));
    assert!(org.expire_session(&org.credentials().access_token));
    let code = parameter(&allow(&org, &username, &[]), "code").unwrap();
    let (_, begun) = token(&org, &[("response_type", "device_code"), ("client_id", "3MVG9desk")]);
    let before = org.tokens();
    drop(org);

    let org = open(&path, app());
    assert_eq!(org.tokens(), before);
    assert_eq!(call(&org, text(&second, "access_token")).0, 200);
    assert_eq!(call(&org, &org.credentials().access_token), (401, EXPIRED.to_owned()));
    let dead = refused("invalid_grant", "expired access/refresh token");
    assert_eq!(refresh(&org, text(&revoked, "refresh_token")), dead);
    let exchange = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
    let (status, fresh) = desk_token(&org, &exchange);
    assert_eq!(status, 200, "{fresh}");
    assert!(
        !before.iter().any(|old| old.token == text(&fresh, "access_token")),
        "a token is never given twice"
    );
    org.approve_device(text(&begun, "user_code"), &username).unwrap();
    let poll = [("grant_type", "device"), ("client_id", "3MVG9desk"), ("code", text(&begun, "device_code"))];
    assert_eq!(token(&org, &poll).0, 200);
    // The family is remembered: the rotated token still gives the alarm.
    assert_eq!(refresh(&org, text(&first, "refresh_token")), dead);
    drop(org);

    let org = open(&path, app());
    assert_eq!(refresh(&org, text(&second, "refresh_token")), dead, "ended with its family");
    assert_eq!(call(&org, text(&second, "access_token")), (401, EXPIRED.to_owned()));
    assert_eq!(desk_token(&org, &exchange), refused("invalid_grant", "expired authorization code"));
    assert_eq!(refresh(&org, text(&fresh, "refresh_token")).0, 200);
}

#[test]
fn given_a_session_when_the_org_was_closed_for_long_then_its_idle_time_begins_anew() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("org.state");
    let org = open(&path, desk());
    let tokens = signed_in(&org, &user(&org, "ae1@").0);
    let late = {
        use sf_core::Clock;
        org.clock().now() + Duration::from_secs(86_400)
    };
    drop(org);
    let org = TestOrg::builder().accounts(1).connected_app(desk()).start(late).open(&path).unwrap();
    assert_eq!(call(&org, text(&tokens, "access_token")).0, 200);
    org.clock().advance(Duration::from_secs(7200));
    assert_eq!(call(&org, text(&tokens, "access_token")), (401, EXPIRED.to_owned()));
}
