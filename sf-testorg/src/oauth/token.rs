//! The token endpoint.
use super::{
    ConnectedApp, User,
    access::Host,
    assertion::Assertion,
    form::Form,
    reply::Reply,
    scope,
    vault::{Grant, Session},
};
use crate::{Method, Request, org::Inner};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{digest, hmac};
use serde_json::Value;
use std::time::Duration;

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Whether a flow can do without the client's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Secret {
    /// For a client that cannot keep one: checked when it is sent.
    Optional,
    /// By the app's policy.
    OfThePolicy,
    Required,
}

impl Inner {
    pub(super) fn token(&mut self, request: &Request, form: &Form) -> Result<Reply, Reply> {
        if request.method != Method::Post {
            return Err(Reply::refuse("invalid_request", "must use HTTP POST"));
        }
        match (form.get("grant_type"), form.get("response_type")) {
            (Some("authorization_code"), _) => self.exchange_code(form),
            (Some("refresh_token"), _) => self.refresh(form),
            (Some("device"), _) => self.poll_device(form),
            (Some(JWT_BEARER), _) => self.jwt_bearer(form),
            (Some("client_credentials"), _) => self.client_credentials(request, form),
            (Some("password"), _) => self.password(form),
            (None, Some("device_code")) => self.begin_device(form),
            _ => Err(Reply::refuse("unsupported_grant_type", "grant type not supported")),
        }
    }

    /// The app that asks, by the parameters or by HTTP Basic, and that it is the app.
    pub(super) fn client(&self, form: &Form, secret: Secret) -> Result<ConnectedApp, Reply> {
        let (client_id, sent) = match &form.basic {
            Some((id, secret)) => (Some(id.as_str()), Some(secret.as_str()).filter(|s| !s.is_empty())),
            None => (form.get("client_id"), form.get("client_secret")),
        };
        let app = client_id.and_then(|id| self.oauth.apps.get(id));
        let app = app.ok_or_else(|| Reply::refuse("invalid_client_id", "client identifier invalid"))?;
        let is_needed = match secret {
            Secret::Optional => false,
            Secret::OfThePolicy => !app.secret_optional && app.client_secret.is_some(),
            Secret::Required => true,
        };
        let is_right = match (sent, app.client_secret.as_deref()) {
            (Some(sent), Some(secret)) => sent == secret,
            // An app without a secret has no use for one.
            (Some(_), None) => secret != Secret::Required,
            (None, _) => !is_needed,
        };
        if !is_right {
            let status = if self.assumptions.oauth.invalid_client_is_401 { 401 } else { 400 };
            return Err(Reply { status, ..Reply::refuse("invalid_client", "invalid client credentials") });
        }
        if app.ip_restricted {
            return Err(Reply::invalid_grant("ip restricted"));
        }
        Ok(app.clone())
    }

    /// A user that may sign in, and may use this app.
    pub(super) fn check_user(app: &ConnectedApp, user: &User) -> Result<(), Reply> {
        if !user.is_active {
            return Err(Reply::refuse("inactive_user", "user is inactive"));
        }
        if !app.admits(&user.username) {
            return Err(Reply::refuse("invalid_app_access", "user is not admin approved to access this app"));
        }
        Ok(())
    }

    fn exchange_code(&mut self, form: &Form) -> Result<Reply, Reply> {
        let app = self.client(form, Secret::OfThePolicy)?;
        let redirect_uri = form.required("redirect_uri")?;
        // An unknown code, a used one and a late one get the same words.
        let expired = || Reply::invalid_grant("expired authorization code");
        let code = self.oauth.vault.take_code(form.required("code")?).ok_or_else(expired)?;
        if code.client_id != app.client_id || code.expires <= self.oauth.now {
            return Err(expired());
        }
        if code.redirect_uri != redirect_uri {
            return Err(Reply::refuse("redirect_uri_mismatch", "redirect_uri must match configuration"));
        }
        if let Some(challenge) = &code.challenge {
            let verifier = form.get("code_verifier").unwrap_or_default();
            if URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes())) != *challenge {
                return Err(Reply::invalid_grant("invalid code verifier"));
            }
        }
        let user = self.user(code.user).ok_or_else(expired)?;
        self.grant(&app, &user, code.scopes)
    }

    fn refresh(&mut self, form: &Form) -> Result<Reply, Reply> {
        let app = self.client(form, Secret::OfThePolicy)?;
        let sent = form.required("refresh_token")?;
        let expired = || Reply::invalid_grant("expired access/refresh token");
        let now = self.oauth.now;
        let (number, grant) = self.oauth.vault.grant_of(sent).ok_or_else(expired)?;
        let grant = grant.clone();
        if grant.client_id != app.client_id || grant.is_revoked {
            return Err(expired());
        }
        let is_late = |life: Option<Duration>, since| life.is_some_and(|life| now >= since + life);
        if is_late(app.refresh_valid_for, grant.issued) || is_late(app.refresh_unused_for, grant.used) {
            return Err(expired());
        }
        // Somebody has a token that its owner has replaced: the whole family ends.
        if !grant.is_current(sent) {
            self.oauth.vault.revoke(number);
            return Err(expired());
        }
        let user = self.user(grant.user).ok_or_else(expired)?;
        Inner::check_user(&app, &user)?;
        let rotated = app.rotate_refresh_tokens.then(|| self.oauth.refresh_token());
        if rotated.is_some() && self.assumptions.oauth.rotation_ends_sessions {
            self.oauth.vault.end_where(|session| session.grant == Some(number));
        }
        self.oauth.vault.refreshed(number, now, rotated.clone());
        Ok(self.issue(&app, &user, grant.scopes, Some(number), rotated))
    }

    /// No state is kept: the same assertion gives another session.
    fn jwt_bearer(&mut self, form: &Form) -> Result<Reply, Reply> {
        let invalid = || Reply::invalid_grant("invalid assertion");
        let assertion = Assertion::read(form.required("assertion")?).ok_or_else(invalid)?;
        let claims = &assertion.claims;
        let app = self.oauth.apps.get(&claims.iss).cloned();
        let app = app.ok_or_else(|| Reply::refuse("invalid_client_id", "client identifier invalid"))?;
        if !app.certificate.as_ref().is_some_and(|key| assertion.is_signed_by(key)) {
            return Err(invalid());
        }
        let hosts = ["https://login.salesforce.com", "https://test.salesforce.com", &self.oauth.instance_url];
        if !hosts.iter().any(|host| claims.is_for(host)) {
            return Err(Reply::invalid_grant("audience is invalid"));
        }
        let now = self.oauth.now.millis().div_euclid(1000);
        let expires = claims.expires().ok_or_else(invalid)?;
        if expires <= now {
            return Err(Reply::invalid_grant("expired authorization code"));
        }
        let longest =
            self.assumptions.oauth.jwt_longest.map(|life| i64::try_from(life.as_secs()).unwrap_or(i64::MAX));
        if longest.is_some_and(|longest| expires - now > longest) {
            return Err(invalid());
        }
        if app.ip_restricted {
            return Err(Reply::invalid_grant("ip restricted"));
        }
        let not_approved = || Reply::invalid_grant("user hasn't approved this consumer");
        let user = self.user_named(&claims.sub).ok_or_else(not_approved)?;
        Inner::check_user(&app, &user)?;
        let has_approved =
            self.oauth.vault.grants().any(|(_, grant)| {
                !grant.is_revoked && grant.user == user.id && grant.client_id == app.client_id
            });
        if app.admin_approved.is_none() && !has_approved {
            return Err(not_approved());
        }
        let scopes = scope::granted(None, &app.scopes).unwrap_or_default();
        Ok(self.issue(&app, &user, without_refresh(scopes), None, None))
    }

    fn client_credentials(&mut self, request: &Request, form: &Form) -> Result<Reply, Reply> {
        if self.host(request) == Host::Login {
            return Err(Reply::invalid_grant("request not supported on this domain"));
        }
        let app = self.client(form, Secret::Required)?;
        let nobody = || Reply::invalid_grant("no client credentials user enabled");
        let user = app.run_as.as_deref().and_then(|name| self.user_named(name)).ok_or_else(nobody)?;
        Inner::check_user(&app, &user)?;
        let scopes = without_refresh(scope::granted(None, &app.scopes).unwrap_or_default());
        if scopes.is_empty() {
            return Err(Reply::invalid_grant("no valid scopes defined"));
        }
        Ok(self.issue(&app, &user, scopes, None, None))
    }

    /// Blocked unless the org allows it: the words are those of a wrong password.
    fn password(&mut self, form: &Form) -> Result<Reply, Reply> {
        let app = self.client(form, Secret::Required)?;
        let failure = || Reply::invalid_grant("authentication failure");
        let (username, password) = (form.required("username")?, form.required("password")?);
        if !self.oauth.password_flow || !self.oauth.credentials.is_password(password) {
            return Err(failure());
        }
        let user = self.user_named(username).ok_or_else(failure)?;
        Inner::check_user(&app, &user)?;
        let scopes = scope::granted(form.get("scope"), &app.scopes)
            .map_err(|refused| Reply::refuse("invalid_scope", refused.text()))?;
        Ok(self.issue(&app, &user, without_refresh(scopes), None, None))
    }

    /// What a user's approval gives: a session, and a refresh token when its scope is there.
    pub(super) fn grant(
        &mut self,
        app: &ConnectedApp,
        user: &User,
        scopes: Vec<String>,
    ) -> Result<Reply, Reply> {
        Inner::check_user(app, user)?;
        let has = |name: &str| scopes.iter().any(|scope| scope == name);
        let by_full = self.assumptions.oauth.full_gives_refresh_token && has("full");
        if !has("refresh_token") && !by_full {
            return Ok(self.issue(app, user, scopes, None, None));
        }
        let now = self.oauth.now;
        let alive: Vec<u64> = self
            .oauth
            .vault
            .grants()
            .filter(|(_, g)| !g.is_revoked && g.user == user.id && g.client_id == app.client_id)
            .map(|(number, _)| number)
            .collect();
        let most = self.assumptions.oauth.grants_per_user.max(1);
        for number in alive.iter().take((alive.len() + 1).saturating_sub(most)) {
            self.oauth.vault.revoke(*number);
        }
        let token = self.oauth.refresh_token();
        let number = self.oauth.vault.grant(Grant {
            client_id: app.client_id.clone(),
            user: user.id,
            scopes: scopes.clone(),
            tokens: vec![token.clone()],
            issued: now,
            used: now,
            is_revoked: false,
        });
        Ok(self.issue(app, user, scopes, Some(number), Some(token)))
    }

    /// A new session and its token answer.
    fn issue(
        &mut self,
        app: &ConnectedApp,
        user: &User,
        scopes: Vec<String>,
        grant: Option<u64>,
        refresh_token: Option<String>,
    ) -> Reply {
        let now = self.oauth.now;
        let scope = scopes.join(" ");
        let access_token = self.oauth.begin(Session {
            user: user.id,
            client_id: Some(app.client_id.clone()),
            grant,
            scopes,
            issued: now,
            used: now,
            idle_seconds: self.oauth.idle_seconds(Some(app)),
        });
        let id = self.oauth.identity_url(user.id);
        let issued_at = now.millis().to_string();
        let key =
            hmac::Key::new(hmac::HMAC_SHA256, app.client_secret.as_deref().unwrap_or_default().as_bytes());
        let signature = STANDARD.encode(hmac::sign(&key, format!("{id}{issued_at}").as_bytes()));
        let mut fields: Vec<(&'static str, Value)> = vec![("access_token", access_token.into())];
        fields.extend(refresh_token.map(|token| ("refresh_token", token.into())));
        fields.extend([
            ("signature", signature.into()),
            ("scope", scope.into()),
            ("instance_url", self.oauth.instance_url.clone().into()),
            ("id", id.into()),
            ("token_type", "Bearer".into()),
            ("issued_at", issued_at.into()),
        ]);
        Reply::ok(fields)
    }
}

fn without_refresh(mut scopes: Vec<String>) -> Vec<String> {
    scopes.retain(|scope| scope != "refresh_token");
    scopes
}
