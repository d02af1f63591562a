//! `/limits` and `/limits/recordCount`.
use super::{Answer, Call, Service};
use crate::{error::ApiResult, state::write_json_string};

impl Service<'_> {
    pub(super) fn limits(&mut self, _call: &Call<'_>) -> ApiResult<Answer> {
        let used = self.inner.log.last_day(self.inner.state.now());
        let max = self.inner.daily_api_requests;
        let (batches, query_jobs) = self.inner.bulk.used(self.inner.state.now());
        let left =
            |most: u64, used: u64| serde_json::json!({"Max": most, "Remaining": most.saturating_sub(used)});
        let body = serde_json::json!({
            "DailyApiRequests": {"Max": max, "Remaining": max.saturating_sub(used)},
            "DailyBulkApiBatches": left(crate::bulk::MOST_BATCHES, batches),
            "DailyBulkV2QueryJobs": left(crate::bulk::MOST_QUERY_JOBS, query_jobs),
            "DailyBulkV2QueryFileStorageMB": left(976_562, 0),
            "DailyDeliveredPlatformEvents": left(50_000, 0),
            "DurableStreamingApiConcurrentClients": left(1_000, 0),
            "HourlyPublishedPlatformEvents": left(250_000, 0),
            "MassEmail": left(5_000, 0),
            "MonthlyPlatformEventsUsageEntitlement": left(0, 0),
            "DailyAsyncApexExecutions": {"Max": 250_000, "Remaining": 250_000},
            "DataStorageMB": {"Max": 5120, "Remaining": 5000},
            "FileStorageMB": {"Max": 10240, "Remaining": 10240},
            "SingleEmail": {"Max": 5000, "Remaining": 5000},
            "PermissionSets": {"Max": 1500, "Remaining": 1499, "CreateCustom": {"Max": 1000, "Remaining": 999}}
        });
        Ok(Answer::json(200, body.to_string()))
    }

    /// Unknown sObjects are left out, those that the user cannot read among them; so are those without rows.
    pub(super) fn record_count(&mut self, call: &Call<'_>) -> ApiResult<Answer> {
        let state = &self.inner.state;
        let named: Vec<&str> =
            call.parameter("sObjects").unwrap_or_default().split(',').map(str::trim).collect();
        let wanted = |name: &str| {
            (call.parameter("sObjects").is_none() || named.iter().any(|n| n.eq_ignore_ascii_case(name)))
                && self.inner.rules.object_access(name).read
        };
        let mut out = String::from("{\"sObjects\":[");
        let mut first = true;
        for sobject in state.schema().iter().filter(|s| wanted(&s.name)) {
            let count = state.rows(&sobject.name).filter(|r| !r.is_deleted(sobject)).count();
            if count > 0 {
                out.push_str(if first { "{\"count\":" } else { ",{\"count\":" });
                out.push_str(&count.to_string());
                out.push_str(",\"name\":");
                write_json_string(&sobject.name, &mut out);
                out.push('}');
                first = false;
            }
        }
        out.push_str("]}");
        Ok(Answer::json(200, out))
    }
}
