//! What a load does.
use crate::{
    FieldName, ObjectName, SfId,
    protocol::bulk::{IngestJob, Operation},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a load does with its rows, and how it is cut into jobs.
///
/// The org saves the batches of a job at the same time, and a row locks its parent while it is saved. Rows of one parent that are
/// far apart can therefore end with `UNABLE_TO_LOCK_ROW`, and a load does not send them again: sort rows by their parent's id before
/// they are loaded (Bulk API guide, "Organize Data to Minimize Lock Contention").
///
/// ```
/// use sf_core::{BulkIngest, field, object};
/// let ingest = BulkIngest::upsert(object!("Account"), field!("CX_Key__c")).with_part_rows(100_000);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BulkIngest {
    /// Object, operation and external ID.
    pub job: IngestJob,
    /// The field that tells rows apart in the results when their other fields came back changed. `Id` for updates and
    /// deletions, the external ID for upserts. Changed rows that share a key, or have none, cannot be told apart: they are
    /// [`Delivery::Unknown`](crate::Delivery::Unknown), unless all with the key ended alike.
    pub key: Option<FieldName>,
    /// Bytes of CSV in one job, at most 100,000,000 (the org takes 150 MB in base64). 40,000,000 by default; the load
    /// holds up to twice this in memory.
    pub part_bytes: usize,
    /// Rows in one job. No limit by default.
    pub part_rows: usize,
    /// How long to wait for the org after the last row was sent. No limit by default; the job goes on in the org anyway.
    pub patience: Option<Duration>,
    /// Relationships of the object that can point to several objects; `None`: describe is asked when a row has a parent.
    pub polymorphic: Option<Vec<String>>,
}

/// Bulk API 2.0 guide, "Upload Job Data": 150 MB after base64; the guide itself advises 100 MB.
pub(super) const MOST_BYTES: usize = 100_000_000;

impl BulkIngest {
    fn new(object: ObjectName, operation: Operation, key: Option<FieldName>) -> BulkIngest {
        BulkIngest {
            job: IngestJob::new(object, operation),
            key,
            part_bytes: 40_000_000,
            part_rows: usize::MAX,
            patience: None,
            polymorphic: None,
        }
    }
    /// New rows. Results are told apart by all their fields, or by [`with_key`](BulkIngest::with_key).
    pub fn insert(object: ObjectName) -> BulkIngest {
        BulkIngest::new(object, Operation::Insert, None)
    }
    /// Changes of rows by their ids.
    pub fn update(object: ObjectName) -> BulkIngest {
        BulkIngest::new(object, Operation::Update, Some(FieldName::from_static("Id")))
    }
    /// Insert or update by an external ID field.
    pub fn upsert(object: ObjectName, key: impl Into<FieldName>) -> BulkIngest {
        let key = key.into();
        let mut ingest = BulkIngest::new(object, Operation::Upsert, Some(key.clone()));
        ingest.job.external_id = Some(key);
        ingest
    }
    /// Into the recycle bin. Of the rows only `Id` is sent.
    pub fn delete(object: ObjectName) -> BulkIngest {
        BulkIngest::new(object, Operation::Delete, Some(FieldName::from_static("Id")))
    }
    /// Deletion past the recycle bin; needs the user permission *Bulk API Hard Delete*.
    pub fn hard_delete(object: ObjectName) -> BulkIngest {
        BulkIngest::new(object, Operation::HardDelete, Some(FieldName::from_static("Id")))
    }
    /// The same with a field that is different in every row (an external ID of inserts).
    #[must_use]
    pub fn with_key(mut self, key: impl Into<FieldName>) -> BulkIngest {
        self.key = Some(key.into());
        self
    }
    /// The same with an assignment rule of Case or Lead.
    #[must_use]
    pub fn with_assignment_rule(mut self, rule: SfId) -> BulkIngest {
        self.job.assignment_rule = Some(rule);
        self
    }
    /// The same with other bytes of CSV in one job, at most 100,000,000.
    #[must_use]
    pub fn with_part_bytes(mut self, bytes: usize) -> BulkIngest {
        self.part_bytes = bytes.clamp(1, MOST_BYTES);
        self
    }
    /// The same with at most this many rows in one job.
    #[must_use]
    pub fn with_part_rows(mut self, rows: usize) -> BulkIngest {
        self.part_rows = rows.max(1);
        self
    }
    /// The same with a limit to the waiting. When it has passed, [`BulkLoad::step`](super::BulkLoad::step) fails with
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout); the next step waits again.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> BulkIngest {
        self.patience = Some(patience);
        self
    }
    /// The same with the relationships that can point to several objects (`Who`, `What`, `Owner`), instead of asking
    /// describe.
    #[must_use]
    pub fn with_polymorphic<S: Into<String>>(
        mut self,
        relationships: impl IntoIterator<Item = S>,
    ) -> BulkIngest {
        self.polymorphic = Some(relationships.into_iter().map(Into::into).collect());
        self
    }
}
