//! Whatever the text is, the parser answers, soon and on a small stack.

use crate::{check, generate, properties, work::Work};
use proptest::prelude::{any, *};
use sf_core::{field, object};
use sf_soql::{Condition, Leaf, Literal, Operand, Query, Statement, functions::function, prelude::*};
use std::time::Duration;

/// A quadratic step takes minutes over 100,000 characters; a busy machine does not make seconds of milliseconds.
const BOUND: Duration = Duration::from_secs(10);

fn read_all(text: &str) -> bool {
    check::answers(text);
    let answers = [
        properties::statement(text),
        properties::condition(text),
        properties::template(text, "' OR Id != null --"),
    ];
    answers.contains(&true)
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

/// Near misses of real statements: these reach deeper than rows of tokens.
fn mutated(text: String, cut: usize, length: usize, into: usize, token: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let at = |n: usize| n % (chars.len() + 1);
    let (from, to) = (at(cut), at(cut).saturating_add(length).min(chars.len()));
    let moved: String = chars[from..to].iter().collect();
    let mut rest: Vec<String> = chars[..from].iter().chain(&chars[to..]).map(char::to_string).collect();
    rest.insert(into % (rest.len() + 1), moved);
    rest.insert(into % (rest.len() + 1), token.to_owned());
    rest.concat()
}

proptest! {
    #![proptest_config(ProptestConfig::default())]

    #[test]
    fn mutated_statements_and_conditions_are_answered(
        tree in generate::statement(),
        bare in generate::condition(),
        cut in any::<usize>(),
        length in 0usize..12,
        into in any::<usize>(),
        token in prop::sample::select(vec!["", " ", "'", "(", ")", ",", ".", "\\", ":p", " AND ", " NOT ", ";", "5", "%"]),
    ) {
        read_all(&mutated(tree.to_soql().unwrap(), cut, length, into, token));
        read_all(&mutated(bare.to_soql().unwrap(), cut, length, into, token));
    }

    #[test]
    fn a_template_keeps_its_shape_whatever_is_bound(tree in generate::statement(), value in generate::text(), place in any::<usize>()) {
        // Every text is a place for a parameter: after an operator, in a list, in a subquery.
        let (text, places) = tree.to_soql_with_places().unwrap();
        let places = places.of(&tree);
        let mut texts = Vec::new();
        tree.each_leaf(&mut |leaf| {
            if let Leaf::Value(Literal::Text(_) | Literal::Pattern(_)) = leaf {
                texts.push(places.range(leaf).unwrap());
            }
        });
        let text = match texts.get(place % texts.len().max(1)) {
            Some(range) => format!("{}:value{}", &text[..range.start], &text[range.end..]),
            None => "SELECT Id FROM A WHERE b LIKE :value AND c IN (1, :value) AND d INCLUDES (:value, 'x')".to_owned(),
        };
        prop_assert_eq!(properties::bound_template(&text, &value), Some(true), "{}", text);
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
            let start = Work::start();
            assert!(!read_all(&text), "{name} was read");
            assert!(start.time() < BOUND, "{name} took {:?}", start.time());
        }
        let wide = format!("a = 1{}", " AND a = 1".repeat(9_900));
        assert!(matches!(Condition::parse(&wide), Ok(Condition::And(parts)) if parts.len() == 9_901));
        let list = format!("a IN ('x'{})", ", 'x'".repeat(19_000));
        assert!(Condition::parse(&list).is_ok());
    });
    small_stack.unwrap().join().unwrap();
}

/// Trees are made by programs, which can nest them without end. Dropping one is the program's own stack, so these are
/// not dropped.
#[test]
fn trees_of_any_depth_are_answered_on_a_small_stack() {
    let small_stack = std::thread::Builder::new().stack_size(2 << 20).spawn(|| {
        let deep = || (0..100_000).fold(field!("A").eq(1), |c, _| !c);
        let query = || Query::from(object!("A")).select([field!("Id")]);
        std::mem::forget(deep().normalized());
        std::mem::forget(query().filter(deep()));
        std::mem::forget(query().filter(deep()).into_statement().normalized());
        let tree = deep();
        assert!(tree.to_soql().is_err());
        assert!(tree.to_string().contains("<…>"));
        std::mem::forget(tree);
        let mut s = query().into_statement();
        s.filter = Some(deep());
        let mut leaves = 0;
        s.each_leaf(&mut |_| leaves += 1);
        assert!(s.to_soql().is_err() && s.to_pretty().is_err() && leaves == 2);
        std::mem::forget(s);
        // Groups that need no parentheses nest too.
        let single = (0..100_000).fold(field!("A").eq(1), |c, _| Condition::And(vec![c]));
        assert!(single.to_soql().is_err());
        std::mem::forget(single.normalized());
        let chain = (0..100_000).fold(field!("A").eq(1), |c, _| Condition::And(vec![c, field!("B").eq(2)]));
        assert!(chain.to_soql().is_err());
        std::mem::forget(chain);
        let calls: Operand = (0..100_000).fold(field!("A").into(), |o, _| function(field!("f"), o).into());
        assert!(!calls.is_aggregate());
        std::mem::forget(calls);
    });
    small_stack.unwrap().join().unwrap();
}

#[test]
fn chains_of_aliases_are_followed_in_bounded_time() {
    let n = 2_500;
    let aliases: String = (1..n).map(|i| format!(", a{}.P a{i}", i - 1)).collect();
    let fields = format!("a{}.X,", n - 1).repeat(4_000);
    let text = format!("SELECT {fields}Id FROM Account a0{aliases}");
    let s = Statement::parse(&text).unwrap();
    let start = Work::start();
    s.each_leaf(&mut |leaf| {
        if let Leaf::Path(path) = leaf {
            assert!(s.relative(path).len() < 100);
        }
    });
    assert!(start.time() < Duration::from_secs(5), "{:?}", start.time());

    let aliases: String = (1..6).map(|i| format!(", a{}.P a{i}", i - 1)).collect();
    let s = Statement::parse(&format!("SELECT Id FROM Account a0{aliases}")).unwrap();
    assert_eq!(s.relative(&sf_core::path!("a5.X")), "P.P.P.P.P.X");
    // Of two that are called the same, the last one before it is meant; it may stand for one before it.
    let s = Statement::parse("SELECT Id FROM Contact c, c.Account a, a.Owner a, a.Manager a").unwrap();
    assert_eq!(s.relative(&sf_core::path!("A.Name")), "Account.Owner.Manager.Name");
}
