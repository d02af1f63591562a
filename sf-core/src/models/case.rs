use super::{EmailMessage, Event, Task};
use crate::{SfId, Timestamp, picklist, sobject};

sobject! {
    /// A customer's question or problem.
    ///
    /// Nothing is required for a new case. `CaseNumber` is text with leading zeros. `IsClosed` and `ClosedDate` follow from
    /// `Status`, the `Contact…` fields from the contact. The `Supplied…` fields are what a web form or a mail said.
    pub struct Case: "Case" {
        is_deleted / IS_DELETED: bool = "IsDeleted" system,
        /// The case that this one was merged into.
        master_record_id / MASTER_RECORD_ID: SfId = "MasterRecordId" system,
        case_number / CASE_NUMBER: String = "CaseNumber" system,
        contact_id / CONTACT_ID: SfId = "ContactId",
        account_id / ACCOUNT_ID: SfId = "AccountId",
        asset_id / ASSET_ID: SfId = "AssetId",
        parent_id / PARENT_ID: SfId = "ParentId",
        supplied_name / SUPPLIED_NAME: String = "SuppliedName",
        supplied_email / SUPPLIED_EMAIL: String = "SuppliedEmail",
        supplied_phone / SUPPLIED_PHONE: String = "SuppliedPhone",
        supplied_company / SUPPLIED_COMPANY: String = "SuppliedCompany",
        case_type / CASE_TYPE: CaseType = "Type",
        status / STATUS: CaseStatus = "Status",
        reason / REASON: CaseReason = "Reason",
        origin / ORIGIN: CaseOrigin = "Origin",
        subject / SUBJECT: String = "Subject",
        priority / PRIORITY: CasePriority = "Priority",
        description / DESCRIPTION: String = "Description" long_text,
        is_closed / IS_CLOSED: bool = "IsClosed" system,
        closed_date / CLOSED_DATE: Timestamp = "ClosedDate" system,
        is_escalated / IS_ESCALATED: bool = "IsEscalated",
        /// A user or a queue.
        owner_id / OWNER_ID: SfId = "OwnerId",
        created_date / CREATED_DATE: Timestamp = "CreatedDate" system,
        created_by_id / CREATED_BY_ID: SfId = "CreatedById" system,
        last_modified_date / LAST_MODIFIED_DATE: Timestamp = "LastModifiedDate" system,
        last_modified_by_id / LAST_MODIFIED_BY_ID: SfId = "LastModifiedById" system,
        system_modstamp / SYSTEM_MODSTAMP: Timestamp = "SystemModstamp" system,
        contact_phone / CONTACT_PHONE: String = "ContactPhone" system,
        contact_mobile / CONTACT_MOBILE: String = "ContactMobile" system,
        contact_email / CONTACT_EMAIL: String = "ContactEmail" system,
        contact_fax / CONTACT_FAX: String = "ContactFax" system,
        /// Makes a comment of the case when it is written; reads as null.
        comments / COMMENTS: String = "Comments" long_text,
        last_viewed_date / LAST_VIEWED_DATE: Timestamp = "LastViewedDate" system,
        last_referenced_date / LAST_REFERENCED_DATE: Timestamp = "LastReferencedDate" system,
    }
    children {
        /// Cases that have this one as their parent.
        CHILD_CASES: Case = "Cases",
        CASE_COMMENTS: CaseComment = "CaseComments",
        EMAIL_MESSAGES: EmailMessage = "EmailMessages",
        /// Mail that is related to the case by `RelatedToId`.
        EMAILS: EmailMessage = "Emails",
        TASKS: Task = "Tasks",
        EVENTS: Event = "Events",
    }
}

sobject! {
    /// A comment on a case.
    ///
    /// The body is at most 4,000 bytes, which is less than 4,000 characters beyond ASCII. Most users may change nothing but
    /// `IsPublished` of a comment that exists.
    pub struct CaseComment: "CaseComment" {
        parent_id / PARENT_ID: SfId = "ParentId" create_only,
        /// Whether the customer sees it.
        is_published / IS_PUBLISHED: bool = "IsPublished",
        comment_body / COMMENT_BODY: String = "CommentBody",
        created_by_id / CREATED_BY_ID: SfId = "CreatedById" system,
        created_date / CREATED_DATE: Timestamp = "CreatedDate" system,
        system_modstamp / SYSTEM_MODSTAMP: Timestamp = "SystemModstamp" system,
        last_modified_date / LAST_MODIFIED_DATE: Timestamp = "LastModifiedDate" system,
        last_modified_by_id / LAST_MODIFIED_BY_ID: SfId = "LastModifiedById" system,
        is_deleted / IS_DELETED: bool = "IsDeleted" system,
    }
}

picklist! {
    /// How far a case is. In a new org only `Closed` is a closed status.
    pub enum CaseStatus { New = "New", Working = "Working", Escalated = "Escalated", Closed = "Closed" }
}

picklist! {
    /// How urgent a case is.
    pub enum CasePriority { High = "High", Medium = "Medium", Low = "Low" }
}

picklist! {
    /// How a case came in.
    pub enum CaseOrigin { Phone = "Phone", Email = "Email", Web = "Web" }
}

picklist! {
    /// The kind of a case, as a new org has it; most orgs have their own.
    pub enum CaseType {
        Mechanical = "Mechanical",
        Electrical = "Electrical",
        Electronic = "Electronic",
        Structural = "Structural",
    }
}

picklist! {
    /// Why there is a case.
    pub enum CaseReason {
        Installation = "Installation",
        EquipmentComplexity = "Equipment Complexity",
        Performance = "Performance",
        Breakdown = "Breakdown",
        EquipmentDesign = "Equipment Design",
        Feedback = "Feedback",
    }
}
