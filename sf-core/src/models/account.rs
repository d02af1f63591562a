use super::{Case, Contact, EmailMessage, Event, Opportunity, Task};
use crate::{Number, SfId, Timestamp, picklist, sobject};
use chrono::NaiveDate;

sobject! {
    /// A company.
    ///
    /// ```
    /// use sf_core::{Field, models::{Account, Industry}};
    ///
    /// let account = Account { name: "Acme".into(), industry: Industry::Technology.into(), ..Account::default() };
    /// assert_eq!(serde_json::to_string(&account).unwrap(), r#"{"Name":"Acme","Industry":"Technology"}"#);
    /// ```
    pub struct Account: "Account" {
        is_deleted / IS_DELETED: bool = "IsDeleted" system,
        master_record_id / MASTER_RECORD_ID: SfId = "MasterRecordId" system,
        name / NAME: String = "Name",
        account_type / ACCOUNT_TYPE: AccountType = "Type",
        parent_id / PARENT_ID: SfId = "ParentId",
        billing_street / BILLING_STREET: String = "BillingStreet",
        billing_city / BILLING_CITY: String = "BillingCity",
        billing_state / BILLING_STATE: String = "BillingState",
        billing_postal_code / BILLING_POSTAL_CODE: String = "BillingPostalCode",
        billing_country / BILLING_COUNTRY: String = "BillingCountry",
        billing_latitude / BILLING_LATITUDE: Number = "BillingLatitude",
        billing_longitude / BILLING_LONGITUDE: Number = "BillingLongitude",
        billing_geocode_accuracy / BILLING_GEOCODE_ACCURACY: String = "BillingGeocodeAccuracy",
        shipping_street / SHIPPING_STREET: String = "ShippingStreet",
        shipping_city / SHIPPING_CITY: String = "ShippingCity",
        shipping_state / SHIPPING_STATE: String = "ShippingState",
        shipping_postal_code / SHIPPING_POSTAL_CODE: String = "ShippingPostalCode",
        shipping_country / SHIPPING_COUNTRY: String = "ShippingCountry",
        shipping_latitude / SHIPPING_LATITUDE: Number = "ShippingLatitude",
        shipping_longitude / SHIPPING_LONGITUDE: Number = "ShippingLongitude",
        shipping_geocode_accuracy / SHIPPING_GEOCODE_ACCURACY: String = "ShippingGeocodeAccuracy",
        phone / PHONE: String = "Phone",
        fax / FAX: String = "Fax",
        account_number / ACCOUNT_NUMBER: String = "AccountNumber",
        website / WEBSITE: String = "Website",
        photo_url / PHOTO_URL: String = "PhotoUrl" system,
        sic / SIC: String = "Sic",
        industry / INDUSTRY: Industry = "Industry",
        annual_revenue / ANNUAL_REVENUE: Number = "AnnualRevenue",
        number_of_employees / NUMBER_OF_EMPLOYEES: i64 = "NumberOfEmployees",
        ownership / OWNERSHIP: Ownership = "Ownership",
        ticker_symbol / TICKER_SYMBOL: String = "TickerSymbol",
        description / DESCRIPTION: String = "Description" long_text,
        rating / RATING: Rating = "Rating",
        site / SITE: String = "Site",
        owner_id / OWNER_ID: SfId = "OwnerId",
        account_source / ACCOUNT_SOURCE: LeadSource = "AccountSource",
        created_date / CREATED_DATE: Timestamp = "CreatedDate" system,
        created_by_id / CREATED_BY_ID: SfId = "CreatedById" system,
        last_modified_date / LAST_MODIFIED_DATE: Timestamp = "LastModifiedDate" system,
        last_modified_by_id / LAST_MODIFIED_BY_ID: SfId = "LastModifiedById" system,
        system_modstamp / SYSTEM_MODSTAMP: Timestamp = "SystemModstamp" system,
        last_activity_date / LAST_ACTIVITY_DATE: NaiveDate = "LastActivityDate" system,
        last_viewed_date / LAST_VIEWED_DATE: Timestamp = "LastViewedDate" system,
        last_referenced_date / LAST_REFERENCED_DATE: Timestamp = "LastReferencedDate" system,
    }
    children {
        CHILD_ACCOUNTS: Account = "ChildAccounts",
        CONTACTS: Contact = "Contacts",
        OPPORTUNITIES: Opportunity = "Opportunities",
        CASES: Case = "Cases",
        TASKS: Task = "Tasks",
        EVENTS: Event = "Events",
        EMAILS: EmailMessage = "Emails",
    }
}

picklist! {
    /// What an account is to us.
    pub enum AccountType {
        Prospect = "Prospect",
        CustomerDirect = "Customer - Direct",
        CustomerChannel = "Customer - Channel",
        ChannelPartner = "Channel Partner / Reseller",
        InstallationPartner = "Installation Partner",
        TechnologyPartner = "Technology Partner",
    }
}

picklist! {
    /// The industry of a company.
    pub enum Industry {
        Agriculture = "Agriculture",
        Apparel = "Apparel",
        Banking = "Banking",
        Biotechnology = "Biotechnology",
        Chemicals = "Chemicals",
        Communications = "Communications",
        Construction = "Construction",
        Consulting = "Consulting",
        Education = "Education",
        Electronics = "Electronics",
        Energy = "Energy",
        Engineering = "Engineering",
        Entertainment = "Entertainment",
        Environmental = "Environmental",
        Finance = "Finance",
        FoodAndBeverage = "Food & Beverage",
        Government = "Government",
        Healthcare = "Healthcare",
        Hospitality = "Hospitality",
        Insurance = "Insurance",
        Machinery = "Machinery",
        Manufacturing = "Manufacturing",
        Media = "Media",
        NotForProfit = "Not For Profit",
        Recreation = "Recreation",
        Retail = "Retail",
        Shipping = "Shipping",
        Technology = "Technology",
        Telecommunications = "Telecommunications",
        Transportation = "Transportation",
        Utilities = "Utilities",
    }
}

picklist! {
    /// Who owns a company.
    pub enum Ownership { Public = "Public", Private = "Private", Subsidiary = "Subsidiary" }
}

picklist! {
    /// How promising an account is.
    pub enum Rating { Hot = "Hot", Warm = "Warm", Cold = "Cold" }
}

picklist! {
    /// Where an account, a contact, a lead or an opportunity came from.
    pub enum LeadSource {
        Web = "Web",
        PhoneInquiry = "Phone Inquiry",
        PartnerReferral = "Partner Referral",
        PurchasedList = "Purchased List",
    }
}
