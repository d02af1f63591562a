//! Who is signed in: `org display` and `org list`.
use crate::{
    command::{SfCommand, result_of},
    envelope::Document,
    fault::{self, Complaint, Trouble},
    sf::Sf,
    target::Target,
    version::SfVersion,
};
use serde::Deserialize;
use sf_core::{
    ApiVersion, CallOptions, Error, ErrorKind, Result, SfId, Transport as _,
    protocol::{Method, Request, Safety},
};
use tokio::time::Instant;

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
    /// Is the command signed in to this org (alias or username; `None`: the default org)? One process, two requests; one process
    /// more when the login was refused, because another command may have renewed it meanwhile.
    ///
    /// The exit code of `sf org display` is 0 for a dead login too; what counts is the org's answer that it reports. For a scratch
    /// org the command asks its Dev Hub as well, and does not say why it could not renew the login: then the org is asked.
    ///
    /// # Errors
    /// `Network` when the org cannot be reached (which says nothing about the login), `Setup` when the stored login cannot be
    /// read or the command cannot be started, `NotSignedIn` when the login of a scratch org's Dev Hub has expired, `Timeout`,
    /// `InvalidInput` for a name that cannot be one.
    pub async fn status(&self, org: Option<&str>) -> Result<SignIn> {
        let (target, deadline) = (Target::of(org)?, self.deadline());
        let document = match self.display(&target, deadline).await {
            Ok(document) => document,
            Err(trouble) if trouble.no_login => return Ok(SignIn::NotAuthenticated),
            Err(trouble) => return Err(trouble.error),
        };
        let fields: Fields = result_of(&document, "sf org display")?;
        let Some(org) = fields.org() else { return Ok(SignIn::NotAuthenticated) };
        match self.connected(&document, &fields, &target, deadline).await {
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
            self.ask_about(None, &arguments, self.deadline(), |_, _| None).await.map_err(|t| t.error)?;
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

impl SfCommand {
    /// `sf org display`, once more if it shows a refused login.
    pub(crate) async fn display(&self, target: &Target, deadline: Instant) -> Result<Document, Trouble> {
        let signed_in = |document: &Document, target: &Target| {
            let fields: Fields = result_of(document, "sf org display").ok()?;
            match connection(&fields, document, target) {
                Connection::There => Some(true),
                Connection::Broken(error) => (error.kind() == ErrorKind::NotSignedIn).then_some(false),
                Connection::Unclear => Some(false),
            }
        };
        let answer = self.ask(&["org", "display"], target, deadline, signed_in).await;
        // It shows a refused login of the org itself without an error.
        answer.map_err(|mut trouble| {
            if trouble.error.kind() == ErrorKind::NotSignedIn {
                let message = format!("the login of the Dev Hub of {}, or its own, has expired", target.shown());
                let mut failure = trouble.error.failure().clone();
                failure.message = message;
                let failure = failure.with_next_step(format!(
                    "Sign in again to the Dev Hub (`sf org login web --set-default-dev-hub`), or to the org: `{}`.",
                    target.sign_in()
                ));
                trouble.error = Error::new(failure).with_source(trouble.error);
            }
            trouble
        })
    }

    /// Can the command reach the org that it displayed? Where it did not say, the org is asked.
    pub(crate) async fn connected(
        &self,
        document: &Document,
        fields: &Fields,
        target: &Target,
        deadline: Instant,
    ) -> Result<()> {
        match connection(fields, document, target) {
            Connection::There => Ok(()),
            Connection::Broken(error) => Err(error),
            Connection::Unclear => self.reach(target, deadline).await,
        }
    }

    /// Asks the org itself, where a command does not say why it could not renew the login.
    pub(crate) async fn reach(&self, target: &Target, deadline: Instant) -> Result<()> {
        let left = deadline.saturating_duration_since(Instant::now());
        let once = CallOptions::new().with_attempts(Some(1)).with_timeout(Some(left));
        let mut door = Sf::command(self);
        if let Some(name) = target.name() {
            door = door.target_org(name);
        }
        // The version's root: no permission is needed for it.
        let root = Request::to_path(Method::Get, format!("/services/data/v{}", ApiVersion::CURRENT))?;
        door.connect()?.call(&root, &once).await.map(drop)
    }
}

enum Connection {
    There,
    Broken(Error),
    /// A scratch org's login could not be renewed, for any reason.
    Unclear,
}

/// What `org display` says about the connection. Of a scratch org it says nothing but that it could not renew the login.
fn connection(fields: &Fields, document: &Document, target: &Target) -> Connection {
    let said = match fields.connected_status.as_deref() {
        Some("Connected") => return Connection::There,
        Some(said) => said,
        None if document.read().is_some_and(|envelope| envelope.warns("unable to refresh auth")) => {
            return Connection::Unclear;
        }
        None => return Connection::There,
    };
    let complaint = match said {
        // About 2.108 the check has no text, and nowhere else an empty status was seen.
        "" => Complaint { name: "Error".into(), code: "1".into(), exit: Some(1), ..Complaint::default() },
        _ => Complaint {
            name: said.to_owned(),
            message: said.to_owned(),
            exit: Some(1),
            ..Complaint::default()
        },
    };
    Connection::Broken(fault::judge(&complaint, target, SfVersion::OLDEST, Safety::Read, false).error)
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
