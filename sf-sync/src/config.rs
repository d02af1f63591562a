use crate::{Engine, Mapping, Result};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sf_core::Timestamp;
use std::collections::BTreeMap;

/// What a version holds: the mapping, and documents of layers above (sf-cx) under their own names.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Config {
    pub mapping: Mapping,
    #[serde(default)]
    pub extensions: BTreeMap<String, serde_json::Value>,
}
impl Config {
    pub fn extension<T: DeserializeOwned>(&self, _name: &str) -> Result<Option<T>> {
        todo!()
    }
    #[must_use]
    pub fn with_extension<T: Serialize>(self, _name: &str, _value: &T) -> Result<Config> {
        todo!()
    }
}
impl From<Mapping> for Config {
    fn from(mapping: Mapping) -> Config {
        Config { mapping, ..Config::default() }
    }
}
impl From<crate::ObjectMapping> for Config {
    fn from(o: crate::ObjectMapping) -> Config {
        Mapping::new().object(o).into()
    }
}
/// Immutable. Rolling back makes a new version with the old content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConfigVersion {
    pub number: u32,
    pub config: Config,
    pub author: Option<String>,
    pub note: Option<String>,
    pub at: Timestamp,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConfigSource {
    Database(u32),
    Default,
    NotConfigured,
}
#[derive(Debug, Clone, Copy)]
pub struct Configs<'e>(pub(crate) &'e Engine);
impl Configs<'_> {
    pub async fn source(&self) -> Result<ConfigSource> {
        let _ = self.0;
        todo!()
    }
    pub async fn active(&self) -> Result<ConfigVersion> {
        todo!()
    }
    pub async fn history(&self) -> Result<Vec<ConfigVersion>> {
        todo!()
    }
    /// Checked against describe first: every problem at once, nothing saved.
    pub async fn save(&self, _config: impl Into<Config> + Send, _author: &str, _note: &str) -> Result<u32> {
        todo!()
    }
    pub async fn roll_back(&self, _to: u32, _author: &str) -> Result<u32> {
        todo!()
    }
}
