//! The models of sf-core against the built-in describes: every column exists, with a type, an access and values that fit.
use sf_core::{Column, Describe, FieldDescribe, FieldKind, Operation, SObject, models::*};
use sf_testorg::schema;
use std::collections::BTreeSet;

fn describe(name: &str) -> Describe {
    let answer = schema::standard().iter().find(|answer| answer["name"] == name).expect(name);
    serde_json::from_value(answer.clone()).unwrap()
}

/// A Rust type for text also takes what is text on the wire; only what cannot be filtered must be marked long.
fn fits(column: &Column, field: &FieldDescribe) -> bool {
    match (column.kind(), field.kind()) {
        (FieldKind::LongText, _) => !field.filterable,
        (FieldKind::Text, FieldKind::LongText) => field.filterable,
        (FieldKind::Text, FieldKind::Text | FieldKind::Picklist) => field.filterable,
        (a, b) => a == b,
    }
}

/// Fields of the describe that the model leaves to `extra`.
fn check<T: SObject>(left_out: &[&str]) {
    let name = T::OBJECT;
    let describe = describe(name.as_str());
    let mut missing: BTreeSet<&str> = describe.fields.iter().map(|f| f.name.as_str()).collect();
    for column in T::COLUMNS {
        let field = describe.field(&column.name()).unwrap_or_else(|| panic!("{name} has no {column}"));
        assert_eq!(field.name.as_str(), column.name().as_str(), "case of {name}.{column}");
        assert!(fits(column, field), "{name}.{column}: {:?} for {}", column.kind(), field.wire_type);
        if column.name() != sf_core::field!("Id") {
            let writable = |operation| column.is_writable(operation);
            assert_eq!(writable(Operation::Insert), field.createable, "{name}.{column} on insert");
            assert_eq!(writable(Operation::Update), field.updateable, "{name}.{column} on update");
        }
        missing.remove(field.name.as_str());
    }
    let compound = |field: &str| {
        describe.fields.iter().any(|f| f.name.as_str() == field && matches!(f.kind(), FieldKind::Address))
    };
    missing.retain(|field| !compound(field));
    assert_eq!(missing, left_out.iter().copied().collect(), "{name}");
}

#[test]
fn every_column_of_every_model_is_in_the_describe_and_the_other_way_round() {
    check::<Account>(&["IsCustomerPortal", "IsPartner"]);
    check::<Case>(&[]);
    check::<CaseComment>(&[]);
    check::<Contact>(&[]);
    check::<EmailMessage>(&["AttachmentIds", "FirstOpenedDate", "IsBounced", "IsTracked", "LastOpenedDate"]);
    check::<Event>(&[]);
    check::<Lead>(&[]);
    check::<Opportunity>(&[]);
    check::<Task>(&[]);
    check::<User>(&["AccountId", "ContactId"]);
}

#[test]
fn every_value_of_a_picklist_is_one_of_the_field() {
    for (object, field, values) in [
        ("Account", "Type", AccountType::KNOWN),
        ("Account", "Industry", Industry::KNOWN),
        ("Lead", "Industry", Industry::KNOWN),
        ("Account", "Ownership", Ownership::KNOWN),
        ("Account", "Rating", Rating::KNOWN),
        ("Lead", "Rating", Rating::KNOWN),
        ("Account", "AccountSource", LeadSource::KNOWN),
        ("Contact", "LeadSource", LeadSource::KNOWN),
        ("Lead", "LeadSource", LeadSource::KNOWN),
        ("Contact", "Salutation", Salutation::KNOWN),
        ("Lead", "Salutation", Salutation::KNOWN),
        ("Lead", "Status", LeadStatus::KNOWN),
        ("Case", "Status", CaseStatus::KNOWN),
        ("Case", "Priority", CasePriority::KNOWN),
        ("Case", "Origin", CaseOrigin::KNOWN),
        ("Case", "Type", CaseType::KNOWN),
        ("Case", "Reason", CaseReason::KNOWN),
        ("EmailMessage", "Status", EmailMessageStatus::KNOWN),
        ("Event", "ShowAs", EventShowAs::KNOWN),
        ("Event", "GroupEventType", GroupEventType::KNOWN),
        ("Event", "RecurrenceType", RecurrenceType::KNOWN),
        ("Task", "RecurrenceType", RecurrenceType::KNOWN),
        ("Event", "RecurrenceInstance", RecurrenceInstance::KNOWN),
        ("Opportunity", "StageName", StageName::KNOWN),
        ("Opportunity", "Type", OpportunityType::KNOWN),
        ("Opportunity", "ForecastCategory", ForecastCategory::KNOWN),
        ("Task", "Status", TaskStatus::KNOWN),
        ("Task", "Priority", TaskPriority::KNOWN),
        ("Task", "TaskSubtype", TaskSubtype::KNOWN),
        ("Task", "CallType", CallType::KNOWN),
        ("User", "UserType", UserType::KNOWN),
    ] {
        let describe = describe(object);
        let listed: BTreeSet<&str> =
            describe.field(&sf_core::FieldName::new(field).unwrap()).unwrap().active_values().collect();
        for value in values {
            assert!(listed.contains(value), "{object}.{field} has no {value}");
        }
        let unnamed: Vec<_> = listed.iter().filter(|v| !values.contains(v) && **v != "Other").collect();
        assert!(unnamed.is_empty(), "{object}.{field} also has {unnamed:?}");
    }
}

#[test]
fn every_child_relationship_of_a_model_leads_to_rows_of_its_type() {
    fn check<P: SObject, C: SObject>(relationship: sf_core::ChildRelationship<C>) {
        let describe = describe(P::OBJECT.as_str());
        let name = relationship.name();
        let found = describe
            .child_relationships
            .iter()
            .find(|c| c.relationship_name.as_deref() == Some(name.as_str()))
            .unwrap_or_else(|| panic!("{} has no {name}", P::OBJECT));
        assert_eq!(found.child, C::OBJECT, "{}.{name}", P::OBJECT);
    }
    check::<Account, _>(Account::CHILD_ACCOUNTS);
    check::<Account, _>(Account::CONTACTS);
    check::<Account, _>(Account::OPPORTUNITIES);
    check::<Account, _>(Account::CASES);
    check::<Account, _>(Account::TASKS);
    check::<Account, _>(Account::EVENTS);
    check::<Account, _>(Account::EMAILS);
    check::<Contact, _>(Contact::CASES);
    check::<Contact, _>(Contact::OPPORTUNITIES);
    check::<Contact, _>(Contact::TASKS);
    check::<Contact, _>(Contact::EVENTS);
    check::<Opportunity, _>(Opportunity::TASKS);
    check::<Opportunity, _>(Opportunity::EVENTS);
    check::<Opportunity, _>(Opportunity::EMAILS);
    check::<Lead, _>(Lead::TASKS);
    check::<Lead, _>(Lead::EVENTS);
    check::<Case, _>(Case::CHILD_CASES);
    check::<Case, _>(Case::CASE_COMMENTS);
    check::<Case, _>(Case::EMAIL_MESSAGES);
    check::<Case, _>(Case::EMAILS);
    check::<Case, _>(Case::TASKS);
    check::<Case, _>(Case::EVENTS);
    check::<Task, _>(Task::RECURRING_TASKS);
    check::<Event, _>(Event::RECURRING_EVENTS);
}
