//! `/tooling`: queries and descriptions of what [`crate::tooling`] holds.
use super::{Answer, Body, Call, Service};
use crate::{
    Method,
    error::{ApiError, ApiResult},
};

impl Service<'_> {
    /// The same functions as for data, with the Tooling API's rows in the place of the org's.
    pub(super) fn tooling(&mut self, call: &Call<'_>) -> ApiResult<Answer> {
        if !matches!(call.method, Method::Get | Method::Head) {
            return Err(ApiError::method(call.method, "GET,HEAD"));
        }
        let base = format!("/services/data/v{}.0/", call.version);
        let inner = Call { segments: call.segments.get(1..).unwrap_or_default().to_vec(), ..call.clone() };
        let now = self.inner.state.now();
        self.swap();
        self.inner.state.set_now(now);
        let answer = self.tooling_resource(&inner, &base);
        self.swap();
        let mut answer = answer?;
        if let Body::Json(json) = &mut answer.body {
            // A quote inside of a value is escaped, so this is only ever a key with its URL.
            for (key, resource) in [("url", "sobjects/"), ("nextRecordsUrl", "query/")] {
                let from = format!("\"{key}\":\"{base}{resource}");
                *json = json.replace(&from, &format!("\"{key}\":\"{base}tooling/{resource}"));
            }
        }
        Ok(answer)
    }

    fn swap(&mut self) {
        std::mem::swap(&mut self.inner.state, &mut self.inner.tooling.state);
        std::mem::swap(&mut self.inner.locators, &mut self.inner.tooling.locators);
    }

    fn tooling_resource(&mut self, call: &Call<'_>, base: &str) -> ApiResult<Answer> {
        let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
        match segments.as_slice() {
            [] => {
                let names = ["query", "sobjects"].map(|name| format!("\"{name}\":\"{base}tooling/{name}\""));
                Ok(Answer::json(200, format!("{{{}}}", names.join(","))))
            }
            ["query"] => self.query(call, false),
            ["query", locator] => self.query_more(call, locator),
            ["sobjects"] => self.describe_global(call),
            ["sobjects", object] => self.basic(call, object),
            ["sobjects", object, "describe"] => self.describe(call, object),
            ["sobjects", object, id] => self.record(call, object, id),
            _ => Err(ApiError::not_found()),
        }
    }
}
