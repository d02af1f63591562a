//! What thousands of accounts cost, counted in the org's own log.
use crate::desk::*;
use sf_core::{FieldName, SfId, field, path};
use sf_sync::{Edit, Mapping, ObjectMapping, Scope};
use sf_testorg::TestOrg;
use std::time::Instant;

const COMMENTS: [FieldName; 10] = [
    field!("Relationship_Health_Comments__c"),
    field!("Customer_Business_Health_Comments__c"),
    field!("Consumption_Comments__c"),
    field!("Enterprise_Features_Comments__c"),
    field!("Kong_OSS_Present_Comments__c"),
    field!("Critical_Use_cases_Comments__c"),
    field!("Technical_Engagement_Comments__c"),
    field!("Platform_Play_Comments__c"),
    field!("Value_Realization_Comments__c"),
    field!("Active_Project_Implementation_Comments__c"),
];

#[test]
fn given_2000_accounts_when_pulled_and_pushed_then_the_calls_stay_within_bounds() {
    calls_stay_within_bounds(2_000);
}

/// Too long for every run in a debug build: `cargo test --release -p sf-sync --test it bounds -- --ignored --nocapture`.
#[test]
#[ignore = "long: .ci/long runs it"]
fn given_10000_accounts_when_pulled_and_pushed_then_the_calls_stay_within_bounds() {
    calls_stay_within_bounds(10_000);
}

/// Prints what it measured: `--nocapture` shows it.
#[allow(clippy::print_stdout)]
fn calls_stay_within_bounds(rows: u64) {
    let narrow = ObjectMapping::new(ACCOUNT).pull([path!("Name"), path!("Industry")]).edit(PLAY, "CX Play");
    let wide = COMMENTS.iter().fold(accounts(), |m, field| m.edit(field.clone(), field.as_str()));
    let both = Mapping::new().object(wide.clone()).object(opportunities());
    let sim = TestOrg::builder().accounts(rows).build();
    let ids: Vec<SfId> = sim.rows(&ACCOUNT).iter().filter_map(|r| r.id).take(rows as usize).collect();
    for (name, mapping, bound) in [
        // A page of 2,000 rows a call; with long texts a light page and a retrieve; children: their result pages, too.
        ("narrow", Mapping::new().object(narrow), rows.div_ceil(2_000)),
        ("wide", Mapping::new().object(wide), 2 * rows.div_ceil(2_000)),
        ("with children", both, 8 * rows.div_ceil(2_000)),
    ] {
        let desk = Desk::of(sim.clone(), mapping);
        let start = Instant::now();
        desk.run(desk.engine.track(ACCOUNT, ids.clone())).unwrap();
        println!("{name}: import {:?}, {} calls", start.elapsed(), desk.calls().len());
        let start = Instant::now();
        let report = desk.pull(Scope::Known);
        let calls = desk.calls();
        println!("{name}: pull {:?}, {} rows, {} calls", start.elapsed(), report.pulled.rows, calls.len());
        assert!(calls.len() as u64 <= bound, "{name}: {} calls", calls.len());
        let start = Instant::now();
        let report = desk.pull(Scope::Changed);
        println!(
            "{name}: changes {:?}, {} rows, {} calls",
            start.elapsed(),
            report.pulled.rows,
            desk.calls().len()
        );
        let start = Instant::now();
        for id in &ids {
            desk.edits(Edit::update(ACCOUNT, *id).set(PLAY, "Recover"));
        }
        println!("{name}: captures {:?}", start.elapsed());
        desk.wait(3);
        let start = Instant::now();
        let report = desk.push();
        let calls = desk.calls();
        println!("{name}: push {:?}, {} rows, {} calls", start.elapsed(), report.pushed.rows, calls.len());
        // A write of 1,000 rows a call, and the conflict check of 2,000 rows a call.
        let bound = report.pushed.rows.div_ceil(1_000) + rows.div_ceil(2_000);
        assert!(calls.len() as u64 <= bound, "{name}: {} calls, not {bound}", calls.len());
    }
}
