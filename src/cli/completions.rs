//! `certctl completions`: what a shell needs to complete certctl's commands, options and their values.
//!
//! The script asks certctl itself for each word, by arguments alone: no variable makes another command
//! print candidates, and other commands do nothing for it.

use std::ffi::OsString;

use clap::Args;
use clap_complete::Shell;

mod placing;

use crate::{
    completion::{candidates, script},
    documents::completions::{CandidatesDocument, Document},
};

use super::{Context, Report, Run, definition, report::Outcome};

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
                candidates: candidates(shell, &self.words, definition(), &context.dir),
            };
            let text = || document.candidates.iter().map(|it| it.line(shell));
            let text = || text().collect::<String>();
            context.ui.result(text, &document)?;
        }
        Ok(Outcome::Unchanged)
    }
}

#[cfg(test)]
mod tests {
    use crate::{cli::definition, completion::candidates::kind};

    /// Values that nobody can know, by their names in the help.
    const FREE: &str = "ADDRESS ADDRESSES CIDR CN COMMAND DN DOMAIN DURATION DURATION|PERCENT HEX HOST N N|N% NAME=IP \
                        NAMES NAME|IP O PORT ROLE SAN SECTION TIME URI URL VARIABLE WORDS [CA=]URI [CA=]VARIABLE";

    #[test]
    fn every_value_is_known_or_free() {
        let free: Vec<_> = FREE.split_whitespace().collect();
        let mut commands = vec![definition()];
        while let Some(command) = commands.pop() {
            let name = command.get_name().to_owned();
            commands.extend(command.get_subcommands().cloned());
            for argument in command.get_arguments() {
                if !argument.get_action().takes_values() {
                    continue;
                }
                let value = argument.get_value_names().and_then(<[_]>::first);
                let value = value.map_or("", |value| value.as_str());
                let is_known = kind(&name, argument).is_some()
                    || !argument.get_possible_values().is_empty()
                    || free.contains(&value);
                assert!(is_known, "{name}: is <{value}> free text, or what is it?");
            }
        }
    }
}
