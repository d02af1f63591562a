use crate::{Error, Failure};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A REST API version: `66.0`, in paths `v66.0`.
///
/// ```
/// use sf_core::ApiVersion;
/// assert_eq!(ApiVersion::CURRENT.to_string(), "66.0");
/// assert_eq!("v60.0".parse::<ApiVersion>().unwrap(), ApiVersion::new(60));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ApiVersion(u16);
impl ApiVersion {
    /// What these crates were written against (Spring '26).
    pub const CURRENT: ApiVersion = ApiVersion(66);
    /// The oldest version that has everything these crates ask for: from 46.0 on an upsert answers with the row's id whether it
    /// created or updated it (REST API guide, Insert or Update (Upsert) a Record Using an External ID).
    pub const OLDEST: ApiVersion = ApiVersion(46);
    /// The version `major.0`; Salesforce has no others.
    pub const fn new(major: u16) -> ApiVersion {
        ApiVersion(major)
    }
    /// The number before the dot.
    pub const fn major(self) -> u16 {
        self.0
    }
}
impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.0", self.0)
    }
}
impl FromStr for ApiVersion {
    type Err = Error;
    /// Reads `66`, `66.0` and `v66.0`.
    fn from_str(text: &str) -> Result<ApiVersion, Error> {
        let number = text.strip_prefix('v').unwrap_or(text);
        number.strip_suffix(".0").unwrap_or(number).parse().map(ApiVersion).map_err(|_| {
            let shown: String = text.chars().take(20).collect();
            Failure::invalid_input(format!("`{shown}` is not an API version, write e.g. 66.0")).into()
        })
    }
}
