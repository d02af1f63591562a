//! What a spawn buys, and that any text arrives as it is.
use crate::fake::Fake;
use proptest::prelude::*;
use sf_core::{
    CallOptions, Fields, Number, Org, Record, SfId, Soql, Transport, Write, WriteOptions, field, object,
};
use sf_testorg::TestOrg;

fn update(id: SfId, fields: Fields) -> Write {
    Write::Update { object: object!("Account"), id, fields, if_unmodified_since: None }
}

/// The demo brings contacts, cases and more for each account: too slow for so many.
pub(crate) fn accounts(count: usize) -> TestOrg {
    let org = TestOrg::empty();
    for i in 0..count {
        let fields = Fields::new().set(field!("Name"), format!("Row {i}"));
        org.apply(Write::Insert { object: object!("Account"), fields }).unwrap();
    }
    org
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_updates_are_one_process_and_mixed_verbs_at_most_five() {
    let org = accounts(1_200);
    let server = org.serve().unwrap();
    let fake = Fake::of(&server, &org);
    let door = Org::new(fake.sf().await.connect().unwrap());
    let ids: Vec<SfId> = org.rows(&object!("Account")).iter().filter_map(|row| row.id).collect();
    let named = |name: &str| Fields::new().set(field!("Description"), name);
    let updates: Vec<Write> = ids[..1_000].iter().map(|id| update(*id, named("new"))).collect();
    let outcomes = door.write(updates, &WriteOptions::new()).await;
    assert!(outcomes.len() == 1_000 && outcomes.iter().all(sf_core::RowOutcome::is_done));
    assert_eq!(fake.calls().len(), 1);

    let insert = |i: usize| Write::Insert {
        object: object!("Account"),
        fields: Fields::new().set(field!("Name"), format!("New {i}")),
    };
    let mixed = (0..400)
        .map(insert)
        .chain(ids[..400].iter().map(|id| update(*id, named("again"))))
        .chain(ids[1_000..1_200].iter().map(|id| Write::Delete { id: *id }));
    let outcomes = door.write(mixed.collect::<Vec<_>>(), &WriteOptions::new()).await;
    assert!(outcomes.len() == 1_000 && outcomes.iter().all(sf_core::RowOutcome::is_done));
    assert!(fake.calls().len() <= 6, "{}", fake.calls().len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_thousand_rows_are_at_most_ten_processes() {
    let org = accounts(20_000);
    let server = org.serve().unwrap();
    let fake = Fake::of(&server, &org);
    let door = Org::new(fake.sf().await.connect().unwrap());
    let rows =
        door.query(Soql::raw("SELECT Id FROM Account LIMIT 20000").typed::<Record>()).all().await.unwrap();
    assert_eq!(rows.len(), 20_000);
    assert!(fake.calls().len() <= 10, "{}", fake.calls().len());
}

/// Pain 57: any text and any digits survive the way there and back.
#[test]
fn any_text_and_any_number_arrive_as_they_are() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let _entered = runtime.enter();
    let org = TestOrg::empty();
    let server = org.serve().unwrap();
    let fake = Fake::of(&server, &org);
    let transport = runtime.block_on(async { fake.sf().await.connect().unwrap() });
    let number = (0_u64..999_999_999_999, 0_u8..100).prop_map(|(whole, cents)| format!("{whole}.{cents:02}"));
    let strategy = proptest::collection::vec(("\\PC{0,60}", number), 1..20);
    let config = ProptestConfig { cases: 24, ..ProptestConfig::default() };
    proptest!(config, |(values in strategy)| {
        let rows: Vec<Write> = values
            .iter()
            .map(|(text, number)| {
                let fields = Fields::new()
                    .set(field!("Name"), "x")
                    .set(field!("Description"), format!("<{text}>"))
                    .set(field!("AnnualRevenue"), number.parse::<Number>().unwrap());
                Write::Insert { object: object!("Account"), fields }
            })
            .collect();
        let outcomes = runtime.block_on(transport.write(&rows, &WriteOptions::new())).unwrap();
        let ids: Vec<SfId> = outcomes.into_iter().map(|outcome| outcome.into_result().unwrap().0).collect();
        let fields = [field!("Description"), field!("AnnualRevenue")];
        let page = runtime.block_on(transport.retrieve(&object!("Account"), &ids, &fields, &CallOptions::new())).unwrap();
        for (row, (text, number)) in page.decode::<Record>().unwrap().into_iter().zip(&values) {
            let row = row.unwrap();
            let seen = row.value("Description").map(|value| value.as_str().unwrap_or_default().to_owned());
            prop_assert_eq!(seen, Some(format!("<{text}>")));
            prop_assert_eq!(row.get::<Number>("AnnualRevenue").unwrap().into_value(), Some(number.parse().unwrap()));
        }
    });
}
