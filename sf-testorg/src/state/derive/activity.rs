//! What follows from the fields of tasks and events.
use super::{Cell, Derivation, State};
use chrono::{NaiveDate, NaiveTime};
use sf_core::Timestamp;

/// Milliseconds.
const MINUTE: i64 = 60_000;
/// Minutes.
const DAY: i64 = 1_440;

fn midnight(day: NaiveDate) -> Timestamp {
    Timestamp::from(day.and_time(NaiveTime::MIN).and_utc())
}

impl State {
    pub(super) fn derive_task(&self, save: &mut Derivation<'_>) {
        let closed = self.is_flagged("TaskStatus", save.text("Status"));
        let was_closed = save
            .before
            .is_some_and(|row| save.at("IsClosed").is_some_and(|at| row.cells[at] == Cell::Bool(true)));
        save.set("IsClosed", Cell::Bool(closed));
        if closed != was_closed {
            save.set("CompletedDateTime", if closed { Cell::DateTime(self.now()) } else { Cell::Null });
        }
        let high = self.is_flagged("TaskPriority", save.text("Priority"));
        save.set("IsHighPriority", Cell::Bool(high));
        self.derive_account(save);
    }

    /// (Object Reference, "Event": StartDateTime, DurationInMinutes, EndDateTime.) An event of one whole day ends at the midnight at which it starts.
    pub(super) fn derive_event(&self, save: &mut Derivation<'_>) {
        let moment = |save: &Derivation<'_>, field: &str| match save.get(field) {
            Some(Cell::DateTime(at)) => Some(*at),
            _ => None,
        };
        let day = match save.get("ActivityDate") {
            Some(Cell::Date(day)) => Some(*day),
            _ => None,
        };
        let all_day = save.get("IsAllDayEvent") == Some(&Cell::Bool(true));
        let by_day = all_day && save.is_given("ActivityDate") && !save.is_given("StartDateTime");
        let start = if by_day {
            day.map(midnight)
        } else if save.is_given("ActivityDateTime") && !save.is_given("StartDateTime") {
            moment(save, "ActivityDateTime")
        } else {
            moment(save, "StartDateTime")
        };
        let Some(start) = start.map(|at| if all_day { midnight(at.utc().date_naive()) } else { at }) else {
            return self.derive_account(save);
        };
        save.force("StartDateTime", Cell::DateTime(start));
        save.force("ActivityDateTime", Cell::DateTime(start));
        let has_day = all_day || self.assumptions.objects.timed_event_has_a_day;
        save.force("ActivityDate", if has_day { Cell::Date(start.utc().date_naive()) } else { Cell::Null });
        // The last of whole days counts as one although the event ends when it begins.
        let last_day = if all_day { DAY } else { 0 };
        let minutes = match save.get("DurationInMinutes") {
            Some(Cell::Int(minutes)) => Some(*minutes),
            _ => None,
        };
        let by_end = save.is_given("EndDateTime") && !save.is_given("DurationInMinutes");
        let minutes = match moment(save, "EndDateTime").filter(|_| by_end || minutes.is_none()) {
            Some(end) => Some((end.millis() - start.millis()) / MINUTE + last_day),
            None => minutes.or(all_day.then_some(DAY)),
        };
        if let Some(minutes) = minutes {
            save.force("DurationInMinutes", Cell::Int(minutes));
            let length = minutes.saturating_sub(last_day).saturating_mul(MINUTE);
            if let Some(end) = Timestamp::from_millis(start.millis().saturating_add(length)) {
                save.force("EndDateTime", Cell::DateTime(end));
                save.force("EndDate", Cell::Date(end.utc().date_naive()));
            }
        }
        self.derive_account(save);
    }

    /// The account of an activity is that of what it is about, else that of whom. (Object Reference, "Task": AccountId)
    fn derive_account(&self, save: &mut Derivation<'_>) {
        let account = save.id("WhatId").and_then(|what| self.account_of(what));
        let account = account.or_else(|| save.id("WhoId").and_then(|who| self.account_of(who)));
        save.set("AccountId", account.map_or(Cell::Null, Cell::Id));
    }
}
