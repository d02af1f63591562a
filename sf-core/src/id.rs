//! Record ids.
use std::{fmt, str::FromStr};

/// The id of a record, in its 18-character form.
///
/// Salesforce writes ids with 15 case-sensitive characters, or with 18: the same 15 and a checksum over their
/// case. Both are accepted; 18 are stored and written, and two ids are equal when their first 15 characters are
/// equal byte for byte. An 18-character id whose checksum does not fit is refused: some program has changed its
/// case. (Object Reference for the Salesforce Platform, "Field Types": ID field type.)
///
/// ```
/// use sf_core::SfId;
///
/// let id = SfId::new("006Ww000004hPqr")?;
/// assert_eq!(id.as_str(), "006Ww000004hPqrIAE");
/// assert_eq!(id, "006Ww000004hPqrIAE".parse()?);
/// assert_eq!(id.key_prefix(), "006");
/// assert!(SfId::new("006ww000004hpqrIAE").is_err()); // somebody lower-cased it
/// # Ok::<(), sf_core::IdError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SfId([u8; 18]);

const UPPER: u8 = 1;
const INVALID: u8 = 2;
/// What a byte is in an id. A table, because ids are half of what a page is made of.
const CLASSES: [u8; 256] = {
    let mut classes = [INVALID; 256];
    let mut byte = 0;
    while byte < 256 {
        if (byte as u8).is_ascii_alphanumeric() {
            classes[byte] = if (byte as u8).is_ascii_uppercase() { UPPER } else { 0 };
        }
        byte += 1;
    }
    classes
};

impl SfId {
    /// Reads 15 or 18 characters.
    ///
    /// # Errors
    /// [`IdError`] when the text has another length, a character that is not a letter or digit, or a checksum
    /// that does not fit.
    pub fn new(text: impl AsRef<str>) -> Result<SfId, IdError> {
        let text = text.as_ref();
        SfId::read(text.as_bytes())
            .map_err(|problem| IdError { text: text.chars().take(40).collect(), problem })
    }

    fn read(text: &[u8]) -> Result<SfId, IdProblem> {
        if !matches!(text.len(), 15 | 18) {
            return Err(IdProblem::Length);
        }
        let mut id = [0; 18];
        let mut classes = 0;
        for (group, letters) in text[..15].as_chunks::<5>().0.iter().enumerate() {
            let mut upper = 0;
            for (k, letter) in letters.iter().enumerate() {
                let class = CLASSES[usize::from(*letter)];
                classes |= class;
                upper |= usize::from(class & UPPER) << k;
                id[group * 5 + k] = *letter;
            }
            id[15 + group] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[upper];
        }
        if classes & INVALID != 0 {
            return Err(IdProblem::Character);
        }
        if text.len() == 18 && !text[15..].eq_ignore_ascii_case(&id[15..]) {
            return Err(IdProblem::Checksum);
        }
        Ok(SfId(id))
    }

    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The 15 characters without the checksum, as old exports and report URLs show them.
    pub fn as_15(&self) -> &str {
        &self.as_str()[..15]
    }

    /// The first three characters, which belong to the kind of object (`001` is Account). Several objects may
    /// share one prefix, so it does not always say which object it is.
    pub fn key_prefix(&self) -> &str {
        &self.as_str()[..3]
    }
}

/// The text is not a record id.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IdError {
    /// The text, cut to 40 characters.
    pub text: String,
    problem: IdProblem,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IdProblem {
    Length,
    Character,
    Checksum,
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a Salesforce id: ", self.text)?;
        f.write_str(match self.problem {
            IdProblem::Length => "an id has 15 or 18 characters",
            IdProblem::Character => "an id has letters and digits only",
            IdProblem::Checksum => {
                "its last three characters do not fit the others; was the case of a letter changed?"
            }
        })
    }
}

impl std::error::Error for IdError {}

impl fmt::Display for SfId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for SfId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SfId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<SfId, IdError> {
        SfId::new(text)
    }
}

impl TryFrom<&str> for SfId {
    type Error = IdError;
    fn try_from(text: &str) -> Result<SfId, IdError> {
        SfId::new(text)
    }
}

impl AsRef<str> for SfId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl serde::Serialize for SfId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for SfId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<SfId, D::Error> {
        struct IdVisitor;
        impl serde::de::Visitor<'_> for IdVisitor {
            type Value = SfId;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a Salesforce id")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<SfId, E> {
                SfId::new(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(IdVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffix_of_known_ids() {
        for (short, long) in [
            ("0012X00001AbCdE", "0012X00001AbCdEQAV"),
            ("003ab0000ZzYy1K", "003ab0000ZzYy1KAQS"),
            ("a0X7f00000QRsTu", "a0X7f00000QRsTuEAL"),
            ("006Ww000004hPqr", "006Ww000004hPqrIAE"),
            ("500000000000001", "500000000000001AAA"),
            ("000000000000000", "000000000000000AAA"),
        ] {
            let id = SfId::new(short).unwrap();
            assert_eq!(id.as_str(), long);
            assert_eq!(id.as_15(), short);
            assert_eq!(SfId::new(long).unwrap(), id);
        }
    }

    #[test]
    fn suffix_case_is_free_but_stem_case_is_not() {
        assert_eq!(SfId::new("0012X00001AbCdEqav").unwrap().as_str(), "0012X00001AbCdEQAV");
        let error = SfId::new("0012X00001abcdeQAV").unwrap_err();
        assert!(error.to_string().contains("case"), "{error}");
    }

    #[test]
    fn not_an_id() {
        for text in ["", "001", "0012X00001AbCd ", "0012X00001AbCdEQA", "0012X00001AbCdé", "😀😀😀😀"]
        {
            assert!(SfId::new(text).is_err(), "{text}");
        }
    }
}
