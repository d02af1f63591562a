//! What stands between the braces of FIND.
use super::SearchError;

/// A search expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Term {
    /// Words that stand behind each other; a word alone is a phrase of one.
    Phrase(Vec<Word>),
    And(Box<Term>, Box<Term>),
    Or(Box<Term>, Box<Term>),
    AndNot(Box<Term>, Box<Term>),
    /// One of these; without any it finds nothing.
    Any(Vec<Term>),
}

/// A word in lower case, with its wildcards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word(Vec<Piece>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Letter(char),
    /// `?`
    One,
    /// `*`
    Any,
}

const DEPTH: usize = 50;

/// SOQL and SOSL reference, "SOSL Limits on Search Results": beyond so many characters operators are removed and any word will do,
/// beyond the next nothing is found.
const LONG: usize = 4_000;
const TOO_LONG: usize = 10_000;

impl Term {
    /// A user's text as it is, each word of it, as the parameterized search takes it.
    pub(crate) fn plain(text: &str) -> Result<Term, SearchError> {
        let escaped: String = text
            .chars()
            .flat_map(|c| {
                let special = !c.is_alphanumeric() && !c.is_whitespace() && !matches!(c, '*' | '?');
                special.then_some('\\').into_iter().chain([c])
            })
            .collect();
        Term::read(&escaped, text.chars().count())
    }

    /// The text between the braces, escapes included.
    pub(crate) fn parse(text: &str) -> Result<Term, SearchError> {
        Term::read(text, text.chars().count())
    }

    /// `length`: characters of what was sent.
    fn read(text: &str, length: usize) -> Result<Term, SearchError> {
        if length > TOO_LONG {
            return Ok(Term::Any(Vec::new()));
        }
        let tokens = tokens(text)?;
        let searchable =
            tokens.iter().any(|t| matches!(t, Token::Words(words) if words.iter().any(Word::is_long)));
        if !searchable {
            return Err(SearchError::whole("search term must be longer than one character"));
        }
        if length > LONG {
            let phrase =
                |token| if let Token::Words(words) = token { Some(Term::Phrase(words)) } else { None };
            return Ok(Term::Any(tokens.into_iter().filter_map(phrase).collect()));
        }
        let mut reader = Reader { tokens: &tokens, at: 0, depth: 0 };
        let term = reader.or()?;
        match reader.peek() {
            None => Ok(term),
            Some(_) => Err(SearchError::whole("unexpected token in the search term")),
        }
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        match self {
            Term::Phrase(words) => text.lines().any(|line| {
                let found: Vec<String> = words_of(line);
                found
                    .windows(words.len())
                    .any(|window| words.iter().zip(window).all(|(w, text)| w.fits(text)))
            }),
            Term::And(a, b) => a.matches(text) && b.matches(text),
            Term::Or(a, b) => a.matches(text) || b.matches(text),
            Term::AndNot(a, b) => a.matches(text) && !b.matches(text),
            Term::Any(terms) => terms.iter().any(|term| term.matches(text)),
        }
    }
}

impl Word {
    /// Wildcards do not count.
    fn is_long(&self) -> bool {
        self.0.iter().filter(|piece| matches!(piece, Piece::Letter(_))).count() > 1
    }

    fn fits(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let (mut piece, mut at) = (0, 0);
        // After the last `*`: where to go on when the rest does not fit.
        let mut back: Option<(usize, usize)> = None;
        while at < text.len() {
            match self.0.get(piece) {
                Some(Piece::Any) => {
                    back = Some((piece + 1, at));
                    piece += 1;
                }
                Some(Piece::One) => (piece, at) = (piece + 1, at + 1),
                Some(Piece::Letter(c)) if *c == text[at] => (piece, at) = (piece + 1, at + 1),
                _ => match back {
                    Some((after, from)) => {
                        back = Some((after, from + 1));
                        (piece, at) = (after, from + 1);
                    }
                    None => return false,
                },
            }
        }
        self.0[piece..].iter().all(|piece| *piece == Piece::Any)
    }
}

/// Letters and digits between other characters, in lower case.
fn words_of(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// One word of the statement: `a-b` escaped is two words beside each other.
    Words(Vec<Word>),
    And,
    Or,
    AndNot,
    Open,
    Close,
}

fn tokens(text: &str) -> Result<Vec<Token>, SearchError> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let column = text[..at].chars().count() + 1;
        match c {
            c if c.is_whitespace() => {}
            '(' => tokens.push(Token::Open),
            ')' => tokens.push(Token::Close),
            '&' => tokens.push(Token::And),
            '|' => tokens.push(Token::Or),
            '"' => {
                let mut inside = String::new();
                loop {
                    match chars.next() {
                        Some((_, '"')) => break,
                        Some((_, '\\')) => inside.extend(chars.next().map(|(_, c)| c)),
                        Some((_, c)) => inside.push(c),
                        None => {
                            return Err(SearchError::at(
                                column,
                                "mismatched character '<EOF>' expecting '\"'",
                            ));
                        }
                    }
                }
                let words = words_of(&inside);
                if !words.is_empty() {
                    let word = |w: &String| Word(w.chars().map(Piece::Letter).collect());
                    tokens.push(Token::Words(words.iter().map(word).collect()));
                }
            }
            '{' | '}' | '[' | ']' | '^' | '~' | ':' | '!' | '+' | '-' | '\'' => {
                return Err(SearchError::at(column, format!("unexpected char: '{c}'")));
            }
            first => {
                let mut pieces: Vec<Vec<Piece>> = vec![Vec::new()];
                let mut is_plain = true;
                let mut next = Some(first);
                while let Some(c) = next {
                    let piece = match c {
                        '*' => Some(Piece::Any),
                        '?' => Some(Piece::One),
                        '\\' => {
                            is_plain = false;
                            chars.next();
                            None
                        }
                        c if c.is_alphanumeric() => Some(Piece::Letter(c)),
                        _ => None,
                    };
                    match piece {
                        Some(Piece::Letter(c)) => {
                            let last = pieces.len() - 1;
                            pieces[last].extend(c.to_lowercase().map(Piece::Letter));
                        }
                        Some(piece) => {
                            let last = pieces.len() - 1;
                            pieces[last].push(piece);
                        }
                        None => pieces.push(Vec::new()),
                    }
                    let ends = |c: char| c.is_whitespace() || "()&|\"{}[]^~:!+-'".contains(c);
                    next = chars.next_if(|(_, c)| !ends(*c)).map(|(_, c)| c);
                }
                let raw: String = pieces
                    .concat()
                    .iter()
                    .filter_map(|p| if let Piece::Letter(c) = p { Some(*c) } else { None })
                    .collect();
                let words: Vec<Word> = pieces.into_iter().filter(|p| !p.is_empty()).map(Word).collect();
                match (raw.as_str(), is_plain && words.len() == 1) {
                    ("and", true) => tokens.push(Token::And),
                    ("or", true) => tokens.push(Token::Or),
                    ("not", true) if tokens.last() == Some(&Token::And) => {
                        tokens.pop();
                        tokens.push(Token::AndNot);
                    }
                    _ if words.is_empty() => {}
                    _ => tokens.push(Token::Words(words)),
                }
            }
        }
    }
    Ok(tokens)
}

struct Reader<'t> {
    tokens: &'t [Token],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }
    fn take(&mut self, token: &Token) -> bool {
        let found = self.peek() == Some(token);
        self.at += usize::from(found);
        found
    }

    /// AND NOT binds before AND, AND before OR.
    fn or(&mut self) -> Result<Term, SearchError> {
        let mut left = self.and()?;
        while self.take(&Token::Or) {
            left = Term::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }
    fn and(&mut self) -> Result<Term, SearchError> {
        let mut left = self.and_not()?;
        // Words beside each other are joined by AND.
        while self.take(&Token::And) || matches!(self.peek(), Some(Token::Words(_) | Token::Open)) {
            left = Term::And(Box::new(left), Box::new(self.and_not()?));
        }
        Ok(left)
    }
    fn and_not(&mut self) -> Result<Term, SearchError> {
        let mut left = self.one()?;
        while self.take(&Token::AndNot) {
            left = Term::AndNot(Box::new(left), Box::new(self.one()?));
        }
        Ok(left)
    }
    fn one(&mut self) -> Result<Term, SearchError> {
        match self.peek().cloned() {
            Some(Token::Words(words)) => {
                self.at += 1;
                Ok(Term::Phrase(words))
            }
            Some(Token::Open) if self.depth < DEPTH => {
                self.at += 1;
                self.depth += 1;
                let inner = self.or()?;
                self.depth -= 1;
                if self.take(&Token::Close) {
                    Ok(inner)
                } else {
                    Err(SearchError::whole("a closing parenthesis is missing in the search term"))
                }
            }
            _ => Err(SearchError::whole("unexpected token in the search term")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_find_what_they_say() {
        let text = "Acme Rocket-Works 2000\ninfo@acme.example\nJoe Smith";
        for (term, yes) in [
            ("acme", true),
            ("ACME", true),
            ("acm", false),
            ("acm*", true),
            ("a?me", true),
            ("*ket", true),
            ("acme AND smith", true),
            ("acme smith", true),
            ("acme AND NOT smith", false),
            ("acme AND NOT jones", true),
            ("jones OR smith", true),
            ("jones | smith", true),
            ("jones & smith", false),
            ("(jones OR smith) AND acme", true),
            ("\"Joe Smith\"", true),
            ("\"Smith Joe\"", false),
            ("\"2000 info\"", false),
            (r"rocket\-works", true),
            (r"info\@acme", true),
            ("\"and\"", false),
        ] {
            assert_eq!(Term::parse(term).map(|t| t.matches(text)), Ok(yes), "{term}");
        }
        assert!(Term::plain("Rocket-Works (2000)").unwrap().matches(text));
        for wrong in ["", "a", "*", "a AND", "AND acme", "(acme", "acme)", "acme}", "x:y", "\"acme"] {
            assert!(Term::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Term::parse(&"(".repeat(10_000)).is_err());
        assert!(Term::parse(&format!("{}x{}", "*".repeat(20), "*".repeat(20))).is_err());
    }
}
