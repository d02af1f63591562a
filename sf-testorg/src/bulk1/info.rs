//! What is said about a job or a batch, as XML or JSON.
use super::format::{Format, NAMESPACE};
use crate::{rest::Answer, state::wire_time, xml};
use serde_json::{Map, Value, json};
use sf_core::Timestamp;

/// One statement. What is null is in JSON only.
pub(super) enum Item {
    Plain(Value),
    Time(Timestamp),
    /// XML does not have it.
    InJson(Value),
}

impl From<Value> for Item {
    fn from(value: Value) -> Item {
        Item::Plain(value)
    }
}

pub(super) struct Info {
    /// The name of the XML element.
    pub(super) root: &'static str,
    /// In the order of the XML; JSON has them by name.
    pub(super) items: Vec<(&'static str, Item)>,
}

impl Info {
    pub(super) fn json(&self) -> Map<String, Value> {
        let mut items: Vec<(&str, Value)> = self
            .items
            .iter()
            .map(|(name, item)| match item {
                Item::Plain(value) | Item::InJson(value) => (*name, value.clone()),
                Item::Time(at) => (*name, json!(wire_time(*at))),
            })
            .collect();
        items.sort_by_key(|(name, _)| *name);
        items.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// The inside of the element, each line behind `blanks`.
    fn xml(&self, blanks: &str, out: &mut String) {
        for (name, item) in &self.items {
            let text = match item {
                Item::Plain(Value::Null) | Item::InJson(_) => continue,
                Item::Plain(Value::String(text)) => text.clone(),
                Item::Plain(value) => value.to_string(),
                Item::Time(at) => at.utc().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            };
            out.push_str(&format!("{blanks}<{name}>"));
            xml::escape(&text, out);
            out.push_str(&format!("</{name}>\n"));
        }
    }

    pub(super) fn answer(&self, status: u16, format: Format) -> Answer {
        let format = format.of_infos();
        let text = if format == Format::Json {
            Value::Object(self.json()).to_string()
        } else {
            let root = self.root;
            let mut out =
                format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><{root}\n   xmlns=\"{NAMESPACE}\">\n");
            self.xml(" ", &mut out);
            out.push_str(&format!("</{root}>"));
            out
        };
        format.answer(status, text.into_bytes())
    }
}

/// The batches of a job.
pub(super) fn list(batches: Vec<Info>, format: Format) -> Answer {
    let format = format.of_infos();
    let text = if format == Format::Json {
        json!({"batchInfo": batches.iter().map(Info::json).collect::<Vec<_>>()}).to_string()
    } else {
        let mut out =
            format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><batchInfoList\n   xmlns=\"{NAMESPACE}\"");
        if batches.is_empty() {
            out.push_str(" />");
        } else {
            out.push_str(">\n");
            for batch in &batches {
                out.push_str(&format!(" <{}>\n", batch.root));
                batch.xml("  ", &mut out);
                out.push_str(&format!(" </{}>\n", batch.root));
            }
            out.push_str("</batchInfoList>");
        }
        out
    };
    format.answer(200, text.into_bytes())
}
