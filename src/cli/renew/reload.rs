//! The command that is run once something was renewed.

use std::{io, process::Stdio};

use crate::{
    cli::{Context, Report},
    issuance::renewal::choice::Due,
    store::layout::Layout,
};

/// Longest value of a variable: Linux takes 128 KiB for one, its name and the rest included.
const MAX_VARIABLE: usize = 120 << 10;

/// Runs a command in a shell. Its output goes to stderr, for stdout is for results.
pub(super) fn run(
    command: &str,
    layout: &Layout,
    due: &Due,
    context: &Context,
) -> Result<(), Report> {
    let names: Vec<_> = due.records().map(|record| record.name.as_str()).collect();
    let paths: Vec<_> = due
        .records()
        .map(|record| layout.place(&record.place()).display().to_string())
        .collect();
    let mut shell = context.surroundings.command("/bin/sh");
    shell
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(io::stderr())
        .env("CERTCTL_DIR", layout.root())
        .env("CERTCTL_COUNT", names.len().to_string());
    for (variable, value) in [
        ("CERTCTL_NAMES", names.join("\n")),
        ("CERTCTL_PATHS", paths.join("\n")),
    ] {
        match value.len() <= MAX_VARIABLE {
            true => shell.env(variable, value),
            false => shell.env_remove(variable),
        };
    }
    let ended = match shell.status() {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => format!("ended with {status}"),
        Err(error) => format!("could not be run: {error}"),
    };
    let message = format!("`{command}` {ended}; {}", what_stands(&names));
    Err(Report::failed("exec", message).hint("run it again by hand: nothing is due any more"))
}

/// A failure changes nothing, but for what was done before the command ran.
fn what_stands(names: &[&str]) -> String {
    match names {
        [] => String::from("the new CRLs stand"),
        [name] => format!("`{name}` is renewed all the same"),
        [name, others @ ..] => format!(
            "`{name}` and {} more are renewed all the same",
            others.len()
        ),
    }
}
