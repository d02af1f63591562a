use crate::fault::{invalid, setup};
use argon2::{Algorithm, Argon2, Params, Version};
use sf_core::{Result, Secret};
use std::fmt;
use zeroize::Zeroizing;

/// What a [`FileTokenStore`](crate::FileTokenStore) is encrypted with.
///
/// A passphrase is stretched with Argon2id (19 MiB, two passes: OWASP's first choice), which takes some tens of milliseconds when the
/// store is opened, and once more when another process has begun the file anew.
#[derive(Clone)]
pub struct StoreKey(Material);

#[derive(Clone)]
enum Material {
    Passphrase(Secret),
    Bytes(Zeroizing<[u8; 32]>),
    #[cfg(feature = "keyring")]
    Keyring(super::keyring::KeyringKey),
}

/// How the key of a file is made, as its header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Passphrase,
    Bytes,
}

impl StoreKey {
    /// A passphrase that a person types or an environment variable holds.
    ///
    /// # Errors
    /// `InvalidInput` for an empty one.
    pub fn passphrase(text: impl Into<String>) -> Result<StoreKey> {
        let secret = Secret::new(text);
        if secret.expose().is_empty() {
            return Err(invalid("the passphrase of the token store is empty", "Give one that is not."));
        }
        Ok(StoreKey(Material::Passphrase(secret)))
    }

    /// 32 random bytes, for example of a secret manager.
    pub fn bytes(key: [u8; 32]) -> StoreKey {
        StoreKey(Material::Bytes(Zeroizing::new(key)))
    }

    /// The passphrase in an environment variable.
    ///
    /// # Errors
    /// `Setup` when the variable is not set, empty or not UTF-8. Its name is in the message, its value is not.
    ///
    /// ```
    /// use sf_rest_transport::StoreKey;
    ///
    /// let e = StoreKey::from_env("CX_DESK_TOKEN_KEY").unwrap_err();
    /// assert_eq!(e.to_string(), "the environment variable CX_DESK_TOKEN_KEY, the key of the token store, is not set");
    /// ```
    pub fn from_env(variable: &str) -> Result<StoreKey> {
        match std::env::var(variable) {
            Ok(text) if !text.is_empty() => StoreKey::passphrase(text),
            _ => Err(setup(
                format!("the environment variable {variable}, the key of the token store, is not set"),
                format!("Set {variable} to the passphrase that the store was made with."),
            )),
        }
    }

    /// A random key in the operating system's keyring (Keychain, Credential Manager, Secret Service) under this service and
    /// user name; one that does not exist yet is made there when the file is first written, so give each file an entry of its own. Blocks
    /// while the keyring asks the user.
    ///
    /// # Errors
    /// `Setup` when there is no keyring, it stays locked, or what is there is no key of ours.
    #[cfg(feature = "keyring")]
    pub fn from_keyring(service: &str, user: &str) -> Result<StoreKey> {
        super::keyring::key(service, user)
    }

    #[cfg(feature = "keyring")]
    pub(super) fn keyring(key: super::keyring::KeyringKey) -> StoreKey {
        StoreKey(Material::Keyring(key))
    }

    /// Before the first writing of a file, with its lock: afterwards there is a key.
    pub(super) fn make(&self) -> Result<()> {
        match &self.0 {
            Material::Passphrase(_) | Material::Bytes(_) => Ok(()),
            #[cfg(feature = "keyring")]
            Material::Keyring(key) => key.make(),
        }
    }

    pub(super) fn kind(&self) -> Kind {
        match &self.0 {
            Material::Passphrase(_) => Kind::Passphrase,
            Material::Bytes(_) => Kind::Bytes,
            #[cfg(feature = "keyring")]
            Material::Keyring(_) => Kind::Bytes,
        }
    }

    /// The key of a file with this salt.
    pub(super) fn derive(&self, salt: &[u8; 16]) -> Result<Zeroizing<[u8; 32]>> {
        let passphrase = match &self.0 {
            Material::Bytes(key) => return Ok(key.clone()),
            #[cfg(feature = "keyring")]
            Material::Keyring(key) => return key.of_file(),
            Material::Passphrase(passphrase) => passphrase,
        };
        let mut key = Zeroizing::new([0; 32]);
        let failed = |_| {
            setup("the key of the token store could not be derived", "Free some memory (19 MiB are needed).")
        };
        let params = Params::new(19 * 1024, 2, 1, Some(32)).map_err(failed)?;
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.expose().as_bytes(), salt, key.as_mut())
            .map_err(failed)?;
        Ok(key)
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreKey({:?})", self.kind())
    }
}
