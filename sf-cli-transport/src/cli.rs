use crate::{
    answer::Asked,
    arguments::{self, Form, Setting},
    command::{HALF_READ_PAUSE, Run, SfCommand},
    farewell::Held,
    fault::{self, Trouble},
    first_call::Turns,
    private_folder::CallFolder,
    retry::wait_before_next,
    target::Target,
    usage::{Counters, counts},
    version::SfVersion,
};
use async_trait::async_trait;
use sf_core::{
    ApiVersion, CallOptions, Capabilities, Delivery, ErrorCode, ErrorKind, Failure, Result, Retry, Usage,
    protocol::{BodySink, Counted, Exchange, Gate, Request, Response, Safety},
};
use std::{
    fmt,
    future::Future,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep, timeout_at},
};
use tracing::{Instrument, instrument::WithSubscriber};

/// What a spawn takes on a machine that does little else, until the request leaves.
const SPAWN: Duration = Duration::from_millis(500);
/// A result file of Bulk API 2.0 has 150 MB at most, and comes as one text.
const MOST_DOWNLOAD: usize = 1 << 30;

/// One request by one `sf api request rest`: the [`Exchange`] under [`CliTransport`](crate::CliTransport).
///
/// Made by [`Sf::connect`](crate::Sf::connect); clones share counters and the places for processes.
#[derive(Clone)]
pub struct Cli(pub(crate) Arc<Door>);

pub(crate) struct Door {
    pub(crate) command: SfCommand,
    pub(crate) target: Target,
    pub(crate) version: ApiVersion,
    pub(crate) total_timeout: Duration,
    pub(crate) body_limit: usize,
    pub(crate) temp_dir: Option<PathBuf>,
    pub(crate) call_options: String,
    pub(crate) by_file: bool,
    pub(crate) places: Gate,
    pub(crate) turns: Arc<Turns>,
    pub(crate) counters: Counters,
    /// `api request rest` has `--json`.
    pub(crate) json: AtomicBool,
}

#[async_trait]
impl Exchange for Cli {
    fn capabilities(&self) -> Capabilities {
        let mut can = Capabilities::default();
        can.name = "sf";
        can.api_version = self.0.version;
        can.body_limit = self.0.body_limit;
        can.bodies_only = true;
        // Whether it passes bytes on unchanged that are no text, nobody promises.
        can.multipart = false;
        can.requests_per_call = 2;
        can.call_overhead = SPAWN;
        can
    }

    fn usage(&self) -> Usage {
        self.0.counters.read()
    }

    async fn exchange(
        &self,
        request: &Request,
        sink: Option<&mut dyn BodySink>,
        options: &CallOptions,
    ) -> Result<Response> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(fault::no_runtime());
        }
        if sink.is_some() || request.safety != Safety::Read {
            return self.0.exchange(request, sink, options).await;
        }
        // A page may be asked for ahead: a future that nobody polls would keep its place of the few, and the program that
        // works on the rows before would wait for it with its own call.
        let (door, request, options) = (Arc::clone(&self.0), request.clone(), options.clone());
        let call = async move { door.exchange(&request, None, &options).await };
        Task::start(call).answer().await
    }
}

/// A call on a task of its own; dropping it ends the call, and with it the command.
pub(crate) struct Task<T>(JoinHandle<Result<T>>);
impl<T: Send + 'static> Task<T> {
    pub(crate) fn start(call: impl Future<Output = Result<T>> + Send + 'static) -> Task<T> {
        Task(tokio::spawn(call.in_current_span().with_current_subscriber()))
    }
}
impl<T> Task<T> {
    pub(crate) async fn answer(mut self) -> Result<T> {
        match (&mut self.0).await {
            Ok(outcome) => outcome,
            Err(ended) => Err(fault::ended(ended)),
        }
    }
}
impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Cli {
    /// The command below.
    pub fn command(&self) -> &SfCommand {
        &self.0.command
    }
    /// The alias or username that every call names; `None`: the default org.
    pub fn target_org(&self) -> Option<&str> {
        self.0.target.name()
    }
}

impl Door {
    async fn exchange(
        &self,
        request: &Request,
        sink: Option<&mut dyn BodySink>,
        options: &CallOptions,
    ) -> Result<Response> {
        arguments::check(request, self.version)?;
        let deadline = deadline(options.timeout.unwrap_or(self.total_timeout));
        let mut sink = sink.map(Counted::new);
        let (mut sent, mut renewed, mut healed, mut worded) = (0, false, false, false);
        loop {
            let Ok(place) = timeout_at(deadline, self.places.enter(options.priority)).await else {
                return Err(fault::too_late());
            };
            let turn = self.turns.enter(deadline).await.map_err(|()| fault::too_late())?;
            sent += 1;
            let started = Instant::now();
            let to = sink.as_mut().map(|s| s as &mut dyn BodySink);
            let held = Arc::new((place, turn));
            let until_gone: Held = held.clone();
            let outcome = self.once(request, to, deadline, &until_gone).await;
            let failure = match &outcome {
                Ok(response) if response.is_success() || response.status == 304 => None,
                Ok(response) => Some(request.failure(response)),
                Err(trouble) => Some(trouble.error.failure().clone()),
            };
            let refused = failure.as_ref().is_some_and(|failure| failure.kind == ErrorKind::NotSignedIn);
            held.1.went((outcome.is_ok() || refused).then_some(!refused));
            drop((held, until_gone));
            log(request, &outcome, failure.as_ref(), sent, started);
            let Some(failure) = failure else { return outcome.map_err(|trouble| trouble.error) };

            // A source that can be read once was: the next would fail with that, and hide what went wrong.
            let again = request.body.can_send();
            if outcome.as_ref().is_err_and(|trouble| trouble.no_json) {
                self.json.store(false, Relaxed);
            }
            // A token that expired between the command's renewal and the request: nothing was looked at, unless an Apex class may have
            // answered. Or two commands renewed at once, and this one was too late: nothing was sent, and the login may be good.
            let refused_whole = request.safety == Safety::Read || failure.delivery != Delivery::Unknown;
            let untouched = match &outcome {
                Ok(_) => failure.retry() == Retry::SignIn && refused_whole,
                Err(_) => refused && failure.delivery == Delivery::NotSent,
            };
            if untouched && !renewed && again {
                renewed = true;
                sent -= 1;
                continue;
            }
            match &outcome {
                Err(trouble) if trouble.no_json && !worded && again => {
                    worded = true;
                    sent -= 1;
                    continue;
                }
                // Nothing was sent: another process was writing the login file.
                Err(trouble) if trouble.half_read && !healed && again => {
                    healed = true;
                    sent -= 1;
                    sleep(HALF_READ_PAUSE).await;
                    continue;
                }
                _ => {}
            }
            let streamed = sink.as_ref().is_some_and(|s| s.has_begun());
            match wait_before_next(&failure, request.safety, sent, options.attempts) {
                Some(wait) if !streamed && again && Instant::now() + wait < deadline => sleep(wait).await,
                _ => return outcome.map_err(|trouble| trouble.error),
            }
        }
    }

    /// One process, one answer.
    async fn once(
        &self,
        request: &Request,
        sink: Option<&mut (dyn BodySink + '_)>,
        deadline: Instant,
        held: &Held,
    ) -> Result<Response, Trouble> {
        let json = self.json.load(Relaxed);
        let printed = if json { Form::Json } else { Form::Include };
        // Rows keep their digits only in a file; so do the bytes of a download, unless it is text whose headers are needed.
        let form =
            if request.rows || (sink.is_some() && !asks_for_csv(request)) { Form::Stream } else { printed };
        let setting = Setting {
            target: self.target.clone(),
            version: self.version,
            temp_dir: self.temp_dir.clone(),
            call_options: self.call_options.clone(),
            by_file: self.by_file,
        };
        let prepared = arguments::prepare_aside(request.clone(), form, json, setting);
        let prepared = timeout_at(deadline, prepared).await.map_err(|_| fault::body_late())??;
        let folder = prepared.folder.as_ref().map(CallFolder::until_gone);
        let held: Held = Arc::new((folder, Arc::clone(held)));
        let target = prepared.arguments.get(3).map_or("", String::as_str);
        self.counters.spawning(1 + u64::from(counts(target)));
        let most = match (form, sink.is_some()) {
            (Form::Stream, _) => 1 << 20,
            (_, true) => MOST_DOWNLOAD,
            // Printed with indentation.
            (_, false) => self.body_limit.saturating_mul(4).saturating_add(1 << 20),
        };
        let asked = Asked { request, target: &self.target, version: self.command.version() };
        let run = self.run(deadline, &held).await?;
        let ended = run
            .program
            .run(&prepared.arguments, &[], prepared.stdin, most, deadline, &held)
            .await
            .map_err(|stopped| fault::stopped(stopped, asked.safety()))?;
        self.counters.sent(prepared.size);
        match &prepared.answer {
            Some(file) => {
                let (answer, size) = asked.streamed(ended, file, sink, self.body_limit).await?;
                self.counters.received(size);
                Ok(answer)
            }
            None => {
                self.counters.received(ended.stdout.len() as u64);
                let answer = asked.printed(form, ended)?;
                self.counters.limit_info(answer.header("sforce-limit-info"));
                match sink {
                    Some(sink) => asked.passed_on(answer, sink),
                    None => Ok(answer),
                }
            }
        }
    }
}

impl Door {
    pub(crate) async fn run(&self, deadline: Instant, held: &Held) -> Result<Run, Trouble> {
        let run = self.command.program_for(&self.target, deadline, held).await?;
        for _ in 0..run.asked {
            self.counters.spawning(0);
        }
        Ok(run)
    }
}

/// Result pages of Bulk API 2.0 say in a header where the next one is.
fn asks_for_csv(request: &Request) -> bool {
    let accepts =
        |(name, value): &(String, String)| name.eq_ignore_ascii_case("accept") && value.contains("text/csv");
    request.headers.iter().any(accepts)
}

/// A year when the sum would overflow.
pub(crate) fn deadline(timeout: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(timeout).unwrap_or_else(|| now + Duration::from_secs(365 * 24 * 3600))
}

/// Names the resource, never keys, statements or tokens.
fn log(
    request: &Request,
    outcome: &Result<Response, Trouble>,
    failure: Option<&Failure>,
    sent: u32,
    started: Instant,
) {
    let resource =
        request.path.trim_start_matches('/').split(['/', '?']).take(2).collect::<Vec<_>>().join("/");
    let said = outcome
        .as_ref()
        .err()
        .and_then(|trouble| std::error::Error::source(&trouble.error))
        .map(ToString::to_string);
    tracing::debug!(
        target: "sf_cli_transport",
        method = ?request.method,
        %resource,
        attempt = sent,
        status = outcome.as_ref().ok().map(|r| r.status),
        code = failure.and_then(|f| f.code.as_ref()).and_then(ErrorCode::for_log),
        kind = failure.map(|f| tracing::field::debug(f.kind)),
        delivery = failure.map(|f| tracing::field::debug(f.delivery)),
        said,
        ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "request"
    );
}

impl fmt::Debug for Cli {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cli")
            .field("command", &self.0.command.path())
            .field("target_org", &self.0.target.name())
            .field("api_version", &self.0.version)
            .finish_non_exhaustive()
    }
}

impl Door {
    pub(crate) fn has_json(version: SfVersion) -> AtomicBool {
        AtomicBool::new(version >= SfVersion::JSON_ANSWERS)
    }
}
