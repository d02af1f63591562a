//! A request's body, whole before the command starts: if this process ends meanwhile, the command does not take a part for all.
use crate::{fault, private_folder::unwritten};
use sf_core::{
    Failure, Result,
    protocol::{Body, BodySource},
};
use std::{
    fs::File,
    io::{self, Read, Seek as _, Write as _},
    path::Path,
    process::Stdio,
    sync::Arc,
};

/// What a pipe holds in most places.
const MOST_OF_A_PIPE: usize = 64 << 10;
const CHUNK: usize = 64 << 10;

/// What a body holds.
pub(crate) enum Content {
    Text(Arc<str>),
    Source(Arc<dyn BodySource>),
}

impl Content {
    /// `None`: the request has no body.
    pub(crate) fn of(body: &Body) -> Result<Option<Content>> {
        Ok(match body {
            Body::Empty => None,
            Body::Json(text) | Body::Csv(text) if text.is_empty() => None,
            Body::Json(text) | Body::Csv(text) => Some(Content::Text(text.clone())),
            Body::Stream(source) => Some(Content::Source(source.clone())),
            _ => {
                return Err(Failure::invalid_input("this transport does not know this kind of body")
                    .with_next_step("Use a JSON, CSV or streamed body.")
                    .into());
            }
        })
    }

    /// Writes all of it to the file, and says how much that is.
    pub(crate) fn write(&self, file: &mut File) -> Result<u64> {
        match self {
            Content::Text(text) => copy(&mut text.as_bytes(), file),
            Content::Source(source) => copy(&mut source.open().map_err(fault::body_failed)?, file),
        }
    }

    /// All of it as somebody's standard input: in a pipe that holds it, or in a file that has no name and is gone with its last
    /// reader.
    pub(crate) fn stdin(&self, temp_dir: Option<&Path>) -> Result<(Stdio, u64)> {
        let mut reader: Box<dyn Read + '_> = match self {
            Content::Text(text) => Box::new(text.as_bytes()),
            Content::Source(source) => source.open().map_err(fault::body_failed)?,
        };
        let mut head = Vec::new();
        reader.by_ref().take(MOST_OF_A_PIPE as u64).read_to_end(&mut head).map_err(fault::body_failed)?;
        if head.len() < MOST_OF_A_PIPE
            && let Some(pipe) = full_pipe(&head).map_err(unwritten)?
        {
            return Ok((pipe, head.len() as u64));
        }
        let made = match temp_dir {
            Some(folder) => tempfile::tempfile_in(folder),
            None => tempfile::tempfile(),
        };
        let mut file = made.map_err(unwritten)?;
        // It has no name, but for a system that cannot make such files.
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(unwritten)?;
        let size = copy(&mut head.as_slice().chain(reader), &mut file)?;
        // macOS opens /dev/stdin where the file stands.
        file.rewind().map_err(unwritten)?;
        Ok((file.into(), size))
    }
}

/// `None`: it holds less than that, as pipes do when the user has many.
#[cfg(unix)]
fn full_pipe(text: &[u8]) -> io::Result<Option<Stdio>> {
    let (reader, mut writer) = io::pipe()?;
    // Of the end for writing only: the command waits as it is used to.
    rustix::io::ioctl_fionbio(&writer, true)?;
    match writer.write_all(text) {
        Ok(()) => Ok(Some(reader.into())),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
    }
}
#[cfg(not(unix))]
fn full_pipe(_: &[u8]) -> io::Result<Option<Stdio>> {
    Ok(None)
}

/// Tells a source that cannot be read from a file that cannot be written.
fn copy(from: &mut dyn Read, to: &mut File) -> Result<u64> {
    let (mut chunk, mut all) = (vec![0; CHUNK], 0);
    loop {
        let read = match from.read(&mut chunk) {
            Ok(0) => return Ok(all),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(fault::body_failed(error)),
        };
        to.write_all(chunk.get(..read).unwrap_or_default()).map_err(unwritten)?;
        all += read as u64;
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// What a child reads that starts when nobody can write any more.
    fn seen(text: &str, temp_dir: &Path) -> (Vec<u8>, u64) {
        let (stdin, size) = Content::Text(text.into()).stdin(Some(temp_dir)).unwrap();
        (Command::new("cat").arg("/dev/stdin").stdin(stdin).output().unwrap().stdout, size)
    }

    #[test]
    fn a_body_of_any_size_is_whole_and_leaves_no_name() {
        let folder = tempfile::tempdir().unwrap();
        for size in [1, 4_096, MOST_OF_A_PIPE - 1, MOST_OF_A_PIPE, MOST_OF_A_PIPE + 1, 3 << 20] {
            let text: String = (0..size).map(|i| char::from(b'a' + (i % 26) as u8)).collect();
            let (seen, sent) = seen(&text, folder.path());
            assert!(seen == text.as_bytes() && sent == size as u64, "{size}");
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        }
        #[cfg(target_os = "linux")]
        {
            let large = Content::Text("x".repeat(MOST_OF_A_PIPE).into());
            let (stdin, _) = large.stdin(Some(folder.path())).unwrap();
            let mode =
                Command::new("stat").args(["-L", "-c", "%a", "/dev/stdin"]).stdin(stdin).output().unwrap();
            assert_eq!(mode.stdout, b"600\n");
        }
        // Small ones need no place to write.
        assert_eq!(seen("x", Path::new("/no/such/folder")).0, b"x");
        let large = Content::Text("x".repeat(MOST_OF_A_PIPE).into());
        let error = large.stdin(Some(Path::new("/no/such/folder"))).unwrap_err();
        assert!(error.help().next_step.contains("Sf::temp_dir"), "{}", error.help());
    }
}
