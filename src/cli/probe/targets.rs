//! Which addresses are looked at: those that were given, or what the PKI directory or a fleet file says.

use std::{ops::ControlFlow, sync::Arc};

use super::{
    Own, Probe, Report, entry_chain,
    ports::{Ports, Ready, Target, dialled},
};
use crate::{
    cli::fleet_file,
    issuance::authorities::authorities,
    pki::{chain::Host, entry_name::EntryName, general_name::GeneralName, profile::Profile},
    store::{
        layout::Area,
        ledger::{Kind, Order, Selection, Status},
    },
    wire::{Address, Location},
};

/// All that are to be looked at, at least one.
pub(super) fn targets(probe: &Probe, own: Option<&Own>) -> Result<Vec<Target>, Report> {
    if probe.server.is_none() && probe.addresses.is_empty() {
        return Err(Report::usage("neither an address nor a server was named")
            .hint("`certctl probe HOST:PORT` looks at one address, `certctl probe --server SERVER` at those of all nodes"));
    }
    let ports = Ports::new(probe.server.as_deref(), || probe.templates.catalogue())?;
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
                    found.extend(ports.of(&address, probe.name.as_ref(), ready.as_ref())?);
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
                match address.and_then(|it| ports.of(&it, probe.name.as_ref(), ready.as_ref())) {
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
