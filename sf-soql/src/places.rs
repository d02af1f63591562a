//! Where the names and values of a tree stand in its text.

use crate::tree::MAX_TREE_DEPTH;
use crate::{
    Condition, FieldSet, Function, Identifier, Item, Literal, Operand, RowCount, Span, Statement, With,
};
use sf_core::{FieldPath, ObjectName};
use std::collections::BTreeMap;

/// Where every name and value of one statement stands in one text of it, in the order of the text.
///
/// The tree itself has no places, so that trees are equal whatever their spelling. [`Statement::parse_with_places`]
/// makes both.
///
/// ```
/// use sf_soql::{Leaf, Statement};
/// let (statement, places) = Statement::parse_with_places("SELECT Id\nFROM   Account")?;
/// let span = places.of(&statement).span("SELECT Id\nFROM   Account", Leaf::Object(&statement.from)).unwrap();
/// assert_eq!((span.line, span.column), (2, 8));
/// # Ok::<(), sf_soql::Problems>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places(Vec<(u32, u32)>);

impl Places {
    /// Statements are bounded far below 4 GiB before they get here; a longer text has its places at its end.
    pub(crate) fn push(&mut self, start: usize, end: usize) {
        let place = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        self.0.push((place(start), place(end)));
    }

    /// For the condition of a statement whose FROM is not in the text.
    pub(crate) fn before_condition() -> Places {
        Places(vec![(0, 0)])
    }

    /// Whether the tree has as many leaves: a text that could not be written may lack some.
    pub(crate) fn are_of(&self, statement: &Statement) -> bool {
        let mut leaves = 0;
        statement.each_leaf(&mut |_| leaves += 1);
        leaves == self.0.len()
    }

    /// The same places in the tree they belong to. Of another tree, or of a tree that was changed since, they are
    /// wrong or missing.
    pub fn of<'s>(&self, statement: &'s Statement) -> PlacesOf<'s> {
        let mut rest = self.0.iter();
        let mut places = BTreeMap::new();
        statement.each_leaf(&mut |leaf| {
            if let Some(place) = rest.next() {
                places.insert(leaf.key(), *place);
            }
        });
        PlacesOf { places, statement }
    }
}

/// [`Places`] with their tree.
#[derive(Debug, Clone)]
pub struct PlacesOf<'s> {
    places: BTreeMap<(usize, u8), (u32, u32)>,
    statement: &'s Statement,
}

impl<'s> PlacesOf<'s> {
    /// The tree.
    pub fn statement(&self) -> &'s Statement {
        self.statement
    }

    /// The bytes of a leaf, found as this very part of the tree and not by its value. `None` when it is not in it.
    pub fn range(&self, leaf: Leaf<'_>) -> Option<std::ops::Range<usize>> {
        self.places.get(&leaf.key()).map(|(start, end)| *start as usize..*end as usize)
    }

    /// [`range`](PlacesOf::range) as line and column of the text.
    pub fn span(&self, text: &str, leaf: Leaf<'_>) -> Option<Span> {
        self.range(leaf).map(|range| Span::of(text, range.start, range.end))
    }
}

/// A name or a value of a tree.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Leaf<'s> {
    /// A field, a relationship, or a path to one.
    Path(&'s FieldPath),
    /// An object, a child relationship, a data category or its group.
    Object(&'s ObjectName),
    /// An alias, a scope, the name of a filter of WITH.
    Name(&'s Identifier),
    /// The name of a function; of `COUNT()` too.
    Function(&'s Function),
    /// The argument of `FIELDS()`.
    Fields(&'s FieldSet),
    /// The operator of a comparison, of IN, INCLUDES and the like.
    Operator(&'s Condition),
    /// A value.
    Value(&'s Literal),
    /// The number of LIMIT or OFFSET.
    Rows(&'s RowCount),
}

impl Leaf<'_> {
    /// Which part of which tree: an address, and a kind because a part may begin where its whole does.
    fn key(self) -> (usize, u8) {
        fn address<T>(part: &T) -> usize {
            std::ptr::from_ref(part).addr()
        }
        match self {
            Leaf::Path(part) => (address(part), 0),
            Leaf::Object(part) => (address(part), 1),
            Leaf::Name(part) => (address(part), 2),
            Leaf::Function(part) => (address(part), 3),
            Leaf::Fields(part) => (address(part), 4),
            Leaf::Operator(part) => (address(part), 5),
            Leaf::Value(part) => (address(part), 6),
            Leaf::Rows(part) => (address(part), 7),
        }
    }
}

impl Statement {
    /// Every leaf in the order of the text, as the writer and the parser count them. What is nested so deeply that they
    /// refuse it may be left out.
    pub fn each_leaf<'s>(&'s self, visit: &mut dyn FnMut(Leaf<'s>)) {
        Walk { visit, depth: 0 }.statement(self);
    }
}

struct Walk<'v, 's> {
    visit: &'v mut dyn FnMut(Leaf<'s>),
    depth: usize,
}

impl<'s> Walk<'_, 's> {
    fn deeper(&mut self, walk: impl FnOnce(&mut Self)) {
        if self.depth < MAX_TREE_DEPTH {
            self.depth += 1;
            walk(self);
            self.depth -= 1;
        }
    }

    fn name(&mut self, name: Option<&'s Identifier>) {
        if let Some(name) = name {
            (self.visit)(Leaf::Name(name));
        }
    }

    fn paths(&mut self, paths: &'s [FieldPath]) {
        paths.iter().for_each(|path| (self.visit)(Leaf::Path(path)));
    }

    fn statement(&mut self, s: &'s Statement) {
        for item in &s.items {
            self.item(item);
        }
        if let Some(path) = &s.from_parent {
            (self.visit)(Leaf::Path(path));
        }
        (self.visit)(Leaf::Object(&s.from));
        self.name(s.alias.as_ref());
        for known in &s.path_aliases {
            (self.visit)(Leaf::Path(&known.path));
            self.name(known.alias.as_ref());
        }
        self.name(s.scope.as_ref());
        if let Some(filter) = &s.filter {
            self.condition(filter);
        }
        match &s.with {
            Some(With::Filter { name, value }) => {
                self.name(Some(name));
                (self.visit)(Leaf::Value(value));
            }
            Some(With::DataCategory(filters)) => {
                for filter in filters {
                    (self.visit)(Leaf::Object(&filter.group));
                    filter.categories.iter().for_each(|category| (self.visit)(Leaf::Object(category)));
                }
            }
            Some(With::Access(_)) | None => {}
        }
        if let Some(group) = &s.group {
            group.values().iter().for_each(|value| self.operand(value));
        }
        if let Some(having) = &s.having {
            self.condition(having);
        }
        s.order.iter().for_each(|order| self.operand(order.by()));
        for rows in [&s.limit, &s.offset].into_iter().flatten() {
            (self.visit)(Leaf::Rows(rows));
        }
    }

    fn item(&mut self, item: &'s Item) {
        match item {
            Item::Value { value, alias } => {
                self.operand(value);
                self.name(alias.as_ref());
            }
            Item::Children { query, alias } => {
                self.deeper(|w| w.statement(query));
                self.name(alias.as_ref());
            }
            Item::Fields(set) => (self.visit)(Leaf::Fields(set)),
            Item::TypeOf(t) => {
                (self.visit)(Leaf::Path(&t.relationship));
                for branch in &t.branches {
                    (self.visit)(Leaf::Object(&branch.object));
                    self.paths(&branch.fields);
                }
                self.paths(&t.otherwise);
                self.name(t.alias.as_ref());
            }
        }
    }

    fn operand(&mut self, operand: &'s Operand) {
        match operand {
            Operand::Field(path) => (self.visit)(Leaf::Path(path)),
            Operand::Call { function, argument } => {
                (self.visit)(Leaf::Function(function));
                if let Some(argument) = argument {
                    self.deeper(|w| w.operand(argument));
                }
            }
            Operand::Distance(d) => {
                (self.visit)(Leaf::Path(&d.location));
                (self.visit)(Leaf::Value(&d.latitude));
                (self.visit)(Leaf::Value(&d.longitude));
            }
        }
    }

    fn condition(&mut self, condition: &'s Condition) {
        match condition {
            Condition::Compare { left, right, .. } => {
                self.operand(left);
                (self.visit)(Leaf::Operator(condition));
                (self.visit)(Leaf::Value(right));
            }
            Condition::In { left, list, .. } | Condition::Includes { left, sets: list, .. } => {
                self.operand(left);
                (self.visit)(Leaf::Operator(condition));
                list.iter().for_each(|value| (self.visit)(Leaf::Value(value)));
            }
            Condition::InParameter { left, .. } => {
                self.operand(left);
                (self.visit)(Leaf::Operator(condition));
            }
            Condition::InQuery { left, query, .. } => {
                self.operand(left);
                (self.visit)(Leaf::Operator(condition));
                self.deeper(|w| w.statement(query));
            }
            Condition::And(parts) | Condition::Or(parts) => {
                self.deeper(|w| parts.iter().for_each(|part| w.condition(part)));
            }
            Condition::Not(inner) => self.deeper(|w| w.condition(inner)),
            Condition::Never => {}
        }
    }
}
