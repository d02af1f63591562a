//! Sessions of one app and one store, of several users and flows: none ever becomes another one.
use crate::sign_in::{CERTIFICATE, KEY, redirect};
use sf_core::{CallOptions, Delivery, Error, ErrorKind, Result, Transport};
use sf_rest_transport::{
    App, FileTokenStore, Jwt, MemoryTokenStore, Rest, RestTransport, Session, StoreKey, TokenKey, TokenStore,
    Tokens,
};
use sf_testorg::{ConnectedApp, Server, TestOrg};
use std::path::Path;

/// An org with two people and the user that its app runs as. Refresh tokens rotate: presenting an old one ends its family.
struct Team {
    org: TestOrg,
    server: Server,
    alice: String,
    bob: String,
    robot: String,
    folder: tempfile::TempDir,
}

impl Team {
    fn new() -> Team {
        let org = TestOrg::builder().accounts(1).build();
        let [alice, bob, robot] = ["ae1@", "ae2@", "ae3@"].map(|name| username(&org, name));
        let app = ConnectedApp::new("3MVG9team")
            .secret("s3cret")
            .loopback_callbacks()
            .rotate_refresh_tokens()
            .certificate(CERTIFICATE)
            .unwrap()
            .admin_approved(&[&alice, &bob, &robot])
            .run_as(&robot);
        org.add_connected_app(app);
        let server = org.serve().unwrap();
        Team { org, server, alice, bob, robot, folder: tempfile::tempdir().unwrap() }
    }
    fn app(&self) -> App {
        App::new(self.server.url(), "3MVG9team").client_secret("s3cret").allow_loopback_http()
    }
    fn file(&self) -> FileTokenStore {
        at(&self.folder.path().join("tokens"))
    }
    /// The app with one store for all its sessions, of each kind.
    fn shared(&self) -> [App; 2] {
        [self.app().store(MemoryTokenStore::new()), self.app().store(self.file())]
    }
    async fn sign_in(&self, app: &App, username: &str) -> Session {
        let pending = app.authorization_code().callback("http://127.0.0.1:7/").begin().unwrap();
        let back = redirect(pending.url(), username, "allow").await;
        pending.finish(&back).await.unwrap()
    }
    /// What a host has in its database: a refresh token, and nothing of who it is.
    async fn refresh_token(&self, username: &str) -> Tokens {
        let session = self.sign_in(&self.app(), username).await;
        Tokens::refresh(session.tokens().refresh_token().unwrap().expose())
    }
    fn jwt(&self, username: &str) -> Jwt {
        Jwt::new(username, KEY).unwrap().clock(self.org.clock())
    }
    fn token_requests(&self) -> usize {
        self.org.calls().iter().filter(|call| call.operation() == "token").count()
    }
    /// Each session is who it is said to be, before and after its access token has expired, and again.
    async fn each_is<const N: usize>(&self, sessions: [(&Session, &str); N]) {
        let sessions = sessions.map(|(session, username)| (rest(session), username));
        for round in 0..3 {
            if round > 0 {
                self.org.expire_sessions();
            }
            for (rest, username) in &sessions {
                assert_eq!(rest.identity(&CallOptions::new()).await.unwrap().username, *username);
            }
        }
    }
}

fn at(path: &Path) -> FileTokenStore {
    FileTokenStore::open(path, StoreKey::bytes([7; 32])).unwrap()
}
fn username(org: &TestOrg, name: &str) -> String {
    let users = org.rows(&sf_core::object!("User"));
    let mut names = users.iter().filter_map(|row| row.value("Username")?.as_str().map(str::to_owned));
    names.find(|username| username.starts_with(name)).unwrap()
}
fn rest(session: &Session) -> RestTransport {
    Rest::with_credentials(session.clone()).allow_loopback_http().connect().unwrap()
}
async fn who(session: &Session) -> Result<String> {
    Ok(rest(session).identity(&CallOptions::new()).await?.username)
}
fn names_the_account_setting(e: &Error) {
    assert_eq!((e.kind(), e.delivery()), (ErrorKind::Setup, Delivery::NotSent), "{e}");
    assert!(e.to_string().contains("another user"), "{e}");
    assert!(e.help().next_step.contains("App::account"), "{}", e.help().next_step);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_no_store_then_sessions_of_given_refresh_tokens_are_strangers() {
    let team = Team::new();
    let (alice, bob) = (team.refresh_token(&team.alice).await, team.refresh_token(&team.bob).await);
    let app = team.app();
    let (one, two) = (app.session(alice).unwrap(), app.clone().session(bob).unwrap());
    team.each_is([(&one, &team.alice), (&two, &team.bob)]).await;
    assert!(app.stored_session().await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_no_store_then_people_who_sign_in_are_strangers_and_one_can_leave() {
    let team = Team::new();
    let app = team.app();
    let (one, two) = (team.sign_in(&app, &team.alice).await, team.sign_in(&app, &team.bob).await);
    team.each_is([(&one, &team.alice), (&two, &team.bob), (&one.clone(), &team.alice)]).await;
    one.sign_out().await.unwrap();
    assert_eq!(who(&one).await.unwrap_err().kind(), ErrorKind::NotSignedIn);
    team.each_is([(&two, &team.bob)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_one_store_without_account_names_then_a_given_refresh_token_never_becomes_the_stored_user() {
    let team = Team::new();
    for app in team.shared() {
        let (alice, bob) = (team.refresh_token(&team.alice).await, team.refresh_token(&team.bob).await);
        let (one, two) = (app.session(alice).unwrap(), app.session(bob.clone()).unwrap());
        assert_eq!(who(&one).await.unwrap(), team.alice);
        let before = team.token_requests();
        for _ in 0..2 {
            names_the_account_setting(&who(&two).await.unwrap_err());
        }
        assert_eq!(team.token_requests(), before, "nothing was presented, nothing rotated");
        // The remedy that the error names.
        let two = app.clone().account("bob").session(bob).unwrap();
        team.each_is([(&one, &team.alice), (&two, &team.bob)]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_one_store_without_account_names_then_an_earlier_session_never_becomes_the_next_user() {
    let team = Team::new();
    for app in team.shared() {
        let one = team.sign_in(&app, &team.alice).await;
        let found = app.stored_session().await.unwrap().unwrap();
        let two = team.sign_in(&app, &team.bob).await;
        team.each_is([(&two, &team.bob)]).await;
        for session in [&one, &found] {
            for _ in 0..2 {
                names_the_account_setting(&who(session).await.unwrap_err());
            }
        }
        assert_eq!(who(&app.stored_session().await.unwrap().unwrap()).await.unwrap(), team.bob);
        // Leaving ends one's own tokens only.
        let mine = one.tokens().refresh_token().unwrap().expose().to_owned();
        let known = |token: &str| team.org.tokens().iter().any(|t| t.token == token && t.is_alive);
        assert!(known(&mine));
        one.sign_out().await.unwrap();
        assert!(!known(&mine));
        for _ in 0..2 {
            assert_eq!(who(&one).await.unwrap_err().kind(), ErrorKind::NotSignedIn);
        }
        team.each_is([(&two, &team.bob)]).await;
        assert_eq!(who(&app.stored_session().await.unwrap().unwrap()).await.unwrap(), team.bob);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_one_store_and_a_name_for_each_user_then_all_share_it_and_are_found_again() {
    let team = Team::new();
    for app in team.shared() {
        let (one, two) = (app.clone().account("alice"), app.clone().account("bob"));
        let (a, b) = (team.sign_in(&one, &team.alice).await, team.sign_in(&two, &team.bob).await);
        team.each_is([(&a, &team.alice), (&b, &team.bob)]).await;
        let stored = async |app: &App| app.stored_session().await.unwrap();
        let (a2, b2) = (stored(&one).await.unwrap(), stored(&two).await.unwrap());
        team.each_is([(&a, &team.alice), (&a2, &team.alice), (&b2, &team.bob), (&b, &team.bob)]).await;
        assert!(stored(&app).await.is_none());
        a2.sign_out().await.unwrap();
        assert!(stored(&one).await.is_none());
        assert_eq!(who(&a2).await.unwrap_err().kind(), ErrorKind::NotSignedIn);
        team.each_is([(&b, &team.bob), (&b2, &team.bob)]).await;
    }
}

/// A program with one user: its configuration names the first refresh token for ever, the store has the newest.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_the_same_token_at_every_start_then_the_store_goes_on_from_where_it_was() {
    let team = Team::new();
    let first = team.refresh_token(&team.alice).await;
    for _ in 0..3 {
        let session = team.app().store(team.file()).session(first.clone()).unwrap();
        team.each_is([(&session, &team.alice)]).await;
        let stored = team.app().store(team.file()).stored_session().await.unwrap().unwrap();
        assert!(stored.tokens().user_id().is_some());
        team.each_is([(&stored, &team.alice)]).await;
    }
    // The user has signed in again; who they are is known.
    let session = team.sign_in(&team.app(), &team.alice).await;
    let again = team.app().store(team.file()).session(session.tokens()).unwrap();
    team.each_is([(&again, &team.alice)]).await;
}

/// Somewhere between the first token and the newest, before and after the user has signed in again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_an_earlier_token_then_the_store_goes_on_from_where_it_was() {
    let team = Team::new();
    for app in team.shared() {
        let first = team.refresh_token(&team.alice).await;
        let session = app.session(first.clone()).unwrap();
        assert_eq!(who(&session).await.unwrap(), team.alice);
        let middle = Tokens::refresh(session.tokens().refresh_token().unwrap().expose());
        team.each_is([(&session, &team.alice)]).await;
        for earlier in [&first, &middle] {
            team.each_is([(&app.session(earlier.clone()).unwrap(), &team.alice)]).await;
        }
        team.sign_in(&app, &team.alice).await;
        for earlier in [&first, &middle] {
            team.each_is([(&app.session(earlier.clone()).unwrap(), &team.alice)]).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_session_that_left_then_leaving_again_ends_nobody_elses() {
    let team = Team::new();
    for app in team.shared() {
        team.sign_in(&app, &team.alice).await;
        let found = app.session(Tokens::default()).unwrap();
        assert_eq!(who(&found).await.unwrap(), team.alice);
        found.sign_out().await.unwrap();
        let bob = team.sign_in(&app, &team.bob).await;
        found.sign_out().await.unwrap();
        team.each_is([(&bob, &team.bob)]).await;
    }
}

/// What signing in again would not mend does not say so: the two would take turns for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_refused_token_and_another_user_in_the_store_then_the_error_is_not_that_of_the_token() {
    let team = Team::new();
    for app in team.shared() {
        let one = team.sign_in(&app, &team.alice).await;
        team.sign_in(&app, &team.bob).await;
        team.org.expire_sessions();
        let e = who(&one).await.unwrap_err();
        names_the_account_setting(&e);
        assert_eq!((e.code(), e.retry()), (None, sf_core::Retry::Never));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_an_access_token_of_nobody_knows_whom_then_it_works_until_it_ends_and_becomes_nobody() {
    let team = Team::new();
    for app in team.shared() {
        let access = async || {
            let tokens = team.sign_in(&team.app(), &team.bob).await.tokens();
            let access = tokens.access_token().unwrap();
            Tokens::access(access.expose(), access.instance_url())
        };
        let alone = app.session(access().await).unwrap();
        assert_eq!(who(&alone).await.unwrap(), team.bob);
        team.org.expire_sessions();
        assert_eq!(who(&alone).await.unwrap_err().kind(), ErrorKind::NotSignedIn);
        let alice = team.sign_in(&app, &team.alice).await;
        let bob = app.session(access().await).unwrap();
        assert_eq!(who(&bob).await.unwrap(), team.bob);
        team.org.expire_sessions();
        for session in [&bob, &alone, &bob] {
            names_the_account_setting(&who(session).await.unwrap_err());
        }
        team.each_is([(&alice, &team.alice)]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_one_store_then_a_person_and_the_flows_of_a_server_never_mix() {
    let team = Team::new();
    for (app, name) in team.shared().into_iter().flat_map(|app| {
        let named = app.clone().account("desk");
        [(app, None), (named, Some("desk"))]
    }) {
        // The server was here first: nobody has signed in yet.
        let robot = app.client_credentials().unwrap();
        let jwt = app.jwt(team.jwt(&team.bob)).unwrap();
        team.each_is([(&robot, &team.robot), (&jwt, &team.bob)]).await;
        assert!(app.stored_session().await.unwrap().is_none());
        let person = team.sign_in(&app, &team.alice).await;
        assert_eq!(person.key().account(), name.unwrap_or("default"));
        // And again, with a person in the store.
        let (robot2, jwt2) = (app.client_credentials().unwrap(), app.jwt(team.jwt(&team.bob)).unwrap());
        let other = app.jwt(team.jwt(&team.alice)).unwrap();
        team.each_is([
            (&robot2, &team.robot),
            (&person, &team.alice),
            (&jwt2, &team.bob),
            (&other, &team.alice),
            (&robot, &team.robot),
            (&jwt, &team.bob),
        ])
        .await;
        for session in [&robot, &robot2, &jwt, &jwt2, &other] {
            assert!(session.tokens().refresh_token().is_none());
        }
        let found = app.stored_session().await.unwrap().unwrap();
        team.each_is([(&found, &team.alice)]).await;
        robot2.sign_out().await.unwrap();
        jwt2.sign_out().await.unwrap();
        team.each_is([(&found, &team.alice), (&person, &team.alice)]).await;
    }
}

/// One server's processes share what they get, as before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_one_store_then_sessions_of_one_flow_and_user_share_a_token() {
    let team = Team::new();
    for app in team.shared() {
        let before = team.token_requests();
        for _ in 0..3 {
            assert_eq!(who(&app.client_credentials().unwrap()).await.unwrap(), team.robot);
            assert_eq!(who(&app.jwt(team.jwt(&team.bob)).unwrap()).await.unwrap(), team.bob);
        }
        assert_eq!(team.token_requests() - before, 2);
    }
}

/// Names of accounts may come from users.
#[tokio::test]
async fn no_account_name_reaches_the_entry_of_a_server() {
    let team = Team::new();
    let store = MemoryTokenStore::new();
    let app = team.app().store(store.clone());
    for session in [app.client_credentials().unwrap(), app.jwt(team.jwt(&team.bob)).unwrap()] {
        who(&session).await.unwrap();
        assert!(store.load(session.key()).await.unwrap().is_some());
        let stolen = app.clone().account(session.key().account());
        assert_eq!(stolen.stored_session().await.unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(stolen.session(Tokens::default()).unwrap_err().kind(), ErrorKind::InvalidInput);
        assert!(stolen.authorization_code().begin().is_err());
    }
    let key = |account: &str| TokenKey::new(team.server.url(), "3MVG9team", account);
    assert!(store.load(&key("default")).await.unwrap().is_none());
}
