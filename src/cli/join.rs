//! `certctl join`: a PKI directory on another machine, for a ledger that is shared.

use clap::Args;

use super::{Context, Report, Run, pull, report::Outcome};
use crate::store::{
    Access,
    layout::{Area, Place},
};

/// Begin a PKI directory whose ledger other machines share
///
/// The directory gets a copy of the ledger, and the certificates, bundles and CRLs of its CAs. Keys are not in a ledger:
/// to issue here, put a CA's key into ca/NAME/key.pem, or name it in ca/NAME/key.uri where it is in a token. See
/// certctl-ledger(7).
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl join 'postgres://db.example/pki?sslrootcert=/etc/db/ca.pem'\n  \
    certctl join 'postgres:///pki?host=/run/postgresql' --dir /srv/pki")]
pub(crate) struct Join {
    /// Where the ledger is, as libpq's URLs say it (without a password)
    #[arg(value_name = "URL", env = crate::store::shared::VARIABLE)]
    url: String,
}

impl Run for Join {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        context.ledger = Some(self.url);
        let mut pki = context.open(Access::Create)?;
        pki.keep();
        let places: Vec<Place> = pki.places_in_use()?;
        let authorities: Vec<Place> = places
            .into_iter()
            .filter(|place| place.area == Area::Authorities)
            .collect();
        let pulled = pki.pull(&authorities, false)?;
        pull::tell(context, &pki, &pulled, false)
    }
}
