//! Pages of every shape, whole and broken.
use proptest::prelude::*;
use sf_core::{Page, Record, models::Account};
use std::sync::Arc;

const PAGE: &str = r#"{"totalSize":2,"done":true,"records":[{"attributes":{"type":"Account"},"Name":"A","Id":"001000000000001AAA"},{"attributes":{"type":"Account"},"Name":"Bé"}]}"#;

#[test]
fn pages_that_share_a_text_are_the_same_as_pages_of_their_own() {
    let text = Arc::new(format!("[{PAGE},{PAGE}]"));
    let second = PAGE.len() + 2;
    let page = Page::within(text.clone(), second..second + PAGE.len()).unwrap();
    assert_eq!(page, Page::new(PAGE).unwrap());
    assert_eq!(page.decode::<Account>().unwrap().len(), 2);
    // Journaled and read again, without the text of its neighbour.
    let journal = serde_json::to_string(&page).unwrap();
    assert!(journal.len() < 2 * PAGE.len());
    let read: Page = serde_json::from_str(&journal).unwrap();
    assert_eq!((read.total(), read.decode::<Record>().unwrap()), (2, page.decode::<Record>().unwrap()));
}

#[test]
fn the_head_is_found_wherever_it_stands() {
    let late =
        r#"{"records":[{}],"extra":[1,{"records":2}],"nextRecordsUrl":"/n","totalSize":9,"done":false}"#;
    let page = Page::new(late).unwrap();
    assert_eq!((page.total(), page.next().map(|next| next.as_str())), (9, Some("/n")));
    assert_eq!(page.rows().unwrap().len(), 1);
}

#[test]
fn what_is_no_page_is_refused() {
    for text in ["", "null", "7", "{}", r#"{"totalSize":1}"#, r#"{"totalSize":"x","records":[]}"#, "<html>"] {
        assert!(Page::new(text).is_err(), "{text}");
    }
    let text = Arc::new("é[]".to_owned());
    for (start, end) in [(1, 4), (0, 9), (3, 2)] {
        assert!(Page::within(text.clone(), start..end).is_err());
    }
    assert!(Page::from_utf8(vec![b'[', 0xff, b']']).is_err());
    assert!(serde_json::from_str::<Page>(r#""{""#).is_err());
}

#[test]
fn a_result_that_is_not_done_and_does_not_go_on_is_an_error_not_a_short_list() {
    for text in [
        r#"{"totalSize":60000,"done":false,"records":[]}"#,
        r#"{"records":[],"totalSize":60000,"nextRecordsUrl":null,"done":false}"#,
    ] {
        let error = Page::new(text).unwrap_err();
        assert!(error.to_string().contains("names no next page"), "{error}");
    }
}

#[test]
fn a_page_that_was_cut_off_is_an_error_not_a_short_list() {
    for end in (1..PAGE.len()).filter(|end| PAGE.is_char_boundary(*end)) {
        if let Ok(page) = Page::new(&PAGE[..end]) {
            assert!(page.decode::<Account>().is_err(), "{end}");
        }
    }
    assert!(Page::new(format!("{PAGE} x")).unwrap().decode::<Account>().is_err());
}

#[test]
fn a_malformed_row_leaves_the_others() {
    let text =
        r#"[{"Name":"A"},{"Name":{}},{"Id":"nonsense"},{"Name":"B","AnnualRevenue":1e99999999999999999}]"#;
    let rows = Page::new(text).unwrap().decode::<Account>().unwrap();
    assert_eq!(rows.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, false, false]);
    assert_eq!(rows[1].as_ref().unwrap_err().kind, sf_core::ErrorKind::Decode);
}

proptest! {
    #![proptest_config(ProptestConfig::default())]

    #[test]
    fn no_text_and_no_span_panics(text in any::<String>(), start in 0usize..64, end in 0usize..64) {
        if let Ok(page) = Page::within(Arc::new(text), start..end) {
            let _ = (page.total(), page.decode::<Account>(), page.decode::<Record>());
        }
    }

    #[test]
    fn no_damage_to_a_page_panics(at in 0..PAGE.len(), with in any::<char>()) {
        let damaged: String = PAGE.char_indices().map(|(i, c)| if i == at { with } else { c }).collect();
        if let Ok(page) = Page::new(damaged) {
            let _ = (page.total(), page.decode::<Account>(), page.decode::<Record>());
        }
    }
}

#[test]
fn child_rows_without_an_end_and_without_a_next_page_are_an_error() {
    let whole = r#"{"totalSize":2,"done":true,"records":[1,2]}"#;
    assert_eq!(serde_json::from_str::<sf_core::Children<i64>>(whole).unwrap().rows, [1, 2]);
    let cut = r#"{"totalSize":9,"done":false,"records":[1,2]}"#;
    let error = serde_json::from_str::<sf_core::Children<i64>>(cut).unwrap_err();
    assert!(error.to_string().contains("unfinished"), "{error}");
}
