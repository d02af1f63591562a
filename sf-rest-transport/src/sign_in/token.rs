use crate::fault::not_signed_in;
use async_trait::async_trait;
use sf_core::{AccessToken, Credentials, Result};
use std::fmt;

/// An access token that somebody else obtained. It cannot be renewed: once the org refuses it, every call
/// fails with [`ErrorKind::NotSignedIn`](sf_core::ErrorKind::NotSignedIn).
///
/// [`Rest::token`](crate::Rest::token) is the short way to it.
///
/// ```
/// use sf_rest_transport::{Rest, Token};
///
/// let token = Token::new("00D5e000000ZyXw!AQ8AQ", "https://acme.my.salesforce.com");
/// assert_eq!(format!("{token:?}"), "Token(https://acme.my.salesforce.com)");
/// let transport = Rest::with_credentials(token).connect()?;
/// # Ok::<(), sf_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Token(AccessToken);

impl Token {
    /// The token and the org it is for.
    pub fn new(token: impl Into<String>, instance_url: impl Into<String>) -> Token {
        Token(AccessToken::new(token, instance_url))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({})", self.0.instance_url())
    }
}

#[async_trait]
impl Credentials for Token {
    async fn token(&self, stale: Option<&AccessToken>) -> Result<AccessToken> {
        match stale {
            Some(refused) if refused.expose() == self.0.expose() => Err(not_signed_in(
                "the org refused the access token, and a fixed token cannot be renewed",
                "Get a new access token (for example `sf org display --json`), or sign in with a flow of `App`, \
                 whose sessions renew themselves.",
            )),
            _ => Ok(self.0.clone()),
        }
    }
}
