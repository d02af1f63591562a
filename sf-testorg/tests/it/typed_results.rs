//! Groups built with sf-soql and read by its names, over the wire's own text.
use crate::given::Given;
use sf_core::{FieldName, Number, Record, models::Opportunity, object};
use sf_soql::{functions::*, prelude::*};

fn rows(given: &Given, query: &Query) -> Vec<Record> {
    let (status, body) = given.query(query.to_soql().unwrap().as_str());
    assert_eq!(status, 200, "{query}: {body}");
    serde_json::from_str(&body["records"].to_string()).unwrap()
}

#[test]
fn given_groups_when_read_by_name_then_the_values_have_their_types() {
    let given = Given::empty();
    let acme = given.account("Acme");
    for (name, stage, amount) in
        [("a", "Prospecting", 100), ("b", "Prospecting", 10_000_000), ("c", "Closed Won", 7)]
    {
        let id = given.opportunity(&acme, name, stage);
        let (status, body) =
            given.patch(&format!("/sobjects/Opportunity/{id}"), serde_json::json!({ "Amount": amount }));
        assert_eq!(status, 204, "{body}");
    }
    let stage = Opportunity::STAGE_NAME.named::<String>("stage");
    let deals = count(Opportunity::ID).named("deals");
    let total = sum(Opportunity::AMOUNT).named("total");
    let last = max(Opportunity::CLOSE_DATE).typed::<Option<chrono::NaiveDate>>().named("lastDate");
    let year = calendar_year(Opportunity::CLOSE_DATE).named("y");
    let query = Query::from(object!("Opportunity"))
        .select_one(&stage)
        .select_one(&deals)
        .select_one(&total)
        .select_one(&last)
        .select_one(&year)
        .group_by([&stage])
        .group_by([&year])
        .order_by(total.desc());
    let rows = rows(&given, &query);
    let read = |row: &Record| (stage.read(row).unwrap(), deals.read(row).unwrap(), total.read(row).unwrap());
    assert_eq!(
        rows.iter().map(read).collect::<Vec<_>>(),
        [
            ("Prospecting".to_owned(), 2, Some(Number::from(10_000_100))),
            ("Closed Won".to_owned(), 1, Some(Number::from(7))),
        ]
    );
    let day = last.read(&rows[0]).unwrap().unwrap();
    let year = year.read(&rows[0]).unwrap().unwrap();
    assert_eq!(day.format("%Y").to_string(), year.to_string());
    let other = sum(Opportunity::AMOUNT).named("sum");
    assert!(other.read(&rows[0]).unwrap_err().to_string().contains("has no `sum`"));
}

#[test]
fn given_no_rows_when_summed_then_the_one_row_has_no_sum_and_a_count_of_0() {
    let given = Given::empty();
    let (total, deals) = (sum(Opportunity::AMOUNT).named("total"), count(Opportunity::ID).named("deals"));
    let query = Query::from(object!("Opportunity")).select_one(&total).select_one(&deals);
    let rows = rows(&given, &query);
    assert_eq!(rows.len(), 1);
    assert_eq!((total.read(&rows[0]).unwrap(), deals.read(&rows[0]).unwrap()), (None, 0));
}

#[test]
fn given_values_without_name_when_queried_then_they_are_numbered_among_themselves() {
    let given = Given::empty();
    let deals = count(Opportunity::ID).named("deals");
    let query = Query::from(object!("Opportunity"))
        .select([max(Opportunity::AMOUNT)])
        .select_one(&deals)
        .select([min(Opportunity::AMOUNT)]);
    let rows = rows(&given, &query);
    // The JSON value of these tests sorts its keys.
    let names: Vec<&str> = rows[0].fields.names().map(FieldName::as_str).collect();
    assert_eq!(names, ["deals", "expr0", "expr1"]);
}
