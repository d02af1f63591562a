//! Where tokens live between two runs of a program, and how processes share them.
#[cfg(feature = "file-store")]
mod content;
#[cfg(feature = "file-store")]
mod file;
#[cfg(feature = "file-store")]
mod key;
#[cfg(feature = "keyring")]
mod keyring;
mod memory;
#[cfg(feature = "file-store")]
mod seal;
mod tokens;

#[cfg(feature = "file-store")]
pub use file::FileTokenStore;
#[cfg(feature = "file-store")]
pub use key::StoreKey;
pub use memory::MemoryTokenStore;
pub use tokens::{StoredTokens, TokenKey, Tokens};

use async_trait::async_trait;
use sf_core::Result;
use std::fmt;

/// Keeps the tokens of sign-ins, each under a [`TokenKey`].
///
/// Two things make a store safe where an app rotates refresh tokens (there the old one, presented once more, ends
/// all sessions of the user): [`swap`](TokenStore::swap) replaces only what the caller has seen, and
/// [`lock`](TokenStore::lock) keeps two refreshes of one sign-in apart, in one process and across processes. A
/// [`Session`](crate::Session) holds the lock while it renews, looks what is stored first, takes over the tokens
/// that another process got meanwhile, and stores new ones before it uses them.
///
/// [`MemoryTokenStore`] forgets everything when the program ends; `FileTokenStore` (feature `file-store`) keeps an
/// encrypted file. A host with a database or a secret manager writes its own, which keeps all parts of the [`Tokens`]: without the
/// identity URL users are not told apart, and without [`Tokens::rotated_from`] a program that is started with an earlier refresh token is
/// refused as another user. Whoever has the same account name in a key is one
/// user ([`App::account`](crate::App::account)).
///
///
/// ```
/// use async_trait::async_trait;
/// use sf_core::Result;
/// use sf_rest_transport::{MemoryTokenStore, StoreLock, StoredTokens, TokenKey, TokenStore, Tokens};
///
/// /// Tells when tokens change; everything else is left to the store below.
/// #[derive(Debug)]
/// struct Loud(MemoryTokenStore);
///
/// #[async_trait]
/// impl TokenStore for Loud {
///     async fn load(&self, key: &TokenKey) -> Result<Option<StoredTokens>> {
///         self.0.load(key).await
///     }
///     async fn swap(&self, key: &TokenKey, seen: Option<u64>, new: Option<&Tokens>) -> Result<Option<u64>> {
///         println!("new tokens for {}", key.account());
///         self.0.swap(key, seen, new).await
///     }
///     async fn lock(&self, key: &TokenKey) -> Result<StoreLock> {
///         self.0.lock(key).await
///     }
/// }
/// ```
#[async_trait]
pub trait TokenStore: fmt::Debug + Send + Sync + 'static {
    /// What is stored under the key, `None` when nothing is.
    ///
    /// # Errors
    /// The store cannot be read. A store never answers `None` for that: the caller would sign in anew.
    async fn load(&self, key: &TokenKey) -> Result<Option<StoredTokens>>;

    /// Replaces what is stored under the key if that still is of the revision `seen` (`None`: if nothing is stored);
    /// `new: None` removes it. Gives the new revision, which is never one that was used before for this key while
    /// something is stored; `None` when somebody else was faster and nothing was changed. A removal gives
    /// `Some(0)`.
    ///
    /// What it has confirmed survives a crash of the program, in a store that outlives it at all.
    ///
    /// # Errors
    /// The store cannot be written; what was stored before is still there.
    async fn swap(&self, key: &TokenKey, seen: Option<u64>, new: Option<&Tokens>) -> Result<Option<u64>>;

    /// Waits until nobody else holds the lock of this key, and holds it until the value is dropped. A process that
    /// dies lets go of it. Dropping the future gives the place in the queue up.
    ///
    /// # Errors
    /// The lock cannot be had (no permission, a store that is gone).
    async fn lock(&self, key: &TokenKey) -> Result<StoreLock>;
}

/// A lock of [`TokenStore::lock`]: held until it is dropped.
pub struct StoreLock(#[allow(dead_code, reason = "held, not read")] Box<dyn Send + Sync>);

impl StoreLock {
    /// Holds anything that lets go when it is dropped.
    pub fn new(guard: impl Send + Sync + 'static) -> StoreLock {
        StoreLock(Box::new(guard))
    }
}

impl fmt::Debug for StoreLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreLock")
    }
}
