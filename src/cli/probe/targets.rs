//! Which addresses are looked at: those that were given, or what the PKI directory or a fleet file says.

use std::{net::IpAddr, ops::ControlFlow, sync::Arc};

use super::{Own, Probe, Report, entry_chain};
use crate::{
    cli::fleet_file,
    emit::{BeforeTls, Listener, Server},
    issuance::authorities::authorities,
    pki::{
        certificate::Certificate, chain::Host, entry_name::EntryName, general_name::GeneralName,
        profile::Profile, serial::Serial,
    },
    store::{
        layout::Area,
        ledger::{Kind, Order, Selection, Status},
    },
    wire::{Address, DEFAULT_PORTS, Location},
};

/// One address, and what is known of who listens there.
pub(super) struct Target {
    pub(super) location: Location,
    pub(super) before: BeforeTls,
    /// The name that is asked for, and that the certificate must have
    pub(super) name: Option<Host>,
    /// `SERVER.LISTENER`, where it is known
    pub(super) listener: Option<String>,
    /// Whether both ends are to prove who they are
    pub(super) is_mutual: bool,
    /// How the server picks up a new certificate
    pub(super) reload: Option<String>,
    /// What should be served
    pub(super) ready: Option<Arc<Ready>>,
}

/// An entry whose certificate should be served.
pub(super) struct Ready {
    pub(super) name: EntryName,
    pub(super) certificate: Certificate,
    /// What it had before
    pub(super) former: Vec<Serial>,
}

/// All that are to be looked at, at least one.
pub(super) fn targets(probe: &Probe, own: Option<&Own>) -> Result<Vec<Target>, Report> {
    let ports = Ports::new(probe)?;
    let ready = match (&probe.against, own) {
        (Some(name), Some(own)) => Some(ready(own, name)?),
        _ => None,
    };
    let of_own = own.filter(|_| probe.addresses.is_empty());
    let mut found = Vec::new();
    match of_own {
        Some(own) => {
            for (name, hosts) in nodes(probe, own)? {
                let ready = match &ready {
                    Some(ready) => Some(Arc::clone(ready)),
                    None => known(own, &name)?,
                };
                for host in hosts {
                    let location = Location::Tcp(host, None);
                    let address = Address {
                        location,
                        before: None,
                    };
                    found.extend(ports.of(&address, probe, ready.as_ref())?);
                }
            }
            if found.is_empty() {
                let message = "there is no node and no server with a name that could be dialled";
                return Err(
                    Report::failed("no-entry", message).hint("name the addresses: HOST:PORT")
                );
            }
        }
        None => {
            let mut mistakes = Vec::new();
            for text in &probe.addresses {
                let address = Address::parse(text);
                let address = address.map_err(|error| Report::usage(format!("`{text}`: {error}")));
                match address.and_then(|it| ports.of(&it, probe, ready.as_ref())) {
                    Ok(all) => found.extend(all),
                    Err(report) => mistakes.push(report),
                }
            }
            if let Some(report) = Report::all(mistakes) {
                return Err(report);
            }
        }
    }
    Ok(found)
}

/// What `--server` says of ports.
enum Ports {
    /// Nothing
    Unknown,
    /// A protocol, and its usual port
    Protocol(BeforeTls, u16),
    /// A server, and the listener that was named
    Server(Box<Server>, Option<String>),
}

impl Ports {
    fn new(probe: &Probe) -> Result<Self, Report> {
        let Some(text) = &probe.server else {
            return match probe.addresses.is_empty() {
                true => Err(Report::usage("neither an address nor a server was named")
                    .hint("`certctl probe HOST:PORT` looks at one address, `certctl probe --server SERVER` at those of all nodes")),
                false => Ok(Self::Unknown),
            };
        };
        let (name, listener) = match text.split_once('.') {
            Some((name, listener)) => (name, Some(listener.to_owned())),
            None => (text.as_str(), None),
        };
        let catalogue = probe.templates.catalogue()?;
        if !catalogue.names().any(|it| it == name)
            && let Some((_, before, port)) = DEFAULT_PORTS.iter().find(|(it, ..)| *it == name)
        {
            return Ok(Self::Protocol(*before, *port));
        }
        let server = catalogue.server(name)?;
        let known: Vec<_> = server
            .manifest
            .listeners
            .iter()
            .map(|it| it.name.as_str())
            .collect();
        if let Some(unknown) = listener.as_ref().filter(|it| !known.contains(&it.as_str())) {
            let message = format!("server `{name}` has no listener `{unknown}`");
            return Err(Report::usage(message).hint(format!("it has {}", known.join(", "))));
        }
        Ok(Self::Server(Box::new(server), listener))
    }

    /// The addresses that one stands for.
    fn of(
        &self,
        address: &Address,
        probe: &Probe,
        ready: Option<&Arc<Ready>>,
    ) -> Result<Vec<Target>, Report> {
        let target = |location, before: BeforeTls| Target {
            name: probe.name.clone().or_else(|| address.host().cloned()),
            location,
            before: address.before.unwrap_or(before),
            listener: None,
            is_mutual: false,
            reload: None,
            ready: ready.cloned(),
        };
        match (self, &address.location) {
            (Self::Server(server, listener), location) => {
                let listeners = listeners(server, listener.as_deref(), location);
                let all = listeners.into_iter().map(|(listener, location)| {
                    let plain = target(location, listener.map(|it| it.before).unwrap_or_default());
                    about(plain, server, listener)
                });
                let all: Vec<_> = all.collect();
                match all.is_empty() {
                    true => Err(no_port(&address.location, &server.name)),
                    false => Ok(all),
                }
            }
            (Self::Protocol(before, port), Location::Tcp(host, None)) => Ok(vec![target(
                Location::Tcp(host.clone(), Some(*port)),
                *before,
            )]),
            (Self::Unknown, Location::Tcp(host, None)) => {
                let message = format!("`{host}`: the port is missing");
                Err(Report::usage(message)
                    .hint("write HOST:PORT, or name the server whose ports are meant with `--server SERVER`"))
            }
            (Self::Protocol(before, _), location) => Ok(vec![target(location.clone(), *before)]),
            (Self::Unknown, location) => Ok(vec![target(location.clone(), BeforeTls::Nothing)]),
        }
    }
}

/// The listeners that are meant, each with its address; `None` for one that nobody knows.
fn listeners<'s>(
    server: &'s Server,
    named: Option<&str>,
    location: &Location,
) -> Vec<(Option<&'s Listener>, Location)> {
    let is_meant = |it: &&Listener| match named {
        Some(name) => it.name == name,
        None => !it.optional,
    };
    let all = &server.manifest.listeners;
    match location {
        Location::Tcp(host, None) => {
            let with_port = all
                .iter()
                .filter(is_meant)
                .filter_map(|it| Some((it, it.port?)));
            with_port
                .map(|(it, port)| (Some(it), Location::Tcp(host.clone(), Some(port))))
                .collect()
        }
        location => {
            let port = match location {
                Location::Tcp(_, port) => *port,
                Location::Unix(_) => None,
            };
            let by_name = all.iter().find(|it| named == Some(it.name.as_str()));
            let by_port = || all.iter().find(|it| port.is_some() && it.port == port);
            vec![(by_name.or_else(by_port), location.clone())]
        }
    }
}

fn about(target: Target, server: &Server, listener: Option<&Listener>) -> Target {
    let needs = |eku: &str| listener.is_some_and(|it| it.eku.iter().any(|found| found == eku));
    Target {
        listener: listener.map(|it| format!("{}.{}", server.name, it.name)),
        is_mutual: needs("serverAuth") && needs("clientAuth"),
        reload: Some(server.manifest.reload.clone()),
        ..target
    }
}

fn no_port(location: &Location, server: &str) -> Report {
    let message = format!("`{location}`: nobody knows on which port `{server}` listens there");
    Report::usage(message).hint("write HOST:PORT")
}

/// What lies ready for an entry; an entry without certificate is an error.
fn ready(own: &Own, name: &EntryName) -> Result<Arc<Ready>, Report> {
    let certificate = entry_chain(own, name)?.swap_remove(0);
    let records = own.pki.ledger().named(name)?;
    let former = records
        .into_iter()
        .filter(|it| it.kind.area() == Area::Entries);
    Ok(Arc::new(Ready {
        name: name.clone(),
        former: former.map(|it| it.serial).collect(),
        certificate,
    }))
}

/// The same; none for an entry that was never issued.
fn known(own: &Own, name: &EntryName) -> Result<Option<Arc<Ready>>, Report> {
    match ready(own, name) {
        Ok(ready) => Ok(Some(ready)),
        Err(report) if report.code() == "no-entry" => Ok(None),
        Err(report) => Err(report),
    }
}

/// All nodes and servers, each with the hosts that it is called.
fn nodes(probe: &Probe, own: &Own) -> Result<Vec<(EntryName, Vec<Host>)>, Report> {
    let mut found = Vec::new();
    if let Some(file) = &probe.fleet {
        let fleet = fleet_file::read(file, &authorities(&own.pki)?)?;
        let serving = fleet
            .entries
            .into_iter()
            .filter(|it| it.profile != Profile::Client);
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
            let names: Vec<_> = record
                .names
                .iter()
                .filter_map(|it| Host::parse(it).ok())
                .collect();
            found.push((record.name, dialled(names)));
        }
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

fn hosts(names: &[GeneralName]) -> Vec<Host> {
    let host = |name: &GeneralName| match name {
        GeneralName::Dns(name) if !name.starts_with('*') => Some(Host::Dns(name.clone())),
        GeneralName::Ip(ip) => Some(Host::Ip(*ip)),
        _ => None,
    };
    dialled(names.iter().filter_map(host).collect())
}

/// Without the names by which a node calls itself, which here are this machine; but where there are no others.
fn dialled(names: Vec<Host>) -> Vec<Host> {
    let is_local = |host: &Host| match host {
        Host::Dns(name) => name == "localhost",
        Host::Ip(IpAddr::V4(ip)) => ip.is_loopback(),
        Host::Ip(IpAddr::V6(ip)) => ip.is_loopback(),
    };
    match names.iter().all(is_local) {
        true => names,
        false => names.into_iter().filter(|it| !is_local(it)).collect(),
    }
}
