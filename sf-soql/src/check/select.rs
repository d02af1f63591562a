//! The SELECT list.

use super::Checker;
use super::function::Clause;
use super::operand::{innermost, key, leaf_of, spell};
use super::resolve::Scope;
use crate::{FieldSet, Identifier, Item, Leaf, Operand};
use sf_core::FieldPath;
use std::collections::BTreeSet;

impl<'s> Checker<'s> {
    pub(super) fn select(&mut self, scope: &mut Scope<'s>) {
        let s = scope.statement;
        let grouped = s.is_aggregate();
        for item in &s.items {
            match item {
                Item::Value { value: Operand::Field(path), alias: Some(alias) }
                    if path.as_str().eq_ignore_ascii_case("DISTINCT")
                        && self.is_unknown(scope, path.as_str()) =>
                {
                    let message = "only aggregate expressions use field aliasing";
                    let explanation =
                        format!("SOQL has no DISTINCT: SELECT {alias} FROM {} GROUP BY {alias}", s.from);
                    self.wrong(Leaf::Name(alias), message, explanation);
                }
                Item::Value { value, alias } => {
                    self.operand(scope, value, Clause::Select);
                    let is_field = matches!(value, Operand::Field(_));
                    self.alias(alias.as_ref().filter(|_| is_field && !grouped));
                }
                Item::Children { query, alias } => {
                    self.child(scope, query);
                    self.alias(alias.as_ref());
                }
                Item::Fields(set) => self.field_set(scope, set),
                Item::TypeOf(t) => {
                    self.type_of(scope, t);
                    self.alias(t.alias.as_ref());
                }
            }
        }
        if !grouped {
            let sets = self.sets(scope);
            self.selected_twice(scope, &sets);
            self.named_twice(scope, &sets);
        }
        self.beside_type_of(scope);
    }

    fn is_unknown(&self, scope: &Scope<'s>, name: &str) -> bool {
        scope.object.is_none_or(|object| !object.fields.iter().any(|field| field.name.is(name)))
    }

    fn alias(&mut self, alias: Option<&'s Identifier>) {
        if let Some(alias) = alias {
            let message = "only aggregate expressions use field aliasing";
            let explanation = format!("leave `{alias}` out; what is selected keeps its own name in the rows");
            self.wrong(Leaf::Name(alias), message, explanation);
        }
    }

    fn field_set(&mut self, scope: &Scope<'s>, set: &'s FieldSet) {
        let leaf = Leaf::Fields(set);
        if ![FieldSet::All, FieldSet::Custom, FieldSet::Standard].contains(set) {
            let message = format!("FIELDS({}) is not known", set.as_str());
            self.wrong(leaf, message, "write FIELDS(ALL), FIELDS(CUSTOM) or FIELDS(STANDARD)");
        } else if *set == FieldSet::Custom && scope.object.is_some_and(|o| o.fields.iter().all(|f| !f.custom))
        {
            let message = format!("FIELDS(CUSTOM) of {}, which has no custom field", scope.statement.from);
            self.wrong(leaf, message, "this user sees none; name the fields, or write FIELDS(STANDARD)");
        }
    }

    /// A field that comes twice, by its name, by a function without alias, or in FIELDS().
    fn selected_twice(&mut self, scope: &Scope<'s>, sets: &Sets) {
        let mut seen = BTreeSet::new();
        for item in &scope.statement.items {
            let Item::Value { value, alias: None } = item else { continue };
            let Some(path) = innermost(value) else { continue };
            let is_form = matches!(value, Operand::Call { function, .. } if function.is_of_form());
            if !is_form && !matches!(value, Operand::Field(_)) {
                continue;
            }
            let name = key(scope, &Operand::Field(path.clone()));
            let in_set = sets.have(scope, &name);
            let explanation = if is_form {
                format!("give it an alias: {} label", spell(value))
            } else if in_set {
                "FIELDS() has it already: leave one of them out".to_owned()
            } else {
                "name it once".to_owned()
            };
            if !seen.insert(name) || in_set {
                self.wrong(leaf_of(value), format!("duplicate field selected: {path}"), explanation);
            }
        }
    }

    /// An alias that something else of the row is called too: another alias, a field, a parent, children.
    fn named_twice(&mut self, scope: &Scope<'s>, sets: &Sets) {
        let first = |path: &FieldPath| {
            let text = scope.relative(path);
            let text = text.as_deref().unwrap_or(path.as_str());
            text.split('.').next().unwrap_or_default().to_ascii_lowercase()
        };
        let items = &scope.statement.items;
        let own_name = |item: &Item| match item {
            Item::Value { value, alias: None } => innermost(value).map(first),
            Item::TypeOf(t) => Some(first(&t.relationship)),
            Item::Children { query, .. } => Some(query.from.as_str().to_ascii_lowercase()),
            _ => None,
        };
        let mut names: BTreeSet<String> = items.iter().filter_map(own_name).collect();
        for item in items {
            let Item::Value { value, alias: Some(alias) } = item else { continue };
            let is_repeated =
                !names.insert(alias.as_str().to_ascii_lowercase()) || sets.have(scope, alias.as_str());
            if is_repeated && !matches!(value, Operand::Field(_)) {
                let explanation = "a row has every name once: give it another alias";
                self.wrong(Leaf::Name(alias), format!("duplicate alias: {alias}"), explanation);
            }
        }
    }

    fn sets(&mut self, scope: &Scope<'s>) -> Sets {
        let mut sets = Sets { standard: false, custom: false };
        for item in &scope.statement.items {
            let Item::Fields(set) = item else { continue };
            let standard = [FieldSet::All, FieldSet::Standard].contains(set);
            let custom = [FieldSet::All, FieldSet::Custom].contains(set);
            if (standard && sets.standard) || (custom && sets.custom) {
                let explanation = "one FIELDS() is enough: ALL is CUSTOM and STANDARD";
                self.wrong(Leaf::Fields(set), "duplicate field selected: Id", explanation);
            }
            sets.standard |= standard;
            sets.custom |= custom;
        }
        sets
    }
}

/// Which fields come with FIELDS().
struct Sets {
    standard: bool,
    custom: bool,
}

impl Sets {
    fn have(&self, scope: &Scope<'_>, name: &str) -> bool {
        (self.standard || self.custom)
            && scope
                .object
                .and_then(|object| object.fields.iter().find(|field| field.name.is(name)))
                .is_some_and(|field| if field.custom { self.custom } else { self.standard })
    }
}
