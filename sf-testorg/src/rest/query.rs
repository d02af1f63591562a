//! `/query`, `/queryAll` and their next pages.
use super::{Answer, Call, Service};
use crate::{
    Method,
    error::{ApiError, ApiResult},
    soql::{self, Found, Paging},
};

impl Service<'_> {
    pub(super) fn query(&mut self, call: &Call<'_>, deleted: bool) -> ApiResult<Answer> {
        if !matches!(call.method, Method::Get | Method::Head) {
            return Err(ApiError::method(call.method, "GET,HEAD"));
        }
        if let Some(text) = call.parameter("explain") {
            let sources = self.sources(call.version, deleted);
            return Ok(Answer::json(200, soql::explain(&sources, text)?));
        }
        let Some(text) = call.parameter("q") else {
            return Err(ApiError::new(400, "MALFORMED_QUERY", "SOQL statements cannot be empty or null"));
        };
        if call.parameter("columns") == Some("true") {
            let sources = self.sources(call.version, deleted);
            return Ok(Answer::json(200, soql::columns(&sources, text)?));
        }
        self.answer_query(call, text, deleted)
    }

    /// The first page of what this statement finds.
    pub(super) fn answer_query(&mut self, call: &Call<'_>, text: &str, deleted: bool) -> ApiResult<Answer> {
        let paging = self.paging(call);
        let sources = self.sources(call.version, deleted);
        match soql::run(&sources, text)? {
            Found::Count(n) => {
                Ok(Answer::json(200, format!(r#"{{"totalSize":{n},"done":true,"records":[]}}"#)))
            }
            Found::Groups(groups) => {
                let body = format!(
                    r#"{{"totalSize":{},"done":true,"records":[{}]}}"#,
                    groups.len(),
                    groups.join(",")
                );
                Ok(Answer::json(200, body).rows(groups.len()))
            }
            Found::Records(cursor) => Ok(self.page(call, *cursor, paging)),
        }
    }

    fn page(&mut self, call: &Call<'_>, cursor: soql::Cursor, paging: Paging) -> Answer {
        let now = self.inner.state.now();
        self.inner.locators.expire(now);
        let mut locators = std::mem::take(&mut self.inner.locators);
        let sources = self.sources(call.version, cursor.sees_deleted());
        let (body, rows) = cursor.page(&sources, paging, &mut locators);
        self.inner.locators = locators;
        Answer::json(200, body).rows(rows)
    }

    pub(super) fn query_more(&mut self, call: &Call<'_>, locator: &str) -> ApiResult<Answer> {
        if !matches!(call.method, Method::Get | Method::Head) {
            return Err(ApiError::method(call.method, "GET,HEAD"));
        }
        let now = self.inner.state.now();
        self.inner.locators.expire(now);
        let user = self.inner.state.user();
        let cursor = locator
            .rsplit_once('-')
            .and_then(|(key, at)| self.inner.locators.get(key)?.of(user)?.seek(at.parse().ok()?))
            .ok_or_else(|| ApiError::new(400, "INVALID_QUERY_LOCATOR", "invalid query locator"))?;
        let paging = self.paging(call);
        Ok(self.page(call, cursor, paging))
    }

    /// `Sforce-Query-Options: batchSize=500`; outside of 200 to 2,000 it is moved to the nearer end.
    fn paging(&self, call: &Call<'_>) -> Paging {
        let asked = call.header("Sforce-Query-Options").and_then(|value| {
            let (_, size) = value.split([',', ';']).find_map(|option| {
                option.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("batchSize"))
            })?;
            size.trim().parse::<usize>().ok()
        });
        // A smaller page than 200 only comes from the person who runs this org.
        let size = match (asked, self.inner.page_size) {
            (Some(asked), None) => asked.clamp(200, 2000),
            (Some(asked), Some(own)) => asked.clamp(200, 2000).min(own),
            (None, own) => own.unwrap_or(2000),
        };
        Paging { size, short: self.inner.short_page }
    }
}
