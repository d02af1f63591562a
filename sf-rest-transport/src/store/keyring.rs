//! A random key in the operating system's keyring.
use super::StoreKey;
use crate::fault::setup;
use keyring::{Entry, Error as KeyringError};
use sf_core::Result;
use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};
use zeroize::Zeroizing;

type Key = Zeroizing<[u8; 32]>;

/// The key of one entry. It is made by whoever first writes the file, under the lock of that: of two processes that both find nothing when
/// they start, the second one finds the key of the first.
#[derive(Clone)]
pub(super) struct KeyringKey(Arc<Slot>);

struct Slot {
    entry: Box<dyn Vault>,
    key: OnceLock<Key>,
    /// Held while the key is made: clones may be the keys of several files, whose locks do not exclude each other.
    making: Mutex<()>,
}

/// One entry of a keyring, so that tests can do without one.
trait Vault: Send + Sync {
    fn get(&self) -> Result<Option<Key>>;
    fn set(&self, key: &Key) -> Result<()>;
}

pub(super) fn key(service: &str, user: &str) -> Result<StoreKey> {
    let entry = Entry::new(service, user).map_err(failed)?;
    Ok(StoreKey::keyring(KeyringKey::new(Named { entry, name: format!("{service}/{user}") })?))
}

impl KeyringKey {
    fn new(entry: impl Vault + 'static) -> Result<KeyringKey> {
        let key = KeyringKey(Arc::new(Slot {
            entry: Box::new(entry),
            key: OnceLock::new(),
            making: Mutex::new(()),
        }));
        key.find()?;
        Ok(key)
    }

    fn find(&self) -> Result<Option<Key>> {
        if let Some(known) = self.0.key.get() {
            return Ok(Some(known.clone()));
        }
        let found = self.0.entry.get()?;
        Ok(found.map(|key| self.0.key.get_or_init(|| key).clone()))
    }

    /// The key of a file that is there.
    pub(super) fn of_file(&self) -> Result<Key> {
        self.find()?.ok_or_else(|| {
            setup(
                "the operating system's keyring has no key for the token store",
                "Put the keyring's entry back. If it is lost, delete the file and let the users sign in again.",
            )
        })
    }

    /// Makes the key if there is none. Only with the lock of the file.
    pub(super) fn make(&self) -> Result<()> {
        let _making = self.0.making.lock().unwrap_or_else(PoisonError::into_inner);
        if self.find()?.is_none() {
            let mut key = Zeroizing::new([0; 32]);
            getrandom::fill(key.as_mut())
                .map_err(|_| setup("no random bytes for a new key", "Check the machine."))?;
            self.0.entry.set(&key)?;
            self.find()?;
        }
        Ok(())
    }
}

struct Named {
    entry: Entry,
    name: String,
}

impl Vault for Named {
    fn get(&self) -> Result<Option<Key>> {
        match self.entry.get_secret().map(Zeroizing::new) {
            Ok(secret) => match <[u8; 32]>::try_from(secret.as_slice()) {
                Ok(key) => Ok(Some(Zeroizing::new(key))),
                Err(_) => Err(setup(
                    format!("the keyring's entry {} is no key of a token store", self.name),
                    "Choose another service or user name.",
                )),
            },
            Err(KeyringError::NoEntry) => Ok(None),
            Err(e) => Err(failed(e)),
        }
    }
    fn set(&self, key: &Key) -> Result<()> {
        self.entry.set_secret(key.as_ref()).map_err(failed)
    }
}

/// The error's text can hold what was in the keyring: only its kind is told.
fn failed(e: KeyringError) -> sf_core::Error {
    let why = match e {
        KeyringError::NoDefaultStore => "this machine has none",
        KeyringError::NoStorageAccess(_) => "it is locked or access was denied",
        KeyringError::Ambiguous(_) => "it holds more than one entry of this name",
        _ => "it failed",
    };
    setup(
        format!("the operating system's keyring cannot be used: {why}"),
        "Unlock it, or use `StoreKey::passphrase` or `StoreKey::from_env`.",
    )
}

impl fmt::Debug for KeyringKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyringKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FileTokenStore, TokenKey, TokenStore, Tokens};

    /// What all processes see.
    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Option<Key>>>);
    impl Vault for Shared {
        fn get(&self) -> Result<Option<Key>> {
            Ok(self.0.lock().unwrap().clone())
        }
        fn set(&self, key: &Key) -> Result<()> {
            *self.0.lock().unwrap() = Some(key.clone());
            Ok(())
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn two_first_starts_at_once_end_with_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens");
        let keyring = Shared::default();
        let start = || {
            let key = StoreKey::keyring(KeyringKey::new(keyring.clone()).unwrap());
            FileTokenStore::open(&path, key).unwrap()
        };
        // Each finds neither file nor key.
        let (one, two) = (start(), start());
        let key = |account: &str| TokenKey::new("https://login.salesforce.com", "3MVG9", account);
        let (a, b, tokens) = (key("a"), key("b"), Tokens::refresh("r"));
        let (first, second) =
            tokio::join!(one.swap(&a, None, Some(&tokens)), two.swap(&b, None, Some(&tokens)));
        assert!(first.unwrap().is_some() && second.unwrap().is_some());
        for store in [one, two, start()] {
            assert!(store.load(&a).await.unwrap().is_some() && store.load(&b).await.unwrap().is_some());
        }
        // The entry is lost: the file is not begun anew, and no other key is made for it.
        *keyring.0.lock().unwrap() = None;
        let key = StoreKey::keyring(KeyringKey::new(keyring.clone()).unwrap());
        assert!(FileTokenStore::open(&path, key).unwrap_err().to_string().contains("has no key"));
        assert!(keyring.0.lock().unwrap().is_none());
    }
}
