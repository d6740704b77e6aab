//! What is published with a certificate leads from it to its root. A CA's chain and its trust bundle are
//! files, and believed as far as the ledger knows what is in them.

use std::path::Path;

use super::{Pki, StoreError, authority::Authority, trust::Distrust};
use crate::pki::{certificate::Certificate, entry_name::EntryName, name, plan::signature_holds};

impl Pki {
    /// Refuses a CA whose chain does not lead to a root of its trust bundle, and certificates that nobody
    /// here has recorded.
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
        let Some((first, last)) = authority.chain.first().zip(authority.chain.last()) else {
            return match authority.roots.contains(&authority.certificate) {
                true => Ok(()),
                false => Err(files.wrong_bundle("the root itself is not in it")),
            };
        };
        if *first != authority.certificate {
            return Err(files.wrong_chain("it does not begin with the CA's own certificate"));
        }
        let mut links = authority.chain.windows(2);
        if !links.all(|link| signature_holds(&link[0], &link[1])) {
            return Err(files.wrong_chain("a certificate in it was not signed by the one after it"));
        }
        let is_anchor =
            |root: &Certificate| root.subject() == last.issuer() && signature_holds(last, root);
        match authority.roots.iter().any(is_anchor) {
            true => Ok(()),
            false => Err(files.wrong_bundle(&format!(
                "no root in it has signed {}, the last certificate of the CA's chain",
                name::display(&last.subject())
            ))),
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
                .any(|record| record.to_be_signed == to_be_signed)
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
        let find = |name: &str| records.iter().find(|record| record.name == name);
        let mut next = find(first.as_str());
        for _ in 0..records.len() {
            let Some(record) = next else { break };
            let name = record.name.parse();
            let name: EntryName = name.map_err(|_| StoreError::NoAuthority(first.clone()))?;
            let directory = self.authority_directory(&name);
            let distrust = Distrust::in_authority(self.layout(), &directory);
            let distrust =
                distrust.map_err(|error| StoreError::io("look at", &directory, error))?;
            if let Some(distrust) = distrust {
                return Err(StoreError::Distrusted(distrust));
            }
            next = record.issuer.as_deref().and_then(find);
        }
        Ok(())
    }
}

/// Where the certificates of a CA stand.
pub(super) struct Files<'a> {
    pub(super) certificate: &'a Path,
    pub(super) chain: &'a Path,
    pub(super) bundle: &'a Path,
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
