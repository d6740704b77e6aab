//! Certificate revocation lists that were read: their exact DER, and what is looked up in it.

use time::OffsetDateTime;
use x509_parser::{
    extensions::{ParsedExtension, X509Extension},
    num_bigint::BigUint,
    oid_registry as oids,
    prelude::{CertificateRevocationList, FromDer as _},
    revocation_list::RevokedCertificate,
};

use super::{
    certificate::{Certificate, parse_fault},
    der::tag,
    name,
    pem::{self, PemError},
    revocation::Revocation,
    serial::Serial,
    signature,
    signed_value::{algorithms_agree, is_signed_value},
};

/// Label of a CRL's PEM block (RFC 7468 §6).
pub const LABEL: &str = "X509 CRL";

/// A CRL that parses; nothing is promised about its signature.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RevocationList {
    der: Vec<u8>,
    terms: Terms,
}

/// What a CRL says besides its list, which may be long.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Terms {
    this_update: OffsetDateTime,
    next_update: Option<OffsetDateTime>,
    number: Option<Number>,
}

/// The number of a CRL, where it has one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Number {
    /// Up to 2^63
    Counted(u64),
    /// Beyond, which nobody reaches who counts
    Beyond,
}

impl Terms {
    fn of(list: &CertificateRevocationList<'_>) -> Self {
        let number = |number: &BigUint| match u64::try_from(number) {
            Ok(number) if i64::try_from(number).is_ok() => Number::Counted(number),
            _ => Number::Beyond,
        };
        Self {
            this_update: list.last_update().to_datetime(),
            next_update: list.next_update().map(|end| end.to_datetime()),
            number: list.crl_number().map(number),
        }
    }
}

/// Why octets are no CRL.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RevocationListError {
    /// The DER does not hold together.
    #[error("not a CRL: {0}")]
    Malformed(String),
    /// PEM, but no CRL in it.
    #[error("no CRL in it")]
    None,
    /// The PEM does not hold together.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// Octets follow the CRL.
    #[error("{0} octets after the end of the CRL")]
    TrailingData(usize),
}

impl RevocationList {
    /// Takes the DER of one CRL (RFC 5280 §5.1).
    ///
    /// # Errors
    ///
    /// Where it does not parse, or more octets follow it.
    pub fn from_der(der: Vec<u8>) -> Result<Self, RevocationListError> {
        let terms = match CertificateRevocationList::from_der(&der) {
            Ok(([], _)) if !is_signed_value(&der) => Err(RevocationListError::Malformed(
                String::from("not three parts"),
            )),
            Ok(([], list)) => Ok(Terms::of(&list)),
            Ok((rest, _)) => Err(RevocationListError::TrailingData(rest.len())),
            Err(error) => Err(RevocationListError::Malformed(parse_fault(&error))),
        }?;
        Ok(Self { der, terms })
    }

    /// Reads a file: one CRL as DER, or all that stand in PEM text.
    ///
    /// # Errors
    ///
    /// Where there is none, or one is broken.
    pub fn read(octets: &[u8]) -> Result<Vec<Self>, RevocationListError> {
        if octets.first() == Some(&tag::SEQUENCE) {
            return Ok(vec![Self::from_der(octets.to_vec())?]);
        }
        let lists = pem::decode(octets)?
            .into_iter()
            .filter(|block| block.label == LABEL)
            .map(|block| Self::from_der(block.contents.to_vec()))
            .collect::<Result<Vec<_>, _>>()?;
        if lists.is_empty() {
            return Err(RevocationListError::None);
        }
        Ok(lists)
    }

    /// The exact octets.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// When it was made.
    #[must_use]
    pub fn this_update(&self) -> OffsetDateTime {
        self.terms.this_update
    }

    /// When the next one is due at the latest; RFC 5280 §5.1.2.5 demands it, others leave it out.
    #[must_use]
    pub fn next_update(&self) -> Option<OffsetDateTime> {
        self.terms.next_update
    }

    /// Its number (RFC 5280 §5.2.3): none where it has none, or one beyond 2^63, which nobody reaches who counts.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        match self.terms.number {
            Some(Number::Counted(number)) => Some(number),
            _ => None,
        }
    }

    /// Whether its number is one that nobody here can count on from.
    #[must_use]
    pub fn is_beyond_counting(&self) -> bool {
        self.terms.number == Some(Number::Beyond)
    }

    /// What it lists.
    #[must_use]
    pub fn revocations(&self) -> Vec<Revocation> {
        let parsed = self.parsed();
        let revocation = |entry: &RevokedCertificate<'_>| Revocation {
            serial: Serial::from_integer(entry.raw_serial()),
            at: entry.revocation_date.to_datetime(),
            reason: (entry.reason_code())
                .and_then(|(_, code)| reason_name(code.0)?.parse().ok())
                .unwrap_or_default(),
        };
        parsed.iter_revoked_certificates().map(revocation).collect()
    }

    /// Whether this CA has signed it, as far as its key tells (RFC 5280 §6.3.3 (f), (g)).
    #[must_use]
    pub fn is_signed_by(&self, issuer: &Certificate) -> bool {
        self.parsed().issuer().as_raw() == issuer.parsed().subject().as_raw()
            && self.has_key_of(issuer)
    }

    /// Whether this CA has signed it, and writes its name in other octets there.
    #[must_use]
    pub fn differs_in_encoding(&self, issuer: &Certificate) -> bool {
        let (list, parsed) = (self.parsed(), issuer.parsed());
        name::differs_in_encoding(list.issuer().as_raw(), parsed.subject().as_raw())
            && self.has_key_of(issuer)
    }

    fn has_key_of(&self, issuer: &Certificate) -> bool {
        let (list, parsed) = (self.parsed(), issuer.parsed());
        algorithms_agree(list.as_raw())
            && signature::check(
                parsed.public_key(),
                &list.signature_algorithm,
                &list.signature_value,
                list.tbs_cert_list.as_ref(),
            )
            .is_ok()
    }

    /// Whether it lists what its issuer has revoked for whatever reason, and nothing else: it is neither a
    /// delta CRL nor an indirect one, nor one for some reasons only (RFC 5280 §5.2.4, §5.2.5).
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let parsed = self.parsed();
        let is_partial = |extension: &X509Extension<'_>| match extension.parsed_extension() {
            ParsedExtension::IssuingDistributionPoint(point) => {
                point.indirect_crl || point.only_some_reasons.is_some()
            }
            _ => extension.oid == oids::OID_X509_EXT_DELTA_CRL_INDICATOR,
        };
        !parsed.extensions().iter().any(is_partial)
    }

    /// The parsed view.
    ///
    /// # Panics
    ///
    /// Never: `from_der` has parsed the same octets.
    #[must_use]
    pub fn parsed(&self) -> CertificateRevocationList<'_> {
        let (_, parsed) =
            CertificateRevocationList::from_der(&self.der).expect("parsed when it was made");
        parsed
    }
}

/// What RFC 5280 §5.3.1 calls a reason; `None` for 7 and beyond 10, which it leaves out.
#[must_use]
pub fn reason_name(code: u8) -> Option<&'static str> {
    Some(match code {
        0 => "unspecified",
        1 => "keyCompromise",
        2 => "cACompromise",
        3 => "affiliationChanged",
        4 => "superseded",
        5 => "cessationOfOperation",
        6 => "certificateHold",
        8 => "removeFromCRL",
        9 => "privilegeWithdrawn",
        10 => "aACompromise",
        _ => return None,
    })
}
