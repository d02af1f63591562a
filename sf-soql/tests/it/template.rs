//! Templates.

use sf_soql::Literal;
use sf_soql::{Pattern, Template};

fn messages(query: Result<sf_soql::Query, sf_soql::Problems>) -> Vec<String> {
    query.unwrap_err().iter().map(|p| p.message.clone()).collect()
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
}

#[test]
fn missing_extra_double_and_misshapen_values_are_all_told() {
    let template =
        Template::parse("SELECT Id FROM A WHERE a = :a AND b = :b AND c IN :c AND d IN :d").unwrap();
    let none: [&str; 0] = [];
    let query =
        template.bind("a", 1).bind("a", 2).bind_list("b", ["x"]).bind_list("c", none).bind("e", 1).query();
    assert_eq!(
        messages(query),
        [
            "the parameter :a is bound twice",
            "the list for :c is empty",
            "there is no parameter :e",
            "the parameter :d has no value",
            "a list is bound to :b, which is one value",
        ]
    );
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
        let problems = bound(wrong).unwrap_err();
        assert_eq!(problems.iter().next().unwrap().message, "what is bound to :n is no number of rows");
    }
}
