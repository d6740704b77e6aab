//! What `--server` and names say of addresses.

use std::{net::IpAddr, sync::Arc};

use super::Report;
use crate::{
    emit::{BeforeTls, Catalogue, Listener, Server},
    pki::chain::Host,
    wire::{Address, DEFAULT_PORTS, Location},
};

pub(crate) use crate::wire::{Ready, Target};

/// What `--server` says of ports.
pub(crate) enum Ports {
    /// Nothing
    Unknown,
    /// A protocol, and its usual port
    Protocol(BeforeTls, u16),
    /// A server, and the listener that was named
    Server(Box<Server>, Option<String>),
}

impl Ports {
    /// `text` is `SERVER` or `SERVER.LISTENER`.
    pub(crate) fn new(
        text: Option<&str>,
        catalogue: impl FnOnce() -> Result<Catalogue, Report>,
    ) -> Result<Self, Report> {
        let Some(text) = text else {
            return Ok(Self::Unknown);
        };
        let (name, listener) = match text.split_once('.') {
            Some((name, listener)) => (name, Some(listener.to_owned())),
            None => (text, None),
        };
        let catalogue = catalogue()?;
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

    /// The addresses that one stands for; `name` is asked for there, where it is another than the address has.
    pub(crate) fn of(
        &self,
        address: &Address,
        name: Option<&Host>,
        ready: Option<&Arc<Ready>>,
    ) -> Result<Vec<Target>, Report> {
        let target = |location, before: BeforeTls| Target {
            name: name.cloned().or_else(|| address.host().cloned()),
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

/// Without the names by which a node calls itself, which here are this machine; but where there are no others.
pub(crate) fn dialled(names: Vec<Host>) -> Vec<Host> {
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
