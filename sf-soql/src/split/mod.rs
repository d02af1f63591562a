//! Queries with long IN lists, cut into pieces.

mod groups;

use crate::{Condition, Leaf, Literal, Problem, Problems, Query, Statement, limits, write};
use groups::{Groups, groups};

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

    /// At most so many values in a list (one at least), also in those that cannot be cut: a longer NOT IN, INCLUDES or list of a
    /// subquery is a problem.
    #[must_use]
    pub fn values(mut self, values: usize) -> SplitBudget {
        self.values = values.max(1);
        self
    }

    fn size(&self) -> Size {
        Size { characters: self.characters, url_bytes: self.url_bytes }
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

    fn max(self, other: Size) -> Size {
        Size {
            characters: self.characters.max(other.characters),
            url_bytes: self.url_bytes.max(other.url_bytes),
        }
    }

    fn minus(self, other: Size) -> Size {
        Size {
            characters: self.characters.saturating_sub(other.characters),
            url_bytes: self.url_bytes.saturating_sub(other.url_bytes),
        }
    }
}

impl<T> Query<T> {
    /// Several queries whose rows together are the rows of this one, none twice: long IN lists are cut into
    /// pieces. A query within the budget comes back alone.
    ///
    /// [`Org::query_all_of`](sf_core::Org::query_all_of) reads the pieces as one:
    /// `org.query_all_of(query.split_in(&SplitBudget::default())?)`.
    ///
    /// Values that the org may take for equal stay in one piece, in the order of the list: other case, 15 and 18
    /// characters of an id, the same set of a multi-select picklist, moments of one second. Every piece keeps its
    /// ORDER BY; the order of the whole is by piece, so merge the rows where that matters.
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
    /// What [`to_soql`](Query::to_soql) refuses (but the length). When it is beyond the budget and cannot be cut
    /// without a change of meaning: aggregates, GROUP BY, LIMIT or OFFSET; no IN list that all rows must be in (below
    /// OR or NOT, or NOT IN); a list of date literals or currencies, which may overlap; more values that must stay
    /// together than a list may have. When the rest of the statement is too long by itself.
    pub fn split_in(&self, budget: &SplitBudget) -> Result<Vec<Query<T>>, Problems> {
        let text = write::statement_of_any_length(self.statement())?;
        if Size::of(&text).within(budget.size())
            && each_list(self.statement()).all(|l| l.values <= budget.values)
        {
            return Ok(vec![self.clone()]);
        }
        let refused = |problem| Problems::one(text.chars().take(200).collect::<String>(), problem);
        let statement = self.statement().clone().normalized();
        let cuts = cuts(&statement, budget).map_err(refused)?;
        Ok(pieces(statement, &cuts).into_iter().map(|piece| self.with_statement(piece)).collect())
    }
}

/// A list of values anywhere in a statement.
struct AnyList<'s> {
    condition: &'s Condition,
    values: usize,
}

fn each_list(statement: &Statement) -> impl Iterator<Item = AnyList<'_>> {
    let mut lists = Vec::new();
    statement.each_leaf(&mut |leaf| {
        if let Leaf::Operator(
            condition @ (Condition::In { list, .. } | Condition::Includes { sets: list, .. }),
        ) = leaf
        {
            lists.push(AnyList { condition, values: list.len() });
        }
    });
    lists.into_iter()
}

/// An IN list that every row must be in, of groups that may come into pieces of their own.
struct Cuttable {
    /// Among the ANDed conditions.
    place: usize,
    groups: Groups,
    /// As it stands in the statement, where values may stand twice.
    size: Size,
    all: Size,
    largest: Size,
}

impl Cuttable {
    /// Of `None`, the values may overlap.
    fn new(place: usize, left: &crate::Operand, list: &[Literal]) -> Option<Cuttable> {
        let groups = groups(left, list)?;
        let largest = groups.iter().fold(Size::default(), |largest, group| largest.max(group.size));
        let size = list.iter().map(|value| size(&written(value))).fold(Size::default(), Size::plus);
        let all = groups.iter().map(|group| group.size).fold(Size::default(), Size::plus);
        Some(Cuttable { place, groups, size, all, largest })
    }

    /// The groups in pieces that have this room.
    fn within(&self, room: Size, values: usize) -> Vec<Vec<Literal>> {
        let mut pieces: Vec<(Size, Vec<Literal>)> = Vec::new();
        for group in &self.groups {
            let new = group.values.iter().cloned();
            match pieces.last_mut() {
                Some((filled, list))
                    if filled.plus(group.size).within(room) && list.len() + group.values.len() <= values =>
                {
                    *filled = filled.plus(group.size);
                    list.extend(new);
                }
                _ => pieces.push((group.size, new.collect())),
            }
        }
        pieces.into_iter().map(|(_, list)| list).collect()
    }
}

/// The pieces of one list.
struct Cut {
    place: usize,
    lists: Vec<Vec<Literal>>,
}

/// Whether the rows of pieces are the rows of the whole.
fn are_rows(statement: &Statement) -> Result<(), Problem> {
    if statement.is_count() || statement.is_aggregate() {
        return Err(Problem::new(
            "a query that counts or groups cannot be split",
            "each piece would have its own groups; shorten the list, or group the rows yourself",
        ));
    }
    if statement.limit.is_some() || statement.offset.is_some() {
        return Err(Problem::new(
            "a query with LIMIT or OFFSET cannot be split",
            "each piece would count its own rows; leave LIMIT and OFFSET out",
        ));
    }
    Ok(())
}

fn cuts(statement: &Statement, budget: &SplitBudget) -> Result<Vec<Cut>, Problem> {
    are_rows(statement)?;
    let mut overlapping = false;
    let mut cuttable = Vec::new();
    for (place, condition) in conjuncts(statement).iter().enumerate() {
        if let Condition::In { left, not: false, list } = condition {
            match Cuttable::new(place, left, list) {
                Some(list) => cuttable.push(list),
                None if list.len() > budget.values => return Err(overlap()),
                None => overlapping = true,
            }
        }
    }
    let is_cut = |list: &AnyList<'_>| {
        let own = cuttable.iter().filter_map(|cut| conjuncts(statement).get(cut.place));
        own.into_iter().any(|own| std::ptr::eq(own, list.condition))
    };
    if let Some(list) = each_list(statement).find(|list| list.values > budget.values && !is_cut(list)) {
        return Err(Problem::new(format!("a list of {} values cannot be split", list.values), ONLY_IN));
    }
    let groups = || cuttable.iter().flat_map(|list| &list.groups);
    if let Some(group) = groups().find(|group| group.values.len() > budget.values) {
        return Err(together(group.values.len()));
    }
    let whole = Size::of(&write::statement_of_any_length(statement).unwrap_or_default());
    let rest = whole.minus(cuttable.iter().map(|list| list.size).fold(Size::default(), Size::plus));
    let least = cuttable.iter().map(|list| list.largest).fold(rest, Size::plus);
    if !least.within(budget.size()) {
        let single = |list: &Cuttable| {
            let sizes = list.groups.iter().flat_map(|group| &group.values).map(|value| size(&written(value)));
            sizes.fold(Size::default(), Size::max)
        };
        let fits_alone = cuttable.iter().map(single).fold(rest, Size::plus).within(budget.size());
        return Err(match groups().map(|group| group.values.len()).max() {
            Some(values) if fits_alone => together(values),
            Some(_) => Problem::new(
                "the statement is too long even with one value in its list",
                "select fewer fields or shorten the other conditions",
            ),
            None if overlapping => overlap(),
            None => Problem::new("the statement is too long and has no list that can be split", ONLY_IN),
        });
    }
    let slack = budget.size().minus(least);
    let needs =
        |of: fn(Size) -> usize| cuttable.iter().map(|l| of(l.all.minus(l.largest))).collect::<Vec<_>>();
    let characters = shares(slack.characters, &needs(|size| size.characters));
    let url_bytes = shares(slack.url_bytes, &needs(|size| size.url_bytes));
    let rooms = characters.into_iter().zip(url_bytes);
    Ok(cuttable
        .iter()
        .zip(rooms)
        .map(|(list, (characters, url_bytes))| {
            let room = list.largest.plus(Size { characters, url_bytes });
            Cut { place: list.place, lists: list.within(room, budget.values) }
        })
        .collect())
}

const ONLY_IN: &str = "only an IN list that every row must be in can be: not NOT IN, not INCLUDES, not below OR or NOT, \
                       not in a subquery";

fn together(values: usize) -> Problem {
    Problem::new(
        format!("{values} values of a list must stay together"),
        "the org may take them for equal, so a row could come in two pieces: leave those out that say the same",
    )
}

fn overlap() -> Problem {
    Problem::new(
        "a list of date literals or currencies cannot be split",
        "a row could match in two pieces; split the list yourself",
    )
}

/// What each gets of something scarce: those who need less than an equal share all that they need, the others as much as
/// is left for each. So short lists stay whole and the longest are cut.
fn shares(scarce: usize, needs: &[usize]) -> Vec<usize> {
    let mut by_need: Vec<usize> = (0..needs.len()).collect();
    by_need.sort_by_key(|i| needs[*i]);
    let mut left = scarce;
    let mut shares = vec![0; needs.len()];
    for (done, i) in by_need.into_iter().enumerate() {
        shares[i] = needs[i].min(left / (needs.len() - done));
        left -= shares[i];
    }
    shares
}

/// The statement with every combination of the lists.
fn pieces(mut statement: Statement, cuts: &[Cut]) -> Vec<Statement> {
    // The lists are taken out, so that not each piece begins as a copy of all values.
    cuts.iter().for_each(|cut| set_list(&mut statement, cut.place, Vec::new()));
    cuts.iter().fold(vec![statement], |pieces, cut| {
        let with = |piece: &Statement, list: &Vec<Literal>| {
            let mut piece = piece.clone();
            set_list(&mut piece, cut.place, list.clone());
            piece
        };
        pieces.iter().flat_map(|piece| cut.lists.iter().map(move |list| with(piece, list))).collect()
    })
}

fn set_list(statement: &mut Statement, place: usize, values: Vec<Literal>) {
    let conjunct = match &mut statement.filter {
        Some(Condition::And(parts)) => parts.get_mut(place),
        other => other.as_mut(),
    };
    if let Some(Condition::In { list, .. }) = conjunct {
        *list = values;
    }
}

fn conjuncts(statement: &Statement) -> &[Condition] {
    match &statement.filter {
        Some(Condition::And(parts)) => parts,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}

fn written(value: &Literal) -> String {
    write::literal_of_list(value).unwrap_or_else(|problems| problems.statement().to_owned())
}

/// Of a value and the comma and blank behind it.
fn size(written: &str) -> Size {
    Size::of(written).plus(Size { characters: 2, url_bytes: 6 })
}
