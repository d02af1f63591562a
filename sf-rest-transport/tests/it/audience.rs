//! For whom an assertion is signed: the login host, and what else an org is known to take.
use crate::{
    login_host::{LoginHost, audience},
    sign_in::KEY,
};
use sf_core::{Credentials, ErrorCode, ErrorKind};
use sf_rest_transport::{App, Jwt, Session};

const LOGIN: &str = App::PRODUCTION;
const TEST: &str = App::SANDBOX;

/// A session at an org that takes these audiences and no others.
async fn session(host: &str, taken: &'static [&'static str], named: Option<&str>) -> (LoginHost, Session) {
    let login = format!("https://{host}");
    let instance = login.clone();
    let host = LoginHost::at(host, move |form| match taken.contains(&audience(form).as_str()) {
        true => (
            200,
            serde_json::json!({"access_token": "00D!x", "token_type": "Bearer", "instance_url": instance}),
        ),
        false => {
            (400, serde_json::json!({"error": "invalid_grant", "error_description": "audience is invalid"}))
        }
    })
    .await;
    let mut jwt = Jwt::new("sync@acme.example", KEY).unwrap();
    if let Some(named) = named {
        jwt = jwt.audience(named);
    }
    let session = App::new(login, "3MVG9").network(host.network.clone()).jwt(jwt).unwrap();
    (host, session)
}

/// Pain 13: the audience guessed from the words of a name is wrong for My Domains, sandboxes and other clouds. Here it is the login host; an
/// org that does not take that is asked once more with the shared host of its kind.
#[tokio::test]
async fn an_assertion_is_for_the_login_host_and_an_org_that_refuses_that_gets_the_shared_one() {
    const ACME: &str = "https://acme.my.salesforce.com";
    const UAT: &str = "https://acme--uat.sandbox.my.salesforce.com";
    const SCRATCH: &str = "https://acme-dev-ed.scratch.my.salesforce.com";
    const MIL: &str = "https://acme.my.salesforce.mil";
    const SITE: &str = "https://sandbox.acme.example";
    let cases: [(&str, &'static [&'static str], &[&str]); 9] = [
        ("login.salesforce.com", &[LOGIN], &[LOGIN]),
        ("test.salesforce.com", &[TEST], &[TEST]),
        ("acme.my.salesforce.com", &[ACME, LOGIN], &[ACME]),
        ("acme.my.salesforce.com", &[LOGIN], &[ACME, LOGIN]),
        ("acme--uat.sandbox.my.salesforce.com", &[UAT, TEST], &[UAT]),
        ("acme--uat.sandbox.my.salesforce.com", &[TEST], &[UAT, TEST]),
        ("acme-dev-ed.scratch.my.salesforce.com", &[TEST], &[SCRATCH, TEST]),
        ("acme.my.salesforce.mil", &[MIL], &[MIL]),
        ("sandbox.acme.example", &[SITE], &[SITE]),
    ];
    for (host, taken, expected) in cases {
        let (login, session) = session(host, taken, None).await;
        let token = session.token(None).await.unwrap_or_else(|e| panic!("{host}: {e}"));
        assert_eq!(login.audiences(), expected, "{host}");
        // What the org took is not asked for again.
        session.token(Some(&token)).await.ok();
        assert_eq!(login.audiences()[expected.len()..], expected[expected.len() - 1..], "{host}");
    }
}

#[tokio::test]
async fn an_org_that_takes_neither_ends_it_with_words_about_the_audience() {
    for (host, tries) in [
        ("acme--uat.sandbox.my.salesforce.com", &["https://acme--uat.sandbox.my.salesforce.com", TEST][..]),
        ("acme.my.salesforce.mil", &["https://acme.my.salesforce.mil"]),
        ("login.salesforce.com", &[LOGIN]),
    ] {
        let (login, session) = session(host, &["https://site.example/customers"], None).await;
        let e = session.token(None).await.unwrap_err();
        assert_eq!((e.kind(), e.code()), (ErrorKind::NotSignedIn, Some(&ErrorCode::InvalidGrant)), "{host}");
        assert!(e.help().next_step.contains("`Jwt::audience`"), "{}", e.help().next_step);
        assert_eq!(login.audiences(), tries);
    }
}

#[tokio::test]
async fn an_audience_that_is_named_is_the_only_one() {
    let named = "https://site.example/customers";
    for taken in [&["https://site.example/customers"][..], &[TEST]] {
        let (login, session) = session("acme--uat.sandbox.my.salesforce.com", taken, Some(named)).await;
        assert_eq!(session.token(None).await.is_ok(), taken == [named]);
        assert_eq!(login.audiences(), [named]);
    }
}

/// Only the audience has a second try: a wrong key or user is wrong for every audience.
#[tokio::test]
async fn another_refusal_is_not_answered_with_another_audience() {
    let host = "acme.my.salesforce.com";
    let words = "user hasn't approved this consumer";
    let refuse =
        move |_: &_| (400, serde_json::json!({"error": "invalid_grant", "error_description": words}));
    let login = LoginHost::at(host, refuse).await;
    let jwt = Jwt::new("sync@acme.example", KEY).unwrap();
    let app = App::new(format!("https://{host}"), "3MVG9").network(login.network.clone());
    let e = app.jwt(jwt).unwrap().token(None).await.unwrap_err();
    assert!(e.help().next_step.contains("pre-authorize"), "{e}");
    assert_eq!(login.audiences().len(), 1);
}
