//! From result files to one outcome per row.
use super::{
    BulkLoad, BulkStage,
    calls::Calls,
    join::{Found, RowIndex},
};
use crate::{
    Delivery, ErrorKind, Failure, Result, RowOutcome,
    protocol::{
        BodySink, Response,
        bulk::{self, CsvReader, JobInfo, JobState, ResultColumns, ResultFile, ResultLine, job_failure},
    },
};
use std::{collections::HashMap, io};

struct Item {
    found: Found,
    outcome: RowOutcome,
    /// The cells, when no row of the input has this content.
    row: Vec<(String, String)>,
}

/// Takes a result file apart while it comes.
struct ResultSink<'a> {
    reader: CsvReader,
    index: &'a RowIndex,
    file: ResultFile,
    info: &'a JobInfo,
    own: Option<(ResultColumns, Vec<Option<usize>>)>,
    header: Vec<String>,
    line: String,
    items: Vec<Item>,
    problem: Option<Failure>,
}
impl<'a> ResultSink<'a> {
    fn new(index: &'a RowIndex, file: ResultFile, info: &'a JobInfo) -> ResultSink<'a> {
        ResultSink {
            reader: CsvReader::new(),
            index,
            file,
            info,
            own: None,
            header: Vec::new(),
            line: String::new(),
            items: Vec::new(),
            problem: None,
        }
    }
    fn read(&mut self, mut input: &[u8]) -> Result<(), Failure> {
        if self.own.is_none() {
            if !self.reader.read_header(&mut input)? {
                return Ok(());
            }
            self.header = self.reader.header().map(str::to_owned).collect();
            let names = self.header.iter().map(String::as_str);
            let (own, columns) = (ResultColumns::find(names.clone()), self.index.columns_in(names));
            // The third one has no column of the org's own.
            let has_ours = self.file != ResultFile::Unprocessed || columns.iter().any(Option::is_some);
            if !own.are_of(self.file) || !has_ours {
                return Err(foreign("its header row is not that of such a file"));
            }
            self.own = Some((own, columns));
        }
        let Some((own, columns)) = &self.own else { return Ok(()) };
        while let Some(row) = self.reader.read(&mut input)? {
            let cells = columns.iter().map(|at| at.and_then(|at| row.cell(at)).unwrap_or_default());
            let found = self.index.read(cells, &mut self.line);
            let outcome = own.outcome(self.file, row, self.info);
            let names = self.header.iter().enumerate().filter(|(at, _)| !own.is_own(*at));
            let row = match self.index.knows(found.content) {
                true => Vec::new(),
                false => names
                    .map(|(at, name)| (name.clone(), row.cell(at).unwrap_or_default().to_owned()))
                    .collect(),
            };
            self.items.push(Item { found, outcome, row });
        }
        Ok(())
    }
    fn finish(&mut self) -> Result<(), Failure> {
        let last = self.read(&[]);
        self.problem.take().map_or(last, Err)?;
        // Without a header there are no rows, unless the job has counted some.
        let failed = self.info.number_records_failed;
        let counted = match self.file {
            ResultFile::Failed => failed,
            // Of a job that did not complete, the rest may be rows that were not processed.
            ResultFile::Successful if self.info.state == JobState::JobComplete => {
                self.info.number_records_processed.and_then(|all| all.checked_sub(failed?))
            }
            _ => None,
        };
        match counted {
            Some(1..) if self.own.is_none() => Err(foreign("it came empty, and the job has rows for it")),
            _ => Ok(()),
        }
    }
}
fn foreign(problem: &str) -> Failure {
    let message = format!("a result file of the job cannot be read: {problem}");
    Failure::new(ErrorKind::Decode, Delivery::Unknown, message).with_next_step(
        "Make another step, or go on later with `Org::bulk_resume`; if it stays, look at what answers: a proxy may have put its own \
         page there.",
    )
}
impl BodySink for ResultSink<'_> {
    fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        // An empty piece would mean the end.
        if !chunk.is_empty() && self.problem.is_none() {
            self.problem = self.read(chunk).err();
        }
        Ok(())
    }
}

impl BulkLoad {
    /// Reads the results of a job that is over.
    pub(super) async fn settle(&mut self, at: usize, info: &JobInfo) -> Result<()> {
        let org = self.org.clone();
        let Some(index) = self.sent.get(at) else { return Ok(()) };
        let mut items = Vec::new();
        for file in ResultFile::ALL {
            let request = bulk::result_file(info.id, file);
            let whole = |sink: &mut ResultSink<'_>, _: &Response| sink.finish();
            let sink =
                Calls::of(&org).download(&request, || ResultSink::new(index, file, info), whole).await?;
            items.extend(sink.items);
        }
        let Some(index) = self.sent.get_mut(at) else { return Ok(()) };
        let mut outcomes: Vec<Option<RowOutcome>> = index.inputs.iter().map(|_| None).collect();
        let mut set = |row: usize, outcome: RowOutcome| {
            if let Some(place) = outcomes.get_mut(row) {
                *place = Some(outcome);
            }
        };
        // First by content: of equal rows it does not matter which is which.
        let mut rest = Vec::new();
        for item in items {
            match index.take(item.found.content) {
                Some(row) => set(row, item.outcome),
                None => rest.push(item),
            }
        }
        let mut by_key = match rest.is_empty() {
            true => Default::default(),
            false => index.by_key(|row| outcomes.get(row).is_some_and(Option::is_none)),
        };
        // Where several share a key, which line is which row's does not matter only if all of them ended alike.
        let mut lines: HashMap<u64, Vec<&RowOutcome>> = HashMap::new();
        for item in &rest {
            if let Some(key) = item.found.key {
                lines.entry(key).or_default().push(&item.outcome);
            }
        }
        by_key.retain(|key, rows| {
            let lines = lines.get(key).map(Vec::as_slice).unwrap_or_default();
            lines.len() >= rows.len() && lines.iter().all(|outcome| lines.first() == Some(outcome))
        });
        for item in rest {
            let row = item.found.key.and_then(|key| by_key.get_mut(&key)?.pop());
            match row.and_then(|row| outcomes.get_mut(row)) {
                Some(place) => *place = Some(item.outcome),
                None => self.unmatched.push(ResultLine { outcome: item.outcome, row: item.row }),
            }
        }
        let never_closed = self.job.parts.get(at).is_some_and(|part| part.stage < BulkStage::Closed);
        let missing = missing(info, never_closed);
        for (input, outcome) in index.inputs.iter().zip(outcomes) {
            if let Some(place) = self.outcomes.get_mut(*input) {
                *place = Some(outcome.unwrap_or_else(|| RowOutcome::Failed(missing.clone())));
            }
        }
        Ok(())
    }
    /// The org no longer knows a job.
    pub(super) fn gone(&mut self, at: usize, failure: &Failure) {
        let mut failure = failure.clone().with_delivery(Delivery::Unknown).with_next_step(
            "Jobs and their results are removed after seven days. Query for the rows to see which were saved.",
        );
        failure.message = format!("the job of the row is gone: {}", failure.message);
        for input in self.sent.get(at).map(|index| index.inputs.as_slice()).unwrap_or_default() {
            if let Some(place) = self.outcomes.get_mut(*input) {
                *place = Some(RowOutcome::Failed(failure.clone()));
            }
        }
    }
}

/// A row that is in none of the files.
fn missing(info: &JobInfo, never_closed: bool) -> Failure {
    if never_closed && let Some(failure) = job_failure(info) {
        return failure;
    }
    let message = "the row is in none of the result files of its job";
    Failure::new(ErrorKind::Decode, Delivery::Unknown, message).with_next_step(
        "Rows beyond the daily allocation are in no file. Query for the row to see whether it was saved; give the load a \
         key (`BulkIngest::with_key`) when rows come back changed.",
    )
}
