//! Rows of query jobs.
use super::org;
use sf_core::{BulkQueryJob, Delivery, ErrorKind, Field, Record, Soql, models::Account};
use sf_testorg::{Effect, Fault, On, TestOrg};
use std::collections::BTreeSet;

fn accounts(test: &TestOrg) -> BTreeSet<String> {
    test.rows(&sf_core::object!("Account")).iter().map(|row| row.id.unwrap().to_string()).collect()
}
fn ids(rows: &[Account]) -> BTreeSet<String> {
    rows.iter().filter_map(|row| row.id.value().map(ToString::to_string)).collect()
}
const ALL: &str = "SELECT Id, Name, NumberOfEmployees, AnnualRevenue, Phone, CreatedDate, Owner.Username, Parent.Name FROM Account";

/// Pain 24: more than one page of results ends the process.
/// Pain 25: `Sforce-Locator: null` leads round in circles.
#[test]
fn given_several_pages_when_queried_then_every_row_comes_once_and_typed() {
    for (parallel, rows) in [(1, 7), (1, 10_000), (5, 1), (3, 1)] {
        let test = TestOrg::builder().bulk_page_rows(7).build();
        let query = Soql::raw(ALL).typed::<Account>();
        let stream =
            org(&test).bulk_query(query).with_page_rows(rows).with_parallel_pages(parallel).with_removal();
        let rows = test.clock().run(stream.all()).unwrap();
        assert_eq!((rows.len(), ids(&rows)), (60, accounts(&test)), "{parallel}");
        for row in &rows {
            let own = test.row(*row.id.value().unwrap()).unwrap();
            assert_eq!(row.number_of_employees, own.get::<i64>("NumberOfEmployees").unwrap());
            assert_eq!(row.annual_revenue, own.get("AnnualRevenue").unwrap());
            assert_eq!(row.phone, own.get::<String>("Phone").unwrap());
            assert!(row.created_date.value().is_some() && row.website.is_absent());
            let owner: Field<Record> = row.extra.get("Owner").unwrap();
            assert!(owner.value().unwrap().get::<String>("Username").unwrap().value().is_some());
        }
        let removed = test.calls().iter().filter(|call| call.operation() == "bulk_query_delete").count();
        assert_eq!(removed, 1);
    }
}

#[test]
fn given_records_when_queried_then_cells_are_text_and_parents_are_rows() {
    let test = TestOrg::demo();
    let rows: Vec<Record> = test.clock().run(org(&test).bulk_query(Soql::raw(ALL)).all()).unwrap();
    assert_eq!(rows.len(), accounts(&test).len());
    assert!(rows.iter().all(|row| row.object.as_str() == "Account" && row.id.is_some()));
    assert!(rows.iter().all(|row| row.get::<String>("Owner.Username").unwrap().value().is_some()));
    assert!(rows.iter().any(|row| row.get::<String>("Parent.Name").unwrap() == Field::Null));
    let none = Soql::raw("SELECT Id FROM Account WHERE Name = 'nobody'");
    assert!(test.clock().run(org(&test).bulk_query(none).all()).unwrap().is_empty());
}

#[test]
fn given_any_lost_message_when_queried_then_every_row_comes_once() {
    for operation in ["bulk_query", "bulk_query_info", "bulk_query_results"] {
        for effect in [
            Effect::LoseRequest,
            Effect::LoseAnswer,
            Effect::TornBody,
            Effect::EndSession,
            Effect::Edge { status: 503, retry_after: None },
        ] {
            for parallel in [1, 4] {
                let test = TestOrg::builder().bulk_page_rows(20).build();
                let name = format!("{operation} {effect:?} {parallel}");
                // A second dead token for one request is told to the caller, as everywhere.
                if effect != Effect::EndSession {
                    test.inject(Fault::new(On::Operation(operation.into()), effect.clone()).skip(1).times(2));
                }
                test.inject(Fault::new(On::Operation(operation.into()), effect.clone()));
                let query = Soql::raw("SELECT Id FROM Account").typed::<Account>();
                let rows = test.clock().run(org(&test).bulk_query(query).with_parallel_pages(parallel).all());
                let rows = rows.unwrap_or_else(|error| panic!("{name}: {error:?}"));
                assert_eq!((rows.len(), ids(&rows)), (60, accounts(&test)), "{name}");
            }
        }
    }
}

/// Pain 64: what was begun cannot be found again.
#[test]
fn given_a_saved_job_when_resumed_then_it_reads_on_from_its_page() {
    let test = TestOrg::builder().bulk_page_rows(10).build();
    test.clock().run(async {
        let mut rows = org(&test).bulk_query(Soql::raw("SELECT Id FROM Account").typed::<Account>());
        let saved = rows.start().await.unwrap().unwrap().clone();
        assert_eq!(saved.locator, None);
        let mut seen = Vec::new();
        for _ in 0..25 {
            seen.push(rows.try_next().await.unwrap().unwrap());
        }
        let saved = serde_json::to_string(rows.job().unwrap()).unwrap();
        drop(rows);
        let job: BulkQueryJob = serde_json::from_str(&saved).unwrap();
        let rest = org(&test).bulk_query_resume::<Account>(job.clone()).all().await.unwrap();
        assert_eq!(rest.len(), 40, "the third page and those after it");
        seen.extend(rest);
        assert_eq!(ids(&seen), accounts(&test));
        job.delete(&org(&test)).await.unwrap();
        let error = org(&test).bulk_query_resume::<Account>(job).all().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    });
    assert_eq!(test.calls().iter().filter(|call| call.operation() == "bulk_query").count(), 1);
}

#[test]
fn given_a_statement_that_the_org_refuses_when_queried_then_the_error_is_the_only_item() {
    let test = TestOrg::demo();
    test.clock().run(async {
        let mut rows = org(&test).bulk_query(Soql::raw("SELECT Nope__c FROM Account"));
        assert_eq!(rows.try_next().await.unwrap_err().delivery(), Delivery::Refused);
        assert!(rows.try_next().await.unwrap().is_none());
        let before = test.counters().requests;
        let error = org(&test).bulk_query(Soql::raw("SELECT COUNT() FROM Account")).all().await.unwrap_err();
        assert_eq!((error.kind(), test.counters().requests), (ErrorKind::Unsupported, before));
    });
}

#[test]
fn given_a_row_of_another_type_when_queried_then_only_it_fails() {
    sf_core::sobject! {
        /// Names are no numbers, but for one.
        struct Odd: "Account" { name / NAME: i64 = "Name" }
    }
    let test = super::empty().with_account("17").with_account("Acme").build();
    test.clock().run(async {
        let mut rows = org(&test).bulk_query(Soql::raw("SELECT Name FROM Account").typed::<Odd>());
        let mut found = Vec::new();
        for _ in 0..2 {
            found.push(rows.try_next().await.map(|row| row.unwrap().name));
        }
        assert!(rows.try_next().await.unwrap().is_none());
        assert_eq!(found.iter().filter(|row| row.is_err()).count(), 1);
        assert!(found.iter().flatten().any(|name| *name == Field::Value(17)));
    });
}
