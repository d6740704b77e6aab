//! What servers make of a certificate of the new CA: `certctl rotate-ca ack --probe`.

use std::collections::BTreeSet;

use clap::Args;

use super::{Context, Report};
use crate::{
    cli::{
        emitting::TemplatesArgs,
        open::signing_authority,
        passphrases::PassphraseArgs,
        probe::{
            ports::{Ports, Target, dialled},
            reach::ReachArgs,
        },
    },
    issuance::rotation::{
        evidence::Consumer,
        witness::{Witness, stranger, witness},
    },
    pki::{certificate::Certificate, chain::Host, serial::Serial},
    store::{
        Pki,
        layout::Area,
        ledger::{
            Kind, Listed,
            rotation::{Rotation, SeenBy, Sighting},
        },
    },
    wire::{self, Address, End, Identity, Location, Observation},
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

/// What a server made of it.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Answer {
    /// It was not met, for this reason
    Unmet(String),
    /// It shows what is not this entry's
    Another,
    /// It asks nobody, or takes whatever it is shown: whom it trusts was not seen
    Indifferent(Serial),
    Takes(Serial),
    Refuses(Serial, String),
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
        let targets = self.targets(consumers)?;
        if dry_run {
            let count = targets.len();
            let note =
                format!("{count} addresses would be dialled; what they answer is not known before");
            context.ui.note(note);
            return Ok(Vec::new());
        }
        let identities = self.identities(pki, rotation, context)?;
        let bar = context.ui.progress(targets.len(), "probing");
        let look = |(_, target): &(&Consumer, Target)| {
            let greet = |identity: &Identity| {
                let approach = self.reach.approach(Some(identity.clone()));
                let name = target.name.as_ref();
                wire::greet(&target.location, target.before, name, &approach)
            };
            let seen = greet(&identities[0]);
            // Who takes any certificate says nothing by taking this one.
            let control = match seen.session.clients.taken {
                Some(Ok(())) => Some(greet(&identities[1])),
                _ => None,
            };
            (seen, control)
        };
        let seen = wire::each(&targets, self.reach.jobs.into(), look, || bar.advance(1));
        drop(bar);
        let mut answers = Vec::new();
        for ((consumer, target), (seen, control)) in targets.into_iter().zip(seen) {
            let answer = answer(pki, consumer, &seen, control.as_ref())?;
            answers.push((consumer, target, answer));
        }
        let of = |consumer: &&Consumer| {
            let own = answers.iter().filter(|(of, ..)| of.name == consumer.name);
            let own: Vec<_> = own.map(|(_, target, answer)| (target, answer)).collect();
            sighting(rotation, consumer, &own, context)
        };
        Ok(consumers.iter().filter_map(of).collect())
    }

    /// Where they listen.
    fn targets<'c>(
        &self,
        consumers: &[&'c Consumer],
    ) -> Result<Vec<(&'c Consumer, Target)>, Report> {
        let ports = Ports::new(self.server.as_deref(), || self.templates.catalogue())?;
        let mut targets = Vec::new();
        for &consumer in consumers {
            for host in hosts(consumer.record.as_ref()) {
                let address = Address {
                    location: Location::Tcp(host, self.port),
                    before: None,
                };
                let found = ports.of(&address, None, None)?;
                targets.extend(found.into_iter().map(|target| (consumer, target)));
            }
        }
        match targets.is_empty() {
            false => Ok(targets),
            true => Err(Report::failed(
                "no-entry",
                "there is no node and no server with a name that could be dialled",
            )
            .hint("of clients and others `certctl rotate-ca ack NAME` says it")),
        }
    }

    /// What is shown: a certificate of the new CA, and one of nobody.
    fn identities(
        &self,
        pki: &mut Pki,
        rotation: &Rotation,
        context: &Context,
    ) -> Result<[Identity; 2], Report> {
        let passphrases = self.passphrase.among(context, pki, &[])?;
        let last = rotation.pairs.last().unwrap_or(rotation.top());
        let signer = signing_authority(pki, &last.new, &passphrases)?;
        let of = |witness: Witness| {
            let identity = Identity::new(witness.chain, &witness.key);
            identity.map_err(|error| Report::failed("key", error))
        };
        Ok([
            of(witness(pki, &signer, context.now)?)?,
            of(stranger(context.now)?)?,
        ])
    }
}

/// The names of an entry that can be dialled; none of one that does not listen.
fn hosts(record: Option<&Listed>) -> Vec<Host> {
    let serving = record.filter(|record| record.kind != Kind::Client);
    let names = serving.iter().flat_map(|record| &record.names);
    dialled(names.filter_map(|name| Host::parse(name).ok()).collect())
}

fn answer(
    pki: &Pki,
    consumer: &Consumer,
    seen: &Observation,
    control: Option<&Observation>,
) -> Result<Answer, Report> {
    match &seen.end {
        End::Met => {}
        End::Failed(reason) | End::Unreachable(reason) => return Ok(Answer::Unmet(reason.clone())),
        End::Old(version) => return Ok(Answer::Unmet(format!("it speaks {version}"))),
        End::Plain(what) => return Ok(Answer::Unmet(format!("no TLS: {what}"))),
    }
    let Some(serial) = served(pki, consumer, seen.session.chain.first())? else {
        return Ok(Answer::Another);
    };
    let refuses = |seen: &Observation| matches!(seen.session.clients.taken, Some(Err(_)));
    Ok(match &seen.session.clients.taken {
        Some(Err(reason)) => Answer::Refuses(serial, reason.clone()),
        Some(Ok(())) if control.is_some_and(refuses) => Answer::Takes(serial),
        _ => Answer::Indifferent(serial),
    })
}

/// The serial number of what is served, where it is this entry's.
fn served(
    pki: &Pki,
    consumer: &Consumer,
    leaf: Option<&Certificate>,
) -> Result<Option<Serial>, Report> {
    let Some(leaf) = leaf else { return Ok(None) };
    let record = pki.ledger().record_of(leaf)?;
    let is_own = record.filter(|it| it.kind.area() == Area::Entries && it.name == consumer.name);
    Ok(is_own.map(|record| record.serial))
}

/// What the answers of all its listeners say of one that trusts; says what they do not.
fn sighting(
    rotation: &Rotation,
    consumer: &Consumer,
    answers: &[(&Target, &Answer)],
    context: &Context,
) -> Option<Sighting> {
    let name = &consumer.name;
    let met = |answer: &Answer| !matches!(answer, Answer::Unmet(_) | Answer::Another);
    let reached: BTreeSet<_> = answers
        .iter()
        .filter(|(_, answer)| met(answer))
        .map(|(target, _)| &target.listener)
        .collect();
    let mut is_whole = true;
    for (target, answer) in answers {
        let at = &target.location;
        match answer {
            // By another of its names it was reached.
            _ if !met(answer) && reached.contains(&target.listener) => continue,
            Answer::Unmet(reason) => context.ui.warning(format!("`{name}` at {at}: {reason}")),
            Answer::Another => context.ui.warning(format!(
                "`{name}` at {at}: what is served there is none of its certificates"
            )),
            Answer::Indifferent(_) => context.ui.note(format!(
                "`{name}` at {at} asks for no certificate, or takes any: whom it trusts was not seen"
            )),
            Answer::Refuses(_, reason) => context.ui.warning(format!(
                "`{name}` at {at} refuses a certificate of the new CA: {reason}"
            )),
            Answer::Takes(_) => {}
        }
        is_whole &= met(answer);
    }
    let serial = shown(consumer, answers)?;
    let has = |is: fn(&Answer) -> bool| answers.iter().any(|(_, answer)| is(answer));
    let refuses = has(|answer| matches!(answer, Answer::Refuses(..)));
    let takes = has(|answer| matches!(answer, Answer::Takes(_))) && is_whole;
    let before = consumer.seen.as_ref().filter(|_| !refuses && !takes);
    Some(Sighting {
        began: rotation.began,
        name: name.clone(),
        format: None,
        trusts: takes || before.is_some_and(|seen| seen.trusts),
        bundle: before.and_then(|seen| seen.bundle.clone()),
        serial: Some(serial),
        seen_by: match refuses || takes {
            true => SeenBy::Probe,
            false => SeenBy::Served,
        },
        at: context.now,
    })
}

/// The certificate that it shows; of several one that is not in use any more.
fn shown(consumer: &Consumer, answers: &[(&Target, &Answer)]) -> Option<Serial> {
    let serials = answers.iter().filter_map(|(_, answer)| match answer {
        Answer::Unmet(_) | Answer::Another => None,
        Answer::Indifferent(serial) | Answer::Takes(serial) | Answer::Refuses(serial, _) => {
            Some(serial)
        }
    });
    let serials: Vec<_> = serials.collect();
    let current = consumer.record.as_ref().map(|record| &record.serial);
    let former = serials.iter().find(|serial| Some(**serial) != current);
    former.or(serials.first()).map(|serial| (*serial).clone())
}
