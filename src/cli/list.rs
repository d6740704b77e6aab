//! `certctl list`: what there is, and until when it is valid.

use clap::Args;

use super::{
    Context, Report, Run,
    args::{authority_name, margin},
    names::{Target, targets},
    report::Outcome,
};
use crate::{
    pki::{entry_name::EntryName, renewal::Margin},
    session::listing::Listing,
};

/// List CAs and certificates
///
/// Shows what is in use: CAs from the roots down, then entries by name. Each option narrows the
/// list.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl list\n  \
    certctl list node{1..3} ca/issuing\n  \
    certctl list --expiring 30d\n  \
    certctl list --ca issuing --revoked\n  \
    certctl list --json")]
pub(crate) struct List {
    /// Only these entries and CAs; node{1..9} stands for nine, and a CA may be written ca/NAME (can be repeated)
    #[arg(value_name = "NAME", value_parser = targets)]
    names: Vec<Vec<Target>>,
    /// Only what has ended or has so much of its life left, as in 30d or 33%, the first to end first
    /// [default: what renew calls due, a third, at most 30d]
    #[arg(long, value_name = "DURATION|PERCENT", num_args = 0..=1, value_parser = margin)]
    #[allow(clippy::option_option)] // clap's way to leave out an option's value
    expiring: Option<Option<Margin>>,
    /// Only what was revoked
    #[arg(long)]
    revoked: bool,
    /// Only what another certificate has replaced
    #[arg(long)]
    replaced: bool,
    /// Only what this CA has signed
    #[arg(long, value_name = "NAME", value_parser = authority_name)]
    ca: Option<EntryName>,
}

impl Run for List {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let names: Vec<_> = self.names.into_iter().flatten().collect();
        let listing = Listing {
            wanted: names.iter().cloned().collect(),
            names,
            expiring: self.expiring.map(Option::unwrap_or_default),
            revoked: self.revoked,
            replaced: self.replaced,
            ca: self.ca,
        };
        listing.tell(context).map(|()| Outcome::Unchanged)
    }
}
