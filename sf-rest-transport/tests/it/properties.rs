//! Any text, any id, any number: what is sent is what the org holds, byte for byte, and what the org holds is what comes back.
use crate::{over_http::serve, transport};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use sf_core::{
    CallOptions, ErrorKind, Field, FieldName, Fields, Number, Org, QueryCall, QueryOptions, Record,
    RowOutcome, SfId, Soql, Transport, Value, Write, WriteOptions, field,
    models::Account,
    object,
    protocol::{
        Method, Request,
        composite::{Composite, Step},
    },
};
use sf_soql::prelude::*;
use sf_testorg::{Assumptions, Server, TestOrg, demo::Dataset};
use std::sync::{Arc, Mutex};
use tokio::runtime::Runtime;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

const KEY: FieldName = field!("Key__c");
const TEXT: FieldName = field!("Text__c");

/// An org that stores texts as they are, blanks around them too.
fn org() -> (TestOrg, Server, Org) {
    let mut assumptions = Assumptions::default();
    assumptions.values.texts_are_trimmed = false;
    let sim = TestOrg::builder().dataset(Dataset::Empty).assumptions(assumptions).build();
    let fields = serde_json::json!([
        {"name": "Key__c", "type": "string", "length": 255, "externalId": true, "idLookup": true, "unique": true, "caseSensitive": true},
        {"name": "Text__c", "type": "string", "length": 255},
        {"name": "Number__c", "type": "double", "precision": 18, "scale": 6},
    ]);
    sim.add_fields(&object!("Account"), fields).unwrap();
    let (server, org) = serve(&sim);
    (sim, server, org)
}
/// Runs the property with one org and one runtime for all cases.
fn hold<S: Strategy>(cases: u32, strategy: S, property: impl AsyncFn(S::Value) -> Result<(), TestCaseError>)
where
    S::Value: Clone,
{
    let runtime = Runtime::new().unwrap();
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&strategy, |value| runtime.block_on(property(value))).unwrap();
}
/// Any text, and more often such that means something to somebody on the way.
fn text() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        "'",
        "\"",
        "\\",
        "/",
        "//",
        "?",
        "#",
        "%",
        "%2F",
        "%25",
        "+",
        " ",
        "&",
        "=",
        ";",
        ",",
        ":",
        "..",
        ".",
        "@{x.id}",
        "@{",
        "{",
        "}",
        "[",
        "]",
        "<",
        ">",
        "`",
        "$",
        "|",
        "^",
        "~",
        "*",
        "_",
        "\n",
        "\r",
        "\r\n",
        "\t",
        "é",
        "ü",
        "ß",
        "İ",
        "𝒳",
        "👩‍👩‍👧",
        "\u{feff}",
        "\u{200b}",
        "\u{2028}",
        "e\u{301}",
        "null",
        "#N/A",
        "true",
        "1e5",
        "2026-01-02",
        "OR Name != ''",
        "null",
        "--",
        "@b.io",
    ]);
    let mixed = prop::collection::vec(prop_oneof![odd.prop_map(str::to_owned), "[a-zA-Z0-9]{1,4}"], 1..8);
    prop_oneof![
        3 => mixed.prop_map(|parts| parts.concat()),
        1 => prop::collection::vec(proptest::char::any(), 1..40)
            .prop_map(|chars| chars.into_iter().collect()),
    ]
}
fn held(sim: &TestOrg, id: SfId, field: &FieldName) -> Option<String> {
    sim.value(id, field.as_str()).as_str().map(str::to_owned)
}
fn id_of(outcome: RowOutcome) -> Result<SfId, TestCaseError> {
    outcome.into_result().map(|(id, _)| id).map_err(|e| TestCaseError::fail(format!("{e:?}")))
}
fn told<T>(result: sf_core::Result<T>) -> Result<T, TestCaseError> {
    result.map_err(|e| TestCaseError::fail(format!("{e:?}")))
}

#[test]
fn any_text_arrives_and_comes_back_as_it_is() {
    let (sim, _server, org) = org();
    hold(96, (text(), text()), async |(first, second)| {
        let account = || object!("Account");
        let fields = |text: &str| Fields::new().set(field!("Name"), "A").set(TEXT, text);
        let options = WriteOptions::new();
        // Created, alone and as the part of a composite; changed, alone and as a part.
        let rows = org.write([Write::Insert { object: account(), fields: fields(&first) }], &options).await;
        let id = id_of(rows.into_iter().next().unwrap())?;
        prop_assert_eq!(held(&sim, id, &TEXT), Some(first.clone()));
        let update = Write::Update {
            object: account(),
            id,
            fields: Fields::new().set(TEXT, second.clone()),
            if_unmodified_since: None,
        };
        let rows =
            org.write([update, Write::Insert { object: account(), fields: fields(&first) }], &options).await;
        let [updated, created] = <[RowOutcome; 2]>::try_from(rows).unwrap();
        prop_assert_eq!(id_of(updated)?, id);
        let other = id_of(created)?;
        prop_assert_eq!(held(&sim, id, &TEXT), Some(second.clone()));
        prop_assert_eq!(held(&sim, other, &TEXT), Some(first.clone()));
        // Typed steps refuse a text that could be a reference, and nothing else.
        let mut call = Composite::new();
        match call.add("new", Step::insert(account(), fields(&second))) {
            Ok(step) => {
                let id = id_of(told(org.composite(&call).await)?.saved(&step))?;
                prop_assert_eq!(held(&sim, id, &TEXT), Some(second.clone()));
                told(org.delete(id).await)?;
            }
            Err(e) => prop_assert!(second.contains("@{"), "{}", e),
        }
        // Found by it, and read back by query and by id.
        let query = Query::of::<Account>()
            .select([Account::ID])
            .filter(Account::ID.eq(id) & sf_soql::Filterable::eq(sf_core::path!("Text__c"), second.as_str()));
        let found = told(org.query(query).all().await)?;
        prop_assert_eq!(found.len(), 1, "{:?} is not found", second);
        let soql = Soql::raw(format!("SELECT Text__c FROM Account WHERE Id = '{id}'"));
        let rows = told(org.query(soql).all().await)?;
        prop_assert_eq!(rows[0].get::<String>("Text__c").unwrap(), Field::Value(second.clone()));
        let page = org.transport().retrieve(&account(), &[id], &[TEXT], &CallOptions::new()).await;
        let row: Record = told(page)?.decode().unwrap().remove(0).unwrap();
        prop_assert_eq!(row.get::<String>("Text__c").unwrap(), Field::Value(second.clone()));
        for id in [id, other] {
            told(org.delete(id).await)?;
        }
        Ok(())
    });
}

/// Pain 43: an external ID of any text is that text, in the path and in the body: never another record's.
#[test]
fn any_text_is_an_external_id() {
    let (sim, _server, org) = org();
    hold(96, text(), async |key| {
        let account = || object!("Account");
        let options = WriteOptions::new();
        let row = |name: &str| Write::Upsert {
            object: account(),
            key: KEY,
            fields: Fields::new().set(field!("Name"), name).set(KEY, key.clone()),
        };
        // By the body.
        let rows = org.write([row("created")], &options).await;
        let id = id_of(rows[0].clone())?;
        prop_assert_eq!(&rows[0], &RowOutcome::Done { id, created: true });
        prop_assert_eq!(held(&sim, id, &KEY), Some(key.clone()));
        prop_assert_eq!(
            org.write([row("updated")], &options).await,
            vec![RowOutcome::Done { id, created: false }]
        );
        // By the path: of a typed step, and of a request of its own.
        let mut call = Composite::new();
        let step = Step::upsert(account(), KEY, key.as_str(), Fields::new().set(field!("Site"), "step"));
        let step =
            call.add("row", step).and_then(|step| call.request(sf_core::ApiVersion::CURRENT).map(|_| step));
        let path = ["sobjects", "Account", "Key__c", key.as_str()];
        let patch = Request::new(Method::Patch, path).with_json(r#"{"Fax":"1"}"#);
        let raw = org.transport().call(&patch, &CallOptions::new()).await;
        if key == "." || key == ".." {
            // No URL can name it: refused, not sent to another resource.
            prop_assert!(step.is_err());
            prop_assert_eq!(raw.unwrap_err().kind(), ErrorKind::InvalidInput);
        } else {
            let answer = told(org.composite(&call).await)?;
            prop_assert_eq!(answer.saved(&told(step)?), RowOutcome::Done { id, created: false });
            let raw = told(raw)?;
            prop_assert!(raw.status == 200 && raw.text().contains(id.as_str()), "{}", raw.text());
            let read = told(org.transport().call(&Request::get(path), &CallOptions::new()).await)?;
            prop_assert_eq!(told(read.json::<Record>())?.id, Some(id));
            prop_assert_eq!(
                (held(&sim, id, &field!("Site")), held(&sim, id, &field!("Fax"))),
                (Some("step".into()), Some("1".into()))
            );
        }
        prop_assert_eq!(held(&sim, id, &KEY), Some(key.clone()));
        prop_assert_eq!(sim.rows(&account()).len(), 1, "one record, whatever the key");
        told(org.delete(id).await)
    });
}

#[test]
fn any_record_id_is_asked_for_as_it_is() {
    let (sim, _server, org) = org();
    let known = sim
        .apply(Write::Insert { object: object!("Account"), fields: Fields::new().set(field!("Name"), "A") });
    let known = known.unwrap();
    hold(48, "[a-zA-Z0-9]{12}", async |tail| {
        let id = SfId::new(format!("001{tail}")).unwrap();
        let start = sim.calls().len();
        // A row that is there beside one that (surely) is not: each its own answer.
        let rows = told(org.fetch_all::<Account>([id, known]).await)?;
        prop_assert!(rows[0].is_none() && rows[1].as_ref().is_some_and(|row| row.id.value() == Some(&known)));
        let write = |id| Write::Update {
            object: object!("Account"),
            id,
            fields: Fields::new().set(field!("Site"), "s"),
            if_unmodified_since: None,
        };
        let outcomes = org.write([write(id), write(known), Write::Delete { id }], &WriteOptions::new()).await;
        prop_assert_eq!(outcomes.iter().map(RowOutcome::is_done).collect::<Vec<_>>(), [false, true, false]);
        let path = Request::get(["sobjects", "Account", id.as_str()]);
        let e = org.transport().call(&path, &CallOptions::new()).await.unwrap_err();
        prop_assert_eq!(e.kind(), ErrorKind::NotFound);
        let calls = sim.calls();
        prop_assert_eq!(calls.len() - start, 3);
        for call in &calls[start..] {
            prop_assert!(call.target.contains(id.as_str()) || call.body.contains(id.as_str()), "{:?}", call);
        }
        Ok(())
    });
}

/// Numbers as JSON has them, with more digits than a float holds.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?(0|[1-9][0-9]{0,11})\\.[0-9]{1,6}",
        "-?[1-9][0-9]{0,17}",
        "[1-9]\\.[0-9]{1,17}E-?[1-9]",
        "0\\.0{1,5}[1-9]",
        "-?[1-9][0-9]{0,30}(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?",
    ]
}

#[test]
fn numbers_keep_their_digits_both_ways() {
    let (sim, _server, org) = org();
    let runtime = Runtime::new().unwrap();
    let page = Arc::new(Mutex::new(String::new()));
    // An org that answers with digits no simulation would make.
    let answering = page.clone();
    let mock = runtime.block_on(async move {
        let server = MockServer::start().await;
        let answer = move |_: &wiremock::Request| {
            ResponseTemplate::new(200).set_body_raw(answering.lock().unwrap().clone(), "application/json")
        };
        Mock::given(any()).respond_with(answer).mount(&server).await;
        server
    });
    let reader = transport(&mock.uri());
    hold(64, number(), async |digits| {
        let number: Number = digits.parse().unwrap();
        // Out: the text of the request has them.
        let fields = Fields::new().set(field!("Name"), "A").set(field!("Number__c"), number.clone());
        let outcomes =
            org.write([Write::Insert { object: object!("Account"), fields }], &WriteOptions::new()).await;
        let sent = sim.calls().last().unwrap().body.clone();
        prop_assert!(sent.contains(&format!("\"Number__c\":{digits}}}")), "{}", sent);
        // What the org takes it holds and gives back; a number that is larger than the field it refuses.
        if let RowOutcome::Done { id, .. } = outcomes[0] {
            let soql = Soql::raw(format!("SELECT Number__c FROM Account WHERE Id = '{id}'"));
            let row = told(org.query(soql).all().await)?.remove(0);
            let back = row.get::<Number>("Number__c").unwrap().into_value().unwrap();
            if digits.bytes().filter(u8::is_ascii_digit).count() <= 15 {
                prop_assert_eq!(&back, &number);
            }
            told(org.delete(id).await)?;
        }
        // In: the value has the digits of the text.
        *page.lock().unwrap() = format!(
            r#"{{"totalSize":1,"done":true,"records":[{{"attributes":{{"type":"Account"}},"AnnualRevenue":{digits},"Number__c":{digits}}}]}}"#
        );
        let call = [QueryCall::Start(Soql::raw("SELECT AnnualRevenue, Number__c FROM Account"))];
        let read = told(reader.query(&call, &QueryOptions::new()).await)?.remove(0).unwrap();
        let typed = read.decode::<Account>().unwrap().remove(0).unwrap();
        prop_assert_eq!(typed.annual_revenue.value().unwrap().as_str(), digits.as_str());
        let row = read.decode::<Record>().unwrap().remove(0).unwrap();
        let Some(Value::Number(read)) = row.value("Number__c").map(|value| value.into_owned()) else {
            return Err(TestCaseError::fail("no number"));
        };
        prop_assert_eq!(read.as_str(), digits.as_str());
        Ok(())
    });
}
