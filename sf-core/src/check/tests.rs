use super::*;
use crate::{FieldName, Record, Value, describe::PicklistValue, field, object};

fn text(name: FieldName, wire_type: &str, length: u32) -> FieldDescribe {
    FieldDescribe { length, ..FieldDescribe::new(name, wire_type) }
}

fn describe() -> Describe {
    let values = || ["Red", "Green"].map(PicklistValue::new).to_vec();
    let mut stage = text(field!("Stage__c"), "picklist", 255);
    stage.picklist_values = values();
    let mut health = stage.clone();
    (health.name, health.restricted_picklist) = (field!("Health__c"), true);
    health.picklist_values.push(PicklistValue { active: false, ..PicklistValue::new("Closed") });
    let mut tags = health.clone();
    (tags.name, tags.wire_type) = (field!("Tags__c"), "multipicklist".into());
    let mut amount = FieldDescribe::new(field!("Amount"), "currency");
    (amount.precision, amount.scale) = (5, 2);
    let mut count = FieldDescribe::new(field!("Count__c"), "int");
    count.digits = 3;
    let mut name = text(field!("Name"), "string", 5);
    name.nillable = false;
    let mut owner = FieldDescribe::new(field!("OwnerId"), "reference");
    (owner.nillable, owner.defaulted_on_create, owner.relationship_name) =
        (false, true, Some("Owner".into()));
    let mut formula = FieldDescribe::new(field!("Score__c"), "double");
    (formula.createable, formula.updateable, formula.calculated) = (false, false, true);
    let mut fixed = FieldDescribe::new(field!("Account__c"), "reference");
    (fixed.updateable, fixed.nillable, fixed.relationship_name) = (false, false, Some("Account__r".into()));
    let mut flag = FieldDescribe::new(field!("Flag__c"), "boolean");
    (flag.nillable, flag.defaulted_on_create) = (false, true);
    let rest = [("Day__c", "date"), ("At__c", "datetime"), ("Time__c", "time"), ("New__c", "hologram")];
    let rest = rest.map(|(name, kind)| FieldDescribe::new(FieldName::new(name).unwrap(), kind));
    let fields =
        [name, stage, health, tags, amount, count, owner, formula, fixed, flag].into_iter().chain(rest);
    Describe::new(object!("CX_Plan__c"), fields)
}

#[track_caller]
fn update(name: FieldName, value: impl Into<Value>) -> Option<ProblemKind> {
    let problems = check(&describe(), Operation::Update, &Fields::new().set(name, value));
    assert!(problems.len() < 2, "{problems}");
    problems.into_iter().next().map(|problem| problem.kind)
}

#[test]
fn what_fits_has_no_problem() {
    assert_eq!(update(field!("name"), "Größe"), None);
    assert_eq!(update(field!("Health__c"), "Green"), None);
    assert_eq!(update(field!("Health__c"), Value::Null), None);
    assert_eq!(update(field!("Tags__c"), "Red;Green"), None);
    assert_eq!(update(field!("Amount"), "999.995".parse::<crate::Number>().unwrap()), None);
    assert_eq!(update(field!("Amount"), "12"), None);
    assert_eq!(update(field!("Count__c"), "9.0e2".parse::<crate::Number>().unwrap()), None);
    assert_eq!(update(field!("OwnerId"), "005000000000001"), None);
    assert_eq!(update(field!("Flag__c"), Value::Null), None);
    assert_eq!(update(field!("Day__c"), "2024-02-29"), None);
    assert_eq!(update(field!("At__c"), "2024-02-29T00:00:00.000+0000"), None);
    assert_eq!(update(field!("Time__c"), "14:30:00.000Z"), None);
    assert_eq!(update(field!("New__c"), true), None);
}

#[test]
fn what_does_not_fit_says_why() {
    use ProblemKind::*;
    assert_eq!(update(field!("Name"), "Größer"), Some(TooLong { length: 6, max: 5 }));
    assert_eq!(update(field!("Name"), ""), Some(Required));
    assert_eq!(update(field!("OwnerId"), Value::Null), Some(NotNull));
    assert_eq!(update(field!("Amount"), 1_000), Some(TooLarge { digits: 3 }));
    assert_eq!(update(field!("Count__c"), 1_000), Some(TooLarge { digits: 3 }));
    assert_eq!(update(field!("Gone__c"), 1), Some(UnknownField));
    assert_eq!(update(field!("Score__c"), 1), Some(Calculated));
    assert_eq!(update(field!("Account__c"), "001000000000001"), Some(ReadOnly(Operation::Update)));
    let wrong: [(FieldName, Value); 9] = [
        (field!("Name"), 5.into()),
        (field!("Amount"), "many".into()),
        (field!("Count__c"), "1.5".into()),
        (field!("Flag__c"), "true".into()),
        (field!("Day__c"), "2024-02-30".into()),
        (field!("At__c"), "2024-02-29".into()),
        (field!("Time__c"), "25:00:00".into()),
        (field!("OwnerId"), "Ann".into()),
        (field!("Health__c"), true.into()),
    ];
    for (name, value) in wrong {
        assert!(matches!(update(name.clone(), value), Some(WrongType { .. })), "{name}");
    }
}

#[test]
fn picklists_name_what_is_allowed_with_case() {
    let refused = |value: &str, restricted| {
        let allowed = vec!["Red".to_owned(), "Green".to_owned()];
        Some(ProblemKind::NotAllowed { value: value.into(), allowed, restricted })
    };
    assert_eq!(update(field!("Health__c"), "red"), refused("red", true));
    assert_eq!(update(field!("Health__c"), "Closed"), refused("Closed", true)); // closed by an administrator
    assert_eq!(update(field!("Tags__c"), "Red;Blue"), refused("Blue", true));
    assert_eq!(update(field!("Stage__c"), "Blue"), refused("Blue", false));
    let warning = check(&describe(), Operation::Update, &Fields::new().set(field!("Stage__c"), "Blue"));
    assert_eq!(warning.iter().next().unwrap().severity(), Severity::Warning);
    assert!(warning.into_result().is_ok());
}

#[test]
fn an_insert_names_every_problem_at_once() {
    let fields = Fields::new().set(field!("Health__c"), "Blue").set(field!("Gone__c"), 1);
    let error = check(&describe(), Operation::Insert, &fields).into_result().unwrap_err();
    assert_eq!(error.failure().fields, ["Health__c", "Gone__c", "Name", "Account__c"]);
    assert_eq!(error.kind(), crate::ErrorKind::InvalidInput);
    assert_eq!(error.delivery(), crate::Delivery::NotSent);
    assert!(check(&describe(), Operation::Upsert, &Fields::new()).is_empty());
}

#[test]
fn a_parent_by_external_id_stands_for_its_reference() {
    let parent = Record::new(object!("Account")).set(field!("Key__c"), "k");
    let fields = Fields::new().set(field!("Name"), "A").set(field!("Account__r"), parent.clone());
    assert!(check(&describe(), Operation::Insert, &fields).is_empty());
    assert_eq!(update(field!("Account__r"), parent.clone()), Some(ProblemKind::ReadOnly(Operation::Update)));
    assert_eq!(update(field!("Nobody__r"), parent), Some(ProblemKind::UnknownField));
}

#[test]
fn permission_on_the_object_comes_first() {
    let mut describe = describe();
    describe.updateable = false;
    let problems = check(&describe, Operation::Update, &Fields::new());
    assert_eq!(problems.to_string(), "CX_Plan__c: you have no permission to update rows of it");
}
