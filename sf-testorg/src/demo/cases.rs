//! Cases of every fourth account that is a customer, with comments and mail.
use super::{
    DAY, Served, accounts::listed, ago, mails, prose, random::Random, users::People, writer::Writer,
};
use crate::state::{SchemaError, State};
use sf_core::{SfId, Timestamp};

const SUBJECTS: [&str; 12] = [
    "Gateway answers 502 after the upgrade",
    "Rate limiting counts twice",
    "Certificate of the admin API expired",
    "Dev portal: login loop with SSO",
    "How do we rotate the database password?",
    "Memory grows over a week",
    "Licence report shows \"0 services\"",
    "Plug-in \"jwt\" rejects valid tokens",
    "Latency p99 > 2 s in eu-west-1",
    "Umlaute in Consumer-Namen (ä, ö, ü) werden verdoppelt",
    "ログが文字化けする",
    "Feature request: export of audit logs",
];

/// What comments and mail need to know of a case.
#[derive(Debug)]
pub(super) struct CaseRow {
    pub(super) id: SfId,
    pub(super) subject: &'static str,
    pub(super) status: &'static str,
    pub(super) owner: SfId,
    pub(super) created: Timestamp,
}

pub(super) fn insert(
    state: &mut State,
    random: &mut Random,
    start: Timestamp,
    served: &Served,
    people: &People,
    queue: Option<SfId>,
) -> Result<(), SchemaError> {
    if served.index % 4 != 1 || !served.account.customer {
        return Ok(());
    }
    let mut first = None;
    for nth in 0..random.pick(&[1, 1, 2, 3]) {
        let owner = random.pick(&people.executives);
        let parent = first.filter(|_| nth == 2);
        let case = insert_one(state, random, start, served, (owner, queue), parent)?;
        first.get_or_insert(case);
    }
    Ok(())
}

fn insert_one(
    state: &mut State,
    random: &mut Random,
    start: Timestamp,
    served: &Served,
    (owner, queue): (SfId, Option<SfId>),
    parent: Option<SfId>,
) -> Result<SfId, SchemaError> {
    let account = &served.account;
    let whole = ((start.millis() - account.created.millis()) / 1000).max(2 * DAY);
    let age = random.range(DAY, whole.min(300 * DAY));
    let created = ago(start, age);
    let status = match random.below(10) {
        0..2 => "New",
        2..4 => "Working",
        4 => "Escalated",
        _ => "Closed",
    };
    let closed = (status == "Closed").then(|| ago(start, random.range(60, age)).max(created));
    let subject = random.pick(&SUBJECTS);
    let mut row = Writer::new(state, "Case")?;
    let sobject = row.sobject();
    let origin = random.pick(&["Email", "Email", "Web", "Phone"]);
    row.set("AccountId", account.id);
    if let Some(contact) = &served.contact {
        row.set("ContactId", contact.id);
        if let Some(email) = &contact.email {
            row.set("ContactEmail", email.as_str());
        }
        if let Some(phone) = &contact.phone {
            row.set("ContactPhone", phone.as_str());
        }
        if origin != "Phone" {
            row.set("SuppliedName", format!("{} {}", contact.first, contact.last));
            row.set("SuppliedCompany", account.name.chars().take(80).collect::<String>());
            if let Some(email) = &contact.email {
                row.set("SuppliedEmail", email.as_str());
            }
        }
        // The mobile number is shown too, and only the row has it.
        let mobile = state
            .find(contact.id)
            .and_then(|(of, row)| row.cells[of.position("MobilePhone")?].as_text().map(str::to_owned));
        if let Some(mobile) = mobile {
            row.set("ContactMobile", mobile);
        }
    }
    if let Some(parent) = parent {
        row.set("ParentId", parent);
    }
    row.set("OwnerId", queue.filter(|_| status == "New").unwrap_or(owner));
    row.set("Subject", subject);
    row.set("Status", status);
    row.set("Origin", origin);
    row.set("Priority", random.pick(&["High", "Medium", "Medium", "Medium", "Low"]));
    row.set("IsEscalated", status == "Escalated");
    for (field, percent) in [("Reason", 60), ("Type", 15)] {
        let value = listed(&sobject, field, random);
        row.maybe(random, percent, field, value);
    }
    let sentences = 1 + random.below(3);
    let text = prose::text(random, sentences);
    row.maybe(random, 85, "Description", text);
    if let Some(closed) = closed {
        row.set("IsClosed", true);
        row.set("ClosedDate", closed);
    }
    let modified = closed.unwrap_or_else(|| ago(start, random.range(60, age)).max(created));
    stamps(&mut row, created, modified, owner);
    let case = CaseRow { id: row.insert(state), subject, status, owner, created };
    for _ in 0..random.below(4) {
        comment(state, random, start, &case)?;
    }
    if origin == "Email" {
        mails::insert(state, random, start, &case, served)?;
    }
    Ok(case.id)
}

fn comment(
    state: &mut State,
    random: &mut Random,
    start: Timestamp,
    case: &CaseRow,
) -> Result<(), SchemaError> {
    let mut row = Writer::new(state, "CaseComment")?;
    row.set("ParentId", case.id);
    row.set("IsPublished", random.chance(40));
    let sentences = 1 + random.below(2);
    row.set("CommentBody", prose::text(random, sentences));
    let at = since(random, start, case.created);
    stamps(&mut row, at, at, case.owner);
    row.insert(state);
    Ok(())
}

pub(super) fn stamps(row: &mut Writer, created: Timestamp, modified: Timestamp, by: SfId) {
    row.set("CreatedDate", created);
    row.set("CreatedById", by);
    row.set("LastModifiedDate", modified);
    row.set("LastModifiedById", by);
    row.set("SystemModstamp", modified);
}

/// A moment from `earliest` to the start.
pub(super) fn since(random: &mut Random, start: Timestamp, earliest: Timestamp) -> Timestamp {
    let most = ((start.millis() - earliest.millis()) / 1000).max(1);
    ago(start, random.range(0, most)).max(earliest)
}
