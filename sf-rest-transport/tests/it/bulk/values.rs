//! Any text arrives as it was given, whatever CSV makes of it.
use super::{Served, stream, thing, things, upsert};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use sf_core::{Delivery, ErrorKind, Field, Fields, Value, field};
use sf_testorg::Assumptions;

/// Pain 40: an empty cell is "unchanged", `#N/A` is null.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn absent_stays_null_clears_and_the_text_of_null_is_refused() {
    let served = Served::new(things().build());
    let org = served.org();
    let full = |key: &str| thing(key, "name").set(field!("Notes__c"), "notes").set(field!("Amount__c"), 5);
    org.bulk_ingest(upsert(), ["a", "b", "c"].map(full)).run().await.unwrap();
    let key = |key: &str| Fields::new().set(field!("Key__c"), key);
    let rows = [
        // The second row has a column more: for the first its cell is empty.
        key("a").set(field!("Notes__c"), Value::Null),
        key("b").set(field!("Amount__c"), Value::Null).set(field!("Notes__c"), "new"),
        key("c").set(field!("Notes__c"), "#N/A"),
    ];
    let report = org.bulk_ingest(upsert(), rows).run().await.unwrap();
    let refused = report.outcomes[2].failure().unwrap();
    assert_eq!((refused.kind, refused.delivery), (ErrorKind::InvalidInput, Delivery::NotSent));
    assert_eq!(refused.fields, ["Notes__c"]);
    let value = |at: usize, name: &str| {
        let id = report.outcomes[at].clone().into_result().unwrap().0;
        served.sim.row(id).unwrap().value(name).unwrap().into_owned()
    };
    assert_eq!((value(0, "Notes__c"), value(0, "Amount__c")), (Value::Null, Value::from(5)));
    assert_eq!((value(1, "Notes__c"), value(1, "Amount__c")), (Value::from("new"), Value::Null));
    let notes = served
        .sim
        .rows(&sf_core::object!("Thing__c"))
        .iter()
        .filter(|row| row.get::<String>("Notes__c").unwrap() == Field::from("notes"))
        .count();
    assert_eq!(notes, 1, "the row that was refused is as it was");
}

/// Pain 42: line breaks, quotes, other letters, a byte order mark, NUL.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_that_csv_readers_stumble_over_arrive_as_they_were() {
    // Salesforce takes blanks around a text away; what is asked here is what arrives.
    let mut assumed = Assumptions::default();
    assumed.values.texts_are_trimmed = false;
    let served = Served::new(things().assumptions(assumed).build());
    let mut texts: Vec<String> = [
        "\u{feff}bom",
        "a,b",
        "\"",
        "\"\"",
        "say \"hi\"",
        "line\nbreak",
        "\r\n",
        "cr\ronly",
        "\n",
        "'",
        "\\",
        "\\N",
        "null",
        "NULL",
        "#N/A ",
        "#n/a",
        "-",
        "=1+1",
        "@x",
        "\u{0}",
        "a\u{0}b",
        "\u{1}\u{1f}",
        "ä€😀",
        "\u{2028}",
        "Zürich; Genève\t|",
        "0010",
        "1e5",
        "true",
        "x y",
    ]
    .map(str::to_owned)
    .to_vec();
    let mut runner = TestRunner::new(Config::default());
    let any = proptest::collection::vec(
        prop_oneof![Just('"'), Just(','), Just('\n'), Just('\r'), Just('\u{feff}'), any::<char>()],
        1..40,
    );
    for _ in 0..300 {
        texts.push(any.new_tree(&mut runner).unwrap().current().into_iter().collect());
    }
    // First in its row and first in its file as well: where a byte order mark would be taken for one.
    let row = |(n, text): (usize, &String)| {
        Fields::new().set(field!("Notes__c"), text.as_str()).set(field!("Key__c"), format!("k{n}"))
    };
    let rows: Vec<Fields> = texts.iter().enumerate().map(row).collect();
    let report = served.org().bulk_ingest_stream(upsert(), stream(rows)).run().await.unwrap();
    for (text, outcome) in texts.iter().zip(report.outcomes) {
        let id = outcome.into_result().unwrap_or_else(|e| panic!("{text:?}: {e}")).0;
        let saved = served.sim.row(id).unwrap().get::<String>("Notes__c").unwrap();
        assert_eq!(saved, Field::Value(text.clone()));
    }
}

/// Pain 41: the header comes from the first row and other rows' columns are dropped.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_column_of_every_row_is_in_the_header_once() {
    let served = Served::new(things().build());
    let rows = (0..30).map(|n| {
        let row = Fields::new().set(field!("Key__c"), format!("k{n}"));
        match n % 3 {
            0 => row,
            1 => row.set(field!("NAME"), "n").set(field!("Amount__c"), n),
            _ => row.set(field!("Amount__c"), n).set(field!("Name"), "m"),
        }
    });
    let report = served.org().bulk_ingest_stream(upsert(), stream(rows)).run().await.unwrap();
    for (n, outcome) in report.outcomes.into_iter().enumerate() {
        let row = served.sim.row(outcome.into_result().unwrap().0).unwrap();
        let name = row.get::<String>("Name").unwrap().into_value();
        assert_eq!(name.as_deref(), [None, Some("n"), Some("m")][n % 3], "{n}");
        let amount = row.get::<sf_core::Number>("Amount__c").unwrap().into_value();
        assert_eq!(amount, (n % 3 > 0).then_some((n as i64).into()));
    }
    let upload = served.sim.calls().into_iter().find(|call| call.operation() == "ingest_upload").unwrap();
    assert_eq!(upload.body.lines().next(), Some("Key__c,NAME,Amount__c"));
}
