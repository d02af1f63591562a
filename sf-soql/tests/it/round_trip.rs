//! What is written reads back as the same tree.

use crate::generate::{condition, nested, of_apex, operand, statement, text};
use proptest::prelude::{any, *};
use sf_core::{Number, field, object};
use sf_soql::{
    Condition, FieldSet, Function, Identifier, Item, Leaf, Literal, Op, Operand, Query, RowCount, Statement,
    UsageStatistics, functions::function, prelude::*,
};

/// Any shape, also those that the builder never makes.
fn wild(depth: u32) -> impl Strategy<Value = Condition> {
    condition().prop_recursive(depth, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Condition::And),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Condition::Or),
            inner.prop_map(|c| Condition::Not(Box::new(c))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::default())]

    #[test]
    fn statements(tree in statement()) {
        let text = tree.to_soql().unwrap_or_else(|e| panic!("{e}\n{tree}"));
        let read = Statement::parse(&text).unwrap_or_else(|e| panic!("{}", e.pretty()));
        prop_assert_eq!(&read, &tree, "{}", text);
        prop_assert_eq!(read.to_soql().unwrap(), text);
    }

    #[test]
    fn the_pretty_form_is_the_same_statement(tree in statement()) {
        let text = tree.to_pretty().unwrap();
        let read = Statement::parse(&text).unwrap_or_else(|e| panic!("{}", e.pretty()));
        prop_assert_eq!(&read, &tree, "{}", text);
        prop_assert!(text.lines().all(|line| line.trim_end() == line), "{}", text);
    }

    #[test]
    fn parser_and_writer_agree_on_the_place_of_every_leaf(tree in statement()) {
        let (text, written) = tree.to_soql_with_places().unwrap();
        let (read, places) = Statement::parse_with_places(&text).unwrap();
        prop_assert_eq!(&written, &places, "{}", text);
        let places = places.of(&read);
        read.each_leaf(&mut |leaf| {
            let place = &text[places.range(leaf).unwrap()];
            let spelling = match leaf {
                Leaf::Path(path) => path.to_string(),
                Leaf::Object(object) => object.to_string(),
                Leaf::Name(name) => name.to_string(),
                Leaf::Function(function) => function.to_string(),
                Leaf::Fields(set) => set.as_str().to_owned(),
                Leaf::Rows(RowCount::Rows(rows)) => rows.to_string(),
                Leaf::Operator(c) => format!("{c} {place} "),
                Leaf::Value(value) => match Condition::parse(&format!("a LIKE {place}")) {
                    Ok(Condition::Compare { right, .. }) if matches!(value, Literal::Pattern(_)) => {
                        assert_eq!(&right, value);
                        place.to_owned()
                    }
                    _ => {
                        let read = Condition::parse(&format!("a = {place}")).unwrap();
                        assert!(matches!(read, Condition::Compare { right, .. } if right == *value));
                        place.to_owned()
                    }
                },
                other => panic!("{other:?}"),
            };
            assert!(spelling == place || spelling.contains(&format!(" {place} ")), "{spelling} {place}");
        });
    }

    #[test]
    fn conditions(tree in condition()) {
        let text = tree.to_soql().unwrap();
        prop_assert_eq!(tree.clone().normalized(), tree.clone());
        prop_assert_eq!(Condition::parse(&text).unwrap(), tree, "{}", text);
    }

    #[test]
    fn conditions_of_any_shape_are_refused_or_mean_the_same(tree in wild(4)) {
        if let Ok(text) = tree.to_soql() {
            // NOT before a subquery of IN is read as it stands.
            prop_assert_eq!(Condition::parse(&text).unwrap().normalized(), tree.normalized(), "{}", text);
        } else {
            prop_assert!(Condition::parse(&tree.to_string()).is_err());
        }
    }

    #[test]
    fn statements_of_apex(tree in of_apex()) {
        let text = tree.to_apex().unwrap_or_else(|e| panic!("{e}\n{tree}"));
        prop_assert!(!text.contains('\n'));
        prop_assert_eq!(&Statement::parse_apex(&text).unwrap_or_else(|e| panic!("{}", e.pretty())), &tree, "{}", text);
        prop_assert!(tree.to_soql().is_err());
    }

    /// What stands after the colon is one expression or refused, so that it cannot be a condition too.
    #[test]
    fn any_text_after_the_colon_of_apex_is_one_expression_or_refused(text in prop_oneof![
        text(),
        "[a-c(\\[\\]). ,'/*\n\\\\-]{0,12}",
    ]) {
        let mut tree = Query::from(object!("A")).select([field!("Id")]).into_statement();
        tree.filter = Some(field!("B").eq(Literal::Parameter(text.clone())) & field!("C").eq("x"));
        tree.limit = Some(RowCount::Parameter(text.clone()));
        if let Ok(written) = tree.to_apex() {
            prop_assert_eq!(&Statement::parse_apex(&written).unwrap(), &tree, "{}", written);
        }
        let list = Condition::InParameter { left: field!("B").into(), not: false, name: text } & field!("C").eq("x");
        if let Ok(written) = list.to_apex() {
            prop_assert_eq!(&Condition::parse_apex(&written).unwrap(), &list, "{}", written);
        }
    }

    #[test]
    fn a_text_after_like_means_itself(text in text(), left in operand()) {
        let tree = Condition::Compare { left, op: Op::Like, right: text.clone().into() };
        let read = Condition::parse(&tree.to_soql().unwrap()).unwrap();
        prop_assert_eq!(&read, &tree.normalized());
        let Condition::Compare { right: Literal::Pattern(pattern), .. } = read else { panic!("{read}") };
        prop_assert_eq!(pattern, sf_soql::Pattern::exact(text));
    }

    #[test]
    fn parser_and_writer_take_the_same_depth(levels in 55usize..75, kinds in prop::collection::vec(any::<u8>(), 1..5)) {
        let tree = nested(levels, &kinds);
        match tree.to_soql() {
            Ok(written) => prop_assert_eq!(Condition::parse(&written), Ok(tree), "{}", written),
            Err(problems) => {
                prop_assert!(problems.to_string().contains("nested too deeply"), "{}", problems);
                prop_assert!(levels >= 64);
            }
        }
    }

    #[test]
    fn conditions_are_stored_as_text(tree in condition()) {
        let json = serde_json::to_string(&tree).unwrap();
        prop_assert_eq!(serde_json::from_str::<Condition>(&json).unwrap(), tree);
    }
}

#[test]
fn never_is_a_condition_that_no_row_meets() {
    assert_eq!(Condition::Never.to_soql().unwrap(), "Id = null");
    assert_eq!((Condition::Never | !Condition::Never).to_soql().unwrap(), "Id = null OR (NOT Id = null)");
}

#[test]
fn never_in_having_is_a_condition_on_groups() {
    let query = Query::from(object!("A")).select([field!("B")]).group_by([field!("B")]).having(none());
    let expected = "SELECT B FROM A GROUP BY B HAVING COUNT(Id) < 0";
    assert_eq!(query.to_soql().unwrap().as_str(), expected);
    let inner = Query::from(object!("C")).select([field!("Id")]).filter(none());
    let text = query.filter(none()).having(field!("B").in_query(inner)).to_string();
    assert_eq!(
        text,
        "SELECT B FROM A WHERE Id = null GROUP BY B HAVING COUNT(Id) < 0 AND B IN (SELECT Id FROM C WHERE Id = null)"
    );
}

#[test]
fn the_opposite_of_a_subquery_of_in_is_its_other_operator() {
    let inner = || Query::from(object!("Contact")).select([field!("AccountId")]);
    assert_eq!(!field!("Id").in_query(inner()), field!("Id").not_in_query(inner()));
    assert_eq!(!field!("Id").not_in_query(inner()), field!("Id").in_query(inner()));
    // As it was typed, until it is put into a query.
    let text = "NOT Id IN (SELECT AccountId FROM Contact)";
    let typed = Condition::parse(text).unwrap();
    assert_eq!(typed.to_soql().unwrap(), text);
    assert_eq!(typed.normalized(), field!("Id").not_in_query(inner()));
}

fn reads_back(tree: &Condition) {
    let text = tree.to_soql().unwrap();
    assert_eq!(Condition::parse(&text).as_ref(), Ok(tree), "{text}");
}

#[test]
fn an_alias_for_before_update_is_no_lock() {
    let mut s = Query::from(object!("A")).select([field!("Id")]).alias("For").into_statement();
    s.update = vec![UsageStatistics::Tracking];
    let text = s.to_soql().unwrap();
    assert_eq!(text, "SELECT Id FROM A For UPDATE TRACKING");
    assert_eq!(Statement::parse(&text).as_ref(), Ok(&s));
    assert_eq!(Statement::parse_apex(&text).as_ref(), Ok(&s));
    s.update = vec![UsageStatistics::Viewstat];
    assert_eq!(Statement::parse(&s.to_soql().unwrap()), Ok(s));
    assert!(Statement::parse("SELECT Id FROM A FOR UPDATE").is_err());
    assert_eq!(Statement::parse_apex("SELECT Id FROM A FOR UPDATE").unwrap().alias, None);
}

#[test]
fn a_text_after_like_becomes_a_pattern_of_that_text() {
    let tree = Condition::Compare { left: field!("A").into(), op: Op::Like, right: "50%".into() };
    assert_eq!(tree.clone().normalized(), field!("A").like(sf_soql::Pattern::exact("50%")));
    assert_eq!(Condition::parse(&tree.to_soql().unwrap()), Ok(tree.normalized()));
}

#[test]
fn numbers_of_a_hundred_digits_and_no_more_are_written_and_read() {
    for text in [
        "9".repeat(99),
        "9".repeat(100),
        format!("-{}", "9".repeat(100)),
        format!("0.{}", "1".repeat(98)),
        "1E99".into(),
    ] {
        let number: Number = text.parse().unwrap();
        reads_back(&field!("A").eq(number));
    }
    for text in ["9".repeat(101), format!("-0.{}", "1".repeat(99)), "1E100".into()] {
        let number: Number = text.parse().unwrap();
        assert!(field!("A").eq(number).to_soql().is_err(), "{text}");
        assert!(Condition::parse(&format!("A = {text}")).is_err(), "{text}");
    }
}

#[test]
fn times_are_cut_to_milliseconds() {
    let fine = chrono::NaiveTime::from_hms_micro_opt(8, 0, 0, 123_456).unwrap();
    reads_back(&field!("A").eq(fine));
    reads_back(&field!("A").is_in([Literal::Time(fine)]).normalized());
}

#[test]
fn known_words_are_known_however_they_are_made() {
    let all = FieldSet::Other(Identifier::new("all").unwrap());
    assert_eq!(FieldSet::named(Identifier::new("Custom").unwrap()), FieldSet::Custom);
    let s = Query::from(object!("A")).select([all]).into_statement();
    assert_eq!(Statement::parse(&s.to_soql().unwrap()), Ok(s));
    let call = |name, argument: Option<Operand>| {
        let value = Operand::Call { function: Function::Other(name), argument: argument.map(Box::new) };
        Query::from(object!("A")).select([Item::from(value)]).into_statement()
    };
    let sum = call(field!("Sum"), Some(field!("B").into()));
    let count = call(field!("count"), None);
    assert!(sum.is_aggregate() && count.is_count());
    for s in [sum, count] {
        let read = Statement::parse(&s.to_soql().unwrap()).unwrap();
        assert_eq!((read.is_aggregate(), read.is_count()), (s.is_aggregate(), s.is_count()));
        assert_eq!(read, s);
    }
}

#[test]
fn sixty_four_parentheses_are_taken_of_every_kind_and_not_one_more() {
    let functions =
        |n: usize| (0..n).fold(Operand::from(field!("A")), |inner, _| function(field!("f"), inner).into());
    let of_functions = |n| Condition::Compare { left: functions(n), op: Op::Eq, right: 1.into() };
    let negations = |n| (0..n).fold(field!("A").eq(1), |c, _| !c);
    let semi_joins = |n| {
        (0..n).fold(field!("A").eq(1), |c, _| {
            field!("Id").in_query(Query::from(object!("B")).select([field!("Id")]).filter(c))
        })
    };
    // NOT alone needs no parentheses.
    for (fits, too_deep) in [
        (of_functions(64), of_functions(65)),
        (negations(65), negations(66)),
        (semi_joins(64), semi_joins(65)),
    ] {
        reads_back(&fits);
        let problems = too_deep.to_soql().unwrap_err();
        assert_eq!(problems.iter().next().unwrap().message, "the statement is nested too deeply");
        let text = fits.to_soql().unwrap();
        assert!(Condition::parse(&format!("({text})")).is_err());
    }
    let children = |n: usize| {
        let last = Query::from(object!("B")).select([field!("Id")]).filter(field!("A").eq(1));
        (0..n).fold(last, |inner, _| Query::from(object!("B")).select([field!("Id")]).with(inner))
    };
    let text = children(64).to_soql().unwrap();
    assert_eq!(&Query::parse(text.as_str()).unwrap(), &children(64));
    assert!(children(65).to_soql().is_err());
}

#[test]
fn operators_join_without_nesting() {
    use sf_core::field;
    use sf_soql::prelude::*;
    let c = |n: i32| field!("A").eq(n);
    let Condition::And(parts) = c(1) & c(2) & (c(3) & c(4)) else { panic!() };
    assert_eq!(parts.len(), 4);
    let Condition::Or(parts) = (c(1) | c(2)) | (c(3) & c(4)) | c(5) else { panic!() };
    assert_eq!(parts.len(), 4);
    assert_eq!(all([c(1)]), c(1));
    assert_eq!(all([all([c(1), c(2)]), c(3)]).to_string(), "A = 1 AND A = 2 AND A = 3");
    assert_eq!((!(c(1) & c(2)) & c(3)).to_string(), "(NOT (A = 1 AND A = 2)) AND A = 3");
    assert_eq!((!!c(1)).to_string(), "NOT (NOT A = 1)");
}
