//! One child process: read, bounded in time and size, and not left behind while this one lives.
use crate::environment::Environment;
use std::{
    fmt, io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};
use zeroize::{Zeroize as _, Zeroizing};

/// Of what the command says on standard error, no more is kept.
const MOST_STDERR: usize = 64 << 10;
/// The child has ended; a grandchild may still hold the pipes.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// From the request to end to the kill: the command ends within 0.4 s and may be writing its login file.
const FAREWELL: Duration = Duration::from_secs(2);
/// Between two looks whether anybody of the group is left.
#[cfg(unix)]
const LOOK: Duration = Duration::from_millis(20);

/// The command and what all its processes share.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) environment: Environment,
    pub(crate) folder: Option<PathBuf>,
}

/// What a process that ended by itself (or was killed by somebody else) left.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

/// Why there is no [`Ended`].
#[derive(Debug)]
pub(crate) enum Stopped {
    /// It never ran.
    NotStarted(io::Error),
    /// It was ended because the time was over.
    TimedOut,
    /// It was ended because it said too much.
    TooLarge,
    /// Its output or end could not be had.
    Lost(io::Error),
}

impl fmt::Debug for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ended({}, {} bytes)", self.status, self.stdout.len())
    }
}

impl Program {
    pub(crate) async fn run<A: AsRef<str>>(
        &self,
        arguments: &[A],
        extra: &[(&str, String)],
        stdin: Stdio,
        most_stdout: usize,
        deadline: Instant,
    ) -> Result<Ended, Stopped> {
        let mut running = self.spawn(arguments, extra, stdin)?;
        let stopped = match timeout_at(deadline, running.finish(most_stdout)).await {
            Ok(Ok(ended)) => return Ok(ended),
            Ok(Err(stopped)) => stopped,
            Err(_) => Stopped::TimedOut,
        };
        // The caller gives the place, the turn and the files of the child to the next: not while it may send or write.
        if let Some(ending) = running.end() {
            drop(ending.await);
        }
        Err(stopped)
    }

    fn spawn<A: AsRef<str>>(
        &self,
        arguments: &[A],
        extra: &[(&str, String)],
        stdin: Stdio,
    ) -> Result<Running, Stopped> {
        let mut command = Command::new(&self.path);
        command.args(arguments.iter().map(A::as_ref));
        for (name, value) in self.environment.changes(self.path.parent().filter(|p| *p != Path::new(""))) {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        for (name, value) in extra {
            command.env(name, value);
        }
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        // An open standard input that nobody meant would be taken for the URL.
        command.stdin(stdin);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        // A group of its own: some installs are a shell script that starts node, and both have to end.
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn().map_err(Stopped::NotStarted)?;
        Ok(Running { child: Some(child) })
    }
}

/// A child that is ended when this is dropped.
struct Running {
    child: Option<Child>,
}

impl Running {
    async fn finish(&mut self, most_stdout: usize) -> Result<Ended, Stopped> {
        let Some(child) = self.child.as_mut() else {
            return Err(Stopped::Lost(io::Error::other("no child")));
        };
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        // It may be a token.
        let mut out = Zeroizing::new(Vec::with_capacity(16 << 10));
        let mut err = Vec::new();
        let status = {
            let talk = async {
                tokio::try_join!(
                    read(stdout, &mut out, most_stdout, true),
                    read(stderr, &mut err, MOST_STDERR, false)
                )
                .map(|_| ())
            };
            tokio::pin!(talk);
            tokio::select! {
                biased;
                said = &mut talk => {
                    said?;
                    child.wait().await.map_err(Stopped::Lost)?
                }
                status = child.wait() => {
                    // What is in the pipes is read to the end, but nobody waits for a grandchild.
                    if let Ok(said) = timeout(LAST_WORDS, &mut talk).await {
                        said?;
                    }
                    status.map_err(Stopped::Lost)?
                }
            }
        };
        Ok(Ended { status, stdout: std::mem::take(&mut *out), stderr: err })
    }
}

/// Reads to the end; beyond `most`, output is an error if `strict`, else let go.
async fn read<R: AsyncRead + Unpin>(
    from: Option<R>,
    into: &mut Vec<u8>,
    most: usize,
    strict: bool,
) -> Result<(), Stopped> {
    let Some(mut from) = from else { return Ok(()) };
    let mut rest = [0; 4 << 10];
    loop {
        let room = most.saturating_sub(into.len());
        let read = if room > 0 {
            grow(into);
            (&mut from).take(room as u64).read_buf(into).await
        } else {
            match from.read(&mut rest).await {
                Ok(n) if n > 0 && strict => return Err(Stopped::TooLarge),
                other => other,
            }
        };
        match read {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) => return Err(Stopped::Lost(error)),
        }
    }
}

/// Makes room, and leaves no copy of what is there behind.
fn grow(into: &mut Vec<u8>) {
    if into.capacity() - into.len() < 4 << 10 {
        let mut larger = Vec::with_capacity((2 * into.capacity()).max(16 << 10));
        larger.extend_from_slice(into);
        into.zeroize();
        *into = larger;
    }
}

impl Running {
    /// Ends the child and what it started, on a task of its own: that goes on when nobody waits for it. `None`: the child had
    /// ended, or there is no runtime and it was killed.
    fn end(&mut self) -> Option<JoinHandle<()>> {
        let mut child = self.child.take()?;
        // `None`: it has ended and was waited for, and its number may belong to another process by now.
        let id = child.id()?;
        let runtime = tokio::runtime::Handle::try_current();
        #[cfg(unix)]
        if let Ok(runtime) = &runtime {
            signal(id, rustix::process::Signal::TERM);
            return Some(runtime.spawn(farewell(child, id)));
        }
        #[cfg(unix)]
        signal(id, rustix::process::Signal::KILL);
        let _ = (id, FAREWELL);
        drop(child.start_kill());
        Some(runtime.ok()?.spawn(async move { drop(child.wait().await) }))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.end());
    }
}

/// Waits until nobody of the group is left, and kills who does not go in time.
#[cfg(unix)]
async fn farewell(mut child: Child, id: u32) {
    let last = Instant::now() + FAREWELL;
    if timeout_at(last, child.wait()).await.is_err() {
        signal(id, rustix::process::Signal::KILL);
        drop(child.wait().await);
        return;
    }
    // A shell in front of node ends at once, node after it. No other process gets the number of a group that has members.
    while is_left(id) {
        if Instant::now() >= last {
            signal(id, rustix::process::Signal::KILL);
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// To the group that the child leads, which holds nothing but what it started.
#[cfg(unix)]
fn signal(id: u32, signal: rustix::process::Signal) {
    if let Some(group) = group(id) {
        // Gone already: what was wanted.
        let _ = rustix::process::kill_process_group(group, signal);
    }
}
#[cfg(unix)]
fn is_left(id: u32) -> bool {
    group(id).is_some_and(|group| rustix::process::test_kill_process_group(group).is_ok())
}
#[cfg(unix)]
fn group(id: u32) -> Option<rustix::process::Pid> {
    i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw)
}
