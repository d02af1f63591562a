use super::{Event, Industry, LeadSource, Rating, Salutation, Task};
use crate::{Number, SfId, Timestamp, picklist, sobject};
use chrono::NaiveDate;

sobject! {
    /// A person who may become a customer.
    ///
    /// Converting a lead is not an update: SOAP `convertLead`, Apex or an invocable action makes the account, the contact and the
    /// deal. A converted lead stays, with `IsConverted` and the ids of what was made of it, and cannot be edited any more: filter
    /// `IsConverted = false` for the open ones.
    pub struct Lead: "Lead" {
        is_deleted / IS_DELETED: bool = "IsDeleted" system,
        /// The lead that this one was merged into.
        master_record_id / MASTER_RECORD_ID: SfId = "MasterRecordId" system,
        last_name / LAST_NAME: String = "LastName",
        first_name / FIRST_NAME: String = "FirstName",
        salutation / SALUTATION: Salutation = "Salutation",
        name / NAME: String = "Name" system,
        title / TITLE: String = "Title",
        company / COMPANY: String = "Company",
        street / STREET: String = "Street",
        city / CITY: String = "City",
        state / STATE: String = "State",
        postal_code / POSTAL_CODE: String = "PostalCode",
        country / COUNTRY: String = "Country",
        latitude / LATITUDE: Number = "Latitude",
        longitude / LONGITUDE: Number = "Longitude",
        geocode_accuracy / GEOCODE_ACCURACY: String = "GeocodeAccuracy",
        phone / PHONE: String = "Phone",
        mobile_phone / MOBILE_PHONE: String = "MobilePhone",
        fax / FAX: String = "Fax",
        email / EMAIL: String = "Email",
        website / WEBSITE: String = "Website",
        photo_url / PHOTO_URL: String = "PhotoUrl" system,
        description / DESCRIPTION: String = "Description" long_text,
        lead_source / LEAD_SOURCE: LeadSource = "LeadSource",
        status / STATUS: LeadStatus = "Status",
        industry / INDUSTRY: Industry = "Industry",
        rating / RATING: Rating = "Rating",
        annual_revenue / ANNUAL_REVENUE: Number = "AnnualRevenue",
        number_of_employees / NUMBER_OF_EMPLOYEES: i64 = "NumberOfEmployees",
        /// A user or a queue.
        owner_id / OWNER_ID: SfId = "OwnerId",
        /// Can be given to a new lead only, by an import of old data.
        is_converted / IS_CONVERTED: bool = "IsConverted" create_only,
        converted_date / CONVERTED_DATE: NaiveDate = "ConvertedDate" system,
        converted_account_id / CONVERTED_ACCOUNT_ID: SfId = "ConvertedAccountId" system,
        converted_contact_id / CONVERTED_CONTACT_ID: SfId = "ConvertedContactId" system,
        converted_opportunity_id / CONVERTED_OPPORTUNITY_ID: SfId = "ConvertedOpportunityId" system,
        is_unread_by_owner / IS_UNREAD_BY_OWNER: bool = "IsUnreadByOwner",
        created_date / CREATED_DATE: Timestamp = "CreatedDate" system,
        created_by_id / CREATED_BY_ID: SfId = "CreatedById" system,
        last_modified_date / LAST_MODIFIED_DATE: Timestamp = "LastModifiedDate" system,
        last_modified_by_id / LAST_MODIFIED_BY_ID: SfId = "LastModifiedById" system,
        system_modstamp / SYSTEM_MODSTAMP: Timestamp = "SystemModstamp" system,
        last_activity_date / LAST_ACTIVITY_DATE: NaiveDate = "LastActivityDate" system,
        last_viewed_date / LAST_VIEWED_DATE: Timestamp = "LastViewedDate" system,
        last_referenced_date / LAST_REFERENCED_DATE: Timestamp = "LastReferencedDate" system,
        email_bounced_reason / EMAIL_BOUNCED_REASON: String = "EmailBouncedReason" update_only,
        email_bounced_date / EMAIL_BOUNCED_DATE: Timestamp = "EmailBouncedDate" update_only,
    }
    children {
        TASKS: Task = "Tasks",
        EVENTS: Event = "Events",
    }
}

picklist! {
    /// How far a lead is. In a new org, `Closed - Converted` is the only status of a converted lead.
    pub enum LeadStatus {
        OpenNotContacted = "Open - Not Contacted",
        WorkingContacted = "Working - Contacted",
        ClosedConverted = "Closed - Converted",
        ClosedNotConverted = "Closed - Not Converted",
    }
}
