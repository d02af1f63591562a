use super::Word;
use crate::problem::shorten;
use crate::{Problem, Problems};
use sf_core::FieldName;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// Whether a word cannot be a field, an object, a function or an alias: words that Salesforce's parser never takes as
/// a name. The other keywords (`Group`, `Order`, `count`, `Case`, …) are names wherever a name is expected.
pub(crate) fn is_reserved(word: &str) -> bool {
    Word::of(word.as_bytes()).is_reserved()
}

pub(crate) fn reserved(word: &str) -> Problem {
    Problem::new(format!("`{word}` is a reserved word of SOQL"), "it cannot be a name or an alias")
}

/// A name that belongs to the query itself: an alias, a scope. Letters, digits and underscores, starting with a
/// letter, and not a reserved word. Spelling kept, compared without case.
#[derive(Debug, Clone)]
pub struct Identifier(Name);

#[derive(Debug, Clone)]
enum Name {
    Checked(FieldName),
    /// As the builder was given it; the writer finds its problem.
    Unchecked(Box<str>),
}

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
        match FieldName::new(text) {
            Ok(name) => Identifier(Name::Checked(name)),
            Err(_) => Identifier(Name::Unchecked(text.into())),
        }
    }

    pub(crate) fn problem(&self) -> Option<Problem> {
        let text = self.as_str();
        if matches!(self.0, Name::Unchecked(_)) {
            let message = format!("`{}` is not a name", shorten(text));
            Some(Problem::new(message, "use letters, digits and single underscores, and begin with a letter"))
        } else if is_reserved(text) || text.eq_ignore_ascii_case("AS") {
            Some(reserved(text))
        } else {
            None
        }
    }

    /// The spelling it was made with.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Name::Checked(name) => name.as_str(),
            Name::Unchecked(text) => text,
        }
    }
}

impl PartialEq for Identifier {
    fn eq(&self, other: &Identifier) -> bool {
        self.as_str().eq_ignore_ascii_case(other.as_str())
    }
}
impl Eq for Identifier {}

/// Without case, as they are compared.
impl Hash for Identifier {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().bytes().for_each(|byte| state.write_u8(byte.to_ascii_lowercase()));
        state.write_u8(0xff);
    }
}

impl FromStr for Identifier {
    type Err = Problems;
    fn from_str(text: &str) -> Result<Identifier, Problems> {
        Identifier::new(text)
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
