//! Opportunity stages and opportunities.
use super::{
    AccountRow, DAY,
    accounts::{listed, money},
    ago, audit, days, prose,
    random::Random,
    users::People,
    writer::Writer,
};
use crate::state::{SchemaError, State};
use chrono::Datelike;
use sf_core::{SfId, Timestamp};

/// A stage of a new org: name, probability, forecast category and its name, closed, won.
type Stage = (&'static str, i64, &'static str, &'static str, bool, bool);
const STAGES: [Stage; 10] = [
    ("Prospecting", 10, "Pipeline", "Pipeline", false, false),
    ("Qualification", 10, "Pipeline", "Pipeline", false, false),
    ("Needs Analysis", 20, "Pipeline", "Pipeline", false, false),
    ("Value Proposition", 50, "Pipeline", "Pipeline", false, false),
    ("Id. Decision Makers", 60, "Pipeline", "Pipeline", false, false),
    ("Perception Analysis", 70, "Pipeline", "Pipeline", false, false),
    ("Proposal/Price Quote", 75, "Pipeline", "Pipeline", false, false),
    ("Negotiation/Review", 90, "Pipeline", "Pipeline", false, false),
    ("Closed Won", 100, "Closed", "Closed", true, true),
    ("Closed Lost", 0, "Omitted", "Omitted", true, false),
];
const WON: usize = 8;
const LOST: usize = 9;

pub(super) fn fill_stages(state: &mut State, start: Timestamp) -> Result<(), SchemaError> {
    for (order, (name, probability, category, category_name, closed, won)) in STAGES.into_iter().enumerate() {
        let mut row = Writer::new(state, "OpportunityStage")?;
        row.set("MasterLabel", name);
        row.set("ApiName", name);
        row.set("IsActive", true);
        row.set("SortOrder", i64::try_from(order + 1).unwrap_or(0));
        row.set("DefaultProbability", probability);
        row.set("ForecastCategory", category);
        row.set("ForecastCategoryName", category_name);
        row.set("IsClosed", closed);
        row.set("IsWon", won);
        for field in ["CreatedDate", "LastModifiedDate", "SystemModstamp"] {
            row.set(field, ago(start, 2_000 * DAY));
        }
        if let Some(user) = state.user() {
            row.set("CreatedById", user);
            row.set("LastModifiedById", user);
        }
        row.insert(state);
    }
    Ok(())
}

/// The opportunities of one account: none to six.
pub(super) fn insert(
    state: &mut State,
    seed: u64,
    index: u64,
    start: Timestamp,
    account: &AccountRow,
    people: &People,
) -> Result<Vec<SfId>, SchemaError> {
    let mut random = Random::of(seed, "opportunities", index);
    // The first four accounts show all ten stages, however small the org is.
    let count = if index < 4 { 3 } else { random.pick(&[0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 6, 6]) };
    (0..count).map(|nth| insert_one(state, &mut random, index, nth, start, account, people)).collect()
}

fn insert_one(
    state: &mut State,
    random: &mut Random,
    index: u64,
    nth: u64,
    start: Timestamp,
    account: &AccountRow,
    people: &People,
) -> Result<SfId, SchemaError> {
    let drawn = match random.below(10) {
        0..4 => WON,
        4..6 => LOST,
        _ => usize::try_from(random.below(8)).unwrap_or(0),
    };
    let stage = if index < 4 { usize::try_from((index * 3 + nth) % 10).unwrap_or(0) } else { drawn };
    let (stage_name, probability, category, category_name, closed, won) = STAGES[stage];
    let owner = if random.chance(80) { account.owner } else { random.pick(&people.executives) };
    let mut row = Writer::new(state, "Opportunity")?;
    let sobject = row.sobject();
    let kind = random.pick(&["New business", "Renewal", "Expansion", "Service Mesh", "AI Gateway add-on"]);
    let close = if closed { -random.range(1, 900) } else { random.range(-20, 300) };
    let close_date = days(start, close);
    row.set("AccountId", account.id);
    row.set(
        "Name",
        format!("{} – {kind} {}", account.name.chars().take(80).collect::<String>(), close_date.year()),
    );
    row.set("OwnerId", owner);
    row.set("StageName", stage_name);
    row.set("CloseDate", close_date);
    row.set("Probability", probability);
    row.set("ForecastCategory", category);
    row.set("ForecastCategoryName", category_name);
    row.set("IsClosed", closed);
    row.set("IsWon", won);
    row.set("FiscalYear", i64::from(close_date.year()));
    row.set("FiscalQuarter", i64::from(close_date.month0() / 3 + 1));
    row.set("Fiscal", format!("{} {}", close_date.year(), close_date.month0() / 3 + 1));
    let cents = random.range(1_000, 90_000) * random.pick(&[100, 1_000, 5_025]);
    if random.chance(90) {
        row.set("Amount", money(cents));
        row.set("ExpectedRevenue", money(cents * probability / 100));
    }
    for (field, percent) in [("Type", 80), ("LeadSource", 60)] {
        let value = listed(&sobject, field, random);
        row.maybe(random, percent, field, value);
    }
    row.maybe(random, if closed { 10 } else { 60 }, "NextStep", "Send the revised order form");
    row.set("PushCount", i64::try_from(random.below(4)).unwrap_or(0));
    row.set("HasOpenActivity", false);
    custom(&mut row, random, start, stage, cents, close);
    let whole = (start.millis() - account.created.millis()) / 1000;
    let age = random.range(DAY, whole.max(2 * DAY));
    let created = audit(&mut row, random, start, age, owner);
    let changed = random.range(60, age);
    row.maybe(random, 80, "LastStageChangeDate", ago(start, changed).max(created));
    Ok(row.insert(state))
}

/// The fields of `schema/cx_demo.json`.
fn custom(row: &mut Writer, random: &mut Random, start: Timestamp, stage: usize, cents: i64, close: i64) {
    let sobject = row.sobject();
    if random.chance(80) {
        row.set("ACV__c", money(cents));
        row.set("TCV__c", money(cents * random.range(1, 4)));
    }
    if stage == WON || random.chance(40) {
        let begin = close + random.range(0, 45);
        row.set("Contract_Start_Date__c", days(start, begin));
        row.set("Renewal_Date__c", days(start, begin + 365));
    }
    let risk = listed(&sobject, "Renewal_Risk_Level__c", random);
    row.maybe(random, 55, "Renewal_Risk_Level__c", risk);
    if stage == LOST {
        let reason = listed(&sobject, "Churn_Reason__c", random);
        row.maybe(random, 80, "Churn_Reason__c", reason);
        row.maybe(random, 60, "ARR_Churn_Forecast__c", money(cents));
    } else {
        row.maybe(random, 12, "ARR_Churn_Forecast__c", money(cents / 2));
    }
    if random.chance(40) {
        row.set("CX_Notes__c", prose::comment(random));
    }
    if random.chance(if stage == WON { 60 } else { 15 }) {
        row.set("CS_Handoff_Notes__c", prose::comment(random));
    }
}
