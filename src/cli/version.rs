//! `certctl --version --verbose`: what the program was made from.

use std::{ffi::OsString, process::ExitCode};

use clap::error::ErrorKind;

use super::{
    parsing, quoted,
    ui::{Color, Format, Settings, Ui},
};
use crate::documents::version::Document;

/// Whether this is asked for: clap ends at `--version`, whatever else there is.
pub(super) fn is_asked(error: &clap::Error, args: &[OsString]) -> bool {
    let is_verbose = |word: &str| match word.strip_prefix("--") {
        Some(long) => long == "verbose",
        None => word.starts_with('-') && word.contains('v'),
    };
    let mut words = args.iter().skip(1).filter_map(|word| word.to_str());
    error.kind() == ErrorKind::DisplayVersion && words.any(is_verbose)
}

/// Prints it.
pub(super) fn run(args: &[OsString]) -> ExitCode {
    let ui = Ui::new(Settings {
        format: match parsing::wants_json(args) {
            true => Format::Json,
            false => Format::Text,
        },
        color: Color::default(),
        quiet: false,
        verbose: true,
        dry_run: false,
        accepts: quoted::commands_parse,
    });
    let document = Document::new();
    match ui.result(|| document.text(), &document) {
        Ok(()) => ExitCode::SUCCESS,
        Err(report) => {
            ui.report(&report);
            report.kind().exit_code()
        }
    }
}
