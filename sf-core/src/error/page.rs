//! TROUBLESHOOTING.md, made of the same table as [`Failure::help`], so that neither can be ahead of the other.
use super::*;
use std::fmt::Write as _;

const KINDS: [(ErrorKind, &str); 15] = [
    (ErrorKind::NotSignedIn, "no valid access token"),
    (ErrorKind::Forbidden, "the user or the app may not do this"),
    (ErrorKind::LimitReached, "a limit is reached"),
    (ErrorKind::InvalidInput, "the request cannot be right"),
    (ErrorKind::NotFound, "no such record or resource"),
    (ErrorKind::Refused, "the org refused the data"),
    (ErrorKind::Conflict, "the record is in another state"),
    (ErrorKind::Locked, "somebody else held the record"),
    (ErrorKind::CursorLost, "a query cannot go on"),
    (ErrorKind::Unavailable, "the org does not work at the moment"),
    (ErrorKind::Timeout, "no answer in time"),
    (ErrorKind::Network, "the connection failed"),
    (ErrorKind::Decode, "the answer is not what the API promises"),
    (ErrorKind::Unsupported, "this transport or org cannot do it"),
    (ErrorKind::Setup, "a setting is missing or wrong"),
];

/// Forms of two codes that no new token and no pause cures.
const HOPELESS: [(ErrorCode, &str); 3] = [
    (ErrorCode::InvalidSessionId, "This session is not valid for use with the REST API"),
    (ErrorCode::InvalidSessionId, "Connected app is not attached"),
    (ErrorCode::ApiCurrentlyDisabled, "API is disabled for this User"),
];

fn helps(retry: Retry) -> &'static str {
    match retry {
        Retry::Never => "a change",
        Retry::Backoff { .. } => "a pause",
        Retry::Lock => "a short random pause",
        Retry::Quota => "waiting for the quota",
        Retry::SignIn => "a new token",
        Retry::Restart => "starting again",
        Retry::Split => "smaller pieces",
        Retry::Sibling => "the row that failed",
    }
}

fn row(page: &mut String, name: &str, failure: &Failure) {
    let help = failure.help();
    writeln!(page, "| {name} | {} | {} | {} |", helps(failure.retry()), help.cause, help.next_step).unwrap();
}

fn page() -> String {
    let mut page = String::from(
        "# Troubleshooting\n\n\
         Every error of these crates has a kind, mostly a Salesforce code, and a next step (`error.help()`). This page is made of the same\n\
         table; a test keeps it so. The org's own words are in the error's message. *What helps*: with *a change* a repeat fails again until the\n\
         data, the request or a permission has changed; whether a repeat is safe says the error's `delivery()` (not sent, refused, unknown).\n",
    );
    for (kind, title) in KINDS {
        write!(
            page,
            "\n## {kind:?}: {title}\n\n| code | what helps | cause | next step |\n| --- | --- | --- | --- |\n"
        )
        .unwrap();
        row(&mut page, "*none, or one that is not below*", &Failure::new(kind, Delivery::Refused, ""));
        for (code, words) in HOPELESS {
            let failure = Failure::of_code(code.clone(), words);
            if failure.kind == kind {
                row(&mut page, &format!("`{code}` with `{words}`"), &failure);
            }
        }
        for line in troubleshooting().filter(|line| line.kind == kind) {
            let of = |words: &str| Failure::new(kind, Delivery::Refused, words).with_code(line.code.clone());
            let code = format!("`{}`", line.code);
            match line.code {
                ErrorCode::RequestLimitExceeded => {
                    for words in ["TotalRequests", "ConcurrentRequests", "ConcurrentPerOrgLongTxn"] {
                        row(&mut page, &format!("{code} with `{words}`"), &of(words));
                    }
                }
                _ => row(&mut page, &code, &of("")),
            }
        }
    }
    page
}

#[test]
fn the_page_has_every_code_and_kind_and_is_up_to_date() {
    let page = page();
    for code in ErrorCode::KNOWN {
        assert!(page.contains(&format!("| `{code}`")), "{code}");
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/TROUBLESHOOTING.md");
    if std::env::var_os("UPDATE_TROUBLESHOOTING").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    assert!(
        std::fs::read_to_string(path).unwrap() == page,
        "TROUBLESHOOTING.md is old: UPDATE_TROUBLESHOOTING=1 cargo test -p sf-core --lib the_page"
    );
}
