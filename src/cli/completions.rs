//! `certctl completions`: what a shell needs to complete certctl's commands, options and their values.
//!
//! The script asks certctl itself for each word, by arguments alone: no variable makes another command
//! print candidates, and other commands do nothing for it.

use std::ffi::OsString;

use clap::Args;
use clap_complete::{CompletionCandidate, Shell, engine::complete};

mod candidates;
mod placing;
mod words;

use crate::documents::completions::{Candidate, CandidatesDocument, Document};

use super::{Context, Report, Run, definition, report::Outcome};
use candidates::{Scene, answering};
use words::Words;

/// Print a completion script for a shell
///
/// The script completes commands, options and their values: servers, formats and listeners, files, and
/// the entries and CAs of the PKI directory, which is only looked at. Write it where the shell looks for
/// such scripts, or have the shell read it when it starts; --install writes it for you alone.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl completions --install\n  \
    certctl completions zsh --install --dry-run\n  \
    certctl completions bash > /etc/bash_completion.d/certctl")]
pub(crate) struct Completions {
    /// Shell to write for [default with --install: the one that SHELL names]
    #[arg(value_name = "SHELL", value_enum, required_unless_present = "install")]
    shell: Option<Shell>,
    /// Write it where bash, fish or zsh looks for your own
    #[arg(long, conflicts_with = "words")]
    install: bool,
    /// Replace the file
    #[arg(short, long, requires = "install")]
    force: bool,
    /// Say what would be written, and write nothing
    #[arg(short = 'n', long, requires = "install")]
    dry_run: bool,
    /// The command line up to the cursor, to print what its last word may become
    #[arg(value_name = "WORDS", last = true, hide = true)]
    words: Vec<OsString>,
}

impl Run for Completions {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let Some(shell) = self.shell.filter(|_| !self.install) else {
            return placing::install(&self, context);
        };
        if self.words.is_empty() {
            let document = Document {
                schema: "certctl/completions/v1",
                shell: shell.to_string(),
                script: script(shell)?,
                path: None,
            };
            context.ui.result(|| document.script, &document)?;
        } else {
            let document = CandidatesDocument {
                schema: "certctl/candidates/v1",
                candidates: self.candidates(shell, context),
            };
            let text = || document.candidates.iter().map(|it| it.line(shell));
            let text = || text().collect::<String>();
            context.ui.result(text, &document)?;
        }
        Ok(Outcome::Unchanged)
    }
}

/// What a shell reads.
fn script(shell: Shell) -> Result<&'static str, Report> {
    Ok(match shell {
        Shell::Bash => include_str!("completions/scripts/bash.sh"),
        Shell::Elvish => include_str!("completions/scripts/elvish.elv"),
        Shell::Fish => include_str!("completions/scripts/fish.fish"),
        Shell::PowerShell => include_str!("completions/scripts/powershell.ps1"),
        Shell::Zsh => include_str!("completions/scripts/zsh.sh"),
        other => return Err(Report::usage(format!("there is no script for `{other}`"))),
    })
}

impl Completions {
    fn candidates(&self, shell: Shell, context: &Context) -> Vec<Candidate> {
        let words = Words::new(shell, &self.words);
        let scene = Scene::new(&words.all, &context.global.dir);
        let last = words.all.len() - 1;
        let is_empty = words.all[last].is_empty();
        let found = complete(&mut answering(definition(), scene), words.all, last, None);
        let found = found.unwrap_or_default().into_iter();
        let found = found.filter_map(|it| Candidate::new(&it, &words.before));
        let mut found: Vec<_> = found.collect();
        // Who has not begun an option wants what stands in their place, where there is something.
        if is_empty && found.iter().any(|it| !it.value.starts_with('-')) {
            found.retain(|it| !it.value.starts_with('-'));
        }
        found
    }
}

impl Candidate {
    /// None of what a line cannot hold or a terminal should not get; `before` the shell keeps by itself.
    fn new(candidate: &CompletionCandidate, before: &str) -> Option<Self> {
        let value = candidate.get_value().to_str()?;
        let value = value.strip_prefix(before).unwrap_or(value);
        let help = candidate.get_help().map(ToString::to_string);
        let help = help.and_then(|help| help.lines().next().map(str::to_owned));
        (!value.contains(char::is_control)).then(|| Self {
            value: value.to_owned(),
            help,
        })
    }

    fn line(&self, shell: Shell) -> String {
        let Self { value, help } = self;
        match (shell, help) {
            (Shell::Bash, _) => words::escaped(value) + "\n",
            (Shell::Elvish, _) | (_, None) => format!("{value}\n"),
            (_, Some(help)) => format!("{value}\t{help}\n"),
        }
    }
}
