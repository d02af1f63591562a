//! The parser: hand-written, one pass, bounded in depth and time.

mod expression;
mod lexer;
mod literal;
mod select;

use crate::tree::{MAX_DEPTH, is_reserved};
use crate::write::MAX_STATEMENT;
use crate::{Condition, Problem, Problems, Span, Statement};
use lexer::{Kind, Token};
use sf_core::{FieldPath, ObjectName};

/// Reads one statement.
pub(crate) fn statement(text: &str, parameters: bool) -> Result<Statement, Problems> {
    run(text, parameters, |p| {
        if p.token.kind == Kind::End {
            return Err(p.problem("SOQL statements cannot be empty or null", "write SELECT Id FROM Account"));
        }
        let statement = p.statement()?;
        p.take(Kind::Semicolon);
        p.end("nothing may follow the statement")?;
        Ok(statement)
    })
}

/// Reads a bare condition and nothing more.
pub(crate) fn condition(text: &str) -> Result<Condition, Problems> {
    run(text, false, |p| {
        if p.token.kind == Kind::End {
            return Err(p.problem("the condition is empty", "write Type = 'Customer', for example"));
        }
        if p.is_word("WHERE") {
            return Err(p.unexpected("this is the condition alone: leave out the word WHERE"));
        }
        let condition = p.bool_expression()?;
        p.end(
            "this is a condition alone: no other clause, no second statement and no comment may follow it",
        )?;
        Ok(condition)
    })
}

fn run<T>(
    text: &str,
    parameters: bool,
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
    let mut parser = Parser { text, token: lexer::next(text, 0), depth: 0, parameters };
    read(&mut parser).map_err(|problem| Problems::one(text, *problem))
}

/// Boxed: a problem is large and rare, and its size would weigh on every step of the descent.
type Read<T> = Result<T, Box<Problem>>;

struct Parser<'t> {
    text: &'t str,
    /// The next one, not read yet.
    token: Token,
    depth: usize,
    /// Whether `:name` may stand for a value.
    parameters: bool,
}

impl<'t> Parser<'t> {
    fn slice(&self, token: Token) -> &'t str {
        self.text.get(token.start..token.end).unwrap_or_default()
    }

    fn bump(&mut self) -> Token {
        let token = self.token;
        self.token = lexer::next(self.text, token.end);
        token
    }

    /// The token after the next one.
    fn second(&self) -> Token {
        lexer::next(self.text, self.token.end)
    }

    fn word_of(&self, token: Token, word: &str) -> bool {
        token.kind == Kind::Word && self.slice(token).eq_ignore_ascii_case(word)
    }

    fn is_word(&self, word: &str) -> bool {
        self.word_of(self.token, word)
    }

    /// Whether these two words are next.
    fn are_words(&self, first: &str, second: &str) -> bool {
        self.is_word(first) && self.word_of(self.second(), second)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
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

    fn expect_word(&mut self, word: &str, explanation: &str) -> Read<()> {
        if self.take_word(word) { Ok(()) } else { Err(self.unexpected(explanation)) }
    }

    fn expect(&mut self, kind: Kind, explanation: &str) -> Read<()> {
        if self.take(kind) { Ok(()) } else { Err(self.unexpected(explanation)) }
    }

    fn end(&self, explanation: &str) -> Read<()> {
        if self.token.kind == Kind::End { Ok(()) } else { Err(self.unexpected(explanation)) }
    }

    fn span(&self, token: Token) -> Span {
        Span::of(self.text, token.start, token.end)
    }

    /// Something other than syntax, at the next token.
    fn problem(&self, message: &str, explanation: &str) -> Box<Problem> {
        self.problem_at(self.token, message, explanation)
    }

    fn problem_at(&self, token: Token, message: &str, explanation: &str) -> Box<Problem> {
        Box::new(Problem::new(message, explanation).at(self.span(token)))
    }

    /// Salesforce's form of a syntax error at the next token. A malformed token explains itself.
    fn unexpected(&self, explanation: &str) -> Box<Problem> {
        self.unexpected_at(self.token, explanation)
    }

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

    fn unsupported(&self, token: Token, what: &str) -> Box<Problem> {
        let explanation = "Salesforce may take it, but this version of the library cannot read it";
        self.problem_at(token, &format!("{what} is not supported yet"), explanation)
    }

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

    /// A name, keywords included where Salesforce takes them as one.
    fn word(&mut self, explanation: &str) -> Read<Token> {
        if self.token.kind == Kind::Word && !is_reserved(self.slice(self.token)) {
            Ok(self.bump())
        } else {
            Err(self.unexpected(explanation))
        }
    }

    fn object(&mut self, explanation: &str) -> Read<ObjectName> {
        let token = self.word(explanation)?;
        ObjectName::new(self.slice(token)).map_err(|_| self.no_name(token))
    }

    fn no_name(&self, token: Token) -> Box<Problem> {
        let message = format!("`{}` is not a Salesforce API name", shorten(self.slice(token)));
        self.problem_at(token, &message, "it is too long, or its underscores stand in the wrong place")
    }

    /// `a.b.c`; blanks around the dots are let through.
    fn path(&mut self, explanation: &str) -> Read<FieldPath> {
        let first = self.word(explanation)?;
        let mut last = first;
        while self.take(Kind::Dot) {
            last = self.word("a field name follows the dot")?;
        }
        let whole = Token { end: last.end, ..first };
        let text = self.slice(whole);
        let path = if text.contains(|c: char| c.is_ascii_whitespace()) {
            FieldPath::new(text.split_ascii_whitespace().collect::<String>())
        } else {
            FieldPath::new(text)
        };
        path.map_err(|_| self.no_name(whole))
    }
}

fn shorten(text: &str) -> String {
    let mut chars = text.chars();
    let start: String = chars.by_ref().take(40).collect();
    if chars.next().is_some() { start + "…" } else { start }
}
