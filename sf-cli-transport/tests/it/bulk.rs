//! Bulk API 2.0 over this door: the same steps as over REST, CSV in and out.
use crate::fake::Fake;
use sf_core::{BulkIngest, Fields, Org, Record, Soql, Value, field, object};
use sf_testorg::TestOrg;

const TEXTS: [&str; 6] =
    ["it's \"quoted\"", "two\nlines, and a comma", "äöü 東京 🚀", "null", " padded ", "a: b"];

async fn there_and_back(version: &str) {
    let org = TestOrg::empty();
    let server = org.serve().unwrap();
    let fake = Fake::of(&server, &org).version(version);
    let door = Org::new(fake.sf().await.connect().unwrap());
    let rows: Vec<Fields> = TEXTS
        .iter()
        .enumerate()
        .map(|(i, text)| {
            Fields::new().set(field!("Name"), format!("Bulk {i}")).set(field!("Description"), *text)
        })
        .collect();
    let mut load = door.bulk_ingest(BulkIngest::insert(object!("Account")), rows);
    let report = load.run().await.unwrap();
    assert_eq!(report.failures().count(), 0, "{report:?}");

    let soql = Soql::raw("SELECT Name, Description FROM Account WHERE Name LIKE 'Bulk %'");
    let mut rows = door.bulk_query(soql.typed::<Record>()).all().await.unwrap();
    rows.sort_by_key(|row| row.value("Name").map(|name| name.as_str().unwrap_or_default().to_owned()));
    let seen: Vec<_> =
        rows.iter().map(|row| row.value("Description").map(std::borrow::Cow::into_owned)).collect();
    let held: Vec<_> = TEXTS
        .iter()
        .enumerate()
        .map(|(i, _)| {
            let id = org.find(&object!("Account"), &format!("Bulk {i}"));
            org.row(id.unwrap()).unwrap().value("Description").map(std::borrow::Cow::into_owned)
        })
        .collect();
    assert_eq!(seen, held);
    assert_eq!(held[1], Some(Value::from(TEXTS[1])));
    for call in fake.calls() {
        assert!(!call["argv"].to_string().contains("Bulk "), "{}", call["argv"]);
    }
    let uploads = fake
        .calls()
        .into_iter()
        .filter(|call| call["argv"].to_string().contains("/batches"))
        .collect::<Vec<_>>();
    assert_eq!(uploads.len(), 1);
    assert!(uploads[0]["argv"].to_string().contains("--header=Content-Type:text/csv"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_are_loaded_and_read_with_json_answers() {
    there_and_back("2.150.6").await;
}

/// Pain 57: values go as they are, not by `--values`, and empty ones do not become the word null.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_are_loaded_and_read_with_answers_as_text() {
    there_and_back("2.127.2").await;
}
