//! The PKI directory as the one that is trusted: its roots, and what it has revoked.

use std::io::ErrorKind;

use super::{Context, Report};
use crate::{
    issuance::authorities::authorities,
    pki::{
        certificate::Certificate,
        chain::{Failure, Request, Rule, verify},
        revocation::{Reason, Revocation},
        revocation_list::RevocationList,
    },
    store::{
        Access, Pki, StoreError,
        layout::{Place, file},
    },
};

/// What the PKI directory knows.
pub(crate) struct Own {
    pub(crate) pki: Pki,
    pub(crate) roots: Vec<Certificate>,
    /// The CAs below them
    pub(crate) intermediates: Vec<Certificate>,
    /// The CRLs of its CAs: a ledger that was put back from a backup may know less than they do
    lists: Vec<RevocationList>,
}

impl Own {
    /// Reads the trust bundles of all roots, and all CRLs.
    pub(crate) fn open(context: &Context) -> Result<Self, Report> {
        let pki = context
            .open(Access::Read)
            .map_err(|report| report.hint("`--trust FILE` says whom to trust instead"))?;
        let (mut roots, mut intermediates, mut lists) = (Vec::new(), Vec::new(), Vec::new());
        for record in pki.authorities()? {
            let name = record.name;
            match record.issuer {
                None => roots.extend(pki.authority(&name)?.roots),
                // One whose files are damaged is no help; `check` finds it.
                Some(_) => intermediates.extend(pki.authority(&name).map(|it| it.certificate)),
            }
            let path = pki.layout().place(&Place::authority(name)).join(file::CRL);
            match pki.layout().directory().read(&path) {
                // One that is damaged says nothing; `check` finds it.
                Ok(octets) => lists.extend(RevocationList::read(&octets).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(StoreError::io("read", &path, error).into()),
            }
        }
        Ok(Self {
            pki,
            roots,
            intermediates,
            lists,
        })
    }

    /// Whether the ledger or a CRL says what became of each certificate, and what it is.
    pub(crate) fn revocations(
        &self,
        request: &Request<'_>,
        chain: &[Certificate],
    ) -> Result<Vec<Known>, Report> {
        let mut known = Vec::new();
        for certificate in chain {
            let record = self.pki.ledger().record_of(certificate)?;
            let revocation = match &record {
                Some(record) => self.pki.ledger().revocation(record)?,
                None => None,
            };
            known.push(Known {
                is_recorded: record.is_some_and(|record| record.issuer.is_some()),
                revocation,
            });
        }
        let listed = verify(&Request {
            crls: &self.lists,
            ..*request
        });
        if let Some(failure) = listed.err().filter(|failure| failure.chain == chain) {
            add_listed(&mut known, &failure);
        }
        Ok(known)
    }

    /// What the ledger says of one certificate.
    pub(crate) fn revocation(
        &self,
        certificate: &Certificate,
    ) -> Result<Option<Revocation>, StoreError> {
        let record = self.pki.ledger().record_of(certificate)?;
        let found = record.map(|record| self.pki.ledger().revocation(&record));
        found.transpose().map(Option::flatten)
    }

    /// The CRLs of the PKI directory.
    pub(crate) fn lists(&self) -> &[RevocationList] {
        &self.lists
    }

    /// What became of the CA above the last certificate, where no anchor was found for it.
    pub(crate) fn lost_issuer(&self, chain: &[Certificate]) -> Result<Option<String>, Report> {
        let record = match chain.last() {
            Some(last) => self.pki.ledger().record_of(last)?,
            None => None,
        };
        let issuer = record.and_then(|record| record.issuer);
        let fallen = match issuer {
            Some(issuer) => authorities(&self.pki)?.fallen(&issuer),
            None => None,
        };
        Ok(fallen.map(|fallen| fallen.to_string()))
    }
}

/// What is known of one certificate.
pub(crate) struct Known {
    /// Whether the ledger would know: a CA of this PKI directory signed it
    pub(crate) is_recorded: bool,
    pub(crate) revocation: Option<Revocation>,
}

/// Takes over what CRLs say of certificates that the ledger does not call revoked.
fn add_listed(known: &mut [Known], failure: &Failure) {
    for fault in &failure.faults {
        let index = failure.chain.iter().zip(&mut *known).enumerate();
        let places = index.filter(|(index, _)| failure.place(*index) == fault.place);
        for (_, (certificate, known)) in places {
            if let (Rule::Revoked { on, reason }, None) = (&fault.rule, &known.revocation) {
                known.revocation = Some(Revocation {
                    serial: certificate.serial(),
                    at: *on,
                    reason: reason
                        .and_then(|word| word.parse().ok())
                        .unwrap_or(Reason::Unspecified),
                });
            }
        }
    }
}
