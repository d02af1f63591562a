//! Reading a statement allocates what its tree holds and nothing else: one allocation for each string, vector and box.
//! Growth of a vector is a reallocation and not counted.
//!
//! In a binary of its own, because the counting allocator is the whole program's.
#![allow(clippy::unwrap_used, clippy::panic)]

use sf_soql::{
    CategoryFilter, Condition, Distance, FieldSet, For, Function, Item, Literal, Operand, Order, PathAlias,
    PatternPart, RowCount, Statement, TypeOfBranch, UsageStatistics, With,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::{alloc::System, hint::black_box};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Beside the bench's: what it has little of.
const MORE: &[&str] = &[
    "SELECT Id FROM A WHERE a = '' AND b LIKE '' AND c LIKE '%' AND d IN ('', '')",
    r"SELECT Id FROM A WHERE a = '\'\\\u00e9\n' AND b LIKE 'x\%\_%y_\u00e9%'",
    "SELECT a.b.c, f(g(h(a.b))), other__c(Id) x FROM A AS a",
    "SELECT Id FROM A WHERE ((((a = 1)))) AND (b = 2 OR (c = 3 AND (d = 4 OR e = 5)))",
    "SELECT Id FROM A WHERE NOT (NOT (NOT (a = 1 OR (b = 2 AND c = 3))))",
    "SELECT Id FROM A WHERE a = 7.50 AND b = -0.5 AND d = 12345678901234567890123.45 AND e = EUR5.25",
    "SELECT Id FROM A WHERE a = 2026-01-31T08:00:00.5+01:00 AND b = LAST_N_DAYS : 30 AND c IN (TODAY, NULL, TRUE, 08:00:00Z)",
    "SELECT (SELECT (SELECT (SELECT (SELECT Id FROM E) FROM D) FROM C) FROM B) FROM A",
    "SELECT DISTANCE(Loc__c, GEOLOCATION(1.5, -2), 'mi') d, FIELDS(OTHER) FROM B.C c, c.D d, d.E WITH Network = 'x'",
    "SELECT Id FROM A WITH DATA CATEGORY Geo__c AT usa__c AND Product__c ABOVE (a__c, b__c) LIMIT -1 FOR REFERENCE",
    "SELECT a FROM A GROUP BY a, b HAVING COUNT(Id) > 1 AND MAX(b) < 5 ORDER BY a, b DESC LIMIT 1 OFFSET 2 UPDATE TRACKING",
];

/// What the tree does not keep costs a little more: how a number was spelled, blanks in a path, needless parentheses.
const ODD: &[(&str, usize)] = &[
    ("SELECT Id FROM A WHERE a = +5", 1),
    ("SELECT Id FROM A WHERE a = 007.50", 1),
    ("SELECT Id FROM A WHERE a = .5", 1),
    ("SELECT a . b FROM A", 2),
    ("SELECT Id FROM A WHERE a = 1 AND (b = 2 AND c = 3)", 1),
    ("SELECT Id FROM A WHERE a = 1 OR (b = 2 OR (c = 3 OR d = 4))", 2),
];

/// The strings, vectors and boxes of a tree that hold something; what is empty needs no memory.
trait Parts {
    fn parts(&self) -> usize;
}

impl Parts for str {
    fn parts(&self) -> usize {
        usize::from(!self.is_empty())
    }
}

impl<T: Parts> Parts for [T] {
    fn parts(&self) -> usize {
        usize::from(!self.is_empty()) + self.iter().map(Parts::parts).sum::<usize>()
    }
}

impl<T: Parts> Parts for Option<T> {
    fn parts(&self) -> usize {
        self.as_ref().map_or(0, Parts::parts)
    }
}

impl<T: Parts> Parts for Box<T> {
    fn parts(&self) -> usize {
        1 + T::parts(self)
    }
}

macro_rules! strings {
    ($($type:ty)*) => { $(impl Parts for $type {
        fn parts(&self) -> usize {
            self.as_str().parts()
        }
    })* };
}
strings! { sf_core::ObjectName sf_core::FieldPath sf_core::FieldName sf_soql::Identifier }

/// What holds nothing of its own.
macro_rules! plain {
    ($($type:ty)*) => { $(impl Parts for $type {
        fn parts(&self) -> usize {
            0
        }
    })* };
}
plain! { For UsageStatistics }

impl Parts for Statement {
    fn parts(&self) -> usize {
        self.items.parts()
            + self.from_parent.parts()
            + self.from.parts()
            + self.alias.parts()
            + self.path_aliases.parts()
            + self.scope.parts()
            + self.filter.parts()
            + self.with.parts()
            + self.group.as_ref().map_or(0, |g| g.values().parts())
            + self.having.parts()
            + self.order.parts()
            + self.limit.parts()
            + self.offset.parts()
            + self.purposes.parts()
            + self.update.parts()
    }
}

impl Parts for PathAlias {
    fn parts(&self) -> usize {
        self.path.parts() + self.alias.parts()
    }
}

impl Parts for Order {
    fn parts(&self) -> usize {
        self.by().parts()
    }
}

impl Parts for RowCount {
    fn parts(&self) -> usize {
        if let RowCount::Parameter(name) = self { name.parts() } else { 0 }
    }
}

impl Parts for With {
    fn parts(&self) -> usize {
        match self {
            With::Access(_) => 0,
            With::Filter { name, value } => name.parts() + value.parts(),
            With::DataCategory(filters) => filters.parts(),
            other => panic!("this test does not know {other:?}"),
        }
    }
}

impl Parts for CategoryFilter {
    fn parts(&self) -> usize {
        self.group.parts() + self.categories.parts()
    }
}

impl Parts for Item {
    fn parts(&self) -> usize {
        match self {
            Item::Value { value, alias } => value.parts() + alias.parts(),
            Item::Children { query, alias } => query.parts() + alias.parts(),
            Item::Fields(FieldSet::Other(word)) => word.parts(),
            Item::Fields(_) => 0,
            Item::TypeOf(t) => {
                t.relationship.parts() + t.branches.parts() + t.otherwise.parts() + t.alias.parts()
            }
            other => panic!("this test does not know {other:?}"),
        }
    }
}

impl Parts for TypeOfBranch {
    fn parts(&self) -> usize {
        self.object.parts() + self.fields.parts()
    }
}

impl Parts for Operand {
    fn parts(&self) -> usize {
        match self {
            Operand::Field(path) => path.parts(),
            Operand::Call { function, argument } => {
                let name = if let Function::Other(name) = function { name.parts() } else { 0 };
                name + argument.parts()
            }
            Operand::Distance(distance) => distance.parts(),
            other => panic!("this test does not know {other:?}"),
        }
    }
}

impl Parts for Distance {
    fn parts(&self) -> usize {
        self.location.parts() + self.latitude.parts() + self.longitude.parts()
    }
}

impl Parts for Condition {
    fn parts(&self) -> usize {
        match self {
            Condition::Compare { left, right, .. } => left.parts() + right.parts(),
            Condition::In { left, list, .. } | Condition::Includes { left, sets: list, .. } => {
                left.parts() + list.parts()
            }
            Condition::InQuery { left, query, .. } => left.parts() + query.parts(),
            Condition::And(parts) | Condition::Or(parts) => parts.parts(),
            Condition::Not(inner) => inner.parts(),
            Condition::Never => 0,
            other => panic!("this test does not know {other:?}"),
        }
    }
}

impl Parts for Literal {
    fn parts(&self) -> usize {
        match self {
            // Up to 22 digits stand in the number itself.
            Literal::Number(number) | Literal::Currency { amount: number, .. } => {
                usize::from(number.as_str().len() > 22)
            }
            Literal::Text(text) | Literal::Parameter(text) => text.parts(),
            Literal::Pattern(pattern) => {
                let text = |p: &PatternPart| if let PatternPart::Text(t) = p { t.parts() } else { 0 };
                usize::from(!pattern.parts().is_empty()) + pattern.parts().iter().map(text).sum::<usize>()
            }
            _ => 0,
        }
    }
}

/// The runner's own threads may allocate at the same time, which only ever adds: the smallest count is the truth.
fn allocations(read: impl Fn()) -> usize {
    let once = || {
        let region = Region::new(ALLOCATOR);
        read();
        region.change().allocations
    };
    (0..5).map(|_| once()).min().unwrap()
}

fn check<'t>(statements: impl IntoIterator<Item = (&'t str, usize)>) {
    let mut wrong = Vec::new();
    for (text, more) in statements {
        let tree = Statement::parse(text).unwrap_or_else(|e| panic!("{}", e.pretty()));
        let (held, made) = (tree.parts(), allocations(|| drop(black_box(Statement::parse(text)))));
        if made > held + more {
            wrong.push(format!("{made} allocations for {held} strings, vectors and boxes: {text}"));
        }
    }
    assert!(wrong.is_empty(), "{} statements:\n{}", wrong.len(), wrong.join("\n"));
}

/// One test, because the counts are the whole program's.
#[test]
fn reading_allocates_no_more_than_the_tree_holds() {
    assert_eq!(allocations(|| drop(black_box(vec![1].into_boxed_slice()))), 1, "the allocator counts");
    let statements = include_str!("../benches/statements.soql").lines().chain(MORE.iter().copied());
    check(statements.map(|text| (text, 0)));
    check(ODD.iter().copied());
}
