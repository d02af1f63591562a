//! The engine inside a host's own SQLite database: its table follows every visible change, and an edit is saved in the
//! host's transaction. Runs on the simulated org.
#![allow(clippy::print_stdout)] // a program that talks

use rusqlite::Connection;
use sf_core::{Org, SObject, SfId, sobject};
use sf_rest_transport::Rest;
use sf_soql::prelude::*;
use sf_sync::{
    Edit, Engine, ObjectMapping, Status, VisibleChange,
    sqlite::{Projection, SqliteStore},
};
use std::error::Error;

sobject! { struct Customer: "Account" { name / NAME: String = "Name", play / PLAY: String = "CX_Play__c" } }

struct Customers; // our own table follows every visible change, in the transaction that makes it
impl Projection for Customers {
    fn apply(&self, db: &Connection, changes: &[VisibleChange]) -> Result<(), Box<dyn Error + Send + Sync>> {
        for change in changes {
            let row: Customer = change.row()?;
            let mut save = db.prepare_cached("REPLACE INTO customer (id, name, play) VALUES (?1, ?2, ?3)")?;
            save.execute((change.id.as_ref().map(SfId::as_str), row.name.value(), row.play.value()))?;
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = sf_testorg::TestOrg::demo().serve()?; // with a real org: its URL and an access token
    let org = Org::new(Rest::at(server.url()).token(server.token()).allow_loopback_http().connect()?);
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("desk.db");

    let mut db = Connection::open(&file)?;
    db.execute_batch(
        "CREATE TABLE customer (id PRIMARY KEY, name, play); CREATE TABLE note (customer, text)",
    )?;
    let store = SqliteStore::builder().projection(Customers).open(&file)?;
    let accounts = ObjectMapping::of::<Customer>().edit(Customer::PLAY, "CX Play");
    let engine = Engine::builder(org.clone(), store.clone()).config(accounts).open().await?;
    let playing = Query::of::<Customer>().filter(Customer::PLAY.eq("Adopt")).order_by(Customer::NAME);
    let acme = org.query(playing).first().await?.and_then(|c| c.id()).ok_or("nobody plays Adopt")?;
    engine.track(Customer::OBJECT, [acme]).await?; // known from now on, and pulled

    let tx = db.transaction()?;
    tx.execute("INSERT INTO note VALUES (?1, 'ready to expand')", [acme.as_str()])?;
    engine
        .within(store.join(&tx))
        .capture(Edit::of::<Customer>(acme).set(Customer::PLAY, "Expand").by("ann"))?;
    tx.commit()?; // note, edit, log entry and customer row together; no network so far

    engine.changes(Status::Pending).await?.into_iter().for_each(|change| println!("{change}"));
    println!("{}\n{}", engine.plan().await?, engine.sync().await?); // a dry run, then the real one
    for change in engine.changes(Status::Failed).await? {
        engine.retry_with(change.id, "Grow").await?; // `change` prints the org's words and what to do next
    }
    for change in engine.changes(Status::Pushed).await? {
        engine.revert(change.id).await?; // a new change, back to the old value
    }
    println!("{}", engine.sync().await?);
    Ok(())
}
