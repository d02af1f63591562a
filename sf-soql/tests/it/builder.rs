//! What the builder is told is in the query or a problem of it, never lost.

use sf_core::{field, models::Account, object};
use sf_soql::{Access, CategoryFilter, FieldSet, Problems, Statement, UsageStatistics, prelude::*, type_of};

fn query() -> Query {
    Query::from(object!("Account")).select([field!("Id")])
}

fn messages<T: std::fmt::Debug>(refused: Result<T, Problems>) -> Vec<String> {
    refused.unwrap_err().iter().map(|p| p.message.clone()).collect()
}

fn schema() -> sf_core::Describe {
    let mut id = sf_core::FieldDescribe::new(field!("Id"), "id");
    id.filterable = true;
    sf_core::Describe::new(object!("Account"), [id])
}

/// Whichever way the query goes from here, its problem is told.
fn told(query: Query, message: &str) {
    assert_eq!(messages(query.to_soql()), [message]);
    assert_eq!(messages(query.to_pretty()), [message]);
    assert_eq!(messages(query.clone().into_statement().to_soql()), [message]);
    assert_eq!(messages(query.statement().to_apex()), [message]);
    assert!(messages(query.check(&schema())).contains(&message.to_owned()));
    assert_eq!(messages(query.split_in(&sf_soql::SplitBudget::default())), [message]);
    assert_eq!(messages(query.url_bytes()), [message]);
    assert!(query.to_string().ends_with(&format!(" <{message}>")), "{query}");
    assert!(Query::parse(&query.to_string()).is_err());
    let problems = query.to_soql().unwrap_err();
    let span = problems.iter().next().unwrap().span.unwrap();
    assert_eq!(&problems.statement()[span.start..span.end], format!("<{message}>"));
    let outer = || Query::from(object!("Contact")).select([field!("Id")]);
    assert!(messages(outer().with(query.clone()).to_soql()).contains(&message.to_owned()));
    assert!(
        messages(outer().filter(field!("Id").in_query(query.clone())).to_soql())
            .contains(&message.to_owned())
    );
    assert!(serde_json::to_string(query.statement()).is_err());
}

#[test]
fn two_withs_are_a_problem_and_the_security_is_not_dropped() {
    let message = "two WITH clauses";
    told(query().access(Access::UserMode).with_filter("Network", "x"), message);
    told(query().with_filter("Network", "x").access(Access::UserMode), message);
    told(query().access(Access::UserMode).access(Access::SystemMode), message);
    told(
        query().with_filter("Network", "x").with_filter("Network", "y").with_filter("Network", "z"),
        message,
    );
    let category = [CategoryFilter::at(object!("G__c"), [object!("C__c")])];
    told(query().access(Access::UserMode).data_category(category), message);
    let same = query().access(Access::UserMode).access(Access::UserMode);
    assert_eq!(same.to_string(), "SELECT Id FROM Account WITH USER_MODE");
    assert_eq!(same, query().access(Access::UserMode));
}

#[test]
fn groups_of_one_kind_are_added_and_kinds_are_not_mixed() {
    let message = "two kinds of GROUP BY";
    told(query().group_by_rollup([field!("A")]).group_by([field!("B")]), message);
    told(query().group_by([field!("A")]).group_by_rollup([field!("B")]), message);
    told(query().group_by_rollup([field!("A")]).group_by_cube([field!("B")]), message);
    let shows = |query: Query, rest: &str| {
        assert_eq!(query.to_string().strip_prefix("SELECT Id FROM Account GROUP BY "), Some(rest));
    };
    shows(query().group_by([field!("A")]).group_by([field!("B")]), "A, B");
    shows(query().group_by_rollup([field!("A")]).group_by_rollup([field!("B")]), "ROLLUP(A, B)");
    shows(query().group_by_cube([field!("A")]).group_by_cube([field!("B")]), "CUBE(A, B)");
}

#[test]
fn a_name_of_typeof_follows_end_and_fields_have_none() {
    let what = type_of(field!("What")).when(object!("Account"), [field!("Phone")]);
    assert_eq!(
        Query::from(object!("Event")).select_as(what, "w").to_soql().unwrap().as_str(),
        "SELECT TYPEOF What WHEN Account THEN Phone END w FROM Event"
    );
    for name in ["w", "w x y"] {
        told(Query::from(object!("Event")).select_as(FieldSet::Standard, name), "FIELDS() with a name");
    }
}

#[test]
fn count_stands_alone() {
    let contacts = || Query::from(object!("Contacts")).select([field!("Id")]);
    let with_others = "COUNT() with other fields";
    for query in
        [query().count(), query().count().count(), Query::from(object!("A")).with(contacts()).count()]
    {
        assert!(messages(query.to_soql()).iter().all(|message| message == with_others));
    }
    let children = Query::of::<Account>().with(contacts()).count();
    assert_eq!(children.to_string(), "SELECT (SELECT Id FROM Contacts), COUNT()<…> FROM Account");
    assert_eq!(messages(children.to_soql()), [with_others]);
    assert_eq!(Query::of::<Account>().count().to_string(), "SELECT COUNT() FROM Account");
    let count = || Query::from(object!("Account")).count();
    told(count().order_by(field!("Id")), "COUNT() with ORDER BY");
    told(Query::from(object!("Account")).order_by(field!("Id")).count(), "COUNT() with ORDER BY");
    // What Salesforce reads can be read and written; the check tells it.
    let read = Query::parse("SELECT COUNT() FROM Account ORDER BY Id").unwrap();
    assert!(read.to_soql().is_ok());
    assert!(messages(read.check(&schema())).contains(&"COUNT() with ORDER BY".to_owned()));
}

#[test]
fn options_of_update_are_added_once() {
    use UsageStatistics::{Tracking, Viewstat};
    let query = query().update([Tracking]).update([Viewstat, Tracking]);
    assert_eq!(query.to_string(), "SELECT Id FROM Account UPDATE TRACKING, VIEWSTAT");
}

#[test]
fn queries_are_made_of_text_and_of_trees() {
    let text = "SELECT Id FROM Account WHERE Name = 'x' LIMIT 5";
    let query: Query = text.parse().unwrap();
    assert_eq!(query, Query::parse(text).unwrap());
    let statement: Statement = text.parse().unwrap();
    assert_eq!(Query::of_statement(statement.clone()), query);
    assert!("SELECT Id".parse::<Query>().is_err());
    assert_eq!(query.to_pretty().unwrap(), "SELECT Id\nFROM Account\nWHERE Name = 'x'\nLIMIT 5");
    assert_eq!(serde_json::to_string(&statement).unwrap(), format!("{text:?}"));
    assert_eq!(serde_json::from_str::<Statement>(&format!("{text:?}")).unwrap(), statement);
    assert!(serde_json::from_str::<Statement>("\"SELECT Id\"").is_err());
    assert!(serde_json::to_string(&Statement::new(object!("Account"))).is_err());
}
