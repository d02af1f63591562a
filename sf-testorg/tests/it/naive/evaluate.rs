//! The other evaluator, as plain as the SOQL reference says it.
use super::generate::{Cond, Grouped, How, Org, PICKS, Path, Query, Row, V, day};
use std::{cmp::Ordering, collections::BTreeSet};

/// What a group says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Answer {
    /// As JSON, in upper case: which spelling stands for a group is the org's choice.
    pub(crate) keys: Vec<String>,
    pub(crate) counts: [String; 3],
    pub(crate) total: Option<i64>,
    pub(crate) days: [String; 2],
}

/// The value at a path; a missing parent has no values, and its checkboxes are not set.
fn read(org: &Org, row: &Row, path: &Path) -> V {
    if !path.of_parent {
        return row.fields[path.field].clone();
    }
    match row.parent {
        Some(at) => org.parents[at].fields[path.field].clone(),
        None if path.field == "Flag__c" => V::Bool(false),
        None => V::Null,
    }
}

fn upper(text: &str) -> String {
    text.to_uppercase()
}

/// `None` when one of them is null.
fn compare(a: &V, b: &V) -> Option<Ordering> {
    match (a, b) {
        (V::Null, _) | (_, V::Null) => None,
        (V::Text(a), V::Text(b)) => Some(upper(a).cmp(&upper(b))),
        _ => Some(a.cmp(b)),
    }
}

fn equal(a: &V, b: &V) -> bool {
    match (a, b) {
        (V::Bool(flag), V::Null) | (V::Null, V::Bool(flag)) => !flag,
        (V::Null, V::Null) => true,
        _ => compare(a, b) == Some(Ordering::Equal),
    }
}

fn like(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|skip| like(rest, &text[skip..])),
        ['_', rest @ ..] => !text.is_empty() && like(rest, &text[1..]),
        ['\\', c, rest @ ..] => text.first() == Some(c) && like(rest, &text[1..]),
        [c, rest @ ..] => text.first() == Some(c) && like(rest, &text[1..]),
    }
}

fn holds(org: &Org, row: &Row, condition: &Cond) -> bool {
    match condition {
        Cond::Compare(path, op, value) => {
            let found = read(org, row, path);
            match *op {
                "=" => equal(&found, value),
                "!=" => !equal(&found, value),
                op => compare(&found, value).is_some_and(|order| match op {
                    "<" => order == Ordering::Less,
                    "<=" => order != Ordering::Greater,
                    ">" => order == Ordering::Greater,
                    _ => order != Ordering::Less,
                }),
            }
        }
        Cond::In(path, not, list) => {
            let found = read(org, row, path);
            list.iter().any(|value| equal(&found, value)) != *not
        }
        Cond::Like(path, pattern) => match read(org, row, path) {
            V::Text(text) => {
                let pattern: Vec<char> = upper(pattern).chars().collect();
                like(&pattern, &upper(&text).chars().collect::<Vec<_>>())
            }
            _ => false,
        },
        Cond::Includes(path, not, sets) => match read(org, row, path) {
            V::Text(text) => {
                let has = |wanted: &&str| text.split(';').any(|value| value == *wanted);
                sets.iter().any(|set| set.iter().all(has)) != *not
            }
            _ => *not,
        },
        Cond::And(parts) => parts.iter().all(|c| holds(org, row, c)),
        Cond::Or(parts) => parts.iter().any(|c| holds(org, row, c)),
        Cond::Not(inner) => !holds(org, row, inner),
    }
}

fn filtered<'o>(org: &'o Org, filter: Option<&Cond>) -> Vec<&'o Row> {
    org.children.iter().filter(|row| filter.is_none_or(|c| holds(org, row, c))).collect()
}

pub(crate) fn count(org: &Org, query: &Query) -> usize {
    filtered(org, query.filter.as_ref()).len()
}

/// The keys, in order.
pub(crate) fn rows(org: &Org, query: &Query) -> Vec<i64> {
    let mut rows = filtered(org, query.filter.as_ref());
    rows.sort_by(|a, b| {
        for sort in &query.order {
            let (a, b) = (read(org, a, &sort.path), read(org, b, &sort.path));
            let order = match (&a, &b) {
                (V::Null, V::Null) => Ordering::Equal,
                (V::Null, _) => {
                    if sort.nulls_last {
                        Ordering::Greater
                    } else {
                        Ordering::Less
                    }
                }
                (_, V::Null) => {
                    if sort.nulls_last {
                        Ordering::Less
                    } else {
                        Ordering::Greater
                    }
                }
                _ => {
                    let order = sorted(&a, &b, sort.path.field == "Pick__c");
                    if sort.descending { order.reverse() } else { order }
                }
            };
            if order != Ordering::Equal {
                return order;
            }
        }
        a.key.cmp(&b.key)
    });
    rows.into_iter()
        .skip(query.offset.unwrap_or(0))
        .take(query.limit.unwrap_or(usize::MAX))
        .map(|r| r.key)
        .collect()
}

/// Picklists count by the place of their value.
fn sorted(a: &V, b: &V, is_pick: bool) -> Ordering {
    match (a, b) {
        (V::Text(a), V::Text(b)) if is_pick => {
            let place = |text: &String| PICKS.iter().position(|p| p == text);
            place(a).cmp(&place(b))
        }
        _ => compare(a, b).unwrap_or(Ordering::Equal),
    }
}

/// Sets of keys that are summed over.
fn sets(query: &Grouped) -> Vec<Vec<bool>> {
    let n = query.by.len();
    let all = (0..1_usize << n).map(|set| (0..n).map(|i| set & (1 << i) != 0).collect::<Vec<bool>>());
    match query.how {
        How::Plain => vec![vec![false; n]],
        How::Cube => all.collect(),
        // Once a field is summed over, those right of it are, too.
        How::Rollup => all.filter(|over| over.windows(2).all(|pair| !pair[0] || pair[1])).collect(),
    }
}

pub(crate) fn groups(org: &Org, query: &Grouped) -> Vec<Answer> {
    let rows = filtered(org, query.filter.as_ref());
    let mut answers = Vec::new();
    for over in sets(query) {
        let key_of = |row: &Row| -> Vec<V> {
            let one = |(field, over): (&&'static str, &bool)| match &row.fields[*field] {
                _ if *over => V::Null,
                V::Text(text) => V::Text(upper(text)),
                value => value.clone(),
            };
            query.by.iter().zip(&over).map(one).collect()
        };
        let keys: BTreeSet<Vec<V>> = rows.iter().map(|row| key_of(row)).collect();
        for key in keys {
            let group: Vec<&&Row> = rows.iter().filter(|row| key_of(row) == key).collect();
            if query.having.is_some_and(|n| group.len() <= n) {
                continue;
            }
            let numbers: Vec<i64> = group
                .iter()
                .filter_map(|row| if let V::Number(n) = row.fields["Number__c"] { Some(n) } else { None })
                .collect();
            let texts: BTreeSet<String> = group
                .iter()
                .filter_map(|row| if let V::Text(t) = &row.fields["Text__c"] { Some(upper(t)) } else { None })
                .collect();
            let days: Vec<u64> = group
                .iter()
                .filter_map(|row| if let V::Date(n) = row.fields["Day__c"] { Some(n) } else { None })
                .collect();
            let date = |n: Option<&u64>| n.map_or_else(|| "null".into(), |n| format!("\"{}\"", day(*n)));
            let json = |v: &V| match v {
                V::Null => "NULL".to_owned(),
                V::Bool(b) => b.to_string().to_uppercase(),
                V::Text(text) => serde_json::Value::from(text.as_str()).to_string().to_uppercase(),
                V::Date(n) => format!("\"{}\"", day(*n)),
                V::Number(n) => n.to_string(),
            };
            answers.push(Answer {
                keys: key.iter().map(json).collect(),
                counts: [
                    group.len().to_string(),
                    numbers.len().to_string(),
                    if query.has("Text__c") { "null".into() } else { texts.len().to_string() },
                ],
                total: (!numbers.is_empty()).then(|| numbers.iter().sum()),
                days: [days.iter().min(), days.iter().max()]
                    .map(|day| date(day.filter(|_| !query.has("Day__c")))),
            });
        }
    }
    answers
}
