//! What goes wrong, as data: a seed draws it, a file holds it, a story prints it.
mod armed;
mod catalogue;
mod page;
mod refusal;
mod world;

pub(crate) use armed::{Context, Facts, Faults};
pub use page::RetryAfter;
pub(crate) use page::html;
#[cfg(feature = "server")]
pub(crate) use page::http_date;
pub use refusal::Refusal;

use serde::{Deserialize, Serialize};
use sf_core::{FieldName, ObjectName, SfId};
use std::{borrow::Cow, time::Duration};

/// When and what goes wrong.
///
/// ```
/// use sf_testorg::{Effect, Fault, On};
/// let fault = Fault::new(On::Operation("update".into()), Effect::LoseAnswer).times(2);
/// assert_eq!(
///     serde_json::to_string(&fault).unwrap(),
///     r#"{"on":{"operation":"update"},"effect":"lose_answer","skip":0,"times":2}"#
/// );
/// let from_file = r#"{"on": "any", "effect": {"status": [503, "SERVER_UNAVAILABLE"]}}"#;
/// assert_eq!(serde_json::from_str::<Fault>(from_file).unwrap().times, 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Fault {
    /// Which requests (or rows) it hits.
    pub on: On,
    /// What happens to them.
    pub effect: Effect,
    /// Matches let through first.
    #[serde(default)]
    pub skip: u32,
    /// Hits at most.
    #[serde(default = "once")]
    pub times: u32,
}
fn once() -> u32 {
    1
}
impl Fault {
    /// Hits the first match, once.
    pub fn new(on: On, effect: Effect) -> Fault {
        Fault { on, effect, skip: 0, times: 1 }
    }
    /// Reads a faults file: one fault or a list of them, as JSON.
    ///
    /// ```
    /// let file = br#"[{"on": {"object": "Account"}, "effect": {"slow": 500}, "times": 3},
    ///                 {"on": {"chance": {"per_mille": 20}}, "effect": "lose_answer", "times": 1000}]"#;
    /// assert_eq!(sf_testorg::Fault::read(file).unwrap().len(), 2);
    /// ```
    ///
    /// # Errors
    /// It is something else; the error names line and column.
    pub fn read(json: &[u8]) -> Result<Vec<Fault>, serde_json::Error> {
        // Not an untagged enum: its errors do not say what is wrong.
        if json.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'[') {
            serde_json::from_slice(json)
        } else {
            serde_json::from_slice(json).map(|fault| vec![fault])
        }
    }
    /// Hits up to `n` matches.
    #[must_use]
    pub fn times(mut self, n: u32) -> Fault {
        self.times = n;
        self
    }
    /// Lets the first `n` matches through.
    #[must_use]
    pub fn skip(mut self, n: u32) -> Fault {
        self.skip = n;
        self
    }
}

/// Which requests a fault hits; for [`Effect::RowError`] and [`Effect::RowLock`], which rows in them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum On {
    /// Every one.
    Any,
    /// The n-th request of this org, from 1, as the request log counts.
    Call(u64),
    /// Requests of this operation, as the request log names them (`query`, `retrieve`, `insert`, `update`,
    /// `describe`, …); `write` stands for all that change rows.
    Operation(String),
    /// Requests that name one of these rows; of row effects, these rows.
    Rows(Vec<SfId>),
    /// Requests that name this sObject; of row effects, its rows.
    Object(ObjectName),
    /// Requests of this route: a path in which `*` is any one segment and a last `**` is any rest, after a method when one is given
    /// (`GET /services/data/*/query`, `/services/oauth2/**`). The query does not count, nor do letters' cases. Of row effects: rows of
    /// such requests. What is inside a composite has no route; match its operation.
    Route(String),
    /// By chance, drawn from the org's seed alone: the same requests to the same org meet the same faults.
    Chance {
        /// Of a thousand.
        per_mille: u16,
    },
    /// All of these at once.
    All(Vec<On>),
}

/// What happens. Several faults can hit one request: a request that is lost is lost whatever the others do, and of several that answer it,
/// the one that was armed last is heard. Whatever changes the org ([`Effect::MoveInstance`] and after) does so before the request is answered and stays so: the
/// request that met the fault already meets the changed org.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Effect {
    /// The request never reaches the org; the connection closes.
    LoseRequest,
    /// The org does its work; the connection closes before the answer.
    LoseAnswer,
    /// The request never reaches the org; the connection is reset (over HTTP a TCP RST).
    ResetRequest,
    /// The org does its work; the connection is reset before the answer (over HTTP a TCP RST).
    ResetAnswer,
    /// The request is carried out twice, as when a proxy sends it again; the answer is that to the second. Both count as API calls, the
    /// log has one.
    Duplicate,
    /// The connection breaks, and the work is done only this many milliseconds later, with the time stamps of now (on Salesforce up to
    /// 10 minutes pass).
    CommitLate(#[serde(with = "millis")] Duration),
    /// The answer comes this many milliseconds later.
    Slow(#[serde(with = "millis")] Duration),
    /// The answer breaks off in the middle of its body; one without a body is lost.
    TornBody,
    /// This HTTP status and error code; nothing is done.
    Status(u16, Cow<'static, str>),
    /// The org refuses the request in its own words; nothing is done.
    Refuse(Refusal),
    /// The HTML page of what stands before the org, with this status (420, 429, 500, 502, 503, 504, …); nothing is done, no API call is
    /// counted.
    Edge {
        /// The HTTP status.
        status: u16,
        /// The header `Retry-After`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<RetryAfter>,
    },
    /// A status with this body instead of JSON; nothing is done.
    Page(u16, String),
    /// One row of a write is refused with this code and text.
    RowError(Cow<'static, str>, String),
    /// One row of a write is refused with `UNABLE_TO_LOCK_ROW`.
    RowLock,
    /// Pages of the query hold at most this many rows.
    ShortPage(usize),
    /// All locators of queries are forgotten.
    LoseLocators,
    /// The change events of what the request changes are gap events: ids and no fields ([`TestOrg::changes`](crate::TestOrg::changes)).
    GapEvents,
    /// What the request changes is published as one overflow event for each sObject, without ids.
    OverflowEvents,
    /// The access token is dead from now on; the refresh token still works.
    EndSession,
    /// The org moves to this address: [`TestOrg::move_instance`](crate::TestOrg::move_instance).
    MoveInstance(String),
    /// The API user can no longer see a field: not in describe, not in queries, not writable.
    HideField {
        /// API name of the sObject.
        object: ObjectName,
        /// API name of the field.
        field: FieldName,
    },
    /// A field is deleted, with its values. Nothing happens where there is none.
    RemoveField {
        /// API name of the sObject.
        object: ObjectName,
        /// API name of the field.
        field: FieldName,
    },
    /// A picklist value is closed; rows keep it.
    ClosePicklist {
        /// API name of the sObject.
        object: ObjectName,
        /// API name of the field.
        field: FieldName,
        /// The value.
        value: String,
    },
    /// A user is deactivated: they can own nothing new and their sessions are dead.
    DeactivateUser(SfId),
    /// From now on the org's clock is this many milliseconds ahead of (negative: behind) [`TestOrg::clock`](crate::TestOrg::clock):
    /// the `Date` header, time stamps, date literals, sessions. 0 sets it right.
    SkewClock(i64),
}

impl Effect {
    /// Whether it hits single rows of a write, not the request.
    pub(crate) fn is_of_rows(&self) -> bool {
        matches!(self, Effect::RowError(..) | Effect::RowLock)
    }
}

mod millis {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::time::Duration;
    pub(super) fn serialize<S: Serializer>(d: &Duration, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_u64(u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Duration, D::Error> {
        u64::deserialize(d).map(Duration::from_millis)
    }
}
