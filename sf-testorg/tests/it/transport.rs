//! The in-process transport: sf-core's protocol over the org, without sockets and without a runtime.
use sf_core::{
    CallOptions, Clock, Delivery, Fields, Org, QueryCall, QueryOptions, Record, SfId, Soql, Transport, Write,
    WriteOptions, field, object, protocol,
};
use sf_testorg::{Effect, Fault, On, TestOrg};
use std::time::Duration;

fn insert(name: &str) -> Write {
    Write::Insert { object: object!("Account"), fields: Fields::new().set(field!("Name"), name) }
}
fn once() -> WriteOptions {
    WriteOptions::new().with_call(CallOptions::new().with_attempts(Some(1)))
}

#[test]
fn given_an_org_when_used_through_sf_core_then_rows_go_in_and_come_back() {
    let test = TestOrg::empty();
    let org = Org::builder(test.transport()).clock(test.clock()).build();
    test.clock().run(async {
        let transport = test.transport();
        let outcomes = transport.write(&[insert("Acme"), insert("")], &once()).await.unwrap();
        let (id, created) = outcomes[0].clone().into_result().unwrap();
        assert!(created && outcomes[1].clone().into_result().is_err());
        let mut rows = org.query(Soql::raw("SELECT Id, Name, Owner.Name FROM Account"));
        let row: Record = rows.try_next().await.unwrap().unwrap();
        assert_eq!(row.id, Some(id));
        assert!(rows.try_next().await.unwrap().is_none());
        let fields = [field!("Id"), field!("Name")];
        let missing = SfId::new("001000000000001AAA").unwrap();
        let page = transport
            .retrieve(&object!("Account"), &[missing, id], &fields, &CallOptions::new())
            .await
            .unwrap();
        assert_eq!(page.decode::<Option<Record>>().unwrap().len(), 2);
        let describe = transport.describe(&object!("Account"), &Default::default()).await.unwrap().unwrap();
        assert!(describe.field(&field!("CX_Play__c")).is_some());
        let limits = transport.limits(&CallOptions::new()).await.unwrap();
        assert!(limits.get("DailyApiRequests").is_some());
        assert_eq!(
            transport.usage().calls,
            test.counters().api_calls - 1,
            "the query went over another wire"
        );
    });
}

#[test]
fn given_lost_messages_when_a_row_is_written_then_the_outcome_is_unknown_in_both_cases() {
    let test = TestOrg::empty();
    let transport = test.transport();
    for (effect, rows) in [(Effect::LoseRequest, 0), (Effect::LoseAnswer, 1), (Effect::TornBody, 2)] {
        test.inject(Fault::new(On::Operation("insert".into()), effect));
        let outcomes = test.clock().run(transport.write(&[insert("Acme")], &once())).unwrap();
        let failure = outcomes[0].clone().into_result().unwrap_err();
        assert_eq!(failure.delivery(), Delivery::Unknown);
        assert_eq!(test.rows(&object!("Account")).len(), rows);
    }
}

#[test]
fn given_an_ended_session_when_called_then_the_wire_signs_in_again() {
    let test = TestOrg::empty();
    let transport = test.transport();
    test.inject(Fault::new(On::Any, Effect::EndSession));
    let limits = test.clock().run(transport.limits(&CallOptions::new()));
    assert!(limits.is_ok());
    let operations: Vec<_> = test.calls().iter().map(|c| c.operation()).collect();
    assert_eq!(operations, ["limits", "token", "limits"]);
}

#[test]
fn given_a_slow_answer_when_waited_for_then_only_virtual_time_passes() {
    let test = TestOrg::empty();
    test.latency(Duration::from_secs(7));
    let before = test.clock().now();
    let transport = test.transport();
    test.clock().run(transport.identity(&CallOptions::new())).unwrap();
    assert_eq!(test.clock().now(), before + Duration::from_secs(7));
}

#[test]
fn given_a_long_statement_when_queried_then_it_goes_as_one_composite_call() {
    let test = TestOrg::demo();
    let transport = test.transport();
    let ids: Vec<String> =
        test.rows(&object!("Account")).iter().map(|r| format!("'{}'", r.id.unwrap())).collect();
    let list = std::iter::repeat_n(ids.join(","), 10).collect::<Vec<_>>().join(",");
    let soql = Soql::raw(format!("SELECT Id FROM Account WHERE Id IN ({list})"));
    let batch = [QueryCall::Start(soql)];
    let pages = test.clock().run(transport.query(&batch, &QueryOptions::new())).unwrap();
    assert_eq!(pages[0].as_ref().unwrap().total(), 60);
    assert_eq!(test.calls()[0].operations, ["composite", "query"]);
}

#[test]
fn given_a_file_when_downloaded_then_the_bytes_go_to_the_sink() {
    struct Sink(Vec<u8>);
    impl protocol::BodySink for Sink {
        fn write(&mut self, chunk: &[u8]) -> std::io::Result<()> {
            self.0.extend_from_slice(chunk);
            Ok(())
        }
    }
    let test = TestOrg::empty();
    let fields = Fields::new()
        .set(field!("Title"), "Plan")
        .set(field!("PathOnClient"), "plan.bin")
        .set(field!("VersionData"), "AP/+");
    let id = test.apply(Write::Insert { object: object!("ContentVersion"), fields }).unwrap();
    let request = protocol::Request::get(["sobjects", "ContentVersion", id.as_str(), "VersionData"]);
    let mut sink = Sink(Vec::new());
    let transport = test.transport();
    test.clock().run(transport.download(&request, &mut sink, &CallOptions::new())).unwrap();
    assert_eq!(sink.0, [0, 0xff, 0xfe]);
}
