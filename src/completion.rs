//! What a shell needs to complete certctl's commands, options and their values.

use std::{ffi::OsString, path::Path};

use clap_complete::{CompletionCandidate, Shell, engine::complete};

pub(crate) mod candidates;
mod words;

use crate::{documents::completions::Candidate, terminal::Report};
use candidates::{Scene, answering};
use words::Words;

/// What a shell reads.
pub(crate) fn script(shell: Shell) -> Result<&'static str, Report> {
    Ok(match shell {
        Shell::Bash => include_str!("completion/scripts/bash.sh"),
        Shell::Elvish => include_str!("completion/scripts/elvish.elv"),
        Shell::Fish => include_str!("completion/scripts/fish.fish"),
        Shell::PowerShell => include_str!("completion/scripts/powershell.ps1"),
        Shell::Zsh => include_str!("completion/scripts/zsh.sh"),
        other => return Err(Report::usage(format!("there is no script for `{other}`"))),
    })
}

/// What the last of some words may become; `directory` is the PKI directory where they name none.
pub(crate) fn candidates(
    shell: Shell,
    given: &[OsString],
    definition: clap::Command,
    directory: &Path,
) -> Vec<Candidate> {
    let words = Words::new(shell, given);
    let scene = Scene::new(&words.all, directory);
    let last = words.all.len() - 1;
    let is_empty = words.all[last].is_empty();
    let found = complete(&mut answering(definition, scene), words.all, last, None);
    let found = found.unwrap_or_default().into_iter();
    let found = found.filter_map(|it| Candidate::new(&it, &words.before));
    let mut found: Vec<_> = found.collect();
    // Who has not begun an option wants what stands in their place, where there is something.
    if is_empty && found.iter().any(|it| !it.value.starts_with('-')) {
        found.retain(|it| !it.value.starts_with('-'));
    }
    found
}

impl Candidate {
    /// None of what a line cannot hold or a terminal should not get; `before` the shell keeps by itself.
    pub(crate) fn new(candidate: &CompletionCandidate, before: &str) -> Option<Self> {
        let value = candidate.get_value().to_str()?;
        let value = value.strip_prefix(before).unwrap_or(value);
        let help = candidate.get_help().map(ToString::to_string);
        let help = help.and_then(|help| help.lines().next().map(str::to_owned));
        (!value.contains(char::is_control)).then(|| Self {
            value: value.to_owned(),
            help,
        })
    }

    pub(crate) fn line(&self, shell: Shell) -> String {
        let Self { value, help } = self;
        match (shell, help) {
            (Shell::Bash, _) => words::escaped(value) + "\n",
            (Shell::Elvish, _) | (_, None) => format!("{value}\n"),
            (_, Some(help)) => format!("{value}\t{help}\n"),
        }
    }
}
