//! [`Org`]: what people hold. Everything a [`Transport`] does in batches, as plain calls.
mod children;
mod composite;
mod describes;
mod files;
mod load;
mod locked;
mod lookup;
mod rows;
mod send;

pub use files::{Files, UploadedFile};
pub use load::{LoadReport, RowLoad};
pub use rows::Rows;
pub use send::Upserted;

use crate::{
    CallOptions, Clock, Delivery, Describe, ErrorKind, Failure, FieldName, Identity, IntoQuery, Limits,
    ObjectName, Priority, QueryOptions, Result, SObject, SfId, SystemClock, Transport,
    plan::{self, ReadPlan, Thresholds},
};
use describes::Describes;
use std::{sync::Arc, time::Duration};

/// An org. Cheap to clone, not generic, `Send + Sync`.
///
/// Rows come typed ([`SObject`], [`sobject!`](crate::sobject)) or as [`Record`](crate::Record); every method
/// works over every transport.
#[derive(Debug, Clone)]
pub struct Org {
    inner: Arc<Inner>,
    call: CallOptions,
}
#[derive(Debug)]
struct Inner {
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    describes: Describes,
}

/// Settings of an [`Org`].
#[derive(Debug)]
pub struct OrgBuilder {
    inner: Inner,
}
impl OrgBuilder {
    /// Another clock, e.g. a virtual one in tests.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.inner.clock = Arc::new(clock);
        self
    }
    /// How long a describe is believed before the org is asked whether it changed. One hour by default.
    #[must_use]
    pub fn describe_ttl(mut self, ttl: Duration) -> Self {
        self.inner.describes = Describes::new(ttl);
        self
    }
    /// The org. Sends nothing.
    pub fn build(self) -> Org {
        Org { inner: Arc::new(self.inner), call: CallOptions::new() }
    }
}

impl Org {
    /// An org with the default settings. Sends nothing.
    pub fn new(transport: impl Transport) -> Org {
        Org::builder(transport).build()
    }
    /// An org with other settings.
    pub fn builder(transport: impl Transport) -> OrgBuilder {
        let describes = Describes::new(Duration::from_secs(3_600));
        OrgBuilder {
            inner: Inner { transport: Arc::new(transport), clock: Arc::new(SystemClock), describes },
        }
    }
    /// The transport below: batches, next pages, any REST resource.
    pub fn transport(&self) -> &dyn Transport {
        &*self.inner.transport
    }
    pub(crate) fn call_options(&self) -> &CallOptions {
        &self.call
    }
    /// The clock the org goes by.
    pub fn clock(&self) -> &dyn Clock {
        &*self.inner.clock
    }
    /// The same org for work of another priority; caches are shared.
    #[must_use]
    pub fn with_priority(&self, priority: Priority) -> Org {
        self.with_call(self.call.clone().with_priority(priority))
    }
    /// The same org with other call options; caches are shared.
    #[must_use]
    pub fn with_call(&self, call: CallOptions) -> Org {
        Org { inner: self.inner.clone(), call }
    }

    /// All rows over all pages, child rows completed at any depth. Nothing is sent before the first row is
    /// asked for; at most a page with its children and the next page are held.
    ///
    /// ```
    /// use sf_core::{Org, Result, Soql, models::Account};
    /// async fn names(org: &Org) -> Result<Vec<Option<String>>> {
    ///     let accounts = org.query(Soql::raw("SELECT Id, Name FROM Account").typed::<Account>());
    ///     Ok(accounts.all().await?.into_iter().map(|account| account.name.into_value()).collect())
    /// }
    /// ```
    pub fn query<Q: IntoQuery>(&self, query: Q) -> Rows<Q::Row> {
        Rows::start(self.clone(), query.into_soql().map(|soql| vec![soql]))
    }

    /// The rows of several queries as one, for a query that is too long for one statement: `split_in` of sf-soql cuts its IN
    /// lists into pieces that have no row in common.
    ///
    /// As many statements and next pages go in a call as the transport takes (over REST five), so memory is bounded by so many
    /// pages. Rows of one statement come in its order; pages of several statements take turns. The first error of a query that
    /// cannot be written is the only item, and nothing is sent then. A row that two of the queries have comes twice.
    pub fn query_all_of<Q: IntoQuery>(&self, queries: impl IntoIterator<Item = Q>) -> Rows<Q::Row> {
        Rows::start(self.clone(), queries.into_iter().map(IntoQuery::into_soql).collect())
    }

    /// What [`query`](Org::query) would do with this query, and why: pages, never a job. Sends nothing. `expected_rows` is your
    /// guess, for the number of calls.
    pub fn plan_query<Q: IntoQuery>(&self, query: Q, expected_rows: Option<u64>) -> Result<ReadPlan> {
        self.plan_read(query, &QueryOptions::new(), &Thresholds::rest_only(), expected_rows)
    }

    /// Whether [`query`](Org::query) or [`bulk_query`](Org::bulk_query) suits this query, by your thresholds, and what it costs.
    /// Sends nothing and starts nothing: the path of the plan is advice, and you call the one or the other. A job is named only
    /// for a statement that `bulk_query` takes.
    ///
    /// ```
    /// use sf_core::{Org, QueryOptions, Result, Soql, plan::{ReadPath, Thresholds}};
    /// # async fn example(org: Org) -> Result<()> {
    /// let soql = Soql::raw("SELECT Id, Name FROM Account");
    /// let plan = org.plan_read(soql.clone(), &QueryOptions::new(), &Thresholds::new(), Some(1_000_000))?;
    /// let rows = match plan.path {
    ///     ReadPath::Bulk => org.bulk_query(soql).all().await?,
    ///     _ => org.query(soql).all().await?,
    /// };
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// A query that cannot be written.
    pub fn plan_read<Q: IntoQuery>(
        &self,
        query: Q,
        options: &QueryOptions,
        thresholds: &Thresholds,
        expected_rows: Option<u64>,
    ) -> Result<ReadPlan> {
        let can = self.transport().capabilities();
        Ok(plan::read(&[query.into_soql()?], options, &can, thresholds, expected_rows))
    }

    /// One row by its id, with the columns of the model.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none, or the user cannot see it.
    pub async fn fetch<T: SObject>(&self, id: SfId) -> Result<T> {
        self.fetch_all([id]).await?.pop().flatten().ok_or_else(|| {
            let message = format!("there is no {} {id}, or the user cannot see it", T::OBJECT);
            Failure::new(ErrorKind::NotFound, Delivery::Refused, message).into()
        })
    }

    /// Rows by their ids, in the order asked: `None` where there is none or the user cannot see it. Any number,
    /// cut to what the transport takes at once.
    pub async fn fetch_all<T: SObject>(
        &self,
        ids: impl IntoIterator<Item = SfId> + Send,
    ) -> Result<Vec<Option<T>>> {
        let ids: Vec<SfId> = ids.into_iter().collect();
        let fields: Vec<FieldName> = T::COLUMNS.iter().map(|column| column.name()).collect();
        let mut rows = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(self.transport().capabilities().ids_per_call.max(1)) {
            let page = self.transport().retrieve(&T::OBJECT, chunk, &fields, &self.call).await?;
            let before = rows.len();
            for row in page.decode::<Option<T>>()? {
                rows.push(row?);
            }
            if rows.len() - before != chunk.len() {
                let message = format!("{} rows came for {} ids", rows.len() - before, chunk.len());
                return Err(Failure::new(ErrorKind::Decode, Delivery::Refused, message).into());
            }
        }
        Ok(rows)
    }

    /// What an object is made of. Kept; after [`describe_ttl`](OrgBuilder::describe_ttl) the org is asked
    /// whether it changed, which costs a call but no download.
    pub async fn describe(&self, object: &ObjectName) -> Result<Arc<Describe>> {
        self.inner.describes.get(self, object).await
    }
    /// Forgets a kept describe, e.g. when the org refused a field that it lists.
    pub fn forget_describe(&self, object: &ObjectName) {
        self.inner.describes.forget(object);
    }
    /// Who is signed in, and where.
    pub async fn identity(&self) -> Result<Identity> {
        self.transport().identity(&self.call).await
    }
    /// The org's limits and what is left of them.
    pub async fn limits(&self) -> Result<Limits> {
        self.transport().limits(&self.call).await
    }
}
