//! Any text as a statement: never a panic; what is read is written and reads back equal.
#![no_main]
#![allow(dead_code)]

#[path = "../../sf-soql/tests/it/properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|text: &str| {
    properties::statement(text);
});
