//! sf-core's Bulk API 2.0 client against the org: `Org::bulk_ingest` and `Org::bulk_query`.
mod load;
mod lost;
mod query;
mod resume;
mod threshold;

use serde_json::json;
use sf_core::{BulkIngest, Clock, Fields, Org, Record, field, object};
use sf_testorg::{Builder, TestOrg, demo::Dataset};
use std::{pin::pin, task::Poll, time::Duration};

fn empty() -> Builder {
    TestOrg::builder().dataset(Dataset::Empty)
}
fn org(test: &TestOrg) -> Org {
    Org::builder(test.transport()).clock(test.clock()).build()
}
/// An org with `Thing__c`, which has the external ID `Key__c`.
fn things() -> TestOrg {
    let field = |name: &str, kind: &str, more: serde_json::Value| {
        let mut field = json!({"name": name, "label": name, "type": kind, "length": 255, "nillable": true,
            "createable": true, "updateable": true, "filterable": true, "sortable": true, "defaultedOnCreate": false,
            "externalId": false, "idLookup": false, "unique": false, "caseSensitive": false, "referenceTo": [],
            "relationshipName": null, "picklistValues": []});
        for (key, value) in more.as_object().unwrap() {
            field[key] = value.clone();
        }
        field
    };
    let describe = json!({"name": "Thing__c", "label": "Thing", "keyPrefix": "a0T", "createable": true, "updateable": true,
        "deletable": true, "queryable": true, "retrieveable": true, "replicateable": true, "custom": true,
        "childRelationships": [], "recordTypeInfos": [], "fields": [
            field("Id", "id", json!({"createable": false, "updateable": false, "nillable": false})),
            field("Name", "string", json!({})),
            field("IsDeleted", "boolean", json!({"nillable": false, "createable": false, "updateable": false})),
            field("SystemModstamp", "datetime", json!({"createable": false, "updateable": false})),
            field("Key__c", "string", json!({"externalId": true, "idLookup": true})),
            field("Amount__c", "double", json!({"precision": 18, "scale": 2})),
            field("Parent__c", "reference", json!({"referenceTo": ["Thing__c"], "relationshipName": "Parent__r"})),
    ]});
    empty().object(describe).unwrap().build()
}
fn thing(key: impl Into<String>, name: &str) -> Fields {
    Fields::new().set(field!("Key__c"), key.into()).set(field!("Name"), name)
}
fn upsert() -> BulkIngest {
    BulkIngest::upsert(object!("Thing__c"), field!("Key__c"))
}
/// What does not answer at once is dropped.
async fn answer_or_drop<F: Future>(future: F, test: &TestOrg) -> Option<F::Output> {
    let clock = test.clock();
    let mut future = pin!(future);
    let mut asleep = clock.sleep_until(clock.now() + Duration::from_secs(600));
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending => asleep.as_mut().poll(context).map(|()| None),
    })
    .await
}
fn names(test: &TestOrg) -> Vec<String> {
    let mut names: Vec<String> = test
        .rows(&object!("Thing__c"))
        .iter()
        .map(|row: &Record| row.get::<String>("Name").unwrap().into_value().unwrap_or_default())
        .collect();
    names.sort();
    names
}
/// Operations of the requests, in order, without the many times a job is asked for.
fn operations(test: &TestOrg) -> Vec<&'static str> {
    test.calls().iter().map(sf_testorg::LoggedCall::operation).filter(|name| *name != "ingest_info").collect()
}
