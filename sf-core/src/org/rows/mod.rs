//! [`Rows`]: what a query hands out.
mod fetch;
mod range;
mod ranges;
mod sequence;

use super::Org;
use crate::{Error, Failure, Page, QueryOptions, Result, Soql};
use fetch::{Reader, Signal};
use futures_core::Stream;
use ranges::Ranges;
use sequence::Sequence;
use serde::de::DeserializeOwned;
use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

/// Rows of a query: a `Stream`, and plain methods that need no extension trait.
///
/// - All pages are read; child rows that the org cut are completed before their parent is handed out.
/// - Over REST the next page is asked for ahead ([`with_prefetch`](Rows::with_prefetch)), but not before the second row of the first
///   page is taken: who wants one row makes one call. A page of which a row is handed out, the pages ahead and the children of
///   one page are held, never the whole result.
/// - A row that is not a `T` is an `Err` item and the others still come. A page that fails is an `Err` item and
///   the last one.
/// - When the org has lost the cursor ([`ErrorKind::CursorLost`](crate::ErrorKind::CursorLost)), or the session that made it has
///   ended, and the statement has a keyset, the query goes on after the last row that was handed out; without one the error
///   comes through.
/// - Dropping it stops; nothing is left open in the org that would have to be closed.
///
/// No task is spawned here: what is asked for ahead is sent at once, and moves on whenever a row is taken. Over REST the answer is received
/// meanwhile, too.
#[must_use = "nothing is sent until a row is asked for"]
pub struct Rows<T> {
    org: Org,
    options: QueryOptions,
    /// `None`: one if the transport is made for it.
    prefetch: Option<usize>,
    parallel: usize,
    state: State,
    ready: std::vec::IntoIter<Result<T, Failure>>,
    /// Rows handed out, as far as it matters.
    taken: u8,
    signal: Arc<Signal>,
    waker: Waker,
}
enum State {
    Start(Result<Vec<Soql>>),
    Sequence(Sequence),
    Ranges(Ranges),
    End,
}

impl<T> Unpin for Rows<T> {}
impl<T> fmt::Debug for Rows<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state: &dyn fmt::Debug = match &self.state {
            State::Start(statements) => statements,
            State::Sequence(sequence) => sequence,
            State::Ranges(ranges) => ranges,
            State::End => &"read to its end",
        };
        f.debug_tuple("Rows").field(state).finish()
    }
}

impl<T: DeserializeOwned + Send + 'static> Rows<T> {
    pub(super) fn start(org: Org, statements: Result<Vec<Soql>>) -> Rows<T> {
        let options = QueryOptions::new().with_call(org.call.clone());
        let signal = Arc::new(Signal::default());
        let waker = signal.waker();
        Rows {
            org,
            options,
            prefetch: None,
            parallel: 1,
            state: State::Start(statements),
            ready: Vec::new().into_iter(),
            taken: 0,
            signal,
            waker,
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
    /// How many pages (of several statements: calls) are read ahead of the one that is handed out; 0 asks for a page when all rows
    /// before it were taken. Unless set it is 1 where the transport is made for it
    /// ([`Capabilities::reads_ahead`](crate::Capabilities::reads_ahead)), else 0: elsewhere a call of the program may have to wait for a page
    /// ahead that only comes when the program takes more rows.
    ///
    /// Memory grows by so many pages. Pages come one after the other in any case, because each names the next: more than
    /// one ahead evens out a consumer that is slow at times. A program that stops in the middle may have made so many calls
    /// too many.
    pub fn with_prefetch(mut self, pages: usize) -> Rows<T> {
        self.prefetch = Some(pages);
        self
    }
    /// Reads the result as several ranges of ids with up to this many calls at the same time (at most 32), for a large result over a
    /// slow way. The calls are about as many as without: more by an eighth and twice `calls` at worst. Where a transport lets fewer
    /// requests run at once, the others wait their turn.
    ///
    /// The first page comes alone, and with it the greatest id. The rest is cut into ranges by the rows that are left and by how
    /// densely the ids of the page lie; a range that turns out large is cut again as soon as another has ended. How ids are
    /// spread only decides how much faster it is, never which rows come.
    ///
    /// - The statement is ordered by Id alone, so that it has a keyset ([`Soql::keyset`]); else the first item is an error. Several
    ///   statements ([`Org::query_all_of`]) are read at the same time with or without.
    /// - **The rows have no order.** Those of one page are in that of their ids.
    /// - Every row that is there all the time comes once. One that is created or deleted meanwhile may come or not, as with any
    ///   reading by pages.
    /// - So many pages and their children are held at most, besides the one that is handed out.
    /// - [`with_prefetch`](Rows::with_prefetch) has no effect.
    pub fn with_parallel(mut self, calls: usize) -> Rows<T> {
        self.parallel = calls.clamp(1, 32);
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
        // There is no doubt that all pages are wanted.
        self.taken = 1;
        let mut rows = Vec::new();
        while let Some(row) = self.try_next().await? {
            rows.push(row);
        }
        Ok(rows)
    }

    fn begin(&self, statements: &[Soql]) -> Result<State> {
        let transport = Arc::clone(&self.org.inner.transport);
        let ahead = self.prefetch.unwrap_or_else(|| usize::from(transport.capabilities().reads_ahead));
        let reader = Reader { transport, options: self.options.clone() };
        Ok(match self.parallel {
            0 | 1 => State::Sequence(Sequence::new(reader, statements.to_vec(), ahead)),
            calls => State::Ranges(Ranges::new(reader, statements, calls)?),
        })
    }
    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Page>>> {
        loop {
            match &mut self.state {
                State::Sequence(sequence) => return sequence.poll_page(cx),
                State::Ranges(ranges) => return ranges.poll_page(cx),
                State::End => return Poll::Ready(None),
                State::Start(statements) => {
                    let statements = std::mem::replace(statements, Ok(Vec::new()));
                    match statements.and_then(|statements| self.begin(&statements)) {
                        Ok(state) => self.state = state,
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    }
                }
            }
        }
    }
    /// Decodes a page, or a part of one.
    fn hand_out(&mut self, page: Page) -> Result<()> {
        // Before decoding, so that the next page is on its way meanwhile.
        if self.taken > 0 {
            self.read_on();
        }
        self.ready = page.decode()?.into_iter();
        if let State::Sequence(sequence) = &mut self.state
            && self.ready.len() > 0
        {
            sequence.handed(page);
        }
        Ok(())
    }
    /// The consumer takes more than one row: asks ahead.
    fn read_on(&mut self) {
        match &mut self.state {
            State::Sequence(sequence) => sequence.read_on(),
            State::Ranges(ranges) => ranges.read_on(),
            State::Start(_) | State::End => {}
        }
        self.advance();
    }
    /// Moves what is under way while nobody waits for it.
    fn advance(&mut self) {
        let mut cx = Context::from_waker(&self.waker);
        match &mut self.state {
            State::Sequence(sequence) => sequence.advance(&mut cx),
            State::Ranges(ranges) => ranges.advance(&mut cx),
            State::Start(_) | State::End => {}
        }
    }
}

impl<T: DeserializeOwned + Send + 'static> Stream for Rows<T> {
    type Item = Result<T>;
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        let rows = self.get_mut();
        loop {
            if let Some(row) = rows.ready.next() {
                match rows.taken {
                    0 => rows.taken = 1,
                    1 => {
                        rows.taken = 2;
                        rows.read_on();
                    }
                    _ if rows.signal.take() => rows.advance(),
                    _ => {}
                }
                return Poll::Ready(Some(row.map_err(Error::from)));
            }
            let error = match std::task::ready!(rows.poll_page(cx)) {
                Some(Ok(page)) => match rows.hand_out(page) {
                    Ok(()) => continue,
                    Err(error) => error,
                },
                Some(Err(error)) => error,
                None => {
                    rows.state = State::End;
                    return Poll::Ready(None);
                }
            };
            // A failed page is the last item.
            rows.state = State::End;
            return Poll::Ready(Some(Err(error)));
        }
    }
}
