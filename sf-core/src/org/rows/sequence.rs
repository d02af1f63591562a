//! One statement page by page, or several with as many in a call as the transport takes.
use super::fetch::{self, Fetch, Key, Pages, Reader, may_restart};
use crate::{
    Error, Page, QueryCall, Result, SfId, Soql,
    org::children::{self, Node},
    seen::Seen,
};
use std::{
    collections::{BTreeMap, VecDeque},
    task::{Context, Poll},
};

pub(super) struct Sequence {
    reader: Reader,
    /// Calls ahead of the one whose rows are handed out.
    prefetch: usize,
    /// The consumer has shown that it reads on.
    eager: bool,
    unread: VecDeque<Soql>,
    open: BTreeMap<Number, Reading>,
    opened: Number,
    asking: VecDeque<(Number, QueryCall)>,
    flight: Option<(Vec<Ticket>, Fetch<Pages>)>,
    /// Whole calls, then what is left of the one that is handed out.
    arrived: VecDeque<VecDeque<Answer>>,
    answers: VecDeque<Answer>,
    /// Whose rows are handed out.
    current: Number,
    /// Rows of the present page that wait for their children.
    waiting: VecDeque<Node>,
    children: Option<Fetch<Result<Page>>>,
}
type Number = u64;
/// Which reading a page is for, and since which restart of it.
type Ticket = (Number, u32);
type Answer = (Ticket, Result<Page, Error>);

struct Reading {
    soql: Soql,
    /// With a keyset: the page or part of one whose last row was handed out last.
    handed: Option<Page>,
    /// After which row (`None`: from the start) the query was restarted last.
    resumed: Option<Option<SfId>>,
    restarts: u32,
    /// Pages that were named since the last restart.
    seen: Seen,
    is_done: bool,
}

impl Reading {
    /// The query from the row after the last one that was handed out; `None` when there is no keyset, or when the
    /// cursor is lost again without a row in between.
    fn resume(&mut self) -> Option<Soql> {
        self.soql.keyset()?;
        let (rest, at) = match &self.handed {
            None => (self.soql.clone(), None),
            Some(page) => {
                let key: Key = page.rows().ok()?.last()?.decode().ok()?;
                (self.soql.after(key.id, key.system_modstamp)?, Some(key.id))
            }
        };
        let again = self.resumed.replace(at) == Some(at);
        (!again).then_some(rest)
    }
}

impl Sequence {
    pub(super) fn new(reader: Reader, statements: Vec<Soql>, prefetch: usize) -> Sequence {
        Sequence {
            reader,
            prefetch,
            eager: false,
            unread: statements.into(),
            open: BTreeMap::new(),
            opened: 0,
            asking: VecDeque::new(),
            flight: None,
            arrived: VecDeque::new(),
            answers: VecDeque::new(),
            current: 0,
            waiting: VecDeque::new(),
            children: None,
        }
    }
    pub(super) fn read_on(&mut self) {
        self.eager = true;
    }

    /// The next page, or a part of it, with its child rows.
    pub(super) fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Page>>> {
        loop {
            if let Some(fetch) = &mut self.children {
                let Poll::Ready(page) = fetch.as_mut().poll(cx) else {
                    // What is asked for ahead moves on, too.
                    let _ = self.poll_flight(cx);
                    return Poll::Pending;
                };
                self.children = None;
                match page {
                    Ok(page) => return Poll::Ready(Some(Ok(page))),
                    Err(error) => match self.restart(self.current, error) {
                        Ok(()) => continue,
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    },
                }
            }
            if !self.waiting.is_empty() {
                self.children = Some(self.fetch_children());
                continue;
            }
            if let Some(((number, _), answer)) = self.answers.pop_front() {
                if number != self.current {
                    self.close();
                    self.current = number;
                }
                let accepted = answer.and_then(|page| self.accept(page));
                match accepted.or_else(|error| self.restart(number, error).map(|()| None)) {
                    Ok(Some(page)) => return Poll::Ready(Some(Ok(page))),
                    Ok(None) => continue,
                    Err(error) => return Poll::Ready(Some(Err(error))),
                }
            }
            if let Some(call) = self.arrived.pop_front() {
                self.answers = call;
                continue;
            }
            if self.flight.is_none() && !self.launch() {
                return Poll::Ready(None);
            }
            if !self.poll_flight(cx) {
                return Poll::Pending;
            }
        }
    }

    /// Moves what was asked for ahead, and asks ahead as far as it may.
    pub(super) fn advance(&mut self, cx: &mut Context<'_>) {
        loop {
            if self.flight.is_some() && !self.poll_flight(cx) {
                return;
            }
            if !self.eager || self.arrived.len() >= self.prefetch || !self.launch() {
                return;
            }
        }
    }

    /// A page or part of one was handed out.
    pub(super) fn handed(&mut self, page: Page) {
        if let Some(reading) = self.open.get_mut(&self.current)
            && reading.soql.keyset().is_some()
        {
            reading.handed = Some(page);
        }
    }

    /// Makes the next call of what is to be asked for; `false`: there is nothing.
    fn launch(&mut self) -> bool {
        let most = self.reader.queries_per_call();
        let (mut tickets, mut calls) = (Vec::new(), Vec::new());
        while calls.len() < most {
            if let Some((number, call)) = self.asking.pop_front() {
                let Some(reading) = self.open.get(&number) else { continue };
                tickets.push((number, reading.restarts));
                calls.push(call);
            } else if let Some(soql) = self.unread.pop_front() {
                self.opened += 1;
                tickets.push((self.opened, 0));
                calls.push(QueryCall::Start(soql.clone()));
                let (handed, resumed, seen) = (None, None, Seen::default());
                let reading = Reading { soql, handed, resumed, restarts: 0, seen, is_done: false };
                self.open.insert(self.opened, reading);
            } else {
                break;
            }
        }
        if calls.is_empty() {
            return false;
        }
        self.flight = Some((tickets, self.reader.fetch(calls)));
        true
    }

    /// Whether nothing is under way any more.
    fn poll_flight(&mut self, cx: &mut Context<'_>) -> bool {
        let Some((_, fetch)) = &mut self.flight else { return true };
        let Poll::Ready(pages) = fetch.as_mut().poll(cx) else { return false };
        let Some((tickets, _)) = self.flight.take() else { return true };
        let answers: Vec<Result<Page, Error>> = match pages {
            Ok(pages) => pages.into_iter().map(|page| page.map_err(Error::from)).collect(),
            Err(error) => {
                // The first has the error with its source, the others what it says.
                let failure = error.failure().clone();
                let others = tickets.iter().skip(1).map(|_| Err(Error::from(failure.clone())));
                std::iter::once(Err(error)).chain(others).collect()
            }
        };
        let mut call = VecDeque::new();
        for ((number, restarts), mut answer) in tickets.into_iter().zip(answers) {
            let Some(reading) = self.open.get_mut(&number).filter(|reading| reading.restarts == restarts)
            else {
                continue;
            };
            if let Some(next) = answer.as_ref().ok().and_then(Page::next) {
                match reading.seen.is_new(next.as_str()) {
                    true => self.asking.push_back((number, QueryCall::Next(next.clone()))),
                    false => answer = Err(fetch::circle()),
                }
            }
            call.push_back(((number, restarts), answer));
        }
        self.arrived.push_back(call);
        true
    }

    /// Rows that are whole are handed out, else all wait until their children came.
    fn accept(&mut self, page: Page) -> Result<Option<Page>> {
        let Some(reading) = self.open.get_mut(&self.current) else { return Ok(Some(page)) };
        reading.is_done = page.next().is_none();
        if !fetch::has_cut_children(&reading.soql, &page) {
            return Ok(Some(page));
        }
        self.waiting = fetch::nodes(&page)?;
        Ok(None)
    }
    fn fetch_children(&mut self) -> Fetch<Result<Page>> {
        let Reader { transport, options } = self.reader.clone();
        let mut group = children::take_group(&mut self.waiting, self.reader.queries_per_call());
        Box::pin(async move {
            children::complete(&*transport, &options, &mut group).await?;
            children::page_of(&group)
        })
    }

    /// Goes on after the last row that was handed out, if the error is of that kind and the statement can.
    fn restart(&mut self, number: Number, error: Error) -> Result<()> {
        let Some(reading) = self.open.get_mut(&number) else { return Err(error) };
        if !may_restart(&error, reading.handed.is_some()) {
            return Err(error);
        }
        let Some(rest) = reading.resume() else { return Err(error) };
        reading.restarts += 1;
        reading.seen = Seen::default();
        reading.is_done = false;
        // What was read ahead comes again.
        let is_old = |ticket: &Ticket| ticket.0 == number;
        self.answers.retain(|(ticket, _)| !is_old(ticket));
        self.arrived.iter_mut().for_each(|call| call.retain(|(ticket, _)| !is_old(ticket)));
        self.asking.retain(|(asked, _)| *asked != number);
        if self.flight.as_ref().is_some_and(|(tickets, _)| tickets.iter().all(is_old)) {
            self.flight = None;
        }
        self.waiting.clear();
        self.asking.push_front((number, QueryCall::Start(rest)));
        Ok(())
    }
    /// Forgets the reading that was handed out to its end.
    fn close(&mut self) {
        if self.open.get(&self.current).is_some_and(|reading| reading.is_done) {
            self.open.remove(&self.current);
        }
    }
}

impl std::fmt::Debug for Sequence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let statements: Vec<&Soql> = self.open.values().map(|reading| &reading.soql).collect();
        f.debug_struct("Sequence").field("open", &statements).field("unread", &self.unread.len()).finish()
    }
}
