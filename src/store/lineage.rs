//! What is published with a certificate leads from it to its root. A CA's chain and its trust bundle are
//! files, and believed as far as the ledger knows what is in them.

use std::path::Path;

use super::{
    Pki, StoreError,
    authority::{Authority, Files},
    layout::file,
    ledger::Kind,
    trust::Distrust,
};
use crate::pki::{certificate::Certificate, entry_name::EntryName, name, plan::signature_holds};

impl Pki {
    /// Refuses a CA whose chain does not hold together, and certificates that nobody here has recorded.
    pub(super) fn check_lineage(
        &self,
        authority: &Authority,
        files: &Files<'_>,
    ) -> Result<(), StoreError> {
        self.check_recorded(
            std::slice::from_ref(&authority.certificate),
            files.certificate,
        )?;
        self.check_recorded(&authority.chain, files.chain)?;
        self.check_recorded(&authority.roots, files.bundle)?;
        let Some(first) = authority.chain.first() else {
            let is_in_it = authority.roots.contains(&authority.certificate);
            return match is_in_it || self.generations()?.is_retired(&authority.name) {
                true => Ok(()),
                false => Err(files.wrong_bundle("the root itself is not in it")),
            };
        };
        if *first != authority.certificate {
            return Err(files.wrong_chain("it does not begin with the CA's own certificate"));
        }
        let mut links = authority.chain.windows(2);
        match links.all(|link| signature_holds(&link[0], &link[1])) {
            true => Ok(()),
            false => {
                Err(files.wrong_chain("a certificate in it was not signed by the one after it"))
            }
        }
    }

    /// Refuses to have a CA sign whose chain does not end below a root of its trust bundle, as after a new
    /// root was made, and to hand out what is not in use any more or belongs elsewhere.
    ///
    /// # Errors
    ///
    /// Where no root has signed the last certificate of the chain, or another certificate is there.
    pub fn check_anchored(&self, authority: &Authority) -> Result<(), StoreError> {
        let directory = self.authority_directory(&authority.name);
        let chain = directory.join(file::CHAIN);
        let mut records = self.ledger().authorities()?;
        records.extend(self.ledger().crossings()?);
        let is_in_use = |certificate: &Certificate| {
            let parsed = certificate.parsed();
            let to_be_signed = parsed.tbs_certificate.as_ref();
            records
                .iter()
                .find(|record| *record.to_be_signed == *to_be_signed)
        };
        let stale = |path: &Path, certificate: &Certificate| {
            let subject = name::display(&certificate.subject());
            wrong(
                path,
                &format!("{subject} that is in it is none of the CAs above it that are in use"),
            )
        };
        let own = std::iter::once(&authority.certificate).chain(&authority.chain);
        if let Some(certificate) = own.into_iter().find(|it| is_in_use(it).is_none()) {
            return Err(stale(&chain, certificate));
        }
        if self.generations()?.is_retired(&authority.name) {
            // Its root has left the bundles, and it signs nothing but CRLs.
            return Ok(());
        }
        // Where a root is cross-signed the chain goes on to another, which its own bundle need not hold.
        let anchor_of = |last: &Certificate| {
            let mut roots = authority.roots.iter();
            roots.find(|root| root.subject() == last.issuer() && signature_holds(last, root))
        };
        let own = std::iter::once(&authority.certificate).chain(&authority.chain);
        let Some(anchor) = own.rev().find_map(anchor_of) else {
            let last = authority.chain.last().unwrap_or(&authority.certificate);
            let last = name::display(&last.subject());
            let reason = format!("no root of its trust bundle has signed {last}, the last in it");
            return Err(wrong(&chain, &reason));
        };
        let Some(root) = is_in_use(anchor) else {
            return Err(stale(&chain, anchor));
        };
        let bundle = self.authority_directory(&root.name).join(file::BUNDLE);
        // The same root, before and after it was renewed, and other roots of this PKI, if somebody added them.
        let belongs = |it: &&Certificate| {
            let is_root = is_in_use(it).is_some_and(|record| record.kind == Kind::Root);
            is_root || (it.public_key() == anchor.public_key() && it.is_self_signed())
        };
        match authority.roots.iter().find(|it| !belongs(it)) {
            None => Ok(()),
            Some(other) => Err(stale(&bundle, other)),
        }
    }

    pub(super) fn check_recorded(
        &self,
        certificates: &[Certificate],
        path: &Path,
    ) -> Result<(), StoreError> {
        for certificate in certificates {
            let parsed = certificate.parsed();
            let to_be_signed = parsed.tbs_certificate.as_ref();
            let records = self.ledger().with_serial(&certificate.serial())?;
            if !records
                .iter()
                .any(|record| *record.to_be_signed == *to_be_signed)
            {
                return Err(StoreError::Content {
                    path: path.to_owned(),
                    reason: format!(
                        "the ledger does not know the certificate of {} that is in it",
                        name::display(&certificate.subject())
                    ),
                });
            }
        }
        Ok(())
    }

    /// Refuses to have a CA sign while others can change what it publishes, or what those above it do.
    pub(super) fn check_own(&self, first: &EntryName) -> Result<(), StoreError> {
        let records = self.ledger().authorities()?;
        let find = |name: &EntryName| records.iter().find(|record| record.name == *name);
        let mut next = find(first);
        for _ in 0..records.len() {
            let Some(record) = next else { break };
            let directory = self.authority_directory(&record.name);
            let distrust = Distrust::in_authority(self.layout(), &directory);
            let distrust =
                distrust.map_err(|error| StoreError::io("look at", &directory, error))?;
            if let Some(distrust) = distrust {
                return Err(StoreError::Distrusted(distrust));
            }
            next = record.issuer.as_ref().and_then(find);
        }
        Ok(())
    }
}

impl Files<'_> {
    fn wrong_chain(&self, reason: &str) -> StoreError {
        wrong(self.chain, reason)
    }

    fn wrong_bundle(&self, reason: &str) -> StoreError {
        wrong(self.bundle, reason)
    }
}

fn wrong(path: &Path, reason: &str) -> StoreError {
    StoreError::Content {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}
