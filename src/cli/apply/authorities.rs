//! The CAs of a fleet file: which are missing, and who signs what.

use std::collections::{HashMap, HashSet};

use time::OffsetDateTime;

use super::{init_ca, init_intermediate};
use crate::{
    cli::Report,
    fleet::{
        AuthoritySpec, Fleet,
        plan::{Action, Change, Reason},
    },
    issuance::{
        SigningAuthority,
        authority::{AuthorityRequest, create},
    },
    pki::{
        entry_name::EntryName, extension::PermittedSubtrees, secret::Passphrase, validity::Lifetime,
    },
    store::{Pki, transaction::Transaction},
};

/// Which CAs there are, and which are to be made.
pub(super) struct Plan<'f> {
    standing: HashSet<EntryName>,
    /// Names that are the parent of another CA
    parents: HashSet<EntryName>,
    specs: &'f [AuthoritySpec],
    /// Parents before their children
    missing: Vec<&'f AuthoritySpec>,
}

impl<'f> Plan<'f> {
    pub(super) fn new(fleet: &'f Fleet, pki: &Pki) -> Result<Self, Report> {
        let mut standing = HashSet::new();
        let mut parents = HashSet::new();
        for record in pki.authorities()? {
            standing.extend(record.name.parse::<EntryName>());
            parents.extend(
                record
                    .issuer
                    .and_then(|issuer| issuer.parse::<EntryName>().ok()),
            );
        }
        parents.extend(
            fleet
                .authorities
                .iter()
                .filter_map(|spec| spec.parent.clone()),
        );
        let mut known = standing.clone();
        let mut missing = Vec::new();
        let mut left: Vec<_> = fleet
            .authorities
            .iter()
            .filter(|spec| !standing.contains(&spec.name))
            .collect();
        while !left.is_empty() {
            let is_ready = |spec: &&AuthoritySpec| {
                spec.parent
                    .as_ref()
                    .is_none_or(|parent| known.contains(parent))
            };
            let (ready, later): (Vec<_>, Vec<_>) = left.iter().copied().partition(is_ready);
            if ready.is_empty() {
                let unknown = later
                    .iter()
                    .filter_map(|spec| Some((&spec.name, spec.parent.as_ref()?)));
                let reports = unknown.map(|(name, parent)| {
                    Report::failed(
                        "no-ca",
                        format!("the CA `{name}` has the parent `{parent}`, which does not exist"),
                    )
                });
                return Err(Report::all(reports.collect())
                    .unwrap_or_else(|| Report::failed("no-ca", "a CA has no parent")));
            }
            known.extend(ready.iter().map(|spec| spec.name.clone()));
            missing.extend(ready);
            left = later;
        }
        Ok(Self {
            standing,
            parents,
            specs: &fleet.authorities,
            missing,
        })
    }

    /// Who signs each entry: the CA that it names, or the only one without a CA below it.
    pub(super) fn issuers(&self, fleet: &Fleet) -> Result<HashMap<EntryName, EntryName>, Report> {
        let all: HashSet<_> = self
            .standing
            .iter()
            .chain(self.missing.iter().map(|spec| &spec.name))
            .collect();
        let mut last: Vec<_> = all
            .iter()
            .filter(|name| !self.parents.contains(**name))
            .collect();
        last.sort();
        let mut unknown = HashSet::new();
        let mut issuers = HashMap::new();
        for spec in &fleet.entries {
            let issuer = match (&spec.ca, &last[..]) {
                (Some(ca), _) if all.contains(ca) => ca.clone(),
                (Some(ca), _) => {
                    unknown.insert(ca.clone());
                    continue;
                }
                (None, [only]) => (**only).clone(),
                (None, []) => {
                    return Err(
                        Report::failed("no-ca", "there is no CA, and the file makes none")
                            .hint("add `[[ca]]` with `name = \"root\"` to the file"),
                    );
                }
                (None, several) => {
                    let names: Vec<_> = several.iter().map(|name| name.as_str()).collect();
                    return Err(Report::failed(
                        "ambiguous-ca",
                        format!(
                            "`{}` names no `ca`, and several could sign: {}",
                            spec.name,
                            names.join(", ")
                        ),
                    ));
                }
            };
            issuers.insert(spec.name.clone(), issuer);
        }
        let reports = unknown
            .iter()
            .map(|ca| Report::failed("no-ca", format!("there is no CA `{ca}`")));
        match Report::all(reports.collect()) {
            Some(report) => Err(report.hint("a `[[ca]]` of this name makes it")),
            None => Ok(issuers),
        }
    }

    pub(super) fn is_standing(&self, name: &EntryName) -> bool {
        self.standing.contains(name)
    }

    /// CAs that are there and sign one that is missing.
    pub(super) fn standing_parents(&self) -> impl Iterator<Item = &EntryName> {
        let parents = self.missing.iter().filter_map(|spec| spec.parent.as_ref());
        parents.filter(|parent| self.is_standing(parent))
    }

    pub(super) fn changes(&self) -> Vec<Change> {
        let change = |spec: &AuthoritySpec| {
            let (action, reason) = match self.is_standing(&spec.name) {
                true => (Action::None, Reason::UpToDate),
                false => (Action::Create, Reason::Missing),
            };
            Change {
                action,
                name: spec.name.clone(),
                reason,
            }
        };
        self.specs.iter().map(change).collect()
    }

    /// Makes the missing CAs; they can sign at once.
    pub(super) fn create(
        &self,
        transaction: &mut Transaction<'_>,
        signers: &mut HashMap<EntryName, SigningAuthority>,
        passphrase: Option<&Passphrase>,
        now: OffsetDateTime,
    ) -> Result<(), Report> {
        for spec in &self.missing {
            let parent = spec.parent.as_ref().and_then(|parent| signers.get(parent));
            let (made, _) = create(transaction, &request(spec, passphrase), parent, now)?;
            signers.insert(spec.name.clone(), made);
        }
        Ok(())
    }
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
