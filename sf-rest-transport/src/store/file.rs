use super::{
    StoreKey, StoreLock, StoredTokens, TokenKey, TokenStore, Tokens,
    content::Content,
    seal::{self, Derived},
};
use crate::fault::setup;
use async_trait::async_trait;
use sf_core::{Error, Result};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{ErrorKind as Io, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use zeroize::Zeroizing;

/// How long between two looks at a lock that somebody else holds.
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// Tokens in one encrypted file (XChaCha20-Poly1305), for one or many processes.
///
/// The file is readable by its owner only (mode 0600 on Unix) and replaced as a whole: after a crash it is the old one or the
/// new one. A wrong key is an error, and never overwrites the file. Beside it stand lock files (`NAME.lock`,
/// `NAME.….lock`), which are empty and stay.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use sf_rest_transport::{FileTokenStore, StoreKey, TokenKey, TokenStore, Tokens};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("tokens");
/// let store = FileTokenStore::open(&path, StoreKey::passphrase("correct horse battery staple")?)?;
/// let key = TokenKey::new("https://login.salesforce.com", "3MVG9…", "avery@acme.example");
/// let revision = store.swap(&key, None, Some(&Tokens::refresh("5Aep861…"))).await?;
/// assert_eq!(revision, Some(1));
///
/// let e = FileTokenStore::open(&path, StoreKey::passphrase("wrong")?).unwrap_err();
/// assert!(e.to_string().ends_with("cannot be decrypted: another key, or a damaged file"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct FileTokenStore(Arc<Inner>);

struct Inner {
    path: PathBuf,
    key: StoreKey,
    derived: Mutex<Option<Derived>>,
}

impl FileTokenStore {
    /// A store at this path; the file is made by the first writing. Checks the key against a file that is there.
    ///
    /// # Errors
    /// `Setup` when the folder does not exist, the file cannot be read, is no token store, or the key is not the one it was made
    /// with.
    pub fn open(path: impl Into<PathBuf>, key: StoreKey) -> Result<FileTokenStore> {
        let path = path.into();
        // A link stays a link: what is replaced is the file that it points to.
        let path = fs::canonicalize(&path).unwrap_or(path);
        let folder = folder(&path);
        if !folder.is_dir() {
            return Err(setup(
                format!("the folder of the token store, {}, does not exist", folder.display()),
                "Make it first, readable by its owner only.",
            ));
        }
        let inner = Inner { path, key, derived: Mutex::new(None) };
        inner.read()?;
        Ok(FileTokenStore(Arc::new(inner)))
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let inner = self.0.clone();
        tokio::task::spawn_blocking(move || work(&inner)).await.unwrap_or_else(|e| {
            Err(setup("the token store was interrupted", "Keep the runtime alive until calls are done.")
                .with_source(e))
        })
    }
}

#[async_trait]
impl TokenStore for FileTokenStore {
    async fn load(&self, key: &TokenKey) -> Result<Option<StoredTokens>> {
        let key = key.clone();
        self.blocking(move |inner| Ok(inner.read()?.take(&key))).await
    }

    async fn swap(&self, key: &TokenKey, seen: Option<u64>, new: Option<&Tokens>) -> Result<Option<u64>> {
        let guard = wait_for(self.0.beside(".lock")).await?;
        let (key, new) = (key.clone(), new.cloned());
        self.blocking(move |inner| {
            let _guard = guard;
            inner.swap(&key, seen, new)
        })
        .await
    }

    async fn lock(&self, key: &TokenKey) -> Result<StoreLock> {
        Ok(StoreLock::new(wait_for(self.0.beside(&format!(".{:016x}.lock", fingerprint(key)))).await?))
    }
}

impl Inner {
    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(suffix);
        self.path.with_file_name(name)
    }

    fn derived(&self, salt: [u8; 16]) -> Result<Derived> {
        let mut derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
        match &*derived {
            Some(known) if known.salt == salt => Ok(known.clone()),
            _ => Ok(derived.insert(Derived::new(&self.key, salt)?).clone()),
        }
    }

    fn read(&self) -> Result<Content> {
        let file = match fs::read(&self.path) {
            Ok(file) => file,
            Err(e) if e.kind() == Io::NotFound => return Ok(Content::default()),
            Err(e) => return Err(self.failed("read", e)),
        };
        let salt = seal::salt(&file, self.key.kind(), &self.path)?;
        let plain = seal::open(&file, &self.derived(salt)?, &self.path)?;
        // The source's text could repeat a token.
        serde_json::from_slice(&plain).map_err(|_| {
            setup(
                format!("the token store {} was written by a newer version", self.path.display()),
                "Use one version of the program with this file.",
            )
        })
    }

    fn swap(&self, key: &TokenKey, seen: Option<u64>, new: Option<Tokens>) -> Result<Option<u64>> {
        let mut content = self.read()?;
        let Some(revision) = content.swap(key, seen, new.as_ref()) else { return Ok(None) };
        self.write(&content)?;
        Ok(Some(revision))
    }

    fn write(&self, content: &Content) -> Result<()> {
        let plain = Zeroizing::new(
            serde_json::to_vec(content)
                .map_err(|_| setup("the tokens could not be encoded", "Report this: it is a defect."))?,
        );
        let known = self.derived.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|d| d.salt);
        let salt = match known {
            Some(salt) => salt,
            None => {
                self.key.make()?;
                random(&self.path)?
            }
        };
        let file = seal::seal(&plain, &self.derived(salt)?, self.key.kind(), random(&self.path)?)?;
        self.replace(&file).map_err(|e| self.failed("written", e))
    }

    /// Mode 0600 from the first byte on; on the disk before it takes the name.
    fn replace(&self, bytes: &[u8]) -> std::io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".sf-tokens-").tempfile_in(folder(&self.path))?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|e| e.error)?;
        // The tokens are there now. What some file systems and folders refuse makes the name durable against a power failure, no more;
        // Windows cannot open folders, and its rename is durable enough.
        if cfg!(unix)
            && let Err(error) = File::open(folder(&self.path)).and_then(|folder| folder.sync_all())
        {
            tracing::debug!(target: "sf_rest_transport", kind = ?error.kind(), "the folder of the token store could not be synced");
        }
        Ok(())
    }

    fn failed(&self, what: &str, e: std::io::Error) -> Error {
        setup(
            format!("the token store {} could not be {what}: {e}", self.path.display()),
            "Check that the disk has space and that the file and its folder belong to this user.",
        )
        .with_source(e)
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn random<const N: usize>(path: &Path) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| {
        setup(
            format!("no random bytes for the token store {}", path.display()),
            "The operating system gives none: check the machine.",
        )
    })?;
    Ok(bytes)
}

/// FNV-1a: the same in every version of the program, unlike std's hash.
fn fingerprint(key: &TokenKey) -> u64 {
    [key.login_url(), key.client_id(), key.account()]
        .iter()
        .flat_map(|part| part.bytes().chain([0]))
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Polls, so that a dropped future leaves no thread waiting. The lock ends with the file handle, also when the process dies.
async fn wait_for(path: PathBuf) -> Result<File> {
    let failed = |e: std::io::Error| {
        setup(
            format!("the lock {} of the token store cannot be had: {e}", path.display()),
            "Check that the folder belongs to this user and that its file system has locks.",
        )
        .with_source(e)
    };
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).map_err(failed)?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(LOCK_PAUSE).await,
            Err(TryLockError::Error(e)) => return Err(failed(e)),
        }
    }
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("path", &self.path).field("key", &self.key).finish_non_exhaustive()
    }
}
