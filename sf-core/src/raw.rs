//! The text of a JSON value, borrowed when it can be.
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

/// How a [`RawValue`] makes itself known to serde_json's readers (and to ours, see `page::fast`). Private to
/// serde_json: should it ever change, [`RawJson`] still reads the same, but with a copy.
pub(crate) const TOKEN: &str = "$serde_json::private::RawValue";

/// As `Box<RawValue>` (`&RawValue` fails on `from_value` and `from_reader`), but without the box where the text can be
/// borrowed: a page has millions of numbers, and a box for each costs a tenth of reading it.
pub(crate) struct RawJson<'a>(Cow<'a, str>);

impl RawJson<'_> {
    /// Well-formed JSON without blanks around it.
    pub(crate) fn get(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for RawJson<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(TOKEN, RawVisitor)
    }
}

struct RawVisitor;
impl<'de> Visitor<'de> for RawVisitor {
    type Value = RawJson<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any valid JSON value")
    }

    /// A reader of JSON that knows the name: one entry, whose value is the text.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawJson<'de>, A::Error> {
        match map.next_key::<RawKey>()? {
            Some(RawKey) => map.next_value::<RawText<'de>>().map(|text| RawJson(text.0)),
            None => Err(A::Error::custom("JSON text is missing")),
        }
    }

    /// A reader that does not know it.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<RawJson<'de>, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        Ok(RawJson(Cow::Owned(Box::<str>::from(json).into_string())))
    }
}

struct RawKey;
impl<'de> Deserialize<'de> for RawKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = RawKey;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON text")
            }
            fn visit_str<E: Error>(self, name: &str) -> Result<RawKey, E> {
                if name == TOKEN { Ok(RawKey) } else { Err(E::custom("expected JSON text")) }
            }
        }
        deserializer.deserialize_identifier(KeyVisitor)
    }
}

struct RawText<'a>(Cow<'a, str>);
impl<'de: 'a, 'a> Deserialize<'de> for RawText<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = RawText<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON text")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<RawText<'de>, E> {
                Ok(RawText(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<RawText<'de>, E> {
                Ok(RawText(Cow::Owned(text.to_owned())))
            }
            fn visit_string<E>(self, text: String) -> Result<RawText<'de>, E> {
                Ok(RawText(Cow::Owned(text)))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_borrowed_where_it_lies_and_copied_where_it_must_be() {
        let texts: Vec<RawJson<'_>> = serde_json::from_str(r#"[ 1.0E7 ,{"a": [2]},"x"]"#).unwrap();
        assert_eq!(texts.iter().map(RawJson::get).collect::<Vec<_>>(), ["1.0E7", r#"{"a": [2]}"#, r#""x""#]);
        assert!(
            texts.iter().all(|text| matches!(text.0, Cow::Borrowed(_))),
            "serde_json has changed its token"
        );
        struct Owned(String);
        impl<'de> Deserialize<'de> for Owned {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Owned, D::Error> {
                RawJson::deserialize(deserializer).map(|json| Owned(json.get().to_owned()))
            }
        }
        assert_eq!(serde_json::from_reader::<_, Owned>(&b" [1, 2] "[..]).unwrap().0, "[1, 2]");
        let value = serde_json::json!({"a": null});
        assert_eq!(serde_json::from_value::<Owned>(value).unwrap().0, r#"{"a":null}"#);
        assert!(serde_json::from_str::<RawJson<'_>>("[1,").is_err());
    }
}
