mod bulk;
mod plan;
mod rows;
mod rows_ahead;
mod rows_of_several;
mod writes;

use sf_core::{models::Account, *};

/// Compiling is passing: a runtime with threads can drive everything an org does.
#[test]
fn futures_are_send() {
    fn send<T: Send>(_: T) {}
    fn send_static<T: Send + 'static>(_: T) {}
    async fn generic<T: SObject>(org: Org, id: SfId) -> Result<T> {
        org.fetch(id).await
    }
    let org = Org::new(crate::fake::Fake::new().transport());
    let (row, id) = (Account::default(), SfId::new("001000000000001").unwrap());
    send_static(generic::<Account>(org.clone(), id));
    send_static(org.query(Soql::raw("x").typed::<Account>()));
    send_static(org.query_all_of([Soql::raw("x")]).with_parallel(4));
    send_static({
        let org = org.clone();
        async move { org.query(Soql::raw("x")).all().await }
    });
    send(org.fetch_all::<Account>([id]));
    send(org.insert(&row));
    send(org.update(&row));
    send(org.upsert(field!("Key__c"), &row));
    send(org.delete(id));
    send(org.write([], &WriteOptions::new()));
    send(org.describe(&object!("Account")));
    send(org.identity());
}
