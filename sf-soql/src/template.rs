use crate::{Condition, Item, Literal, Operand, Problem, Problems, Query, RowCount, Statement, With, parse};

/// A statement with `:name` parameters, read once and bound often. Values are bound into the tree, never into the
/// text.
///
/// ```
/// use sf_soql::Template;
/// let template = Template::parse(
///     "SELECT Id FROM Account WHERE Name = :name AND CreatedDate > :since AND Type IN :types",
/// )?;
/// let query = template
///     .bind("name", "O'Neil")
///     .bind("since", chrono::NaiveDate::from_ymd_opt(2026, 1, 31))
///     .bind_list("types", ["Customer", "Partner"])
///     .query()?;
/// assert_eq!(
///     query.to_soql()?.as_str(),
///     r"SELECT Id FROM Account WHERE Name = 'O\'Neil' AND CreatedDate > 2026-01-31 AND Type IN ('Customer', 'Partner')"
/// );
/// # Ok::<(), sf_soql::Problems>(())
/// ```
#[derive(Debug, Clone)]
pub struct Template {
    text: String,
    statement: Statement,
    parameters: Vec<String>,
}

impl Template {
    /// Reads the statement. A parameter stands where a value stands: after an operator, in a list, for a whole list
    /// (`IN :ids`), in `GEOLOCATION(:latitude, :longitude)`, after LIMIT and OFFSET. Names are compared with case.
    ///
    /// # Errors
    /// The first syntax error, with its place.
    pub fn parse(text: &str) -> Result<Template, Problems> {
        let mut statement = parse::statement(text, parse::Dialect::Template, None)?;
        let mut parameters: Vec<String> = Vec::new();
        each_value(&mut statement, &mut |slot| {
            let mut found = |name: &String| {
                if !parameters.contains(name) {
                    parameters.push(name.clone());
                }
            };
            let values = match &slot {
                Slot::One(value) => std::slice::from_ref(&**value),
                Slot::List(list) => list.as_slice(),
                Slot::Rows(rows) => {
                    if let RowCount::Parameter(name) = &**rows {
                        found(name);
                    }
                    &[]
                }
                Slot::WholeList(condition) => {
                    if let Condition::InParameter { name, .. } = &**condition {
                        found(name);
                    }
                    &[]
                }
            };
            for value in values {
                if let Literal::Parameter(name) = value {
                    found(name);
                }
            }
        });
        Ok(Template { text: text.to_owned(), statement, parameters })
    }

    /// The names, in the order of their first place.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.parameters.iter().map(String::as_str)
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Begins with one value; for [`Binding::query`].
    pub fn bind(&self, name: &str, value: impl Into<Literal>) -> Binding<'_> {
        self.binding().bind(name, value)
    }

    /// Begins without a value.
    pub fn binding(&self) -> Binding<'_> {
        Binding { template: self, values: Vec::new() }
    }
}

/// Values for a [`Template`].
#[derive(Debug, Clone)]
pub struct Binding<'t> {
    template: &'t Template,
    values: Vec<(String, Bound)>,
}

#[derive(Debug, Clone)]
enum Bound {
    One(Literal),
    List(Vec<Literal>),
}

impl Binding<'_> {
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

    /// The query.
    ///
    /// ```
    /// let template = sf_soql::Template::parse("SELECT Id FROM Account WHERE Name = :name")?;
    /// let problems = template.bind("nmae", "x").query().unwrap_err();
    /// let found: Vec<&str> = problems.iter().map(|p| p.message.as_str()).collect();
    /// assert_eq!(found, ["there is no parameter :nmae", "the parameter :name has no value"]);
    /// # Ok::<(), sf_soql::Problems>(())
    /// ```
    ///
    /// # Errors
    /// All at once: a parameter without value, a value without parameter or bound twice, a list for a single
    /// value, an empty list.
    pub fn query(self) -> Result<Query, Problems> {
        let mut problems = Vec::new();
        let mut wrong =
            |message: String, explanation: &str| problems.push(Problem::new(message, explanation));
        for (i, (name, bound)) in self.values.iter().enumerate() {
            if !self.template.parameters.contains(name) {
                let known: Vec<String> = self.template.parameters().map(|p| format!(":{p}")).collect();
                wrong(format!("there is no parameter :{name}"), &format!("it has {}", known.join(", ")));
            } else if self.values[..i].iter().any(|(earlier, _)| earlier == name) {
                wrong(format!("the parameter :{name} is bound twice"), "bind it once");
            }
            if matches!(bound, Bound::List(list) if list.is_empty()) {
                wrong(format!("the list for :{name} is empty"), "leave the query out when nothing can match");
            }
        }
        let value = |name: &str| self.values.iter().find(|(n, _)| n == name).map(|(_, bound)| bound);
        for name in self.template.parameters().filter(|name| value(name).is_none()) {
            wrong(format!("the parameter :{name} has no value"), "bind it before the query is sent");
        }
        let mut statement = self.template.statement.clone();
        each_value(&mut statement, &mut |slot| match slot {
            Slot::One(place) => {
                let Literal::Parameter(name) = &*place else { return };
                match value(name) {
                    Some(Bound::One(literal)) => *place = literal.clone(),
                    Some(Bound::List(_)) => {
                        wrong(format!("a list is bound to :{name}, which is one value"), "use `bind`, or IN");
                    }
                    None => {}
                }
            }
            Slot::List(list) => {
                let mut bound = Vec::with_capacity(list.len());
                for literal in std::mem::take(list) {
                    match &literal {
                        Literal::Parameter(name) => match value(name) {
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
                let list = match value(name) {
                    Some(Bound::One(one)) => vec![one.clone()],
                    Some(Bound::List(many)) => many.clone(),
                    None => return,
                };
                *condition = Condition::In { left: left.clone(), not: *not, list };
            }
            Slot::Rows(place) => {
                let RowCount::Parameter(name) = &*place else { return };
                let rows = match value(name) {
                    Some(Bound::One(Literal::Number(n))) => n.to_i64().and_then(|n| u64::try_from(n).ok()),
                    Some(_) => None,
                    None => return,
                };
                match rows {
                    Some(rows) => *place = rows.into(),
                    None => wrong(
                        format!("what is bound to :{name} is no number of rows"),
                        "LIMIT and OFFSET take a whole number from 0",
                    ),
                }
            }
        });
        if problems.is_empty() {
            Ok(Query::on(statement))
        } else {
            Err(Problems::new(self.template.text.clone(), problems))
        }
    }
}

/// Where a value stands.
enum Slot<'a> {
    One(&'a mut Literal),
    List(&'a mut Vec<Literal>),
    /// An `IN :name`.
    WholeList(&'a mut Condition),
    /// After LIMIT and OFFSET.
    Rows(&'a mut RowCount),
}

/// In the order of the text.
fn each_value(statement: &mut Statement, visit: &mut dyn FnMut(Slot<'_>)) {
    for item in &mut statement.items {
        match item {
            Item::Children { query, .. } => each_value(query, visit),
            Item::Value { value, .. } => each_value_of_operand(value, visit),
            Item::Fields(_) | Item::TypeOf(_) => {}
        }
    }
    if let Some(filter) = &mut statement.filter {
        each_value_of(filter, visit);
    }
    if let Some(With::Filter { value, .. }) = &mut statement.with {
        visit(Slot::One(value));
    }
    if let Some(having) = &mut statement.having {
        each_value_of(having, visit);
    }
    for order in &mut statement.order {
        each_value_of_operand(order.by_mut(), visit);
    }
    for rows in [&mut statement.limit, &mut statement.offset].into_iter().flatten() {
        visit(Slot::Rows(rows));
    }
}

fn each_value_of_operand(operand: &mut Operand, visit: &mut dyn FnMut(Slot<'_>)) {
    if let Operand::Distance(distance) = operand {
        visit(Slot::One(&mut distance.latitude));
        visit(Slot::One(&mut distance.longitude));
    }
}

fn each_value_of(condition: &mut Condition, visit: &mut dyn FnMut(Slot<'_>)) {
    match condition {
        Condition::Compare { left, right, .. } => {
            each_value_of_operand(left, visit);
            visit(Slot::One(right));
        }
        Condition::In { list, .. } | Condition::Includes { sets: list, .. } => visit(Slot::List(list)),
        Condition::InParameter { .. } => visit(Slot::WholeList(condition)),
        Condition::InQuery { query, .. } => each_value(query, visit),
        Condition::And(parts) | Condition::Or(parts) => {
            parts.iter_mut().for_each(|part| each_value_of(part, visit));
        }
        Condition::Not(inner) => each_value_of(inner, visit),
        Condition::Never => {}
    }
}
