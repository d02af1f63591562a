use crate::{Condition, Literal, Problem, Problems, Query, Statement, limits, write};
use sf_core::Number;
use std::collections::BTreeMap;

/// How long a statement may be, for [`Query::split_in`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SplitBudget {
    characters: usize,
    url_bytes: usize,
    values: usize,
}

impl Default for SplitBudget {
    /// Salesforce's limit of 100,000 characters; no limit of the URL and of the list.
    fn default() -> SplitBudget {
        SplitBudget { characters: limits::STATEMENT_CHARACTERS, url_bytes: usize::MAX, values: usize::MAX }
    }
}

impl SplitBudget {
    /// At most so many characters in a statement (UTF-16 units, as Salesforce counts); more than 100,000 is
    /// 100,000.
    #[must_use]
    pub fn characters(mut self, characters: usize) -> SplitBudget {
        self.characters = characters.min(limits::STATEMENT_CHARACTERS);
        self
    }

    /// At most so many bytes when the statement is percent-encoded into a URL; see [`limits::URL_BYTES`] for what
    /// Salesforce takes.
    #[must_use]
    pub fn url_bytes(mut self, bytes: usize) -> SplitBudget {
        self.url_bytes = bytes;
        self
    }

    /// At most so many values in a list.
    #[must_use]
    pub fn values(mut self, values: usize) -> SplitBudget {
        self.values = values;
        self
    }

    fn fits(&self, size: Size) -> bool {
        size.within(Size { characters: self.characters, url_bytes: self.url_bytes })
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Size {
    characters: usize,
    url_bytes: usize,
}

impl Size {
    fn of(text: &str) -> Size {
        Size { characters: limits::characters(text), url_bytes: limits::url_bytes(text) }
    }

    fn within(self, limit: Size) -> bool {
        self.characters <= limit.characters && self.url_bytes <= limit.url_bytes
    }

    fn plus(self, other: Size) -> Size {
        Size { characters: self.characters + other.characters, url_bytes: self.url_bytes + other.url_bytes }
    }

    fn minus(self, other: Size) -> Size {
        Size {
            characters: self.characters.saturating_sub(other.characters),
            url_bytes: self.url_bytes.saturating_sub(other.url_bytes),
        }
    }
}

impl<T> Query<T> {
    /// Several queries whose rows together are the rows of this one, none twice: a long IN list is cut into
    /// pieces. A query within the budget comes back alone.
    ///
    /// Values that the org may take for equal (other case, 15 and 18 characters of an id, the same set of a
    /// multi-select picklist) stay in one piece, in the order of the list. Every piece keeps its ORDER BY; the order of the whole is by piece, so merge the
    /// rows where that matters.
    ///
    /// ```
    /// use sf_core::{field, object};
    /// use sf_soql::{SplitBudget, prelude::*};
    /// let query = Query::from(object!("Account"))
    ///     .select([field!("Id")])
    ///     .filter(field!("Name").is_in(["a", "b", "A"]) & field!("Type").eq("Customer"));
    /// let pieces = query.split_in(&SplitBudget::default().values(2))?;
    /// let pieces: Vec<String> = pieces.iter().map(ToString::to_string).collect();
    /// assert_eq!(
    ///     pieces,
    ///     [
    ///         "SELECT Id FROM Account WHERE Name IN ('a', 'A') AND Type = 'Customer'",
    ///         "SELECT Id FROM Account WHERE Name IN ('b') AND Type = 'Customer'",
    ///     ]
    /// );
    /// # Ok::<(), sf_soql::Problems>(())
    /// ```
    ///
    /// # Errors
    /// What [`to_soql`](Query::to_soql) refuses (but the length). When it is too long and cannot be cut without a
    /// change of meaning: aggregates, GROUP BY, LIMIT or OFFSET; no IN list that all rows must be in (below OR or
    /// NOT, or NOT IN); a list of date literals or currencies, which may overlap. When the rest of the statement
    /// is too long by itself.
    pub fn split_in(&self, budget: &SplitBudget) -> Result<Vec<Query<T>>, Problems> {
        let mut done = Vec::new();
        let mut open = vec![self.statement().clone().normalized()];
        // Depth first, first piece on top, so that the pieces come in the order of the list.
        while let Some(statement) = open.pop() {
            match cut(&statement, budget)? {
                None => done.push(Query::on(statement)),
                Some(pieces) => open.extend(pieces.into_iter().rev()),
            }
        }
        Ok(done)
    }
}

/// The pieces of the longest list; `None` when the statement is within the budget.
fn cut(statement: &Statement, budget: &SplitBudget) -> Result<Option<Vec<Statement>>, Problems> {
    let text = write::statement_of_any_length(statement)?;
    let whole = Size::of(&text);
    let lists = lists(statement);
    let too_many = |list: &List<'_>| list.values.len() > budget.values;
    if budget.fits(whole) && !lists.iter().any(too_many) {
        return Ok(None);
    }
    let refuse = |message: &str, explanation: &str| {
        Problems::one(text.chars().take(200).collect::<String>(), Problem::new(message, explanation))
    };
    if statement.is_count() || statement.is_aggregate() {
        return Err(refuse(
            "a query that counts or groups cannot be split",
            "each piece would have its own groups; shorten the list, or group the rows yourself",
        ));
    }
    if statement.limit.is_some() || statement.offset.is_some() {
        return Err(refuse(
            "a query with LIMIT or OFFSET cannot be split",
            "each piece would count its own rows; leave LIMIT and OFFSET out",
        ));
    }
    // A list may have all that the rest leaves, or its share when the other lists can be cut after it. Of a
    // statement that does not fit, one list at least exceeds that, so every cut makes progress.
    let all_lists = lists.iter().fold(Size::default(), |sum, l| sum.plus(l.size));
    let limit = Size { characters: budget.characters, url_bytes: budget.url_bytes };
    let share = limit.minus(whole.minus(all_lists));
    let room = |list: &List<'_>| {
        let rest = limit.minus(whole.minus(list.size));
        Size {
            characters: rest.characters.max(share.characters / lists.len()),
            url_bytes: rest.url_bytes.max(share.url_bytes / lists.len()),
        }
    };
    let longest =
        lists.iter().filter(|l| too_many(l) || !l.size.within(room(l))).max_by_key(|l| l.size.characters);
    let Some(longest) = longest else {
        return Err(refuse(
            "the statement is too long and has no list that can be split",
            "only an IN list that every row must be in can be: not NOT IN, and not below OR or NOT",
        ));
    };
    let groups = groups(longest.values).ok_or_else(|| {
        refuse(
            "a list of date literals or currencies cannot be split",
            "a row could match in two pieces; split the list yourself",
        )
    })?;
    let room = room(longest);
    let mut pieces: Vec<(Size, Vec<Literal>)> = Vec::new();
    for (size, group) in groups {
        if !size.within(room) || group.len() > budget.values {
            return Err(refuse(
                "the statement is too long even with one value in its list",
                "select fewer fields or shorten the other conditions",
            ));
        }
        match pieces.last_mut() {
            Some((filled, values))
                if filled.plus(size).within(room) && values.len() + group.len() <= budget.values =>
            {
                *filled = filled.plus(size);
                values.extend(group);
            }
            _ => pieces.push((size, group)),
        }
    }
    let place = longest.place;
    Ok(Some(pieces.into_iter().map(|(_, values)| with_list(statement, place, values)).collect()))
}

/// An IN list that every row must be in.
struct List<'s> {
    /// Among the ANDed conditions.
    place: usize,
    values: &'s [Literal],
    size: Size,
}

fn conjuncts(statement: &Statement) -> &[Condition] {
    match &statement.filter {
        Some(Condition::And(parts)) => parts,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}

fn lists(statement: &Statement) -> Vec<List<'_>> {
    let list = |(place, condition): (usize, &'_ Condition)| match condition {
        Condition::In { not: false, .. } => Some(place),
        _ => None,
    };
    let places: Vec<usize> = conjuncts(statement).iter().enumerate().filter_map(list).collect();
    places
        .into_iter()
        .filter_map(|place| match &conjuncts(statement)[place] {
            Condition::In { list, .. } => {
                let size = list.iter().map(size).fold(Size::default(), Size::plus);
                Some(List { place, values: list, size })
            }
            _ => None,
        })
        .collect()
}

/// Of the value and the comma and blank behind it.
fn size(value: &Literal) -> Size {
    Size::of(&write::literal_of_list(value)).plus(Size { characters: 2, url_bytes: 6 })
}

fn with_list(statement: &Statement, place: usize, values: Vec<Literal>) -> Statement {
    let mut piece = statement.clone();
    let conjunct = match &mut piece.filter {
        Some(Condition::And(parts)) => parts.get_mut(place),
        other => other.as_mut(),
    };
    if let Some(Condition::In { list, .. }) = conjunct {
        *list = values;
    }
    piece
}

/// What the org may take for equal has one key.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// `null`, the empty text and `FALSE` all match a field without value.
    Nothing,
    True,
    Number(Number),
    Text(String),
}

/// Values by key, in the order of their first place. `None` when values of different keys may overlap.
fn groups(values: &[Literal]) -> Option<Vec<(Size, Vec<Literal>)>> {
    let mut places: BTreeMap<Key, usize> = BTreeMap::new();
    let mut groups: Vec<(Size, Vec<Literal>)> = Vec::new();
    for value in values {
        let place = *places.entry(key(value)?).or_insert(groups.len());
        if place == groups.len() {
            groups.push((Size::default(), Vec::new()));
        }
        let group = groups.get_mut(place)?;
        if !group.1.contains(value) {
            group.0 = group.0.plus(size(value));
            group.1.push(value.clone());
        }
    }
    Some(groups)
}

fn key(value: &Literal) -> Option<Key> {
    Some(match value {
        Literal::Null | Literal::Bool(false) => Key::Nothing,
        Literal::Bool(true) => Key::True,
        Literal::Number(n) => Key::Number(n.clone()),
        Literal::Text(t) => match t.trim() {
            "" => Key::Nothing,
            // Maybe an id, whose 15 and 18 characters are equal, maybe a word of that length, which is equal in any
            // case: the first 15 without case cover both.
            t if t.len() == 18 && t.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                Key::Text(t.chars().take(15).collect::<String>().to_lowercase())
            }
            // Maybe the values of a multi-select picklist, which are a set.
            t if t.contains(';') => {
                let lower = t.to_lowercase();
                let mut set: Vec<&str> = lower.split(';').map(str::trim).collect();
                set.sort_unstable();
                Key::Text(set.join(";"))
            }
            t => Key::Text(t.to_lowercase()),
        },
        Literal::Date(d) => Key::Text(d.to_string()),
        Literal::DateTime(t) => Key::Text(t.to_string()),
        Literal::Time(t) => Key::Text(t.to_string()),
        _ => return None,
    })
}
