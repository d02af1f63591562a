//! What `Org` asks besides rows: plans, searches, changed ids.
use sf_core::{
    ChangeKind, Clock, Delivery, ErrorKind, Fields, LeadingOperation, Org, SfId, Soql, Sosl, Window, Write,
    field,
    models::{Account, Contact},
    object,
    protocol::{Exchange, Protocol},
};
use sf_soql::{
    prelude::*,
    sosl::{Returning, Search, Term},
};
use sf_testorg::{Effect, Fault, On, TestOrg, Wire, state::Cell};
use std::time::Duration;

fn org(test: &TestOrg) -> Org {
    Org::builder(test.transport()).clock(test.clock()).build()
}
fn insert(test: &TestOrg, name: &str) -> SfId {
    let fields = Fields::new().set(field!("Name"), name);
    test.apply(Write::Insert { object: object!("Account"), fields }).unwrap()
}
/// The operations of the requests since the last look.
fn operations(test: &TestOrg) -> Vec<&'static str> {
    let operations = test.calls().iter().map(|call| call.operation()).collect();
    test.clear_calls();
    operations
}

/// The org's wire, with statements in bodies only.
#[derive(Debug)]
struct Shy(Wire);
#[async_trait::async_trait]
impl Exchange for Shy {
    fn capabilities(&self) -> sf_core::Capabilities {
        let mut can = self.0.capabilities();
        can.bodies_only = true;
        can
    }
    fn usage(&self) -> sf_core::Usage {
        self.0.usage()
    }
    async fn exchange(
        &self,
        request: &sf_core::protocol::Request,
        sink: Option<&mut dyn sf_core::protocol::BodySink>,
        options: &sf_core::CallOptions,
    ) -> sf_core::Result<sf_core::protocol::Response> {
        assert!(request.query.is_empty(), "{request:?}");
        self.0.exchange(request, sink, options).await
    }
}

#[test]
fn plans_say_whether_an_index_is_used() {
    let test = TestOrg::empty();
    let ids: Vec<SfId> = (0..30).map(|at| insert(&test, &format!("A{at}"))).collect();
    let id = ids[29];
    for org in [org(&test), Org::new(Protocol::new(Shy(test.wire())))] {
        let by_id = Query::of::<Account>().filter(Account::ID.eq(id));
        let plans = test.clock().run(org.explain(&by_id)).unwrap();
        assert_eq!(plans[0].leading_operation_type, LeadingOperation::Index, "{plans:?}");
        assert!(plans[0].is_selective() && plans[0].cardinality == 1 && plans[0].sobject_cardinality == 30);
        assert_eq!(
            (plans[0].fields.as_slice(), plans[0].sobject_type.as_str()),
            (["Id".to_owned()].as_slice(), "Account")
        );
        let scan = plans.last().unwrap();
        assert_eq!(scan.leading_operation_type, LeadingOperation::TableScan);
        assert!(!scan.notes[0].description.is_empty());
        let error =
            test.clock().run(org.explain(Soql::raw("SELECT Id FROM Account WHERE Nix = 1"))).unwrap_err();
        assert_eq!(error.code().map(sf_core::ErrorCode::as_str), Some("INVALID_FIELD"));
    }
}

#[test]
fn a_search_answers_typed_rows_by_object() {
    let test = TestOrg::empty();
    test.transact(|state| {
        for at in 0..3 {
            state.insert_row("Account", [("Name", Cell::text(format!("Acme {at}")))]).unwrap();
        }
        state.insert_row("Contact", [("LastName", Cell::text("Acme"))]).unwrap();
        state.insert_row("Contact", [("LastName", Cell::text("Globex"))]).unwrap();
    })
    .unwrap();
    let search = Search::find(Term::word("Acme"))
        .returning(Returning::new(object!("Account")).fields([field!("Id"), field!("Name")]))
        .returning(Returning::new(object!("Contact")).fields([field!("Id"), field!("LastName")]));
    for org in [org(&test), Org::new(Protocol::new(Shy(test.wire())))] {
        let found = test.clock().run(org.search(&search)).unwrap();
        assert_eq!((found.len(), found.is_empty(), found.may_be_cut()), (4, false, false));
        let names: Vec<String> =
            found.of::<Account>().unwrap().into_iter().filter_map(|row| row.name.into_value()).collect();
        assert_eq!(names.len(), 3, "{names:?}");
        assert_eq!(found.of::<Contact>().unwrap().len(), 1);
        let objects: Vec<String> =
            found.records().unwrap().iter().map(|row| row.object.as_str().to_owned()).collect();
        assert_eq!(objects, ["Account", "Account", "Account", "Contact"]);
        let nothing = test.clock().run(org.search(Sosl::raw("FIND {Nobody} RETURNING Account"))).unwrap();
        assert!(nothing.is_empty() && nothing.of::<Account>().unwrap().is_empty());
        let error = test.clock().run(org.search(Sosl::raw("FIND Acme"))).unwrap_err();
        assert_eq!(error.code().map(sf_core::ErrorCode::as_str), Some("MALFORMED_SEARCH"));
        // Nothing is sent of what cannot be written.
        let broken = Search::find(Term::word("?"));
        assert_eq!(test.clock().run(org.search(broken)).unwrap_err().delivery(), Delivery::NotSent);
    }
}

#[test]
fn a_search_that_is_too_long_for_a_url_goes_in_a_body() {
    let test = TestOrg::empty();
    insert(&test, "Acme");
    let names: Vec<String> = (0..900).map(|n| format!("Company {n}")).collect();
    let accounts =
        Returning::new(object!("Account")).fields([field!("Id")]).filter(!field!("Name").is_in(names));
    let search = Search::find(Term::word("Acme")).returning(accounts);
    assert!(search.to_sosl().unwrap().len() > 12_000);
    let found = test.clock().run(org(&test).search(search)).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(operations(&test), ["batch"]);
}

fn window(test: &TestOrg, what: ChangeKind, hours: u64) -> Window {
    let end = test.clock().now() + Duration::from_secs(60);
    Window { what, start: end - Duration::from_secs(hours * 3_600), end }
}

#[test]
fn changed_ids_say_how_far_they_reach() {
    let test = TestOrg::empty();
    test.clock().advance(Duration::from_secs(3_600));
    let (kept, gone) = (insert(&test, "kept"), insert(&test, "gone"));
    test.apply(Write::Delete { id: gone }).unwrap();
    test.clock().advance(Duration::from_secs(600));
    let org = org(&test);
    let asked = |what, hours| {
        let window = window(&test, what, hours);
        let changed = test.clock().run(org.changed(&object!("Account"), &window)).unwrap();
        let ids: Vec<SfId> = changed.ids.iter().map(|(id, _)| *id).collect();
        (ids, changed.reaches(window.start))
    };
    assert_eq!(asked(ChangeKind::Updated, 1), (vec![kept], true));
    assert_eq!(asked(ChangeKind::Deleted, 1), (vec![gone], true));
    // The org is an hour and ten minutes old: of what was deleted before, it knows nothing.
    assert_eq!(asked(ChangeKind::Deleted, 5), (vec![gone], false));
}

#[test]
fn windows_that_no_org_answers_are_not_sent() {
    let test = TestOrg::empty();
    let org = org(&test);
    for (what, seconds, message) in [
        (ChangeKind::Updated, 31 * 86_400, "the window has more than 30 days"),
        (ChangeKind::Deleted, 16 * 86_400, "the window has more than 15 days"),
        (ChangeKind::Updated, 59, "shorter than the org can tell"),
        (ChangeKind::Deleted, 90, "shorter than the org can tell"),
        (ChangeKind::Updated, 0, "shorter than the org can tell"),
    ] {
        let start = test.clock().now();
        let window = Window { what, start, end: start + Duration::from_secs(seconds) };
        let error = test.clock().run(org.changed(&object!("Account"), &window)).unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent));
        assert!(error.to_string().contains(message), "{error}");
    }
    assert!(operations(&test).is_empty());
}

#[test]
fn a_window_with_too_many_ids_is_asked_for_in_parts() {
    let test = TestOrg::empty();
    let mut ids = Vec::new();
    for at in 0..8 {
        ids.push(insert(&test, &format!("A{at}")));
        test.clock().advance(Duration::from_secs(1_800));
    }
    // The whole and its first half have too many.
    let refused = Effect::Status(400, "EXCEEDED_ID_LIMIT".into());
    test.inject(Fault::new(On::Any, refused.clone()).times(2));
    let all = window(&test, ChangeKind::Updated, 5);
    let changed = test.clock().run(org(&test).changed(&object!("Account"), &all)).unwrap();
    let found: Vec<SfId> = changed.ids.iter().map(|(id, _)| *id).collect();
    assert_eq!(found, ids);
    assert_eq!(operations(&test).len(), 5);
    // It ends when a part is too small to be cut, and says why.
    test.inject(Fault::new(On::Any, refused).times(100));
    let error = test.clock().run(org(&test).changed(&object!("Account"), &all)).unwrap_err();
    assert_eq!(error.code().map(sf_core::ErrorCode::as_str), Some("EXCEEDED_ID_LIMIT"));
    assert_eq!(operations(&test).len(), 9, "5 hours, 150 minutes, …, one minute");
}
