use crate::{
    arguments::text_of,
    cli::{Cli, Door, Task, deadline},
    command::HALF_READ_PAUSE,
    envelope::{Document, Envelope},
    farewell::Held,
    fault::{self, Complaint, Trouble},
    private_folder::{CallFolder, unwritten},
    redact::log_beside,
    retry::wait_before_next,
};
use async_trait::async_trait;
use serde::{Deserialize, de::IgnoredAny};
use sf_core::{
    CallOptions, Capabilities, ChangedIds, Delivery, Describe, DescribeOptions, Error, ErrorKind, Failure,
    FieldName, Identity, Limits, ObjectName, Page, QueryCall, QueryOptions, Result, RowOutcome, SfId, Soql,
    Transport, Usage, Window, Write, WriteOptions,
    protocol::{BodySink, LONGEST_URL, Protocol, Request, Response, Safety},
};
use std::{io::Write as _, process::Stdio, sync::Arc};
use tokio::time::{Instant, sleep, timeout_at};

/// Above what any org gives to one query: the command stops at 50,000 rows otherwise, with exit code 0.
const EVERY_ROW: &str = "50000000";
/// About 4.5 kB of the child's memory is one row of two fields; this is what we read of it.
const MOST_ROWS_TEXT: usize = 1 << 30;

/// A transport whose queries run by `sf data query`: all pages in one process. Opt-in, by
/// [`Sf::connect_many_rows`](crate::Sf::connect_many_rows).
///
/// A query of 50,000 rows is one spawn of two to three seconds here, and 25 spawns by [`CliTransport`](crate::CliTransport).
/// The price:
/// - **Numbers lose digits**: they go through JavaScript, which writes 9007199254740993 as 9007199254740992 and 1.0 as 1.
///   `capabilities().exact_numbers` is `false`.
/// - **Memory**: the child holds all rows (about 4.5 kB for a row of two fields), and the answer is one page.
/// - One more request for the columns, and the command follows the next pages by itself: nothing bounds a query but
///   [`Sf::total_timeout`](crate::Sf::total_timeout) and 1 GiB of answer.
///
/// An answer that is not complete is an error (`Decode`, *truncated*), never a shorter page. Several queries at once, next
/// pages, and statements too long for a URL go as they do in `CliTransport`; so does everything else.
#[derive(Debug, Clone)]
pub struct ManyRows {
    rest: Protocol<Cli>,
}

impl ManyRows {
    pub(crate) fn new(cli: Cli) -> ManyRows {
        ManyRows { rest: Protocol::new(cli) }
    }
    /// The transport for everything else.
    pub fn inner(&self) -> &Protocol<Cli> {
        &self.rest
    }

    /// On a task, as every read: a future that nobody polls would keep its place of the few.
    async fn all_rows(&self, soql: &Soql, options: &QueryOptions) -> Result<Page> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(fault::no_runtime());
        }
        let door = Arc::clone(&self.rest.exchange().0);
        Task::start(door.all_rows(soql.clone(), options.clone())).answer().await
    }
}

impl Door {
    /// The statement is in a file of its own, too: arguments can be seen by every user of the machine.
    fn prepare(&self, soql: &Soql, deleted: bool) -> Result<(Vec<String>, CallFolder)> {
        let folder = CallFolder::new(self.temp_dir.as_deref())?;
        let file =
            folder.file("statement", |file| file.write_all(soql.as_str().as_bytes()).map_err(unwritten))?;
        let mut arguments: Vec<String> = ["data", "query", "--json"].map(str::to_owned).to_vec();
        arguments.push(format!("--file={}", text_of(&file)?));
        arguments.push(format!("--api-version={}", self.version));
        arguments.extend(self.target.argument());
        if deleted {
            arguments.push("--all-rows".to_owned());
        }
        Ok((arguments, folder))
    }

    async fn all_rows(self: Arc<Door>, soql: Soql, options: QueryOptions) -> Result<Page> {
        let door = &self;
        let deadline = deadline(options.call.timeout.unwrap_or(door.total_timeout));
        let (mut sent, mut healed, mut renewed) = (0, false, false);
        loop {
            let Ok(place) = timeout_at(deadline, door.places.enter(options.call.priority)).await else {
                return Err(fault::too_late());
            };
            let turn = door.turns.enter(deadline).await.map_err(|()| fault::too_late())?;
            // Makes files, and may sweep up large ones: not on this thread.
            let (to_prepare, statement, deleted) = (Arc::clone(door), soql.clone(), options.deleted);
            let prepared = tokio::task::spawn_blocking(move || to_prepare.prepare(&statement, deleted));
            let prepared = timeout_at(deadline, prepared).await.map_err(|_| fault::too_late())?;
            let (arguments, folder) = prepared.map_err(|_| fault::no_runtime())??;
            sent += 1;
            let held = Arc::new((folder.until_gone(), place, turn));
            let until_gone: Held = held.clone();
            let answer = door.all_rows_once(&arguments, &soql, deadline, &until_gone).await;
            let refused = answer.as_ref().is_err_and(|t: &Trouble| t.error.kind() == ErrorKind::NotSignedIn);
            held.2.went((answer.is_ok() || refused).then_some(!refused));
            drop((held, until_gone, folder));
            let trouble = match answer {
                Ok(page) => return Ok(page),
                Err(trouble) => trouble,
            };
            // Another command may have renewed the login meanwhile.
            if refused && !renewed {
                renewed = true;
                sent -= 1;
                continue;
            }
            if trouble.half_read && !healed {
                healed = true;
                sent -= 1;
                sleep(HALF_READ_PAUSE).await;
                continue;
            }
            match wait_before_next(trouble.error.failure(), Safety::Read, sent, options.call.attempts) {
                Some(wait) if Instant::now() + wait < deadline => sleep(wait).await,
                _ => return Err(trouble.error),
            }
        }
    }

    async fn all_rows_once(
        &self,
        arguments: &[String],
        soql: &Soql,
        deadline: Instant,
        held: &Held,
    ) -> Result<Page, Trouble> {
        let run = self.run(deadline, held).await?;
        // The first page and the columns.
        self.counters.spawning(2);
        let most = [("SF_ORG_MAX_QUERY_LIMIT", EVERY_ROW.to_owned())];
        let ended = run
            .program
            .run(arguments, &most, Stdio::null(), MOST_ROWS_TEXT, deadline, held)
            .await
            .map_err(|stopped| fault::stopped(stopped, Safety::Read))?;
        self.counters.received(ended.stdout.len() as u64);
        let (exit, success) = (ended.status.code(), ended.status.success());
        let judged = |complaint: &Complaint| {
            fault::judge(complaint, &self.target, self.command.version(), Safety::Read, false)
        };
        let Some(document) = Document::find(ended.stdout) else {
            return Err(judged(&Complaint::of_text(exit, &ended.stderr)));
        };
        let page = page(&document, exit, success, &ended.stderr, soql).map_err(|no_page| match no_page {
            NoPage::Said(complaint) => judged(&complaint),
            NoPage::Failed(failure) => Trouble::from(Error::from(failure)),
        })?;
        self.counters.requested(page.total().saturating_sub(1) / 2_000);
        Ok(page)
    }
}

enum NoPage {
    Said(Box<Complaint>),
    Failed(Failure),
}

/// The rows, or why they are not all.
fn page(
    document: &Document,
    exit: Option<i32>,
    success: bool,
    stderr: &[u8],
    soql: &Soql,
) -> Result<Page, NoPage> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        total_size: u64,
        done: bool,
        records: Vec<IgnoredAny>,
    }
    let Some(envelope) = document.read() else {
        return Err(NoPage::Said(Box::new(Complaint::of_text(exit, stderr))));
    };
    let (true, Some(0), Some(result)) = (success, envelope.status, envelope.result) else {
        return Err(NoPage::Said(Box::new(Complaint::of_envelope(&envelope, exit, stderr))));
    };
    log_beside(stderr, &envelope.all_warnings());
    let answer: Answer = serde_json::from_str(result.get()).map_err(|_| {
        NoPage::Failed(
            Failure::new(
                ErrorKind::Decode,
                Delivery::Refused,
                "the answer of `sf data query` cannot be read",
            )
            .with_next_step("Update the sf command: `sf update`, or `npm install --global @salesforce/cli`."),
        )
    })?;
    let got = answer.records.len() as u64;
    let counted = is_count(soql) && got == 0;
    if !answer.done || (!counted && got != answer.total_size) || says_truncated(&envelope) {
        let message = format!("truncated: `sf data query` gave {got} of {} rows", answer.total_size);
        return Err(NoPage::Failed(
            Failure::new(ErrorKind::Decode, Delivery::Refused, message)
                .with_next_step("Read page by page: use `Sf::connect` instead of `Sf::connect_many_rows`."),
        ));
    }
    Page::within(document.text.clone(), document.span(result))
        .map_err(|error| NoPage::Failed(error.into_failure()))
}
fn says_truncated(envelope: &Envelope<'_>) -> bool {
    envelope.warns("the query result is missing") || envelope.warns("record limit")
}
/// `SELECT COUNT() FROM …` has a total and no rows.
fn is_count(soql: &Soql) -> bool {
    let text: String = soql.as_str().chars().filter(|c| !c.is_whitespace()).take(14).collect();
    text.to_ascii_lowercase().starts_with("selectcount()")
}

#[async_trait]
impl Transport for ManyRows {
    fn capabilities(&self) -> Capabilities {
        let mut can = self.rest.capabilities();
        can.exact_numbers = false;
        can
    }
    fn usage(&self) -> Usage {
        self.rest.usage()
    }
    async fn query(&self, batch: &[QueryCall], options: &QueryOptions) -> Result<Vec<Result<Page, Failure>>> {
        match batch {
            [QueryCall::Start(soql)] if encoded(soql.as_str()) + 100 < LONGEST_URL => {
                match self.all_rows(soql, options).await {
                    Err(error) if is_of_statement(error.failure()) => {
                        Ok(vec![Err(error.into_failure().with_delivery(Delivery::Refused))])
                    }
                    page => page.map(|page| vec![Ok(page)]),
                }
            }
            _ => self.rest.query(batch, options).await,
        }
    }
    async fn retrieve(
        &self,
        object: &ObjectName,
        ids: &[SfId],
        fields: &[FieldName],
        options: &CallOptions,
    ) -> Result<Page> {
        self.rest.retrieve(object, ids, fields, options).await
    }
    async fn write(&self, batch: &[Write], options: &WriteOptions) -> Result<Vec<RowOutcome>> {
        self.rest.write(batch, options).await
    }
    async fn describe(&self, object: &ObjectName, options: &DescribeOptions) -> Result<Option<Describe>> {
        self.rest.describe(object, options).await
    }
    async fn changed(
        &self,
        object: &ObjectName,
        window: &Window,
        options: &CallOptions,
    ) -> Result<ChangedIds> {
        self.rest.changed(object, window, options).await
    }
    async fn limits(&self, options: &CallOptions) -> Result<Limits> {
        self.rest.limits(options).await
    }
    async fn identity(&self, options: &CallOptions) -> Result<Identity> {
        self.rest.identity(options).await
    }
    async fn call(&self, request: &Request, options: &CallOptions) -> Result<Response> {
        self.rest.call(request, options).await
    }
    async fn download(
        &self,
        request: &Request,
        sink: &mut dyn BodySink,
        options: &CallOptions,
    ) -> Result<Response> {
        self.rest.download(request, sink, options).await
    }
}

/// The statement was refused, not the call as a whole.
fn is_of_statement(failure: &Failure) -> bool {
    failure.kind == ErrorKind::Decode
        || (failure.code.is_some()
            && failure.kind != ErrorKind::NotSignedIn
            && failure.kind != ErrorKind::LimitReached
            && failure.kind != ErrorKind::Unavailable)
}
/// As long as it is in the URL that the command makes of it.
fn encoded(text: &str) -> usize {
    text.bytes().map(|b| if b.is_ascii_alphanumeric() { 1 } else { 3 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_known_by_their_statement() {
        for (text, expected) in [
            ("SELECT COUNT() FROM Account", true),
            (" select\ncount ( ) from Account", true),
            ("SELECT COUNT(Id) FROM Account", false),
            ("SELECT Id FROM Account", false),
        ] {
            assert_eq!(is_count(&Soql::raw(text)), expected, "{text}");
        }
    }
}
