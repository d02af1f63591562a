//! Who is signed in: `org display` and `org list`.
use crate::{
    command::{STATUS_TIME, SfCommand, result_of},
    envelope::Envelope,
    fault::{self, Complaint},
    target::Target,
};
use serde::Deserialize;
use sf_core::{ApiVersion, ErrorKind, Result, SfId, protocol::Safety};

/// Whether the command can reach an org.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignIn {
    /// Signed in, and the org has just said so.
    Authenticated(OrgInfo),
    /// The command knows the org, but its login has expired or was revoked: `sf org login web --alias …`.
    Expired(OrgInfo),
    /// The command knows no such org, or has no default org.
    NotAuthenticated,
    /// There is no `sf` command that can be used. Only from [`Discovery::status`](crate::Discovery::status).
    NotFound,
}

impl SignIn {
    /// The org, if the command knows it.
    pub fn org(&self) -> Option<&OrgInfo> {
        match self {
            SignIn::Authenticated(org) | SignIn::Expired(org) => Some(org),
            SignIn::NotAuthenticated | SignIn::NotFound => None,
        }
    }
}

/// An org that the command knows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrgInfo {
    /// The alias, if it has one.
    pub alias: Option<String>,
    /// The user's sign-in name.
    pub username: String,
    /// The org's id.
    pub org_id: SfId,
    /// `https://…` of the org, without a slash at the end.
    pub instance_url: String,
    /// The newest API version of the org, as the command remembers it.
    pub api_version: Option<ApiVersion>,
    /// What sort of org it is.
    pub kind: OrgKind,
    /// The last day of a scratch org, as `YYYY-MM-DD`.
    pub expires: Option<String>,
    /// Commands without `--target-org` go there. Only from [`SfCommand::orgs`].
    pub is_default: bool,
}

/// What sort of org.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum OrgKind {
    /// Production, or a Developer Edition or trial, which look the same.
    Production,
    /// A sandbox.
    Sandbox,
    /// A scratch org.
    Scratch,
}

/// The fields of both commands.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Fields {
    #[serde(alias = "orgId")]
    id: Option<String>,
    username: Option<String>,
    instance_url: Option<String>,
    #[serde(alias = "instanceApiVersion")]
    api_version: Option<String>,
    alias: Option<String>,
    connected_status: Option<String>,
    expiration_date: Option<String>,
    dev_hub_id: Option<String>,
    dev_hub_username: Option<String>,
    status: Option<String>,
    #[serde(default)]
    is_expired: Option<serde_json::Value>,
    is_sandbox: Option<bool>,
    #[serde(default)]
    is_default_username: bool,
}

impl Fields {
    /// `None` for an entry without what every org has.
    pub(crate) fn org(&self) -> Option<OrgInfo> {
        let instance_url = self.instance_url.as_deref()?.trim_end_matches('/').to_owned();
        let scratch = [&self.expiration_date, &self.dev_hub_id, &self.dev_hub_username]
            .iter()
            .any(|field| field.is_some());
        let kind = match (scratch, self.is_sandbox) {
            (true, _) => OrgKind::Scratch,
            (false, Some(true)) => OrgKind::Sandbox,
            (false, _) if is_sandbox_host(&instance_url) => OrgKind::Sandbox,
            _ => OrgKind::Production,
        };
        Some(OrgInfo {
            alias: self.alias.clone().filter(|alias| !alias.is_empty()),
            username: self.username.clone()?,
            org_id: SfId::new(self.id.as_deref()?).ok()?,
            instance_url,
            api_version: self.api_version.as_deref().and_then(|version| version.parse().ok()),
            kind,
            expires: self.expiration_date.clone(),
            is_default: self.is_default_username,
        })
    }
    fn is_deleted(&self) -> bool {
        self.status.as_deref() == Some("Deleted") || self.is_expired == Some(serde_json::Value::Bool(true))
    }
    pub(crate) fn connected_status(&self) -> Option<&str> {
        self.connected_status.as_deref()
    }
}

/// `acme--dev.sandbox.my.salesforce.com`, `acme--dev.my.salesforce.com`, `cs42.salesforce.com`.
fn is_sandbox_host(url: &str) -> bool {
    let host = url
        .split("://")
        .nth(1)
        .unwrap_or(url)
        .split(['/', ':'])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let first = host.split('.').next().unwrap_or_default();
    let pod =
        first.strip_prefix("cs").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    host.contains(".sandbox.") || first.contains("--") || pod
}

impl SfCommand {
    /// Is the command signed in to this org (alias or username; `None`: the default org)? One process, two requests.
    ///
    /// The exit code of `sf org display` is 0 for a dead login too; what counts is the org's answer that it reports.
    ///
    /// # Errors
    /// `Network` when the org cannot be reached (which says nothing about the login), `Setup` when the stored login cannot be
    /// read or the command cannot be started, `Timeout`, `InvalidInput` for a name that cannot be one.
    pub async fn status(&self, org: Option<&str>) -> Result<SignIn> {
        let target = Target::of(org)?;
        let document = match self.ask(&["org", "display"], &target, STATUS_TIME).await {
            Ok(document) => document,
            Err(trouble) if trouble.no_login => return Ok(SignIn::NotAuthenticated),
            Err(trouble) => return Err(trouble.error),
        };
        let fields: Fields = result_of(&document, "sf org display")?;
        let Some(org) = fields.org() else { return Ok(SignIn::NotAuthenticated) };
        let envelope = document.read();
        match connection(&fields, envelope.as_ref(), &target) {
            Ok(()) if fields.is_deleted() => Ok(SignIn::Expired(org)),
            Ok(()) => Ok(SignIn::Authenticated(org)),
            Err(error) if error.kind() == ErrorKind::NotSignedIn => Ok(SignIn::Expired(org)),
            Err(error) => Err(error),
        }
    }

    /// The orgs that the command knows, without asking them. One process, no request (for scratch orgs one to their Dev Hub).
    ///
    /// # Errors
    /// `Setup` when the command cannot be started or does not know how.
    pub async fn orgs(&self) -> Result<Vec<OrgInfo>> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct List {
            #[serde(default)]
            non_scratch_orgs: Vec<Fields>,
            #[serde(default)]
            scratch_orgs: Vec<Fields>,
        }
        let arguments = ["org", "list", "--skip-connection-status"];
        let document =
            self.ask(&arguments, &Target::DEFAULT, STATUS_TIME).await.map_err(|trouble| trouble.error)?;
        let list: List = result_of(&document, "sf org list")?;
        let mut orgs: Vec<OrgInfo> = Vec::new();
        for org in list.non_scratch_orgs.iter().chain(&list.scratch_orgs).filter_map(Fields::org) {
            if !orgs.iter().any(|known| known.username == org.username) {
                orgs.push(org);
            }
        }
        Ok(orgs)
    }
}

/// What `org display` says about the connection. Of a scratch org it says nothing, unless it could not renew the login.
pub(crate) fn connection(fields: &Fields, envelope: Option<&Envelope<'_>>, target: &Target) -> Result<()> {
    let unrenewed = envelope.is_some_and(|envelope| envelope.warns("unable to refresh auth"));
    let said = match fields.connected_status() {
        Some("Connected") => return Ok(()),
        None if !unrenewed => return Ok(()),
        None => "session expired or invalid",
        Some(said) => said,
    };
    let complaint =
        Complaint { name: said.to_owned(), message: said.to_owned(), exit: Some(1), ..Complaint::default() };
    Err(fault::judge(&complaint, target, Safety::Read, false).error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sandboxes_are_known_by_their_host() {
        for url in [
            "https://acme--dev.sandbox.my.salesforce.com",
            "https://acme--dev.my.salesforce.com/",
            "https://cs42.salesforce.com",
        ] {
            assert!(is_sandbox_host(url), "{url}");
        }
        for url in
            ["https://acme.my.salesforce.com", "https://css.my.salesforce.com", "http://127.0.0.1:8080", ""]
        {
            assert!(!is_sandbox_host(url), "{url}");
        }
    }
}
