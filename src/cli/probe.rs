//! `certctl probe`: what is served, and what is wrong with it.

use std::{cell::RefCell, path::PathBuf};

use clap::Args;

use super::{
    Context, Report, Run,
    args::{self, FailOn, margin},
    bounded::Kind,
    emitting,
    input::Input,
    report::Outcome,
    verify::all_certificates,
};
use crate::{
    check::{Finding, Policy, Terms},
    formats::{Account, Subject, SubjectKind},
    pki::{
        certificate::Certificate, chain::Host, entry_name::EntryName, key_file, renewal::Margin,
    },
    rulebook::{Teller, entries},
    session::own::Own,
    store::{StoreError, entry},
    wire::{self, Expected, Identity, Observation},
};

pub(super) mod document;
pub(super) mod reach;
mod targets;
mod text;

pub(super) use crate::session::ports;
use document::Document;
use ports::Target;
use reach::ReachArgs;
use targets::targets;

/// Look at what servers serve
///
/// Shakes hands with each address and judges what it sees by the rules of verify and check: chain, names,
/// expiry, protocols, client certificates. ADDRESS is HOST:PORT, unix:PATH, or SCHEME://HOST with or without
/// :PORT, where the scheme says what is spoken before TLS: ftp, imap, ldap, mysql, nats, pop3, postgresql,
/// smtp, xmpp, or nothing with tls and https. With --server, HOST alone stands for all listeners of the server;
/// with no ADDRESS at all, the names and addresses of all nodes and servers in the PKI directory are looked at,
/// or those of --fleet, and what is served is compared with what lies ready. Without a PKI directory and without
/// --trust nobody is trusted, and nothing said about who issued.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl probe node1.db.internal:28015\n  \
    certctl probe postgresql://db1 --with app --against db1\n  \
    certctl probe --server rethinkdb\n  \
    certctl probe 10.0.0.1:6379 --name node1 --trust ca.pem --cert app.pem --key app.key\n  \
    certctl probe node1:9443 --resolve node1=10.0.0.1 --proxy socks5://jump:1080")]
pub(crate) struct Probe {
    /// Where a server listens (can be repeated) [default: what the PKI directory and --server say]
    #[arg(value_name = "ADDRESS")]
    addresses: Vec<String>,
    /// Server that listens there, and which of its listeners
    #[arg(long, value_name = "SERVER[.LISTENER]")]
    server: Option<String>,
    /// Name that is asked for, and that the certificate must have [default: the host of the address]
    #[arg(long, value_name = "NAME|IP", value_parser = args::host)]
    name: Option<Host>,
    /// Trusted certificates [default: the roots in the PKI directory]
    #[arg(long, value_name = "FILE")]
    trust: Vec<PathBuf>,
    /// Entry whose certificate is shown to servers that ask for one
    #[arg(long, value_name = "NAME", value_parser = args::name_of_entry, conflicts_with = "cert")]
    with: Option<EntryName>,
    /// Certificate that is shown to servers that ask for one, with its intermediates
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// Its private key
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// Entry whose certificate should be served
    #[arg(long, value_name = "NAME", value_parser = args::name_of_entry)]
    against: Option<EntryName>,
    /// Fleet file whose entries are looked at
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "addresses",
        requires = "server"
    )]
    fleet: Option<PathBuf>,
    #[command(flatten)]
    reach: ReachArgs,
    /// Tell what has so much of its life left, as in 30d or 33% [default: what renew calls due, a third, at most 30d]
    #[arg(long, value_name = "DURATION|PERCENT", value_parser = margin)]
    within: Option<Margin>,
    /// Exit with 3 from this severity on
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t)]
    fail_on: FailOn,
    #[command(flatten)]
    templates: emitting::TemplatesArgs,
}

/// One address, what was seen there, and what is wrong with it.
struct Probed {
    target: Target,
    seen: Observation,
    findings: Vec<Finding>,
}

impl Run for Probe {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let own = self.own(context)?;
        let targets = targets(&self, own.as_ref())?;
        let approach = self.reach.approach(self.identity(own.as_ref())?);
        let bar = context.ui.progress(targets.len(), "probing");
        let look = |target: &Target| {
            wire::observe(
                &target.location,
                target.before,
                target.name.as_ref(),
                &approach,
            )
        };
        let seen = wire::each(&targets, self.reach.jobs.into(), look, || bar.advance(1));
        drop(bar);
        let judge = Judge {
            probe: &self,
            own: own.as_ref(),
            trust: self.trusted(own.as_ref(), context)?,
            identity: approach.identity.as_ref(),
            now: context.now,
            failed: RefCell::default(),
        };
        let pairs = targets.into_iter().zip(seen);
        let probed: Vec<_> = pairs
            .map(|(target, seen)| judge.probed(target, seen))
            .collect();
        if let Some(error) = judge.failed.into_inner() {
            return Err(error.into());
        }
        let document = Document::new(&probed);
        let mut findings = probed.iter().flat_map(|it| &it.findings);
        let is_wrong = findings.any(|finding| finding.severity >= self.fail_on.told());
        let account = || self.account(&probed, context);
        let text = || text::text(&probed, context);
        context.ui.findings(is_wrong, text, &document, account)?;
        let all = probed.iter().flat_map(|it| &it.findings);
        let worst = all.map(|finding| finding.severity).max();
        Ok(match worst {
            Some(worst) if worst >= self.fail_on.into() => Outcome::Found,
            _ => Outcome::Unchanged,
        })
    }
}

impl Probe {
    fn account(&self, probed: &[Probed], context: &Context) -> Result<Account, Report> {
        let subject = |it: &Probed| Subject {
            path: it.target.location.to_string().into(),
            kind: SubjectKind::Endpoint(
                it.seen.is_met().then(|| Box::new(it.seen.session.clone())),
            ),
            certificates: Vec::new(),
        };
        Ok(Account {
            teller: Teller::Probe,
            now: context.now,
            fails_from: self.fail_on.into(),
            subjects: probed.iter().map(subject).collect(),
            findings: probed.iter().flat_map(|it| it.findings.clone()).collect(),
            rules: entries(&self.templates.catalogue()?.servers()?),
        })
    }

    /// The PKI directory; none where there is none, and nothing asks for it.
    fn own(&self, context: &Context) -> Result<Option<Own>, Report> {
        let needs_it = self.with.is_some() || self.against.is_some() || self.addresses.is_empty();
        match Own::open(context) {
            Ok(own) => Ok(Some(own)),
            Err(report) if report.code() == "no-pki" && !needs_it => Ok(None),
            Err(report) => Err(report),
        }
    }

    /// Who is trusted: those that were named, or the PKI directory's own roots.
    fn trusted(&self, own: Option<&Own>, context: &Context) -> Result<Vec<Certificate>, Report> {
        if !self.trust.is_empty() {
            return all_certificates(&self.trust);
        }
        if own.is_none() {
            let note = "nobody is trusted here, so that nothing is said about who issued: `--trust FILE` names roots";
            context.ui.note(note);
        }
        Ok(own.map(|own| own.roots.clone()).unwrap_or_default())
    }

    /// What is shown to servers that ask for it.
    fn identity(&self, own: Option<&Own>) -> Result<Option<Identity>, Report> {
        let (chain, key) = match (&self.with, own, &self.cert, &self.key) {
            (Some(name), Some(own), ..) => {
                let layout = own.pki.layout();
                let chain = entry_chain(own, name)?;
                let public = chain.first().map(Certificate::public_key);
                let key = entry::key(layout, name, public.as_deref())?;
                let absent =
                    || Report::failed("no-key", format!("the key of `{name}` is not here"));
                (chain, key.ok_or_else(absent)?)
            }
            (.., Some(cert), Some(key)) => {
                let chain = Input::read(cert, Kind::Certificates)?.certificates()?;
                let input = Input::read(key, Kind::Key)?;
                let public = chain.first().map(Certificate::public_key);
                let found = key_file::read(&input.octets, None, public.as_deref());
                let failed = |error| Report::failed("key", format!("{}: {error}", input.name));
                let key = found.map_err(|error| failed(error.of_file(key)))?;
                if public.is_some_and(|public| public != key.public_key()) {
                    let message = "it is not the key of the certificate";
                    return Err(failed(String::from(message)));
                }
                (chain, key)
            }
            _ => return Ok(None),
        };
        let identity = Identity::new(chain, &key);
        identity
            .map(Some)
            .map_err(|error| Report::failed("key", error))
    }
}

/// The certificate of an entry with its intermediates; an entry without one is an error.
fn entry_chain(own: &Own, name: &EntryName) -> Result<Vec<Certificate>, Report> {
    let chain = entry::certificates(own.pki.layout(), name)?;
    match chain.is_empty() {
        true => Err(
            Report::failed("no-entry", format!("there is no entry `{name}`"))
                .hint("`certctl list` shows what there is"),
        ),
        false => Ok(chain),
    }
}

/// What all addresses are held to.
struct Judge<'a> {
    probe: &'a Probe,
    own: Option<&'a Own>,
    trust: Vec<Certificate>,
    identity: Option<&'a Identity>,
    now: time::OffsetDateTime,
    /// The first error of the ledger
    failed: RefCell<Option<StoreError>>,
}

impl Judge<'_> {
    fn probed(&self, target: Target, seen: Observation) -> Probed {
        // Only with the PKI directory's own roots are its records those of the certificate's CA.
        let own = self.own.filter(|_| self.probe.trust.is_empty());
        let revoked = |certificate: &Certificate| {
            let found = own?.revocation(certificate);
            found.unwrap_or_else(|error| {
                self.failed.borrow_mut().get_or_insert(error);
                None
            })
        };
        let shown = self.identity.map_or(&[][..], |identity| &identity.chain);
        let ready = target.ready.as_ref();
        let expected = Expected {
            terms: Terms {
                now: self.now,
                within: self.probe.within.unwrap_or_default(),
                policy: Policy::Strict,
                user: 0,
            },
            trust: &self.trust,
            known: self.own.map_or(&[], |own| &own.intermediates),
            crls: own.map_or(&[], Own::lists),
            name: target.name.as_ref(),
            own: ready.map(|ready| wire::Own {
                name: ready.name.as_str(),
                certificate: &ready.certificate,
                former: &ready.former,
            }),
            is_mutual: target.is_mutual || self.identity.is_some(),
            shown,
            reload: target.reload.as_deref(),
            revoked: &revoked,
        };
        let findings = wire::findings(&target.location.to_string(), &seen, &expected);
        Probed {
            target,
            seen,
            findings,
        }
    }
}
