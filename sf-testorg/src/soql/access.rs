//! How the rows of a plan are found: by an index where one serves, else all of them.
//!
//! Indexes are those of Salesforce: the id, lookups, unique and external-id fields, `SystemModstamp`, `CreatedDate`, and
//! `LastModifiedDate`. An equality or a list is served first; then the order, so that the next page of a client that reads by
//! key (`Id > x ORDER BY Id`, `SystemModstamp > t ORDER BY SystemModstamp, Id`) looks at no more than its own rows; then a
//! range.
use super::{
    Sources,
    filter::{Filter, Test},
    plan::{Plan, Sort},
    scalar::Scalar,
};
use crate::state::{Key, Row, Table};
use sf_core::SfId;
use sf_soql::Op;
use std::{borrow::Cow, collections::BTreeSet, ops::Bound, sync::Arc};

type Rows<'t> = Box<dyn Iterator<Item = &'t Arc<Row>> + 't>;
type Ids<'t> = Cow<'t, BTreeSet<SfId>>;
type KeyBounds = (Bound<Key>, Bound<Key>);

/// Rows that are looked at.
pub(super) struct Access<'t> {
    pub(super) rows: Rows<'t>,
    /// They come as ORDER BY has them; without one, by id.
    pub(super) is_in_order: bool,
}

/// Values from one to another, both possibly open.
#[derive(Debug, Clone, PartialEq)]
struct Range {
    from: Bound<Scalar>,
    to: Bound<Scalar>,
}

impl Plan {
    /// The rows to look at; `None` when the org has no rows of that object. `children_of`: see [`Plan::rows`].
    pub(super) fn access<'t>(
        &self,
        sources: &Sources<'t>,
        children_of: Option<(usize, SfId)>,
    ) -> Option<Access<'t>> {
        let table = sources.state.table(&self.sobject.name)?;
        let conjuncts = self.conjuncts();
        let none = || Access { rows: Box::new(std::iter::empty()), is_in_order: true };
        if conjuncts.iter().any(|filter| matches!(filter, Filter::Nothing)) {
            return Some(none());
        }
        let ids = match children_of {
            Some((at, parent)) => match table.lookup(at, &Key::Id(parent)) {
                Some(Some(ids)) => Some(Cow::Borrowed(ids)),
                _ => return Some(none()),
            },
            None => self.indexed(table).into_iter().map(|(_, ids)| ids).min_by_key(|ids| ids.len()),
        };
        let id = self.sobject.system.id;
        let by_id = match self.order.as_slice() {
            [] => Some(false),
            // Nothing is left to sort after an id.
            [first, ..] if own(first) == Some(id) => Some(first.descending),
            _ => None,
        };
        let bounds =
            range(&conjuncts, id).map_or((Bound::Unbounded, Bound::Unbounded), |range| range.of_ids());
        if is_empty(&bounds) {
            return Some(none());
        }
        if let Some(ids) = ids {
            let rows: Rows<'t> = match ids {
                Cow::Borrowed(ids) => {
                    directed(ids.range(bounds).filter_map(|id| table.get(*id)), by_id == Some(true))
                }
                Cow::Owned(ids) => {
                    let ids: Vec<SfId> = ids.range(bounds).copied().collect();
                    directed(ids.into_iter().filter_map(|id| table.get(id)), by_id == Some(true))
                }
            };
            return Some(Access { rows, is_in_order: by_id.is_some() });
        }
        if let Some(access) = self.by_order(table, &conjuncts) {
            return Some(access);
        }
        let ranged = table.ordered().find_map(|at| Some((at, range(&conjuncts, at)?.of_keys()?)));
        let (all, few) = ((Bound::Unbounded, Bound::Unbounded), table.len() / 10);
        let is_selective = |(at, keys): &(usize, KeyBounds)| {
            let mut left = few;
            table.keyed(*at, keys.clone()).all(|ids| {
                let fits = ids.len() <= left;
                left = left.saturating_sub(ids.len());
                fits
            })
        };
        let has_way = by_id.is_some() && (!self.order.is_empty() || bounds != all);
        match ranged.filter(|ranged| !has_way || is_selective(ranged)) {
            Some((at, keys)) => {
                let of_key = |ids: &'t BTreeSet<SfId>| ids.iter().filter_map(|id| table.get(*id));
                let rows = Box::new(table.keyed(at, keys).flat_map(of_key));
                Some(Access { rows, is_in_order: false })
            }
            None => {
                let rows = directed(table.range(bounds), by_id == Some(true));
                Some(Access { rows, is_in_order: by_id.is_some() })
            }
        }
    }

    /// By the index of the first field of ORDER BY, when nothing but the id follows.
    fn by_order<'t>(&self, table: &'t Table, conjuncts: &[&Filter]) -> Option<Access<'t>> {
        let (first, rest) = self.order.split_first()?;
        let at = own(first).filter(|at| table.is_ordered(*at))?;
        let ids_descend = match rest {
            [] => false,
            [id, ..] if own(id) == Some(self.sobject.system.id) => id.descending,
            _ => return None,
        };
        // An index knows no nulls: a range leaves them out anyway.
        let keys = match range(conjuncts, at) {
            Some(range) => range.of_keys()?,
            None if table.keyed_rows(at) == table.len() => (Bound::Unbounded, Bound::Unbounded),
            None => return None,
        };
        let of_key =
            move |ids: &'t BTreeSet<SfId>| directed(ids.iter().filter_map(|id| table.get(*id)), ids_descend);
        let keyed = table.keyed(at, keys);
        let rows: Rows<'t> = if first.descending {
            Box::new(keyed.rev().flat_map(of_key))
        } else {
            Box::new(keyed.flat_map(of_key))
        };
        Some(Access { rows, is_in_order: true })
    }

    fn conjuncts(&self) -> Vec<&Filter> {
        let mut all = Vec::new();
        if let Some(filter) = &self.filter {
            filter.conjuncts(&mut all);
        }
        all
    }

    /// For every condition that must hold and has an index: the field, and the ids the index gives.
    pub(super) fn indexed<'t>(&self, table: &'t Table) -> Vec<(usize, Ids<'t>)> {
        let mut all = Vec::new();
        for filter in self.conjuncts() {
            let Filter::Test(value, test) = filter else { continue };
            let Some(at) = value.path.own().filter(|_| value.is_plain()) else { continue };
            let values: Vec<&Scalar> = match test {
                Test::Compare(Op::Eq, scalar) => vec![scalar],
                Test::In { not: false, values, null: false } => values.iter().collect(),
                _ => continue,
            };
            let ids = |scalar: &&Scalar| if let Scalar::Id(id) = scalar { Some(*id) } else { None };
            let found: Ids<'t> = if at == self.sobject.system.id {
                Cow::Owned(values.iter().filter_map(ids).collect())
            } else if table.is_indexed(at) {
                let keys: Option<Vec<Key>> = values.iter().map(|scalar| key(scalar)).collect();
                let Some(keys) = keys else { continue };
                let mut sets = keys.iter().filter_map(|key| table.lookup(at, key).flatten());
                match (sets.next(), sets.next()) {
                    (None, _) => Cow::Owned(BTreeSet::new()),
                    (Some(one), None) => Cow::Borrowed(one),
                    (Some(one), Some(other)) => {
                        Cow::Owned(one.iter().chain(other).chain(sets.flatten()).copied().collect())
                    }
                }
            } else {
                continue;
            };
            all.push((at, found));
        }
        all
    }
}

/// The position of a field of the row itself that is sorted by.
fn own(sort: &Sort) -> Option<usize> {
    sort.by.path.own().filter(|_| sort.by.is_plain())
}

fn directed<'t>(rows: impl DoubleEndedIterator<Item = &'t Arc<Row>> + 't, descending: bool) -> Rows<'t> {
    if descending { Box::new(rows.rev()) } else { Box::new(rows) }
}

/// What an index has under a value; `None`: the index does not know such values.
fn key(scalar: &Scalar) -> Option<Key> {
    match scalar {
        Scalar::Id(id) => Some(Key::Id(*id)),
        // Folded as the field says already.
        Scalar::Text(text) => Some(Key::Text(text.clone())),
        Scalar::Number(n) => Some(Key::of_number(*n)),
        Scalar::DateTime(at) => Some(Key::At(*at)),
        _ => None,
    }
}

/// Which values of a field can meet all of these conditions; `None`: they say nothing about it.
fn range(conjuncts: &[&Filter], at: usize) -> Option<Range> {
    conjuncts.iter().filter_map(|filter| range_of(filter, at)).reduce(Range::both)
}

fn range_of(filter: &Filter, at: usize) -> Option<Range> {
    match filter {
        Filter::And(parts) => parts.iter().filter_map(|part| range_of(part, at)).reduce(Range::both),
        // Every branch has to bound it: `SystemModstamp > t OR (SystemModstamp = t AND Id > x)`.
        Filter::Or(parts) => {
            let ranges: Option<Vec<Range>> = parts.iter().map(|part| range_of(part, at)).collect();
            ranges?.into_iter().reduce(Range::either)
        }
        Filter::Test(value, test) if value.is_plain() && value.path.own() == Some(at) => Range::of(test),
        _ => None,
    }
}

impl Range {
    fn of(test: &Test) -> Option<Range> {
        use Bound::{Excluded, Included, Unbounded};
        let (from, to) = match test {
            Test::Compare(op, value) => match op {
                Op::Eq => (Included(value), Included(value)),
                Op::Gt => (Excluded(value), Unbounded),
                Op::Ge => (Included(value), Unbounded),
                Op::Lt => (Unbounded, Excluded(value)),
                Op::Le => (Unbounded, Included(value)),
                _ => return None,
            },
            Test::Range(op, start, end) => match op {
                Op::Eq => (Included(start), Excluded(end)),
                Op::Gt => (Included(end), Unbounded),
                Op::Ge => (Included(start), Unbounded),
                Op::Lt => (Unbounded, Excluded(start)),
                Op::Le => (Unbounded, Excluded(end)),
                _ => return None,
            },
            _ => return None,
        };
        Some(Range { from: from.cloned(), to: to.cloned() })
    }

    fn both(self, other: Range) -> Range {
        let from = if lower(&self.from, &other.from) { other.from } else { self.from };
        let to = if higher(&self.to, &other.to) { other.to } else { self.to };
        Range { from, to }
    }

    fn either(self, other: Range) -> Range {
        let from = if lower(&self.from, &other.from) { self.from } else { other.from };
        let to = if higher(&self.to, &other.to) { self.to } else { other.to };
        Range { from, to }
    }

    /// Of the field Id.
    fn of_ids(self) -> (Bound<SfId>, Bound<SfId>) {
        let id = |bound: Bound<Scalar>| match bound {
            Bound::Included(Scalar::Id(id)) => Bound::Included(id),
            Bound::Excluded(Scalar::Id(id)) => Bound::Excluded(id),
            _ => Bound::Unbounded,
        };
        (id(self.from), id(self.to))
    }

    /// Of an indexed field; `None` when nothing can be in it, or when the index does not know such values.
    fn of_keys(self) -> Option<KeyBounds> {
        let of = |bound: Bound<Scalar>| match bound {
            Bound::Included(value) => key(&value).map(Bound::Included),
            Bound::Excluded(value) => key(&value).map(Bound::Excluded),
            Bound::Unbounded => Some(Bound::Unbounded),
        };
        Some((of(self.from)?, of(self.to)?)).filter(|bounds| !is_empty(bounds))
    }
}

/// Whether the first begins before the second.
fn lower(a: &Bound<Scalar>, b: &Bound<Scalar>) -> bool {
    match (a, b) {
        (Bound::Unbounded, _) => true,
        (_, Bound::Unbounded) => false,
        (Bound::Included(a), Bound::Excluded(b)) => a <= b,
        (Bound::Included(a) | Bound::Excluded(a), Bound::Included(b) | Bound::Excluded(b)) => a < b,
    }
}

/// Whether the first ends after the second.
fn higher(a: &Bound<Scalar>, b: &Bound<Scalar>) -> bool {
    match (a, b) {
        (Bound::Unbounded, _) => true,
        (_, Bound::Unbounded) => false,
        (Bound::Included(a), Bound::Excluded(b)) => a >= b,
        (Bound::Included(a) | Bound::Excluded(a), Bound::Included(b) | Bound::Excluded(b)) => a > b,
    }
}

/// A range that BTreeMap would panic at, or that has nothing.
fn is_empty<T: Ord>(bounds: &(Bound<T>, Bound<T>)) -> bool {
    match bounds {
        (Bound::Included(from), Bound::Included(to)) => from > to,
        (Bound::Included(from) | Bound::Excluded(from), Bound::Included(to) | Bound::Excluded(to)) => {
            from >= to
        }
        _ => false,
    }
}
