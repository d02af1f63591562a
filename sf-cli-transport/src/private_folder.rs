//! Folders for what the command reads and writes, and the sweeping up behind processes that were killed.
use sf_core::{Delivery, Error, ErrorKind, Failure, Result};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::TempDir;

const PREFIX: &str = "sf-cli-transport-";
/// Locked as long as its folder is in use.
const LOCK: &str = "lock";

/// A folder that only this user can enter (0700), removed when dropped. The command cannot make a file in it that others can
/// read, not even one that it opens after we have given up.
#[derive(Debug)]
pub(crate) struct PrivateFolder {
    folder: TempDir,
    /// Held as long as the folder is in use; after the folder, which goes first.
    #[cfg(unix)]
    _lock: fs::File,
}

impl PrivateFolder {
    pub(crate) fn new(within: Option<&Path>) -> Result<PrivateFolder> {
        let all = within.map_or_else(std::env::temp_dir, Path::to_path_buf);
        #[cfg(unix)]
        left::sweep_once(&all);
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(fs::Permissions::from_mode(0o700));
        }
        let made = builder.tempdir_in(all).and_then(|folder| {
            Ok(PrivateFolder {
                #[cfg(unix)]
                _lock: left::lock(folder.path())?,
                folder,
            })
        });
        made.map_err(|error| no_file(error, "a temporary folder could not be made"))
    }
    /// A new file of mode 0600 with this content.
    pub(crate) fn file(
        &self,
        name: &str,
        write: impl FnOnce(&mut fs::File) -> Result<()>,
    ) -> Result<PathBuf> {
        let path = self.folder.path().join(name);
        write(&mut new_file(&path).map_err(unwritten)?)?;
        Ok(path)
    }
}

/// The folder of a call: when the call is over its files go, the folder itself with the last process that had it. This process may end
/// before that one does.
#[derive(Debug)]
pub(crate) struct CallFolder(Arc<PrivateFolder>);

impl CallFolder {
    pub(crate) fn new(within: Option<&Path>) -> Result<CallFolder> {
        PrivateFolder::new(within).map(|folder| CallFolder(Arc::new(folder)))
    }
    pub(crate) fn file(
        &self,
        name: &str,
        write: impl FnOnce(&mut fs::File) -> Result<()>,
    ) -> Result<PathBuf> {
        self.0.file(name, write)
    }
    pub(crate) fn until_gone(&self) -> Arc<PrivateFolder> {
        Arc::clone(&self.0)
    }
}
impl Drop for CallFolder {
    fn drop(&mut self) {
        let Ok(entries) = fs::read_dir(self.0.folder.path()) else { return };
        for file in entries.flatten().filter(|entry| entry.file_name() != LOCK) {
            // If not now, then with the folder.
            let _ = fs::remove_file(file.path());
        }
    }
}

fn new_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}
pub(crate) fn unwritten(error: io::Error) -> Error {
    no_file(error, "a temporary file for the sf command could not be written")
}
fn no_file(error: io::Error, message: &str) -> Error {
    Error::new(Failure::new(ErrorKind::Setup, Delivery::NotSent, message).with_next_step(
        "Check the folder for temporary files (TMPDIR) and its free space, or set `Sf::temp_dir`.",
    ))
    .with_source(error)
}

/// Folders of processes that were killed. The lock of a folder ends with the process that made it; a folder whose lock is free is
/// nobody's. A command that outlived its process may still write there: nobody waits for that.
#[cfg(unix)]
mod left {
    use super::{LOCK, PREFIX, new_file};
    use std::{
        collections::BTreeSet,
        fs, io,
        os::unix::fs::MetadataExt as _,
        path::{Path, PathBuf},
        sync::{Mutex, PoisonError},
    };

    static SWEPT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

    /// The file gets its name when it is locked, so a sweeper never sees it free while its folder is being made. A folder without it
    /// holds nothing yet and is left alone.
    pub(super) fn lock(folder: &Path) -> io::Result<fs::File> {
        let unnamed = folder.join("lock.new");
        let file = new_file(&unnamed)?;
        match file.try_lock() {
            Ok(()) => fs::rename(unnamed, folder.join(LOCK))?,
            // A file system without locks: nobody will sweep here either.
            Err(fs::TryLockError::Error(_)) => fs::remove_file(unnamed)?,
            Err(error @ fs::TryLockError::WouldBlock) => return Err(error.into()),
        }
        Ok(file)
    }

    /// Once for a process and place.
    pub(super) fn sweep_once(all: &Path) {
        if SWEPT.lock().unwrap_or_else(PoisonError::into_inner).insert(all.to_path_buf()) {
            sweep(all);
        }
    }

    pub(super) fn sweep(all: &Path) {
        let Ok(entries) = fs::read_dir(all) else { return };
        let ours = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with(PREFIX);
        for folder in entries.flatten().filter(ours).map(|entry| entry.path()) {
            // Held until the folder has gone.
            let Some(_lock) = free_lock(&folder) else { continue };
            if let Err(error) = fs::remove_dir_all(&folder) {
                tracing::debug!(target: "sf_cli_transport", kind = ?error.kind(), "a folder that was left could not be removed");
            }
        }
    }

    /// Only of a folder that nobody else could have made or filled.
    fn free_lock(folder: &Path) -> Option<fs::File> {
        let about = fs::symlink_metadata(folder).ok()?;
        let own = about.uid() == rustix::process::geteuid().as_raw();
        if !about.is_dir() || !own || about.mode() & 0o777 != 0o700 {
            return None;
        }
        let lock = fs::File::open(folder.join(LOCK)).ok()?;
        lock.try_lock().ok().map(|()| lock)
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn only_folders_that_nobody_uses_are_swept_up() {
        let all = tempfile::tempdir().unwrap();
        let used = PrivateFolder::new(Some(all.path())).unwrap();
        let file = used.file("answer", |_| Ok(())).unwrap();
        let make = |name: &str, mode: u32, lock: bool| {
            let folder = all.path().join(name);
            fs::create_dir(&folder).unwrap();
            if lock {
                fs::write(folder.join("lock"), "").unwrap();
            }
            fs::write(folder.join("answer"), "rows").unwrap();
            fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
            folder
        };
        let left = make("sf-cli-transport-left", 0o700, true);
        let kept = [
            make("sf-cli-transport-open", 0o755, true),
            make("sf-cli-transport-begun", 0o700, false),
            make("sf-other", 0o700, true),
        ];
        let link = all.path().join("sf-cli-transport-link");
        std::os::unix::fs::symlink(&kept[2], &link).unwrap();
        left::sweep(all.path());
        assert!(!left.exists());
        assert!(file.exists() && link.exists() && kept.iter().all(|folder| folder.join("answer").exists()));
        drop(used);
        assert!(!file.exists());
    }
}
