//! A way to one org, as a trait, and the values that go in and come out.
mod answer;
mod budget;
mod capabilities;
mod options;
mod version;
mod write;

pub use answer::{ChangeKind, ChangedIds, Identity, Limit, Limits, QueryCall, Window};
pub use budget::{Budgeted, Reserves};
pub use capabilities::{Capabilities, Usage};
pub use options::{AssignmentRules, CallOptions, DescribeOptions, Priority, QueryOptions, WriteOptions};
pub use version::ApiVersion;
pub use write::{RowOutcome, Write};

use crate::{
    Describe, Failure, FieldName, ObjectName, Page, Result, SfId,
    protocol::{BodySink, Request, Response},
};
use async_trait::async_trait;
use std::{fmt, sync::Arc};

/// A way to one org. REST, the `sf` command and the simulated org pass the same conformance suite
/// (`sf_core::conformance`, behind the feature `conformance`).
///
/// # Contract
/// - **Errors.** `Err` from [`write`](Transport::write) means: nothing of the batch is or will be applied
///   ([`Delivery::NotSent`](crate::Delivery::NotSent) or [`Refused`](crate::Delivery::Refused)). Once a byte may have left, the answer is `Ok` with
///   exactly one outcome per row, and what the answer does not account for is
///   [`Delivery::Unknown`](crate::Delivery::Unknown).
/// - **Order.** Answers are in the order asked, one for each thing asked.
/// - **Completeness.** A page tells whether there is a next one; rows, child rows and digits of numbers are
///   never dropped silently.
/// - **Dropping** a future stops waiting, not the org: the outcome of a write is then unknown.
/// - **Retries.** A transport repeats reads, and writes only when nothing of them was applied; nothing at all when
///   [`CallOptions::attempts`] is `Some(1)`.
/// - **Bounds.** A call that [`capabilities`](Transport::capabilities) does not allow is refused before anything is sent.
///
/// There are no default bodies: a wrapper that forgets a method does not compile.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// What this transport can do and what a call costs. No call.
    fn capabilities(&self) -> Capabilities;

    /// Counters since the start, and the org's own last word on its limits. No call.
    fn usage(&self) -> Usage;

    /// Up to `capabilities().queries_per_call` queries or next pages, each with its own result, in order.
    ///
    /// `Err` as a whole: the call failed (no answer, no token, a limit). `Err` of one: its statement or cursor.
    async fn query(&self, batch: &[QueryCall], options: &QueryOptions) -> Result<Vec<Result<Page, Failure>>>;

    /// One row per id asked, in order, `null` where the user sees none; up to `capabilities().ids_per_call`.
    async fn retrieve(
        &self,
        object: &ObjectName,
        ids: &[SfId],
        fields: &[FieldName],
        options: &CallOptions,
    ) -> Result<Page>;

    /// Writes up to `capabilities().write_rows` rows; see the contract above for errors.
    async fn write(&self, batch: &[Write], options: &WriteOptions) -> Result<Vec<RowOutcome>>;

    /// What the object is made of; `None`: unchanged since `if_changed_since`.
    async fn describe(&self, object: &ObjectName, options: &DescribeOptions) -> Result<Option<Describe>>;

    /// Ids of the rows that were updated or deleted in a time window.
    async fn changed(
        &self,
        object: &ObjectName,
        window: &Window,
        options: &CallOptions,
    ) -> Result<ChangedIds>;

    /// The org's limits and what is left of them.
    async fn limits(&self, options: &CallOptions) -> Result<Limits>;

    /// Who is signed in, and where.
    async fn identity(&self, options: &CallOptions) -> Result<Identity>;

    /// Any REST resource. `Ok` for a status below 300 and for 304; every other answer is an `Err`. Answers
    /// above `capabilities().body_limit` are refused.
    async fn call(&self, request: &Request, options: &CallOptions) -> Result<Response>;

    /// The same with the answer's body going to `sink` (Bulk results, files). The body of an error answer
    /// does not go there.
    async fn download(
        &self,
        request: &Request,
        sink: &mut dyn BodySink,
        options: &CallOptions,
    ) -> Result<Response>;
}

/// Makes a pointer to a transport a transport, method by method: `Arc<dyn Transport>` can be shared.
macro_rules! forward {
    ($($pointer:ty),*) => { $(
        #[async_trait]
        impl<T: Transport + ?Sized> Transport for $pointer {
            fn capabilities(&self) -> Capabilities {
                (**self).capabilities()
            }
            fn usage(&self) -> Usage {
                (**self).usage()
            }
            async fn query(&self, batch: &[QueryCall], options: &QueryOptions) -> Result<Vec<Result<Page, Failure>>> {
                (**self).query(batch, options).await
            }
            async fn retrieve(
                &self, object: &ObjectName, ids: &[SfId], fields: &[FieldName], options: &CallOptions,
            ) -> Result<Page> {
                (**self).retrieve(object, ids, fields, options).await
            }
            async fn write(&self, batch: &[Write], options: &WriteOptions) -> Result<Vec<RowOutcome>> {
                (**self).write(batch, options).await
            }
            async fn describe(&self, object: &ObjectName, options: &DescribeOptions) -> Result<Option<Describe>> {
                (**self).describe(object, options).await
            }
            async fn changed(&self, object: &ObjectName, window: &Window, options: &CallOptions) -> Result<ChangedIds> {
                (**self).changed(object, window, options).await
            }
            async fn limits(&self, options: &CallOptions) -> Result<Limits> {
                (**self).limits(options).await
            }
            async fn identity(&self, options: &CallOptions) -> Result<Identity> {
                (**self).identity(options).await
            }
            async fn call(&self, request: &Request, options: &CallOptions) -> Result<Response> {
                (**self).call(request, options).await
            }
            async fn download(
                &self, request: &Request, sink: &mut dyn BodySink, options: &CallOptions,
            ) -> Result<Response> {
                (**self).download(request, sink, options).await
            }
        }
    )* };
}
forward!(Arc<T>, Box<T>);
