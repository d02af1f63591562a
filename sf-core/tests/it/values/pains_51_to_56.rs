//! What other Salesforce clients get wrong about data types, as issues in their trackers: 51 numbers, 52 dates,
//! 53 date-times, 54 ids, 55 picklists, 56 fields the user cannot see.
use sf_core::{
    Describe, Field, FieldDescribe, Number, Operation, Page, ProblemKind, Record, SObject, SfId, Timestamp,
    Value, check, field,
    models::{Account, Industry, Opportunity, StageName},
    object,
};

fn account(json: &str) -> Account {
    serde_json::from_str(json).unwrap()
}

mod pain_51_big_numbers {
    use super::*;

    #[test]
    fn an_18_digit_currency_and_the_first_integer_a_float_cannot_hold_stay_exact() {
        for digits in ["999999999999999999", "9007199254740993", "123456789012345678.25"] {
            let json = format!(r#"{{"AnnualRevenue":{digits},"Big__c":{digits}}}"#);
            let row = account(&json);
            assert_eq!(row.annual_revenue.value().unwrap().as_str(), digits);
            assert_eq!(serde_json::to_string(&row).unwrap(), json, "typed");
            let untyped = format!(r#"{{"attributes":{{"type":"Account"}},"AnnualRevenue":{digits}}}"#);
            let record: Record = serde_json::from_str(&untyped).unwrap();
            assert_eq!(serde_json::to_string(&record).unwrap(), untyped, "untyped");
        }
    }

    #[test]
    fn exponents_are_understood_and_printed_plain() {
        let revenue = account(r#"{"AnnualRevenue":1.6E13}"#).annual_revenue.into_value().unwrap();
        assert_eq!(revenue, Number::from(16_000_000_000_000_i64));
        assert_eq!(revenue.to_i64(), Some(16_000_000_000_000));
        assert_eq!(revenue.plain(), "16000000000000");
    }

    #[test]
    fn a_sum_of_currencies_is_exact() {
        let rows: Vec<Opportunity> =
            serde_json::from_str(r#"[{"Amount":0.1},{"Amount":0.2},{"Amount":9007199254740993.0}]"#).unwrap();
        let amounts: Vec<&Number> = rows.iter().filter_map(|row| row.amount.value()).collect();
        assert_eq!(Number::checked_sum(amounts).unwrap().as_str(), "9007199254740993.3");
    }
}

#[test]
fn pain_52_a_date_read_and_written_back_does_not_move() {
    let json = r#"{"CloseDate":"2024-03-10"}"#;
    let row: Opportunity = serde_json::from_str(json).unwrap();
    assert_eq!(row.close_date, Field::Value(chrono::NaiveDate::from_ymd_opt(2024, 3, 10).unwrap()));
    assert_eq!(serde_json::to_string(&row.writable(Operation::Update).unwrap()).unwrap(), json);
    // A moment is not a day: nothing guesses a zone.
    assert!(serde_json::from_str::<Opportunity>(r#"{"CloseDate":"2024-03-10T00:00:00.000+0000"}"#).is_err());
}

#[test]
fn pain_53_date_times_have_an_offset_with_or_without_colon() {
    let stamp =
        |text: &str| account(&format!(r#"{{"SystemModstamp":"{text}"}}"#)).system_modstamp.into_value();
    let moment: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
    assert_eq!(stamp("2026-01-02T03:04:05.000+0000"), Some(moment));
    assert_eq!(stamp("2026-01-02T03:04:05.000+00:00"), Some(moment));
    assert_eq!(serde_json::to_string(&moment).unwrap(), r#""2026-01-02T03:04:05.000Z""#);
    for naive in ["2026-01-02T00:00:00:", "2026-01-02T00:00:00"] {
        assert!(naive.parse::<Timestamp>().is_err(), "{naive}");
    }
}

#[test]
fn pain_54_ids_of_15_and_18_characters_are_the_same_and_case_counts() {
    let (short, long) = (SfId::new("006Ww000004hPqr").unwrap(), SfId::new("006Ww000004hPqrIAE").unwrap());
    assert_eq!(short, long);
    assert_eq!(serde_json::to_string(&short).unwrap(), r#""006Ww000004hPqrIAE""#);
    assert_eq!([short].into_iter().collect::<std::collections::HashSet<_>>(), [long].into());
    assert_ne!(SfId::new("006Ww000004hPqR").unwrap(), short, "another record");
    assert!(SfId::new("006ww000004hpqrIAE").is_err(), "lower-cased on the way");
}

#[test]
fn pain_55_a_value_that_an_administrator_added_is_kept() {
    let row = account(r#"{"Industry":"Vertical Farming"}"#);
    assert_eq!(row.industry, Field::Value(Industry::Other("Vertical Farming".into())));
    assert_eq!(serde_json::to_string(&row).unwrap(), r#"{"Industry":"Vertical Farming"}"#);
    let deal: Opportunity = serde_json::from_str(r#"{"StageName":"Legal"}"#).unwrap();
    assert_eq!(deal.stage_name.value().map(StageName::as_str), Some("Legal"));
    // A value that has a name is found by its text.
    assert_eq!(Industry::Other("Technology".into()), Industry::Technology);
}

mod pain_56_field_level_security {
    use super::*;

    #[test]
    fn absent_null_and_value_are_three_things() {
        let row = account(r#"{"Name":"Acme","Phone":null}"#);
        assert_eq!(
            (&row.name, &row.phone, &row.website),
            (&Field::from("Acme"), &Field::Null, &Field::Absent)
        );
        // Sent back, only what is known goes out.
        let sent = serde_json::to_string(&row.writable(Operation::Update).unwrap()).unwrap();
        assert_eq!(sent, r#"{"Name":"Acme","Phone":null}"#);
        assert!(serde_json::to_string(&Field::<String>::Absent).is_err(), "it would clear the field");
    }

    #[test]
    fn a_model_says_which_columns_the_user_cannot_see() {
        let visible = Account::COLUMNS.iter().filter(|column| **column != Account::ANNUAL_REVENUE);
        let visible = visible.map(|column| FieldDescribe::new(column.name(), "string"));
        let describe = Describe::new(object!("Account"), visible);
        assert_eq!(describe.missing_columns::<Account>(), [field!("AnnualRevenue")]);
        let row = Account { annual_revenue: Number::from(1).into(), ..Account::default() };
        let problems = check(&describe, Operation::Update, &row.writable(Operation::Update).unwrap());
        let problem = problems.iter().next().unwrap();
        assert_eq!(problem.kind, ProblemKind::UnknownField);
        assert!(problem.to_string().contains("field-level security"), "{problem}");
    }

    #[test]
    fn a_row_the_user_cannot_see_is_null_in_its_place() {
        let page = Page::new(r#"[{"attributes":{"type":"Account"},"Name":"A"},null]"#).unwrap();
        let rows = page.decode::<Option<Account>>().unwrap();
        assert!(rows[0].as_ref().unwrap().is_some() && rows[1].as_ref().unwrap().is_none());
        assert_eq!(page.total(), 2);
        assert!(page.rows().unwrap()[1].is_null());
    }
}

#[test]
fn compounds_keep_the_digits_of_their_parts() {
    let json = r#"{"attributes":{"type":"Account"},"BillingAddress":{"city":"Köln","latitude":50.93333333333333333333}}"#;
    let record: Record = serde_json::from_str(json).unwrap();
    assert!(matches!(record.fields.get(&field!("BillingAddress")), Some(Value::Json(_))));
    assert_eq!(serde_json::to_string(&record).unwrap(), json);
}
