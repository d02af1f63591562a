//! Roll-up summaries at work: when a child is put, its parents follow.
use super::{Cell, Key, Row, SObjectType, State};
use crate::{
    guard::{RollUp, Rule, Summary},
    soql,
};
use sf_core::SfId;
use std::{cell::Cell as Visited, sync::Arc};

impl State {
    /// A child was put: the parents it has or had follow.
    pub(super) fn roll_up(&mut self, child: &SObjectType, before: Option<&Row>, after: Option<&Row>) {
        for rule in self.roll_ups(|rule| rule.child.is(&child.name)) {
            let Some(at) = child.position(rule.lookup.as_str()) else { continue };
            let parent = |row: Option<&Row>| row.and_then(|row| row.cells.get(at)?.as_id());
            let (was, is) = (parent(before), parent(after));
            if let (None, Some(row), Some(id)) = (before, after, is)
                && self.roll_up_new(&rule, (child, at), row, id)
            {
                continue;
            }
            if let Some(id) = was {
                self.roll_up_one(&rule, id, true);
            }
            if let Some(id) = is.filter(|id| Some(*id) != was) {
                self.roll_up_one(&rule, id, true);
            }
        }
    }

    /// A row came out of the recycle bin: what became of its children meanwhile did not reach it.
    pub(crate) fn roll_up_onto(&mut self, parent: &SObjectType, id: SfId) {
        for rule in self.roll_ups(|rule| rule.object.is(&parent.name)) {
            self.roll_up_one(&rule, id, true);
        }
    }

    fn roll_ups(&self, of: impl Fn(&RollUp) -> bool) -> Vec<RollUp> {
        if !self.has_rules("roll_up") {
            return Vec::new();
        }
        let of_rule = |rule: &Rule| match rule {
            Rule::RollUp(rule) if of(rule) => Some(rule.clone()),
            _ => None,
        };
        self.rules().filter_map(|(_, rule)| of_rule(rule)).collect()
    }

    /// The rows that were there get their values when the field is made; their stamps stay.
    pub(super) fn roll_up_all(&mut self, rule: &RollUp) {
        let ids: Vec<SfId> = self.rows(rule.object.as_str()).map(|row| row.id).collect();
        ids.into_iter().for_each(|id| self.roll_up_one(rule, id, false));
    }

    /// A new child whose id is the last of its parent's children is added to what they come to, so that a load of many children of one
    /// parent does not look at all of them for each. Whether that was enough.
    fn roll_up_new(
        &mut self,
        rule: &RollUp,
        (child, lookup): (&SObjectType, usize),
        row: &Row,
        id: SfId,
    ) -> bool {
        let sees_others = rule.condition.as_ref().is_some_and(|text| text.contains('.'));
        let Some((parent, before)) = self.find(id) else { return false };
        let Some(known) = parent.position(rule.field.as_str()).map(|at| before.cells[at].clone()) else {
            return false;
        };
        let was_computed = !known.is_null() || matches!(rule.summary, Summary::Min | Summary::Max);
        let children = self.table(&child.name).and_then(|table| table.lookup(lookup, &Key::Id(id)).flatten());
        if sees_others || !was_computed || children.and_then(|ids| ids.last()) != Some(&row.id) {
            return false;
        }
        let one = self.summary(rule, std::iter::once(row));
        let (value, number) = (known.clone(), |cell: &Cell| cell.as_f64().unwrap_or(0.0));
        let value = match rule.summary {
            Summary::Count | Summary::Sum => Cell::Double(number(&known) + number(&one)),
            _ if one.is_null() => value,
            _ if known.is_null() => one,
            Summary::Min => {
                if is_less(&one, &known) {
                    one
                } else {
                    value
                }
            }
            Summary::Max => {
                if is_less(&known, &one) {
                    one
                } else {
                    value
                }
            }
        };
        self.set_rolled(rule, id, value, true);
        true
    }

    fn roll_up_one(&mut self, rule: &RollUp, id: SfId, stamp: bool) {
        if self.find(id).is_none_or(|(parent, row)| row.is_deleted(parent)) {
            return;
        }
        let children = self.schema.get(rule.child.as_str()).map(|child| self.children(child, rule, id));
        let value = self.summary(rule, children.into_iter().flatten());
        self.set_rolled(rule, id, value, stamp);
    }

    /// A parent in the recycle bin keeps its value, and the stamp that says when it was deleted.
    fn set_rolled(&mut self, rule: &RollUp, id: SfId, value: Cell, stamp: bool) {
        let Some((parent, before)) = self.find(id) else { return };
        let Some(at) = parent.position(rule.field.as_str()) else { return };
        if before.is_deleted(parent) || before.cells[at] == value {
            return;
        }
        let (parent, mut row) = (parent.clone(), Row::clone(before));
        row.cells[at] = value;
        if let Some(stamp_at) = parent.system.system_modstamp
            && stamp
            && self.assumptions.guard.roll_up_moves_modstamp
        {
            row.cells[stamp_at] = Cell::DateTime(self.now);
        }
        self.put(&parent, id, Some(Arc::new(row)));
    }

    /// What the live ones of these children come to.
    fn summary<'r>(&self, rule: &RollUp, children: impl Iterator<Item = &'r Row>) -> Cell {
        let Some(child) = self.schema.get(rule.child.as_str()) else { return Cell::Null };
        let visited = Visited::default();
        let sources = soql::Sources::system(self, &visited);
        let condition = rule.condition.as_ref().map(|text| soql::RowCondition::new(&sources, child, text));
        let condition = match condition {
            // A field of the condition went away with its sObject's describe: nothing can meet it.
            Some(Err(_)) => return Cell::Null,
            Some(Ok(condition)) => Some(condition),
            None => None,
        };
        let of = rule.of.as_ref().and_then(|of| child.position(of.as_str()));
        let mut count = 0_i64;
        let mut sum = 0.0;
        let mut ends: Option<(Cell, Cell)> = None;
        for row in children {
            if row.is_deleted(child) || condition.as_ref().is_some_and(|c| !c.holds(&sources, row)) {
                continue;
            }
            count += 1;
            let Some(cell) = of.map(|at| &row.cells[at]).filter(|cell| !cell.is_null()) else { continue };
            sum += cell.as_f64().unwrap_or(0.0);
            ends = Some(match ends {
                None => (cell.clone(), cell.clone()),
                Some((min, max)) => {
                    let min = if is_less(cell, &min) { cell.clone() } else { min };
                    (min, if is_less(&max, cell) { cell.clone() } else { max })
                }
            });
        }
        let number = |cell: Cell| cell.as_f64().map_or(cell, Cell::Double);
        #[allow(clippy::cast_precision_loss)]
        match rule.summary {
            Summary::Count => Cell::Double(count as f64),
            Summary::Sum => Cell::Double(sum),
            Summary::Min => ends.map_or(Cell::Null, |(min, _)| number(min)),
            Summary::Max => ends.map_or(Cell::Null, |(_, max)| number(max)),
        }
    }

    /// All rows that look up this parent, deleted ones among them.
    fn children<'s>(
        &'s self,
        child: &SObjectType,
        rule: &RollUp,
        parent: SfId,
    ) -> impl Iterator<Item = &'s Row> + use<'s> {
        let table = self.table(&child.name);
        let ids = child
            .position(rule.lookup.as_str())
            .and_then(|at| table?.lookup(at, &Key::Id(parent)).flatten())
            .into_iter()
            .flatten();
        ids.filter_map(move |id| table?.get(*id)).map(|row| &**row)
    }
}

fn is_less(a: &Cell, b: &Cell) -> bool {
    match (a, b) {
        (Cell::Date(a), Cell::Date(b)) => a < b,
        (Cell::DateTime(a), Cell::DateTime(b)) => a < b,
        (a, b) => a.as_f64() < b.as_f64(),
    }
}
