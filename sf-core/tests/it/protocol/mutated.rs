//! Good answers, damaged: whatever reads them does not panic, and a write never claims what no text of the org said.
use proptest::{prelude::*, sample::Index};
use sf_core::protocol::{
    Method, Request, Response, Safety,
    batch::Batch,
    changed_response,
    composite::{Composite, Step},
    describe_response,
    graph::{Graph, Graphs},
    identity_response, limits_response, query_response, read_failure, retrieve_response,
    tree::{Tree, TreeRow},
    write_response,
};
use sf_core::*;

const PAGE: &str = r#"{"totalSize":3,"done":false,"nextRecordsUrl":"/services/data/v66.0/query/01g-2","records":[{"attributes":{"type":"Account"},"Id":"001000000000001AAA","Name":"Bé","AnnualRevenue":1.0E7,"Contacts":{"totalSize":1,"done":true,"records":[{"Id":"003000000000001AAA"}]}},{"attributes":{"type":"Account"},"Id":"001000000000002AAA","Name":null}]}"#;
const ROWS: &str = r#"[{"id":"001000000000001AAA","success":true,"errors":[]},{"success":false,"errors":[{"statusCode":"STRING_TOO_LONG","message":"m","fields":["Name"]}]},{"id":"001000000000003AAA","success":true,"errors":[]}]"#;
const ERROR: &str = r#"[{"message":"Use one of these records?","errorCode":"DUPLICATES_DETECTED","fields":[],"duplicateResult":{"matchResults":[{"matchRecords":[{"record":{"Id":"001000000000001AAA"}}]}]}}]"#;
const LIMITS: &str = r#"{"DailyApiRequests":{"Max":15000,"Remaining":14998},"PermissionSets":{"Max":1,"Remaining":1,"CreateCustom":{"Max":9,"Remaining":9}}}"#;
const IDENTITY: &str = r#"{"user_id":"005000000000001AAA","organization_id":"00D000000000001AAA","preferred_username":"a@b.example","urls":{"rest":"https://acme.my.salesforce.com/services/data/v{version}/"}}"#;
const UPDATED: &str = r#"{"ids":["001000000000001AAA"],"latestDateCovered":"2026-01-02T03:04:00.000+0000"}"#;
const DESCRIBE: &str = r#"{"name":"Account","keyPrefix":"001","createable":true,"fields":[{"name":"Name","type":"string","length":255,"nillable":false,"picklistValues":[],"referenceTo":[]},{"name":"Rating","type":"picklist","picklistValues":[{"value":"Hot","active":true}]}],"childRelationships":[{"childSObject":"Contact","field":"AccountId","relationshipName":"Contacts"}]}"#;
const TREE: &str = r#"{"hasErrors":false,"results":[{"referenceId":"r0","id":"001000000000001AAA"},{"referenceId":"r1","id":"001000000000002AAA"}]}"#;

/// What a bad line, a bad proxy or a bad mood does to a text.
#[derive(Debug, Clone)]
enum Damage {
    Cut(Index),
    Drop(Index, Index),
    Flip(Index, u8),
    Insert(Index, String),
    Double(Index, Index),
}
fn damage() -> impl Strategy<Value = Damage> {
    let word = prop::sample::select(vec![
        "null",
        "true",
        "false",
        "0",
        "-1",
        "1e999999",
        "184467440737095516160",
        "\"",
        "{",
        "[",
        "}",
        "]",
        ",",
        ":",
        "\u{feff}",
        "\0",
        "\\u0000",
        "\\ud800",
        "\"success\":true,",
        "\"id\":\"001000000000009AAA\",",
        "[[[[[[[[",
    ]);
    prop_oneof![
        any::<Index>().prop_map(Damage::Cut),
        (any::<Index>(), any::<Index>()).prop_map(|(a, b)| Damage::Drop(a, b)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, with)| Damage::Flip(at, with)),
        (any::<Index>(), word).prop_map(|(at, word)| Damage::Insert(at, word.to_owned())),
        (any::<Index>(), any::<Index>()).prop_map(|(a, b)| Damage::Double(a, b)),
    ]
}
fn damaged(text: &str, damages: &[Damage]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for damage in damages {
        if bytes.is_empty() {
            break;
        }
        let range = |a: &Index, b: &Index| {
            let (a, b) = (a.index(bytes.len()), b.index(bytes.len()));
            a.min(b)..a.max(b)
        };
        match damage {
            Damage::Cut(at) => bytes.truncate(at.index(bytes.len())),
            Damage::Drop(a, b) => drop(bytes.drain(range(a, b))),
            Damage::Flip(at, with) => {
                let at = at.index(bytes.len());
                bytes[at] = *with;
            }
            Damage::Insert(at, word) => {
                let at = at.index(bytes.len());
                drop(bytes.splice(at..at, word.bytes()));
            }
            Damage::Double(a, b) => {
                let range = range(a, b);
                let again = bytes[range.clone()].to_vec();
                drop(bytes.splice(range.start..range.start, again));
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
fn id(n: u32) -> SfId {
    SfId::new(format!("001{n:012}")).unwrap()
}
fn insert() -> Write {
    Write::Insert { object: object!("Account"), fields: Fields::new().set(field!("Name"), "A") }
}
fn update(n: u32) -> Write {
    let fields = Fields::new().set(field!("Name"), "A");
    Write::Update { object: object!("Account"), id: id(n), fields, if_unmodified_since: None }
}
fn composite_of(parts: &[(&str, u16, &str)]) -> String {
    let parts: Vec<_> = parts
        .iter()
        .map(|(name, status, body)| {
            format!(
                r#"{{"body":{body},"httpHeaders":{{}},"httpStatusCode":{status},"referenceId":"{name}"}}"#
            )
        })
        .collect();
    format!(r#"{{"compositeResponse":[{}]}}"#, parts.join(","))
}
fn step() -> Step {
    Step::insert(object!("Account"), Fields::new().set(field!("Name"), "A"))
}
/// How often the text can be read as "saved": in any reading of JSON no more than it has the words.
fn saids(text: &str) -> usize {
    // The name may be written with escapes: then count what could be one.
    text.matches("true").count().max(usize::from(text.contains("\\u")) * 99)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_read_panics(
        damages in prop::collection::vec(damage(), 0..4),
        status in prop::sample::select(vec![200_u16, 201, 204, 300, 304, 400, 401, 404, 414, 500, 503, 999, 0]),
        which in 0..8_usize,
    ) {
        let good = [PAGE, ROWS, ERROR, LIMITS, IDENTITY, UPDATED, DESCRIBE, TREE][which];
        let headers = vec![("last-modified".to_owned(), damaged("Fri, 02 Jan 2026 03:04:05 GMT", &damages))];
        let response = Response::new(status, headers, damaged(good, &damages));
        let get = Request::new(Method::Get, ["query"]);
        if let Ok(pages) = query_response(&get, 1, &response) {
            for page in pages.into_iter().flatten() {
                let _ = (page.total(), page.decode::<Record>(), page.decode::<models::Account>());
            }
        }
        let _ = retrieve_response(&[id(1), id(2)], &response).map(|page| page.decode::<Option<models::Account>>());
        let _ = limits_response(&response);
        let _ = identity_response(&response, ApiVersion::CURRENT);
        let _ = changed_response(&response);
        let _ = describe_response(&response);
        for safety in [Safety::Read, Safety::Idempotent, Safety::Once] {
            let failure = read_failure(&response, safety);
            prop_assert!(!failure.help().next_step.is_empty());
            // A failure of a read leaves nothing in doubt; of a write neither success nor trouble of the org is a refusal.
            if safety != Safety::Read && status < 300 {
                prop_assert_eq!(failure.delivery, Delivery::Unknown);
            }
        }
    }

    /// One outcome per row; a row is done only where the text says "true", an id that was sent is the id that comes back, and
    /// what cannot be read is in doubt.
    #[test]
    fn a_damaged_answer_to_a_write_claims_nothing(damages in prop::collection::vec(damage(), 0..4)) {
        let rows = [insert(), insert(), update(3)];
        let text = damaged(ROWS, &damages);
        let answer = Ok(Response::new(200, vec![], text.clone()));
        let outcomes = write_response(&rows, &WriteOptions::new(), &Capabilities::default(), answer).unwrap();
        prop_assert_eq!(outcomes.len(), 3);
        let done = outcomes.iter().filter(|outcome| outcome.is_done()).count();
        prop_assert!(done <= saids(&text), "{}: {:?}", text, outcomes);
        if let RowOutcome::Done { id: saved, created } = &outcomes[2] {
            prop_assert_eq!((*saved, *created), (id(3), false));
        }
        if serde_json::from_str::<Vec<serde_json::Value>>(&text).is_err() {
            for outcome in &outcomes {
                prop_assert_eq!(outcome.failure().map(|f| f.delivery), Some(Delivery::Unknown), "{}", text);
            }
        }
    }

    #[test]
    fn a_damaged_composite_answer_claims_nothing(damages in prop::collection::vec(damage(), 0..4)) {
        let good = composite_of(&[("part0", 200, ROWS), ("part1", 200, r#"[{"id":"001000000000007AAA","success":true,"errors":[]}]"#)]);
        let text = damaged(&good, &damages);
        let rows = [insert(), insert(), insert(), update(7)];
        let answer = Ok(Response::new(200, vec![], text.clone()));
        let outcomes = write_response(&rows, &WriteOptions::new(), &Capabilities::default(), answer).unwrap();
        prop_assert_eq!(outcomes.len(), 4);
        prop_assert!(outcomes.iter().filter(|o| o.is_done()).count() <= saids(&text), "{}: {:?}", text, outcomes);

        // The same as typed steps, as graphs and as a batch.
        let good = composite_of(&[("new", 201, r#"{"id":"001000000000001AAA","success":true,"errors":[]}"#), ("gone", 204, "null")]);
        let text = damaged(&good, &damages);
        let mut call = Composite::new().all_or_none(true);
        let new = call.add("new", step()).unwrap();
        let gone = call.add("gone", Step::delete(object!("Account"), id(2))).unwrap();
        if let Ok(answer) = call.read(&Response::new(200, vec![], text.clone())) {
            prop_assert!(!answer.saved(&new).is_done() || saids(&text) > 0, "{}", text);
            prop_assert!(!answer.saved(&gone).is_done() || text.contains("204") || saids(&text) > 0, "{}", text);
        }
        let mut graph = Graph::new("g").unwrap();
        let new = graph.add("new", step()).unwrap();
        let mut graphs = Graphs::new();
        graphs.add(graph).unwrap();
        let inner = composite_of(&[("new", 201, r#"{"id":"001000000000001AAA","success":true}"#)]);
        let text = damaged(&format!(r#"{{"graphs":[{{"graphId":"g","graphResponse":{inner}}}]}}"#), &damages);
        if let Ok(answers) = graphs.read(&Response::new(200, vec![], text.clone())) {
            prop_assert_eq!(answers.len(), 1);
            prop_assert!(!answers[0].1.saved(&new).is_done() || saids(&text) > 0, "{}", text);
        }
        let mut batch = Batch::new();
        batch.add(Request::post(["sobjects", "Account"]).with_json("{}")).unwrap();
        let text = damaged(r#"{"hasErrors":false,"results":[{"statusCode":201,"result":{"id":"001000000000001AAA","success":true}}]}"#, &damages);
        if let Ok(outcomes) = batch.read(&Response::new(200, vec![], text.clone())) {
            prop_assert_eq!(outcomes.len(), 1);
        }
    }

    #[test]
    fn a_damaged_answer_to_a_tree_claims_nothing(damages in prop::collection::vec(damage(), 0..4)) {
        let row = || TreeRow::new(object!("Account"), Fields::new().set(field!("Name"), "A"));
        let tree = Tree::new(vec![row(), row()]).unwrap();
        let text = damaged(TREE, &damages);
        let outcomes = tree.read(Ok(Response::new(201, vec![], text.clone()))).unwrap();
        prop_assert_eq!(outcomes.len(), 2);
        let done = outcomes.iter().filter(|outcome| outcome.is_done()).count();
        prop_assert!(done <= text.matches("eferenceId").count().max(usize::from(text.contains("\\u")) * 2), "{}", text);
    }
}
