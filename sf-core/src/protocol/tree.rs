//! `POST /composite/tree/X`: new rows with their children in one call, all or none.
//!
//! ```
//! use sf_core::{Fields, field, object, protocol::tree::{Tree, TreeRow}};
//! let named = |name: &str| Fields::new().set(field!("Name"), name);
//! let ann = TreeRow::new(object!("Contact"), Fields::new().set(field!("LastName"), "Ann"));
//! let acme = TreeRow::new(object!("Account"), named("Acme")).with_children(field!("Contacts"), vec![ann]);
//! let tree = Tree::new(vec![acme])?;
//! assert_eq!(
//!     tree.request()?.body.text(),
//!     Some(concat!(
//!         r#"{"records":[{"attributes":{"type":"Account","referenceId":"r0"},"Name":"Acme","#,
//!         r#""Contacts":{"records":[{"attributes":{"type":"Contact","referenceId":"r1"},"LastName":"Ann"}]}}]}"#
//!     ))
//! );
//! # Ok::<(), sf_core::Error>(())
//! ```
use super::{
    Request, Response, Safety,
    composite::refused,
    read_failure,
    response::unreadable,
    write::{body, unknown},
};
use crate::{
    Delivery, ErrorCode, Failure, FieldName, Fields, ObjectName, OrgError, Result, RowOutcome, SfId,
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const MOST_ROWS: usize = 200;
const MOST_TYPES: usize = 5;
const MOST_LEVELS: usize = 5;

/// A new row and the rows below it.
#[derive(Debug, Clone)]
pub struct TreeRow {
    object: ObjectName,
    fields: Fields,
    children: Vec<(FieldName, Vec<TreeRow>)>,
}
impl TreeRow {
    /// A row without children.
    pub fn new(object: ObjectName, fields: Fields) -> TreeRow {
        TreeRow { object, fields, children: Vec::new() }
    }
    /// The same with children by the name of the child relationship (`Contacts`).
    #[must_use]
    pub fn with_children(mut self, relationship: FieldName, rows: Vec<TreeRow>) -> TreeRow {
        self.children.push((relationship, rows));
        self
    }
    fn flat<'a>(&'a self, level: usize, rows: &mut Vec<(&'a TreeRow, usize)>) {
        rows.push((self, level));
        self.children.iter().flat_map(|(_, below)| below).for_each(|row| row.flat(level + 1, rows));
    }
    fn push(&self, out: &mut String, next: &mut usize) -> Result<()> {
        out.push_str(&format!(
            "{{\"attributes\":{{\"type\":\"{}\",\"referenceId\":\"r{next}\"}}",
            self.object
        ));
        *next += 1;
        let fields = body::fields(&self.fields)?;
        if let Some(inner) = fields.strip_prefix('{').and_then(|text| text.strip_suffix('}'))
            && !inner.is_empty()
        {
            out.push(',');
            out.push_str(inner);
        }
        for (relationship, rows) in &self.children {
            out.push_str(&format!(",\"{relationship}\":{{\"records\":["));
            for (i, row) in rows.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                row.push(out, next)?;
            }
            out.push_str("]}");
        }
        out.push('}');
        Ok(())
    }
}

/// Rows to create with their children: up to 200 in all, of 5 objects, on 5 levels; the topmost of one object.
#[derive(Debug, Clone)]
pub struct Tree(Vec<TreeRow>);
impl Tree {
    /// A call for these rows.
    pub fn new(rows: Vec<TreeRow>) -> Result<Tree> {
        let mut flat = Vec::new();
        rows.iter().for_each(|row| row.flat(1, &mut flat));
        if flat.is_empty() || flat.len() > MOST_ROWS {
            return refused(format!("a tree has 1 to {MOST_ROWS} rows, children included"));
        }
        if flat.iter().any(|(_, level)| *level > MOST_LEVELS) {
            return refused(format!("a tree has at most {MOST_LEVELS} levels"));
        }
        if flat.iter().map(|(row, _)| &row.object).collect::<BTreeSet<_>>().len() > MOST_TYPES {
            return refused(format!("a tree has rows of at most {MOST_TYPES} objects"));
        }
        if rows.iter().any(|row| Some(&row.object) != rows.first().map(|first| &first.object)) {
            return refused("the topmost rows of a tree are of one object");
        }
        let reserved =
            |name: &FieldName| ["id", "attributes"].contains(&name.as_str().to_ascii_lowercase().as_str());
        if flat.iter().any(|(row, _)| row.fields.iter().any(|(name, _)| reserved(name))) {
            return refused("`Id` and `attributes` cannot be among the values of a new row");
        }
        Ok(Tree(rows))
    }
    fn count(&self) -> usize {
        let mut flat = Vec::new();
        self.0.iter().for_each(|row| row.flat(1, &mut flat));
        flat.len()
    }
    /// The request.
    pub fn request(&self) -> Result<Request> {
        let Some(first) = self.0.first() else { return refused("a tree has at least one row") };
        let mut body = String::from("{\"records\":[");
        let mut next = 0;
        for (i, row) in self.0.iter().enumerate() {
            body.push_str(if i > 0 { "," } else { "" });
            row.push(&mut body, &mut next)?;
        }
        body.push_str("]}");
        Ok(Request::post(["composite", "tree", first.object.as_str()]).with_json(body))
    }
    /// One outcome per row: every parent is followed by its children, in the order they were given. All are done or none.
    ///
    /// `Err` only when nothing was done for a reason that no row has. Without an answer all rows are
    /// [`Delivery::Unknown`].
    pub fn read(&self, answer: Result<Response>) -> Result<Vec<RowOutcome>> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Saved {
            #[serde(default)]
            has_errors: bool,
            results: Vec<Named>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Named {
            reference_id: String,
            id: SfId,
        }
        let count = self.count();
        let all = |failure: &Failure| vec![RowOutcome::Failed(failure.clone()); count];
        let saved = answer.and_then(|response| match response.is_success() {
            true => serde_json::from_str::<Saved>(response.text())
                .map_err(|e| unreadable("the answer to a tree", response.status, &e)),
            false => Err(read_failure(&response, Safety::Once).into()),
        });
        match saved {
            Ok(saved) if saved.has_errors => {
                Ok(all(&unknown("the org says of the rows that they were saved and that they were not")))
            }
            Ok(saved) => {
                // `None`: the row is named twice, and either id may be the wrong one.
                let mut ids: BTreeMap<String, Option<SfId>> = BTreeMap::new();
                for named in saved.results {
                    ids.entry(named.reference_id).and_modify(|id| *id = None).or_insert(Some(named.id));
                }
                let outcome = |i: usize| match ids.get(&format!("r{i}")) {
                    Some(Some(id)) => RowOutcome::Done { id: *id, created: true },
                    _ => RowOutcome::Failed(unknown("the org saved the row but did not give its id")),
                };
                Ok((0..count).map(outcome).collect())
            }
            Err(error) if error.delivery() == Delivery::Unknown => Ok(all(error.failure())),
            Err(error) => {
                let by_row = failures(error.failure());
                if by_row.is_empty() {
                    return Err(error);
                }
                let undone = "rolled back, because another row of the tree failed";
                let undone = Failure::of_code(ErrorCode::AllOrNoneOperationRolledBack, undone);
                Ok((0..count)
                    .map(|i| RowOutcome::Failed(by_row.get(&i).unwrap_or(&undone).clone()))
                    .collect())
            }
        }
    }
}
/// The failures by row: [`read_failure`] puts a row's reference ID before each message of a tree's answer.
fn failures(failure: &Failure) -> BTreeMap<usize, Failure> {
    let first =
        failure.code.clone().map(|code| OrgError::new(code, &failure.message, failure.fields.clone()));
    let mut rows: BTreeMap<usize, Failure> = BTreeMap::new();
    for error in first.into_iter().chain(failure.also.iter().cloned()) {
        let Some((row, message)) = error.message.split_once(": ") else { continue };
        let Some(row) = row.strip_prefix('r').and_then(|row| row.parse().ok()) else { continue };
        match rows.get_mut(&row) {
            Some(known) => known.also.push(OrgError::new(error.code, message, error.fields)),
            None => {
                let failure = Failure::of_code(error.code, message).with_fields(error.fields);
                rows.insert(row, failure);
            }
        }
    }
    rows
}
