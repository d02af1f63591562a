//! Agreement with npm's @apexdevtools/apex-parser over generated statements. Every disagreement has its row in the
//! table, or the test fails with the statement. Needs Node; `.ci/long` installs the parser and runs it:
//! `SF_SOQL_PEERS=folder cargo test -p sf-soql --test it -- --ignored agreement`

mod corpus;
mod table;
mod words;

use corpus::Corpus;
use regex::{Regex, RegexBuilder};
use sf_soql::Statement;
use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};
use table::{Only, ROWS, Row};

const SEED: u64 = 2026;
const STATEMENTS: usize = 3_000;
/// So many features may stand in one statement that only apex-parser takes.
const FEATURES: usize = 5;
/// So often one feature may stand in a statement.
const PLACES: usize = 50;

/// What apex-parser says, asked once for each statement.
struct Peer {
    folder: PathBuf,
    known: BTreeMap<String, bool>,
}

impl Peer {
    fn ask<'s>(&mut self, statements: impl IntoIterator<Item = &'s String>) {
        let new: BTreeSet<&String> =
            statements.into_iter().filter(|s| !self.known.contains_key(*s)).collect();
        if new.is_empty() {
            return;
        }
        let file = self.folder.join("statements.txt");
        let lines: String = new.iter().flat_map(|s| [s.as_str(), "\n"]).collect();
        fs::write(&file, lines).unwrap();
        let answer = Command::new("node").arg(self.folder.join("agreement.js")).arg(&file).output().unwrap();
        assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
        let verdicts = String::from_utf8(answer.stdout).unwrap();
        assert_eq!(verdicts.lines().count(), new.len());
        for (statement, verdict) in new.into_iter().zip(verdicts.lines()) {
            self.known.insert(statement.clone(), verdict == "accept");
        }
    }

    fn takes(&self, statement: &str) -> bool {
        self.known[statement]
    }
}

fn we_take(statement: &str) -> bool {
    Statement::parse(statement).is_ok()
}

/// The text without the feature at one of its places, `None` for all of them.
fn without(text: &str, pattern: &Regex, row: &Row, place: Option<usize>) -> String {
    let mut out = String::new();
    let mut end = 0;
    for (i, found) in pattern.captures_iter(text).enumerate() {
        if place.is_none_or(|place| place == i) {
            let whole = found.get(0).unwrap();
            out.push_str(&text[end..whole.start()]);
            out.push(' ');
            found.expand(row.without, &mut out);
            out.push(' ');
            end = whole.end();
        }
    }
    out + &text[end..]
}

/// A statement that only apex-parser takes, in forms without some of its features, with the rows that led to them.
struct Open<'s> {
    statement: &'s str,
    forms: Vec<(String, Vec<usize>)>,
}

impl Open<'_> {
    /// One feature less in every form.
    fn step(&mut self, patterns: &[Regex]) {
        let mut seen = BTreeSet::new();
        let mut next = Vec::new();
        for (form, rows) in &self.forms {
            for (i, row) in ROWS.iter().enumerate().filter(|(_, row)| row.only == Only::Apex) {
                let places = patterns[i].find_iter(form).count();
                let all = (places > 1).then_some(None);
                for place in (0..places).map(Some).chain(all) {
                    let text = without(form, &patterns[i], row, place);
                    if seen.insert(text.clone()) {
                        next.push((text, [rows.as_slice(), &[i]].concat()));
                    }
                }
            }
        }
        self.forms = next;
    }
}

/// A statement that only sf-soql takes, without the features of all rows `but` one, as far as sf-soql still takes it;
/// and the rows that had something to do.
fn plain(patterns: &[Regex], statement: &str, but: Option<usize>) -> (String, Vec<usize>) {
    let (mut text, mut rows) = (statement.to_owned(), Vec::new());
    for (i, row) in ROWS.iter().enumerate().filter(|(i, row)| row.only == Only::Ours && Some(*i) != but) {
        // One place after the other, and what is nested from the inside.
        for _ in 0..PLACES {
            let places = patterns[i].find_iter(&text).count();
            let all = (places > 0).then_some(None);
            let found = all
                .into_iter()
                .chain((0..places).rev().map(Some))
                .map(|place| without(&text, &patterns[i], row, place))
                .find(|candidate| *candidate != text && we_take(candidate));
            let Some(found) = found else { break };
            text = found;
            rows.push(i);
        }
    }
    rows.dedup();
    (text, rows)
}

#[test]
#[ignore = "needs Node and the npm package; run by .ci/long"]
fn agreement_with_apex_parser_but_for_what_the_table_explains() {
    let folder = env::var_os("SF_SOQL_PEERS")
        .expect("SF_SOQL_PEERS names the folder that .ci/soql-peers/install prints");
    let mut peer = Peer { folder: Path::new(&folder).to_owned(), known: BTreeMap::new() };
    let patterns: Vec<Regex> =
        ROWS.iter().map(|r| RegexBuilder::new(r.pattern).case_insensitive(true).build().unwrap()).collect();
    let statements = Corpus::statements(SEED, STATEMENTS);
    peer.ask(&statements);
    let both = statements.iter().filter(|s| peer.takes(s) && we_take(s)).count();
    let neither = statements.iter().filter(|s| !peer.takes(s) && !we_take(s)).count();
    let (ours, apex): (Vec<&String>, Vec<&String>) =
        statements.iter().filter(|s| peer.takes(s) != we_take(s)).partition(|s| we_take(s));
    let mut used = BTreeMap::<usize, usize>::new();
    let mut unexplained = Vec::new();

    let start = |s: &&'_ String| (**s).clone();
    let mut open: Vec<Open<'_>> =
        apex.iter().map(|s| Open { statement: s, forms: vec![(start(s), Vec::new())] }).collect();
    for _ in 0..FEATURES {
        open.iter_mut().for_each(|o| o.step(&patterns));
        peer.ask(open.iter().flat_map(|o| &o.forms).map(|(text, _)| text));
        open.retain_mut(|o| {
            o.forms.retain(|(text, _)| peer.takes(text));
            let explained = o.forms.iter().find(|(text, _)| we_take(text));
            explained.iter().flat_map(|(_, rows)| rows).for_each(|row| *used.entry(*row).or_default() += 1);
            let found = explained.is_some();
            o.forms.truncate(100);
            !found
        });
    }
    for Open { statement, .. } in open {
        unexplained.push(format!("{statement}\n    sf-soql: {}", Statement::parse(statement).unwrap_err()));
    }

    let plains: Vec<(String, Vec<usize>)> = ours.iter().map(|s| plain(&patterns, s, None)).collect();
    // A row is needed when without it apex-parser goes on to refuse.
    let needed: Vec<Vec<(usize, String)>> = ours
        .iter()
        .zip(&plains)
        .map(|(s, (_, rows))| rows.iter().map(|row| (*row, plain(&patterns, s, Some(*row)).0)).collect())
        .collect();
    peer.ask(plains.iter().map(|(text, _)| text).chain(needed.iter().flatten().map(|(_, text)| text)));
    for ((statement, (text, _)), needed) in ours.iter().zip(&plains).zip(&needed) {
        if !peer.takes(text) {
            unexplained.push(format!("{statement}\n    apex-parser refuses still: {text}"));
        }
        for (row, _) in needed.iter().filter(|(_, text)| !peer.takes(text)) {
            *used.entry(*row).or_default() += 1;
        }
    }

    println!(
        "{} statements: both take {both}, neither takes {neither}, only sf-soql {}, only apex-parser {}",
        statements.len(),
        ours.len(),
        apex.len()
    );
    for (i, row) in ROWS.iter().enumerate() {
        println!("{:5} only {:?}: {}", used.get(&i).copied().unwrap_or(0), row.only, row.fact);
    }
    assert!(unexplained.is_empty(), "{} are not explained:\n{}", unexplained.len(), unexplained.join("\n"));
    let idle: Vec<&str> =
        (0..ROWS.len()).filter(|i| !used.contains_key(i)).map(|i| ROWS[i].pattern).collect();
    assert!(idle.is_empty(), "rows that explain nothing: {idle:#?}");
}
