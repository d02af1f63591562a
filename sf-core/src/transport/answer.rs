use super::ApiVersion;
use crate::{Cursor, SfId, Soql, Timestamp};
use serde::{Deserialize, Serialize};

/// A query to start, or its next page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueryCall {
    /// A statement.
    Start(Soql),
    /// The page at a cursor.
    Next(Cursor),
}

/// A window of time for [`changed`](super::Transport::changed). The org drops the seconds of both ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Updates or deletions.
    pub what: ChangeKind,
    /// From here, included.
    pub start: Timestamp,
    /// To here. For deletions more than a minute after `start`.
    pub end: Timestamp,
}
/// Which changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChangeKind {
    /// Created or updated rows; the org looks back 30 days.
    Updated,
    /// Deleted rows; the org looks back 15 days at most.
    Deleted,
}
/// The ids that changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChangedIds {
    /// The ids, deletions with their time.
    pub ids: Vec<(SfId, Option<Timestamp>)>,
    /// Start the next window here, not at the `end` that was asked for: changes of a transaction that still runs come later.
    pub latest_covered: Timestamp,
    /// Deletions before this are no longer known: when it is after `start`, compare all rows again.
    pub earliest_available: Option<Timestamp>,
}
impl ChangedIds {
    /// An answer, for transports and tests.
    pub fn new(
        ids: Vec<(SfId, Option<Timestamp>)>,
        latest_covered: Timestamp,
        earliest_available: Option<Timestamp>,
    ) -> ChangedIds {
        ChangedIds { ids, latest_covered, earliest_available }
    }
    /// Whether the org still knows the deletions since `start`; if not, some are missing: compare all rows again.
    ///
    /// ```
    /// use sf_core::{ChangedIds, Timestamp};
    /// let (noon, one): (Timestamp, Timestamp) = ("2026-01-05T12:00:00Z".parse()?, "2026-01-05T13:00:00Z".parse()?);
    /// assert!(ChangedIds::new(vec![], one, Some(noon)).reaches(noon));
    /// assert!(!ChangedIds::new(vec![], one, Some(one)).reaches(noon));
    /// # Ok::<(), sf_core::TimestampError>(())
    /// ```
    pub fn reaches(&self, start: Timestamp) -> bool {
        self.earliest_available.is_none_or(|earliest| earliest <= start)
    }
}

/// The org's limits, in the order it lists them. Accurate within five minutes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Limits {
    /// One entry per limit.
    pub entries: Vec<Limit>,
}
/// One limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Limit {
    /// `DailyApiRequests`, `DataStorageMB`, …
    pub name: String,
    /// The most allowed.
    pub max: i64,
    /// What is left; some limits may be overdrawn and show less than nothing.
    pub remaining: i64,
}
impl Limits {
    /// Limits from their entries, for transports and tests.
    pub fn new(entries: Vec<Limit>) -> Limits {
        Limits { entries }
    }
    /// One limit by name.
    pub fn get(&self, name: &str) -> Option<&Limit> {
        self.entries.iter().find(|limit| limit.name == name)
    }
    /// API calls of the rolling 24 hours.
    pub fn daily_api_requests(&self) -> Option<&Limit> {
        self.get("DailyApiRequests")
    }
}
impl Limit {
    /// One limit.
    pub fn new(name: impl Into<String>, max: i64, remaining: i64) -> Limit {
        Limit { name: name.into(), max, remaining }
    }
}

/// Who is signed in, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Identity {
    /// The org.
    pub org_id: SfId,
    /// The user.
    pub user_id: SfId,
    /// The user's sign-in name.
    pub username: String,
    /// `https://…` of the org, without a slash at the end.
    pub instance_url: String,
    /// The version that this transport's requests name.
    pub api_version: ApiVersion,
}
impl Identity {
    /// An identity, for transports and tests.
    pub fn new(
        org_id: SfId,
        user_id: SfId,
        username: impl Into<String>,
        instance_url: impl Into<String>,
        api_version: ApiVersion,
    ) -> Identity {
        Identity {
            org_id,
            user_id,
            username: username.into(),
            instance_url: instance_url.into(),
            api_version,
        }
    }
}
