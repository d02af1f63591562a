//! FIDELITY.md: every rule of the wire that a client could notice, with the tests that show it. The rows are in the modules, a
//! chapter each; the file is made from them:
//!
//! `UPDATE_FIDELITY=1 cargo test -p sf-testorg --test it fidelity`
mod bulk;
mod bulk_rules;
mod checks;
mod events;
mod guard;
mod ids;
mod life;
mod oauth;
mod oauth_rules;
mod object_rules;
mod objects;
mod requests;
mod rest;
mod rest_requests;
mod rest_resources;
mod soql;
mod soql_rows;
mod soql_statements;
mod text;

/// What a rule is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// Salesforce's guides say so.
    Documented,
    /// An answer of a real org, or Salesforce's own published code.
    Recorded,
    /// Practitioners report it.
    Reported,
    /// Nobody says so; the switch of `Assumptions` turns it.
    Assumed { switch: &'static str },
}

/// One row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    /// Section of wire.md.
    section: &'static str,
    /// One sentence without its full stop.
    rule: &'static str,
    /// The guide's page, the recording, or who reports it.
    source: &'static str,
    evidence: Evidence,
    /// As libtest names them.
    tests: &'static [&'static str],
}

pub(crate) const fn documented(
    section: &'static str,
    rule: &'static str,
    source: &'static str,
    tests: &'static [&'static str],
) -> Rule {
    Rule { section, rule, source, evidence: Evidence::Documented, tests }
}
pub(crate) const fn recorded(
    section: &'static str,
    rule: &'static str,
    source: &'static str,
    tests: &'static [&'static str],
) -> Rule {
    Rule { section, rule, source, evidence: Evidence::Recorded, tests }
}
pub(crate) const fn reported(
    section: &'static str,
    rule: &'static str,
    source: &'static str,
    tests: &'static [&'static str],
) -> Rule {
    Rule { section, rule, source, evidence: Evidence::Reported, tests }
}
/// `switch`: `area.field`, as in `Assumptions`.
pub(crate) const fn assumed(
    section: &'static str,
    rule: &'static str,
    switch: &'static str,
    tests: &'static [&'static str],
) -> Rule {
    Rule { section, rule, source: "", evidence: Evidence::Assumed { switch }, tests }
}

/// The sections of wire.md that concern a server.
const SECTIONS: &[(&str, &str)] = &[
    ("1.1", "IDs: shape"),
    ("1.2", "IDs: suffix"),
    ("1.3", "IDs: key prefixes"),
    ("1.4", "IDs: comparison and errors"),
    ("2.1", "SOQL: grammar"),
    ("2.2", "SOQL: accepted and rejected statements"),
    ("2.3", "SOQL: literals"),
    ("2.4", "SOQL: date literals"),
    ("2.5", "SOQL: functions"),
    ("2.6", "SOQL: relationships"),
    ("2.7", "SOQL: semi-joins"),
    ("2.8", "SOQL: comparison and nulls"),
    ("2.9", "SOQL: grouping"),
    ("2.10", "SOQL: ordering, LIMIT, OFFSET"),
    ("2.11", "SOQL: limits"),
    ("2.12", "SOQL: errors"),
    ("3.1", "REST: base"),
    ("3.2", "REST: headers"),
    ("3.3", "REST: conditional requests"),
    ("3.4", "REST: values in JSON"),
    ("3.5", "REST: query"),
    ("3.6", "REST: single records"),
    ("3.7", "REST: upsert by external id"),
    ("3.8", "REST: updated and deleted ids"),
    ("3.9", "REST: describe"),
    ("3.10", "REST: composite"),
    ("3.11", "REST: batch"),
    ("3.12", "REST: tree"),
    ("3.13", "REST: collections"),
    ("3.14", "REST: graph"),
    ("3.15", "REST: other resources"),
    ("3.16", "REST: shapes of errors"),
    ("3.17", "REST: errors"),
    ("4.1", "Bulk 2.0: life of an ingest job"),
    ("4.2", "Bulk 2.0: result files"),
    ("4.3", "Bulk 2.0: CSV"),
    ("4.4", "Bulk 2.0: limits"),
    ("4.5", "Bulk 2.0: query jobs"),
    ("4.6", "Bulk 2.0: errors"),
    ("4.7", "Bulk 1.0"),
    ("5.1", "OAuth: hosts and endpoints"),
    ("5.2", "OAuth: authorization code and PKCE"),
    ("5.3", "OAuth: token answer"),
    ("5.4", "OAuth: refresh"),
    ("5.5", "OAuth: other flows"),
    ("5.6", "OAuth: introspect, revoke, userinfo"),
    ("5.7", "OAuth: scopes"),
    ("5.8", "OAuth: dead tokens"),
    ("6.1", "Events: change events"),
    ("6.2", "Events: channels"),
    ("6.5", "Events: what a subscriber does"),
    ("7.1", "Objects: common fields"),
    ("7.2", "Objects: Account"),
    ("7.3", "Objects: Contact"),
    ("7.4", "Objects: Opportunity"),
    ("7.5", "Objects: Lead"),
    ("7.6", "Objects: Case, CaseComment, EmailMessage"),
    ("7.7", "Objects: Task, Event"),
    ("7.8", "Objects: User"),
    ("7.9", "Objects: child relationships"),
    ("7.10", "Objects: time stamps"),
];

/// All rows, by section, in each as they are written.
pub(crate) fn rules() -> Vec<Rule> {
    let all = [
        ids::ROWS,
        soql_statements::ROWS,
        soql_rows::ROWS,
        soql::ROWS,
        rest_requests::ROWS,
        rest_resources::ROWS,
        rest::ROWS,
        bulk_rules::ROWS,
        bulk::ROWS,
        oauth_rules::ROWS,
        oauth::ROWS,
        events::ROWS,
        object_rules::ROWS,
        objects::ROWS,
        life::ROWS,
        requests::ROWS,
        guard::ROWS,
    ]
    .concat();
    let mut rules = Vec::with_capacity(all.len());
    for (section, _) in SECTIONS {
        rules.extend(all.iter().filter(|rule| rule.section == *section));
    }
    assert_eq!(rules.len(), all.len(), "a row's section is none of SECTIONS");
    rules
}
