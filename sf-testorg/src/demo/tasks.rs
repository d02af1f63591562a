//! A task for every fifth account.
use super::{AccountRow, DAY, ago, audit, days, prose, random::Random, writer::Writer};
use crate::state::{SchemaError, State};
use sf_core::{SfId, Timestamp};

pub(super) fn insert(
    state: &mut State,
    seed: u64,
    index: u64,
    start: Timestamp,
    account: &AccountRow,
    contact: Option<SfId>,
    opportunities: &[SfId],
) -> Result<(), SchemaError> {
    if !index.is_multiple_of(5) {
        return Ok(());
    }
    let mut random = Random::of(seed, "task", index);
    let mut row = Writer::new(state, "Task")?;
    let what = opportunities.first().copied().filter(|_| random.chance(40)).unwrap_or(account.id);
    row.set("WhatId", what);
    if let Some(contact) = contact {
        row.set("WhoId", contact);
    }
    row.set("AccountId", account.id);
    row.set("OwnerId", account.owner);
    row.set("Subject", random.pick(&["Call", "Email", "QBR", "Renewal check-in", "Send Quote"]));
    let due = random.range(-40, 40);
    row.set("ActivityDate", days(start, due));
    let status = if due < 0 {
        "Completed"
    } else {
        random.pick(&["Not Started", "In Progress", "Waiting on someone else"])
    };
    row.set("Status", status);
    row.set("IsClosed", status == "Completed");
    let priority = random.pick(&["High", "Normal", "Normal", "Low"]);
    row.set("Priority", priority);
    row.set("IsHighPriority", priority == "High");
    row.set("TaskSubtype", random.pick(&["Task", "Call", "Email"]));
    let text = prose::text(&mut random, 1);
    row.maybe(&mut random, 60, "Description", text);
    audit(&mut row, &mut random, start, 60 * DAY, account.owner);
    if status == "Completed" {
        row.set("CompletedDateTime", ago(start, -due * DAY));
    }
    if account.customer {
        row.maybe(&mut random, 50, "Type", "Call");
    }
    row.insert(state);
    Ok(())
}
