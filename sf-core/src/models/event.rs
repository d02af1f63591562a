use crate::{SfId, Timestamp, picklist, sobject};
use chrono::NaiveDate;

sobject! {
    /// A meeting in a calendar.
    ///
    /// A timed event has `StartDateTime` (and the same in `ActivityDateTime`) and one of `DurationInMinutes` and `EndDateTime`. One
    /// of whole days has `IsAllDayEvent` and `ActivityDate`; its date-times are at midnight UTC, whatever the user's zone.
    /// `WhoId` and `WhatId` are as those of a [`Task`](super::Task).
    pub struct Event: "Event" {
        who_id / WHO_ID: SfId = "WhoId",
        what_id / WHAT_ID: SfId = "WhatId",
        subject / SUBJECT: String = "Subject",
        location / LOCATION: String = "Location",
        is_all_day_event / IS_ALL_DAY_EVENT: bool = "IsAllDayEvent",
        activity_date_time / ACTIVITY_DATE_TIME: Timestamp = "ActivityDateTime",
        activity_date / ACTIVITY_DATE: NaiveDate = "ActivityDate",
        duration_in_minutes / DURATION_IN_MINUTES: i64 = "DurationInMinutes",
        start_date_time / START_DATE_TIME: Timestamp = "StartDateTime",
        end_date_time / END_DATE_TIME: Timestamp = "EndDateTime",
        end_date / END_DATE: NaiveDate = "EndDate" system,
        description / DESCRIPTION: String = "Description" long_text,
        /// Follows from `WhatId`, else from the contact in `WhoId`.
        account_id / ACCOUNT_ID: SfId = "AccountId" system,
        /// A user or a calendar.
        owner_id / OWNER_ID: SfId = "OwnerId",
        is_private / IS_PRIVATE: bool = "IsPrivate",
        show_as / SHOW_AS: EventShowAs = "ShowAs",
        is_deleted / IS_DELETED: bool = "IsDeleted" system,
        is_child / IS_CHILD: bool = "IsChild" system,
        is_group_event / IS_GROUP_EVENT: bool = "IsGroupEvent" system,
        group_event_type / GROUP_EVENT_TYPE: GroupEventType = "GroupEventType" system,
        created_date / CREATED_DATE: Timestamp = "CreatedDate" system,
        created_by_id / CREATED_BY_ID: SfId = "CreatedById" system,
        last_modified_date / LAST_MODIFIED_DATE: Timestamp = "LastModifiedDate" system,
        last_modified_by_id / LAST_MODIFIED_BY_ID: SfId = "LastModifiedById" system,
        system_modstamp / SYSTEM_MODSTAMP: Timestamp = "SystemModstamp" system,
        is_archived / IS_ARCHIVED: bool = "IsArchived" system,
        recurrence_activity_id / RECURRENCE_ACTIVITY_ID: SfId = "RecurrenceActivityId" system,
        is_recurrence / IS_RECURRENCE: bool = "IsRecurrence" create_only,
        recurrence_start_date_time / RECURRENCE_START_DATE_TIME: Timestamp = "RecurrenceStartDateTime",
        recurrence_end_date_only / RECURRENCE_END_DATE_ONLY: NaiveDate = "RecurrenceEndDateOnly",
        recurrence_type / RECURRENCE_TYPE: RecurrenceType = "RecurrenceType",
        recurrence_interval / RECURRENCE_INTERVAL: i64 = "RecurrenceInterval",
        /// Sunday 1, Monday 2, Tuesday 4 … Saturday 64, added up.
        recurrence_day_of_week_mask / RECURRENCE_DAY_OF_WEEK_MASK: i64 = "RecurrenceDayOfWeekMask",
        recurrence_day_of_month / RECURRENCE_DAY_OF_MONTH: i64 = "RecurrenceDayOfMonth",
        recurrence_instance / RECURRENCE_INSTANCE: RecurrenceInstance = "RecurrenceInstance",
        recurrence_month_of_year / RECURRENCE_MONTH_OF_YEAR: String = "RecurrenceMonthOfYear",
        reminder_date_time / REMINDER_DATE_TIME: Timestamp = "ReminderDateTime",
        is_reminder_set / IS_REMINDER_SET: bool = "IsReminderSet",
        event_subtype / EVENT_SUBTYPE: String = "EventSubtype" create_only,
        is_recurrence2_exclusion / IS_RECURRENCE2_EXCLUSION: bool = "IsRecurrence2Exclusion" system,
        recurrence2_pattern_text / RECURRENCE2_PATTERN_TEXT: String = "Recurrence2PatternText" long_text create_only,
        recurrence2_pattern_version / RECURRENCE2_PATTERN_VERSION: String = "Recurrence2PatternVersion" system,
        is_recurrence2 / IS_RECURRENCE2: bool = "IsRecurrence2" system,
        is_recurrence2_exception / IS_RECURRENCE2_EXCEPTION: bool = "IsRecurrence2Exception" system,
        recurrence2_pattern_start_date / RECURRENCE2_PATTERN_START_DATE: Timestamp =
            "Recurrence2PatternStartDate" system,
        recurrence2_pattern_time_zone / RECURRENCE2_PATTERN_TIME_ZONE: String = "Recurrence2PatternTimeZone" system,
    }
    children {
        /// The occurrences of a series.
        RECURRING_EVENTS: Event = "RecurringEvents",
    }
}

picklist! {
    /// What others see in the calendar.
    pub enum EventShowAs { Busy = "Busy", OutOfOffice = "OutOfOffice", Free = "Free" }
}

picklist! {
    /// Whether an event has invitees: a digit as text.
    pub enum GroupEventType { NoGroup = "0", Group = "1", Proposed = "2", SeriesPattern = "3" }
}

picklist! {
    /// How a series of events or tasks repeats.
    pub enum RecurrenceType {
        Daily = "RecursDaily",
        EveryWeekday = "RecursEveryWeekday",
        Monthly = "RecursMonthly",
        MonthlyNth = "RecursMonthlyNth",
        Weekly = "RecursWeekly",
        Yearly = "RecursYearly",
        YearlyNth = "RecursYearlyNth",
    }
}

picklist! {
    /// Which of the weekdays of a month a series takes.
    pub enum RecurrenceInstance {
        First = "First",
        Second = "Second",
        Third = "Third",
        Fourth = "Fourth",
        Last = "Last",
    }
}
