use std::{fmt, str::FromStr};

/// The version of an `sf` command, e.g. 2.150.6.
///
/// ```
/// use sf_cli_transport::SfVersion;
///
/// let version: SfVersion = "@salesforce/cli/2.150.6".parse().unwrap();
/// assert!(version > SfVersion::OLDEST);
/// assert_eq!(version.to_string(), "2.150.6");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SfVersion {
    major: u32,
    minor: u32,
    patch: u32,
}

impl SfVersion {
    /// The oldest that this crate drives: before it, `sf api request rest` takes other paths and no exact bodies.
    pub const OLDEST: SfVersion = SfVersion::new(2, 64, 0);
    /// The first whose `api request rest` knows `--json`.
    pub(crate) const JSON_ANSWERS: SfVersion = SfVersion::new(2, 148, 0);

    /// The oldest that was seen not to work with Node 20.
    pub(crate) const NODE_22: SfVersion = SfVersion::new(2, 143, 6);

    /// A version from its parts.
    pub const fn new(major: u32, minor: u32, patch: u32) -> SfVersion {
        SfVersion { major, minor, patch }
    }
}

impl fmt::Display for SfVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for SfVersion {
    type Err = sf_core::Error;

    /// Reads `2.150.6` and `@salesforce/cli/2.150.6`; a suffix such as `-rc.1` is left out.
    fn from_str(text: &str) -> sf_core::Result<SfVersion> {
        let number = text.strip_prefix("@salesforce/cli/").unwrap_or(text);
        let number = number.split(['-', '+', ' ']).next().unwrap_or_default();
        let mut parts = number.split('.').map(|part| part.parse::<u32>().ok());
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Some(major)), Some(Some(minor)), Some(Some(patch)), None) => {
                Ok(SfVersion { major, minor, patch })
            }
            _ => {
                let shown: String = text.chars().take(40).filter(|c| !c.is_control()).collect();
                Err(sf_core::Failure::invalid_input(format!("`{shown}` is not a version of the sf command"))
                    .into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared_by_number() {
        let of = |text: &str| text.parse::<SfVersion>().unwrap();
        assert!(of("2.9.8") < of("2.64.0") && of("2.146.3") < SfVersion::JSON_ANSWERS);
        assert_eq!(of("@salesforce/cli/2.150.6-rc.1"), SfVersion::new(2, 150, 6));
        for bad in ["", "sfdx-cli/7.209.6", "2.1", "2.1.2.3", "2.x.1", "99999999999.1.1"] {
            assert!(bad.parse::<SfVersion>().is_err(), "{bad}");
        }
    }
}
