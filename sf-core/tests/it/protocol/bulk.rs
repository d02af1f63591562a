//! Bulk API 2.0: the CSV that goes in and out, and what its answers say.
use proptest::prelude::*;
use sf_core::{
    BulkIngest, ErrorCode, Field, Fields, IntoBulkRow, Number, Record, SfId, Timestamp, Value, field,
    models::{Account, Opportunity},
    object,
    protocol::{
        Response,
        bulk::{
            CsvEncoder, CsvReader, JobInfo, RowDecoder, job_failure, list_response, next_locator,
            read_row_error, result_pages_response,
        },
    },
};

fn csv(rows: &[Fields]) -> String {
    let mut encoder = CsvEncoder::new();
    rows.iter().for_each(|row| encoder.push(row).unwrap());
    let (size, text) = (encoder.size(), encoder.finish());
    assert_eq!(size, text.len());
    assert_eq!((encoder.rows(), encoder.finish().as_str()), (0, ""));
    text
}
/// Header and cells, the text cut into pieces of `piece` bytes.
fn read(text: &str, piece: usize) -> (Vec<String>, Vec<Vec<String>>) {
    let (mut reader, mut rows) = (CsvReader::new(), Vec::new());
    for mut input in text.as_bytes().chunks(piece.max(1)).chain([&[][..]]) {
        while let Some(row) = reader.read(&mut input).unwrap() {
            rows.push(row.cells().map(str::to_owned).collect());
        }
    }
    (reader.header().map(str::to_owned).collect(), rows)
}

/// Pain 40: empty, null and text are three things.
/// Pain 57: the word `null` instead of an empty cell.
#[test]
fn nothing_null_and_text_are_told_apart() {
    let rows = [
        Fields::new().set(field!("A"), Value::Null).set(field!("B"), "null").set(field!("C"), true),
        Fields::new().set(field!("B"), "").set(field!("C"), false),
        Fields::new().set(field!("A"), " a ").set(field!("B"), "say \"hi\""),
    ];
    assert_eq!(csv(&rows), "A,B,C\n#N/A,null,true\n,#N/A,false\n a ,\"say \"\"hi\"\"\",\n");
    let mut encoder = CsvEncoder::new();
    let failure = encoder.push(&Fields::new().set(field!("A"), 1).set(field!("B"), "#N/A")).unwrap_err();
    assert_eq!(failure.fields, ["B"]);
    assert!(failure.help().next_step.contains("Org::write"));
    assert_eq!((encoder.rows(), encoder.columns().len(), encoder.size()), (0, 0, 0), "no trace is left");
}

/// Pain 41: the header is made of the first row, or in random order.
#[test]
fn the_header_is_the_union_of_all_rows_in_the_order_of_their_coming() {
    let rows = [
        Fields::new().set(field!("B"), 1),
        Fields::new().set(field!("A"), 2).set(field!("b"), 3),
        Fields::new().set(field!("C"), "x,y"),
        Fields::new().set(field!("A"), 4),
    ];
    assert_eq!(csv(&rows), "B,A,C\n1,,\n3,2,\n,,\"x,y\"\n,4,\n");
}

/// Pain 51: big numbers are rounded; exponents in CSV.
#[test]
fn numbers_keep_their_digits_and_dates_are_iso() {
    let number = |text: &str| text.parse::<Number>().unwrap();
    let at: Timestamp = "2026-01-02T05:04:05+02:00".parse().unwrap();
    let row = Fields::new()
        .set(field!("A"), number("9007199254740993"))
        .set(field!("B"), number("1.0E7"))
        .set(field!("C"), number("0.10"))
        .set(field!("D"), at)
        .set(field!("E"), chrono::NaiveDate::from_ymd_opt(2026, 1, 2).unwrap());
    assert_eq!(
        csv(&[row]),
        "A,B,C,D,E\n9007199254740993,10000000,0.10,2026-01-02T03:04:05.000Z,2026-01-02\n"
    );
}

#[test]
fn parents_are_columns() {
    let by = |object: &str, key: &str| {
        Record::new(sf_core::ObjectName::new(object).unwrap()).set(field!("Key__c"), key)
    };
    let row = Fields::new().set(field!("Who"), by("Lead", "l")).set(field!("Play__r"), by("Play__c", "p"));
    let mut encoder = CsvEncoder::new().with_polymorphic(["who"]);
    encoder.push(&row).unwrap();
    encoder.push(&Fields::new().set(field!("Play__r"), Value::Null)).unwrap();
    assert_eq!(encoder.finish(), "Lead:Who.Key__c,Play__r.Key__c,Play__c\nl,p,\n,,#N/A\n");
    for parent in [Record::new(object!("User")), by("User", "x").set(field!("B"), 1)] {
        let failure = CsvEncoder::new().push(&Fields::new().set(field!("Owner"), parent)).unwrap_err();
        assert!(failure.help().next_step.contains("external ID"), "{failure}");
    }
    let json: Value = serde_json::from_str(r#"{"city":"Ulm"}"#).unwrap();
    assert!(CsvEncoder::new().push(&Fields::new().set(field!("BillingAddress"), json)).is_err());
    assert!(CsvEncoder::new().push(&Fields::new()).is_err());
    let long = "x".repeat(131_073);
    assert!(CsvEncoder::new().push(&Fields::new().set(field!("A"), long)).is_err());
}

#[test]
fn models_bring_what_their_operation_needs() {
    let id = SfId::new("001000000000001AAA").unwrap();
    let row =
        Account { id: Field::Value(id), phone: Field::Null, created_date: Field::Null, ..Account::default() };
    let of = |ingest: BulkIngest| row.clone().into_bulk_row(&ingest).map(|row| csv(&[row]));
    assert_eq!(of(BulkIngest::update(object!("Account"))).unwrap(), "Id,Phone\n001000000000001AAA,#N/A\n");
    assert_eq!(of(BulkIngest::delete(object!("Account"))).unwrap(), "Id\n001000000000001AAA\n");
    assert_eq!(of(BulkIngest::insert(object!("Account"))).unwrap(), "Phone\n#N/A\n");
    assert!(of(BulkIngest::upsert(object!("Account"), field!("Key__c"))).is_err());
    assert!(Account::default().into_bulk_row(&BulkIngest::update(object!("Account"))).is_err());
    let fields = Fields::new().set(field!("Id"), id);
    assert!(fields.clone().into_bulk_row(&BulkIngest::insert(object!("Account"))).is_err());
    assert!(fields.into_bulk_row(&BulkIngest::upsert(object!("Account"), field!("Id"))).is_ok());
}

/// Pain 25: `Sforce-Locator` says `null`, nothing, or is not there.
#[test]
fn the_last_page_is_known_in_every_form() {
    let answer = |headers: &[(&str, &str)]| {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        next_locator(&Response::new(200, headers, "")).map(str::to_owned)
    };
    assert_eq!(answer(&[("sforce-locator", "MTAw")]), Some("MTAw".to_owned()));
    for last in
        [&[][..], &[("Sforce-Locator", "null")], &[("Sforce-Locator", "")], &[("SFORCE-LOCATOR", " NULL ")]]
    {
        assert_eq!(answer(last), None);
    }
    let pages = |text: &str| result_pages_response(&Response::new(200, vec![], text));
    let url = "/services/data/v66.0/jobs/query/750/results?locator=a%3D1&x=2";
    let both = pages(&format!(
        r#"{{"resultPages":[{{"resultUrl":"{url}"}}],"nextRecordUrl":"/n?locator=Z","done":false}}"#
    ));
    let both = both.unwrap();
    assert_eq!((both.locators, both.next.as_deref()), (vec!["a=1".to_owned()], Some("/n?locator=Z")));
    let last = pages(r#"{"resultPages":[],"nextRecordsUrl":null,"done":true}"#).unwrap();
    assert_eq!((last.locators.len(), last.next), (0, None));
    assert!(pages(r#"{"resultPages":[{"resultUrl":"/x"}],"done":true}"#).is_err());
    // More, and nobody says where.
    for next in ["", r#","nextRecordsUrl":null"#, r#","nextRecordsUrl":"""#] {
        assert!(pages(&format!(r#"{{"resultPages":[],"done":false{next}}}"#)).is_err());
        let jobs = |done: &str| {
            let text = format!(r#"{{"records":[{{"id":"750000000000001AAA","state":"Open"}}]{done}{next}}}"#);
            list_response(&Response::new(200, vec![], text))
        };
        assert!(jobs(r#","done":false"#).is_err() && jobs("").is_err());
        let list = jobs(r#","done":true"#).unwrap();
        assert_eq!((list.jobs.len(), list.next), (1, None));
    }
    // Another kind of job may lack what these have; what is no job is no answer.
    let jobs = |records: &str| {
        let text = format!(r#"{{"records":[{records}],"done":true}}"#);
        list_response(&Response::new(200, vec![], text)).map(|list| list.jobs.len())
    };
    assert_eq!(jobs(r#"{"id":"750000000000001AAA"}"#).unwrap(), 0);
    for bad in ["null", "7", "[]", r#"{}"#] {
        assert!(jobs(bad).is_err(), "{bad}");
    }
}

#[test]
fn row_errors_are_read_as_the_org_writes_them() {
    for (text, code, message, fields) in [
        (
            "INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--",
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
            &[][..],
        ),
        (
            "STRING_TOO_LONG:Name: data value too large: a:b (max length=3):Name --",
            "STRING_TOO_LONG",
            "Name: data value too large: a:b (max length=3)",
            &["Name"],
        ),
        ("X_Y:m:A,B --", "X_Y", "m", &["A", "B"]),
        ("UNABLE_TO_LOCK_ROW:no tail", "UNABLE_TO_LOCK_ROW", "no tail", &[]),
    ] {
        let failure = read_row_error(text);
        assert_eq!(failure.code, Some(ErrorCode::from(code)));
        assert_eq!(
            (failure.message.as_str(), &failure.fields[..]),
            (message, &fields.iter().map(ToString::to_string).collect::<Vec<_>>()[..])
        );
    }
    assert_eq!(read_row_error("just words: here").code, None);
    assert!(!read_row_error("").message.is_empty());
    let job = |state: &str, message: &str| -> JobInfo {
        let text = format!(
            r#"{{"id":"750000000000001AAA","state":"{state}","errorMessage":"{message}","numberRecordsProcessed":null}}"#
        );
        serde_json::from_str(&text).unwrap()
    };
    assert_eq!(
        job_failure(&job("Failed", "ExceededQuota : daily")).unwrap().code,
        Some(ErrorCode::ExceededQuota)
    );
    assert_eq!(job_failure(&job("Failed", "no code here")).unwrap().code, None);
    assert!(job_failure(&job("Aborted", "")).is_some() && job_failure(&job("Brooding", "")).is_none());
}

#[test]
fn cells_get_the_types_of_the_model() {
    let text = "\u{feff}\"Id\",\"Name\",Amount,IsWon,\"CloseDate\",\"SystemModstamp\",\"Account.Name\",\"Account.Owner.Name\",\"Campaign.Name\"\r\n\
        006000000000001AAA,00123,1.50,true,2026-01-02,2026-01-02T03:04:05.000Z,\"Ac\"\"me\n\\\",,\r\n";
    let mut reader = CsvReader::new();
    let mut input = text.as_bytes();
    reader.read_header(&mut input).unwrap();
    let kind = <Opportunity as sf_core::FromBulkRow>::kind;
    let mut decoder = RowDecoder::new("Opportunity", reader.header(), kind);
    let row = reader.read(&mut input).unwrap().unwrap();
    let typed: Opportunity = decoder.decode(row).unwrap();
    assert_eq!(typed.name, "00123".into());
    assert_eq!(typed.amount.value().unwrap().as_str(), "1.50");
    let account: Field<Record> = typed.extra.get("Account").unwrap();
    assert_eq!(account.value().unwrap().get::<String>("Name").unwrap(), "Ac\"me\n\\".into());
    assert_eq!(account.value().unwrap().get::<String>("Owner.Name").unwrap(), Field::Null);
    assert_eq!(typed.extra.get::<Record>("Campaign").unwrap(), Field::Null);
    let record: Record = RowDecoder::new("Opportunity", reader.header(), |_| None)
        .decode({
            let mut again = text.as_bytes();
            reader = CsvReader::new();
            reader.read(&mut again).unwrap().unwrap()
        })
        .unwrap();
    assert_eq!(record.get::<String>("Amount").unwrap(), "1.50".into());
}

#[test]
fn a_byte_order_mark_is_skipped_however_it_is_cut() {
    for (text, header) in [
        ("\u{feff}\"Id\",Name\n1,x\n", ["Id", "Name"]),
        ("Id,Name\n1,x\n", ["Id", "Name"]),
        // These begin as the mark does.
        ("\u{fec0}Id,Name\n1,x\n", ["\u{fec0}Id", "Name"]),
        ("\u{fefe},Name\n1,x\n", ["\u{fefe}", "Name"]),
    ] {
        for piece in 1..=5 {
            let (found, rows) = read(text, piece);
            assert_eq!(
                (found.as_slice(), rows.len()),
                (&header.map(str::to_owned)[..], 1),
                "{text:?} {piece}"
            );
        }
    }
    for (text, header) in [("\u{feff}", vec![]), ("", vec![]), ("A", vec!["A".to_owned()])] {
        assert_eq!(read(text, 1), (header, Vec::new()), "{text:?}");
    }
}

#[test]
fn a_text_that_was_cut_off_is_an_error() {
    let mut reader = CsvReader::new();
    let mut input = "A,B\n1,2\n3".as_bytes();
    assert!(reader.read(&mut input).unwrap().is_some());
    assert!(reader.read(&mut input).unwrap().is_none());
    assert_eq!(reader.read(&mut [].as_slice()).unwrap_err().kind, sf_core::ErrorKind::Decode);
    let mut reader = CsvReader::new();
    assert!(reader.read(&mut b"A\n\xff\n".as_slice()).is_err());
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a,\"\r\n;é\t #N/A]{1,12}".prop_filter("clears", |text| text != "#N/A").prop_map(Value::from),
        any::<String>()
            .prop_filter("clears", |text| text != "#N/A" && !text.is_empty())
            .prop_map(Value::from),
    ]
}
proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Pain 42: quotes, line breaks, other letters, pieces that end anywhere.
    #[test]
    fn what_is_written_is_read_back(
        rows in prop::collection::vec(prop::collection::btree_map("[A-D]", value(), 1..5), 1..8),
        piece in 1..40_usize,
    ) {
        let rows: Vec<Fields> = rows
            .into_iter()
            .map(|row| row.into_iter().map(|(name, value)| (sf_core::FieldName::new(name).unwrap(), value)).collect())
            .collect();
        // A line of one empty cell is no row to a reader: such rows are not sent.
        let (header, cells) = read(&csv(&rows), piece);
        prop_assert_eq!(cells.len(), rows.len());
        for (row, cells) in rows.iter().zip(cells) {
            prop_assert_eq!(cells.len(), header.len());
            for (name, cell) in header.iter().zip(cells) {
                let expected = match row.get(&sf_core::FieldName::new(name).unwrap()) {
                    None => String::new(),
                    Some(Value::Null) => "#N/A".to_owned(),
                    Some(value) => value.to_string(),
                };
                prop_assert_eq!(cell, expected);
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), piece in 1..20_usize) {
        let mut reader = CsvReader::new();
        'all: for mut input in bytes.chunks(piece).chain([&[][..]]) {
            loop {
                match reader.read(&mut input) {
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(_) => break 'all,
                }
            }
        }
    }
}
