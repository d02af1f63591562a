//! A page of 2,000 account rows with 14 fields: decoded into a model and dropped, against bare serde_json into a plain
//! struct of strings and floats.
//!
//! Both read the same text, in turns, so that whatever else the machine does hits both. Prints one line for the
//! bench script: `ratio NAME value limit`. The value is the median over blocks of rounds.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

mod ratio;

use serde::Deserialize;
use sf_core::{Number, Page, SfId, Timestamp, models::Industry, sobject};
use std::sync::Arc;

const ROWS: usize = 2_000;

sobject! {
    /// What the simulated desk shows of an account.
    pub struct DeskAccount: "Account" {
        name / NAME: String = "Name",
        industry / INDUSTRY: Industry = "Industry",
        phone / PHONE: String = "Phone",
        website / WEBSITE: String = "Website",
        city / CITY: String = "BillingCity",
        annual_revenue / ANNUAL_REVENUE: Number = "AnnualRevenue",
        employees / EMPLOYEES: i64 = "NumberOfEmployees",
        owner / OWNER: SfId = "OwnerId",
        score / SCORE: Number = "Score__c",
        renewal / RENEWAL: chrono::NaiveDate = "Renewal_Date__c",
        notes / NOTES: String = "CS_Account_Notes__c",
        is_deleted / IS_DELETED: bool = "IsDeleted" system,
        system_modstamp / SYSTEM_MODSTAMP: Timestamp = "SystemModstamp" system,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(dead_code)]
struct Plain {
    id: Option<String>,
    name: Option<String>,
    industry: Option<String>,
    phone: Option<String>,
    website: Option<String>,
    billing_city: Option<String>,
    annual_revenue: Option<f64>,
    number_of_employees: Option<i64>,
    owner_id: Option<String>,
    #[serde(rename = "Score__c")]
    score: Option<f64>,
    #[serde(rename = "Renewal_Date__c")]
    renewal: Option<String>,
    #[serde(rename = "CS_Account_Notes__c")]
    notes: Option<String>,
    is_deleted: Option<bool>,
    system_modstamp: Option<String>,
}

#[derive(Deserialize)]
struct PlainPage {
    records: Vec<Plain>,
}

fn page() -> String {
    let industries = ["Technology", "Banking", "Healthcare", "Vertical Farming"];
    let rows: Vec<String> = (0..ROWS)
        .map(|i| {
            let id = SfId::new(format!("0015g00000{i:05}")).unwrap();
            let phone = if i % 5 == 0 { "null".into() } else { format!("\"+49 30 {i:07}\"") };
            let score = if i % 7 == 0 { "null".into() } else { format!("{}.{}", i % 100, i % 10) };
            format!(
                r#"{{"attributes":{{"type":"Account","url":"/services/data/v66.0/sobjects/Account/{id}"}},"Id":"{id}","Name":"Company {i} Größe GmbH","Industry":"{}","Phone":{phone},"Website":"https://www.company-{i}.example","BillingCity":"Berlin","AnnualRevenue":{}.0,"NumberOfEmployees":{},"OwnerId":"0055g0000000001AAA","Score__c":{score},"Renewal_Date__c":"2026-{:02}-{:02}","CS_Account_Notes__c":"Met the team on Monday.\nThey want to \"grow\" in the next quarter.","IsDeleted":false,"SystemModstamp":"2026-03-{:02}T{:02}:{:02}:09.000+0000"}}"#,
                industries[i % 4],
                i * 1_000,
                i * 3,
                i % 12 + 1,
                i % 28 + 1,
                i % 28 + 1,
                i % 24,
                i % 60,
            )
        })
        .collect();
    format!(r#"{{"totalSize":{ROWS},"done":true,"records":[{}]}}"#, rows.join(","))
}

fn main() {
    let text = Arc::new(page());
    let typed = || {
        let page = Page::within(text.clone(), 0..text.len()).unwrap();
        let rows = page.decode::<DeskAccount>().unwrap();
        assert_eq!(rows.len(), ROWS);
        rows
    };
    let plain = || {
        let rows = serde_json::from_str::<PlainPage>(&text).unwrap().records;
        assert_eq!(rows.len(), ROWS);
        rows
    };
    assert!(typed().iter().all(Result::is_ok));
    let (reader, limit) = if cfg!(feature = "fast-json") { ("_fast_json", 0.8) } else { ("", 1.15) };
    println!("ratio typed_decode{reader}_vs_serde_json {:.3} {limit}", ratio::of(typed, plain));
}
