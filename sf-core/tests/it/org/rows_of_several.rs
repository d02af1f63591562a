//! `Rows` of several statements, and of one by ranges of ids.
use super::rows::{composite, id, items, lost, page, row};
use crate::fake::{Fake, run};
use sf_core::{models::Account, *};

fn statements(count: usize) -> Vec<Typed<Account>> {
    (1..=count).map(|n| Soql::raw(format!("SELECT Name FROM A{n}")).typed()).collect()
}
fn keyset_of(object: &str) -> Typed<Account> {
    let text = format!("SELECT Id FROM {object}");
    let form = KeysetForm::new(Keyset::Id, format!("{text} WHERE "), " ORDER BY Id");
    Soql::built(format!("{text} ORDER BY Id"), false, Some(form)).typed()
}
/// What the parts of a composite call ask for.
fn parts(fake: &Fake, request: usize) -> Vec<String> {
    let body = fake.body(request);
    let parts = body["compositeRequest"].as_array().unwrap().iter();
    let url = |part: &serde_json::Value| {
        part["url"].as_str().unwrap().rsplit(['/', '=']).next().unwrap().to_owned()
    };
    parts.map(url).collect()
}

#[test]
fn several_statements_share_calls_with_their_next_pages() {
    let whole = |n| page(1, None, &[row(n)]);
    let fake = Fake::new()
        .answer(200, composite(&[page(2, Some("01a"), &[row(1)]), whole(2), whole(3), whole(4), whole(5)]))
        .answer(200, composite(&[page(2, None, &[row(10)]), whole(6), whole(7)]));
    let rows = Org::new(fake.transport()).query_all_of(statements(7));
    assert_eq!(items(rows), ["A1", "A2", "A3", "A4", "A5", "A10", "A6", "A7"]);
    assert_eq!(parts(&fake, 1), ["01a", "SELECT%20Name%20FROM%20A6", "SELECT%20Name%20FROM%20A7"]);
}

#[test]
fn no_statements_are_no_rows_and_one_that_cannot_be_written_is_the_only_item() {
    struct Broken;
    impl IntoQuery for Broken {
        type Row = Account;
        fn into_soql(self) -> Result<Soql> {
            Err(Failure::invalid_input("the list of IN is empty").into())
        }
    }
    let fake = Fake::new();
    let org = Org::new(fake.transport());
    assert!(run(org.query_all_of(statements(0)).all()).unwrap().is_empty());
    assert_eq!(items(org.query_all_of([Broken])), ["the list of IN is empty"]);
    assert!(fake.requests().is_empty());
}

#[test]
fn one_refused_statement_ends_the_rows_after_those_before_it() {
    let refused = r#"[{"errorCode":"INVALID_TYPE","message":"m"}]"#;
    let body = composite(&[page(1, None, &[row(1)]), refused.to_owned()]).replace(
        r#""httpStatusCode":200,"referenceId":"part1""#,
        r#""httpStatusCode":400,"referenceId":"part1""#,
    );
    let fake = Fake::new().answer(200, body);
    assert_eq!(items(Org::new(fake.transport()).query_all_of(statements(2))), ["A1", "INVALID_TYPE: m"]);
    // A call that fails as a whole is one error.
    let fake = Fake::new().lose_answer();
    assert_eq!(items(Org::new(fake.transport()).query_all_of(statements(2))), ["no answer in 30 s"]);
}

#[test]
fn each_statement_goes_on_after_its_own_last_row() {
    let fake = Fake::new()
        .answer(200, composite(&[page(2, Some("01a"), &[row(1)]), page(2, Some("01b"), &[row(11)])]))
        .answer(
            200,
            composite(&[
                page(2, None, &[row(2)]),
                r#"[{"errorCode":"INVALID_QUERY_LOCATOR","message":"gone"}]"#.to_owned(),
            ])
            .replace(
                r#""httpStatusCode":200,"referenceId":"part1""#,
                r#""httpStatusCode":400,"referenceId":"part1""#,
            ),
        )
        .answer(200, page(1, None, &[row(12)]));
    let rows = Org::new(fake.transport()).query_all_of([keyset_of("A"), keyset_of("B")]);
    assert_eq!(items(rows), ["A1", "A11", "A2", "A12"]);
    let rest = &fake.requests()[2].query[0].1;
    assert_eq!(*rest, format!("SELECT Id FROM B WHERE Id > '{}' ORDER BY Id", id(11)));
}

#[test]
fn a_statement_without_a_keyset_is_not_read_in_parallel() {
    let fake = Fake::new();
    let org = Org::new(fake.transport());
    let rows = org.query(Soql::raw("SELECT Id FROM Account ORDER BY Id").typed::<Account>()).with_parallel(4);
    let error = run(rows.all()).unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent));
    assert!(error.help().to_string().contains("order it by Id alone"), "{}", error.help());
    assert!(fake.requests().is_empty());
}

#[test]
fn several_statements_are_read_in_parallel_without_a_keyset() {
    let whole = |n| page(1, None, &[row(n)]);
    let fake = Fake::new()
        .held()
        .answer(200, whole(1))
        .answer(200, whole(2))
        .answer(200, whole(3))
        .answer(200, whole(4));
    let mut rows = Org::new(fake.transport()).query_all_of(statements(4)).with_parallel(3);
    fake.release(0);
    assert!(run(rows.try_next()).unwrap().is_some());
    assert_eq!(fake.requests().len(), 1);
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(futures_core::Stream::poll_next(std::pin::Pin::new(&mut rows), &mut cx).is_pending());
    [1, 2, 3].iter().for_each(|n| fake.release(*n));
    assert_eq!(items(rows).len(), 3);
}

fn with_last() -> Typed<Account> {
    let form = KeysetForm::new(Keyset::Id, "SELECT Id FROM A WHERE ", " ORDER BY Id")
        .with_last("SELECT Id FROM A ORDER BY Id DESC LIMIT 1");
    Soql::built("SELECT Id FROM A ORDER BY Id", false, Some(form)).typed()
}

/// The greatest id comes with the first page; the rest is cut by the rows that are left.
#[test]
fn a_large_result_is_cut_by_how_its_ids_lie() {
    let rows = |ids: std::ops::Range<u32>| ids.map(row).collect::<Vec<_>>();
    let greatest = |n| page(99, None, &[row(n)]);
    let fake = Fake::new()
        .answer(200, composite(&[page(16, Some("01g-2"), &rows(0..4)), greatest(15)]))
        .answer(200, page(6, None, &rows(4..10)))
        .answer(200, page(6, None, &rows(10..16)));
    assert_eq!(items(Org::new(fake.transport()).query(with_last()).with_parallel(4)).len(), 16);
    let statements: Vec<String> =
        fake.requests()[1..].iter().map(|request| request.query[0].1.clone()).collect();
    let (last, cut) = (id(3), id(9));
    assert_eq!(
        statements,
        [
            format!("SELECT Id FROM A WHERE Id > '{last}' AND Id <= '{cut}' ORDER BY Id"),
            // Open at its end: rows that are created meanwhile have greater ids.
            format!("SELECT Id FROM A WHERE Id > '{cut}' ORDER BY Id"),
        ]
    );
    // What is a page or little more is not cut.
    let fake = Fake::new()
        .answer(200, composite(&[page(8, Some("01g-2"), &rows(0..4)), greatest(7)]))
        .answer(200, page(8, None, &rows(4..8)));
    assert_eq!(items(Org::new(fake.transport()).query(with_last()).with_parallel(4)).len(), 8);
    assert!(fake.lines()[1].ends_with("01g-2"), "{:?}", fake.lines());
}

#[test]
fn a_total_beyond_measure_is_only_a_number() {
    let rows: Vec<String> = (0..4).map(row).collect();
    let first = page(16, Some("01g-2"), &rows).replace(":16,", ":18446744073709551615,");
    let fake = Fake::new()
        .answer(200, composite(&[first, page(99, None, &[row(15)])]))
        .answer(200, page(0, None, &[]))
        .answer(200, page(0, None, &[]));
    assert_eq!(items(Org::new(fake.transport()).query(with_last()).with_parallel(2)).len(), 4);
}

#[test]
fn a_lost_cursor_of_a_range_goes_on_within_it_once() {
    let one = |n| page(9, None, &[row(n)]);
    let first = composite(&[page(2, Some("01g-1"), &[row(1)]), one(3)]);
    let soql = with_last();
    let fake = lost(Fake::new().answer(200, first.clone())).answer(200, page(1, None, &[row(2)]));
    assert_eq!(items(Org::new(fake.transport()).query(soql.clone()).with_parallel(2)), ["A1", "A2"]);
    assert!(fake.lines()[2].contains("Id%20%3E%20%27001000000000001AAA%27"), "{:?}", fake.lines());
    let fake = lost(lost(Fake::new().answer(200, first)));
    let rows = Org::new(fake.transport()).query(soql).with_parallel(2);
    assert_eq!(items(rows), ["A1", "INVALID_QUERY_LOCATOR: invalid query locator"]);
}

/// An org that orders ids in another way than their text would give rows twice: better an error.
#[test]
fn rows_of_another_range_are_an_error() {
    let form = KeysetForm::new(Keyset::Id, "SELECT Id FROM A WHERE ", " ORDER BY Id");
    let soql = Soql::built("SELECT Id FROM A ORDER BY Id", false, Some(form)).typed::<Account>();
    let fake = Fake::new()
        .answer(200, page(3, Some("01g-1"), &[row(5), row(6)]))
        .answer(200, page(3, None, &[row(2)]));
    assert_eq!(
        items(Org::new(fake.transport()).query(soql).with_parallel(2)),
        ["A5", "A6", "the org gave rows of another range of ids than was asked for"]
    );
}
