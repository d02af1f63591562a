use super::Problem;
use crate::{
    CallOptions, ErrorCode, FieldName, Fields, ObjectName, Page, QueryCall, QueryOptions, Record, Result,
    SfId, Soql, Transport, Value, Write, WriteOptions, field, object,
};
use async_trait::async_trait;

/// The org behind the transport, seen from its other side: not through the transport under test.
#[async_trait]
pub trait World: Send + Sync {
    /// Text that no other row's name begins with; letters and digits, the same for the whole run.
    fn tag(&self) -> String;

    /// Saves a new row as somebody else.
    async fn put(&self, object: &ObjectName, fields: Fields) -> Result<SfId>;

    /// What the org holds under an id, every field of it; `None`: no row, or in the recycle bin.
    async fn row(&self, id: SfId) -> Result<Option<Record>>;

    /// The rows of an object that have this name.
    async fn named(&self, object: &ObjectName, name: &str) -> Result<Vec<SfId>>;

    /// Makes the next write go wrong. `false`: this world cannot, the case is skipped.
    async fn inject(&self, fault: &Fault) -> bool;

    /// A field of text to upsert by, on Account or Opportunity, if the org has one: an external ID, or a field
    /// with `idLookup`.
    fn upsert_key(&self) -> Option<(ObjectName, FieldName)>;
}

/// What goes wrong with the next write.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// It never reaches the org.
    LoseRequest,
    /// The org does it, the answer is lost.
    LoseAnswer,
    /// The org refuses the access token, this once, and looks at nothing of the write.
    RefuseToken,
    /// The org refuses this row with this code and text.
    RefuseRow(SfId, ErrorCode, String),
}

pub(super) const ACCOUNT: ObjectName = object!("Account");
pub(super) const OPPORTUNITY: ObjectName = object!("Opportunity");
/// The smallest page an org takes.
pub(super) const PAGE: u16 = 200;

pub(super) fn account(name: &str) -> Fields {
    Fields::new().set(field!("Name"), name)
}
pub(super) fn opportunity(name: &str, account: SfId) -> Fields {
    Fields::new()
        .set(field!("Name"), name)
        .set(field!("AccountId"), account)
        .set(field!("StageName"), "Prospecting")
        .set(field!("CloseDate"), "2030-01-31")
}
pub(super) fn insert(fields: Fields) -> Write {
    Write::Insert { object: ACCOUNT, fields }
}
pub(super) fn update(id: SfId, fields: Fields) -> Write {
    Write::Update { object: ACCOUNT, id, fields, if_unmodified_since: None }
}
/// The caller repeats, not the transport: what is counted is what was sent once.
pub(super) fn once() -> WriteOptions {
    WriteOptions::new().with_call(CallOptions::new().with_attempts(Some(1)))
}

/// The name of the row under an id, empty when there is none.
pub(super) async fn name_of(world: &dyn World, id: SfId) -> Result<String, Problem> {
    let row = world.row(id).await?;
    Ok(row.and_then(|row| text(&row, "Name")).unwrap_or_default())
}
pub(super) fn text(row: &Record, field: &str) -> Option<String> {
    row.value(field).and_then(|value| value.as_str().map(str::to_owned))
}
pub(super) fn is_empty(row: &Record, field: &str) -> bool {
    row.value(field).is_none_or(|value| matches!(*value, Value::Null))
}

/// One query or next page, alone.
pub(super) async fn ask(
    transport: &dyn Transport,
    call: QueryCall,
    options: &QueryOptions,
) -> Result<Page, Problem> {
    let mut pages = transport.query(std::slice::from_ref(&call), options).await?;
    let count = pages.len();
    match pages.pop() {
        Some(page) if count == 1 => Ok(page?),
        _ => Err(Problem::Broken(format!("{count} results for one query"))),
    }
}
/// All rows over all pages, the children not completed.
pub(super) async fn all(
    transport: &dyn Transport,
    soql: &str,
    options: &QueryOptions,
) -> Result<Vec<Record>, Problem> {
    let mut call = QueryCall::Start(Soql::raw(soql));
    let mut rows = Vec::new();
    for _ in 0..1_000 {
        let page = ask(transport, call, options).await?;
        for row in page.decode::<Record>()? {
            rows.push(row?);
        }
        match page.next() {
            Some(next) => call = QueryCall::Next(next.clone()),
            None => return Ok(rows),
        }
    }
    Err(Problem::Broken("the query has more than a thousand pages".to_owned()))
}
