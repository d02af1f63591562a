use super::{Size, size, written};
use crate::{Literal, Operand};
use sf_core::{Number, SfId};
use std::collections::{BTreeMap, BTreeSet};

/// Values that the org may take for equal.
pub(super) struct Group {
    pub(super) size: Size,
    pub(super) values: Vec<Literal>,
}

/// In the order of their first value.
pub(super) type Groups = Vec<Group>;

/// What the org may take for equal has one key.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// `null`, the empty text and `FALSE` all match a field without value.
    Nothing,
    True,
    Number(Number),
    Text(String),
    Id(SfId),
    /// Whole seconds: the org keeps no more of a standard date-time.
    Seconds(i64),
}

/// The values by key, none twice. `None` when values of different keys may overlap.
pub(super) fn groups(left: &Operand, values: &[Literal]) -> Option<Groups> {
    let ids = are_ids(left, values);
    let mut places: BTreeMap<Key, usize> = BTreeMap::new();
    let mut groups: Groups = Vec::new();
    let mut seen = BTreeSet::new();
    for value in values {
        let text = written(value);
        let size = size(&text);
        let place = *places.entry(key(value, &text, ids)?).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Group { size: Size::default(), values: Vec::new() });
        }
        let group = groups.get_mut(place)?;
        if seen.insert(text) {
            group.size = group.size.plus(size);
            group.values.push(value.clone());
        }
    }
    Some(groups)
}

/// Whether the values are ids for sure, which are compared with case. A field of another name may hold text.
fn are_ids(left: &Operand, values: &[Literal]) -> bool {
    let is_id = |path: &sf_core::FieldPath| {
        path.as_str().rsplit('.').next().is_some_and(|name| name.eq_ignore_ascii_case("Id"))
    };
    left.as_field().is_some_and(is_id)
        && values.iter().all(|value| matches!(value, Literal::Text(text) if SfId::new(text).is_ok()))
}

fn key(value: &Literal, written: &str, ids: bool) -> Option<Key> {
    Some(match value {
        Literal::Null | Literal::Bool(false) => Key::Nothing,
        Literal::Bool(true) => Key::True,
        Literal::Number(n) => Key::Number(n.clone()),
        Literal::Text(text) => match SfId::new(text) {
            Ok(id) if ids => Key::Id(id),
            _ => text_key(text),
        },
        Literal::DateTime(t) => Key::Seconds(t.utc().timestamp()),
        // As written: finer than milliseconds is not.
        Literal::Date(_) | Literal::Time(_) => Key::Text(written.to_owned()),
        _ => return None,
    })
}

fn text_key(text: &str) -> Key {
    // Maybe the values of a multi-select picklist, which are a set.
    let set: BTreeSet<String> = text.split(';').map(word).filter(|word| !word.is_empty()).collect();
    let mut set = set.into_iter();
    match (set.next(), set.next()) {
        (None, _) => Key::Nothing,
        (Some(one), None) => Key::Text(one),
        (Some(one), Some(two)) => Key::Text([one, two].into_iter().chain(set).collect::<Vec<_>>().join(";")),
    }
}

fn word(word: &str) -> String {
    let word = word.trim();
    // Maybe an id, whose 15 and 18 characters are equal, maybe a word of that length, which is equal in any case: the
    // first 15 without case cover both.
    if word.len() == 18 && word.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return word.chars().take(15).map(|c| c.to_ascii_lowercase()).collect();
    }
    // Each character by itself (the small form of a sigma depends on its neighbours), and in large letters first: ß and
    // SS, ſ and S have one large form, not one small one.
    word.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}
