//! Single decisions, without a store and an org.
use super::{
    outcome::{Fate, fates},
    values::{coerce, digest, to_write},
};
use crate::{
    ChangeId, RecordKey, StepId,
    store::{AttemptRow, AttemptState},
};
use sf_core::{
    Delivery, ErrorKind, Failure, FieldDescribe, Fields, Number, RowOutcome, SfId, Timestamp, Value,
    describe::PicklistValue, field,
};

fn id(n: u32) -> SfId {
    SfId::new(format!("0010000000{n:05}")).unwrap()
}
fn attempt(rows: u32) -> AttemptState {
    let now = Timestamp::from_millis(0).unwrap();
    let row = |n| AttemptRow { record: RecordKey::Id(id(n)), max: ChangeId(1), sent: Fields::new() };
    AttemptState::new(StepId(1), 1, now, now, (0..rows).map(row).collect())
}

#[test]
fn rows_that_an_answer_does_not_account_for_are_unknown() {
    let done = |n| RowOutcome::Done { id: id(n), created: false };
    let refused = RowOutcome::Failed(Failure::new(ErrorKind::Refused, Delivery::Refused, "no"));
    let fate = fates(&attempt(4), Ok(vec![done(0), refused, done(7)]));
    assert!(
        matches!(fate[..], [Fate::Done, Fate::Failed(_), Fate::Unknown(_), Fate::Unknown(_)]),
        "{fate:?}"
    );
    // More rows than were sent: the surplus is about nothing.
    assert_eq!(fates(&attempt(1), Ok(vec![done(0), done(1)])).len(), 1);
    let lost = Failure::new(ErrorKind::Timeout, Delivery::Unknown, "lost");
    assert!(fates(&attempt(2), Err(lost)).iter().all(|f| matches!(f, Fate::Unknown(_))));
    let shut = Failure::new(ErrorKind::Unavailable, Delivery::Refused, "503");
    assert!(fates(&attempt(2), Err(shut)).iter().all(|f| matches!(f, Fate::Batch(_, 2))));
}

#[test]
fn values_are_what_the_org_would_store() {
    let of = |wire: &str| FieldDescribe::new(field!("F__c"), wire);
    let number: Number = "12.50".parse().unwrap();
    for (wire, given, stored) in [
        ("string", Value::from(""), Value::Null),
        ("string", Value::from(7), Value::from("7")),
        ("currency", Value::from("12.50"), Value::Number(number.clone())),
        ("double", Value::Number(number.clone()), Value::Number("12.5".parse().unwrap())),
        ("boolean", Value::Null, Value::from(false)),
        ("boolean", Value::from("TRUE"), Value::from(true)),
        ("date", Value::from("2026-02-03"), Value::from("2026-02-03")),
        ("datetime", Value::from("2026-02-03T04:05:06.789+00:00"), Value::from("2026-02-03T04:05:06.000Z")),
        ("reference", Value::from("0010000000000AB"), Value::from(SfId::new("0010000000000AB").unwrap())),
    ] {
        assert_eq!(coerce(given.clone(), Some(&of(wire))), Ok(stored), "{wire} {given:?}");
    }
    let mut several = of("multipicklist");
    several.picklist_values = ["Red", "Green", "Blue"].map(PicklistValue::new).to_vec();
    assert_eq!(coerce("Blue; Red;Blue".into(), Some(&several)), Ok("Red;Blue".into()));
    for (wire, given) in [
        ("date", Value::from("2026-02-30")),
        ("date", Value::from(20260203)),
        ("datetime", Value::from("yesterday")),
        ("int", Value::from("many")),
        ("boolean", Value::from(1)),
        ("reference", Value::from("not an id")),
    ] {
        assert!(coerce(given.clone(), Some(&of(wire))).is_err(), "{wire} {given:?}");
    }
    assert_eq!(coerce("".into(), None), Ok(Value::Null));
    assert_eq!(coerce(" ; ".into(), Some(&several)), Ok(Value::Null));
}

#[test]
fn a_normal_form_is_its_own_normal_form() {
    let of = |wire: &str| FieldDescribe::new(field!("F__c"), wire);
    for (given, kept) in [
        (" a b ", Value::from("a b")),
        ("\t\n ", Value::Null),
        ("one\r\ntwo\rthree\n", Value::from("one\ntwo\nthree")),
        ("\r\r\n\n.", Value::from(".")),
        ("a\r\r\nb", Value::from("a\n\nb")),
    ] {
        for field in [None, Some(&of("string")), Some(&of("textarea")), Some(&of("picklist"))] {
            let once = coerce(given.into(), field).unwrap();
            assert_eq!(once, kept, "{given:?}");
            assert_eq!(coerce(once, field), Ok(kept.clone()), "{given:?}");
        }
    }
}

#[test]
fn numbers_for_the_org_have_the_decimals_of_the_field() {
    let mut price = FieldDescribe::new(field!("F__c"), "currency");
    let number = |text: &str| Value::Number(text.parse().unwrap());
    assert_eq!(to_write(number("1.005"), Some(&price)), Ok(number("1.005")), "nothing is known about it");
    (price.precision, price.scale) = (18, 2);
    for (given, sent) in [("1.005", "1.01"), ("-2.345", "-2.35"), ("7", "7"), ("12.50", "12.5")] {
        assert_eq!(to_write(number(given), Some(&price)), Ok(number(sent)), "{given}");
    }
    assert_eq!(
        coerce(number("1.005"), Some(&price)),
        Ok(number("1.005")),
        "what the org shows is left alone"
    );
}

#[test]
fn a_digest_tells_shadows_apart() {
    let shadow = |value: &str| Fields::new().set(field!("A"), value).set(field!("B"), Value::Null);
    assert_eq!(digest(Some(&shadow("x"))), digest(Some(&shadow("x"))));
    assert_ne!(digest(Some(&shadow("x"))), digest(Some(&shadow("y"))));
    assert!(digest(Some(&shadow("x"))) <= i64::MAX as u64, "it fits a database's integer");
    assert_eq!(digest(None), 0);
}
