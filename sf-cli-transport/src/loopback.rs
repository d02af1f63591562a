//! Which orgs are on this machine. Asked only where a proxy is set, because it costs a process.
use crate::{command::result_of, envelope::Document, fault::Trouble, target::Target};
use serde::Deserialize;
use std::{future::Future, net::IpAddr};
use tokio::sync::Mutex;

/// The logins of the command, as it listed them last.
#[derive(Debug, Default)]
pub(crate) struct Orgs(Mutex<Option<Vec<Login>>>);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Login {
    username: String,
    /// Several with commas between them.
    #[serde(default)]
    alias: Option<String>,
    #[serde(default)]
    instance_url: Option<String>,
    /// Settings that have this org as their value.
    #[serde(default)]
    configs: Vec<String>,
}

impl Login {
    fn is(&self, target: &Target) -> bool {
        match target.name() {
            Some(name) => {
                let aliases = self.alias.as_deref().unwrap_or_default();
                self.username == name || aliases == name || aliases.split(',').any(|alias| alias == name)
            }
            None => self.configs.iter().any(|key| key == "target-org" || key == "defaultusername"),
        }
    }
}

impl Orgs {
    /// Reads the login files and sends nothing.
    pub(crate) const ARGUMENTS: &[&str] = &["org", "list", "auth", "--json"];

    /// Is this org on this machine, and did it take a process to know? An org that the command does not list is not.
    pub(crate) async fn is_loopback<F>(&self, target: &Target, ask: impl FnOnce() -> F) -> (bool, bool)
    where
        F: Future<Output = Result<Document, Trouble>>,
    {
        // Held over the question: who comes meanwhile takes its answer and does not ask as well.
        let mut known = self.0.lock().await;
        let find = |logins: &[Login]| {
            let login = logins.iter().find(|login| login.is(target))?;
            Some(login.instance_url.as_deref().is_some_and(is_loopback))
        };
        if let Some(here) = known.as_deref().and_then(find) {
            return (here, false);
        }
        let listed = match ask().await {
            Ok(document) => result_of::<Vec<Login>>(&document, "sf org list auth"),
            Err(trouble) => Err(trouble.error),
        };
        match listed {
            Ok(logins) => {
                let here = find(&logins).unwrap_or(false);
                *known = Some(logins);
                (here, true)
            }
            Err(error) => {
                tracing::warn!(target: "sf_cli_transport", kind = ?error.kind(), "the logins could not be listed: proxies stay in use");
                (false, true)
            }
        }
    }

    pub(crate) async fn forget(&self) {
        *self.0.lock().await = None;
    }
}

pub(crate) fn is_loopback(url: &str) -> bool {
    let Ok(url) = url::Url::parse(url) else { return false };
    match url.host() {
        Some(url::Host::Domain(name)) => name.trim_end_matches('.').eq_ignore_ascii_case("localhost"),
        Some(url::Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(url::Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for url in [
            "http://127.0.0.1:8080/",
            "https://localhost:1",
            "http://LOCALHOST.",
            "http://127.8.0.1",
            "http://[::1]:80",
            "http://[::ffff:127.0.0.1]",
        ] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "",
            "127.0.0.1",
            "https://acme.my.salesforce.com",
            "https://localhost.acme.example",
            "https://127.0.0.1.acme.example",
            "http://10.0.0.1",
            "http://127.0.0.1@acme.example",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
