//! The parser: hand-written, one pass, bounded in depth and time.

mod clauses;
mod escapes;
mod expression;
mod lexer;
mod literal;
mod select;

use crate::problem::shorten;
use crate::tree::{MAX_DEPTH, Word};
use crate::write::MAX_STATEMENT;
use crate::{Condition, Places, Problem, Problems, Span, Statement};
use lexer::{Kind, Token};
use sf_core::{FieldPath, ObjectName};

/// What is read beside the language of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Nothing.
    Api,
    /// `:name` where a value stands.
    Template,
    /// `:expression`, `FOR UPDATE`, `ALL ROWS`.
    Apex,
}

/// Reads one statement; with `places`, also tells where its names and values stand.
pub(crate) fn statement(
    text: &str,
    dialect: Dialect,
    places: Option<&mut Places>,
) -> Result<Statement, Problems> {
    run(text, dialect, places, |p| {
        if p.token.kind == Kind::End {
            return Err(p.problem("SOQL statements cannot be empty or null", "write SELECT Id FROM Account"));
        }
        let statement = p.statement()?;
        p.take(Kind::Semicolon);
        p.end("nothing may follow the statement")?;
        Ok(statement)
    })
}

/// Reads a bare condition and nothing more; with `places`, also tells where its names and values stand.
pub(crate) fn condition(
    text: &str,
    dialect: Dialect,
    places: Option<&mut Places>,
) -> Result<Condition, Problems> {
    run(text, dialect, places, |p| {
        if p.token.kind == Kind::End {
            return Err(p.problem("the condition is empty", "write Type = 'Customer', for example"));
        }
        if p.is(Word::Where) {
            return Err(p.unexpected("this is the condition alone: leave out the word WHERE"));
        }
        let condition = p.bool_expression()?;
        p.end(
            "this is a condition alone: no other clause, no second statement and no comment may follow it",
        )?;
        Ok(condition)
    })
}

/// Whether the text after a colon of Apex is one expression, in the form that is kept of one that was read.
pub(crate) fn is_apex_expression(text: &str) -> bool {
    let whole = lexer::expression(text, 0);
    whole.kind == Kind::Word
        && whole.start() == 0
        && whole.end() == text.len()
        && !text.contains(is_line_break)
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{c}')
}

fn run<T>(
    text: &str,
    dialect: Dialect,
    places: Option<&mut Places>,
    read: impl FnOnce(&mut Parser<'_>) -> Read<T>,
) -> Result<T, Problems> {
    // At most three bytes of UTF-8 make one UTF-16 unit, so only texts in between have to be counted.
    let too_long = text.len() > 3 * MAX_STATEMENT
        || (text.len() > MAX_STATEMENT && text.encode_utf16().count() > MAX_STATEMENT);
    if too_long {
        let message =
            format!("the statement has more than the {MAX_STATEMENT} characters that Salesforce takes");
        let problem = Problem::new(message, "split a long IN list, or select fewer fields");
        return Err(Problems::one(text.chars().take(200).collect::<String>(), problem));
    }
    let mut parser = Parser { text, token: lexer::next(text, 0), depth: 0, dialect, places };
    read(&mut parser).map_err(|problem| Problems::one(text, *problem))
}

/// Boxed: a problem is large and rare, and its size would weigh on every step of the descent.
type Read<T> = Result<T, Box<Problem>>;

struct Parser<'t> {
    text: &'t str,
    /// The next one, not read yet.
    token: Token,
    depth: usize,
    dialect: Dialect,
    places: Option<&'t mut Places>,
}

impl<'t> Parser<'t> {
    fn slice(&self, token: Token) -> &'t str {
        self.text.get(token.start()..token.end()).unwrap_or_default()
    }

    fn bump(&mut self) -> Token {
        let token = self.token;
        self.token = lexer::next(self.text, token.end());
        token
    }

    /// The token after the next one.
    fn second(&self) -> Token {
        lexer::next(self.text, self.token.end())
    }

    /// Whether this byte comes after the next token.
    fn before(&self, byte: u8) -> bool {
        let bytes = self.text.as_bytes();
        bytes.get(lexer::skip_blanks(bytes, self.token.end())) == Some(&byte)
    }

    fn is(&self, word: Word) -> bool {
        self.token.word == word
    }

    /// Whether these two words are next.
    fn are(&self, first: Word, second: Word) -> bool {
        self.is(first) && self.second().word == second
    }

    fn take_word(&mut self, word: Word) -> bool {
        let found = self.is(word);
        if found {
            self.bump();
        }
        found
    }

    /// Both words or none.
    fn take_words(&mut self, first: Word, second: Word) -> bool {
        let found = self.are(first, second);
        if found {
            self.bump();
            self.bump();
        }
        found
    }

    fn take(&mut self, kind: Kind) -> bool {
        let found = self.token.kind == kind;
        if found {
            self.bump();
        }
        found
    }

    fn expect_word(&mut self, word: Word, explanation: &str) -> Read<()> {
        if self.take_word(word) { Ok(()) } else { Err(self.unexpected(explanation)) }
    }

    fn expect(&mut self, kind: Kind, explanation: &str) -> Read<()> {
        if self.take(kind) { Ok(()) } else { Err(self.unexpected(explanation)) }
    }

    fn end(&self, explanation: &str) -> Read<()> {
        if self.token.kind == Kind::End { Ok(()) } else { Err(self.unexpected(explanation)) }
    }

    /// A leaf of the tree has been read here.
    fn place(&mut self, token: Token) {
        if let Some(places) = &mut self.places {
            places.push(token.start(), token.end());
        }
    }

    /// Something other than syntax, at the next token.
    fn problem(&self, message: &str, explanation: &str) -> Box<Problem> {
        self.problem_at(self.token, message, explanation)
    }

    #[cold]
    fn problem_at(&self, token: Token, message: &str, explanation: &str) -> Box<Problem> {
        let span = Span::of(self.text, token.start(), token.end());
        Box::new(Problem::new(message, explanation).at(span))
    }

    /// Salesforce's form of a syntax error at the next token. A malformed token explains itself.
    #[cold]
    fn unexpected(&self, explanation: &str) -> Box<Problem> {
        self.unexpected_at(self.token, explanation)
    }

    #[cold]
    fn unexpected_at(&self, token: Token, explanation: &str) -> Box<Problem> {
        let text = match token.kind {
            Kind::End => "<EOF>".to_owned(),
            _ => shorten(self.slice(token)),
        };
        let explanation = match token.kind {
            Kind::Bad(bad) => bad.explanation(),
            _ => explanation,
        };
        self.problem_at(token, &format!("unexpected token: '{text}'"), explanation)
    }

    /// Within parentheses of the text: of groups, subqueries and functions. The writer counts them alike.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= MAX_DEPTH {
            let explanation = "use fewer parentheses; Salesforce refuses such statements as too complicated";
            return Err(self.problem("the statement is nested too deeply", explanation));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// `a, b, c`
    fn commas<T>(&mut self, read: impl Fn(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let mut list = Vec::with_capacity(4);
        list.push(read(self)?);
        while self.take(Kind::Comma) {
            list.push(read(self)?);
        }
        Ok(list)
    }

    /// A name, keywords included where Salesforce takes them as one.
    fn word(&mut self, explanation: &str) -> Read<Token> {
        if self.token.kind == Kind::Word && !self.token.word.is_reserved() {
            Ok(self.bump())
        } else {
            Err(self.unexpected(explanation))
        }
    }

    fn object(&mut self, explanation: &str) -> Read<ObjectName> {
        let token = self.word(explanation)?;
        self.place(token);
        ObjectName::new(self.slice(token)).map_err(|_| self.no_name(token))
    }

    #[cold]
    fn no_name(&self, token: Token) -> Box<Problem> {
        let message = format!("`{}` is not a Salesforce API name", shorten(self.slice(token)));
        self.problem_at(token, &message, "it is too long, or its underscores stand in the wrong place")
    }

    /// `a.b.c`; blanks around the dots are let through.
    fn path(&mut self, explanation: &str) -> Read<FieldPath> {
        let whole = self.path_tokens(explanation)?;
        self.place(whole);
        self.path_of(whole)
    }

    /// From the first name of a path to its last.
    fn path_tokens(&mut self, explanation: &str) -> Read<Token> {
        let first = self.word(explanation)?;
        let mut last = first;
        while self.take(Kind::Dot) {
            last = self.word("a field name follows the dot")?;
        }
        Ok(first.to(last))
    }

    fn path_of(&self, whole: Token) -> Read<FieldPath> {
        let text = self.slice(whole);
        FieldPath::new(text)
            .or_else(|_| FieldPath::new(text.split_ascii_whitespace().collect::<String>()))
            .map_err(|_| self.no_name(whole))
    }
}
