//! Queries that can go on after any of their rows.

use crate::{FieldSet, Item, Operand, Order, Statement, limits, write};
use sf_core::{Keyset, KeysetForm};

/// At least the characters of `Id > '…' AND Id <= '…' AND (SystemModstamp > … OR (SystemModstamp = … AND Id > '…'))`.
const LONGEST_CONDITION: usize = 200;

/// The form to go on with, when the rows are ordered by Id or by SystemModstamp and Id, carry these columns, and
/// are not counted by LIMIT or OFFSET.
pub(super) fn form(s: &Statement) -> Option<KeysetForm> {
    let keyset = match s.order.as_slice() {
        [id] if ascending(id, "Id") => Keyset::Id,
        [stamp, id] if ascending(stamp, "SystemModstamp") && ascending(id, "Id") => Keyset::SystemModstampId,
        _ => return None,
    };
    let has_stamp = keyset == Keyset::Id || selects(s, "SystemModstamp");
    if s.limit.is_some() || s.offset.is_some() || s.is_aggregate() || !selects(s, "Id") || !has_stamp {
        return None;
    }
    let (text, place) = write::without_filter(s).ok()?;
    let (start, tail) = text.split_at_checked(place)?;
    let mut head = format!("{start} WHERE ");
    if let Some(filter) = &s.filter {
        head.push_str(&write::condition_beside_and(filter).ok()?);
        head.push_str(" AND ");
    }
    if limits::characters(&head) + limits::characters(tail) + LONGEST_CONDITION > limits::STATEMENT_CHARACTERS
    {
        return None;
    }
    let form = KeysetForm::new(keyset, head, tail);
    Some(match last(s) {
        Some(last) => form.with_last(last),
        None => form,
    })
}

/// The statement for the greatest id of the same rows.
fn last(s: &Statement) -> Option<String> {
    let id = s.order.last()?.by().as_field()?.clone();
    let mut last = s.clone();
    last.items = vec![Item::from(id.clone())];
    last.order = vec![Order::new(id).descending()];
    last.limit = Some(1.into());
    last.purposes.clear();
    last.update.clear();
    last.to_soql().ok()
}

fn is(operand: &Operand, name: &str) -> bool {
    operand.as_field().is_some_and(|path| path.as_str().eq_ignore_ascii_case(name))
}

fn ascending(order: &Order, name: &str) -> bool {
    !order.is_descending() && is(order.by(), name)
}

fn selects(s: &Statement, name: &str) -> bool {
    s.items.iter().any(|item| match item {
        Item::Value { value, alias: None } => is(value, name),
        Item::Fields(FieldSet::All | FieldSet::Standard) => true,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use crate::{Query, Statement};
    use sf_core::{Keyset, SfId, Timestamp};

    fn after(text: &str) -> Option<String> {
        let soql = Query::<sf_core::Record>::on(Statement::parse(text).unwrap()).to_soql().unwrap();
        let id = SfId::new("001000000000001AAA").unwrap();
        let rest = soql.after(id, Timestamp::from_millis(0)).map(|s| s.as_str().to_owned());
        assert_eq!(rest.is_some(), soql.keyset().is_some());
        if let Some(rest) = &rest {
            Statement::parse(rest).unwrap();
        }
        rest
    }

    #[test]
    fn a_query_ordered_by_its_key_goes_on_after_a_row() {
        assert_eq!(
            after("SELECT Id FROM A WHERE a = 1 OR b = 2 WITH USER_MODE ORDER BY Id").unwrap(),
            "SELECT Id FROM A WHERE (a = 1 OR b = 2) AND Id > '001000000000001AAA' WITH USER_MODE ORDER BY Id"
        );
        assert_eq!(
            after("SELECT Id, SystemModstamp, (SELECT Id FROM Bs WHERE c = 1) FROM A ORDER BY SystemModstamp, Id").unwrap(),
            "SELECT Id, SystemModstamp, (SELECT Id FROM Bs WHERE c = 1) FROM A WHERE \
             (SystemModstamp > 1970-01-01T00:00:00.000Z OR \
             (SystemModstamp = 1970-01-01T00:00:00.000Z AND Id > '001000000000001AAA')) ORDER BY SystemModstamp, Id"
        );
    }

    #[test]
    fn the_condition_stands_between_the_clauses_around_where() {
        for (text, rest) in [
            (
                "SELECT Id FROM Contact c, c.Account a USING SCOPE mine ORDER BY Id",
                "SELECT Id FROM Contact c, c.Account a USING SCOPE mine WHERE Id > '001000000000001AAA' ORDER BY Id",
            ),
            (
                "SELECT Id FROM A a WHERE NOT a.b = 1 WITH c = 'd' ORDER BY Id NULLS LAST FOR VIEW",
                "SELECT Id FROM A a WHERE (NOT a.b = 1) AND Id > '001000000000001AAA' WITH c = 'd' ORDER BY Id NULLS LAST FOR VIEW",
            ),
            (
                "SELECT FIELDS(STANDARD) FROM A WITH DATA CATEGORY G AT C ORDER BY Id UPDATE TRACKING",
                "SELECT FIELDS(STANDARD) FROM A WHERE Id > '001000000000001AAA' WITH DATA CATEGORY G AT C ORDER BY Id UPDATE TRACKING",
            ),
            (
                "SELECT Id, TYPEOF W WHEN B THEN C END, (SELECT Id FROM A.Bs WHERE b = ' WHERE ' WITH c = 'd') FROM A \
                 WHERE b = ' WHERE ' AND c IN (SELECT d FROM E WHERE f = 1 WITH g = 'h') ORDER BY Id",
                "SELECT Id, TYPEOF W WHEN B THEN C END, (SELECT Id FROM A.Bs WHERE b = ' WHERE ' WITH c = 'd') FROM A \
                 WHERE b = ' WHERE ' AND c IN (SELECT d FROM E WHERE f = 1 WITH g = 'h') AND Id > '001000000000001AAA' ORDER BY Id",
            ),
        ] {
            assert_eq!(after(text).as_deref(), Some(rest));
        }
    }

    #[test]
    fn a_query_that_would_grow_too_long_cannot_go_on() {
        let text = |length: usize| {
            let names = vec![format!("'{}'", "x".repeat(3995)); 24].join(", ");
            let start = format!("SELECT Id FROM A WHERE b IN ({names}) AND c = '");
            let rest = "' ORDER BY Id";
            format!("{start}{}{rest}", "y".repeat(length - start.len() - rest.len()))
        };
        assert!(after(&text(99_700)).is_some());
        assert_eq!(after(&text(99_990)), None);
    }

    #[test]
    fn a_query_that_cannot_go_on_says_so() {
        for text in [
            "SELECT Id FROM A",
            "SELECT Id FROM A ORDER BY Id DESC",
            "SELECT Id FROM A ORDER BY Name, Id",
            "SELECT Id, SystemModstamp FROM A ORDER BY SystemModstamp DESC, Id",
            "SELECT Id, SystemModstamp FROM A ORDER BY SystemModstamp, Id DESC",
            "SELECT Id x FROM A ORDER BY Id",
            "SELECT Id, SystemModstamp x FROM A ORDER BY SystemModstamp, Id",
            "SELECT Id FROM A ORDER BY Id LIMIT 5",
            "SELECT Id FROM A ORDER BY Id OFFSET 5",
            "SELECT Name FROM A ORDER BY Id",
            "SELECT Id FROM A ORDER BY SystemModstamp, Id",
            "SELECT Id FROM A GROUP BY Id ORDER BY Id",
        ] {
            assert_eq!(after(text), None, "{text}");
        }
    }

    #[test]
    fn the_kind_of_key_is_known() {
        let soql = Query::parse("SELECT Id FROM A ORDER BY Id").unwrap().to_soql().unwrap();
        assert_eq!((soql.keyset(), soql.has_children()), (Some(Keyset::Id), Some(false)));
        assert_eq!(sf_core::Soql::raw(soql.as_str()).keyset(), None);
    }
}
