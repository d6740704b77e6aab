//! What a server is asked to be configured with: for one node, or for each of many.

use std::collections::{BTreeMap, BTreeSet};

use super::{SupplyError, authority, entry, impostors, revocations, server_authority};
use crate::{
    emit::{Entry, Listener, Request},
    pki::entry_name::{EntryName, EntryNameError},
    store::{
        Pki,
        layout::Area,
        ledger::{Kind, Record, Status},
    },
};

/// Stands for the node's name.
const NAME: &str = "{name}";

/// A listener, and the entry that it presents where that is one of its own; `{name}` stands for the node's.
pub type Presented = (String, Option<String>);

/// What is the same of all nodes.
#[derive(Debug)]
pub struct Asked<'p> {
    pki: &'p Pki,
    base: Request,
    listeners: Vec<&'p Listener>,
    own: &'p [Presented],
    server_ca: Option<EntryName>,
}

impl<'p> Asked<'p> {
    /// The listeners that are to be written, some of which present an entry of their own; `base` is what is
    /// known without the PKI directory.
    #[must_use]
    pub fn new(
        pki: &'p Pki,
        base: Request,
        listeners: Vec<&'p Listener>,
        own: &'p [Presented],
    ) -> Self {
        Self {
            pki,
            base,
            listeners,
            own,
            server_ca: None,
        }
    }

    /// The same with the CA whose clients are let in, and the one whose servers are dialled.
    ///
    /// # Errors
    ///
    /// Where the PKI directory does not have what is named, or cannot be read.
    pub fn with(
        mut self,
        client_ca: Option<&EntryName>,
        server_ca: Option<&EntryName>,
    ) -> Result<Self, SupplyError> {
        let client_ca = client_ca.map(|name| authority(self.pki, name));
        self.base.client_ca = client_ca.transpose()?;
        self.base.revocations = revocations(self.pki)?;
        self.server_ca = server_ca.cloned();
        Ok(self)
    }

    /// The entries that a node presents, each once; none where all its listeners are anonymous.
    fn presented(&self, node: &str) -> Result<Vec<EntryName>, EntryNameError> {
        let mut names = Vec::new();
        for listener in self.listeners.iter().filter(|it| !it.anonymous) {
            let name = self.presented_by(listener, node)?;
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// The entries that some node presents.
    ///
    /// # Errors
    ///
    /// Where what a name becomes is none.
    pub fn presented_by_all(
        &self,
        nodes: &[String],
    ) -> Result<BTreeSet<EntryName>, EntryNameError> {
        let presented = nodes.iter().map(|node| self.presented(node));
        let presented = presented.collect::<Result<Vec<_>, _>>()?;
        Ok(presented.into_iter().flatten().collect())
    }

    fn presented_by(&self, listener: &Listener, node: &str) -> Result<EntryName, EntryNameError> {
        let mut own = self.own.iter().filter(|(name, _)| *name == listener.name);
        match own.find_map(|(_, entry)| entry.as_ref()) {
            Some(own) => own.replace(NAME, node).parse(),
            None => node.parse(),
        }
    }

    /// What is asked for one node.
    ///
    /// # Errors
    ///
    /// Where the PKI directory does not have an entry, or cannot be read.
    pub fn of(&self, node: &str) -> Result<Request, SupplyError> {
        let mut request = Request {
            name: node.to_string(),
            ..self.base.clone()
        };
        if let Some(target) = &mut request.target_dir {
            *target = target.replace(NAME, node);
        }
        let mut known: BTreeMap<EntryName, Entry> = BTreeMap::new();
        for listener in &self.listeners {
            let facts = match listener.anonymous {
                true => Entry::default(),
                false => {
                    let name = self.presented_by(listener, node)?;
                    // Read once for all that present it.
                    match known.get(&name) {
                        Some(facts) => facts.clone(),
                        None => {
                            let facts = entry(self.pki, &name)?;
                            known.insert(name, facts.clone());
                            facts
                        }
                    }
                }
            };
            let others = request.client_ca.iter().flat_map(|it| &it.roots);
            let roots: Vec<_> = facts.roots.iter().chain(others).cloned().collect();
            let impostors = impostors(self.pki, &facts, &listener.members, &roots)?;
            let facts = Entry { impostors, ..facts };
            request.listeners.push((listener.name.clone(), facts));
        }
        if self.server_ca.is_some() || self.listeners.iter().any(|listener| listener.dials) {
            let presented = request.listeners.iter();
            let roots: Vec<_> = presented.flat_map(|(_, it)| it.roots.clone()).collect();
            request.server_ca = server_authority(self.pki, self.server_ca.as_ref(), &roots)?;
        }
        Ok(request)
    }

    /// The entries in use that can present their certificate to all listeners that have none of their own.
    ///
    /// # Errors
    ///
    /// Where the PKI directory cannot be read.
    pub fn able(&self) -> Result<Vec<EntryName>, SupplyError> {
        let mut names = Vec::new();
        self.pki.ledger().for_each(|record: Record| {
            let is_in_use = record.status == Status::Current;
            if record.kind.area() == Area::Entries && is_in_use {
                names.push((record.name, record.kind));
            }
        })?;
        names.sort_by(|(left, _), (right, _)| left.cmp(right));
        let is_shared = |listener: &&&Listener| {
            let mut own = self.own.iter();
            !listener.anonymous
                && !own.any(|(name, entry)| *name == listener.name && entry.is_some())
        };
        let needed: Vec<_> = self.listeners.iter().filter(is_shared).collect();
        let mut able = Vec::new();
        for (name, kind) in names {
            // Where nothing is presented, no usage tells a server from a client.
            if needed.is_empty() && kind == Kind::Client {
                continue;
            }
            let usages = entry(self.pki, &name)?.eku;
            let has = |usage| usages.as_ref().is_none_or(|all| all.contains(usage));
            if needed.iter().all(|listener| listener.eku.iter().all(has)) {
                able.push(name);
            }
        }
        Ok(able)
    }
}

/// What a node is called where nothing is named: as the entry of its first listener.
///
/// # Errors
///
/// Where no entry, or one of several, could be meant.
pub fn node(pki: &Pki, chosen: &[&Listener], own: &[Presented]) -> Result<String, SupplyError> {
    let own = |listener: &&&Listener| {
        let (_, entry) = own.iter().find(|(name, _)| *name == listener.name)?;
        entry.clone()
    };
    let mut presenting = chosen
        .iter()
        .filter(|listener| !listener.anonymous)
        .peekable();
    match presenting.peek().map(own) {
        None => Ok(String::new()),
        Some(first) => match (presenting.all(|it| own(&it).is_some()), first) {
            (true, Some(first)) => Ok(first),
            _ => only_entry(pki).map(|name| name.to_string()),
        },
    }
}

/// The only entry that is not for a client.
fn only_entry(pki: &Pki) -> Result<EntryName, SupplyError> {
    let mut names = Vec::new();
    pki.ledger().for_each(|record| {
        let answers = record.kind.area() == Area::Entries && record.kind != Kind::Client;
        if answers && record.status == Status::Current && names.len() < 2 {
            names.push(record.name);
        }
    })?;
    match names.len() {
        0 | 1 => names.pop().ok_or(SupplyError::NoneToPresent),
        _ => Err(SupplyError::SeveralToPresent(names.swap_remove(0))),
    }
}
