use std::{fmt, str::FromStr};

/// 18 characters, checksum verified; 15 accepted and completed. `Copy`, no allocation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SfId([u8; 18]);

impl SfId {
    pub fn new(text: impl AsRef<str>) -> Result<SfId, IdError> {
        let b = text.as_ref().as_bytes();
        let bad = || IdError { text: text.as_ref().chars().take(40).collect() };
        if !(b.len() == 15 || b.len() == 18) || !b.iter().all(u8::is_ascii_alphanumeric) {
            return Err(bad());
        }
        let mut id = [0; 18];
        id[..15].copy_from_slice(&b[..15]);
        for i in 0..3 {
            let n = (0..5).filter(|j| b[i * 5 + j].is_ascii_uppercase()).fold(0, |n, j| n | 1 << j);
            id[15 + i] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[n];
        }
        if b.len() == 18 && !b[15..].eq_ignore_ascii_case(&id[15..]) {
            return Err(bad());
        }
        Ok(SfId(id))
    }
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
    pub fn key_prefix(&self) -> &str {
        &self.as_str()[..3]
    }
}
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IdError {
    pub text: String,
}
impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a Salesforce id", self.text)
    }
}
impl std::error::Error for IdError {}
impl fmt::Display for SfId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl fmt::Debug for SfId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl FromStr for SfId {
    type Err = IdError;
    fn from_str(s: &str) -> Result<SfId, IdError> {
        SfId::new(s)
    }
}
impl serde::Serialize for SfId {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}
impl<'de> serde::Deserialize<'de> for SfId {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<SfId, D::Error> {
        struct V;
        impl serde::de::Visitor<'_> for V {
            type Value = SfId;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a Salesforce id")
            }
            fn visit_str<E: serde::de::Error>(self, s: &str) -> Result<SfId, E> {
                SfId::new(s).map_err(E::custom)
            }
        }
        d.deserialize_str(V)
    }
}
