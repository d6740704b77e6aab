//! What `probe` was asked to look at: where it is, what is shown there, and what it is held to.

use std::{cell::RefCell, ops::ControlFlow, path::Path, path::PathBuf, sync::Arc};

use super::{
    Context, Report,
    bounded::Kind as Content,
    emitting::catalogue,
    fleet_file,
    input::{Input, all_certificates},
    own::Own,
    ports::{Ports, Ready, Target, dialled},
};
use crate::{
    check::{Policy, Terms},
    issuance::authorities::authorities,
    pki::{
        certificate::Certificate, chain::Host, entry_name::EntryName, general_name::GeneralName,
        key_file, profile::Profile, renewal::Margin,
    },
    store::{
        StoreError, entry,
        layout::Area,
        ledger::{Kind, Order, Selection, Status},
    },
    wire::{self, Address, Approach, Expected, Identity, Location, Observation, Probed},
};

/// What is looked at, and how.
pub(crate) struct Wish<'a> {
    /// Where servers listen; left out, what the PKI directory and the server say
    pub(crate) addresses: &'a [String],
    /// `SERVER` or `SERVER.LISTENER`
    pub(crate) server: Option<&'a str>,
    /// The name that is asked for, and that the certificate must have
    pub(crate) name: Option<&'a Host>,
    /// Who is trusted; left out, the PKI directory's roots
    pub(crate) trust: &'a [PathBuf],
    pub(crate) shows: Shows<'a>,
    /// The entry whose certificate should be served
    pub(crate) against: Option<&'a EntryName>,
    /// Whose entries are looked at
    pub(crate) fleet: Option<&'a Path>,
    pub(crate) within: Margin,
    pub(crate) approach: Approach,
    /// So many at once
    pub(crate) jobs: usize,
    pub(crate) templates: Option<&'a Path>,
}

/// What is shown to servers that ask for a client certificate.
#[derive(Clone, Copy)]
pub(crate) enum Shows<'a> {
    Nothing,
    /// What an entry has
    Entry(&'a EntryName),
    /// Certificate and key
    Files(&'a Path, &'a Path),
}

impl Wish<'_> {
    /// Looks at all of it.
    pub(crate) fn look(mut self, context: &Context) -> Result<Vec<Probed>, Report> {
        let own = self.own(context)?;
        let targets = self.targets(own.as_ref())?;
        self.approach.identity = self.identity(own.as_ref())?;
        let bar = context.ui.progress(targets.len(), "probing");
        let look = |target: &Target| {
            let Target { location, name, .. } = target;
            wire::observe(location, target.before, name.as_ref(), &self.approach)
        };
        let seen = wire::each(&targets, self.jobs, look, || bar.advance(1));
        drop(bar);
        let judge = Judge {
            wish: &self,
            own: own.as_ref(),
            trust: self.trusted(own.as_ref(), context)?,
            now: context.now,
            failed: RefCell::default(),
        };
        let pairs = targets.into_iter().zip(seen);
        let probed = pairs.map(|(target, seen)| judge.probed(target, seen));
        let probed = probed.collect();
        match judge.failed.into_inner() {
            Some(error) => Err(error.into()),
            None => Ok(probed),
        }
    }

    /// The PKI directory; none where there is none, and nothing asks for it.
    fn own(&self, context: &Context) -> Result<Option<Own>, Report> {
        let is_shown = matches!(self.shows, Shows::Entry(_));
        let needs_it = is_shown || self.against.is_some() || self.addresses.is_empty();
        match Own::open(context) {
            Ok(own) => Ok(Some(own)),
            Err(report) if report.code() == "no-pki" && !needs_it => Ok(None),
            Err(report) => Err(report),
        }
    }

    /// Who is trusted: those that were named, or the PKI directory's own roots.
    fn trusted(&self, own: Option<&Own>, context: &Context) -> Result<Vec<Certificate>, Report> {
        if !self.trust.is_empty() {
            return all_certificates(self.trust);
        }
        if own.is_none() {
            let note = "nobody is trusted here, so that nothing is said about who issued: `--trust FILE` names roots";
            context.ui.needed(note);
        }
        Ok(own.map(|own| own.roots.clone()).unwrap_or_default())
    }

    fn identity(&self, own: Option<&Own>) -> Result<Option<Identity>, Report> {
        let (chain, key) = match (self.shows, own) {
            (Shows::Entry(name), Some(own)) => {
                let chain = entry::certificates(own.pki.layout(), name)?;
                if chain.is_empty() {
                    return Err(no_entry(name));
                }
                let public = chain.first().map(Certificate::public_key);
                let key = entry::key(own.pki.layout(), name, public.as_deref())?;
                let absent =
                    || Report::failed("no-key", format!("the key of `{name}` is not here"));
                (chain, key.ok_or_else(absent)?)
            }
            (Shows::Files(cert, key), _) => {
                let chain = Input::read(cert, Content::Certificates)?.certificates()?;
                let input = Input::read(key, Content::Key)?;
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

    /// All addresses, in the order of the command or of the entries' names.
    fn targets(&self, own: Option<&Own>) -> Result<Vec<Target>, Report> {
        if self.server.is_none() && self.addresses.is_empty() {
            return Err(Report::usage("neither an address nor a server was named")
                .hint("`certctl probe HOST:PORT` looks at one address, `certctl probe --server SERVER` at those of all nodes"));
        }
        let ports = Ports::new(self.server, || catalogue(self.templates))?;
        let ready = match (self.against, own) {
            (Some(name), Some(own)) => Some(ready(own, name)?.ok_or_else(|| no_entry(name))?),
            _ => None,
        };
        match own.filter(|_| self.addresses.is_empty()) {
            Some(own) => self.of_nodes(own, &ports, ready.as_ref()),
            None => self.of_addresses(&ports, ready.as_ref()),
        }
    }

    fn of_nodes(
        &self,
        own: &Own,
        ports: &Ports,
        against: Option<&Arc<Ready>>,
    ) -> Result<Vec<Target>, Report> {
        let mut found = Vec::new();
        for (name, hosts) in self.nodes(own)? {
            let ready = match against {
                Some(ready) => Some(Arc::clone(ready)),
                None => ready(own, &name)?,
            };
            for host in hosts {
                let address = Address {
                    location: Location::Tcp(host, None),
                    before: None,
                };
                found.extend(ports.of(&address, self.name, ready.as_ref())?);
            }
        }
        if found.is_empty() {
            let message = "there is no node and no server with a name that could be dialled";
            return Err(Report::failed("no-entry", message).hint("name the addresses: HOST:PORT"));
        }
        Ok(found)
    }

    fn of_addresses(
        &self,
        ports: &Ports,
        ready: Option<&Arc<Ready>>,
    ) -> Result<Vec<Target>, Report> {
        let (mut found, mut mistakes) = (Vec::new(), Vec::new());
        for text in self.addresses {
            let address = Address::parse(text);
            let address = address.map_err(|error| Report::usage(format!("`{text}`: {error}")));
            match address.and_then(|it| ports.of(&it, self.name, ready)) {
                Ok(all) => found.extend(all),
                Err(report) => mistakes.push(report),
            }
        }
        Report::none(mistakes).map(|()| found)
    }

    /// Nodes and servers with what they are dialled by: those of the fleet file, or of the PKI directory.
    fn nodes(&self, own: &Own) -> Result<Vec<(EntryName, Vec<Host>)>, Report> {
        let mut found = Vec::new();
        if let Some(file) = self.fleet {
            let fleet = fleet_file::read(file, &authorities(&own.pki)?)?;
            let entries = fleet.entries.into_iter();
            let serving = entries.filter(|it| it.profile != Profile::Client);
            found.extend(serving.map(|it| (it.name, hosts(&it.names))));
            return Ok(found);
        }
        let selection = Selection {
            area: Some(Area::Entries),
            statuses: vec![Status::Current],
            order: Order::Name,
            ..Selection::default()
        };
        let _: ControlFlow<()> = own.pki.ledger().select(&selection, |record| {
            if record.kind != Kind::Client {
                let names = record.names.iter();
                let names = names.filter_map(|it| Host::parse(it).ok()).collect();
                found.push((record.name, dialled(names)));
            }
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }
}

/// What lies ready for an entry; none for one that was never issued.
fn ready(own: &Own, name: &EntryName) -> Result<Option<Arc<Ready>>, StoreError> {
    let chain = entry::certificates(own.pki.layout(), name)?;
    let Some(certificate) = chain.into_iter().next() else {
        return Ok(None);
    };
    let records = own.pki.ledger().named(name)?.into_iter();
    let former = records.filter(|it| it.kind.area() == Area::Entries);
    Ok(Some(Arc::new(Ready {
        name: name.clone(),
        former: former.map(|it| it.serial).collect(),
        certificate,
    })))
}

fn no_entry(name: &EntryName) -> Report {
    Report::failed("no-entry", format!("there is no entry `{name}`"))
        .hint("`certctl list` shows what there is")
}

fn hosts(names: &[GeneralName]) -> Vec<Host> {
    let host = |name: &GeneralName| match name {
        GeneralName::Dns(name) if !name.starts_with('*') => Some(Host::Dns(name.clone())),
        GeneralName::Ip(ip) => Some(Host::Ip(*ip)),
        _ => None,
    };
    dialled(names.iter().filter_map(host).collect())
}

/// What all addresses are held to.
struct Judge<'a> {
    wish: &'a Wish<'a>,
    own: Option<&'a Own>,
    trust: Vec<Certificate>,
    now: time::OffsetDateTime,
    /// The first error of the ledger
    failed: RefCell<Option<StoreError>>,
}

impl Judge<'_> {
    fn probed(&self, target: Target, seen: Observation) -> Probed {
        // Only with the PKI directory's own roots are its records those of the certificate's CA.
        let own = self.own.filter(|_| self.wish.trust.is_empty());
        let revoked = |certificate: &Certificate| {
            let found = own?.revocation(certificate);
            found.unwrap_or_else(|error| {
                self.failed.borrow_mut().get_or_insert(error);
                None
            })
        };
        let identity = self.wish.approach.identity.as_ref();
        let expected = Expected {
            terms: Terms {
                now: self.now,
                within: self.wish.within,
                policy: Policy::Strict,
                user: 0,
            },
            trust: &self.trust,
            known: self.own.map_or(&[], |own| &own.intermediates),
            crls: own.map_or(&[], Own::lists),
            name: target.name.as_ref(),
            own: target.ready.as_deref(),
            before: target.before,
            is_mutual: target.is_mutual || identity.is_some(),
            shown: identity.map_or(&[][..], |identity| &identity.chain),
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
