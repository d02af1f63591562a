//! The refresh grant: rotation, families, expiry, the ceiling of grants.
use super::{
    EXPIRED, call, desk, desk_token, is_token_answer, org_with, refresh, refused, signed_in, text, token,
    user,
};
use crate::given::read;
use serde_json::json;
use sf_core::{Fields, SfId, Write, field, object};
use sf_testorg::{Assumptions, Method, Request, TestOrg};
use std::time::Duration;

const DEAD: (&str, &str) = ("invalid_grant", "expired access/refresh token");

#[test]
fn given_a_refresh_token_when_used_then_an_access_token_without_a_refresh_token_comes_again_and_again() {
    let org = org_with(desk());
    let (username, id) = user(&org, "ae1@");
    let first = signed_in(&org, &username);
    for _ in 0..3 {
        let (status, body) = refresh(&org, text(&first, "refresh_token"));
        assert_eq!(status, 200);
        is_token_answer(&org, &body, &id, "refresh_token api web id openid", &[]);
        assert_eq!(call(&org, text(&body, "access_token")).0, 200);
    }
    assert_eq!(call(&org, text(&first, "access_token")).0, 200, "older sessions go on");
}

#[test]
fn given_rotation_when_refreshed_then_the_old_token_dies_and_presenting_it_ends_the_family() {
    let org = org_with(desk().rotate_refresh_tokens());
    let (username, id) = user(&org, "ae1@");
    let first = signed_in(&org, &username);
    let (status, second) = refresh(&org, text(&first, "refresh_token"));
    assert_eq!(status, 200);
    is_token_answer(&org, &second, &id, "refresh_token api web id openid", &["refresh_token"]);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_eq!(
        call(&org, text(&first, "access_token")),
        (401, EXPIRED.to_owned()),
        "its session went with it"
    );
    let (_, third) = refresh(&org, text(&second, "refresh_token"));
    assert_eq!(call(&org, text(&third, "access_token")).0, 200);
    // A thief, or a second process, presents the first one.
    let dead = refused(DEAD.0, DEAD.1);
    assert_eq!(refresh(&org, text(&first, "refresh_token")), dead);
    assert_eq!(call(&org, text(&third, "access_token")), (401, EXPIRED.to_owned()));
    assert_eq!(refresh(&org, text(&third, "refresh_token")), dead);
    // The user's other sign-ins are another family.
    assert_eq!(call(&org, &org.access_token()).0, 200);
}

#[test]
fn given_rotation_that_leaves_sessions_alone_when_refreshed_then_the_older_session_works() {
    let mut assumptions = Assumptions::default();
    assumptions.oauth.rotation_ends_sessions = false;
    let org = TestOrg::builder()
        .accounts(1)
        .connected_app(desk().rotate_refresh_tokens())
        .assumptions(assumptions)
        .build();
    let (username, _) = user(&org, "ae1@");
    let first = signed_in(&org, &username);
    assert_eq!(refresh(&org, text(&first, "refresh_token")).0, 200);
    assert_eq!(call(&org, text(&first, "access_token")).0, 200);
}

#[test]
fn given_an_expiry_policy_when_the_time_has_passed_then_the_token_is_dead() {
    let dead = refused(DEAD.0, DEAD.1);
    let hour = Duration::from_secs(3600);
    let fixed = org_with(desk().refresh_valid_for(hour));
    let token = signed_in(&fixed, &user(&fixed, "ae1@").0);
    fixed.clock().advance(hour - Duration::from_millis(1));
    assert_eq!(refresh(&fixed, text(&token, "refresh_token")).0, 200);
    fixed.clock().advance(Duration::from_millis(1));
    assert_eq!(refresh(&fixed, text(&token, "refresh_token")), dead);

    let unused = org_with(desk().refresh_unused_for(hour));
    let token = signed_in(&unused, &user(&unused, "ae1@").0);
    for _ in 0..3 {
        unused.clock().advance(hour - Duration::from_millis(1));
        assert_eq!(refresh(&unused, text(&token, "refresh_token")).0, 200);
    }
    unused.clock().advance(hour);
    assert_eq!(refresh(&unused, text(&token, "refresh_token")), dead);

    let at_once = org_with(desk().refresh_valid_for(Duration::ZERO));
    let token = signed_in(&at_once, &user(&at_once, "ae1@").0);
    assert_eq!(refresh(&at_once, text(&token, "refresh_token")), dead);
}

#[test]
fn given_a_sixth_approval_when_made_then_the_oldest_refresh_token_is_revoked() {
    let org = org_with(desk());
    let (username, _) = user(&org, "ae1@");
    let other = signed_in(&org, &user(&org, "ae2@").0);
    let all: Vec<_> = (0..6).map(|_| signed_in(&org, &username)).collect();
    assert_eq!(refresh(&org, text(&all[0], "refresh_token")), refused(DEAD.0, DEAD.1));
    for answer in all[1..].iter().chain([&other]) {
        assert_eq!(refresh(&org, text(answer, "refresh_token")).0, 200);
    }
}

#[test]
fn given_a_user_who_left_when_their_tokens_are_used_then_nothing_opens() {
    let org = org_with(desk());
    let (username, id) = user(&org, "ae1@");
    let tokens = signed_in(&org, &username);
    let fields = Fields::new().set(field!("IsActive"), false);
    let write = Write::Update {
        object: object!("User"),
        id: SfId::new(&id).unwrap(),
        fields,
        if_unmodified_since: None,
    };
    org.apply(write).unwrap();
    assert_eq!(call(&org, text(&tokens, "access_token")), (401, EXPIRED.to_owned()));
    assert_eq!(refresh(&org, text(&tokens, "refresh_token")), refused("inactive_user", "user is inactive"));
}

#[test]
fn given_a_client_that_is_not_the_tokens_when_it_refreshes_then_it_is_refused() {
    let org = org_with(desk());
    let tokens = signed_in(&org, &user(&org, "ae1@").0);
    let stolen = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token"))];
    let as_client = |client: &[(&str, &str)]| token(&org, &[client, &stolen[..]].concat());
    assert_eq!(as_client(&[("client_id", "PlatformCLI")]), refused(DEAD.0, DEAD.1));
    assert_eq!(as_client(&[]), refused("invalid_client_id", "client identifier invalid"));
    assert_eq!(
        as_client(&[("client_id", "3MVG9desk")]),
        refused("invalid_client", "invalid client credentials")
    );
    let missing = refused("invalid_request", "missing required parameter: refresh_token");
    assert_eq!(desk_token(&org, &[("grant_type", "refresh_token"), ("refresh_token", "")]), missing);
}

#[test]
fn given_the_forms_clients_use_when_sent_then_all_are_understood() {
    let org = org_with(desk());
    let tokens = signed_in(&org, &user(&org, "ae1@").0);
    let refresh_token = text(&tokens, "refresh_token");
    let request = |content: &str, body: String| {
        Request::new(Method::Post, "/services/oauth2/token").form(body).header("Accept", content)
    };
    // The client's name by HTTP Basic: 3MVG9desk:s3cret.
    let body = format!("grant_type=refresh_token&refresh_token={refresh_token}");
    let basic = request("*/*", body.clone()).header("Authorization", "Basic M01WRzlkZXNrOnMzY3JldA==");
    assert_eq!(org.handle(&basic).status, 200);
    let wrong = request("*/*", body.clone()).header("Authorization", "Basic M01WRzlkZXNrOndyb25n");
    assert_eq!(read(&org.handle(&wrong)), refused("invalid_client", "invalid client credentials").1);
    // Everything in the query.
    let query = format!("/services/oauth2/token?{body}&client_id=3MVG9desk&client_secret=s3cret");
    assert_eq!(org.handle(&Request::new(Method::Post, &query)).status, 200);
    assert_eq!(
        read(&org.handle(&Request::get(&query))),
        json!({"error": "invalid_request", "error_description": "must use HTTP POST"})
    );
    // Answers in other forms.
    let bad = "grant_type=refresh_token&refresh_token=x&client_id=3MVG9desk&client_secret=s3cret".to_owned();
    let xml = org.handle(&request("application/xml", bad.clone()));
    assert_eq!(
        (xml.status, xml.text()),
        (
            400,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><OAuth xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
             <error>invalid_grant</error><error_description>expired access/refresh token</error_description></OAuth>"
                .to_owned()
        )
    );
    let form = org.handle(&request("*/*", format!("{bad}&format=urlencoded")));
    assert_eq!(form.text(), "error=invalid_grant&error_description=expired%20access%2Frefresh%20token");
    // A body that is no form has no grant type.
    let body = r#"{"grant_type":"refresh_token"}"#;
    let as_json = Request::post("/services/oauth2/token", body);
    assert_eq!(
        read(&org.handle(&as_json)),
        json!({"error": "unsupported_grant_type", "error_description": "grant type not supported"})
    );
    for grant in [
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:ietf:params:oauth:grant-type:saml2-bearer",
        "x",
    ] {
        let refused = refused("unsupported_grant_type", "grant type not supported");
        assert_eq!(desk_token(&org, &[("grant_type", grant)]), refused);
    }
}

#[test]
fn given_an_org_that_answers_a_wrong_secret_with_401_when_it_is_wrong_then_401() {
    let mut assumptions = Assumptions::default();
    assumptions.oauth.invalid_client_is_401 = true;
    let org = TestOrg::builder().accounts(1).connected_app(desk()).assumptions(assumptions).build();
    let wrong = [("grant_type", "refresh_token"), ("client_id", "3MVG9desk"), ("client_secret", "x")];
    let expected = json!({"error": "invalid_client", "error_description": "invalid client credentials"});
    assert_eq!(token(&org, &wrong), (401, expected));
}
