use super::{
    Org,
    children::{self, Node},
};
use crate::{
    Cursor, Delivery, Error, ErrorKind, Failure, Page, QueryCall, QueryOptions, Result, Retry, SfId, Soql,
    Timestamp,
};
use futures_core::Stream;
use serde::de::DeserializeOwned;
use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

/// Rows of a query: a `Stream`, and plain methods that need no extension trait.
///
/// - All pages are read, one at a time; child rows that the org cut are completed before their parent is
///   handed out.
/// - A row that is not a `T` is an `Err` item and the others still come. A page that fails is an `Err` item and
///   the last one.
/// - When the org has lost the cursor ([`ErrorKind::CursorLost`]), or the session that made it has ended, and the
///   statement has a keyset, the query goes on after the last row that was handed out; without one the error comes
///   through.
/// - Dropping it stops; nothing is left open in the org that would have to be closed.
#[must_use = "nothing is sent until a row is asked for"]
pub struct Rows<T> {
    org: Org,
    options: QueryOptions,
    soql: Option<Soql>,
    step: Step,
    ready: std::vec::IntoIter<Result<T, Failure>>,
    /// Rows of the present page that wait for their children.
    waiting: VecDeque<Node>,
    next: Option<Cursor>,
    /// With a keyset: the page or part of one whose last row was handed out last.
    handed: Option<Page>,
    /// After which row (`None`: from the start) the query was restarted last.
    resumed: Option<Option<SfId>>,
}
enum Step {
    Start(Result<Soql>),
    Idle,
    Page(Fetch),
    Children(Fetch),
    End,
}
type Fetch = Pin<Box<dyn Future<Output = Result<Page>> + Send>>;

impl<T> Unpin for Rows<T> {}
impl<T> fmt::Debug for Rows<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("soql", &self.soql).field("next", &self.next).finish_non_exhaustive()
    }
}

impl<T: DeserializeOwned + Send + 'static> Rows<T> {
    pub(super) fn start(org: Org, soql: Result<Soql>) -> Rows<T> {
        let options = QueryOptions::new().with_call(org.call.clone());
        Rows {
            org,
            options,
            soql: None,
            step: Step::Start(soql),
            ready: Vec::new().into_iter(),
            waiting: VecDeque::new(),
            next: None,
            handed: None,
            resumed: None,
        }
    }
    /// Deleted and archived rows too (`queryAll`).
    pub fn with_deleted(mut self) -> Rows<T> {
        self.options.deleted = true;
        self
    }
    /// Asks for pages of this size, 200 to 2,000; the org may send fewer rows.
    pub fn with_page_size(mut self, rows: u16) -> Rows<T> {
        self.options.page_size = Some(rows);
        self
    }

    /// The next row; `None` at the end.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await.transpose()
    }
    /// The first row, if there is one. Reads one page; `LIMIT 1` in the statement makes it small.
    pub async fn first(mut self) -> Result<Option<T>> {
        self.try_next().await
    }
    /// All rows in memory. The first malformed row ends it with its error.
    pub async fn all(mut self) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        while let Some(row) = self.try_next().await? {
            rows.push(row);
        }
        Ok(rows)
    }

    fn fetch(&self, call: QueryCall) -> Fetch {
        let (transport, options) = (Arc::clone(&self.org.inner.transport), self.options.clone());
        Box::pin(async move {
            let mut pages = transport.query(std::slice::from_ref(&call), &options).await?;
            let page =
                pages.pop().ok_or_else(|| no_answer("the transport answered a query with nothing"))??;
            match (&call, page.next()) {
                (QueryCall::Next(asked), Some(next)) if asked == next => {
                    Err(no_answer("a page names itself as the next one"))
                }
                _ => Ok(page),
            }
        })
    }
    fn fetch_children(&mut self) -> Fetch {
        let (transport, options) = (Arc::clone(&self.org.inner.transport), self.options.clone());
        let most = transport.capabilities().queries_per_call.max(1);
        let mut group = children::take_group(&mut self.waiting, most);
        Box::pin(async move {
            children::complete(&*transport, &options, &mut group).await?;
            children::page_of(&group)
        })
    }
    /// Takes a page apart: rows that are whole are decoded, else all wait until their children came.
    fn accept(&mut self, page: &Page) -> Result<()> {
        self.next = page.next().cloned();
        // A page has the key once for itself; every further one is a set of children that was cut.
        let own = usize::from(page.next().is_some());
        if self.soql.as_ref().is_none_or(may_have_children)
            && page.text().matches(children::CUT).count() > own
        {
            self.waiting = page.rows()?.iter().map(|row| Node::parse(row.text())).collect::<Result<_>>()?;
            return Ok(());
        }
        self.hand_out(page)
    }
    fn hand_out(&mut self, page: &Page) -> Result<()> {
        self.ready = page.decode()?.into_iter();
        if self.soql.as_ref().is_some_and(|soql| soql.keyset().is_some()) && self.ready.len() > 0 {
            self.handed = Some(page.clone());
        }
        Ok(())
    }
    /// The query from the row after the last one that was handed out; `None` when there is no keyset, or when the
    /// cursor is lost again without a row in between.
    fn resume(&mut self) -> Option<Soql> {
        #[derive(serde::Deserialize)]
        struct Key {
            #[serde(rename = "Id")]
            id: SfId,
            #[serde(rename = "SystemModstamp")]
            system_modstamp: Option<Timestamp>,
        }
        let soql = self.soql.as_ref().filter(|soql| soql.keyset().is_some())?;
        let (rest, at) = match &self.handed {
            None => (soql.clone(), None),
            Some(page) => {
                let key: Key = page.rows().ok()?.last()?.decode().ok()?;
                (soql.after(key.id, key.system_modstamp)?, Some(key.id))
            }
        };
        let again = self.resumed.replace(at) == Some(at);
        (!again).then_some(rest)
    }
    /// What comes when there is no row at hand: the children of the waiting rows, the next page, or the end.
    fn advance(&mut self) -> Step {
        if !self.waiting.is_empty() {
            return Step::Children(self.fetch_children());
        }
        match self.next.take() {
            Some(cursor) => Step::Page(self.fetch(QueryCall::Next(cursor))),
            None => Step::End,
        }
    }
}

impl<T: DeserializeOwned + Send + 'static> Stream for Rows<T> {
    type Item = Result<T>;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if let Some(row) = self.ready.next() {
                return Poll::Ready(Some(row.map_err(Error::from)));
            }
            let outcome = match &mut self.step {
                Step::Page(fetch) | Step::Children(fetch) => match fetch.as_mut().poll(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(outcome) => Some(outcome),
                },
                _ => None,
            };
            let step = std::mem::replace(&mut self.step, Step::End);
            let done = match (step, outcome) {
                (Step::Start(soql), _) => soql.map(|soql| {
                    self.soql = Some(soql.clone());
                    self.step = Step::Page(self.fetch(QueryCall::Start(soql)));
                }),
                (Step::Idle, _) => {
                    self.step = self.advance();
                    Ok(())
                }
                (Step::Page(_), Some(page)) => {
                    page.and_then(|page| self.accept(&page)).map(|()| self.step = Step::Idle)
                }
                (Step::Children(_), Some(page)) => {
                    page.and_then(|page| self.hand_out(&page)).map(|()| self.step = Step::Idle)
                }
                _ => return Poll::Ready(None),
            };
            if let Err(error) = done {
                // A cursor belongs to the session that made it: after a refresh the new token is refused for it
                // too. Whether it is only that, the restart tells.
                let ended = error.retry() == Retry::SignIn && self.handed.is_some();
                if (error.kind() == ErrorKind::CursorLost || ended)
                    && let Some(rest) = self.resume()
                {
                    self.waiting.clear();
                    self.next = None;
                    self.step = Step::Page(self.fetch(QueryCall::Start(rest)));
                    continue;
                }
                // The step is `End` now: a failed page is the last item.
                return Poll::Ready(Some(Err(error)));
            }
        }
    }
}

/// Pages of other statements are not searched, which would cost a tenth of reading them. Of a raw statement only
/// the text is known: a semi-join counts too.
fn may_have_children(soql: &Soql) -> bool {
    soql.has_children().unwrap_or_else(|| {
        soql.as_str().match_indices('(').any(|(at, _)| {
            let inner = soql.as_str().get(at + 1..).unwrap_or_default().trim_start();
            inner.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("select"))
        })
    })
}
fn no_answer(message: &str) -> Error {
    Failure::new(ErrorKind::Decode, Delivery::Refused, message).into()
}
