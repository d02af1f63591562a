//! Where access tokens come from.
use crate::{Result, Secret};
use async_trait::async_trait;
use std::fmt;

/// Where access tokens come from: a sign-in flow, a fixed token, the `sf` command.
#[async_trait]
pub trait Credentials: fmt::Debug + Send + Sync + 'static {
    /// A token to send now. `stale` is the one that the org has just refused: it is never given again, an error is
    /// (kind [`NotSignedIn`](crate::ErrorKind::NotSignedIn)) when there is no other.
    async fn token(&self, stale: Option<&AccessToken>) -> Result<AccessToken>;
}

/// An access token and the host it is for. It is sent to no other host.
#[derive(Clone)]
pub struct AccessToken {
    secret: Secret,
    instance_url: String,
    of_unknown_age: bool,
}

impl AccessToken {
    /// A token for the org at `instance_url` (`https://acme.my.salesforce.com`, from the token answer).
    pub fn new(secret: impl Into<String>, instance_url: impl Into<String>) -> AccessToken {
        AccessToken { secret: Secret::new(secret), instance_url: instance_url.into(), of_unknown_age: false }
    }

    /// The host that the token is for.
    pub fn instance_url(&self) -> &str {
        &self.instance_url
    }

    /// The same, marked as one that was not just issued: another process got it, or it lay in a store. When the org refuses it, the next
    /// token is the first that this request has asked for.
    #[must_use]
    pub fn of_unknown_age(mut self) -> AccessToken {
        self.of_unknown_age = true;
        self
    }

    /// Was it marked by [`of_unknown_age`](AccessToken::of_unknown_age)?
    pub fn is_of_unknown_age(&self) -> bool {
        self.of_unknown_age
    }

    /// The token itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        self.secret.expose()
    }
}

/// The same token for the same host.
impl PartialEq for AccessToken {
    fn eq(&self, other: &AccessToken) -> bool {
        self.secret == other.secret && self.instance_url == other.instance_url
    }
}

impl Eq for AccessToken {}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccessToken({})", self.instance_url)
    }
}
