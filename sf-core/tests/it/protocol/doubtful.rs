//! Answers that contradict themselves or say too little: nothing of them is a success.
use crate::fake::{Fake, run};
use sf_core::protocol::{
    Request, Response,
    batch::Batch,
    changed_response,
    composite::{Composite, Step},
    graph::{Graph, Graphs},
    tree::{Tree, TreeRow},
    write_response,
};
use sf_core::*;

const ID: &str = "001000000000001AAA";
const OTHER: &str = "001000000000002AAA";

fn id() -> SfId {
    SfId::new(ID).unwrap()
}
fn named(name: &str) -> Fields {
    Fields::new().set(field!("Name"), name)
}
fn insert() -> Write {
    Write::Insert { object: object!("Account"), fields: named("A") }
}
fn update(since: Option<&str>) -> Write {
    let if_unmodified_since = since.map(|at| at.parse().unwrap());
    Write::Update { object: object!("Account"), id: id(), fields: named("A"), if_unmodified_since }
}
fn outcome(row: Write, options: &WriteOptions, status: u16, body: &str) -> RowOutcome {
    let answer = Ok(Response::new(status, vec![], body));
    write_response(&[row], options, &Capabilities::default(), answer).unwrap().remove(0)
}
fn is_unknown(outcome: &RowOutcome) -> bool {
    outcome.failure().is_some_and(|failure| failure.delivery == Delivery::Unknown)
}

/// A captive portal answers everything with 200 and its own page.
#[test]
fn a_page_with_200_is_no_saved_row() {
    let details = WriteOptions::new().with_duplicate_details(true);
    let plain = WriteOptions::new();
    let conditional = || update(Some("2026-01-02T03:04:05Z"));
    let wrong = format!(r#"{{"id":"{OTHER}","success":true,"errors":[]}}"#);
    let refused = format!(r#"{{"id":"{ID}","success":false,"errors":[]}}"#);
    for body in ["<html>Welcome to the hotel</html>", "", "null", "{}", "[]", "7", wrong.as_str()] {
        for status in [200, 202] {
            assert!(is_unknown(&outcome(conditional(), &plain, status, body)), "{status} {body}");
            assert!(is_unknown(&outcome(update(None), &details, status, body)), "{status} {body}");
            if body != wrong {
                assert!(is_unknown(&outcome(insert(), &details, status, body)), "{status} {body}");
            }
        }
    }
    assert!(outcome(conditional(), &plain, 200, &refused).failure().is_some());
    // What the org does answer.
    assert_eq!(outcome(conditional(), &plain, 204, ""), RowOutcome::Done { id: id(), created: false });
    let saved = format!(r#"{{"id":"{ID}","success":true,"errors":[]}}"#);
    assert_eq!(outcome(update(None), &details, 200, &saved), RowOutcome::Done { id: id(), created: false });
    assert_eq!(outcome(insert(), &details, 201, &saved), RowOutcome::Done { id: id(), created: true });
    // 204 says that a row is there, not which one is new.
    assert!(is_unknown(&outcome(insert(), &details, 204, "")));
}

#[test]
fn a_result_that_says_a_thing_twice_is_none_and_its_neighbours_are_read() {
    let body = format!(
        r#"[{{"success":false,"id":"{ID}","success":true}},{{"id":"{OTHER}","success":true}},{{"id":"{ID}","id":"{OTHER}","success":true}}]"#
    );
    let rows = [insert(), insert(), insert()];
    let outcomes = write_response(
        &rows,
        &WriteOptions::new(),
        &Capabilities::default(),
        Ok(Response::new(200, vec![], body)),
    )
    .unwrap();
    assert!(is_unknown(&outcomes[0]) && outcomes[1].is_done() && is_unknown(&outcomes[2]), "{outcomes:?}");
}

fn part(name: &str, status: u16, body: &str) -> String {
    format!(r#"{{"body":{body},"httpHeaders":{{}},"httpStatusCode":{status},"referenceId":"{name}"}}"#)
}
fn composite(parts: &[String]) -> String {
    format!(r#"{{"compositeResponse":[{}]}}"#, parts.join(","))
}

#[test]
fn parts_of_one_name_are_no_answer_and_a_name_is_exact() {
    let saved = format!(r#"[{{"id":"{ID}","success":true,"errors":[]}}]"#);
    let refused = r#"[{"success":false,"errors":[{"statusCode":"STRING_TOO_LONG","message":"m"}]}]"#;
    let rows = [insert(), update(None)];
    for parts in [
        vec![part("part0", 200, refused), part("part0", 200, &saved), part("part1", 200, &saved)],
        vec![part("part00", 200, &saved), part("part1", 200, &saved)],
        vec![part("part+0", 200, &saved), part("part1", 200, &saved)],
        vec![part("Part0", 200, &saved), part("part1", 200, &saved)],
    ] {
        let fake = Fake::new().answer(200, composite(&parts));
        let outcomes = run(fake.transport().write(&rows, &WriteOptions::new())).unwrap();
        assert!(is_unknown(&outcomes[0]), "{parts:?}: {outcomes:?}");
        assert!(outcomes[1].is_done(), "{parts:?}: {outcomes:?}");
    }
}

#[test]
fn a_step_is_saved_when_the_org_says_so_in_its_own_form() {
    let saved = format!(r#"{{"id":"{ID}","success":true,"errors":[]}}"#);
    let failed = format!(r#"{{"id":"{ID}","success":false,"errors":[]}}"#);
    for (status, body, inserted, updated) in [
        (201, saved.as_str(), true, true),
        (200, failed.as_str(), false, false),
        (200, "null", false, false),
        (204, "null", false, true),
        (304, "null", false, false),
        (200, "\"<html>\"", false, false),
        (302, "null", false, false),
    ] {
        let mut call = Composite::new();
        let new = call.add("new", Step::insert(object!("Account"), named("A"))).unwrap();
        let change = call.add("change", Step::update(object!("Account"), id(), named("B"))).unwrap();
        let gone = call.add("gone", Step::delete(object!("Account"), id())).unwrap();
        let text = composite(&["new", "change", "gone"].map(|name| part(name, status, body)));
        let answer = call.read(&Response::new(200, vec![], text)).unwrap();
        let done = [&new, &change, &gone].map(|step| answer.saved(step).is_done());
        assert_eq!(done, [inserted, updated, updated], "{status} {body}");
        assert_eq!(answer.is_done(), inserted && updated, "{status} {body}");
    }
}

#[test]
fn results_that_do_not_count_up_belong_to_nobody() {
    let mut batch = Batch::new();
    for _ in 0..2 {
        batch.add(Request::post(["sobjects", "Account"]).with_json("{}")).unwrap();
    }
    let result = format!(r#"{{"statusCode":201,"result":{{"id":"{ID}","success":true}}}}"#);
    for count in [0, 1, 3] {
        let results = vec![result.clone(); count].join(",");
        let body = format!(r#"{{"hasErrors":false,"results":[{results}]}}"#);
        let outcomes = batch.read(&Response::new(200, vec![], body)).unwrap();
        assert_eq!(outcomes.len(), 2);
        for outcome in &outcomes {
            assert_eq!(outcome.failure().map(|f| f.delivery), Some(Delivery::Unknown), "{count}");
        }
    }
}

#[test]
fn two_answers_for_one_graph_are_none() {
    let mut graph = Graph::new("g").unwrap();
    let new = graph.add("new", Step::insert(object!("Account"), named("A"))).unwrap();
    let mut call = Graphs::new();
    call.add(graph).unwrap();
    let saved = format!(r#"{{"id":"{ID}","success":true,"errors":[]}}"#);
    let of = format!(
        r#"{{"graphId":"g","graphResponse":{},"isSuccessful":true}}"#,
        composite(&[part("new", 201, &saved)])
    );
    for (count, done) in [(1, true), (2, false)] {
        let body = format!(r#"{{"graphs":[{}]}}"#, vec![of.clone(); count].join(","));
        let answers = call.read(&Response::new(200, vec![], body)).unwrap();
        assert_eq!(answers[0].1.saved(&new).is_done(), done, "{count}");
    }
}

#[test]
fn a_tree_is_saved_when_every_row_has_one_id_and_there_are_no_errors() {
    let row = || TreeRow::new(object!("Account"), named("A"));
    let tree = Tree::new(vec![row(), row()]).unwrap();
    let one = |name: &str, id: &str| format!(r#"{{"referenceId":"{name}","id":"{id}"}}"#);
    for (errors, results, done) in [
        (false, vec![one("r0", ID), one("r1", OTHER)], [true, true]),
        (true, vec![one("r0", ID), one("r1", OTHER)], [false, false]),
        (false, vec![one("r0", ID), one("r0", OTHER), one("r1", OTHER)], [false, true]),
        (false, vec![one("r0", ID)], [true, false]),
    ] {
        let body = format!(r#"{{"hasErrors":{errors},"results":[{}]}}"#, results.join(","));
        let outcomes = tree.read(Ok(Response::new(201, vec![], body.clone()))).unwrap();
        assert_eq!(outcomes.iter().map(RowOutcome::is_done).collect::<Vec<_>>(), done, "{body}");
        assert!(outcomes.iter().all(|o| o.is_done() || is_unknown(o)), "{body}");
    }
}

/// Who believed it would move its watermark past changes it never heard of.
#[test]
fn an_answer_without_ids_is_not_one_with_no_ids() {
    let read = |body: &str| changed_response(&Response::new(200, vec![], body));
    let covered = r#""latestDateCovered":"2026-01-02T03:04:00.000+0000""#;
    assert_eq!(read(&format!("{{{covered}}}")).unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(read(&format!(r#"{{"ids":null,{covered}}}"#)).unwrap_err().kind(), ErrorKind::Decode);
    for list in ["ids", "deletedRecords"] {
        assert!(read(&format!(r#"{{"{list}":[],{covered}}}"#)).unwrap().ids.is_empty());
    }
}

#[test]
fn an_answer_without_a_limit_is_none() {
    for body in
        ["{}", r#"{"success":true}"#, r#"{"error":"invalid_grant"}"#, r#"{"DailyApiRequests":{"Max":1}}"#]
    {
        let error = sf_core::protocol::limits_response(&Response::new(200, vec![], body)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
    }
}

/// Pain 15: a list that may be short is an error.
#[test]
fn a_page_that_does_not_say_whether_it_is_the_last_is_an_error() {
    for head in ["\"totalSize\":60000,", "\"totalSize\":60000,\"done\":null,", ""] {
        let error = Page::new(format!("{{{head}\"records\":[]}}")).unwrap_err();
        assert!(error.to_string().contains("names no next page"), "{error}");
    }
    let twice = r#"{"totalSize":2,"done":true,"records":[{"Id":null}],"records":[{"Id":null}]}"#;
    assert_eq!(Page::new(twice).unwrap().decode::<Record>().unwrap_err().kind(), ErrorKind::Decode);
    assert!(Page::new(twice).unwrap().rows().is_err());
    let children = |text: &str| serde_json::from_str::<Children<i64>>(text);
    assert!(children(r#"{"totalSize":3,"records":[1,2]}"#).is_err());
    assert!(children(r#"{"totalSize":2,"records":[1,2]}"#).unwrap().is_complete());
}
