//! What an org began as, and whether that is what is asked for.
use super::{error, file_error};
use crate::demo::{DATASET_VERSION, Dataset};
use serde::{Deserialize, Serialize};
use sf_core::{Error, Timestamp};
use std::{io, path::Path};

/// What an org began as. Together with its commits this is the whole org.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Origin {
    /// Which rows it began with.
    pub dataset: Dataset,
    /// The seed of the rows and of the credentials.
    pub seed: u64,
    /// Accounts that were asked for; the demo holds a fifth more.
    pub accounts: u64,
    /// The org's time at its beginning: the dates of the rows are offsets from it.
    pub started: Timestamp,
}

impl Origin {
    /// An org that begins now.
    pub fn new(dataset: Dataset, seed: u64, accounts: u64, started: Timestamp) -> Origin {
        Origin { dataset, seed, accounts, started }
    }
}

/// What is asked for; `None` takes what is there, or the default for a new org (`demo`, seed 1, 50 accounts).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Wanted {
    /// Which rows it begins with.
    pub dataset: Option<Dataset>,
    /// The seed.
    pub seed: Option<u64>,
    /// Accounts.
    pub accounts: Option<u64>,
}

impl Wanted {
    /// The origin of a new org.
    pub fn origin(&self, started: Timestamp) -> Origin {
        Origin::new(
            self.dataset.unwrap_or_default(),
            self.seed.unwrap_or(1),
            self.accounts.unwrap_or(50),
            started,
        )
    }

    /// Whether the org of `path` is what is asked for.
    pub(super) fn check(&self, path: &Path, origin: &Origin) -> Result<(), Error> {
        let there = |is: &dyn std::fmt::Display, asked: &dyn std::fmt::Display, what: &str| {
            Err(error(
                format!(
                    "{what} {asked} was asked for, but the state file {} continues an org with {what} {is}",
                    path.display()
                ),
                format!(
                    "leave out the option, ask for {what} {is}, or name another state file to begin a new org"
                ),
            ))
        };
        if let Some(dataset) = self.dataset.filter(|asked| *asked != origin.dataset) {
            return there(&origin.dataset, &dataset, "data set");
        }
        if let Some(seed) = self.seed.filter(|asked| *asked != origin.seed) {
            return there(&origin.seed, &seed, "seed");
        }
        if let Some(accounts) =
            self.accounts.filter(|asked| *asked != origin.accounts && origin.dataset != Dataset::Empty)
        {
            return there(&origin.accounts, &accounts, "number of accounts");
        }
        Ok(())
    }
}

/// The first record.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Header {
    format: u32,
    dataset_version: u32,
    written_by: String,
    pub(super) origin: Origin,
}

const FORMAT: u32 = 1;

impl Header {
    pub(super) fn new(origin: Origin) -> Header {
        Header {
            format: FORMAT,
            dataset_version: DATASET_VERSION,
            written_by: env!("CARGO_PKG_VERSION").to_owned(),
            origin,
        }
    }

    pub(super) fn read(json: &str, path: &Path) -> Result<Header, Error> {
        let header: Header = serde_json::from_str(json)
            .map_err(|e| file_error(path, "has a first record that cannot be read", io::Error::other(e)))?;
        if (header.format, header.dataset_version) != (FORMAT, DATASET_VERSION) {
            return Err(error(
                format!(
                    "the state file {} was written by sf-testorg {} in format {} on data set version {}; this is format {FORMAT} and data set version {DATASET_VERSION}",
                    path.display(),
                    header.written_by,
                    header.format,
                    header.dataset_version
                ),
                format!(
                    "use sf-testorg {} for it, or name another state file to begin a new org",
                    header.written_by
                ),
            ));
        }
        Ok(header)
    }
}
