//! Reads FIND as Salesforce does, made after the page "FIND {SearchQuery}" of the SOSL reference; it shares nothing with
//! the writer.

/// What Salesforce would understand. `*` and `?` of a word are these characters only when they are wildcards.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meaning {
    Word(Vec<Unit>),
    Phrase(Vec<String>),
    And(Vec<Meaning>),
    Or(Vec<Meaning>),
    AndNot(Box<Meaning>, Box<Meaning>),
}
use Meaning::{And, AndNot, Or, Phrase, Word};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Unit {
    Char(char),
    Any,
    One,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Leaf(Meaning),
    And,
    Or,
    Not,
    Open,
    Close,
}

const RESERVED: &str = r#"?&|!{}[]()^~*:\"'+-"#;

/// The tokens of `FIND {…}` and what follows the closing brace.
fn tokens(statement: &str) -> (Vec<Token>, &str) {
    let text = statement.strip_prefix("FIND {").expect("FIND");
    let mut tokens = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '}' => return (tokens, &text[at + 1..]),
            ' ' => {}
            '(' => tokens.push(Token::Open),
            ')' => tokens.push(Token::Close),
            '"' => {
                let mut words = vec![String::new()];
                loop {
                    match chars.next().expect("the phrase ends").1 {
                        '"' => break,
                        ' ' => words.push(String::new()),
                        '\\' => words.last_mut().unwrap().push(escaped(chars.next())),
                        c => words.last_mut().unwrap().push(plain(c)),
                    }
                }
                tokens.push(Token::Leaf(Phrase(words)));
            }
            first => {
                let mut units = Vec::new();
                let mut bare = String::new();
                let mut next = Some((at, first));
                while let Some((_, c)) = next {
                    units.push(match c {
                        '\\' => Unit::Char(escaped(chars.next())),
                        '*' => Unit::Any,
                        '?' => Unit::One,
                        c => Unit::Char(plain(c)),
                    });
                    bare.push(c);
                    next = chars.next_if(|(_, c)| !matches!(c, ' ' | '(' | ')' | '}' | '"'));
                }
                assert!(matches!(units[0], Unit::Char(_)), "a word begins with a wildcard: {statement}");
                tokens.push(match bare.to_ascii_uppercase().as_str() {
                    "AND" => Token::And,
                    "OR" => Token::Or,
                    "NOT" => Token::Not,
                    _ => Token::Leaf(Word(units)),
                });
            }
        }
    }
    panic!("FIND does not end: {statement}")
}

fn escaped(next: Option<(usize, char)>) -> char {
    let c = next.expect("something is escaped").1;
    assert!(RESERVED.contains(c), "\\{c} is no escape");
    c
}

fn plain(c: char) -> char {
    assert!(!RESERVED.contains(c), "{c} is not escaped");
    assert!(!c.is_control() && !c.is_whitespace(), "{c:?} stands in a word");
    c
}

/// One level of tokens. Takes one kind of operator on a level: what needs Salesforce's precedence, fails.
fn group(tokens: &mut std::vec::IntoIter<Token>) -> Meaning {
    let mut terms = vec![];
    let mut operator = None;
    loop {
        terms.push(match tokens.next().expect("a term") {
            Token::Leaf(leaf) => leaf,
            Token::Open => group(tokens),
            other => panic!("{other:?} where a term should stand"),
        });
        let mut found = match tokens.next() {
            None | Some(Token::Close) => break,
            Some(token) => vec![token],
        };
        if found[0] == Token::And && tokens.as_slice().first() == Some(&Token::Not) {
            found.push(tokens.next().unwrap());
        }
        assert!(operator.is_none() || operator.as_ref() == Some(&found), "two operators on a level");
        operator = Some(found);
    }
    match operator.as_deref() {
        None => terms.remove(0),
        Some([Token::And]) => And(terms),
        Some([Token::Or]) => Or(terms),
        Some([Token::And, Token::Not]) => {
            assert_eq!(terms.len(), 2, "AND NOT twice on a level");
            let not = terms.remove(1);
            AndNot(Box::new(terms.remove(0)), Box::new(not))
        }
        other => panic!("{other:?}"),
    }
}

pub(super) fn read(statement: &str) -> (Meaning, &str) {
    let (tokens, rest) = tokens(statement);
    let mut tokens = tokens.into_iter();
    let meaning = group(&mut tokens);
    assert_eq!(tokens.next(), None, "unbalanced: {statement}");
    (meaning, rest)
}

/// The same meaning without groups of one kind in each other. One word in quotes is a word; so operators are quoted.
pub(super) fn flat(meaning: Meaning) -> Meaning {
    fn join(terms: Vec<Meaning>, and: bool) -> Meaning {
        let mut all = vec![];
        for term in terms.into_iter().map(flat) {
            match term {
                And(inner) if and => all.extend(inner),
                Or(inner) if !and => all.extend(inner),
                other => all.push(other),
            }
        }
        if all.len() == 1 {
            all.remove(0)
        } else if and {
            And(all)
        } else {
            Or(all)
        }
    }
    match meaning {
        And(terms) => join(terms, true),
        Or(terms) => join(terms, false),
        AndNot(found, not) => AndNot(Box::new(flat(*found)), Box::new(flat(*not))),
        Phrase(words) if words.len() == 1 => Word(words[0].chars().map(Unit::Char).collect()),
        other => other,
    }
}
