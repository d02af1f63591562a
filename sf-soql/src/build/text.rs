//! Conditions as text: read, written, stored.

use crate::parse::{self, Dialect};
use crate::write::{self, Form};
use crate::{Condition, Places, Problems, Statement};
use std::{fmt, str::FromStr};

impl Condition {
    /// A bare WHERE clause as an administrator types it, and nothing more: no LIMIT, no second statement, no
    /// comment, no unbalanced quote gets through.
    ///
    /// ```
    /// use sf_soql::Condition;
    /// let filter = Condition::parse("Type = 'Customer' AND (AnnualRevenue > 5 OR Rating = 'Hot')")?;
    /// assert_eq!(filter.to_string(), "Type = 'Customer' AND (AnnualRevenue > 5 OR Rating = 'Hot')");
    /// assert!(Condition::parse("Type = 'Customer' LIMIT 5").is_err());
    /// # Ok::<(), sf_soql::Problems>(())
    /// ```
    ///
    /// # Errors
    /// The first syntax error, with its place.
    pub fn parse(text: &str) -> Result<Condition, Problems> {
        parse::condition(text, Dialect::Api, None)
    }

    /// [`parse`](Condition::parse) with the forms of Apex: `:variable` and other expressions after a colon. See
    /// [`Statement::parse_apex`].
    ///
    /// ```
    /// use sf_soql::Condition;
    /// let condition = Condition::parse_apex("OwnerId = :user.Id AND Id IN :ids")?;
    /// assert_eq!(condition.to_apex()?, "OwnerId = :user.Id AND Id IN :ids");
    /// assert!(condition.to_soql().is_err());
    /// # Ok::<(), sf_soql::Problems>(())
    /// ```
    ///
    /// # Errors
    /// The first syntax error, with its place.
    pub fn parse_apex(text: &str) -> Result<Condition, Problems> {
        parse::condition(text, Dialect::Apex, None)
    }

    /// The condition as it stands after WHERE.
    ///
    /// # Errors
    /// Everything that cannot be written: empty lists and groups, reserved words, dates outside of 1700 to 4000.
    pub fn to_soql(&self) -> Result<String, Problems> {
        write::condition(self, Form::default())
    }

    /// The condition as it may stand after WHERE in the brackets of Apex.
    ///
    /// # Errors
    /// As for [`to_soql`](Condition::to_soql); the forms of Apex are written.
    pub fn to_apex(&self) -> Result<String, Problems> {
        write::condition(self, Form { pretty: false, apex: true })
    }
}

/// The text of [`Condition::to_soql`]. What cannot be written stands as `<…>`, which is never legal SOQL, so that
/// a broken condition cannot pass for another one.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&write::approximate_condition(self))
    }
}

impl FromStr for Condition {
    type Err = Problems;
    fn from_str(text: &str) -> Result<Condition, Problems> {
        Condition::parse(text)
    }
}

/// As text.
impl serde::Serialize for Condition {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_soql().map_err(serde::ser::Error::custom)?)
    }
}
impl<'de> serde::Deserialize<'de> for Condition {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Condition, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Condition::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl Statement {
    /// Reads one statement; a `;` may end it.
    ///
    /// # Errors
    /// The first syntax error, with its place.
    pub fn parse(text: &str) -> Result<Statement, Problems> {
        parse::statement(text, Dialect::Api, None)
    }

    /// [`parse`](Statement::parse), and where every name and value stands.
    ///
    /// # Errors
    /// The first syntax error, with its place.
    pub fn parse_with_places(text: &str) -> Result<(Statement, Places), Problems> {
        let mut places = Places::default();
        let statement = parse::statement(text, Dialect::Api, Some(&mut places))?;
        Ok((statement, places))
    }

    /// Reads a statement as it stands in the brackets of Apex: with `:variable` and other expressions after a colon,
    /// `FOR UPDATE`, `ALL ROWS` and several FOR clauses. It can be looked at and written with
    /// [`to_apex`](Statement::to_apex); the API refuses these forms.
    ///
    /// ```
    /// use sf_soql::Statement;
    /// let text = "SELECT Id FROM Account WHERE Id IN :plans.keySet() LIMIT :n ALL ROWS FOR UPDATE";
    /// assert!(Statement::parse(text).is_err());
    /// let statement = Statement::parse_apex(text)?;
    /// assert_eq!(statement.to_apex()?, text);
    /// assert!(statement.to_soql().is_err());
    /// # Ok::<(), sf_soql::Problems>(())
    /// ```
    ///
    /// An expression is kept as text and only its brackets are looked at. `FORMULA('…')` and texts in three quotes
    /// are not read yet.
    ///
    /// # Errors
    /// The first syntax error, with its place.
    pub fn parse_apex(text: &str) -> Result<Statement, Problems> {
        parse::statement(text, Dialect::Apex, None)
    }

    /// The statement in one line.
    ///
    /// # Errors
    /// Everything that cannot be written, see [`Query::to_soql`](crate::Query::to_soql).
    pub fn to_soql(&self) -> Result<String, Problems> {
        write::statement(self, Form::default())
    }

    /// [`to_soql`](Statement::to_soql), and where every name and value stands.
    ///
    /// # Errors
    /// As for [`to_soql`](Statement::to_soql).
    pub fn to_soql_with_places(&self) -> Result<(String, Places), Problems> {
        let (text, problems, places) = write::with_places(self);
        if problems.is_empty() { Ok((text, places)) } else { Err(Problems::in_order(text, problems)) }
    }

    /// The statement with its clauses on lines of their own: for people, and as good for the org.
    ///
    /// ```
    /// let text = "SELECT Id, Name, (SELECT Id FROM Contacts WHERE Email != null LIMIT 5) FROM Account \
    ///             WHERE Type = 'Customer' AND (Rating = 'Hot' OR Id IN (SELECT AccountId FROM Case)) ORDER BY Name";
    /// assert_eq!(
    ///     sf_soql::Statement::parse(text)?.to_pretty()?,
    ///     "\
    /// SELECT Id, Name,
    ///     (SELECT Id
    ///      FROM Contacts
    ///      WHERE Email != null
    ///      LIMIT 5)
    /// FROM Account
    /// WHERE Type = 'Customer'
    ///   AND (Rating = 'Hot' OR Id IN (SELECT AccountId FROM Case))
    /// ORDER BY Name"
    /// );
    /// # Ok::<(), sf_soql::Problems>(())
    /// ```
    ///
    /// # Errors
    /// As for [`to_soql`](Statement::to_soql).
    pub fn to_pretty(&self) -> Result<String, Problems> {
        write::statement(self, Form { pretty: true, apex: false })
    }

    /// The statement as it may stand in the brackets of Apex.
    ///
    /// # Errors
    /// As for [`to_soql`](Statement::to_soql); the forms of Apex are written.
    pub fn to_apex(&self) -> Result<String, Problems> {
        write::statement(self, Form { pretty: false, apex: true })
    }
}

/// The text of [`Statement::to_soql`], with `<…>` where something cannot be written.
impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&write::approximate_statement(self))
    }
}

impl FromStr for Statement {
    type Err = Problems;
    fn from_str(text: &str) -> Result<Statement, Problems> {
        Statement::parse(text)
    }
}

/// As the text of [`Statement::to_soql`].
impl serde::Serialize for Statement {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_soql().map_err(serde::ser::Error::custom)?)
    }
}
impl<'de> serde::Deserialize<'de> for Statement {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Statement, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Statement::parse(&text).map_err(serde::de::Error::custom)
    }
}
