//! One CA among all, and what it takes over from those above and beside it.

use std::{collections::HashMap, slice};

use crate::{
    pki::{certificate::Certificate, entry_name::EntryName},
    store::{authority::Authority, generations::Generations, ledger::rotation::Pair},
};

/// One CA.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) authority: Authority,
    pub(super) parent: Option<EntryName>,
    /// Whether an earlier CA of its parent's name has signed it
    pub(super) is_orphaned: bool,
    /// The CA for whose key it is a cross certificate
    pub(super) crosses: Option<EntryName>,
    /// As it was, where it has changed
    pub(super) before: Option<Authority>,
}

impl Member {
    pub(super) fn chain(&self) -> (EntryName, Vec<Certificate>) {
        (self.authority.name.clone(), self.authority.behind())
    }

    /// Lists its own chain, and that of the CA beside which it is trusted.
    pub(super) fn stand_beside(
        &mut self,
        generations: &Generations,
        chains: &HashMap<EntryName, Vec<Certificate>>,
    ) {
        let own = &self.authority;
        let is_old = |pair: &&Pair| pair.old == own.name;
        let pair = generations.counterpart(&own.name);
        let other = pair.and_then(|pair| match is_old(&pair) {
            true => Some((chains.get(&pair.new)?, true)),
            false => Some((chains.get(&pair.old)?, false)),
        });
        if own.roots.is_empty() {
            // An orphan, whose files are for the archive.
            return;
        }
        let (other, is_older) = other.map_or((&[][..], true), |(it, is_older)| (it, is_older));
        let beside = own.clone().beside(other, is_older);
        if beside.intermediates != own.intermediates {
            let before = std::mem::replace(&mut self.authority, beside);
            self.before.get_or_insert(before);
        }
    }

    /// Takes over what its parent has; its own certificate stays. Says whether anything changed.
    pub(super) fn follow(&mut self, parent: &Authority) -> bool {
        let own = self.authority.certificate.clone();
        let authority = Authority {
            name: self.authority.name.clone(),
            chain: [slice::from_ref(&own), &parent.behind()].concat(),
            cross: Vec::new(),
            intermediates: self.authority.intermediates.clone(),
            certificate: own,
            roots: parent.roots.clone(),
        };
        let has_changed =
            authority.chain != self.authority.chain || authority.roots != self.authority.roots;
        if has_changed {
            let before = std::mem::replace(&mut self.authority, authority);
            self.before.get_or_insert(before);
        }
        has_changed
    }
}

/// Its certificate, and what lies beside it: the chain, or of a root the trust bundle.
pub(super) fn texts(authority: &Authority) -> (String, String) {
    let others = match authority.chain.is_empty() {
        true => &authority.roots,
        false => &authority.chain,
    };
    let others = others.iter().map(Certificate::to_pem).collect();
    (authority.certificate.to_pem(), others)
}
