//! `certctl uninstall-root`: undo `install-root`.

use clap::Args;

use super::{
    Context, Report, Run,
    report::Outcome,
    trust_stores::{Action, TrustArgs},
};

/// Have this machine trust a root no longer
///
/// Undoes certctl install-root with the same options.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl uninstall-root --print\n  \
    certctl uninstall-root root --store java")]
pub(crate) struct UninstallRoot {
    #[command(flatten)]
    trust: TrustArgs,
}

impl Run for UninstallRoot {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        self.trust.run(Action::Uninstall, context)
    }
}
