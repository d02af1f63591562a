//! What can go into a load and come out of a query job.
use crate::{
    Failure, FieldKind, Fields, Record, SObject, SfId, Value,
    protocol::bulk::{CsvEncoder, IngestJob, Operation, with_id},
};
use futures_core::Stream;
use serde::de::DeserializeOwned;
use std::{
    fmt,
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

    /// The same in the form that is encoded soonest.
    #[doc(hidden)]
    fn into_row(self, ingest: &super::BulkIngest) -> Result<BulkRow, Failure>
    where
        Self: Sized,
    {
        self.into_bulk_row(ingest).map(|fields| BulkRow(Form::Fields(fields)))
    }
}
impl<T: SObject> IntoBulkRow for T {
    fn into_row(self, ingest: &super::BulkIngest) -> Result<BulkRow, Failure> {
        match self.is_columns_only() {
            true => Ok(BulkRow(Form::Typed(Box::new(self)))),
            false => self.into_bulk_row(ingest).map(|fields| BulkRow(Form::Fields(fields))),
        }
    }
    fn into_bulk_row(self, ingest: &super::BulkIngest) -> Result<Fields, Failure> {
        fields_of(&self, &ingest.job)
    }
}
impl IntoBulkRow for Record {
    fn into_bulk_row(self, ingest: &super::BulkIngest) -> Result<Fields, Failure> {
        with_id(self.fields, self.id, &ingest.job)
    }
}
impl IntoBulkRow for Fields {
    fn into_bulk_row(self, ingest: &super::BulkIngest) -> Result<Fields, Failure> {
        with_id(self, None, &ingest.job)
    }
}
/// Deletions by the id alone.
impl IntoBulkRow for SfId {
    fn into_bulk_row(self, ingest: &super::BulkIngest) -> Result<Fields, Failure> {
        with_id(Fields::new(), Some(self), &ingest.job)
    }
}

/// A row on its way into a job.
#[doc(hidden)]
pub struct BulkRow(pub(super) Form);
pub(super) enum Form {
    Fields(Fields),
    Typed(Box<dyn TypedRow>),
}
/// A row of a model, which writes its columns by itself.
pub(super) trait TypedRow: Send {
    fn push(&self, csv: &mut CsvEncoder, job: &IngestJob) -> Result<(), Failure>;
    fn fields(&self, job: &IngestJob) -> Result<Fields, Failure>;
}
impl<T: SObject> TypedRow for T {
    fn push(&self, csv: &mut CsvEncoder, job: &IngestJob) -> Result<(), Failure> {
        csv.push_row(self, job)
    }
    fn fields(&self, job: &IngestJob) -> Result<Fields, Failure> {
        fields_of(self, job)
    }
}
fn fields_of<T: SObject>(row: &T, job: &IngestJob) -> Result<Fields, Failure> {
    let operation = match job.operation {
        Operation::Insert => crate::Operation::Insert,
        Operation::Update => crate::Operation::Update,
        Operation::Upsert => crate::Operation::Upsert,
        Operation::Delete | Operation::HardDelete => return with_id(Fields::new(), row.id(), job),
    };
    with_id(row.writable(operation)?, row.id(), job)
}
impl From<Fields> for BulkRow {
    fn from(fields: Fields) -> BulkRow {
        BulkRow(Form::Fields(fields))
    }
}
impl BulkRow {
    pub(crate) fn into_fields(self, job: &IngestJob) -> Result<Fields, Failure> {
        match self.0 {
            Form::Fields(fields) => Ok(fields),
            Form::Typed(row) => row.fields(job),
        }
    }

    pub(super) fn push(&self, csv: &mut CsvEncoder, job: &IngestJob) -> Result<(), Failure> {
        match &self.0 {
            Form::Fields(fields) => csv.push(fields),
            Form::Typed(row) => row.push(csv, job),
        }
    }
    /// Whether it names a parent by its external ID. A model's columns cannot.
    pub(super) fn has_parents(&self) -> bool {
        match &self.0 {
            Form::Fields(fields) => fields.iter().any(|(_, value)| matches!(value, Value::Parent(_))),
            Form::Typed(_) => false,
        }
    }
}
impl fmt::Debug for BulkRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkRow").finish_non_exhaustive()
    }
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
pub(crate) type Source = Pin<Box<dyn Stream<Item = Result<BulkRow, Failure>> + Send>>;

/// Rows of a stream, turned into fields one by one.
pub(crate) struct Streamed<S> {
    pub(crate) rows: Pin<Box<S>>,
    pub(crate) ingest: super::BulkIngest,
}
impl<S> Stream for Streamed<S>
where
    S: Stream<Item: IntoBulkRow>,
{
    type Item = Result<BulkRow, Failure>;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let row = std::task::ready!(self.rows.as_mut().poll_next(context));
        Poll::Ready(row.map(|row| row.into_row(&self.ingest)))
    }
}
/// Rows of an iterator.
pub(crate) struct Iterated<I> {
    pub(crate) rows: I,
    pub(crate) ingest: super::BulkIngest,
}
impl<I> Unpin for Iterated<I> {}
impl<I> Stream for Iterated<I>
where
    I: Iterator<Item: IntoBulkRow>,
{
    type Item = Result<BulkRow, Failure>;
    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        Poll::Ready(this.rows.next().map(|row| row.into_row(&this.ingest)))
    }
}
