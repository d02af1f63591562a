//! Lists of jobs, 1,000 at a time.
use super::listed;
use crate::{
    assumptions::AssumedError,
    error::{ApiError, ApiResult},
    rest::{Answer, Call, Service},
};

const MOST: usize = 1000;

impl Service<'_> {
    /// Without a filter, the jobs of this kind: the guide says that both lists have all jobs, and then shows one kind.
    pub(super) fn list_jobs(&mut self, call: &Call<'_>, kind: &str) -> ApiResult<Answer> {
        let own = if kind == "ingest" { "V2Ingest" } else { "V2Query" };
        let wanted = match call.parameter("jobType") {
            None => Some(own),
            Some("V2Ingest") => Some("V2Ingest"),
            Some("V2Query") => Some("V2Query"),
            Some("Classic") => Some("Classic"),
            // This org has no such jobs.
            Some("BigObjectIngest") => None,
            Some(other) => {
                let message = format!("InvalidJob : Invalid value for jobType: {other}");
                let error = ApiError::new(400, "INVALIDJOB", message);
                return Err(error.assumed(AssumedError::UnknownJobType));
            }
        };
        // PK chunking can be chosen in Bulk API 1.0 only.
        let chunked = call.parameter("isPkChunkingEnabled") == Some("true");
        let wanted = wanted.filter(|kind| !chunked || *kind == "Classic");
        let cursor = crate::state::ids::id_of("01g", 1).map(|id| id.to_string()).unwrap_or_default();
        let start = match call.parameter("queryLocator") {
            None => 0,
            Some(locator) => locator
                .strip_prefix(&cursor)
                .and_then(|rest| rest.strip_prefix('-')?.parse().ok())
                .ok_or_else(|| ApiError::new(400, "INVALID_QUERY_LOCATOR", "invalid query locator"))?,
        };
        let all = call.parameter("jobType").is_none() && !self.inner.assumptions.bulk.lists_are_of_one_kind;
        let own = self.inner.bulk.jobs.values();
        let own =
            own.filter(|job| wanted.is_some_and(|kind| all || job.kind() == kind)).map(super::Job::entry);
        let is_classic = wanted == Some("Classic") || (all && wanted.is_some());
        let classic = self.inner.classic.entries(kind == "query", chunked).filter(|_| is_classic);
        let mut records: Vec<_> = own.chain(classic).skip(start).take(MOST + 1).collect();
        let next = (records.len() > MOST).then(|| {
            records.truncate(MOST);
            let filter =
                call.parameter("jobType").map_or_else(String::new, |kind| format!("&jobType={kind}"));
            format!(
                "/services/data/v{}.0/jobs/{kind}?queryLocator={cursor}-{}{filter}",
                call.version,
                start + MOST
            )
        });
        Ok(listed(records, next))
    }
}
