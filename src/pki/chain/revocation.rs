//! Looks certificates up in the CRLs at hand (RFC 5280 §6.3.3): complete CRLs by the issuer itself.

use std::collections::HashSet;

use time::OffsetDateTime;
use x509_parser::{
    extensions::{
        DistributionPointName, GeneralName, IssuingDistributionPoint, ParsedExtension,
        X509Extension,
    },
    oid_registry as oids,
    prelude::CertificateRevocationList,
};

use super::{budget::Budget, crl_fault::CrlFault, facts::Facts, failure::Rule};
use crate::pki::{
    name,
    oid::dotted,
    revocation_list::reason_name,
    rules::Policy,
    signature::{self, SignatureError},
    signed_value::algorithms_agree,
};

/// Whether one certificate was revoked.
pub(super) struct Question<'q, 'a> {
    pub(super) certificate: &'q Facts<'a>,
    pub(super) issuer: &'q Facts<'a>,
    /// For the leaf: CRLs were given, so one has to be its issuer's
    pub(super) must_be_covered: bool,
    pub(super) policy: Policy,
    pub(super) at: OffsetDateTime,
}

impl Question<'_, '_> {
    /// Looks the certificate up; `None` where nothing speaks against it.
    ///
    /// One CRL that revokes outweighs all that do not, be it out of date; one that is good outweighs all
    /// that say nothing.
    pub(super) fn answer(
        &self,
        crls: &[CertificateRevocationList<'_>],
        budget: &mut Budget,
    ) -> Option<Rule> {
        let (mut good, mut fault) = (false, None);
        let of_issuer: Vec<_> = crls.iter().filter(|crl| self.is_of_issuer(crl)).collect();
        let about = of_issuer.iter().filter(|crl| self.is_within(crl));
        for crl in about {
            match self.status(crl, budget) {
                Ok(None) => good = true,
                Ok(Some(revoked)) => return Some(revoked),
                Err(found) => fault = Some(found),
            }
        }
        if good {
            return None;
        }
        let issuer = || name::display(self.issuer.view.parsed.subject().as_raw());
        let fault = fault.or_else(|| self.encoding(crls, budget));
        fault.or_else(|| match of_issuer.is_empty() {
            true if self.must_be_covered => Some(Rule::CrlMissing { issuer: issuer() }),
            true => None,
            false => Some(Rule::CrlOfOthers { issuer: issuer() }),
        })
    }

    /// That a CRL would be the issuer's, had its name the same octets.
    fn encoding(
        &self,
        crls: &[CertificateRevocationList<'_>],
        budget: &mut Budget,
    ) -> Option<Rule> {
        let wanted = self.issuer.view.parsed.subject().as_raw();
        let mut namesakes = crls.iter().filter(|crl| {
            let found = crl.issuer().as_raw();
            name::differs_in_encoding(found, wanted)
        });
        let namesake = namesakes.find(|crl| authentic(crl, self.issuer, budget).is_ok())?;
        Some(Rule::CrlEncoding {
            issuer: name::display(wanted),
            difference: name::difference(namesake.issuer().as_raw(), wanted),
        })
    }

    /// Whether the CRL is the issuer's, by name and key.
    fn is_of_issuer(&self, crl: &CertificateRevocationList<'_>) -> bool {
        let issuer = &self.issuer.view;
        let key =
            crl.extensions()
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
        crl.issuer().as_raw() == issuer.parsed.subject().as_raw() && same_key
    }

    /// Whether the CRL is for such certificates (RFC 5280 §6.3.3 (b)).
    fn is_within(&self, crl: &CertificateRevocationList<'_>) -> bool {
        distribution_point(crl).is_none_or(|point| is_within(point, self.certificate))
    }

    /// What one CRL says: nothing (an error), that the certificate is good, or that it is revoked.
    fn status(
        &self,
        crl: &CertificateRevocationList<'_>,
        budget: &mut Budget,
    ) -> Result<Option<Rule>, Rule> {
        authentic(crl, self.issuer, budget)?;
        understood(crl).map_err(Rule::Crl)?;
        let entry = crl
            .iter_revoked_certificates()
            .find(|entry| *entry.serial() == self.certificate.view.parsed.serial);
        if let Some(entry) = entry {
            let reason = entry
                .reason_code()
                .and_then(|(_, code)| reason_name(code.0));
            return Ok(Some(Rule::Revoked {
                on: entry.revocation_date.to_datetime(),
                reason,
            }));
        }
        current(crl, self.at).map_err(Rule::Crl)?;
        if self.policy != Policy::Openssl {
            numbered(crl).map_err(Rule::Crl)?;
        }
        if self.policy == Policy::Webpki {
            public(crl).map_err(Rule::Crl)?;
        }
        Ok(None)
    }
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
    let right_kind = if certificate.view.is_ca() {
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

fn authentic(
    crl: &CertificateRevocationList<'_>,
    issuer: &Facts<'_>,
    budget: &mut Budget,
) -> Result<(), Rule> {
    if issuer
        .view
        .key_usage()
        .is_some_and(|usage| !usage.crl_sign())
    {
        return Err(Rule::Crl(CrlFault::NotASigner));
    }
    budget.spend_signature()?;
    let checked = if algorithms_agree(crl.as_raw()) {
        signature::check(
            issuer.view.parsed.public_key(),
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

/// A complete CRL has a number, and it is not critical (RFC 5280 §5.2.3).
fn numbered(crl: &CertificateRevocationList<'_>) -> Result<(), CrlFault> {
    let mut extensions = crl.extensions().iter();
    let number = extensions.find(|found| found.oid == oids::OID_X509_EXT_CRL_NUMBER);
    match number.map(|found| (found.critical, found.parsed_extension())) {
        Some((false, ParsedExtension::CRLNumber(_))) => Ok(()),
        Some((true, _)) => Err(CrlFault::Unusable(String::from("its number is critical"))),
        Some(_) => Err(CrlFault::Unusable(String::from("its number is malformed"))),
        None => Err(CrlFault::Unusable(String::from("it has no number"))),
    }
}

/// What browsers ask besides (CA/B Forum BR §7.2.2): URIs alone, and each certificate once.
fn public(crl: &CertificateRevocationList<'_>) -> Result<(), CrlFault> {
    let point = distribution_point(crl).and_then(|point| point.distribution_point.as_ref());
    if let Some(DistributionPointName::FullName(names)) = point
        && names
            .iter()
            .any(|name| !matches!(name, GeneralName::URI(_)))
    {
        let why = "its distribution point is not a URI alone";
        return Err(CrlFault::Unusable(String::from(why)));
    }
    let mut seen = HashSet::new();
    let mut entries = crl.iter_revoked_certificates();
    match entries.all(|entry| seen.insert(entry.raw_serial())) {
        true => Ok(()),
        false => Err(CrlFault::Unusable(String::from(
            "it lists a certificate twice",
        ))),
    }
}
