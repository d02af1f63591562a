//! The configuration of an engine, and its versions.
use crate::{Error, ErrorKind, Mapping, ObjectMapping, Result};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sf_core::Timestamp;
use std::collections::BTreeMap;

/// What a version holds: the mapping, and documents of layers above under their own names.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What is kept in step.
    pub mapping: Mapping,
    /// Documents of other crates and of the host, versioned with the mapping.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extensions: BTreeMap<String, serde_json::Value>,
}
impl Config {
    /// The document with this name, when there is one.
    ///
    /// # Errors
    /// [`ErrorKind::Mapping`] when it is not a `T`.
    pub fn extension<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let Some(document) = self.extensions.get(name) else { return Ok(None) };
        T::deserialize(document).map(Some).map_err(|e| {
            Error::new(
                ErrorKind::Mapping,
                format!("the document `{name}` of the configuration cannot be read: {e}"),
            )
            .with_source(e)
        })
    }
    /// The same with a document more, or a newer one under its name.
    ///
    /// # Errors
    /// [`ErrorKind::Mapping`] when `value` cannot be written as JSON.
    pub fn with_extension<T: Serialize>(mut self, name: &str, value: &T) -> Result<Config> {
        let document = serde_json::to_value(value).map_err(|e| {
            Error::new(ErrorKind::Mapping, format!("the document `{name}` cannot be written as JSON: {e}"))
                .with_source(e)
        })?;
        self.extensions.insert(name.into(), document);
        Ok(self)
    }
}
impl From<Mapping> for Config {
    fn from(mapping: Mapping) -> Config {
        Config { mapping, ..Config::default() }
    }
}
impl From<ObjectMapping> for Config {
    fn from(object: ObjectMapping) -> Config {
        Mapping::new().object(object).into()
    }
}

/// A saved configuration. Versions never change; the highest is the active one.
///
/// [`EngineBuilder::config`](crate::EngineBuilder::config) saves a new version when what it is given differs from the
/// active one. Listing the history and rolling back are not built yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConfigVersion {
    /// Its number, from 1. Log entries say under which they were captured.
    pub number: u32,
    /// The content.
    pub config: Config,
    /// Who saved it.
    pub author: Option<String>,
    /// Why.
    pub note: Option<String>,
    /// When.
    pub at: Timestamp,
}
impl ConfigVersion {
    /// A version without author and note.
    pub fn new(number: u32, config: Config, at: Timestamp) -> ConfigVersion {
        ConfigVersion { number, config, author: None, note: None, at }
    }
}
