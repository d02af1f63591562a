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
#[derive(Debug, Clone)]
pub struct Identifier(String);

impl Identifier {
    /// # Errors
    /// When the text is not an identifier or is a reserved word.
    pub fn new(text: impl AsRef<str>) -> Result<Identifier, Problems> {
        let text = text.as_ref();
        let identifier = Identifier::unchecked(text);
        match identifier.problem() {
            None => Ok(identifier),
            Some(problem) => Err(Problems::one(text, problem)),
        }
    }

    /// For the builder: the writer finds its problem.
    pub(crate) fn unchecked(text: &str) -> Identifier {
        Identifier(text.to_owned())
    }

    pub(crate) fn problem(&self) -> Option<Problem> {
        if FieldName::new(&self.0).is_err() {
            let message = format!("`{}` is not a name", self.0.chars().take(40).collect::<String>());
            Some(Problem::new(message, "use letters, digits and single underscores, and begin with a letter"))
        } else if is_reserved(&self.0) || self.0.eq_ignore_ascii_case("AS") {
            Some(reserved(&self.0))
        } else {
            None
        }
    }

    /// The spelling it was made with.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Identifier {
    fn eq(&self, other: &Identifier) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}
impl Eq for Identifier {}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
