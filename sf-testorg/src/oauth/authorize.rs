//! The authorization endpoint: the login page, and the redirect with a code or an error.
use super::{
    ConnectedApp,
    form::Form,
    page::Page,
    reply::{self, Reply, encode, escape},
    scope,
    vault::Code,
};
use crate::{Method, Request, org::Inner, rest::Answer};

/// The parameters that the page sends on, and that both requests check.
const PARAMETERS: [&str; 12] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "login_hint",
    "display",
    "nonce",
    "immediate",
];

/// A request that may be answered with a redirect.
struct Asked<'f> {
    app: ConnectedApp,
    redirect_uri: &'f str,
    state: Option<&'f str>,
}

impl Asked<'_> {
    fn redirect(&self, parameters: &[(&str, &str)]) -> Answer {
        let mut to = self.redirect_uri.to_owned();
        let state = self.state.map(|state| ("state", state));
        for (name, value) in parameters.iter().copied().chain(state) {
            to.push(if to.contains('?') { '&' } else { '?' });
            to.push_str(&format!("{name}={}", encode(value)));
        }
        Answer::empty(302).header("Location", to).header("Cache-Control", "no-store")
    }
    fn refuse(&self, error: &str, description: &str) -> Answer {
        self.redirect(&[("error", error), ("error_description", description)])
    }
}

impl Inner {
    /// GET shows the page, POST is what its form sends.
    pub(super) fn authorize(&mut self, request: &Request, form: &Form) -> Result<Answer, Reply> {
        // Nobody is sent to an address that is not the app's: these errors stay here, as `error=…&error_description=…`.
        let asked = match self.asked(form) {
            Ok(asked) => asked,
            Err(refused) => return Ok(reply::form(refused.status, &refused.fields)),
        };
        match form.get("response_type") {
            Some("code") => {}
            _ => return Ok(asked.refuse("unsupported_response_type", "response type is not supported")),
        }
        let scopes = match scope::granted(form.get("scope"), &asked.app.scopes) {
            Ok(scopes) => scopes,
            Err(refused) => return Ok(asked.refuse("invalid_scope", refused.text())),
        };
        // There is no session of a browser that could approve without the user.
        if form.get("immediate") == Some("true") {
            return Ok(asked.refuse("immediate_unsuccessful", "user is not logged in"));
        }
        if request.method != Method::Post || form.get("decision").is_none() {
            return Ok(self.authorization_page(&asked, form, &scopes, None));
        }
        if form.get("decision") != Some("allow") {
            return Ok(asked.refuse("access_denied", "end-user denied authorization"));
        }
        let user = form.get("username").and_then(|name| self.user_named(name)).filter(|user| user.is_active);
        let Some(user) = user else {
            let problem = "There is no active user of this name.";
            return Ok(self.authorization_page(&asked, form, &scopes, Some(problem)));
        };
        if !asked.app.admits(&user.username) {
            let text = "user is not admin approved to access this app";
            return Ok(asked.refuse("OAUTH_APP_ACCESS_DENIED", text));
        }
        const LETTERS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";
        let code = format!("aPrx{}==", self.oauth.vault.draw(LETTERS, 80));
        let answer = asked.redirect(&[("code", &code)]);
        let value = Code {
            client_id: asked.app.client_id,
            user: user.id,
            scopes,
            redirect_uri: asked.redirect_uri.to_owned(),
            challenge: form.get("code_challenge").map(|challenge| challenge.trim_end_matches('=').to_owned()),
            expires: self.oauth.now + self.assumptions.oauth.code_life,
        };
        self.oauth.vault.put_code(code, value);
        Ok(answer)
    }

    /// Whose request it is, and where its answer may go.
    fn asked<'f>(&self, form: &'f Form) -> Result<Asked<'f>, Reply> {
        let app = form.get("client_id").and_then(|id| self.oauth.apps.get(id)).cloned();
        let app = app.ok_or_else(|| Reply::refuse("invalid_client_id", "client identifier invalid"))?;
        let redirect_uri = form
            .get("redirect_uri")
            .ok_or_else(|| Reply::refuse("redirect_uri_missing", "must provide redirect_uri"))?;
        if !app.takes_callback(redirect_uri) {
            return Err(Reply::refuse("redirect_uri_mismatch", "redirect_uri must match configuration"));
        }
        if app.require_pkce && form.get("code_challenge").is_none() {
            return Err(Reply::refuse("invalid_request", "missing required code challenge"));
        }
        // jsforce and `sf` send no method, and mean this one.
        if form.get("code_challenge_method").is_some_and(|method| method != "S256") {
            return Err(Reply::refuse("invalid_request", "code challenge method not supported"));
        }
        Ok(Asked { app, redirect_uri, state: form.get("state") })
    }

    fn authorization_page(
        &self,
        asked: &Asked<'_>,
        form: &Form,
        scopes: &[String],
        problem: Option<&str>,
    ) -> Answer {
        let hidden = PARAMETERS.into_iter().filter_map(|name| Some((name, form.get(name)?)));
        let page = Page {
            title: "Allow Access?",
            about: format!(
                "<strong>{}</strong> asks for access to this org: {}.",
                escape(asked.app.label()),
                escape(&scopes.join(", "))
            ),
            problem,
            action: "/services/oauth2/authorize",
            hidden: hidden.collect(),
            field: None,
            users: self.users().filter(|user| user.is_active).collect(),
            hint: form.get("login_hint"),
        };
        page.answer()
    }
}
