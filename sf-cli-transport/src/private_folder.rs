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
    /// Held as long as the folder is in use. Empty by then, the folder goes after it: where a network keeps a removed file that is
    /// open, its folder could not go.
    #[cfg(unix)]
    _lock: fs::File,
    folder: TempDir,
}

impl PrivateFolder {
    pub(crate) fn new(within: Option<&Path>) -> Result<PrivateFolder> {
        // As for files without a name, which a host may have given another place.
        let all = within.map_or_else(tempfile::env::temp_dir, Path::to_path_buf);
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

/// The lock goes last: a folder with rows and without a lock would be swept up by nobody.
#[cfg(unix)]
impl Drop for PrivateFolder {
    fn drop(&mut self) {
        if let Err(error) = left::empty(self.folder.path()) {
            tracing::debug!(target: "sf_cli_transport", kind = ?error.kind(), "a temporary folder could not be emptied");
            self.folder.disable_cleanup(true);
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
/// nobody's, if it was locked on this machine: some file systems do not tell others. A command that outlived its process may still
/// write there: nobody waits for that.
#[cfg(unix)]
mod left {
    use super::{LOCK, PREFIX, new_file};
    use std::{
        collections::BTreeSet,
        fs,
        io::{self, Read as _, Write as _},
        os::unix::fs::MetadataExt as _,
        path::{Path, PathBuf},
        sync::{Mutex, PoisonError},
        time::Duration,
    };

    /// So old is no folder in use: those of another machine, or of this one before it was started anew, are nobody's then.
    const A_DAY: Duration = Duration::from_secs(24 * 3600);
    static SWEPT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

    /// The file gets its name when it is locked, so a sweeper never sees it free while its folder is being made. A folder without it
    /// holds nothing yet and is left alone.
    pub(super) fn lock(folder: &Path) -> io::Result<fs::File> {
        let unnamed = folder.join("lock.new");
        let mut file = new_file(&unnamed)?;
        file.write_all(machine().as_bytes())?;
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
            // Held until the folder is empty.
            let Some(lock) = free_lock(&folder) else { continue };
            let emptied = empty(&folder);
            drop(lock);
            if let Err(error) = emptied.and_then(|()| fs::remove_dir_all(&folder)) {
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
        let open = |write| fs::File::options().read(true).write(write).open(folder.join(LOCK)).ok();
        let mut lock = open(false)?;
        if let Err(error) = lock.try_lock() {
            // Some network file systems lock only what may be written.
            let fs::TryLockError::Error(_) = error else { return None };
            lock = open(true)?;
            lock.try_lock().ok()?;
        }
        let mut made_on = String::new();
        (&lock).take(1_000).read_to_string(&mut made_on).ok()?;
        let age = || lock.metadata().ok()?.modified().ok()?.elapsed().ok();
        (made_on == machine() || age().is_some_and(|age| age > A_DAY)).then_some(lock)
    }

    /// Removes everything but the lock.
    pub(super) fn empty(folder: &Path) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_name() == LOCK {
                continue;
            }
            let path = entry.path();
            let removed =
                if entry.file_type()?.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed
                .or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
        }
        Ok(())
    }

    /// Containers on one machine have names of their own, but see each other's locks; so the name only where there is nothing better.
    pub(super) fn machine() -> String {
        fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .unwrap_or_else(|_| rustix::system::uname().nodename().to_string_lossy().into_owned())
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
                fs::write(folder.join("lock"), left::machine()).unwrap();
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

    /// Where the file system does not tell one machine of the other's locks.
    #[test]
    fn folders_of_another_machine_are_left_until_they_are_a_day_old() {
        use std::time::{Duration, SystemTime};
        let all = tempfile::tempdir().unwrap();
        let make = |name: &str, machine: &str, hours: u64| {
            let folder = all.path().join(name);
            fs::create_dir(&folder).unwrap();
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
            fs::write(folder.join("lock"), machine).unwrap();
            let made = SystemTime::now() - Duration::from_secs(hours * 3600);
            fs::File::options().write(true).open(folder.join("lock")).unwrap().set_modified(made).unwrap();
            folder
        };
        let here = left::machine();
        assert!(!here.trim().is_empty());
        let folders = [
            (make("sf-cli-transport-a", &here, 0), false),
            (make("sf-cli-transport-b", "another", 23), true),
            (make("sf-cli-transport-c", "another", 25), false),
        ];
        left::sweep(all.path());
        for (folder, stays) in folders {
            assert_eq!(folder.exists(), stays, "{}", folder.display());
        }
    }

    /// Whoever is killed in between leaves a folder that the next one knows.
    #[test]
    fn the_lock_goes_last() {
        use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
        let all = tempfile::tempdir().unwrap();
        let fill = |folder: &Path| (0..3_000).for_each(|i| drop(fs::write(folder.join(i.to_string()), "")));
        let used = PrivateFolder::new(Some(all.path())).unwrap();
        let left = all.path().join("sf-cli-transport-left");
        fs::create_dir(&left).unwrap();
        fs::set_permissions(&left, fs::Permissions::from_mode(0o700)).unwrap();
        fs::write(left.join("lock"), left::machine()).unwrap();
        let folders = [used.folder.path().to_path_buf(), left];
        folders.iter().for_each(|folder| fill(folder));
        let done = AtomicBool::new(false);
        let holds_rows = |folder: &Path| fs::read_dir(folder).is_ok_and(|mut files| files.next().is_some());
        std::thread::scope(|scope| {
            let watcher = scope.spawn(|| {
                while !done.load(SeqCst) {
                    for folder in &folders {
                        // In this order: what is seen second is newer.
                        let locked = folder.join("lock").exists();
                        assert!(locked || !holds_rows(folder), "{}", folder.display());
                    }
                }
            });
            drop(used);
            left::sweep(all.path());
            done.store(true, SeqCst);
            watcher.join().unwrap();
        });
        assert_eq!(fs::read_dir(all.path()).unwrap().count(), 0);
    }
}
