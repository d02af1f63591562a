use super::{Case, Event, LeadSource, Opportunity, Task};
use crate::{Number, SfId, Timestamp, picklist, sobject};
use chrono::NaiveDate;

sobject! {
    /// A person at a company.
    ///
    /// `Name` is made from salutation, first and last name and cannot be written. A contact without `AccountId` is seen by its
    /// owner only.
    ///
    /// ```
    /// use sf_core::{Field, Operation, SObject, models::{Contact, Salutation}};
    ///
    /// let contact = Contact {
    ///     salutation: Salutation::Dr.into(),
    ///     last_name: "Adeyemi".into(),
    ///     email: Field::Null, // clears it
    ///     ..Contact::default()
    /// };
    /// let fields = contact.writable(Operation::Update)?;
    /// assert_eq!(serde_json::to_string(&fields).unwrap(), r#"{"LastName":"Adeyemi","Salutation":"Dr.","Email":null}"#);
    /// # Ok::<(), sf_core::Failure>(())
    /// ```
    pub struct Contact: "Contact" {
        is_deleted / IS_DELETED: bool = "IsDeleted" system,
        /// The contact that this one was merged into.
        master_record_id / MASTER_RECORD_ID: SfId = "MasterRecordId" system,
        account_id / ACCOUNT_ID: SfId = "AccountId",
        last_name / LAST_NAME: String = "LastName",
        first_name / FIRST_NAME: String = "FirstName",
        salutation / SALUTATION: Salutation = "Salutation",
        name / NAME: String = "Name" system,
        other_street / OTHER_STREET: String = "OtherStreet",
        other_city / OTHER_CITY: String = "OtherCity",
        other_state / OTHER_STATE: String = "OtherState",
        other_postal_code / OTHER_POSTAL_CODE: String = "OtherPostalCode",
        other_country / OTHER_COUNTRY: String = "OtherCountry",
        other_latitude / OTHER_LATITUDE: Number = "OtherLatitude",
        other_longitude / OTHER_LONGITUDE: Number = "OtherLongitude",
        other_geocode_accuracy / OTHER_GEOCODE_ACCURACY: String = "OtherGeocodeAccuracy",
        mailing_street / MAILING_STREET: String = "MailingStreet",
        mailing_city / MAILING_CITY: String = "MailingCity",
        mailing_state / MAILING_STATE: String = "MailingState",
        mailing_postal_code / MAILING_POSTAL_CODE: String = "MailingPostalCode",
        mailing_country / MAILING_COUNTRY: String = "MailingCountry",
        mailing_latitude / MAILING_LATITUDE: Number = "MailingLatitude",
        mailing_longitude / MAILING_LONGITUDE: Number = "MailingLongitude",
        mailing_geocode_accuracy / MAILING_GEOCODE_ACCURACY: String = "MailingGeocodeAccuracy",
        phone / PHONE: String = "Phone",
        fax / FAX: String = "Fax",
        mobile_phone / MOBILE_PHONE: String = "MobilePhone",
        home_phone / HOME_PHONE: String = "HomePhone",
        other_phone / OTHER_PHONE: String = "OtherPhone",
        assistant_phone / ASSISTANT_PHONE: String = "AssistantPhone",
        reports_to_id / REPORTS_TO_ID: SfId = "ReportsToId",
        email / EMAIL: String = "Email",
        title / TITLE: String = "Title",
        department / DEPARTMENT: String = "Department",
        assistant_name / ASSISTANT_NAME: String = "AssistantName",
        lead_source / LEAD_SOURCE: LeadSource = "LeadSource",
        birthdate / BIRTHDATE: NaiveDate = "Birthdate",
        description / DESCRIPTION: String = "Description" long_text,
        owner_id / OWNER_ID: SfId = "OwnerId",
        created_date / CREATED_DATE: Timestamp = "CreatedDate" system,
        created_by_id / CREATED_BY_ID: SfId = "CreatedById" system,
        last_modified_date / LAST_MODIFIED_DATE: Timestamp = "LastModifiedDate" system,
        last_modified_by_id / LAST_MODIFIED_BY_ID: SfId = "LastModifiedById" system,
        system_modstamp / SYSTEM_MODSTAMP: Timestamp = "SystemModstamp" system,
        last_activity_date / LAST_ACTIVITY_DATE: NaiveDate = "LastActivityDate" system,
        last_cu_request_date / LAST_CU_REQUEST_DATE: Timestamp = "LastCURequestDate" system,
        last_cu_update_date / LAST_CU_UPDATE_DATE: Timestamp = "LastCUUpdateDate" system,
        last_viewed_date / LAST_VIEWED_DATE: Timestamp = "LastViewedDate" system,
        last_referenced_date / LAST_REFERENCED_DATE: Timestamp = "LastReferencedDate" system,
        /// Why mail to `Email` came back.
        email_bounced_reason / EMAIL_BOUNCED_REASON: String = "EmailBouncedReason",
        email_bounced_date / EMAIL_BOUNCED_DATE: Timestamp = "EmailBouncedDate",
        is_email_bounced / IS_EMAIL_BOUNCED: bool = "IsEmailBounced" system,
        photo_url / PHOTO_URL: String = "PhotoUrl" system,
    }
    children {
        CASES: Case = "Cases",
        /// Deals of which this is the primary contact since they were made.
        OPPORTUNITIES: Opportunity = "Opportunities",
        TASKS: Task = "Tasks",
        EVENTS: Event = "Events",
    }
}

picklist! {
    /// How a person is addressed.
    pub enum Salutation { Mr = "Mr.", Ms = "Ms.", Mrs = "Mrs.", Dr = "Dr.", Prof = "Prof." }
}
