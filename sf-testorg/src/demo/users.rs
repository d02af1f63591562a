//! The people of the org.
use super::{DAY, Dataset, ago, names, random::Random, writer::Writer};
use crate::{
    Credentials,
    state::{SchemaError, State},
};
use sf_core::{SfId, Timestamp};

/// Who owns accounts and who looks after them.
#[derive(Debug)]
pub(super) struct People {
    /// Account executives; the last one has left the company and still owns records.
    pub(super) executives: Vec<SfId>,
    /// Names of customer-experience managers, which the accounts hold as text.
    pub(super) managers: Vec<String>,
}

/// The first two profiles.
const PROFILES: [&str; 2] = ["00e5e0000000001", "00e5e0000000002"];
const EXECUTIVES: u64 = 9;

pub(super) fn fill(
    state: &mut State,
    dataset: Dataset,
    seed: u64,
    start: Timestamp,
) -> Result<People, SchemaError> {
    let username = Credentials::of_seed(seed).username;
    let domain = username.split_once('@').map_or("org.example", |(_, domain)| domain).to_owned();
    let mut random = Random::of(seed, "user", 0);
    let api_user = insert(state, &mut random, start, ("Avery", "Quinn"), &username, "Customer Platform", 0)?;
    state.set_user(api_user);
    let mut people = People { executives: vec![api_user], managers: Vec::new() };
    if dataset == Dataset::Empty {
        return Ok(people);
    }
    people.executives.clear();
    let mut manager = None;
    for at in 0..EXECUTIVES {
        let mut random = Random::of(seed, "user", at + 1);
        let (first, last) = names::person(&mut random);
        let username = format!("ae{}@{domain}", at + 1);
        let inactive = u64::from(at == EXECUTIVES - 1);
        let id = insert(state, &mut random, start, (first, last), &username, "Account Executive", inactive)?;
        if let Some(manager) = manager {
            let fields = [("ManagerId", crate::state::Cell::Id(manager))];
            state.update_row(id, fields)?;
        } else {
            manager = Some(id);
        }
        people.executives.push(id);
    }
    let mut random = Random::of(seed, "manager", 0);
    people.managers = (0..12)
        .map(|_| {
            let (first, last) = names::person(&mut random);
            format!("{first} {last}")
        })
        .collect();
    Ok(people)
}

fn insert(
    state: &mut State,
    random: &mut Random,
    start: Timestamp,
    (first, last): (&str, &str),
    username: &str,
    title: &str,
    inactive: u64,
) -> Result<SfId, SchemaError> {
    let mut row = Writer::new(state, "User")?;
    let id = row.id();
    let local = username.split_once('@').map_or(username, |(local, _)| local);
    row.set("Username", username);
    row.set("FirstName", first);
    row.set("LastName", last);
    row.set("Name", format!("{first} {last}"));
    row.set("Email", username);
    row.set("Alias", local.chars().take(8).collect::<String>());
    row.set("CommunityNickname", local);
    row.set("Title", title);
    row.set("CompanyName", "Example Gateways, Inc.");
    row.set("Department", if title == "Customer Platform" { "Operations" } else { "Sales" });
    row.set("IsActive", inactive == 0);
    row.set(
        "TimeZoneSidKey",
        random.pick(&["America/Los_Angeles", "Europe/London", "Europe/Berlin", "Asia/Tokyo"]),
    );
    row.set("LocaleSidKey", "en_US");
    row.set("LanguageLocaleKey", "en_US");
    row.set("EmailEncodingKey", "UTF-8");
    if let Ok(profile) = SfId::new(PROFILES[usize::from(title != "Customer Platform")]) {
        row.set("ProfileId", profile);
    }
    row.set("UserType", "Standard");
    row.set("ReceivesInfoEmails", false);
    row.set("ForecastEnabled", title != "Customer Platform");
    let phone = format!("+1 555 01{:02}", random.below(100));
    row.maybe(random, 60, "Phone", phone);
    let created = ago(start, 2_000 * DAY);
    for field in ["CreatedDate", "LastModifiedDate", "SystemModstamp"] {
        row.set(field, created);
    }
    row.set("CreatedById", id);
    row.set("LastModifiedById", id);
    if inactive == 0 {
        row.set("LastLoginDate", ago(start, random.range(600, 5 * DAY)));
    }
    Ok(row.insert(state))
}
