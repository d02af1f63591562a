//! What is asked besides rows: plans, searches, changes.
use super::Org;
use crate::{
    ChangeKind, ChangedIds, ErrorCode, Failure, IntoQuery, IntoSosl, ObjectName, Result, Timestamp, Window,
    protocol::{self, QueryPlan, SearchRows},
};
use std::collections::{BTreeMap, VecDeque};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

impl Org {
    /// How the org would find the rows of a query, the plan that it would take first: whether there is an index for it and
    /// which filters it cannot use. Runs nothing.
    ///
    /// ```
    /// use sf_core::{Org, Result, Soql};
    /// async fn is_quick(org: &Org, soql: Soql) -> Result<bool> {
    ///     Ok(org.explain(soql).await?.iter().any(|plan| plan.is_selective()))
    /// }
    /// ```
    ///
    /// # Errors
    /// What the org says to a statement that it would refuse.
    pub async fn explain<Q: IntoQuery + Send>(&self, query: Q) -> Result<Vec<QueryPlan>> {
        let request = {
            let soql = query.into_soql()?;
            protocol::explain_request(&soql, &self.transport().capabilities())?
        };
        let response = self.transport().call(&request, &self.call).await?;
        protocol::explain_response(&request, &response)
    }

    /// A text search over several objects by SOSL, built with `sf_soql::sosl` or [`Sosl::raw`](crate::Sosl::raw): one call, 2,000 rows
    /// at most, of which [`SearchRows::may_be_cut`] tells.
    ///
    /// ```
    /// use sf_core::{Org, Result, Sosl, models::{Account, Contact}};
    /// async fn acme(org: &Org) -> Result<(Vec<Account>, Vec<Contact>)> {
    ///     let sosl = Sosl::raw("FIND {Acme} RETURNING Account(Id, Name), Contact(Id, Email)");
    ///     let found = org.search(sosl).await?;
    ///     Ok((found.of()?, found.of()?))
    /// }
    /// ```
    ///
    /// # Errors
    /// `MALFORMED_SEARCH` for a text that the org cannot read.
    pub async fn search<S: IntoSosl + Send>(&self, search: S) -> Result<SearchRows> {
        let request = {
            let sosl = search.into_sosl()?;
            protocol::search_request(&sosl, &self.transport().capabilities())?
        };
        let response = self.transport().call(&request, &self.call).await?;
        protocol::search_response(&request, &response)
    }

    /// The ids of the rows that were created, updated or deleted in a window of time (REST API guide, "sObject Get Updated" and
    /// "sObject Get Deleted"); where there are more than the org gives at once (600,000), by several calls over parts of the window.
    ///
    /// Begin the next window at [`ChangedIds::latest_covered`], and read all rows again when
    /// [`ChangedIds::reaches`] says that the org's history does not go back to the start. The org drops the seconds of both ends; it
    /// advises against asking more often than every five minutes.
    ///
    /// ```
    /// use sf_core::{ChangeKind, Org, Result, SfId, Timestamp, Window, object};
    /// /// The accounts that were deleted since, and where to go on.
    /// async fn deleted(org: &Org, since: Timestamp) -> Result<Option<(Vec<SfId>, Timestamp)>> {
    ///     let window = Window { what: ChangeKind::Deleted, start: since, end: org.clock().now() };
    ///     let changed = org.changed(&object!("Account"), &window).await?;
    ///     let ids = changed.ids.iter().map(|(id, _)| *id).collect();
    ///     Ok(changed.reaches(since).then_some((ids, changed.latest_covered)))
    /// }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput`, before anything is sent, for a window that is longer than the org's history (30 days for updates, 15 for
    /// deletions) or shorter than it can tell (one minute, for deletions more than one); `INVALID_REPLICATION_DATE` from the org for
    /// one that starts before its history.
    pub async fn changed(&self, object: &ObjectName, window: &Window) -> Result<ChangedIds> {
        check(window)?;
        let mut parts = VecDeque::from([window.clone()]);
        let mut ids = BTreeMap::new();
        let mut covered = None;
        let mut earliest = None;
        while let Some(part) = parts.pop_front() {
            let answer = match self.transport().changed(object, &part, &self.call).await {
                Ok(answer) => answer,
                Err(error) if error.code() == Some(&ErrorCode::ExceededIdLimit) => {
                    let Some((first, second)) = halves(&part) else { return Err(error) };
                    parts.push_front(second);
                    parts.push_front(first);
                    continue;
                }
                Err(error) => return Err(error),
            };
            // A row that changed again comes in a later part, too.
            ids.extend(answer.ids);
            covered = Some(answer.latest_covered);
            earliest = earliest.max(answer.earliest_available);
            if minute(answer.latest_covered) < minute(part.end) {
                // A transaction still runs: what comes after it would be covered with a gap.
                break;
            }
        }
        let covered = covered.unwrap_or(window.start);
        Ok(ChangedIds::new(ids.into_iter().collect(), covered, earliest))
    }
}

fn minute(at: Timestamp) -> i64 {
    at.millis().div_euclid(MINUTE)
}

fn check(window: &Window) -> Result<()> {
    let (days, least) = match window.what {
        ChangeKind::Updated => (30, 1),
        ChangeKind::Deleted => (15, 2),
    };
    let length = window.end.millis().saturating_sub(window.start.millis());
    if length > days * DAY {
        let message = format!(
            "the window has more than {days} days, and the org knows these changes for {days} days at most"
        );
        return Err(Failure::invalid_input(message)
            .with_next_step("Compare all rows again (a full sync), then continue from now.")
            .into());
    }
    if minute(window.end) - minute(window.start) < least {
        let message = "the window is shorter than the org can tell: it drops the seconds of both ends";
        return Err(Failure::invalid_input(message)
            .with_next_step("Ask later, with an end that is five minutes or more after the start.")
            .into());
    }
    Ok(())
}

/// Both halves of a window, if they are long enough to be asked for.
fn halves(window: &Window) -> Option<(Window, Window)> {
    let least = match window.what {
        ChangeKind::Updated => 1,
        ChangeKind::Deleted => 2,
    };
    let (start, end) = (minute(window.start), minute(window.end));
    if end - start < 2 * least {
        return None;
    }
    let middle = Timestamp::from_millis(i64::midpoint(start, end) * MINUTE)?;
    Some((Window { end: middle, ..window.clone() }, Window { start: middle, ..window.clone() }))
}
