//! What can go into a load and come out of a query job.
use crate::{Failure, FieldKind, FieldName, Fields, Record, SObject, SfId, Value, protocol::bulk::Operation};
use futures_core::Stream;
use serde::de::DeserializeOwned;
use std::{
    pin::Pin,
    task::{Context, Poll},
};

/// A row for a load: a model, a [`Record`], or [`Fields`].
pub trait IntoBulkRow {
    /// The fields that the operation sends, the id included where it is needed.
    ///
    /// # Errors
    /// The row cannot be sent; it becomes that row's outcome.
    fn into_bulk_row(self, ingest: &super::BulkIngest) -> Result<Fields, Failure>;
}
impl<T: SObject> IntoBulkRow for T {
    fn into_bulk_row(self, ingest: &super::BulkIngest) -> Result<Fields, Failure> {
        let operation = match ingest.job.operation {
            Operation::Insert => crate::Operation::Insert,
            Operation::Update => crate::Operation::Update,
            Operation::Upsert => crate::Operation::Upsert,
            Operation::Delete | Operation::HardDelete => return with_id(Fields::new(), self.id(), ingest),
        };
        with_id(self.writable(operation)?, self.id(), ingest)
    }
}
impl IntoBulkRow for Record {
    fn into_bulk_row(self, ingest: &super::BulkIngest) -> Result<Fields, Failure> {
        with_id(self.fields, self.id, ingest)
    }
}
impl IntoBulkRow for Fields {
    fn into_bulk_row(self, ingest: &super::BulkIngest) -> Result<Fields, Failure> {
        with_id(self, None, ingest)
    }
}
/// Deletions by the id alone.
impl IntoBulkRow for SfId {
    fn into_bulk_row(self, ingest: &super::BulkIngest) -> Result<Fields, Failure> {
        with_id(Fields::new(), Some(self), ingest)
    }
}

/// The row with what the operation goes by.
fn with_id(mut fields: Fields, id: Option<SfId>, ingest: &super::BulkIngest) -> Result<Fields, Failure> {
    const ID: FieldName = FieldName::from_static("Id");
    let by_id = match ingest.job.operation {
        Operation::Insert => false,
        Operation::Upsert => ingest.job.external_id.as_ref().is_some_and(|key| *key == ID),
        Operation::Update => true,
        Operation::Delete | Operation::HardDelete => {
            fields.retain(|name, _| *name == ID);
            true
        }
    };
    if by_id && let (Some(id), None) = (id, fields.get(&ID)) {
        fields = [(ID, Value::from(id))].into_iter().chain(fields).collect();
    }
    match (by_id, ingest.job.operation) {
        // An upsert by `Id` inserts rows that have none.
        (true, Operation::Upsert) => {}
        (true, _) if fields.get(&ID).is_none_or(|id| id.is_null() || id.as_str() == Some("")) => {
            return Err(
                Failure::invalid_input("the row has no `Id`, by which it would be found").with_fields(["Id"])
            );
        }
        (true, _) => {}
        (false, _) if fields.contains(&ID) => {
            let message = "the row has an `Id`, which this operation cannot send";
            return Err(Failure::invalid_input(message).with_fields(["Id"]));
        }
        (false, _) => {}
    }
    if let (Operation::Upsert, Some(key)) = (ingest.job.operation, &ingest.job.external_id)
        && !by_id
        && fields.get(key).is_none_or(|value| value.is_null() || value.as_str() == Some(""))
    {
        let message = format!("an upsert by `{key}` needs a value of `{key}`");
        return Err(Failure::invalid_input(message).with_fields([key.as_str()]));
    }
    Ok(fields)
}

/// A row of a query job: a model, whose columns tell the types of the cells, or a [`Record`], whose values are all text.
pub trait FromBulkRow: DeserializeOwned + Send + 'static {
    /// The family of a field's type; `None`: text.
    fn kind(field: &str) -> Option<FieldKind>;
}
impl<T: SObject> FromBulkRow for T {
    fn kind(field: &str) -> Option<FieldKind> {
        T::COLUMNS
            .iter()
            .find(|column| column.name_str().eq_ignore_ascii_case(field))
            .map(crate::Column::kind)
    }
}
impl FromBulkRow for Record {
    fn kind(_: &str) -> Option<FieldKind> {
        None
    }
}

/// The rows of a load, however they come.
pub(super) type Source = Pin<Box<dyn Stream<Item = Result<Fields, Failure>> + Send>>;

/// Rows of a stream, turned into fields one by one.
pub(super) struct Streamed<S> {
    pub(super) rows: Pin<Box<S>>,
    pub(super) ingest: super::BulkIngest,
}
impl<S> Stream for Streamed<S>
where
    S: Stream<Item: IntoBulkRow>,
{
    type Item = Result<Fields, Failure>;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let row = std::task::ready!(self.rows.as_mut().poll_next(context));
        Poll::Ready(row.map(|row| row.into_bulk_row(&self.ingest)))
    }
}
/// Rows of an iterator.
pub(super) struct Iterated<I> {
    pub(super) rows: I,
    pub(super) ingest: super::BulkIngest,
}
impl<I> Unpin for Iterated<I> {}
impl<I> Stream for Iterated<I>
where
    I: Iterator<Item: IntoBulkRow>,
{
    type Item = Result<Fields, Failure>;
    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        Poll::Ready(this.rows.next().map(|row| row.into_bulk_row(&this.ingest)))
    }
}
