use super::{RecurrenceInstance, RecurrenceType};
use crate::{SfId, Timestamp, picklist, sobject};
use chrono::NaiveDate;

sobject! {
    /// Something done or to do: a call, an e-mail, a reminder.
    ///
    /// `WhoId` is a contact or lead, `WhatId` an account, opportunity or other object with activities; with a lead
    /// `WhatId` must be empty. Tasks older than about a year are archived: a query finds them with its deleted rows.
    pub struct Task: "Task" {
        who_id / WHO_ID: SfId = "WhoId",
        what_id / WHAT_ID: SfId = "WhatId",
        subject / SUBJECT: String = "Subject",
        /// The due date, which has no zone.
        activity_date / ACTIVITY_DATE: NaiveDate = "ActivityDate",
        status / STATUS: TaskStatus = "Status",
        priority / PRIORITY: TaskPriority = "Priority",
        is_high_priority / IS_HIGH_PRIORITY: bool = "IsHighPriority" system,
        /// A user or a queue.
        owner_id / OWNER_ID: SfId = "OwnerId",
        description / DESCRIPTION: String = "Description" long_text,
        task_type / TASK_TYPE: String = "Type",
        is_deleted / IS_DELETED: bool = "IsDeleted" system,
        account_id / ACCOUNT_ID: SfId = "AccountId" system,
        is_closed / IS_CLOSED: bool = "IsClosed" system,
        created_date / CREATED_DATE: Timestamp = "CreatedDate" system,
        created_by_id / CREATED_BY_ID: SfId = "CreatedById" system,
        last_modified_date / LAST_MODIFIED_DATE: Timestamp = "LastModifiedDate" system,
        last_modified_by_id / LAST_MODIFIED_BY_ID: SfId = "LastModifiedById" system,
        system_modstamp / SYSTEM_MODSTAMP: Timestamp = "SystemModstamp" system,
        is_archived / IS_ARCHIVED: bool = "IsArchived" system,
        call_duration_in_seconds / CALL_DURATION_IN_SECONDS: i64 = "CallDurationInSeconds",
        call_type / CALL_TYPE: CallType = "CallType",
        call_disposition / CALL_DISPOSITION: String = "CallDisposition",
        call_object / CALL_OBJECT: String = "CallObject",
        reminder_date_time / REMINDER_DATE_TIME: Timestamp = "ReminderDateTime",
        is_reminder_set / IS_REMINDER_SET: bool = "IsReminderSet",
        recurrence_activity_id / RECURRENCE_ACTIVITY_ID: SfId = "RecurrenceActivityId" system,
        is_recurrence / IS_RECURRENCE: bool = "IsRecurrence" create_only,
        recurrence_start_date_only / RECURRENCE_START_DATE_ONLY: NaiveDate = "RecurrenceStartDateOnly",
        recurrence_end_date_only / RECURRENCE_END_DATE_ONLY: NaiveDate = "RecurrenceEndDateOnly",
        recurrence_type / RECURRENCE_TYPE: RecurrenceType = "RecurrenceType",
        recurrence_interval / RECURRENCE_INTERVAL: i64 = "RecurrenceInterval",
        /// Sunday 1, Monday 2, Tuesday 4 … Saturday 64, added up.
        recurrence_day_of_week_mask / RECURRENCE_DAY_OF_WEEK_MASK: i64 = "RecurrenceDayOfWeekMask",
        recurrence_day_of_month / RECURRENCE_DAY_OF_MONTH: i64 = "RecurrenceDayOfMonth",
        recurrence_instance / RECURRENCE_INSTANCE: RecurrenceInstance = "RecurrenceInstance",
        recurrence_month_of_year / RECURRENCE_MONTH_OF_YEAR: String = "RecurrenceMonthOfYear",
        recurrence_regenerated_type / RECURRENCE_REGENERATED_TYPE: String = "RecurrenceRegeneratedType",
        task_subtype / TASK_SUBTYPE: TaskSubtype = "TaskSubtype" create_only,
        completed_date_time / COMPLETED_DATE_TIME: Timestamp = "CompletedDateTime" system,
    }
    children {
        /// The occurrences of a series.
        RECURRING_TASKS: Task = "RecurringTasks",
    }
}

picklist! {
    /// How far a task is.
    pub enum TaskStatus {
        NotStarted = "Not Started",
        InProgress = "In Progress",
        Completed = "Completed",
        Waiting = "Waiting on someone else",
        Deferred = "Deferred",
    }
}

picklist! {
    /// How urgent a task is.
    pub enum TaskPriority { High = "High", Normal = "Normal", Low = "Low" }
}

picklist! {
    /// What a task is. Fixed when it is made; `Cadence` cannot be given.
    pub enum TaskSubtype {
        Task = "Task",
        Email = "Email",
        ListEmail = "ListEmail",
        Cadence = "Cadence",
        Call = "Call",
        LinkedIn = "LinkedIn",
    }
}

picklist! {
    /// Who called whom.
    pub enum CallType { Internal = "Internal", Inbound = "Inbound", Outbound = "Outbound" }
}
