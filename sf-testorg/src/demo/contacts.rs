//! A contact for most accounts, and further ones for the first.
use super::{
    AccountRow, ContactRow, DAY, Served,
    accounts::{address, listed, phone},
    ago, audit, days, names, prose,
    random::Random,
    writer::Writer,
};
use crate::state::{SchemaError, State};
use sf_core::{SfId, Timestamp};

const TITLES: [&str; 5] = ["VP Engineering", "Head of Platform", "CTO", "API Architect", "Procurement"];

/// The contact that tasks and cases are about.
pub(super) fn insert_first(
    state: &mut State,
    seed: u64,
    index: u64,
    start: Timestamp,
    account: &AccountRow,
) -> Result<Option<ContactRow>, SchemaError> {
    let mut random = Random::of(seed, "contact", index);
    if !random.chance(60) {
        return Ok(None);
    }
    insert(state, &mut random, &format!("contact{index}"), start, account, None).map(Some)
}

/// None to three, who report to the first.
pub(super) fn insert_more(
    state: &mut State,
    random: &mut Random,
    start: Timestamp,
    served: &Served,
) -> Result<(), SchemaError> {
    for nth in 0..random.pick(&[0, 0, 1, 1, 2, 3]) {
        let local = format!("contact{}.{}", served.index, nth + 1);
        let manager = served.contact.as_ref().map(|contact| contact.id).filter(|_| random.chance(60));
        insert(state, random, &local, start, &served.account, manager)?;
    }
    Ok(())
}

fn insert(
    state: &mut State,
    random: &mut Random,
    local: &str,
    start: Timestamp,
    account: &AccountRow,
    reports_to: Option<SfId>,
) -> Result<ContactRow, SchemaError> {
    let (first, last) = names::person(random);
    let mut row = Writer::new(state, "Contact")?;
    let id = row.id();
    let sobject = row.sobject();
    row.set("AccountId", account.id);
    row.set("FirstName", first);
    row.set("LastName", last);
    row.set("Name", format!("{first} {last}"));
    row.set("OwnerId", account.owner);
    row.set("PhotoUrl", format!("/services/images/photo/{id}"));
    if let Some(manager) = reports_to {
        row.set("ReportsToId", manager);
    }
    let email = random.chance(85).then(|| format!("{local}@{}", account.domain));
    let title = random.pick(&TITLES);
    row.maybe(random, 70, "Title", title);
    let age = ((start.millis() - account.created.millis()) / 1000).max(DAY);
    let created = audit(&mut row, random, start, age, account.owner);
    for (field, percent) in [("Salutation", 30), ("LeadSource", 50)] {
        let value = listed(&sobject, field, random);
        row.maybe(random, percent, field, value);
    }
    let department = random.pick(&["Engineering", "IT", "Platform", "Finance", "Legal"]);
    row.maybe(random, 50, "Department", department);
    let number = random.chance(65).then(|| phone(random));
    if let Some(number) = &number {
        row.set("Phone", number.as_str());
    }
    let mobile = phone(random);
    row.maybe(random, 35, "MobilePhone", mobile);
    let born = days(start, -random.range(22 * 365, 65 * 365));
    row.maybe(random, 8, "Birthdate", born);
    address(&mut row, random, "Mailing", 45);
    let text = prose::text(random, 1);
    row.maybe(random, 20, "Description", text);
    let active = random.range(1, 200);
    row.maybe(random, 50, "LastActivityDate", days(start, -active));
    if let Some(email) = &email {
        row.set("Email", email.as_str());
        if random.chance(3) {
            row.set(
                "EmailBouncedReason",
                "550 5.1.1 The email account that you tried to reach does not exist",
            );
            row.set("EmailBouncedDate", ago(start, random.range(DAY, 90 * DAY)).max(created));
            row.set("IsEmailBounced", true);
        }
    }
    row.insert(state);
    Ok(ContactRow { id, first, last, email, phone: number })
}
