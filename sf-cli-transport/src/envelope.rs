//! The JSON that the command prints: `{status, result, warnings}`, or the error's own fields.
use crate::redact::strip_ansi;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{borrow::Cow, sync::Arc};
use zeroize::{Zeroize as _, Zeroizing};

/// What was found on standard output.
#[derive(Debug)]
pub(crate) struct Document {
    /// All of standard output; the document is a piece of it.
    pub(crate) text: Arc<String>,
    start: usize,
    end: usize,
}

/// The fields of an answer and of an error; each has some of them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Envelope<'a> {
    #[serde(default)]
    pub(crate) status: Option<i64>,
    #[serde(borrow, default)]
    pub(crate) result: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) message: Option<Cow<'a, str>>,
    /// Usually the word `1`, sometimes a name: told apart by the reader.
    #[serde(default)]
    pub(crate) code: Option<serde_json::Value>,
    #[serde(default)]
    pub(crate) cause: Option<serde_json::Value>,
    /// What came with the error: the org's own errors, among other things.
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(default)]
    warnings: Option<Vec<serde_json::Value>>,
}

/// What `api request rest --json` has as `result`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RestResult<'a> {
    pub(crate) status_code: u16,
    #[serde(default)]
    pub(crate) headers: serde_json::Map<String, serde_json::Value>,
    #[serde(borrow)]
    pub(crate) body: &'a RawValue,
}

/// It may have shown a token: `org display` does so before 2.136, and a sign-in.
impl Drop for Document {
    fn drop(&mut self) {
        // Else it is the body of an answer by now.
        if let Some(text) = Arc::get_mut(&mut self.text) {
            text.zeroize();
        }
    }
}

impl Document {
    /// Finds the document in what was printed: other programs and plugins print before and after it.
    pub(crate) fn find(stdout: Vec<u8>) -> Option<Document> {
        let text = match String::from_utf8(stdout) {
            Ok(text) => text,
            // A broken character in noise must not cost the answer; within the answer it would be no JSON of the command.
            Err(bytes) => {
                let bytes = Zeroizing::new(bytes.into_bytes());
                String::from_utf8_lossy(&bytes).into_owned()
            }
        };
        let mut text = Zeroizing::new(text);
        let found = Document::locate(&text).or_else(|| {
            if text.contains('\u{1b}') {
                text = Zeroizing::new(strip_ansi(&text));
            }
            Document::locate(&text)
        });
        found.map(|(start, end)| Document { text: Arc::new(std::mem::take(&mut *text)), start, end })
    }

    /// The last thing that is an envelope: a warning in JSON may come before it.
    fn locate(text: &str) -> Option<(usize, usize)> {
        let mut found = None;
        let mut at = 0;
        while let Some(next) = text.get(at..).and_then(|rest| rest.find('{')) {
            let start = at + next;
            at = start + 1;
            // At the start of a line only: braces within other text are not worth a parse each.
            let before = text.get(..start).unwrap_or_default().trim_end_matches([' ', '\t']);
            if !before.is_empty() && !before.ends_with(['\n', '\r']) {
                continue;
            }
            let mut values = serde_json::Deserializer::from_str(text.get(start..).unwrap_or_default())
                .into_iter::<Envelope<'_>>();
            match values.next() {
                Some(Ok(envelope)) => {
                    let end = start + values.byte_offset();
                    if envelope.is_one() {
                        found = Some((start, end));
                    }
                    at = end;
                }
                // Cut off: what looks like an envelope further in would be a piece of an answer.
                Some(Err(error)) if error.is_eof() => break,
                _ => {}
            }
        }
        found
    }

    fn json(&self) -> &str {
        self.text.get(self.start..self.end).unwrap_or_default()
    }
    pub(crate) fn read(&self) -> Option<Envelope<'_>> {
        serde_json::from_str(self.json()).ok()
    }
    /// Where a piece of the document lies in the text.
    pub(crate) fn span(&self, piece: &RawValue) -> std::ops::Range<usize> {
        let start = (piece.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        start..start + piece.get().len()
    }
}

impl Envelope<'_> {
    fn is_one(&self) -> bool {
        self.status.is_some() && (self.result.is_some() || self.name.is_some() || self.message.is_some())
    }
    pub(crate) fn cause_text(&self) -> &str {
        self.cause.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default()
    }
    pub(crate) fn code_text(&self) -> &str {
        self.code.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default()
    }
    /// The org's errors as the array that it sent, and the code of the first. An org that gave one comes without its array.
    pub(crate) fn org_errors(&self) -> Option<(String, String)> {
        #[derive(Deserialize)]
        struct Item {
            #[serde(rename = "errorCode")]
            code: String,
        }
        let data = self.data?.get();
        let array = if data.starts_with('{') { format!("[{data}]") } else { data.to_owned() };
        let items: Vec<Item> = serde_json::from_str(&array).ok()?;
        items.into_iter().next().map(|first| (array, first.code))
    }
    pub(crate) fn warns(&self, text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        self.warning_texts().any(|warning| warning.to_ascii_lowercase().contains(&text))
    }
    pub(crate) fn warning_texts(&self) -> impl Iterator<Item = &str> {
        self.warnings
            .iter()
            .flatten()
            .filter_map(|warning| warning.as_str().or_else(|| warning.get("message")?.as_str()))
    }
    pub(crate) fn all_warnings(&self) -> String {
        self.warning_texts().collect::<Vec<_>>().join("\n")
    }
}

impl RestResult<'_> {
    pub(crate) fn header_list(&self) -> Vec<(String, String)> {
        let text = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => Some(text.clone()),
            serde_json::Value::Array(items) => {
                Some(items.iter().filter_map(serde_json::Value::as_str).collect::<Vec<_>>().join(", "))
            }
            serde_json::Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        // Cookies can hold a session; the last two described the packed body.
        let gone = ["set-cookie", "content-encoding", "content-length"];
        self.headers
            .iter()
            .filter(|(name, _)| !gone.iter().any(|gone| name.eq_ignore_ascii_case(gone)))
            .filter_map(|(name, value)| Some((name.clone(), text(value)?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str) -> Option<Document> {
        Document::find(text.as_bytes().to_vec())
    }

    /// Pain 58: text before and after the JSON on standard output.
    #[test]
    fn the_document_is_found_among_other_text() {
        let noise = "Warning: @salesforce/cli update available {2.151.0}\n{\"level\":\"warn\"}\n";
        let document =
            find(&format!("{noise}{{\"status\":0,\"result\":{{\"a\":1}},\"warnings\":[]}}\nDone {{}}\n"))
                .unwrap();
        let envelope = document.read().unwrap();
        let result = envelope.result.unwrap();
        assert_eq!((envelope.status, result.get()), (Some(0), "{\"a\":1}"));
        assert_eq!(&document.text[document.span(result)], "{\"a\":1}");
    }

    #[test]
    fn colours_in_the_json_do_not_hide_it() {
        let text = "{\u{1b}[34m\n  \"status\"\u{1b}[39m: 0, \"result\": null, \"name\": \"X\"}";
        assert_eq!(find(text).unwrap().read().unwrap().status, Some(0));
    }

    #[test]
    fn what_is_no_envelope_is_none() {
        for text in [
            "",
            "null",
            "{}",
            "{\"status\":0",
            "[{\"status\":0,\"result\":1}]x",
            "Killed",
            "{\"a\":{\"status\":0,\"result\":1}}",
        ] {
            assert!(find(text).is_none(), "{text}");
        }
    }
}
