//! `Rows` that ask for pages ahead: when, how far, and that nothing else changes.
use super::rows::{WITH_CHILDREN, child, composite, id, items, keyset, lost, page, parent, query, row};
use crate::fake::{Fake, run};
use futures_core::Stream;
use sf_core::{models::Account, *};
use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
};

fn taken(rows: &mut Rows<Account>) -> Poll<Option<String>> {
    let mut cx = Context::from_waker(Waker::noop());
    let row = Pin::new(rows).poll_next(&mut cx);
    row.map(|row| row.map(|row| row.map_or_else(|e| e.to_string(), |row| row.name.into_value().unwrap())))
}
fn ready(name: &str) -> Poll<Option<String>> {
    Poll::Ready(Some(name.to_owned()))
}
/// Three pages of two rows.
fn three_pages(fake: Fake) -> Fake {
    fake.answer(200, page(6, Some("01g-2"), &[row(1), row(2)]))
        .answer(200, page(6, Some("01g-4"), &[row(3), row(4)]))
        .answer(200, page(6, None, &[row(5), row(6)]))
}

#[test]
fn the_second_page_is_asked_for_when_the_second_row_is_taken() {
    let fake = three_pages(Fake::new().held());
    let mut rows = query(&fake, "x");
    assert_eq!((taken(&mut rows), fake.requests().len()), (Poll::Pending, 1));
    fake.release(0);
    assert_eq!((taken(&mut rows), fake.requests().len()), (ready("A1"), 1));
    assert_eq!((taken(&mut rows), fake.requests().len()), (ready("A2"), 2));
    assert_eq!((taken(&mut rows), fake.requests().len()), (Poll::Pending, 2));
    // Who reads on has the third page under way before a row of the second is there.
    fake.release(1);
    assert_eq!((taken(&mut rows), fake.requests().len()), (ready("A3"), 3));
    fake.release(2);
    for name in ["A4", "A5", "A6"] {
        assert_eq!(taken(&mut rows), ready(name));
    }
    assert_eq!((taken(&mut rows), fake.requests().len()), (Poll::Ready(None), 3));
}

#[test]
fn who_takes_one_row_or_has_one_page_makes_one_call() {
    let fake = three_pages(Fake::new());
    assert!(run(query(&fake, "x").first()).unwrap().is_some());
    assert_eq!(fake.requests().len(), 1);
    let fake = three_pages(Fake::new());
    let mut rows = query(&fake, "x");
    assert!(run(rows.try_next()).unwrap().is_some());
    drop(rows);
    assert_eq!(fake.requests().len(), 1);
    let fake = Fake::new().answer(200, page(2, None, &[row(1), row(2)]));
    assert_eq!(run(query(&fake, "SELECT Id FROM Account LIMIT 2").all()).unwrap().len(), 2);
    assert_eq!(fake.requests().len(), 1);
}

/// A call of the program could wait for the page ahead, and that for the program.
#[test]
fn nothing_is_read_ahead_where_the_transport_is_not_made_for_it() {
    let mut fake = Fake::new();
    fake.capabilities.reads_ahead = false;
    let fake = three_pages(fake);
    let mut rows = query(&fake, "x");
    assert_eq!((taken(&mut rows), taken(&mut rows)), (ready("A1"), ready("A2")));
    assert_eq!(fake.requests().len(), 1);
    let mut rows = query(&three_pages(fake.clone()), "x").with_prefetch(1);
    assert_eq!((taken(&mut rows), taken(&mut rows)), (ready("A3"), ready("A4")));
    assert_eq!(fake.requests().len(), 3, "asked for by name");
}

#[test]
fn no_more_pages_are_held_than_were_allowed() {
    for (allowed, asked) in [(0, [1, 1, 2, 2, 3, 3]), (1, [1, 2, 3, 3, 3, 3]), (2, [1, 3, 3, 3, 3, 3])] {
        let fake = three_pages(Fake::new());
        let mut rows = query(&fake, "x").with_prefetch(allowed);
        let mut counts = [0; 6];
        for (count, name) in counts.iter_mut().zip(["A1", "A2", "A3", "A4", "A5", "A6"]) {
            assert_eq!(taken(&mut rows), ready(name));
            *count = fake.requests().len();
        }
        assert_eq!(counts, asked, "{allowed} pages ahead");
        assert_eq!(taken(&mut rows), Poll::Ready(None));
    }
}

/// Nobody waits for the page that comes while rows are taken; it moves on all the same.
#[test]
fn what_is_under_way_moves_on_whenever_a_row_is_taken() {
    let first: Vec<String> = (1..=5).map(row).collect();
    let fake = Fake::new()
        .answer(200, page(7, Some("01g-5"), &first))
        .answer(200, page(7, Some("01g-6"), &[row(6)]))
        .answer(200, page(7, None, &[row(7)]))
        .held();
    let mut rows = query(&fake, "x").with_prefetch(2);
    fake.release(0);
    assert_eq!((taken(&mut rows), fake.requests().len()), (ready("A1"), 1));
    assert_eq!((taken(&mut rows), fake.requests().len()), (ready("A2"), 2));
    assert_eq!((taken(&mut rows), fake.requests().len()), (ready("A3"), 2));
    fake.release(1);
    assert_eq!((taken(&mut rows), fake.requests().len()), (ready("A4"), 3));
    fake.release(2);
    for name in ["A5", "A6", "A7"] {
        assert_eq!(taken(&mut rows), ready(name));
    }
    assert_eq!(taken(&mut rows), Poll::Ready(None));
}

#[test]
fn an_error_ahead_comes_after_the_rows_before_it() {
    let three = [row(1), row(2), row(3)];
    let fake = Fake::new().answer(200, page(5, Some("01g-3"), &three)).lose_answer();
    let mut rows = query(&fake, "x");
    assert_eq!((taken(&mut rows), taken(&mut rows)), (ready("A1"), ready("A2")));
    assert_eq!(fake.requests().len(), 2, "the answer is lost by now");
    assert_eq!((taken(&mut rows), taken(&mut rows)), (ready("A3"), ready("no answer in 30 s")));
    assert_eq!(taken(&mut rows), Poll::Ready(None));
}

#[test]
fn a_cursor_lost_ahead_goes_on_after_the_row_handed_out_last() {
    let three = [row(1), row(2), row(3)];
    for ahead in 0..4 {
        let fake = lost(Fake::new().answer(200, page(5, Some("01g-3"), &three)))
            .answer(200, page(2, Some("01h-1"), &[row(4)]))
            .answer(200, page(2, None, &[row(5)]));
        let rows = Org::new(fake.transport()).query(keyset().typed::<Account>()).with_prefetch(ahead);
        assert_eq!(items(rows), ["A1", "A2", "A3", "A4", "A5"]);
        assert!(fake.requests()[2].query[0].1.contains(&format!("Id > '{}'", id(3))), "{:?}", fake.lines());
    }
}

/// The first page's children are lost when the page after it is here already.
#[test]
fn what_was_read_ahead_is_dropped_when_the_query_goes_back() {
    let first = [parent(1, "null"), parent(2, "null"), parent(3, &page(2, Some("c3-1"), &[child(7)]))];
    let second = [
        parent(4, &page(2, Some("c4-1"), &[child(1)])),
        parent(5, "null"),
        parent(6, &page(2, Some("c6-1"), &[child(3)])),
    ];
    let third = [parent(7, "null")];
    let mut fake = Fake::new();
    // One set of children a call: the rows of a page come in parts.
    fake.capabilities.queries_per_call = 1;
    let whole = |n| page(2, None, &[child(n)]);
    let fake = fake
        .answer(200, page(7, Some("01g-3"), &first))
        .answer(200, whole(8))
        .answer(200, page(7, Some("01g-6"), &second))
        .answer(200, whole(2))
        .answer(200, page(7, None, &third));
    let fake = lost(fake)
        .answer(200, page(2, None, &[parent(6, &page(2, None, &[child(3), child(4)])), parent(7, "null")]));
    let form = KeysetForm::new(Keyset::Id, "SELECT Id FROM Account WHERE ", " ORDER BY Id");
    let soql = Soql::built(WITH_CHILDREN, true, Some(form));
    let rows = run(Org::new(fake.transport()).query(soql.typed::<Account>()).all()).unwrap();
    let ids: Vec<SfId> = rows.iter().map(|row| row.id.value().copied().unwrap()).collect();
    assert_eq!(ids, (1..=7).map(id).collect::<Vec<_>>(), "{:#?}", fake.lines());
    let children: Vec<usize> =
        rows.iter().map(|row| row.children(Account::OPPORTUNITIES).unwrap().rows.len()).collect();
    assert_eq!(children, [0, 0, 2, 2, 0, 2, 0]);
    assert!(fake.lines()[4].contains("01g-6"), "the third page was read ahead: {:#?}", fake.lines());
}

#[test]
fn cut_children_are_completed_whatever_is_read_ahead() {
    let cut = |n, cursor: &str| parent(n, &page(2, Some(cursor), &[child(n * 10)]));
    for ahead in 0..3 {
        let fake = Fake::new()
            .answer(200, page(3, Some("01g-1"), &[cut(1, "c1"), cut(2, "c2")]))
            .answer(200, composite(&[page(2, None, &[child(11)]), page(2, None, &[child(21)])]))
            .answer(200, page(3, None, &[cut(3, "c3")]))
            .answer(200, page(2, None, &[child(31)]));
        let rows = run(query(&fake, WITH_CHILDREN).with_prefetch(ahead).all()).unwrap();
        let names: Vec<String> = rows
            .iter()
            .flat_map(|row| row.children(Account::OPPORTUNITIES).unwrap())
            .map(|deal| deal.name.into_value().unwrap())
            .collect();
        assert_eq!(names, ["D10", "D11", "D20", "D21", "D30", "D31"]);
    }
}
