//! Queries that can be built and are not sent.

use sf_core::{FieldName, ObjectName, Timestamp, field, object};
use sf_soql::{
    CurrencyCode, Distance, DistanceUnit, For, Function, GroupBy, Item, Literal, Operand, PathAlias, Pattern,
    Statement, UsageStatistics, functions, prelude::*,
};

fn account() -> Query {
    Query::from(object!("Account")).select([field!("Id")])
}

fn messages(query: Query) -> Vec<String> {
    let problems = query.to_soql().unwrap_err();
    assert!(problems.iter().all(|p| !p.explanation.is_empty()), "{problems}");
    // What stands in its place is never legal, so that it cannot be sent by mistake.
    problems.iter().map(|p| p.message.clone()).collect()
}

fn message(condition: Condition) -> String {
    assert!(Condition::parse(&condition.to_string()).is_err(), "{condition} can be read");
    messages(account().filter(condition)).join(" + ")
}

#[test]
fn values_and_conditions() {
    let none: [&str; 0] = [];
    assert_eq!(message(field!("A").is_in(none)), "the list of IN is empty");
    assert_eq!(message(field!("A").not_in(none)), "the list of IN is empty");
    assert_eq!(message(field!("A").includes(none)), "the list of INCLUDES is empty");
    assert_eq!(message(all([])), "a group of conditions is empty");
    assert_eq!(message(any([])), "a group of conditions is empty");
    assert_eq!(message(all([any([]), field!("A").eq(1)])), "a group of conditions is empty");
    assert_eq!(message(!any([any([])])), "a group of conditions is empty");
    assert_eq!(message(field!("A").eq(Literal::Parameter("x".into()))), "the parameter :x has no value");
    assert_eq!(message(field!("A").eq(Pattern::exact("x"))), "a pattern stands only after LIKE");
    assert_eq!(message(field!("A").is_in([Pattern::exact("x")])), "a pattern stands only after LIKE");
    let date = |y| chrono::NaiveDate::from_ymd_opt(y, 1, 1).unwrap();
    assert_eq!(message(field!("A").eq(date(1699))), "1699-01-01 is no date of Salesforce");
    assert_eq!(message(field!("A").eq(date(-5))), "-0005-01-01 is no date of Salesforce");
    let late = Timestamp::from(date(4001).and_hms_opt(0, 0, 0).unwrap().and_utc());
    assert_eq!(message(field!("A").eq(late)), "4001-01-01 is no date of Salesforce");
    let negative = Literal::Currency { code: CurrencyCode::new("usd").unwrap(), amount: (-5).into() };
    assert_eq!(message(field!("A").eq(negative)), "USD-5 is negative");
    let huge: sf_core::Number = "1E300".parse().ok().unwrap();
    assert_eq!(message(field!("A").eq(huge)), "the number 1E300 is too long to write");
    assert!(message(field!("A").eq("x".repeat(4001))).contains("4001 characters"));
    assert!(message(field!("A").contains("x".repeat(4000))).contains("4002 characters"));
    for fits in ["x".repeat(4000), "ä".repeat(4000), "😀".repeat(2000)] {
        assert!(field!("A").eq(fits.as_str()).to_soql().is_ok());
        assert!(field!("A").like(Pattern::exact(fits)).to_soql().is_ok());
    }
    assert!(message(field!("A").eq("😀".repeat(2001))).contains("4002 characters"));
    assert_eq!(message(field!("Limit").eq(1)), "`Limit` is a reserved word of SOQL");
    let deep = (0..200).fold(field!("A").eq(1), |c, _| !c);
    assert_eq!(message(deep), "the statement is nested too deeply");
}

#[test]
fn statements() {
    assert_eq!(messages(Query::from(object!("Account"))), ["nothing is selected"]);
    assert_eq!(messages(account().having(field!("A").eq(1))), ["HAVING without GROUP BY"]);
    assert_eq!(messages(account().count().select([field!("Id")])), ["COUNT() with other fields"]);
    assert_eq!(
        messages(account().select_as(field!("Name"), "first")),
        ["`first` is a reserved word of SOQL"]
    );
    let attack = account().select_as(field!("Name"), "x FROM B WHERE");
    assert!(Query::parse(&attack.to_string()).is_err());
    assert_eq!(messages(attack), ["`x FROM B WHERE` is not a name"]);
    let inner = Query::from(object!("B")).select([field!("C")]).select_as(field!("D"), "limit");
    assert!(message(field!("Id").in_query(inner)).contains("`limit` is a reserved word of SOQL"));
    let from = ObjectName::new("Where").unwrap();
    assert_eq!(messages(Query::from(from).select([field!("Id")])), ["`Where` is a reserved word of SOQL"]);
    for name in ["FIELDS", "Rollup", "cube", "DISTANCE"] {
        let call = functions::function(FieldName::new(name).unwrap(), field!("A"));
        assert_eq!(
            messages(account().group_by([call])),
            [format!("{name} is not a function of one argument")]
        );
    }
    let bare = Operand::Call { function: Function::Sum, argument: None };
    assert_eq!(messages(account().select([bare])), ["SUM() has no argument here"]);
    let mut s = Statement::new(object!("A"));
    s.items = vec![Item::from(field!("Id"))];
    s.group = Some(GroupBy::Rollup(Vec::new()));
    assert_eq!(messages(s.into()), ["GROUP BY of nothing"]);
    let many = field!("Id").is_in((0..6_000).map(|n| format!("{n:018}")));
    assert!(messages(account().filter(many))[0].starts_with("the statement has 1"));
}

#[test]
fn semi_joins() {
    let inner = || Query::from(object!("Contact")).select([field!("AccountId")]);
    let one = |q: Query| message(field!("Id").in_query(q));
    assert_eq!(field!("Id").not_in_query(inner()).to_string(), "Id NOT IN (SELECT AccountId FROM Contact)");
    assert_eq!(one(inner().select([field!("Id")])), "a subquery of IN selects one field");
    assert_eq!(one(inner().limit(1)), "a subquery of IN has only FROM, USING SCOPE and WHERE");
    assert_eq!(one(inner().order_by(field!("Id"))), "a subquery of IN has only FROM, USING SCOPE and WHERE");
    assert_eq!(one(Query::from(object!("Contact")).count()), "a subquery of IN selects one field");
    let of = |change: fn(&mut Statement)| {
        let mut inner = inner().into_statement();
        change(&mut inner);
        one(inner.into())
    };
    let more = "a subquery of IN has only FROM, USING SCOPE and WHERE";
    assert_eq!(of(|s| s.offset = Some(1.into())), more);
    assert_eq!(of(|s| s.purposes = vec![For::View]), more);
    assert_eq!(of(|s| s.update = vec![UsageStatistics::Viewstat]), more);
    assert!(of(|s| s.all_rows = true).starts_with(more));
    let from = "FROM in a subquery of IN names more than an object";
    assert_eq!(of(|s| s.from_parent = Some(sf_core::path!("B"))), from);
    let alias = |s: &mut Statement| {
        s.path_aliases = vec![PathAlias { path: sf_core::path!("Contact.Account"), alias: None }];
    };
    assert_eq!(of(alias), from);
}

#[test]
fn a_distance_is_compared_with_a_number_only() {
    let near = || Distance::new(sf_core::path!("Loc__c"), 1, 2, DistanceUnit::Miles);
    for c in [
        near().contains("x"),
        near().is_in([1]),
        near().is_null(),
        near().includes(["x"]),
        near().lt("x"),
        near().in_query(account()),
    ] {
        assert_eq!(message(c), "a distance is compared with something that is no number");
    }
    assert!(near().le(5).to_soql().is_ok(), "the org decides about operators");
}

#[test]
fn all_problems_come_at_once() {
    let none: [&str; 0] = [];
    let children = Query::from(object!("Contacts")).filter(field!("A").is_in(none));
    let query = account().with(children).filter(any([])).having(field!("A").eq(1));
    assert_eq!(
        messages(query),
        [
            "nothing is selected",
            "the list of IN is empty",
            "a group of conditions is empty",
            "HAVING without GROUP BY"
        ]
    );
}

#[test]
fn problems_of_a_built_statement_have_their_place_in_its_text() {
    let none: [&str; 0] = [];
    let problems =
        account().filter(field!("A").is_in(none)).select_as(field!("B"), "first").to_soql().unwrap_err();
    assert_eq!(
        problems.pretty(),
        "\
1:14: `first` is a reserved word of SOQL
  | SELECT Id, B <name> FROM Account WHERE A IN (<empty list>)
  |              ^^^^^^
  = it cannot be a name or an alias
1:46: the list of IN is empty
  | SELECT Id, B <name> FROM Account WHERE A IN (<empty list>)
  |                                              ^^^^^^^^^^^^
  = say `Condition::Never` when nothing should match, or leave the condition out
"
    );
}
