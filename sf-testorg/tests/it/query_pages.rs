//! How many rows a query looks at, with 100,000 of them: counted, not timed.
use crate::given::Given;
use serde_json::{Value, json};
use sf_testorg::{TestOrg, state::Cell};
use std::time::Duration;

pub(crate) const ROWS: usize = 100_000;
/// Contacts of one account, which have the same stamp.
const CHILDREN: usize = 10;

pub(crate) fn large() -> Given {
    let given = Given { org: TestOrg::empty() };
    let fill = given.org.transact(|state| {
        let start = state.now();
        let mut account = None;
        for at in 0..ROWS {
            if at % CHILDREN == 0 {
                state.set_now(start + Duration::from_secs(at as u64));
                account = state.insert_row("Account", [("Name", Cell::text(format!("A{at}")))]).ok();
            }
            let parent = account.map_or(Cell::Null, Cell::from);
            let fields = [("LastName", Cell::text(format!("C{at}"))), ("AccountId", parent)];
            state.insert_row("Contact", fields).unwrap();
        }
    });
    fill.unwrap();
    given
}

/// The answer, and how many rows were looked at for it.
fn visit(given: &Given, soql: &str) -> (Value, u64) {
    let before = given.org.counters().rows_visited;
    let (status, body) = given.query(soql);
    assert_eq!(status, 200, "{soql}: {body}");
    (body, given.org.counters().rows_visited - before)
}

#[test]
fn a_query_that_an_index_serves_looks_at_its_own_rows_only() {
    let given = &large();
    let first = given.column("SELECT Id FROM Contact ORDER BY Id LIMIT 1", "Id");
    let first = first[0].as_str().unwrap();
    let ids = given.column("SELECT Id FROM Contact ORDER BY Id LIMIT 1 OFFSET 2000", "Id");
    let (id, account) =
        (ids[0].as_str().unwrap(), &given.column("SELECT Id FROM Account ORDER BY Id LIMIT 9", "Id"));
    let list = account.iter().map(|id| format!("'{}'", id.as_str().unwrap())).collect::<Vec<_>>().join(",");
    let one = account[3].as_str().unwrap();
    let (stamp, next, last) = ("2026-01-05T11:00:00Z", "2026-01-05T11:00:10Z", "2026-01-06T12:39:50Z");
    // The statement, the size of its result, and the most rows that may be looked at.
    let cases = [
        (format!("SELECT Id FROM Contact WHERE Id = '{id}'"), 1, 1),
        (format!("SELECT Id FROM Contact WHERE Id IN ('{id}', '{first}')"), 2, 2),
        (format!("SELECT Id FROM Contact WHERE AccountId = '{one}'"), 10, 10),
        (format!("SELECT Id FROM Contact WHERE AccountId IN ({list}) AND LastName LIKE 'C%'"), 90, 90),
        (
            format!(
                "SELECT Id FROM Contact WHERE AccountId = '{one}' AND Id > '003000000000030AAA' ORDER BY Id LIMIT 5"
            ),
            5,
            10,
        ),
        (format!("SELECT Id, (SELECT Id FROM Contacts) FROM Account WHERE Id = '{one}'"), 1, 11),
        (
            format!("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Id = '{id}')"),
            1,
            2,
        ),
        // Pages: by key, by the moment of the change, from the newest.
        ("SELECT Id FROM Contact ORDER BY Id LIMIT 200".into(), 200, 200),
        ("SELECT Id FROM Contact LIMIT 200".into(), 200, 200),
        ("SELECT Id FROM Contact ORDER BY Id DESC LIMIT 200".into(), 200, 200),
        (format!("SELECT Id FROM Contact WHERE Id > '{id}' ORDER BY Id LIMIT 200"), 200, 200),
        (format!("SELECT Id FROM Contact WHERE SystemModstamp > {last}"), 400, 400),
        (
            format!("SELECT Id FROM Contact WHERE SystemModstamp >= {stamp} AND SystemModstamp < {next}"),
            10,
            10,
        ),
        (
            format!(
                "SELECT Id FROM Contact WHERE SystemModstamp >= {stamp} ORDER BY SystemModstamp, Id LIMIT 200"
            ),
            200,
            200,
        ),
        (
            format!(
                "SELECT Id FROM Contact WHERE SystemModstamp > {stamp} OR (SystemModstamp = {stamp} AND Id > '{id}') ORDER BY SystemModstamp, Id LIMIT 200"
            ),
            200,
            210,
        ),
        ("SELECT Id FROM Contact ORDER BY SystemModstamp DESC, Id DESC LIMIT 200".into(), 200, 200),
        ("SELECT Id FROM Contact ORDER BY CreatedDate LIMIT 200".into(), 200, 200),
        (format!("SELECT Id FROM Contact WHERE LastModifiedDate > {last} ORDER BY Id"), 400, 400),
        ("SELECT COUNT() FROM Contact WHERE CreatedDate = 2026-01-05T11:00:00Z".into(), 10, 10),
        ("SELECT Id FROM Contact WHERE CreatedDate = NEXT_MONTH".into(), 0, 0),
    ];
    for (soql, size, most) in cases {
        let (body, visited) = visit(given, &soql);
        assert_eq!(body["totalSize"], size, "{soql}");
        assert!(visited <= most, "{soql}: {visited} rows were looked at");
    }
    // What no index serves is read in whole.
    let (_, visited) = visit(given, "SELECT Id FROM Contact WHERE LastName = 'C77'");
    assert_eq!(visited, ROWS as u64);
}

/// All ways to the same rows give the same rows, in the same order.
#[test]
fn an_index_changes_neither_the_rows_nor_their_order() {
    let describe = json!({"name": "Thing__c", "label": "Thing", "keyPrefix": "a00", "custom": true, "createable": true,
        "queryable": true, "fields": [
            {"name": "Id", "type": "id", "filterable": true, "sortable": true},
            {"name": "Name", "type": "string", "length": 80, "createable": true, "filterable": true},
            {"name": "SystemModstamp", "type": "datetime", "filterable": true, "sortable": true}]});
    let given = Given { org: TestOrg::builder().accounts(1).object(describe).unwrap().build() };
    for at in 0..60 {
        given.org.clock().advance(Duration::from_secs(u64::from(at % 7 == 0)));
        given.insert("Thing__c", json!({"Name": format!("n{at}")}));
    }
    let rows = given.records("SELECT Id, Name, SystemModstamp FROM Thing__c");
    let key = |row: &Value| {
        (row["SystemModstamp"].as_str().unwrap().to_owned(), row["Id"].as_str().unwrap().to_owned())
    };
    let middle = key(&rows[30]);
    let stamp = middle.0.replace("+0000", "Z");
    for op in ["<", "<=", "=", ">=", ">"] {
        let meets = |row: &&Value| {
            let (found, wanted) = (row["SystemModstamp"].as_str().unwrap(), middle.0.as_str());
            match op {
                "<" => found < wanted,
                "<=" => found <= wanted,
                "=" => found == wanted,
                ">=" => found >= wanted,
                _ => found > wanted,
            }
        };
        for (order, down, ids_down) in [
            ("SystemModstamp, Id", false, false),
            ("SystemModstamp DESC, Id", true, false),
            ("SystemModstamp, Id DESC", false, true),
            ("SystemModstamp DESC, Id DESC", true, true),
        ] {
            let mut expected: Vec<&Value> = rows.iter().filter(meets).collect();
            expected.sort_by(|a, b| {
                let ((a, a_id), (b, b_id)) = (key(a), key(b));
                let stamps = if down { b.cmp(&a) } else { a.cmp(&b) };
                stamps.then(if ids_down { b_id.cmp(&a_id) } else { a_id.cmp(&b_id) })
            });
            let names: Vec<Value> = expected.iter().map(|row| row["Name"].clone()).collect();
            let soql =
                format!("SELECT Name FROM Thing__c WHERE SystemModstamp {op} {stamp} ORDER BY {order}");
            assert_eq!(given.column(&soql, "Name"), names, "{soql}");
            let some: Vec<Value> = names.iter().skip(2).take(5).cloned().collect();
            assert_eq!(given.column(&format!("{soql} LIMIT 5 OFFSET 2"), "Name"), some, "{soql}");
        }
    }
    // A range that nothing can be in, and one that excludes its own bounds.
    for condition in [
        format!("SystemModstamp > {stamp} AND SystemModstamp < {stamp}"),
        format!("Id > '{0}' AND Id < '{0}'", middle.1),
        format!("Id > '{0}' AND Id <= '{0}'", middle.1),
    ] {
        let found = given.records(&format!("SELECT Id FROM Thing__c WHERE {condition} ORDER BY Id"));
        assert!(found.is_empty(), "{condition}");
    }
}

/// Keys of an index are folded as comparisons are.
#[test]
fn an_external_id_is_found_by_its_text_in_any_case() {
    let describe = json!({"name": "Keyed__c", "label": "Keyed", "keyPrefix": "a09", "custom": true, "createable": true,
        "updateable": true, "queryable": true, "fields": [
            {"name": "Id", "type": "id", "filterable": true, "sortable": true},
            {"name": "Text__c", "label": "T", "type": "string", "length": 40, "externalId": true, "filterable": true, "createable": true, "nillable": true},
            {"name": "Number__c", "label": "N", "type": "double", "precision": 18, "scale": 2, "externalId": true, "filterable": true, "createable": true, "nillable": true}]});
    let given = Given { org: TestOrg::builder().accounts(1).object(describe).unwrap().build() };
    for (text, number) in [("Straße", 1.5), ("ǅ", -0.0), ("x", 7.0)] {
        given.insert("Keyed__c", json!({"Text__c": text, "Number__c": number}));
    }
    for condition in [
        "Text__c = 'straße'",
        "Text__c = 'STRASSE'",
        "Text__c IN ('ǆ', 'ǆ')",
        "Number__c = 1.50",
        "Number__c = 0",
        "Number__c IN (7, 8)",
    ] {
        let (body, visited) = visit(&given, &format!("SELECT Id FROM Keyed__c WHERE {condition}"));
        assert_eq!((&body["totalSize"], visited), (&json!(1), 1), "{condition}");
    }
}
