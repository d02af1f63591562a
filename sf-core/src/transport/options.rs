use crate::{SfId, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Who waits for a call. When API calls run short, the later kinds stop first (see
/// [`Budgeted`](crate::Budgeted)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Priority {
    /// A person waits.
    #[default]
    Interactive,
    /// Finding out what became of a write.
    Verify,
    /// Regular polling.
    Incremental,
    /// Re-reading what has no time stamp (formula fields).
    Refresh,
    /// A first load.
    Backfill,
    /// Bulk writing of a destination.
    Destination,
}

/// What gives new and changed accounts, cases and leads their owner (REST API guide, "Assignment Rule Header").
///
/// ```
/// use sf_core::{AssignmentRules, WriteOptions};
/// let options = WriteOptions::new().with_assignment_rules(AssignmentRules::Skip);
/// assert_eq!(options.assignment_rules, Some(AssignmentRules::Skip));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentRules {
    /// The active rule.
    Run,
    /// None: the row keeps the owner it is written with.
    Skip,
    /// The rule with this id, active or not.
    Rule(SfId),
}
impl AssignmentRules {
    /// As the header has it.
    pub(crate) fn header(&self) -> &str {
        match self {
            AssignmentRules::Run => "TRUE",
            AssignmentRules::Skip => "FALSE",
            AssignmentRules::Rule(id) => id.as_str(),
        }
    }
}

macro_rules! options {
    ($(#[$m:meta])* $name:ident { $($(#[$fm:meta])* $with:ident / $field:ident : $ty:ty),* $(,)? }) => {
        $(#[$m])*
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default)]
        #[non_exhaustive]
        pub struct $name { $($(#[$fm])* pub $field: $ty),* }
        impl $name {
            /// The defaults.
            pub fn new() -> Self {
                Self::default()
            }
            $(
                #[doc = concat!("The same with another [`", stringify!($field), "`](Self::", stringify!($field), ").")]
                #[must_use]
                pub fn $with(mut self, value: impl Into<$ty>) -> Self {
                    self.$field = value.into();
                    self
                }
            )*
        }
    };
}
options!(
    /// How a call is made.
    ///
    /// ```
    /// use sf_core::{CallOptions, Priority};
    /// let call = CallOptions::new().with_priority(Priority::Backfill).with_attempts(Some(1));
    /// assert_eq!(call.attempts, Some(1));
    /// ```
    CallOptions {
        /// Who waits.
        with_priority / priority: Priority,
        /// The longest wait for an answer, the transport's own repeats included; `None`: the transport's own.
        ///
        /// It is for one call. What makes many has none as a whole: the next page has its own, and so has each sending of a Bulk job
        /// (its creation, each question whether it is over, each page and result file), so that a job may take hours. What limits
        /// the waiting is [`BulkIngest::with_patience`](crate::BulkIngest::with_patience) for a load; a query job is left by dropping its
        /// [`BulkRows`](crate::BulkRows), and goes on from the saved [`BulkQueryJob`](crate::BulkQueryJob).
        with_timeout / timeout: Option<Duration>,
        /// Sendings of one request at most; `Some(1)`: the caller repeats, nobody else. `None`: what the transport does by itself (REST: 4).
        ///
        /// Requests of Bulk jobs that are as good twice as once are repeated by the job, not by the transport: 8 sendings with pauses
        /// that grow from one second, or as many as this says. Rows of which it is unknown whether a job got them go into another
        /// job, which counts as a sending of them: 4 at most.
        with_attempts / attempts: Option<u32>,
    }
);
options!(
    /// How a query is run.
    QueryOptions {
        /// How the call is made.
        with_call / call: CallOptions,
        /// Rows a page should have, 200 to 2,000. The org may send fewer at any time.
        with_page_size / page_size: Option<u16>,
        /// Deleted and archived rows too (`queryAll`).
        with_deleted / deleted: bool,
    }
);
options!(
    /// How rows are written.
    WriteOptions {
        /// How the call is made.
        with_call / call: CallOptions,
        /// One failed row rolls back all rows. They must fit into one call: no org undoes an earlier one.
        with_all_or_none / all_or_none: bool,
        /// Save although a duplicate rule warns (if the rule permits it).
        with_allow_duplicates / allow_duplicates: bool,
        /// Ask which records a duplicate rule found: their ids are in [`Failure::records`](crate::Failure::records). A row that
        /// is written alone goes by a request of its own then, where the org names them; of rows of a collection it need not.
        with_duplicate_details / duplicate_details: bool,
        /// The assignment rules of Account, Case and Lead; `None`: the org's default, which is the active rule.
        with_assignment_rules / assignment_rules: Option<AssignmentRules>,
    }
);
options!(
    /// How an object is described.
    DescribeOptions {
        /// How the call is made.
        with_call / call: CallOptions,
        /// Answer `None` when nothing changed since (`If-Modified-Since`). Take the org's own time from
        /// `Describe::last_modified`: the local clock may be ahead.
        with_if_changed_since / if_changed_since: Option<Timestamp>,
    }
);
