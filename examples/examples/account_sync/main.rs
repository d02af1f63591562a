//! The main job, end to end: a two-way sync of accounts and their opportunities, told step by step.
//!
//! Without options it starts a simulated org on a loopback port and speaks HTTP to it; its database and the org's journal
//! are files, so that the program can be killed at any moment and started again. `--help` lists the options.
#![allow(clippy::print_stdout, clippy::print_stderr)] // a program that talks
#![allow(unreachable_pub)] // a program has no public API

mod carrier;
mod cast;
mod desk;
mod log_table;
mod mappings;
mod narrator;
mod options;
mod steps;
mod story;
mod trouble;
mod world;

use narrator::Narrator;
use options::{Options, USAGE};
use std::process::ExitCode;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args_os().skip(1)) {
        Ok(options) => options,
        Err(wrong) => {
            eprintln!("error: {wrong}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    if options.help {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(e) => {
            eprintln!("error: no threads to work with: {e}\nnext step: close other programs and try again");
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(tell(options))
}

async fn tell(options: Options) -> ExitCode {
    let narrator = Narrator::new(options.json);
    let (mut narrator, trouble) = match steps::connect::run(options, narrator).await {
        Ok(mut story) => match story.tell().await {
            Ok(()) => return ExitCode::SUCCESS,
            Err(trouble) => (story.narrator, trouble),
        },
        Err(failed) => *failed,
    };
    narrator.failed(&trouble.reason, &trouble.next_step);
    ExitCode::FAILURE
}
