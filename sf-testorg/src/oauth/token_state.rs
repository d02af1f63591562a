//! Introspection and revocation.
use super::{
    form::Form,
    reply::{self, Reply},
    token::Secret,
};
use crate::{Method, Request, RevokeError, org::Inner, rest::Answer};
use sf_core::Timestamp;

fn seconds(at: Timestamp) -> i64 {
    at.millis().div_euclid(1000)
}

impl Inner {
    /// What a token is. Of another app's token the client learns nothing.
    pub(super) fn introspect(&mut self, request: &Request, form: &Form) -> Result<Reply, Reply> {
        if request.method != Method::Post {
            return Err(Reply::refuse("invalid_request", "must use HTTP POST"));
        }
        let app = self.client(form, Secret::OfThePolicy)?;
        let token = form.required("token")?;
        let now = self.oauth.now;
        let username = |inner: &Inner, user| inner.user(user).map(|user| user.username);
        if let Some(session) = self.oauth.vault.session(token).cloned() {
            let is_of_app = session.client_id.as_ref() == Some(&app.client_id);
            if is_of_app && !session.is_over(now) && self.may_act(session.user) {
                let mut fields = vec![
                    ("active", true.into()),
                    ("scope", session.scopes.join(" ").into()),
                    ("client_id", app.client_id.into()),
                    ("username", username(self, session.user).into()),
                    ("sub", self.oauth.identity_url(session.user).into()),
                    ("token_type", "access_token".into()),
                ];
                fields.extend(session.ends().map(|end| ("exp", seconds(end).into())));
                fields.extend([
                    ("iat", seconds(session.issued).into()),
                    ("nbf", seconds(session.issued).into()),
                ]);
                return Ok(Reply::ok(fields));
            }
        } else if let Some((_, grant)) = self.oauth.vault.grant_of(token)
            && grant.client_id == app.client_id
            && !grant.is_revoked
            && grant.is_current(token)
        {
            let grant = grant.clone();
            let end = [
                app.refresh_valid_for.map(|life| grant.issued + life),
                app.refresh_unused_for.map(|life| grant.used + life),
            ];
            let end = end.into_iter().flatten().min();
            if end.is_none_or(|end| now < end) && self.may_act(grant.user) {
                let mut fields = vec![
                    ("active", true.into()),
                    ("scope", grant.scopes.join(" ").into()),
                    ("client_id", app.client_id.into()),
                    ("username", username(self, grant.user).into()),
                    ("sub", self.oauth.identity_url(grant.user).into()),
                    ("token_type", "refresh_token".into()),
                ];
                fields.extend(end.map(|end| ("exp", seconds(end).into())));
                fields.extend([("iat", seconds(grant.issued).into()), ("nbf", seconds(grant.issued).into())]);
                return Ok(Reply::ok(fields));
            }
        }
        Ok(Reply::ok(vec![("active", false.into())]))
    }

    /// By GET or POST; the token is proof enough, no client is asked for.
    pub(super) fn revoke(&mut self, form: &Form) -> Result<Answer, Reply> {
        let token = form.required("token")?;
        if self.revoke_token(token) {
            return Ok(Answer::empty(200).header("Cache-Control", "no-store"));
        }
        let refused = Reply::refuse("unsupported_token_type", "this token type is not supported");
        Ok(match self.assumptions.oauth.revoke_error {
            RevokeError::Json => refused.answer(form.format()),
            RevokeError::Form => refused.answer(reply::Format::Form),
        })
    }

    /// Ends a session, or a refresh token with all sessions it gave. `false`: the token is dead already.
    pub(super) fn revoke_token(&mut self, token: &str) -> bool {
        let now = self.oauth.now;
        if self.oauth.vault.session(token).is_some_and(|session| !session.is_over(now)) {
            return self.oauth.vault.end(token);
        }
        let number = self.oauth.vault.grant_of(token).filter(|(_, g)| !g.is_revoked && g.is_current(token));
        let Some((number, _)) = number else { return false };
        self.oauth.vault.revoke(number);
        true
    }
}
