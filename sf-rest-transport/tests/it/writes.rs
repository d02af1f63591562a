//! Writes and typed composite calls over HTTP to the simulated org: what goes out is counted in the org's log.
use sf_core::{
    AssignmentRules, CallOptions, Delivery, ErrorCode, ErrorKind, Fields, Org, Retry, RowOutcome, SfId, Soql,
    Write, WriteOptions, field,
    models::{Account, Opportunity},
    object,
    protocol::{
        Request,
        batch::Batch,
        composite::{Composite, Outcome, Step},
        graph::{Graph, Graphs},
        tree::{Tree, TreeRow},
    },
};
use sf_rest_transport::{App, Rest, Tokens};
use sf_testorg::{
    Effect, Fault, On, TestOrg,
    guard::{DuplicateAction, DuplicateRule, Match},
};

fn named(name: impl Into<String>) -> Fields {
    Fields::new().set(field!("Name"), name.into())
}
fn insert(name: impl Into<String>) -> Write {
    Write::Insert { object: object!("Account"), fields: named(name) }
}
fn deal(name: &str) -> Fields {
    named(name).set(field!("StageName"), "Prospecting").set(field!("CloseDate"), "2030-01-31")
}
fn ids(outcomes: Vec<RowOutcome>) -> Vec<SfId> {
    outcomes.into_iter().map(|o| o.into_result().unwrap().0).collect()
}
/// A signed-in org over HTTP, and a fresh log.
macro_rules! over_http {
    ($sim:ident, $org:ident) => {
        let server = $sim.serve().unwrap();
        let keys = $sim.credentials();
        let app = App::new(server.url(), keys.client_id.clone())
            .client_secret(keys.client_secret.clone())
            .allow_loopback_http();
        let tokens = Tokens::refresh(keys.refresh_token.clone()).with_access(server.token(), server.url());
        let rest =
            Rest::with_credentials(app.session(tokens).unwrap()).allow_loopback_http().connect().unwrap();
        let $org = Org::new(rest);
    };
}
fn data_calls(sim: &TestOrg) -> usize {
    sim.calls().iter().filter(|call| call.target.starts_with("/services/data/")).count()
}

/// Pain 45: more than 200 rows, more than ten, and a result for each row by its place, whatever happens to the others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_rows_are_ten_calls_and_one_bad_row_fails_alone() {
    let sim = TestOrg::empty();
    over_http!(sim, org);
    let mut rows: Vec<Write> = (0..10_000).map(|i| insert(format!("row {i}"))).collect();
    rows[4_321] =
        Write::Insert { object: object!("Account"), fields: Fields::new().set(field!("Phone"), "1") };
    let options = WriteOptions::new();
    let plan = org.plan_write(&rows, &options);
    assert_eq!(plan.api_calls, 10);
    let outcomes = org.write(rows, &options).await;
    assert_eq!(data_calls(&sim), 10);
    assert_eq!(outcomes.len(), 10_000);
    for (i, outcome) in outcomes.iter().enumerate() {
        match outcome {
            RowOutcome::Done { id, created: true } if i % 997 == 0 => {
                let name = sim.row(*id).unwrap().get::<String>("Name").unwrap().into_value();
                assert_eq!(name, Some(format!("row {i}")));
            }
            RowOutcome::Done { .. } => assert_ne!(i, 4_321),
            RowOutcome::Failed(failure) => {
                assert_eq!((i, failure.code.clone()), (4_321, Some(ErrorCode::RequiredFieldMissing)));
            }
        }
    }
}

/// Pain 9: headers of a write must be on its repeat after a new sign-in, in every part of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn options_of_a_write_outlive_a_new_sign_in() {
    let sim = TestOrg::empty();
    let rule = DuplicateRule::new(object!("Account"), "Same_name", [Match::ignoring_case(field!("Name"))]);
    sim.add_rule(rule.action(DuplicateAction::Alert)).unwrap();
    over_http!(sim, org);
    let first = org.insert(&Account { name: "Acme".into(), ..Account::default() }).await.unwrap();
    sim.inject(Fault::new(On::Operation("write".into()), Effect::EndSession));
    let options =
        WriteOptions::new().with_allow_duplicates(true).with_assignment_rules(AssignmentRules::Skip);
    let other = Write::Update {
        object: object!("Account"),
        id: first,
        fields: named("Acme"),
        if_unmodified_since: None,
    };
    let saved = ids(org.write([insert("ACME"), other, insert("acme")], &options).await);
    assert_eq!(saved.len(), 3);
    assert_eq!(sim.calls().iter().filter(|call| call.operation() == "token").count(), 1);
    let refused = org.write([insert("acme")], &WriteOptions::new()).await;
    assert_eq!(refused[0].failure().unwrap().code, Some(ErrorCode::DuplicatesDetected));
}

/// Pain 49: the failure names the matching records, and one option saves all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_duplicate_names_its_matches_and_may_be_saved() {
    let sim = TestOrg::empty();
    let rule = DuplicateRule::new(object!("Account"), "Same_name", [Match::ignoring_case(field!("Name"))]);
    sim.add_rule(rule.action(DuplicateAction::Alert)).unwrap();
    over_http!(sim, org);
    let first = org.insert(&Account { name: "Acme".into(), ..Account::default() }).await.unwrap();
    let details = WriteOptions::new().with_duplicate_details(true);
    let outcome = org.write([insert("ACME")], &details).await.remove(0);
    let failure = outcome.failure().unwrap();
    assert_eq!(
        (failure.code.clone(), failure.records.as_slice()),
        (Some(ErrorCode::DuplicatesDetected), [first].as_slice())
    );
    assert!(failure.help().next_step.contains("allow duplicates"), "{}", failure.help().next_step);
    assert!(org.write([insert("ACME")], &details.with_allow_duplicates(true)).await[0].is_done());
}

/// Pain 43: any text is a key.
/// Pain 44: several matches are told with their ids.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upsert_takes_any_key_and_names_all_matches() {
    let sim = TestOrg::empty();
    over_http!(sim, org);
    let key = "a/b c?d+e#f%20é";
    let upsert = |text: &str| {
        let fields =
            Fields::new().set(field!("StageName"), "Prospecting").set(field!("CloseDate"), "2030-01-31");
        Step::upsert(object!("Opportunity"), field!("Name"), text, fields)
    };
    let mut call = Composite::new();
    let first = call.add("first", upsert(key)).unwrap();
    let second = call.add("second", upsert(key)).unwrap();
    let answer = org.composite(&call).await.unwrap();
    let (id, created) = answer.saved(&first).into_result().unwrap();
    assert!(created);
    assert_eq!(answer.saved(&second).into_result().unwrap(), (id, false));
    assert_eq!(sim.row(id).unwrap().get::<String>("Name").unwrap().into_value().as_deref(), Some(key));
    // A second record of the same name makes the key ambiguous.
    let twin = org
        .write([Write::Insert { object: object!("Opportunity"), fields: deal(key) }], &WriteOptions::new())
        .await;
    let twin = ids(twin)[0];
    let mut call = Composite::new();
    let third = call.add("third", upsert(key)).unwrap();
    let failure = org.composite(&call).await.unwrap().saved(&third).failure().cloned().unwrap();
    assert_eq!((failure.kind, failure.status), (ErrorKind::Conflict, Some(300)));
    let mut found = failure.records.clone();
    found.sort();
    assert_eq!(found, {
        let mut both = [id, twin];
        both.sort();
        both
    });
    let row = Opportunity { name: key.into(), ..Opportunity::default() };
    let error = org.upsert(field!("Name"), &row).await.unwrap_err();
    assert_eq!((error.code(), error.kind()), (Some(&ErrorCode::DuplicateExternalId), ErrorKind::Conflict));
}

/// Pain 46: one failure, and the others are held back, not failed; the rows of a collection among them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_or_none_has_one_cause_and_keeps_nothing() {
    let sim = TestOrg::empty();
    over_http!(sim, org);
    let mut call = Composite::new().all_or_none(true);
    let account = call.add("acme", Step::insert(object!("Account"), named("Acme"))).unwrap();
    let many = call.add("many", Step::rows(vec![insert("a"), insert("b")])).unwrap();
    let bad = Step::insert(object!("Contact"), Fields::new().set(field!("FirstName"), "Ann"));
    let bad = call.add("bad", bad.with_link(field!("AccountId"), account.id())).unwrap();
    let answer = org.composite(&call).await.unwrap();
    assert!(answer.is_undone());
    let (cause, failure) = answer.cause().unwrap();
    assert_eq!((cause, failure.code), ("bad", Some(ErrorCode::RequiredFieldMissing)));
    assert!(matches!(answer.outcome(&account), Some(Outcome::HeldBack(_))));
    assert!(matches!(answer.outcome(&bad), Some(Outcome::Failed(_))));
    assert!(
        answer.saved(&account).was_held_back() && answer.rows(&many).iter().all(RowOutcome::was_held_back)
    );
    // The trap: the collection's own answer says that `a` was saved.
    let mut call = Composite::new().all_or_none(true);
    let nameless =
        Write::Insert { object: object!("Account"), fields: Fields::new().set(field!("Phone"), "1") };
    let many = call.add("many", Step::rows(vec![insert("a"), nameless])).unwrap();
    let answer = org.composite(&call).await.unwrap();
    let held: Vec<_> = answer.rows(&many).iter().map(RowOutcome::was_held_back).collect();
    assert_eq!((answer.is_undone(), held), (true, vec![true, false]));
    assert_eq!(sim.rows(&object!("Account")).len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn steps_refer_to_earlier_ones_and_are_read_by_type() {
    let sim = TestOrg::empty();
    over_http!(sim, org);
    let mut call = Composite::new();
    let acme = call.add("acme", Step::insert(object!("Account"), named("Acme"))).unwrap();
    let deal = call
        .add(
            "deal",
            Step::insert(object!("Opportunity"), deal("D")).with_link(field!("AccountId"), acme.id()),
        )
        .unwrap();
    let phone = Fields::new().set(field!("Phone"), "+49 1");
    let change = call.add("change", Step::update(object!("Account"), acme.id(), phone)).unwrap();
    let row = call
        .add("row", Step::get(object!("Account"), acme.id(), vec![field!("Name"), field!("Phone")]))
        .unwrap();
    let page = call.add("page", Step::query(Soql::raw("SELECT Id, Name FROM Account"))).unwrap();
    let broken = Step::update(object!("Account"), SfId::new("001zzzzzzzzzzzz").unwrap(), named("x"));
    let broken = call.add("broken", broken).unwrap();
    let answer = org.composite(&call).await.unwrap();
    assert_eq!(data_calls(&sim), 1);
    let id = answer.saved(&acme).into_result().unwrap().0;
    assert_eq!(answer.saved(&change).into_result().unwrap(), (id, false));
    let account: Account = answer.row(&row).unwrap();
    assert_eq!((account.id.value(), account.phone.value().map(String::as_str)), (Some(&id), Some("+49 1")));
    assert_eq!(answer.page(&page).unwrap().total(), 1);
    let deal = answer.saved(&deal).into_result().unwrap().0;
    assert_eq!(sim.row(deal).unwrap().get::<SfId>("AccountId").unwrap().into_value(), Some(id));
    let failure = answer.saved(&broken).failure().cloned().unwrap();
    assert_eq!((failure.kind, failure.status), (ErrorKind::NotFound, Some(404)));
    assert_eq!(answer.cause().unwrap().0, "broken");
}

#[test]
fn no_text_can_become_a_reference() {
    let mut call = Composite::new();
    let acme = call.add("acme", Step::insert(object!("Account"), named("Acme"))).unwrap();
    let gone = call.add("gone", Step::delete(object!("Account"), acme.id())).unwrap();
    let text = named("@{acme.id}");
    let steps = [
        Step::insert(object!("Account"), text.clone()),
        Step::rows(vec![Write::Insert { object: object!("Account"), fields: text }]),
        Step::rows(vec![insert("a"); 201]),
        Step::update(object!("Account"), gone.id(), named("x")),
        Step::delete(object!("Account"), acme.id()).with_link(field!("Name"), acme.id()),
        Step::insert(object!("Account"), Fields::new().set(field!("Id"), "x")),
    ];
    for step in steps {
        let error = call.add("next", step).unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent));
    }
    for name in ["", "_a", "a.b", "a}", "acme", "é"] {
        assert!(call.add(name, Step::insert(object!("Account"), named("x"))).is_err(), "{name}");
    }
    let other = Composite::new().add("acme2", Step::insert(object!("Account"), named("x"))).unwrap();
    assert!(call.add("next", Step::delete(object!("Account"), other.id())).is_err());
    // A key is encoded: it holds no `@{` on the wire.
    call.add("key", Step::upsert(object!("Account"), field!("Key__c"), "@{acme.id}", named("x"))).unwrap();
    let request = call.request(sf_core::ApiVersion::CURRENT).unwrap();
    assert!(request.body.text().unwrap().contains("/Key__c/%40%7Bacme.id%7D\""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn graphs_batches_and_trees_tell_what_became_of_each() {
    let sim = TestOrg::empty();
    over_http!(sim, org);
    // Each graph is all or none, and knows nothing of the others.
    let mut call = Graphs::new();
    let mut steps = Vec::new();
    for (id, name) in [("good", Some("Ann")), ("bad", None)] {
        let mut graph = Graph::new(id).unwrap();
        let account = graph.add("account", Step::insert(object!("Account"), named(id))).unwrap();
        let fields = name.map_or(Fields::new(), |name| Fields::new().set(field!("LastName"), name));
        let contact = Step::insert(object!("Contact"), fields).with_link(field!("AccountId"), account.id());
        steps.push((account, graph.add("contact", contact).unwrap()));
        call.add(graph).unwrap();
    }
    let answers = org.graphs(&call).await.unwrap();
    assert!(answers[0].1.is_done() && answers[0].1.saved(&steps[0].1).is_done());
    assert_eq!((answers[1].0.as_str(), answers[1].1.cause().unwrap().0), ("bad", "contact"));
    assert!(answers[1].1.saved(&steps[1].0).was_held_back());
    assert_eq!(sim.rows(&object!("Account")).len(), 1);
    assert!(Graph::new("a.b").is_err() && Graph::new("").is_err());
    // A batch: what is done stays done.
    let mut batch = Batch::new().halt_on_error(true);
    let body = |text: &str| Request::post(["sobjects", "Account"]).with_json(text);
    batch.add(body(r#"{"Name":"in a batch"}"#)).unwrap();
    batch.add(body(r#"{"Phone":"1"}"#)).unwrap();
    batch.add(Request::get(["limits"])).unwrap();
    let outcomes = org.batch(&batch).await.unwrap();
    assert!(outcomes[0].is_done());
    assert_eq!(outcomes[1].failure().unwrap().code, Some(ErrorCode::RequiredFieldMissing));
    assert!(matches!(&outcomes[2], Outcome::HeldBack(f) if f.retry() == Retry::Sibling));
    // A tree: all rows or none, and the row that is to blame.
    let contact = |name: Option<&str>| {
        let fields = name.map_or(Fields::new(), |name| Fields::new().set(field!("LastName"), name));
        TreeRow::new(object!("Contact"), fields)
    };
    let tree = |second: Option<&str>| {
        let below = vec![contact(Some("Ann")), contact(second)];
        let row = TreeRow::new(object!("Account"), named("tree")).with_children(field!("Contacts"), below);
        Tree::new(vec![row]).unwrap()
    };
    let saved = ids(org.tree(&tree(Some("Bob"))).await.unwrap());
    assert_eq!(saved.iter().map(SfId::key_prefix).collect::<Vec<_>>(), ["001", "003", "003"]);
    let outcomes = org.tree(&tree(None)).await.unwrap();
    let held: Vec<_> = outcomes.iter().map(RowOutcome::was_held_back).collect();
    assert_eq!(held, [true, true, false]);
    let failure = outcomes[2].failure().unwrap();
    assert_eq!(
        (failure.code.clone(), failure.delivery),
        (Some(ErrorCode::RequiredFieldMissing), Delivery::Refused)
    );
    sim.inject(Fault::new(On::Any, Effect::LoseAnswer));
    let lost = org.with_call(CallOptions::new().with_attempts(1)).tree(&tree(Some("Eve"))).await.unwrap();
    assert!(lost.iter().all(|o| o.failure().is_some_and(|f| f.delivery == Delivery::Unknown)));
}
