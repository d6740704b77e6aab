//! `certctl install-root`: have this machine's programs trust a root.

use clap::Args;

use super::{
    Context, Report, Run,
    report::Outcome,
    trust_stores::{Action, TrustArgs},
};

/// Have this machine trust a root
///
/// Puts the root where the system's programs look: on Debian, Red Hat and macOS. The stores of Java and
/// NSS are changed only where --store names them. certctl uninstall-root undoes it.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl install-root --print\n  \
    certctl install-root root --store java")]
pub(crate) struct InstallRoot {
    #[command(flatten)]
    trust: TrustArgs,
}

impl Run for InstallRoot {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        self.trust.run(Action::Install, context)
    }
}
