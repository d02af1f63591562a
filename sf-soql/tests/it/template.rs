//! Templates.

use sf_core::{Describe, FieldDescribe, field, object};
use sf_soql::{Condition, ConditionTemplate, Literal, Pattern, Problems, Query, Template};

/// The column and the words of every problem; 0 without a place.
fn problems<T: std::fmt::Debug>(bound: Result<T, Problems>) -> Vec<(u32, String)> {
    let place = |p: &sf_soql::Problem| p.span.map_or(0, |span| span.column);
    bound.unwrap_err().iter().map(|p| (place(p), p.message.clone())).collect()
}

const TEXT: &str = "SELECT Id, (SELECT Id FROM Contacts WHERE Email = :mail) FROM Account \
                    WHERE Name LIKE :name AND (Id IN :ids OR (NOT Type IN ('x', :mail, :ids))) \
                    AND Id IN (SELECT AccountId FROM Contact WHERE Email = :mail)";

#[test]
fn parameters_stand_where_values_stand() {
    let template = Template::parse(TEXT).unwrap();
    assert_eq!(template.parameters().collect::<Vec<_>>(), ["mail", "name", "ids"]);
    let query = template
        .bind("mail", "a@b")
        .bind("name", Pattern::starts_with("50%"))
        .bind_list("ids", ["1", "2"])
        .query()
        .unwrap();
    assert_eq!(
        query.to_string(),
        r"SELECT Id, (SELECT Id FROM Contacts WHERE Email = 'a@b') FROM Account WHERE Name LIKE '50\%%' AND (Id IN ('1', '2') OR (NOT Type IN ('x', 'a@b', '1', '2'))) AND Id IN (SELECT AccountId FROM Contact WHERE Email = 'a@b')"
    );
    for wrong in [
        "SELECT :x FROM A",
        "SELECT Id FROM :x",
        "SELECT Id FROM A WHERE :x = 1",
        "SELECT Id FROM A LIMIT :5",
        "SELECT Id FROM A WHERE a IN :b.c",
        "SELECT Id FROM A WHERE a IN :f(x)",
    ] {
        assert!(Template::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn text_after_like_means_itself() {
    let template = Template::parse("SELECT Id FROM A WHERE Name LIKE :name").unwrap();
    let query = template.bind("name", "100%_").query().unwrap();
    assert_eq!(query.to_string(), r"SELECT Id FROM A WHERE Name LIKE '100\%\_'");
    // The tree is the one that its text is read back as.
    for value in ["100%_", "", "\\%'"] {
        let query = template.bind("name", value).query().unwrap();
        assert_eq!(Query::parse(query.to_soql().unwrap().as_str()).unwrap(), query);
    }
}

#[test]
fn missing_extra_double_and_misshapen_values_are_all_told_with_their_places() {
    let text =
        "SELECT Id FROM A WHERE a = :a AND b = :b AND c IN  :c AND d NOT IN :d AND e IN (1, :f)\nLIMIT :n";
    let template = Template::parse(text).unwrap();
    let none: [&str; 0] = [];
    let query = template.bind("a", 1).bind("a", 2).bind_list("b", ["x"]).bind_list("c", none).bind("e", 1);
    let problems = problems(query.bind("n", "x").query());
    let found: Vec<(u32, &str)> =
        problems.iter().map(|(column, message)| (*column, message.as_str())).collect();
    assert_eq!(
        found,
        [
            (0, "there is no parameter :e"),
            (28, "the parameter :a is bound twice"),
            (39, "a list is bound to :b, which is one value"),
            (52, "the list for :c is empty"),
            (68, "the parameter :d has no value"),
            (84, "the parameter :f has no value"),
            (7, "what is bound to :n is no number of rows"),
        ]
    );
    let pretty = template.binding().query().unwrap_err().pretty();
    assert!(pretty.contains("\n  | LIMIT :n\n  |       ^^\n"), "{pretty}");
    assert_eq!(template.binding().query().unwrap_err().iter().count(), 6);
}

#[test]
fn each_use_of_a_parameter_has_its_own_place() {
    let template = Template::parse("SELECT Id FROM A WHERE a IN :x AND b = :x AND c = : x").unwrap();
    let problems = problems(template.bind_list("x", [1, 2]).query());
    let message = "a list is bound to :x, which is one value".to_owned();
    assert_eq!(problems, [(40, message.clone()), (51, message)]);
    assert_eq!(template.parameters().collect::<Vec<_>>(), ["x"]);
}

#[test]
fn a_template_without_parameters_is_a_statement() {
    let template = Template::parse("SELECT Id FROM A WHERE a = ':b'").unwrap();
    assert_eq!(template.parameters().count(), 0);
    assert_eq!(template.binding().query().unwrap().to_string(), "SELECT Id FROM A WHERE a = ':b'");
    let wrong = template.bind("b", 1).query().unwrap_err();
    assert_eq!(wrong.to_string(), "there is no parameter :b. it has none");
}

#[test]
fn conditions_have_parameters_too() {
    let template = ConditionTemplate::parse(
        "OwnerId = :user OR (Name LIKE :name AND Id IN (SELECT AccountId FROM Contact WHERE Email IN :mails))",
    )
    .unwrap();
    assert_eq!(template.parameters().collect::<Vec<_>>(), ["user", "name", "mails"]);
    let bound = template
        .bind("user", "' OR Id != null OR Name = '")
        .bind("name", "50%")
        .bind_list("mails", ["a", "b"]);
    assert_eq!(
        bound.condition().unwrap().to_soql().unwrap(),
        r"OwnerId = '\' OR Id != null OR Name = \'' OR (Name LIKE '50\%' AND Id IN (SELECT AccountId FROM Contact WHERE Email IN ('a', 'b')))"
    );
    assert_eq!(
        problems(template.bind("user", 1).bind("usr", 1).condition()),
        [
            (0, "there is no parameter :usr".to_owned()),
            (31, "the parameter :name has no value".to_owned()),
            (93, "the parameter :mails has no value".to_owned()),
        ]
    );
    for more_than_a_condition in [
        "a = :a LIMIT :n",
        "a = :a; b = 1",
        "a = :a) OR (b = 1",
        "SELECT Id FROM A",
        "",
        "a = :a -- x",
        "a = :f(x)",
        ":a = 1",
    ] {
        assert!(ConditionTemplate::parse(more_than_a_condition).is_err(), "{more_than_a_condition}");
    }
    let plain = ConditionTemplate::parse("a = 1").unwrap();
    assert_eq!(plain.binding().condition().unwrap(), Condition::parse("a = 1").unwrap());
}

#[test]
fn a_condition_with_parameters_is_checked_before_it_is_bound() {
    let mut owner = FieldDescribe::new(field!("OwnerId"), "reference");
    owner.filterable = true;
    let schema = Describe::new(object!("Account"), [owner]);
    let check = |text| ConditionTemplate::parse(text).unwrap().check(&object!("Account"), &schema);
    assert!(check("OwnerId = :user OR OwnerId IN :users").is_ok());
    let wrong = check("OwnerId = :user OR OwnrId IN :users").unwrap_err();
    assert!(wrong.to_string().starts_with("1:20: No such column 'OwnrId' on entity 'Account'"), "{wrong}");
}

#[test]
fn a_parameter_is_not_read_outside_of_a_template() {
    assert!(sf_soql::Query::parse("SELECT Id FROM A WHERE a = :a").is_err());
    assert!(sf_soql::Condition::parse("a IN :a").is_err());
}

#[test]
fn counts_places_and_whole_lists_are_bound_by_type() {
    let template = Template::parse(
        "SELECT Id FROM A WHERE DISTANCE(l, GEOLOCATION(:lat, :lon), 'mi') < :far AND b NOT IN :bs WITH c = :c \
         ORDER BY DISTANCE(l, GEOLOCATION(:lat, :lon), 'mi') LIMIT :n OFFSET :from",
    )
    .unwrap();
    assert_eq!(template.parameters().collect::<Vec<_>>(), ["lat", "lon", "far", "bs", "c", "n", "from"]);
    let bound = |n: Literal| {
        let number = |text: &str| text.parse::<sf_core::Number>().unwrap();
        let binding =
            template.bind("lat", number("1.5")).bind("lon", number("-2")).bind("far", 20).bind("c", "x'");
        binding.bind_list("bs", ["1", "2"]).bind("from", 5).bind("n", n).query()
    };
    assert_eq!(
        bound(10.into()).unwrap().to_soql().unwrap().as_str(),
        r"SELECT Id FROM A WHERE DISTANCE(l, GEOLOCATION(1.5, -2), 'mi') < 20 AND b NOT IN ('1', '2') WITH c = 'x\'' ORDER BY DISTANCE(l, GEOLOCATION(1.5, -2), 'mi') LIMIT 10 OFFSET 5"
    );
    for wrong in [Literal::from(-1), "10".into(), Literal::Null] {
        assert_eq!(problems(bound(wrong)), [(161, "what is bound to :n is no number of rows".to_owned())]);
    }
    let north = template.bind("lat", "north").bind("lon", 1).bind("far", 1).bind_list("bs", ["1"]);
    let message = "what is bound to :lat is no number of degrees".to_owned();
    let problems = problems(north.bind("c", "x").bind("n", 1).bind("from", 1).query());
    assert_eq!(problems, [(48, message.clone()), (136, message)]);
}

/// Whatever stands right of it.
#[test]
fn a_place_left_of_an_operator_has_parameters() {
    for text in [
        "SELECT DISTANCE(l, GEOLOCATION(:lat, :lon), 'km') FROM A WHERE b IN :far",
        "SELECT Id FROM A WHERE DISTANCE(l, GEOLOCATION(:lat, :lon), 'km') < :far",
        "SELECT Id FROM A WHERE (NOT DISTANCE(l, GEOLOCATION(:lat, :lon), 'km') < 5) AND b IN (1, :far)",
        "SELECT Id FROM A WHERE a = 1 GROUP BY b HAVING DISTANCE(l, GEOLOCATION(:lat, :lon), 'km') > :far",
        "SELECT (SELECT Id FROM B ORDER BY DISTANCE(l, GEOLOCATION(:lat, :lon), 'km')) FROM A LIMIT :far",
    ] {
        let template = Template::parse(text).unwrap_or_else(|e| panic!("{}", e.pretty()));
        assert_eq!(template.parameters().collect::<Vec<_>>(), ["lat", "lon", "far"], "{text}");
        let query = template.bind("lat", 1).bind("lon", 2).bind("far", 3).query().unwrap();
        let expected =
            text.replace(":lat", "1").replace(":lon", "2").replace("IN :far", "IN (3)").replace(":far", "3");
        assert_eq!(query, Query::parse(&expected).unwrap());
    }
}

#[test]
fn templates_are_stored_as_the_text_that_was_read() {
    let text = "select Id from A where b = :c";
    let template: Template = text.parse().unwrap();
    assert_eq!(template.to_string(), text);
    assert_eq!(serde_json::to_string(&template).unwrap(), format!("{text:?}"));
    let again: Template = serde_json::from_str(&format!("{text:?}")).unwrap();
    assert_eq!(again.parameters().collect::<Vec<_>>(), ["c"]);
    assert!("select Id from A where b = :c(".parse::<Template>().is_err());

    let text = "b  =  :c";
    let template: ConditionTemplate = text.parse().unwrap();
    assert_eq!(template.to_string(), text);
    assert_eq!(serde_json::to_string(&template).unwrap(), format!("{text:?}"));
    assert!(serde_json::from_str::<ConditionTemplate>("\"b = :c LIMIT 1\"").is_err());
}

#[test]
fn many_parameters_take_time_that_grows_with_them() {
    let start = crate::work::Work::start();
    let n = 11_000;
    let list: Vec<String> = (0..n).map(|i| format!(":p{i}")).collect();
    let template = Template::parse(&format!("SELECT Id FROM A WHERE b IN ({})", list.join(","))).unwrap();
    assert_eq!(template.parameters().count(), n);
    let bound = (0..n).fold(template.binding(), |binding, i| binding.bind(&format!("p{i}"), 1));
    assert!(bound.clone().query().is_ok());
    // As many problems, whose texts stay short.
    let wrong = (0..n).fold(bound, |binding, i| binding.bind(&format!("q{i}"), 1)).query().unwrap_err();
    assert_eq!(wrong.iter().count(), n);
    assert!(wrong.iter().all(|problem| problem.explanation.len() < 200));
    assert!(start.time() < std::time::Duration::from_secs(10), "{:?}", start.time());
}
