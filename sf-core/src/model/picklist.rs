//! Open enums.

/// Declares an open enum for a picklist: the values you name, and `Other` for those that an administrator adds
/// later, so that a new value is never an error.
///
/// Values are compared by their text, exactly and with case, as Salesforce does. The enum can be the type of a
/// column, is made from text, and turns into a [`Value`](crate::Value).
///
/// ```
/// sf_core::picklist! {
///     /// How a customer feels.
///     pub enum Sentiment { Good = "Good", Poor = "Could be better" }
/// }
///
/// assert_eq!(Sentiment::from("Could be better"), Sentiment::Poor);
/// let new: Sentiment = serde_json::from_str(r#""Ecstatic""#).unwrap();
/// assert_eq!(new.as_str(), "Ecstatic");
/// assert_eq!(serde_json::to_string(&new).unwrap(), r#""Ecstatic""#);
/// assert_eq!(Sentiment::KNOWN, ["Good", "Could be better"]);
/// ```
#[macro_export]
macro_rules! picklist {
    ($(#[$meta:meta])* $vis:vis enum $Name:ident { $($(#[$value_meta:meta])* $Variant:ident = $text:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        #[non_exhaustive]
        $vis enum $Name {
            $(
                #[doc = concat!("`", $text, "`.")]
                $(#[$value_meta])*
                $Variant,
            )*
            /// Any other value.
            Other(::std::boxed::Box<str>),
        }

        #[allow(dead_code)]
        impl $Name {
            /// The values with a name, in the order of the declaration.
            pub const KNOWN: &'static [&'static str] = &[$($text),*];

            /// The value as Salesforce writes it.
            pub fn as_str(&self) -> &str {
                match self {
                    $($Name::$Variant => $text,)*
                    $Name::Other(text) => text,
                }
            }

            fn known(text: &str) -> ::std::option::Option<$Name> {
                ::std::option::Option::Some(match text {
                    $($text => $Name::$Variant,)*
                    _ => return ::std::option::Option::None,
                })
            }
        }

        // By text: a value that got a name in a later version stays equal to itself.
        impl ::std::cmp::PartialEq for $Name {
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }
        impl ::std::cmp::Eq for $Name {}
        impl ::std::hash::Hash for $Name {
            fn hash<H: ::std::hash::Hasher>(&self, state: &mut H) {
                ::std::hash::Hash::hash(self.as_str(), state)
            }
        }
        impl ::std::fmt::Display for $Name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }
        impl ::std::convert::From<&str> for $Name {
            fn from(text: &str) -> Self {
                $Name::known(text).unwrap_or_else(|| $Name::Other(text.into()))
            }
        }
        impl ::std::convert::From<::std::string::String> for $Name {
            fn from(text: ::std::string::String) -> Self {
                $Name::known(&text).unwrap_or_else(|| $Name::Other(text.into()))
            }
        }
        impl ::std::convert::From<$Name> for ::std::string::String {
            fn from(value: $Name) -> Self {
                value.as_str().into()
            }
        }
        impl ::std::convert::From<$Name> for $crate::Value {
            fn from(value: $Name) -> Self {
                $crate::Value::Text(value.into())
            }
        }
        impl $crate::__macro::serde::Serialize for $Name {
            fn serialize<S: $crate::__macro::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
        impl<'de> $crate::__macro::serde::Deserialize<'de> for $Name {
            fn deserialize<D: $crate::__macro::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                struct PicklistVisitor;
                impl $crate::__macro::serde::de::Visitor<'_> for PicklistVisitor {
                    type Value = $Name;
                    fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.write_str("a picklist value")
                    }
                    fn visit_str<E>(self, text: &str) -> ::std::result::Result<$Name, E> {
                        Ok(text.into())
                    }
                }
                deserializer.deserialize_str(PicklistVisitor)
            }
        }
        impl $crate::ColumnType for $Name {
            const KIND: $crate::FieldKind = $crate::FieldKind::Picklist;

            fn csv(&self, cell: &mut $crate::__macro::CsvCell<'_>) {
                cell.text(self.as_str());
            }
        }
    };
}
