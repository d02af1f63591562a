//! The steps of composite calls and graphs, and references between them.
use super::{
    Method, Request, Response, Safety,
    composite::refused,
    describe::http_date,
    write::{body, fields_have_reference, has_reference, one, with_options},
};
use crate::{
    ApiVersion, Capabilities, FieldName, FieldPath, Fields, ObjectName, Result, SfId, Soql, Timestamp, Write,
    WriteOptions, protocol,
};

/// A value that the org takes from the answer of an earlier step: `@{acme.id}`. Made by a [`Handle`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub(super) step: String,
    path: String,
    answers: bool,
}
impl Reference {
    fn text(&self) -> String {
        format!("@{{{}{}}}", self.step, self.path)
    }
    /// The id it stands for in that step's answer.
    pub(super) fn value(&self, answer: &Response) -> Option<SfId> {
        let body: serde_json::Value = serde_json::from_str(answer.text()).ok()?;
        let pointer = self.path.replace(['.', '['], "/").replace(']', "");
        SfId::new(body.pointer(&pointer)?.as_str()?).ok()
    }
}

/// Which row a step is about: an id that is known, or one that an earlier step will know.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// This row.
    Id(SfId),
    /// The row of an earlier step.
    Of(Reference),
}
impl From<SfId> for Target {
    fn from(id: SfId) -> Target {
        Target::Id(id)
    }
}
impl From<Reference> for Target {
    fn from(reference: Reference) -> Target {
        Target::Of(reference)
    }
}

/// A step of a call, for references to it and to read its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle {
    pub(super) name: String,
    kind: Form,
}
/// How the answer of a step is made, as references see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Saved,
    Row,
    Query,
    Collection,
    Nothing,
}
impl Handle {
    /// The step's reference ID.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// The id of the row that the step creates, upserts or reads; of the first row, if it has several.
    pub fn id(&self) -> Reference {
        match self.kind {
            Form::Query | Form::Collection => self.row(0),
            Form::Row => self.reference(".Id"),
            Form::Saved | Form::Nothing => self.reference(".id"),
        }
    }
    /// A field of the row that the step reads; of the first row of a query. It must be selected there.
    pub fn field(&self, path: impl Into<FieldPath>) -> Reference {
        let path = path.into();
        match self.kind {
            Form::Query => self.reference(&format!(".records[0].{path}")),
            _ => self.reference(&format!(".{path}")),
        }
    }
    /// The id of one of the rows of a query or collection, from 0.
    pub fn row(&self, index: usize) -> Reference {
        match self.kind {
            Form::Query => self.reference(&format!(".records[{index}].Id")),
            _ => self.reference(&format!("[{index}].id")),
        }
    }
    fn reference(&self, path: &str) -> Reference {
        Reference { step: self.name.clone(), path: path.to_owned(), answers: self.kind != Form::Nothing }
    }
}

/// One request of a composite call or graph.
#[derive(Debug, Clone)]
pub struct Step {
    pub(super) kind: Kind,
    links: Vec<(FieldName, Reference)>,
    unmodified_since: Option<Timestamp>,
    options: WriteOptions,
}
#[derive(Debug, Clone)]
pub(super) enum Kind {
    Insert(ObjectName, Fields),
    Update(ObjectName, Target, Fields),
    Upsert(ObjectName, FieldName, String, Fields),
    Delete(ObjectName, Target),
    Get(ObjectName, Target, Vec<FieldName>),
    Query(Soql),
    Rows(Vec<Write>),
}
impl Step {
    fn new(kind: Kind) -> Step {
        Step { kind, links: Vec::new(), unmodified_since: None, options: WriteOptions::new() }
    }
    /// Creates a row.
    pub fn insert(object: ObjectName, fields: Fields) -> Step {
        Step::new(Kind::Insert(object, fields))
    }
    /// Changes a row.
    pub fn update(object: ObjectName, row: impl Into<Target>, fields: Fields) -> Step {
        Step::new(Kind::Update(object, row.into(), fields))
    }
    /// Creates a row or changes the one that has `value` in `key`, an external ID field, which must not be among `fields`.
    pub fn upsert(object: ObjectName, key: FieldName, value: impl Into<String>, fields: Fields) -> Step {
        Step::new(Kind::Upsert(object, key, value.into(), fields))
    }
    /// Moves a row into the recycle bin.
    pub fn delete(object: ObjectName, row: impl Into<Target>) -> Step {
        Step::new(Kind::Delete(object, row.into()))
    }
    /// Reads fields of a row; all the user sees when `fields` is empty.
    pub fn get(object: ObjectName, row: impl Into<Target>, fields: Vec<FieldName>) -> Step {
        Step::new(Kind::Get(object, row.into(), fields))
    }
    /// The first page of a query. Not in a graph.
    pub fn query(soql: Soql) -> Step {
        Step::new(Kind::Query(soql))
    }
    /// Up to 200 rows of one verb as a collection. Not in a graph.
    pub fn rows(rows: Vec<Write>) -> Step {
        Step::new(Kind::Rows(rows))
    }
    /// A field of the row to write that the org fills from an earlier step's answer.
    #[must_use]
    pub fn with_link(mut self, field: FieldName, value: Reference) -> Step {
        self.links.push((field, value));
        self
    }
    /// Of an update: refuse when the row changed after this moment (whole seconds).
    #[must_use]
    pub fn unmodified_since(mut self, moment: Timestamp) -> Step {
        self.unmodified_since = Some(moment);
        self
    }
    /// Duplicate and assignment rules of a write. `all_or_none` and `call` are those of the whole call.
    #[must_use]
    pub fn with_options(mut self, options: WriteOptions) -> Step {
        self.options = options;
        self
    }

    pub(super) fn is_large(&self) -> bool {
        matches!(self.kind, Kind::Query(_) | Kind::Rows(_))
    }
    /// Method and object: what a graph may have 15 different ones of.
    pub(super) fn node(&self) -> Option<(Method, &ObjectName)> {
        match &self.kind {
            Kind::Insert(object, _) => Some((Method::Post, object)),
            Kind::Update(object, ..) | Kind::Upsert(object, ..) => Some((Method::Patch, object)),
            Kind::Delete(object, _) => Some((Method::Delete, object)),
            Kind::Get(object, ..) => Some((Method::Get, object)),
            Kind::Query(_) | Kind::Rows(_) => None,
        }
    }
    pub(super) fn references(&self) -> impl Iterator<Item = &Reference> {
        let target = match &self.kind {
            Kind::Update(_, Target::Of(r), _)
            | Kind::Delete(_, Target::Of(r))
            | Kind::Get(_, Target::Of(r), _) => Some(r),
            _ => None,
        };
        self.links.iter().map(|(_, reference)| reference).chain(target)
    }
    pub(super) fn safety(steps: &[(String, Step)]) -> Safety {
        match steps.iter().all(|(_, step)| matches!(step.kind, Kind::Get(..) | Kind::Query(_))) {
            true => Safety::Read,
            false => Safety::Once,
        }
    }
    pub(super) fn handle(&self, name: &str) -> Handle {
        let kind = match self.kind {
            Kind::Insert(..) | Kind::Upsert(..) => Form::Saved,
            Kind::Get(..) => Form::Row,
            Kind::Query(_) => Form::Query,
            Kind::Rows(_) => Form::Collection,
            Kind::Update(..) | Kind::Delete(..) => Form::Nothing,
        };
        Handle { name: name.to_owned(), kind }
    }

    pub(super) fn check(&self, before: &[(String, Step)]) -> Result<()> {
        for reference in self.references() {
            if !before.iter().any(|(name, _)| *name == reference.step) {
                return refused(format!("the step `{}` is not before this one", reference.step));
            }
            if !reference.answers {
                return refused(format!("the answer of `{}` holds no values to refer to", reference.step));
            }
        }
        let text =
            "a text with `@{` would be taken for a reference: write such a row without a composite call";
        match &self.kind {
            Kind::Insert(_, fields) | Kind::Update(_, _, fields) | Kind::Upsert(_, _, _, fields) => {
                if fields_have_reference(fields) {
                    return refused(text);
                }
                let named = |name: &FieldName| {
                    name.as_str().eq_ignore_ascii_case("id")
                        || name.as_str().eq_ignore_ascii_case("attributes")
                };
                if fields.iter().any(|(name, _)| named(name)) {
                    return refused("`Id` and `attributes` cannot be among the values of a row to write");
                }
            }
            Kind::Rows(rows) => {
                let can = Capabilities::default();
                for row in rows {
                    protocol::check_row(row, &can)?;
                }
                if rows.iter().any(has_reference) {
                    return refused(text);
                }
                if rows.is_empty()
                    || protocol::parts_in_call(rows, &can) != 1
                    || protocol::rows_in_call(rows, &can) != rows.len()
                {
                    return refused(
                        "a collection has 1 to 200 rows of one verb, in at most ten pieces of one object",
                    );
                }
            }
            Kind::Delete(..) | Kind::Get(..) | Kind::Query(_) => {}
        }
        let writes_fields = matches!(self.kind, Kind::Insert(..) | Kind::Update(..) | Kind::Upsert(..));
        if !self.links.is_empty() && !writes_fields {
            return refused("only a row to write has fields that can be filled from another step");
        }
        if self.unmodified_since.is_some() && !matches!(self.kind, Kind::Update(..)) {
            return refused("only an update can depend on the row being unchanged");
        }
        Ok(())
    }

    /// The request, and the URL, which may hold a reference.
    pub(super) fn request(&self, all_or_none: bool, version: ApiVersion) -> Result<(Request, String)> {
        let row = |method, object: &ObjectName, target: &Target| match target {
            Target::Id(id) => (Request::new(method, ["sobjects", object.as_str(), id.as_str()]), None),
            Target::Of(reference) => {
                (Request::new(method, ["sobjects", object.as_str()]), Some(reference.text()))
            }
        };
        let (mut request, reference) = match &self.kind {
            Kind::Insert(object, _) => (Request::post(["sobjects", object.as_str()]), None),
            Kind::Update(object, target, _) => row(Method::Patch, object, target),
            Kind::Upsert(object, key, value, _) => {
                (Request::new(Method::Patch, ["sobjects", object.as_str(), key.as_str(), value]), None)
            }
            Kind::Delete(object, target) => row(Method::Delete, object, target),
            Kind::Get(object, target, fields) => {
                let (request, reference) = row(Method::Get, object, target);
                let names: Vec<&str> = fields.iter().map(FieldName::as_str).collect();
                match names.is_empty() {
                    true => (request, reference),
                    false => (request.with_query("fields", names.join(",")), reference),
                }
            }
            Kind::Query(soql) => (Request::get(["query"]).with_query("q", soql.as_str()), None),
            Kind::Rows(rows) => {
                let options = self.options.clone().with_all_or_none(all_or_none);
                let request = one(rows, &options)?;
                let url = request.target(version)?;
                return Ok((request, url));
            }
        };
        if let Kind::Insert(_, fields) | Kind::Update(_, _, fields) | Kind::Upsert(_, _, _, fields) =
            &self.kind
        {
            let links = self.links.iter().map(|(field, reference)| (field.clone(), reference.text()));
            let fields = links.fold(fields.clone(), |fields, (field, text)| fields.set(field, text));
            request = with_options(request.with_json(body::fields(&fields)?), &self.options);
        }
        if let Some(moment) = self.unmodified_since {
            request = request.with_header("If-Unmodified-Since", http_date(moment));
        }
        let target = request.target(version)?;
        // References stand in a URL as they are; everything else of it is encoded, so nothing else looks like one.
        let url = match (reference, target.split_once('?')) {
            (None, _) => target,
            (Some(reference), None) => format!("{target}/{reference}"),
            (Some(reference), Some((path, query))) => format!("{path}/{reference}?{query}"),
        };
        Ok((request, url))
    }
}
