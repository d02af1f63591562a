//! The control path's part of what happens to a row besides saving.
use super::control::Refused;
use crate::{LeadConversion, TestOrg};
use serde::Deserialize;
use serde_json::json;
use sf_core::{Fields, SfId};

/// What `GET /__org` shows of the bodies.
pub(super) const UNDELETE: &str = r#"{"id": "001…", "user": "005…"}"#;
pub(super) const MERGE: &str =
    r#"{"master": "001…", "victims": ["001…"], "fields": {"Phone": "1"}, "user": "005…"}"#;
pub(super) const CONVERT: &str = r#"{"lead": "00Q…", "status": "Closed - Converted", "account": "001…", "contact": "003…", "opportunity": "006…", "opportunity_name": "Acme", "without_opportunity": false, "overwrite_lead_source": false, "owner": "005…", "user": "005…"}"#;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Undelete {
    id: SfId,
    user: Option<SfId>,
}

pub(super) fn undelete(org: &TestOrg, body: &[u8]) -> Result<String, Refused> {
    let Undelete { id, user } = serde_json::from_slice(body).map_err(|e| Refused::body(&e, UNDELETE))?;
    match user {
        Some(user) => org.undelete_as(user, id)?,
        None => org.undelete(id)?,
    }
    Ok(json!({"id": id}).to_string())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Merge {
    master: SfId,
    victims: Vec<SfId>,
    #[serde(default)]
    fields: Fields,
    user: Option<SfId>,
}

pub(super) fn merge(org: &TestOrg, body: &[u8]) -> Result<String, Refused> {
    let Merge { master, victims, fields, user } =
        serde_json::from_slice(body).map_err(|e| Refused::body(&e, MERGE))?;
    let merged = match user {
        Some(user) => org.merge_as(user, master, &victims, fields)?,
        None => org.merge(master, &victims, fields)?,
    };
    Ok(json!({"master": merged.master, "victims": merged.victims, "moved": merged.moved}).to_string())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Convert {
    lead: SfId,
    status: String,
    account: Option<SfId>,
    contact: Option<SfId>,
    opportunity: Option<SfId>,
    opportunity_name: Option<String>,
    #[serde(default)]
    without_opportunity: bool,
    #[serde(default)]
    overwrite_lead_source: bool,
    owner: Option<SfId>,
    user: Option<SfId>,
}

pub(super) fn convert(org: &TestOrg, body: &[u8]) -> Result<String, Refused> {
    let Convert {
        lead,
        status,
        account,
        contact,
        opportunity,
        opportunity_name,
        without_opportunity,
        overwrite_lead_source,
        owner,
        user,
    } = serde_json::from_slice(body).map_err(|e| Refused::body(&e, CONVERT))?;
    let conversion = LeadConversion {
        account,
        contact,
        opportunity,
        opportunity_name,
        without_opportunity,
        overwrite_lead_source,
        owner,
        ..LeadConversion::new(lead, status)
    };
    let made = match user {
        Some(user) => org.convert_lead_as(user, &conversion)?,
        None => org.convert_lead(&conversion)?,
    };
    Ok(json!({"lead": made.lead, "account": made.account, "contact": made.contact, "opportunity": made.opportunity})
        .to_string())
}

/// What is in the bin, oldest first.
pub(super) fn recycle_bin(org: &TestOrg) -> String {
    let deletions = org.recycle_bin();
    let entries = deletions.iter().map(|deletion| {
        json!({"id": deletion.root, "at": deletion.at, "cascaded": deletion.cascaded, "cleared": deletion.cleared})
    });
    json!({"deletions": entries.collect::<Vec<_>>()}).to_string()
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Purge {
    ids: Option<Vec<SfId>>,
}

/// All of it, or `{"ids": […]}`.
pub(super) fn empty(org: &TestOrg, body: &[u8]) -> Result<String, Refused> {
    let Purge { ids } = if body.is_empty() {
        Purge::default()
    } else {
        serde_json::from_slice(body)
            .map_err(|e| Refused::body(&e, r#"{"ids": ["001…"]}, or nothing for all"#))?
    };
    let rows = match ids {
        None => org.empty_recycle_bin()?,
        Some(ids) => {
            let mut rows = 0;
            for id in ids {
                rows += org.purge(id)?;
            }
            rows
        }
    };
    Ok(json!({"rows": rows}).to_string())
}
