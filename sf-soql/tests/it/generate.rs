//! Generated trees.

use proptest::prelude::{any, *};
use sf_core::{FieldName, FieldPath, Number, ObjectName, Timestamp};
use sf_soql::*;

const KEYWORDS: &[&str] = &[
    "Group",
    "ORDER",
    "Case",
    "count",
    "Offset",
    "FOR",
    "update",
    "View",
    "Reference",
    "TYPEOF",
    "When",
    "THEN",
    "end",
    "Else",
    "Fields",
    "All",
    "Rows",
    "By",
    "Scope",
    "Rollup",
    "Cube",
    "Distance",
    "TODAY",
    "True",
    "Is",
    "Between",
    "Data",
    "Category",
    "USD5",
    "Tracking",
    "Sum",
];

fn word() -> impl Strategy<Value = String> {
    let plain = "[A-Za-z][A-Za-z0-9]{0,6}(__[cr])?";
    prop_oneof![3 => plain.prop_map(String::from), 1 => prop::sample::select(KEYWORDS).prop_map(String::from)]
        .prop_filter("not reserved", |w| Identifier::new(w).is_ok())
}

fn path() -> impl Strategy<Value = FieldPath> {
    prop::collection::vec(word(), 1..4).prop_map(|words| FieldPath::new(words.join(".")).unwrap())
}

fn object() -> impl Strategy<Value = ObjectName> {
    word().prop_map(|w| ObjectName::new(w).unwrap())
}

fn identifier() -> impl Strategy<Value = Option<Identifier>> {
    prop::option::weighted(0.3, word().prop_map(|w| Identifier::new(w).unwrap()))
}

fn function() -> impl Strategy<Value = Function> {
    let own = ["FIELDS", "ROLLUP", "CUBE", "DISTANCE", "GEOLOCATION"];
    let other = word().prop_filter("a function", move |w| !own.iter().any(|o| o.eq_ignore_ascii_case(w)));
    prop_oneof![Just("sum".to_owned()), Just("CALENDAR_YEAR".to_owned()), Just("toLabel".to_owned()), other]
        .prop_map(|name| Function::named(FieldName::new(name).unwrap()))
}

pub(crate) fn operand() -> impl Strategy<Value = Operand> {
    path().prop_map(Operand::Field).prop_recursive(3, 3, 1, |inner| {
        (function(), inner)
            .prop_map(|(function, argument)| Operand::Call { function, argument: Some(Box::new(argument)) })
    })
}

fn distance() -> impl Strategy<Value = Operand> {
    let unit = prop::sample::select(vec![DistanceUnit::Miles, DistanceUnit::Kilometers]);
    (path(), number(), number(), unit).prop_map(|(l, lat, lon, unit)| Distance::new(l, lat, lon, unit).into())
}

fn operand_or_distance() -> impl Strategy<Value = Operand> {
    prop_oneof![6 => operand().boxed(), 1 => distance().boxed()]
}

/// Text of every kind of character that has a meaning somewhere.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec![
        '\'', '\\', '"', '%', '_', '\n', '\r', '\t', '\u{8}', '\u{c}', '\0', '\u{7f}', '\u{85}', '\u{2028}',
        '😀', 'ä', 'n', 'u', '0', ' ', ';', ')', '-', '/', '*', ':', ',',
    ]);
    prop::collection::vec(prop_oneof![3 => special, 1 => any::<char>()], 0..12).prop_map(String::from_iter)
}

fn number() -> impl Strategy<Value = Number> {
    let usual = "-?(0|[1-9][0-9]{0,15})(\\.[0-9]{1,4})?(E-?[0-9])?";
    // Up to a hundred digits, the point counted with them.
    let long = "-?([1-9][0-9]{96,99}|0\\.[0-9]{95,98}|[1-9]E9[0-9])";
    prop_oneof![20 => usual, 1 => long].prop_map(|n| n.parse().ok().unwrap())
}

fn unit() -> impl Strategy<Value = DateUnit> {
    prop::sample::select(vec![
        DateUnit::Day,
        DateUnit::Week,
        DateUnit::Month,
        DateUnit::Quarter,
        DateUnit::Year,
        DateUnit::FiscalQuarter,
        DateUnit::FiscalYear,
    ])
}

fn date_literal() -> impl Strategy<Value = DateLiteral> {
    prop_oneof![
        unit().prop_map(DateLiteral::Last),
        unit().prop_map(DateLiteral::This),
        unit().prop_map(DateLiteral::Next),
        Just(DateLiteral::Last90Days),
        Just(DateLiteral::Next90Days),
        (unit(), any::<u32>()).prop_map(|(u, n)| DateLiteral::LastN(u, n)),
        (unit(), any::<u32>()).prop_map(|(u, n)| DateLiteral::NextN(u, n)),
        (unit(), any::<u32>()).prop_map(|(u, n)| DateLiteral::NAgo(u, n)),
    ]
}

fn literal() -> impl Strategy<Value = Literal> {
    let first = Timestamp::from_millis(-8_520_336_000_000).unwrap();
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        number().prop_map(Literal::Number),
        text().prop_map(Literal::Text),
        text().prop_map(Literal::Text),
        (0..840_000u64).prop_map(move |d| Literal::Date(first.utc().date_naive() + chrono::Days::new(d))),
        (-8_520_336_000_000i64..64_092_211_200_000)
            .prop_map(|ms| Literal::DateTime(Timestamp::from_millis(ms).unwrap())),
        (0..86_400u32, 0..1_000_000_000u32).prop_map(|(s, ns)| Literal::from(
            chrono::NaiveTime::from_num_seconds_from_midnight_opt(s, ns).unwrap()
        )),
        date_literal().prop_map(Literal::DateLiteral),
        ("[A-Z]{3}", "[1-9][0-9]{0,8}(\\.[0-9]{1,2})?").prop_map(|(code, amount)| Literal::Currency {
            code: CurrencyCode::new(&code).unwrap(),
            amount: amount.parse().ok().unwrap()
        }),
    ]
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let part = prop_oneof![2 => text().prop_map(PatternPart::Text), 1 => Just(PatternPart::Any), 1 => Just(PatternPart::One)];
    prop::collection::vec(part, 0..5).prop_map(|parts| {
        parts.into_iter().fold(Pattern::default(), |pattern, part| match part {
            PatternPart::Text(text) => pattern.text(text),
            PatternPart::Any => pattern.any(),
            PatternPart::One => pattern.one(),
        })
    })
}

fn comparison() -> impl Strategy<Value = Condition> {
    let op = || prop::sample::select(vec![Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge]);
    prop_oneof![
        6 => (operand(), op(), literal()).prop_map(|(left, op, right)| Condition::Compare { left, op, right }),
        1 => (distance(), op(), number()).prop_map(|(left, op, right)| Condition::Compare {
            left,
            op,
            right: right.into()
        }),
        6 => (operand(), pattern()).prop_map(|(left, pattern)| Condition::Compare {
            left,
            op: Op::Like,
            right: Literal::Pattern(pattern)
        }),
        6 => (operand(), any::<bool>(), prop::collection::vec(literal(), 1..5))
            .prop_map(|(left, not, list)| Condition::In { left, not, list }),
        6 => (operand(), any::<bool>(), prop::collection::vec(text().prop_map(Literal::Text), 1..3))
            .prop_map(|(left, not, sets)| Condition::Includes { left, not, sets }),
    ]
}

fn semi_join(filter: BoxedStrategy<Condition>) -> impl Strategy<Value = Condition> {
    (operand(), any::<bool>(), operand(), object(), identifier(), identifier(), prop::option::of(filter))
        .prop_map(|(left, not, item, from, alias, scope, filter)| {
            let mut query = Statement::new(from);
            query.items = vec![Item::from(item)];
            (query.alias, query.scope, query.filter) = (alias, scope, filter);
            Condition::InQuery { left, not, query: Box::new(query) }
        })
}

/// In the builder's form.
pub(crate) fn condition() -> impl Strategy<Value = Condition> {
    comparison().boxed().prop_recursive(4, 20, 4, |inner| {
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 1..4).prop_map(all),
            3 => prop::collection::vec(inner.clone(), 1..4).prop_map(sf_soql::any),
            2 => inner.clone().prop_map(|c| !c),
            1 => semi_join(inner.boxed()),
        ]
    })
}

fn order() -> impl Strategy<Value = Order> {
    (operand_or_distance(), any::<bool>(), any::<bool>()).prop_map(|(by, descending, nulls_last)| {
        let order = Order::new(by);
        let order = if descending { order.descending() } else { order };
        if nulls_last { order.nulls_last() } else { order }
    })
}

fn type_of() -> impl Strategy<Value = Item> {
    let fields = || prop::collection::vec(path(), 1..3);
    let branches = prop::collection::vec((object(), fields()), 1..3);
    (path(), branches, prop::collection::vec(path(), 0..3), identifier()).prop_map(
        |(relationship, branches, otherwise, alias)| {
            let mut branches = branches.into_iter().map(|(object, fields)| TypeOfBranch { object, fields });
            let first = branches.next().unwrap();
            let mut t = TypeOf::new(relationship, first.object, first.fields);
            t.branches.extend(branches);
            (t.otherwise, t.alias) = (otherwise, alias);
            Item::TypeOf(t)
        },
    )
}

fn item() -> BoxedStrategy<Item> {
    prop_oneof![
        6 => (operand_or_distance(), identifier()).prop_map(|(value, alias)| Item::Value { value, alias }),
        1 => prop::sample::select(vec![FieldSet::All, FieldSet::Custom, FieldSet::Standard]).prop_map(Item::Fields),
        1 => prop_oneof![word(), Just("ALL".to_owned()), Just("custom".to_owned())]
            .prop_map(|w| Item::Fields(FieldSet::Other(Identifier::new(w).unwrap()))),
        1 => type_of(),
    ]
    .boxed()
}

fn of_items(items: impl Strategy<Value = Vec<Item>>) -> impl Strategy<Value = Statement> {
    let group = (0..4, prop::collection::vec(operand(), 1..3)).prop_map(|(kind, values)| match kind {
        0 => Some(GroupBy::Values(values)),
        1 => Some(GroupBy::Rollup(values)),
        2 => Some(GroupBy::Cube(values)),
        _ => None,
    });
    let purposes = prop::sample::select(vec![vec![], vec![], vec![For::View], vec![For::Reference]]);
    let update = prop::collection::vec(
        prop::sample::select(vec![UsageStatistics::Tracking, UsageStatistics::Viewstat]),
        0..3,
    );
    // `FOR UPDATE TRACKING` is an alias and a clause.
    let alias = prop_oneof![9 => identifier(), 1 => Just(Identifier::new("For").ok())];
    let from = (object(), prop::option::weighted(0.1, path()), alias, path_aliases());
    let head = (items, from, identifier(), prop::option::of(condition()), with());
    let middle = (group, prop::option::of(condition()), prop::collection::vec(order(), 0..3));
    let rows = || prop::option::of(any::<i64>().prop_map(RowCount::Rows));
    let tail = (rows(), rows(), purposes, update);
    (head, middle, tail).prop_map(|(head, middle, tail)| {
        let (items, (from, from_parent, alias, path_aliases), scope, filter, with) = head;
        let (group, having, order) = middle;
        let mut s = Statement::new(from);
        s.having = having.filter(|_| group.is_some());
        (s.items, s.alias, s.scope, s.filter, s.with) = (items, alias, scope, filter, with);
        (s.from_parent, s.path_aliases) = (from_parent, path_aliases);
        (s.group, s.order) = (group, order);
        (s.limit, s.offset, s.purposes, s.update) = tail;
        s
    })
}

fn path_aliases() -> impl Strategy<Value = Vec<PathAlias>> {
    let one = (path(), identifier()).prop_map(|(path, alias)| PathAlias { path, alias });
    prop_oneof![5 => Just(Vec::new()), 1 => prop::collection::vec(one, 1..3)]
}

fn with() -> impl Strategy<Value = Option<With>> {
    let selector = prop::sample::select(vec![
        CategorySelector::At,
        CategorySelector::Above,
        CategorySelector::Below,
        CategorySelector::AboveOrBelow,
    ]);
    let category = (object(), selector, prop::collection::vec(object(), 1..3))
        .prop_map(|(group, selector, categories)| CategoryFilter { group, selector, categories });
    let access = vec![Access::SecurityEnforced, Access::UserMode, Access::SystemMode];
    prop_oneof![
        4 => Just(None),
        1 => prop::sample::select(access).prop_map(|a| Some(a.into())),
        1 => (word(), text()).prop_map(|(name, value)| Some(With::Filter {
            name: Identifier::new(name).unwrap(),
            value: Literal::Text(value),
        })),
        1 => prop::collection::vec(category, 1..3).prop_map(|c| Some(With::DataCategory(c))),
    ]
}

fn children(query: BoxedStrategy<Statement>) -> BoxedStrategy<Item> {
    (query, identifier()).prop_map(|(query, alias)| Item::Children { query: Box::new(query), alias }).boxed()
}

/// In the builder's form, with subqueries two deep.
pub(crate) fn statement() -> impl Strategy<Value = Statement> {
    let items =
        |child: BoxedStrategy<Item>| prop::collection::vec(prop_oneof![5 => item(), 1 => child], 1..4);
    let leaf = of_items(prop::collection::vec(item(), 1..3)).boxed();
    let middle = of_items(items(children(leaf))).boxed();
    let count = Just(vec![Item::Value {
        value: Operand::Call { function: Function::Count, argument: None },
        alias: None,
    }]);
    prop_oneof![9 => of_items(items(children(middle))), 1 => of_items(count)]
}

/// The same number of parentheses around a comparison as that, in each of the ways to nest.
pub(crate) fn nested(levels: usize, kinds: &[u8]) -> Condition {
    let last = Condition::Compare { left: sf_core::field!("A").into(), op: Op::Eq, right: 1.into() };
    (0..levels).fold(last.clone(), |inner, level| match kinds[level % kinds.len()] % 4 {
        0 => Condition::Not(Box::new(inner)).normalized(),
        1 => all([inner, last.clone()]),
        2 => sf_soql::any([last.clone(), inner]),
        _ => {
            let mut query = Statement::new(sf_core::object!("B"));
            query.items = vec![Item::from(sf_core::field!("Id"))];
            query.filter = Some(inner);
            Condition::InQuery { left: sf_core::field!("C").into(), not: false, query: Box::new(query) }
        }
    })
}

/// What stands behind a colon in Apex.
pub(crate) fn expression() -> impl Strategy<Value = String> {
    let name = word();
    name.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            (inner.clone(), word()).prop_map(|(e, name)| format!("{e}.{name}")),
            (inner.clone(), inner.clone()).prop_map(|(e, index)| format!("{e}[{index}]")),
            (word(), prop::collection::vec(inner, 0..3)).prop_map(|(f, a)| format!("{f}({})", a.join(", "))),
            (word(), "[a-z(\\[\\]) ,/*-]{0,9}").prop_map(|(f, text)| format!("{f}('{text}', 1 / 2)")),
        ]
    })
}

/// A statement with the forms of Apex.
pub(crate) fn of_apex() -> impl Strategy<Value = Statement> {
    let purposes =
        prop::collection::vec(prop::sample::select(vec![For::View, For::Reference, For::Update]), 0..3);
    let rows = || prop::option::of(expression().prop_map(RowCount::Parameter));
    let values = (operand(), expression(), expression(), any::<bool>());
    (statement(), values, rows(), rows(), purposes, any::<bool>()).prop_map(
        |(mut s, (left, one, list, not), limit, offset, purposes, all_rows)| {
            let equal =
                Condition::Compare { left: left.clone(), op: Op::Eq, right: Literal::Parameter(one.clone()) };
            let listed =
                Condition::In { left: left.clone(), not, list: vec![1.into(), Literal::Parameter(one)] };
            s.filter = Some(all([equal, listed, Condition::InParameter { left, not, name: list }]));
            (s.limit, s.offset, s.purposes, s.all_rows) = (limit, offset, purposes, all_rows);
            s
        },
    )
}
