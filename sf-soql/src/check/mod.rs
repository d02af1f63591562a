//! A statement against the objects of an org: what the org would refuse, as far as describes tell, before it is sent.
//!
//! One file for each family of rules. Every rule names the leaf of the tree that it is about; [`Places`] knows where
//! that stands. What cannot be judged (a parent that the schema does not hold, a parameter that is not bound, a type
//! that came later) is let through: the org has the last word.

mod children;
mod fields;
mod filter;
mod function;
mod group;
mod limits;
mod literal;
mod names;
mod operand;
mod order;
mod resolve;
mod schema;
mod select;
mod semi_join;
mod suggest;
mod type_of;

pub use schema::{Complete, Schema};

use crate::parse::{self, Dialect};
use crate::places::PlacesOf;
use crate::problem::Found;
use crate::tree::MAX_DEPTH;
use crate::{
    Condition, ConditionTemplate, Leaf, Places, Problem, Problems, Query, Statement, Template, write,
};
use resolve::{Role, Scope};
use sf_core::ObjectName;
use std::collections::BTreeSet;

/// Reads a statement and checks it: everything that is wrong, with its place in the text as it was typed.
///
/// The words are Salesforce's where they are known; the explanation says what to write instead.
///
/// ```
/// use sf_core::{Describe, FieldDescribe, field, object};
/// let mut industry = FieldDescribe::new(field!("Industry"), "picklist");
/// industry.filterable = true;
/// let mut created = FieldDescribe::new(field!("CreatedDate"), "datetime");
/// created.filterable = true;
/// let schema = [Describe::new(object!("Account"), [industry, created])];
///
/// let text = "SELECT Industri FROM Account WHERE CreatedDate > '2026-01-31'";
/// let problems = sf_soql::check(text, &schema).unwrap_err();
/// assert_eq!(
///     problems.pretty(),
///     "\
/// 1:8: No such column 'Industri' on entity 'Account'
///   | SELECT Industri FROM Account WHERE CreatedDate > '2026-01-31'
///   |        ^^^^^^^^
///   = did you mean `Industry`?
/// 1:50: value of filter criterion for field 'CreatedDate' must be of type dateTime and should not be enclosed in quotes
///   | SELECT Industri FROM Account WHERE CreatedDate > '2026-01-31'
///   |                                                  ^^^^^^^^^^^^
///   = write it without quotes and with its time: 2026-01-31T00:00:00Z
/// "
/// );
/// assert!(sf_soql::check("SELECT Industry FROM Account WHERE CreatedDate > 2026-01-31T00:00:00Z", &schema).is_ok());
/// ```
///
/// What the schema does not hold is judged as [`Schema`] says. Not checked: whether a picklist has a value (the org
/// accepts any), what only the org knows (currencies, scopes, data categories, the permissions of the user beyond the
/// describe), and `NULLS FIRST`, which is the default and not kept.
///
/// # Errors
/// The first syntax error, or all problems of the statement in the order of their place.
pub fn check(text: &str, schema: &(impl Schema + ?Sized)) -> Result<Statement, Problems> {
    check_as(text, Dialect::Api, &schema)
}

/// [`check`] of a statement as it stands in the brackets of Apex, see [`Statement::parse_apex`]. Expressions after a
/// colon are let through.
///
/// # Errors
/// As for [`check`].
pub fn check_apex(text: &str, schema: &(impl Schema + ?Sized)) -> Result<Statement, Problems> {
    check_as(text, Dialect::Apex, &schema)
}

fn check_as(text: &str, dialect: Dialect, schema: &dyn Schema) -> Result<Statement, Problems> {
    let mut places = Places::default();
    let statement = parse::statement(text, dialect, Some(&mut places))?;
    let problems = Checker::run(&statement, &places, schema, Role::Root);
    told(text, Vec::new(), problems).map(|()| statement)
}

impl Statement {
    /// Checks a statement that was built. The places are those of the text that [`to_soql`](Statement::to_soql) would
    /// write; what it could not write comes along.
    ///
    /// ```
    /// use sf_core::{Describe, FieldDescribe, field, object};
    /// use sf_soql::prelude::*;
    /// let schema = Describe::new(object!("Account"), [FieldDescribe::new(field!("Id"), "id")]);
    /// let query = Query::from(object!("Account")).select([field!("Id"), field!("Nmae")]);
    /// let problems = query.statement().check(&schema).unwrap_err();
    /// assert!(problems.to_string().starts_with("1:12: No such column 'Nmae' on entity 'Account'"));
    /// ```
    ///
    /// # Errors
    /// As for [`check`](crate::check) and for [`to_soql`](Statement::to_soql).
    pub fn check(&self, schema: &(impl Schema + ?Sized)) -> Result<(), Problems> {
        let (text, own, places) = write::with_places(self);
        told(&text, own, Checker::run(self, &places, &schema, Role::Root))
    }
}

impl<T> Query<T> {
    /// Checks the query before it is sent, see [`Statement::check`].
    ///
    /// # Errors
    /// As for [`Statement::check`].
    pub fn check(&self, schema: &(impl Schema + ?Sized)) -> Result<(), Problems> {
        self.statement().check(schema)
    }
}

impl Template {
    /// Checks the statement with its parameters; their values are not known yet and are let through. The places are
    /// those of the text as it was typed. What is bound later is checked by [`Query::check`].
    ///
    /// # Errors
    /// As for [`check`](crate::check).
    pub fn check(&self, schema: &(impl Schema + ?Sized)) -> Result<(), Problems> {
        check_as(self.text(), Dialect::Template, &schema).map(|_| ())
    }
}

impl ConditionTemplate {
    /// Checks the condition with its parameters against one object, see [`Template::check`].
    ///
    /// # Errors
    /// As for [`check`](crate::check), with places in the text of the condition.
    pub fn check(&self, object: &ObjectName, schema: &(impl Schema + ?Sized)) -> Result<(), Problems> {
        Condition::parse_checked_as(self.text(), Dialect::Template, object, &schema).map(|_| ())
    }
}

impl Condition {
    /// Reads a bare condition, as an administrator types it, and checks it against one object.
    ///
    /// ```
    /// use sf_core::{Describe, FieldDescribe, field, object};
    /// use sf_soql::Condition;
    /// let mut city = FieldDescribe::new(field!("BillingCity"), "string");
    /// city.filterable = true;
    /// let schema = Describe::new(object!("Account"), [city]);
    /// assert!(Condition::parse_checked("BillingCity = 'Rome'", &object!("Account"), &schema).is_ok());
    /// let problems = Condition::parse_checked("BillingCity > 5", &object!("Account"), &schema).unwrap_err();
    /// assert_eq!(
    ///     problems.to_string(),
    ///     "1:15: value of filter criterion for field 'BillingCity' must be of type string and should be enclosed in \
    ///      quotes. write a text: '5'"
    /// );
    /// ```
    ///
    /// # Errors
    /// As for [`check`](crate::check), with places in the text of the condition.
    pub fn parse_checked(
        text: &str,
        object: &ObjectName,
        schema: &(impl Schema + ?Sized),
    ) -> Result<Condition, Problems> {
        Condition::parse_checked_as(text, Dialect::Api, object, &schema)
    }

    /// [`parse_checked`](Condition::parse_checked) with the forms of Apex, see [`Condition::parse_apex`]. Expressions
    /// after a colon are let through.
    ///
    /// # Errors
    /// As for [`check`](crate::check), with places in the text of the condition.
    pub fn parse_checked_apex(
        text: &str,
        object: &ObjectName,
        schema: &(impl Schema + ?Sized),
    ) -> Result<Condition, Problems> {
        Condition::parse_checked_as(text, Dialect::Apex, object, &schema)
    }

    fn parse_checked_as(
        text: &str,
        dialect: Dialect,
        object: &ObjectName,
        schema: &dyn Schema,
    ) -> Result<Condition, Problems> {
        let mut places = Places::before_condition();
        let condition = parse::condition(text, dialect, Some(&mut places))?;
        let statement = Statement { filter: Some(condition), ..Statement::new(object.clone()) };
        let problems = Checker::run(&statement, &places, schema, Role::Condition);
        told(text, Vec::new(), problems)?;
        // There is one: it was put there above.
        Ok(statement.filter.unwrap_or(Condition::Never))
    }

    /// Checks a condition that was built against one object. The places are those of the text that
    /// [`to_soql`](Condition::to_soql) would write.
    ///
    /// # Errors
    /// As for [`check`](crate::check) and for [`to_soql`](Condition::to_soql).
    pub fn check(&self, object: &ObjectName, schema: &(impl Schema + ?Sized)) -> Result<(), Problems> {
        let (text, own, places) = write::condition_with_places(self);
        let statement = Statement { filter: Some(self.clone()), ..Statement::new(object.clone()) };
        told(&text, own, Checker::run(&statement, &places, &schema, Role::Condition))
    }
}

fn told(text: &str, own: Vec<Found>, found: Vec<Found>) -> Result<(), Problems> {
    if own.is_empty() && found.is_empty() {
        return Ok(());
    }
    Err(Problems::in_order(text, own.into_iter().chain(found).collect()))
}

struct Checker<'s> {
    schema: &'s dyn Schema,
    /// None when the text could not be written with all of its leaves.
    places: Option<PlacesOf<'s>>,
    found: Vec<Found>,
    /// Where something begins that is wrong.
    told: BTreeSet<usize>,
    depth: usize,
    /// Child subqueries so far.
    children: usize,
    /// Suggestions that may still be looked for: each looks at every name of an object.
    suggestions: usize,
}

impl<'s> Checker<'s> {
    fn run(statement: &'s Statement, places: &Places, schema: &'s dyn Schema, role: Role) -> Vec<Found> {
        let places = places.are_of(statement).then(|| places.of(statement));
        let mut checker = Checker {
            schema,
            places,
            found: Vec::new(),
            told: BTreeSet::new(),
            depth: 0,
            children: 0,
            suggestions: 200,
        };
        checker.outermost(statement, role);
        checker.found
    }

    fn outermost(&mut self, s: &'s Statement, role: Role) {
        let object = self.object(&s.from);
        self.statement(&mut Scope::new(s, object, role));
        self.texts(s);
    }

    /// What holds for every SELECT, whatever stands around it.
    fn statement(&mut self, scope: &mut Scope<'s>) {
        if self.depth >= MAX_DEPTH {
            return;
        }
        self.depth += 1;
        let s = scope.statement;
        self.from(scope);
        if scope.role != Role::Condition {
            self.select(scope);
        }
        if let Some(filter) = &s.filter {
            self.filter(scope, filter);
        }
        self.grouping(scope);
        self.ordering(scope);
        self.rows(scope);
        self.depth -= 1;
    }

    /// Whether something is wrong with it already, so that what follows from that is not told as well.
    fn is_told(&self, leaf: Leaf<'s>) -> bool {
        let range = self.places.as_ref().and_then(|places| places.range(leaf));
        range.is_some_and(|range| self.told.contains(&range.start))
    }

    fn wrong(&mut self, leaf: Leaf<'s>, message: impl Into<String>, explanation: impl Into<String>) {
        let range = self.places.as_ref().and_then(|places| places.range(leaf));
        self.told.extend(range.as_ref().map(|range| range.start));
        self.found.push((range, Problem::new(message, explanation)));
    }
}
