//! Everything that is asked of one address, in the order in which the answers are needed.

use std::{collections::BTreeSet, thread, time::Duration};

use ring::rand::{SecureRandom as _, SystemRandom};

use super::{
    Approach, End, Observation, Takes, Version,
    address::Location,
    alert,
    dial::{Link, Stop},
    handshake::{self, Attempt, Failure, Identity, Outcome, shake},
    hello,
    plain::{self, QUESTIONS},
    reply::{self, Chosen, Reply},
    server_name,
};
use crate::{emit::BeforeTls, pki::chain::Host};

/// How long a port that may be plain is listened to for each question.
const LISTENING: Duration = Duration::from_secs(1);

/// An alert that the server does not speak a version (RFC 8446 §6.2).
const PROTOCOL_VERSION: u8 = 70;

/// An alert that no application protocol is common.
const NO_APPLICATION_PROTOCOL: u8 = 120;

/// Looks at an address; `name` is the one that is asked for there.
#[must_use]
pub fn observe(
    location: &Location,
    before: BeforeTls,
    name: Option<&Host>,
    approach: &Approach,
) -> Observation {
    let peer = Peer::new(location, before, name, approach);
    let mut seen = peer.greet();
    if seen.is_met() {
        peer.ask_about_clients(&mut seen);
        seen.takes = peer.takes(seen.session.version);
    }
    seen
}

/// Shakes hands once, and asks for nothing else.
#[must_use]
pub fn greet(
    location: &Location,
    before: BeforeTls,
    name: Option<&Host>,
    approach: &Approach,
) -> Observation {
    Peer::new(location, before, name, approach).greet()
}

/// Whom the questions go to.
#[derive(Clone, Copy)]
struct Peer<'a> {
    location: &'a Location,
    before: BeforeTls,
    name: Option<&'a str>,
    approach: &'a Approach,
}

impl<'a> Peer<'a> {
    fn new(
        location: &'a Location,
        before: BeforeTls,
        name: Option<&'a Host>,
        approach: &'a Approach,
    ) -> Self {
        Self {
            location,
            before,
            name: server_name(name),
            approach,
        }
    }

    /// The handshake that counts, and what it says of the certificate that was shown, or of none.
    fn greet(&self) -> Observation {
        let identity = self.approach.identity.as_ref();
        let outcome = match self.meet(identity) {
            Ok(outcome) => outcome,
            Err(end) => return Observation::only(end),
        };
        let mut seen = Observation {
            end: End::Met,
            session: outcome.session,
            takes: Takes::default(),
        };
        let found = match outcome.end {
            handshake::End::Failed(failure) => {
                seen.end = self.failed(&failure);
                return seen;
            }
            handshake::End::Done => Some(Ok(())),
            handshake::End::Dismissed(reason) => Some(Err(reason)),
            handshake::End::Closed(reason) => identity.map(|it| self.closed(&reason, it)),
        };
        let clients = &mut seen.session.clients;
        match (&clients.asked, identity) {
            (None, _) => {}
            (Some(_), Some(_)) => clients.taken = found,
            (Some(_), None) => clients.required = found.map(|found| found.is_err()),
        }
        seen
    }

    /// What a server that closed the connection without a word makes of the certificate that it was shown: it may refuse it
    /// so, as nginx does before any protocol, or have nothing behind it. Who refuses none by an alert would refuse this one
    /// by an alert, too, and before the handshake's end in TLS 1.2 (RFC 5246 §7.3).
    fn closed(&self, reason: &str, identity: &Identity) -> Result<(), String> {
        let without = self.shake(None).map(|outcome| outcome.end);
        let mut old = self.attempt(Some(identity));
        old.old = true;
        let ends_well = || {
            let outcome = self.link().map(|mut link| shake(&mut link, &old));
            let end = outcome.map(|outcome| outcome.end);
            matches!(end, Ok(handshake::End::Done | handshake::End::Closed(_)))
        };
        match without {
            Ok(handshake::End::Dismissed(_)) if ends_well() => Ok(()),
            _ => Err(format!(
                "so it seems, for {reason} without a word; it would do the same if what is behind it were down"
            )),
        }
    }

    fn attempt<'i>(&self, identity: Option<&'i Identity>) -> Attempt<'i>
    where
        'a: 'i,
    {
        Attempt {
            name: self.name,
            identity,
            alpn: self.before == BeforeTls::Nothing,
            old: false,
        }
    }

    fn link(&self) -> Result<Link, Stop> {
        let mut link = Link::connect(self.location, self.approach)?;
        link.begin(self.before, self.name)?;
        Ok(link)
    }

    /// The first handshake. Who says nothing to it may be waiting for plain text, as Redis does.
    fn meet(&self, identity: Option<&Identity>) -> Result<Outcome, End> {
        let mut link = self.link().map_err(|stop| self.stopped(stop))?;
        link.not_silent_for(LISTENING);
        let outcome = self.shake_on(&mut link, identity);
        match &outcome {
            Ok(Outcome {
                end: handshake::End::Failed(failure),
                ..
            }) if failure.is_slow() && link.is_silent() => {
                drop(link);
                match self.asked() {
                    Some(what) => Err(End::Plain(what)),
                    None => self.shake(identity).map_err(|stop| self.stopped(stop)),
                }
            }
            _ => outcome.map_err(|stop| self.stopped(stop)),
        }
    }

    fn shake(&self, identity: Option<&Identity>) -> Result<Outcome, Stop> {
        self.shake_on(&mut self.link()?, identity)
    }

    fn shake_on(&self, link: &mut Link, identity: Option<&Identity>) -> Result<Outcome, Stop> {
        let mut attempt = self.attempt(identity);
        let outcome = shake(link, &attempt);
        match outcome.end {
            handshake::End::Failed(Failure::Alert(NO_APPLICATION_PROTOCOL)) if attempt.alpn => {
                attempt.alpn = false;
                Ok(shake(&mut self.link()?, &attempt))
            }
            _ => Ok(outcome),
        }
    }

    /// What the server makes of none, where it was shown a certificate.
    fn ask_about_clients(&self, seen: &mut Observation) {
        if seen.session.clients.taken.is_none() {
            return;
        }
        let without = self.shake(None).map(|outcome| outcome.end);
        seen.session.clients.required = match without {
            Ok(handshake::End::Done) => Some(false),
            Ok(handshake::End::Dismissed(_)) => Some(true),
            // What it would not say otherwise, the difference tells.
            Ok(handshake::End::Closed(_)) => {
                matches!(seen.session.clients.taken, Some(Ok(()))).then_some(true)
            }
            Ok(handshake::End::Failed(_)) | Err(_) => None,
        };
    }

    fn stopped(&self, stop: Stop) -> End {
        match stop {
            Stop::Unreachable(reason) => End::Unreachable(reason),
            Stop::Refused(reason) => End::Plain(reason),
            Stop::Broken(reason) => match self.plain_text() {
                Some(what) => End::Plain(what),
                None => End::Failed(format!("before TLS: {reason}")),
            },
        }
    }

    /// What a failed handshake comes from: older TLS, none, or something between.
    fn failed(&self, failure: &Failure) -> End {
        let is_tls = matches!(failure, Failure::Alert(_));
        if let (false, Some(what)) = (is_tls, self.plain_text()) {
            return End::Plain(what);
        }
        // Whoever was too slow once would be again.
        let old = if failure.is_slow() {
            None
        } else {
            self.newest_old()
        };
        old.map_or_else(|| End::Failed(failure.to_string()), End::Old)
    }

    /// What it says to a ClientHello, or to questions in plain text, if that is no TLS.
    fn plain_text(&self) -> Option<String> {
        let hello = hello::offering(Version::Tls12, self.name, &random());
        let said = self.says(&hello);
        if !said.is_empty() && reply::is_like_tls(&said) {
            return None;
        }
        plain::recognise(&said).or_else(|| self.asked())
    }

    /// What it answers to questions in plain text, asked all at once.
    fn asked(&self) -> Option<String> {
        let answers: Vec<_> = thread::scope(|scope| {
            let asked = QUESTIONS.map(|question| scope.spawn(|| self.says(question)));
            asked.map(|it| it.join().unwrap_or_default()).into()
        });
        let mut answers = answers.iter().enumerate();
        answers.find_map(|(index, octets)| plain::answer(index, octets))
    }

    /// The first that it says to this, where nothing else is said before.
    fn says(&self, octets: &[u8]) -> Vec<u8> {
        use std::io::Write as _;
        let mut heard = Vec::new();
        if let Ok(mut link) = Link::connect(self.location, self.approach) {
            link.no_longer_than(LISTENING);
            if link.write_all(octets).is_ok() {
                let _ = link.hear(&mut heard);
            }
        }
        heard
    }

    /// The newest version before TLS 1.2 that it takes.
    fn newest_old(&self) -> Option<Version> {
        self.older_than(Version::Tls12).ok()?.last().copied()
    }

    /// Versions below `newest` that it takes, the oldest first; an error where it did not say.
    fn older_than(&self, newest: Version) -> Result<Vec<Version>, Stop> {
        let mut found = BTreeSet::new();
        for offered in Version::ALL.into_iter().rev().filter(|it| *it < newest) {
            // Whoever has taken none of what is older than offered will take none of it now.
            let answer = self.answer(&hello::offering(offered, self.name, &random()))?;
            match answer {
                Some(Reply::Chosen(Chosen {
                    version: Some(version),
                    ..
                })) if version <= offered => drop(found.insert(version)),
                Some(Reply::Alert(PROTOCOL_VERSION)) => break,
                _ => {}
            }
        }
        Ok(found.into_iter().collect())
    }

    /// What it answers to a ClientHello; `None` where it closes the connection, or takes too long.
    fn answer(&self, hello: &[u8]) -> Result<Option<Reply>, Stop> {
        use std::io::Write as _;
        let mut link = self.link()?;
        let mut heard = Vec::new();
        if link.write_all(hello).is_err() {
            return Ok(None);
        }
        loop {
            if let Some(reply) = reply::read(&heard) {
                return Ok(Some(reply));
            }
            match link.hear(&mut heard) {
                Ok(0) => return Ok(None),
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::TimedOut => {
                    return Err(Stop::Broken(alert::words(0)));
                }
                Err(_) => return Ok(None),
            }
        }
    }

    fn takes_tls12(&self) -> Option<bool> {
        let hello = hello::offering(Version::Tls12, self.name, &random());
        let reply = self.answer(&hello).ok()?;
        Some(is_chosen(reply.as_ref(), Version::Tls12))
    }

    /// What it takes besides what was agreed on, asked all at once.
    fn takes(&self, agreed: Option<Version>) -> Takes {
        let is_new = agreed == Some(Version::Tls13);
        thread::scope(|scope| {
            let old = scope.spawn(|| self.older_than(Version::Tls12).ok());
            let tls12 = is_new.then(|| scope.spawn(|| self.takes_tls12()));
            let ml_kem = is_new.then(|| {
                let hello = hello::asking_for_group(self.name, &random());
                self.answer(&hello)
                    .ok()
                    .map(|reply| has_hybrid(reply.as_ref()))
            });
            Takes {
                tls12: tls12.map_or(Some(true), |it| it.join().unwrap_or_default()),
                old: old.join().unwrap_or_default(),
                ml_kem: ml_kem.unwrap_or(Some(false)),
            }
        })
    }
}

fn is_chosen(reply: Option<&Reply>, version: Version) -> bool {
    matches!(reply, Some(Reply::Chosen(chosen)) if chosen.version == Some(version))
}

fn has_hybrid(reply: Option<&Reply>) -> bool {
    let group = Some(hello::X25519_ML_KEM_768);
    matches!(reply, Some(Reply::Chosen(chosen)) if chosen.is_retry && chosen.group == group)
}

/// What no two ClientHellos share.
fn random() -> [u8; 32] {
    let mut octets = [0; 32];
    // Where the system has none to give, zeros do as well: nothing is ever agreed on.
    let _ = SystemRandom::new().fill(&mut octets);
    octets
}
