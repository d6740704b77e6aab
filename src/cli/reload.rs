//! The option that has a command run once something was changed.

use clap::Args;

use super::Report;
pub(crate) use crate::session::reload::{Reload, Scope};
use crate::store::Pki;

/// What is to be done once something was changed.
#[derive(Args, Debug)]
pub(crate) struct ReloadArgs {
    /// Command for the shell, run once after something was made anew; where it failed, at the next run again
    #[arg(long, value_name = "COMMAND")]
    exec: Option<String>,
}

impl ReloadArgs {
    /// Has what is changed from now on noted as untold. `None` where no command was given.
    pub(crate) fn begin(
        &self,
        pki: &mut Pki,
        scope: Scope,
        dry_run: bool,
    ) -> Result<Option<Reload<'_>>, Report> {
        let command = self.exec.as_deref();
        let begun = command.map(|command| Reload::begin(command, pki, scope, dry_run));
        begun.transpose()
    }
}
