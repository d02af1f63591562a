//! Arranging and asserting, as tests of a client do.
use sf_core::{Fields, Number, SfId, Write, field, object};
use sf_testorg::{Builder, TestOrg, demo::Dataset};
use std::panic::{AssertUnwindSafe, catch_unwind};

fn fields(name: &str) -> Fields {
    Fields::new().set(field!("Name"), name)
}
fn empty() -> Builder {
    TestOrg::builder().dataset(Dataset::Empty)
}
fn number(text: &str) -> Number {
    text.parse().unwrap()
}
/// What the panic says.
fn message(f: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(f)).unwrap_err();
    panic
        .downcast_ref::<String>()
        .cloned()
        .unwrap_or_else(|| panic.downcast_ref::<&str>().unwrap().to_string())
}

#[test]
fn given_rows_of_a_builder_when_built_then_they_are_the_beginning_and_not_a_change() {
    let org = empty()
        .with_account("Acme")
        .with_row(object!("Lead"), Fields::new().set(field!("LastName"), "Lee").set(field!("Company"), "C"))
        .build();
    let acme = org.find(&object!("Account"), "Acme").unwrap();
    assert!(org.find(&object!("Lead"), "Lee").is_some());
    assert_eq!(org.find(&object!("Account"), "acme"), None);
    assert_eq!((org.changes(0).unwrap().len(), org.saves().len(), org.counters().requests), (0, 0, 0));
    org.assert_row(
        acme,
        fields("Acme")
            .set(field!("Phone"), None::<&str>)
            .set(field!("CreatedDate"), "2026-01-05T09:00:00.000+0000"),
    );
    assert_eq!(TestOrg::builder().with_account("More").build().rows(&object!("Account")).len(), 61);
}

#[test]
fn given_rows_of_a_builder_when_the_org_is_kept_in_a_file_then_they_are_there_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("org.state");
    for _ in 0..2 {
        let org = empty().with_account("Acme").open(&path).unwrap();
        assert_eq!(org.rows(&object!("Account")).len(), 1);
    }
    let other = directory.path().join("other.state");
    let error = empty().with_row(object!("Account"), Fields::new()).open(&other).unwrap_err();
    assert!(error.to_string().starts_with("REQUIRED_FIELD_MISSING"), "{error}");
}

#[test]
fn given_a_row_that_the_org_refuses_when_built_then_the_panic_says_why() {
    let text = message(|| drop(empty().with_row(object!("Account"), Fields::new()).build()));
    let expected = "the org refuses the row that the test arranges: Account: REQUIRED_FIELD_MISSING: Required fields are missing: [Name]";
    assert_eq!(text, expected);
}

#[test]
fn given_a_row_that_differs_when_asserted_then_the_panic_names_every_difference() {
    let org = empty().build();
    let insert = |fields: Fields| org.apply(Write::Insert { object: object!("Account"), fields }).unwrap();
    let id = insert(fields("Acme").set(field!("AnnualRevenue"), number("1.5")));
    org.assert_row(id, Fields::new().set(field!("AnnualRevenue"), number("1.50")));
    let expected = fields("Other")
        .set(field!("AnnualRevenue"), 2)
        .set(field!("Phone"), "1")
        .set(field!("Nope__c"), true);
    let text = message(|| org.assert_row(id, expected));
    assert_eq!(
        text,
        format!(
            "Account {id} is not as expected:\n  Name: expected \"Other\", is \"Acme\"\n  AnnualRevenue: expected 2, is 1.5\n  \
             Phone: expected \"1\", is null\n  Nope__c: expected true, is no field of this sObject"
        )
    );
    assert_eq!(message(|| org.assert_deleted(id)), format!("Account {id} was not deleted"));
    org.apply(Write::Delete { id }).unwrap();
    org.assert_deleted(id);
    assert_eq!(message(|| org.assert_row(id, Fields::new())), format!("Account {id} was deleted"));
    let none = SfId::new("001000000000000").unwrap();
    assert_eq!(message(|| org.assert_row(none, Fields::new())), format!("there is no row {none}"));
    assert_eq!(message(|| org.assert_deleted(none)), format!("there is no row {none}"));
}
