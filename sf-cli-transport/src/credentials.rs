use crate::{
    command::{SfCommand, result_of},
    envelope::Document,
    status::Fields,
    target::Target,
};
use async_trait::async_trait;
use serde::Deserialize;
use sf_core::{AccessToken, Credentials, Delivery, Error, ErrorCode, ErrorKind, Failure, Result};
use std::borrow::Cow;
use tokio::sync::Mutex;

/// Access tokens from an `sf` command, for `sf-rest-transport`: two processes (one before 2.136), then requests at native speed.
///
/// Asks the command when a token is first needed, keeps it, and asks again when the org refuses it (the command renews it then
/// if it can). Many callers wait for one question. The token passes through standard output of a child, never through an
/// argument, a variable or a file.
///
/// ```no_run
/// # async fn example() -> sf_core::Result<()> {
/// use sf_cli_transport::{Discovery, Sf};
/// use sf_core::Credentials;
///
/// let sf = Discovery::new().find().await?;
/// let credentials = Sf::command(&sf).target_org("desk").credentials()?;
/// // `Rest::with_credentials(credentials)` of sf-rest-transport does this by itself.
/// println!("{}", credentials.token(None).await?.instance_url());
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct CliCredentials {
    command: SfCommand,
    target: Target,
    last: Mutex<Option<AccessToken>>,
}

impl CliCredentials {
    pub(crate) fn new(command: SfCommand, target: Target) -> CliCredentials {
        CliCredentials { command, target, last: Mutex::new(None) }
    }

    async fn ask(&self) -> Result<AccessToken> {
        let deadline = self.command.deadline();
        let display = self.command.display(&self.target, deadline).await.map_err(|t| t.error)?;
        let fields: Fields = result_of(&display, "sf org display")?;
        self.command.connected(&display, &fields, &self.target, deadline).await?;
        let url = fields.org().ok_or_else(|| unreadable("sf org display"))?.instance_url;
        // Commands from 2.136 on do not show it there.
        if let Some(token) = secret(&display, &url)? {
            return Ok(token);
        }
        let arguments = ["org", "auth", "show-access-token"];
        let signed_in = |shown: &Document, _: &Target| Some(!is_stale(shown));
        let shown = self.command.ask(&arguments, &self.target, deadline, signed_in);
        let shown = shown.await.map_err(|t| t.error)?;
        if is_stale(&shown) {
            // It says so after any failure.
            self.command.reach(&self.target, deadline).await?;
            let message = "the sf command could not renew the access token, though the org can be reached";
            return Err(Failure::new(ErrorKind::Unavailable, Delivery::NotSent, message).into());
        }
        secret(&shown, &url)?.ok_or_else(|| unreadable("sf org auth show-access-token"))
    }

    fn expired(&self, message: &str) -> Error {
        Failure::new(ErrorKind::NotSignedIn, Delivery::NotSent, message)
            .with_code(ErrorCode::InvalidSessionId)
            .with_next_step(format!("Sign in again: `{}`.", self.target.sign_in()))
            .into()
    }
}

#[async_trait]
impl Credentials for CliCredentials {
    async fn token(&self, stale: Option<&AccessToken>) -> Result<AccessToken> {
        // Held over the question: who comes meanwhile gets its answer and does not ask as well.
        let mut last = self.last.lock().await;
        if let Some(known) = last.as_ref().filter(|known| Some(*known) != stale) {
            return Ok(known.clone());
        }
        *last = None;
        let token = self.ask().await?;
        if Some(&token) == stale {
            return Err(self.expired("the sf command has no other token than the one that the org refused"));
        }
        *last = Some(token.clone());
        Ok(token)
    }
}

fn is_stale(shown: &Document) -> bool {
    shown.read().is_some_and(|envelope| envelope.warns("may be stale"))
}

/// The token in an answer; `None`: it is hidden there.
fn secret(document: &Document, url: &str) -> Result<Option<AccessToken>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer<'a> {
        #[serde(borrow)]
        access_token: Option<Cow<'a, str>>,
    }
    let answer: Answer<'_> = result_of(document, "sf org auth show-access-token")?;
    match answer.access_token {
        Some(token) if token.contains("REDACTED") || token.trim().is_empty() => Ok(None),
        Some(token) if token.bytes().all(|b| b.is_ascii_graphic()) => {
            // It lay in the command's store for an unknown time.
            Ok(Some(AccessToken::new(token.into_owned(), url).of_unknown_age()))
        }
        Some(_) => Err(unreadable("sf org auth show-access-token")),
        None => Ok(None),
    }
}

fn unreadable(what: &str) -> Error {
    Failure::new(ErrorKind::Decode, Delivery::NotSent, format!("`{what}` shows no access token"))
        .with_next_step("Update the sf command: `sf update`, or `npm install --global @salesforce/cli`.")
        .into()
}
