//! The plan of a CA's next certificate, which keeps its key.

use time::OffsetDateTime;

use super::{Terms, predecessor};
use crate::{
    issuance::{IssueError, SigningAuthority, check_plan, constraining},
    pki::{
        issuer::Issuer,
        plan::{Contents, Extensions, Planned},
        rules::Role,
        serial::Serial,
        validity::{Validity, ValidityError},
    },
    store::ledger::Record,
};

pub(super) fn plan(
    record: &Record,
    signer: &SigningAuthority,
    is_root: bool,
    terms: &Terms,
    now: OffsetDateTime,
) -> Result<Planned, IssueError> {
    let predecessor = predecessor(record)?;
    let above = (!is_root).then_some(&signer.issuer);
    let lifetime = terms.lifetime_after(&predecessor);
    let validity = above.map(|issuer| issuer.validity);
    let invalid = |source| IssueError::Validity {
        name: record.name.to_string(),
        source,
    };
    let mut validity = Validity::plan(lifetime, terms.backdate, validity, now).map_err(invalid)?;
    if terms.lifetime.is_none() {
        // One that has just begun would end earlier by what the beginning lies before now.
        let end = above.map_or(record.validity.not_after, |it| it.validity.not_after);
        validity.not_after = validity.not_after.max(end.min(record.validity.not_after));
    }
    if validity.not_after < record.validity.not_after {
        return Err(invalid(ValidityError::EndsEarlier {
            not_after: validity.not_after,
            predecessor: record.validity.not_after,
        }));
    }
    let serial = Serial::generate()?;
    let own = Issuer {
        serial: serial.clone(),
        ..signer.issuer.clone()
    };
    let issuer = above.unwrap_or(&own);
    let contents = Contents {
        serial,
        validity,
        extensions: Extensions::Exact(predecessor.extensions(predecessor.key_identifier(), issuer)),
        subject: predecessor.subject,
        public_key_info: predecessor.public_key_info,
    };
    let planned = Planned::new(contents, issuer)?;
    let constraining = match is_root {
        true => Vec::new(),
        false => constraining(&signer.authority),
    };
    check_plan(
        record.name.as_str(),
        &planned,
        Role::Authority,
        &constraining,
        now,
    )?;
    Ok(planned)
}
