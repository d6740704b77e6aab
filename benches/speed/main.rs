//! Speed as ratios to what runs beside it in the same rounds: other tools, and the machine's own limits.
//!
//! `cargo bench --bench speed` prints the table of the README; with `--all-features` those of a token and a shared ledger, too. Rounds are interleaved and medians of
//! the pairs are taken, because load comes and goes. Every run gets a directory that never existed:
//! ext4 is slow for a minute where many files have just been removed.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[cfg(feature = "ledger-postgres")]
#[allow(dead_code)] // tests use the rest
#[path = "../../tests/shared_ledger/database.rs"]
mod database;
mod input;
#[cfg(feature = "ledger-postgres")]
#[path = "../../tests/shared_ledger/killing.rs"]
mod killing;
#[cfg(feature = "ledger-postgres")]
mod ledger;
mod life;
mod limit;
mod measure;
mod rows;
mod slow;
#[cfg(feature = "ledger-postgres")]
#[path = "../../tests/support/mod.rs"]
mod support;
#[cfg(feature = "signer-pkcs11")]
mod token;

use std::{env, ffi::OsString, process::ExitCode};

use measure::Sandbox;

fn main() -> ExitCode {
    if env::args_os()
        .next()
        .is_some_and(|name| slow::is_called(&name))
    {
        return slow::answer();
    }
    let args: Vec<OsString> = env::args_os().skip(1).collect();
    if let Some(position) = args.iter().position(|arg| arg == measure::CHILD) {
        return measure::child(&args[position + 1..]);
    }
    #[cfg(feature = "signer-pkcs11")]
    if args.first().is_some_and(|arg| arg == token::LOOP) {
        return token::sign(&args[1..]);
    }
    // `cargo test --benches` must not take minutes.
    if !args.iter().any(|arg| arg == "--bench") {
        return ExitCode::SUCCESS;
    }
    let wanted: Vec<String> = args
        .iter()
        .filter_map(|arg| arg.to_str())
        .filter(|arg| !arg.starts_with('-'))
        .map(str::to_owned)
        .collect();
    let sandbox = Sandbox::new();
    let mut missed = 0;
    println!("| what | beside it | goal | measured |\n|---|---|---|---|");
    for row in rows::ROWS {
        if !wanted.is_empty() && !wanted.iter().any(|word| row.what.contains(word.as_str())) {
            continue;
        }
        for (beside, goal, measured) in (row.measure)(&sandbox) {
            let mark = if measured <= goal { "" } else { " (missed)" };
            missed += u32::from(measured > goal);
            println!(
                "| {} | {beside} | ≤ {goal} | {measured:.2}{mark} |",
                row.what
            );
        }
    }
    println!("\n{missed} goals missed");
    ExitCode::SUCCESS
}
