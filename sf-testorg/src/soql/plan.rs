//! From the tree to rows: names resolved, the cheapest index chosen, filtered, sorted, cut.
use super::{
    Found, Sources, aggregate,
    error::QueryError,
    filter::{self, Filter, Of, Test},
    render::{Children, Cursor, Shape},
    scalar::Scalar,
    typeof_item,
    value::{Clause, Value},
};
use crate::assumptions::AssumedError;
use crate::state::{Key, Kind, Row, SObjectType};
use sf_core::SfId;
use sf_soql::{FieldSet, Item, Operand, RowCount, Statement, With};
use std::{cmp::Ordering, collections::BTreeSet, sync::Arc};

/// SOQL reference, "OFFSET".
const MAX_OFFSET: u64 = 2000;

/// Filter, order and bounds of one SELECT.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) sobject: Arc<SObjectType>,
    filter: Option<Filter>,
    order: Vec<Sort>,
    limit: Option<u64>,
    offset: u64,
}
#[derive(Debug, Clone)]
struct Sort {
    by: Value,
    descending: bool,
    nulls_last: bool,
}

pub(super) fn run(sources: &Sources<'_>, statement: &Statement) -> Result<Found, QueryError> {
    let sobject = sources
        .state
        .schema()
        .get(statement.from.as_str())
        .cloned()
        .ok_or_else(|| QueryError::sobject(statement.from.as_str()))?;
    if !sobject.queryable {
        let message = format!("entity type {} does not support query", sobject.name);
        return Err(QueryError::plain("INVALID_TYPE_FOR_OPERATION", message));
    }
    if statement.is_aggregate() {
        let rows = Plan::new(sources, &bare(statement), &sobject)?.rows(sources, None);
        return aggregate::groups(sources, statement, &sobject, &rows).map(Found::Groups);
    }
    let plan = Plan::new(sources, statement, &sobject)?;
    if statement.is_count() {
        if !statement.order.is_empty() {
            return Err(QueryError::malformed("ORDER", "unexpected token: 'ORDER'"));
        }
        return Ok(Found::Count(plan.rows(sources, None).len()));
    }
    let shape = shape(sources, statement, &sobject, 0)?;
    let rows = plan.found(sources, None);
    let single = statement.offset.is_some();
    Ok(Found::Records(Box::new(Cursor::new(sources, sobject, shape, rows, single))))
}

/// The records of a SELECT without subqueries and groups whose rows also meet another test.
pub(super) fn find(
    sources: &Sources<'_>,
    statement: &Statement,
    also: &dyn Fn(&SObjectType, &Row) -> bool,
    most: usize,
) -> Result<Vec<String>, QueryError> {
    let name = statement.from.as_str();
    let sobject = sources.state.schema().get(name).cloned().ok_or_else(|| QueryError::sobject(name))?;
    if statement.is_aggregate() || statement.is_count() || statement.children().next().is_some() {
        return Err(QueryError::malformed(name, "a search returns fields of rows only"));
    }
    let mut plan = Plan::new(sources, statement, &sobject)?;
    let limit = plan.limit.take().and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
    let skip = usize::try_from(std::mem::take(&mut plan.offset)).unwrap_or(usize::MAX);
    let shape = shape(sources, statement, &sobject, 0)?;
    let rows = plan.rows(sources, None);
    let found = rows.iter().filter(|row| also(&sobject, row)).skip(skip).take(limit.min(most));
    Ok(found.map(|row| shape.record(sources, &sobject, row)).collect())
}

/// The ids a semi-join's inner SELECT gives.
pub(super) fn semi_join(
    sources: &Sources<'_>,
    outer: &Arc<SObjectType>,
    statement: &Statement,
) -> Result<BTreeSet<SfId>, QueryError> {
    let sobject = sources
        .state
        .schema()
        .get(statement.from.as_str())
        .cloned()
        .ok_or_else(|| QueryError::sobject(statement.from.as_str()))?;
    let malformed = |message: String| QueryError::malformed(statement.from.as_str(), message);
    if sobject.name == outer.name {
        let error = malformed("The inner and outer selects should not be on the same object type".into());
        return Err(error.assumed(AssumedError::SemiJoinOnItself));
    }
    let [Item::Value { value: Operand::Field(path), .. }] = statement.items.as_slice() else {
        let error = malformed("A semi join sub-select selects one id or reference field".into());
        return Err(error.assumed(AssumedError::SemiJoinSides));
    };
    let text = statement.relative(path);
    if text.contains('.') {
        let message =
            format!("The inner select field '{text}' cannot have more than one level of relationships");
        return Err(malformed(message));
    }
    let value = Value::resolve(sources, statement, &sobject, &Operand::Field(path.clone()), Clause::Where)?;
    if !matches!(value.kind(), Kind::Id | Kind::Reference) {
        let error = malformed(format!("The inner select field '{text}' must be an id or a reference field"));
        return Err(error.assumed(AssumedError::SemiJoinSides));
    }
    let filter = filter::of_rows(sources, statement, &sobject, Of::SemiJoin)?;
    let plan = Plan { sobject, filter, order: Vec::new(), limit: None, offset: 0 };
    Ok(plan.rows(sources, None).iter().filter_map(|row| value.of(sources, row).as_id()).collect())
}

/// LIMIT and OFFSET: the parser takes negative numbers, the org does not.
pub(super) fn rows_of(rows: Option<&RowCount>) -> Result<Option<u64>, QueryError> {
    let refused = || QueryError::malformed("-", "LIMIT and OFFSET take a number of rows from 0");
    rows.map(|rows| rows.rows().ok_or_else(refused)).transpose()
}

impl Plan {
    pub(super) fn new(
        sources: &Sources<'_>,
        statement: &Statement,
        sobject: &Arc<SObjectType>,
    ) -> Result<Plan, QueryError> {
        if let Some(With::Filter { .. } | With::DataCategory(_)) = statement.with {
            return Err(QueryError::malformed("WITH", "this filter of WITH is not simulated"));
        }
        let mut filter = filter::of_rows(sources, statement, sobject, Of::Query)?;
        if let Some(scope) = &statement.scope {
            filter = scoped(sources, sobject, scope.as_str(), filter)?;
        }
        let mut order = Vec::new();
        for entry in &statement.order {
            let by = Value::resolve(sources, statement, sobject, entry.by(), Clause::Order)?;
            if !by.is_distance() && by.path.field().is_some_and(|f| !f.sortable) {
                let message = format!("field '{}' can not be sorted in a query call", by.path.name());
                let error = QueryError::new("INVALID_FIELD", &by.text, message);
                return Err(error.assumed(AssumedError::NotSortable));
            }
            order.push(Sort { by, descending: entry.is_descending(), nulls_last: entry.is_nulls_last() });
        }
        let limit = rows_of(statement.limit.as_ref())?;
        if limit == Some(0) && sources.state.assumptions.soql.limit_zero_is_refused {
            return Err(QueryError::malformed("LIMIT", "LIMIT takes a number of rows from 1"));
        }
        let offset = rows_of(statement.offset.as_ref())?.unwrap_or(0);
        if offset > MAX_OFFSET {
            let message = format!("Maximum SOQL offset allowed is {MAX_OFFSET}");
            return Err(QueryError::new("NUMBER_OUTSIDE_VALID_RANGE", "OFFSET", message));
        }
        Ok(Plan { sobject: sobject.clone(), filter, order, limit, offset })
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
        let Some(table) = sources.state.table(&self.sobject.name) else { return (Vec::new(), 0) };
        let keep = |row: &&Arc<Row>| {
            (sources.deleted || !row.is_deleted(&self.sobject))
                && self.filter.as_ref().is_none_or(|f| f.matches(sources, row))
        };
        let mut rows: Vec<Arc<Row>> = match self.candidates(sources, children_of) {
            Some(ids) => ids.into_iter().filter_map(|id| table.get(id)).filter(keep).cloned().collect(),
            None => table.iter().filter(keep).cloned().collect(),
        };
        if !self.order.is_empty() {
            rows = self.sorted(sources, rows);
        }
        let offset = usize::try_from(self.offset).unwrap_or(usize::MAX).min(rows.len());
        rows.drain(..offset);
        let unlimited = rows.len();
        if let Some(limit) = self.limit {
            rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        }
        let limited = sources.state.assumptions.soql.limit_counts_in_total_size;
        let total = if limited { rows.len() } else { unlimited };
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

    /// The smallest set of ids that an index gives for a condition that must hold; `None`: read all rows.
    fn candidates(
        &self,
        sources: &Sources<'_>,
        children_of: Option<(usize, SfId)>,
    ) -> Option<BTreeSet<SfId>> {
        let table = sources.state.table(&self.sobject.name)?;
        if let Some((at, parent)) = children_of {
            return Some(table.lookup(at, &Key::Id(parent))?.cloned().unwrap_or_default());
        }
        if self.filter.as_ref()?.conjuncts().iter().any(|filter| matches!(filter, Filter::Nothing)) {
            return Some(BTreeSet::new());
        }
        let indexed = self.indexed(sources).into_iter().min_by_key(|(_, ids)| ids.len());
        indexed.map(|(_, ids)| ids)
    }

    /// For every condition that must hold and has an index: the field, and the ids the index gives.
    fn indexed(&self, sources: &Sources<'_>) -> Vec<(usize, BTreeSet<SfId>)> {
        let (Some(table), Some(filter)) = (sources.state.table(&self.sobject.name), &self.filter) else {
            return Vec::new();
        };
        let mut all = Vec::new();
        for filter in filter.conjuncts() {
            let Filter::Test(value, test) = filter else { continue };
            let Some(at) = value.path.own().filter(|_| value.is_plain()) else { continue };
            let keys: Vec<&Scalar> = match test {
                Test::Compare(sf_soql::Op::Eq, scalar) => vec![scalar],
                Test::In { not: false, values, null: false } => values.iter().collect(),
                _ => continue,
            };
            let found: BTreeSet<SfId> = if at == self.sobject.system.id {
                keys.into_iter()
                    .filter_map(|k| if let Scalar::Id(id) = k { Some(*id) } else { None })
                    .collect()
            } else if table.is_indexed(at) {
                let key = |scalar: &Scalar| match scalar {
                    Scalar::Id(id) => Some(Key::Id(*id)),
                    Scalar::Text(text) if self.sobject.fields[at].case_sensitive => {
                        Some(Key::Text(text.clone()))
                    }
                    Scalar::Text(text) => Some(Key::Text(text.to_lowercase())),
                    _ => None,
                };
                let keys: Option<Vec<Key>> = keys.into_iter().map(key).collect();
                let Some(keys) = keys else { continue };
                keys.iter().filter_map(|k| table.lookup(at, k).flatten()).flatten().copied().collect()
            } else {
                continue;
            };
            all.push((at, found));
        }
        all
    }
}

/// How the rows would be found, the cheapest way first: the cost of an index is the rows that it gives against a tenth of all
/// rows, or another share that is assumed; a scan is always dearer than the best of them.
pub(super) fn explain(sources: &Sources<'_>, statement: &Statement) -> Result<String, QueryError> {
    let name = statement.from.as_str();
    let sobject = sources.state.schema().get(name).cloned().ok_or_else(|| QueryError::sobject(name))?;
    let plan = Plan::new(sources, &bare(statement), &sobject)?;
    let total = sources.state.rows(&sobject.name).filter(|row| !row.is_deleted(&sobject)).count();
    let matching = plan.rows(sources, None).len();
    #[allow(clippy::cast_precision_loss)]
    let cost = |rows: usize, of: f64| (rows as f64 / of.max(1.0) * 1000.0).round() / 1000.0;
    #[allow(clippy::cast_precision_loss)]
    let tenth = total as f64 * f64::from(sources.state.assumptions.soql.index_pays_below_percent) / 100.0;
    let mut ways: Vec<(f64, String)> = Vec::new();
    for (at, ids) in plan.indexed(sources) {
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

/// Without what aggregates order and cut.
fn bare(statement: &Statement) -> Statement {
    let mut bare = statement.clone();
    bare.order.clear();
    (bare.limit, bare.offset) = (None, None);
    bare
}

/// Nulls come first in both directions unless NULLS LAST.
pub(super) fn compare(
    descending: bool,
    nulls_last: bool,
    a: Option<&Scalar>,
    b: Option<&Scalar>,
) -> Ordering {
    match (a, b) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => {
            if nulls_last {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
        (Some(_), None) => {
            if nulls_last {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
        (Some(a), Some(b)) if descending => b.cmp(a),
        (Some(a), Some(b)) => a.cmp(b),
    }
}

fn scoped(
    sources: &Sources<'_>,
    sobject: &SObjectType,
    scope: &str,
    filter: Option<Filter>,
) -> Result<Option<Filter>, QueryError> {
    match scope.to_ascii_lowercase().as_str() {
        "everything" => Ok(filter),
        "mine" => {
            let (Some(at), Some(user)) = (sobject.system.owner, sources.state.user()) else {
                return Ok(filter);
            };
            let path = super::path::Path {
                steps: Vec::new(),
                leaf: super::path::Leaf::Field { sobject: Arc::new(sobject.clone()), at },
            };
            let value = Value::field(path, "OwnerId");
            let mine = Filter::Test(value, Test::Compare(sf_soql::Op::Eq, Scalar::Id(user)));
            Ok(Some(Filter::And(filter.into_iter().chain([mine]).collect())))
        }
        other => Err(QueryError::unsupported(scope, &format!("USING SCOPE {other}"))),
    }
}

pub(super) fn duplicate(name: String) -> QueryError {
    QueryError::plain("INVALID_FIELD", format!("duplicate field selected: {name}"))
}

/// The SELECT list as a shape that rows are printed in.
fn shape(
    sources: &Sources<'_>,
    statement: &Statement,
    sobject: &Arc<SObjectType>,
    depth: usize,
) -> Result<Shape, QueryError> {
    let mut shape = Shape::default();
    let mut unnamed = 0;
    for item in &statement.items {
        match item {
            Item::Value { value, alias } => {
                let value = Value::resolve(sources, statement, sobject, value, Clause::Select)?;
                let key = match alias {
                    Some(alias) if !value.may_have_alias() => {
                        let message = "only aggregate expressions use field aliasing";
                        return Err(QueryError::malformed(alias.as_str(), message));
                    }
                    Some(alias) => Some(alias.to_string()),
                    None if value.is_distance() => {
                        unnamed += 1;
                        Some(format!("expr{}", unnamed - 1))
                    }
                    None => None,
                };
                shape.add(value, key).map_err(duplicate)?;
            }
            Item::Children { query, .. } => {
                if depth >= 4 {
                    return Err(QueryError::malformed(
                        query.from.as_str(),
                        "SOQL statements nest at most 5 levels",
                    ));
                }
                let relation = sobject
                    .child(query.from.as_str())
                    .ok_or_else(|| QueryError::child_relationship(query.from.as_str()))?;
                let unknown = || QueryError::child_relationship(query.from.as_str());
                let child = sources.state.schema().get(&relation.child).cloned().ok_or_else(unknown)?;
                let lookup = child.position(&relation.field).ok_or_else(unknown)?;
                if query.offset.is_some() && rows_of(statement.limit.as_ref())? != Some(1) {
                    let message = "OFFSET in a subquery needs LIMIT 1 on the parent query";
                    return Err(QueryError::malformed("OFFSET", message));
                }
                let children = Children {
                    name: relation.relationship_name.clone().unwrap_or_default(),
                    lookup,
                    plan: Plan::new(sources, query, &child)?,
                    shape: Arc::new(self::shape(sources, query, &child, depth + 1)?),
                };
                shape.children.push(children);
            }
            Item::Fields(set) => {
                if !matches!(set, FieldSet::Standard)
                    && rows_of(statement.limit.as_ref())?.is_none_or(|l| l > 200)
                {
                    let message = "The SOQL FIELDS function must have a LIMIT of at most 200";
                    return Err(QueryError::malformed("FIELDS", message));
                }
                if let FieldSet::Other(word) = set {
                    return Err(QueryError::malformed(word.as_str(), format!("unexpected token: '{word}'")));
                }
                for (at, field) in sobject.fields.iter().enumerate() {
                    let wanted = match set {
                        FieldSet::All => true,
                        FieldSet::Custom => field.custom,
                        _ => !field.custom,
                    };
                    if wanted && sources.rules.is_visible(&sobject.name, &field.name) {
                        let leaf = super::path::Leaf::Field { sobject: sobject.clone(), at };
                        let path = super::path::Path { steps: Vec::new(), leaf };
                        let value = Value::field(path, field.name.as_str());
                        shape.add(value, None).map_err(duplicate)?;
                    }
                }
            }
            Item::TypeOf(item) => typeof_item::add(sources, statement, sobject, item, &mut shape)?,
            _ => return Err(QueryError::malformed("SELECT", "this item is not simulated by this org")),
        }
    }
    if statement.group.is_some() || statement.having.is_some() {
        return Err(QueryError::unsupported("GROUP", "this GROUP BY"));
    }
    shape.count_long_texts();
    Ok(shape)
}
