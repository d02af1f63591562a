//! What a pull asks for.
use super::{Lane, RETRIEVE_IDS, Run};
use crate::{Error, ErrorKind, Result, decide::values::STAMP, mapping::ObjectMapping, schema::Schema};
use sf_core::{FieldName, FieldPath, SfId, Soql};
use sf_soql::{Condition, Filterable, Query};

/// Characters a statement may have, with room for what is not counted here. Salesforce: 100,000.
const STATEMENT: usize = 95_000;
/// `'001000000000001AAA',` and a blank.
const PER_ID: usize = 22;

/// What of an object is selected by statements, and what by ids afterwards.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Columns {
    pub(crate) select: Vec<FieldPath>,
    /// Two long texts in one statement make the org cut its pages to 200 rows: then the statement only finds the
    /// rows, and these fields are retrieved by ids.
    pub(crate) retrieve: Option<Vec<FieldName>>,
    /// The statement would add nothing to a retrieve.
    pub(crate) direct: bool,
}
pub(crate) fn columns(object: &ObjectMapping, schema: &Schema) -> Columns {
    let flat: Vec<FieldName> = object.fields.iter().filter_map(|f| f.name()).collect();
    let paths: Vec<FieldPath> =
        object.fields.iter().filter(|f| f.name().is_none()).map(|f| f.field.clone()).collect();
    let mut select: Vec<FieldPath> = vec![FieldName::from_static("Id").into(), STAMP.into()];
    let lookup = object.parent.clone();
    let light = flat.iter().filter(|f| schema.is_long(&object.object, f)).count() >= 2;
    let mut retrieve = vec![FieldName::from_static("Id"), STAMP];
    let mut add = |field: &FieldName, light_only: bool| {
        if !light_only && !select.contains(&field.into()) {
            select.push(field.into());
        }
        if !retrieve.contains(field) {
            retrieve.push(field.clone());
        }
    };
    lookup.iter().for_each(|field| add(field, false));
    flat.iter().for_each(|field| add(field, light));
    let direct = light && paths.is_empty() && object.filter.is_none();
    select.extend(paths);
    Columns { select, retrieve: light.then_some(retrieve), direct }
}
/// Fields of a retrieve that checks single records.
pub(crate) fn flat_fields(object: &ObjectMapping) -> Vec<FieldName> {
    let mut fields = vec![FieldName::from_static("Id"), STAMP];
    for field in object.parent.iter().cloned().chain(object.fields.iter().filter_map(|f| f.name())) {
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    fields
}

/// Ids one statement of this object can name.
pub(crate) fn ids_per_statement(object: &ObjectMapping, columns: &Columns, by_id: bool) -> usize {
    let fixed: usize = columns.select.iter().map(|f| f.as_str().len() + 2).sum::<usize>()
        + object.filter.as_ref().map_or(0, |f| f.len())
        + 500;
    let fit = STATEMENT.saturating_sub(fixed) / PER_ID;
    if by_id { fit.min(RETRIEVE_IDS) } else { fit }.max(1)
}

/// One page of a lane.
pub(crate) fn statement(
    object: &ObjectMapping,
    columns: &Columns,
    by: &FieldName,
    ids: &[SfId],
    lane: &Lane,
    run: &Run,
) -> Result<Soql> {
    let id = FieldName::from_static("Id");
    let mut query = Query::from(object.object.clone())
        .select(columns.select.iter().cloned())
        .filter(by.clone().is_in(ids.iter().copied()));
    if let Some(filter) = &object.filter {
        let filter = Condition::parse(filter).map_err(|e| {
            Error::new(ErrorKind::Mapping, format!("the filter of {} cannot be read: {e}", object.object))
                .with_source(e)
        })?;
        query = query.filter(if lane.leavers { !filter } else { filter });
    }
    if let Some(low) = run.low {
        query = query.filter(STAMP.ge(low)).order_by(STAMP.asc());
    }
    if let Some(resume) = lane.resume {
        query = query.filter(match resume.stamp {
            Some(stamp) => (STAMP.eq(stamp) & id.clone().gt(resume.id)) | STAMP.gt(stamp),
            None => id.clone().gt(resume.id),
        });
    }
    query.order_by(id.asc()).to_soql().map_err(|e| {
        Error::new(ErrorKind::Mapping, format!("the statement for {} cannot be written: {e}", object.object))
            .with_source(e)
    })
}
