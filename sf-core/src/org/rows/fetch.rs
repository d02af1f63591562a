//! Asking for pages, and where a query goes on after a row.
use crate::{
    Delivery, Error, ErrorKind, Failure, Page, QueryCall, QueryOptions, Result, Retry, SfId, Soql, Timestamp,
    Transport,
    org::children::{self, CUT},
};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Wake, Waker},
};

pub(super) type Fetch<T> = Pin<Box<dyn Future<Output = T> + Send>>;
/// A page for each query of a call, in their order.
pub(super) type Pages = Result<Vec<Result<Page, Failure>>>;

/// What every call of a reading goes with.
#[derive(Clone)]
pub(super) struct Reader {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) options: QueryOptions,
}

impl Reader {
    /// Sends several queries as one call.
    pub(super) fn fetch(&self, calls: Vec<QueryCall>) -> Fetch<Pages> {
        let Reader { transport, options } = self.clone();
        Box::pin(async move {
            let mut pages = transport.query(&calls, &options).await?;
            if pages.is_empty() {
                return Err(no_answer("the transport answered a query with nothing"));
            }
            if pages.len() != calls.len() {
                let message = format!("the transport answered {} queries with {}", calls.len(), pages.len());
                return Err(no_answer(&message));
            }
            for (call, page) in calls.iter().zip(&mut pages) {
                if let (QueryCall::Next(asked), Ok(answer)) = (call, &*page)
                    && answer.next() == Some(asked)
                {
                    *page = Err(no_answer("a page names itself as the next one").into_failure());
                }
            }
            Ok(pages)
        })
    }

    pub(super) fn queries_per_call(&self) -> usize {
        self.transport.capabilities().queries_per_call.max(1)
    }
}

/// By what a query goes on after a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
pub(super) struct Key {
    #[serde(rename = "Id")]
    pub(super) id: SfId,
    #[serde(rename = "SystemModstamp")]
    pub(super) system_modstamp: Option<Timestamp>,
}

/// A cursor belongs to the session that made it: after a refresh the new token is refused for it too. Whether it is
/// only that, the restart tells.
pub(super) fn may_restart(error: &Error, has_read: bool) -> bool {
    error.kind() == ErrorKind::CursorLost || (error.retry() == Retry::SignIn && has_read)
}

/// Whether the org has cut the child rows of some row of the page. Pages of other statements are not searched, which
/// would cost a tenth of reading them.
pub(super) fn has_cut_children(soql: &Soql, page: &Page) -> bool {
    // A page has the key once for itself; every further one is a set of children that was cut.
    let own = usize::from(page.next().is_some());
    may_have_children(soql) && page.text().matches(CUT).count() > own
}
/// Of a raw statement only the text is known: a semi-join counts too.
fn may_have_children(soql: &Soql) -> bool {
    soql.has_children().unwrap_or_else(|| {
        soql.as_str().match_indices('(').any(|(at, _)| {
            let inner = soql.as_str().get(at + 1..).unwrap_or_default().trim_start();
            inner.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("select"))
        })
    })
}

/// The rows as they will be handed out, in pieces so that no more is held than a page and what completes it.
pub(super) fn nodes(page: &Page) -> Result<std::collections::VecDeque<children::Node>> {
    page.rows()?.iter().map(|row| children::Node::parse(row.text())).collect()
}

pub(super) fn circle() -> Error {
    no_answer("a page names one that was read before as the next one")
}
pub(super) fn no_answer(message: &str) -> Error {
    Failure::new(ErrorKind::Decode, Delivery::Refused, message).into()
}

/// Tells that a future wants to be polled although nobody waits for it.
#[derive(Debug, Default)]
pub(super) struct Signal(AtomicBool);
impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}
impl Signal {
    pub(super) fn take(&self) -> bool {
        self.0.load(Ordering::Relaxed) && self.0.swap(false, Ordering::Acquire)
    }
    pub(super) fn waker(self: &Arc<Self>) -> Waker {
        Waker::from(self.clone())
    }
}
