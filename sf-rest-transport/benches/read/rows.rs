//! The same rows as a program of this family has them, and as one with bare serde has.
use serde::Deserialize;
use sf_core::{Number, SfId, Timestamp, sobject};

sf_core::picklist! {
    /// What an account is to us.
    pub enum Kind { Customer = "Customer - Direct", Prospect = "Prospect", Partner = "Technology Partner" }
}
sf_core::picklist! {
    /// How promising it is.
    pub enum Rating { Hot = "Hot", Warm = "Warm", Cold = "Cold" }
}

sobject! {
    /// The 22 fields.
    pub struct Account: "Account" {
        name / NAME: String = "Name",
        kind / KIND: Kind = "Type",
        industry / INDUSTRY: sf_core::models::Industry = "Industry",
        rating / RATING: Rating = "Rating",
        phone / PHONE: String = "Phone",
        website / WEBSITE: String = "Website",
        account_number / ACCOUNT_NUMBER: String = "AccountNumber",
        billing_street / BILLING_STREET: String = "BillingStreet",
        billing_city / BILLING_CITY: String = "BillingCity",
        billing_postal_code / BILLING_POSTAL_CODE: String = "BillingPostalCode",
        billing_country / BILLING_COUNTRY: String = "BillingCountry",
        annual_revenue / ANNUAL_REVENUE: Number = "AnnualRevenue",
        employees / EMPLOYEES: i64 = "NumberOfEmployees",
        owner / OWNER: SfId = "OwnerId",
        parent / PARENT: SfId = "ParentId",
        created / CREATED: Timestamp = "CreatedDate" system,
        modified / MODIFIED: Timestamp = "LastModifiedDate" system,
        system_modstamp / SYSTEM_MODSTAMP: Timestamp = "SystemModstamp" system,
        score / SCORE: Number = "Score__c",
        renewal / RENEWAL: chrono::NaiveDate = "Renewal_Date__c",
        description / DESCRIPTION: String = "Description" long_text,
    }
}

/// `String`, `f64` and `i64` only.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(dead_code)]
pub(crate) struct Plain {
    pub(crate) id: String,
    name: String,
    r#type: String,
    industry: String,
    rating: String,
    phone: Option<String>,
    website: String,
    account_number: String,
    billing_street: String,
    billing_city: String,
    billing_postal_code: String,
    billing_country: String,
    annual_revenue: f64,
    number_of_employees: i64,
    owner_id: String,
    parent_id: Option<String>,
    created_date: String,
    last_modified_date: String,
    system_modstamp: String,
    #[serde(rename = "Score__c")]
    score: Option<f64>,
    #[serde(rename = "Renewal_Date__c")]
    renewal: String,
    description: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlainPage {
    pub(crate) next_records_url: Option<String>,
    pub(crate) records: Vec<Plain>,
}
