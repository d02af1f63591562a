//! Conditions as text: read, written, stored.

use crate::{Condition, Problems, Statement, parse, write};
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
        parse::condition(text)
    }

    /// The condition as it stands after WHERE.
    ///
    /// # Errors
    /// Everything that cannot be written: empty lists and groups, reserved words, dates outside of 1700 to 4000.
    pub fn to_soql(&self) -> Result<String, Problems> {
        write::condition(self)
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
        parse::statement(text, false)
    }

    /// The statement in one line.
    ///
    /// # Errors
    /// Everything that cannot be written, see [`Query::to_soql`](crate::Query::to_soql).
    pub fn to_soql(&self) -> Result<String, Problems> {
        write::statement(self)
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
