//! `/query?explain=…`: how a statement would be run.
use super::{
    Sources,
    error::QueryError,
    plan::{self, Plan},
};
use sf_soql::Statement;

/// How the rows would be found, the cheapest way first: the cost of an index is the rows that it gives against a tenth of all
/// rows, or another share that is assumed; a scan is always dearer than the best of them.
pub(super) fn explain<'q>(sources: &Sources<'_>, statement: &'q Statement) -> Result<String, QueryError<'q>> {
    let sobject = plan::sobject(sources, &statement.from)?;
    let plan = Plan::filtered(sources, statement, &sobject)?;
    let total = sources.state.rows(&sobject.name).filter(|row| !row.is_deleted(&sobject)).count();
    let matching = plan.rows(sources, None).len();
    #[allow(clippy::cast_precision_loss)]
    let cost = |rows: usize, of: f64| (rows as f64 / of.max(1.0) * 1000.0).round() / 1000.0;
    #[allow(clippy::cast_precision_loss)]
    let tenth = total as f64 * f64::from(sources.state.assumptions.soql.index_pays_below_percent) / 100.0;
    let mut ways: Vec<(f64, String)> = Vec::new();
    let indexed = sources.state.table(&sobject.name).map(|table| plan.indexed(table));
    for (at, ids) in indexed.into_iter().flatten() {
        let cost = cost(ids.len(), tenth);
        let field = &sobject.fields[at].name;
        ways.push((cost, way(&sobject.name, ids.len(), total, &format!("\"{field}\""), "Index", cost, "")));
    }
    let note = format!(
        "{{\"description\":\"Not considering filter for optimization because unindexed\",\"fields\":[\"IsDeleted\"],\"tableEnumOrId\":\"{}\"}}",
        sobject.name
    );
    let cost = cost(total, tenth).max(1.0);
    ways.push((cost, way(&sobject.name, matching, total, "", "TableScan", cost, &note)));
    ways.sort_by(|a, b| a.0.total_cmp(&b.0));
    let plans: Vec<String> = ways.into_iter().map(|(_, plan)| plan).collect();
    Ok(format!("{{\"plans\":[{}]}}", plans.join(",")))
}

fn way(object: &str, rows: usize, total: usize, field: &str, kind: &str, cost: f64, note: &str) -> String {
    format!(
        "{{\"cardinality\":{rows},\"fields\":[{field}],\"leadingOperationType\":\"{kind}\",\"notes\":[{note}],\"relativeCost\":{},\"sobjectCardinality\":{total},\"sobjectType\":\"{object}\"}}",
        crate::state::java_double(cost)
    )
}
