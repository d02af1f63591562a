use super::Org;
use crate::{
    CallOptions, Delivery, Error, ErrorKind, Failure, FieldName, Operation, Result, Retry, RowOutcome,
    SObject, SfId, Write, WriteOptions,
    plan::{self, PlannedWrite, Thresholds, WritePlan},
};

/// What an upsert did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Upserted {
    /// The row's id.
    pub id: SfId,
    /// It is new.
    pub created: bool,
}

impl Org {
    /// Creates a row of what is not [`Absent`](crate::Field::Absent). Columns that Salesforce keeps itself are
    /// left out.
    ///
    /// # Errors
    /// With [`Delivery::Unknown`] the row may exist: look before you insert it again.
    pub async fn insert<T: SObject>(&self, row: &T) -> Result<SfId> {
        if row.id().is_some() {
            return Err(
                Failure::invalid_input("the row has an id already: update it, or clear the id").into()
            );
        }
        let fields = row.writable(Operation::Insert)?;
        self.write_one(Write::Insert { object: T::OBJECT, fields }).await.map(|(id, _)| id)
    }
    /// Writes what is not [`Absent`](crate::Field::Absent); [`Null`](crate::Field::Null) clears. `row.id` says
    /// which row. Columns that Salesforce keeps itself, parents and child rows are left out, so a fetched row can
    /// be changed and sent back. Nothing to write is no call.
    pub async fn update<T: SObject>(&self, row: &T) -> Result<()> {
        let id = row.id().ok_or_else(|| Failure::invalid_input("the row to update has no id"))?;
        let fields = row.writable(Operation::Update)?;
        if fields.is_empty() {
            return Ok(());
        }
        let write = Write::Update { object: T::OBJECT, id, fields, if_unmodified_since: None };
        self.write_one(write).await.map(drop)
    }
    /// Creates the row, or updates the one that has the same value in `key`, an external ID field.
    pub async fn upsert<T: SObject>(&self, key: impl Into<FieldName> + Send, row: &T) -> Result<Upserted> {
        let (key, fields) = (key.into(), row.writable(Operation::Upsert)?);
        let (id, created) = self.write_one(Write::Upsert { object: T::OBJECT, key, fields }).await?;
        Ok(Upserted { id, created })
    }
    /// Moves a row into the recycle bin.
    pub async fn delete(&self, id: SfId) -> Result<()> {
        self.write_one(Write::Delete { id }).await.map(drop)
    }
    async fn write_one(&self, row: Write) -> Result<(SfId, bool)> {
        let options = WriteOptions::new().with_call(self.call.clone());
        match self.write([row], &options).await.pop() {
            Some(outcome) => outcome.into_result(),
            None => {
                Err(Failure::new(ErrorKind::Decode, Delivery::Unknown, "the write had no outcome").into())
            }
        }
    }

    /// Any number of rows, cut to what the transport takes (over REST 1,000 a call: 10,000 rows are 10 calls); one outcome per row, in order, whatever happens.
    ///
    /// A row that cannot be right (see [`protocol::check_row`](crate::protocol::check_row)) fails by itself. When a call as a whole fails, its
    /// rows do; if the reason concerns the org and not the rows (no token, a quota, no connection) the rows after
    /// it come back [`Delivery::NotSent`] with that reason. A lost answer makes only its own rows
    /// [`Delivery::Unknown`] and the calls after it go on.
    ///
    /// Rows that somebody else held at the moment (`UNABLE_TO_LOCK_ROW`) are sent again, they alone, after a random pause: three
    /// times at most, fewer with [`CallOptions::attempts`], and not at all with `Some(1)` or when a later row of the call is about
    /// the same record.
    ///
    /// With `all_or_none` the rows must fit into one call, because no org undoes an earlier one: more are refused
    /// before anything is sent, and so are all of them when one cannot be right. Options without a call of their own
    /// use this org's.
    pub async fn write(
        &self,
        rows: impl IntoIterator<Item = Write> + Send,
        options: &WriteOptions,
    ) -> Vec<RowOutcome> {
        let rows: Vec<Write> = rows.into_iter().collect();
        let mut options = options.clone();
        if options.call == CallOptions::default() {
            options.call = self.call.clone();
        }
        let plan = self.plan_write(&rows, &options);
        let mut writing = Writing::new(rows.into_iter().map(Some).collect(), plan);
        self.write_planned(&mut writing, &options, &mut None).await;
        writing.into_outcomes()
    }
    /// Makes the calls that are left. `stopped`: why none is made any more. When this is dropped, the rows of the call under
    /// way are [`Delivery::Unknown`], and it can be called again for those after it.
    pub(super) async fn write_planned(
        &self,
        writing: &mut Writing,
        options: &WriteOptions,
        stopped: &mut Option<Failure>,
    ) {
        while let Some(batch) = writing.next_call() {
            let count = batch.len();
            let results = match &*stopped {
                Some(reason) => vec![RowOutcome::Failed(reason.clone()); count],
                None => match self.write_call(&batch, options).await {
                    Ok(results) if results.len() == count => results,
                    Ok(results) => vec![RowOutcome::Failed(miscounted(results.len(), count)); count],
                    Err(error) => {
                        *stopped = stops(&error);
                        vec![RowOutcome::Failed(error.into_failure()); count]
                    }
                },
            };
            writing.answer(results);
        }
    }

    /// What [`write`](Org::write) would do with these rows: the calls it would make, the rows it would refuse, and why.
    /// Sends nothing.
    pub fn plan_write(&self, rows: &[Write], options: &WriteOptions) -> WritePlan {
        plan::write(rows, options, &self.transport().capabilities(), &Thresholds::rest_only())
    }
}

/// Rows on their way by a plan.
pub(super) struct Writing {
    /// Those that were not sent yet.
    rows: Vec<Option<Write>>,
    outcomes: Vec<Option<RowOutcome>>,
    calls: std::vec::IntoIter<PlannedWrite>,
    /// Places of the rows whose call is under way.
    under_way: Vec<usize>,
}
impl Writing {
    /// The plan is of these rows. Rows that are `None` are refused by it.
    pub(super) fn new(rows: Vec<Option<Write>>, plan: WritePlan) -> Writing {
        let outcomes = vec![None; rows.len()];
        let mut writing = Writing { rows, outcomes, calls: plan.calls.into_iter(), under_way: Vec::new() };
        for (place, failure) in plan.refused {
            writing.put(place, RowOutcome::Failed(failure));
        }
        writing
    }
    fn next_call(&mut self) -> Option<Vec<Write>> {
        let given_up = vec![RowOutcome::Failed(given_up()); self.under_way.len()];
        self.answer(given_up);
        self.under_way = self.calls.next()?.rows;
        Some(self.under_way.iter().filter_map(|place| self.rows.get_mut(*place)?.take()).collect())
    }
    fn answer(&mut self, results: Vec<RowOutcome>) {
        for (place, result) in std::mem::take(&mut self.under_way).into_iter().zip(results) {
            self.put(place, result);
        }
    }
    fn put(&mut self, place: usize, outcome: RowOutcome) {
        if let Some(slot) = self.outcomes.get_mut(place) {
            *slot = Some(outcome);
        }
    }
    /// When all calls are made.
    pub(super) fn into_outcomes(self) -> Vec<RowOutcome> {
        let known = |outcome: Option<_>| outcome.unwrap_or_else(|| RowOutcome::Failed(miscounted(0, 1)));
        self.outcomes.into_iter().map(known).collect()
    }
}
fn given_up() -> Failure {
    let message = "the write was dropped before the answer about this row came";
    Failure::new(ErrorKind::Unavailable, Delivery::Unknown, message)
}

/// The reason not to try the calls after this one, if its failure was not about its rows.
fn stops(error: &Error) -> Option<Failure> {
    let of_the_org = matches!(error.retry(), Retry::SignIn | Retry::Quota | Retry::Backoff { .. })
        || matches!(error.kind(), ErrorKind::NotSignedIn | ErrorKind::Setup);
    of_the_org.then(|| {
        let mut failure = error.failure().clone().with_delivery(Delivery::NotSent);
        failure.message = format!("not sent, because an earlier call failed: {}", failure.message);
        failure
    })
}
pub(super) fn miscounted(results: usize, rows: usize) -> Failure {
    let message = format!("the transport gave {results} outcomes for {rows} rows");
    Failure::new(ErrorKind::Decode, Delivery::Unknown, message)
}
