//! Accounts with their customer-success fields.
use super::{AccountRow, DAY, audit, days, names, prose, random::Random, users::People, writer::Writer};
use crate::state::{SObjectType, SchemaError, State};
use sf_core::Timestamp;

/// The ten health indicators: status and comment.
const INDICATORS: [(&str, &str); 10] = [
    ("Relationship_Health__c", "Relationship_Health_Comments__c"),
    ("Customer_Business_Health__c", "Customer_Business_Health_Comments__c"),
    ("Consumption__c", "Consumption_Comments__c"),
    ("Enterprise_Features__c", "Enterprise_Features_Comments__c"),
    ("Kong_OSS_Present__c", "Kong_OSS_Present_Comments__c"),
    ("Critical_Use_Cases__c", "Critical_Use_cases_Comments__c"),
    ("Technical_Engagement__c", "Technical_Engagement_Comments__c"),
    ("Platform_Play__c", "Platform_Play_Comments__c"),
    ("Value_Realization_Custom__c", "Value_Realization_Comments__c"),
    ("Active_Project_Implementation__c", "Active_Project_Implementation_Comments__c"),
];
const VERSIONS: [&str; 8] =
    ["2.8.4.13", "3.4.3.17", "3.6.1.8", "3.7.1.2", "3.8.0.0", "3.9.1.1", "3.10.0.2", "3.11.0.0-rc.1"];

pub(super) fn insert(
    state: &mut State,
    seed: u64,
    index: u64,
    start: Timestamp,
    people: &People,
) -> Result<AccountRow, SchemaError> {
    let mut random = Random::of(seed, "account", index);
    let name = names::company(index, &mut random);
    let domain = names::domain(&name, index);
    // The searched-for accounts of the examples are customers with revenue; of the others, two thirds are customers.
    let shown = name.starts_with("Acme");
    let customer = shown || random.chance(66);
    let owner = random.pick(&people.executives);
    let mut row = Writer::new(state, "Account")?;
    let id = row.id();
    row.set("Name", name.as_str());
    row.set("OwnerId", owner);
    standard(&mut row, &mut random, customer, shown, &domain);
    row.set("PhotoUrl", format!("/services/images/photo/{id}"));
    // Ids rise with the creation date; the first account is five years old.
    let age = (1825 * DAY - i64::try_from(index).unwrap_or(0) * 9_000).max(3 * DAY);
    let created = audit(&mut row, &mut random, start, age, owner);
    let ago = random.range(1, 120);
    row.maybe(&mut random, 60, "LastActivityDate", days(start, -ago));
    if customer {
        success(&mut row, &mut random, start, &name, people);
    } else {
        row.maybe(&mut random, 15, "CS_Account_Notes__c", "Prospect: no customer-success owner yet.");
    }
    row.insert(state);
    Ok(AccountRow { id, name, domain, owner, customer, created })
}

fn standard(row: &mut Writer, random: &mut Random, customer: bool, shown: bool, domain: &str) {
    row.set(
        "Type",
        if customer {
            random.pick(&["Customer - Direct", "Customer - Channel"])
        } else {
            random.pick(&["Prospect", "Prospect", "Technology Partner", "Other"])
        },
    );
    let sobject = row.sobject();
    let industry = listed(&sobject, "Industry", random);
    if shown {
        row.set("Industry", "Technology");
    } else if random.chance(85) {
        row.set("Industry", industry);
    }
    let revenue =
        random.pick(&[250_000, 2_400_000, 18_500_000, 350_000_000, 4_100_000_000]) + random.range(0, 99_999);
    if shown {
        row.set("AnnualRevenue", revenue.max(1_000_000));
    } else {
        row.maybe(random, 75, "AnnualRevenue", revenue);
    }
    let employees = random.range(3, 90_000);
    row.maybe(random, 80, "NumberOfEmployees", employees);
    row.maybe(random, 92, "Website", format!("https://www.{domain}"));
    let phone = phone(random);
    row.maybe(random, 70, "Phone", phone);
    let number = format!("CD{:06}", random.range(0, 999_999));
    row.maybe(random, 50, "AccountNumber", number);
    for (field, percent) in [("Rating", 40), ("Ownership", 45), ("AccountSource", 55)] {
        let value = listed(&sobject, field, random);
        row.maybe(random, percent, field, value);
    }
    let description = prose::text(random, 2);
    row.maybe(random, 40, "Description", description);
    address(row, random, "Billing", 80);
    address(row, random, "Shipping", 25);
}

pub(super) fn phone(random: &mut Random) -> String {
    format!("+{} {} {:06}", random.range(1, 99), random.range(100, 999), random.range(0, 999_999))
}

pub(super) fn address(row: &mut Writer, random: &mut Random, prefix: &str, percent: u64) {
    if !random.chance(percent) {
        return;
    }
    let (city, region, postal, country) = random.pick(&names::PLACES);
    row.set(&format!("{prefix}Street"), format!("{} {}", random.range(1, 900), random.pick(&names::STREETS)));
    row.set(&format!("{prefix}City"), city);
    if let Some(region) = region {
        row.set(&format!("{prefix}State"), region);
    }
    row.set(&format!("{prefix}PostalCode"), postal);
    row.set(&format!("{prefix}Country"), country);
}

/// The fields of `schema/cx_demo.json`.
fn success(row: &mut Writer, random: &mut Random, start: Timestamp, name: &str, people: &People) {
    let sobject = row.sobject();
    for (field, percent) in [
        ("Segment__c", 90),
        ("Customer_Health__c", 80),
        ("Renewal_Risk_Level__c", 70),
        ("CXM_Sentiment_Picklist__c", 65),
        ("CX_Play__c", 75),
        ("Customer_Stage__c", 85),
        ("Engagement_Tier__c", 80),
        ("CS_Tier__c", 80),
        ("GEP_Stage__c", 50),
    ] {
        let value = listed(&sobject, field, random);
        row.maybe(random, percent, field, value);
    }
    if random.chance(90) {
        let cents = random.pick(&[4_800_000, 15_000_050, 62_500_000, 240_000_000, 1_250_000_000])
            + random.range(0, 9_999);
        row.set("ACV__c", money(cents));
        row.set("TCV__c", money(cents * random.range(1, 5)));
        let contract = random.range(-900, -30);
        row.set("Contract_Start_Date__c", days(start, contract));
        row.set("Renewal_Date__c", days(start, contract + 365 * random.range(1, 4)));
    }
    let score = random.range(0, 10_000);
    row.maybe(random, 75, "Calculated_Health_Score__c", money(score));
    let nps = random.range(-100, 100);
    row.maybe(random, 55, "NPS_Score__c", nps);
    let manager = random.choose(&people.managers).as_str();
    row.maybe(random, 85, "CXM_Name__c", manager);
    let update = random.range(0, 180);
    row.maybe(random, 70, "Last_CX_Update__c", days(start, -update));
    row.maybe(random, 70, "Days_Since_Last_CXM_Activity__c", update);
    let consumption = random.range(0, 1_800);
    #[allow(clippy::cast_precision_loss)]
    row.maybe(random, 75, "Overall_Consumption__c", consumption as f64 / 10.0);
    let calls = random.range(0, 4_000_000) * random.range(1, 900);
    row.maybe(random, 75, "Gateway_API_Calls__c", calls);
    let services = random.range(0, 2_500);
    row.maybe(random, 75, "Gateway_Services__c", services);
    let version = random.pick(&VERSIONS);
    row.maybe(random, 70, "Product_Version__c", version);
    products(row, random);
    for (status, comments) in INDICATORS {
        let value = listed(&sobject, status, random);
        row.maybe(random, 65, status, value);
        if random.chance(40) {
            row.set(comments, prose::comment(random));
        }
    }
    if random.chance(55) {
        row.set("CS_Account_Notes__c", format!("{name}: {}", prose::comment(random)));
    }
    let slug = names::domain(name, random.below(1_000));
    let slug = slug.trim_end_matches(".example");
    for (field, percent, link) in [
        ("Internal_Slack_Channel__c", 60, format!("https://chat.example/archives/int-{slug}")),
        ("External_Slack_Channel__c", 35, format!("https://chat.example/archives/ext-{slug}")),
        ("Account_Plan__c", 45, format!("https://docs.example/plans/{slug}?tab=account&v=2")),
        ("Success_Plan__c", 50, format!("https://docs.example/plans/{slug}?tab=success")),
        ("Drive_Folder__c", 55, format!("https://drive.example/folders/{:016x}", random.next())),
    ] {
        row.maybe(random, percent, field, link);
    }
}

/// Used products are some of those contracted; both in the order of the list, as Salesforce prints them.
fn products(row: &mut Writer, random: &mut Random) {
    let sobject = row.sobject();
    let Some(field) = sobject.field("Products_Contracted__c") else { return };
    let contracted: Vec<&str> =
        field.picklist_values.iter().map(|v| v.value.as_str()).filter(|_| random.chance(35)).collect();
    let used: Vec<&str> = contracted.iter().copied().filter(|_| random.chance(70)).collect();
    row.set("Products_Contracted__c", contracted.join(";"));
    row.set("Products_Used__c", used.join(";"));
}

/// One of the field's picklist values; empty when the schema does not have the field.
pub(super) fn listed(sobject: &SObjectType, field: &str, random: &mut Random) -> String {
    match sobject.field(field).map(|f| f.picklist_values.as_slice()) {
        Some(values) if !values.is_empty() => random.choose(values).value.clone(),
        _ => String::new(),
    }
}

/// Cents as an amount.
#[allow(clippy::cast_precision_loss)] // Amounts are far below 2^53 cents.
pub(super) fn money(cents: i64) -> f64 {
    cents as f64 / 100.0
}
