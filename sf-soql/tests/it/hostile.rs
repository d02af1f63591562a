//! Whatever the text is, the parser answers, soon and on a small stack.

use proptest::prelude::*;
use sf_soql::{Condition, Query, Template};
use std::time::{Duration, Instant};

/// A quadratic step takes minutes over 100,000 characters; a busy machine does not make seconds of milliseconds.
const BOUND: Duration = Duration::from_secs(10);

fn read_all(text: &str) -> bool {
    let answers =
        [Query::parse(text).map(drop), Condition::parse(text).map(drop), Template::parse(text).map(drop)];
    for problems in answers.iter().filter_map(|a| a.as_ref().err()) {
        assert!(!problems.to_string().is_empty());
        assert!(problems.pretty().len() < 4_000);
        for problem in problems {
            if let Some(span) = problem.span {
                assert!(text.get(span.start..span.end).is_some(), "{span:?} cuts a character");
                assert!(span.line > 0 && span.column > 0);
            }
        }
    }
    answers.iter().any(Result::is_ok)
}

proptest! {
    #![proptest_config(ProptestConfig::default())]

    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        read_all(&text);
        read_all(&format!("SELECT Id FROM A WHERE {text}"));
        read_all(&format!("a = '{text}'"));
    }

    #[test]
    fn any_row_of_tokens_is_answered(tokens in prop::collection::vec(prop::sample::select(vec![
        "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "LIKE", "(", ")", ",", ".", "'", "'x'", "\\", "=", "!",
        "<", ">", ":", ";", "Id", "a", "TYPEOF", "WHEN", "THEN", "END", "COUNT", "FIELDS", "ALL", "GROUP", "ORDER",
        "BY", "LIMIT", "OFFSET", "5", "-", ".5", "2026-01-31", "T08:00:00Z", "08:00:00", "USD5", "LAST_N_DAYS",
        "TODAY", "null", "é", "\u{0}", "\"", "--", "\\u12", "USING", "SCOPE", "FOR", "VIEW", "UPDATE", "WITH", "",
    ]), 0..25), blank in prop::bool::ANY) {
        read_all(&tokens.join(if blank { " " } else { "" }));
    }
}

#[test]
fn long_and_deep_texts_are_answered_in_bounded_stack_and_time() {
    let repeated: Vec<(&str, String)> = vec![
        ("open parentheses", "(".repeat(10_000)),
        ("parentheses around a comparison", "(".repeat(10_000) + "a = 1" + &")".repeat(10_000)),
        ("the same in a statement", format!("SELECT Id FROM A WHERE {}", "(".repeat(99_000))),
        ("NOT (", "NOT (".repeat(19_000)),
        ("functions", "f(".repeat(49_000)),
        ("functions in SELECT", format!("SELECT {}", "f(".repeat(49_000))),
        ("subqueries", "SELECT (".repeat(12_000)),
        ("semi-joins", "a IN (SELECT b FROM c WHERE ".repeat(3_500)),
        ("a path", "a.".repeat(49_999)),
        ("TYPEOF of a path", format!("SELECT TYPEOF {}", "a.".repeat(49_000))),
        ("TYPEOFs", format!("SELECT {}", "TYPEOF a.b.c, ".repeat(7_000))),
        ("digits", format!("a = {}", "1".repeat(99_000))),
        ("text", format!("a = '{}", "\\'".repeat(49_000))),
        ("escapes", format!("a = '{}", "\\u".repeat(49_000))),
        ("half surrogates", format!("a = '{}'", "\\ud83d".repeat(16_000))),
        ("blanks", " ".repeat(99_999)),
        ("line ends", "\n".repeat(99_999)),
        ("names", "a ".repeat(49_999)),
        ("one name", "a".repeat(99_999)),
        ("characters of four bytes", "😀".repeat(49_999)),
        ("more than is taken", "a".repeat(10_000_000)),
    ];
    // The main thread of most systems has eight times this.
    let small_stack = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
        for (name, text) in repeated {
            let start = Instant::now();
            assert!(!read_all(&text), "{name} was read");
            assert!(start.elapsed() < BOUND, "{name} took {:?}", start.elapsed());
        }
        let wide = format!("a = 1{}", " AND a = 1".repeat(9_900));
        assert!(matches!(Condition::parse(&wide), Ok(Condition::And(parts)) if parts.len() == 9_901));
        let list = format!("a IN ('x'{})", ", 'x'".repeat(19_000));
        assert!(Condition::parse(&list).is_ok());
    });
    small_stack.unwrap().join().unwrap();
}
