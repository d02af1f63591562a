//! What the command knows of its logins, and what it gives away.
use crate::real::{ALIAS, Real};
use sf_cli_transport::SignIn;
use sf_core::{CallOptions, Credentials, Delivery, ErrorKind, Transport};
use sf_testorg::{SfLogin, TestOrg};

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
