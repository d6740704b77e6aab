//! The CAs of a fleet file: which are missing, and who signs what.

use std::{collections::HashMap, iter};

use time::OffsetDateTime;

use super::{init_ca, init_intermediate};
use crate::{
    cli::{Report, passphrases::Passphrases},
    fleet::{
        AuthoritySpec, Fleet,
        plan::{Action, Change, Reason, Signed},
    },
    issuance::{
        SigningAuthority,
        authority::{AuthorityRequest, create},
    },
    pki::{
        authorities::{Authorities, State},
        entry_name::EntryName,
        extension::PermittedSubtrees,
        secret::Passphrase,
        validity::Lifetime,
    },
    store::{StoreError, ledger::Kind, transaction::Transaction},
};

/// Who signs each entry.
pub(super) fn signed(fleet: &Fleet) -> Result<Vec<Signed<'_>>, Report> {
    let entries = fleet.entries.iter();
    let signed = entries.map(|spec| match &spec.ca {
        Some(ca) => Ok((spec, ca)),
        None => Err(Report::failed(
            "no-ca",
            format!("no CA signs `{}`", spec.name),
        )),
    });
    signed.collect()
}

/// Which CAs there are, and which are to be made.
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
                kind: kind.name().to_owned(),
                issuer: spec.parent.as_ref().map(ToString::to_string),
                reason,
                differences: Vec::new(),
            }
        };
        self.specs.iter().map(change).collect()
    }

    /// Makes the missing CAs; they can sign at once.
    pub(super) fn create(
        &self,
        transaction: &mut Transaction<'_>,
        signers: &mut HashMap<EntryName, SigningAuthority>,
        passphrases: &Passphrases<'_>,
        now: OffsetDateTime,
    ) -> Result<(), Report> {
        for spec in &self.missing {
            let parent = spec.parent.as_ref();
            // Without its parent it would sign itself.
            let parent = parent.map(|name| signer(signers, name)).transpose()?;
            let passphrase = passphrases.of_new(&spec.name, false)?;
            let request = request(spec, passphrase.as_deref());
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
) -> Result<&'s SigningAuthority, Report> {
    let signer = signers.get(name);
    signer.ok_or_else(|| StoreError::NoAuthority(name.clone()).into())
}

fn request<'a>(spec: &AuthoritySpec, passphrase: Option<&'a Passphrase>) -> AuthorityRequest<'a> {
    let (lifetime, path_len) = match spec.parent {
        None => (init_ca::DEFAULT_LIFETIME, None),
        Some(_) => (init_intermediate::DEFAULT_LIFETIME, Some(0)),
    };
    AuthorityRequest {
        name: spec.name.clone(),
        common_name: spec.common_name.clone(),
        organization: spec.organization.clone(),
        key_type: spec.key_type,
        lifetime: spec
            .lifetime
            .map_or(Lifetime::Default(lifetime), Lifetime::For),
        backdate: time::Duration::minutes(5),
        path_len: spec.path_len.or(path_len),
        permitted: PermittedSubtrees {
            dns: spec.permit_dns.clone(),
            ip: spec.permit_ip.clone(),
        },
        passphrase,
        crl_url: spec.crl_url.clone(),
    }
}
