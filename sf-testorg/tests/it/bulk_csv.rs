//! Any text goes into the org by a bulk upload and comes out by a bulk query as it was.
use crate::given::{Given, V};
use proptest::prelude::*;
use serde_json::{Value, json};
use sf_testorg::Request;

const DELIMITERS: [(&str, char); 6] =
    [("BACKQUOTE", '`'), ("CARET", '^'), ("COMMA", ','), ("PIPE", '|'), ("SEMICOLON", ';'), ("TAB", '\t')];

/// Quotes only where they are needed, unlike the org.
fn write(table: &[Vec<String>], delimiter: char, ending: &str) -> String {
    let mut out = String::new();
    for row in table {
        let cells: Vec<String> = row
            .iter()
            .map(|cell| match cell.contains([delimiter, '"', '\n', '\r']) {
                true => format!("\"{}\"", cell.replace('"', "\"\"")),
                false => cell.clone(),
            })
            .collect();
        out += &cells.join(&delimiter.to_string());
        out += ending;
    }
    out
}

/// RFC 4180, character by character.
fn parse(text: &str, delimiter: char, ending: &str) -> Vec<Vec<String>> {
    let (mut table, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if quoted && rest.starts_with("\"\"") {
            cell.push('"');
            rest = &rest[2..];
            continue;
        }
        if c == '"' {
            quoted = !quoted;
        } else if !quoted && c == delimiter {
            row.push(std::mem::take(&mut cell));
        } else if !quoted && rest.starts_with(ending) {
            row.push(std::mem::take(&mut cell));
            table.push(std::mem::take(&mut row));
            rest = &rest[ending.len()..];
            continue;
        } else {
            cell.push(c);
        }
        rest = &rest[c.len_utf8()..];
    }
    assert!(!quoted && row.is_empty() && cell.is_empty(), "{text:?}");
    table
}

/// Texts that the org stores as they are: no blanks around them, not null's word.
fn stored() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\""),
        Just("\"\""),
        Just(","),
        Just(";"),
        Just("|"),
        Just("`"),
        Just("^"),
        Just("\t"),
        Just("\n"),
        Just("\r\n"),
        Just("\r"),
        Just("é"),
        Just("日本"),
        Just("😀"),
        Just("\u{feff}"),
        Just("#N/A"),
        Just("a"),
        Just(" "),
        Just("\\"),
        Just("'")
    ];
    let text = prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat());
    text.prop_map(|text| text.trim_matches(|c: char| c <= ' ').to_owned())
        .prop_filter("null", |text| text != "#N/A")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn given_any_table_when_loaded_and_exported_then_it_is_the_same(
        rows in prop::collection::vec((stored(), stored()), 1..6),
        (name, delimiter) in prop::sample::select(DELIMITERS.to_vec()),
        (ending_name, ending) in prop::sample::select(vec![("LF", "\n"), ("CRLF", "\r\n")]),
        trailing in any::<bool>(),
    ) {
        let given = Given::empty();
        let header = ["Name", "Description", "Site"].map(str::to_owned).to_vec();
        let numbered = rows.iter().enumerate().map(|(i, (a, b))| vec![format!("n{i}"), a.clone(), b.clone()]);
        let table: Vec<Vec<String>> = std::iter::once(header).chain(numbered).collect();
        let mut csv = write(&table, delimiter, ending);
        if !trailing {
            csv.truncate(csv.len() - ending.len());
        }
        let dialect = |mut body: Value| {
            (body["columnDelimiter"], body["lineEnding"]) = (json!(name), json!(ending_name));
            body
        };
        let info = given.load(dialect(json!({"object": "Account", "operation": "insert"})), csv);
        prop_assert_eq!(&info["state"], "JobComplete");
        prop_assert_eq!(&info["numberRecordsFailed"], 0, "{}", given.file(&info, "failedResults"));

        let (_, job) = given.post("/jobs/query", dialect(json!({"operation": "query", "query": "SELECT Name, Description, Site FROM Account"})));
        let path = format!("{V}/jobs/query/{}", job["id"].as_str().unwrap());
        (0..2).for_each(|_| drop(given.send(Request::get(path.as_str()))));
        let (mut found, mut next) = (Vec::new(), String::new());
        loop {
            let page = given.send(Request::get(format!("{path}/results{next}")));
            let mut rows = parse(&page.text(), delimiter, ending);
            prop_assert_eq!(&rows.remove(0), &table[0]);
            found.extend(rows);
            match page.find_header("Sforce-Locator").unwrap() {
                "null" => break,
                locator => next = format!("?locator={locator}"),
            }
        }
        found.sort();
        prop_assert_eq!(&found, &table[1..]);

        // What was sent comes back in the results of the upload, too.
        let done = parse(&given.file(&info, "successfulResults"), delimiter, ending);
        let mut sent: Vec<Vec<String>> = done[1..].iter().map(|row| row[2..].to_vec()).collect();
        sent.sort();
        prop_assert_eq!(&sent, &table[1..]);
    }
}
