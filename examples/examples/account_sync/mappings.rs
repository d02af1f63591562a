use crate::{options::Options, trouble::Trouble};
use sf_core::object;
use sf_sync::{Mapping, ObjectMapping};

const CX_DEMO: &str = include_str!("../../mappings/cx_demo.json");
const STANDARD: &str = include_str!("../../mappings/standard.json");

/// The mapping of `--mapping`, or the one that fits the org: the demo org has the custom fields, a stranger's has not.
pub fn load(options: &Options) -> Result<Mapping, Trouble> {
    let text = match (&options.mapping, options.is_real()) {
        (Some(file), _) => std::fs::read_to_string(file).map_err(|e| {
            Trouble::new(
                format!("the mapping {} cannot be read: {e}", file.display()),
                "name a readable file: --mapping FILE",
            )
        })?,
        (None, false) => CX_DEMO.to_owned(),
        (None, true) => STANDARD.to_owned(),
    };
    serde_json::from_str(&text).map_err(|e| {
        Trouble::new(
            format!("the mapping is not valid: {e}"),
            "correct the file at that line; examples/mappings/cx_demo.json shows the form",
        )
    })
}

/// The account mapping and its first child.
pub fn roles(mapping: &Mapping) -> Result<(ObjectMapping, Option<ObjectMapping>), Trouble> {
    let root = mapping.objects.iter().find(|o| o.object == object!("Account")).ok_or_else(|| {
        Trouble::new(
            "the mapping has no Account",
            "add an object mapping for Account: the story is about accounts",
        )
    })?;
    let child = mapping.objects.iter().find(|o| o.parent.is_some());
    Ok((root.clone(), child.cloned()))
}
