//! GROUP BY and aggregates in their plain form.
use super::{Sources, error::QueryError, function::Value, plan, scalar::Scalar};
use crate::state::{Cell, Kind, Row, SObjectType, java_double, write_json_string};
use sf_soql::{Function, GroupBy, Item, Operand, Order, Statement};
use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// One batch: grouped results have no next page.
const MAX_GROUPS: usize = 2000;

/// The values it is grouped by, and its rows.
type Group = (Vec<Cell>, Vec<Arc<Row>>);

struct Column {
    key: String,
    what: What,
}
enum What {
    /// Position in the GROUP BY list.
    Group(usize),
    Aggregate(Function, Option<Value>),
}

/// The grouped rows, each the inside of a JSON object.
pub(super) fn groups(
    sources: &Sources<'_>,
    statement: &Statement,
    sobject: &Arc<SObjectType>,
    rows: &[Arc<Row>],
) -> Result<Vec<String>, QueryError> {
    let by = match &statement.group {
        None => &[][..],
        Some(GroupBy::Values(values)) => values,
        Some(_) => return Err(QueryError::unsupported("GROUP", "GROUP BY ROLLUP or CUBE")),
    };
    if statement.having.is_some() {
        return Err(QueryError::unsupported("HAVING", "HAVING"));
    }
    let keys: Vec<Value> =
        by.iter().map(|o| Value::resolve(sources, statement, sobject, o)).collect::<Result<_, _>>()?;
    for key in &keys {
        if key.function.is_none() && key.path.field().is_some_and(|f| !f.groupable) {
            let message = format!("field '{}' can not be grouped in a query call", key.path.name());
            return Err(QueryError::new("INVALID_FIELD", &key.text, message));
        }
    }
    let columns = columns(sources, statement, sobject, by, &keys)?;
    let order: Vec<(What, &Order)> = statement
        .order
        .iter()
        .map(|o| Ok((what(sources, statement, sobject, by, o.by())?, o)))
        .collect::<Result<_, QueryError>>()?;

    let mut groups: BTreeMap<Vec<Option<Scalar>>, Group> = BTreeMap::new();
    for row in rows {
        let cells: Vec<Cell> = keys.iter().map(|k| k.of(sources, row)).collect();
        let key = cells.iter().map(|c| Scalar::of(c, false)).collect();
        groups.entry(key).or_insert_with(|| (cells, Vec::new())).1.push(row.clone());
    }
    if by.is_empty() && groups.is_empty() {
        // Without GROUP BY there is always one row.
        groups.insert(Vec::new(), (Vec::new(), Vec::new()));
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    let cell = |what: &What, group: &Group| match what {
        What::Group(at) => group.0.get(*at).cloned().unwrap_or_default(),
        What::Aggregate(function, value) => aggregate(sources, function, value.as_ref(), &group.1),
    };
    groups.sort_by(|a, b| {
        order
            .iter()
            .map(|(what, o)| {
                let (a, b) = (Scalar::of(&cell(what, a), false), Scalar::of(&cell(what, b), false));
                plan::compare(o.is_descending(), o.is_nulls_last(), a.as_ref(), b.as_ref())
            })
            .find(|o| *o != Ordering::Equal)
            .unwrap_or(Ordering::Equal)
    });
    let bound = |n: Option<u64>, none: usize| n.map_or(none, |n| usize::try_from(n).unwrap_or(usize::MAX));
    let groups: Vec<_> = groups
        .into_iter()
        .skip(bound(super::plan::rows_of(statement.offset.as_ref())?, 0))
        .take(bound(super::plan::rows_of(statement.limit.as_ref())?, usize::MAX))
        .collect();
    if groups.len() > MAX_GROUPS {
        let message = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch";
        return Err(QueryError::plain("EXCEEDED_ID_LIMIT", message));
    }
    Ok(groups
        .iter()
        .map(|group| {
            let mut out = String::from("{\"attributes\":{\"type\":\"AggregateResult\"}");
            for column in &columns {
                out.push(',');
                write_json_string(&column.key, &mut out);
                out.push(':');
                cell(&column.what, group).write_json(&mut out);
            }
            out.push('}');
            out
        })
        .collect())
}

fn columns(
    sources: &Sources<'_>,
    statement: &Statement,
    sobject: &Arc<SObjectType>,
    by: &[Operand],
    keys: &[Value],
) -> Result<Vec<Column>, QueryError> {
    let mut unnamed = 0;
    let mut columns: Vec<Column> = Vec::new();
    for item in &statement.items {
        let Item::Value { value, alias } = item else {
            return Err(QueryError::malformed(
                "SELECT",
                "a grouped query selects fields and aggregates only",
            ));
        };
        let what = what(sources, statement, sobject, by, value)?;
        let plain = match &what {
            What::Group(at) if keys[*at].function.is_none() => Some(keys[*at].path.name().to_owned()),
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
            return Err(QueryError::malformed(&key, format!("duplicate alias: {key}")));
        }
        columns.push(Column { key, what });
    }
    Ok(columns)
}

fn what(
    sources: &Sources<'_>,
    statement: &Statement,
    sobject: &Arc<SObjectType>,
    by: &[Operand],
    operand: &Operand,
) -> Result<What, QueryError> {
    if let Operand::Call { function, argument } = operand
        && function.is_aggregate()
    {
        let value = match argument {
            Some(argument) => Some(Value::resolve(sources, statement, sobject, argument)?),
            None => None,
        };
        let kind = value.as_ref().map_or(Kind::Id, Value::kind);
        let fits = match function {
            Function::Sum | Function::Avg => matches!(kind, Kind::Int | Kind::Double),
            Function::Count | Function::CountDistinct | Function::Min | Function::Max => !matches!(
                kind,
                Kind::Boolean | Kind::MultiPicklist | Kind::Base64 | Kind::Address | Kind::Location
            ),
            _ => return Err(QueryError::unsupported(function.name(), function.name())),
        };
        if !fits {
            let field = value.as_ref().map_or("", |v| v.path.name());
            let message = format!("field {field} does not support aggregate operator {}", function.name());
            return Err(QueryError::malformed(field, message));
        }
        return Ok(What::Aggregate(function.clone(), value));
    }
    let same = |o: &Operand| match (o, operand) {
        (Operand::Field(a), Operand::Field(b)) => {
            statement.relative(a).eq_ignore_ascii_case(&statement.relative(b))
        }
        (a, b) => a == b,
    };
    if let Some(at) = by.iter().position(same) {
        return Ok(What::Group(at));
    }
    let name = operand.as_field().map_or_else(|| "expression".to_owned(), ToString::to_string);
    // An unknown field is the more useful answer.
    if let Operand::Field(_) = operand {
        Value::resolve(sources, statement, sobject, operand)?;
    }
    Err(QueryError::malformed(&name, format!("Field must be grouped or aggregated: {name}")))
}

fn aggregate(sources: &Sources<'_>, function: &Function, value: Option<&Value>, rows: &[Arc<Row>]) -> Cell {
    let count = |n: usize| Cell::Int(i64::try_from(n).unwrap_or(i64::MAX));
    let Some(value) = value else { return count(rows.len()) };
    let cells: Vec<Cell> = rows.iter().map(|r| value.of(sources, r)).filter(|c| !c.is_null()).collect();
    let field = value.path.field().filter(|_| value.function.is_none());
    match function {
        Function::Count => count(cells.len()),
        Function::CountDistinct => {
            count(cells.iter().filter_map(|c| Scalar::of(c, false)).collect::<BTreeSet<_>>().len())
        }
        Function::Min => cells.into_iter().min_by_key(|c| Scalar::sort_key(c, field)).unwrap_or_default(),
        Function::Max => cells.into_iter().max_by_key(|c| Scalar::sort_key(c, field)).unwrap_or_default(),
        _ if cells.is_empty() => Cell::Null,
        _ => {
            let sum: f64 = cells.iter().filter_map(Cell::as_f64).sum();
            // Sums of decimals carry no more digits than a currency has.
            let sum = java_double((sum * 1e6).round() / 1e6).parse().unwrap_or(sum);
            match function {
                #[allow(clippy::cast_precision_loss)]
                Function::Avg => Cell::Double(sum / cells.len() as f64),
                _ => Cell::Double(sum),
            }
        }
    }
}
