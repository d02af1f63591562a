//! Rows of a query job.
use super::{
    BulkQueryJob, FromBulkRow,
    calls::{Calls, Pace},
    statement,
};
use crate::{
    ApiVersion, Delivery, Error, ErrorKind, Failure, IntoQuery, Org, Result, Soql,
    protocol::{
        Response,
        bulk::{self, CsvReader, JobInfo, JobKind, JobState, ResultPages, RowDecoder, job_failure},
    },
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
    /// Rows that came of a job read by lists, and how many it has: nothing else would show that a page was too short.
    came: u64,
    promised: Option<u64>,
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
    Removing(Running<()>),
    End,
}
struct Page {
    locator: Option<String>,
    state: PageState,
}
enum PageState {
    Running(Running<(Vec<u8>, Option<String>)>),
    Ready(Vec<u8>, Option<String>),
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
            came: 0,
            promised: None,
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
    /// One page at a time by default, when a saved job is read on, and below API version 58.
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
    /// Makes the job and gives it, to be saved before its rows are waited for.
    pub async fn start(&mut self) -> Result<Option<&BulkQueryJob>> {
        if self.job.is_none() {
            let info = create(self.org.clone(), self.plan.clone()).await?;
            self.started(info);
        }
        Ok(self.job.as_ref())
    }
    /// The next row; `None` at the end.
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
        self.job = Some(BulkQueryJob { soql, deleted: self.plan.deleted, id: info.id, locator: None });
    }
    fn fetch(&self, locator: Option<String>) -> Option<Page> {
        let id = self.job.as_ref()?.id;
        let most = (self.plan.parallel == 1).then_some(self.plan.page_rows);
        let (org, asked) = (self.org.clone(), locator.clone());
        let page = Box::pin(async move {
            let request = bulk::result_page(id, asked.as_deref(), most);
            let (text, response) = Calls::of(&org).download(&request, Vec::new, whole).await?;
            let next = bulk::next_locator(&response).map(str::to_owned);
            if next.is_some() && next == asked {
                let message = "a page names itself as the next one";
                return Err(Failure::new(ErrorKind::Decode, Delivery::Refused, message).into());
            }
            Ok((text, next))
        });
        Some(Page { locator, state: PageState::Running(page) })
    }
    fn list(&self, at: Option<String>) -> Option<Running<ResultPages>> {
        let id = self.job.as_ref()?.id;
        let org = self.org.clone();
        Some(Box::pin(async move {
            let request = bulk::result_pages(id, at.as_deref())?;
            let list = bulk::result_pages_response(&Calls::of(&org).repeat(&request).await?)?;
            if list.next.is_some() && list.next == at {
                let message = "a list of pages names itself as the next one";
                return Err(Failure::new(ErrorKind::Decode, Delivery::Refused, message).into());
            }
            Ok(list)
        }))
    }
    /// The first thing to read of a finished job.
    fn begin(&mut self) -> Step {
        let old = self.org.transport().capabilities().api_version < ApiVersion::new(58);
        let from = self.job.as_ref().and_then(|job| job.locator.clone());
        // The list of pages begins at the first: a job that is read on goes page by page.
        if self.plan.parallel > 1 && !old && from.is_none() {
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
            self.listed = list.next;
            for locator in list.locators {
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
                        Ok((text, next)) => page.state = PageState::Ready(text, next),
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
        let Some(Page { locator, state: PageState::Ready(text, next) }) = self.pages.pop_front() else {
            return if self.listing.is_some() { Poll::Pending } else { Poll::Ready(Ok(false)) };
        };
        if let Some(job) = &mut self.job {
            job.locator = locator;
        }
        if self.plan.parallel == 1
            && let Some(next) = next
        {
            self.pages.extend(self.fetch(Some(next)));
        }
        self.current =
            Some(Current { text, read: 0, reader: CsvReader::new(), decoder: None, is_over: false });
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
    fn too_few(&self) -> Failure {
        let promised = self.promised.unwrap_or_default();
        let message = format!("{} rows came of a job with {promised}", self.came);
        Failure::new(ErrorKind::Decode, Delivery::Refused, message).with_next_step(
            "Read the job page by page, which needs no list: `Org::bulk_query_resume` with `job()`, its `locator` set to `None`.",
        )
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
                let step = self.begin();
                self.promised = info.number_records_processed.filter(|_| self.listing.is_some());
                step
            }
            Step::Reading => match std::task::ready!(self.next_page(context))? {
                true => Step::Reading,
                false if self.promised.is_some_and(|promised| self.came < promised) => {
                    return Poll::Ready(Err(self.too_few().into()));
                }
                false => match &self.job {
                    Some(job) if self.plan.remove => {
                        let (org, job) = (self.org.clone(), job.clone());
                        Step::Removing(Box::pin(async move { job.delete(&org).await }))
                    }
                    _ => Step::End,
                },
            },
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
            if let Some(page) = self.current.take() {
                self.came += page.reader.rows();
            }
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
/// A page is whole when it has as many rows as it says.
fn whole(text: &mut Vec<u8>, response: &Response) -> Result<(), Failure> {
    let Some(rows) = response.header("sforce-numberofrecords").and_then(|n| n.trim().parse::<u64>().ok())
    else {
        return Ok(());
    };
    let mut reader = CsvReader::new();
    let mut input = text.as_slice();
    while !input.is_empty() {
        reader.read(&mut input)?;
    }
    // A last row without a line end.
    reader.read(&mut [].as_slice())?;
    if reader.rows() == rows {
        return Ok(());
    }
    let message = format!("a page of {rows} rows came with {}", reader.rows());
    Err(Failure::new(ErrorKind::Decode, Delivery::Refused, message))
}
