//! `certctl --version --verbose`: what the program was made from.

use std::{ffi::OsString, process::ExitCode};

use clap::error::ErrorKind;

use super::{
    parsing, quoted,
    ui::{Color, Format, Settings, Ui},
};
use crate::documents::version::{Document, Library};

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

impl Document {
    fn new() -> Self {
        let library = |(name, version)| Library { name, version };
        let locked = listed(env!("CERTCTL_BUILT_LIBRARIES"));
        let locked = locked.filter_map(|pair| pair.split_once(' '));
        let sqlite = ("SQLite", rusqlite::version());
        Self {
            schema: "certctl/version/v1",
            version: env!("CARGO_PKG_VERSION"),
            commit: listed(env!("CERTCTL_BUILT_COMMIT")).next(),
            target: env!("CERTCTL_BUILT_TARGET"),
            is_static: cfg!(target_feature = "crt-static"),
            features: listed(env!("CERTCTL_BUILT_FEATURES")).collect(),
            libraries: [sqlite].into_iter().chain(locked).map(library).collect(),
        }
    }

    fn text(&self) -> String {
        let linked = if self.is_static { "static" } else { "dynamic" };
        let features = match self.features.is_empty() {
            true => String::from("none"),
            false => self.features.join(", "),
        };
        let libraries = self.libraries.iter();
        let libraries = libraries.map(|it| format!("{}: {}\n", it.name, it.version));
        format!(
            "certctl {}\ncommit: {}\ntarget: {}, {linked}\nfeatures: {features}\n{}",
            self.version,
            self.commit.unwrap_or("unknown"),
            self.target,
            libraries.collect::<String>()
        )
    }
}

/// What stands between commas.
fn listed(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split(',').filter(|word| !word.is_empty())
}
