//! The CAs of a fleet file: which are missing, and who signs what.

use std::{collections::HashMap, iter};

use time::OffsetDateTime;

use crate::{
    fleet::{
        AuthoritySpec, Fleet,
        plan::{Action, Change, Kind, Reason},
    },
    issuance::{
        IssueError, SigningAuthority,
        authority::{AuthorityRequest, create},
        defaults,
        own_key::Keeping,
    },
    pki::{
        authorities::{Authorities, State},
        entry_name::EntryName,
        extension::PermittedSubtrees,
        validity::Lifetime,
    },
    store::{StoreError, transaction::Transaction},
};

/// Which CAs there are, and which are to be made.
#[derive(Debug)]
pub(super) struct Plan<'f> {
    standing: &'f Authorities,
    specs: &'f [AuthoritySpec],
    /// Parents before their children
    missing: Vec<&'f AuthoritySpec>,
}

impl<'f> Plan<'f> {
    pub(super) fn new(fleet: &'f Fleet, standing: &'f Authorities) -> Self {
        let specs = &fleet.authorities;
        let by_name: HashMap<_, _> = specs.iter().map(|spec| (&spec.name, spec)).collect();
        let above = |spec: &&AuthoritySpec| by_name.get(spec.parent.as_ref()?).copied();
        let mut missing: Vec<_> = specs
            .iter()
            .filter(|spec| !standing.stands(&spec.name))
            .collect();
        missing.sort_by_key(|spec| iter::successors(Some(*spec), above).count());
        Self {
            standing,
            specs,
            missing,
        }
    }

    pub(super) fn is_standing(&self, name: &EntryName) -> bool {
        self.standing.stands(name)
    }

    /// CAs that are there and sign one that is missing.
    pub(super) fn standing_parents(&self) -> impl Iterator<Item = &EntryName> {
        let parents = self.missing.iter().filter_map(|spec| spec.parent.as_ref());
        parents.filter(|parent| self.is_standing(parent))
    }

    pub(super) fn changes(&self) -> Vec<Change> {
        let change = |spec: &AuthoritySpec| {
            let name = &spec.name;
            let (action, reason) = match self.standing.fallen(name) {
                None if self.is_standing(name) => (Action::None, Reason::UpToDate),
                None => (Action::Create, Reason::Missing),
                Some(fallen) => {
                    let is_gone = fallen.with == *name && fallen.state == State::Revoked;
                    let action = if is_gone {
                        Action::Create
                    } else {
                        Action::Reissue
                    };
                    (action, Reason::Fallen(fallen))
                }
            };
            let kind = match spec.parent {
                None => Kind::Root,
                Some(_) => Kind::Intermediate,
            };
            Change {
                action,
                name: spec.name.clone(),
                kind,
                issuer: spec.parent.clone(),
                reason,
                differences: Vec::new(),
            }
        };
        self.specs.iter().map(change).collect()
    }

    /// The CAs that are made.
    pub(super) fn missing(&self) -> impl Iterator<Item = &'f AuthoritySpec> {
        self.missing.iter().copied()
    }

    /// Makes the missing CAs; they can sign at once.
    pub(super) fn create(
        &self,
        transaction: &mut Transaction<'_>,
        signers: &mut HashMap<EntryName, SigningAuthority>,
        keeping: &HashMap<EntryName, Keeping<'_>>,
        now: OffsetDateTime,
    ) -> Result<(), IssueError> {
        for spec in &self.missing {
            let parent = spec.parent.as_ref();
            // Without its parent it would sign itself.
            let parent = parent.map(|name| signer(signers, name)).transpose()?;
            let keeping = keeping.get(&spec.name).copied().unwrap_or_default();
            let request = request(spec, keeping);
            let (made, _) = create(transaction, &request, parent, now)?;
            signers.insert(spec.name.clone(), made);
        }
        Ok(())
    }
}

/// A CA whose key is at hand.
pub(super) fn signer<'s>(
    signers: &'s HashMap<EntryName, SigningAuthority>,
    name: &EntryName,
) -> Result<&'s SigningAuthority, IssueError> {
    let signer = signers.get(name);
    signer.ok_or_else(|| StoreError::NoAuthority(name.clone()).into())
}

fn request<'a>(spec: &AuthoritySpec, keeping: Keeping<'a>) -> AuthorityRequest<'a> {
    let (lifetime, path_len) = match spec.parent {
        None => (defaults::ROOT_LIFETIME, None),
        Some(_) => (defaults::INTERMEDIATE_LIFETIME, Some(0)),
    };
    AuthorityRequest {
        name: spec.name.clone(),
        common_name: spec.common_name.clone(),
        organization: spec.organization.clone(),
        key_type: keeping.key_type(spec.key_type.unwrap_or_default()),
        lifetime: spec
            .lifetime
            .map_or(Lifetime::Default(lifetime), Lifetime::For),
        backdate: defaults::BACKDATE,
        path_len: spec.path_len.or(path_len),
        permitted: PermittedSubtrees {
            dns: spec.permit_dns.clone(),
            ip: spec.permit_ip.clone(),
        },
        keeping,
        crl_url: spec.crl_url.clone(),
    }
}
