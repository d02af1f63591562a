//! Statements about the objects of describes, most of them nearly right.
use sf_core::{Describe, FieldDescribe, FieldKind, ObjectName};
use std::collections::BTreeMap;

type Schema = BTreeMap<ObjectName, Describe>;

const OBJECTS: [&str; 9] =
    ["Account", "Contact", "Opportunity", "Lead", "Case", "Task", "Event", "User", "CaseComment"];

/// Choices that were drawn before: fewer of them make a simpler statement.
struct Choices<'c> {
    left: std::slice::Iter<'c, u16>,
    schema: &'c Schema,
}

pub(super) fn statement(choices: &[u16], schema: &Schema) -> String {
    let mut choices = Choices { left: choices.iter(), schema };
    let object = choices.one(&OBJECTS);
    choices.select(choices.of(object), object, 0)
}

impl<'c> Choices<'c> {
    /// Below `n`; 0 when nothing is left.
    fn below(&mut self, n: usize) -> usize {
        usize::from(self.left.next().copied().unwrap_or(0)) % n.max(1)
    }
    /// In one of `n` cases.
    fn rarely(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }
    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
    fn of(&self, object: &str) -> &'c Describe {
        &self.schema[&ObjectName::new(object).unwrap()]
    }

    fn field(&mut self, of: &'c Describe) -> &'c FieldDescribe {
        &of.fields[self.below(of.fields.len())]
    }
    /// Prefers fields that `fits` says.
    fn field_that(&mut self, of: &'c Describe, fits: impl Fn(&FieldDescribe) -> bool) -> &'c FieldDescribe {
        let fields: Vec<&FieldDescribe> = of.fields.iter().filter(|f| fits(f)).collect();
        if fields.is_empty() || self.rarely(12) { self.field(of) } else { self.one(&fields) }
    }

    /// A path and its field.
    fn path(
        &mut self,
        of: &'c Describe,
        fits: impl Fn(&FieldDescribe) -> bool,
    ) -> (String, Option<&'c FieldDescribe>) {
        match self.below(10) {
            0..=6 => {
                let field = self.field_that(of, fits);
                (field.name.to_string(), Some(field))
            }
            7 | 8 => {
                let lookups: Vec<&FieldDescribe> =
                    of.fields.iter().filter(|f| f.relationship_name.is_some()).collect();
                if lookups.is_empty() {
                    return ("Id".into(), None);
                }
                let lookup = self.one(&lookups);
                let relationship = lookup.relationship_name.as_deref().unwrap();
                match lookup.reference_to.as_slice() {
                    [one] if self.schema.contains_key(one) => {
                        let (path, field) = self.path(&self.schema[one], fits);
                        (format!("{relationship}.{path}"), field)
                    }
                    _ => (
                        format!("{relationship}.{}", self.one(&["Name", "Id", "Type", "Email", "Industry"])),
                        None,
                    ),
                }
            }
            _ => (self.one(&["Nope", "Nope__c", "Account.Nope", "Nope__r.Name", "Id"]).into(), None),
        }
    }

    fn function(&mut self, path: &str) -> String {
        let name = self.one(&[
            "CALENDAR_YEAR",
            "DAY_ONLY",
            "HOUR_IN_DAY",
            "toLabel",
            "FORMAT",
            "FISCAL_QUARTER",
            "convertCurrency",
            "foo",
            "WEEK_IN_MONTH",
        ]);
        if name == "HOUR_IN_DAY" {
            format!("{name}(convertTimezone({path}))")
        } else {
            format!("{name}({path})")
        }
    }
    fn aggregate(&mut self, of: &'c Describe) -> String {
        let name = self.one(&["COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"]);
        let is_number = |f: &FieldDescribe| matches!(f.kind(), FieldKind::Number | FieldKind::Integer);
        let is_sum = name == "SUM" || name == "AVG";
        let (path, _) = self.path(of, |f| f.aggregatable && (!is_sum || is_number(f)));
        format!("{name}({path})")
    }

    fn select(&mut self, of: &'c Describe, from: &str, depth: usize) -> String {
        if depth == 0 && self.rarely(4) {
            return self.grouped(of, from);
        }
        let mut items = Vec::new();
        for _ in 0..=self.below(3) {
            let item = match self.below(12) {
                0..=6 => self.path(of, |_| true).0,
                7 => {
                    let (path, _) = self.path(of, |_| true);
                    let function = self.one(&["toLabel", "FORMAT", "convertCurrency", "CALENDAR_YEAR"]);
                    format!("{function}({path}){}", self.one(&[" x", "", " y"]))
                }
                8 => format!("{} x", self.path(of, |_| true).0),
                9 => self.one(&["FIELDS(STANDARD)", "FIELDS(ALL)", "FIELDS(CUSTOM)", "COUNT()"]).into(),
                10 => self
                    .one(&[
                        "TYPEOF What WHEN Account THEN Name, Phone ELSE Name END",
                        "TYPEOF Who WHEN Contact THEN LastName WHEN Lead THEN Company END",
                        "TYPEOF Owner WHEN User THEN Username END",
                        "TYPEOF What WHEN Account THEN Nope END",
                    ])
                    .into(),
                _ if depth < 2 => self.children(of, from, depth),
                _ => "Id".into(),
            };
            items.push(item);
        }
        let mut text = format!("SELECT {} FROM {from}", items.join(", "));
        if depth == 0 && self.rarely(20) {
            text += self.one(&[" USING SCOPE mine", " USING SCOPE team", " USING SCOPE everything"]);
        }
        text += &self.filter(of, true);
        text += &self.order(of);
        text += &self.rows();
        text
    }

    fn children(&mut self, of: &'c Describe, from: &str, depth: usize) -> String {
        let named: Vec<_> = of.child_relationships.iter().filter(|c| c.relationship_name.is_some()).collect();
        if named.is_empty() || self.rarely(10) {
            return "(SELECT Id FROM Nopes)".into();
        }
        let child = self.one(&named);
        let name = child.relationship_name.as_deref().unwrap();
        let Some(describe) = self.schema.get(&child.child) else { return format!("(SELECT Id FROM {name})") };
        let prefix = if depth == 0 && self.rarely(4) { format!("{from}.") } else { String::new() };
        format!("({})", self.select(describe, &format!("{prefix}{name}"), depth + 1))
    }

    fn grouped(&mut self, of: &'c Describe, from: &str) -> String {
        let mut by = Vec::new();
        for _ in 0..self.below(3) {
            let key = if self.rarely(4) {
                let (path, _) = self.path(of, |f| matches!(f.kind(), FieldKind::Date | FieldKind::DateTime));
                self.function(&path)
            } else {
                self.path(of, |f| f.groupable).0
            };
            by.push(key);
        }
        let mut items = by.clone();
        if self.rarely(6) {
            items.push(self.path(of, |_| true).0);
        }
        for at in 0..=self.below(2) {
            items.push(format!(
                "{}{}",
                self.aggregate(of),
                self.one(&["", " x", " y"]).repeat(usize::from(at == 0))
            ));
        }
        let mut text = format!("SELECT {} FROM {from}{}", items.join(", "), self.filter(of, true));
        if !by.is_empty() {
            let list = by.join(", ");
            text += &match self.below(5) {
                3 => format!(" GROUP BY ROLLUP({list})"),
                4 => format!(" GROUP BY CUBE({list})"),
                _ => format!(" GROUP BY {list}"),
            };
            if self.rarely(3) {
                text += &format!(
                    " HAVING {} > {}",
                    self.aggregate(of),
                    self.one(&["1", "null", "'x'", "2026-01-01"])
                );
            }
            if self.rarely(3) {
                text +=
                    &format!(" ORDER BY {}", if self.rarely(2) { by[0].clone() } else { self.aggregate(of) });
            }
        }
        text + &self.rows()
    }

    fn filter(&mut self, of: &'c Describe, top: bool) -> String {
        if self.below(3) == 0 {
            return String::new();
        }
        format!(" WHERE {}", self.condition(of, top, 0))
    }

    fn condition(&mut self, of: &'c Describe, top: bool, depth: usize) -> String {
        match self.below(8) {
            5 if depth < 2 => {
                format!(
                    "({}) AND ({})",
                    self.condition(of, top, depth + 1),
                    self.condition(of, top, depth + 1)
                )
            }
            6 if depth < 2 => {
                format!(
                    "({}) OR ({})",
                    self.condition(of, top, depth + 1),
                    self.condition(of, top, depth + 1)
                )
            }
            7 if depth < 2 => format!("NOT ({})", self.condition(of, top, depth + 1)),
            4 if top && self.rarely(2) => self.semi_join(of),
            _ => self.comparison(of),
        }
    }

    fn semi_join(&mut self, of: &'c Describe) -> String {
        let left = self.one(&["Id", "AccountId", "OwnerId", "WhatId", "Name", "Account.Id"]);
        let object = self.one(&OBJECTS);
        let field = self.one(&["Id", "AccountId", "OwnerId", "CreatedById", "Name", "Owner.Id", "ContactId"]);
        let not = self.one(&["", "NOT "]);
        let filter =
            if self.rarely(3) { self.filter(self.of(object), of.fields.len() > 50) } else { String::new() };
        format!("{left} {not}IN (SELECT {field} FROM {object}{filter})")
    }

    fn comparison(&mut self, of: &'c Describe) -> String {
        let (path, field) = self.path(of, |f| f.filterable);
        if self.rarely(10) {
            let call = self.function(&path);
            let op = self.one(&["=", "<", "!="]);
            return format!("{call} {op} {}", self.one(&["5", "'x'", "2026-01-01", "TODAY", "null"]));
        }
        let kind = field.map_or(FieldKind::Text, FieldDescribe::kind);
        let fitting: &[&str] = match kind {
            FieldKind::Boolean => &["true", "FALSE"],
            FieldKind::Integer | FieldKind::Number => &["5", "-.5", "USD5"],
            FieldKind::Date => &["2026-01-31", "TODAY", "LAST_N_FISCAL_YEARS:2"],
            FieldKind::DateTime => &["2026-01-31T08:00:00Z", "THIS_WEEK", "LAST_N_DAYS:3"],
            FieldKind::Time => &["08:00:00Z"],
            FieldKind::Reference => &["'001000000000001AAA'", "'001000000000001'"],
            _ => &["'x'", "''", "'it\\'s'"],
        };
        let any =
            ["null", "5", "'x'", "true", "2026-01-31", "2026-01-31T08:00:00Z", "TODAY", "USD5", "08:00:00Z"];
        let literal = |choices: &mut Choices<'_>| match choices.below(8) {
            6 => "null",
            7 => choices.one(&any),
            _ => choices.one(fitting),
        };
        match self.below(10) {
            7 => {
                let not = self.one(&["", "NOT "]);
                format!("{path} {not}IN ({}, {})", literal(self), literal(self))
            }
            8 => format!("{path} LIKE {}", self.one(&["'a%'", "'_b\\%'", "5", "null"])),
            9 => format!("{path} {} ('A;B', 'C')", self.one(&["INCLUDES", "EXCLUDES"])),
            _ => format!("{path} {} {}", self.one(&["=", "!=", "<", ">=", "="]), literal(self)),
        }
    }

    fn order(&mut self, of: &'c Describe) -> String {
        if !self.rarely(3) {
            return String::new();
        }
        let (path, _) = self.path(of, |f| f.sortable);
        let by = if self.rarely(8) { self.function(&path) } else { path };
        format!(" ORDER BY {by}{}", self.one(&["", " DESC", " NULLS LAST", " DESC NULLS FIRST"]))
    }

    fn rows(&mut self) -> String {
        self.one(&[
            "",
            "",
            "",
            " LIMIT 5",
            " LIMIT 200",
            " LIMIT 1 OFFSET 2",
            " OFFSET 2000",
            " OFFSET 2001",
            " LIMIT 0",
        ])
        .into()
    }
}
