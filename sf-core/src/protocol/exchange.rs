use super::*;
use crate::{
    CallOptions, Capabilities, ChangedIds, Describe, DescribeOptions, Failure, FieldName, Identity, Limits,
    ObjectName, Page, QueryCall, QueryOptions, Result, RowOutcome, SfId, Transport, Usage, Window, Write,
    WriteOptions,
};
use async_trait::async_trait;
use std::fmt;

/// How bytes get to the org and back: HTTP, a spawned `sf`, a function call.
///
/// # Contract
/// - `Ok` is any answer of the org, whatever its status; [`Protocol`] reads it. `Err` is for *no* answer: with
///   [`Delivery::NotSent`](crate::Delivery::NotSent) only when certainly no byte of the request reached the org,
///   otherwise [`Delivery::Unknown`](crate::Delivery::Unknown) ([`Request::unanswered`] makes the right one).
/// - The URL is the instance host and [`Request::target`]; no answer, redirect or cursor leads to another host.
/// - A new token is fetched once after a 401 ([`Request::failure`] and [`Retry::SignIn`](crate::Retry::SignIn) say
///   when; not for a write whose delivery is unknown), repeats follow [`Request::may_repeat`], and every repeat sends the same bytes; there is none of a body that
///   can be read once and was ([`Body::can_send`]).
/// - [`Capabilities::reads_ahead`] only where a read that was begun and is not polled for a while holds up no other call: [`Rows`](crate::Rows) then
///   asks for a page ahead, and the program makes other calls before it takes its rows.
/// - With a `sink`, the body of a 2xx goes there and `Response` has none; the body of any other status is in the
///   `Response`.
#[async_trait]
pub trait Exchange: fmt::Debug + Send + Sync + 'static {
    /// What can be done by requests over this exchange.
    fn capabilities(&self) -> Capabilities;
    /// Counters since the start.
    fn usage(&self) -> Usage;
    /// Sends one request and gives its answer.
    async fn exchange(
        &self,
        request: &Request,
        sink: Option<&mut dyn BodySink>,
        options: &CallOptions,
    ) -> Result<Response>;
}

/// Every [`Transport`] operation by requests of this module over an [`Exchange`].
#[derive(Debug, Clone)]
pub struct Protocol<E> {
    exchange: E,
}
impl<E: Exchange> Protocol<E> {
    /// A transport over `exchange`.
    pub fn new(exchange: E) -> Protocol<E> {
        Protocol { exchange }
    }
    /// The exchange below.
    pub fn exchange(&self) -> &E {
        &self.exchange
    }
    async fn send(&self, request: &Request, options: &CallOptions) -> Result<Response> {
        self.exchange.exchange(request, None, options).await
    }
}

#[async_trait]
impl<E: Exchange> Transport for Protocol<E> {
    fn capabilities(&self) -> Capabilities {
        self.exchange.capabilities()
    }
    fn usage(&self) -> Usage {
        self.exchange.usage()
    }
    async fn query(&self, batch: &[QueryCall], options: &QueryOptions) -> Result<Vec<Result<Page, Failure>>> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let request = query_request(batch, options, &self.capabilities())?;
        query_response(&request, batch.len(), &self.send(&request, &options.call).await?)
    }
    async fn retrieve(
        &self,
        object: &ObjectName,
        ids: &[SfId],
        fields: &[FieldName],
        options: &CallOptions,
    ) -> Result<Page> {
        let request = retrieve_request(object, ids, fields, &self.capabilities())?;
        if ids.is_empty() {
            return Page::new("[]");
        }
        retrieve_response(ids, &self.send(&request, options).await?)
    }
    async fn write(&self, batch: &[Write], options: &WriteOptions) -> Result<Vec<RowOutcome>> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let can = self.capabilities();
        let request = write_request(batch, options, &can)?;
        write_response(batch, options, &can, self.send(&request, &options.call).await)
    }
    async fn describe(&self, object: &ObjectName, options: &DescribeOptions) -> Result<Option<Describe>> {
        describe_response(&self.send(&describe_request(object, options), &options.call).await?)
    }
    async fn changed(
        &self,
        object: &ObjectName,
        window: &Window,
        options: &CallOptions,
    ) -> Result<ChangedIds> {
        changed_response(&self.send(&changed_request(object, window)?, options).await?)
    }
    async fn limits(&self, options: &CallOptions) -> Result<Limits> {
        limits_response(&self.send(&limits_request(), options).await?)
    }
    async fn identity(&self, options: &CallOptions) -> Result<Identity> {
        let response = self.send(&identity_request(), options).await?;
        identity_response(&response, self.capabilities().api_version)
    }
    async fn call(&self, request: &Request, options: &CallOptions) -> Result<Response> {
        request.check()?;
        let response = self.send(request, options).await?;
        let limit = self.capabilities().body_limit;
        if response.text().len() > limit {
            let message = format!("the answer is larger than {limit} bytes, use `download`");
            return Err(request.unanswered(crate::ErrorKind::Unsupported, message).into());
        }
        accept(request, response)
    }
    async fn download(
        &self,
        request: &Request,
        sink: &mut dyn BodySink,
        options: &CallOptions,
    ) -> Result<Response> {
        request.check()?;
        accept(request, self.exchange.exchange(request, Some(sink), options).await?)
    }
}
fn accept(request: &Request, response: Response) -> Result<Response> {
    match response.is_success() || response.status == 304 {
        true => Ok(response),
        false => Err(request.failure(&response).into()),
    }
}
