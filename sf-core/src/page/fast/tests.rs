//! What this reader takes, it reads as serde_json does; and it takes whatever a page is made of.
use super::read;
use crate::{Children, Field, Number, Page, Record, Value, models::Account};
use proptest::prelude::*;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::{collections::BTreeMap, fmt::Debug, marker::PhantomData};

fn fast<T: DeserializeOwned>(text: &str) -> Option<T> {
    read(text, PhantomData)
}

/// Nothing is taken that serde_json refuses, and nothing comes out otherwise.
#[track_caller]
fn agrees<T: DeserializeOwned + Debug>(text: &str) {
    if let Some(ours) = fast::<T>(text) {
        let theirs = serde_json::from_str::<T>(text);
        assert!(theirs.is_ok(), "only the fast reader takes {text:?}");
        // By Debug: to the digit of a number and the sign of a zero.
        assert_eq!(format!("{ours:?}"), format!("{:?}", theirs.unwrap()), "{text:?}");
    }
}

/// And this it does take.
#[track_caller]
fn takes<T: DeserializeOwned + Debug>(text: &str) {
    assert!(fast::<T>(text).is_some(), "declined: {text:?}");
    agrees::<T>(text);
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
enum Choice {
    Unit,
    New(i32),
    Pair(i32, String),
    Named { a: Option<bool> },
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[allow(dead_code)]
enum Untagged {
    Number(f64),
    Text(String),
    List(Vec<Untagged>),
    Map(BTreeMap<String, Untagged>),
    Null(()),
}

/// What users derive.
#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Derived {
    #[serde(default)]
    f: Option<f64>,
    #[serde(default)]
    g: f32,
    #[serde(default)]
    i: i64,
    #[serde(default)]
    u: Option<u8>,
    #[serde(default)]
    big: i128,
    #[serde(default)]
    c: Option<char>,
    #[serde(default)]
    pair: Option<(bool, String)>,
    #[serde(default)]
    choice: Option<Choice>,
    #[serde(default)]
    any: Option<Untagged>,
    #[serde(default)]
    raw: Option<Box<RawValue>>,
    #[serde(default)]
    unit: (),
    #[serde(flatten)]
    rest: BTreeMap<String, serde_json::Value>,
}

/// Takes what is wrong for nothing, as lenient programs do.
#[derive(Debug)]
#[allow(dead_code)]
struct Lenient<T>(Option<T>);
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Lenient(T::deserialize(deserializer).ok()))
    }
}

fn all_agree(text: &str) {
    agrees::<serde_json::Value>(text);
    agrees::<Box<RawValue>>(text);
    agrees::<Value>(text);
    agrees::<Record>(text);
    agrees::<Account>(text);
    agrees::<Number>(text);
    agrees::<String>(text);
    agrees::<f64>(text);
    agrees::<f32>(text);
    agrees::<i64>(text);
    agrees::<u64>(text);
    agrees::<i128>(text);
    agrees::<Derived>(text);
    agrees::<Choice>(text);
    agrees::<Untagged>(text);
    agrees::<serde::de::IgnoredAny>(text);
    agrees::<Children<Record>>(text);
    agrees::<BTreeMap<i32, bool>>(text);
    agrees::<Vec<Lenient<i64>>>(text);
    agrees::<BTreeMap<String, Lenient<Derived>>>(text);
    agrees::<Lenient<Vec<Lenient<Box<RawValue>>>>>(text);
}

#[test]
fn whatever_a_page_is_made_of_is_taken() {
    takes::<Account>(
        r#"{"attributes":{"type":"Account","url":"/x"},"Id":"001000000000001AAA","name":"Gr\u00f6\u00dfe \"A\"\r\n","AnnualRevenue":1.0E7,
            "NumberOfEmployees":-12,"Extra__c":[1,{"a":null}],"IsDeleted":false,"Phone":null,"BillingLatitude":52.52}"#,
    );
    takes::<Record>(
        r#"{"attributes":{"type":"A__c","url":"/x"},"Id":"001000000000001AAA","Owner":{"attributes":{"type":"User"},"Name":"😀"},
            "Rs__r":{"totalSize":1,"done":true,"records":[{"attributes":{"type":"R__c"},"N__c":0.10}]},"A":{"city":"Köln"}}"#,
    );
    takes::<Derived>(
        r#"{"f":0.1,"g":16777217,"i":-9223372036854775808,"u":255,"big":170141183460469231731687303715884105727,"c":"é",
            "pair":[true,"x\/"],"choice":{"Pair":[1,"\ud83d\ude00"]},"any":[1,"a",{"k":null}],"raw": { "a" : [ 1.0 ] } ,"unit":null,
            "more":18446744073709551616}"#,
    );
    for text in [r#""Unit""#, r#"{"New":7}"#, r#"{"Named":{"a":true}}"#, r#"{"Unit":null}"#, r#""Un\u0069t""#]
    {
        takes::<Choice>(text);
    }
    for text in
        ["0", "-0", "-1", "1.5", "1e3", "123456789012345678", "1234567890123456789", "18446744073709551615"]
    {
        takes::<f64>(text);
        takes::<Number>(text);
        takes::<serde_json::Value>(text);
    }
    takes::<Extra2>(r#"{"a":null,"b":"x"}"#);
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Extra2 {
    a: Field<i32>,
    #[serde(rename = "b")]
    c: Field<String>,
}

#[test]
fn what_is_no_json_is_declined() {
    for text in [
        "",
        " ",
        "nul",
        "nulll",
        "truefalse",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "1e+",
        "+1",
        "0x1",
        "NaN",
        "\"",
        "\"a",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"\u{1}\"",
        "\"a\nb\"",
        "\"\u{7f}\"",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "]",
        "{",
        "{}}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\" 1}",
        "{a:1}",
        "{1:1}",
        "[}",
        "{]",
        "{\"a\":[}]",
        "[{]}",
        "1 2",
        "[] x",
        "\u{feff}[]",
        "[1]\u{a0}",
        "\u{b}1",
        "1e999",
        "-1e999",
        "99999999999999999999999999999999999999999999",
        "{\"a\":1,\"a\":2}",
        "[\"\\ud83d\\ude00\"]",
        "{\"i\":1.0}",
    ] {
        all_agree(text);
        all_agree(&format!("[{text}]"));
        all_agree(&format!("{{\"k\":{text}}}"));
        all_agree(&format!("{{\"i\":1,\"k\": {text} ,\"u\":2}}"));
    }
}

#[test]
fn nesting_is_bounded() {
    for depth in [100, 126, 127, 128, 129, 200, 100_000] {
        let text = "[".repeat(depth) + &"]".repeat(depth);
        agrees::<Box<RawValue>>(&text);
        agrees::<serde::de::IgnoredAny>(&text);
        if depth < 1_000 {
            agrees::<serde_json::Value>(&text);
        }
        agrees::<Vec<serde::de::IgnoredAny>>(&text);
    }
    takes::<Box<RawValue>>(&("[".repeat(127) + &"]".repeat(127)));
    assert!(fast::<Box<RawValue>>(&"[".repeat(1_000_000)).is_none());
}

#[test]
fn strings_of_every_length_end_where_they_end() {
    for length in 0..140 {
        for tail in ["\"", "\\n\"", "\\\\\"", "é\"", "\u{1f}\"", "\\\"\"", "\\u00e9\"", ""] {
            let text = format!("\"{}{tail}", "x".repeat(length));
            agrees::<String>(&text);
            agrees::<Box<RawValue>>(&text);
            if !["\u{1f}\"", ""].contains(&tail) {
                takes::<String>(&text);
                takes::<Vec<String>>(&format!("[{text},{text}]"));
            }
        }
    }
}

/// JSON text, mostly well-formed, spelled in all ways.
fn json() -> impl Strategy<Value = String> {
    let string = || {
        prop_oneof![
            4 => "[a-zA-Z0-9 äß€😀_./:-]{0,40}",
            2 => r#"([a-z]|\\[nrtbf"/\\]|\\u[0-9a-fA-F]{4}|\\ud83d\\ude00|\\ud8[0-9]{2}){0,9}"#,
            1 => any::<String>(),
        ]
        .prop_map(|text| format!("\"{text}\""))
    };
    let key = prop_oneof![
        "Name|Id|attributes|AnnualRevenue|NumberOfEmployees|Industry|type|i|f|g|u|c|raw|any|big|unit|pair|choice|k|records|totalSize|done"
            .prop_map(|key| format!("\"{key}\"")),
        string(),
    ];
    let scalar = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        Just(r#"{"type":"Account","url":"/x"}"#.to_owned()),
        Just("\"001000000000001AAA\"".to_owned()),
        "-?(0|[1-9][0-9]{0,24})([.][0-9]{1,20})?([eE][+-]?[0-9]{1,3})?",
        "[-+.0-9eE]{1,6}",
        string(),
    ];
    let blank = "( |\n|\t|\r){0,2}";
    scalar.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            (proptest::collection::vec(inner.clone(), 0..5), blank)
                .prop_map(|(items, blank)| format!("[{}{blank}]", items.join(&format!("{blank},")))),
            (proptest::collection::vec((key.clone(), inner), 0..6), blank).prop_map(|(entries, blank)| {
                let entries: Vec<String> =
                    entries.into_iter().map(|(key, value)| format!("{key}{blank}:{value}")).collect();
                format!("{{{blank}{}}}", entries.join(&format!(",{blank}")))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn both_readers_agree_on_json(text in json()) {
        all_agree(&text);
        // What serde_json takes as JSON at all is taken here.
        if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) {
            prop_assert_eq!(fast::<serde_json::Value>(&text), Some(value));
            prop_assert!(fast::<Box<RawValue>>(&text).is_some());
        }
    }

    #[test]
    fn both_readers_agree_on_damaged_json(text in json(), at in any::<prop::sample::Index>(), with in any::<char>()) {
        let places: Vec<usize> = text.char_indices().map(|(place, _)| place).collect();
        let place = places[at.index(places.len())];
        all_agree(&text[..place]);
        let damaged: String = text.char_indices().map(|(i, c)| if i == place { with } else { c }).collect();
        all_agree(&damaged);
    }

    /// Rows, the kinds of their errors and the places of the bad ones.
    #[test]
    fn a_page_reads_the_same_by_both(rows in proptest::collection::vec(json(), 0..6), bare in any::<bool>()) {
        let list = rows.join(",");
        let text = if bare { format!("[{list}]") } else {
            format!(r#"{{"totalSize":{},"done":true,"records":[{list}]}}"#, rows.len())
        };
        let Ok(page) = Page::new(text) else { return Ok(()) };
        let Ok(raw) = page.rows() else {
            prop_assert!(page.decode::<Record>().is_err());
            return Ok(());
        };
        fn same<T: DeserializeOwned + Debug>(page: &Page, raw: &[crate::RawRow<'_>]) -> Result<(), TestCaseError> {
            let one_by_one: Vec<_> = raw.iter().map(|row| row.decode::<T>()).collect();
            prop_assert_eq!(format!("{:?}", page.decode::<T>().unwrap()), format!("{:?}", one_by_one));
            Ok(())
        }
        same::<Account>(&page, &raw)?;
        same::<Record>(&page, &raw)?;
        same::<Derived>(&page, &raw)?;
        same::<serde_json::Value>(&page, &raw)?;
    }
}
