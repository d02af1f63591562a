use super::ErrorCode;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Makes the enum, its text form, the lookup and the troubleshooting page of one list.
macro_rules! codes {
    ($($variant:ident $text:literal $kind:ident $class:ident $cause:literal $next:literal;)*) => {
        /// Salesforce's error code (`errorCode` of REST, `statusCode` of rows, `error` of OAuth).
        ///
        /// Open: a code that this version does not know is [`Other`](ErrorCode::Other) with its text, so an
        /// error body never fails to parse. What each code means and what to do about it is in
        /// [`troubleshooting`](crate::troubleshooting).
        ///
        /// ```
        /// use sf_core::ErrorCode;
        /// assert_eq!(ErrorCode::from("UNABLE_TO_LOCK_ROW"), ErrorCode::UnableToLockRow);
        /// assert_eq!(ErrorCode::from("SOMETHING_NEW").as_str(), "SOMETHING_NEW");
        /// ```
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $(#[doc = concat!("`", $text, "`: ", $cause)] $variant,)*
            /// A code that this version does not know, as the org wrote it.
            Other(Box<str>),
        }
        impl ErrorCode {
            /// Every code this version knows, in the order of the troubleshooting page.
            pub const KNOWN: &'static [ErrorCode] = &[$(ErrorCode::$variant),*];

            /// The code as Salesforce writes it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(ErrorCode::$variant => $text,)*
                    ErrorCode::Other(text) => text,
                }
            }
            pub(super) fn known(text: &str) -> Option<ErrorCode> {
                match text {
                    $($text => Some(ErrorCode::$variant),)*
                    _ => None,
                }
            }
            pub(super) fn entry(&self) -> Option<Entry> {
                match self {
                    $(ErrorCode::$variant => Some(Entry {
                        kind: ErrorKind::$kind, class: Class::$class, cause: $cause, next_step: $next,
                    }),)*
                    ErrorCode::Other(_) => None,
                }
            }
        }
        /// The troubleshooting page: every known error code with its kind, retry class, cause and next step.
        ///
        /// The page below and the iterator are made of the table that [`Failure::help`](crate::Failure::help)
        /// answers from. Three codes need the message too: `REQUEST_LIMIT_EXCEEDED` (see
        /// [`RequestLimit`](crate::RequestLimit)), `INVALID_SESSION_ID` and `API_CURRENTLY_DISABLED`, which
        /// also have a form that no new token cures.
        ///
        /// ```
        /// let page: Vec<_> = sf_core::troubleshooting().collect();
        /// let line = page.iter().find(|t| t.code.as_str() == "STRING_TOO_LONG").unwrap();
        /// assert_eq!(line.help.next_step, "Shorten it to the length the message names.");
        /// ```
        ///
        /// | code | cause | next step |
        /// | --- | --- | --- |
        $(#[doc = concat!("| `", $text, "` | ", $cause, " | ", $next, " |")])*
        pub fn troubleshooting() -> impl Iterator<Item = super::Troubleshooting> {
            ErrorCode::KNOWN.iter().filter_map(|code| code.entry().map(|e| super::Troubleshooting::new(code, e)))
        }
    };
}
pub(super) use codes;

impl ErrorCode {
    /// The code as it may stand in a log. An unknown one is whatever text stood where a code should, perhaps somebody's data: `None` unless it
    /// is written as Salesforce or OAuth write theirs (letters of one case and `_`, at most 64).
    ///
    /// ```
    /// use sf_core::ErrorCode;
    /// assert_eq!(ErrorCode::from("SOMETHING_NEW").for_log(), Some("SOMETHING_NEW"));
    /// assert_eq!(ErrorCode::from("avery@acme.example").for_log(), None);
    /// ```
    pub fn for_log(&self) -> Option<&str> {
        let text = self.as_str();
        let all = |case: fn(&u8) -> bool| text.bytes().all(|b| b == b'_' || case(&b));
        let looks_like_one = text.len() <= 64 && (all(u8::is_ascii_uppercase) || all(u8::is_ascii_lowercase));
        (looks_like_one || !matches!(self, ErrorCode::Other(_))).then_some(text)
    }
}

impl From<&str> for ErrorCode {
    /// Total: unknown text becomes [`ErrorCode::Other`].
    fn from(text: &str) -> ErrorCode {
        // Bulk API 1.0 and some SOAP gateways write the code in camel case.
        match text {
            "InvalidSessionId" => ErrorCode::InvalidSessionId,
            _ => ErrorCode::known(text).unwrap_or_else(|| ErrorCode::Other(text.into())),
        }
    }
}
impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}
impl<'de> Deserialize<'de> for ErrorCode {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<ErrorCode, D::Error> {
        String::deserialize(d).map(|text| ErrorCode::from(text.as_str()))
    }
}
