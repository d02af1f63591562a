//! Rows of a query job.
use super::{
    BulkQueryJob, FromBulkRow,
    calls::{Calls, Pace},
    page::{Expected, PageText, Place},
    statement,
};
use crate::{
    ApiVersion, Delivery, Error, ErrorKind, Failure, IntoQuery, Org, Result, Soql,
    protocol::bulk::{self, CsvReader, JobInfo, JobKind, JobState, ResultPages, RowDecoder, job_failure},
    seen::Seen,
};
use futures_core::Stream;
use std::{
    collections::VecDeque,
    fmt,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
};

/// Rows of a query job: a `Stream`, and plain methods that need no extension trait.
///
/// - Nothing is sent before the first row is asked for or [`start`](BulkRows::start) is called. Then the job is made,
///   waited for, and its pages are read one at a time (or [several](BulkRows::with_parallel_pages)).
/// - A row that is not a `T` is an `Err` item and the others still come. A failed page or job is an `Err` item and the
///   last one.
/// - The end is one only if as many rows came as the job says it has (`numberRecordsProcessed`); else the last item is an `Err` of
///   kind [`ErrorKind::Decode`]. A page is believed if it is CSV, has the columns of the statement and as many rows as it says; one
///   that is not is asked for again, and then is an `Err` item and the last one.
/// - At most the pages that are read at a time are held. The rows have no order of their own.
/// - Dropping it leaves the job in the org, for seven days: [`BulkQueryJob`] goes on with it, ends it, removes it.
#[must_use = "nothing is sent until a row is asked for"]
pub struct BulkRows<T> {
    org: Org,
    plan: Plan,
    job: Option<BulkQueryJob>,
    step: Step,
    pages: VecDeque<Page>,
    /// Pages that can be read side by side come in lists: the one that is on its way, and where the one after it is.
    listing: Option<Running<ResultPages>>,
    listed: Option<String>,
    /// Pages and lists that were named.
    seen: Seen,
    /// Rows of the pages that were taken, and how many the job has, as far as that is known: nothing else would show that a page
    /// was too short, or was none of the org's.
    came: Option<u64>,
    total: Option<u64>,
    recounted: bool,
    current: Option<Current>,
    row: PhantomData<fn() -> T>,
}
#[derive(Debug, Clone)]
struct Plan {
    soql: Result<Soql, Failure>,
    deleted: bool,
    page_rows: u32,
    parallel: usize,
    remove: bool,
    object: String,
}
type Running<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;
enum Step {
    Idle,
    Starting(Running<JobInfo>),
    Waiting(Running<JobInfo>),
    Reading,
    Recounting(Running<JobInfo>),
    Removing(Running<()>),
    End,
}
struct Page {
    locator: Option<String>,
    state: PageState,
}
enum PageState {
    Running(Running<PageText>),
    Ready(PageText),
}
struct Current {
    text: Vec<u8>,
    read: usize,
    reader: CsvReader,
    decoder: Option<RowDecoder>,
    is_over: bool,
}

impl<T> Unpin for BulkRows<T> {}
impl<T> fmt::Debug for BulkRows<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkRows").field("job", &self.job).finish_non_exhaustive()
    }
}

impl Org {
    /// Rows of a query by a job of Bulk API 2.0: many rows with few calls, no order, no child rows. See [`BulkRows`].
    pub fn bulk_query<Q: IntoQuery<Row: FromBulkRow>>(&self, query: Q) -> BulkRows<Q::Row> {
        let soql = query.into_soql().map_err(Error::into_failure);
        BulkRows::new(self.clone(), soql.and_then(|soql| statement::check(&soql).map(|()| soql)), None)
    }
    /// Reads on from a saved job: rows of the page that was begun last come again.
    pub fn bulk_query_resume<T: FromBulkRow>(&self, job: BulkQueryJob) -> BulkRows<T> {
        BulkRows::new(self.clone(), Ok(job.soql.clone()), Some(job))
    }
}

impl<T: FromBulkRow> BulkRows<T> {
    fn new(org: Org, soql: Result<Soql, Failure>, job: Option<BulkQueryJob>) -> BulkRows<T> {
        let deleted = job.as_ref().is_some_and(|job| job.deleted);
        let plan = Plan {
            soql,
            deleted,
            page_rows: 10_000,
            parallel: 1,
            remove: false,
            object: "SObject".to_owned(),
        };
        BulkRows {
            org,
            plan,
            job,
            step: Step::Idle,
            pages: VecDeque::new(),
            listing: None,
            listed: None,
            seen: Seen::default(),
            came: None,
            total: None,
            recounted: false,
            current: None,
            row: PhantomData,
        }
    }
    /// Deleted and archived rows too.
    pub fn with_deleted(mut self) -> BulkRows<T> {
        self.plan.deleted = true;
        self
    }
    /// Rows in a page, 10,000 by default; the org may send fewer. Memory goes by it.
    pub fn with_page_rows(mut self, rows: u32) -> BulkRows<T> {
        self.plan.page_rows = rows.max(1);
        self
    }
    /// Reads up to this many pages at the same time, at most five, and holds as many. The org then chooses the size of
    /// the pages (`with_page_rows` has no effect), and so does memory: five pages of 50,000 rows of 500 bytes are 125 MB.
    /// One page at a time by default, when a saved job is read on, below API version 58, and of a job that does not say how many rows it has.
    pub fn with_parallel_pages(mut self, pages: usize) -> BulkRows<T> {
        self.plan.parallel = pages.clamp(1, 5);
        self
    }
    /// Removes the job from the org when all rows have been handed out.
    pub fn with_removal(mut self) -> BulkRows<T> {
        self.plan.remove = true;
        self
    }
    /// The job, to be saved, once it was made.
    pub fn job(&self) -> Option<&BulkQueryJob> {
        self.job.as_ref()
    }
    /// Makes the job and gives it, to be saved before its rows are waited for. `None` when an error of
    /// [`try_next`](BulkRows::try_next) has ended the rows before there was a job. After an error of its own it may be called again.
    ///
    /// Dropping the future loses nothing: what is called next goes on with the same job.
    pub async fn start(&mut self) -> Result<Option<&BulkQueryJob>> {
        while self.job.is_none() && !matches!(self.step, Step::End) {
            let step = std::future::poll_fn(|context| self.advance(context)).await;
            if let Err(error) = step {
                self.step = Step::Idle;
                return Err(error);
            }
        }
        Ok(self.job.as_ref())
    }
    /// The next row; `None` at the end.
    ///
    /// Dropping the future loses no row, and nothing that was begun for it: the next call goes on with that. Until then it is up to the
    /// transport. Over REST pages come meanwhile, as tasks; over one that has no runtime to do so they wait, and keep their places among the calls
    /// that may be under way at once.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }
    /// All rows in memory. The first malformed row ends it with its error.
    pub async fn all(mut self) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        while let Some(row) = self.try_next().await? {
            rows.push(row);
        }
        Ok(rows)
    }

    fn started(&mut self, info: JobInfo) {
        let Ok(soql) = self.plan.soql.clone() else { return };
        let deleted = self.plan.deleted;
        self.job = Some(BulkQueryJob { soql, deleted, id: info.id, locator: None, rows_before: None });
    }
    fn fetch(&self, locator: Option<String>) -> Option<Page> {
        let job = self.job.as_ref()?;
        let (most, place) = match self.plan.parallel {
            1 => {
                let left = self.total.zip(self.came).map(|(total, came)| total.saturating_sub(came));
                (Some(self.plan.page_rows), Place::Chained { left })
            }
            _ => (None, Place::Listed),
        };
        let expected = Expected::of(&job.soql, place);
        let request = bulk::result_page(job.id, locator.as_deref(), most);
        let org = self.org.clone();
        let page = Box::pin(async move {
            let check = |page: &mut PageText, response: &_| expected.check(page, response);
            Calls::of(&org).download(&request, PageText::default, check).await
        });
        Some(Page { locator, state: PageState::Running(page) })
    }
    /// A page or list that was named before is not read again: its rows would come twice, for ever perhaps.
    fn note(&mut self, name: &str) -> Result<()> {
        if self.seen.is_new(name) {
            return Ok(());
        }
        let message = "the org named a page of the job that it had named before";
        Err(Failure::new(ErrorKind::Decode, Delivery::Refused, message).into())
    }
    fn list(&self, at: Option<String>) -> Option<Running<ResultPages>> {
        let id = self.job.as_ref()?.id;
        let org = self.org.clone();
        Some(Box::pin(async move {
            let request = bulk::result_pages(id, at.as_deref())?;
            Calls::of(&org).repeat(&request, bulk::result_pages_response).await
        }))
    }
    /// The first thing to read of a finished job.
    fn begin(&mut self) -> Step {
        let old = self.org.transport().capabilities().api_version < ApiVersion::new(58);
        let from = self.job.as_ref().and_then(|job| job.locator.clone());
        self.came = match &from {
            None => Some(0),
            Some(at) => {
                self.seen.is_new(at);
                self.job.as_ref().and_then(|job| job.rows_before)
            }
        };
        // The list of pages begins at the first: a job that is read on goes page by page. So does one that does not say how many
        // rows it has, as a page in a list that is too short would not show.
        if self.plan.parallel > 1 && !old && from.is_none() && self.total.is_some_and(|rows| rows > 0) {
            self.listing = self.list(None);
            return Step::Reading;
        }
        self.plan.parallel = 1;
        self.pages.extend(self.fetch(from));
        Step::Reading
    }
    /// Asks for the next list before the pages of this one run out, so that there is always enough to read.
    fn poll_lists(&mut self, context: &mut Context<'_>) -> Result<()> {
        while self.pages.len() < self.plan.parallel {
            if self.listing.is_none() {
                match self.listed.take() {
                    Some(at) => self.listing = self.list(Some(at)),
                    None => return Ok(()),
                }
            }
            let Some(listing) = &mut self.listing else { return Ok(()) };
            let Poll::Ready(list) = listing.as_mut().poll(context) else { return Ok(()) };
            self.listing = None;
            let list = list?;
            if let Some(next) = &list.next {
                self.note(next)?;
            }
            self.listed = list.next;
            for locator in list.locators {
                self.note(&locator)?;
                self.pages.extend(self.fetch(Some(locator)));
            }
        }
        Ok(())
    }
    /// Takes the first page when it is there; else polls so many at the same time, until all of them are.
    fn next_page(&mut self, context: &mut Context<'_>) -> Poll<Result<bool>> {
        if let Err(error) = self.poll_lists(context) {
            return Poll::Ready(Err(error));
        }
        let runs = |page: &Page| matches!(page.state, PageState::Running(_));
        if self.pages.front().is_some_and(runs) {
            for page in self.pages.iter_mut().take(self.plan.parallel) {
                if let PageState::Running(running) = &mut page.state
                    && let Poll::Ready(done) = running.as_mut().poll(context)
                {
                    match done {
                        Ok(text) => page.state = PageState::Ready(text),
                        Err(error) => return Poll::Ready(Err(error)),
                    }
                }
            }
            // All of them: while rows are taken nobody polls, and a page half-way would keep its place from the program's
            // own calls.
            if self.pages.iter().take(self.plan.parallel).any(runs) {
                return Poll::Pending;
            }
        }
        let Some(Page { locator, state: PageState::Ready(page) }) = self.pages.pop_front() else {
            return if self.listing.is_some() { Poll::Pending } else { Poll::Ready(Ok(false)) };
        };
        if self.plan.parallel == 1
            && let Some(next) = &page.next
            && let Err(error) = self.note(next)
        {
            return Poll::Ready(Err(error));
        }
        if let Some(job) = &mut self.job {
            job.rows_before = self.came.filter(|_| locator.is_some());
            job.locator = locator;
        }
        self.came = self.came.map(|came| came + page.rows);
        if self.plan.parallel == 1
            && let Some(next) = page.next
        {
            self.pages.extend(self.fetch(Some(next)));
        }
        let (text, reader) = (page.text, CsvReader::new());
        self.current = Some(Current { text, read: 0, reader, decoder: None, is_over: false });
        Poll::Ready(Ok(true))
    }
    /// The next row of the page at hand.
    fn next_row(&mut self) -> Option<Result<T, Failure>> {
        let page = self.current.as_mut()?;
        loop {
            if page.is_over {
                return None;
            }
            let rest = page.text.get(page.read..).unwrap_or_default();
            let mut input = rest;
            if page.decoder.is_none() {
                match page.reader.read_header(&mut input) {
                    Ok(true) => {
                        let header = page.reader.header();
                        page.decoder = Some(RowDecoder::new(&self.plan.object, header, T::kind));
                        page.read += rest.len() - input.len();
                        continue;
                    }
                    Ok(false) => {}
                    Err(failure) => {
                        page.is_over = true;
                        return Some(Err(failure));
                    }
                }
            }
            let row = page.reader.read(&mut input);
            page.read += rest.len() - input.len();
            match (row, &mut page.decoder) {
                (Ok(Some(row)), Some(decoder)) => return Some(decoder.decode(row)),
                (Err(failure), _) => {
                    // Nothing was taken: it would fail in the same way for ever.
                    page.is_over = input.len() == rest.len();
                    return Some(Err(failure));
                }
                _ if rest.is_empty() => page.is_over = true,
                _ => {}
            }
        }
    }
    /// Rows that came, and how many there should be.
    fn difference(&self) -> Option<(u64, u64)> {
        self.came.zip(self.total).filter(|(came, total)| came != total)
    }
    fn another_number(&self, (came, total): (u64, u64)) -> Failure {
        let message = format!("{came} rows came of a job that says it has {total}");
        let next = match self.plan.parallel {
            1 => {
                "Read the job once more: `Org::bulk_query_resume` with `job()`, its `locator` set to `None`. Rows that were handed out are the org's."
            }
            _ => {
                "Read the job page by page, which needs no list: `Org::bulk_query_resume` with `job()`, its `locator` set to `None`."
            }
        };
        Failure::new(ErrorKind::Decode, Delivery::Refused, message).with_next_step(next)
    }
    fn advance(&mut self, context: &mut Context<'_>) -> Poll<Result<bool>> {
        let step = match &mut self.step {
            Step::Idle => match &self.job {
                None => Step::Starting(Box::pin(create(self.org.clone(), self.plan.clone()))),
                Some(job) => Step::Waiting(Box::pin(finished(self.org.clone(), job.id))),
            },
            Step::Starting(running) => {
                let info = std::task::ready!(running.as_mut().poll(context))?;
                let id = info.id;
                self.started(info);
                Step::Waiting(Box::pin(finished(self.org.clone(), id)))
            }
            Step::Waiting(running) => {
                let info = std::task::ready!(running.as_mut().poll(context))?;
                if let Some(object) = info.object {
                    self.plan.object = object;
                }
                self.total = info.number_records_processed;
                self.begin()
            }
            Step::Reading => match std::task::ready!(self.next_page(context))? {
                true => Step::Reading,
                false => match (self.difference(), &self.job) {
                    (Some(_), Some(job)) if !self.recounted => {
                        let (org, job) = (self.org.clone(), job.clone());
                        Step::Recounting(Box::pin(async move { job.status(&org).await }))
                    }
                    (Some(numbers), _) => return Poll::Ready(Err(self.another_number(numbers).into())),
                    (None, Some(job)) if self.plan.remove => {
                        let (org, job) = (self.org.clone(), job.clone());
                        Step::Removing(Box::pin(async move { job.delete(&org).await }))
                    }
                    _ => Step::End,
                },
            },
            // The number may have been told too early.
            Step::Recounting(running) => {
                let info = std::task::ready!(running.as_mut().poll(context))?;
                self.total = info.number_records_processed.or(self.total);
                self.recounted = true;
                Step::Reading
            }
            Step::Removing(running) => {
                std::task::ready!(running.as_mut().poll(context))?;
                Step::End
            }
            Step::End => return Poll::Ready(Ok(false)),
        };
        self.step = step;
        Poll::Ready(Ok(true))
    }
}

impl<T: FromBulkRow> Stream for BulkRows<T> {
    type Item = Result<T>;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if let Some(row) = self.next_row() {
                return Poll::Ready(Some(row.map_err(Error::from)));
            }
            self.current = None;
            match std::task::ready!(self.advance(context)) {
                Ok(true) => {}
                Ok(false) => return Poll::Ready(None),
                Err(error) => {
                    self.step = Step::End;
                    self.pages.clear();
                    self.listing = None;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

async fn create(org: Org, plan: Plan) -> Result<JobInfo> {
    let soql = plan.soql?;
    if !org.transport().capabilities().bulk {
        let failure =
            Failure::new(ErrorKind::Unsupported, Delivery::NotSent, "this transport has no Bulk API");
        return Err(failure
            .with_next_step("Use `Org::query`, or a transport with the capability `bulk`.")
            .into());
    }
    let request = bulk::create_query(soql.as_str(), plan.deleted);
    Calls::of(&org).create(&request).await
}
async fn finished(org: Org, id: crate::SfId) -> Result<JobInfo> {
    let calls = Calls::of(&org);
    let mut pace = Pace::START;
    loop {
        let info = calls.status(JobKind::Query, id).await?;
        match (&info.state, job_failure(&info)) {
            (JobState::JobComplete, _) => return Ok(info),
            (_, Some(failure)) => return Err(failure.into()),
            _ => pace.pause(org.clock()).await,
        }
    }
}
