use crate::{Problem, Problems};
use sf_core::FieldName;
use std::fmt;

/// Words that Salesforce's parser never takes as a name. The other keywords (`Group`, `Order`, `count`, `Case`,
/// …) are names wherever a name is expected.
const RESERVED: [&str; 20] = [
    "AND", "ASC", "DESC", "EXCLUDES", "FIRST", "FROM", "HAVING", "IN", "INCLUDES", "LAST", "LIKE", "LIMIT",
    "NOT", "NULL", "NULLS", "OR", "SELECT", "USING", "WHERE", "WITH",
];

/// Whether a word cannot be a field, an object, a function or an alias.
pub(crate) fn is_reserved(word: &str) -> bool {
    word.len() <= 8 && RESERVED.iter().any(|r| r.eq_ignore_ascii_case(word))
}

pub(crate) fn reserved(word: &str) -> Problem {
    Problem::new(format!("`{word}` is a reserved word of SOQL"), "it cannot be a name or an alias")
}

/// A name that belongs to the query itself: an alias, a scope. Letters, digits and underscores, starting with a
/// letter, and not a reserved word. Spelling kept, compared without case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identifier(FieldName);

impl Identifier {
    /// # Errors
    /// When the text is not an identifier or is a reserved word.
    pub fn new(text: impl AsRef<str>) -> Result<Identifier, Problems> {
        let text = text.as_ref();
        match FieldName::new(text) {
            Ok(name) if !is_reserved(text) && !text.eq_ignore_ascii_case("AS") => Ok(Identifier(name)),
            Ok(_) => Err(Problems::one(text, reserved(text))),
            Err(e) => {
                Err(Problems::one(text, Problem::new(e.to_string(), "use letters, digits and single _")))
            }
        }
    }

    /// The spelling it was made with.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
