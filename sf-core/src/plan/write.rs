use super::{Thresholds, counted};
use crate::{
    AssignmentRules, Capabilities, Delivery, ErrorCode, Failure, Fields, Value, Write, WriteOptions,
    protocol::{check_row, is_record, parts_in_call, rows_in_call},
};
use std::{collections::BTreeMap, fmt};

/// How rows go to the org.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum WritePath {
    /// One row in a request of its own (`PATCH /sobjects/X/id`).
    Record,
    /// One collections request: up to 200 rows of one verb.
    Collection,
    /// A composite call of several collections and conditional updates.
    Composite,
    /// A Bulk API 2.0 ingest job. [`Org::load`](crate::Org::load) makes it; several when the rows are too many for one.
    Bulk,
}

/// One call of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlannedWrite {
    /// Which way it goes.
    pub path: WritePath,
    /// Its rows, as places in the input; ascending.
    pub rows: Vec<usize>,
    /// Subrequests in the call; 1 unless it is a composite.
    pub parts: usize,
}

/// What a write will do; see [`write()`]. Its text says so in plain words.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct WritePlan {
    /// The calls in their order. A Bulk job is one entry.
    pub calls: Vec<PlannedWrite>,
    /// Rows that are not sent, by their place in the input, with the reason.
    pub refused: Vec<(usize, Failure)>,
    /// API calls that the org will count; of a Bulk job at least so many, as nobody knows how often its state is asked for.
    pub api_calls: u64,
    /// Why, sentence by sentence.
    pub why: Vec<String>,
}

/// How these rows will be written.
///
/// Rows keep their order and go in as few calls as possible ([`rows_in_call`]). A row that cannot be right
/// ([`check_row`]) is refused by itself. With [`all_or_none`](WriteOptions::all_or_none) all rows must fit into one call
/// and be right, or all are refused: no org undoes an earlier call, and a Bulk job saves row by row.
///
/// Of the rows of a Bulk job, those go by calls after it that have a value without a form in its CSV: the text `#N/A`, which
/// there clears a field, and JSON.
///
/// ```
/// use sf_core::{Capabilities, Fields, SfId, Write, WriteOptions, field, object, plan};
/// let id = SfId::new("001000000000001AAA")?;
/// let fields = Fields::new().set(field!("Name"), "Acme");
/// let rows = [
///     Write::Update { object: object!("Account"), id, fields, if_unmodified_since: "2026-01-02T03:04:05Z".parse().ok() },
///     Write::Delete { id: SfId::new("001000000000002AAA")? },
///     Write::Insert { object: object!("Account"), fields: Fields::new().set(field!("attributes"), "x") },
/// ];
/// let can = Capabilities::default();
/// let plan = plan::write(&rows, &WriteOptions::new(), &can, &plan::Thresholds::new());
/// assert_eq!(
///     plan.to_string(),
///     "1 call for 2 rows\n\
///      - 1 composite call: a call takes up to 1000 rows in 5 collections of 200, and 25 conditional updates\n\
///      - 1 row is not sent: row 2: `attributes` cannot be among the values of a row to write\n"
/// );
/// # Ok::<(), sf_core::Error>(())
/// ```
pub fn write(
    rows: &[Write],
    options: &WriteOptions,
    can: &Capabilities,
    thresholds: &Thresholds,
) -> WritePlan {
    let mut plan = WritePlan { calls: Vec::new(), refused: Vec::new(), api_calls: 0, why: Vec::new() };
    for (i, row) in rows.iter().enumerate() {
        if let Err(failure) = check_row(row, can) {
            plan.refused.push((i, failure));
        }
    }
    if options.all_or_none && !plan.refused.is_empty() {
        let mut own: BTreeMap<usize, Failure> = plan.refused.drain(..).collect();
        plan.refused = (0..rows.len()).map(|i| (i, own.remove(&i).unwrap_or_else(held_back))).collect();
        plan.why.push("nothing is sent: all rows or none, and one of them cannot be right".to_owned());
        return plan;
    }
    let clone;
    let (places, good): (Vec<usize>, &[Write]) = if plan.refused.is_empty() {
        ((0..rows.len()).collect(), rows)
    } else {
        let mut refused = plan.refused.iter().map(|(place, _)| *place).peekable();
        let places: Vec<usize> = (0..rows.len()).filter(|i| refused.next_if_eq(i).is_none()).collect();
        clone = places.iter().filter_map(|i| rows.get(*i).cloned()).collect::<Vec<_>>();
        (places, &clone)
    };
    match thresholds.bulk_writes {
        Some(most) if good.len() as u64 > most && can.bulk => match no_job(good, options) {
            None => {
                let (job, rest): (Vec<usize>, Vec<usize>) = (0..good.len())
                    .partition(|at| good.get(*at).is_some_and(|row| has_csv_form(row.fields())));
                if job.len() as u64 > most {
                    let of = |at: &[usize]| at.iter().filter_map(|at| places.get(*at).copied()).collect();
                    plan.bulk(of(&job), most, can);
                    if !rest.is_empty() {
                        let rows: Vec<Write> = rest.iter().filter_map(|at| good.get(*at).cloned()).collect();
                        let (count, go) = match rest.len() {
                            1 => ("1 row".to_owned(), "goes"),
                            n => (format!("{n} rows"), "go"),
                        };
                        plan.why.push(format!(
                            "{count} {go} by calls after it: a value has no form in a job's CSV (`#N/A`, JSON)"
                        ));
                        let places: Vec<usize> = of(&rest);
                        plan.rest(&places, &rows, options, can);
                    }
                    plan.explain(good, can);
                    return plan;
                }
            }
            Some(why) => {
                plan.why.push(format!("no Bulk job although there are more than {most} rows: {why}"))
            }
        },
        _ => {}
    }
    plan.rest(&places, good, options, can);
    if options.all_or_none && plan.calls.len() > 1 {
        let failure = not_one_call(rows.len(), rows_in_call(good, can), can);
        plan.calls.clear();
        plan.refused = (0..rows.len()).map(|i| (i, failure.clone())).collect();
        plan.why.push("nothing is sent: all rows or none holds within one call only".to_owned());
        return plan;
    }
    plan.explain(good, can);
    plan
}

impl WritePlan {
    fn rest(&mut self, mut places: &[usize], mut rows: &[Write], options: &WriteOptions, can: &Capabilities) {
        while !rows.is_empty() {
            let count = rows_in_call(rows, can).clamp(1, rows.len());
            let (batch, rest) = rows.split_at(count);
            let (at, places_left) = places.split_at(count.min(places.len()));
            let parts = parts_in_call(batch, can);
            let path = match batch {
                _ if parts > 1 => WritePath::Composite,
                batch if is_record(batch, options, can) => WritePath::Record,
                _ => WritePath::Collection,
            };
            self.calls.push(PlannedWrite { path, rows: at.to_vec(), parts });
            self.api_calls += u64::from(can.requests_per_call);
            (rows, places) = (rest, places_left);
        }
    }
    fn bulk(&mut self, places: Vec<usize>, most: u64, can: &Capabilities) {
        self.calls.push(PlannedWrite { path: WritePath::Bulk, rows: places, parts: 1 });
        // Create, upload, close, ask for the state, and the three results.
        self.api_calls = 7 * u64::from(can.requests_per_call);
        self.why
            .push(format!("there are more than {most} rows: a Bulk job takes few calls whatever its size"));
    }
    fn explain(&mut self, rows: &[Write], can: &Capabilities) {
        let conditional = rows.iter().any(is_conditional);
        let mut ways: BTreeMap<WritePath, u64> = BTreeMap::new();
        for call in &self.calls {
            *ways.entry(call.path).or_default() += 1;
        }
        for (path, count) in ways {
            let text = match path {
                WritePath::Record => {
                    format!("{}: one row alone", counted(count, "record request"))
                }
                WritePath::Collection => {
                    format!("{}: up to 200 rows of one verb", counted(count, "collections request"))
                }
                WritePath::Composite => {
                    let more = match conditional {
                        true => format!(", and {} conditional updates", can.conditional_rows),
                        false => String::new(),
                    };
                    format!(
                        "{}: a call takes up to {} rows in {} collections of 200{more}",
                        counted(count, "composite call"),
                        can.write_rows,
                        can.write_runs.min(5),
                    )
                }
                WritePath::Bulk => continue,
            };
            self.why.push(text);
        }
        self.explain_refused();
    }
    pub(crate) fn explain_refused(&mut self) {
        if let Some((place, failure)) = self.refused.first() {
            let (count, are) = match self.refused.len() {
                1 => ("1 row".to_owned(), "is"),
                n => (format!("{n} rows"), "are"),
            };
            self.why.push(format!("{count} {are} not sent: row {place}: {}", failure.message));
        }
    }
    /// Rows that go out.
    pub fn rows(&self) -> u64 {
        self.calls.iter().map(|call| call.rows.len() as u64).sum()
    }
}
impl fmt::Display for WritePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bulk = self.calls.iter().any(|call| call.path == WritePath::Bulk);
        let least = if bulk { "at least " } else { "" };
        writeln!(f, "{least}{} for {}", counted(self.api_calls, "call"), counted(self.rows(), "row"))?;
        self.why.iter().try_for_each(|why| writeln!(f, "- {why}"))
    }
}

fn is_conditional(row: &Write) -> bool {
    matches!(row, Write::Update { if_unmodified_since: Some(_), .. })
}

/// Why the rows cannot be one Bulk job.
fn no_job(rows: &[Write], options: &WriteOptions) -> Option<&'static str> {
    if options.all_or_none {
        return Some("a job saves row by row, it cannot promise all or none");
    }
    if options.allow_duplicates || options.duplicate_details {
        return Some("a job takes no options for duplicate rules");
    }
    if options.assignment_rules == Some(AssignmentRules::Run) {
        return Some("a job runs an assignment rule only by its id");
    }
    let first = rows.first()?;
    let same = |row: &Write| match (row, first) {
        (Write::Delete { id }, Write::Delete { id: other }) => id.key_prefix() == other.key_prefix(),
        (Write::Upsert { key, .. }, Write::Upsert { key: other, .. }) if key != other => false,
        _ => std::mem::discriminant(row) == std::mem::discriminant(first) && row.object() == first.object(),
    };
    if !rows.iter().all(same) {
        return Some("a job is of one object and one verb");
    }
    rows.iter().any(is_conditional).then_some("a job knows no conditional updates")
}
/// Whether a row can stand in a job's CSV. Empty text can: there as in a call it clears the field.
pub(crate) fn has_csv_form(fields: Option<&Fields>) -> bool {
    fields.is_none_or(|fields| {
        fields.iter().all(|(_, value)| match value {
            Value::Text(text) => text != "#N/A",
            Value::Json(_) => false,
            Value::Parent(parent) => has_csv_form(Some(&parent.fields)),
            _ => true,
        })
    })
}
fn not_one_call(rows: usize, fits: usize, can: &Capabilities) -> Failure {
    let message = format!("{rows} rows do not fit into one all-or-none call, which takes {fits} of them");
    Failure::invalid_input(message).with_next_step(format!(
        "Send at most {} rows at once (up to 200 of one verb in a run, at most {} runs, no text with `@{{` beyond the \
         first run), or write without `all_or_none`.",
        can.write_rows,
        can.write_runs.clamp(1, 5)
    ))
}
/// A good row of an all-or-none call that was not made because of another one.
pub(crate) fn held_back() -> Failure {
    let message = "not sent, because another row of the all-or-none call cannot be right";
    Failure::of_code(ErrorCode::AllOrNoneOperationRolledBack, message).with_delivery(Delivery::NotSent)
}
