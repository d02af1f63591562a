//! The SELECT list of a query without groups, as a shape that rows are printed in.
use super::{
    Sources,
    error::QueryError,
    path::{self, Path},
    plan::{Plan, rows_of},
    render::{Children, Shape},
    typeof_item,
    value::{Clause, Value},
};
use crate::assumptions::AssumedError;
use crate::state::{ChildType, SObjectType};
use sf_core::FieldPath;
use sf_soql::{FieldSet, Item, Leaf, Operand, Statement};
use std::sync::Arc;

/// SELECTs in each other, the outermost included (SOQL reference, "Understanding Relationship Query Limitations").
const MAX_SELECTS: usize = 5;
/// Child subqueries of one statement, the ones in others included.
const MAX_CHILDREN: usize = 20;
/// SOQL reference, "FIELDS()".
const MAX_ROWS_OF_FIELDS: u64 = 200;

/// [documented] header-less.
pub(super) fn duplicate<'q>(name: String) -> QueryError<'q> {
    QueryError::plain("INVALID_FIELD", format!("duplicate field selected: {name}"))
}

pub(super) fn duplicate_alias<'q>(name: &str) -> QueryError<'q> {
    let error = QueryError::plain("MALFORMED_QUERY", format!("duplicate alias: {name}"));
    error.assumed(AssumedError::RepeatedAlias)
}

pub(super) fn shape<'q>(
    sources: &Sources<'_>,
    statement: &'q Statement,
    sobject: &Arc<SObjectType>,
) -> Result<Shape, QueryError<'q>> {
    let has_one_row = rows_of(statement.limit.as_ref())? == Some(1);
    nested(sources, statement, sobject, Nest { depth: 0, has_one_row })
}

/// Where a SELECT stands.
#[derive(Clone, Copy)]
struct Nest {
    /// How many are around it.
    depth: usize,
    /// The outermost has `LIMIT 1`.
    has_one_row: bool,
}

fn nested<'q>(
    sources: &Sources<'_>,
    statement: &'q Statement,
    sobject: &Arc<SObjectType>,
    nest: Nest,
) -> Result<Shape, QueryError<'q>> {
    let mut shape = Shape::default();
    let mut unnamed = 0;
    let mut children = 0;
    for item in &statement.items {
        match item {
            // So is `SELECT DISTINCT Name`: it is a field `DISTINCT` with the alias `Name`.
            Item::Value { value: Operand::Field(_), alias: Some(alias) } => return Err(no_alias(alias)),
            Item::Value { value: operand, alias } => {
                let value = Value::resolve(sources, statement, sobject, operand, Clause::Select)?;
                let key = match alias {
                    Some(alias) if !value.may_have_alias() => return Err(no_alias(alias)),
                    Some(alias) if shape.has(alias.as_str()) => {
                        return Err(duplicate_alias(alias.as_str()).at(Leaf::Name(alias)));
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
            Item::Children { query, alias } => {
                if let Some(alias) = alias {
                    return Err(no_alias(alias));
                }
                children += count_children(query);
                if nest.depth == 0 && children > MAX_CHILDREN {
                    let message = format!("a statement has at most {MAX_CHILDREN} child subqueries");
                    let error = QueryError::malformed(Leaf::Object(&query.from), message);
                    return Err(error.assumed(AssumedError::TooManyChildren));
                }
                shape.children.push(self::children(sources, (statement, sobject), query, nest)?);
            }
            Item::Fields(set) => fields(sources, statement, sobject, set, &mut shape)?,
            Item::TypeOf(item) => typeof_item::add(sources, statement, sobject, item, &mut shape)?,
            _ => {
                let from = Leaf::Object(&statement.from);
                return Err(QueryError::malformed(from, "this item is not simulated by this org"));
            }
        }
    }
    // Children stand beside the fields in a row; only an alias can have the name of some.
    if let Some(child) = shape.children.iter().find(|child| shape.has(&child.name)) {
        return Err(duplicate_alias(&child.name));
    }
    shape.count_long_texts();
    Ok(shape)
}

/// Only what is no field may have an alias in a query without groups.
pub(super) fn no_alias(alias: &sf_soql::Identifier) -> QueryError<'_> {
    QueryError::malformed(Leaf::Name(alias), "only aggregate expressions use field aliasing")
}

fn count_children(query: &Statement) -> usize {
    1 + query.children().map(count_children).sum::<usize>()
}

fn children<'q>(
    sources: &Sources<'_>,
    (statement, sobject): (&'q Statement, &Arc<SObjectType>),
    query: &'q Statement,
    nest: Nest,
) -> Result<Children, QueryError<'q>> {
    let from = Leaf::Object(&query.from);
    if nest.depth + 2 > MAX_SELECTS {
        let message = format!("SOQL statements cannot be nested more than {MAX_SELECTS} levels");
        return Err(QueryError::malformed(from, message).assumed(AssumedError::TooManyLevels));
    }
    if let Some(parent) = query.from_parent.as_ref().filter(|parent| !is_of(statement, sobject, parent)) {
        return Err(QueryError::child_relationship(parent.as_str(), Leaf::Path(parent)));
    }
    if query.is_aggregate() || query.is_count() {
        return Err(QueryError::malformed(from, "Only root queries support aggregate expressions"));
    }
    if let Some(scope) = &query.scope {
        // SOQL reference, "Understanding Relationship Query Limitations".
        let message = "USING SCOPE is not supported in a relationship query";
        return Err(QueryError::malformed(Leaf::Name(scope), message).assumed(AssumedError::ScopeOfChildren));
    }
    if let Some(offset) = query.offset.as_ref().filter(|_| !nest.has_one_row) {
        let message = "OFFSET in a subquery needs LIMIT 1 on the parent query";
        return Err(QueryError::malformed(Leaf::Rows(offset), message));
    }
    let unknown = || QueryError::child_relationship(query.from.as_str(), from);
    let relation: &ChildType = sobject.child(query.from.as_str()).ok_or_else(unknown)?;
    let child = sources.sobject(&relation.child).cloned().ok_or_else(unknown)?;
    let lookup = child.position(&relation.field).ok_or_else(unknown)?;
    if !sources.rules.is_visible(&child.name, &child.fields[lookup].name) {
        return Err(unknown());
    }
    Ok(Children {
        name: relation.relationship_name.clone().unwrap_or_default(),
        lookup,
        plan: Plan::new(sources, query, &child)?,
        shape: Arc::new(nested(sources, query, &child, Nest { depth: nest.depth + 1, ..nest })?),
    })
}

/// Whether what stands before a child relationship is the parent: its name or its alias.
fn is_of(statement: &Statement, sobject: &SObjectType, path: &FieldPath) -> bool {
    let text = path.as_str();
    statement.from.is(text)
        || sobject.name.eq_ignore_ascii_case(text)
        || statement.alias.as_ref().is_some_and(|alias| alias.as_str().eq_ignore_ascii_case(text))
}

fn fields<'q>(
    sources: &Sources<'_>,
    statement: &'q Statement,
    sobject: &Arc<SObjectType>,
    set: &'q FieldSet,
    shape: &mut Shape,
) -> Result<(), QueryError<'q>> {
    let leaf = Leaf::Fields(set);
    if let FieldSet::Other(word) = set {
        return Err(QueryError::malformed(leaf, format!("unexpected token: '{word}'")));
    }
    let is_bounded = match rows_of(statement.limit.as_ref())? {
        Some(rows) => rows <= MAX_ROWS_OF_FIELDS,
        None => statement.filter.as_ref().is_some_and(|filter| names_few_ids(statement, sobject, filter)),
    };
    if *set != FieldSet::Standard && !is_bounded {
        let message = format!("The SOQL FIELDS function must have a LIMIT of at most {MAX_ROWS_OF_FIELDS}");
        return Err(QueryError::malformed(leaf, message));
    }
    let mut found = false;
    for (at, field) in sobject.fields.iter().enumerate() {
        if set_has(set, field.custom) && sources.rules.is_visible(&sobject.name, &field.name) {
            let path = Path { steps: Vec::new(), leaf: path::Leaf::Field { sobject: sobject.clone(), at } };
            shape.add(Value::field(path), None).map_err(duplicate)?;
            found = true;
        }
    }
    if !found {
        let message = format!("The object '{}' has no custom fields", sobject.name);
        return Err(QueryError::malformed(leaf, message).assumed(AssumedError::NoCustomFields));
    }
    Ok(())
}

/// Whether FIELDS of that set has standard, or custom fields.
pub(super) fn set_has(set: &FieldSet, custom: bool) -> bool {
    match set {
        FieldSet::All => true,
        FieldSet::Custom => custom,
        _ => !custom,
    }
}

/// Whether ids bound the rows as a LIMIT does.
fn names_few_ids(statement: &Statement, sobject: &SObjectType, filter: &sf_soql::Condition) -> bool {
    use sf_soql::{Condition, Op, Operand};
    let is_id = |left: &Operand| {
        left.as_field()
            .is_some_and(|path| path::relative(statement, sobject, path).eq_ignore_ascii_case("Id"))
    };
    match filter {
        Condition::Compare { left, op: Op::Eq, .. } => is_id(left),
        Condition::In { left, not: false, list } => is_id(left) && list.len() as u64 <= MAX_ROWS_OF_FIELDS,
        Condition::And(parts) => parts.iter().any(|part| names_few_ids(statement, sobject, part)),
        _ => false,
    }
}
