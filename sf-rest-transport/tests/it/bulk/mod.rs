//! Bulk API 2.0 over HTTP: `Org::bulk_ingest` and `Org::bulk_query` against the simulated org.
mod dropped;
mod faults;
mod load;
mod query;
mod threshold;
mod values;

use futures_core::Stream;
use serde_json::json;
use sf_core::{BulkIngest, Clock, Fields, Org, Record, Timestamp, field, object};
use sf_rest_transport::{App, Rest, RestTransport, Tokens};
use sf_testorg::{Builder, Server, TestOrg, VirtualClock, demo::Dataset};
use std::{
    pin::Pin,
    task::{Context, Poll},
};
use tokio::sync::mpsc;

/// The org's clock, and nobody waits for it: whoever sleeps sets it.
#[derive(Debug)]
pub(crate) struct Leaping(pub(crate) VirtualClock);
impl Clock for Leaping {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
    fn sleep_until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.0.advance_to(at);
        Box::pin(tokio::task::yield_now())
    }
}

/// An org that is served, and a way to sign in to it.
pub(crate) struct Served {
    pub(crate) sim: TestOrg,
    server: Server,
}
impl Served {
    pub(crate) fn new(sim: TestOrg) -> Served {
        let server = sim.serve().unwrap();
        Served { sim, server }
    }
    /// A client with a session that renews itself.
    pub(crate) fn transport(&self) -> RestTransport {
        let keys = self.sim.credentials();
        let url = self.server.url();
        let app = App::new(url, keys.client_id.clone())
            .client_secret(keys.client_secret.clone())
            .allow_loopback_http();
        let tokens = Tokens::refresh(keys.refresh_token.clone()).with_access(self.server.token(), url);
        Rest::with_credentials(app.session(tokens).unwrap()).allow_loopback_http().connect().unwrap()
    }
    pub(crate) fn org(&self) -> Org {
        self.org_over(self.transport())
    }
    fn org_over(&self, transport: impl sf_core::Transport) -> Org {
        Org::builder(transport).clock(Leaping(self.sim.clock())).build()
    }
    /// Operations of the requests, in order, without the many times a job is asked for.
    fn operations(&self) -> Vec<&'static str> {
        let calls = self.sim.calls();
        calls.iter().map(|call| call.operation()).filter(|name| *name != "ingest_info").collect()
    }
    pub(crate) fn count(&self, operation: &str) -> usize {
        self.sim.calls().iter().filter(|call| call.operation() == operation).count()
    }
    fn names(&self) -> Vec<String> {
        let rows = self.sim.rows(&object!("Thing__c"));
        let name = |row: &Record| row.get::<String>("Name").unwrap().into_value().unwrap_or_default();
        let mut names: Vec<String> = rows.iter().map(name).collect();
        names.sort();
        names
    }
}

fn empty() -> Builder {
    TestOrg::builder().dataset(Dataset::Empty)
}
/// `Thing__c`, which has the external ID `Key__c`.
fn things() -> Builder {
    let field = |name: &str, kind: &str, more: serde_json::Value| {
        let mut field = json!({"name": name, "label": name, "type": kind, "length": 255, "nillable": true,
            "createable": true, "updateable": true, "filterable": true, "sortable": true, "defaultedOnCreate": false,
            "externalId": false, "idLookup": false, "unique": false, "caseSensitive": false, "referenceTo": [],
            "relationshipName": null, "picklistValues": []});
        field.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        field
    };
    let system = json!({"createable": false, "updateable": false});
    let describe = json!({"name": "Thing__c", "label": "Thing", "keyPrefix": "a0T", "createable": true,
        "updateable": true, "deletable": true, "queryable": true, "retrieveable": true, "replicateable": true,
        "custom": true, "childRelationships": [], "recordTypeInfos": [], "fields": [
            field("Id", "id", system.clone()),
            field("Name", "string", json!({})),
            field("IsDeleted", "boolean", system.clone()),
            field("SystemModstamp", "datetime", system),
            field("Key__c", "string", json!({"externalId": true, "idLookup": true})),
            field("Amount__c", "double", json!({"precision": 18, "scale": 2})),
            field("Notes__c", "textarea", json!({"length": 32000})),
            field("Parent__c", "reference", json!({"referenceTo": ["Thing__c"], "relationshipName": "Parent__r"})),
    ]});
    empty().object(describe).unwrap()
}
fn thing(key: impl Into<String>, name: impl Into<String>) -> Fields {
    Fields::new().set(field!("Key__c"), key.into()).set(field!("Name"), name.into())
}
fn upsert() -> BulkIngest {
    BulkIngest::upsert(object!("Thing__c"), field!("Key__c"))
}

/// Rows that somebody else makes, one after the other.
struct Rows<T>(mpsc::Receiver<T>);
impl<T> Stream for Rows<T> {
    type Item = T;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.0.poll_recv(cx)
    }
}
/// A task that makes these rows while others take them.
fn stream<T: Send + 'static>(rows: impl IntoIterator<Item = T, IntoIter: Send + 'static>) -> Rows<T> {
    let (sender, receiver) = mpsc::channel(2);
    let rows = rows.into_iter();
    tokio::spawn(async move {
        for row in rows {
            if sender.send(row).await.is_err() {
                return;
            }
        }
    });
    Rows(receiver)
}
