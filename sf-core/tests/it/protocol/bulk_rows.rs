//! Rows of a model as CSV: they say what their fields say, whatever is absent and in whatever order columns come up.
use proptest::prelude::*;
use sf_core::{
    BulkIngest, Field, IntoBulkRow, Number, SObject, SfId, field,
    models::{Account, AccountType, Industry, Opportunity},
    protocol::bulk::{CsvEncoder, IngestJob, Operation},
};

fn any_field<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Field<T>> {
    prop_oneof![
        3 => Just(Field::Absent),
        1 => Just(Field::Null),
        3 => value.prop_map(Field::Value)
    ]
}
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zé\", \r\n]{0,20}", Just("#N/A".to_owned()), Just(String::new()), any::<String>()]
}
fn id() -> impl Strategy<Value = SfId> {
    (1..99_999_u32).prop_map(|n| SfId::new(format!("0015g00000{n:05}")).unwrap())
}
fn account() -> impl Strategy<Value = Account> {
    let texts = (any_field(text()), any_field(text()), any_field(text()));
    let numbers = (
        any_field(any::<i64>()),
        any_field(
            "-?[1-9][0-9]{0,20}(\\.[0-9]{1,4})?(E[0-9])?".prop_map(|text| text.parse::<Number>().unwrap()),
        ),
    );
    let picks = (any_field(text().prop_map(Industry::from)), any_field(text().prop_map(AccountType::from)));
    (any_field(id()), texts, numbers, picks, any_field(id()), any::<bool>()).prop_map(
        |(id, (name, phone, site), (employees, revenue), (industry, account_type), owner_id, extra)| {
            let mut row = Account {
                id,
                name,
                phone,
                site,
                number_of_employees: employees,
                annual_revenue: revenue,
                industry,
                account_type,
                owner_id,
                ..Account::default()
            };
            if extra {
                row.extra.set(field!("Score__c"), 5);
                row.extra.set(field!("Phone"), "of the rest");
            }
            row
        },
    )
}
proptest! {
    #[test]
    fn a_row_of_a_model_is_encoded_as_its_fields_are(
        rows in proptest::collection::vec(account(), 1..12),
        operation in prop_oneof![Just(Operation::Insert), Just(Operation::Update), Just(Operation::Upsert), Just(Operation::Delete)],
        key in prop_oneof![Just("Name"), Just("Id"), Just("phone")],
    ) {
        let mut job = IngestJob::new(Account::OBJECT, operation);
        let mut ingest = BulkIngest::insert(Account::OBJECT);
        if operation == Operation::Upsert {
            job.external_id = Some(sf_core::FieldName::new(key).unwrap());
        }
        ingest.job = job.clone();
        let (mut typed, mut plain) = (CsvEncoder::new(), CsvEncoder::new());
        for row in rows {
            let is_ok = typed.push_row(&row, &job);
            let expected = row.into_bulk_row(&ingest).and_then(|fields| plain.push(&fields));
            // Of several things that are wrong, which one is told first may differ.
            prop_assert_eq!(is_ok.is_ok(), expected.is_ok(), "{:?} {:?}", is_ok, expected);
            prop_assert_eq!((typed.rows(), typed.size()), (plain.rows(), plain.size()));
        }
        prop_assert_eq!(typed.finish(), plain.finish());
    }
}

#[test]
fn dates_times_and_digits_are_as_the_org_takes_them() {
    let row = Opportunity {
        name: "n".into(),
        amount: Field::Value("12345678901234567.10".parse().unwrap()),
        close_date: Field::Value(chrono::NaiveDate::from_ymd_opt(987, 2, 9).unwrap()),
        probability: Field::Value("1.0E2".parse().unwrap()),
        ..Opportunity::default()
    };
    let mut csv = CsvEncoder::new();
    csv.push_row(&row, &IngestJob::new(Opportunity::OBJECT, Operation::Insert)).unwrap();
    let text = csv.finish();
    let (header, cells) = text.trim_end().split_once('\n').unwrap();
    let cells: Vec<(&str, &str)> = header.split(',').zip(cells.split(',')).collect();
    for expected in [("Amount", "12345678901234567.10"), ("CloseDate", "0987-02-09"), ("Probability", "100")]
    {
        assert!(cells.contains(&expected), "{text}");
    }
    for n in [0, 7, -7, 10, i64::MAX, i64::MIN] {
        let row = Account { number_of_employees: n.into(), ..Account::default() };
        csv.push_row(&row, &IngestJob::new(Account::OBJECT, Operation::Insert)).unwrap();
        assert_eq!(csv.finish(), format!("NumberOfEmployees\n{n}\n"));
    }
}
