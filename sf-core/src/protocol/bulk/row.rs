//! Rows of a model, straight from their fields.
use super::{
    CsvEncoder, IngestJob, Operation,
    cell::{CsvCell, NULL},
    encode::{Mark, Shape},
};
use crate::{ColumnType, Failure, Field, FieldName, Fields, SObject, SfId, Value};

const ID: &str = "Id";

/// Takes the columns of one row. The macro of the models calls it.
#[doc(hidden)]
#[derive(Debug)]
pub struct RowWriter<'a> {
    csv: &'a mut CsvEncoder,
    /// Behind the column that was written last.
    next: usize,
    says: bool,
    is_disordered: bool,
    failure: Option<Failure>,
}
impl RowWriter<'_> {
    /// One column; an absent field is none.
    #[inline]
    pub fn column<T: ColumnType>(&mut self, name: &'static str, field: &Field<T>) {
        match field {
            Field::Absent => {}
            Field::Null => self.cell(name, |cell| cell.plain(NULL)),
            Field::Value(value) => self.cell(name, |cell| value.csv(cell)),
        }
    }
    fn cell(&mut self, name: &str, write: impl FnOnce(&mut CsvCell<'_>)) {
        if self.failure.is_some() || self.is_disordered {
            return;
        }
        let at = self.csv.column(name, self.next);
        let problem = match self.csv.shape {
            Shape::InOrder if at < self.next => {
                self.is_disordered = true;
                return;
            }
            Shape::InOrder => {
                self.csv.commas(self.next, at);
                self.csv.key_from(at);
                let mut cell = CsvCell::new(&mut self.csv.body);
                write(&mut cell);
                let problem = cell.problem;
                self.csv.key_to(at);
                problem
            }
            Shape::AnyOrder => {
                let start = self.csv.scratch.len();
                let mut cell = CsvCell::new(&mut self.csv.scratch);
                write(&mut cell);
                let problem = cell.problem;
                self.csv.spans.push(start..self.csv.scratch.len());
                if let Some(slot) = self.csv.slots.get_mut(at) {
                    *slot = self.csv.spans.len();
                }
                problem
            }
        };
        if let Some(problem) = problem {
            self.failure = Some(problem.failure(name));
        }
        self.says = true;
        self.next = at + 1;
    }
}

impl CsvEncoder {
    /// Adds a row of a model: what [`SObject::writable`] says, and the id where the job goes by it. At the speed of a CSV
    /// writer for models made by [`sobject!`](crate::sobject).
    ///
    /// ```
    /// use sf_core::{Field, SObject, field, models::Account, protocol::bulk::{CsvEncoder, IngestJob, Operation}};
    ///
    /// let mut job = IngestJob::new(Account::OBJECT, Operation::Upsert);
    /// job.external_id = Some(field!("Name"));
    /// let mut csv = CsvEncoder::new();
    /// csv.push_row(&Account { name: "Acme, Inc".into(), phone: Field::Null, ..Account::default() }, &job)?;
    /// csv.push_row(&Account { name: "Globex".into(), number_of_employees: 7.into(), ..Account::default() }, &job)?;
    /// let failure = csv.push_row(&Account::default(), &job).unwrap_err();
    /// assert_eq!(failure.message, "an upsert by `Name` needs a value of `Name`");
    /// assert_eq!(csv.finish(), "Name,Phone,NumberOfEmployees\n\"Acme, Inc\",#N/A,\nGlobex,,7\n");
    /// # Ok::<(), sf_core::Failure>(())
    /// ```
    ///
    /// # Errors
    /// As [`push`](CsvEncoder::push), and [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a row without the id
    /// or external ID that the job goes by.
    pub fn push_row<T: SObject>(&mut self, row: &T, job: &IngestJob) -> Result<(), Failure> {
        let operation = match job.operation {
            Operation::Insert => crate::Operation::Insert,
            Operation::Update => crate::Operation::Update,
            Operation::Upsert => crate::Operation::Upsert,
            Operation::Delete | Operation::HardDelete => {
                return self.push(&with_id(Fields::new(), row.id(), job)?);
            }
        };
        if !row.is_columns_only() {
            return self.push(&with_id(row.writable(operation)?, row.id(), job)?);
        }
        if let Some(key) = &job.external_id {
            self.watch(key.as_str());
        }
        let mark = self.mark();
        let mut pushed = self.columns_of(row, operation, job, mark);
        if matches!(pushed, Ok(false)) {
            // Columns that came later stand behind: the row's cells are put into order.
            self.back_to(mark);
            self.shape = Shape::AnyOrder;
            pushed = self.columns_of(row, operation, job, mark);
        }
        if pushed.is_err() {
            self.back_to(mark);
        }
        pushed.map(drop)
    }
    /// False: the columns are not in the order of the header.
    fn columns_of<T: SObject>(
        &mut self,
        row: &T,
        operation: crate::Operation,
        job: &IngestJob,
        mark: Mark,
    ) -> Result<bool, Failure> {
        let by_id = goes_by_id(job);
        self.key_cell = None;
        if self.shape == Shape::AnyOrder {
            self.scratch.clear();
            self.spans.clear();
            self.slots.clear();
            self.slots.resize(self.columns.len(), 0);
        }
        let mut writer = RowWriter { csv: self, next: 0, says: false, is_disordered: false, failure: None };
        match row.id() {
            Some(id) if by_id => writer.cell(ID, |cell| cell.plain(id.as_str())),
            None if by_id && job.operation != Operation::Upsert => return Err(no_id()),
            _ => {}
        }
        row.write_columns(operation, &mut writer);
        let RowWriter { next, says, is_disordered, failure, .. } = writer;
        if let Some(failure) = failure {
            return Err(failure);
        }
        if is_disordered {
            return Ok(false);
        }
        if !says {
            return Err(match needed_key(job, by_id) {
                Some(key) => no_key(key),
                None => Failure::invalid_input("the row has no field to write"),
            });
        }
        match self.shape {
            Shape::InOrder => self.commas(next, self.columns.len().saturating_sub(1)),
            Shape::AnyOrder => self.assemble(),
        }
        self.check_header(mark)?;
        self.end_line(mark)?;
        match needed_key(job, by_id) {
            Some(key) if self.last_cell(key.as_str()).is_none_or(|cell| cell.is_empty() || cell == NULL) => {
                Err(no_key(key))
            }
            _ => Ok(true),
        }
    }
}

/// What a row of an upsert must have.
fn needed_key(job: &IngestJob, by_id: bool) -> Option<&FieldName> {
    job.external_id.as_ref().filter(|_| job.operation == Operation::Upsert && !by_id)
}

fn goes_by_id(job: &IngestJob) -> bool {
    match job.operation {
        Operation::Insert => false,
        Operation::Upsert => job.external_id.as_ref().is_some_and(|key| key.is(ID)),
        Operation::Update | Operation::Delete | Operation::HardDelete => true,
    }
}
fn no_id() -> Failure {
    Failure::invalid_input("the row has no `Id`, by which it would be found").with_fields([ID])
}
fn no_key(key: &FieldName) -> Failure {
    Failure::invalid_input(format!("an upsert by `{key}` needs a value of `{key}`"))
        .with_fields([key.as_str()])
}

/// The row with what the operation goes by.
pub(crate) fn with_id(mut fields: Fields, id: Option<SfId>, job: &IngestJob) -> Result<Fields, Failure> {
    const ID_FIELD: FieldName = FieldName::from_static(ID);
    let by_id = goes_by_id(job);
    if matches!(job.operation, Operation::Delete | Operation::HardDelete) {
        fields.retain(|name, _| *name == ID_FIELD);
    }
    if by_id && let (Some(id), None) = (id, fields.get(&ID_FIELD)) {
        fields = [(ID_FIELD, Value::from(id))].into_iter().chain(fields).collect();
    }
    let is_blank = |value: &Value| value.is_null() || value.as_str() == Some("");
    match (by_id, job.operation) {
        // An upsert by `Id` inserts rows that have none.
        (true, Operation::Upsert) => {}
        (true, _) if fields.get(&ID_FIELD).is_none_or(is_blank) => return Err(no_id()),
        (true, _) => {}
        (false, _) if fields.contains(&ID_FIELD) => {
            let message = "the row has an `Id`, which this operation cannot send";
            return Err(Failure::invalid_input(message).with_fields([ID]));
        }
        (false, _) => {}
    }
    match &job.external_id {
        Some(key) if job.operation == Operation::Upsert && !by_id && fields.get(key).is_none_or(is_blank) => {
            Err(no_key(key))
        }
        _ => Ok(fields),
    }
}
