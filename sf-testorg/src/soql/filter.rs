//! WHERE: conditions with their literals already typed as their fields are.
use super::{Sources, dates, error::QueryError, like::like, plan, scalar::Scalar, value::Value};
use crate::assumptions::{AssumedError, SoqlAssumptions};
use crate::state::{FieldType, Kind, Row, SObjectType, fold};
use sf_core::SfId;
use sf_soql::{Condition, Leaf, Literal, Op, Operand, Pattern, PatternPart, Statement};
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
}

impl Subject<'_> {
    /// The type as describe calls it; a reference is an id.
    fn wire_type(&self) -> &str {
        match (self.kind, self.field) {
            (Kind::Id | Kind::Reference, _) => "id",
            (_, Some(field)) if !self.is_computed => &field.wire_type,
            (Kind::Boolean, _) => "boolean",
            (Kind::Int, _) => "int",
            (Kind::Double, _) => "double",
            (Kind::Date, _) => "date",
            (Kind::DateTime, _) => "datetime",
            (Kind::Picklist, _) => "picklist",
            (Kind::MultiPicklist, _) => "multipicklist",
            _ => "string",
        }
    }
    /// Whether the case of its text counts.
    pub(super) fn is_exact(&self) -> bool {
        self.field.is_some_and(|f| f.case_sensitive)
    }
}

pub(super) trait Tested: Clone {
    fn subject(&self) -> Subject<'_>;
    /// The value of a row that it is; none for what only a group has.
    fn as_field(&self) -> Option<&Value>;
}

impl Tested for Value {
    fn subject(&self) -> Subject<'_> {
        Subject {
            kind: self.kind(),
            field: self.path.field(),
            is_computed: !self.is_plain(),
            is_distance: self.is_distance(),
            name: self.path.name(),
        }
    }
    fn as_field(&self) -> Option<&Value> {
        Some(self)
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

fn check_length(literal: &Literal) -> Result<(), QueryError<'_>> {
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
    Err(QueryError::malformed(Leaf::Value(literal), message).assumed(AssumedError::LongText))
}

/// Characters of a piece of a pattern.
pub(super) fn width(part: &PatternPart) -> usize {
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

/// Finds what the left side of a comparison means.
type Resolve<'c, 'q, V> = &'c dyn Fn(&'q Operand) -> Result<V, QueryError<'q>>;

pub(super) struct Compiler<'c, 's, 'q, V> {
    pub(super) sources: &'c Sources<'s>,
    /// What is selected from.
    pub(super) sobject: &'c Arc<SObjectType>,
    pub(super) of: Of,
    pub(super) resolve: Resolve<'c, 'q, V>,
    pub(super) semi_joins: usize,
}

/// WHERE.
pub(super) fn of_rows<'q>(
    sources: &Sources<'_>,
    statement: &'q Statement,
    sobject: &Arc<SObjectType>,
    of: Of,
) -> Result<Option<Filter>, QueryError<'q>> {
    let Some(condition) = &statement.filter else { return Ok(None) };
    let resolve = |operand: &'q Operand| {
        if operand.is_aggregate() {
            let message = "aggregate functions can not be used in WHERE; use HAVING";
            return Err(QueryError::plain("MALFORMED_QUERY", message).at_operand(operand));
        }
        let value = Value::resolve(sources, statement, sobject, operand, super::value::Clause::Where)?;
        if !value.is_distance()
            && (matches!(value.path.kind(), Kind::Address | Kind::Location)
                || value.path.field().is_some_and(|f| !f.filterable))
        {
            let message = format!("field '{}' can not be filtered in a query call", value.path.name());
            return Err(QueryError::plain("INVALID_FIELD", message).at_operand(operand));
        }
        Ok(value)
    };
    Compiler { sources, sobject, of, resolve: &resolve, semi_joins: 0 }.filter(condition).map(Some)
}

impl<'q, V: Tested> Compiler<'_, '_, 'q, V> {
    pub(super) fn filter(&mut self, condition: &'q Condition) -> Result<Filter<V>, QueryError<'q>> {
        self.condition(condition, Place { top: true, within_or: false })
    }

    fn condition(&mut self, condition: &'q Condition, place: Place) -> Result<Filter<V>, QueryError<'q>> {
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
                let test = self.compare(&value.subject(), *op, right).map_err(|e| e.at_operand(left))?;
                Filter::Test(value, test)
            }
            Condition::In { left, not, list } => {
                let value = (self.resolve)(left)?;
                check_currencies(list)?;
                let mut values = BTreeSet::new();
                let mut null = false;
                let mut ranges = Vec::new();
                for literal in list {
                    match self.compare(&value.subject(), Op::Eq, literal).map_err(|e| e.at_operand(left))? {
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
            Condition::InQuery { left, not, query } => {
                let refused = self.semi_join_refused(place);
                if let Some(message) = refused {
                    return Err(QueryError::plain("MALFORMED_QUERY", message).at_operand(left));
                }
                self.semi_join(left, *not, query)?
            }
            Condition::Includes { left, not, sets } => {
                let value = (self.resolve)(left)?;
                let subject = value.subject();
                if subject.kind != Kind::MultiPicklist {
                    return Err(QueryError::operator(subject.wire_type()).at_operand(left));
                }
                let mut wanted = Vec::new();
                for set in sets {
                    check_length(set)?;
                    match set {
                        Literal::Text(text) => {
                            wanted.push(text.split(';').map(|v| fold(v, false)).collect());
                        }
                        // No row has it.
                        Literal::Null => {}
                        _ => return Err(wrong_type(&subject).at_operand(left)),
                    }
                }
                Filter::Test(value, Test::Includes { not: *not, sets: wanted })
            }
            _ => {
                return Err(QueryError::plain(
                    "MALFORMED_QUERY",
                    "this condition is not simulated by this org",
                ));
            }
        })
    }

    /// Why a semi-join may not stand there.
    fn semi_join_refused(&mut self, place: Place) -> Option<&'static str> {
        self.semi_joins += 1;
        match self.of {
            Of::SemiJoin => Some("Nesting of semi join sub-selects is not supported"),
            Of::Having => Some("Semi join sub-selects are not allowed in HAVING"),
            Of::Query if place.within_or => {
                Some("Semi join sub-selects are not allowed with the 'OR' operator")
            }
            Of::Query if !place.top => {
                Some("Semi join sub-selects are only allowed at the top level WHERE expressions")
            }
            Of::Query if self.semi_joins > 2 => Some("Maximum 2 semi join sub-selects are allowed"),
            Of::Query => None,
        }
    }

    fn semi_join(
        &mut self,
        left: &'q Operand,
        not: bool,
        query: &'q Statement,
    ) -> Result<Filter<V>, QueryError<'q>> {
        let value = (self.resolve)(left)?;
        let refused = |message: &str| {
            let error = QueryError::plain("MALFORMED_QUERY", message).at_operand(left);
            Err(error.assumed(AssumedError::SemiJoinSides))
        };
        let Some(field) = value.as_field().filter(|field| field.is_plain()) else {
            return refused("The left operand of a semi join must be an id or a reference field");
        };
        if !matches!(field.kind(), Kind::Id | Kind::Reference) {
            let message = format!(
                "The left operand field in the where expression for outer query should be an id field, cannot use: '{}'",
                field.path.name()
            );
            return refused(&message);
        }
        if !field.path.steps.is_empty() {
            return refused(
                "The left operand of a semi join cannot have more than one level of relationships",
            );
        }
        let ids = plan::semi_join(self.sources, self.sobject, field, query)?;
        let values = ids.into_iter().map(Scalar::Id).collect();
        Ok(Filter::Test(value, Test::In { not, values, null: false }))
    }

    /// One comparison, the literal typed as the field is.
    fn compare(&self, value: &Subject<'_>, op: Op, literal: &'q Literal) -> Result<Test, QueryError<'q>> {
        let kind = value.kind;
        let exact = value.is_exact();
        check_length(literal)?;
        if value.is_distance && !matches!(op, Op::Lt | Op::Gt) {
            let message = "DISTANCE can only be compared with < and >";
            return Err(QueryError::plain("MALFORMED_QUERY", message));
        }
        if !has_operator(kind, op) {
            let error = QueryError::operator(value.wire_type());
            let is_reported = matches!(kind, Kind::Id | Kind::Reference);
            return Err(if is_reported { error } else { error.assumed(AssumedError::LikeOnType) });
        }
        if op == Op::Like {
            let pattern = match literal {
                Literal::Pattern(pattern) => pattern.clone(),
                Literal::Text(text) => Pattern::exact(text.clone()),
                _ => return Err(not_text(value)),
            };
            let parts = pattern.parts().iter().map(|part| match part {
                PatternPart::Text(text) => PatternPart::Text(fold(text, exact)),
                other => other.clone(),
            });
            return Ok(Test::Like(parts.collect()));
        }
        let may_be_empty = (is_text(kind) || matches!(kind, Kind::Id | Kind::Reference))
            && self.sources.state.assumptions.soql.empty_text_is_null;
        if *literal == Literal::Null || (may_be_empty && *literal == Literal::Text(String::new())) {
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
            // DAY_ONLY makes a day. What other functions make of a date is a number.
            if !matches!(kind, Kind::Date | Kind::DateTime) {
                return Err(wrong_type(value));
            }
            let user = &self.sources.user;
            let today = user.today(self.sources.state.now());
            let assumed = &self.sources.state.assumptions.soql;
            let (start, end) = dates::range(*date, today, user.locale.begins_on_sunday(), assumed)
                .ok_or_else(|| QueryError::plain("MALFORMED_QUERY", format!("invalid date: {date}")))?;
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
        let scalar = match (kind, literal) {
            (Kind::Id | Kind::Reference, Literal::Text(text)) => {
                let is_taken = text.len() == 18 || self.sources.state.assumptions.soql.short_ids_match;
                let id = SfId::new(text).ok().filter(|_| is_taken);
                let invalid = || format!("invalid ID field: {text}");
                let id = id.ok_or_else(|| QueryError::plain("INVALID_QUERY_FILTER_OPERATOR", invalid()))?;
                Scalar::Id(id)
            }
            (kind, Literal::Text(text)) if is_text(kind) => Scalar::Text(fold(text, exact)),
            (Kind::Time, Literal::Time(time)) => Scalar::Text(time.format("%H:%M:%S%.3fZ").to_string()),
            (Kind::Boolean, Literal::Bool(b)) => Scalar::Bool(*b),
            (Kind::Int | Kind::Double, Literal::Number(n)) => number(n),
            // The org has one currency, so that its code changes nothing.
            (Kind::Double, Literal::Currency { amount, .. }) if value.wire_type() == "currency" => {
                number(amount)
            }
            (Kind::Date, Literal::Date(day)) => Scalar::Date(*day),
            (Kind::DateTime, Literal::DateTime(at)) => Scalar::DateTime(*at),
            _ => return Err(wrong_type(value)),
        };
        Ok(Test::Compare(op, scalar))
    }
}

fn number(n: &sf_core::Number) -> Scalar {
    Scalar::Number(n.as_str().parse::<f64>().unwrap_or(f64::NAN) + 0.0)
}

/// Whether amounts of a list are with a currency and without.
fn check_currencies<'q>(list: &'q [Literal]) -> Result<(), QueryError<'q>> {
    let coded = list.iter().any(|literal| matches!(literal, Literal::Currency { .. }));
    match list.iter().find(|literal| matches!(literal, Literal::Number(_))) {
        Some(plain) if coded => {
            let message = "amounts with and without a currency can not be mixed in one list";
            Err(QueryError::malformed(Leaf::Value(plain), message).assumed(AssumedError::MixedCurrencies))
        }
        _ => Ok(()),
    }
}

/// Whether values of that kind compare so. IN is `=`.
fn has_operator(kind: Kind, op: Op) -> bool {
    match op {
        Op::Like => matches!(kind, Kind::Text | Kind::Picklist | Kind::Other),
        Op::Lt | Op::Le | Op::Gt | Op::Ge => !matches!(kind, Kind::Boolean | Kind::MultiPicklist),
        _ => true,
    }
}

fn wrong_type(value: &Subject<'_>) -> QueryError<'static> {
    let kind = match value.wire_type() {
        "datetime" => "dateTime",
        "id" => "ID",
        other if is_text(value.kind) && other != "time" => "string",
        other => other,
    };
    type_expected(value, kind, matches!(kind, "string" | "ID"))
}

/// LIKE takes a text, whatever the field is.
fn not_text(value: &Subject<'_>) -> QueryError<'static> {
    type_expected(value, "string", true)
}

fn type_expected(value: &Subject<'_>, kind: &str, quoted: bool) -> QueryError<'static> {
    let quotes = if quoted { "should be" } else { "should not be" };
    let message = format!(
        "value of filter criterion for field '{}' must be of type {kind} and {quotes} enclosed in quotes",
        value.name
    );
    let error = QueryError::plain("INVALID_FIELD", message);
    if quoted { error.assumed(AssumedError::MustBeQuoted) } else { error }
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

    /// Adds the conditions that all must hold.
    pub(super) fn conjuncts<'f>(&'f self, all: &mut Vec<&'f Filter<V>>) {
        match self {
            Filter::And(parts) => parts.iter().for_each(|part| part.conjuncts(all)),
            one => all.push(one),
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
