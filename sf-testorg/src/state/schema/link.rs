//! Lookups seen from the parent: a new field makes a child relationship of the sObject that it refers to.
use super::{ChildType, SObjectType, Schema};
use serde_json::{Value as Json, json};
use std::{collections::BTreeMap, sync::Arc};

impl Schema {
    /// Adds or replaces an sObject, and brings the relationships of the others in line with it. What a describe says itself stays; what
    /// it does not say follows from the lookups.
    pub(crate) fn put(&mut self, sobject: SObjectType) {
        let name = sobject.name.clone();
        let old = self.get(&name).cloned();
        self.add(sobject);
        self.forget_lookups(&name);
        self.open_lookups(&name);
        self.add_children(&name, old.as_deref());
    }

    /// Child relationships over lookups that are gone.
    fn forget_lookups(&mut self, child: &str) {
        let Some(child) = self.get(child).cloned() else { return };
        for parent in self.types.values_mut() {
            let gone = |name: &str, field: &str| {
                name.eq_ignore_ascii_case(&child.name)
                    && child.field(field).is_none_or(|f| !f.reference_to.iter().any(|to| *to == parent.name))
            };
            if parent.children.iter().any(|c| gone(&c.child, &c.field)) {
                let mut changed = SObjectType::clone(parent);
                changed.children.retain(|c| !gone(&c.child, &c.field));
                if let Some(Json::Array(list)) =
                    Arc::make_mut(&mut changed.describe).get_mut("childRelationships")
                {
                    let text = |entry: &Json, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
                    list.retain(|entry| !gone(&text(entry, "childSObject"), &text(entry, "field")));
                }
                *parent = Arc::new(changed);
            }
        }
    }

    /// Polymorphic lookups of others that the describe of this sObject counts among its children: a custom sObject with activities is
    /// one that `Task.WhatId` may refer to.
    fn open_lookups(&mut self, parent: &str) {
        let Some(parent) = self.get(parent).cloned() else { return };
        for way in &parent.children {
            let Some(child) = self.get_mut(&way.child) else { continue };
            let Some(at) = child.position(&way.field) else { continue };
            let field = &mut child.fields[at];
            if !field.polymorphic_foreign_key || field.reference_to.contains(&parent.name) {
                continue;
            }
            field.reference_to.push(parent.name.clone());
            field.reference_to.sort();
            let names = json!(field.reference_to);
            if let Some(entry) =
                Arc::make_mut(&mut child.describe).get_mut("fields").and_then(|f| f.get_mut(at))
            {
                entry["referenceTo"] = names;
            }
        }
    }

    /// Child relationships that lookups to or of this sObject make. `old` is what it was before: its names stay.
    fn add_children(&mut self, name: &str, old: Option<&SObjectType>) {
        let mut missing: BTreeMap<String, Vec<ChildType>> = BTreeMap::new();
        for child in self.types.values() {
            for (at, field) in child.fields.iter().enumerate() {
                for to in &field.reference_to {
                    if to != name && child.name != name {
                        continue;
                    }
                    let Some(parent) = self.get(to) else { continue };
                    let over = |c: &&ChildType| c.child == child.name && c.field == field.name;
                    if parent.children.iter().any(|c| over(&c)) {
                        continue;
                    }
                    let before =
                        old.filter(|o| o.name == parent.name).and_then(|o| o.children.iter().find(over));
                    let describe = child.describe.get("fields").and_then(|fields| fields.get(at));
                    let way = before.cloned().unwrap_or_else(|| way_down(child, &field.name, describe));
                    missing.entry(parent.name.clone()).or_default().push(way);
                }
            }
        }
        for (parent, ways) in missing {
            let Some(parent) = self.get_mut(&parent) else { continue };
            for mut way in ways {
                way.relationship_name = way.relationship_name.map(|name| free_name(parent, name));
                let entry = json!({
                    "cascadeDelete": way.cascade_delete,
                    "childSObject": way.child,
                    "deprecatedAndHidden": false,
                    "field": way.field,
                    "junctionIdListNames": [],
                    "junctionReferenceTo": [],
                    "relationshipName": way.relationship_name,
                    "restrictedDelete": way.restricted_delete,
                });
                parent.children.push(way);
                let list = Arc::make_mut(&mut parent.describe)
                    .entry("childRelationships")
                    .or_insert_with(|| json!([]));
                if let Json::Array(list) = list {
                    list.push(entry);
                }
            }
        }
    }
}

/// The relationship of a custom lookup is named after the child, as Setup proposes it: `CX Plans` → `CX_Plans__r`. The describe of
/// the child does not have the name. [inferred]
fn way_down(child: &SObjectType, field: &str, describe: Option<&Json>) -> ChildType {
    let flag = |key: &str| describe.and_then(|d| d.get(key)).and_then(Json::as_bool).unwrap_or(false);
    let label = child.describe.get("labelPlural").and_then(Json::as_str).unwrap_or(&child.name);
    let words = label.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.collect::<Vec<_>>().join("_");
    ChildType {
        child: child.name.clone(),
        field: field.to_owned(),
        relationship_name: (field.ends_with("__c") && !name.is_empty()).then(|| format!("{name}__r")),
        cascade_delete: flag("cascadeDelete"),
        restricted_delete: flag("restrictedDelete"),
    }
}

/// `CX_Plans__r`, else `CX_Plans1__r`, …
fn free_name(parent: &SObjectType, name: String) -> String {
    let stem = name.trim_end_matches("__r").to_owned();
    let mut free = name;
    let mut count = 0;
    while parent.child(&free).is_some() {
        count += 1;
        free = format!("{stem}{count}__r");
    }
    free
}
