//! The OAuth server: connected apps, the flows, sessions and who they belong to.
//!
//! One request in, one answer out, at the org's time; whatever is issued comes from the seed. Wire facts from Salesforce Help ("OAuth
//! Authorization Flows", "OAuth 2.0 Authorization Errors") and from what Salesforce's own clients send and read.
mod access;
mod app;
mod assertion;
mod authorize;
mod device;
mod doors;
mod form;
mod identity;
mod page;
mod reply;
mod scope;
mod soap;
mod token;
mod token_state;
mod vault;

pub use app::ConnectedApp;
pub use doors::{Token, TokenKind};
pub(crate) use vault::Change;

use crate::{
    Credentials, Method, Request,
    org::Inner,
    rest::{Answer, Target},
    state::{Row, SObjectType},
};
use form::Form;
use reply::Reply;
use sf_core::{SfId, Timestamp};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use vault::{Grant, Session, Vault};

/// The default of an org (Salesforce Help, "Modify Session Security Settings").
pub(crate) const SESSION_TIMEOUT: Duration = Duration::from_secs(2 * 60 * 60);

/// Going through all sessions takes time when there are many.
const TIDY_EVERY: Duration = Duration::from_secs(60);

/// Who may call, and how the org names itself.
#[derive(Debug, Clone)]
pub(crate) struct OAuth {
    pub(crate) credentials: Credentials,
    pub(crate) instance_url: String,
    /// Hosts the org has left.
    former_hosts: BTreeSet<String>,
    apps: BTreeMap<String, ConnectedApp>,
    pub(crate) vault: Vault,
    /// The org's time to the millisecond; rows have only seconds.
    pub(crate) now: Timestamp,
    /// When what is dead was last forgotten.
    tidied: Timestamp,
    pub(crate) session_timeout: Duration,
    /// The username-password flow, which new orgs block.
    pub(crate) password_flow: bool,
    /// SOAP `login()`, which new orgs have disabled.
    pub(crate) soap_login: bool,
}

impl OAuth {
    pub(crate) fn new(credentials: Credentials, seed: u64, now: Timestamp) -> OAuth {
        let mut vault = Vault::new(seed);
        if let Ok(user) = SfId::new(&credentials.user_id) {
            let scopes = vec!["refresh_token".to_owned(), "api".to_owned()];
            let grant = Grant {
                client_id: credentials.client_id.clone(),
                user,
                scopes: scopes.clone(),
                tokens: vec![credentials.refresh_token.clone()],
                issued: now,
                used: now,
                is_revoked: false,
            };
            let client_id = Some(credentials.client_id.clone());
            let grant = Some(vault.grant(grant));
            // It does not time out: a test that advances the clock by days has not asked for that.
            let session =
                Session { user, client_id, grant, scopes, issued: now, used: now, idle_seconds: None };
            vault.begin(credentials.access_token.clone(), session);
        }
        // The seed gives them: no journal needs them.
        vault.take_changes();
        let mut oauth = OAuth {
            instance_url: "https://testorg.my.salesforce.example".to_owned(),
            former_hosts: BTreeSet::new(),
            apps: BTreeMap::new(),
            vault,
            now,
            tidied: now,
            session_timeout: SESSION_TIMEOUT,
            password_flow: false,
            soap_login: true,
            credentials,
        };
        oauth.add(ConnectedApp::platform_cli());
        oauth.add(ConnectedApp::of_credentials(&oauth.credentials));
        oauth
    }

    pub(crate) fn add(&mut self, app: ConnectedApp) {
        self.apps.insert(app.client_id.clone(), app);
    }

    pub(crate) fn identity_url(&self, user: SfId) -> String {
        format!("{}/id/{}/{user}", self.instance_url, self.credentials.org_id)
    }

    /// A new session's token, as the wire has it: the org's id, `!`, the rest.
    fn begin(&mut self, session: Session) -> String {
        const LETTERS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";
        let secret = self.vault.draw(LETTERS, 91);
        let org = self.credentials.org_id.get(..15).unwrap_or_default();
        let token = format!("{org}!AQ8AQ{secret}");
        self.vault.begin(token.clone(), session);
        token
    }

    fn refresh_token(&mut self) -> String {
        const LETTERS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";
        format!("5Aep861{}", self.vault.draw(LETTERS, 80))
    }

    fn idle_seconds(&self, app: Option<&ConnectedApp>) -> Option<u64> {
        Some(app.and_then(|app| app.session_timeout).unwrap_or(self.session_timeout).as_secs())
    }

    /// The newest token of the API user that works at this time, if any does.
    pub(crate) fn token(&self, now: Timestamp) -> Option<&str> {
        let user = SfId::new(&self.credentials.user_id).ok()?;
        let works = |session: &Session| {
            session.user == user && !session.is_over(now) && scope::opens_rest(&session.scopes)
        };
        let working = self.vault.sessions().filter(|(_, session)| works(session));
        working.max_by_key(|(token, session)| (session.issued, *token)).map(|(token, _)| token.as_str())
    }

    /// For sessions to come, and for those that no flow has given.
    pub(crate) fn set_session_timeout(&mut self, timeout: Duration) {
        self.session_timeout = timeout;
        self.vault.set_idle_seconds(timeout.as_secs());
    }

    /// Goes on where a journal ends.
    pub(crate) fn restore(&mut self, changes: Vec<Change>, now: Timestamp) {
        changes.into_iter().for_each(|change| self.vault.apply(change));
        self.vault.touch_all(now);
    }

    /// The org has another address from now on; all sessions end.
    pub(crate) fn move_to(&mut self, url: String) {
        let old = access::host_of(&self.instance_url).to_ascii_lowercase();
        let new = access::host_of(&url).to_ascii_lowercase();
        self.former_hosts.insert(old);
        self.former_hosts.remove(&new);
        self.instance_url = url;
        self.end_sessions();
    }

    pub(crate) fn end_sessions(&mut self) {
        self.vault.end_where(|_| true);
    }
}

/// A user as the flows see one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct User {
    id: SfId,
    username: String,
    name: String,
    is_active: bool,
}

impl User {
    fn of(sobject: &SObjectType, row: &Row) -> User {
        let text = |field: &str| {
            let cell = sobject.position(field).and_then(|at| row.cells.get(at));
            cell.and_then(|cell| cell.as_text()).unwrap_or_default().to_owned()
        };
        User {
            id: row.id,
            username: text("Username"),
            name: text("Name"),
            is_active: is_active(sobject, row),
        }
    }
}

fn is_active(sobject: &SObjectType, row: &Row) -> bool {
    let cell = sobject.position("IsActive").and_then(|at| row.cells.get(at));
    cell != Some(&crate::state::Cell::Bool(false))
}

impl Inner {
    fn users(&self) -> impl Iterator<Item = User> {
        let sobject = self.state.schema().get("User").cloned();
        self.state.rows("User").filter_map(move |row| Some(User::of(sobject.as_deref()?, row)))
    }

    fn user(&self, id: SfId) -> Option<User> {
        let (sobject, row) = self.state.find(id)?;
        if sobject.name == "User" {
            return Some(User::of(sobject, row));
        }
        None
    }

    fn user_named(&self, username: &str) -> Option<User> {
        self.users().find(|user| user.username.eq_ignore_ascii_case(username))
    }

    /// Whether sessions of this user work. A state that was filled by hand may have no users: whoever has a token is in then.
    fn may_act(&self, id: SfId) -> bool {
        let Some((sobject, row)) = self.state.find(id) else { return true };
        sobject.name != "User" || is_active(sobject, row)
    }

    /// The answer of a resource of signing in; `None`: it is none.
    pub(crate) fn oauth(&mut self, request: &Request, target: &Target) -> Option<Answer> {
        let segments: Vec<&str> = target.segments.iter().map(String::as_str).collect();
        let answer = match segments.as_slice() {
            ["services", "oauth2", "authorize"] => self.form_endpoint(request, target, Inner::authorize),
            ["setup", "connect"] => self.form_endpoint(request, target, Inner::connect),
            ["services", "oauth2", "token"] => self.form_endpoint(request, target, |inner, request, form| {
                Ok(inner.token(request, form).unwrap_or_else(|refused| refused).answer(form.format()))
            }),
            ["services", "oauth2", "introspect"] => {
                self.form_endpoint(request, target, |inner, request, form| {
                    Ok(inner
                        .introspect(request, form)
                        .unwrap_or_else(|refused| refused)
                        .answer(form.format()))
                })
            }
            ["services", "oauth2", "revoke"] => {
                self.form_endpoint(request, target, |inner, _, form| inner.revoke(form))
            }
            ["services", "oauth2", "userinfo"] => self.userinfo(request, target),
            ["id", org, user] => self.identity(request, target, org, user),
            [".well-known", "openid-configuration"] if request.method == Method::Get => {
                self.openid_configuration()
            }
            ["services", "Soap", "u" | "c", version, ..] => self.soap(request, segments[2], version),
            _ => return None,
        };
        let now = self.oauth.now;
        if now >= self.oauth.tidied + TIDY_EVERY {
            self.oauth.tidied = now;
            self.oauth.vault.tidy(now);
        }
        Some(answer)
    }

    fn form_endpoint(
        &mut self,
        request: &Request,
        target: &Target,
        answer: impl FnOnce(&mut Inner, &Request, &Form) -> Result<Answer, Reply>,
    ) -> Answer {
        let refuse = |refused: Reply| refused.answer(reply::Format::Json);
        match Form::read(request, target) {
            Ok(form) => answer(self, request, &form).unwrap_or_else(refuse),
            Err(refused) => refuse(refused),
        }
    }

    /// What identifies the endpoints to a library that discovers them. There are no signing keys: this org gives no `id_token`.
    fn openid_configuration(&self) -> Answer {
        let base = &self.oauth.instance_url;
        let body = serde_json::json!({
            "issuer": base,
            "authorization_endpoint": format!("{base}/services/oauth2/authorize"),
            "token_endpoint": format!("{base}/services/oauth2/token"),
            "revocation_endpoint": format!("{base}/services/oauth2/revoke"),
            "userinfo_endpoint": format!("{base}/services/oauth2/userinfo"),
            "introspection_endpoint": format!("{base}/services/oauth2/introspect"),
            "scopes_supported": scope::all(),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "display_values_supported": ["page", "popup", "touch"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"]
        });
        Answer::json(200, body.to_string())
    }

    /// Keeps what was issued and revoked. When the journal cannot take it, the next request tries again.
    pub(crate) fn keep_oauth(&mut self) -> std::io::Result<()> {
        if !self.oauth.vault.has_changes() {
            return Ok(());
        }
        let Some(journal) = &self.journal else {
            self.oauth.vault.take_changes();
            return Ok(());
        };
        let changes = self.oauth.vault.take_changes();
        let kept = journal.keep_sign_in(&changes, self.oauth.now);
        if kept.is_err() {
            self.oauth.vault.put_back(changes);
        }
        kept
    }
}
