//! The `sf` command, signed in to the served org without starting it.
use super::{Server, failed};
use sf_core::Result;
use std::{
    fs::{DirBuilder, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

/// What of a login the command gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SfLogin {
    /// An access token, as `sf org login access-token` leaves it: when the session ends, the login has expired.
    AccessToken,
    /// A refresh token too, as `sf org login web` and `sf org login sfdx-url` leave it: the command renews the session by itself.
    RefreshToken,
}

impl Server {
    /// Signs the `sf` command in under an alias: writes what `sf org login` would leave in the home folder `home`, which then goes to the
    /// command as `HOME`. The files hold the tokens in plain text (mode 0600); the command reads that and encrypts them at its first save.
    /// An alias file that is there is replaced. Take a new, private folder, not the user's home.
    ///
    /// ```
    /// use sf_testorg::{SfLogin, TestOrg};
    ///
    /// let server = TestOrg::demo().serve()?;
    /// let home = tempfile::tempdir()?;
    /// server.sign_in_sf(home.path(), "sim", SfLogin::AccessToken)?;
    /// // HOME=… sf data query --target-org sim --query "SELECT Name FROM Account"
    /// assert_eq!(
    ///     std::fs::read_to_string(home.path().join(".sfdx/alias.json"))?,
    ///     format!(r#"{{"orgs":{{"sim":"{}"}}}}"#, server.org().credentials().username)
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `Setup` when the files cannot be written.
    pub fn sign_in_sf(&self, home: &Path, alias: &str, login: SfLogin) -> Result<()> {
        let keys = self.org.credentials();
        let now = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now());
        let version = sf_core::ApiVersion::CURRENT.to_string();
        let mut file = serde_json::json!({
            "accessToken": self.token(),
            "instanceUrl": self.url,
            "loginUrl": self.url,
            "username": keys.username,
            "orgId": keys.org_id,
            "userId": keys.user_id,
            "instanceApiVersion": version,
            // With these three the command asks the org for nothing before the first request.
            "instanceApiVersionLastRetrieved": now.format("%-m/%-d/%Y, %-I:%M:%S %p").to_string(),
            "orgEdition": "Developer Edition",
            "namespacePrefix": null,
            "isDevHub": false,
        });
        if login == SfLogin::RefreshToken {
            file["refreshToken"] = keys.refresh_token.as_str().into();
            // The refresh token is this app's, as after `sf org login sfdx-url`.
            file["clientId"] = keys.client_id.as_str().into();
            file["clientSecret"] = keys.client_secret.as_str().into();
        }
        let aliases = serde_json::json!({ "orgs": { alias: keys.username } });
        let write = || {
            let folder = home.join(".sfdx");
            private_folder(&folder)?;
            private_file(&folder.join(format!("{}.json", keys.username)), &file.to_string())?;
            private_file(&folder.join("alias.json"), &aliases.to_string())
        };
        write().map_err(|e| {
            failed(
                format!("the sf command cannot be signed in at {}", home.display()),
                "name a folder that can be written to",
                e,
            )
        })
    }
}

fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn private_file(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    // A file that was there kept its mode.
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    file.write_all(text.as_bytes())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt as _};

    #[test]
    fn a_file_that_others_could_read_is_private_again() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("alias.json");
        fs::write(&file, "a longer text").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        private_file(&file, "{}").unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_to_string(&file).unwrap(), "{}");
    }
}
