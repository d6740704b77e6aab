//! `certctl completions`: what a shell needs to complete certctl's commands and options.

use clap::Args;
use clap_complete::Shell;
use serde::Serialize;

use super::{Context, Report, Run, definition, report::Outcome};

/// Print a completion script for a shell
///
/// The script completes commands, options and their values. Write it where the shell looks for such
/// scripts, or have the shell read it when it starts.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl completions bash > ~/.local/share/bash-completion/completions/certctl\n  \
    certctl completions zsh > ~/.zfunc/_certctl\n  \
    certctl completions fish > ~/.config/fish/completions/certctl.fish")]
pub(crate) struct Completions {
    /// Shell to write for
    #[arg(value_name = "SHELL", value_enum)]
    shell: Shell,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Document {
    schema: &'static str,
    /// Name of the shell
    shell: String,
    /// What the shell reads
    script: String,
}

impl Run for Completions {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut definition(), "certctl", &mut script);
        let document = Document {
            schema: "certctl/completions/v1",
            shell: self.shell.to_string(),
            script: String::from_utf8_lossy(&script).into_owned(),
        };
        context.ui.result(|| document.script.clone(), &document)?;
        Ok(Outcome::Unchanged)
    }
}
