//! The text of FIDELITY.md.
use super::{Evidence, Rule, SECTIONS};
use std::fmt::Write;

const TOP: &str = "\
# Fidelity

Which rules of Salesforce's wire the simulated org follows, where each is known from, and which test shows it. A rule that is not here
is not promised; what the org leaves out is said in the documentation of the crate `sf-testorg`, *What is simulated, and what is not*.

- **Section** numbers are those of `wire.md`, the project's research notes on the wire; the page or recording behind a rule is its *source*.
  *REST guide* is the REST API Developer Guide, *SOQL reference* the SOQL and SOSL Reference, *Bulk guide* the Bulk API 2.0 and Bulk API
  Developer Guide, *Object reference* the Object Reference for the Salesforce Platform, *Help* Salesforce Help, *limits* the Salesforce
  Developer Limits and Allocations Quick Reference; *parser* is Salesforce's own SOQL parser (forcedotcom/soql-tooling), *recording* a recorded
  answer of a real org (the test suites of CumulusCI, Restforce, aiosalesforce, plugin-data).
- **Evidence**: *documented* by Salesforce; *recorded* from a real org or from Salesforce's own code; *reported* by practitioners (issues of
  clients, code that copes with it); *assumed*: nobody says so, it is what the project believes. An assumed rule names its switch, a field of
  `Assumptions`; its tests show both positions, and a client that must not depend on it is tested with both.
- **Tests** are those of `cargo test -p sf-testorg --test it`; give the name after it to run one.

This file is made from the rows in `tests/it/fidelity/`, and a test compares the two: `UPDATE_FIDELITY=1 cargo test -p sf-testorg --test it
fidelity` writes it anew. Other tests see that each test in it exists and runs, that each switch of `Assumptions` has a row, and that no
section is empty.
";

pub(super) fn of(rules: &[Rule]) -> String {
    let mut out = TOP.to_owned();
    for (section, title) in SECTIONS {
        let mut rows = rules.iter().filter(|rule| rule.section == *section).peekable();
        if rows.peek().is_none() {
            continue;
        }
        let _ = write!(
            out,
            "\n## {section} {title}\n\n| Rule | Evidence | Source or switch | Tests |\n| --- | --- | --- | --- |\n"
        );
        for rule in rows {
            let source = match rule.evidence {
                Evidence::Assumed { switch } => format!("`{switch}`"),
                _ => cell(rule.source),
            };
            let tests: Vec<String> = rule.tests.iter().map(|test| format!("`{test}`")).collect();
            let _ = writeln!(
                out,
                "| {} | {} | {source} | {} |",
                cell(rule.rule),
                name(rule.evidence),
                tests.join("<br>")
            );
        }
    }
    out
}

fn name(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Documented => "documented",
        Evidence::Recorded => "recorded",
        Evidence::Reported => "reported",
        Evidence::Assumed { .. } => "assumed",
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
