//! Rows in, outcomes out: insert, update, upsert, delete; jobs that are aborted or fail.
use super::{Served, empty, stream, thing, things, upsert};
use sf_core::{
    BulkIngest, Delivery, ErrorCode, ErrorKind, Field, Fields, Record, RowOutcome, SObject, SfId, Value,
    field, models::Account, object,
};
use std::collections::BTreeSet;

fn ids(outcomes: &[RowOutcome]) -> Vec<SfId> {
    outcomes.iter().map(|outcome| outcome.clone().into_result().unwrap().0).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn typed_rows_are_inserted_updated_and_deleted_and_null_is_not_absent() {
    let served = Served::new(empty().build());
    let org = served.org();
    let account = |n: i64| Account {
        name: format!("Company {n}").into(),
        phone: "1".into(),
        website: "https://example.com".into(),
        number_of_employees: Field::Value(n),
        annual_revenue: Field::Value("9007199254740993".parse().unwrap()),
        ..Account::default()
    };
    let insert = BulkIngest::insert(Account::OBJECT);
    let report = org.bulk_ingest_stream(insert, stream((0..250).map(account))).run().await.unwrap();
    assert!(
        report.outcomes.iter().all(|o| matches!(o, RowOutcome::Done { created: true, .. })),
        "{report:?}"
    );
    let ids = ids(&report.outcomes);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 250);
    for (n, id) in ids.iter().enumerate() {
        let row: Record = served.sim.row(*id).unwrap();
        assert_eq!(row.get::<String>("Name").unwrap(), Field::Value(format!("Company {n}")));
    }

    // A row as it was read is sent back: one field changed, one cleared, the others not mentioned or the same.
    let mut rows: Vec<Account> = org.fetch_all(ids.clone()).await.unwrap().into_iter().flatten().collect();
    for row in &mut rows {
        (row.phone, row.website, row.industry) =
            (Field::Absent, Field::Null, "Banking".to_owned().into_picklist());
    }
    let update = BulkIngest::update(Account::OBJECT);
    let report = org.bulk_ingest_stream(update, stream(rows)).run().await.unwrap();
    assert!(
        report.outcomes.iter().all(|o| matches!(o, RowOutcome::Done { created: false, .. })),
        "{report:?}"
    );
    let row: Account = org.fetch(ids[7]).await.unwrap();
    assert_eq!((row.phone, row.website), ("1".into(), Field::Null));
    assert_eq!(row.industry.value().map(ToString::to_string).as_deref(), Some("Banking"));
    // The org keeps doubles; what was sent has all digits.
    let upload = served.sim.calls().into_iter().find(|call| call.operation() == "ingest_upload").unwrap();
    assert_eq!(upload.body.matches(",9007199254740993,").count(), 250, "{}", &upload.body[..200]);

    let report = org.bulk_ingest(BulkIngest::delete(Account::OBJECT), ids).run().await.unwrap();
    assert!(report.outcomes.iter().all(RowOutcome::is_done));
    assert!(served.sim.rows(&Account::OBJECT).is_empty());
}
trait IntoPicklist<T> {
    fn into_picklist(self) -> Field<T>;
}
impl<T: From<String>> IntoPicklist<T> for String {
    fn into_picklist(self) -> Field<T> {
        Field::Value(self.into())
    }
}

/// Pain 47: results come in another order and without your key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_of_a_stream_are_upserted_and_each_outcome_stands_at_its_row() {
    let served = Served::new(things().build());
    let org = served.org();
    let record = |n: usize| {
        // Two in ten have one key, which fails both; every eleventh has none.
        let key = if n % 10 == 7 { "twice".to_owned() } else { format!("k{n}") };
        let row = Record::new(object!("Thing__c")).set(field!("Name"), format!("n{n}, \"q\"\nline"));
        if n % 11 == 5 { row } else { row.set(field!("Key__c"), key) }
    };
    let report = org.bulk_ingest_stream(upsert(), stream((0..200).map(record))).run().await.unwrap();
    assert_eq!((report.outcomes.len(), report.unmatched.len()), (200, 0));
    for (n, outcome) in report.outcomes.iter().enumerate() {
        match outcome {
            RowOutcome::Done { id, created } => {
                let row = served.sim.row(*id).unwrap();
                assert_eq!(row.get::<String>("Key__c").unwrap(), Field::Value(format!("k{n}")));
                assert!(created);
            }
            RowOutcome::Failed(failure) if n % 11 == 5 => {
                assert_eq!((failure.kind, failure.delivery), (ErrorKind::InvalidInput, Delivery::NotSent));
                assert_eq!(failure.fields, ["Key__c"]);
            }
            RowOutcome::Failed(failure) => {
                assert_eq!((n % 10, failure.delivery), (7, Delivery::Refused), "{n}: {failure}");
            }
        }
    }
    // The same rows again: nothing is new.
    let again = org.bulk_ingest_stream(upsert(), stream((0..5).map(record))).run().await.unwrap();
    assert!(again.outcomes.iter().all(|o| matches!(o, RowOutcome::Done { created: false, .. })), "{again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parent_is_found_by_its_external_id_and_a_lookup_to_several_objects_is_asked_for() {
    let lead = Fields::new()
        .set(field!("LastName"), "Lee")
        .set(field!("Company"), "C")
        .set(field!("Email"), "lee@example.com");
    let served = Served::new(things().with_row(object!("Lead"), lead).build());
    let org = served.org();
    org.bulk_ingest(upsert(), [thing("p", "parent")]).run().await.unwrap();
    let parent = |key: &str| Record::new(object!("Thing__c")).set(field!("Key__c"), key);
    let rows = [
        thing("c", "child").set(field!("Parent__r"), parent("p")),
        thing("d", "orphan").set(field!("Parent__r"), parent("nobody")),
    ];
    let report = org.bulk_ingest(upsert(), rows).run().await.unwrap();
    let child = report.outcomes[0].clone().into_result().unwrap().0;
    assert!(matches!(served.sim.row(child).unwrap().value("Parent__c").as_deref(), Some(Value::Text(_))));
    assert_eq!(report.outcomes[1].failure().unwrap().delivery, Delivery::Refused);

    let who = Record::new(object!("Lead")).set(field!("Email"), "lee@example.com");
    let task = Fields::new().set(field!("Subject"), "Call").set(field!("Who"), who);
    let report = org.bulk_ingest(BulkIngest::insert(object!("Task")), [task]).run().await.unwrap();
    assert!(report.outcomes[0].is_done(), "{report:?}");
    let upload = served.sim.calls().into_iter().rfind(|call| call.operation() == "ingest_upload").unwrap();
    assert!(upload.body.starts_with("Subject,Lead:Who.Email\n"), "{}", upload.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_load_is_cut_below_the_limit_of_a_job_and_no_setting_goes_beyond_it() {
    let served = Served::new(things().build());
    let row = |n: usize| thing(format!("k{n}"), "é".repeat(50)).set(field!("Notes__c"), "x\n".repeat(n % 40));
    let ingest = upsert().with_part_bytes(2_000);
    let report = served.org().bulk_ingest_stream(ingest, stream((0..100).map(row))).run().await.unwrap();
    assert!(report.outcomes.iter().all(RowOutcome::is_done), "{:?}", report.failures().next());
    let calls = served.sim.calls();
    let uploads: Vec<_> = calls.iter().filter(|call| call.operation() == "ingest_upload").collect();
    assert!(uploads.len() > 5 && uploads.len() == report.jobs.len(), "{}", uploads.len());
    for upload in uploads {
        assert!(
            upload.body.len() <= 2_000 && upload.body.starts_with("Key__c,Name"),
            "{}",
            upload.body.len()
        );
    }
    assert_eq!(served.names().len(), 100);
    assert_eq!(upsert().with_part_bytes(usize::MAX).part_bytes, 100_000_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_fails_says_why_at_every_row() {
    let served = Served::new(things().build());
    let rows = [thing("a", "a").set(field!("Foo__c"), 1), thing("b", "b")];
    let report = served.org().bulk_ingest(upsert(), rows).run().await.unwrap();
    for outcome in &report.outcomes {
        let failure = outcome.failure().unwrap();
        let code = failure.code.as_ref();
        assert_eq!((code, failure.delivery), (Some(&ErrorCode::InvalidBatch), Delivery::Refused));
        assert!(failure.message.contains("Foo__c"), "{failure}");
    }
    assert!(served.names().is_empty());
    // An object that the Bulk API does not take is told before a row is sent.
    let load =
        served.org().bulk_ingest(BulkIngest::insert(object!("Nothing__c")), [thing("a", "a")]).run().await;
    assert_eq!(load.unwrap_err().delivery(), Delivery::Refused);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_aborted_load_tells_what_was_done_and_can_be_removed() {
    // A batch of ten rows each time the job is asked for.
    let served = Served::new(things().bulk_batch_rows(10).build());
    let org = served.org();
    let rows = (0..60).map(|n| thing(format!("k{n}"), "x"));
    let mut load = org.bulk_ingest_stream(upsert().with_part_rows(40), stream(rows));
    // Created, uploaded, closed; then created.
    for _ in 0..4 {
        load.step().await.unwrap().unwrap();
    }
    for _ in 0..3 {
        load.job().status(&org).await.unwrap();
    }
    load.abort().await.unwrap();
    let report = load.run().await.unwrap();
    let done = report.outcomes.iter().filter(|outcome| outcome.is_done()).count();
    assert_eq!(done, served.names().len());
    assert!((1..60).contains(&done), "{done}");
    assert!(report.failures().all(|(_, failure)| failure.delivery != Delivery::Unknown), "{report:?}");
    load.job().delete(&org).await.unwrap();
    load.job().delete(&org).await.unwrap();
    let gone = load.job().status(&org).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
}
