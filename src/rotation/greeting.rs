//! What servers make of a certificate of the new CA.

use std::collections::BTreeSet;

use crate::{
    issuance::rotation::{
        evidence::Consumer,
        witness::{Witness, stranger, witness},
    },
    pki::{
        certificate::{Certificate, chain_digest},
        chain::Host,
        serial::Serial,
    },
    session::{
        Context,
        passphrases::Passphrases,
        ports::{Ports, Target, dialled},
        secrets::Secret,
        signers::signing_authority,
    },
    store::{
        Pki,
        layout::Area,
        ledger::{
            Kind, Listed,
            rotation::{Rotation, SeenBy, Sighting},
        },
    },
    terminal::Report,
    wire::{self, Address, Approach, End, Identity, Location, Observation},
};

/// Which servers are dialled, and how.
pub(crate) struct Greeting<'a> {
    pub(crate) rotation: &'a Rotation,
    pub(crate) ports: Ports,
    /// Where all of them listen; `None` for the usual ports of the server
    pub(crate) port: Option<u16>,
    /// How they are reached, whatever is shown to them
    pub(crate) approach: Approach,
    /// So many at once
    pub(crate) jobs: usize,
    /// Passphrases that were given
    pub(crate) given: &'a [Secret],
    /// Dial nobody
    pub(crate) dry_run: bool,
    pub(crate) context: &'a Context,
}

/// What a server made of it.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Answer {
    /// It was not met, for this reason
    Unmet(String),
    /// It shows what is not this entry's
    Another,
    /// It asks nobody, or takes whatever it is shown: whom it trusts was not seen
    Indifferent(Served),
    Takes(Served),
    Refuses(Served, String),
}

/// What it shows of itself.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Served {
    serial: Serial,
    /// SHA-256 of what is sent behind the certificate
    chain: Vec<u8>,
}

impl Greeting<'_> {
    /// What is seen of all of these that listen.
    pub(crate) fn sightings(
        &self,
        pki: &mut Pki,
        consumers: &[&Consumer],
    ) -> Result<Vec<Sighting>, Report> {
        let Self { context, .. } = self;
        let targets = self.targets(consumers)?;
        if self.dry_run {
            let count = targets.len();
            let note =
                format!("{count} addresses would be dialled; what they answer is not known before");
            context.ui.note(note);
            return Ok(Vec::new());
        }
        let identities = self.identities(pki)?;
        let bar = context.ui.progress(targets.len(), "probing");
        let approach = &self.approach;
        let look = |(_, target): &(&Consumer, Target)| {
            let greet = |identity: &Identity| {
                let approach = Approach {
                    identity: Some(identity.clone()),
                    ..approach.clone()
                };
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
        let seen = wire::each(&targets, self.jobs, look, || bar.advance(1));
        drop(bar);
        let mut answers = Vec::new();
        for ((consumer, target), (seen, control)) in targets.into_iter().zip(seen) {
            let answer = answer(pki, consumer, &seen, control.as_ref())?;
            answers.push((consumer, target, answer));
        }
        let of = |consumer: &&Consumer| {
            let own = answers.iter().filter(|(of, ..)| of.name == consumer.name);
            let own: Vec<_> = own.map(|(_, target, answer)| (target, answer)).collect();
            sighting(self.rotation, consumer, &own, context)
        };
        Ok(consumers.iter().filter_map(of).collect())
    }

    /// Where they listen.
    fn targets<'c>(
        &self,
        consumers: &[&'c Consumer],
    ) -> Result<Vec<(&'c Consumer, Target)>, Report> {
        let mut targets = Vec::new();
        for &consumer in consumers {
            for host in hosts(consumer.record.as_ref()) {
                let address = Address {
                    location: Location::Tcp(host, self.port),
                    before: None,
                };
                let found = self.ports.of(&address, None, None)?;
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
    fn identities(&self, pki: &mut Pki) -> Result<[Identity; 2], Report> {
        let Self {
            context, rotation, ..
        } = self;
        let passphrases = Passphrases::among(self.given.to_vec(), context, pki, &[])?;
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
    let Some(served) = served(pki, consumer, &seen.session.chain)? else {
        return Ok(Answer::Another);
    };
    let refuses = |seen: &Observation| matches!(seen.session.clients.taken, Some(Err(_)));
    Ok(match &seen.session.clients.taken {
        Some(Err(reason)) => Answer::Refuses(served, reason.clone()),
        Some(Ok(())) if control.is_some_and(refuses) => Answer::Takes(served),
        _ => Answer::Indifferent(served),
    })
}

/// What is served, where it is this entry's.
fn served(pki: &Pki, consumer: &Consumer, chain: &[Certificate]) -> Result<Option<Served>, Report> {
    let Some(leaf) = chain.first() else {
        return Ok(None);
    };
    let record = pki.ledger().record_of(leaf)?;
    let is_own = record.filter(|it| it.kind.area() == Area::Entries && it.name == consumer.name);
    Ok(is_own.map(|record| Served {
        serial: record.serial,
        chain: chain_digest(leaf, chain),
    }))
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
    let (serial, chain) = shown(consumer, answers)?;
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
        chain,
        seen_by: match refuses || takes {
            true => SeenBy::Probe,
            false => SeenBy::Served,
        },
        at: context.now,
    })
}

/// What it shows: of several certificates one that is not in use any more, and the chain that all its listeners send.
fn shown(consumer: &Consumer, answers: &[(&Target, &Answer)]) -> Option<(Serial, Option<Vec<u8>>)> {
    let all = answers.iter().filter_map(|(_, answer)| match answer {
        Answer::Unmet(_) | Answer::Another => None,
        Answer::Indifferent(served) | Answer::Takes(served) | Answer::Refuses(served, _) => {
            Some(served)
        }
    });
    let all: Vec<_> = all.collect();
    let first = all.first()?;
    let current = consumer.record.as_ref().map(|record| &record.serial);
    let former = all.iter().find(|it| Some(&it.serial) != current);
    let is_one_chain = all.iter().all(|it| it.chain == first.chain);
    let serial = former.unwrap_or(first).serial.clone();
    Some((serial, is_one_chain.then(|| first.chain.clone())))
}
