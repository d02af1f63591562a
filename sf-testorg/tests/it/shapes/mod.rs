//! The whole shape of every resource's answer: each key that must be there, with its type and whether it may be null; none besides.
mod composite;
mod describe;
mod resources;

use serde_json::Value;

/// Whether a value is what a word says: `string`, `id`, `time`, `url`, `bool`, `int`, `number`, `null`, `array`, `object`, or several with `|`.
fn is(value: &Value, word: &str) -> bool {
    word.split('|').any(|word| match word {
        "string" => value.is_string(),
        "id" => value.as_str().is_some_and(|text| sf_core::SfId::new(text).is_ok() && text.len() == 18),
        "time" => value.as_str().is_some_and(|text| text.len() == 28 && text.ends_with(".000+0000")),
        "url" => value.as_str().is_some_and(|text| text.starts_with("/services/data/v66.0/")),
        "link" => value.as_str().is_some_and(|text| text.starts_with("https://")),
        "bool" => value.is_boolean(),
        "int" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no such word: {other}"),
    })
}

/// Asserts that the object has exactly these keys, `"name:word name:word"`.
fn has(value: &Value, keys: &str) {
    let object = value.as_object().unwrap_or_else(|| panic!("no object: {value}"));
    let mut known: Vec<&str> = Vec::new();
    for key in keys.split_whitespace() {
        let (name, word) = key.split_once(':').unwrap();
        let found = object.get(name).unwrap_or_else(|| panic!("{name} is missing: {value}"));
        assert!(is(found, word), "{name} is no {word}: {found}");
        known.push(name);
    }
    let more: Vec<&String> = object.keys().filter(|name| !known.contains(&name.as_str())).collect();
    assert!(more.is_empty(), "keys that nobody named: {more:?} in {value}");
}

/// The same of every element; there must be one.
fn each(value: &Value, keys: &str) {
    let elements = value.as_array().unwrap_or_else(|| panic!("no array: {value}"));
    assert!(!elements.is_empty());
    elements.iter().for_each(|element| has(element, keys));
}
