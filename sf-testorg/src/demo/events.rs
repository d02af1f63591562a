//! A meeting for every fourth account.
use super::{DAY, Served, audit, days, prose, random::Random, writer::Writer};
use crate::state::{SchemaError, State};
use sf_core::Timestamp;
use std::time::Duration;

const HALF_HOUR: i64 = 1_800;

pub(super) fn insert(
    state: &mut State,
    random: &mut Random,
    start: Timestamp,
    served: &Served,
) -> Result<(), SchemaError> {
    if served.index % 4 != 2 {
        return Ok(());
    }
    let account = &served.account;
    let mut row = Writer::new(state, "Event")?;
    let deal = served.opportunities.first().copied().filter(|_| random.chance(40));
    row.set("WhatId", deal.unwrap_or(account.id));
    if let Some(contact) = &served.contact {
        row.set("WhoId", contact.id);
    }
    row.set("AccountId", account.id);
    row.set("OwnerId", account.owner);
    row.set("Subject", random.pick(&["Meeting", "QBR", "Call", "Roadmap session", "Send Letter/Quote"]));
    let place = random.pick(&["Video call", "Customer's office", "HQ, room 4.02", "Trade fair"]);
    row.maybe(random, 70, "Location", place);
    let day = days(start, random.range(-90, 60));
    let midnight = Timestamp::from(day.and_time(chrono::NaiveTime::MIN).and_utc());
    let whole_day = random.chance(20);
    let (begin, minutes) = if whole_day {
        (midnight, 1_440)
    } else {
        let half_hours = u64::try_from(random.range(14, 34) * HALF_HOUR).unwrap_or(0);
        (midnight + Duration::from_secs(half_hours), random.pick(&[30, 30, 60, 60, 90, 120]))
    };
    // A whole day ends at the midnight at which it begins.
    let length = if whole_day { 0 } else { u64::try_from(minutes * 60).unwrap_or(0) };
    row.set("IsAllDayEvent", whole_day);
    row.set("ActivityDate", day);
    row.set("ActivityDateTime", begin);
    row.set("StartDateTime", begin);
    row.set("DurationInMinutes", minutes);
    row.set("EndDateTime", begin + Duration::from_secs(length));
    row.set("EndDate", day);
    row.set("ShowAs", if random.chance(85) { "Busy" } else { "Free" });
    row.set("GroupEventType", "0");
    row.set("EventSubtype", "Event");
    let text = prose::text(random, 1);
    row.maybe(random, 50, "Description", text);
    audit(&mut row, random, start, 100 * DAY, account.owner);
    row.insert(state);
    Ok(())
}
