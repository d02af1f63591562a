//! Reading the stream.
use super::{ChangeEvent, ChangeStream, SHIFT};
use crate::{TestOrg, assumptions::ChangeAssumptions};
use sf_core::{ErrorCode, Failure, Result};

/// What the Pub/Sub API says of a replay id that it cannot use.
const CORRUPTED: &str = "sfdc.platform.eventbus.grpc.subscription.fetch.replayid.corrupted";

impl ChangeStream {
    fn after(&self, after: u64, most: usize, assumptions: &ChangeAssumptions) -> Result<Vec<ChangeEvent>> {
        let (oldest, latest) = (self.forgotten << SHIFT, self.latest << SHIFT);
        if after != 0 && (after < oldest || after > latest) {
            let message = if after < oldest {
                format!(
                    "the events after {after} are not stored any more; what is stored begins after {oldest}"
                )
            } else {
                format!("no event has the replay id {after}; the latest is {latest}")
            };
            let failure = Failure::of_code(ErrorCode::from(CORRUPTED), message);
            return Err(failure
                .with_next_step("read all records again, then begin with 0 or with the latest")
                .into());
        }
        let mut events = Vec::new();
        let at = self.kept.partition_point(|transaction| transaction.number << SHIFT <= after);
        for transaction in self.kept.range(at..) {
            if events.len() >= most {
                break;
            }
            let of_transaction = self.events(transaction, assumptions).into_iter();
            events.extend(of_transaction.filter(|event| event.replay_id > after));
        }
        events.truncate(most);
        Ok(events)
    }
}

impl TestOrg {
    /// The change events after this replay id, oldest first, in the order of their commits; 0 gives all that are stored. What a subscriber
    /// of `/data/ChangeEvents` gets. Every selected sObject has events, by default all of this org that have some on Salesforce and all
    /// custom ones ([`Builder::change_entities`](crate::Builder::change_entities)).
    ///
    /// Stored are 72 hours by the org's clock, and of a lot of changes the last 20,000 rows or 64 MB. A state file does not hold events: an
    /// org that is continued stores none of before, and its replay ids go on rising. Field-level security does not filter them. The
    /// data set that an org begins with has no events.
    ///
    /// ```
    /// use sf_core::{Fields, Write, field, object};
    /// use sf_testorg::{ChangeType, TestOrg};
    ///
    /// let org = TestOrg::demo();
    /// let fields = Fields::new().set(field!("Name"), "Acme").set(field!("BillingCity"), "Köln");
    /// let id = org.apply(Write::Insert { object: object!("Account"), fields })?;
    /// let events = org.changes(0)?;
    /// assert_eq!((events.len(), events[0].header.change_type), (1, ChangeType::Create));
    /// assert_eq!(events[0].header.record_ids, [id.as_str()]);
    /// assert_eq!(events[0].fields["BillingAddress"]["City"], "Köln");
    ///
    /// let seen = events[0].replay_id;
    /// assert!(org.changes(seen)?.is_empty());
    /// assert_eq!(seen, org.latest_change());
    /// # Ok::<(), sf_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// The events after this id are not stored any more, or no event has it: as Pub/Sub's `replayid.corrupted`, after which a
    /// subscriber reads all records again.
    pub fn changes(&self, after: u64) -> Result<Vec<ChangeEvent>> {
        self.changes_up_to(after, usize::MAX)
    }

    /// As [`TestOrg::changes`], so many events at most.
    ///
    /// # Errors
    /// As [`TestOrg::changes`].
    pub fn changes_up_to(&self, after: u64, most: usize) -> Result<Vec<ChangeEvent>> {
        let now = self.now();
        let mut inner = self.lock();
        inner.commit_late(now);
        inner.changes.expire(now);
        inner.changes.after(after, most, &inner.assumptions.changes)
    }

    /// The replay id of now: [`TestOrg::changes`] after it gives what happens from now on.
    pub fn latest_change(&self) -> u64 {
        let now = self.now();
        let mut inner = self.lock();
        inner.commit_late(now);
        inner.changes.latest << SHIFT
    }
}
