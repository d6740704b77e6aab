//! `certctl rotate-ca ack`.

use std::path::PathBuf;

use clap::Args;

use super::{Context, Document, Outcome, Report, greeting::GreetingArgs, open, tell};
use crate::{
    cli::names::names,
    issuance::rotation::{
        RotateError,
        evidence::{Consumer, as_copied, consumers, note},
    },
    pki::entry_name::EntryName,
    rotation::seen,
    store::{
        Access, Pki,
        ledger::rotation::{Rotation, SeenBy, Sighting},
    },
};

/// Say who has got the files as they are now, and loaded them
///
/// What is named has the bundle that lies here, and shows the certificate that lies here. With
/// --from-check it is not said but seen: the document tells by serial numbers whose files lie on a node,
/// and whom they trust. With --probe servers are dialled, and shown a certificate that the new CA has just
/// signed: who takes it trusts the new CA, unless he takes one that nobody has signed as well.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl rotate-ca ack node1 node2\n  \
    certctl rotate-ca ack 'node{1..9}' billing\n  \
    ssh node1 certctl check /etc/redis/tls --json | certctl rotate-ca ack --from-check -\n  \
    certctl rotate-ca ack --probe --server redis\n  \
    certctl rotate-ca ack node1 --probe --server postgresql --resolve node1=10.0.0.1\n  \
    certctl rotate-ca ack --all")]
pub(super) struct Ack {
    /// Entry, or somebody outside; node{1..9} stands for nine (can be repeated)
    #[arg(value_name = "NAME", value_parser = names, required_unless_present_any = ["all", "from_check", "probe"])]
    names: Vec<Vec<EntryName>>,
    /// Everybody
    #[arg(long, conflicts_with_all = ["names", "from_check", "probe"])]
    all: bool,
    /// What `certctl check --json` printed on a node; `-` is standard input (can be repeated)
    #[arg(long, value_name = "FILE", conflicts_with = "probe")]
    from_check: Vec<PathBuf>,
    #[command(flatten)]
    greeting: GreetingArgs,
    /// Say what would be noted, and note nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

impl Ack {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Report> {
        let mut pki = context.open(Access::Write)?;
        let rotation = open(&pki)?;
        let before = consumers(&pki, &rotation, context.now)?;
        let sightings = self.sightings(&mut pki, &rotation, &before, context)?;
        let count = sightings.len();
        note(&mut pki, sightings, self.dry_run)?;
        let after = consumers(&pki, &rotation, context.now)?;
        let verb = if self.dry_run { "would note" } else { "noted" };
        let done = match self.from_check.is_empty() && !self.greeting.probe {
            true => format!("{verb} for {count} that the files as they are now are in use there"),
            false => format!("{verb} for {count} what is in use there"),
        };
        tell(context, Document::new(&pki, &rotation, &after)?, &done)
    }

    fn sightings(
        &self,
        pki: &mut Pki,
        rotation: &Rotation,
        before: &[Consumer],
        context: &Context,
    ) -> Result<Vec<Sighting>, Report> {
        let meant = self.meant(before)?;
        self.greeting.check()?;
        if self.greeting.probe {
            let dialled = match self.names.is_empty() {
                true => before.iter().collect(),
                false => meant,
            };
            return self
                .greeting
                .sightings(pki, rotation, &dialled, self.dry_run, context);
        }
        let sightings = meant.into_iter();
        let sightings = sightings.map(|consumer| sighting(pki, rotation, consumer, context));
        let mut sightings: Vec<_> = sightings.collect::<Result<_, _>>()?;
        let files = &self.from_check;
        sightings.extend(seen::of_documents(pki, rotation, files, context)?);
        Ok(sightings)
    }

    fn meant<'c>(&self, consumers: &'c [Consumer]) -> Result<Vec<&'c Consumer>, Report> {
        if self.all {
            return Ok(consumers.iter().collect());
        }
        let (mut meant, mut unknown) = (Vec::new(), Vec::new());
        for name in self.names.iter().flatten() {
            match consumers.iter().find(|consumer| consumer.name == *name) {
                Some(consumer) => meant.push(consumer),
                None => unknown.push(Report::from(RotateError::Unknown(name.clone()))),
            }
        }
        Report::all(unknown).map_or(Ok(meant), Err)
    }
}

/// That somebody has what lies here.
fn sighting(
    pki: &Pki,
    rotation: &Rotation,
    consumer: &Consumer,
    context: &Context,
) -> Result<Sighting, Report> {
    let copied = as_copied(pki, rotation, consumer)?;
    Ok(Sighting {
        began: rotation.began,
        name: consumer.name.clone(),
        format: consumer.format.clone(),
        trusts: true,
        bundle: Some(copied.bundle),
        serial: copied.serial,
        chain: copied.chain,
        seen_by: SeenBy::Ack,
        at: context.now,
    })
}
