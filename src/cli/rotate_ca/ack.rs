//! `certctl rotate-ca ack`.

use clap::Args;

use super::{Context, Document, Outcome, Report, open, tell};
use crate::{
    cli::names::names,
    issuance::rotation::{
        RotateError,
        evidence::{Consumer, as_copied, consumers, note},
    },
    pki::entry_name::EntryName,
    store::{
        Access, Pki,
        ledger::rotation::{Rotation, SeenBy, Sighting},
    },
};

/// Say who has got the files as they are now, and loaded them
///
/// What is named has the bundle that lies here, and shows the certificate that lies here.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl rotate-ca ack node1 node2\n  \
    certctl rotate-ca ack 'node{1..9}' billing\n  \
    certctl rotate-ca ack --all")]
pub(super) struct Ack {
    /// Entry, or somebody outside; node{1..9} stands for nine (can be repeated)
    #[arg(value_name = "NAME", value_parser = names, required_unless_present = "all")]
    names: Vec<Vec<EntryName>>,
    /// Everybody
    #[arg(long, conflicts_with = "names")]
    all: bool,
    /// Say what would be noted, and note nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

impl Ack {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Report> {
        let mut pki = context.open(Access::Write)?;
        let rotation = open(&pki)?;
        let before = consumers(&pki, &rotation, context.now)?;
        let meant = self.meant(&before)?;
        let sightings = meant
            .into_iter()
            .map(|consumer| sighting(&pki, &rotation, consumer, context));
        let sightings: Vec<_> = sightings.collect::<Result<_, _>>()?;
        let count = sightings.len();
        note(&mut pki, sightings, self.dry_run)?;
        let after = consumers(&pki, &rotation, context.now)?;
        let verb = if self.dry_run { "would note" } else { "noted" };
        let done = format!("{verb} for {count} that the files as they are now are in use there");
        tell(context, Document::new(&pki, &rotation, &after)?, &done)
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
    let (bundle, serial) = as_copied(pki, rotation, consumer)?;
    Ok(Sighting {
        began: rotation.began,
        name: consumer.name.clone(),
        format: consumer.format.clone(),
        trusts: true,
        bundle,
        serial,
        seen_by: SeenBy::Ack,
        at: context.now,
    })
}
