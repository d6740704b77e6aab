//! Looks certificates up in the CRLs at hand (RFC 5280 §6.3.3): complete CRLs by the issuer itself.

use time::OffsetDateTime;
use x509_parser::{
    extensions::{DistributionPointName, IssuingDistributionPoint, ParsedExtension, X509Extension},
    oid_registry as oids,
    prelude::CertificateRevocationList,
};

use super::{
    budget::Budget,
    codes::{self, Code},
    facts::Facts,
    failure::Rule,
};
use crate::pki::{
    name,
    oid::dotted,
    recognize::algorithms_agree,
    revocation_list::reason_name,
    signature::{self, SignatureError},
    validity::rfc3339,
};

/// Why a CRL says nothing about a certificate.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CrlFault {
    /// The next one should be here.
    #[error("ended on {}", rfc3339(*.0))]
    Expired(OffsetDateTime),
    /// Nobody can tell whether it is the latest.
    #[error("has no nextUpdate")]
    NoNextUpdate,
    /// Its time has not come.
    #[error("begins on {}", rfc3339(*.0))]
    NotYetValid(OffsetDateTime),
    /// The issuer's key is for something else.
    #[error("does not count: the issuer's keyUsage lacks cRLSign")]
    NotASigner,
    /// Its signature is not accepted.
    #[error("does not count: {0}")]
    Signature(SignatureError),
    /// Delta CRLs, indirect CRLs, CRLs for some reasons, and what else must be understood.
    #[error("is of a kind that cannot be used ({0})")]
    Unusable(String),
}

impl CrlFault {
    pub(super) fn known(&self) -> &'static Code {
        match self {
            Self::Expired(_) => &codes::CRL_EXPIRED,
            Self::NoNextUpdate => &codes::CRL_WITHOUT_END,
            Self::NotYetValid(_) => &codes::CRL_NOT_YET_VALID,
            Self::NotASigner => &codes::CRL_SIGNER,
            Self::Signature(_) => &codes::CRL_SIGNATURE,
            Self::Unusable(_) => &codes::CRL_UNUSABLE,
        }
    }
}

/// Looks up one certificate; `None` where nothing speaks against it.
///
/// One CRL that revokes outweighs all that do not, be it out of date; one that is good outweighs all that
/// say nothing. `must_be_covered` is for the leaf: CRLs were given, so one has to be its issuer's.
pub(super) fn check(
    certificate: &Facts<'_>,
    issuer: &Facts<'_>,
    crls: &[CertificateRevocationList<'_>],
    must_be_covered: bool,
    at: OffsetDateTime,
    budget: &mut Budget,
) -> Option<Rule> {
    let (mut good, mut fault) = (false, None);
    for crl in crls.iter().filter(|crl| covers(crl, certificate, issuer)) {
        match status(crl, certificate, issuer, at, budget) {
            Ok(None) => good = true,
            Ok(Some(revoked)) => return Some(revoked),
            Err(found) => fault = Some(found),
        }
    }
    if good {
        return None;
    }
    let missing = || Rule::CrlMissing {
        issuer: name::display(issuer.parsed.subject().as_raw()),
    };
    fault.or_else(|| must_be_covered.then(missing))
}

/// Whether the CRL is of this issuer, and for such certificates (RFC 5280 §6.3.3 (b)).
fn covers(
    crl: &CertificateRevocationList<'_>,
    certificate: &Facts<'_>,
    issuer: &Facts<'_>,
) -> bool {
    let key = crl
        .extensions()
        .iter()
        .find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::AuthorityKeyIdentifier(found) => {
                found.key_identifier.as_ref().map(|id| id.0)
            }
            _ => None,
        });
    let same_key = match (key, issuer.subject_key()) {
        (Some(signer), Some(issuer)) => signer == issuer,
        _ => true,
    };
    crl.issuer().as_raw() == issuer.parsed.subject().as_raw()
        && same_key
        && distribution_point(crl).is_none_or(|point| is_within(point, certificate))
}

fn distribution_point<'a>(
    crl: &'a CertificateRevocationList<'_>,
) -> Option<&'a IssuingDistributionPoint<'a>> {
    crl.extensions()
        .iter()
        .find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::IssuingDistributionPoint(found) => Some(found),
            _ => None,
        })
}

/// Whether the certificate is of the kind that the CRL is limited to, and names its place.
fn is_within(point: &IssuingDistributionPoint<'_>, certificate: &Facts<'_>) -> bool {
    let right_kind = if certificate.is_ca() {
        !point.only_contains_user_certs
    } else {
        !point.only_contains_ca_certs
    };
    let named_here = match &point.distribution_point {
        None => true,
        Some(DistributionPointName::FullName(names)) => {
            let carried = certificate.distribution_points();
            names.iter().any(|name| carried.contains(&name))
        }
        Some(DistributionPointName::NameRelativeToCRLIssuer(_)) => false,
    };
    right_kind && !point.only_contains_attribute_certs && named_here
}

/// What one CRL says: nothing (an error), that the certificate is good, or that it is revoked.
fn status(
    crl: &CertificateRevocationList<'_>,
    certificate: &Facts<'_>,
    issuer: &Facts<'_>,
    at: OffsetDateTime,
    budget: &mut Budget,
) -> Result<Option<Rule>, Rule> {
    authentic(crl, issuer, budget)?;
    understood(crl).map_err(Rule::Crl)?;
    let entry = crl
        .iter_revoked_certificates()
        .find(|entry| *entry.serial() == certificate.parsed.serial);
    if let Some(entry) = entry {
        let reason = entry
            .reason_code()
            .and_then(|(_, code)| reason_name(code.0));
        return Ok(Some(Rule::Revoked {
            on: entry.revocation_date.to_datetime(),
            reason,
        }));
    }
    current(crl, at).map_err(Rule::Crl)?;
    Ok(None)
}

fn authentic(
    crl: &CertificateRevocationList<'_>,
    issuer: &Facts<'_>,
    budget: &mut Budget,
) -> Result<(), Rule> {
    if issuer.key_usage().is_some_and(|usage| !usage.crl_sign()) {
        return Err(Rule::Crl(CrlFault::NotASigner));
    }
    budget.spend_signature()?;
    let checked = if algorithms_agree(crl.as_raw()) {
        signature::check(
            issuer.parsed.public_key(),
            &crl.signature_algorithm,
            &crl.signature_value,
            crl.tbs_cert_list.as_ref(),
        )
    } else {
        Err(SignatureError::Mismatch)
    };
    checked.map_err(|error| Rule::Crl(CrlFault::Signature(error)))
}

/// Whether the CRL lists all that its issuer has revoked, in a way that is understood here.
fn understood(crl: &CertificateRevocationList<'_>) -> Result<(), CrlFault> {
    let unusable = |what: &str| Err(CrlFault::Unusable(what.to_owned()));
    match distribution_point(crl) {
        Some(point) if point.indirect_crl => return unusable("indirect"),
        Some(point) if point.only_some_reasons.is_some() => {
            return unusable("for some reasons only");
        }
        _ => {}
    }
    let entries = crl
        .iter_revoked_certificates()
        .flat_map(|entry| entry.extensions());
    let unknown = crl
        .extensions()
        .iter()
        .chain(entries)
        .find(|found| is_unknown_and_critical(found));
    match unknown {
        Some(found) if found.oid == oids::OID_X509_EXT_DELTA_CRL_INDICATOR => unusable("delta"),
        Some(found) => unusable(&format!("critical extension {}", dotted(&found.oid))),
        None => Ok(()),
    }
}

fn is_unknown_and_critical(extension: &X509Extension<'_>) -> bool {
    extension.critical
        && !matches!(
            extension.parsed_extension(),
            ParsedExtension::AuthorityKeyIdentifier(_)
                | ParsedExtension::CRLNumber(_)
                | ParsedExtension::InvalidityDate(_)
                | ParsedExtension::IssuingDistributionPoint(_)
                | ParsedExtension::ReasonCode(_)
        )
}

fn current(crl: &CertificateRevocationList<'_>, at: OffsetDateTime) -> Result<(), CrlFault> {
    let this_update = crl.last_update().to_datetime();
    let next_update = crl
        .next_update()
        .ok_or(CrlFault::NoNextUpdate)?
        .to_datetime();
    if at < this_update {
        return Err(CrlFault::NotYetValid(this_update));
    }
    if at > next_update {
        return Err(CrlFault::Expired(next_update));
    }
    Ok(())
}
