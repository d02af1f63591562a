//! Any text as a template, bound with any text: the value never changes the shape. A line end parts the two.
#![no_main]
#![allow(dead_code)]

#[path = "../../sf-soql/tests/it/properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|both: &str| {
    if let Some((template, value)) = both.split_once('\n') {
        properties::template(template, value);
    }
});
