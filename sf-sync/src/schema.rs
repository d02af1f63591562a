//! What the org's objects are made of, as far as the mapping goes; and what a mapping gets wrong about it.
use crate::{
    Error, ErrorKind, Result,
    decide::Resolvers,
    mapping::{Direction, Mapping, ObjectMapping, Policy},
};
use sf_core::{Describe, Failure, FieldKind, FieldName, Fields, ObjectName, Operation, Timestamp, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

/// Describes of the mapped objects, with the time they were read; none when they are in doubt.
#[derive(Debug, Clone, Default)]
pub(crate) struct Schema(BTreeMap<ObjectName, (Arc<Describe>, Option<Timestamp>)>);
impl Schema {
    pub(crate) fn get(&self, object: &ObjectName) -> Option<&Describe> {
        self.0.get(object).map(|(describe, _)| &**describe)
    }
    pub(crate) fn objects(&self) -> impl Iterator<Item = &ObjectName> {
        self.0.keys()
    }
    pub(crate) fn insert(&mut self, describe: Describe, at: Timestamp) {
        self.0.insert(describe.name.clone(), (Arc::new(describe), Some(at)));
    }
    pub(crate) fn doubt(&mut self, object: &ObjectName) {
        if let Some((_, at)) = self.0.get_mut(object) {
            *at = None;
        }
    }
    pub(crate) fn forget(&mut self, object: &ObjectName) {
        self.0.remove(object);
    }
    /// Whether a describe is known, not in doubt, and older than this.
    pub(crate) fn described_before(&self, object: &ObjectName, moment: Timestamp) -> bool {
        self.0.get(object).and_then(|(_, at)| *at).is_some_and(|at| at < moment)
    }
    /// Mapped objects to describe: never done, in doubt, or long ago.
    pub(crate) fn outdated(&self, mapping: &Mapping, now: Timestamp, lasts: Duration) -> Vec<ObjectName> {
        let good = |o: &ObjectName| self.0.get(o).and_then(|(_, at)| *at).is_some_and(|at| at + lasts > now);
        mapping.objects.iter().map(|o| o.object.clone()).filter(|o| !good(o)).collect()
    }
    /// Mapped objects nobody described yet.
    pub(crate) fn missing(&self, mapping: &Mapping) -> Vec<ObjectName> {
        mapping.objects.iter().map(|o| o.object.clone()).filter(|o| !self.0.contains_key(o)).collect()
    }
    /// Whether a field is a long text: two of them in a statement make the org cut its pages to 200 rows.
    pub(crate) fn is_long(&self, object: &ObjectName, field: &FieldName) -> bool {
        let field = self.get(object).and_then(|d| d.field(field));
        field.is_some_and(|f| f.kind() == FieldKind::LongText)
    }
}

/// The parts of a describe that the engine uses, as small as the mapping: what is stored beside the records.
pub(crate) fn reduced(describe: &Describe, mapping: &ObjectMapping) -> Describe {
    let mut small = describe.clone();
    small.child_relationships.clear();
    let wanted: BTreeSet<FieldName> =
        mapping.fields.iter().filter_map(|f| f.name()).chain(mapping.parent.clone()).collect();
    let relationships: BTreeSet<String> = mapping
        .fields
        .iter()
        .filter_map(|f| f.parent_path())
        .map(|(relationship, _)| relationship.as_str().to_ascii_lowercase())
        .collect();
    small.record_type_infos.clear();
    small.fields = describe
        .fields
        .iter()
        .filter(|f| {
            wanted.contains(&f.name)
                || f.relationship_name
                    .as_ref()
                    .is_some_and(|r| relationships.contains(&r.to_ascii_lowercase()))
        })
        .cloned()
        .collect();
    small
}

/// Everything that is wrong with a mapping by itself.
pub(crate) fn check_mapping(mapping: &Mapping, resolvers: &Resolvers) -> Result<()> {
    let mut problems = Vec::new();
    let mut before: BTreeSet<ObjectName> = BTreeSet::new();
    for object in &mapping.objects {
        let name = &object.object;
        if !before.insert(name.clone()) {
            problems.push(format!("{name} is mapped twice"));
        }
        if object.fields.is_empty() {
            problems.push(format!("{name} has no fields"));
        }
        let mut fields = BTreeSet::new();
        check_policy(&object.policy, name.as_str(), resolvers, &mut problems);
        for field in &object.fields {
            let full = format!("{name}.{}", field.field);
            if !fields.insert(field.field.clone()) {
                problems.push(format!("{full} is mapped twice"));
            }
            if field.field.as_str().eq_ignore_ascii_case("Id") {
                problems.push(format!("{full} is always there and cannot be mapped"));
            }
            if let Some(policy) = &field.policy {
                check_policy(policy, &full, resolvers, &mut problems);
            }
            if field.name().is_none() {
                if field.parent_path().is_none() {
                    problems.push(format!("{full}: a path has one step, like `Owner.Name`"));
                }
                if field.direction == Direction::Both {
                    problems.push(format!("{full} belongs to the parent and cannot be written here"));
                }
            }
        }
        if let Some(filter) = &object.filter
            && let Err(e) = sf_soql::Condition::parse(filter)
        {
            problems.push(format!("the filter of {name} cannot be read: {e}"));
        }
    }
    if let Some(first) = mapping.objects.first()
        && first.parent.is_some()
    {
        problems.push(format!("{} has a parent, but no object stands before it", first.object));
    }
    finish(problems)
}
fn check_policy(policy: &Policy, owner: &str, resolvers: &Resolvers, problems: &mut Vec<String>) {
    if let Policy::Custom(name) = policy
        && !resolvers.contains_key(name)
    {
        problems.push(format!(
            "{owner}: `{name}` is neither a policy (park, local_wins, remote_wins) nor a resolver of this engine"
        ));
    }
}

/// Everything in which a mapping does not fit the org. From the reduced describes of the store it cannot suggest the
/// field that was meant.
pub(crate) fn check_org(mapping: &Mapping, schema: &Schema) -> Result<()> {
    let mut problems = Vec::new();
    for object in &mapping.objects {
        let Some(describe) = schema.get(&object.object) else { continue };
        let name = &object.object;
        for mapped in &object.fields {
            if let Some(field) = mapped.name() {
                match describe.field(&field) {
                    None => problems.push(missing(name, field.as_str(), describe)),
                    Some(found) if mapped.direction == Direction::Both && !found.updateable => {
                        problems.push(format!(
                            "{name}.{field} cannot be updated by this user, so it cannot be `both`"
                        ));
                    }
                    Some(found) if matches!(found.kind(), FieldKind::Base64) => {
                        problems.push(format!("{name}.{field} holds a file, which is not kept in step"));
                    }
                    Some(_) => {}
                }
            } else if let Some((relationship, _)) = mapped.parent_path() {
                let found = |r: &str| r.eq_ignore_ascii_case(relationship.as_str());
                if !describe.fields.iter().any(|f| f.relationship_name.as_deref().is_some_and(found)) {
                    problems.push(format!("{name} has no parent relationship `{relationship}`"));
                }
            }
        }
        if let Some(lookup) = &object.parent {
            match describe.field(lookup) {
                None => problems.push(missing(name, lookup.as_str(), describe)),
                Some(found) => {
                    if parent_object(object, mapping, describe).is_none() {
                        problems.push(format!(
                            "{name}.{lookup} points to {}, which is not mapped before it",
                            found.reference_to.iter().map(ObjectName::as_str).collect::<Vec<_>>().join(", ")
                        ));
                    }
                }
            }
        }
    }
    finish(problems)
}
fn missing(object: &ObjectName, field: &str, describe: &Describe) -> String {
    let nearest = describe
        .fields
        .iter()
        .map(|f| (distance(field, f.name.as_str()), f.name.as_str()))
        .min()
        .filter(|(far, _)| *far <= 2 + field.len() / 4);
    match nearest {
        Some((_, name)) => {
            format!("{object} has no field {field} (or this user cannot see it); did you mean {name}?")
        }
        None => format!("{object} has no field {field} (or this user cannot see it)"),
    }
}
/// Levenshtein's, without case.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<u8>, Vec<u8>) = (a.to_ascii_lowercase().into(), b.to_ascii_lowercase().into());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let best = (corner + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            corner = std::mem::replace(&mut row[j + 1], best);
        }
    }
    row[b.len()]
}
fn finish(problems: Vec<String>) -> Result<()> {
    match problems.len() {
        0 => Ok(()),
        1 => Err(Error::new(ErrorKind::Mapping, problems.concat())),
        n => Err(Error::new(ErrorKind::Mapping, format!("{n} problems: {}", problems.join("; ")))),
    }
}

/// The mapped object above this one.
pub(crate) fn parent_object(
    object: &ObjectMapping,
    mapping: &Mapping,
    describe: &Describe,
) -> Option<ObjectName> {
    let lookup = describe.field(object.parent.as_ref()?)?;
    mapping
        .objects
        .iter()
        .take_while(|o| o.object != object.object)
        .find(|o| lookup.reference_to.contains(&o.object))
        .map(|o| o.object.clone())
}

/// Why the org would surely refuse this value, by what describe says; `None`: it may take it.
pub(crate) fn refusal(describe: &Describe, field: &FieldName, value: &Value) -> Option<Failure> {
    let row = Fields::new().set(field.clone(), value.clone());
    sf_core::check(describe, Operation::Update, &row).into_result().err().map(sf_core::Error::into_failure)
}
