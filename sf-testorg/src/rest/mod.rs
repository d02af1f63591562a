//! The REST resources: from a path to the function that answers it.
mod batch;
mod collections;
mod composite;
mod conditions;
mod describe;
mod graph;
mod limits;
mod query;
mod recent;
mod records;
mod relationship;
mod replication;
mod search;
mod tooling;
mod tree;
mod upload;
mod url;

pub(crate) use recent::Recent;
pub(crate) use url::{Target, is_soap, operations, pairs};

use crate::{
    Method,
    error::{ApiError, ApiResult},
    json::Json,
    org::Inner,
    save::{SaveOptions, Saver},
    soql::{Settings, Sources},
};

/// API versions this org offers, as production orgs of its time do.
pub(crate) const VERSIONS: std::ops::RangeInclusive<u16> = 31..=67;

/// The release of a version: 63 is Spring '25, and three follow each other in every year.
fn release(version: u16) -> String {
    let since = i32::from(version) - 63;
    let spring = 25 + since.div_euclid(3);
    match since.rem_euclid(3) {
        0 => format!("Spring '{spring}"),
        1 => format!("Summer '{spring}"),
        _ => format!("Winter '{}", spring + 1),
    }
}

/// A request of the data API, taken apart. Subrequests of a composite are the same.
#[derive(Debug, Clone)]
pub(crate) struct Call<'r> {
    pub(crate) method: Method,
    pub(crate) version: u16,
    /// Decoded, behind the version.
    pub(crate) segments: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: &'r [(String, String)],
    pub(crate) body: &'r [u8],
}
impl Call<'_> {
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
    pub(crate) fn json(&self) -> ApiResult<Json> {
        Json::parse(self.body).map_err(ApiError::bad_json)
    }
}

/// The body as fields of one row.
fn row_fields(json: Json) -> ApiResult<Vec<(String, Json)>> {
    match json {
        Json::Object(fields) => Ok(fields),
        other => Err(ApiError::bad_json(format!(
            "Can not deserialize SObject out of {} token at [line:1, column:1]",
            other.token()
        ))),
    }
}

/// What is answered, before it is bytes.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
    /// Rows returned or accepted, for the log.
    pub(crate) rows: usize,
    /// Whether a row failed in an answer whose status is a success.
    pub(crate) has_failed_rows: bool,
}
#[derive(Debug, Clone)]
pub(crate) enum Body {
    Empty,
    Json(String),
    Text(String),
    Bytes {
        content_type: &'static str,
        bytes: Vec<u8>,
    },
    /// With the headers of the answer.
    Raw(Vec<u8>),
}
impl Answer {
    pub(crate) fn new(status: u16, body: Body) -> Answer {
        Answer { status, headers: Vec::new(), body, rows: 0, has_failed_rows: false }
    }
    pub(crate) fn json(status: u16, json: impl Into<String>) -> Answer {
        Answer::new(status, Body::Json(json.into()))
    }
    pub(crate) fn empty(status: u16) -> Answer {
        Answer::new(status, Body::Empty)
    }
    pub(crate) fn text(status: u16, text: impl Into<String>) -> Answer {
        Answer::new(status, Body::Text(text.into()))
    }
    pub(crate) fn error(error: &ApiError) -> Answer {
        let answer = Answer::json(error.status, error.body());
        match error.allowed() {
            Some(methods) => answer.header("Allow", methods),
            None => answer,
        }
    }
    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Answer {
        self.headers.push((name.into(), value.into()));
        self
    }
    pub(crate) fn rows(mut self, rows: usize) -> Answer {
        self.rows = rows;
        self
    }
    pub(crate) fn failed(&self) -> bool {
        self.status >= 400 || self.has_failed_rows
    }
}

/// Answers requests over one org.
pub(crate) struct Service<'a> {
    pub(crate) inner: &'a mut Inner,
}
impl Service<'_> {
    pub(crate) fn saver(&mut self) -> Saver<'_> {
        Saver {
            state: &mut self.inner.state,
            rules: &self.inner.rules,
            faults: &mut self.inner.faults,
            options: &self.inner.options,
        }
    }
    pub(crate) fn sources(&self, version: u16, deleted: bool) -> Sources<'_> {
        let user = Settings::of(&self.inner.state);
        let visited = &self.inner.log.visited;
        Sources { state: &self.inner.state, rules: &self.inner.rules, deleted, version, user, visited }
    }

    /// The fields of one row in the body, with its file.
    fn fields(&self, call: &Call<'_>, object: &str) -> ApiResult<Vec<(String, Json)>> {
        row_fields(call.row_with_file(object, self.inner.largest_upload)?)
    }

    /// `GET /services/data`: the versions, to anybody.
    pub(crate) fn versions(&self) -> Answer {
        let entries: Vec<String> = VERSIONS
            .map(|n| {
                let label = release(n);
                format!(r#"{{"label":"{label}","url":"/services/data/v{n}.0","version":"{n}.0"}}"#)
            })
            .collect();
        Answer::json(200, format!("[{}]", entries.join(",")))
    }

    /// Everything under `/services/data/vNN.0`, saved as the headers say.
    pub(crate) fn data(&mut self, call: &Call<'_>) -> ApiResult<Answer> {
        let outer = std::mem::replace(&mut self.inner.options, SaveOptions::of(call));
        let answer = self.resource(call);
        self.inner.options = outer;
        answer
    }

    /// The rows saved from here on are of one save.
    pub(crate) fn begin_batch(&mut self) {
        if self.inner.state.has_rules("duplicate") {
            self.inner.options.batch = Some(self.inner.state.counters().clone());
        }
    }

    fn resource(&mut self, call: &Call<'_>) -> ApiResult<Answer> {
        let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
        match segments.as_slice() {
            [] => self.only_get(call, Service::root),
            ["query"] => self.query(call, false),
            ["queryAll"] => self.query(call, true),
            ["query" | "queryAll", locator] => self.query_more(call, locator),
            ["search"] => self.only_get(call, Service::search),
            ["parameterizedSearch"] => self.parameterized_search(call),
            ["recent"] => self.only_get(call, Service::recent),
            ["limits"] => self.only_get(call, Service::limits),
            ["limits", "recordCount"] => self.only_get(call, Service::record_count),
            ["sobjects"] => self.only_get(call, Service::describe_global),
            ["sobjects", object] => self.sobject(call, object),
            ["sobjects", object, "describe"] => self.describe(call, object),
            ["sobjects", object, "updated"] => self.updated(call, object),
            ["sobjects", object, "deleted"] => self.deleted(call, object),
            ["sobjects", object, id] => self.record(call, object, id),
            ["sobjects", object, key, value] => self.record_below(call, object, key, value),
            ["sobjects", object, id, path @ ..] => self.related(call, object, id, path),
            ["tooling", ..] => self.tooling(call),
            ["composite"] => self.composite(call),
            ["composite", "batch"] => self.batch(call),
            ["composite", "graph"] => self.graph(call),
            ["composite", "tree", object] => self.tree(call, object),
            ["composite", "sobjects"] => self.collection(call),
            ["composite", "sobjects", object] => self.collection_read(call, object),
            ["composite", "sobjects", object, key] => self.collection_upsert(call, object, key),
            _ => Err(ApiError::not_found()),
        }
    }

    fn only_get(
        &mut self,
        call: &Call<'_>,
        answer: impl FnOnce(&mut Self, &Call<'_>) -> ApiResult<Answer>,
    ) -> ApiResult<Answer> {
        match call.method {
            Method::Get | Method::Head => answer(self, call),
            other => Err(ApiError::method(other, "GET,HEAD")),
        }
    }

    fn root(&mut self, call: &Call<'_>) -> ApiResult<Answer> {
        let base = format!("/services/data/v{}.0", call.version);
        let mut out = String::from("{");
        for name in [
            "composite",
            "jobs",
            "limits",
            "parameterizedSearch",
            "query",
            "queryAll",
            "recent",
            "search",
            "sobjects",
            "tooling",
        ] {
            out.push_str(&format!("\"{name}\":\"{base}/{name}\","));
        }
        out.push_str("\"identity\":");
        let user = self.inner.state.user();
        let identity = user.map(|user| self.inner.oauth.identity_url(user)).unwrap_or_default();
        crate::state::write_json_string(&identity, &mut out);
        out.push('}');
        Ok(Answer::json(200, out))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn releases_have_their_names() {
        for (version, name) in [
            (31, "Summer '14"),
            (50, "Winter '21"),
            (60, "Spring '24"),
            (65, "Winter '26"),
            (67, "Summer '26"),
        ] {
            assert_eq!(super::release(version), name);
        }
    }
}
