//! What goes in comes out: any text, any number, null.
use crate::real::Real;
use proptest::{collection::vec, prelude::*, strategy::ValueTree, test_runner::TestRunner};
use sf_core::{Fields, Number, Record, SfId, Soql, Value, Write, WriteOptions, field, object};
use sf_testorg::{Effect, Fault, On, TestOrg};

/// What has broken a client, a shell or the command itself before.
const AWKWARD: &[&str] = &[
    "O'Brien & Sons",
    "it's \"quoted\" both ways",
    "back\\slash \\",
    "line\nbreak\r\nand\ttab",
    "$(touch x) `id` %PATH% ${HOME} !!",
    "-o other",
    "--json",
    "@/etc/passwd",
    "@{ref}",
    "@{step.id}",
    "{}",
    "[1,{}]",
    "null",
    "true",
    "1e5",
    "#N/A",
    "=1+1",
    "a=b c='d'",
    "100% & more?x=1#y",
    "%27 %00 + %2B",
    "日本語 😀 \u{1F468}\u{200D}\u{1F469}",
    "e\u{301} \u{FB01} \u{2028} \u{FEFF}",
    "\u{202E}rtl",
    "<b>&amp;</b>",
    "\u{7F}\u{85}",
    "a,b;c|d",
    "'; DROP --",
    "Bearer 00D!AQ",
    "\\u0041",
    "-",
    "--",
    "/dev/stdin",
];

fn texts(runner: &mut TestRunner, count: usize) -> Vec<String> {
    // The org cuts blanks at the ends, and has no control characters in JSON without escapes.
    let any = vec(any::<char>().prop_filter("NUL is refused", |c| *c != '\0'), 1..60)
        .prop_map(|chars| format!("<{}>", chars.into_iter().collect::<String>()));
    (0..count).map(|_| any.new_tree(runner).unwrap().current()).collect()
}

async fn written(real: &Real, values: &[String]) -> Vec<SfId> {
    let (client, _) = real.client();
    let rows = values.iter().enumerate().map(|(n, text)| Write::Insert {
        object: object!("Account"),
        fields: Fields::new()
            .set(field!("Name"), format!("Row {n}"))
            .set(field!("Description"), text.as_str()),
    });
    let outcomes = client.write(rows, &WriteOptions::new()).await;
    outcomes.into_iter().map(|outcome| outcome.into_result().unwrap().0).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the real sf command (SF_REAL_COMMAND)"]
async fn two_hundred_rows_of_awkward_and_any_text_arrive_and_come_back_as_they_are() {
    let real = Real::of(TestOrg::empty()).await;
    let (client, _) = real.client();
    let mut runner = TestRunner::deterministic();
    for _ in 0..5 {
        let mut values: Vec<String> = AWKWARD.iter().map(|text| (*text).to_owned()).collect();
        values.extend(texts(&mut runner, 200 - AWKWARD.len()));
        let ids = written(&real, &values).await;
        for (id, text) in ids.iter().zip(&values) {
            assert_eq!(real.org.value(*id, "Description"), text.as_str().into());
        }
        let rows = client.fetch_all::<sf_core::models::Account>(ids.iter().copied()).await.unwrap();
        for (row, text) in rows.into_iter().zip(&values) {
            assert_eq!(row.unwrap().description.value(), Some(text));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the real sf command (SF_REAL_COMMAND)"]
async fn texts_stay_values_in_conditions_and_keys() {
    let real = Real::of(TestOrg::empty()).await;
    let (client, _) = real.client();
    let keys: Vec<String> =
        AWKWARD.iter().map(|text| text.trim().to_owned()).filter(|t| t.len() < 80).collect();
    // The name of an opportunity is a key for upserts in the simulated org.
    let rows = |stage: &'static str| {
        keys.iter()
            .map(move |key| Write::Upsert {
                object: object!("Opportunity"),
                key: field!("Name"),
                fields: Fields::new()
                    .set(field!("Name"), key.as_str())
                    .set(field!("StageName"), stage)
                    .set(field!("CloseDate"), "2030-01-31"),
            })
            .collect::<Vec<_>>()
    };
    for (stage, created) in [("Prospecting", true), ("Qualification", false)] {
        for (key, outcome) in keys.iter().zip(client.write(rows(stage), &WriteOptions::new()).await) {
            assert_eq!(outcome.into_result().unwrap().1, created, "{key:?}");
        }
    }
    // One alone goes by another way.
    let one = client.write(rows("Prospecting").split_off(1).into_iter().take(1), &WriteOptions::new()).await;
    assert!(one[0].is_done(), "{:?}", one[0]);
    assert_eq!(real.org.rows(&object!("Opportunity")).len(), keys.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the real sf command (SF_REAL_COMMAND)"]
async fn numbers_keep_their_digits_and_null_clears() {
    let real = Real::of(TestOrg::empty()).await;
    let (client, _) = real.client();
    let mut runner = TestRunner::deterministic();
    // Fifteen digits: more the simulated org, whose numbers are 64-bit floats, does not hold. Longer ones are below.
    let any = (0u64..=999_999_999_999_999u64).prop_map(|n| format!("{}.{:02}", n / 100, n % 100));
    let mut digits: Vec<String> =
        ["9007199254740991", "1234567890123.45", "0.01", "100", "9999999999999.99"].map(str::to_owned).into();
    digits.extend((0..45).map(|_| any.new_tree(&mut runner).unwrap().current()));
    let write = |number: &String| Write::Insert {
        object: object!("Account"),
        fields: Fields::new()
            .set(field!("Name"), number.as_str())
            .set(field!("AnnualRevenue"), number.parse::<Number>().unwrap()),
    };
    let outcomes = client.write(digits.iter().map(write), &WriteOptions::new()).await;
    let ids: Vec<SfId> = outcomes.into_iter().map(|o| o.into_result().unwrap().0).collect();
    let rows = client.fetch_all::<sf_core::models::Account>(ids.iter().copied()).await.unwrap();
    for ((row, id), number) in rows.into_iter().zip(&ids).zip(&digits) {
        let number: Number = number.parse().unwrap();
        assert_eq!(real.org.value(*id, "AnnualRevenue"), Value::from(number.clone()), "in the org");
        assert_eq!(row.unwrap().annual_revenue.value(), Some(&number), "read back");
    }
    let clear = Fields::new().set(field!("AnnualRevenue"), Value::Null);
    let clear =
        Write::Update { object: object!("Account"), id: ids[0], fields: clear, if_unmodified_since: None };
    assert!(client.write([clear], &WriteOptions::new()).await[0].is_done());
    assert_eq!(real.org.value(ids[0], "AnnualRevenue"), Value::Null);
}

/// Numbers that no 64-bit float holds: they would come changed out of any answer that the command itself has read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the real sf command (SF_REAL_COMMAND)"]
async fn numbers_beyond_a_float_are_read_digit_by_digit() {
    let real = Real::of(TestOrg::empty()).await;
    let (client, _) = real.client();
    client.identity().await.unwrap();
    for digits in ["9007199254740993.10", "123456789012345678.000000000000000001", "0.1000000000000000055"] {
        let number: Number = digits.parse().unwrap();
        let id = SfId::new("001000000000001AAA").unwrap();
        let row = format!(
            r#"{{"attributes":{{"type":"Account","url":"/x"}},"Id":"{id}","AnnualRevenue":{digits}}}"#
        );
        let page = format!(r#"{{"totalSize":1,"done":true,"records":[{row}]}}"#);
        let composite = format!(
            r#"{{"compositeResponse":[{{"body":{page},"httpHeaders":{{}},"httpStatusCode":200,"referenceId":"part0"}}]}}"#
        );
        for answer in [composite, format!("[{row}]")] {
            let is_page = answer.contains("compositeResponse");
            // Not the command's own probe, which comes before the request.
            real.org.inject(Fault::new(
                On::Route("POST /services/data/*/composite/**".into()),
                Effect::Page(200, answer),
            ));
            let row = if is_page {
                let rows: Vec<Record> =
                    client.query(Soql::raw("SELECT Id, AnnualRevenue FROM Account")).all().await.unwrap();
                rows[0].get::<Number>("AnnualRevenue").unwrap().value().cloned().unwrap()
            } else {
                let mut rows = client.fetch_all::<sf_core::models::Account>([id]).await.unwrap();
                rows.remove(0).unwrap().annual_revenue.value().cloned().unwrap()
            };
            assert_eq!((row.to_string(), &row), (number.to_string(), &number), "{digits}, {is_page}");
        }
    }
}
