//! From the tree to rows: names resolved, filtered, sorted, cut. How rows are found is [`access`](super::access)'s.
use super::{
    Found, Sources, aggregate,
    error::{QueryError, leaf_of},
    filter::{self, Filter, Of},
    path,
    render::Cursor,
    scalar::Scalar,
    scope, select,
    value::{Clause, Value},
};
use crate::assumptions::AssumedError;
use crate::state::{Kind, Row, SObjectType};
use sf_core::{ObjectName, SfId};
use sf_soql::{Access, Item, Leaf, Operand, RowCount, Statement, With};
use std::{cmp::Ordering, collections::BTreeSet, sync::Arc};

/// SOQL reference, "OFFSET".
const MAX_OFFSET: u64 = 2000;

/// Filter, order and bounds of one SELECT.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) sobject: Arc<SObjectType>,
    pub(super) filter: Option<Filter>,
    pub(super) order: Vec<Sort>,
    limit: Option<u64>,
    offset: u64,
}
#[derive(Debug, Clone)]
pub(super) struct Sort {
    pub(super) by: Value,
    pub(super) descending: bool,
    nulls_last: bool,
}

/// The object of FROM.
pub(super) fn sobject<'q>(
    sources: &Sources<'_>,
    name: &'q ObjectName,
) -> Result<Arc<SObjectType>, QueryError<'q>> {
    let sobject = sources.sobject(name.as_str()).cloned();
    let sobject = sobject.ok_or_else(|| QueryError::sobject(name))?;
    if !sobject.queryable {
        let message = format!("entity type {} does not support query", sobject.name);
        return Err(QueryError::plain("INVALID_TYPE_FOR_OPERATION", message));
    }
    Ok(sobject)
}

pub(super) fn run<'q>(sources: &Sources<'_>, statement: &'q Statement) -> Result<Found, QueryError<'q>> {
    let sobject = sobject(sources, &statement.from)?;
    if statement.is_aggregate() {
        let rows = Plan::filtered(sources, statement, &sobject)?.rows(sources, None);
        return aggregate::groups(sources, statement, &sobject, &rows).map(Found::Groups);
    }
    let plan = Plan::new(sources, statement, &sobject)?;
    if statement.is_count() {
        if let Some(leaf) = statement.order.first().and_then(|order| leaf_of(order.by())) {
            // The token that is not expected is ORDER, which has no place of its own.
            return Err(QueryError::malformed(leaf, "unexpected token: 'ORDER'"));
        }
        return Ok(Found::Count(plan.rows(sources, None).len()));
    }
    let shape = select::shape(sources, statement, &sobject)?;
    let rows = plan.found(sources, None);
    let single = statement.offset.is_some();
    Ok(Found::Records(Box::new(Cursor::new(sources, sobject, shape, rows, single))))
}

/// The records of a SELECT without subqueries and groups whose rows also meet another test.
pub(super) fn find<'q>(
    sources: &Sources<'_>,
    statement: &'q Statement,
    also: &dyn Fn(&SObjectType, &Row) -> bool,
    most: usize,
) -> Result<Vec<String>, QueryError<'q>> {
    let sobject = sobject(sources, &statement.from)?;
    if statement.is_aggregate() || statement.is_count() || statement.children().next().is_some() {
        let from = Leaf::Object(&statement.from);
        return Err(QueryError::malformed(from, "a search returns fields of rows only"));
    }
    let mut plan = Plan::new(sources, statement, &sobject)?;
    let limit = plan.limit.take().and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
    let skip = usize::try_from(std::mem::take(&mut plan.offset)).unwrap_or(usize::MAX);
    let shape = select::shape(sources, statement, &sobject)?;
    let rows = plan.rows(sources, None);
    let found = rows.iter().filter(|row| also(&sobject, row)).skip(skip).take(limit.min(most));
    Ok(found.map(|row| shape.record(sources, &sobject, row)).collect())
}

/// Objects that may not stand in FROM of a semi-join (SOQL reference, "Comparison Operators").
const NO_SEMI_JOIN: [&str; 6] = ["ActivityHistory", "Attachment", "Event", "Note", "OpenActivity", "Task"];

/// The ids a semi-join's inner SELECT gives. `left`: the field outside, whose type the ids must have.
pub(super) fn semi_join<'q>(
    sources: &Sources<'_>,
    outer: &Arc<SObjectType>,
    left: &Value,
    statement: &'q Statement,
) -> Result<BTreeSet<SfId>, QueryError<'q>> {
    let sobject = sobject(sources, &statement.from)?;
    let from = Leaf::Object(&statement.from);
    if NO_SEMI_JOIN.contains(&sobject.name.as_str()) || sobject.name.ends_with("Tag") {
        let message = format!("Entity '{}' is not supported for semi join inner selects", sobject.name);
        return Err(QueryError::malformed(from, message));
    }
    if sobject.name == outer.name {
        let message = "The inner and outer selects should not be on the same object type";
        return Err(QueryError::malformed(from, message).assumed(AssumedError::SemiJoinOnItself));
    }
    let [Item::Value { value: operand @ Operand::Field(path), .. }] = statement.items.as_slice() else {
        let leaf = statement.items.iter().find_map(|item| match item {
            Item::Value { value, .. } => leaf_of(value),
            _ => None,
        });
        let message = "A semi join sub-select selects one id or reference field";
        let error = QueryError::malformed(leaf.unwrap_or(from), message);
        return Err(error.assumed(AssumedError::SemiJoinSides));
    };
    let text = path::relative(statement, &sobject, path);
    let malformed = |message: String| QueryError::malformed(Leaf::Path(path), message);
    if text.contains('.') {
        let message =
            format!("The inner select field '{text}' cannot have more than one level of relationships");
        return Err(malformed(message));
    }
    let value = Value::resolve(sources, statement, &sobject, operand, Clause::Where)?;
    let Some(inner) = value.ids() else {
        let message = format!("semi join sub-selects can only query id fields, cannot use: '{text}'");
        return Err(malformed(message).assumed(AssumedError::SemiJoinSides));
    };
    if let Some(wanted) = left.ids()
        && !wanted.iter().any(|object| inner.contains(object))
    {
        let message = format!(
            "The selected field '{text}' in the subquery and the left operand field in the where expression in the \
             outer query '{}' should point to the same object type",
            left.path.name()
        );
        return Err(malformed(message).assumed(AssumedError::SemiJoinSides));
    }
    check_with(sources, statement)?;
    let filter = filter::of_rows(sources, statement, &sobject, Of::SemiJoin)?;
    let filter = scope::scoped(sources, statement, &sobject, filter)?;
    let plan = Plan { sobject, filter, order: Vec::new(), limit: None, offset: 0 };
    Ok(plan.rows(sources, None).iter().filter_map(|row| value.of(sources, row).as_id()).collect())
}

/// LIMIT and OFFSET: the parser takes negative numbers, the org does not.
pub(super) fn rows_of(rows: Option<&RowCount>) -> Result<Option<u64>, QueryError<'_>> {
    let refused =
        |rows| QueryError::malformed(Leaf::Rows(rows), "LIMIT and OFFSET take a number of rows from 0");
    rows.map(|rows| rows.rows().ok_or_else(|| refused(rows))).transpose()
}

impl Plan {
    pub(super) fn new<'q>(
        sources: &Sources<'_>,
        statement: &'q Statement,
        sobject: &Arc<SObjectType>,
    ) -> Result<Plan, QueryError<'q>> {
        let mut plan = Plan::filtered(sources, statement, sobject)?;
        for entry in &statement.order {
            plan.order.push(Sort::resolve(sources, statement, sobject, entry)?);
        }
        plan.limit = rows_of(statement.limit.as_ref())?;
        if let Some(rows) = statement.limit.as_ref().filter(|_| plan.limit == Some(0))
            && sources.state.assumptions.soql.limit_zero_is_refused
        {
            return Err(QueryError::malformed(Leaf::Rows(rows), "LIMIT takes a number of rows from 1"));
        }
        plan.offset = offset_of(statement)?;
        Ok(plan)
    }

    /// Without ORDER BY, LIMIT and OFFSET, which are about groups where there are groups.
    pub(super) fn filtered<'q>(
        sources: &Sources<'_>,
        statement: &'q Statement,
        sobject: &Arc<SObjectType>,
    ) -> Result<Plan, QueryError<'q>> {
        path::check_aliases(sources, statement, sobject)?;
        check_with(sources, statement)?;
        let filter = filter::of_rows(sources, statement, sobject, Of::Query)?;
        let filter = scope::scoped(sources, statement, sobject, filter)?;
        Ok(Plan { sobject: sobject.clone(), filter, order: Vec::new(), limit: None, offset: 0 })
    }

    /// The rows, in order. `children_of`: only rows whose lookup (by position) points to that id.
    pub(super) fn rows(&self, sources: &Sources<'_>, children_of: Option<(usize, SfId)>) -> Vec<Arc<Row>> {
        self.found(sources, children_of).0
    }

    /// The same, and the `totalSize` of the answer.
    pub(super) fn found(
        &self,
        sources: &Sources<'_>,
        children_of: Option<(usize, SfId)>,
    ) -> (Vec<Arc<Row>>, usize) {
        let offset = usize::try_from(self.offset).unwrap_or(usize::MAX);
        let limit = self.limit.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX));
        let is_total_limited = sources.state.assumptions.soql.limit_counts_in_total_size;
        let Some(access) = self.access(sources, children_of) else { return (Vec::new(), 0) };
        let keep = |row: &&Arc<Row>| {
            sources.visited.set(sources.visited.get() + 1);
            (sources.deleted || !row.is_deleted(&self.sobject))
                && self.filter.as_ref().is_none_or(|f| f.matches(sources, row))
        };
        let found = access.rows.filter(keep).cloned();
        if access.is_in_order && is_total_limited {
            let rows: Vec<_> = found.skip(offset).take(limit).collect();
            let total = rows.len();
            return (rows, total);
        }
        let mut rows: Vec<Arc<Row>> = found.collect();
        if !access.is_in_order {
            // What nobody sorts, and what is equal, comes by id, whatever found it.
            rows.sort_by_key(|row| row.id);
            if !self.order.is_empty() {
                rows = self.sorted(sources, rows);
            }
        }
        rows.drain(..offset.min(rows.len()));
        let unlimited = rows.len();
        rows.truncate(limit);
        let total = if is_total_limited { rows.len() } else { unlimited };
        (rows, total)
    }

    fn sorted(&self, sources: &Sources<'_>, rows: Vec<Arc<Row>>) -> Vec<Arc<Row>> {
        let key = |row: &Arc<Row>| -> Vec<Option<Scalar>> {
            let one = |sort: &Sort| {
                let field = sort.by.path.field().filter(|_| sort.by.is_plain());
                Scalar::sort_key(&sort.by.of(sources, row), field)
            };
            self.order.iter().map(one).collect()
        };
        let mut keyed: Vec<_> = rows.into_iter().map(|row| (key(&row), row)).collect();
        keyed.sort_by(|(a, _), (b, _)| {
            self.order
                .iter()
                .zip(a.iter().zip(b))
                .map(|(sort, (a, b))| compare(sort.descending, sort.nulls_last, a.as_ref(), b.as_ref()))
                .find(|o| *o != Ordering::Equal)
                .unwrap_or(Ordering::Equal)
        });
        keyed.into_iter().map(|(_, row)| row).collect()
    }
}

impl Sort {
    fn resolve<'q>(
        sources: &Sources<'_>,
        statement: &'q Statement,
        sobject: &Arc<SObjectType>,
        entry: &'q sf_soql::Order,
    ) -> Result<Sort, QueryError<'q>> {
        let by = Value::resolve(sources, statement, sobject, entry.by(), Clause::Order)?;
        check_order(&by, entry)?;
        Ok(Sort { by, descending: entry.is_descending(), nulls_last: entry.is_nulls_last() })
    }
}

/// Rows and groups are sorted only by a field whose describe says so.
pub(super) fn check_order<'q>(by: &Value, entry: &'q sf_soql::Order) -> Result<(), QueryError<'q>> {
    let Some(leaf) = leaf_of(entry.by()).filter(|_| by.is_plain()) else { return Ok(()) };
    if by.path.field().is_some_and(|f| !f.sortable) {
        let message = format!("field '{}' can not be sorted in a query call", by.path.name());
        let error = QueryError::new("INVALID_FIELD", leaf, message);
        return Err(error.assumed(AssumedError::NotSortable));
    }
    if entry.is_nulls_last() && matches!(by.kind(), Kind::Id | Kind::Reference) {
        // SOQL reference, "ORDER BY".
        let message = format!("NULLS LAST is not supported for the field '{}'", by.path.name());
        return Err(QueryError::malformed(leaf, message).assumed(AssumedError::NullsLast));
    }
    Ok(())
}

/// OFFSET, 0 without.
pub(super) fn offset_of(statement: &Statement) -> Result<u64, QueryError<'_>> {
    let offset = rows_of(statement.offset.as_ref())?.unwrap_or(0);
    if let Some(rows) = statement.offset.as_ref().filter(|_| offset > MAX_OFFSET) {
        let message = format!("Maximum SOQL offset allowed is {MAX_OFFSET}");
        return Err(QueryError::new("NUMBER_OUTSIDE_VALID_RANGE", Leaf::Rows(rows), message));
    }
    Ok(offset)
}

/// What stands behind WITH. The filters are for articles, questions and communities, of which this org has none.
fn check_with<'q>(sources: &Sources<'_>, statement: &'q Statement) -> Result<(), QueryError<'q>> {
    let from = Leaf::Object(&statement.from);
    match &statement.with {
        Some(With::Access(access)) if sources.state.assumptions.soql.access_modes_are_refused => {
            let word = match access {
                Access::SecurityEnforced => "SECURITY_ENFORCED",
                Access::UserMode => "USER_MODE",
                _ => "SYSTEM_MODE",
            };
            Err(QueryError::plain("MALFORMED_QUERY", format!("unexpected token: '{word}'")))
        }
        Some(With::DataCategory(filters)) => {
            let leaf = filters.first().map_or(from, |filter| Leaf::Object(&filter.group));
            let message =
                format!("Data category filters are not supported for the entity '{}'", statement.from);
            Err(QueryError::malformed(leaf, message).assumed(AssumedError::UnknownFilter))
        }
        Some(With::Filter { name, .. }) => {
            let message = format!("The filter '{name}' is not supported for the entity '{}'", statement.from);
            Err(QueryError::malformed(Leaf::Name(name), message).assumed(AssumedError::UnknownFilter))
        }
        _ => Ok(()),
    }
}

/// Nulls come first in both directions unless NULLS LAST.
pub(super) fn compare(
    descending: bool,
    nulls_last: bool,
    a: Option<&Scalar>,
    b: Option<&Scalar>,
) -> Ordering {
    let null = if nulls_last { Ordering::Greater } else { Ordering::Less };
    match (a, b) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => null,
        (Some(_), None) => null.reverse(),
        (Some(a), Some(b)) if descending => b.cmp(a),
        (Some(a), Some(b)) => a.cmp(b),
    }
}
