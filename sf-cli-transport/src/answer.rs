//! What an ended `sf api request rest` left, as the org's answer or as the reason why there is none.
use crate::{
    arguments::Form,
    envelope::{Document, Envelope, RestResult},
    fault::{self, Complaint, Trouble},
    include,
    process::Ended,
    redact::log_beside,
    stream::{self, Streamed},
    target::Target,
    version::SfVersion,
};
use sf_core::{
    Delivery, ErrorKind, Failure,
    protocol::{BodySink, Method, Request, Response, Safety},
};
use std::{io, path::Path, sync::Arc};
use tokio::io::AsyncReadExt;

/// How much of a file is looked at to tell an error from a download.
const MOST_ERROR: u64 = 1 << 20;

/// What was asked of whom, for what goes wrong.
pub(crate) struct Asked<'a> {
    pub(crate) request: &'a Request,
    pub(crate) target: &'a Target,
    /// Of the command.
    pub(crate) version: SfVersion,
}

impl Asked<'_> {
    pub(crate) fn safety(&self) -> Safety {
        self.request.safety
    }
    /// The command repeats these by itself.
    fn resent(&self) -> bool {
        matches!(self.request.method, Method::Put | Method::Delete)
    }
    fn refused(&self, complaint: &Complaint) -> Trouble {
        fault::judge(complaint, self.target, self.version, self.safety(), self.resent())
    }
    fn open(&self, kind: ErrorKind, message: &str) -> Trouble {
        let mut failure = self.request.unanswered(kind, message);
        if self.safety() == Safety::Read {
            failure.delivery = Delivery::Refused;
        }
        sf_core::Error::from(failure).into()
    }

    /// An answer with status and headers; what was left if there is none.
    pub(crate) fn printed(&self, form: Form, ended: Ended) -> Result<Response, Trouble> {
        let exit = ended.status.code();
        let mut warnings = String::new();
        let answer = match form {
            Form::Include => include::read(&ended.stdout),
            _ => {
                let Some(document) = Document::find(ended.stdout) else {
                    return Err(self.refused(&Complaint::of_text(exit, &ended.stderr)));
                };
                match rest_answer(&document) {
                    Some((answer, said)) => {
                        warnings = said;
                        Some(answer)
                    }
                    None => return Err(self.refused(&complaint_of(&document, exit, &ended.stderr))),
                }
            }
        };
        let Some(answer) = answer else {
            return Err(self.refused(&Complaint::of_text(exit, &ended.stderr)));
        };
        log_beside(&ended.stderr, &warnings);
        // The exit code says the same as the status, or one of them is not true.
        if ended.status.success() != (answer.status < 400) || answer.status < 100 {
            let mut complaint = Complaint::of_text(exit, &ended.stderr);
            complaint.after_sending = true;
            return Err(self.refused(&complaint));
        }
        Ok(answer)
    }

    /// An answer in a file, read into memory or given to a sink.
    pub(crate) async fn streamed(
        &self,
        ended: Ended,
        file: &Path,
        sink: Option<&mut (dyn BodySink + '_)>,
        limit: usize,
    ) -> Result<(Response, u64), Trouble> {
        let exit = ended.status.code();
        if !ended.status.success() {
            let complaint = match Document::find(ended.stdout) {
                // A broken stream says status 0 here, and exits with 1.
                Some(document)
                    if document.read().is_some_and(|e| e.name.is_some() || e.message.is_some()) =>
                {
                    complaint_of(&document, exit, &ended.stderr)
                }
                _ => Complaint::of_text(exit, &ended.stderr),
            };
            return Err(self.refused(&complaint));
        }
        let warnings =
            Document::find(ended.stdout).and_then(|document| Some(document.read()?.all_warnings()));
        log_beside(&ended.stderr, &warnings.unwrap_or_default());
        let lost = |error: io::Error| {
            let mut trouble = self.open(ErrorKind::Unavailable, "the file with the answer could not be read");
            trouble.error =
                std::mem::replace(&mut trouble.error, Failure::invalid_input("").into()).with_source(error);
            trouble
        };
        let size = tokio::fs::metadata(file).await.map_err(lost)?.len();
        match sink {
            None => {
                if size > limit as u64 {
                    return Err(fault::stopped(crate::process::Stopped::TooLarge, self.safety()).into());
                }
                let bytes = tokio::fs::read(file).await.map_err(lost)?;
                let text = String::from_utf8(bytes)
                    .map_err(|_| self.open(ErrorKind::Decode, "the answer is not UTF-8 text"))?;
                match stream::judge(&text) {
                    Streamed::Answer => Ok((Response::new(200, Vec::new(), text), size)),
                    Streamed::Error(status) => Ok((Response::new(status, Vec::new(), text), size)),
                    Streamed::Foreign => Err(self.foreign()),
                }
            }
            Some(sink) => {
                if size <= MOST_ERROR {
                    let head = tokio::fs::read(file).await.map_err(lost)?;
                    let text = std::str::from_utf8(&head).unwrap_or_default();
                    if let Some(status) = stream::error_status(text) {
                        return Ok((Response::new(status, Vec::new(), text), size));
                    }
                    if self.request.rows && stream::judge(text) == Streamed::Foreign {
                        return Err(self.foreign());
                    }
                }
                let mut from = tokio::fs::File::open(file).await.map_err(lost)?;
                let mut chunk = vec![0; 64 << 10];
                loop {
                    let read = from.read(&mut chunk).await.map_err(lost)?;
                    if read == 0 {
                        return Ok((Response::new(200, Vec::new(), ""), size));
                    }
                    give(sink, chunk.get(..read).unwrap_or_default(), self)?;
                }
            }
        }
    }

    fn foreign(&self) -> Trouble {
        let mut trouble = self.open(
            ErrorKind::Unavailable,
            "what came through the sf command is not the JSON that was asked for",
        );
        let failure = trouble.error.failure().clone();
        trouble.error = failure
            .with_next_step("Repeat it; if it stays, look with `sf api request rest` at what answers: a proxy, or the org's maintenance page.")
            .into();
        trouble
    }

    /// The body of a success goes to the sink.
    pub(crate) fn passed_on(
        &self,
        answer: Response,
        sink: &mut (dyn BodySink + '_),
    ) -> Result<Response, Trouble> {
        if !answer.is_success() {
            return Ok(answer);
        }
        give(sink, answer.text().as_bytes(), self)?;
        Ok(Response::new(answer.status, answer.headers, ""))
    }
}

fn give(sink: &mut (dyn BodySink + '_), bytes: &[u8], asked: &Asked<'_>) -> Result<(), Trouble> {
    sink.write(bytes).map_err(|error| {
        let mut failure = asked.request.unanswered(ErrorKind::Setup, "the download could not be stored");
        failure.next_step = Some("Check the place that it goes to, e.g. free space.".to_owned());
        if asked.safety() == Safety::Read {
            failure.delivery = Delivery::Refused;
        }
        sf_core::Error::new(failure).with_source(error).into()
    })
}

fn complaint_of(document: &Document, exit: Option<i32>, stderr: &[u8]) -> Complaint {
    match document.read() {
        Some(envelope) => Complaint::of_envelope(&envelope, exit, stderr),
        None => Complaint::of_text(exit, stderr),
    }
}

/// The body is handed on as a piece of what was printed, without a copy. A JSON text (an Apex method that returns a String) keeps
/// its quotes, as over REST; any other text (CSV, no content) was put into quotes by the command and is unpacked.
fn rest_answer(document: &Document) -> Option<(Response, String)> {
    let envelope: Envelope<'_> = document.read()?;
    let warnings = envelope.all_warnings();
    let result: RestResult<'_> = serde_json::from_str(envelope.result?.get()).ok()?;
    let headers = result.header_list();
    let raw = result.body.get();
    let is_json = |(name, value): &(String, String)| {
        name.eq_ignore_ascii_case("content-type")
            && value.to_ascii_lowercase().starts_with("application/json")
    };
    // An empty one is no content.
    let quoted = (200..300).contains(&result.status_code) && raw != "\"\"" && headers.iter().any(is_json);
    if raw.starts_with('"') && !quoted {
        let text: String = serde_json::from_str(raw).ok()?;
        return Some((Response::new(result.status_code, headers, text), warnings));
    }
    let mut answer = Response::new(result.status_code, headers, "");
    answer.span = document.span(result.body);
    answer.body = Arc::clone(&document.text);
    Some((answer, warnings))
}
