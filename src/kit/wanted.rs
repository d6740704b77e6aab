//! What is asked for one node, before its certificate is there.

use super::{KitError, Wish, bundle};
use crate::{
    emit::{Authority, Clients, Entry, Format, Request},
    fleet::EntrySpec,
    pki::{octets::Name, profile::Profile, subject},
    setup::{self, Cluster, Node},
    store::{Pki, layout::Place},
    supply::{printable, revocations},
};

/// What is asked for one node, from what will be: nothing of it has to exist yet.
pub(super) fn request(
    wish: &Wish<'_>,
    pki: &Pki,
    node: &Node,
    format: &Format,
    set: &[(String, String)],
) -> Result<Request, KitError> {
    let names = &wish.server.manifest.setup.listeners;
    let known = |name: &&String| {
        let mut all = wish.server.listeners(format);
        all.any(|listener| listener.name == **name)
    };
    let names: Vec<_> = names.iter().filter(known).cloned().collect();
    let chosen = match format.listeners.as_ref().is_some_and(Vec::is_empty) {
        true => Vec::new(),
        false => wish.server.chosen(format, &names).map_err(KitError::Emit)?,
    };
    let spec = wish
        .fleet
        .entries
        .iter()
        .find(|spec| spec.name == node.name);
    let entry = match spec {
        Some(spec) => will_be(wish.cluster, pki, spec)?,
        None => Entry::default(),
    };
    let listeners = chosen.iter().map(|listener| {
        let entry = match listener.anonymous {
            true => Entry::default(),
            false => Entry {
                impostors: impostors(wish, &entry, &listener.members),
                ..entry.clone()
            },
        };
        (listener.name.clone(), entry)
    });
    let takes_clients = chosen
        .iter()
        .any(|listener| listener.client_ca_since.is_some());
    let client_ca = wish.cluster.client_ca().filter(|_| takes_clients);
    let known = |name: &String| wish.server.manifest.spec(name).is_some();
    Ok(Request {
        name: node.name.to_string(),
        version: Some(wish.version.clone()),
        listeners: listeners.collect(),
        client_ca: match client_ca {
            Some(name) => Some(Authority {
                name: name.to_owned(),
                root: name.to_owned(),
                bundle: printable(&bundle(pki, name))?.to_owned(),
                roots: vec![name.to_owned()],
            }),
            None => None,
        },
        revocations: revocations(pki)?,
        target_dir: Some(wish.directory.replace("{name}", node.name.as_str())),
        set: set
            .iter()
            .filter(|(name, _)| known(name))
            .cloned()
            .collect(),
        ..Request::default()
    })
}

/// An entry as it will be; its roots by their names, as nothing but their being the same counts.
fn will_be(cluster: &Cluster, pki: &Pki, spec: &EntrySpec) -> Result<Entry, KitError> {
    let directory = pki.layout().place(&Place::entry(spec.name.clone()));
    let usages: &[&str] = match spec.profile {
        Profile::Node => &["serverAuth", "clientAuth"],
        Profile::Server => &["serverAuth"],
        Profile::Client => &["clientAuth"],
    };
    let clients = match cluster.signer == Clients::Apart {
        true => Vec::new(),
        false => cluster.clients.iter().map(ToString::to_string).collect(),
    };
    let entry = Entry {
        name: spec.name.to_string(),
        root: setup::ROOT.to_owned(),
        directory: printable(&directory)?.to_owned(),
        sans: spec.names.iter().map(ToString::to_string).collect(),
        eku: Some(usages.iter().map(|it| (*it).to_owned()).collect()),
        key_type: spec.key_type.unwrap_or_default().name().to_owned(),
        days: i64::from(cluster.days),
        roots: vec![setup::ROOT.to_owned()],
        clients,
        ..Entry::default()
    };
    Ok(entry.called(&subject(spec)))
}

/// The subject that an entry will have.
fn subject(spec: &EntrySpec) -> Name {
    let asked = spec.subject.clone();
    asked.unwrap_or_else(|| subject::usual(&spec.name))
}

/// Clients that would be taken for members, where members are told by attributes of these types.
fn impostors(wish: &Wish<'_>, member: &Entry, types: &[String]) -> Vec<String> {
    let clients = wish.fleet.entries.iter();
    let clients = clients.filter(|spec| spec.profile == Profile::Client);
    clients
        .filter(|spec| member.is_like(&subject(spec), types))
        .map(|spec| spec.name.to_string())
        .collect()
}
