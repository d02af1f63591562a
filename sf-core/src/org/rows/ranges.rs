//! One statement as several ranges of ids, which are read at the same time.
use super::{
    fetch::{self, Fetch, Key, Reader, may_restart, no_answer},
    range::{self, Stretch, number},
};
use crate::{Error, Failure, Keyset, Page, QueryCall, Result, SfId, Soql, org::children, seen::Seen};
use std::{
    collections::VecDeque,
    task::{Context, Poll},
};

pub(super) struct Ranges {
    reader: Reader,
    /// Calls under way and pages that wait to be handed out, together at most.
    width: usize,
    /// The consumer has shown that it reads on.
    eager: bool,
    /// Ranges whose next page is to be asked for.
    ready: VecDeque<Range>,
    running: Vec<(Range, Fetch<Result<Answer>>)>,
    arrived: VecDeque<Page>,
    failed: Option<Error>,
    is_one_statement: bool,
    /// Of one statement, the greatest id when the reading began.
    greatest: Option<SfId>,
    spent: Spent,
}

/// What the ranges cost: the last page of each is short, or empty where the guess was wrong.
#[derive(Default)]
struct Spent {
    pages: u64,
    /// Of pages that are not the last of their range.
    full_pages: u64,
    full_rows: u64,
    /// What is missing in the last pages, in rows.
    missing: u64,
}
impl Spent {
    fn note(&mut self, rows: usize, is_last: bool) {
        let rows = rows as u64;
        self.pages += 1;
        if is_last {
            let full = self.full_rows.checked_div(self.full_pages).unwrap_or(rows);
            self.missing += full.saturating_sub(rows);
        } else {
            self.full_pages += 1;
            self.full_rows += rows;
        }
    }
    /// Whether another cut keeps the calls near those of a plain reading: each range may cost one in vain.
    fn allows_a_cut(&self, width: usize) -> bool {
        let full = self.full_rows.checked_div(self.full_pages).unwrap_or_default();
        self.missing <= (width as u64 / 2 + self.pages / 8) * full
    }
}

/// A range of ids and how far it was read.
#[derive(Debug)]
struct Range {
    statement: Soql,
    /// Its rows have greater ids.
    after: Option<SfId>,
    /// Its rows have no greater ids.
    up_to: Option<SfId>,
    /// The last row that was read; `Err`: of a page whose last row has no key.
    read_to: Result<Option<Key>, ()>,
    /// Where its statement was restarted last.
    restarted: Option<Option<Key>>,
    /// Rows that came since it was asked for by a statement.
    rows: u64,
    /// Pages that were named since then.
    seen: Seen,
    call: QueryCall,
}

struct Answer {
    /// As the org sent it.
    page: Page,
    /// With all child rows.
    whole: Page,
    greatest: Option<SfId>,
}

impl Range {
    fn new(statement: &Soql, after: Option<SfId>, up_to: Option<SfId>) -> Option<Range> {
        let call = QueryCall::Start(statement.within(after, up_to)?);
        let statement = statement.clone();
        let range = Range::starting(statement, call);
        Some(Range { after, up_to, ..range })
    }
    fn starting(statement: Soql, call: QueryCall) -> Range {
        let (after, up_to, restarted) = (None, None, None);
        Range { statement, after, up_to, read_to: Ok(None), restarted, rows: 0, seen: Seen::default(), call }
    }
    /// The call for what follows the last row that was read; `None` when that is not known, or when the cursor was lost
    /// there before.
    fn restart(&mut self) -> Option<()> {
        let at = self.read_to.ok()?;
        if self.restarted.replace(at) == Some(at) {
            return None;
        }
        let all = self.statement.within(self.after, self.up_to)?;
        let rest = match at {
            Some(key) => all.after(key.id, key.system_modstamp)?,
            None => all,
        };
        self.call = QueryCall::Start(rest);
        self.rows = 0;
        self.seen = Seen::default();
        Some(())
    }
    fn can_be_cut(&self) -> bool {
        self.statement.keyset() == Some(Keyset::Id)
    }
}

impl Ranges {
    /// # Errors
    /// The statement says nothing by which its rows could be told apart.
    pub(super) fn new(reader: Reader, statements: &[Soql], width: usize) -> Result<Ranges> {
        if let [one] = statements
            && one.keyset() != Some(Keyset::Id)
        {
            let message = "a statement is read in parallel by ranges of ids, which this one does not allow";
            return Err(Failure::invalid_input(message)
                .with_next_step(
                    "Build the query with sf-soql, select Id, order it by Id alone and leave LIMIT, OFFSET and GROUP BY \
                     out; or read it without `with_parallel`.",
                )
                .into());
        }
        let whole =
            |statement: &Soql| Range::starting(statement.clone(), QueryCall::Start(statement.clone()));
        Ok(Ranges {
            reader,
            width,
            eager: false,
            ready: statements.iter().map(whole).collect(),
            running: Vec::new(),
            arrived: VecDeque::new(),
            failed: None,
            is_one_statement: statements.len() == 1,
            greatest: None,
            spent: Spent::default(),
        })
    }
    pub(super) fn read_on(&mut self) {
        self.eager = true;
    }

    pub(super) fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Page>>> {
        loop {
            self.launch(cx);
            if let Some(page) = self.arrived.pop_front() {
                return Poll::Ready(Some(Ok(page)));
            }
            if let Some(error) = self.failed.take() {
                return Poll::Ready(Some(Err(error)));
            }
            if self.running.is_empty() {
                return Poll::Ready(None);
            }
            if !self.poll_running(cx) {
                return Poll::Pending;
            }
        }
    }
    pub(super) fn advance(&mut self, cx: &mut Context<'_>) {
        while self.poll_running(cx) {}
        if self.eager {
            self.launch(cx);
        }
    }

    /// Sends what may be sent.
    fn launch(&mut self, cx: &mut Context<'_>) {
        let most = if self.eager { self.width } else { 1 };
        while self.failed.is_none() && self.running.len() + self.arrived.len() < most {
            let Some(range) = self.ready.pop_front() else { return };
            let mut fetch = self.fetch(&range);
            match fetch.as_mut().poll(cx) {
                Poll::Ready(answer) => self.arrive(range, answer),
                Poll::Pending => self.running.push((range, fetch)),
            }
        }
    }
    /// Whether an answer came.
    fn poll_running(&mut self, cx: &mut Context<'_>) -> bool {
        let (mut at, mut came) = (0, false);
        while let Some((_, fetch)) = self.running.get_mut(at) {
            match fetch.as_mut().poll(cx) {
                // One by one: those that have come, too, are not idle.
                Poll::Ready(answer) => {
                    let (range, _) = self.running.remove(at);
                    self.arrive(range, answer);
                    came = true;
                }
                Poll::Pending => at += 1,
            }
        }
        came
    }
    fn fetch(&self, range: &Range) -> Fetch<Result<Answer>> {
        let (reader, statement, call) = (self.reader.clone(), range.statement.clone(), range.call.clone());
        // With the first page comes how far the ids reach: nothing more is to be asked for then.
        let greatest = match self.spent.pages {
            0 if self.is_one_statement && self.reader.queries_per_call() > 1 => statement.last(),
            _ => None,
        };
        Box::pin(async move {
            let calls = [Some(call), greatest.map(QueryCall::Start)].into_iter().flatten().collect();
            let mut pages = reader.fetch(calls).await?.into_iter();
            let page =
                pages.next().ok_or_else(|| no_answer("the transport answered a query with nothing"))??;
            // Without it the ranges are cut by what the first page lets expect.
            let greatest =
                pages.next().and_then(|page| page.ok()?.rows().ok()?.first()?.decode::<Key>().ok());
            let mut whole = page.clone();
            if fetch::has_cut_children(&statement, &page) {
                let mut rows = fetch::nodes(&page)?;
                children::complete(&*reader.transport, &reader.options, rows.make_contiguous()).await?;
                whole = children::page_of(rows.make_contiguous())?;
            }
            Ok(Answer { page, whole, greatest: greatest.map(|key| key.id) })
        })
    }

    fn arrive(&mut self, mut range: Range, answer: Result<Answer>) {
        let accepted = answer.and_then(|answer| {
            self.accept(&mut range, &answer.page, answer.greatest)?;
            Ok(answer)
        });
        match accepted {
            Ok(answer) => {
                self.arrived.push_back(answer.whole);
                if let Some(next) = answer.page.next() {
                    range.call = QueryCall::Next(next.clone());
                    self.go_on(range, &answer.page);
                }
            }
            Err(error) => {
                let was_next = matches!(range.call, QueryCall::Next(_));
                match may_restart(&error, was_next).then(|| range.restart()).flatten() {
                    Some(()) => self.ready.push_front(range),
                    None => self.failed = self.failed.take().or(Some(error)),
                }
            }
        }
    }

    /// Notes how far the range was read.
    fn accept(&mut self, range: &mut Range, page: &Page, greatest: Option<SfId>) -> Result<()> {
        let rows = page.rows()?;
        if page.next().is_some_and(|next| !range.seen.is_new(next.as_str())) {
            return Err(fetch::circle());
        }
        self.greatest = self.greatest.or(greatest);
        self.spent.note(rows.len(), page.next().is_none());
        range.rows += rows.len() as u64;
        let Some(last) = rows.last() else { return Ok(()) };
        let key = last.decode::<Key>().ok();
        if range.can_be_cut() {
            let before = range.read_to.ok().flatten().map(|key| key.id).or(range.after);
            let ids = [rows.first().and_then(|row| row.decode::<Key>().ok()), key];
            let is_inside =
                |key: &Key| before.is_none_or(|id| key.id > id) && range.up_to.is_none_or(|id| key.id <= id);
            if !ids.iter().flatten().all(is_inside) {
                return Err(no_answer("the org gave rows of another range of ids than was asked for"));
            }
        }
        range.read_to = key.map(Some).ok_or(());
        Ok(())
    }

    /// Asks for the rest of a range: by its cursor, or as several ranges when there are calls to spare.
    fn go_on(&mut self, range: Range, page: &Page) {
        let busy = self.running.len() + self.ready.len() + 1;
        let pieces = match self.width.saturating_sub(busy) {
            idle if idle > 0 && self.spent.allows_a_cut(self.width) => cut(&range, page, self.greatest, idle),
            _ => None,
        };
        match pieces {
            Some(pieces) => self.ready.extend(pieces),
            None => self.ready.push_back(range),
        }
    }
}

/// The rest of a range in up to `idle + 1` pieces, each expected to have one and a half pages at least; `None`: leave it whole.
fn cut(range: &Range, page: &Page, greatest: Option<SfId>, idle: usize) -> Option<Vec<Range>> {
    if !range.can_be_cut() {
        return None;
    }
    let last = range.read_to.ok()??.id;
    let left = page.total().checked_sub(range.rows)?;
    let rows = page.rows().ok()?;
    let most = left.saturating_mul(2).checked_div(rows.len() as u64 * 3)?;
    let parts = usize::try_from(most).map_or(idle + 1, |most| most.clamp(1, idle + 1));
    let id = |at: usize| rows.get(at)?.decode::<Key>().ok().map(|key| number(key.id));
    let gap = range::gap((id(0)?, id(rows.len() / 2)?, number(last)), rows.len());
    let end = [range.up_to, greatest.filter(|id| *id > last)].into_iter().flatten().min();
    let stretch = Stretch { after: number(last), end: end.map(number), rows: left, gap };
    let cuts: Vec<SfId> = stretch.cuts(parts).into_iter().filter_map(range::id).collect();
    if cuts.is_empty() {
        return None;
    }
    let from = std::iter::once(last).chain(cuts.iter().copied());
    let to = cuts.iter().copied().map(Some).chain([range.up_to]);
    from.zip(to).map(|(after, up_to)| Range::new(&range.statement, Some(after), up_to)).collect()
}

impl std::fmt::Debug for Ranges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ranges")
            .field("running", &self.running.len())
            .field("ready", &self.ready)
            .finish_non_exhaustive()
    }
}
