use super::Writer;
use crate::{
    Pattern, PatternPart,
    sosl::term::{Term, separates},
    tree::MAX_DEPTH,
};

/// A longer search finds nothing ("FIND {SearchQuery}", SOSL reference).
const MAX_SEARCH: usize = 10_000;
/// A longer search loses its operators.
const MAX_WITH_OPERATORS: usize = 4_000;
/// The org's words are "search term must be longer than one character".
const MIN_CHARACTERS: usize = 2;

/// What stands around a term.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    /// The braces.
    Top,
    /// Neighbours joined by AND.
    All,
    /// Neighbours joined by OR.
    Any,
    /// The other side of AND NOT. Salesforce reads AND NOT from right to left, so that only parentheses are plain.
    AndNot,
}

/// A character of a word, or a wildcard.
#[derive(Clone, Copy)]
enum Unit {
    Char(char),
    Any,
    One,
}

impl Writer {
    /// What stands between the braces.
    pub(super) fn find(&mut self, term: &Term) {
        let start = self.out.len();
        self.term(term, Level::Top);
        let length = self.out[start..].encode_utf16().count();
        if length > MAX_SEARCH {
            self.problem(
                format!("the search has {length} characters, Salesforce takes {MAX_SEARCH}"),
                "a longer search finds nothing; escapes are counted",
            );
        } else if self.operators && length > MAX_WITH_OPERATORS {
            self.problem(
                format!("the search has operators and {length} characters, more than {MAX_WITH_OPERATORS}"),
                "Salesforce drops AND, OR and AND NOT of a longer search and so finds other rows; search in parts",
            );
        }
    }

    fn term(&mut self, term: &Term, level: Level) {
        if self.depth >= MAX_DEPTH {
            return self.illegal(
                "…",
                "the search is nested too deeply",
                "flatten it: `&` and `|` make one group",
            );
        }
        self.depth += 1;
        match term {
            Term::Words(pattern) => self.words(pattern, level),
            Term::Phrase(text) => self.phrase(text),
            Term::All(terms) => self.group(terms, " AND ", level, Level::All),
            Term::Any(terms) => self.group(terms, " OR ", level, Level::Any),
            Term::AndNot { found, not } => self.parentheses(level != Level::Top, |w| {
                w.term(found, Level::AndNot);
                w.operator(" AND NOT ");
                w.term(not, Level::AndNot);
            }),
        }
        self.depth -= 1;
    }

    fn group(&mut self, terms: &[Term], word: &str, outer: Level, own: Level) {
        match terms {
            [] => self.illegal(
                "empty group",
                "a group of search terms is empty",
                "leave the group out, or put a term into it",
            ),
            [only] => self.term(only, outer),
            terms => self.parentheses(outer != Level::Top && outer != own, |w| {
                for (i, term) in terms.iter().enumerate() {
                    if i > 0 {
                        w.operator(word);
                    }
                    w.term(term, own);
                }
            }),
        }
    }

    fn words(&mut self, pattern: &Pattern, level: Level) {
        let mut words: Vec<Vec<Unit>> = vec![Vec::new()];
        let mut push = |unit: Option<Unit>| match (unit, words.last_mut()) {
            (Some(unit), Some(word)) => word.push(unit),
            _ => words.push(Vec::new()),
        };
        let mut text = String::new();
        for part in pattern.parts() {
            match part {
                PatternPart::Text(t) => {
                    text.push_str(t);
                    t.chars().for_each(|c| push(if separates(c) { None } else { Some(Unit::Char(c)) }));
                }
                PatternPart::Any => push(Some(Unit::Any)),
                PatternPart::One => push(Some(Unit::One)),
            }
        }
        words.retain(|word| !word.is_empty());
        if !self.is_searchable(&text) {
            return;
        }
        let several = words.len() > 1;
        self.parentheses(several && !matches!(level, Level::Top | Level::All), |w| {
            for (i, word) in words.iter().enumerate() {
                if i > 0 {
                    w.operator(" AND ");
                }
                w.word(word);
            }
        });
    }

    fn word(&mut self, word: &[Unit]) {
        if matches!(word.first(), Some(Unit::Any | Unit::One)) {
            return self.illegal(
                "wildcard",
                "a word of the search begins with a wildcard",
                "`*` and `?` stand in the middle or at the end of a word",
            );
        }
        let quoted = is_operator(word);
        self.text(if quoted { "\"" } else { "" });
        for unit in word {
            match unit {
                Unit::Char(c) => escape(&mut self.out, *c),
                Unit::Any => self.text("*"),
                Unit::One => self.text("?"),
            }
        }
        self.text(if quoted { "\"" } else { "" });
    }

    fn phrase(&mut self, text: &str) {
        if !self.is_searchable(text) {
            return;
        }
        self.text("\"");
        for (i, word) in text.split(separates).filter(|word| !word.is_empty()).enumerate() {
            if i > 0 {
                self.text(" ");
            }
            word.chars().for_each(|c| escape(&mut self.out, c));
        }
        self.text("\"");
    }

    fn is_searchable(&mut self, text: &str) -> bool {
        let mut characters = text.chars().filter(|c| !separates(*c));
        let (message, explanation) = if text.chars().all(separates) {
            ("the search text is empty".to_owned(), "do not search, or tell the user to type something")
        } else if characters.clone().nth(MIN_CHARACTERS - 1).is_none() {
            let message = format!("the search text `{}` is too short", text.trim_matches(separates));
            (message, "Salesforce searches for two characters or more, wildcards not counted")
        } else if characters.all(|c| c.is_ascii_punctuation()) {
            let shown: String = text.trim_matches(separates).chars().take(40).collect();
            (
                format!("the search text `{shown}` is only punctuation"),
                "search for a letter or a digit with it",
            )
        } else {
            return true;
        };
        self.illegal("text", message, explanation);
        false
    }

    fn operator(&mut self, word: &str) {
        self.operators = true;
        self.text(word);
    }

    fn parentheses(&mut self, needed: bool, write: impl FnOnce(&mut Writer)) {
        self.text(if needed { "(" } else { "" });
        write(self);
        self.text(if needed { ")" } else { "" });
    }

    /// `<` and `>` are plain characters of a search, a brace is not.
    fn illegal(&mut self, mark: &str, message: impl Into<String>, explanation: impl Into<String>) {
        self.text("{");
        self.wrong(mark, message, explanation);
        self.text("}");
    }
}

/// Whether Salesforce would read the word as an operator.
fn is_operator(word: &[Unit]) -> bool {
    ["AND", "OR", "NOT"].iter().any(|operator| {
        operator.len() == word.len()
            && operator
                .chars()
                .zip(word)
                .all(|(c, unit)| matches!(unit, Unit::Char(u) if u.eq_ignore_ascii_case(&c)))
    })
}

/// "Reserved Characters" of the page "FIND {SearchQuery}"; they need the backslash in quotes too.
const RESERVED: &str = r#"?&|!{}[]()^~*:\"'+-"#;

fn escape(out: &mut String, c: char) {
    if RESERVED.contains(c) {
        out.push('\\');
    }
    out.push(c);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserved_characters_are_escaped_and_no_others() {
        // As the reference lists them.
        let reserved = r#"? & | ! { } [ ] ( ) ^ ~ * : \ " ' + -"#.replace(' ', "");
        for c in (0..0x250).filter_map(char::from_u32) {
            let mut out = String::new();
            escape(&mut out, c);
            assert_eq!(out, if reserved.contains(c) { format!("\\{c}") } else { c.to_string() });
        }
    }

    #[test]
    fn only_the_words_and_or_not_are_operators() {
        let units = |text: &str| text.chars().map(Unit::Char).collect::<Vec<_>>();
        for word in ["and", "AND", "Or", "nOT"] {
            assert!(is_operator(&units(word)), "{word}");
        }
        for word in ["a", "an", "andy", "nor", "ＡＮＤ", "returning", ""] {
            assert!(!is_operator(&units(word)), "{word}");
        }
        assert!(!is_operator(&[Unit::Char('o'), Unit::One]));
    }
}
