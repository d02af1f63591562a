//! What the child process finds in its environment.
use std::{ffi::OsString, fmt, path::PathBuf};

/// What keeps standard output clean and the command from calling home. `SF_DISABLE_AUTOUPDATE` and not
/// `SF_AUTOUPDATE_DISABLE`: the latter alone turns updates *on* in installs by npm.
const SET: &[(&str, &str)] = &[
    ("SF_DISABLE_TELEMETRY", "true"),
    ("SFDX_DISABLE_TELEMETRY", "true"),
    ("SF_DISABLE_AUTOUPDATE", "true"),
    ("SF_SKIP_NEW_VERSION_CHECK", "true"),
    // A log file takes a fifth of a second of each call, and the org's texts would be in it.
    ("SF_DISABLE_LOG_FILE", "true"),
    ("SF_HIDE_RELEASE_NOTES", "true"),
    ("SF_USE_PROGRESS_BAR", "false"),
    ("NO_COLOR", "1"),
];

/// Puts colours or other text into the output, shows secrets, or changes what a command answers.
const REMOVED: &[&str] = &[
    "FORCE_COLOR",
    "CLICOLOR_FORCE",
    "SF_CONTENT_TYPE",
    "SFDX_CONTENT_TYPE",
    "SF_TEMP_SHOW_SECRETS",
    "SF_ACCESS_TOKEN",
    "SF_LOG_LEVEL",
    "SFDX_LOG_LEVEL",
    "SF_ORG_MAX_QUERY_LIMIT",
    "SF_CAPITALIZE_RECORD_TYPES",
    "DEBUG",
    "DEBUG_COLORS",
    "NODE_DEBUG",
];
const PROXIES: &[&str] =
    &["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];

/// How the child's environment differs from ours.
#[derive(Clone, Default)]
pub(crate) struct Environment {
    home: Option<PathBuf>,
    loopback: bool,
    own: Vec<(OsString, OsString)>,
}

/// Names only: a value may be a secret.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.own.iter().map(|(name, _)| name).collect();
        f.debug_struct("Environment")
            .field("home", &self.home)
            .field("loopback", &self.loopback)
            .field("own", &names)
            .finish()
    }
}

/// The home of the user who runs this process.
pub(crate) fn own_home() -> Option<PathBuf> {
    std::env::var_os(if cfg!(windows) { "USERPROFILE" } else { "HOME" }).map(PathBuf::from)
}

impl Environment {
    pub(crate) fn set(&mut self, name: OsString, value: OsString) {
        self.own.push((name, value));
    }
    pub(crate) fn set_home(&mut self, home: PathBuf) {
        self.home = Some(home);
    }
    pub(crate) fn set_loopback(&mut self) {
        self.loopback = true;
    }
    /// What tells two homes apart.
    pub(crate) fn home(&self) -> Option<PathBuf> {
        self.home.clone().or_else(own_home)
    }

    /// What is changed, in this order: `None` removes. `beside` is the folder of the command: installs by npm need the
    /// `node` next to it, and programs that a desktop has started have a short PATH.
    pub(crate) fn changes(&self, beside: Option<&std::path::Path>) -> Vec<(OsString, Option<OsString>)> {
        let mut changes: Vec<(OsString, Option<OsString>)> = Vec::new();
        changes.extend(REMOVED.iter().map(|name| (OsString::from(*name), None)));
        if self.loopback {
            // The command sends even 127.0.0.1 through a proxy and does not read NO_PROXY.
            changes.extend(PROXIES.iter().map(|name| (OsString::from(*name), None)));
        }
        changes.extend(SET.iter().map(|(name, value)| (OsString::from(*name), Some(OsString::from(*value)))));
        if let Some(home) = &self.home {
            for name in ["HOME", "USERPROFILE"] {
                changes.push((name.into(), Some(home.clone().into_os_string())));
            }
            for name in ["XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA"] {
                changes.push((name.into(), None));
            }
        }
        if let Some(path) = beside.and_then(with_folder) {
            changes.push(("PATH".into(), Some(path)));
        }
        let own = self.own.iter().filter(|(name, _)| !(self.loopback && is_proxy(name)));
        changes.extend(own.map(|(name, value)| (name.clone(), Some(value.clone()))));
        changes
    }

    /// Would the child send requests through a proxy?
    pub(crate) fn has_proxy(&self) -> bool {
        let inherited = || PROXIES.iter().any(|name| std::env::var_os(name).is_some_and(|v| !v.is_empty()));
        let own = || self.own.iter().any(|(name, value)| is_proxy(name) && !value.is_empty());
        !self.loopback && (own() || inherited())
    }
}

fn is_proxy(name: &std::ffi::OsStr) -> bool {
    PROXIES.iter().any(|proxy| name.eq_ignore_ascii_case(proxy))
}

/// PATH with this folder in front; `None`: it is there already.
fn with_folder(folder: &std::path::Path) -> Option<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if !folder.is_absolute() || folders.iter().any(|known| known == folder) {
        return None;
    }
    std::env::join_paths(std::iter::once(folder.to_path_buf()).chain(folders)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn last<'a>(changes: &'a [(OsString, Option<OsString>)], name: &str) -> Option<&'a Option<OsString>> {
        changes.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    #[test]
    fn proxies_are_removed_for_this_machine_only() {
        let mut environment = Environment::default();
        assert_eq!(last(&environment.changes(None), "HTTPS_PROXY"), None);
        environment.set("https_proxy".into(), "http://127.0.0.1:1".into());
        assert!(environment.has_proxy());
        environment.set_loopback();
        for name in PROXIES {
            assert_eq!(last(&environment.changes(None), name), Some(&None), "{name}");
        }
        assert!(!environment.has_proxy());
    }

    #[test]
    fn the_hosts_own_values_win_and_the_home_is_kept_unless_told() {
        let mut environment = Environment::default();
        assert_eq!(last(&environment.changes(None), "HOME"), None);
        environment.set_home("/private/home".into());
        environment.set("SF_DISABLE_LOG_FILE".into(), "false".into());
        assert!(!format!("{environment:?}").contains("\"false\""));
        let changes = environment.changes(Some(Path::new("/no/such/folder/of/sf")));
        assert_eq!(last(&changes, "HOME"), Some(&Some("/private/home".into())));
        assert_eq!(last(&changes, "SF_DISABLE_LOG_FILE"), Some(&Some("false".into())));
        assert_eq!(last(&changes, "FORCE_COLOR"), Some(&None));
        let path = last(&changes, "PATH").unwrap().clone().unwrap();
        assert_eq!(std::env::split_paths(&path).next().unwrap(), Path::new("/no/such/folder/of/sf"));
    }
}
