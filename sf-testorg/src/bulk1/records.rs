//! The rows of a batch in JSON or XML, as columns: a field, or a parent's field behind its relationship's name.
use crate::{
    AssumedError,
    bulk::{columns::Given, load::Record},
    json::Json,
    xml::{self, Element},
};
use std::collections::BTreeMap;

/// Limits cheat sheet, "Bulk API and Bulk API 2.0 Limits".
pub(super) const MOST_ROWS: usize = 10_000;
const MOST_COLUMNS: usize = 5_000;
const LONGEST_RECORD: usize = 400_000;
const LONGEST_VALUE: usize = 131_072;

/// How undocumented values are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// An empty text clears the field.
    pub(super) empty_is_null: bool,
    /// `#N/A` clears the field, as in CSV.
    pub(super) na_is_null: bool,
}

/// Rows over the columns that any of them names.
#[derive(Debug, Clone, Default)]
pub(super) struct Sheet {
    pub(super) names: Vec<String>,
    pub(super) records: Vec<Record>,
    /// By name without case: SOQL and CSV know none either.
    places: BTreeMap<String, usize>,
}

impl Sheet {
    fn add(&mut self, fields: Vec<(String, Given)>) -> Result<(), String> {
        let mut values = vec![Given::Nothing; self.names.len()];
        let (mut length, mut is_long) = (0, false);
        for (name, value) in fields {
            if let Given::Text(text) = &value {
                let chars = text.chars().count();
                length += chars;
                is_long |= chars > LONGEST_VALUE;
            }
            let next = self.names.len();
            let at = *self.places.entry(name.to_ascii_lowercase()).or_insert(next);
            if at == next {
                self.names.push(name);
                values.push(Given::Nothing);
            }
            values[at] = value;
        }
        if self.names.len() > MOST_COLUMNS {
            return Err(format!("InvalidBatch : A record has more than {MOST_COLUMNS} fields"));
        }
        let problem = if length > LONGEST_RECORD {
            Some((AssumedError::LongRecord, "The record is longer than 400000 characters"))
        } else if is_long {
            Some((AssumedError::LongValue, "A field is longer than 131072 characters"))
        } else {
            None
        };
        self.records.push(Record { values, problem });
        Ok(())
    }

    /// Rows that came before a column have nothing in it.
    fn whole(mut self) -> Sheet {
        let columns = self.names.len();
        self.records.iter_mut().for_each(|record| record.values.resize(columns, Given::Nothing));
        self
    }
}

impl Reading {
    fn text(self, text: String) -> Given {
        match text.as_str() {
            "" if self.empty_is_null => Given::Null,
            "" => Given::Nothing,
            "#N/A" if self.na_is_null => Given::Null,
            _ => Given::Text(text),
        }
    }
}

/// `Owner.Username`, `Lead:Who.Email`
fn below(relationship: &str, kind: Option<String>, field: &str) -> String {
    kind.map_or_else(|| format!("{relationship}.{field}"), |kind| format!("{kind}:{relationship}.{field}"))
}

/// `[{"Name":"Acme","Owner":{"Username":"…"}}]`; the error is the message of the failed batch.
pub(super) fn json(bytes: &[u8], reading: Reading) -> Result<Sheet, String> {
    let problem = |problem: &str| format!("InvalidBatch : Failed to parse JSON. {problem}");
    let json = Json::parse(bytes).map_err(|e| problem(&e))?;
    let rows = json.array().ok_or_else(|| problem("A batch is a list of records"))?;
    let mut sheet = Sheet::default();
    // One more tells that there are too many: each row has room for all columns.
    for row in rows.iter().take(MOST_ROWS + 1) {
        let Json::Object(fields) = row else { return Err(problem("A record is an object")) };
        let mut given = Vec::with_capacity(fields.len());
        // Rows that were read by a query have attributes.
        for (name, value) in fields.iter().filter(|(name, _)| name != "attributes") {
            let value = match value {
                Json::Null => Given::Null,
                Json::Text(text) => reading.text(text.clone()),
                Json::Bool(_) | Json::Number(_) => Given::Text(plain(value)),
                Json::Object(parent) => {
                    let (name, value) = json_parent(name, parent).map_err(|e| problem(&e))?;
                    given.push((name, value.map_or(Given::Null, |text| reading.text(text))));
                    continue;
                }
                Json::Array(_) | Json::Bytes(_) => return Err(problem(&format!("{name} is a list"))),
            };
            given.push((name.clone(), value));
        }
        sheet.add(given)?;
    }
    Ok(sheet.whole())
}

/// A parent by one field; of a polymorphic relationship its type stands beside, or in `attributes`.
fn json_parent(name: &str, fields: &[(String, Json)]) -> Result<(String, Option<String>), String> {
    let mut kind = None;
    let mut key = None;
    for (field, value) in fields {
        match (field.as_str(), value) {
            ("attributes", attributes) => {
                kind = attributes.get("type").and_then(Json::text).map(str::to_owned)
            }
            ("type", Json::Text(text)) => kind = Some(text.clone()),
            (_, Json::Object(_) | Json::Array(_)) => return Err(format!("{name}.{field} is not a value")),
            (_, value) if key.is_none() => key = Some((field, value)),
            _ => return Err(format!("{name} has more than one field")),
        }
    }
    let Some((field, value)) = key else { return Err(format!("{name} has no field")) };
    Ok((below(name, kind, field), (*value != Json::Null).then(|| plain(value))))
}

fn plain(value: &Json) -> String {
    value.text().map_or_else(
        || {
            let mut text = String::new();
            value.write(&mut text);
            text
        },
        str::to_owned,
    )
}

/// `<sObjects><sObject><Name>Acme</Name><Owner><sObject><Username>…`
pub(super) fn xml(bytes: &[u8], reading: Reading) -> Result<Sheet, String> {
    let problem = |problem: &str| format!("InvalidBatch : Failed to parse XML. {problem}");
    let root = xml::read(bytes).map_err(|e| problem(&e))?;
    if root.name != "sObjects" {
        return Err(problem(&format!("sObjects was expected, not {}", root.name)));
    }
    let mut sheet = Sheet::default();
    for row in root.children.into_iter().take(MOST_ROWS + 1) {
        if row.name != "sObject" {
            return Err(problem(&format!("sObject was expected, not {}", row.name)));
        }
        let mut given = Vec::with_capacity(row.children.len());
        for field in row.children {
            match field.children.as_slice() {
                [] => given.push(xml_value(field.name.clone(), &field, reading)),
                [parent] if parent.name == "sObject" => {
                    given.push(xml_parent(&field.name, parent, reading).map_err(|e| problem(&e))?);
                }
                _ => return Err(problem(&format!("{} is not a value", field.name))),
            }
        }
        sheet.add(given)?;
    }
    Ok(sheet.whole())
}

/// Guide, "Valid XML and JSON Records": `xsi:nil="true"` is null.
fn xml_value(name: String, field: &Element, reading: Reading) -> (String, Given) {
    let value = if field.is_nil { Given::Null } else { reading.text(field.text.clone()) };
    (name, value)
}

fn xml_parent(name: &str, parent: &Element, reading: Reading) -> Result<(String, Given), String> {
    let kind = parent.child("type").map(|kind| kind.text.trim().to_owned());
    let mut keys = parent.children.iter().filter(|field| field.name != "type");
    let key =
        keys.next().filter(|key| key.children.is_empty()).ok_or_else(|| format!("{name} has no field"))?;
    if keys.next().is_some() {
        return Err(format!("{name} has more than one field"));
    }
    Ok(xml_value(below(name, kind, &key.name), key, reading))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const READING: Reading = Reading { empty_is_null: true, na_is_null: false };

    fn shown(sheet: &Sheet) -> Vec<String> {
        let rows = sheet.records.iter().map(|record| {
            let cells = record.values.iter().map(|value| match value {
                Given::Nothing => "-".to_owned(),
                Given::Null => "null".to_owned(),
                Given::Text(text) => format!("'{text}'"),
            });
            cells.collect::<Vec<_>>().join(" ")
        });
        [sheet.names.join(" ")].into_iter().chain(rows).collect()
    }

    #[test]
    fn both_formats_give_the_same_rows() {
        let wanted = [
            "Name Owner.Username Lead:Who.Email Active__c",
            "'A & B' 'x@y' - -",
            "null - 'l' 'true'",
            "null - - '#N/A'",
        ];
        let text = r##"[{"attributes":{"type":"Account"},"Name":"A & B","Owner":{"Username":"x@y"}},
            {"name":null,"Who":{"type":"Lead","Email":"l"},"Active__c":true},{"NAME":"","Active__c":"#N/A"}]"##;
        assert_eq!(shown(&json(text.as_bytes(), READING).unwrap()), wanted);
        let attributes = text.replace(r#""type":"Lead","#, r#""attributes":{"type":"Lead"},"#);
        assert_eq!(shown(&json(attributes.as_bytes(), READING).unwrap()), wanted);
        let text = "<?xml version='1.0'?><sObjects xmlns='u' xmlns:xsi='v'><sObject><Name>A &amp; B</Name>\
            <Owner><sObject><Username>x@y</Username></sObject></Owner></sObject>\
            <sObject><name xsi:nil='true'/><Who><sObject><type>Lead</type><Email>l</Email></sObject></Who><Active__c>true</Active__c></sObject>\
            <sObject><NAME></NAME><Active__c>#N/A</Active__c></sObject></sObjects>";
        assert_eq!(shown(&xml(text.as_bytes(), READING).unwrap()), wanted);
        let other = Reading { empty_is_null: false, na_is_null: true };
        assert_eq!(shown(&xml(text.as_bytes(), other).unwrap())[3], "- - - null");
        assert_eq!(shown(&json(b"[]", READING).unwrap()), [""]);
    }

    #[test]
    fn what_is_no_list_of_records_is_refused() {
        for text in [
            "",
            "{}",
            "[1]",
            "[{\"a\":[]}]",
            "[{\"a\":{}}]",
            "[{\"a\":{\"b\":1,\"c\":2}}]",
            "[{\"a\":{\"b\":{}}}]",
        ] {
            assert!(json(text.as_bytes(), READING).is_err(), "{text}");
        }
        for text in [
            "",
            "<a/>",
            "<sObjects><a/></sObjects>",
            "<sObjects><sObject><a><b/></a></sObject></sObjects>",
            "<sObjects><sObject><a><sObject/></a></sObject></sObjects>",
            "<sObjects><sObject><a><sObject><b/><c/></sObject></a></sObject></sObjects>",
        ] {
            assert!(xml(text.as_bytes(), READING).is_err(), "{text}");
        }
    }

    #[test]
    fn long_values_fail_their_rows() {
        let batch = |n: usize, m: usize| {
            let value = "x".repeat(n);
            let row = vec![value; m]
                .iter()
                .enumerate()
                .map(|(i, v)| format!("\"f{i}\":\"{v}\""))
                .collect::<Vec<_>>()
                .join(",");
            json(format!("[{{{row}}}]").as_bytes(), READING)
                .map(|sheet| sheet.records[0].problem.map(|(_, text)| text))
        };
        assert_eq!(batch(131_072, 1), Ok(None));
        assert_eq!(batch(131_073, 1), Ok(Some("A field is longer than 131072 characters")));
        assert_eq!(batch(130_000, 4), Ok(Some("The record is longer than 400000 characters")));
        assert!(batch(1, 5_000).is_ok() && batch(1, 5_001).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_can_break_the_readers(text in "[\\[\\]{}\":,<>/sObjecta0 &;-]{0,50}") {
            let _ = json(text.as_bytes(), READING);
            let _ = xml(text.as_bytes(), READING);
            let _ = xml(format!("<sObjects>{text}</sObjects>").as_bytes(), READING);
        }
    }
}
