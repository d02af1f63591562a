/// What is wrong with a JSON text, without the values in it: serde quotes what it did not expect, which may be
/// record data, and a failure is logged and stored.
pub(crate) fn json_problem(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if error.classify() != serde_json::error::Category::Data
        || ["missing field", "duplicate field", "unknown field"].iter().any(|start| text.starts_with(start))
    {
        return text;
    }
    match text.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => format!("a value has an unexpected form at line {} column {}", error.line(), error.column()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_left_out_and_places_kept() {
        let problem = |text: &str| json_problem(&serde_json::from_str::<Vec<bool>>(text).unwrap_err());
        assert_eq!(problem(r#"["Top, expected Secret"]"#), "expected a boolean at line 1 column 23");
        assert_eq!(problem("[true"), "EOF while parsing a list at line 1 column 5");
        let id = serde_json::from_str::<crate::SfId>(r#""Top Secret""#).unwrap_err();
        assert_eq!(json_problem(&id), "a value has an unexpected form at line 1 column 12");
    }
}
