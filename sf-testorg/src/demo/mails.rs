//! The mail of a case: what the customer wrote, and the answer when there is one.
use super::{
    Served,
    cases::{CaseRow, since, stamps},
    prose,
    random::Random,
    writer::Writer,
};
use crate::state::{SchemaError, State};
use sf_core::{SfId, Timestamp};
use std::time::Duration;

const SUPPORT: (&str, &str) = ("Example Gateways Support", "support@gateways.example");

pub(super) fn insert(
    state: &mut State,
    random: &mut Random,
    start: Timestamp,
    case: &CaseRow,
    served: &Served,
) -> Result<(), SchemaError> {
    let contact = served.contact.as_ref();
    let customer = contact.and_then(|contact| contact.email.clone());
    let customer = customer.unwrap_or_else(|| format!("info@{}", served.account.domain));
    let name = contact.map_or_else(|| served.account.name.clone(), |c| format!("{} {}", c.first, c.last));
    let answered = case.status != "New";
    let question = Mail {
        from: (&name, &customer),
        to: SUPPORT.1,
        subject: case.subject.to_owned(),
        text: prose::text(random, 2),
        status: if answered { "2" } else { random.pick(&["0", "1"]) },
        at: case.created,
        sender: contact.map(|contact| contact.id),
        reply_to: None,
    };
    let first = question.insert(state, case, &served.account.domain)?;
    if answered {
        let soon = case.created + Duration::from_secs(random.below(14_400));
        let answer = Mail {
            from: SUPPORT,
            to: &customer,
            subject: format!("Re: {}", case.subject),
            text: prose::text(random, 2),
            status: "3",
            at: soon.min(since(random, start, case.created)),
            sender: Some(case.owner),
            reply_to: Some(first),
        };
        answer.insert(state, case, "gateways.example")?;
    }
    Ok(())
}

struct Mail<'a> {
    from: (&'a str, &'a str),
    to: &'a str,
    subject: String,
    text: String,
    status: &'static str,
    at: Timestamp,
    sender: Option<SfId>,
    reply_to: Option<SfId>,
}

impl Mail<'_> {
    fn insert(self, state: &mut State, case: &CaseRow, domain: &str) -> Result<SfId, SchemaError> {
        let mut row = Writer::new(state, "EmailMessage")?;
        let id = row.id();
        let html = self.text.replace('&', "&amp;").replace('<', "&lt;").replace("\n\n", "<br><br>");
        row.set("ParentId", case.id);
        row.set("RelatedToId", case.id);
        row.set("Name", self.subject.as_str());
        row.set("Subject", self.subject);
        row.set("TextBody", self.text);
        row.set("HtmlBody", format!("<html><body><p>{html}</p></body></html>"));
        row.set("FromName", self.from.0);
        row.set("FromAddress", self.from.1);
        row.set("ToAddress", self.to);
        row.set("Status", self.status);
        row.set("Incoming", self.reply_to.is_none());
        row.set("IsExternallyVisible", true);
        row.set("MessageDate", self.at);
        row.set("MessageIdentifier", format!("<{id}@{domain}>"));
        row.set("ThreadIdentifier", format!("<{}@gateways.example>", case.id));
        if let Some(sender) = self.sender {
            row.set("FromId", sender);
        }
        if let Some(reply_to) = self.reply_to {
            row.set("ReplyToEmailMessageId", reply_to);
        }
        stamps(&mut row, self.at, self.at, case.owner);
        Ok(row.insert(state))
    }
}
