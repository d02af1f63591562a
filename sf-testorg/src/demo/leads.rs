//! A lead for every third account: of another company, or converted into that account's deal.
use super::{
    ContactRow, DAY, Served,
    accounts::{address, listed, phone},
    ago, audit, names, prose,
    random::Random,
    users::People,
    writer::Writer,
};
use crate::state::{Cell, SchemaError, State};
use sf_core::{SfId, Timestamp};

/// Leads are companies that are no accounts: their names go on where those of the accounts end.
const COMPANIES: u64 = 2_000_000;

pub(super) fn insert(
    state: &mut State,
    random: &mut Random,
    start: Timestamp,
    served: &Served,
    people: &People,
) -> Result<(), SchemaError> {
    if !served.index.is_multiple_of(3) {
        return Ok(());
    }
    let deal = served.opportunities.first().copied();
    match (&served.contact, deal) {
        (Some(contact), Some(deal)) if random.chance(50) => {
            converted(state, random, start, served, contact, deal)
        }
        _ => open(state, random, start, served, people),
    }
}

fn open(
    state: &mut State,
    random: &mut Random,
    start: Timestamp,
    served: &Served,
    people: &People,
) -> Result<(), SchemaError> {
    let company = names::company(COMPANIES + served.index, random);
    let domain = names::domain(&company, COMPANIES + served.index);
    let (first, last) = names::person(random);
    let owner = random.pick(&people.executives);
    let mut row = Writer::new(state, "Lead")?;
    person(&mut row, random, (first, last), &company, &domain, owner);
    row.maybe(random, 80, "Email", format!("lead{}@{domain}", served.index));
    let status = random.pick(&[
        "Open - Not Contacted",
        "Open - Not Contacted",
        "Working - Contacted",
        "Closed - Not Converted",
    ]);
    row.set("Status", status);
    row.set("IsUnreadByOwner", status == "Open - Not Contacted" && random.chance(50));
    let age = random.range(DAY, 400 * DAY);
    audit(&mut row, random, start, age, owner);
    row.insert(state);
    Ok(())
}

/// The account and the contact were there; converting made the deal.
fn converted(
    state: &mut State,
    random: &mut Random,
    start: Timestamp,
    served: &Served,
    contact: &ContactRow,
    deal: SfId,
) -> Result<(), SchemaError> {
    let made =
        state.find(deal).and_then(|(sobject, row)| match &row.cells[sobject.position("CreatedDate")?] {
            Cell::DateTime(made) => Some(*made),
            _ => None,
        });
    let made = made.unwrap_or(start);
    let account = &served.account;
    let mut row = Writer::new(state, "Lead")?;
    person(&mut row, random, (contact.first, contact.last), &account.name, &account.domain, account.owner);
    if let Some(email) = &contact.email {
        row.set("Email", email.as_str());
    }
    row.set("Status", "Closed - Converted");
    row.set("IsConverted", true);
    row.set("ConvertedDate", made.utc().date_naive());
    row.set("ConvertedAccountId", account.id);
    row.set("ConvertedContactId", contact.id);
    row.set("ConvertedOpportunityId", deal);
    row.set("CreatedDate", ago(made, random.range(DAY, 60 * DAY)));
    row.set("CreatedById", account.owner);
    row.set("LastModifiedDate", made);
    row.set("LastModifiedById", account.owner);
    row.set("SystemModstamp", made);
    row.insert(state);
    Ok(())
}

fn person(
    row: &mut Writer,
    random: &mut Random,
    (first, last): (&str, &str),
    company: &str,
    domain: &str,
    owner: SfId,
) {
    let sobject = row.sobject();
    row.set("FirstName", first);
    row.set("LastName", last);
    row.set("Name", format!("{first} {last}"));
    row.set("Company", company);
    row.set("OwnerId", owner);
    row.set("PhotoUrl", format!("/services/images/photo/{}", row.id()));
    for (field, percent) in [("LeadSource", 85), ("Industry", 60), ("Rating", 55), ("Salutation", 20)] {
        let value = listed(&sobject, field, random);
        row.maybe(random, percent, field, value);
    }
    let title = random.pick(&["CIO", "Head of Integration", "Developer", "Enterprise Architect"]);
    row.maybe(random, 70, "Title", title);
    let number = phone(random);
    row.maybe(random, 60, "Phone", number);
    row.maybe(random, 50, "Website", format!("https://www.{domain}"));
    let revenue = random.range(1, 4_000) * 100_000;
    row.maybe(random, 40, "AnnualRevenue", revenue);
    let employees = random.range(5, 20_000);
    row.maybe(random, 50, "NumberOfEmployees", employees);
    let text = prose::text(random, 1);
    row.maybe(random, 40, "Description", text);
    address(row, random, "", 50);
}
