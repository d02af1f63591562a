//! JSON as JavaScript leaves it: every number is a 64-bit float, printed with two spaces of indentation.
use serde_json::Value;

/// `JSON.stringify(JSON.parse(text), null, 2)`; `None`: the text is no JSON.
pub(crate) fn parse(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().map(floats)
}

fn floats(value: Value) -> Value {
    match value {
        Value::Number(number) => {
            let float = number.as_f64().unwrap();
            // Written without a point when there is nothing behind it.
            if float.fract() == 0.0 && float.abs() < 1e18 {
                Value::from(float as i64)
            } else {
                Value::from(float)
            }
        }
        Value::Array(items) => items.into_iter().map(floats).collect(),
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(key, value)| (key, floats(value))).collect())
        }
        other => other,
    }
}

pub(crate) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}
