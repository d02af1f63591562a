//! Writing a statement against `format!` of the same text, and reading statements against a byte-class histogram over
//! the same bytes.
//!
//! Both sides of a ratio run in turns in the same process. Other programs only ever add time: of some ten thousand
//! rounds the fastest of each side counts, and is printed as `ratio NAME value limit` for the bench script.
//! `cargo bench -p sf-soql --bench speed`.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::cast_precision_loss,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs
)]

use chrono::NaiveDate;
use sf_core::{field, object};
use sf_soql::{Statement, prelude::*};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// Long enough to meet moments in which nothing else runs. A neighbour on the same core slows the two sides by
/// different factors (the histogram waits for its counters anyway), so that no median of ratios would be steady.
const DURATION: Duration = Duration::from_secs(4);

/// One statement on each line: short ones, ten fields, subqueries, TYPEOF, aggregates, semi-joins, long IN lists.
/// The long run reads the same file with npm's soql-parser-js, so nothing is in it that soql-parser-js cannot read
/// (a literal of type time, for example).
const STATEMENTS: &str = include_str!("statements.soql");

const FIELDS: [&str; 10] = [
    "Id",
    "Name",
    "Industry",
    "Phone",
    "Website",
    "BillingCity",
    "AnnualRevenue",
    "NumberOfEmployees",
    "OwnerId",
    "SystemModstamp",
];

/// The seconds of the fastest round of both sides.
fn compare(mut one: impl FnMut(), mut other: impl FnMut()) -> (f64, f64) {
    let mut fastest = [f64::INFINITY; 2];
    let begin = Instant::now();
    while begin.elapsed() < DURATION {
        for side in [0, 1] {
            let start = Instant::now();
            if side == 0 {
                one()
            } else {
                other()
            }
            fastest[side] = fastest[side].min(start.elapsed().as_secs_f64());
        }
    }
    (fastest[0], fastest[1])
}

/// What a program without this crate does: the shape is the literal, and everything that a query is made of (fields,
/// object, values, limit) is an argument. The values have the types that the tree has too; the text is not escaped,
/// which is the mistake that this crate exists for, and the time it saves.
fn formatted(
    fields: &[&str],
    object: &str,
    name: &str,
    revenue: i64,
    since: NaiveDate,
    limit: u64,
) -> String {
    format!(
        "SELECT {} FROM {} WHERE {} = '{}' AND {} >= {} AND {} > {} ORDER BY {} LIMIT {}",
        fields.join(", "),
        object,
        fields[1],
        name,
        fields[6],
        revenue,
        "Renewal_Date__c",
        since,
        fields[1],
        limit,
    )
}

fn write() {
    const TIMES: usize = 100;
    let since = NaiveDate::from_ymd_opt(2026, 1, 31).unwrap();
    let tree = Query::from(object!("Account"))
        .select(FIELDS.map(|name| sf_core::FieldName::new(name).unwrap()))
        .filter(field!("Name").eq("Company Größe GmbH"))
        .filter(field!("AnnualRevenue").ge(1_000_000))
        .filter(field!("Renewal_Date__c").gt(since))
        .order_by(field!("Name"))
        .limit(2000)
        .into_statement();
    let format = || {
        formatted(
            black_box(&FIELDS),
            black_box("Account"),
            black_box("Company Größe GmbH"),
            black_box(1_000_000),
            black_box(since),
            black_box(2000),
        )
    };
    assert_eq!(tree.to_soql().unwrap(), format());
    let (crate_, std) = compare(
        || {
            for _ in 0..TIMES {
                black_box(black_box(&tree).to_soql().unwrap());
            }
        },
        || {
            for _ in 0..TIMES {
                black_box(format());
            }
        },
    );
    let nanoseconds = |seconds: f64| seconds / TIMES as f64 * 1e9;
    println!("ratio soql_write_vs_format {:.3} 2.0", crate_ / std);
    println!("  to_soql {:.0} ns, format! {:.0} ns", nanoseconds(crate_), nanoseconds(std));
}

const CLASSES: usize = 16;

/// The classes that a lexer of SOQL tells apart.
fn class(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' | b'_' => 1,
        b'0'..=b'9' => 2,
        b' ' => 3,
        b'\t' | b'\r' | b'\n' => 4,
        b'\'' => 5,
        b'\\' => 6,
        b'(' => 7,
        b')' => 8,
        b',' => 9,
        b'.' => 10,
        b':' | b';' => 11,
        b'=' | b'<' | b'>' | b'!' => 12,
        b'+' | b'-' => 13,
        0x80.. => 14,
        _ => 15,
    }
}

fn histogram(table: &[u8; 256], text: &str) -> [u64; CLASSES] {
    let mut counts = [0; CLASSES];
    for byte in text.bytes() {
        counts[usize::from(table[usize::from(byte)]) % CLASSES] += 1;
    }
    counts
}

fn read() {
    let statements: Vec<&str> = STATEMENTS.lines().collect();
    let bytes: usize = statements.iter().map(|s| s.len()).sum();
    let table: [u8; 256] = std::array::from_fn(|i| class(u8::try_from(i).unwrap()));
    for statement in &statements {
        let tree = Statement::parse(statement).unwrap_or_else(|e| panic!("{}", e.pretty()));
        assert_eq!(Statement::parse(&tree.to_soql().unwrap()).unwrap(), tree);
        assert_eq!(histogram(&table, statement).iter().sum::<u64>(), statement.len() as u64);
    }
    let (parse, histogram) = compare(
        || {
            for statement in &statements {
                // The tree's whole life: what a reader allocates it also has to free.
                drop(black_box(Statement::parse(black_box(statement)).unwrap()));
            }
        },
        || {
            for statement in &statements {
                black_box(histogram(black_box(&table), black_box(statement)));
            }
        },
    );
    println!("ratio soql_parse_vs_histogram {:.3} 8.0", parse / histogram);
    for (name, seconds) in [("parse", parse), ("histogram", histogram)] {
        println!(
            "  {name}: {:.0} statements/s, {:.1} MB/s ({} statements, {bytes} bytes)",
            statements.len() as f64 / seconds,
            bytes as f64 / seconds / 1e6,
            statements.len(),
        );
    }
}

fn main() {
    write();
    read();
}
