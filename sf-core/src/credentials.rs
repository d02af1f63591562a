use crate::{Result, Secret};
use async_trait::async_trait;

/// Where access tokens come from: a sign-in flow, a fixed token, the `sf` command.
#[async_trait]
pub trait Credentials: std::fmt::Debug + Send + Sync + 'static {
    /// `stale`: the token that was just refused; the same one is never given again.
    async fn token(&self, stale: Option<&AccessToken>) -> Result<AccessToken>;
}
#[derive(Clone)]
pub struct AccessToken {
    secret: Secret,
    instance_url: String,
}
impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AccessToken({})", self.instance_url)
    }
}
impl AccessToken {
    pub fn new(secret: impl Into<String>, instance_url: impl Into<String>) -> AccessToken {
        AccessToken { secret: Secret::new(secret), instance_url: instance_url.into() }
    }
    pub fn instance_url(&self) -> &str {
        &self.instance_url
    }
    pub fn expose(&self) -> &str {
        self.secret.expose()
    }
}
