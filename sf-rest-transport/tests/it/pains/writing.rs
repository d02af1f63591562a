use crate::over_http::{data_calls, serve};
use sf_core::{
    Capabilities, Delivery, ErrorCode, Field, Fields, RowOutcome, Soql, Value, Write, WriteOptions, field,
    models::{Account, Rating},
    object,
    protocol::{
        Request, Response,
        composite::{Composite, Step},
        write_response,
    },
};
use sf_testorg::{Effect, Fault, On, TestOrg};

fn named(name: &str) -> Fields {
    Fields::new().set(field!("Name"), name)
}

/// Pain 35: the answer was lost, the record was made, and the library made another one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_whose_answer_is_lost_is_in_doubt_and_can_be_looked_up() {
    for effect in [Effect::LoseAnswer, Effect::ResetAnswer, Effect::TornBody] {
        let sim = TestOrg::empty();
        let (_server, org) = serve(&sim);
        sim.inject(Fault::new(On::Any, effect.clone()));
        let e = org.insert(&Account { name: "Acme".into(), ..Account::default() }).await.unwrap_err();
        assert_eq!(e.delivery(), Delivery::Unknown, "{effect:?}");
        assert!(e.help().next_step.contains("Check what"), "{}", e.help().next_step);
        assert_eq!(data_calls(&sim), 1);
        // What the help says: look, then decide.
        let found = org.query(Soql::raw("SELECT Id FROM Account WHERE Name = 'Acme'").typed::<Account>());
        assert_eq!(found.all().await.unwrap().len(), 1);
    }
}

/// Pain 37: a lock is tried again for its rows alone, and the others are not written twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn locked_rows_are_saved_when_the_lock_is_gone() {
    let sim = TestOrg::empty();
    let ids = ["a", "b", "c"]
        .map(|name| sim.apply(Write::Insert { object: object!("Account"), fields: named(name) }).unwrap());
    let (_server, org) = serve(&sim);
    sim.inject(Fault::new(On::Rows(vec![ids[1]]), Effect::RowLock).times(2));
    let update = |id| Write::Update {
        object: object!("Account"),
        id,
        fields: named("new"),
        if_unmodified_since: None,
    };
    let saves = sim.saves().len();
    let outcomes = org.write(ids.map(update), &WriteOptions::new()).await;
    assert!(outcomes.iter().all(RowOutcome::is_done), "{outcomes:?}");
    assert!(sim.faults().is_empty());
    assert_eq!(data_calls(&sim), 3);
    assert_eq!(sim.saves().len() - saves, 3, "each row is saved once");

    // For ever locked: the row's own error, after four sendings.
    sim.inject(Fault::new(On::Rows(vec![ids[1]]), Effect::RowLock).times(u32::MAX));
    let outcomes = org.write(ids.map(update), &WriteOptions::new()).await;
    let codes: Vec<_> = outcomes.iter().map(|o| o.failure().and_then(|f| f.code.clone())).collect();
    assert_eq!(codes, [None, Some(ErrorCode::UnableToLockRow), None]);
    assert_eq!(data_calls(&sim), 3 + 4);
}

/// Pain 39: null clears, what is not given stays, and empty text is null: by every way of writing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn null_clears_and_what_is_absent_stays() {
    let sim = TestOrg::empty();
    let full = || named("A").set(field!("Phone"), "1").set(field!("Site"), "here").set(field!("Fax"), "2");
    let id = || sim.apply(Write::Insert { object: object!("Account"), fields: full() }).unwrap();
    let ids = [id(), id(), id(), id()];
    let (_server, org) = serve(&sim);
    // Phone is cleared, Fax is emptied, Site and Name are not mentioned.
    let change = || Fields::new().set(field!("Phone"), Value::Null).set(field!("Fax"), "");
    let typed =
        Account { id: ids[0].into(), phone: Field::Null, fax: String::new().into(), ..Account::default() };
    org.update(&typed).await.unwrap();
    let update =
        |id| Write::Update { object: object!("Account"), id, fields: change(), if_unmodified_since: None };
    // With an insert beside it goes as a part of a composite.
    let rows = [update(ids[1]), Write::Insert { object: object!("Account"), fields: named("B") }];
    assert!(org.write(rows, &WriteOptions::new()).await.iter().all(RowOutcome::is_done));
    let now = sim.now();
    let conditional = Write::Update {
        object: object!("Account"),
        id: ids[2],
        fields: change(),
        if_unmodified_since: Some(now),
    };
    assert!(org.write([conditional], &WriteOptions::new()).await[0].is_done());
    let mut call = Composite::new();
    call.add("change", Step::update(object!("Account"), ids[3], change())).unwrap();
    assert!(org.composite(&call).await.unwrap().is_done());
    for id in ids {
        let row: Account = org.fetch(id).await.unwrap();
        assert_eq!((&row.phone, &row.fax), (&Field::Null, &Field::Null), "{id}");
        assert_eq!(
            (row.site.value().map(String::as_str), row.name.value().map(String::as_str)),
            (Some("here"), Some("A"))
        );
        // Read and sent back as it is: nothing is lost.
        org.update(&Account { rating: Rating::Hot.into(), ..row.clone() }).await.unwrap();
        let again: Account = org.fetch(id).await.unwrap();
        assert_eq!((again.site, again.phone), (row.site, Field::Null));
    }
}

/// Pain 44: created, updated, ambiguous, in the words of every version.
#[test]
fn an_upsert_tells_created_updated_and_ambiguous() {
    const ID: &str = "001000000000001AAA";
    let mut call = Composite::new();
    let step = call.add("row", Step::upsert(object!("Account"), field!("Key__c"), "k", named("A"))).unwrap();
    let read = |status: u16, body: &str| {
        let answer = format!(
            r#"{{"compositeResponse":[{{"body":{body},"httpHeaders":{{}},"httpStatusCode":{status},"referenceId":"row"}}]}}"#
        );
        call.read(&Response::new(200, vec![], answer)).unwrap().saved(&step)
    };
    let done = |created| RowOutcome::Done { id: ID.parse().unwrap(), created };
    assert_eq!(
        read(201, &format!(r#"{{"id":"{ID}","success":true,"errors":[],"created":true}}"#)),
        done(true)
    );
    assert_eq!(read(201, &format!(r#"{{"id":"{ID}","success":true,"errors":[]}}"#)), done(true));
    assert_eq!(
        read(200, &format!(r#"{{"id":"{ID}","success":true,"errors":[],"created":false}}"#)),
        done(false)
    );
    // Up to version 45 an update names no row: not a failure that was not one, nor a row that nobody named.
    assert_eq!(read(204, "null").failure().unwrap().delivery, Delivery::Unknown);
    let several =
        read(300, &format!(r#"["/services/data/v66.0/sobjects/Account/{ID}","/x/001000000000002AAA"]"#));
    assert_eq!(several.failure().unwrap().records.len(), 2);

    let upsert = Write::Upsert {
        object: object!("Account"),
        key: field!("Key__c"),
        fields: named("A").set(field!("Key__c"), "k"),
    };
    for created in [true, false] {
        let body = format!(r#"[{{"id":"{ID}","success":true,"errors":[],"created":{created}}}]"#);
        let answer = Ok(Response::new(200, vec![], body));
        let outcomes = write_response(
            std::slice::from_ref(&upsert),
            &WriteOptions::new(),
            &Capabilities::default(),
            answer,
        );
        assert_eq!(outcomes.unwrap(), [done(created)]);
    }
    // A request with the key in its path is encoded: see `properties`.
    let request = Request::get(["sobjects", "Account", "Key__c", "a/b"]);
    assert!(request.path.ends_with("/a%2Fb"));
}
