//! The org itself, the profiles of its users, and a queue.
use super::{DAY, Dataset, ago, writer::Writer};
use crate::{
    Credentials,
    state::{SchemaError, State},
};
use sf_core::{SfId, Timestamp};

/// In the order of the ids that the users name.
const PROFILES: [&str; 2] = ["System Administrator", "Standard User"];

/// The queue that new cases wait in, where the data set has one.
pub(super) fn fill(
    state: &mut State,
    dataset: Dataset,
    seed: u64,
    start: Timestamp,
) -> Result<Option<SfId>, SchemaError> {
    let mut row = Writer::new(state, "Organization")?;
    if let Ok(id) = SfId::new(Credentials::of_seed(seed).org_id) {
        row.rename(id);
    }
    row.set("Name", "Example Gateways, Inc.");
    row.set("DefaultLocaleSidKey", "en_US");
    row.set("LanguageLocaleKey", "en_US");
    row.set("TimeZoneSidKey", "UTC");
    row.set("FiscalYearStartMonth", 1_i64);
    row.set("OrganizationType", "Developer Edition");
    row.set("InstanceName", "SIM1");
    insert(row, state, start);
    for name in PROFILES {
        let mut row = Writer::new(state, "Profile")?;
        row.set("Name", name);
        row.set("UserType", "Standard");
        insert(row, state, start);
    }
    if dataset == Dataset::Empty {
        return Ok(None);
    }
    let mut row = Writer::new(state, "Group")?;
    row.set("Name", "Support");
    row.set("DeveloperName", "Support");
    row.set("Type", "Queue");
    row.set("Email", "support@gateways.example");
    Ok(Some(insert(row, state, start)))
}

fn insert(mut row: Writer, state: &mut State, start: Timestamp) -> SfId {
    for field in ["CreatedDate", "LastModifiedDate", "SystemModstamp"] {
        row.set(field, ago(start, 2_000 * DAY));
    }
    if let Some(user) = state.user() {
        row.set("CreatedById", user);
        row.set("LastModifiedById", user);
    }
    row.insert(state)
}
