use crate::*;
use futures_core::Stream;
use serde::de::DeserializeOwned;
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

/// An org. Cheap to clone, not generic; what people hold.
#[derive(Debug, Clone)]
pub struct Org {
    inner: Arc<Inner>,
    call: CallOptions,
}
#[derive(Debug)]
struct Inner {
    transport: Arc<dyn Transport>,
    #[allow(dead_code)]
    clock: Arc<dyn Clock>,
}
#[derive(Debug)]
pub struct OrgBuilder {
    inner: Inner,
}
impl OrgBuilder {
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.inner.clock = Arc::new(clock);
        self
    }
    pub fn describe_ttl(self, _ttl: std::time::Duration) -> Self {
        todo!()
    }
    pub fn build(self) -> Org {
        Org { inner: Arc::new(self.inner), call: CallOptions::new() }
    }
}
impl Org {
    pub fn new(transport: impl Transport) -> Org {
        Org::builder(transport).build()
    }
    pub fn builder(transport: impl Transport) -> OrgBuilder {
        OrgBuilder { inner: Inner { transport: Arc::new(transport), clock: Arc::new(SystemClock) } }
    }
    pub fn transport(&self) -> &dyn Transport {
        &*self.inner.transport
    }
    /// The same org for work of another priority.
    pub fn with_priority(&self, p: Priority) -> Org {
        Org { inner: self.inner.clone(), call: self.call.clone().with_priority(p) }
    }

    /// All rows over all pages, children completed. Nothing is sent before the first row is asked for.
    pub fn query<Q: IntoQuery>(&self, query: Q) -> Rows<Q::Row> {
        Rows::start(self.clone(), query.into_soql())
    }
    pub async fn fetch<T: SObject>(&self, _id: SfId) -> Result<T> {
        todo!()
    }
    pub async fn fetch_all<T: SObject>(
        &self,
        _ids: impl IntoIterator<Item = SfId> + Send,
    ) -> Result<Vec<Option<T>>> {
        todo!()
    }
    pub async fn insert<T: SObject>(&self, _row: &T) -> Result<SfId> {
        todo!()
    }
    /// Writes what is not `Absent` (system columns left out). `row.id` says which row.
    pub async fn update<T: SObject>(&self, _row: &T) -> Result<()> {
        todo!()
    }
    pub async fn upsert<T: SObject>(&self, _key: impl Into<FieldName> + Send, _row: &T) -> Result<Upserted> {
        todo!()
    }
    pub async fn delete(&self, _id: SfId) -> Result<()> {
        todo!()
    }
    /// Any number of rows, cut to what the transport takes; one outcome per row, in order, whatever happens.
    pub async fn write(
        &self,
        rows: impl IntoIterator<Item = Write> + Send,
        options: &WriteOptions,
    ) -> Vec<RowOutcome> {
        let rows: Vec<Write> = rows.into_iter().collect();
        let mut out = Vec::new();
        for c in rows.chunks(self.transport().capabilities().write_rows) {
            match self.transport().write(c, options).await {
                Ok(o) => out.extend(o),
                Err(e) => out.extend(c.iter().map(|_| RowOutcome::Failed(e.failure().clone()))),
            }
        }
        out
    }
    pub async fn describe(&self, _object: &ObjectName) -> Result<Arc<Describe>> {
        todo!()
    }
    pub async fn identity(&self) -> Result<Identity> {
        self.transport().identity(&self.call).await
    }
}
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upserted {
    pub id: SfId,
    pub created: bool,
}

type PageFuture = Pin<Box<dyn Future<Output = Result<Page>> + Send>>;
/// Rows of a query, as a stream and by plain methods. A malformed row is an `Err` and the stream goes on;
/// a failed page ends it.
#[must_use]
pub struct Rows<T> {
    org: Org,
    soql: Option<Result<Soql>>,
    ready: std::vec::IntoIter<Result<T, Failure>>,
    pending: Option<PageFuture>,
}
impl<T> Unpin for Rows<T> {}
impl<T: DeserializeOwned + Send + 'static> Rows<T> {
    fn start(org: Org, soql: Result<Soql>) -> Rows<T> {
        Rows { org, soql: Some(soql), ready: Vec::new().into_iter(), pending: None }
    }
    fn get(&self, call: QueryCall) -> PageFuture {
        let (t, options) =
            (self.org.inner.transport.clone(), QueryOptions::new().with_call(self.org.call.clone()));
        Box::pin(
            async move { Ok(t.query(&[call], &options).await?.pop().ok_or_else(|| -> Error { todo!() })??) },
        )
    }
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await.transpose()
    }
    pub async fn first(mut self) -> Result<Option<T>> {
        self.try_next().await
    }
    pub async fn all(mut self) -> Result<Vec<T>> {
        let mut v = Vec::new();
        while let Some(r) = self.try_next().await? {
            v.push(r);
        }
        Ok(v)
    }
}
impl<T: DeserializeOwned + Send + 'static> Stream for Rows<T> {
    type Item = Result<T>;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if let Some(r) = self.ready.next() {
                return Poll::Ready(Some(r.map_err(Error::from)));
            }
            if let Some(f) = &mut self.pending {
                let page = match f.as_mut().poll(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(p) => p,
                };
                self.pending = None;
                match page.and_then(|p| Ok((p.decode()?, p.next().cloned()))) {
                    Ok((rows, next)) => {
                        self.ready = rows.into_iter();
                        self.pending = next.map(|c| self.get(QueryCall::Next(c)));
                        continue;
                    }
                    Err(e) => return Poll::Ready(Some(Err(e))),
                }
            }
            match self.soql.take() {
                Some(Ok(s)) => self.pending = Some(self.get(QueryCall::Start(s))),
                Some(Err(e)) => return Poll::Ready(Some(Err(e))),
                None => return Poll::Ready(None),
            }
        }
    }
}
