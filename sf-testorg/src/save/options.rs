//! What a request says about its saves by headers.
use crate::rest::Call;
use sf_core::SfId;
use std::collections::BTreeMap;

/// Which assignment rule gives owners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Assign {
    #[default]
    No,
    /// The active one.
    Active,
    Rule(SfId),
    /// A value that is no id.
    Unknown,
}

impl Assign {
    /// The rule with this id.
    pub(crate) fn read(id: &str) -> Assign {
        SfId::new(id).map_or(Assign::Unknown, Assign::Rule)
    }
}

/// How rows are saved. The default is that of what has no headers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct SaveOptions {
    pub(crate) assign: Assign,
    /// Alerts of duplicate rules are passed over.
    pub(crate) allow_duplicates: bool,
    /// Errors of duplicate rules have the duplicates' fields.
    pub(crate) duplicate_details: bool,
    /// Of URLs in errors.
    pub(crate) version: u16,
    /// Counters when the save of several rows began: rows with higher ids are of the same save, and no duplicates of each other.
    pub(crate) batch: Option<BTreeMap<String, u64>>,
}

/// REST API guide, "Duplicate Rule Header": available since this version.
const DUPLICATE_HEADER_SINCE: u16 = 52;

impl SaveOptions {
    /// Of a request of the data API.
    pub(crate) fn of(call: &Call<'_>) -> SaveOptions {
        let assign = match call.header("Sforce-Auto-Assign").map(str::trim) {
            None | Some("") => Assign::Active,
            Some(text) if text.eq_ignore_ascii_case("true") => Assign::Active,
            Some(text) if text.eq_ignore_ascii_case("false") => Assign::No,
            Some(text) => Assign::read(text),
        };
        let header = call.header("Sforce-Duplicate-Rule-Header");
        let duplicates = header.filter(|_| call.version >= DUPLICATE_HEADER_SINCE);
        SaveOptions {
            assign,
            allow_duplicates: is_set(duplicates, "allowSave"),
            duplicate_details: is_set(duplicates, "includeRecordDetails"),
            version: call.version,
            batch: None,
        }
    }

    /// Of a person in the org's own UI, who has seen alerts.
    pub(crate) fn of_person() -> SaveOptions {
        SaveOptions {
            allow_duplicates: true,
            version: *crate::rest::VERSIONS.end(),
            ..SaveOptions::default()
        }
    }
}

/// Whether `name=true` is one of the options of a header, which `;` or `,` separate.
pub(crate) fn is_set(header: Option<&str>, name: &str) -> bool {
    option(header, name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

pub(crate) fn option<'h>(header: Option<&'h str>, name: &str) -> Option<&'h str> {
    let mut options = header.into_iter().flat_map(|header| header.split([';', ',']));
    options.find_map(|option| {
        let (key, value) = option.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
