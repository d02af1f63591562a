//! The change stream, as a subscriber reads it.
use crate::given::{Given, V, read};
use serde_json::{Value, json};
use sf_core::{Fields, SfId, Write, field, object};
use sf_testorg::{
    Assumptions, ChangeEvent, ChangeType, Effect, Fault, Method, On, Request, TestOrg, demo::Dataset,
    state::Cell,
};
use std::time::Duration;

fn events(given: &Given, after: u64) -> Vec<ChangeEvent> {
    given.org.changes(after).unwrap()
}
/// Entity, type and number of records of each.
fn kinds(events: &[ChangeEvent]) -> Vec<(&str, ChangeType, usize)> {
    let kind = |e: &'_ ChangeEvent| (e.header.change_type, e.header.record_ids.len());
    events.iter().map(|e| (e.header.entity_name.as_str(), kind(e).0, kind(e).1)).collect()
}
fn id(text: &str) -> SfId {
    SfId::new(text).unwrap()
}
const NINE: i64 = 1_767_603_600_000;

#[test]
fn given_a_create_when_read_then_the_whole_event_is_as_the_guide_says() {
    let given = Given::empty();
    let request = Request::post(
        format!("{V}/sobjects/Account"),
        r#"{"Name":"Acme","BillingCity":"Köln","AnnualRevenue":1.5,"NumberOfEmployees":7}"#,
    );
    let answer = given.send(request.header("Sforce-Call-Options", "client=Desk/1, defaultNamespace=x"));
    let account = read(&answer)["id"].clone();
    let user = given.org.credentials().user_id;
    let all = events(&given, 0);
    assert_eq!(all.len(), 1);
    let event = serde_json::to_value(&all[0]).unwrap();
    assert_eq!(
        event,
        json!({
            "replayId": given.org.latest_change(),
            "ChangeEventHeader": {
                "entityName": "Account",
                "recordIds": [account],
                "changeType": "CREATE",
                "changeOrigin": "com/salesforce/api/rest/66.0;client=Desk/1",
                "transactionKey": all[0].header.transaction_key,
                "sequenceNumber": 1,
                "commitTimestamp": NINE,
                "commitNumber": all[0].header.commit_number,
                "commitUser": user,
                "nulledFields": [], "diffFields": [], "changedFields": [],
            },
            "fields": {
                "Name": "Acme",
                "BillingAddress": {"City": "Köln"},
                "AnnualRevenue": 1.5,
                "NumberOfEmployees": 7,
                "IsPartner": false, "IsCustomerPortal": false,
                "OwnerId": user, "CreatedById": user, "LastModifiedById": user,
                "CreatedDate": NINE, "LastModifiedDate": NINE,
            },
        })
    );
    let key = &all[0].header.transaction_key;
    assert_eq!(key.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{key}");
    assert_eq!(serde_json::from_value::<ChangeEvent>(event).unwrap(), all[0]);
}

#[test]
fn given_an_update_when_read_then_only_what_changed_is_in_it_with_nulls_named() {
    let given = Given::empty();
    let account = given
        .insert("Account", json!({"Name": "Acme", "Phone": "1", "BillingCity": "Ulm", "Industry": "Energy"}));
    let contact =
        given.insert("Contact", json!({"LastName": "Lee", "FirstName": "Ann", "Birthdate": "1990-01-02"}));
    let seen = given.org.latest_change();
    given.org.clock().advance(Duration::from_secs(60));
    let path = format!("/sobjects/Account/{account}");
    assert_eq!(
        given.patch(&path, json!({"Phone": null, "BillingCity": "Köln", "Industry": "Energy"})).0,
        204
    );
    assert_eq!(
        given
            .patch(
                &format!("/sobjects/Contact/{contact}"),
                json!({"FirstName": "Anna", "Birthdate": "1970-01-03"})
            )
            .0,
        204
    );
    let all = events(&given, seen);
    assert_eq!(all[0].header.changed_fields, ["BillingAddress.City", "Phone", "LastModifiedDate"]);
    assert_eq!(all[0].header.nulled_fields, ["Phone"]);
    let fields =
        json!({"Phone": null, "BillingAddress": {"City": "Köln"}, "LastModifiedDate": NINE + 60_000});
    assert_eq!(Value::from(all[0].fields.clone()), fields);
    let fields =
        json!({"Name": {"FirstName": "Anna"}, "Birthdate": 172_800_000, "LastModifiedDate": NINE + 60_000});
    assert_eq!(Value::from(all[1].fields.clone()), fields);
    assert!(all[0].replay_id < all[1].replay_id);
    assert_ne!(all[0].header.transaction_key, all[1].header.transaction_key);
    // A save that changes nothing, in the same second even, is a change of the stamp.
    let seen = given.org.latest_change();
    assert_eq!(given.patch(&path, json!({"Industry": "Energy"})).0, 204);
    assert_eq!(events(&given, seen)[0].header.changed_fields, ["LastModifiedDate"]);
}

#[test]
fn given_rows_that_change_alike_when_one_transaction_changes_them_then_they_share_an_event() {
    let given = Given::empty();
    let ids: Vec<String> = (0..4).map(|n| given.account(&format!("A{n}"))).collect();
    let seen = given.org.latest_change();
    let record =
        |n: usize, phone: &str| json!({"attributes": {"type": "Account"}, "Id": ids[n], "Phone": phone});
    let records = json!([record(0, "1"), record(1, "2"), record(2, "1"), record(3, "2")]);
    given.patch("/composite/sobjects", json!({"allOrNone": true, "records": records}));
    let all = events(&given, seen);
    assert_eq!(kinds(&all), [("Account", ChangeType::Update, 2), ("Account", ChangeType::Update, 2)]);
    assert_eq!(all[0].header.record_ids, [&ids[0], &ids[2]].map(String::as_str));
    assert_eq!(all.iter().map(|e| e.header.sequence_number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(all[0].header.transaction_key, all[1].header.transaction_key);
    assert_eq!(events(&given, all[0].replay_id), all[1..], "within a transaction too");
    let seen = all[1].replay_id;
    assert_eq!(seen, given.org.latest_change());
    given.delete(&format!("/composite/sobjects?ids={}", ids.join(",")));
    let all = events(&given, seen);
    assert_eq!(kinds(&all), [("Account", ChangeType::Delete, 4)]);
    assert!(all[0].fields.is_empty() && all[0].header.changed_fields.is_empty());
}

#[test]
fn given_a_row_that_is_touched_several_times_when_committed_then_one_event_has_the_final_data() {
    for deletion_wins in [true, false] {
        let mut assumptions = Assumptions::default();
        assumptions.changes.deletion_wins = deletion_wins;
        let org = TestOrg::builder().dataset(Dataset::Empty).assumptions(assumptions).build();
        let given = Given { org };
        let old = id(&given.account("Old"));
        let seen = given.org.latest_change();
        let made = given.org.transact(|state| {
            let made = state.insert_row("Account", [("Name", Cell::text("a"))]).unwrap();
            state.update_row(made, [("Name", Cell::text("b"))]).unwrap();
            state.update_row(old, [("Phone", Cell::text("1"))]).unwrap();
            state.update_row(old, [("IsDeleted", Cell::Bool(true))]).unwrap();
            let gone = state.insert_row("Account", [("Name", Cell::text("c"))]).unwrap();
            state.update_row(gone, [("IsDeleted", Cell::Bool(true))]).unwrap();
            made
        });
        let all = events(&given, seen);
        let of_old = if deletion_wins { ChangeType::Delete } else { ChangeType::Update };
        assert_eq!(kinds(&all), [("Account", ChangeType::Create, 1), ("Account", of_old, 1)]);
        assert_eq!(all[0].header.record_ids, [made.unwrap().to_string()]);
        assert_eq!(all[0].fields["Name"], "b");
        let seen = given.org.latest_change();
        given
            .org
            .transact(|state| state.update_row(old, [("IsDeleted", Cell::Bool(false))]).unwrap())
            .unwrap();
        let all = events(&given, seen);
        assert_eq!(kinds(&all), [("Account", ChangeType::Undelete, 1)]);
        assert_eq!((&all[0].fields["Name"], &all[0].fields["Phone"]), (&json!("Old"), &json!("1")));
        assert!(all[0].header.changed_fields.is_empty(), "only updates list fields");
    }
}

#[test]
fn given_what_has_no_events_when_it_changes_then_there_are_none() {
    let given = Given::demo();
    let case = given.column("SELECT Id FROM Case LIMIT 1", "Id")[0].clone();
    let seen = given.org.latest_change();
    given.insert("CaseComment", json!({"ParentId": case, "CommentBody": "x"}));
    let object = object!("Account");
    given.org.set_picklist_active(&object, &field!("CX_Play__c"), "Grow", false).unwrap();
    given.patch("/sobjects/Account/001000000000000AAA", json!({"Phone": "1"}));
    given.post("/sobjects/Account", json!({"Name": ""}));
    let comments = |events: &[ChangeEvent]| events.iter().any(|e| e.header.entity_name == "CaseComment");
    let all = events(&given, seen);
    assert!(
        !comments(&all)
            && kinds(&all).iter().all(|(entity, kind, _)| *entity == "Case" && *kind == ChangeType::Update)
    );
}

#[test]
fn given_who_and_what_changes_when_read_then_origin_and_user_say_so() {
    let given = Given::demo();
    let users = given.column("SELECT Id FROM User WHERE IsActive = true ORDER BY Id", "Id");
    let (api_user, other) = (id(users[0].as_str().unwrap()), id(users[1].as_str().unwrap()));
    let seen = given.org.latest_change();
    let account = given.account("By REST");
    let insert = |name: &str| Write::Insert {
        object: object!("Account"),
        fields: Fields::new().set(field!("Name"), name),
    };
    given.org.apply(insert("By a person")).unwrap();
    given.org.apply_as(other, insert("By another")).unwrap();
    let job = json!({"object": "Account", "operation": "update", "lineEnding": "LF"});
    let (_, job) = given.post("/jobs/ingest", job);
    let path = format!("/jobs/ingest/{}", job["id"].as_str().unwrap());
    let csv = format!("Id,Phone\n{account},5\n");
    let mut upload =
        Request::new(Method::Put, format!("{V}{path}/batches")).header("Content-Type", "text/csv");
    upload.body = csv.into_bytes();
    assert_eq!(given.send(upload).status, 201);
    given.patch(&path, json!({"state": "UploadComplete"}));
    given.org.clock().advance(Duration::from_secs(600));
    given.org.settle();
    given.org.apply(insert("By a person again")).unwrap();
    let all = events(&given, seen);
    let origins: Vec<_> =
        all.iter().map(|e| (e.header.change_origin.as_str(), id(&e.header.commit_user))).collect();
    assert_eq!(
        origins,
        [
            ("com/salesforce/api/rest/66.0", api_user),
            ("", api_user),
            ("", other),
            ("com/salesforce/api/bulkapi/66.0", api_user),
            ("", api_user)
        ]
    );
}

#[test]
fn given_a_late_commit_when_read_then_it_stands_where_it_was_committed_with_its_older_stamp() {
    let given = Given::empty();
    given.org.inject(Fault::new(On::Any, Effect::CommitLate(Duration::from_secs(600))));
    given.send(
        Request::post(format!("{V}/sobjects/Account"), r#"{"Name":"Late"}"#)
            .header("Sforce-Call-Options", "client=Late"),
    );
    given.org.clock().advance(Duration::from_secs(60));
    given.account("In time");
    let seen = given.org.latest_change();
    assert_eq!(events(&given, 0).len(), 1);
    given.org.clock().advance(Duration::from_secs(1000));
    let all = events(&given, seen);
    assert_eq!(all.len(), 1);
    assert_eq!((&all[0].fields["Name"], &all[0].fields["LastModifiedDate"]), (&json!("Late"), &json!(NINE)));
    assert_eq!(all[0].header.commit_timestamp, NINE + 600_000);
    assert_eq!(all[0].header.change_origin, "com/salesforce/api/rest/66.0;client=Late");
}

#[test]
fn given_sobjects_that_are_not_selected_when_they_change_then_sequence_numbers_have_holes() {
    let org = TestOrg::builder().dataset(Dataset::Empty).change_entities([object!("Contact")]).build();
    let given = Given { org };
    let (status, _) = given.post(
        "/composite",
        json!({"allOrNone": true, "compositeRequest": [
            {"method": "POST", "url": format!("{V}/sobjects/Account"), "referenceId": "a", "body": {"Name": "Acme"}},
            {"method": "POST", "url": format!("{V}/sobjects/Contact"), "referenceId": "c", "body": {"LastName": "Lee", "AccountId": "@{a.id}"}},
        ]}),
    );
    assert_eq!(status, 200);
    let all = events(&given, 0);
    assert_eq!(kinds(&all), [("Contact", ChangeType::Create, 1)]);
    assert_eq!(all[0].header.sequence_number, 2);
    assert_eq!(all[0].replay_id, given.org.latest_change());
}

#[test]
fn given_faults_of_events_when_rows_change_then_gaps_and_overflows_come() {
    let given = Given::empty();
    given.org.inject(Fault::new(On::Operation("insert".into()), Effect::GapEvents));
    given.org.inject(Fault::new(On::Operation("update".into()), Effect::OverflowEvents));
    let account = given.account("Acme");
    given.patch(&format!("/sobjects/Account/{account}"), json!({"Phone": "1"}));
    given.account("After");
    let all = events(&given, 0);
    let expected = [ChangeType::GapCreate, ChangeType::GapOverflow, ChangeType::Create];
    assert_eq!(all.iter().map(|e| e.header.change_type).collect::<Vec<_>>(), expected);
    assert_eq!(all[0].header.record_ids, [account]);
    assert_eq!(all[1].header.record_ids, ["000000000000000AAA"]);
    assert!(all[..2].iter().all(|e| e.fields.is_empty() && e.header.changed_fields.is_empty()));
    assert_eq!(serde_json::to_value(&all[1].header).unwrap()["changeType"], "GAP_OVERFLOW");
}

#[test]
fn given_a_transaction_of_more_than_100_000_changes_when_read_then_the_rest_is_one_overflow_event_for_each_sobject()
 {
    let given = Given::empty();
    let fields = [
        "Phone",
        "Fax",
        "Site",
        "Sic",
        "AccountNumber",
        "TickerSymbol",
        "BillingCity",
        "BillingStreet",
        "ShippingCity",
    ];
    let ids: Vec<SfId> = given
        .org
        .transact(|state| {
            (0..10_100).map(|_| state.insert_row("Account", [("Name", Cell::text("a"))]).unwrap()).collect()
        })
        .unwrap();
    let seen = given.org.latest_change();
    given
        .org
        .transact(|state| {
            for (n, id) in ids.iter().enumerate() {
                state.update_row(*id, fields.map(|field| (field, Cell::text(format!("{n}"))))).unwrap();
            }
            state.insert_row("Contact", [("LastName", Cell::text("Lee"))]).unwrap();
        })
        .unwrap();
    let all = events(&given, seen);
    // Nine fields and LastModifiedDate: 10,000 rows are 100,000 changes.
    assert_eq!(all.len(), 10_002);
    assert!(all[..10_000].iter().all(|e| e.header.change_type == ChangeType::Update));
    assert_eq!(
        kinds(&all[10_000..]),
        [("Account", ChangeType::GapOverflow, 1), ("Contact", ChangeType::GapOverflow, 1)]
    );
    assert!(all.windows(2).all(|pair| pair[0].replay_id < pair[1].replay_id));
}

#[test]
fn given_an_event_of_more_than_a_megabyte_when_read_then_a_gap_event_stands_in_its_place() {
    let given = Given::empty();
    let fields: Vec<Value> = (0..10)
        .map(|n| json!({"name": format!("Text{n}__c"), "type": "textarea", "length": 131_072, "createable": true, "nillable": true}))
        .collect();
    given.org.add_fields(&object!("Account"), fields).unwrap();
    let long = "x".repeat(120_000);
    let row: serde_json::Map<String, Value> = (0..10).map(|n| (format!("Text{n}__c"), json!(long))).collect();
    let mut small = row.clone();
    small.retain(|name, _| name < &"Text5__c".to_owned());
    for mut row in [row, small] {
        row.insert("Name".into(), json!("Acme"));
        given.insert("Account", row.into());
    }
    let all = events(&given, 0);
    assert_eq!(kinds(&all), [("Account", ChangeType::GapCreate, 1), ("Account", ChangeType::Create, 1)]);
    assert!(all[0].fields.is_empty() && all[1].fields["Text0__c"] == json!(long));
}

#[test]
fn given_a_large_text_that_changes_when_read_then_a_diff_says_how() {
    let text = |middle: &str| {
        let line = format!("{}\n", "x".repeat(60));
        format!("{}{middle}\n{}", line.repeat(12), line.repeat(12))
    };
    for (as_diff, of_new) in [(true, true), (true, false), (false, true)] {
        let mut assumptions = Assumptions::default();
        assumptions.changes.large_text_as_diff = as_diff;
        assumptions.changes.diff_hash_is_of_new_text = of_new;
        let given =
            Given { org: TestOrg::builder().dataset(Dataset::Empty).assumptions(assumptions).build() };
        let id = given.insert("Account", json!({"Name": "Acme", "Description": text("old")}));
        given.patch(&format!("/sobjects/Account/{id}"), json!({"Description": text("new")}));
        let all = events(&given, 0);
        let stored = given.org.value(SfId::new(&id).unwrap(), "Description").as_str().unwrap().to_owned();
        let (value, header) = (all[1].fields["Description"].as_str().unwrap(), &all[1].header);
        assert_eq!(header.changed_fields, ["Description", "LastModifiedDate"]);
        if !as_diff {
            assert_eq!((value, header.diff_fields.len()), (stored.as_str(), 0));
            continue;
        }
        assert_eq!(header.diff_fields, ["Description"]);
        let hashed =
            if of_new { stored.clone() } else { all[0].fields["Description"].as_str().unwrap().to_owned() };
        let hash = ring_sha256(&hashed);
        assert!(value.starts_with(&format!("--- \n+++ {hash}\n@@ -10,7 +10,7 @@\n x")), "{value}");
        assert!(value.contains("\n-old\n+new\n"), "{value}");
    }
}

fn ring_sha256(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn given_formulas_when_they_change_alone_then_there_is_no_event_and_else_they_are_in_it_or_not() {
    for with_formulas in [true, false] {
        let mut assumptions = Assumptions::default();
        assumptions.changes.with_formulas = with_formulas;
        let given =
            Given { org: TestOrg::builder().dataset(Dataset::Empty).assumptions(assumptions).build() };
        let formula =
            json!({"name": "Score__c", "type": "double", "precision": 5, "scale": 2, "calculated": true});
        given.org.add_fields(&object!("Account"), formula).unwrap();
        let account = id(&given.account("Acme"));
        let seen = given.org.latest_change();
        let stamp = |score: f64, stamp| {
            let stamp = Cell::DateTime(stamp);
            [
                ("Score__c", Cell::Double(score)),
                ("LastModifiedDate", stamp.clone()),
                ("SystemModstamp", stamp),
            ]
        };
        let now = given.org.now();
        given.org.clock().advance(Duration::from_secs(5));
        given.org.transact(|state| state.update_row(account, stamp(1.0, now)).unwrap()).unwrap();
        assert_eq!(events(&given, seen), []);
        given.org.transact(|state| state.update_row(account, stamp(2.0, state.now())).unwrap()).unwrap();
        let has = events(&given, seen)[0].fields.contains_key("Score__c");
        assert_eq!(has, with_formulas);
    }
}

#[test]
fn given_72_hours_when_they_have_passed_then_what_is_older_cannot_be_replayed() {
    let given = Given::empty();
    given.account("One");
    let first = given.org.latest_change();
    given.account("Two");
    let second = given.org.latest_change();
    given.org.clock().advance(Duration::from_secs(72 * 3600));
    assert_eq!(events(&given, first).len(), 1);
    given.account("Three");
    given.org.clock().advance(Duration::from_secs(1));
    let error = given.org.changes(first).unwrap_err();
    assert_eq!(
        error.code().unwrap().as_str(),
        "sfdc.platform.eventbus.grpc.subscription.fetch.replayid.corrupted"
    );
    assert_eq!(events(&given, second).len(), 1, "who has seen all that is gone goes on");
    assert_eq!(events(&given, 0).len(), 1, "0 gives what there is");
    assert!(given.org.changes(given.org.latest_change() + 1).is_err(), "nobody was given this id");
}

#[test]
fn given_more_changes_than_are_kept_when_read_then_the_oldest_are_gone_and_memory_stays_flat() {
    let given = Given::empty();
    let account = id(&given.account("Acme"));
    let first = given.org.latest_change();
    for n in 0..20_010 {
        given
            .org
            .transact(|state| state.update_row(account, [("Phone", Cell::text(n.to_string()))]).unwrap())
            .unwrap();
    }
    assert!(given.org.changes(first).is_err());
    let kept = given.org.changes_up_to(0, 2).unwrap();
    assert_eq!(kept.len(), 2);
    assert_eq!(kept[0].fields["Phone"], "10");
    assert_eq!(given.org.changes(given.org.latest_change()).unwrap(), []);
}

#[test]
fn given_a_state_file_when_the_org_is_continued_then_ids_go_on_and_what_was_before_is_not_stored() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("org.state");
    let open = || Given { org: TestOrg::builder().dataset(Dataset::Empty).open(&path).unwrap() };
    let (first, last) = {
        let given = open();
        given.account("One");
        let first = given.org.latest_change();
        given.account("Two");
        (first, given.org.latest_change())
    };
    let given = open();
    assert_eq!(given.org.latest_change(), last);
    assert!(given.org.changes(first).is_err());
    assert_eq!(events(&given, last), []);
    given.account("Three");
    let all = events(&given, last);
    assert_eq!((all.len(), &all[0].fields["Name"]), (1, &json!("Three")));
    assert!(all[0].replay_id > last);
}

#[cfg(feature = "server")]
#[test]
fn given_the_control_path_when_asked_then_it_gives_events_and_where_to_go_on() {
    let given = Given::empty();
    let server = given.org.serve().unwrap();
    let get = |query: &str| {
        let answer = crate::http::request(server.url(), &format!("GET /__org/changes{query}"), "", "");
        (answer.status, answer.json())
    };
    assert_eq!(get(""), (200, json!({"events": [], "latest": 0})));
    given.account("One");
    given.account("Two");
    let (_, all) = get("?after=0");
    let all = all["events"].as_array().unwrap().clone();
    assert_eq!(all.len(), 2);
    assert_eq!(all[0], serde_json::to_value(&given.org.changes(0).unwrap()[0]).unwrap());
    let (_, one) = get(&format!("?most=1&after={}", all[0]["replayId"]));
    assert_eq!(one, json!({"events": [all[1]], "latest": all[1]["replayId"]}));
    let (status, body) = get("?after=99999999");
    assert_eq!(
        (status, body["errorCode"].as_str().unwrap().ends_with("replayid.corrupted")),
        (400, true),
        "{body}"
    );
    assert_eq!(get("?after=x").0, 400);
}
