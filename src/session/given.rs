//! `--cert FILE`: a certificate that a CA here has signed, whatever else is known of it.

use std::path::Path;

use time::OffsetDateTime;

use super::{Report, adoption::signer, bounded::Kind, input::Input};
use crate::{
    import::plan::{Plan, revoked},
    issuance::takeover::knowledge,
    pki::{
        certificate::Certificate,
        entry_name::EntryName,
        name::display,
        revocation::{Reason, Revocation},
        validity::rfc3339,
    },
    store::{Pki, ledger::Record},
};

/// What the file holds.
pub(crate) enum Given {
    /// A certificate that is on record
    Known(Box<Record>),
    /// One that is not
    Unknown(Unknown),
}

/// A certificate that is on record nowhere.
pub(crate) struct Unknown {
    certificate: Certificate,
    issuer: EntryName,
}

/// Reads the file, whose first certificate is meant, and looks for it.
pub(crate) fn find(pki: &Pki, path: &Path) -> Result<Given, Report> {
    let input = Input::read(path, Kind::Certificates)?;
    let certificate = input.certificates()?.swap_remove(0);
    let ledger = pki.ledger();
    if let Some(record) = ledger.record_of(&certificate)? {
        return Ok(Given::Known(Box::new(record)));
    }
    let Some(issuer) = signer(pki, &certificate)? else {
        let message = format!(
            "{}: no CA here has signed it: its issuer is {}",
            input.name,
            display(&certificate.issuer())
        );
        return Err(Report::failed("foreign", message).hint("only its issuer can revoke it"));
    };
    let serial = certificate.serial();
    let mut same = ledger.with_serial(&serial)?.into_iter();
    match same.find(|record| record.issuer.as_ref() == Some(&issuer)) {
        None => {}
        // Known by its number alone.
        Some(record) if record.to_be_signed.is_empty() => {
            return Ok(Given::Known(Box::new(record)));
        }
        Some(record) => {
            let message = format!(
                "{}: `{}` is another certificate of the CA `{issuer}` with the serial {serial}",
                input.name, record.name
            );
            return Err(Report::refused("ambiguous", message)
                .hint(format!("`certctl revoke --serial {serial} --ca {issuer}` revokes both, for a CRL lists numbers")));
        }
    }
    if let Some(before) = ledger
        .adopted_revocations(&issuer)?
        .into_iter()
        .find(|it| it.serial == serial)
    {
        let message = format!(
            "{} ({serial}) has been revoked since {} ({})",
            input.name,
            rfc3339(before.at),
            before.reason
        );
        return Err(Report::refused("revoked", message));
    }
    Ok(Given::Unknown(Unknown {
        certificate,
        issuer,
    }))
}

impl Unknown {
    /// Its name here.
    pub(crate) fn name(&self, pki: &Pki) -> Result<EntryName, Report> {
        let plan = self.plan(pki, Reason::Unspecified, OffsetDateTime::UNIX_EPOCH)?;
        Ok(plan.new[0].name.clone())
    }

    /// What is to be done.
    pub(crate) fn plan(
        &self,
        pki: &Pki,
        reason: Reason,
        at: OffsetDateTime,
    ) -> Result<Plan, Report> {
        let serial = self.certificate.serial();
        let revocation = Revocation { serial, at, reason };
        let here = knowledge(pki)?;
        Ok(revoked(
            self.certificate.clone(),
            self.issuer.clone(),
            revocation,
            &here,
        ))
    }
}
