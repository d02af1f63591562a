//! Statements and conditions with parameters.

mod binding;
mod slots;

pub use binding::Binding;

use crate::parse::{self, Dialect};
use crate::{Condition, Leaf, Literal, Places, Problems, RowCount, Span, Statement};
use sf_core::object;
use std::collections::BTreeMap;
use std::{fmt, str::FromStr};

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
///
/// What is bound is a value and never SOQL; a query is none:
///
/// ```compile_fail
/// # use sf_core::{field, object};
/// # use sf_soql::{Query, Template};
/// # let template = Template::parse("SELECT Id FROM Account WHERE Id IN :ids").unwrap();
/// template.bind("ids", Query::from(object!("Contact")).select([field!("AccountId")]));
/// ```
#[derive(Debug, Clone)]
pub struct Template(Parsed);

impl Template {
    /// Reads the statement. A parameter stands where a value stands: after an operator, in a list, for a whole list
    /// (`IN :ids`), in `GEOLOCATION(:latitude, :longitude)`, after LIMIT and OFFSET. Names are compared with case.
    ///
    /// # Errors
    /// The first syntax error, with its place.
    pub fn parse(text: &str) -> Result<Template, Problems> {
        let mut places = Places::default();
        let statement = parse::statement(text, Dialect::Template, Some(&mut places))?;
        Ok(Template(Parsed::new(text, statement, &places)))
    }

    /// The names, in the order of their first place.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.0.names()
    }

    pub(crate) fn text(&self) -> &str {
        &self.0.text
    }

    /// Begins with one value; for [`Binding::query`].
    pub fn bind(&self, name: &str, value: impl Into<Literal>) -> Binding<'_> {
        self.binding().bind(name, value)
    }

    /// Begins with the values of a list; for [`Binding::query`].
    pub fn bind_list<L: Into<Literal>>(
        &self,
        name: &str,
        values: impl IntoIterator<Item = L>,
    ) -> Binding<'_> {
        self.binding().bind_list(name, values)
    }

    /// Begins without a value.
    pub fn binding(&self) -> Binding<'_> {
        Binding::new(&self.0)
    }
}

/// A bare condition with `:name` parameters: a WHERE clause that an administrator types, which says something about
/// the user, the record or the day. Nothing but a condition gets through, as in [`Condition::parse`]; values are bound
/// as in [`Template`].
///
/// ```
/// use sf_core::{field, object};
/// use sf_soql::{ConditionTemplate, prelude::*};
/// let mine = ConditionTemplate::parse("OwnerId = :user AND (Type IN :types OR Rating = 'Hot')")?;
/// assert_eq!(mine.parameters().collect::<Vec<_>>(), ["user", "types"]);
/// let condition = mine.bind("user", "005000000000001AAA").bind_list("types", ["Customer"]).condition()?;
/// let query = Query::from(object!("Account")).select([field!("Id")]).filter(condition);
/// assert_eq!(
///     query.to_soql()?.as_str(),
///     "SELECT Id FROM Account WHERE OwnerId = '005000000000001AAA' AND (Type IN ('Customer') OR Rating = 'Hot')"
/// );
/// assert!(ConditionTemplate::parse("OwnerId = :user LIMIT 5").is_err());
/// # Ok::<(), sf_soql::Problems>(())
/// ```
#[derive(Debug, Clone)]
pub struct ConditionTemplate(Parsed);

impl ConditionTemplate {
    /// Reads the condition. A parameter stands where a value stands, see [`Template::parse`].
    ///
    /// # Errors
    /// The first syntax error, with its place.
    pub fn parse(text: &str) -> Result<ConditionTemplate, Problems> {
        let mut places = Places::before_condition();
        let condition = parse::condition(text, Dialect::Template, Some(&mut places))?;
        let statement = Statement { filter: Some(condition), ..Statement::new(object!("Account")) };
        Ok(ConditionTemplate(Parsed::new(text, statement, &places)))
    }

    /// The names, in the order of their first place.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.0.names()
    }

    pub(crate) fn text(&self) -> &str {
        &self.0.text
    }

    /// Begins with one value; for [`Binding::condition`].
    pub fn bind(&self, name: &str, value: impl Into<Literal>) -> Binding<'_, Condition> {
        self.binding().bind(name, value)
    }

    /// Begins with the values of a list; for [`Binding::condition`].
    pub fn bind_list<L: Into<Literal>>(
        &self,
        name: &str,
        values: impl IntoIterator<Item = L>,
    ) -> Binding<'_, Condition> {
        self.binding().bind_list(name, values)
    }

    /// Begins without a value.
    pub fn binding(&self) -> Binding<'_, Condition> {
        Binding::new(&self.0)
    }
}

macro_rules! as_text {
    ($($template:ident)*) => { $(
        impl FromStr for $template {
            type Err = Problems;
            fn from_str(text: &str) -> Result<$template, Problems> {
                $template::parse(text)
            }
        }

        /// The text that was read.
        impl fmt::Display for $template {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.text())
            }
        }

        /// As the text that was read.
        impl serde::Serialize for $template {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.text())
            }
        }
        impl<'de> serde::Deserialize<'de> for $template {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$template, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                $template::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    )* };
}
as_text! { Template ConditionTemplate }

/// The text, its tree and its parameters.
#[derive(Debug, Clone)]
struct Parsed {
    text: String,
    /// A condition is the filter of a statement that nobody sees; its object means nothing.
    statement: Statement,
    /// In the order of the text; a name may come more than once.
    uses: Vec<Use>,
    /// Which of the uses is the first one of a name.
    first: BTreeMap<String, usize>,
}

#[derive(Debug, Clone)]
struct Use {
    name: String,
    span: Option<Span>,
}

/// Goes through a text once, however many places are looked up in it, as long as they come in its order.
struct Cursor<'t> {
    text: &'t str,
    at: usize,
    line: u32,
    column: u32,
}

impl Cursor<'_> {
    fn span(&mut self, range: std::ops::Range<usize>) -> Span {
        let (line, column) = self.text.get(self.at..range.start).unwrap_or_default().chars().fold(
            (self.line, self.column),
            |(line, column), c| if c == '\n' { (line + 1, 1) } else { (line, column + 1) },
        );
        (self.line, self.column, self.at) = (line, column, self.at.max(range.start));
        Span { start: range.start, end: range.end, line, column }
    }
}

impl Parsed {
    fn new(text: &str, statement: Statement, places: &Places) -> Parsed {
        let places = places.of(&statement);
        let mut uses = Vec::new();
        let mut cursor = Cursor { text, at: 0, line: 1, column: 1 };
        statement.each_leaf(&mut |leaf| {
            let place = || places.range(leaf);
            let (name, range) = match leaf {
                Leaf::Value(Literal::Parameter(name)) | Leaf::Rows(RowCount::Parameter(name)) => {
                    (name, place())
                }
                // The leaf is the operator; the parameter follows it.
                Leaf::Operator(Condition::InParameter { name, .. }) => {
                    let behind = |operator: std::ops::Range<usize>| {
                        let start = operator.end + text.get(operator.end..)?.find(':')?;
                        let end = start + text.get(start..)?.find(name.as_str())? + name.len();
                        Some(start..end)
                    };
                    (name, place().and_then(behind))
                }
                _ => return,
            };
            let span = range.map(|range| cursor.span(range));
            uses.push(Use { name: name.clone(), span });
        });
        drop(places);
        let mut first = BTreeMap::new();
        for (i, used) in uses.iter().enumerate() {
            first.entry(used.name.clone()).or_insert(i);
        }
        Parsed { text: text.to_owned(), statement, uses, first }
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let first = |(i, used): &(usize, &Use)| self.first.get(&used.name) == Some(i);
        self.uses.iter().enumerate().filter(first).map(|(_, used)| used.name.as_str())
    }

    /// Where the parameter stands first; `None` when there is no such parameter.
    fn first_use(&self, name: &str) -> Option<&Use> {
        self.uses.get(*self.first.get(name)?)
    }
}
