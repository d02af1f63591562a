use crate::{Number, SfId, Timestamp, picklist, sobject};

sobject! {
    /// A person (or program) that can sign in. Users cannot be deleted: set `IsActive` to false.
    pub struct User: "User" {
        /// Unique over all orgs, in the form of an e-mail address.
        username / USERNAME: String = "Username",
        last_name / LAST_NAME: String = "LastName",
        first_name / FIRST_NAME: String = "FirstName",
        name / NAME: String = "Name" system,
        company_name / COMPANY_NAME: String = "CompanyName",
        division / DIVISION: String = "Division",
        department / DEPARTMENT: String = "Department",
        title / TITLE: String = "Title",
        street / STREET: String = "Street",
        city / CITY: String = "City",
        state / STATE: String = "State",
        postal_code / POSTAL_CODE: String = "PostalCode",
        country / COUNTRY: String = "Country",
        latitude / LATITUDE: Number = "Latitude",
        longitude / LONGITUDE: Number = "Longitude",
        geocode_accuracy / GEOCODE_ACCURACY: String = "GeocodeAccuracy",
        email / EMAIL: String = "Email",
        phone / PHONE: String = "Phone",
        fax / FAX: String = "Fax",
        mobile_phone / MOBILE_PHONE: String = "MobilePhone",
        extension / EXTENSION: String = "Extension",
        alias / ALIAS: String = "Alias",
        community_nickname / COMMUNITY_NICKNAME: String = "CommunityNickname",
        is_active / IS_ACTIVE: bool = "IsActive",
        time_zone_sid_key / TIME_ZONE_SID_KEY: String = "TimeZoneSidKey",
        locale_sid_key / LOCALE_SID_KEY: String = "LocaleSidKey",
        email_encoding_key / EMAIL_ENCODING_KEY: String = "EmailEncodingKey",
        language_locale_key / LANGUAGE_LOCALE_KEY: String = "LanguageLocaleKey",
        profile_id / PROFILE_ID: SfId = "ProfileId",
        user_role_id / USER_ROLE_ID: SfId = "UserRoleId",
        user_type / USER_TYPE: UserType = "UserType" system,
        manager_id / MANAGER_ID: SfId = "ManagerId",
        employee_number / EMPLOYEE_NUMBER: String = "EmployeeNumber",
        federation_identifier / FEDERATION_IDENTIFIER: String = "FederationIdentifier",
        receives_info_emails / RECEIVES_INFO_EMAILS: bool = "ReceivesInfoEmails",
        forecast_enabled / FORECAST_ENABLED: bool = "ForecastEnabled",
        last_login_date / LAST_LOGIN_DATE: Timestamp = "LastLoginDate" system,
        created_date / CREATED_DATE: Timestamp = "CreatedDate" system,
        created_by_id / CREATED_BY_ID: SfId = "CreatedById" system,
        last_modified_date / LAST_MODIFIED_DATE: Timestamp = "LastModifiedDate" system,
        last_modified_by_id / LAST_MODIFIED_BY_ID: SfId = "LastModifiedById" system,
        system_modstamp / SYSTEM_MODSTAMP: Timestamp = "SystemModstamp" system,
        last_viewed_date / LAST_VIEWED_DATE: Timestamp = "LastViewedDate" system,
        last_referenced_date / LAST_REFERENCED_DATE: Timestamp = "LastReferencedDate" system,
    }
}

picklist! {
    /// The licence family of a user.
    pub enum UserType {
        Standard = "Standard",
        PowerPartner = "PowerPartner",
        CspLitePortal = "CspLitePortal",
        CustomerSuccess = "CustomerSuccess",
        PowerCustomerSuccess = "PowerCustomerSuccess",
        CsnOnly = "CsnOnly",
        Guest = "Guest",
    }
}
