//! An upload on its way into the org: batch by batch, in chunks of 200 rows, each a transaction of its own.
use super::{
    columns::{self, Column, Given, Reading},
    csv::{self, Dialect, Problem, Sheet},
    job::Operation,
};
use crate::{
    assumptions::AssumedError,
    demo::random::Random,
    error::ApiError,
    json::Json,
    org::Inner,
    rest::Service,
    save::{NONE, Upserted, malformed_id, repeated_key},
    state::SObjectType,
};
use sf_core::SfId;
use std::{collections::BTreeMap, sync::Arc};

/// Bulk API 2.0 guide, "Limits": triggers see this many rows at once.
const CHUNK: usize = 200;

/// What is done with the rows of an upload.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Task<'j> {
    pub(crate) operation: Operation,
    pub(crate) object: &'j str,
    /// Of an upsert.
    pub(crate) external_id: Option<&'j str>,
}

/// A row of an upload.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) values: Vec<Given>,
    /// Why this row fails, whatever is in it.
    pub(crate) problem: Option<Problem>,
}

/// An upload that was read, and what became of its rows.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    header: String,
    columns: Vec<Column>,
    records: Vec<Record>,
    /// Rows before this one were processed.
    at: usize,
    done: Vec<(usize, SfId, bool)>,
    pub(super) failed: Vec<(usize, Option<SfId>, ApiError)>,
    pub(crate) chunks_with_triggers: u64,
}

/// What became of one row: its id and whether it is new, or the error and the id as far as it is known.
pub(crate) type Outcome<'l> = Result<(SfId, bool), (Option<SfId>, &'l ApiError)>;

impl Load {
    /// Failed rows are among them.
    pub(crate) fn processed(&self) -> usize {
        self.at
    }
    pub(crate) fn is_done(&self) -> bool {
        self.at >= self.records.len()
    }
    /// How many rows it has.
    pub(crate) fn rows(&self) -> usize {
        self.records.len()
    }
    /// How many rows failed.
    pub(crate) fn failures(&self) -> usize {
        self.failed.len()
    }

    /// Forgets the rows that were not processed.
    pub(super) fn drop_rest(&mut self) {
        self.records.truncate(self.at);
    }

    /// The processed rows in the order of the upload.
    pub(crate) fn outcomes(&self) -> Vec<Outcome<'_>> {
        let done = self.done.iter().map(|(at, id, created)| (*at, Ok((*id, *created))));
        let failed = self.failed.iter().map(|(at, id, error)| (*at, Err((*id, error))));
        let by_row: BTreeMap<usize, Outcome<'_>> = done.chain(failed).collect();
        by_row.into_values().collect()
    }

    /// Reads an upload; the error is the message of the failed job.
    pub(crate) fn read(
        inner: &Inner,
        task: Task<'_>,
        bytes: &[u8],
        dialect: Dialect,
    ) -> Result<Load, String> {
        let sheet = csv::read(bytes, dialect, &inner.assumptions.bulk);
        let Sheet { header, names, records } = sheet.map_err(|f| f.words(&inner.assumptions))?;
        let records = records.into_iter().map(|record| Record {
            values: record.values.into_iter().map(Given::of_csv).collect(),
            problem: record.problem,
        });
        let load = Load::new(inner, task, &names, records.collect())?;
        Ok(Load { header, ..load })
    }

    /// Rows that were read already; the error is the message of the failed job.
    pub(crate) fn new(
        inner: &Inner,
        task: Task<'_>,
        names: &[String],
        records: Vec<Record>,
    ) -> Result<Load, String> {
        // The object may have gone away while the job waited.
        let sobject = inner.state.schema().get(task.object).ok_or_else(|| no_entity(task))?;
        let columns = columns::resolve(&inner.state, &inner.rules, sobject, task.operation, names)
            .map_err(|f| f.words(&inner.assumptions))?;
        Ok(Load {
            header: String::new(),
            columns,
            records,
            at: 0,
            done: Vec::new(),
            failed: Vec::new(),
            chunks_with_triggers: 0,
        })
    }

    /// Processes so many rows; the error is the message of the failed job. Rows of earlier chunks stay done.
    pub(crate) fn batch(&mut self, inner: &mut Inner, task: Task<'_>, rows: usize) -> Result<(), String> {
        let end = self.records.len().min(self.at + rows.max(1));
        let Some(sobject) = inner.state.schema().get(task.object).cloned() else {
            return Err(no_entity(task));
        };
        let has_triggers = inner.rules.triggers.contains_key(&sobject.name.to_ascii_lowercase());
        while self.at < end {
            let chunk_end = end.min(self.at + CHUNK);
            let (done, failed) = (self.done.len(), self.failed.len());
            self.chunk(inner, task, &sobject, chunk_end);
            if let Err(error) = inner.commit() {
                // Nothing of the chunk was kept.
                self.done.truncate(done);
                self.failed.truncate(failed);
                return Err(format!("Unknown : the change could not be kept: {error}"));
            }
            self.at = chunk_end;
            self.chunks_with_triggers += u64::from(has_triggers);
        }
        Ok(())
    }

    fn chunk(&mut self, inner: &mut Inner, task: Task<'_>, sobject: &Arc<SObjectType>, end: usize) {
        let reading = Reading {
            short_booleans: inner.assumptions.bulk.short_booleans,
            null_clears_parent: inner.assumptions.bulk.null_clears_parent,
            values: inner.assumptions.values,
        };
        let keys: Vec<Option<String>> =
            (self.at..end).map(|at| self.key(task, sobject, &self.records[at])).collect();
        (Service { inner }).begin_batch();
        let mut copies: BTreeMap<&str, usize> = BTreeMap::new();
        for key in keys.iter().flatten() {
            *copies.entry(key).or_default() += 1;
        }
        for (at, key) in (self.at..end).zip(&keys) {
            let record = &self.records[at];
            if let Some((which, problem)) = record.problem {
                let error = ApiError::new(400, "CLIENTINPUTERROR", problem).assumed(which);
                self.failed.push((at, None, inner.assumptions.worded(error)));
                continue;
            }
            let twice = key.as_deref().filter(|key| copies.get(key).is_some_and(|n| *n > 1));
            let row = Row { task, sobject, columns: &self.columns, values: &record.values, reading };
            let savepoint = inner.state.savepoint();
            match row.save(inner, twice) {
                Ok((id, created)) => self.done.push((at, id, created)),
                Err((id, error)) => {
                    inner.state.rollback_to(savepoint);
                    self.failed.push((at, id, inner.assumptions.worded(error)));
                }
            }
        }
        inner.options.batch = None;
    }

    /// What says that two rows of one chunk are about the same record.
    fn key(&self, task: Task<'_>, sobject: &SObjectType, record: &Record) -> Option<String> {
        let name = match task.operation {
            Operation::Insert => return None,
            Operation::Upsert => task.external_id?,
            _ => "Id",
        };
        let at = sobject.position(name)?;
        let column = self.columns.iter().position(|c| matches!(c, Column::Field(field) if *field == at))?;
        let Given::Text(value) = record.values.get(column)? else { return None };
        Some(match SfId::new(value) {
            Ok(id) if at == sobject.system.id => id.to_string(),
            _ => value.to_lowercase(),
        })
    }

    pub(super) fn successful(&self, dialect: Dialect, mut random: Random) -> String {
        let mut out = head(system_columns(true, 0), &self.header, dialect);
        for (at, id, created) in shuffled(&self.done, &mut random) {
            let created = if *created { "true" } else { "false" };
            self.row(&[id.as_str(), created], *at, dialect, &mut out);
        }
        out
    }
    pub(super) fn failed_rows(&self, dialect: Dialect, version: u16, mut random: Random) -> String {
        let system = system_columns(false, version);
        let mut out = head(system, &self.header, dialect);
        for (at, id, error) in shuffled(&self.failed, &mut random) {
            let error = text_of(error);
            let both = [id.as_ref().map_or("", SfId::as_str), &error];
            self.row(&both[2 - system.len()..], *at, dialect, &mut out);
        }
        out
    }
    pub(super) fn unprocessed(&self, dialect: Dialect) -> String {
        let mut out = head(&[], &self.header, dialect);
        (self.at..self.records.len()).for_each(|at| self.row(&[], at, dialect, &mut out));
        out
    }
    fn row(&self, system: &[&str], at: usize, dialect: Dialect, out: &mut String) {
        // A row that is too short or too long still has the header's columns here.
        let missing = std::iter::repeat("");
        let values = self.records[at].values.iter().map(Given::csv).chain(missing).take(self.columns.len());
        csv::write_row(system.iter().copied().chain(values), dialect, out);
    }
}

/// What the org adds in front of a result's columns; failed rows are without `sf__Id` before API version 53.0.
pub(super) fn system_columns(successful: bool, version: u16) -> &'static [&'static str] {
    match (successful, version < 53) {
        (true, _) => &["sf__Id", "sf__Created"],
        (false, true) => &["sf__Error"],
        (false, false) => &["sf__Id", "sf__Error"],
    }
}

/// The header row of a result: the system's columns are quoted, the rest is as it was sent.
pub(super) fn head(system: &[&str], header: &str, dialect: Dialect) -> String {
    let comma = dialect.delimiter();
    let system: String = system.iter().map(|name| format!("\"{name}\"{comma}")).collect();
    format!("{system}{header}{}", dialect.ending.text())
}

/// The guide promises no order; the seed gives one.
fn shuffled<'i, T>(items: &'i [T], random: &mut Random) -> Vec<&'i T> {
    let mut items: Vec<&T> = items.iter().collect();
    super::shuffle(&mut items, random);
    items
}

fn no_entity(task: Task<'_>) -> String {
    format!("InvalidBatch : Entity '{}' is not supported by the Bulk API.", task.object)
}

/// `CODE:message:fields --`, several joined by `;` ([inferred]).
pub(crate) fn text_of(error: &ApiError) -> String {
    error.all().map(text_of_one).collect::<Vec<_>>().join(";")
}
fn text_of_one(error: &ApiError) -> String {
    let fields = error.fields.as_deref().unwrap_or_default().join(", ");
    let blank = if fields.is_empty() { "" } else { " " };
    format!("{}:{}:{fields}{blank}--", error.code, error.message)
}

/// One row about to be saved.
struct Row<'r> {
    task: Task<'r>,
    sobject: &'r Arc<SObjectType>,
    columns: &'r [Column],
    values: &'r [Given],
    reading: Reading,
}

impl Row<'_> {
    /// The id and whether it is new; or the id, as far as it is known, and the error.
    fn save(&self, inner: &mut Inner, twice: Option<&str>) -> Result<(SfId, bool), (Option<SfId>, ApiError)> {
        let object = &self.sobject.name;
        if self.task.operation == Operation::Upsert {
            return self.upsert(inner, twice).map_err(|error| (None, error));
        }
        if self.task.operation == Operation::Insert {
            let fields = self.fields().map_err(|error| (None, error))?;
            let id = Service { inner }.saver().insert(object, &fields).map_err(|error| (None, error))?;
            return Ok((id, true));
        }
        let id = self.id().map_err(|error| (None, error))?;
        let known = |error| (Some(id), error);
        if twice.is_some() {
            return Err(known(ApiError::row(
                "DUPLICATE_VALUE",
                format!("Duplicate id in list: {id}"),
                ["Id"],
            )));
        }
        if self.task.operation == Operation::Update {
            let fields = self.fields().map_err(known)?;
            Service { inner }.saver().update(object, id, &fields).map_err(known)?;
            return Ok((id, false));
        }
        let savepoint = inner.state.savepoint();
        let mut service = Service { inner };
        service.saver().existing(self.sobject, id).map_err(known)?;
        service.saver().delete(id).map_err(known)?;
        if self.task.operation == Operation::HardDelete {
            inner.state.purge_deleted_since(savepoint);
        }
        Ok((id, false))
    }

    fn upsert(&self, inner: &mut Inner, twice: Option<&str>) -> Result<(SfId, bool), ApiError> {
        let key = self.task.external_id.unwrap_or("Id");
        if let Some(value) = twice {
            return Err(repeated_key(key, value));
        }
        let fields = self.fields()?;
        let value =
            fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.clone());
        let value = value.unwrap_or(Json::Null);
        if !key.eq_ignore_ascii_case("Id")
            && fields.iter().any(|(name, value)| name == "Id" && *value != Json::Null)
        {
            let message = "The Id field should not be specified in the sobject data.";
            return Err(ApiError::row("INVALID_FIELD", message, ["Id"]));
        }
        match (Service { inner }).saver().upsert(&self.sobject.name, key, &value, &fields)? {
            Upserted::Done { id, created } => Ok((id, created)),
            Upserted::Several(ids) => {
                let message = format!("Upsert failed: {key} matches {} records", ids.len());
                let error = ApiError::row("DUPLICATE_EXTERNAL_ID", message, [key]);
                Err(error.assumed(AssumedError::SeveralMatches))
            }
        }
    }

    fn fields(&self) -> Result<Vec<(String, Json)>, ApiError> {
        columns::fields(self.sobject, self.columns, self.values, self.reading)
    }

    fn id(&self) -> Result<SfId, ApiError> {
        let is_id = |column: &Column| matches!(column, Column::Field(at) if *at == self.sobject.system.id);
        let at = self.columns.iter().position(is_id);
        match at.and_then(|at| self.values.get(at)) {
            None | Some(Given::Nothing | Given::Null) => {
                let what = self.task.operation.kind_of_write();
                let article = if what == "update" { "an" } else { "a" };
                let message = format!("Id not specified in {article} {what} call");
                Err(ApiError::row("MISSING_ARGUMENT", message, NONE).assumed(AssumedError::NoKey))
            }
            Some(Given::Text(text)) => SfId::new(text).map_err(|_| malformed_id(text)),
        }
    }
}
