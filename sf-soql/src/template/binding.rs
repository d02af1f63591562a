use super::slots::{Slot, each_value};
use super::{Parsed, Use};
use crate::{Condition, Literal, Pattern, Problem, Problems, Query, RowCount, Span, Statement};
use std::collections::BTreeMap;
use std::marker::PhantomData;

/// Values for a [`Template`](crate::Template), which becomes a [`Query`], or for a
/// [`ConditionTemplate`](crate::ConditionTemplate), which becomes a [`Condition`].
#[derive(Debug, Clone)]
pub struct Binding<'t, T = Query> {
    parsed: &'t Parsed,
    values: Vec<(String, Bound)>,
    made: PhantomData<fn() -> T>,
}

/// Names of a template that a problem shows.
const SHOWN: usize = 20;

#[derive(Debug, Clone)]
enum Bound {
    One(Literal),
    List(Vec<Literal>),
}

impl<'t, T> Binding<'t, T> {
    pub(super) fn new(parsed: &'t Parsed) -> Binding<'t, T> {
        Binding { parsed, values: Vec::new(), made: PhantomData }
    }

    /// One value. After LIKE, text means itself; bind a [`Pattern`](crate::Pattern) for wildcards.
    #[must_use]
    pub fn bind(mut self, name: &str, value: impl Into<Literal>) -> Self {
        self.values.push((name.to_owned(), Bound::One(value.into())));
        self
    }

    /// Values of a list, for `IN :name` and `IN (:name)`.
    #[must_use]
    pub fn bind_list<L: Into<Literal>>(mut self, name: &str, values: impl IntoIterator<Item = L>) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        self.values.push((name.to_owned(), Bound::List(values)));
        self
    }

    /// The tree with its values, or all problems in the order of their place, those without one first.
    fn statement(&self) -> Result<Statement, Problems> {
        let mut values = BTreeMap::new();
        let mut problems = Vec::new();
        for (name, bound) in &self.values {
            // The value that was bound first is looked at.
            let again = *values.entry(name.as_str()).or_insert(bound);
            self.problems_of_value(name, bound, !std::ptr::eq(again, bound), &mut problems);
        }
        for name in self.parsed.names().filter(|name| !values.contains_key(name)) {
            let span = self.parsed.first_use(name).and_then(|used| used.span);
            let explanation = "bind it before the query is sent";
            problems.push(wrong(span, format!("the parameter :{name} has no value"), explanation));
        }
        let mut statement = self.parsed.statement.clone();
        let mut filling = Filling { values: &values, uses: &self.parsed.uses, problems: Vec::new() };
        each_value(&mut statement, &mut |slot| filling.fill(slot));
        problems.extend(filling.problems);
        problems.sort_by_key(|problem| problem.span.map(|span| span.start));
        if problems.is_empty() {
            Ok(statement)
        } else {
            Err(Problems::new(self.parsed.text.clone(), problems))
        }
    }

    fn problems_of_value(&self, name: &str, bound: &Bound, again: bool, problems: &mut Vec<Problem>) {
        let Some(used) = self.parsed.first_use(name) else {
            let known: Vec<String> =
                self.parsed.names().take(SHOWN + 1).map(|name| format!(":{name}")).collect();
            let known = match known.as_slice() {
                [] => "it has none".to_owned(),
                known if known.len() > SHOWN => format!("it has {}, …", known[..SHOWN].join(", ")),
                known => format!("it has {}", known.join(", ")),
            };
            return problems.push(Problem::new(format!("there is no parameter :{name}"), known));
        };
        if again {
            let message = format!("the parameter :{name} is bound twice");
            problems.push(wrong(used.span, message, "bind it once"));
        }
        if matches!(bound, Bound::List(list) if list.is_empty()) {
            let explanation = "leave the condition out, or say `Condition::Never` when nothing can match";
            problems.push(wrong(used.span, format!("the list for :{name} is empty"), explanation));
        }
    }
}

impl Binding<'_> {
    /// The query.
    ///
    /// ```
    /// let template = sf_soql::Template::parse("SELECT Id FROM Account WHERE Name = :name")?;
    /// let problems = template.bind("nmae", "x").query().unwrap_err();
    /// assert_eq!(
    ///     problems.pretty(),
    ///     "\
    /// there is no parameter :nmae
    ///   = it has :name
    /// 1:37: the parameter :name has no value
    ///   | SELECT Id FROM Account WHERE Name = :name
    ///   |                                     ^^^^^
    ///   = bind it before the query is sent
    /// "
    /// );
    /// # Ok::<(), sf_soql::Problems>(())
    /// ```
    ///
    /// # Errors
    /// All at once, with places in the text of the template: a parameter without value, a value without parameter or
    /// bound twice, a list for a single value, an empty list, no number of rows after LIMIT or OFFSET, no number in
    /// GEOLOCATION.
    pub fn query(self) -> Result<Query, Problems> {
        self.statement().map(Query::on)
    }
}

impl Binding<'_, Condition> {
    /// The condition.
    ///
    /// # Errors
    /// As for [`query`](Binding::query).
    pub fn condition(self) -> Result<Condition, Problems> {
        // There is a filter: it was put there when the template was read.
        self.statement().map(|statement| statement.filter.unwrap_or(Condition::Never))
    }
}

fn wrong(span: Option<Span>, message: String, explanation: &str) -> Problem {
    let problem = Problem::new(message, explanation);
    match span {
        Some(span) => problem.at(span),
        None => problem,
    }
}

/// Puts values in the place of parameters.
struct Filling<'b> {
    values: &'b BTreeMap<&'b str, &'b Bound>,
    /// Those that were not met yet.
    uses: &'b [Use],
    problems: Vec<Problem>,
}

impl<'b> Filling<'b> {
    /// What is bound to the parameter that is met now, and where that stands.
    fn met(&mut self, name: &str) -> (Option<&'b Bound>, Option<Span>) {
        let place = self.uses.iter().position(|used| used.name == name);
        let span = place.and_then(|place| self.uses[place].span);
        self.uses = place.map_or(self.uses, |place| &self.uses[place + 1..]);
        (self.values.get(name).copied(), span)
    }

    fn fill(&mut self, slot: Slot<'_>) {
        match slot {
            Slot::Pattern(place) => {
                let is_parameter = matches!(place, Literal::Parameter(_));
                self.fill(Slot::One(place));
                // Text means itself; as a pattern it is the tree that its text is read back as.
                if is_parameter && let Literal::Text(text) = place {
                    *place = Pattern::exact(std::mem::take(text)).into();
                }
            }
            Slot::One(place) => {
                let Literal::Parameter(name) = &*place else { return };
                match self.met(name) {
                    (Some(Bound::One(literal)), _) => *place = literal.clone(),
                    (Some(Bound::List(_)), span) => {
                        let message = format!("a list is bound to :{name}, which is one value");
                        self.problems.push(wrong(span, message, "use `bind`, or IN"));
                    }
                    (None, _) => {}
                }
            }
            Slot::Degrees(place) => {
                let Literal::Parameter(name) = &*place else { return };
                match self.met(name) {
                    (Some(Bound::One(number @ Literal::Number(_))), _) => *place = number.clone(),
                    (Some(_), span) => {
                        let message = format!("what is bound to :{name} is no number of degrees");
                        self.problems.push(wrong(span, message, "GEOLOCATION takes two numbers"));
                    }
                    (None, _) => {}
                }
            }
            Slot::List(list) => {
                let mut bound = Vec::with_capacity(list.len());
                for literal in std::mem::take(list) {
                    match &literal {
                        Literal::Parameter(name) => match self.met(name).0 {
                            Some(Bound::One(one)) => bound.push(one.clone()),
                            Some(Bound::List(many)) => bound.extend(many.iter().cloned()),
                            None => {}
                        },
                        _ => bound.push(literal),
                    }
                }
                *list = bound;
            }
            Slot::WholeList(condition) => {
                let Condition::InParameter { left, not, name } = &*condition else { return };
                let list = match self.met(name).0 {
                    Some(Bound::One(one)) => vec![one.clone()],
                    Some(Bound::List(many)) => many.clone(),
                    None => return,
                };
                *condition = Condition::In { left: left.clone(), not: *not, list };
            }
            Slot::Rows(place) => {
                let RowCount::Parameter(name) = &*place else { return };
                let (bound, span) = self.met(name);
                let rows = match bound {
                    Some(Bound::One(Literal::Number(n))) => n.to_i64().and_then(|n| u64::try_from(n).ok()),
                    Some(_) => None,
                    None => return,
                };
                match rows {
                    Some(rows) => *place = rows.into(),
                    None => {
                        let message = format!("what is bound to :{name} is no number of rows");
                        let explanation = "LIMIT and OFFSET take a whole number from 0";
                        self.problems.push(wrong(span, message, explanation));
                    }
                }
            }
        }
    }
}
