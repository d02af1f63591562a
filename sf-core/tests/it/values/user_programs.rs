//! The lines of users' programs that name these types: they compile, that is the test; they also run.
use sf_core::{
    Clock, Field, FieldName, Fields, Record, Result, SfId, SystemClock, Value, field,
    models::{Account, Industry, Opportunity},
    object, path, sobject,
};

sobject! { struct Customer: "Account" { name / NAME: String = "Name", play / PLAY: String = "CX_Play__c" } }

#[test]
fn as_in_a_desk() -> Result<()> {
    let acme = SfId::new("001000000000001AAA")?;
    let row: Customer =
        serde_json::from_str(r#"{"Id":"001000000000001AAA","Name":"Acme","CX_Play__c":"Grow"}"#).unwrap();
    let saved = (row.id.value().map(SfId::as_str), row.name.value(), row.play.value());
    assert_eq!(saved, (Some(acme.as_str()), Some(&"Acme".to_owned()), Some(&"Grow".to_owned())));

    let account = Account { id: acme.into(), industry: Industry::Technology.into(), ..Account::default() };
    if account.industry == Field::Value(Industry::Technology) {
        let change = Account { id: account.id, industry: Field::Null, ..Account::default() };
        assert!(change.industry.is_null());
    }
    assert_eq!(account.children(Account::OPPORTUNITIES)?.total, 0);
    let columns = [Account::ID, Account::NAME, Account::INDUSTRY].map(FieldName::from);
    assert_eq!(columns[2], Account::INDUSTRY.name());
    assert_eq!([Opportunity::NAME, Opportunity::AMOUNT].len(), 2);
    Ok(())
}

#[test]
fn values_are_made_from_what_programs_have() {
    let now = SystemClock.now();
    let parent = Record::new(object!("User")).set(field!("Key__c"), "u-1");
    let fields = Fields::new()
        .set(Account::NAME, "Acme")
        .set(field!("A__c"), String::from("x"))
        .set(field!("B__c"), 5)
        .set(field!("C__c"), 5_i64)
        .set(field!("D__c"), true)
        .set(field!("E__c"), None::<String>)
        .set(field!("F__c"), now)
        .set(field!("G__c"), Industry::Banking)
        .set(field!("Owner"), parent);
    assert_eq!(fields.len(), 9);
    assert_eq!(fields.get(&field!("E__c")), Some(&Value::Null));
    assert_eq!(fields.get(&field!("F__c")).and_then(Value::as_str), Some(now.to_string().as_str()));
    assert_eq!(path!("Owner.Name").segments().count(), 2);
}
