//! 2,000 account rows with 22 fields to the CSV of a Bulk job: a model's rows, against the csv crate's writer on the same
//! rows in a plain struct of strings, numbers and booleans.
//!
//! Both write the same cells, in turns, so that whatever else the machine does hits both. Prints one line for the bench
//! script: `ratio NAME value limit`. The value is the median over blocks of rounds.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

mod ratio;

use serde::Serialize;
use sf_core::{
    Field, Number, SObject, SfId, Timestamp,
    models::Industry,
    protocol::bulk::{CsvEncoder, IngestJob, Operation},
    sobject,
};

const ROWS: usize = 2_000;

sobject! {
    /// An account as a warehouse keeps it.
    pub struct Wide: "Account" {
        name / NAME: String = "Name",
        industry / INDUSTRY: Industry = "Industry",
        phone / PHONE: String = "Phone",
        website / WEBSITE: String = "Website",
        street / STREET: String = "BillingStreet",
        city / CITY: String = "BillingCity",
        postal_code / POSTAL_CODE: String = "BillingPostalCode",
        country / COUNTRY: String = "BillingCountry",
        annual_revenue / ANNUAL_REVENUE: Number = "AnnualRevenue",
        employees / EMPLOYEES: i64 = "NumberOfEmployees",
        owner / OWNER: SfId = "OwnerId",
        parent / PARENT: SfId = "ParentId",
        description / DESCRIPTION: String = "Description",
        key / KEY: String = "CX_Key__c",
        score / SCORE: Number = "Score__c",
        seats / SEATS: i64 = "Seats__c",
        renewal / RENEWAL: chrono::NaiveDate = "Renewal_Date__c",
        last_call / LAST_CALL: Timestamp = "Last_Call__c",
        is_partner / IS_PARTNER: bool = "Is_Partner__c",
        is_churned / IS_CHURNED: bool = "Is_Churned__c",
        segment / SEGMENT: String = "Segment__c",
        notes / NOTES: String = "CS_Account_Notes__c",
    }
}

#[derive(Serialize)]
struct Plain {
    name: String,
    industry: String,
    phone: Option<String>,
    website: String,
    street: String,
    city: String,
    postal_code: String,
    country: String,
    annual_revenue: f64,
    employees: i64,
    owner: String,
    parent: Option<String>,
    description: String,
    key: String,
    score: f64,
    seats: i64,
    renewal: String,
    last_call: String,
    is_partner: bool,
    is_churned: bool,
    segment: String,
    notes: String,
}

fn row(i: usize) -> (Wide, Plain) {
    let id = |prefix: &str, i: usize| SfId::new(format!("{prefix}5g00000{i:05}")).unwrap();
    let industries = ["Technology", "Banking", "Healthcare", "Vertical Farming"];
    let phone = (!i.is_multiple_of(5)).then(|| format!("+49 30 {i:07}"));
    let parent = (!i.is_multiple_of(3)).then(|| id("001", i / 2));
    let (revenue, score) = (i as f64 * 1_000.5, (i % 100) as f64 + 0.25);
    let renewal = chrono::NaiveDate::from_ymd_opt(2026, (i % 12 + 1) as u32, (i % 28 + 1) as u32).unwrap();
    let last_call = Timestamp::from_millis(1_767_603_600_000 + i as i64 * 61_000).unwrap();
    let plain = Plain {
        name: format!("Company {i} Größe GmbH"),
        industry: industries[i % 4].to_owned(),
        phone: phone.clone(),
        website: format!("https://www.company-{i}.example"),
        street: format!("Lange Straße {i}, Hinterhaus"),
        city: "Berlin".to_owned(),
        postal_code: format!("{:05}", i % 99_999),
        country: "Germany".to_owned(),
        annual_revenue: revenue,
        employees: i as i64 * 3,
        owner: id("005", 1).to_string(),
        parent: parent.map(|id| id.to_string()),
        description: "A customer since 2019 who buys in every quarter and pays on time".to_owned(),
        key: format!("erp-{i:08}"),
        score,
        seats: i as i64 % 500,
        renewal: renewal.to_string(),
        last_call: last_call.to_string(),
        is_partner: i.is_multiple_of(2),
        is_churned: i.is_multiple_of(7),
        segment: "Mid-Market".to_owned(),
        notes: "Met the team on Monday.\nThey want to \"grow\" in the next quarter.".to_owned(),
    };
    let wide = Wide {
        id: Field::Absent,
        name: plain.name.clone().into(),
        industry: Field::Value(plain.industry.as_str().into()),
        phone: phone.into(),
        website: plain.website.clone().into(),
        street: plain.street.clone().into(),
        city: plain.city.clone().into(),
        postal_code: plain.postal_code.clone().into(),
        country: plain.country.clone().into(),
        annual_revenue: Field::Value(revenue.to_string().parse().unwrap()),
        employees: plain.employees.into(),
        owner: id("005", 1).into(),
        parent: parent.into(),
        description: plain.description.clone().into(),
        key: plain.key.clone().into(),
        score: Field::Value(score.to_string().parse().unwrap()),
        seats: plain.seats.into(),
        renewal: renewal.into(),
        last_call: last_call.into(),
        is_partner: plain.is_partner.into(),
        is_churned: plain.is_churned.into(),
        segment: plain.segment.clone().into(),
        notes: plain.notes.clone().into(),
        extra: Default::default(),
    };
    (wide, plain)
}

fn main() {
    let (wide, plain): (Vec<Wide>, Vec<Plain>) = (0..ROWS).map(row).unzip();
    let job = IngestJob::new(Wide::OBJECT, Operation::Insert);
    let typed = || {
        let mut csv = CsvEncoder::new();
        for row in &wide {
            csv.push_row(row, &job).unwrap();
        }
        csv.finish()
    };
    let bare = || {
        let mut csv = csv::Writer::from_writer(Vec::new());
        for row in &plain {
            csv.serialize(row).unwrap();
        }
        csv.into_inner().unwrap()
    };
    let cells = |text: &[u8]| -> Vec<Vec<String>> {
        let mut reader = csv::Reader::from_reader(text);
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    };
    let (ours, theirs) = (cells(typed().as_bytes()), cells(&bare()));
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert!(ours.len() == 22 && ours.len() == theirs.len());
        for (at, (our, their)) in ours.iter().zip(theirs).enumerate() {
            let number = matches!(at, 8 | 14) && our.parse::<f64>().unwrap() == their.parse::<f64>().unwrap();
            assert!(our == their || (our == "#N/A" && their.is_empty()) || number, "{at}: {our} {their}");
        }
    }
    println!("ratio bulk_encode_vs_csv {:.3} 1.5", ratio::of(typed, bare));
}
