use std::time::Duration;

/// Pauses and limits. Those a host may want to change have a method on the builder.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// An edit goes out this long after the last edit of its field …
    pub(crate) quiet: Duration,
    /// … and no later than this after the first.
    pub(crate) max_wait: Duration,
    /// A write without an answer may be saved this long after it was sent.
    pub(crate) late_commit: Duration,
    /// A write must leave this soon after its attempt was made durable.
    pub(crate) send_within: Duration,
    /// An answer is waited for this long.
    pub(crate) answer_within: Duration,
    /// A conflict check holds this long.
    pub(crate) check_holds: Duration,
    /// Sendings that count before a change fails for good.
    pub(crate) attempts: u32,
    /// Sendings without an answer that are repeated without a pause.
    pub(crate) resend_at_once: u32,
    /// The first pause after a refusal that may pass.
    pub(crate) backoff: Duration,
    /// The longest.
    pub(crate) backoff_limit: Duration,
    /// The pause after a used-up quota, when the org names none.
    pub(crate) quota_pause: Duration,
    /// Re-read before the watermark: what was stamped before it but committed after.
    pub(crate) overlap: Duration,
    /// The wide overlap: the longest transaction and its own period.
    pub(crate) trailing: Duration,
    /// How often the wide overlap is read.
    pub(crate) trailing_every: Duration,
    /// A run left lying for longer starts again.
    pub(crate) run_lasts: Duration,
    /// Describes are read again after this.
    pub(crate) schema_lasts: Duration,
    /// Between two pulls of `run`.
    pub(crate) poll: Duration,
}
impl Default for Settings {
    fn default() -> Settings {
        Settings {
            quiet: Duration::from_secs(2),
            max_wait: Duration::from_secs(30),
            late_commit: Duration::from_secs(600),
            send_within: Duration::from_secs(60),
            answer_within: Duration::from_secs(120),
            check_holds: Duration::from_secs(120),
            attempts: 8,
            resend_at_once: 2,
            backoff: Duration::from_secs(2),
            backoff_limit: Duration::from_secs(300),
            quota_pause: Duration::from_secs(900),
            overlap: Duration::from_secs(60),
            trailing: Duration::from_secs(1_200),
            trailing_every: Duration::from_secs(600),
            run_lasts: Duration::from_secs(900),
            schema_lasts: Duration::from_secs(86_400),
            poll: Duration::from_secs(60),
        }
    }
}
