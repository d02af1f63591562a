//! Search, parameterized search, recent rows.
use crate::given::{Given, V, encode};
use serde_json::{Value, json};

fn customers() -> Given {
    let given = Given::empty();
    given.insert("Account", json!({"Name": "Acme Rockets", "Phone": "555 1000", "Description": "anvils"}));
    given.insert("Account", json!({"Name": "Globex", "Description": "buys from Acme"}));
    given.insert("Contact", json!({"LastName": "Smith", "FirstName": "Joe", "Email": "joe@acme.example"}));
    given
}

fn search(given: &Given, sosl: &str) -> (u16, Value) {
    given.get(&format!("/search?q={}", encode(sosl)))
}

fn names(given: &Given, sosl: &str) -> Vec<Value> {
    let (status, body) = search(given, sosl);
    assert_eq!(status, 200, "{sosl}: {body}");
    body["searchRecords"].as_array().unwrap().iter().map(|r| r["Name"].clone()).collect()
}

#[test]
fn given_rows_when_searched_then_those_with_the_words_come_by_object() {
    let given = customers();
    assert_eq!(
        names(&given, "FIND {acme} RETURNING Account(Name ORDER BY Name)"),
        ["Acme Rockets", "Globex"]
    );
    assert_eq!(names(&given, "FIND {acme} IN NAME FIELDS RETURNING Account(Name)"), ["Acme Rockets"]);
    assert_eq!(names(&given, "find {Rock* AND acme} returning Account(Name)"), ["Acme Rockets"]);
    assert_eq!(names(&given, "FIND {acme AND NOT rockets} RETURNING Account(Name)"), ["Globex"]);
    assert_eq!(names(&given, "FIND {acme} RETURNING Account(Name WHERE Phone = null LIMIT 1)"), ["Globex"]);
    assert_eq!(
        names(&given, "FIND {\"555 1000\"} IN PHONE FIELDS RETURNING Account(Name)"),
        ["Acme Rockets"]
    );
    assert_eq!(
        names(&given, "FIND {joe\\@acme} IN EMAIL FIELDS RETURNING Contact(Name), Account(Name)"),
        ["Joe Smith"]
    );
    assert_eq!(names(&given, "FIND {nothing} RETURNING Account(Name)"), [] as [&str; 0]);
    let (_, body) = search(&given, "FIND {acme} LIMIT 2");
    let records = body["searchRecords"].as_array().unwrap();
    assert_eq!(records.len(), 2);
    assert_eq!(records[0].as_object().unwrap().keys().collect::<Vec<_>>(), ["Id", "attributes"]);
    assert_eq!(records[0]["attributes"]["type"], "Account");
}

#[test]
fn given_a_wrong_search_when_sent_then_it_has_the_orgs_error() {
    let given = customers();
    for (sosl, code, message) in [
        (
            "FIND Acme",
            "MALFORMED_SEARCH",
            "No search term found. The search term must be enclosed in braces.",
        ),
        ("FIND {Acme", "MALFORMED_SEARCH", "expecting '}'"),
        ("FIND {a}", "MALFORMED_SEARCH", "longer than one character"),
        ("FIND {Acme} RETURNING Nope", "INVALID_TYPE", "sObject type 'Nope'"),
        ("FIND {Acme} RETURNING Account(Nope)", "INVALID_FIELD", "No such column 'Nope'"),
        ("FIND {Acme} RETURNING Account(COUNT(Id))", "MALFORMED_QUERY", "fields of rows only"),
    ] {
        let (status, body) = search(&given, sosl);
        assert_eq!((status, &body[0]["errorCode"]), (400, &json!(code)), "{sosl}: {body}");
        assert!(body[0]["message"].as_str().unwrap().contains(message), "{sosl}: {body}");
    }
    assert_eq!(given.get("/search").0, 400);
    assert_eq!(given.post("/search", json!({})).0, 405);
}

#[test]
fn given_parameters_when_searched_then_both_forms_answer_alike() {
    let given = customers();
    let by_url = given.get("/parameterizedSearch?q=acme&sobject=Account&Account.fields=Name&Account.limit=1");
    let body = json!({"q": "acme", "sobjects": [{"name": "Account", "fields": ["Name"], "limit": 1}]});
    let by_body = given.post("/parameterizedSearch", body);
    assert_eq!(by_url.0, 200, "{}", by_url.1);
    assert_eq!(by_url, by_body);
    assert_eq!(by_url.1["searchRecords"][0]["Name"], "Acme Rockets");
    let (_, all) = given.post("/parameterizedSearch", json!({"q": "acme", "in": "NAME", "overallLimit": 5}));
    assert_eq!(all["searchRecords"].as_array().unwrap().len(), 1);
    let hostile = json!({"q": "acme} RETURNING User(Id", "sobjects": [{"name": "Account"}]});
    assert_eq!(given.post("/parameterizedSearch", hostile).1["searchRecords"], json!([]));
    for wrong in [
        json!({}),
        json!({"q": "acme", "in": "NOWHERE"}),
        json!({"q": "acme", "sobjects": [{"name": "Account WHERE"}]}),
        json!({"q": "acme", "sobjects": [{}]}),
        json!({"q": "acme", "overallLimit": "x"}),
    ] {
        assert_eq!(given.post("/parameterizedSearch", wrong.clone()).0, 400, "{wrong}");
    }
}

#[test]
fn given_changed_rows_when_recent_is_asked_then_the_latest_come_first() {
    let given = customers();
    given.org.clock().advance(std::time::Duration::from_secs(60));
    let id = given.account("Latest");
    let (status, body) = given.get("/recent?limit=2");
    assert_eq!(status, 200);
    assert_eq!(
        body[0],
        json!({"attributes": {"type": "Account", "url": format!("{V}/sobjects/Account/{id}")}, "Id": id, "Name": "Latest"})
    );
    assert_eq!(body.as_array().unwrap().len(), 2);
    assert_eq!(given.get("/recent?limit=0").0, 400);
}

#[test]
fn given_an_old_version_when_asked_then_it_answers_as_it_did() {
    let given = customers();
    let (_, body) = given.get(&format!(
        "/services/data/v36.0/search?q={}",
        encode("FIND {acme} RETURNING Account(Name LIMIT 1)")
    ));
    assert_eq!(body[0]["Name"], "Acme Rockets");
    let upsert = |version: &str| {
        given.patch(
            &format!("/services/data/{version}/sobjects/Contact/Email/old@acme.example"),
            json!({"LastName": "Old"}),
        )
    };
    let (status, body) = upsert("v45.0");
    assert_eq!((status, body.get("created")), (201, None));
    assert_eq!(upsert("v45.0"), (204, Value::Null));
    assert_eq!(upsert("v46.0").1["created"], false);
}

#[test]
fn given_a_very_long_search_when_sent_then_operators_go_first_and_rows_next() {
    // SOSL limits: beyond 4,000 characters logical operators are removed, beyond 10,000 nothing is found.
    let given = customers();
    let found = |term: &str| {
        let (status, body) = given.post("/parameterizedSearch", json!({"q": term, "in": "NAME"}));
        assert_eq!(status, 200, "{body}");
        body["searchRecords"].as_array().unwrap().len()
    };
    let with = |length: usize| format!("{:<length$}", "acme nobody").replace("  ", " x");
    assert_eq!((found(&with(3_999)), found(&with(4_001)), found(&with(10_001))), (0, 1, 0));
    // A word each: a term that nests as deep as it is long would end the process.
    let words = |word: &str, times: usize| vec![word; times].join(" ");
    assert_eq!(found(&words("nn", 200_000)), 0);
    let sosl =
        format!("/services/data/v66.0/search?q={}", encode(&format!("FIND {{{}}}", words("nn", 60_000))));
    let part = json!({"method": "GET", "url": sosl, "referenceId": "a"});
    let (status, body) = given.post("/composite", json!({ "compositeRequest": [part] }));
    assert_eq!((status, &body["compositeResponse"][0]["httpStatusCode"]), (200, &json!(200)), "{body}");
}
