//! PK chunking: a query in parts, each a batch of its own over a range of ids.
use super::{Job, format::invalid};
use crate::{
    AssumedError,
    bulk::job::{Operation, can_be_chunked},
    error::{ApiError, ApiResult},
    org::Inner,
};
use sf_core::SfId;
use sf_soql::Query;

/// Guide, "PK Chunking".
const CHUNK: usize = 100_000;
const LARGEST_CHUNK: usize = 250_000;

/// What `Sforce-Enable-PKChunking` asks for.
#[derive(Debug, Clone)]
pub(super) struct Chunking {
    /// Rows between the boundaries of a chunk, deleted ones among them.
    size: usize,
    /// Rows before this one are left out.
    start: Option<SfId>,
}

impl Chunking {
    /// `true`, `false`, `chunkSize=50000; startRow=001…`.
    pub(super) fn read(value: &str, object: &str) -> ApiResult<Option<Chunking>> {
        let wrong = |what: &str| {
            let message = format!("Sforce-Enable-PKChunking: {what}");
            invalid("InvalidJob", message).assumed(AssumedError::ClassicChunking)
        };
        let mut chunking = Chunking { size: CHUNK, start: None };
        for option in value.split([';', ',']).map(str::trim).filter(|option| !option.is_empty()) {
            match option.split_once('=').map(|(name, value)| (name.trim(), value.trim())) {
                None if option.eq_ignore_ascii_case("true") => {}
                None if option.eq_ignore_ascii_case("false") => return Ok(None),
                Some((name, size)) if name.eq_ignore_ascii_case("chunkSize") => {
                    let size = size.parse().ok().filter(|size| (1..=LARGEST_CHUNK).contains(size));
                    chunking.size = size.ok_or_else(|| wrong("chunkSize is from 1 to 250000"))?;
                }
                Some((name, id)) if name.eq_ignore_ascii_case("startRow") => {
                    chunking.start = Some(SfId::new(id).map_err(|_| wrong("startRow is an id"))?);
                }
                Some((name, _)) if name.eq_ignore_ascii_case("parent") => {
                    return Err(wrong("parent is for sharing objects, which are not simulated by this org"));
                }
                _ => return Err(wrong(&format!("{option} is not one of its options"))),
            }
        }
        if can_be_chunked(object) {
            Ok(Some(chunking))
        } else {
            Err(wrong(&format!("not supported for {object}")))
        }
    }
}

impl Inner {
    /// The statements of the parts, by id.
    pub(super) fn chunks(&self, job: &Job, chunking: &Chunking, soql: &str) -> ApiResult<Vec<String>> {
        let query = Query::parse(soql)
            .map_err(|problems| ApiError::new(400, "MALFORMED_QUERY", problems.to_string()))?;
        let statement = query.statement();
        // Guide, "PK Chunking": only with queries that have no subqueries and no conditions other than WHERE.
        if !statement.order.is_empty() || statement.limit.is_some() || statement.children().next().is_some() {
            let message = "PK chunking works only with queries that don't include subqueries or conditions other than WHERE";
            let error = ApiError::new(400, "FUNCTIONALITY_NOT_ENABLED", message);
            return Err(error.assumed(AssumedError::ClassicChunkedQuery));
        }
        let mut ids: Vec<SfId> =
            self.state.table(&job.object).map(|table| table.ids().collect()).unwrap_or_default();
        ids.retain(|id| chunking.start.is_none_or(|start| *id >= start));
        ids.sort();
        let starts: Vec<SfId> = ids.iter().step_by(chunking.size).copied().collect();
        if starts.len() <= 1 && chunking.start.is_none() {
            return Ok(vec![soql.to_owned()]);
        }
        let ranges = starts.iter().enumerate().map(|(at, start)| match starts.get(at + 1) {
            Some(end) => format!("Id >= '{start}' AND Id < '{end}'"),
            None => format!("Id >= '{start}'"),
        });
        ranges.map(|range| bounded(&query, &range)).collect()
    }
}

/// The statement with one more condition.
fn bounded(query: &Query, range: &str) -> ApiResult<String> {
    let problem = |problem: String| ApiError::new(400, "MALFORMED_QUERY", problem);
    let mut statement = query.statement().clone();
    let own = statement.filter.take().map(|own| own.to_soql()).transpose();
    let text = match own.map_err(|e| problem(e.to_string()))? {
        Some(own) => format!("({own}) AND {range}"),
        None => range.to_owned(),
    };
    let filter = sf_soql::Condition::parse(&text).map_err(|e| problem(e.to_string()))?;
    statement.filter = Some(filter);
    statement.to_soql().map_err(|e| problem(e.to_string()))
}

/// Whether deleted rows are found too.
pub(super) fn sees_deleted(operation: Operation) -> bool {
    operation == Operation::QueryAll
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_read_or_refused() {
        let size = |value: &str| Chunking::read(value, "Account").map(|c| c.map(|c| (c.size, c.start)));
        assert_eq!(size("true"), Ok(Some((100_000, None))));
        assert_eq!(size("TRUE;"), Ok(Some((100_000, None))));
        assert_eq!(size("false"), Ok(None));
        let start = SfId::new("0015e0000000001AAA").ok();
        assert_eq!(size("chunkSize=50; startRow=0015e0000000001"), Ok(Some((50, start))));
        for wrong in
            ["chunkSize=0", "chunkSize=250001", "chunkSize=x", "startRow=1", "parent=Account", "yes", "a=b"]
        {
            assert!(size(wrong).is_err(), "{wrong}");
        }
        assert!(
            Chunking::read("true", "Thing__c").is_ok() && Chunking::read("true", "EmailMessage").is_err()
        );
    }

    #[test]
    fn a_range_joins_the_condition() {
        let query = Query::parse("SELECT Id FROM Account WHERE Name = 'a' OR Name = 'b'").unwrap();
        assert_eq!(
            bounded(&query, "Id >= '0015e0000000001AAA'").unwrap(),
            "SELECT Id FROM Account WHERE (Name = 'a' OR Name = 'b') AND Id >= '0015e0000000001AAA'"
        );
    }
}
