//! Durability: an org that goes on after its process was killed.
//!
//! A state file begins with what the org began as ([`Origin`]); then every commit is appended, one line with length and checksum
//! each, and now and then the org's time. Opening the file makes the beginning again from its options and
//! applies the commits: the same rows, ids, open picklist values, and a time that is not earlier than any time shown before.
//!
//! **What survives.** A commit is written with one `write` call before the answer to its request goes out. It survives the end of the
//! process in every form, SIGKILL included. Only the beginning is synced to the disk, commits are not: a machine that loses power may
//! lose the last ones, never one in the middle. A record that is cut off at the end is dropped when the file is
//! opened. Damage further up is an error, and nothing is changed.
//!
//! Sessions, refresh tokens (rotated and revoked ones too), authorization and device codes are kept in the same way; the idle time of a
//! session begins anew when the file is opened.
//!
//! **What does not.** The request log, faults, query cursors and bulk jobs begin anew; connected apps are chosen again.
//!
//! The file has mode 0600. A second process cannot open it: the first holds a lock that ends with it.
mod frame;
mod origin;

pub use origin::{Origin, Wanted};

use crate::{
    CommitHook,
    oauth::Change,
    state::{Commit, State},
};
use origin::Header;
use serde::{Deserialize, Serialize};
use sf_core::{Delivery, Error, ErrorKind, Failure, Timestamp};
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    ops::{Deref, DerefMut},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

const MAGIC: &[u8] = b"sf-testorg state file\n";

/// Keeps the commits of one org in its state file. Clones write to the same file.
#[derive(Debug, Clone)]
pub struct Journal(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    file: Locked,
    path: PathBuf,
    /// Where the next record goes: behind the last whole one.
    end: u64,
    /// The latest time in the file.
    time: Timestamp,
    /// A record was cut off and could not be taken back.
    broken: bool,
}

/// A process that is being started has a copy of every open file for a moment, and the lock with it: closing the file is
/// not enough to end that.
#[derive(Debug)]
struct Locked(File);
impl Drop for Locked {
    fn drop(&mut self) {
        // Where it fails, the lock ends with the last copy.
        let _ = self.0.unlock();
    }
}
impl Deref for Locked {
    type Target = File;
    fn deref(&self) -> &File {
        &self.0
    }
}
impl DerefMut for Locked {
    fn deref_mut(&mut self) -> &mut File {
        &mut self.0
    }
}

/// What comes after the header.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Record {
    Commit(Commit),
    Time(Timestamp),
    /// What was issued and revoked by signing in.
    SignIn(Vec<Change>),
}

/// The same, to write without a copy.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum RecordRef<'a> {
    Commit(&'a Commit),
    Time(Timestamp),
    SignIn(&'a [Change]),
}

/// An org as its state file has it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Restored {
    /// Schema and rows, with all commits applied.
    pub state: State,
    /// To be set as the org's commit hook.
    pub journal: Journal,
    /// What the org began as.
    pub origin: Origin,
    /// The org must not go back behind this time.
    pub time: Timestamp,
    /// Whether the file was there.
    pub continued: bool,
    /// Bytes of a cut-off record at the end that were dropped.
    pub dropped: u64,
    /// What was issued and revoked by signing in.
    pub(crate) sign_ins: Vec<Change>,
}

impl Journal {
    /// Opens the state file, or begins one when there is none. `begin` makes the state an org of this origin begins with;
    /// `now` is when a new org begins.
    ///
    /// # Errors
    /// The file cannot be created, read or written; another process has it; it is no state file, of another release or damaged before its
    /// end; the org in it is not what `wanted` asks for. Each says what to do.
    pub fn open(
        path: impl AsRef<Path>,
        wanted: Wanted,
        now: Timestamp,
        begin: impl FnOnce(&Origin) -> Result<State, Error>,
    ) -> Result<Restored, Error> {
        let path = path.as_ref();
        let mut file = open_locked(path)?;
        let whole = file.metadata().map_err(|e| file_error(path, "cannot be read", e))?.len();
        match read_header(&mut file, path)? {
            Some((header, at)) => {
                wanted.check(path, &header.origin)?;
                let mut state = begin(&header.origin)?;
                let Replayed { end, time, sign_ins } =
                    replay(&mut file, path, at, &mut state, header.origin.started)?;
                if end < whole {
                    file.set_len(end).map_err(|e| file_error(path, "cannot be written", e))?;
                }
                let journal = Journal::new(file, path, end, time);
                let dropped = whole - end;
                Ok(Restored {
                    state,
                    journal,
                    origin: header.origin,
                    time,
                    continued: true,
                    dropped,
                    sign_ins,
                })
            }
            None => {
                let origin = wanted.origin(now);
                let state = begin(&origin)?;
                let json = serde_json::to_string(&Header::new(origin))
                    .map_err(|e| file_error(path, "cannot be written", e.into()))?;
                let mut bytes = MAGIC.to_vec();
                bytes.extend_from_slice(frame::encode(&json).as_bytes());
                file.set_len(0)
                    .and_then(|()| file.seek(SeekFrom::Start(0)))
                    .and_then(|_| file.write_all(&bytes))
                    .and_then(|()| file.sync_all())
                    .map_err(|e| file_error(path, "cannot be written", e))?;
                let journal = Journal::new(file, path, bytes.len() as u64, now);
                Ok(Restored {
                    state,
                    journal,
                    origin,
                    time: now,
                    continued: false,
                    dropped: 0,
                    sign_ins: Vec::new(),
                })
            }
        }
    }

    fn new(file: Locked, path: &Path, end: u64, time: Timestamp) -> Journal {
        Journal(Arc::new(Mutex::new(Inner { file, path: path.to_owned(), end, time, broken: false })))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the org's time, when it is a second or more after the latest one kept. A server does so
    /// before every answer, so that no client sees time go back over a restart.
    ///
    /// # Errors
    /// The file could not be written.
    pub fn keep_time(&self, now: Timestamp) -> io::Result<()> {
        let mut inner = self.lock();
        if now.millis() < inner.time.millis() + 1000 {
            return Ok(());
        }
        inner.append(&RecordRef::Time(now), now)
    }
}

impl Journal {
    /// Keeps what was issued and revoked at this time.
    pub(crate) fn keep_sign_in(&self, changes: &[Change], now: Timestamp) -> io::Result<()> {
        self.lock().append(&RecordRef::SignIn(changes), now)
    }
}

impl CommitHook for Journal {
    fn committed(&mut self, commit: &Commit) -> io::Result<()> {
        self.lock().append(&RecordRef::Commit(commit), commit.at)
    }
}

impl Inner {
    fn append(&mut self, record: &RecordRef<'_>, at: Timestamp) -> io::Result<()> {
        let failed = |e: &dyn std::fmt::Display| {
            io::Error::other(format!("the state file {} cannot be written: {e}", self.path.display()))
        };
        if self.broken {
            return Err(failed(&"an earlier record was cut off and could not be taken back"));
        }
        let line = frame::encode(&serde_json::to_string(record)?);
        if let Err(e) = self.file.write_all(line.as_bytes()) {
            // What was written of it must not stand before the next record.
            let back = self.file.set_len(self.end).and_then(|()| self.file.seek(SeekFrom::Start(self.end)));
            let error = failed(&e);
            self.broken = back.is_err();
            return Err(error);
        }
        self.end += line.len() as u64;
        self.time = self.time.max(at);
        Ok(())
    }
}

fn open_locked(path: &Path) -> Result<Locked, Error> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|e| file_error(path, "cannot be opened", e))?;
    let file = match file.try_lock() {
        Ok(()) => Locked(file),
        Err(TryLockError::WouldBlock) => {
            return Err(error(
                format!("the state file {} is in use by another process", path.display()),
                "end the other sf-testorg, or name another state file",
            ));
        }
        Err(TryLockError::Error(e)) => return Err(file_error(path, "cannot be locked", e)),
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata().map_err(|e| file_error(path, "cannot be read", e))?.permissions().mode();
        if mode & 0o077 != 0 {
            file.set_permissions(std::fs::Permissions::from_mode(0o600))
                .map_err(|e| file_error(path, "cannot be made private", e))?;
        }
    }
    Ok(file)
}

/// The header and where it ends; `None`: nothing has ever been kept in this file.
fn read_header(file: &mut File, path: &Path) -> Result<Option<(Header, u64)>, Error> {
    let unreadable = |e| file_error(path, "cannot be read", e);
    let mut reader = BufReader::new(&mut *file);
    let mut start = Vec::new();
    reader.by_ref().take(MAGIC.len() as u64).read_to_end(&mut start).map_err(unreadable)?;
    if !MAGIC.starts_with(&start) {
        return Err(error(
            format!("{} is not a state file of sf-testorg", path.display()),
            "name another file; this one was not changed",
        ));
    }
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line).map_err(unreadable)?;
    if line.last() != Some(&b'\n') {
        // Killed while the file was begun: no client has seen this org.
        return Ok(None);
    }
    let end = (start.len() + line.len()) as u64;
    line.pop();
    let json = frame::decode(&line).ok_or_else(|| damaged(path, MAGIC.len() as u64))?;
    Header::read(json, path).map(|header| Some((header, end)))
}

/// What the records hold beside rows.
struct Replayed {
    /// The end of the last whole record.
    end: u64,
    /// The latest time.
    time: Timestamp,
    sign_ins: Vec<Change>,
}

/// Applies the records from `at` on.
fn replay(
    file: &mut File,
    path: &Path,
    at: u64,
    state: &mut State,
    started: Timestamp,
) -> Result<Replayed, Error> {
    let unreadable = |e| file_error(path, "cannot be read", e);
    file.seek(SeekFrom::Start(at)).map_err(unreadable)?;
    let mut reader = BufReader::with_capacity(1 << 20, &mut *file);
    let (mut end, mut time) = (at, started);
    let mut sign_ins = Vec::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = reader.read_until(b'\n', &mut line).map_err(unreadable)? as u64;
        let whole = line.strip_suffix(b"\n").and_then(frame::decode);
        let Some(json) = whole else {
            // Cut off at the end of the file, unless a whole record follows.
            loop {
                line.clear();
                if reader.read_until(b'\n', &mut line).map_err(unreadable)? == 0 {
                    break;
                }
                if line.strip_suffix(b"\n").and_then(frame::decode).is_some() {
                    return Err(damaged(path, end));
                }
            }
            break;
        };
        let record = serde_json::from_str(json)
            .map_err(|e| file_error(path, &format!("has an unknown record at byte {end}"), e.into()))?;
        match record {
            Record::Time(at) => time = time.max(at),
            Record::SignIn(changes) => sign_ins.extend(changes),
            Record::Commit(commit) => {
                time = time.max(commit.at);
                state.apply_commit(&commit).map_err(|e| {
                    file_error(
                        path,
                        &format!("has a commit at byte {end} that does not fit"),
                        io::Error::other(e),
                    )
                })?;
            }
        }
        end += read;
    }
    drop(reader);
    file.seek(SeekFrom::Start(end)).map_err(unreadable)?;
    // A second later than anything a client can have seen.
    Ok(Replayed { end, time: time + Duration::from_secs(1), sign_ins })
}

fn damaged(path: &Path, at: u64) -> Error {
    error(
        format!("the state file {} is damaged at byte {at}, and whole records follow", path.display()),
        "restore the file from a copy, or name another state file to begin a new org; this one was not changed",
    )
}

fn file_error(path: &Path, what: &str, source: io::Error) -> Error {
    let next = match source.kind() {
        io::ErrorKind::NotFound => "create its directory first, or name another file",
        io::ErrorKind::PermissionDenied => "name a file that this user may write",
        io::ErrorKind::StorageFull => "make room on the disk",
        io::ErrorKind::IsADirectory => "name a file, not a directory",
        _ => "name another state file, or look at the reason given",
    };
    error(format!("the state file {} {what}: {source}", path.display()), next).with_source(source)
}

fn error(message: impl Into<String>, next: impl Into<String>) -> Error {
    Error::new(Failure::new(ErrorKind::Setup, Delivery::NotSent, message).with_next_step(next))
}
