//! No text can change the shape of a query. Literals are read by a reader of these tests, not by the crate's.

use crate::generate::text;
use proptest::prelude::{any, *};
use sf_core::{field, object};
use sf_soql::{
    ConditionTemplate, FieldSet, Item, Literal, Op, RowCount, Template, functions::max, prelude::*,
};

#[derive(Debug, PartialEq)]
enum Unit {
    Char(char),
    Any,
    One,
}

/// Reads the string literal at the start of the text by the SOQL reference's table of escapes, and returns what
/// follows it. Outside of LIKE, `%` and `_` are plain.
fn read(literal: &str, like: bool) -> (Vec<Unit>, &str) {
    let mut units = Vec::new();
    let mut chars = literal.char_indices();
    assert_eq!(chars.next().map(|c| c.1), Some('\''), "{literal}");
    loop {
        let (at, c) = chars.next().expect("the literal ends");
        units.push(match c {
            '\'' => return (units, &literal[at + 1..]),
            '%' if like => Unit::Any,
            '_' if like => Unit::One,
            '\\' => Unit::Char(match chars.next().expect("an escape").1 {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                same @ ('\\' | '\'' | '"') => same,
                same @ ('%' | '_') if like => same,
                'u' => {
                    let hex: String = (0..4).map(|_| chars.next().expect("four digits").1).collect();
                    char::from_u32(u32::from_str_radix(&hex, 16).unwrap()).unwrap()
                }
                other => panic!("\\{other} is no escape that Salesforce knows"),
            }),
            c => {
                assert!(!c.is_control(), "control characters are escaped");
                Unit::Char(c)
            }
        });
    }
}

fn plain(text: &str) -> Vec<Unit> {
    text.chars().map(Unit::Char).collect()
}

fn any_text() -> impl Strategy<Value = String> {
    let attacks = [
        "\\' OR Name != '",
        "' OR Id != null OR Name = '",
        "x' LIMIT 1 --",
        "\\",
        "\\\\'",
        "'",
        "%' OR Name LIKE '%",
        "x') OR Id NOT IN ('",
    ];
    prop_oneof![3 => text(), 1 => prop::sample::select(attacks.to_vec()).prop_map(String::from), 1 => any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig::default())]

    #[test]
    fn a_value_is_one_literal_in_its_place(value in any_text()) {
        let query = || Query::from(object!("Account")).select([field!("Id")]);
        let start = "SELECT Id FROM Account WHERE ";
        let rest = |text: &str, before: &str| text.strip_prefix(start).unwrap().strip_prefix(before).unwrap().to_owned();
        let written = |c: Condition| query().filter(c & field!("Type").eq("x")).limit(5).to_soql().unwrap().as_str().to_owned();
        let end = " AND Type = 'x' LIMIT 5";

        let text = rest(&written(field!("Name").eq(&value)), "Name = ");
        prop_assert_eq!(read(&text, false), (plain(&value), end));

        let text = rest(&written(field!("Name").is_in(["a", value.as_str(), "b"])), "Name IN ('a', ");
        let (units, tail) = read(&text, false);
        prop_assert_eq!((units, tail), (plain(&value), &*format!(", 'b'){end}")));

        let text = rest(&written(field!("Name").includes([&value])), "Name INCLUDES (");
        prop_assert_eq!(read(&text, false), (plain(&value), &*format!("){end}")));

        let like = |before: bool, after: bool| {
            let mut units = Vec::new();
            units.extend(before.then_some(Unit::Any));
            units.extend(plain(&value));
            units.extend(after.then_some(Unit::Any));
            units
        };
        let text = rest(&written(field!("Name").contains(&value)), "Name LIKE ");
        prop_assert_eq!(read(&text, true), (like(true, true), end));
        let text = rest(&written(field!("Name").starts_with(&value)), "Name LIKE ");
        prop_assert_eq!(read(&text, true), (like(false, true), end));
        let text = rest(&written(field!("Name").ends_with(&value)), "Name LIKE ");
        prop_assert_eq!(read(&text, true), (like(true, false), end));
    }

    #[test]
    fn a_value_deeper_in_the_statement_is_one_literal_in_its_place(value in any_text()) {
        let contact = Query::from(object!("Contact")).select([field!("AccountId")]);
        let children = Query::from(object!("Contacts")).select([field!("Id")]).filter(field!("Email").eq(&value)).limit(1);
        let query = Query::from(object!("Account"))
            .select([field!("Type")])
            .with(children)
            .filter(field!("Id").in_query(contact.clone().filter(field!("Name").ne(&value)).with_filter("C", &value)))
            .filter(field!("Id").not_in_query(contact.filter(field!("Name").not_in([&value]))))
            .filter(field!("Name").excludes([&value]) | !field!("Name").like(sf_soql::Pattern::exact(&value)))
            .with_filter("Network", &value)
            .group_by([field!("Type")])
            .having(max(field!("Name")).gt(&value))
            .limit(5);
        let text = query.to_soql().unwrap().as_str().to_owned();
        let mut rest = text.as_str();
        for (before, like) in [
            ("SELECT Type, (SELECT Id FROM Contacts WHERE Email = ", false),
            (" LIMIT 1) FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Name != ", false),
            (" WITH C = ", false),
            (") AND Id NOT IN (SELECT AccountId FROM Contact WHERE Name NOT IN (", false),
            (")) AND (Name EXCLUDES (", false),
            (") OR (NOT Name LIKE ", true),
            (")) WITH Network = ", false),
            (" GROUP BY Type HAVING MAX(Name) > ", false),
        ] {
            let Some(literal) = rest.strip_prefix(before) else { panic!("no `{before}` at {rest} of {text}") };
            let (units, behind) = read(literal, like);
            prop_assert_eq!(units, plain(&value));
            rest = behind;
        }
        prop_assert_eq!(rest, " LIMIT 5");
    }

    #[test]
    fn a_bound_value_is_one_literal_in_its_place(value in any_text()) {
        let template = Template::parse(
            "SELECT Id, (SELECT Id FROM Cs WHERE A = :v) FROM A WHERE B = :v AND C LIKE :v AND D IN (1, :v) AND E IN :vs \
             AND F EXCLUDES (:v) AND G IN (SELECT H FROM I WHERE J = :v WITH K = :v) WITH L = :v \
             GROUP BY M HAVING MAX(N) = :v LIMIT 5",
        ).unwrap();
        let query = template.bind("v", &value).bind_list("vs", [&value, &value]).query().unwrap();
        let text = query.to_soql().unwrap().as_str().to_owned();
        let mut rest = text.as_str();
        for (before, like) in [
            ("SELECT Id, (SELECT Id FROM Cs WHERE A = ", false),
            (") FROM A WHERE B = ", false),
            (" AND C LIKE ", true),
            (" AND D IN (1, ", false),
            (") AND E IN (", false),
            (", ", false),
            (") AND F EXCLUDES (", false),
            (") AND G IN (SELECT H FROM I WHERE J = ", false),
            (" WITH K = ", false),
            (") WITH L = ", false),
            (" GROUP BY M HAVING MAX(N) = ", false),
        ] {
            let Some(literal) = rest.strip_prefix(before) else { panic!("no `{before}` at {rest} of {text}") };
            let (units, behind) = read(literal, like);
            prop_assert_eq!(units, plain(&value));
            rest = behind;
        }
        prop_assert_eq!(rest, " LIMIT 5");

        let template = ConditionTemplate::parse("A = :v OR B IN :vs").unwrap();
        let condition = template.bind("v", &value).bind_list("vs", [&value]).condition().unwrap();
        let text = condition.to_soql().unwrap();
        let (units, rest) = read(text.strip_prefix("A = ").unwrap(), false);
        prop_assert_eq!(units, plain(&value));
        let (units, rest) = read(rest.strip_prefix(" OR B IN (").unwrap(), false);
        prop_assert_eq!((units, rest), (plain(&value), ")"));
    }

    /// An identifier that was not checked is found wherever the writer puts it.
    #[test]
    fn a_word_of_fields_is_one_word_or_refused(text in any_text()) {
        let alias = Query::from(object!("A")).alias(&text).into_statement().alias.unwrap();
        let query = Query::from(object!("A")).select([FieldSet::Other(alias)]);
        if let Ok(soql) = query.to_soql() {
            prop_assert_eq!(soql.as_str(), format!("SELECT FIELDS({text}) FROM A"));
            prop_assert!(text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
        }
    }

    /// The names that a program may take from elsewhere cannot say more than a name.
    #[test]
    fn a_name_is_one_name_or_refused(text in any_text()) {
        let base = || Query::from(object!("A")).select([field!("Id")]);
        for (query, before, after) in [
            (base().alias(&text), "SELECT Id FROM A ", ""),
            (base().scope(&text), "SELECT Id FROM A USING SCOPE ", ""),
            (base().alias("a").path_alias(sf_core::path!("a.B"), &text), "SELECT Id FROM A a, a.B ", ""),
            (base().with_filter(&text, "v"), "SELECT Id FROM A WITH ", " = 'v'"),
            (Query::from(object!("A")).select_as(max(field!("B")), &text), "SELECT MAX(B) ", " FROM A"),
        ] {
            if let Ok(soql) = query.to_soql() {
                let name = soql.as_str().strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
                prop_assert_eq!(name, Some(text.as_str()));
                prop_assert!(text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
            }
        }
    }

    #[test]
    fn an_administrators_condition_stays_a_condition(text in any_text()) {
        for text in [text.clone(), format!("Name = 'x' {text}"), format!("Name = '{text}'")] {
            if let Ok(condition) = Condition::parse(&text) {
                let query = Query::from(object!("Account")).select([field!("Id")]);
                let whole = query.filter(condition.clone()).filter(field!("Type").eq("x")).limit(1);
                let read = Query::parse(whole.to_soql().unwrap().as_str()).unwrap();
                prop_assert_eq!(&read.statement().limit, &Some(1.into()));
                let Some(Condition::And(parts)) = &read.statement().filter else { panic!("{read}") };
                prop_assert_eq!(parts.last(), Some(&field!("Type").eq("x")));
            }
        }
    }
}

#[test]
fn an_attack_in_a_word_of_fields_is_refused() {
    let attack = "ALL) FROM User WHERE (Id != null";
    let from = Query::from(object!("A")).alias(attack).into_statement().alias.unwrap();
    let named =
        Query::from(object!("A")).select_as(field!("B"), "STANDARD) FROM User LIMIT 5").into_statement();
    let Some(Item::Value { alias: Some(named), .. }) = named.items.into_iter().next() else { panic!() };
    for word in [from, named] {
        let query = Query::from(object!("Account")).select([FieldSet::Other(word)]);
        assert!(query.to_soql().is_err(), "{query}");
        assert!(Query::parse(&query.to_string()).is_err(), "{query}");
    }
}

#[test]
fn an_attack_in_the_name_of_a_parameter_of_apex_is_refused() {
    for name in [
        "x OR Id != null",
        "",
        "x) OR (Id != null",
        "f(/*)",
        "f(1, // x\n2)",
        "f(\n1)",
        " x",
        "x ",
        "a.b c",
        "'x'",
    ] {
        let value = Condition::Compare {
            left: field!("A").into(),
            op: Op::Eq,
            right: Literal::Parameter(name.into()),
        };
        assert!(value.to_apex().is_err(), "{name}");
        let list = Condition::InParameter { left: field!("A").into(), not: false, name: name.into() };
        assert!(list.to_apex().is_err(), "{name}");
        let mut rows = Query::from(object!("A")).select([field!("Id")]).into_statement();
        rows.limit = Some(RowCount::Parameter(name.into()));
        assert!(rows.to_apex().is_err(), "{name}");
    }
    // A comment would swallow what is written behind it.
    assert!(Condition::parse_apex("OwnerId = :f(/*) AND A = '*/ 1)'").is_err());
    assert!(Condition::parse_apex("OwnerId = :f(1, // x\n2)").is_err());
    // Line breaks are blanks, so that what is written is one line.
    let broken = Condition::parse_apex("OwnerId = :f(\n  1,\r\n  'a // b')").unwrap();
    assert_eq!(broken.to_apex().unwrap(), "OwnerId = :f(   1,    'a // b')");
}
