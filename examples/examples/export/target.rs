use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

/// Where the rows go.
#[derive(Debug)]
pub enum Target {
    Stdout(io::Stdout),
    /// A new file beside the one it becomes when all rows are there; removed when they are not.
    Replacing(NamedTempFile, PathBuf),
    /// What is there already and is no file: a pipe, `/dev/null`.
    Device(File),
}

impl Target {
    pub fn open(output: Option<&Path>) -> io::Result<Target> {
        let Some(path) = output else { return Ok(Target::Stdout(io::stdout())) };
        // Through a symbolic link: the link stays, what it names is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        match fs::metadata(&path) {
            Ok(there) if there.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            Ok(there) if !there.is_file() => OpenOptions::new().write(true).open(&path).map(Target::Device),
            _ => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                // Of mode 0600 on Unix: these are customers' data.
                let file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
                Ok(Target::Replacing(file, path))
            }
        }
    }

    /// All rows are written.
    pub fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        if let Target::Replacing(file, path) = self {
            file.as_file().sync_all()?;
            file.persist(path)?;
        }
        Ok(())
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Target::Stdout(out) => out.write(bytes),
            Target::Replacing(file, _) => file.write(bytes),
            Target::Device(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Target::Stdout(out) => out.flush(),
            Target::Replacing(file, _) => file.flush(),
            Target::Device(file) => file.flush(),
        }
    }
}
