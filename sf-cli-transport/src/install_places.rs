//! Where installers put the `sf` command.
use crate::environment::own_home;
use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

/// How the search came to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FoundBy {
    /// The host named it ([`Discovery::at`](crate::Discovery::at)).
    Path,
    /// A folder of the variable PATH.
    SearchPath,
    /// A usual place of an installer.
    InstallPlace,
}

/// What the environment says, so that tests can say otherwise.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    pub(crate) path: Option<OsString>,
    pub(crate) home: Option<PathBuf>,
    pub(crate) variables: Vec<(&'static str, PathBuf)>,
}

impl Surroundings {
    pub(crate) fn of_this_process() -> Surroundings {
        let folders = [
            "NVM_BIN",
            "PNPM_HOME",
            "VOLTA_HOME",
            "npm_config_prefix",
            "APPDATA",
            "LOCALAPPDATA",
            "ProgramFiles",
        ];
        Surroundings {
            path: env::var_os("PATH"),
            home: own_home(),
            variables: folders
                .into_iter()
                .filter_map(|name| Some((name, PathBuf::from(env::var_os(name).filter(|v| !v.is_empty())?))))
                .collect(),
        }
    }
    fn variable(&self, name: &str) -> Option<&Path> {
        self.variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_path())
    }

    /// The files that exist and can be run, in the order in which they are asked; links to one file once.
    pub(crate) fn files(&self) -> Vec<(PathBuf, FoundBy)> {
        let path = self.path.iter().flat_map(env::split_paths).filter(|folder| folder.is_absolute());
        let places = path.map(|folder| (folder, FoundBy::SearchPath));
        let places = places.chain(self.folders().into_iter().map(|folder| (folder, FoundBy::InstallPlace)));
        let mut seen = Vec::new();
        let mut files = Vec::new();
        for (folder, by) in places {
            for name in NAMES {
                let file = folder.join(name);
                if !is_program(&file) {
                    continue;
                }
                let real = file.canonicalize().unwrap_or_else(|_| file.clone());
                if !seen.contains(&real) {
                    seen.push(real);
                    files.push((file, by));
                }
                break;
            }
        }
        files
    }

    fn folders(&self) -> Vec<PathBuf> {
        let mut folders = Vec::new();
        let mut add = |base: Option<&Path>, rest: &[&str]| {
            if let Some(base) = base {
                folders.extend(rest.iter().map(|rest| base.join(rest)));
            }
        };
        add(self.variable("NVM_BIN"), &[""]);
        add(self.variable("PNPM_HOME"), &["", "bin"]);
        add(self.variable("VOLTA_HOME"), &["bin"]);
        if cfg!(windows) {
            add(self.variable("APPDATA"), &["npm"]);
            add(self.variable("LOCALAPPDATA"), &[r"sf\client\bin", r"Volta\bin"]);
            add(self.variable("ProgramFiles"), &[r"sf\bin", r"sf\client\bin", "nodejs"]);
            add(self.variable("npm_config_prefix"), &[""]);
            add(self.home.as_deref(), &[r"scoop\shims"]);
            return folders;
        }
        add(self.variable("npm_config_prefix"), &["bin"]);
        // The vendor's installers, Homebrew, npm with a prefix, managers of Node versions.
        add(
            Some(Path::new("/")),
            &[
                "usr/local/bin",
                "usr/local/sf/bin",
                "usr/local/lib/sf/bin",
                "opt/homebrew/bin",
                "home/linuxbrew/.linuxbrew/bin",
                "opt/sf/bin",
                "usr/bin",
                "snap/bin",
            ],
        );
        add(
            self.home.as_deref(),
            &[
                ".local/share/sf/client/bin",
                "cli/sf/bin",
                "sf/bin",
                ".local/bin",
                ".npm-global/bin",
                ".npm-packages/bin",
                "node_modules/.bin",
                ".volta/bin",
                ".asdf/shims",
                ".local/share/mise/shims",
                ".local/share/pnpm",
                "Library/pnpm",
                ".yarn/bin",
                "n/bin",
            ],
        );
        for (versions, rest) in [
            (".nvm/versions/node", "bin"),
            (".local/share/fnm/node-versions", "installation/bin"),
            ("Library/Application Support/fnm/node-versions", "installation/bin"),
        ] {
            let Some(versions) = self.home.as_ref().map(|home| home.join(versions)) else { continue };
            let mut found: Vec<PathBuf> = std::fs::read_dir(versions)
                .into_iter()
                .flatten()
                .filter_map(|entry| Some(entry.ok()?.path().join(rest)))
                .collect();
            // The newest first, as far as names tell.
            found.sort();
            folders.extend(found.into_iter().rev());
        }
        folders
    }
}

/// npm's and the vendor's `sf.cmd` are batch files; Rust starts them with every argument quoted, or refuses.
#[cfg(windows)]
const NAMES: &[&str] = &["sf.exe", "sf.cmd"];
#[cfg(not(windows))]
const NAMES: &[&str] = &["sf"];

fn is_program(file: &Path) -> bool {
    let Ok(about) = std::fs::metadata(file) else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if about.permissions().mode() & 0o111 == 0 {
            return false;
        }
    }
    about.is_file()
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt as _};

    fn program(file: &Path, mode: u32) {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "").unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn files_come_in_order_once_and_only_if_they_can_be_run() {
        let home = tempfile::tempdir().unwrap();
        let at = |rest: &str| home.path().join(rest);
        program(&at("one/sf"), 0o755);
        program(&at("two/sf"), 0o644);
        program(&at(".nvm/versions/node/v20.1.0/bin/sf"), 0o755);
        program(&at(".nvm/versions/node/v22.1.0/bin/sf"), 0o755);
        fs::create_dir_all(at("three/sf")).unwrap();
        fs::create_dir_all(at(".local/bin")).unwrap();
        std::os::unix::fs::symlink(at("one/sf"), at(".local/bin/sf")).unwrap();
        let path = env::join_paths([at("one"), at("two"), at("three"), PathBuf::from("relative")]).unwrap();
        let surroundings =
            Surroundings { path: Some(path), home: Some(home.path().to_path_buf()), variables: Vec::new() };
        let ours: Vec<_> =
            surroundings.files().into_iter().filter(|(file, _)| file.starts_with(home.path())).collect();
        let expected = [
            (at("one/sf"), FoundBy::SearchPath),
            (at(".nvm/versions/node/v22.1.0/bin/sf"), FoundBy::InstallPlace),
            (at(".nvm/versions/node/v20.1.0/bin/sf"), FoundBy::InstallPlace),
        ];
        assert_eq!(ours, expected);
    }
}
