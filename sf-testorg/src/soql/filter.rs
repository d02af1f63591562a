//! WHERE: conditions with their literals already typed as their fields are.
use super::{
    Sources, dates,
    error::QueryError,
    plan,
    scalar::{Scalar, fold},
    value::Value,
};
use crate::assumptions::AssumedError;
use crate::assumptions::SoqlAssumptions;
use crate::state::{FieldType, Kind, Row, SObjectType};
use sf_core::SfId;
use sf_soql::{Condition, Literal, Op, Operand, Pattern, PatternPart, Statement};
use std::{collections::BTreeSet, sync::Arc};

/// A condition over `V`s: over values of rows in WHERE, over values of groups in HAVING.
#[derive(Debug, Clone)]
pub(super) enum Filter<V = Value> {
    And(Vec<Filter<V>>),
    Or(Vec<Filter<V>>),
    Not(Box<Filter<V>>),
    Nothing,
    Test(V, Test),
}

/// What is compared, as far as the comparison has to know it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'v> {
    pub(super) kind: Kind,
    pub(super) field: Option<&'v FieldType>,
    /// A function or an aggregate is around the field.
    pub(super) is_computed: bool,
    pub(super) is_distance: bool,
    /// The field's name in describe case.
    pub(super) name: &'v str,
    /// As it was written.
    pub(super) text: &'v str,
}

impl Subject<'_> {
    fn is_exact(&self) -> bool {
        self.field.is_some_and(|f| f.case_sensitive)
    }
}

pub(super) trait Tested: Clone {
    fn subject(&self) -> Subject<'_>;
}

impl Tested for Value {
    fn subject(&self) -> Subject<'_> {
        Subject {
            kind: self.kind(),
            field: self.path.field(),
            is_computed: !self.is_plain(),
            is_distance: self.is_distance(),
            name: self.path.name(),
            text: &self.text,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) enum Test {
    IsNull(bool),
    Compare(Op, Scalar),
    /// In `[start, end)`, or before, or after it.
    Range(Op, Scalar, Scalar),
    Like(Vec<PatternPart>),
    In {
        not: bool,
        values: BTreeSet<Scalar>,
        null: bool,
    },
    Includes {
        not: bool,
        sets: Vec<Vec<String>>,
    },
}

/// Most characters of one text in WHERE (limits cheat sheet, "SOQL and SOSL Limits").
const MAX_TEXT: usize = 4000;

fn check_length(literal: &Literal) -> Result<(), QueryError> {
    let length = match literal {
        Literal::Text(text) => text.chars().count(),
        Literal::Pattern(pattern) => pattern.parts().iter().map(width).sum(),
        _ => 0,
    };
    if length <= MAX_TEXT {
        return Ok(());
    }
    let message =
        format!("a string in WHERE cannot be longer than {MAX_TEXT} characters, this one has {length}");
    Err(QueryError::plain("MALFORMED_QUERY", message).assumed(AssumedError::LongText))
}

/// Characters of a piece of a pattern.
fn width(part: &PatternPart) -> usize {
    match part {
        PatternPart::Text(text) => text.chars().count(),
        _ => 1,
    }
}

/// Where a condition stands decides whether it may hold a semi-join.
#[derive(Clone, Copy)]
struct Place {
    top: bool,
    within_or: bool,
}

/// Where the condition itself stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Query,
    SemiJoin,
    Having,
}

pub(super) struct Compiler<'c, 's, V> {
    pub(super) sources: &'c Sources<'s>,
    /// What is selected from.
    pub(super) sobject: &'c Arc<SObjectType>,
    pub(super) of: Of,
    /// Finds what the left side of a comparison means.
    pub(super) resolve: &'c dyn Fn(&Operand) -> Result<V, QueryError>,
    pub(super) semi_joins: usize,
}

/// WHERE.
pub(super) fn of_rows(
    sources: &Sources<'_>,
    statement: &Statement,
    sobject: &Arc<SObjectType>,
    of: Of,
) -> Result<Option<Filter>, QueryError> {
    let Some(condition) = &statement.filter else { return Ok(None) };
    let resolve = |operand: &Operand| {
        if operand.is_aggregate() {
            let name = operand_name(operand);
            return Err(QueryError::malformed(
                &name,
                "aggregate functions can not be used in WHERE; use HAVING",
            ));
        }
        let value = Value::resolve(sources, statement, sobject, operand, super::value::Clause::Where)?;
        if !value.is_distance() && value.path.field().is_some_and(|f| !f.filterable) {
            return Err(QueryError::not_filterable(&value.text, value.path.name()));
        }
        Ok(value)
    };
    Compiler { sources, sobject, of, resolve: &resolve, semi_joins: 0 }.filter(condition).map(Some)
}

fn operand_name(operand: &Operand) -> String {
    match operand {
        Operand::Call { function, .. } => function.to_string(),
        Operand::Field(path) => path.to_string(),
        _ => String::new(),
    }
}

impl<V: Tested> Compiler<'_, '_, V> {
    pub(super) fn filter(&mut self, condition: &Condition) -> Result<Filter<V>, QueryError> {
        self.condition(condition, Place { top: true, within_or: false })
    }

    fn condition(&mut self, condition: &Condition, place: Place) -> Result<Filter<V>, QueryError> {
        Ok(match condition {
            Condition::And(parts) => {
                Filter::And(parts.iter().map(|p| self.condition(p, place)).collect::<Result<_, _>>()?)
            }
            Condition::Or(parts) => {
                let place = Place { top: false, within_or: true };
                Filter::Or(parts.iter().map(|p| self.condition(p, place)).collect::<Result<_, _>>()?)
            }
            Condition::Not(inner) => {
                let place = Place { top: false, ..place };
                Filter::Not(Box::new(self.condition(inner, place)?))
            }
            Condition::Never => Filter::Nothing,
            Condition::Compare { left, op, right } => {
                let value = (self.resolve)(left)?;
                let test = self.compare(&value.subject(), *op, right)?;
                Filter::Test(value, test)
            }
            Condition::In { left, not, list } => {
                let value = (self.resolve)(left)?;
                let mut values = BTreeSet::new();
                let mut null = false;
                let mut ranges = Vec::new();
                for literal in list {
                    match self.compare(&value.subject(), Op::Eq, literal)? {
                        Test::Compare(_, scalar) => {
                            values.insert(scalar);
                        }
                        Test::IsNull(_) => null = true,
                        test => ranges.push(Filter::Test(value.clone(), test)),
                    }
                }
                let test = Filter::Test(value, Test::In { not: *not, values, null });
                if ranges.is_empty() {
                    return Ok(test);
                }
                if *not {
                    let mut all: Vec<_> = ranges.into_iter().map(|r| Filter::Not(Box::new(r))).collect();
                    all.push(test);
                    Filter::And(all)
                } else {
                    ranges.push(test);
                    Filter::Or(ranges)
                }
            }
            Condition::InQuery { left, not, query } => self.semi_join(left, *not, query, place)?,
            Condition::Includes { left, not, sets } => {
                let value = (self.resolve)(left)?;
                if value.subject().kind != Kind::MultiPicklist {
                    return Err(QueryError::operator(value.subject().text, "non-multipicklist"));
                }
                sets.iter().try_for_each(check_length)?;
                let sets = sets
                    .iter()
                    .filter_map(|set| match set {
                        Literal::Text(text) => Some(text.split(';').map(|v| fold(v, false)).collect()),
                        _ => None,
                    })
                    .collect();
                Filter::Test(value, Test::Includes { not: *not, sets })
            }
            _ => {
                return Err(QueryError::plain(
                    "MALFORMED_QUERY",
                    "this condition is not simulated by this org",
                ));
            }
        })
    }

    fn semi_join(
        &mut self,
        left: &Operand,
        not: bool,
        query: &Statement,
        place: Place,
    ) -> Result<Filter<V>, QueryError> {
        let malformed = |message: &str| QueryError::malformed(query.from.as_str(), message);
        match self.of {
            Of::Query => {}
            Of::SemiJoin => return Err(malformed("Nesting of semi join sub-selects is not supported")),
            Of::Having => return Err(malformed("Semi join sub-selects are not allowed in HAVING")),
        }
        if place.within_or {
            return Err(malformed("Semi join sub-selects are not allowed with the 'OR' operator"));
        }
        if !place.top {
            return Err(malformed(
                "Semi join sub-selects are only allowed at the top level WHERE expressions",
            ));
        }
        self.semi_joins += 1;
        if self.semi_joins > 2 {
            return Err(malformed("Maximum 2 semi join sub-selects are allowed"));
        }
        let value = (self.resolve)(left)?;
        let subject = value.subject();
        if subject.is_computed || !matches!(subject.kind, Kind::Id | Kind::Reference) {
            let error = malformed("The left operand of a semi join must be an id or a reference field");
            return Err(error.assumed(AssumedError::SemiJoinSides));
        }
        let ids = plan::semi_join(self.sources, self.sobject, query)?;
        let values = ids.into_iter().map(Scalar::Id).collect();
        Ok(Filter::Test(value, Test::In { not, values, null: false }))
    }

    /// One comparison, the literal typed as the field is.
    fn compare(&self, value: &Subject<'_>, op: Op, literal: &Literal) -> Result<Test, QueryError> {
        let kind = value.kind;
        let exact = value.is_exact();
        check_length(literal)?;
        if value.is_distance && !matches!(op, Op::Lt | Op::Gt) {
            let message = "DISTANCE can only be compared with < and >";
            return Err(QueryError::malformed(value.text, message));
        }
        if op == Op::Like {
            if matches!(kind, Kind::Id | Kind::Reference) {
                return Err(QueryError::operator(value.text, "id"));
            }
            if !matches!(kind, Kind::Text | Kind::Picklist | Kind::Other) {
                let name = value.field.map_or("this", |f| f.wire_type.as_str());
                return Err(QueryError::operator(value.text, name).assumed(AssumedError::LikeOnType));
            }
            let pattern = match literal {
                Literal::Pattern(pattern) => pattern.clone(),
                Literal::Text(text) => Pattern::exact(text.clone()),
                Literal::Null => return Ok(Test::IsNull(true)),
                _ => return Err(wrong_type(value)),
            };
            let parts = pattern.parts().iter().map(|part| match part {
                PatternPart::Text(text) => PatternPart::Text(fold(text, exact)),
                other => other.clone(),
            });
            return Ok(Test::Like(parts.collect()));
        }
        if *literal == Literal::Null
            || (is_text(kind)
                && *literal == Literal::Text(String::new())
                && self.sources.state.assumptions.soql.empty_text_is_null)
        {
            // A checkbox is never null: null means unchecked.
            return Ok(match (kind, op) {
                (Kind::Boolean, Op::Ne) => Test::Compare(Op::Eq, Scalar::Bool(true)),
                (Kind::Boolean, _) => Test::Compare(Op::Eq, Scalar::Bool(false)),
                (_, Op::Eq) => Test::IsNull(true),
                (_, Op::Ne) => Test::IsNull(false),
                _ => Test::In { not: false, values: BTreeSet::new(), null: false },
            });
        }
        if let Literal::DateLiteral(date) = literal {
            if value.is_computed || !matches!(kind, Kind::Date | Kind::DateTime) {
                return Err(wrong_type(value));
            }
            let user = &self.sources.user;
            let today = user.today(self.sources.state.now());
            let assumed = &self.sources.state.assumptions.soql;
            let (start, end) = dates::range(*date, today, user.locale.begins_on_sunday(), assumed)
                .ok_or_else(|| QueryError::malformed(value.text, format!("invalid date: {date}")))?;
            let bound = |day: chrono::NaiveDate| match kind {
                Kind::Date => Scalar::Date(day),
                _ => Scalar::DateTime(user.start_of(day)),
            };
            return Ok(match op {
                Op::Le if !assumed.bounds_include_the_range => Test::Compare(op, bound(start)),
                Op::Ge if !assumed.bounds_include_the_range => Test::Compare(op, bound(end)),
                op => Test::Range(op, bound(start), bound(end)),
            });
        }
        let scalar =
            match (kind, literal) {
                (Kind::Id | Kind::Reference, Literal::Text(text)) => {
                    let id = SfId::new(text).ok();
                    let id = id
                        .filter(|_| text.len() == 18 || self.sources.state.assumptions.soql.short_ids_match);
                    let message = || format!("invalid ID field: {text}");
                    Scalar::Id(id.ok_or_else(|| {
                        QueryError::new("INVALID_QUERY_FILTER_OPERATOR", value.text, message())
                    })?)
                }
                (kind, Literal::Text(text)) if is_text(kind) => Scalar::Text(fold(text, exact)),
                (Kind::Time, Literal::Time(time)) => Scalar::Text(time.format("%H:%M:%S%.3fZ").to_string()),
                (Kind::Boolean, Literal::Bool(b)) => Scalar::Bool(*b),
                (Kind::Int | Kind::Double, Literal::Number(n) | Literal::Currency { amount: n, .. }) => {
                    Scalar::Number(n.as_str().parse::<f64>().unwrap_or(f64::NAN) + 0.0)
                }
                (Kind::Date, Literal::Date(day)) => Scalar::Date(*day),
                (Kind::DateTime, Literal::DateTime(at)) => Scalar::DateTime(*at),
                _ => return Err(wrong_type(value)),
            };
        Ok(Test::Compare(op, scalar))
    }
}

fn wrong_type(value: &Subject<'_>) -> QueryError {
    let kind = value.field.map_or("string", |f| match f.wire_type.as_str() {
        "datetime" => "dateTime",
        "id" | "reference" => "ID",
        other if is_text(f.kind()) && other != "time" => "string",
        other => other,
    });
    let quotes = if matches!(kind, "string" | "ID") { "should be" } else { "should not be" };
    let message = format!(
        "value of filter criterion for field '{}' must be of type {kind} and {quotes} enclosed in quotes",
        value.name
    );
    let error = QueryError::new("INVALID_FIELD", value.text, message);
    if quotes == "should be" { error.assumed(AssumedError::MustBeQuoted) } else { error }
}

fn is_text(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Text | Kind::Picklist | Kind::MultiPicklist | Kind::Time | Kind::Other | Kind::Base64
    )
}

impl Filter {
    pub(super) fn matches(&self, sources: &Sources<'_>, row: &Row) -> bool {
        self.holds(&sources.state.assumptions.soql, &|value: &Value| {
            let exact = value.path.field().is_some_and(|f| f.case_sensitive);
            let scalar = match value.path.own() {
                // No copy for the row's own plain fields.
                Some(at) if value.is_plain() => row.cells.get(at).and_then(|c| Scalar::of(c, exact)),
                _ => Scalar::of(&value.of(sources, row), exact),
            };
            // A checkbox of a missing parent is unchecked.
            scalar.or_else(|| (value.kind() == Kind::Boolean).then_some(Scalar::Bool(false)))
        })
    }
}

impl<V> Filter<V> {
    /// Whether it holds, given what a value is; `None` is null.
    pub(super) fn holds(&self, nulls: &SoqlAssumptions, read: &dyn Fn(&V) -> Option<Scalar>) -> bool {
        self.truth(nulls, read) == Some(true)
    }

    /// `None` is what SQL calls unknown: only an org whose NOT leaves nulls out has it.
    fn truth(&self, nulls: &SoqlAssumptions, read: &dyn Fn(&V) -> Option<Scalar>) -> Option<bool> {
        // The first part that decides, else unknown if any part is.
        let first = |parts: &[Filter<V>], deciding: bool| {
            let mut truth = Some(!deciding);
            for part in parts {
                match part.truth(nulls, read) {
                    Some(t) if t == deciding => return Some(deciding),
                    Some(_) => {}
                    None => truth = None,
                }
            }
            truth
        };
        match self {
            Filter::And(parts) => first(parts, false),
            Filter::Or(parts) => first(parts, true),
            Filter::Not(inner) => inner.truth(nulls, read).map(|truth| !truth),
            Filter::Nothing => Some(false),
            Filter::Test(value, test) => match (read(value), test) {
                (None, test) => test.of_null(nulls),
                (Some(scalar), test) => Some(test.matches(&scalar)),
            },
        }
    }

    /// Conditions that all must hold.
    pub(super) fn conjuncts(&self) -> &[Filter<V>] {
        match self {
            Filter::And(parts) => parts,
            one => std::slice::from_ref(one),
        }
    }
}

impl Test {
    /// What a row without the value is to it. Two-valued logic: null is a value that is absent.
    fn of_null(&self, nulls: &SoqlAssumptions) -> Option<bool> {
        let meets = match self {
            Test::IsNull(yes) => return Some(*yes),
            Test::In { not, null: true, .. } => return Some(!*not),
            Test::Compare(op, _) | Test::Range(op, ..) => *op == Op::Ne && nulls.null_differs,
            Test::In { not, .. } => *not && nulls.null_differs,
            Test::Includes { not, .. } => *not && nulls.null_meets_excludes,
            Test::Like(_) => false,
        };
        (meets || nulls.null_meets_not).then_some(meets)
    }

    pub(super) fn matches(&self, value: &Scalar) -> bool {
        match (self, value) {
            (Test::IsNull(yes), _) => !*yes,
            (Test::Compare(op, bound), value) => match op {
                Op::Eq => value == bound,
                Op::Ne => value != bound,
                Op::Lt => value < bound,
                Op::Le => value <= bound,
                Op::Gt => value > bound,
                Op::Ge => value >= bound,
                _ => false,
            },
            (Test::Range(op, start, end), value) => match op {
                Op::Eq => value >= start && value < end,
                Op::Ne => value < start || value >= end,
                Op::Lt => value < start,
                Op::Le => value < end,
                Op::Gt => value >= end,
                Op::Ge => value >= start,
                _ => false,
            },
            (Test::Like(parts), Scalar::Text(text)) => like(parts, text),
            (Test::In { not, values, .. }, value) => values.contains(value) != *not,
            (Test::Includes { not, sets }, Scalar::Text(text)) => {
                let has = |wanted: &String| text.split(';').any(|v| v == wanted);
                sets.iter().any(|set| set.iter().all(has)) != *not
            }
            (Test::Like(_) | Test::Includes { .. }, _) => false,
        }
    }
}

/// `%` any text, `_` one character; both sides are folded already. Between two `%` the leftmost fit is taken, so
/// no pattern needs more than one pass per piece.
fn like(parts: &[PatternPart], text: &str) -> bool {
    let pieces: Vec<&[PatternPart]> = parts.split(|p| *p == PatternPart::Any).collect();
    let (Some((first, rest)), true) = (pieces.split_first(), pieces.len() > 1) else {
        return strip(parts, text) == Some("");
    };
    let Some(mut text) = strip(first, text) else { return false };
    let Some((last, middle)) = rest.split_last() else { return false };
    for piece in middle {
        let found =
            text.char_indices().map(|(i, _)| i).chain([text.len()]).find_map(|i| strip(piece, &text[i..]));
        match found {
            Some(remaining) => text = remaining,
            None => return false,
        }
    }
    let length: usize = last.iter().map(width).sum();
    let start = match length {
        0 => Some(text.len()),
        n => text.char_indices().rev().nth(n - 1).map(|(i, _)| i),
    };
    start.is_some_and(|i| strip(last, &text[i..]) == Some(""))
}

/// The text behind a piece without `%`.
fn strip<'t>(piece: &[PatternPart], mut text: &'t str) -> Option<&'t str> {
    for part in piece {
        text = match part {
            PatternPart::Text(wanted) => text.strip_prefix(wanted.as_str())?,
            _ => {
                let mut chars = text.chars();
                chars.next()?;
                chars.as_str()
            }
        };
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_documented() {
        for (pattern, text, yes) in [
            ("acme%", "acme corp", true),
            ("acme%", "xacme", false),
            ("%corp", "acme corp", true),
            ("%corp", "corporate", false),
            ("a%m%e", "acme", true),
            ("a_me", "acme", true),
            ("a_me", "ame", false),
            ("%", "", true),
            ("_%", "", false),
            ("%a%b%", "xxaxxbxx", true),
            ("%ab%ab", "abab", true),
            ("%ab%ab", "ab", false),
            ("_é_", "xéy", true),
        ] {
            assert_eq!(like(Pattern::from(pattern).parts(), text), yes, "{pattern} {text}");
        }
    }
}
