//! The table is true: its tests exist, its switches exist, and the file is what the table says.
use super::{Evidence, SECTIONS, rules, text};
use sf_testorg::{AssumedError, Assumptions};
use std::{collections::BTreeSet, path::Path, process::Command};

#[test]
fn the_file_says_what_the_rows_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("FIDELITY.md");
    let wanted = text::of(&rules());
    if std::env::var_os("UPDATE_FIDELITY").is_some() {
        std::fs::write(&path, wanted).unwrap();
        return;
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = found.lines().zip(wanted.lines()).position(|(a, b)| a != b);
    assert!(
        found == wanted,
        "FIDELITY.md is not what the rows in tests/it/fidelity say (first different line: {}).\n\
         next: UPDATE_FIDELITY=1 cargo test -p sf-testorg --test it fidelity",
        differs.map_or("the last".to_owned(), |line| (line + 1).to_string())
    );
}

/// The tests of this very binary.
fn tests(more: &[&str]) -> BTreeSet<String> {
    let binary = std::env::current_exe().unwrap();
    let output = Command::new(binary).arg("--list").args(more).output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect()
}

#[test]
fn every_test_that_is_named_exists_and_runs() {
    let (all, ignored) = (tests(&[]), tests(&["--ignored"]));
    assert!(all.contains("fidelity::checks::every_test_that_is_named_exists_and_runs"));
    let mut wrong = Vec::new();
    for rule in rules() {
        assert!(!rule.tests.is_empty(), "no test: {}", rule.rule);
        for test in rule.tests {
            if !all.contains(*test) || ignored.contains(*test) {
                wrong.push(format!("{} {}: {test}", rule.section, rule.rule));
            }
        }
    }
    assert!(wrong.is_empty(), "no such test, or an ignored one:\n{}", wrong.join("\n"));
}

/// `area.field` of every switch, from what `Debug` shows.
fn switches() -> BTreeSet<String> {
    let shown = format!("{:#?}", Assumptions::default());
    let mut area = "";
    let mut switches = BTreeSet::new();
    for line in shown.lines() {
        let (indent, line) = (line.len() - line.trim_start().len(), line.trim_start());
        let Some((name, value)) = line.split_once(": ") else { continue };
        match indent {
            4 if value.ends_with("Assumptions {") => area = name,
            4 if name == "errors" => {
                switches.extend(AssumedError::ALL.iter().map(|e| format!("errors.{e:?}")))
            }
            4 => drop(switches.insert(name.to_owned())),
            8 => drop(switches.insert(format!("{area}.{name}"))),
            _ => {}
        }
    }
    switches
}

#[test]
fn every_switch_has_a_row_and_every_assumed_row_a_switch() {
    let switches = switches();
    assert!(
        switches.contains("oauth.former_host") && switches.contains("bulk.short_booleans"),
        "{switches:?}"
    );
    let named: BTreeSet<String> = rules()
        .iter()
        .filter_map(|rule| match rule.evidence {
            Evidence::Assumed { switch } => Some(switch.to_owned()),
            _ => None,
        })
        .collect();
    let unnamed: Vec<_> = switches.difference(&named).collect();
    assert!(unnamed.is_empty(), "switches without a row in tests/it/fidelity: {unnamed:?}");
    let unknown: Vec<_> = named.difference(&switches).collect();
    assert!(unknown.is_empty(), "rows name switches that Assumptions does not have: {unknown:?}");
}

#[test]
fn every_rule_is_a_sentence_with_a_source_and_stands_once() {
    let mut seen = BTreeSet::new();
    for rule in rules() {
        assert!(SECTIONS.iter().any(|(section, _)| *section == rule.section), "{}", rule.section);
        assert!(seen.insert((rule.section, rule.rule)), "twice: {}", rule.rule);
        assert!(!rule.rule.ends_with('.') && rule.rule.len() > 15, "{}", rule.rule);
        assert!(!rule.rule.contains('\n') && !rule.source.contains('\n'), "{}", rule.rule);
        let is_assumed = matches!(rule.evidence, Evidence::Assumed { .. });
        assert_eq!(rule.source.is_empty(), is_assumed, "{}", rule.rule);
    }
}

#[test]
fn no_section_is_empty() {
    // Of these the org simulates little yet.
    let may_be = ["4.7", "6.1", "6.2"];
    for (section, title) in SECTIONS {
        let has_rows = rules().iter().any(|rule| rule.section == *section);
        assert!(has_rows || may_be.contains(section), "no rule of {section} {title}");
    }
}
