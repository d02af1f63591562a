use super::{Returning, Term, With, write};
use crate::{Problems, UsageStatistics};
use std::fmt;

/// A SOSL statement: what is searched for, where, and what is answered.
///
/// ```
/// use sf_soql::sosl::{Search, SearchGroup, Term};
/// let search = Search::find(Term::word("joe@acme-corp.com")).in_group(SearchGroup::Email).limit(5);
/// assert_eq!(search.to_sosl()?, r"FIND {joe@acme\-corp.com} IN EMAIL FIELDS LIMIT 5");
/// # Ok::<(), sf_soql::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Search {
    /// FIND
    pub term: Term,
    /// IN; all fields without it
    pub group: Option<SearchGroup>,
    /// RETURNING; the ids of every object without it
    pub returning: Vec<Returning>,
    /// WITH, in any order
    pub with: Vec<With>,
    /// LIMIT, in rows of all objects together
    pub limit: Option<u64>,
    /// UPDATE TRACKING, UPDATE VIEWSTAT
    pub update: Vec<UsageStatistics>,
}

/// Which fields are searched ("IN SearchGroup", SOSL reference). Articles, documents, feeds, files, products and
/// solutions are searched in all fields whatever is said here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SearchGroup {
    /// `IN ALL FIELDS`
    All,
    /// `IN NAME FIELDS`
    Name,
    /// `IN EMAIL FIELDS`
    Email,
    /// `IN PHONE FIELDS`
    Phone,
    /// `IN SIDEBAR FIELDS`
    Sidebar,
}

impl Search {
    /// `FIND {term}`
    pub fn find(term: Term) -> Search {
        Search { term, group: None, returning: Vec::new(), with: Vec::new(), limit: None, update: Vec::new() }
    }

    /// Which fields are searched.
    #[must_use]
    pub fn in_group(mut self, group: SearchGroup) -> Search {
        self.group = Some(group);
        self
    }

    /// Adds an object whose rows are answered, in this order.
    #[must_use]
    pub fn returning(mut self, object: Returning) -> Search {
        self.returning.push(object);
        self
    }

    /// Adds a clause of WITH.
    #[must_use]
    pub fn with(mut self, with: With) -> Search {
        self.with.push(with);
        self
    }

    /// At most so many rows in all, up to 2,000, shared evenly among the objects.
    #[must_use]
    pub fn limit(mut self, rows: u64) -> Search {
        self.limit = Some(rows);
        self
    }

    /// `UPDATE TRACKING` notes the keyword, `UPDATE VIEWSTAT` counts a view of the articles that are found.
    #[must_use]
    pub fn update(mut self, statistics: UsageStatistics) -> Search {
        self.update.push(statistics);
        self
    }

    /// The statement, ready to send.
    ///
    /// ```
    /// use sf_core::{field, object};
    /// use sf_soql::{prelude::*, sosl::{Returning, Search, Term}};
    /// let accounts = Returning::new(object!("Account")).order_by(field!("Name"));
    /// let problems = Search::find(Term::word("?")).returning(accounts).limit(5000).to_sosl().unwrap_err();
    /// let found: Vec<&str> = problems.iter().map(|p| p.message.as_str()).collect();
    /// assert_eq!(found, ["LIMIT 5000 is too large", "the search text `?` is too short", "Account has clauses and no field"]);
    /// ```
    ///
    /// # Errors
    /// All problems at once:
    /// - of the term: fewer than two characters (wildcards and blanks not counted), only punctuation, a word that
    ///   begins with a wildcard, an empty group, terms nested deeper than 64;
    /// - more than 4,000 characters between the braces, escapes counted, of a term with operators, which Salesforce
    ///   would drop, or more than 10,000 of any, which would find nothing ("FIND {SearchQuery}", SOSL reference);
    /// - of RETURNING: an object that stands twice, a clause without fields, a second list view, an OFFSET beside
    ///   another object, a LIMIT or OFFSET over 2,000, what a condition cannot say (see
    ///   [`Query::to_soql`](crate::Query::to_soql));
    /// - of WITH: a clause that stands twice, no data category or network, data categories without RETURNING, a
    ///   price book without Product2, a target length outside of 50 to 1,000;
    /// - a LIMIT over 2,000, a statement over 100,000 characters.
    pub fn to_sosl(&self) -> Result<String, Problems> {
        write::search(self)
    }
}

/// The text of [`Search::to_sosl`]. What cannot be written stands as `<…>`, in the braces of FIND as `{<…>}`, which
/// is never legal SOSL, so that a broken search cannot pass for another one.
impl fmt::Display for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&write::approximate_search(self))
    }
}

impl sf_core::IntoSosl for Search {
    fn into_sosl(self) -> sf_core::Result<sf_core::Sosl> {
        Ok(sf_core::Sosl::raw(self.to_sosl()?))
    }
}
impl sf_core::IntoSosl for &Search {
    fn into_sosl(self) -> sf_core::Result<sf_core::Sosl> {
        Ok(sf_core::Sosl::raw(self.to_sosl()?))
    }
}

/// As the text of [`Search::to_sosl`].
impl serde::Serialize for Search {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_sosl().map_err(serde::ser::Error::custom)?)
    }
}
