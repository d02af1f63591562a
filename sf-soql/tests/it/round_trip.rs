//! What is written reads back as the same tree.

use crate::generate::{condition, statement};
use proptest::prelude::*;
use sf_soql::{Condition, Leaf, Literal, RowCount, Statement};

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
            prop_assert_eq!(Condition::parse(&text).unwrap(), tree.normalized(), "{}", text);
        } else {
            prop_assert!(Condition::parse(&tree.to_string()).is_err());
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
