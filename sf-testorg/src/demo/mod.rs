//! The rows an org begins with.
//!
//! A data set is a function of its options and the org's start: the same seed gives the same rows, and an account, its opportunities, its
//! task and its first contact do not depend on how many follow. The other rows come after those of all accounts, so that their ids do. Dates are offsets from the start. All of it may change only together with [`DATASET_VERSION`], because a journal
//! holds nothing but the options of the data set that it continues.
mod accounts;
mod cases;
mod contacts;
mod content;
mod events;
mod leads;
mod mails;
mod names;
mod opportunities;
mod organization;
mod prose;
pub(crate) mod random;
mod tasks;
mod users;
mod writer;

use crate::{
    schema,
    state::{SObjectType, SchemaError, State},
};
use serde::{Deserialize, Serialize};
use sf_core::{SfId, Timestamp};
use std::{fmt, str::FromStr, sync::LazyLock};
use writer::Writer;

/// Rises whenever the same options give other rows.
pub const DATASET_VERSION: u32 = 3;

/// Accounts that get further contacts, leads, cases and events: the first ones, so that a large org is large in accounts only.
const SERVED: u64 = 600;

/// Which rows an org begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Dataset {
    /// Customers of a software company: accounts with customer-success fields, their opportunities in all stages,
    /// contacts, tasks, a few files, and the users that own them; for the first 600 accounts also further contacts, leads (some
    /// converted), events, and cases with comments and e-mails.
    #[default]
    Demo,
    /// The API user, the organization with its profiles, and the rows of picklist values (opportunity stages, statuses, priorities).
    Empty,
}

impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Dataset::Demo => "demo",
            Dataset::Empty => "empty",
        })
    }
}

impl FromStr for Dataset {
    type Err = String;
    fn from_str(text: &str) -> Result<Dataset, String> {
        match text {
            "demo" => Ok(Dataset::Demo),
            "empty" => Ok(Dataset::Empty),
            other => Err(format!("there is no data set {other:?}; choose demo or empty")),
        }
    }
}

/// How many accounts the demo holds when a client asks for `accounts`: a fifth more, so that there is something left to find.
pub fn total_accounts(accounts: u64) -> u64 {
    accounts + accounts.div_ceil(5)
}

/// Fills a state without rows: objects that it does not have yet, rows and the current user.
///
/// # Errors
/// The schema's sources do not fit together, which a test of this crate rules out.
pub fn fill(
    state: &mut State,
    dataset: Dataset,
    seed: u64,
    accounts: u64,
    start: Timestamp,
) -> Result<(), SchemaError> {
    state.set_now(start);
    for sobject in sobjects()? {
        if state.schema().get(&sobject.name).is_none() {
            let mut sobject = sobject.clone();
            sobject.changed_at = start;
            state.add_sobject(sobject);
        }
    }
    let people = users::fill(state, dataset, seed, start)?;
    opportunities::fill_stages(state, start)?;
    state.set_now(ago(start, 2_000 * DAY));
    state.follow_picklists();
    state.set_now(start);
    let queue = organization::fill(state, dataset, seed, start)?;
    if dataset == Dataset::Demo {
        let mut served = Vec::new();
        for index in 0..total_accounts(accounts) {
            let account = accounts::insert(state, seed, index, start, &people)?;
            let contact = contacts::insert_first(state, seed, index, start, &account)?;
            let id = contact.as_ref().map(|contact| contact.id);
            let opportunities = opportunities::insert(state, seed, index, start, &account, &people)?;
            tasks::insert(state, seed, index, start, &account, id, &opportunities)?;
            if index < SERVED {
                served.push(Served { index, account, contact, opportunities });
            }
        }
        for served in &served {
            let random = |what| random::Random::of(seed, what, served.index);
            contacts::insert_more(state, &mut random("more contacts"), start, served)?;
            leads::insert(state, &mut random("lead"), start, served, &people)?;
            events::insert(state, &mut random("event"), start, served)?;
            cases::insert(state, &mut random("case"), start, served, &people, queue)?;
        }
        content::fill(state, seed, start)?;
    }
    state.seal();
    Ok(())
}

/// Read once: a test makes thousands of orgs.
fn sobjects() -> Result<&'static [SObjectType], SchemaError> {
    static READ: LazyLock<Result<Vec<SObjectType>, SchemaError>> = LazyLock::new(|| {
        let never = Timestamp::from(chrono::DateTime::UNIX_EPOCH);
        schema::demo().iter().map(|answer| SObjectType::from_describe(answer.clone(), never)).collect()
    });
    READ.as_deref().map_err(Clone::clone)
}

/// What later rows need to know of an account.
#[derive(Debug)]
struct AccountRow {
    id: SfId,
    name: String,
    domain: String,
    owner: SfId,
    customer: bool,
    created: Timestamp,
}

/// What later rows need to know of a contact.
#[derive(Debug)]
struct ContactRow {
    id: SfId,
    first: &'static str,
    last: &'static str,
    email: Option<String>,
    phone: Option<String>,
}

/// An account with what hangs on it.
#[derive(Debug)]
struct Served {
    index: u64,
    account: AccountRow,
    contact: Option<ContactRow>,
    opportunities: Vec<SfId>,
}

/// A whole number of days before (negative) or after the start.
fn days(start: Timestamp, days: i64) -> chrono::NaiveDate {
    start.utc().date_naive() + chrono::Duration::days(days)
}

/// A moment `seconds` before the start, to the second.
fn ago(start: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_millis((start.millis().div_euclid(1000) - seconds) * 1000).unwrap_or(start)
}

/// The audit fields of a row that was created `age` seconds before the start.
fn audit(row: &mut Writer, random: &mut random::Random, start: Timestamp, age: i64, by: SfId) -> Timestamp {
    let created = ago(start, age);
    // A fifth of all rows was last touched by one mass update: many rows share one stamp.
    let modified = if random.chance(20) {
        ago(start, age.min(259_200))
    } else {
        ago(start, random.range(60, age.max(61)))
    };
    let modified = modified.max(created);
    row.set("CreatedDate", created);
    row.set("CreatedById", by);
    row.set("LastModifiedDate", modified);
    row.set("LastModifiedById", by);
    row.set("SystemModstamp", modified);
    created
}

const DAY: i64 = 86_400;
