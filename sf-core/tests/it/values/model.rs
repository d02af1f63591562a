//! What a model reads and what it sends.
use sf_core::{Field, Number, Operation, SObject, SfId, Value, field, models::*, object, sobject};

sobject! {
    struct Plan: "CX_Plan__c" {
        name / NAME: String = "Name",
        account / ACCOUNT: SfId = "Account__c" create_only,
        closed / CLOSED: bool = "Closed__c" update_only,
        score / SCORE: Number = "Score__c" system,
    }
}

const FETCHED: &str = r#"{"attributes":{"type":"CX_Plan__c","url":"/x"},"Id":"a00000000000001AAA","NAME":"Grow","Account__c":"001000000000001AAA","Closed__c":false,"Score__c":3.0,"Tier__c":"Gold","Health__c":null,"Budget__c":1.0E7,"Account__r":{"attributes":{"type":"Account"},"Name":"Acme"},"Owner":null,"Steps__r":null,"Where__c":{"latitude":1.0,"longitude":2.0},"CreatedDate":"2026-01-02T03:04:05.000+0000"}"#;

fn sent(row: &impl SObject, operation: Operation) -> String {
    serde_json::to_string(&row.writable(operation).unwrap()).unwrap()
}

#[test]
fn a_fetched_row_can_be_sent_back() {
    let row: Plan = serde_json::from_str(FETCHED).unwrap();
    assert_eq!(row.id(), Some(SfId::new("a00000000000001").unwrap()));
    assert_eq!(row.name, Field::from("Grow"), "names are read without case");
    let rest = r#""Tier__c":"Gold","Health__c":null,"Budget__c":1.0E7}"#;
    assert_eq!(sent(&row, Operation::Update), format!(r#"{{"Name":"Grow","Closed__c":false,{rest}"#));
    assert_eq!(
        sent(&row, Operation::Insert),
        format!(r#"{{"Name":"Grow","Account__c":"001000000000001AAA",{rest}"#)
    );
}

#[test]
fn what_the_program_sets_is_sent_whatever_it_is() {
    let mut row = Plan::default();
    row.extra.set(field!("Owner"), sf_core::Record::new(object!("User")).set(field!("Key__c"), 7));
    row.extra.set(field!("Fax"), Value::Null);
    assert_eq!(
        sent(&row, Operation::Update),
        r#"{"Owner":{"attributes":{"type":"User"},"Key__c":7},"Fax":null}"#
    );
}

#[test]
fn everything_survives_json() {
    let row: Plan = serde_json::from_str(FETCHED).unwrap();
    let json = serde_json::to_string(&row).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&json).unwrap(), row);
    // Also where nothing can be borrowed.
    assert_eq!(serde_json::from_reader::<_, Plan>(json.as_bytes()).unwrap(), row);
    assert_eq!(serde_json::from_str::<Plan>(&json.replace("Tier__c", "Ti\\u0065r__c")).unwrap(), row);
    assert_eq!(serde_json::from_value::<Plan>(serde_json::from_str(&json).unwrap()).unwrap().name, row.name);
    assert_ne!(serde_json::from_str::<Plan>(&json.replace("Gold", "Silver")).unwrap(), row);
}

#[test]
fn children_are_read_by_relationship() {
    let row: Account = serde_json::from_str(
        r#"{"Opportunities":{"totalSize":2,"done":false,"nextRecordsUrl":"/next","records":[{"attributes":{"type":"Opportunity"},"Amount":5.0}]},"Tasks":null}"#,
    )
    .unwrap();
    let deals = row.children(Account::OPPORTUNITIES).unwrap();
    assert_eq!((deals.total, deals.len(), deals.is_complete()), (2, 1, false));
    assert_eq!(deals.rows[0].amount, Field::Value(5.into()));
    assert!(row.children(Account::TASKS).unwrap().is_empty());
    assert!(row.children(Account::CHILD_ACCOUNTS).unwrap().is_empty());
    assert!(row.extra.get::<bool>("Opportunities").is_err());
}

#[test]
fn columns_of_the_standard_models_are_distinct_and_begin_with_the_id() {
    fn check<T: SObject>() {
        let mut names: Vec<_> = T::COLUMNS.iter().map(|column| column.name()).collect();
        assert_eq!(names[0], field!("Id"));
        names.sort();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }
    check::<Account>();
    check::<Case>();
    check::<CaseComment>();
    check::<Contact>();
    check::<EmailMessage>();
    check::<Event>();
    check::<Lead>();
    check::<Opportunity>();
    check::<Task>();
    check::<User>();
}
