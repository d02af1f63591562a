use crate::Timestamp;
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
        /// The longest wait for an answer; `None`: the transport's own.
        with_timeout / timeout: Option<Duration>,
        /// Sendings at most; `Some(1)`: the caller repeats, not the transport.
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
        /// One failed row rolls back all rows of the call.
        with_all_or_none / all_or_none: bool,
        /// Save although a duplicate rule warns (if the rule permits it).
        with_allow_duplicates / allow_duplicates: bool,
        /// Run the assignment rules of Account, Case and Lead; `None`: the org's default, which is yes.
        with_assignment_rules / assignment_rules: Option<bool>,
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
