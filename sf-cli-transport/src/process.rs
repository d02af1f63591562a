//! One child process: read, bounded in time and size, and not left behind while this one lives.
use crate::{
    environment::Environment,
    farewell::{self, Held},
};
use std::{
    fmt, io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
    sync::oneshot,
    time::{Instant, timeout, timeout_at},
};
use zeroize::{Zeroize as _, Zeroizing};

/// Of what the command says on standard error, no more is kept.
const MOST_STDERR: usize = 64 << 10;
/// The child has ended; a grandchild may still hold the pipes.
const LAST_WORDS: Duration = Duration::from_secs(2);
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
    /// `held` is let go when the child has gone, also when this future is dropped long before.
    pub(crate) async fn run<A: AsRef<str>>(
        &self,
        arguments: &[A],
        extra: &[(&str, String)],
        stdin: Stdio,
        most_stdout: usize,
        deadline: Instant,
        held: &Held,
    ) -> Result<Ended, Stopped> {
        let child = self.spawn(arguments, extra, stdin)?;
        let mut running = Running { child: Some(child), held: Arc::clone(held) };
        let stopped = match timeout_at(deadline, running.finish(most_stdout)).await {
            Ok(Ok(ended)) => return Ok(ended),
            Ok(Err(stopped)) => stopped,
            Err(_) => Stopped::TimedOut,
        };
        // Who hears of it may look for what the child has written.
        if let Some(has_gone) = running.end() {
            drop(has_gone.await);
        }
        Err(stopped)
    }

    fn spawn<A: AsRef<str>>(
        &self,
        arguments: &[A],
        extra: &[(&str, String)],
        stdin: Stdio,
    ) -> Result<Child, Stopped> {
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
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        // A group of its own: some installs are a shell script that starts node, and both have to end.
        #[cfg(unix)]
        command.process_group(0);
        command.spawn().map_err(Stopped::NotStarted)
    }
}

/// A child that is ended when this is dropped.
struct Running {
    child: Option<Child>,
    held: Held,
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
    /// Ends the child and what it started, whether anybody waits for that or not. `None`: it had ended.
    fn end(&mut self) -> Option<oneshot::Receiver<()>> {
        let child = self.child.take()?;
        // `None`: it has ended and was waited for, and its number may belong to another process by now.
        let id = child.id()?;
        Some(farewell::begin(child, id, Arc::clone(&self.held)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.end());
    }
}
