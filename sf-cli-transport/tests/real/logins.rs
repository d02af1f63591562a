//! What the command knows of its logins, and what it gives away.
use crate::real::{ALIAS, Real};
use sf_cli_transport::SignIn;
use sf_core::{
    CallOptions, Credentials, Delivery, ErrorKind, Transport,
    protocol::{Method, Request},
};
use sf_testorg::{Effect, Fault, On, SfLogin, TestOrg};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the real sf command (SF_REAL_COMMAND)"]
async fn the_three_calls_of_a_settings_page_and_an_expired_login() {
    let real = Real::of(TestOrg::demo()).await;
    let keys = real.org.credentials();
    let SignIn::Authenticated(org) = real.sf.status(Some(ALIAS)).await.unwrap() else {
        panic!("not signed in")
    };
    assert_eq!(
        (org.username.as_str(), org.org_id.to_string()),
        (keys.username.as_str(), keys.org_id.clone())
    );
    assert_eq!(org.instance_url, real.server.url());
    assert_eq!(real.sf.status(Some("nobody")).await.unwrap(), SignIn::NotAuthenticated);
    assert_eq!(real.sf.status(None).await.unwrap(), SignIn::NotAuthenticated, "no default org");
    let orgs = real.sf.orgs().await.unwrap();
    assert_eq!(orgs.iter().map(|org| org.alias.as_deref()).collect::<Vec<_>>(), [Some(ALIAS)]);

    real.org.expire_sessions();
    let SignIn::Expired(org) = real.sf.status(Some(ALIAS)).await.unwrap() else { panic!("still signed in") };
    assert_eq!(org.username, keys.username);
    let error = real.transport().limits(&CallOptions::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::NotSignedIn, Delivery::NotSent), "{error:?}");
    assert!(error.help().next_step.contains("sf org login web"), "{}", error.help());
    assert!(error.help().next_step.contains(ALIAS), "{}", error.help());
    let error = real.builder().credentials().unwrap().token(None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSignedIn, "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the real sf command (SF_REAL_COMMAND)"]
async fn a_login_with_a_refresh_token_is_renewed_by_the_command() {
    let real = Real::signed_in(TestOrg::demo(), SfLogin::RefreshToken).await;
    let credentials = real.builder().credentials().unwrap();
    let first = credentials.token(None).await.unwrap();
    assert_eq!(first.expose(), real.server.token());
    assert_eq!(first.instance_url(), real.server.url());
    real.org.expire_sessions();
    real.transport().limits(&CallOptions::new()).await.unwrap();
    let second = credentials.token(Some(&first)).await.unwrap();
    assert_ne!(second, first);
    // The new one is good: the org knows it.
    let limits = format!("/services/data/v{}/limits", sf_core::ApiVersion::CURRENT);
    let answer = real.org.handle(&sf_testorg::Request::get(limits).bearer(second.expose()));
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the real sf command (SF_REAL_COMMAND)"]
async fn an_org_that_nobody_serves_is_a_network_error_and_not_a_missing_login() {
    let home = tempfile::tempdir().unwrap();
    let gone = TestOrg::demo().serve().unwrap();
    gone.sign_in_sf(home.path(), ALIAS, SfLogin::AccessToken).unwrap();
    drop(gone);
    let sf = crate::real::command(home.path()).await;
    let write = sf_core::Write::Delete { id: sf_core::SfId::new("001000000000001").unwrap() };
    let transport = sf_cli_transport::Sf::command(&sf).target_org(ALIAS).connect().unwrap();
    let once = sf_core::WriteOptions::new().with_call(CallOptions::new().with_attempts(Some(1)));
    match transport.write(&[write], &once).await {
        Err(error) => {
            assert_eq!((error.kind(), error.delivery()), (ErrorKind::Network, Delivery::NotSent), "{error:?}")
        }
        Ok(outcomes) => panic!("{outcomes:?}"),
    }
}

/// What the command says then names the renewal of the login, as a dead login does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the real sf command (SF_REAL_COMMAND)"]
async fn a_login_server_that_is_down_is_no_expired_login() {
    let html = || Effect::Edge { status: 503, retry_after: None };
    let cases = [
        (html(), ErrorKind::Unavailable),
        (Effect::Page(503, String::new()), ErrorKind::Unavailable),
        (Effect::ResetRequest, ErrorKind::Network),
    ];
    for (effect, kind) in cases {
        let real = Real::signed_in(TestOrg::demo(), SfLogin::RefreshToken).await;
        real.org.expire_sessions();
        real.org.inject(Fault::new(On::Operation("token".into()), effect.clone()).times(1_000));
        let call = Request::post(["composite"]).with_json("{}");
        let once = CallOptions::new().with_attempts(Some(1));
        let error = real.transport().call(&call, &once).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (kind, Delivery::NotSent), "{effect:?} {error:?}");
        let status = real.sf.status(Some(ALIAS)).await;
        let error = status.expect_err(&format!("{effect:?}"));
        assert!(matches!(error.kind(), ErrorKind::Network | ErrorKind::Unavailable), "{effect:?} {error:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the real sf command (SF_REAL_COMMAND)"]
async fn a_text_of_an_apex_resource_arrives_as_the_org_wrote_it() {
    let real = Real::of(TestOrg::empty()).await;
    let answer = sf_testorg::Response::new(200).json(r#""done \"5\"""#);
    real.org.apex_rest(sf_testorg::Method::Post, "/text", move |_| Ok(answer.clone())).unwrap();
    let ask = Request::apex(Method::Post, ["text"]).with_json("{}");
    let text = real.transport().call(&ask, &CallOptions::new()).await.unwrap();
    assert_eq!((text.text(), text.json::<String>().unwrap().as_str()), (r#""done \"5\"""#, "done \"5\""));
}
