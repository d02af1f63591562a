use super::write;
use crate::Pattern;
use std::{fmt, ops};

/// What is searched for: texts, combined with `&`, `|` and [`and_not`](Term::and_not).
///
/// A text means itself. Its reserved characters ``? & | ! { } [ ] ( ) ^ ~ * : \ " ' + -`` are escaped and the words
/// AND, OR and NOT are quoted; wildcards come only from [`starts_with`](Term::starts_with) and
/// [`pattern`](Term::pattern). Blanks, line breaks and control characters separate words and say nothing more.
/// Groups get the parentheses that keep them together ("FIND {SearchQuery}", SOSL reference).
///
/// ```
/// use sf_soql::{Pattern, sosl::Term};
/// let text = |term: Term| term.to_string();
/// assert_eq!(text(Term::word("O'Neil (50%)*")), r"O\'Neil AND \(50%\)\*");
/// assert_eq!(text(Term::phrase("Sturm and \"Drang\"")), r#""Sturm and \"Drang\"""#);
/// assert_eq!(text(Term::starts_with("Joe Sm")), "Joe AND Sm*");
/// assert_eq!(text(Term::pattern(Pattern::exact("jo").one().text("n"))), "jo?n");
/// assert_eq!(
///     text((Term::word("Joe") | Term::phrase("J. S.")).and_not(Term::word("Smith")) & Term::word("and")),
///     r#"((Joe OR "J. S.") AND NOT Smith) AND "and""#
/// );
/// ```
///
/// A text alone is no term; say whether it is words, a phrase or a beginning:
///
/// ```compile_fail
/// sf_soql::sosl::Search::find("Acme");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Term {
    /// Every word of the pattern, in any order; words are separated by the blanks in its texts.
    Words(Pattern),
    /// The words in this order.
    Phrase(String),
    /// All of them. Empty is a problem of the search.
    All(Vec<Term>),
    /// At least one of them. Empty is a problem of the search.
    Any(Vec<Term>),
    /// The one without the other.
    AndNot {
        /// What must be found.
        found: Box<Term>,
        /// What must not be.
        not: Box<Term>,
    },
}

impl Term {
    /// A word. Text with blanks is several words, and all of them must be found, in any order. They are joined
    /// with AND, because without operator Salesforce searches articles, documents and solutions for any one of them.
    ///
    /// A search wants two characters, and one that is not punctuation; anything less is a problem of the search.
    pub fn word(text: impl Into<String>) -> Term {
        Term::Words(Pattern::exact(text))
    }

    /// The words in this order, `"monday meeting"`. Of use also for text with punctuation and for a single word that
    /// is to be found as it is.
    pub fn phrase(text: impl Into<String>) -> Term {
        Term::Phrase(text.into())
    }

    /// Words that begin like this, `joh*`. Of several words the last one is the beginning (`Joe AND Sm*`), as in a
    /// search box that searches while the user types.
    pub fn starts_with(text: impl Into<String>) -> Term {
        let text: String = text.into();
        Term::Words(Pattern::starts_with(text.trim_end_matches(separates)))
    }

    /// Words with wildcards: [`any`](Pattern::any) is `*`, no character or more, [`one`](Pattern::one) is `?`,
    /// exactly one. No word begins with a wildcard.
    pub fn pattern(pattern: Pattern) -> Term {
        Term::Words(pattern)
    }

    /// `self AND NOT other`
    #[must_use]
    pub fn and_not(self, other: Term) -> Term {
        match self {
            Term::AndNot { found, not } => Term::AndNot { found, not: Box::new(*not | other) },
            found => Term::AndNot { found: Box::new(found), not: Box::new(other) },
        }
    }
}

/// Whether the character stands between words, however often it is repeated.
pub(super) fn separates(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// Both must be found.
impl ops::BitAnd for Term {
    type Output = Term;
    fn bitand(self, other: Term) -> Term {
        Term::All(match (self, other) {
            (Term::All(mut a), Term::All(b)) if !a.is_empty() && !b.is_empty() => {
                a.extend(b);
                a
            }
            (Term::All(mut a), b) if !a.is_empty() => {
                a.push(b);
                a
            }
            (a, Term::All(mut b)) if !b.is_empty() => {
                b.insert(0, a);
                b
            }
            (a, b) => vec![a, b],
        })
    }
}

/// One of both is enough.
impl ops::BitOr for Term {
    type Output = Term;
    fn bitor(self, other: Term) -> Term {
        Term::Any(match (self, other) {
            (Term::Any(mut a), Term::Any(b)) if !a.is_empty() && !b.is_empty() => {
                a.extend(b);
                a
            }
            (Term::Any(mut a), b) if !a.is_empty() => {
                a.push(b);
                a
            }
            (a, Term::Any(mut b)) if !b.is_empty() => {
                b.insert(0, a);
                b
            }
            (a, b) => vec![a, b],
        })
    }
}

/// What stands between the braces of FIND. What cannot be written stands as `{<…>}`, which is never legal there.
impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&write::approximate_term(self))
    }
}
