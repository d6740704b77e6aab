//! Which entries can connect by mutual TLS, proven before anything is deployed.
//!
//! Every certificate is verified by every trust bundle that there is, in both roles, by the rules of `verify`:
//! that decides each pair. Beside it rustls shakes hands with itself, once for every combination of issuers,
//! purposes, kinds of key and trust that two of them make. A thousand entries are a million pairs, and some
//! thousand verifications.

mod handshake;
mod kinds;
mod proven;

use std::collections::{BTreeMap, BTreeSet};

use time::OffsetDateTime;

use crate::{
    emit::{Listener, Manifest, Version},
    pki::{
        certificate::Certificate,
        chain::{Fault, Host, Purpose, Request, verify},
        general_name::GeneralName,
        key::PrivateKey,
        name,
        rules::Policy,
    },
    severity::Severity,
    wire,
};
pub use proven::Proven;

/// One entry that connects, or is connected to.
#[derive(Debug)]
pub struct Party {
    /// Its name
    pub name: String,
    /// Its certificate and its intermediates
    pub chain: Vec<Certificate>,
    /// The roots that it trusts
    pub trust: Vec<Certificate>,
    /// Whether others connect to it
    pub serves: bool,
    /// Whether it connects to others
    pub dials: bool,
}

/// What a server does with certificates.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// It sends the intermediates too; where it does not, those that serve trust the intermediates themselves
    pub sends_chain: bool,
    /// Those that serve look for the name that they dial among those of the certificate; all others always do
    pub checks_names: bool,
}

/// As servers do that nobody has named.
impl Default for Habits {
    fn default() -> Self {
        Self {
            sends_chain: true,
            checks_names: true,
        }
    }
}

impl Habits {
    /// What a server of this version does.
    #[must_use]
    pub fn of(manifest: &Manifest, version: &Version) -> Self {
        let is_mutual = |listener: &&Listener| {
            let has = |usage: &str| listener.eku.iter().any(|it| it == usage);
            has("serverAuth") && has("clientAuth")
        };
        let mut links = manifest.listeners.iter().filter(is_mutual);
        Self {
            sends_chain: manifest.sends_chain(version),
            checks_names: !links.any(|it| it.any_name),
        }
    }
}

/// What two ends of a connection are.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Role {
    /// It connects
    Client,
    /// Others connect to it
    Server,
}

impl Role {
    /// In words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }

    const fn purpose(self) -> Purpose {
        match self {
            Self::Client => Purpose::Client,
            Self::Server => Purpose::Server,
        }
    }
}

/// Somebody is refused, for one reason.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The number of who is refused
    pub refused: usize,
    /// As what
    pub role: Role,
    /// The numbers of those who refuse
    pub by: Vec<usize>,
    /// The code of the reason
    pub code: String,
    /// The reason, without final stop
    pub message: String,
    /// What mends it
    pub hint: String,
    /// How bad it is
    pub severity: Severity,
}

/// What was proven.
#[derive(Debug)]
pub struct Proof {
    /// Who refuses whom, by the numbers of those that are refused
    pub refusals: Vec<Refusal>,
    /// How many pairs there are of one who connects and another who serves
    pub pairs: usize,
    /// How many of them connect
    pub connect: usize,
    /// How many handshakes were made
    pub handshakes: usize,
    refused: BTreeSet<(usize, Role, usize)>,
    trust_of: Vec<usize>,
}

impl Proof {
    /// Whether the one takes the other.
    #[must_use]
    pub fn connects(&self, client: usize, server: usize) -> bool {
        let refused = |it, role, by: usize| self.refused.contains(&(it, role, self.trust_of[by]));
        !refused(client, Role::Client, server) && !refused(server, Role::Server, client)
    }
}

/// Proves who can connect to whom at the time `at`; `key` gives the private key of an entry that has one here.
pub fn prove(
    parties: &[Party],
    habits: Habits,
    at: OffsetDateTime,
    key: &mut dyn FnMut(usize) -> Option<PrivateKey>,
) -> Proof {
    let mut prover = Prover::new(parties, habits, at);
    let mut refusals = prover.refusals();
    let (extra, handshakes) = prover.handshakes(key);
    for refusal in &extra {
        let of = |by: &usize| (refusal.refused, refusal.role, prover.trust_of[*by]);
        prover.refused.extend(refusal.by.iter().map(of));
    }
    refusals.extend(extra);
    refusals.sort_by_key(|it| (it.refused, it.role));
    let mut proof = Proof {
        refusals,
        pairs: 0,
        connect: 0,
        handshakes,
        refused: prover.refused,
        trust_of: prover.trust_of,
    };
    for client in clients(parties) {
        for server in servers(parties).filter(|it| *it != client) {
            proof.pairs += 1;
            proof.connect += usize::from(proof.connects(client, server));
        }
    }
    proof
}

/// Whether a code of `probe` or `verify` is one that is told here: no CRL is asked, and no host but the entry's own.
#[must_use]
pub fn tells(code: &str) -> bool {
    let of_wire = wire::told().any(|told| told.code() == code);
    let own = ["handshake-failed", "served-chain-incomplete"];
    match of_wire {
        true => own.contains(&code),
        false => !code.starts_with("crl-") && code != "revoked",
    }
}

fn clients(parties: &[Party]) -> impl Iterator<Item = usize> {
    let all = parties.iter().enumerate();
    all.filter(|(_, it)| it.dials).map(|(index, _)| index)
}

fn servers(parties: &[Party]) -> impl Iterator<Item = usize> {
    let all = parties.iter().enumerate();
    all.filter(|(_, it)| it.serves).map(|(index, _)| index)
}

/// Who trusts the same, and looks at names alike.
type Bundle = (Vec<Certificate>, bool);

struct Prover<'p> {
    parties: &'p [Party],
    habits: Habits,
    at: OffsetDateTime,
    bundles: Vec<Bundle>,
    /// The number of each party's bundle
    trust_of: Vec<usize>,
    /// Who is refused as what by which bundle
    refused: BTreeSet<(usize, Role, usize)>,
}

/// A reason, by its code and in words.
type Reason = (String, String);

impl<'p> Prover<'p> {
    fn new(parties: &'p [Party], habits: Habits, at: OffsetDateTime) -> Self {
        let mut bundles: Vec<Bundle> = Vec::new();
        let trust_of = parties.iter().map(|party| {
            let bundle = trusted(party, habits);
            bundles
                .iter()
                .position(|it| *it == bundle)
                .unwrap_or_else(|| {
                    bundles.push(bundle);
                    bundles.len() - 1
                })
        });
        let trust_of = trust_of.collect();
        Self {
            parties,
            habits,
            at,
            bundles,
            trust_of,
            refused: BTreeSet::new(),
        }
    }

    /// Verifies every party in its roles by every bundle of those whom it meets.
    fn refusals(&mut self) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        let roles = [(Role::Client, true), (Role::Server, false)];
        for (index, (role, is_client)) in
            (0..self.parties.len()).flat_map(|index| roles.map(|role| (index, role)))
        {
            let party = &self.parties[index];
            if !(if is_client { party.dials } else { party.serves }) {
                continue;
            }
            let mut reasons: BTreeMap<Reason, Vec<usize>> = BTreeMap::new();
            for (bundle, by) in self.others(index, role) {
                let found = self.reasons(party, role, bundle);
                if !found.is_empty() {
                    self.refused.insert((index, role, bundle));
                }
                for reason in found {
                    reasons.entry(reason).or_default().extend(&by);
                }
            }
            refusals.extend(reasons.into_iter().filter_map(|((code, message), mut by)| {
                by.sort_unstable();
                refusal(index, role, by, code, message)
            }));
        }
        refusals
    }

    /// Those whom a party meets in a role, by their bundles.
    fn others(&self, index: usize, role: Role) -> BTreeMap<usize, Vec<usize>> {
        let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (other, party) in self.parties.iter().enumerate() {
            let meets = match role {
                Role::Client => party.serves,
                Role::Server => party.dials,
            };
            if meets && other != index {
                found.entry(self.trust_of[other]).or_default().push(other);
            }
        }
        found
    }

    /// Why who has this bundle refuses a party.
    fn reasons(&self, party: &Party, role: Role, bundle: usize) -> Vec<Reason> {
        let (trust, checks_names) = &self.bundles[bundle];
        let Some((leaf, rest)) = self.sent(party).split_first() else {
            return Vec::new();
        };
        let request = Request {
            leaf,
            untrusted: rest,
            trust,
            crls: &[],
            purpose: role.purpose(),
            host: None,
            at: self.at,
            policy: Policy::Openssl,
        };
        let failure = verify(&request).err();
        let faults = failure.iter().flat_map(|failure| &failure.faults);
        let mut reasons: Vec<_> = faults.map(reason).collect();
        let is_unknown = reasons.iter().any(|(code, _)| code == ISSUER_UNKNOWN);
        if is_unknown && let Some(left_out) = left_out(party, &request) {
            return vec![left_out];
        }
        if role == Role::Server && *checks_names && host(party).is_none() {
            let message = "it has no name and no address that could be dialled";
            reasons.push((String::from("host"), String::from(message)));
        }
        reasons
    }

    /// What a party sends of its chain.
    fn sent<'a>(&self, party: &'a Party) -> &'a [Certificate] {
        match self.habits.sends_chain || !party.serves {
            true => &party.chain,
            false => &party.chain[..party.chain.len().min(1)],
        }
    }
}

/// The code of a chain that ends too early.
const ISSUER_UNKNOWN: &str = "issuer-unknown";

fn reason(fault: &Fault) -> Reason {
    let Fault {
        subject,
        place,
        rule,
    } = fault;
    let message = format!("certificate {subject:?} ({place}): {rule}");
    (rule.code().to_owned(), message)
}

/// The reason where a chain would hold with the intermediates that a server does not send.
fn left_out(party: &Party, request: &Request<'_>) -> Option<Reason> {
    let (_, rest) = party.chain.split_first()?;
    let whole = Request {
        untrusted: rest,
        ..*request
    };
    verify(&whole).ok()?;
    let missing: Vec<_> = rest.iter().map(|it| name::display(&it.subject())).collect();
    let message = format!("its server does not send {}", missing.join(", "));
    Some((String::from("served-chain-incomplete"), message))
}

/// Whom a party believes, and whether it looks at names.
fn trusted(party: &Party, habits: Habits) -> Bundle {
    let mut trust = party.trust.clone();
    if party.serves && !habits.sends_chain {
        trust.extend(party.chain.iter().skip(1).cloned());
    }
    (trust, habits.checks_names || !party.serves)
}

/// The first name or address by which a party can be dialled.
fn host(party: &Party) -> Option<Host> {
    let names = party.chain.first()?.names();
    names.into_iter().find_map(|name| match name {
        GeneralName::Dns(name) => match name.strip_prefix("*.") {
            Some(domain) => Some(Host::Dns(format!("any.{domain}"))),
            None => Some(Host::Dns(name)),
        },
        GeneralName::Ip(ip) => Some(Host::Ip(ip)),
        _ => None,
    })
}

fn refusal(
    refused: usize,
    role: Role,
    by: Vec<usize>,
    code: String,
    message: String,
) -> Option<Refusal> {
    let (severity, hint) = wire::weight(&code)?;
    Some(Refusal {
        refused,
        role,
        by,
        code,
        message,
        hint,
        severity,
    })
}
