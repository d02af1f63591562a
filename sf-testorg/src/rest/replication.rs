//! `/sobjects/X/updated` and `/sobjects/X/deleted`.
use super::{Answer, Call, Service};
use crate::{
    Method,
    error::{ApiError, ApiResult},
    save::moment,
    state::{Cell, Row, SObjectType, wire_time},
};
use sf_core::{SfId, Timestamp};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

const DAY: Duration = Duration::from_secs(24 * 3600);

struct Window {
    start: Timestamp,
    end: Timestamp,
    covered: Timestamp,
}

impl Service<'_> {
    pub(super) fn updated(&mut self, call: &Call<'_>, object: &str) -> ApiResult<Answer> {
        let sobject = self.replicated(call, object)?;
        let window = self.window(call, 30, Duration::ZERO)?;
        let rows = self.changed(&sobject, &window, false);
        let ids: Vec<String> = rows.iter().map(|(row, _)| format!("\"{}\"", row.id)).collect();
        let covered = wire_time(window.covered);
        let body = format!("{{\"ids\":[{}],\"latestDateCovered\":\"{covered}\"}}", ids.join(","));
        Ok(Answer::json(200, body).rows(rows.len()))
    }

    pub(super) fn deleted(&mut self, call: &Call<'_>, object: &str) -> ApiResult<Answer> {
        let sobject = self.replicated(call, object)?;
        let window = self.window(call, 15, Duration::from_secs(60))?;
        let mut rows: BTreeMap<SfId, Timestamp> =
            self.changed(&sobject, &window, true).into_iter().map(|(row, at)| (row.id, at)).collect();
        if self.inner.assumptions.life.deleted_lists_purged {
            rows.extend(self.purged(&sobject, &window));
        }
        let records: Vec<String> = rows
            .iter()
            .map(|(id, at)| format!("{{\"deletedDate\":\"{}\",\"id\":\"{id}\"}}", wire_time(*at)))
            .collect();
        let earliest = wire_time(self.inner.started.max(self.inner.state.now() - 15 * DAY));
        let covered = wire_time(window.covered);
        let body = format!(
            "{{\"deletedRecords\":[{}],\"earliestDateAvailable\":\"{earliest}\",\"latestDateCovered\":\"{covered}\"}}",
            records.join(",")
        );
        Ok(Answer::json(200, body).rows(rows.len()))
    }

    fn replicated(&mut self, call: &Call<'_>, object: &str) -> ApiResult<Arc<SObjectType>> {
        if !matches!(call.method, Method::Get | Method::Head) {
            return Err(ApiError::method(call.method, "GET,HEAD"));
        }
        let sobject = self.saver().sobject(object)?;
        if !sobject.replicateable {
            let message = format!("entity type {} does not support replication", sobject.name);
            return Err(ApiError::new(400, "INVALID_TYPE_FOR_OPERATION", message));
        }
        Ok(sobject)
    }

    /// Longer than `least`. Seconds are dropped from both ends; what still waits for its commit holds `latestDateCovered` back.
    fn window(&self, call: &Call<'_>, days: u32, least: Duration) -> ApiResult<Window> {
        let invalid = |message: &str| ApiError::new(400, "INVALID_REPLICATION_DATE", message);
        let read = |name: &str| {
            let text = call.parameter(name).ok_or_else(|| {
                ApiError::new(400, "INVALID_FIELD", format!("The {name} parameter is required"))
            })?;
            moment(text).map(minutes).ok_or_else(|| {
                ApiError::new(
                    400,
                    "INVALID_FIELD",
                    format!("The {name} parameter is not a date-time: {text}"),
                )
            })
        };
        let (start, end) = (read("start")?, read("end")?);
        let now = self.inner.state.now();
        if start >= end {
            return Err(invalid("startDate should be before endDate"));
        }
        if start + least >= end {
            return Err(invalid("startDate should be before endDate by more than one minute"));
        }
        if start < now - days * DAY {
            return Err(invalid(&format!(
                "startDate before org replication enabled date or older than {days} days"
            )));
        }
        let oldest = self.inner.late.iter().map(|late| late.stamp).min().unwrap_or(now);
        Ok(Window { start, end, covered: minutes(end.min(oldest)) })
    }

    fn changed(&self, sobject: &SObjectType, window: &Window, deleted: bool) -> Vec<(Arc<Row>, Timestamp)> {
        let at = sobject.system.system_modstamp.or(sobject.system.modified_date);
        self.inner
            .state
            .rows(&sobject.name)
            .filter(|row| row.is_deleted(sobject) == deleted)
            .filter_map(|row| match at.map(|at| &row.cells[at]) {
                Some(Cell::DateTime(at)) => Some((row.clone(), *at)),
                _ => None,
            })
            .filter(|(_, at)| window.has(*at))
            .collect()
    }

    /// Rows that are out of the recycle bin for good, by the delete log.
    fn purged(&self, sobject: &SObjectType, window: &Window) -> Vec<(SfId, Timestamp)> {
        let log = self.inner.state.bin().log().iter().map(|(id, at)| (*id, *at));
        log.filter(|(id, at)| sobject.key_prefix.as_deref() == Some(id.key_prefix()) && window.has(*at))
            .collect()
    }
}

impl Window {
    fn has(&self, at: Timestamp) -> bool {
        minutes(at) >= self.start && at < self.end
    }
}

fn minutes(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.millis().div_euclid(60_000) * 60_000).unwrap_or(at)
}
