//! Options of `certctl rotate-ca ack --probe`.

use clap::Args;

use super::{Context, Report};
use crate::{
    cli::{emitting::TemplatesArgs, passphrases::PassphraseArgs, probe::reach::ReachArgs},
    issuance::rotation::evidence::Consumer,
    rotation::greeting::Greeting,
    session::ports::Ports,
    store::{
        Pki,
        ledger::rotation::{Rotation, Sighting},
    },
};

#[derive(Args, Debug)]
pub(super) struct GreetingArgs {
    /// Shake hands with servers, show them a certificate of the new CA, and note what they make of it
    #[arg(long, requires = "server")]
    pub(super) probe: bool,
    /// Server that runs on the nodes, and which of its listeners is dialled [default: all that have to be open]
    #[arg(long, value_name = "SERVER[.LISTENER]", requires = "probe")]
    server: Option<String>,
    /// Port where it listens [default: the usual ones of the server]
    #[arg(long, value_name = "PORT", requires = "probe", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    #[command(flatten)]
    reach: ReachArgs,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    templates: TemplatesArgs,
}

impl GreetingArgs {
    /// Refuses options that mean nothing without --probe.
    pub(super) fn check(&self) -> Result<(), Report> {
        let is_meant = self.probe
            || self.reach.resolve.is_empty()
                && self.reach.proxy.is_none()
                && !self.passphrase.is_given();
        match is_meant {
            true => Ok(()),
            false => Err(Report::usage(
                "--resolve, --proxy and passphrases say how servers are dialled, and none is",
            )
            .hint("`--probe --server SERVER` dials them")),
        }
    }

    /// What is seen of all of these that listen.
    pub(super) fn sightings(
        &self,
        pki: &mut Pki,
        rotation: &Rotation,
        consumers: &[&Consumer],
        dry_run: bool,
        context: &Context,
    ) -> Result<Vec<Sighting>, Report> {
        let greeting = Greeting {
            rotation,
            ports: Ports::new(self.server.as_deref(), || self.templates.catalogue())?,
            port: self.port,
            approach: self.reach.approach(None),
            jobs: self.reach.jobs.into(),
            given: &self.passphrase.given(),
            dry_run,
            context,
        };
        greeting.sightings(pki, consumers)
    }
}
