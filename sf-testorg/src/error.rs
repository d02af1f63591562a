//! Errors as the org words them.
use crate::{assumptions::AssumedError, state::write_json_string};
use std::borrow::Cow;

/// One error of a request or of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
    pub(crate) fields: Option<Vec<String>>,
    /// Which one it is, when its code or words are made up.
    pub(crate) assumed: Option<AssumedError>,
    /// JSON of further members of the error: a name and its value.
    pub(crate) extra: Option<Box<(&'static str, String)>>,
    /// Whether they are members of a collection's row error as well.
    pub(crate) extra_in_rows: bool,
    /// More that is wrong with the same row.
    pub(crate) more: Vec<ApiError>,
}
pub(crate) type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> ApiError {
        ApiError {
            status,
            code: Cow::Borrowed(code),
            message: message.into(),
            fields: None,
            assumed: None,
            extra: None,
            extra_in_rows: false,
            more: Vec::new(),
        }
    }
    /// Status 400 with a list of fields, as saves answer.
    pub(crate) fn row(
        code: &'static str,
        message: impl Into<String>,
        fields: impl IntoIterator<Item = impl Into<String>>,
    ) -> ApiError {
        let fields = fields.into_iter().map(Into::into).collect();
        ApiError { fields: Some(fields), ..ApiError::new(400, code, message) }
    }
    /// Nobody documents its code or its words.
    pub(crate) fn assumed(self, which: AssumedError) -> ApiError {
        ApiError { assumed: Some(which), ..self }
    }
    pub(crate) fn not_found() -> ApiError {
        ApiError::new(404, "NOT_FOUND", "The requested resource does not exist")
    }
    pub(crate) fn method(method: crate::Method, allowed: &str) -> ApiError {
        let message = format!("HTTP Method '{method}' not allowed. Allowed are {allowed}");
        ApiError::new(405, "METHOD_NOT_ALLOWED", message)
    }
    /// A word that is no method of HTTP.
    #[cfg(feature = "server")]
    pub(crate) fn unknown_method(word: &str) -> ApiError {
        let message =
            format!("HTTP Method '{word}' not allowed. Allowed are DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT");
        ApiError::new(405, "METHOD_NOT_ALLOWED", message).assumed(AssumedError::UnknownMethod)
    }
    /// The journal or the hook did not take a commit.
    pub(crate) fn not_kept(error: &std::io::Error) -> ApiError {
        let message = format!("An unexpected error occurred: the change could not be kept: {error}");
        ApiError::new(500, "UNKNOWN_EXCEPTION", message)
    }
    /// The methods that an error 405 names.
    pub(crate) fn allowed(&self) -> Option<&str> {
        self.message
            .split_once(" not allowed. Allowed are ")
            .filter(|_| self.status == 405)
            .map(|(_, list)| list)
    }
    pub(crate) fn bad_json(message: impl Into<String>) -> ApiError {
        ApiError::new(400, "JSON_PARSER_ERROR", message)
    }

    fn write_fields(&self, out: &mut String) {
        out.push_str(",\"fields\":[");
        for (i, field) in self.fields.iter().flatten().enumerate() {
            if i > 0 {
                out.push(',');
            }
            write_json_string(field, out);
        }
        out.push(']');
    }
    fn write_extra(&self, out: &mut String) {
        if let Some(extra) = &self.extra {
            out.push_str(",\"");
            out.push_str(extra.0);
            out.push_str("\":");
            out.push_str(&extra.1);
        }
    }
    /// This error and the others of the same row.
    pub(crate) fn all(&self) -> impl Iterator<Item = &ApiError> {
        std::iter::once(self).chain(&self.more)
    }
    /// `[{"message","errorCode","fields"}]`: the body of a failed request.
    pub(crate) fn body(&self) -> String {
        let mut out = String::new();
        for error in self.all() {
            out.push_str(if out.is_empty() { "[{\"message\":" } else { ",{\"message\":" });
            write_json_string(&error.message, &mut out);
            out.push_str(",\"errorCode\":");
            write_json_string(&error.code, &mut out);
            if error.fields.is_some() {
                error.write_fields(&mut out);
            }
            error.write_extra(&mut out);
            out.push('}');
        }
        out.push(']');
        out
    }
    /// `{"success":false,"errors":[{"statusCode","message","fields"}]}`: a failed row of a collection.
    pub(crate) fn write_row(&self, id: Option<&str>, out: &mut String) {
        out.push('{');
        if let Some(id) = id {
            out.push_str("\"id\":");
            write_json_string(id, out);
            out.push(',');
        }
        out.push_str("\"success\":false,\"errors\":[");
        self.write_row_error(out);
        out.push_str("]}");
    }
    /// `{"statusCode","message","fields"}`: the errors of a failed row.
    pub(crate) fn write_row_error(&self, out: &mut String) {
        for (i, error) in self.all().enumerate() {
            out.push_str(if i > 0 { ",{\"statusCode\":" } else { "{\"statusCode\":" });
            write_json_string(&error.code, out);
            out.push_str(",\"message\":");
            write_json_string(&error.message, out);
            error.write_fields(out);
            if error.extra_in_rows {
                error.write_extra(out);
            }
            out.push('}');
        }
    }
}
