//! GROUP BY, ROLLUP and CUBE, HAVING, and aggregates.
use super::{
    Sources,
    error::{QueryError, leaf_of},
    filter::{Compiler, Filter, Of, Subject, Tested},
    path, plan,
    scalar::Scalar,
    select,
    value::{Clause, Value},
};
use crate::assumptions::AssumedError;
use crate::state::{Cell, Kind, Row, SObjectType, write_json_string};
use sf_soql::{Function, GroupBy, Item, Leaf, Operand, Order, Statement};
use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// One batch: grouped results have no next page.
const MAX_GROUPS: usize = 2000;
/// SOQL reference, "GROUP BY ROLLUP", "GROUP BY CUBE".
const MAX_SUBTOTALS: usize = 3;

/// Rows of equal keys.
struct Group {
    /// Null where it is a subtotal.
    keys: Vec<Cell>,
    /// Whether it is a subtotal over that key.
    over: Vec<bool>,
    rows: Vec<Arc<Row>>,
}

struct Column {
    key: String,
    what: What,
}

/// One value of a group.
#[derive(Debug, Clone)]
enum What {
    /// Position in the GROUP BY list, and the value there.
    Key(usize, Value),
    /// GROUPING: whether the group is a subtotal over that key.
    Grouping(usize),
    Aggregate {
        function: Function,
        /// None: rows are counted.
        value: Option<Value>,
    },
    /// FORMAT around another.
    Formatted(Box<What>),
}

/// Compiles the parts of one grouped statement.
struct Grouped<'g, 's, 'q> {
    sources: &'g Sources<'s>,
    statement: &'q Statement,
    sobject: &'g Arc<SObjectType>,
    by: &'q [Operand],
    keys: Vec<Value>,
}

/// The grouped rows, each the inside of a JSON object.
pub(super) fn groups<'q>(
    sources: &Sources<'_>,
    statement: &'q Statement,
    sobject: &Arc<SObjectType>,
    rows: &[Arc<Row>],
) -> Result<Vec<String>, QueryError<'q>> {
    let compiler = Grouped::new(sources, statement, sobject)?;
    let columns = compiler.columns()?;
    let having = compiler.having()?;
    let order: Vec<(What, &Order)> = statement
        .order
        .iter()
        .map(|order| {
            let what = compiler.what(order.by(), false)?;
            if let What::Key(_, value) = &what {
                plan::check_order(value, order)?;
            }
            Ok((what, order))
        })
        .collect::<Result<_, QueryError<'q>>>()?;
    let mut groups = compiler.group(rows);
    if let Some(having) = &having {
        let nulls = &sources.state.assumptions.soql;
        groups.retain(|group| {
            having
                .holds(nulls, &|what: &What| Scalar::of(&what.of(sources, group), what.subject().is_exact()))
        });
    }
    let sort_key = |what: &What, group: &Group| {
        let field = match what {
            What::Key(_, value) if value.is_plain() => value.path.field(),
            _ => None,
        };
        Scalar::sort_key(&what.of(sources, group), field)
    };
    if !order.is_empty() {
        groups.sort_by_cached_key(|group| {
            let keys =
                order.iter().map(|(what, o)| (sort_key(what, group), o.is_descending(), o.is_nulls_last()));
            SortKey(keys.collect())
        });
    }
    let bound = |n: Option<u64>, none: usize| n.map_or(none, |n| usize::try_from(n).unwrap_or(usize::MAX));
    let groups: Vec<_> = groups
        .into_iter()
        .skip(bound(Some(plan::offset_of(statement)?), 0))
        .take(bound(plan::rows_of(statement.limit.as_ref())?, usize::MAX))
        .collect();
    if groups.len() > MAX_GROUPS {
        let message = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch";
        let error = QueryError::plain("EXCEEDED_ID_LIMIT", message);
        return Err(error.assumed(AssumedError::TooManyGroups));
    }
    Ok(groups
        .iter()
        .map(|group| {
            let mut out = String::from("{\"attributes\":{\"type\":\"AggregateResult\"}");
            for column in &columns {
                out.push(',');
                write_json_string(&column.key, &mut out);
                out.push(':');
                column.what.of(sources, group).write_json(&mut out);
            }
            out.push('}');
            out
        })
        .collect())
}

/// Values to sort by, each with its direction.
#[derive(PartialEq, Eq)]
struct SortKey(Vec<(Option<Scalar>, bool, bool)>);

impl PartialOrd for SortKey {
    fn partial_cmp(&self, other: &SortKey) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for SortKey {
    fn cmp(&self, other: &SortKey) -> Ordering {
        self.0
            .iter()
            .zip(&other.0)
            .map(|((a, descending, nulls_last), (b, ..))| {
                plan::compare(*descending, *nulls_last, a.as_ref(), b.as_ref())
            })
            .find(|o| *o != Ordering::Equal)
            .unwrap_or(Ordering::Equal)
    }
}

impl<'g, 's, 'q> Grouped<'g, 's, 'q> {
    fn new(
        sources: &'g Sources<'s>,
        statement: &'q Statement,
        sobject: &'g Arc<SObjectType>,
    ) -> Result<Grouped<'g, 's, 'q>, QueryError<'q>> {
        let by = statement.group.as_ref().map_or(&[][..], GroupBy::values);
        if let Some(rows) = statement.limit.as_ref().filter(|_| by.is_empty()) {
            let message = "Non-grouped query that uses overall aggregate functions cannot also use LIMIT";
            return Err(QueryError::malformed(Leaf::Rows(rows), message));
        }
        if !matches!(statement.group, None | Some(GroupBy::Values(_)))
            && let Some(fourth) = by.get(MAX_SUBTOTALS)
        {
            let message = format!("ROLLUP and CUBE take at most {MAX_SUBTOTALS} fields");
            return Err(QueryError::plain("MALFORMED_QUERY", message).at_operand(fourth));
        }
        let mut keys: Vec<Value> = Vec::with_capacity(by.len());
        for operand in by {
            let key = Value::resolve(sources, statement, sobject, operand, Clause::Group)?;
            if key.is_plain() && key.path.field().is_some_and(|f| !f.groupable) {
                let message = format!("field '{}' can not be grouped in a query call", key.path.name());
                let error = QueryError::plain("INVALID_FIELD", message).at_operand(operand);
                return Err(error.assumed(AssumedError::NotGroupable));
            }
            keys.push(key);
        }
        Ok(Grouped { sources, statement, sobject, by, keys })
    }

    fn columns(&self) -> Result<Vec<Column>, QueryError<'q>> {
        let mut unnamed = 0;
        let mut columns: Vec<Column> = Vec::new();
        for item in &self.statement.items {
            let Item::Value { value, alias } = item else {
                let leaf = match item {
                    Item::Children { query, .. } => Leaf::Object(&query.from),
                    Item::TypeOf(item) => Leaf::Path(&item.relationship),
                    Item::Fields(set) => Leaf::Fields(set),
                    _ => Leaf::Object(&self.statement.from),
                };
                return Err(QueryError::malformed(
                    leaf,
                    "a grouped query selects fields and aggregates only",
                ));
            };
            let what = self.what(value, true)?;
            let plain = match &what {
                What::Key(_, value) if value.is_plain() => {
                    let assumed = &self.sources.state.assumptions.soql;
                    Some(if assumed.grouped_parent_key_is_last_name {
                        value.path.name().to_owned()
                    } else {
                        value.path.dotted()
                    })
                }
                _ => None,
            };
            let key = match (alias, plain) {
                (Some(alias), _) => alias.to_string(),
                (None, Some(name)) => name,
                (None, None) => {
                    unnamed += 1;
                    format!("expr{}", unnamed - 1)
                }
            };
            if columns.iter().any(|c| c.key.eq_ignore_ascii_case(&key)) {
                let error = select::duplicate_alias(&key);
                return Err(match alias {
                    Some(alias) => error.at(Leaf::Name(alias)),
                    None => error.at_operand(value),
                });
            }
            columns.push(Column { key, what });
        }
        Ok(columns)
    }

    fn having(&self) -> Result<Option<Filter<What>>, QueryError<'q>> {
        let Some(condition) = &self.statement.having else { return Ok(None) };
        let resolve = |operand: &'q Operand| self.what(operand, false);
        let (sources, sobject) = (self.sources, self.sobject);
        Compiler { sources, sobject, of: Of::Having, resolve: &resolve, semi_joins: 0 }
            .filter(condition)
            .map(Some)
    }

    /// Where an operand stands in GROUP BY.
    fn key(&self, operand: &Operand) -> Option<usize> {
        let relative = |path| path::relative(self.statement, self.sobject, path);
        self.by.iter().position(|by| match (by, operand) {
            (Operand::Field(a), Operand::Field(b)) => relative(a).eq_ignore_ascii_case(&relative(b)),
            (a, b) => a == b,
        })
    }

    fn what(&self, operand: &'q Operand, is_selected: bool) -> Result<What, QueryError<'q>> {
        if let Operand::Call { function: function @ Function::Format, argument: Some(inner) } = operand {
            if !is_selected {
                return Err(QueryError::malformed(
                    Leaf::Function(function),
                    "FORMAT can only be used in SELECT",
                ));
            }
            return Ok(What::Formatted(Box::new(self.what(inner, false)?)));
        }
        if let Operand::Call { function, argument } = operand
            && function.is_aggregate()
        {
            return match (function, argument.as_deref()) {
                (Function::Grouping, Some(argument)) => self.grouping(function, argument),
                (_, argument) => self.aggregate(function, argument, is_selected),
            };
        }
        if let Some(at) = self.key(operand) {
            return Ok(What::Key(at, self.keys[at].clone()));
        }
        let name = operand.as_field().map_or_else(|| "expression".to_owned(), ToString::to_string);
        // An unknown field is the more useful answer.
        if let Operand::Field(_) = operand {
            Value::resolve(self.sources, self.statement, self.sobject, operand, Clause::Grouped)?;
        }
        let message = format!("Field must be grouped or aggregated: {name}");
        let error = QueryError::plain("MALFORMED_QUERY", message).at_operand(operand);
        Err(error.assumed(AssumedError::Ungrouped))
    }

    fn grouping(&self, function: &'q Function, argument: &'q Operand) -> Result<What, QueryError<'q>> {
        let refused = |message: &str| Err(QueryError::malformed(Leaf::Function(function), message));
        if matches!(self.statement.group, None | Some(GroupBy::Values(_))) {
            return refused("GROUPING can only be used with GROUP BY ROLLUP or GROUP BY CUBE");
        }
        match self.what(argument, false)? {
            What::Key(at, _) => Ok(What::Grouping(at)),
            _ => refused("the argument of GROUPING is a grouped field"),
        }
    }

    fn aggregate(
        &self,
        function: &'q Function,
        argument: Option<&'q Operand>,
        is_selected: bool,
    ) -> Result<What, QueryError<'q>> {
        let is_taken = !is_selected && self.sources.state.assumptions.soql.having_may_aggregate_groups;
        if let Some(argument) = argument.filter(|_| !is_taken)
            && self.key(argument).is_some()
        {
            let name = argument.as_field().map_or_else(|| "expression".to_owned(), ToString::to_string);
            let message = format!("Grouped field should not be aggregated: {name}");
            return Err(QueryError::malformed(Leaf::Function(function), message));
        }
        let resolve = |a| Value::resolve(self.sources, self.statement, self.sobject, a, Clause::Grouped);
        let value = argument.map(resolve).transpose()?;
        let kind = value.as_ref().map_or(Kind::Id, Value::kind);
        // A long text is what its describe says; most are not.
        let field = value.as_ref().and_then(|v| v.path.field());
        let is_long_text = field.is_some_and(|field| field.is_long_text() && !field.aggregatable);
        let fits = match function {
            Function::Sum | Function::Avg => matches!(kind, Kind::Int | Kind::Double),
            _ => {
                !is_long_text
                    && !matches!(
                        kind,
                        Kind::Boolean
                            | Kind::MultiPicklist
                            | Kind::Base64
                            | Kind::Address
                            | Kind::Location
                            | Kind::Time
                    )
            }
        };
        if !fits {
            let field = value.as_ref().map_or("", |v| v.path.name());
            let message = format!("field {field} does not support aggregate operator {}", function.name());
            let error = QueryError::plain("MALFORMED_QUERY", message).assumed(AssumedError::NotAggregatable);
            return Err(argument.and_then(leaf_of).into_iter().fold(error, QueryError::at));
        }
        Ok(What::Aggregate { function: function.clone(), value })
    }

    /// The groups in the order of their keys, subtotals behind what they sum up.
    fn group(&self, rows: &[Arc<Row>]) -> Vec<Group> {
        let sets = self.grouping_sets();
        let mut groups: BTreeMap<Vec<(bool, Option<Scalar>)>, Group> = BTreeMap::new();
        for row in rows {
            let cells: Vec<Cell> = self.keys.iter().map(|k| k.of(self.sources, row)).collect();
            for over in &sets {
                let key = cells.iter().zip(over).zip(&self.keys).map(|((cell, over), by)| match over {
                    true => (true, None),
                    false => (false, Scalar::of(cell, is_exact(by))),
                });
                let group = groups.entry(key.collect()).or_insert_with(|| Group {
                    keys: cells
                        .iter()
                        .zip(over)
                        .map(|(c, o)| if *o { Cell::Null } else { c.clone() })
                        .collect(),
                    over: over.clone(),
                    rows: Vec::new(),
                });
                group.rows.push(row.clone());
            }
        }
        let is_one = self.sources.state.assumptions.soql.no_rows_are_one_group;
        if self.by.is_empty() && groups.is_empty() && is_one {
            // Without GROUP BY there is always one row.
            groups.insert(Vec::new(), Group { keys: Vec::new(), over: Vec::new(), rows: Vec::new() });
        }
        groups.into_values().collect()
    }

    /// Over which keys each kind of group sums up.
    fn grouping_sets(&self) -> Vec<Vec<bool>> {
        let n = self.by.len();
        match self.statement.group {
            // From all fields to none, from right to left.
            Some(GroupBy::Rollup(_)) => {
                (0..=n).rev().map(|kept| (0..n).map(|i| i >= kept).collect()).collect()
            }
            Some(GroupBy::Cube(_)) => {
                (0..1_u32 << n).map(|set| (0..n).map(|i| set & (1 << i) != 0).collect()).collect()
            }
            _ => vec![vec![false; n]],
        }
    }
}

impl What {
    fn of(&self, sources: &Sources<'_>, group: &Group) -> Cell {
        match self {
            What::Key(at, _) => group.keys.get(*at).cloned().unwrap_or_default(),
            What::Grouping(at) => Cell::Int(group.over.get(*at).copied().unwrap_or_default().into()),
            What::Aggregate { function, value, .. } => {
                aggregate(sources, function, value.as_ref(), &group.rows)
            }
            What::Formatted(inner) => {
                let field = match &**inner {
                    What::Key(_, value) | What::Aggregate { value: Some(value), .. } => value.path.field(),
                    _ => None,
                };
                let is_count = matches!(
                    &**inner,
                    What::Aggregate { function: Function::Count | Function::CountDistinct, .. }
                );
                let user = &sources.user;
                user.locale.format(&inner.of(sources, group), field.filter(|_| !is_count), &user.zone)
            }
        }
    }
}

impl Tested for What {
    fn subject(&self) -> Subject<'_> {
        let computed =
            |kind, name| Subject { kind, field: None, is_computed: true, is_distance: false, name };
        match self {
            What::Key(_, value) => value.subject(),
            What::Grouping(_) => computed(Kind::Int, "GROUPING"),
            What::Aggregate { function: Function::Min | Function::Max, value: Some(value) } => {
                // A date literal compares with the earliest date too.
                Subject { is_computed: !value.is_plain(), ..value.subject() }
            }
            What::Aggregate { function, .. } => {
                let is_sum = matches!(function, Function::Sum | Function::Avg);
                computed(if is_sum { Kind::Double } else { Kind::Int }, function.name())
            }
            What::Formatted(_) => computed(Kind::Text, "FORMAT"),
        }
    }
    fn as_field(&self) -> Option<&Value> {
        match self {
            What::Key(_, value) => Some(value),
            _ => None,
        }
    }
}

/// Whether the case of this field's text counts.
fn is_exact(value: &Value) -> bool {
    value.path.field().is_some_and(|field| field.case_sensitive)
}

/// Digits behind the point that a sum has at most; no field of Salesforce has more.
const DIGITS: usize = 18;

/// The sum of the numbers as they are written, in decimals as a database adds: 0.1 and 0.2 are 0.3. `None` when that is too large.
fn exact_sum(numbers: &[f64]) -> Option<f64> {
    let mut sum: i128 = 0;
    for number in numbers {
        // The shortest text that is this number, without an exponent.
        let text = number.to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let zeros = DIGITS.checked_sub(fraction.len())?;
        let digits = format!("{whole}{fraction}{:0<zeros$}", "");
        sum = sum.checked_add(digits.parse().ok()?)?;
    }
    let sign = if sum < 0 { "-" } else { "" };
    let digits = format!("{:0>1$}", sum.unsigned_abs(), DIGITS + 1);
    let (whole, fraction) = digits.split_at(digits.len() - DIGITS);
    format!("{sign}{whole}.{fraction}").parse().ok()
}

fn aggregate(sources: &Sources<'_>, function: &Function, value: Option<&Value>, rows: &[Arc<Row>]) -> Cell {
    let count = |n: usize| Cell::Int(i64::try_from(n).unwrap_or(i64::MAX));
    let Some(value) = value else { return count(rows.len()) };
    let cells: Vec<Cell> = rows.iter().map(|r| value.of(sources, r)).filter(|c| !c.is_null()).collect();
    let field = value.path.field().filter(|_| value.is_plain());
    match function {
        Function::Count => count(cells.len()),
        Function::CountDistinct => {
            count(cells.iter().filter_map(|c| Scalar::of(c, is_exact(value))).collect::<BTreeSet<_>>().len())
        }
        Function::Min => cells.into_iter().min_by_key(|c| Scalar::sort_key(c, field)).unwrap_or_default(),
        Function::Max => cells.into_iter().max_by_key(|c| Scalar::sort_key(c, field)).unwrap_or_default(),
        _ if cells.is_empty() => Cell::Null,
        _ => {
            let numbers: Vec<f64> = cells.iter().filter_map(Cell::as_f64).collect();
            let sum = exact_sum(&numbers).unwrap_or_else(|| numbers.iter().sum());
            match function {
                #[allow(clippy::cast_precision_loss)]
                Function::Avg => Cell::Double(sum / cells.len() as f64),
                _ => Cell::Double(sum),
            }
        }
    }
}
