//! What a store must do: load values, commit values. It decides nothing.
//!
//! Every decision of the engine is a pure function of a [`View`]; what it decided comes back as a [`ChangeSet`].
//! Between the two no transaction is open, so that SQLite, memory, a later PostgreSQL and a transaction of the
//! host are one shape. What keeps two writers apart is the [`Guard`]: revisions that must not have moved.
//!
//! # What a store keeps
//!
//! | | key | columns it needs for [`Selection`]; the rest may be one JSON text |
//! |---|---|---|
//! | records | [`RecordKey`](crate::RecordKey) | object, parent, rev, seen, life, digest, stamp, `check_due` |
//! | entries | [`ChangeId`](crate::ChangeId) | record, status, survivor, due, phase, whether `closed` is set, `closed` |
//! | attempts | [`StepId`](crate::StepId) | open or gone |
//! | scopes | [`ScopeKey`] | rev |
//! | config versions | number | the highest is the active one |
//! | documents | name | |
//!
//! # Left out for now
//!
//! Leases for several workers on one database, records without a Salesforce id (creates) and an asynchronous twin
//! of [`HostTx`] (PostgreSQL) are not built yet; they will come with their own operations.

mod changeset;
mod selection;
mod state;

pub use changeset::{ChangeSet, Committed, Guard, StoreWrite};
pub use selection::{AttemptFilter, Depth, DueFilter, KnownFilter, Selection, UnseenFilter};
pub use state::{
    AttemptRow, AttemptState, EntryState, Life, NextDue, Phase, RecordState, ScopeKey, ScopeState, Suspect,
    View,
};

use crate::{ChangeFilter, ChangePage, Result};
use async_trait::async_trait;
use sf_core::Timestamp;
use std::fmt;

/// Where the engine keeps records, the change log, attempts and watermarks.
///
/// # Contract
///
/// * `load` sees one committed state.
/// * `commit` applies all of a [`ChangeSet`] or nothing, and what it applied is durable when it returns
///   [`Committed::Done`]. It refuses with [`Committed::Stale`] when the [`Guard`] does not hold; then nothing changed.
/// * There is one revision counter for the whole store. A commit that writes something takes the next number; every
///   record that the commit writes (itself or one of its entries) and every scope gets that number as its `rev`.
///   A [`StoreWrite::Seen`] sets `seen` to that number and leaves `rev` alone.
/// * Nothing else may change a row.
/// * A commit whose future is dropped is carried out or not at all, and a `load` that begins after the drop sees which: the engine
///   looks again then, and tells its listeners to.
///
/// Arguments come by value: a store may hand them to a thread of its own.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync + 'static {
    /// Reads what `what` asks for, and nothing more.
    async fn load(&self, what: Selection) -> Result<View>;
    /// Applies `changes` in one transaction, or nothing of them.
    async fn commit(&self, changes: ChangeSet) -> Result<Committed>;
    /// One page of the change log, oldest first.
    async fn changes(&self, filter: ChangeFilter) -> Result<ChangePage>;
    /// Removes up to `limit` entries that were closed before `closed_before`; says how many went. An entry goes only
    /// when its record has no open entry.
    async fn prune(&self, closed_before: Timestamp, limit: u32) -> Result<u64>;
}

/// [`Store::load`] and [`Store::commit`] inside a transaction that the host began and will end.
///
/// `load` must take the write lock first: a transaction that read before somebody else committed could not write
/// any more.
pub trait HostTx {
    /// As [`Store::load`], seeing what this transaction did so far.
    fn load(&mut self, what: Selection) -> Result<View>;
    /// As [`Store::commit`]; durable when the host commits.
    fn commit(&mut self, changes: ChangeSet) -> Result<Committed>;
}

/// A shared store is a store: what a test keeps to look behind the engine's back.
#[async_trait]
impl<S: Store + ?Sized> Store for std::sync::Arc<S> {
    async fn load(&self, what: Selection) -> Result<View> {
        (**self).load(what).await
    }
    async fn commit(&self, changes: ChangeSet) -> Result<Committed> {
        (**self).commit(changes).await
    }
    async fn changes(&self, filter: ChangeFilter) -> Result<ChangePage> {
        (**self).changes(filter).await
    }
    async fn prune(&self, closed_before: Timestamp, limit: u32) -> Result<u64> {
        (**self).prune(closed_before, limit).await
    }
}
