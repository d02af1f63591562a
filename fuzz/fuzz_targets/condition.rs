//! Any text as a bare condition: never a panic; what is read stays a condition, also pasted into a statement.
#![no_main]
#![allow(dead_code)]

#[path = "../../sf-soql/tests/it/properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|text: &str| {
    properties::condition(text);
});
