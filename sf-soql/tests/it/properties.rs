//! What holds for every text, whatever it is. The fuzz targets of the long run assert the same functions.

use sf_soql::{Condition, Leaf, Places, Problems, Query, Statement, Template};

/// A refusal says where and why, and is short however long the text.
fn refused(text: &str, problems: &Problems) {
    assert!(problems.iter().next().is_some());
    assert!(!problems.to_string().is_empty());
    assert!(problems.pretty().len() < 4_000, "{} bytes", problems.pretty().len());
    for problem in problems {
        if let Some(span) = problem.span {
            assert!(text.get(span.start..span.end).is_some(), "{span:?} cuts a character");
            assert!(span.line > 0 && span.column > 0);
        }
    }
}

/// What is read can be refused by the writer only for its length: the canonical text has more blanks.
fn too_long(problems: &Problems) -> bool {
    problems.iter().all(|p| p.message.contains(" characters"))
}

/// Every name and value has its place in the text, and stands there.
fn placed(text: &str, tree: &Statement, places: &Places) {
    let places = places.of(tree);
    tree.each_leaf(&mut |leaf| {
        let range = places.range(leaf).unwrap_or_else(|| panic!("no place for {leaf:?} in {text}"));
        let there =
            text.get(range).unwrap_or_else(|| panic!("the place of {leaf:?} cuts a character of {text}"));
        let name = match leaf {
            Leaf::Path(path) => path.as_str(),
            Leaf::Object(object) => object.as_str(),
            Leaf::Name(name) => name.as_str(),
            Leaf::Function(function) => function.name(),
            _ => return assert!(!there.is_empty()),
        };
        let there: String = there.split_ascii_whitespace().collect();
        assert!(there.eq_ignore_ascii_case(name), "{there} is not {name} in {text}");
    });
}

/// Whether it is a statement; what is read is written, in each form, and reads back equal.
pub(crate) fn statement(text: &str) -> bool {
    apex(text);
    let (tree, places) = match Statement::parse_with_places(text) {
        Ok(read) => read,
        Err(problems) => {
            refused(text, &problems);
            return false;
        }
    };
    placed(text, &tree, &places);
    assert_eq!(Statement::parse_apex(text).as_ref(), Ok(&tree), "Apex takes what the API takes: {text}");
    match tree.to_soql_with_places() {
        Ok((written, places)) => {
            placed(&written, &tree, &places);
            let again = Statement::parse(&written).unwrap_or_else(|e| panic!("{}", e.pretty()));
            assert_eq!(again, tree, "{written}");
            assert_eq!(again.to_soql().unwrap(), written);
            assert_eq!(tree.to_apex().unwrap(), written);
        }
        Err(problems) => assert!(too_long(&problems), "{problems}"),
    }
    match tree.to_pretty() {
        Ok(pretty) => assert_eq!(Statement::parse(&pretty).as_ref(), Ok(&tree), "{pretty}"),
        Err(problems) => assert!(too_long(&problems), "{problems}"),
    }
    true
}

/// The same in the dialect of Apex.
fn apex(text: &str) {
    match Statement::parse_apex(text) {
        Ok(tree) => match tree.to_apex() {
            Ok(written) => assert_eq!(Statement::parse_apex(&written).as_ref(), Ok(&tree), "{written}"),
            Err(problems) => assert!(too_long(&problems), "{problems}"),
        },
        Err(problems) => refused(text, &problems),
    }
}

/// Whether it is a condition; what is read is written and reads back equal, and even pasted it stays in its
/// parentheses: no other clause, no second statement.
pub(crate) fn condition(text: &str) -> bool {
    let tree = match Condition::parse(text) {
        Ok(tree) => tree,
        Err(problems) => {
            refused(text, &problems);
            return false;
        }
    };
    let written = match tree.to_soql() {
        Ok(written) => written,
        Err(problems) => {
            assert!(too_long(&problems), "{problems}");
            return true;
        }
    };
    assert_eq!(Condition::parse(&written).unwrap_or_else(|e| panic!("{}", e.pretty())), tree, "{written}");
    let beside = Condition::parse("Marker__c = 7").unwrap();
    for pasted in [text, &written] {
        let whole = format!("SELECT Id FROM Account WHERE ({pasted}) AND Marker__c = 7 ORDER BY Id LIMIT 9");
        match Statement::parse(&whole) {
            Ok(read) => {
                let query = Query::from(sf_core::object!("Account")).select([sf_core::field!("Id")]);
                let both = query.filter(tree.clone()).filter(beside.clone());
                let expected = both.order_by(sf_core::field!("Id")).limit(9);
                assert_eq!(&read.normalized(), expected.statement(), "{whole}");
            }
            Err(problems) => {
                let bounds = |m: &str| m.contains(" characters") || m.contains("nested too deeply");
                assert!(problems.iter().all(|p| bounds(&p.message)), "{problems}");
            }
        }
    }
    true
}

const MARK: &str = "mark of the harmless text";

/// Whether it is a template, see [`bound_template`].
pub(crate) fn template(text: &str, value: &str) -> bool {
    bound_template(text, value).is_some()
}

/// Whether it is a template, and whether it was bound and written; bound with any text, its tree is the one that a
/// harmless text gives, but for the text.
pub(crate) fn bound_template(text: &str, value: &str) -> Option<bool> {
    let template = match Template::parse(text) {
        Ok(template) => template,
        Err(problems) => {
            refused(text, &problems);
            return None;
        }
    };
    let names: Vec<&str> = template.parameters().collect();
    let bound = |value: &str| {
        names.iter().fold(template.binding(), |binding, name| binding.bind(name, value)).query()
    };
    let (hostile, harmless) = match (bound(value), bound(MARK)) {
        (Ok(hostile), Ok(harmless)) => (hostile, harmless),
        (Err(problems), Err(_)) => {
            refused(text, &problems);
            return Some(false);
        }
        _ => panic!("a text decides by what it says whether it can be bound: {value:?}"),
    };
    let (hostile, harmless) = match (hostile.to_soql(), harmless.to_soql()) {
        (Ok(hostile), Ok(harmless)) => (hostile, harmless),
        (Err(problems), _) | (_, Err(problems)) => {
            assert!(too_long(&problems), "{problems}");
            return Some(false);
        }
    };
    if text.contains(MARK) {
        return Some(false);
    }
    let shape = |text: &str| {
        let tree = Statement::parse(text).unwrap_or_else(|e| panic!("{}", e.pretty()));
        format!("{tree:?}")
    };
    let mark = format!("Text({MARK:?})");
    let expected = shape(harmless.as_str());
    let expected = if value.is_empty() {
        // A pattern of no text has no part.
        expected.replace(&format!("Pattern([{mark}])"), "Pattern([])")
    } else {
        expected
    };
    assert_eq!(shape(hostile.as_str()), expected.replace(&mark, &format!("Text({value:?})")));
    Some(true)
}
