//! The keywords of SOQL.

macro_rules! words {
    (reserved { $($reserved:ident = $text:literal,)* } other { $($other:ident = $other_text:literal,)* }) => {
        /// A keyword, or [`Word::None`]. In the order of this list, the first ones are reserved.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Word {
            $($reserved,)*
            $($other,)*
            /// A name that is no keyword.
            None,
        }

        impl Word {
            /// Without case. The text is made of letters, digits and underscores.
            pub(crate) fn of(text: &[u8]) -> Word {
                if text.len() > 8 {
                    return Word::long(text);
                }
                let mut bytes = [0; 8];
                for (place, byte) in bytes.iter_mut().zip(text) {
                    *place = *byte;
                }
                Word::short(u64::from_le_bytes(bytes))
            }

            /// Of up to eight bytes, in little-endian order, the others 0.
            pub(crate) fn short(bytes: u64) -> Word {
                #![allow(non_upper_case_globals)] // the macro names a constant after its variant
                $(const $reserved: u64 = pack($text);)*
                $(const $other: u64 = pack($other_text);)*
                match bytes | LOWER {
                    $($reserved if $text.len() <= 8 => Word::$reserved,)*
                    $($other if $other_text.len() <= 8 => Word::$other,)*
                    _ => Word::None,
                }
            }

            #[cold]
            fn long(text: &[u8]) -> Word {
                $(if $other_text.len() > 8 && text.eq_ignore_ascii_case($other_text.as_bytes()) {
                    return Word::$other;
                })*
                Word::None
            }
        }
    };
}

/// Sets the bit that tells a small ASCII letter from its capital. Of the other bytes of a word only `_` changes, and
/// no other byte of a word becomes what `_` becomes.
const LOWER: u64 = 0x2020_2020_2020_2020;

/// The first eight bytes as [`Word::short`] compares them.
const fn pack(text: &str) -> u64 {
    let text = text.as_bytes();
    let mut bytes = [0; 8];
    let mut i = 0;
    while i < text.len() && i < 8 {
        bytes[i] = text[i];
        i += 1;
    }
    u64::from_le_bytes(bytes) | LOWER
}

words! {
    reserved {
    And = "AND",
    Asc = "ASC",
    Desc = "DESC",
    Excludes = "EXCLUDES",
    First = "FIRST",
    From = "FROM",
    Having = "HAVING",
    In = "IN",
    Includes = "INCLUDES",
    Last = "LAST",
    Like = "LIKE",
    Limit = "LIMIT",
    Not = "NOT",
    Null = "NULL",
    Nulls = "NULLS",
    Or = "OR",
    Select = "SELECT",
    Using = "USING",
    Where = "WHERE",
    With = "WITH",
    }
    other {
    As = "AS",
    Above = "ABOVE",
    AboveOrBelow = "ABOVE_OR_BELOW",
    All = "ALL",
    At = "AT",
    Below = "BELOW",
    Between = "BETWEEN",
    By = "BY",
    Category = "CATEGORY",
    Count = "COUNT",
    Cube = "CUBE",
    Custom = "CUSTOM",
    Data = "DATA",
    Distance = "DISTANCE",
    Else = "ELSE",
    End = "END",
    False = "FALSE",
    Fields = "FIELDS",
    For = "FOR",
    Geolocation = "GEOLOCATION",
    Group = "GROUP",
    Is = "IS",
    Offset = "OFFSET",
    Order = "ORDER",
    Reference = "REFERENCE",
    Rollup = "ROLLUP",
    Rows = "ROWS",
    Scope = "SCOPE",
    SecurityEnforced = "SECURITY_ENFORCED",
    Standard = "STANDARD",
    SystemMode = "SYSTEM_MODE",
    Then = "THEN",
    Tracking = "TRACKING",
    True = "TRUE",
    Typeof = "TYPEOF",
    Update = "UPDATE",
    UserMode = "USER_MODE",
    View = "VIEW",
    Viewstat = "VIEWSTAT",
    When = "WHEN",
    }
}

impl Word {
    pub(crate) fn is_reserved(self) -> bool {
        self <= Word::With
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_found_in_any_case_and_nothing_else_is_one() {
        for (text, word) in [
            ("select", Word::Select),
            ("In", Word::In),
            ("INCLUDES", Word::Includes),
            ("Above_Or_Below", Word::AboveOrBelow),
            ("security_enforced", Word::SecurityEnforced),
            ("REFERENCE", Word::Reference),
            ("userxmode", Word::None),
            ("User_Mode", Word::UserMode),
            ("", Word::None),
            ("selec", Word::None),
            ("selectt", Word::None),
            ("referenc", Word::None),
            ("SecurityEnforced", Word::None),
        ] {
            assert_eq!(Word::of(text.as_bytes()), word, "{text}");
        }
        assert!(Word::With.is_reserved() && Word::And.is_reserved());
        assert!(!Word::As.is_reserved() && !Word::None.is_reserved());
    }
}
