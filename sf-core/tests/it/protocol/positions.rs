//! Every value of every answer we read, replaced by one of another type, doubled, or gone: an error or the truth, never
//! a guess, and what does not belong to it stays as it was.
use serde_json::{Value as Json, json, value::RawValue};
use sf_core::protocol::{
    Request, Response, changed_response, describe_response, identity_response, limits_response,
    query_response, read_failure, retrieve_response, write_response,
};
use sf_core::*;

/// Stands for a number that no type holds.
const HUGE: &str = "@huge@";

fn pointers(value: &Json, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Json::Object(map) => map.iter().for_each(|(key, inner)| pointers(inner, &format!("{at}/{key}"), out)),
        Json::Array(items) => {
            items.iter().enumerate().for_each(|(i, inner)| pointers(inner, &format!("{at}/{i}"), out));
        }
        _ => {}
    }
}
/// The pointer of the changed value, and the text of the answer with it.
fn variants(good: &Json) -> Vec<(String, String)> {
    let mut all = Vec::new();
    pointers(good, "", &mut all);
    let mut variants = Vec::new();
    for at in all {
        let others = [
            json!(null),
            json!(true),
            json!(false),
            json!(7),
            json!(-7.5),
            json!("x"),
            json!(""),
            json!([]),
            json!({}),
            json!([{}]),
            json!(HUGE),
        ];
        for other in others {
            let mut changed = good.clone();
            *changed.pointer_mut(&at).unwrap() = other;
            for huge in ["1e999999999", "123456789012345678901234567890"] {
                let text = changed.to_string();
                variants.push((at.clone(), text.replace(&format!("\"{HUGE}\""), huge)));
                if !text.contains(HUGE) {
                    break;
                }
            }
        }
        if let Some((parent, key)) = at.rsplit_once('/') {
            let mut gone = good.clone();
            match gone.pointer_mut(parent).unwrap() {
                Json::Object(map) => drop(map.remove(key)),
                Json::Array(items) => drop(items.remove(key.parse().unwrap())),
                _ => {}
            }
            variants.push((at.clone(), gone.to_string()));
            // Said twice.
            if let Some(Json::Object(_)) = good.pointer(parent) {
                let value = good.pointer(&at).unwrap().to_string();
                let once = format!("\"{key}\":{value}");
                let text = good.to_string();
                variants.push((at.clone(), text.replace(&once, &format!("{once},\"{key}\":null"))));
            }
        }
    }
    variants
}
fn id(n: u32) -> SfId {
    SfId::new(format!("001{n:012}")).unwrap()
}
fn answer(text: &str) -> Response {
    Response::new(200, vec![], text)
}
fn writes() -> Vec<Write> {
    let fields = || Fields::new().set(field!("Name"), "A");
    vec![
        Write::Insert { object: object!("Account"), fields: fields() },
        Write::Insert { object: object!("Account"), fields: fields() },
        Write::Update { object: object!("Account"), id: id(3), fields: fields(), if_unmodified_since: None },
    ]
}
fn results() -> Json {
    json!([
        {"id": id(1), "success": true, "errors": []},
        {"success": false, "errors": [{"statusCode": "STRING_TOO_LONG", "message": "m", "fields": ["Name"]}]},
        {"id": id(3), "success": true, "errors": []},
    ])
}
fn written(rows: &[Write], text: &str) -> Vec<RowOutcome> {
    write_response(rows, &WriteOptions::new(), &Capabilities::default(), Ok(answer(text))).unwrap()
}
/// The row is what it was, refused for what the text says, or in doubt. A row that was not done is not done now, unless the
/// text says so.
fn holds(before: &RowOutcome, now: &RowOutcome, text: &str) {
    match (before, now) {
        (_, RowOutcome::Failed(_)) => {}
        (RowOutcome::Done { id, .. }, RowOutcome::Done { id: other, .. }) => assert_eq!(id, other, "{text}"),
        (RowOutcome::Failed(_), RowOutcome::Done { .. }) => {
            panic!("a refused row is saved: {text}");
        }
    }
}

#[test]
fn a_changed_result_of_a_collection_touches_its_own_row_only() {
    let (rows, good) = (writes(), results());
    // An update in a collection is not a composite: one run of one verb each.
    for rows in [&rows[..2], &rows[2..]] {
        let first = if rows.len() == 1 { 2 } else { 0 };
        let good = Json::Array(good.as_array().unwrap()[first..first + rows.len()].to_vec());
        let before = written(rows, &good.to_string());
        for (at, text) in variants(&good) {
            let now = written(rows, &text);
            assert_eq!(now.len(), rows.len(), "{text}");
            let changed: Option<usize> = at.split('/').nth(1).map(|i| i.parse().unwrap());
            let whole =
                serde_json::from_str::<Vec<&RawValue>>(&text).is_ok_and(|all| all.len() == rows.len());
            for (i, (before, now)) in before.iter().zip(&now).enumerate() {
                match changed {
                    Some(changed) if whole && changed != i => assert_eq!(before, now, "{at} {text}"),
                    _ => {
                        // `success: false` became `true`: then it says so.
                        if !(at.ends_with("/success") && text.contains("true")) {
                            holds(before, now, &text);
                        }
                    }
                }
                if !whole {
                    assert_eq!(now.failure().map(|f| f.delivery), Some(Delivery::Unknown), "{text}");
                }
            }
        }
    }
}

#[test]
fn a_changed_part_of_a_composite_touches_its_own_rows_only() {
    let rows = writes();
    let results = results();
    let part = |i: usize, rows: &[Json]| json!({"body": rows, "httpHeaders": {}, "httpStatusCode": 200, "referenceId": format!("part{i}")});
    let all = results.as_array().unwrap();
    let good = json!({"compositeResponse": [part(0, &all[..2]), part(1, &all[2..])]});
    let before = written(&rows, &good.to_string());
    assert_eq!(before.iter().filter(|outcome| outcome.is_done()).count(), 2);
    for (at, text) in variants(&good) {
        let now = written(&rows, &text);
        assert_eq!(now.len(), 3);
        let part: Option<usize> = at
            .strip_prefix("/compositeResponse/")
            .map(|rest| rest.split('/').next().unwrap().parse().unwrap());
        let list = serde_json::from_str::<Json>(&text).ok();
        let is_list =
            list.is_some_and(|all| all["compositeResponse"].as_array().is_some_and(|all| !all.is_empty()));
        for (i, (before, now)) in before.iter().zip(&now).enumerate() {
            let own = usize::from(i == 2);
            match part {
                Some(part) if is_list && part != own && !text.contains(":null,\"httpHeaders\":null") => {
                    // A key that was doubled is doubled in both parts.
                    if before != now {
                        assert!(text.matches(":null").count() > 1, "{at} {text}");
                        assert_eq!(now.failure().map(|f| f.delivery), Some(Delivery::Unknown), "{text}");
                    }
                }
                _ if at.ends_with("/success") && text.contains("true") => {}
                _ => holds(before, now, &text),
            }
        }
    }
}

fn page() -> Json {
    json!({"totalSize": 3, "done": false, "nextRecordsUrl": "/services/data/v66.0/query/01g-2", "records": [
        {"attributes": {"type": "Account"}, "Id": id(1), "Name": "A", "AnnualRevenue": 1.5, "IsDeleted": false,
         "Contacts": {"totalSize": 1, "done": true, "records": [{"Id": "003000000000001AAA", "LastName": "L"}]}},
        {"attributes": {"type": "Account"}, "Id": id(2), "Name": null, "LastModifiedDate": "2026-01-02T03:04:05.000+0000"}]})
}
/// Rows and next page, if the answer is a page.
type Paged = Option<(Vec<Result<models::Account, Failure>>, Option<String>)>;
fn paged(text: &str) -> Paged {
    let request = Request::get(["query"]);
    let page = query_response(&request, 1, &answer(text)).ok()?.remove(0).ok()?;
    Some((page.decode().ok()?, page.next().map(|next| next.as_str().to_owned())))
}

/// Pain 16: no children, and
/// Pain 22: no pages are dropped: what is there and what follows is never less than the org said.
#[test]
fn a_changed_value_of_a_page_spoils_its_own_row_only() {
    let good = page();
    let (rows, next) = paged(&good.to_string()).unwrap();
    assert!(rows.iter().all(Result::is_ok) && next.is_some());
    for (at, text) in variants(&good) {
        let Some((now, follows)) = paged(&text) else { continue };
        // It was read: then nothing of it was dropped in silence.
        if !at.starts_with("/nextRecordsUrl") {
            assert_eq!(follows, next, "{at} {text}");
        } else if !text.contains("\"done\":true") {
            assert!(follows.is_some(), "{text}");
        }
        let Some(row) = at.strip_prefix("/records/") else { continue };
        let changed: usize = row.split('/').next().unwrap().parse().unwrap();
        if now.len() == rows.len() && row.contains('/') {
            assert_eq!(now[1 - changed], rows[1 - changed], "{at} {text}");
        }
    }
    // Whatever a row is, it takes no other with it.
    for row in ["7", "null", "\"x\"", "[]", r#"{"Name":{}}"#, r#"{"Id":"001"}"#, "1e999999999"] {
        let text =
            format!(r#"{{"totalSize":3,"done":true,"records":[{{"Name":"A"}},{row},{{"Name":"B"}}]}}"#);
        let (rows, _) = paged(&text).unwrap();
        assert_eq!(rows.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true], "{row}");
        assert_eq!(rows[1].as_ref().unwrap_err().kind, ErrorKind::Decode);
    }
}

#[test]
fn a_list_is_no_result_of_a_query_and_another_number_of_rows_no_answer_to_ids() {
    for text in ["[]", " \n[{\"Name\":\"A\"}]", r#"[{"errorCode":"X","message":"m"}]"#] {
        assert!(paged(text).is_none(), "{text}");
    }
    let ids = [id(1), id(2)];
    let rows = json!([{"Id": id(1), "Name": "A"}, null]);
    assert!(retrieve_response(&ids, &answer(&rows.to_string())).is_ok());
    for (_, text) in variants(&rows) {
        if let Ok(page) = retrieve_response(&ids, &answer(&text)) {
            assert_eq!(page.rows().unwrap().len(), 2, "{text}");
            let _ = page.decode::<Option<models::Account>>();
        }
    }
}

#[test]
fn answers_that_are_no_rows_are_right_or_an_error() {
    let limits = json!({"DailyApiRequests": {"Max": 15000, "Remaining": 14998}, "DataStorageMB": {"Max": 5, "Remaining": -1}});
    for (at, text) in variants(&limits) {
        let Ok(read) = limits_response(&answer(&text)) else { continue };
        // An entry that cannot be read is left out, the other stays.
        let other = if at.starts_with("/Daily") { "DataStorageMB" } else { "DailyApiRequests" };
        if at.len() > 1 && !text.contains("null") {
            assert!(read.get(other).is_some(), "{at} {text}");
        }
    }
    let identity = json!({"user_id": "005000000000001AAA", "organization_id": "00D000000000001AAA", "preferred_username": "a@b.example",
        "urls": {"rest": "https://acme.my.salesforce.com/services/data/v{version}/"}, "profile": "https://acme.my.salesforce.com/005"});
    for (_, text) in variants(&identity) {
        if let Ok(read) = identity_response(&answer(&text), ApiVersion::CURRENT) {
            assert_eq!(read.org_id.as_str(), "00D000000000001AAA", "{text}");
            assert_eq!(read.instance_url, "https://acme.my.salesforce.com", "{text}");
        }
    }
    let updated = json!({"ids": [id(1), id(2)], "latestDateCovered": "2026-01-02T03:04:00.000+0000"});
    let deleted = json!({"deletedRecords": [{"id": id(1), "deletedDate": "2026-01-02T03:04:00.000+0000"}, {"id": id(2), "deletedDate": "2026-01-02T03:04:00.000+0000"}],
        "latestDateCovered": "2026-01-02T03:04:00.000+0000", "earliestDateAvailable": "2026-01-01T03:04:00.000+0000"});
    for good in [updated, deleted] {
        for (at, text) in variants(&good) {
            let Ok(read) = changed_response(&answer(&text)) else { continue };
            // Never fewer ids than the text has; a list that is empty says so itself.
            let is_list = at == "/ids" || at == "/deletedRecords" || at.matches('/').count() == 2;
            assert!(read.ids.len() == 2 || is_list, "{at} {text}");
            assert_eq!(read.latest_covered.to_string(), "2026-01-02T03:04:00.000Z", "{at} {text}");
        }
    }
    let describe = json!({"name": "Account", "keyPrefix": "001", "createable": true, "custom": false, "fields": [
        {"name": "Name", "type": "string", "length": 255, "nillable": false, "createable": true, "defaultedOnCreate": false,
         "referenceTo": [], "picklistValues": [{"value": "Hot", "active": true, "label": "Hot", "defaultValue": false}], "precision": 0, "scale": 0}],
        "childRelationships": [{"childSObject": "Contact", "field": "AccountId", "relationshipName": "Contacts"}],
        "recordTypeInfos": [{"recordTypeId": "012000000000000AAA", "name": "Master", "master": true, "active": true}]});
    for (_, text) in variants(&describe) {
        if let Ok(Some(read)) = describe_response(&answer(&text)) {
            let _ = (read.required_on_create().count(), serde_json::to_string(&read).unwrap());
        }
    }
    let error = json!([{"message": "m", "errorCode": "DUPLICATES_DETECTED", "fields": ["Name"],
        "duplicateResult": {"matchResults": [{"matchRecords": [{"record": {"Id": id(1)}}]}]}}, {"message": "n", "errorCode": "X"}]);
    for (_, text) in variants(&error) {
        for status in [300, 400, 401, 404, 500] {
            let failure = read_failure(&Response::new(status, vec![], text.clone()), protocol::Safety::Once);
            assert_eq!(failure.status, Some(status));
            assert!(!failure.help().next_step.is_empty() && !failure.to_string().is_empty(), "{text}");
        }
    }
}

/// Nothing is read by recursion without a bound.
#[test]
fn deep_nesting_ends_no_process() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let deep = format!("{}1{}", open.repeat(200_000), close.repeat(200_000));
        let text = format!(r#"{{"totalSize":2,"done":true,"records":[{{"Name":"A"}},{{"Name":{deep}}}]}}"#);
        let (rows, _) = paged(&text).unwrap();
        assert_eq!(rows.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false]);
        let page = Page::new(text).unwrap();
        assert!(page.decode::<Record>().unwrap()[1].is_err());
        let rows = writes();
        assert!(written(&rows[..1], &deep).iter().all(|o| !o.is_done()));
        assert!(written(&rows[..1], &format!("[{deep}]")).iter().all(|o| !o.is_done()));
        let _ = (
            limits_response(&answer(&deep)),
            describe_response(&answer(&deep)),
            changed_response(&answer(&deep)),
        );
        read_failure(&Response::new(400, vec![], deep), protocol::Safety::Once);
    }
}
