//! Rows in, outcomes out.
use super::{empty, names, operations, org, thing, things, upsert};
use sf_core::{
    BulkIngest, Delivery, ErrorCode, ErrorKind, Field, Fields, Record, RowOutcome, SObject, Value, field,
    models::Account, object,
};
use sf_testorg::{Effect, Fault, On};
use std::time::Duration;

/// Pain 47: results come in another order and without your key.
#[test]
fn given_shuffled_results_when_loaded_then_each_outcome_stands_at_its_row() {
    let test = things();
    let rows: Vec<Fields> = (0..200)
        .map(|n| match n % 10 {
            // Two rows with one key fail both, each with its own text.
            7 => thing("twice", &format!("t{n}")),
            _ => thing(format!("k{n}"), &format!("n{n}, \"q\"\nline")),
        })
        .collect();
    let mut load = org(&test).bulk_ingest(upsert(), rows);
    let report = test.clock().run(load.run()).unwrap();
    assert_eq!((report.outcomes.len(), report.unmatched.len(), report.jobs.len()), (200, 0, 1));
    for (n, outcome) in report.outcomes.iter().enumerate() {
        match outcome {
            RowOutcome::Done { id, created } => {
                let row = test.row(*id).unwrap();
                assert_eq!(row.get::<String>("Key__c").unwrap(), Field::Value(format!("k{n}")));
                assert!(created);
            }
            RowOutcome::Failed(failure) => {
                assert_eq!((n % 10, failure.delivery), (7, Delivery::Refused), "{failure}");
                assert!(failure.code.is_some());
            }
        }
    }
    assert_eq!(report.failures().count(), 20);
    let expected =
        ["ingest", "ingest_upload", "ingest_state", "ingest_results", "ingest_results", "ingest_results"];
    assert_eq!(operations(&test), expected);
}

#[test]
fn given_equal_rows_when_inserted_then_each_has_an_outcome_of_its_own() {
    let test = empty().build();
    let rows = ["a", "b", "a", "a"].map(|name| Fields::new().set(field!("Name"), name));
    let mut load = org(&test).bulk_ingest(BulkIngest::insert(object!("Account")), rows.clone());
    let report = test.clock().run(load.run()).unwrap();
    let mut ids = std::collections::BTreeSet::new();
    for (row, outcome) in rows.iter().zip(report.outcomes) {
        let (id, created) = outcome.into_result().unwrap();
        assert!(created && ids.insert(id));
        let name = test.row(id).unwrap().get::<String>("Name").unwrap();
        assert_eq!(name.value().map(String::as_str), row.get(&field!("Name")).unwrap().as_str());
    }
}

/// Pain 40: an empty cell is "unchanged", `#N/A` is null.
#[test]
fn given_absent_and_null_when_updated_then_one_stays_and_one_is_cleared() {
    let test = empty().build();
    let org = org(&test);
    test.clock().run(async {
        let account = Account {
            name: "Acme".into(),
            phone: "1".into(),
            website: "w".into(),
            number_of_employees: Field::Value(5),
            ..Account::default()
        };
        let id = org.insert(&account).await.unwrap();
        // A fetched row can be sent back: what Salesforce keeps is left out, the id is taken.
        let mut fetched: Account = org.fetch(id).await.unwrap();
        (fetched.phone, fetched.website, fetched.fax) = (Field::Absent, Field::Null, "".into());
        let other = Account { id: Field::Value(id), ..Account::default() };
        let rows = [fetched.clone(), other];
        let report = org.bulk_ingest(BulkIngest::update(Account::OBJECT), rows).run().await.unwrap();
        // Both are about one record, which the org refuses: this is not what the test is about.
        assert!(report.outcomes.iter().all(|outcome| outcome.failure().is_some()));
        let report = org.bulk_ingest(BulkIngest::update(Account::OBJECT), [fetched]).run().await.unwrap();
        assert_eq!(report.outcomes, [RowOutcome::Done { id, created: false }]);
        let row: Account = org.fetch(id).await.unwrap();
        assert_eq!((row.phone, row.website, row.fax), ("1".into(), Field::Null, Field::Null));
        assert_eq!(row.number_of_employees, Field::Value(5));
        let report = org.bulk_ingest(BulkIngest::delete(Account::OBJECT), [id]).run().await.unwrap();
        assert!(report.outcomes[0].is_done());
        assert_eq!(test.row(id).and_then(|row| row.get::<bool>("IsDeleted").unwrap().into_value()), None);
    });
}

#[test]
fn given_the_text_of_null_when_loaded_then_its_row_is_not_sent_and_the_others_are() {
    let test = things();
    let rows =
        [thing("a", "#N/A"), thing("b", "x"), thing("", "no key"), Fields::new().set(field!("Name"), "y")];
    let report = test.clock().run(org(&test).bulk_ingest(upsert(), rows).run()).unwrap();
    let failures: Vec<_> = report.failures().collect();
    assert_eq!(failures.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [0, 2, 3]);
    for (_, failure) in &failures {
        assert_eq!((failure.kind, failure.delivery), (ErrorKind::InvalidInput, Delivery::NotSent));
    }
    assert!(failures[0].1.help().next_step.contains("Org::write"));
    assert_eq!(failures[0].1.fields, ["Name"]);
    assert_eq!(names(&test), ["x"]);
    let none = [thing("", "no key")];
    let report = test.clock().run(org(&test).bulk_ingest(upsert(), none).run()).unwrap();
    assert_eq!((report.outcomes.len(), report.jobs.len()), (1, 0), "a job without rows is not made");
}

/// Pain 41: the header comes from the first row and other rows' columns are dropped.
/// Pain 42: a file cut by lines breaks texts with line breaks.
#[test]
fn given_rows_with_different_fields_when_split_into_jobs_then_nothing_is_lost() {
    let test = things();
    let rows: Vec<Fields> = (0..50)
        .map(|n| {
            let row = Fields::new().set(field!("Key__c"), format!("k{n}"));
            match n % 3 {
                0 => row,
                1 => row.set(field!("Name"), format!("{n}\r\n\"ä\",\nx")),
                _ => row.set(field!("Amount__c"), n).set(field!("name"), format!("n{n}")),
            }
        })
        .collect();
    for (ingest, jobs) in [(upsert().with_part_rows(7), 8), (upsert().with_part_bytes(120), 0)] {
        let test = if jobs == 8 { test.clone() } else { things() };
        let report = test.clock().run(org(&test).bulk_ingest(ingest.clone(), rows.clone()).run()).unwrap();
        assert!(report.jobs.len() == jobs || (jobs == 0 && report.jobs.len() > 5));
        for (n, (row, outcome)) in rows.iter().zip(report.outcomes).enumerate() {
            let saved = test.row(outcome.into_result().unwrap().0).unwrap();
            for (name, value) in row.iter() {
                assert_eq!(saved.value(name.as_str()).as_deref(), Some(value), "row {n} {name}");
            }
        }
        for call in test.calls().iter().filter(|call| call.operation() == "ingest_upload") {
            assert!(call.body.len() <= ingest.part_bytes || call.body.lines().count() < 5, "{}", call.body);
        }
    }
}

/// Pain 51: big numbers are rounded, and come with an exponent.
#[test]
fn given_numbers_when_loaded_then_their_digits_arrive() {
    let test = things();
    let number = |text: &str| text.parse::<sf_core::Number>().unwrap();
    let row = |key: &str, n: &str| thing(key, key).set(field!("Amount__c"), number(n));
    let rows = [row("a", "9007199254740993"), row("b", "1.6E13"), row("c", "0.10")];
    test.clock().run(org(&test).bulk_ingest(upsert(), rows).run()).unwrap();
    let upload = test.calls().into_iter().find(|call| call.operation() == "ingest_upload").unwrap();
    assert_eq!(upload.body, "Key__c,Name,Amount__c\na,a,9007199254740993\nb,b,16000000000000\nc,c,0.10\n");
}

#[test]
fn given_parents_by_external_id_when_loaded_then_the_lookup_is_set_and_cleared() {
    let test = things();
    let org = org(&test);
    test.clock().run(async {
        org.bulk_ingest(upsert(), [thing("p", "parent")]).run().await.unwrap();
        let parent = Record::new(object!("Thing__c")).set(field!("Key__c"), "p");
        let child = thing("c", "child").set(field!("Parent__r"), parent);
        let report = org.bulk_ingest(upsert(), [child]).run().await.unwrap();
        let child = report.outcomes[0].clone().into_result().unwrap().0;
        assert!(matches!(test.row(child).unwrap().value("Parent__c").as_deref(), Some(Value::Text(_))));
        let cleared = thing("c", "child").set(field!("Parent__r"), Value::Null);
        let report = org.bulk_ingest(upsert(), [cleared]).run().await.unwrap();
        assert!(report.outcomes[0].is_done());
        assert_eq!(test.row(child).unwrap().value("Parent__c").as_deref(), Some(&Value::Null));
    });
}

#[test]
fn given_a_lookup_to_several_objects_when_loaded_then_the_header_names_the_object() {
    let test = empty()
        .with_row(
            object!("Lead"),
            Fields::new()
                .set(field!("LastName"), "Lee")
                .set(field!("Company"), "C")
                .set(field!("Email"), "lee@example.com"),
        )
        .build();
    let lead = Record::new(object!("Lead")).set(field!("Email"), "lee@example.com");
    let owner = test.credentials().username;
    let task = Fields::new().set(field!("Subject"), "s").set(field!("Who"), lead);
    let account = Fields::new()
        .set(field!("Name"), "a")
        .set(field!("Owner"), Record::new(object!("User")).set(field!("Username"), owner));
    for (object, row, column) in [("Task", task, "Lead:Who.Email"), ("Account", account, "Owner.Username")] {
        let ingest = BulkIngest::insert(sf_core::ObjectName::new(object).unwrap());
        let report = test.clock().run(org(&test).bulk_ingest(ingest, [row]).run()).unwrap();
        assert!(report.outcomes[0].is_done(), "{:?}", report.outcomes);
        let upload = test.calls().into_iter().rfind(|call| call.operation() == "ingest_upload").unwrap();
        assert!(upload.body.lines().next().unwrap().ends_with(column), "{}", upload.body);
    }
}

#[test]
fn given_an_unknown_column_when_loaded_then_every_row_says_why() {
    let test = things();
    let rows = [thing("a", "a").set(field!("Foo__c"), 1), thing("b", "b")];
    let report = test.clock().run(org(&test).bulk_ingest(upsert(), rows).run()).unwrap();
    for outcome in &report.outcomes {
        let failure = outcome.failure().unwrap();
        assert_eq!(
            (failure.code.as_ref(), failure.delivery),
            (Some(&ErrorCode::InvalidBatch), Delivery::Refused)
        );
        assert!(
            failure.message.contains("Foo__c") && failure.help().next_step.contains("field"),
            "{failure}"
        );
    }
    assert!(names(&test).is_empty());
}

#[test]
fn given_a_locked_row_when_loaded_then_its_failure_can_be_told_from_others() {
    let test = things();
    test.inject(Fault::new(On::Any, Effect::RowLock));
    let report =
        test.clock().run(org(&test).bulk_ingest(upsert(), [thing("a", "a"), thing("b", "b")]).run()).unwrap();
    let failures: Vec<_> = report.failures().collect();
    assert_eq!((failures.len(), failures[0].1.retry()), (1, sf_core::Retry::Lock));
}

/// Pain 64: a poll times out, the client stops, the job runs on.
#[test]
fn given_little_patience_when_the_org_is_slow_then_the_load_can_be_gone_on_with() {
    let test = empty().bulk_step(Duration::from_secs(300)).build();
    let rows = || [Fields::new().set(field!("Name"), "a")];
    let ingest = BulkIngest::insert(object!("Account")).with_patience(Duration::from_secs(60));
    let mut load = org(&test).bulk_ingest(ingest, rows());
    let error = test.clock().run(load.run()).unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::Unknown));
    assert!(error.help().next_step.contains("bulk_resume"));
    assert_eq!(load.report().outcomes[0].failure().unwrap().delivery, Delivery::Unknown);
    let saved = serde_json::to_string(load.job()).unwrap();
    drop(load);
    let mut job: sf_core::BulkJob = serde_json::from_str(&saved).unwrap();
    job.ingest.patience = None;
    let before = test.counters().requests;
    let report = test.clock().run(org(&test).bulk_resume(job, rows()).run()).unwrap();
    assert!(report.outcomes[0].is_done());
    assert_eq!(test.rows(&object!("Account")).len(), 1);
    let asked = test.counters().requests - before;
    assert!(asked < 40, "{asked} requests in ten minutes: polling slows down");
}

#[test]
fn given_a_load_when_aborted_then_what_was_done_is_told() {
    let test = things();
    let rows: Vec<Fields> = (0..60).map(|n| thing(format!("k{n}"), "x")).collect();
    let mut load = org(&test).bulk_ingest(upsert().with_part_rows(40), rows);
    test.clock().run(async {
        // Created, uploaded, closed; then created.
        for _ in 0..4 {
            load.step().await.unwrap().unwrap();
        }
        load.job().status(&org(&test)).await.unwrap();
        load.job().status(&org(&test)).await.unwrap();
        load.abort().await.unwrap();
        let report = load.run().await.unwrap();
        let done = report.outcomes.iter().filter(|outcome| outcome.is_done()).count();
        assert_eq!(done, names(&test).len());
        assert!(report.failures().all(|(_, failure)| failure.delivery != Delivery::Unknown), "{report:?}");
        load.job().delete(&org(&test)).await.unwrap();
        load.job().delete(&org(&test)).await.unwrap();
    });
}
