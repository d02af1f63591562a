//! Reading 200,000 accounts of 22 fields (184 MB, pages of 2,000 over loopback) as typed and as untyped rows, against
//! bare reqwest and `serde_json::from_slice` into a plain struct of `String`, `f64` and `i64`; and how much memory
//! that takes.
//!
//! All sides read from the same server, a process of its own. Counted is the CPU time of this process, in turns; the
//! least of several rounds is taken, because other programs only ever add. Prints lines for the bench script:
//! `ratio NAME value limit`. With `plain`, `typed` or `untyped` as an argument (`cargo bench … -- typed`) only that side
//! runs, for a profiler.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

mod rows;
mod server;

use rows::{Account, PlainPage};
use serde::de::DeserializeOwned;
use server::Server;
use sf_core::{Org, Record, SObject, Soql};
use sf_rest_transport::Rest;
use std::{hint::black_box, process::Command};
use tokio::runtime::Builder;

const ROWS: usize = 200_000;
const ROUNDS: usize = 9;
const TOKEN: &str = "00D5e000000ZyXw!AQ8AQbench";
const READER: (&str, f64) = if cfg!(feature = "fast-json") { ("_fast_json", 0.8) } else { ("", 1.05) };

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["serve"] => server::serve(),
        ["memory", url, rows] => memory_of(url, rows.parse().unwrap()),
        [only @ ("plain" | "typed" | "untyped"), ..] => drop(time(&Server::start().url, only)),
        _ => {
            let server = Server::start();
            let [plain, typed, untyped] = time(&server.url, "");
            println!("ratio rest_typed{}_vs_reqwest_serde_json {:.3} {}", READER.0, typed / plain, READER.1);
            println!("ratio rest_record{}_vs_reqwest_serde_json {:.3} 2", READER.0, untyped / plain);
            println!("  {ROWS} rows: plain {plain:.3} s, typed {typed:.3} s, untyped {untyped:.3} s of CPU");
            memory(&server.url);
        }
    }
}

fn statement(rows: usize) -> String {
    let fields: Vec<String> = Account::COLUMNS.iter().map(ToString::to_string).collect();
    format!("SELECT {} FROM Account LIMIT {rows}", fields.join(","))
}

/// The seconds of the three sides, or of the only one.
fn time(url: &str, only: &str) -> [f64; 3] {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let org = runtime.block_on(async { connect(url) });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let plain = || assert_eq!(runtime.block_on(read_plain(&client, url)), ROWS);
    let typed = || assert_eq!(runtime.block_on(read::<Account>(&org, ROWS)), ROWS);
    let untyped = || assert_eq!(runtime.block_on(read::<Record>(&org, ROWS)), ROWS);
    let sides: [(&str, &dyn Fn()); 3] = [("plain", &plain), ("typed", &typed), ("untyped", &untyped)];
    let mut least = [f64::INFINITY; 3];
    for round in 0..ROUNDS {
        for turn in 0..sides.len() {
            let side = (round + turn) % sides.len();
            if only.is_empty() || only == sides[side].0 {
                let before = cpu_seconds();
                (sides[side].1)();
                least[side] = least[side].min(cpu_seconds() - before);
            }
        }
    }
    least
}

fn connect(url: &str) -> Org {
    Org::new(Rest::at(url).token(TOKEN).allow_loopback_http().connect().unwrap())
}

async fn read<T: DeserializeOwned + Send + 'static>(org: &Org, rows: usize) -> usize {
    let mut rows = org.query(Soql::raw(statement(rows)).typed::<T>());
    let mut count = 0;
    while let Some(row) = rows.try_next().await.unwrap() {
        black_box(&row);
        count += 1;
    }
    count
}

async fn read_plain(client: &reqwest::Client, url: &str) -> usize {
    let mut next = Some(format!("/services/data/v66.0/query?q={}", statement(ROWS).replace(' ', "+")));
    let mut count = 0;
    while let Some(path) = next {
        let answer = client.get(format!("{url}{path}")).bearer_auth(TOKEN).send().await.unwrap();
        let bytes = answer.bytes().await.unwrap();
        let page: PlainPage = serde_json::from_slice(&bytes).unwrap();
        next = page.next_records_url;
        for row in page.records {
            black_box(&row);
            count += 1;
        }
    }
    count
}

/// Of all threads of this process.
#[cfg(unix)]
fn cpu_seconds() -> f64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}
/// Wall time, where this bench knows no better.
#[cfg(not(unix))]
fn cpu_seconds() -> f64 {
    std::time::UNIX_EPOCH.elapsed().unwrap().as_secs_f64()
}

/// The highest resident size above that of the idle process, each measured in a process of its own.
fn memory(url: &str) {
    let run = |rows: usize| -> Option<f64> {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["memory", url, &rows.to_string()])
            .output()
            .unwrap();
        assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
        let text = String::from_utf8(child.stdout).unwrap();
        let mut figures = text.split_whitespace().map(|n| n.parse::<f64>().unwrap() / 1024.0);
        Some(-figures.next()? + figures.next()?)
    };
    let (Some(some), Some(many)) = (run(ROWS), run(10 * ROWS)) else {
        println!("  memory is measured on Linux only");
        return;
    };
    println!("ratio rest_memory_of_200k_rows_vs_32_mb {:.3} 1", some / 32.0);
    println!("ratio rest_memory_of_2m_rows_above_that_vs_8_mb {:.3} 1", (many - some).max(0.0) / 8.0);
    println!("  above the idle process: {some:.1} MB for {ROWS} rows, {many:.1} MB for {}", 10 * ROWS);
}

/// The child's side: prints the peak before and after in kB, nothing where there is no `/proc`.
fn memory_of(url: &str, rows: usize) {
    let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
    let org = runtime.block_on(async { connect(url) });
    let idle = peak_kb();
    assert_eq!(runtime.block_on(read::<Account>(&org, rows)), rows);
    if let (Some(idle), Some(peak)) = (idle, peak_kb()) {
        println!("{idle} {peak}");
    }
}

fn peak_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
