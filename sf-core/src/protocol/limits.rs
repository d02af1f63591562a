//! `GET /limits`.
use super::{Request, Response, Safety, read_failure};
use crate::{Delivery, ErrorKind, Failure, Limit, Limits, Result};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::fmt;

/// A request for the org's limits.
pub fn limits_request() -> Request {
    Request::get(["limits"])
}

/// The limits in the org's order. Entries without `Max` and `Remaining` are left out; what is nested in them
/// (calls per app) too. An answer without any entry is an error: every org has limits.
pub fn limits_response(response: &Response) -> Result<Limits> {
    if !response.is_success() {
        return Err(read_failure(response, Safety::Read).into());
    }
    match response.json::<Ordered>()?.0 {
        none if none.is_empty() => {
            Err(Failure::new(ErrorKind::Decode, Delivery::Refused, "there is no limit in the org's answer")
                .into())
        }
        entries => Ok(Limits::new(entries)),
    }
}

/// A map, read in its order.
struct Ordered(Vec<Limit>);
impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Ordered, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Ordered;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the map of limits")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered, A::Error> {
                #[derive(Deserialize)]
                struct Entry {
                    #[serde(rename = "Max")]
                    max: i64,
                    #[serde(rename = "Remaining")]
                    remaining: i64,
                }
                let mut entries = Vec::new();
                while let Some((name, raw)) = map.next_entry::<String, Box<RawValue>>()? {
                    if let Ok(entry) = serde_json::from_str::<Entry>(raw.get()) {
                        entries.push(Limit::new(name, entry.max, entry.remaining));
                    }
                }
                Ok(Ordered(entries))
            }
        }
        d.deserialize_map(Entries)
    }
}
