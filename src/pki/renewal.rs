//! Renewal: when it is time, and what a certificate takes over from its predecessor.

use std::str::FromStr;

use time::{Duration, OffsetDateTime};
use x509_parser::{
    asn1_rs::Oid, certificate::TbsCertificate, extensions::AuthorityKeyIdentifier,
    oid_registry as oids, prelude::FromDer as _,
};

mod mending;

use mending::{Named, mended};

use super::{
    certificate::CertificateError,
    der::{self, tag},
    duration,
    extension::{Extension, key_identifier, subject_key_identifier},
    general_name::GeneralName,
    issuer::Issuer,
    octets::{KeyId, Name, Spki},
    validity::Validity,
};

/// How much of its life a certificate has left when it is time to renew it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Margin {
    /// A third of its life, thirty days at most
    #[default]
    Usual,
    /// So long
    Fixed(Duration),
    /// So many hundredths of its life
    Percent(u8),
}

impl Margin {
    /// From when on a certificate is due.
    #[must_use]
    pub fn due_from(self, validity: Validity) -> OffsetDateTime {
        let margin = self.of(validity.not_after - validity.not_before);
        validity
            .not_after
            .checked_sub(margin)
            .unwrap_or(validity.not_before)
    }

    /// How much of a life is left then.
    #[must_use]
    pub fn of(self, life: Duration) -> Duration {
        match self {
            Self::Usual => Duration::min(life / 3, Duration::days(30)),
            Self::Fixed(margin) => margin,
            Self::Percent(percent) => life * i32::from(percent) / 100,
        }
    }
}

/// `30d`, `33%`.
impl FromStr for Margin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(percent) = text.strip_suffix('%') else {
            return duration::parse(text).map(Self::Fixed);
        };
        match percent.parse() {
            Ok(percent @ 0..=100) => Ok(Self::Percent(percent)),
            _ => Err(String::from(
                "write a whole number from 0 to 100 before the `%`",
            )),
        }
    }
}

/// A certificate that is to have a successor.
#[derive(Clone, Debug)]
pub struct Predecessor {
    /// Exact DER of its subject
    pub subject: Name,
    /// Its `SubjectPublicKeyInfo`
    pub public_key_info: Spki,
    /// When it is valid
    pub validity: Validity,
    issuer: Name,
    key_identifier: KeyId,
    extensions: Vec<Extension>,
}

impl Predecessor {
    /// Reads what was signed: the `TBSCertificate` that the ledger keeps.
    ///
    /// # Errors
    ///
    /// Where it is none.
    pub fn from_to_be_signed(octets: &[u8]) -> Result<Self, CertificateError> {
        let (_, parsed) = TbsCertificate::from_der(octets)
            .map_err(|error| CertificateError::Malformed(error.to_string()))?;
        Ok(Self {
            subject: parsed.subject.as_raw().into(),
            public_key_info: parsed.subject_pki.raw.into(),
            validity: Validity {
                not_before: parsed.validity.not_before.to_datetime(),
                not_after: parsed.validity.not_after.to_datetime(),
            },
            issuer: parsed.issuer.as_raw().into(),
            key_identifier: key_identifier(&parsed.subject_pki.subject_public_key.data),
            extensions: parsed
                .extensions()
                .iter()
                .map(Extension::from_parsed)
                .collect(),
        })
    }

    /// What names its key (RFC 5280 §4.2.1.2).
    #[must_use]
    pub fn key_identifier(&self) -> &[u8] {
        &self.key_identifier
    }

    /// How long its successor is to be valid from now on, where that one begins `backdate` earlier:
    /// the whole period keeps its length.
    #[must_use]
    pub fn lifetime(&self, backdate: Duration) -> Duration {
        self.validity.not_after - self.validity.not_before - backdate
    }

    /// Its extensions, in their order, with those that tell keys apart made anew, and without faults that nobody can
    /// have meant.
    ///
    /// `identifier` is that of the successor's key. An identifier that somebody chose stays as it is. Where the issuer
    /// is another, so is the place of its CRL (RFC 5280 §4.2.1.13).
    #[must_use]
    pub fn extensions(&self, identifier: &[u8], issuer: &Issuer) -> Vec<Extension> {
        let own = subject_key_identifier(&self.key_identifier);
        let renewed = |old: &Extension| {
            let value = if old.oid == oids::OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER {
                authority_key_identifier(&old.value, issuer)
            } else if old.oid == own.oid && old.value == own.value {
                subject_key_identifier(identifier).value
            } else {
                old.value.clone()
            };
            Extension {
                value,
                ..old.clone()
            }
        };
        let has_moved = self.issuer != issuer.subject;
        let crl = oids::OID_X509_EXT_CRL_DISTRIBUTION_POINTS;
        let kept = self.extensions.iter();
        let kept = kept.filter(|old| !has_moved || old.oid != crl);
        let named = Named {
            own: identifier,
            issuer: (self.issuer != self.subject).then_some(&*issuer.key_identifier),
        };
        mended(kept.map(renewed).collect(), &named)
    }

    /// Without any extension of this kind.
    #[must_use]
    pub fn without_any(mut self, oid: &Oid<'_>) -> Self {
        self.extensions.retain(|it| it.oid != *oid);
        self
    }

    /// Whether it names its issuer by a serial number, which a renewed issuer no longer has
    /// (RFC 5280 §4.2.1.1).
    #[must_use]
    pub fn names_issuer_serial(&self) -> bool {
        let mut extensions = self.extensions.iter();
        extensions
            .find(|found| found.oid == oids::OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER)
            .and_then(|found| AuthorityKeyIdentifier::from_der(&found.value).ok())
            .is_some_and(|(_, identifier)| identifier.authority_cert_serial.is_some())
    }
}

/// Fills the fields that `old` has for another issuer certificate (RFC 5280 §4.2.1.1).
fn authority_key_identifier(old: &[u8], issuer: &Issuer) -> Vec<u8> {
    let Ok((_, old)) = AuthorityKeyIdentifier::from_der(old) else {
        return super::extension::authority_key_identifier(&issuer.key_identifier).value;
    };
    let mut fields = Vec::new();
    if old.key_identifier.is_some() {
        fields.push(der::tlv(tag::context(0), &issuer.key_identifier));
    }
    if old.authority_cert_issuer.is_some() {
        let name = GeneralName::Directory(issuer.issuer.clone()).to_der();
        fields.push(der::constructed(tag::context_constructed(1), &[name]));
    }
    if old.authority_cert_serial.is_some() {
        let mut serial = der::integer(issuer.serial.as_bytes());
        serial[0] = tag::context(2);
        fields.push(serial);
    }
    der::sequence(&fields)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::pki::{
        certificate::Certificate,
        extension::{authority_key_identifier as by_key, basic_constraints},
        key::{KeyType, PrivateKey},
        name::distinguished_name,
        plan::{Contents, Extensions, Planned},
        serial::Serial,
    };

    const VALIDITY: Validity = Validity {
        not_before: datetime!(2030-01-01 00:00 UTC),
        not_after: datetime!(2030-12-27 00:00 UTC),
    };

    #[test]
    fn due() {
        let short = Validity {
            not_after: datetime!(2030-01-04 00:00 UTC),
            ..VALIDITY
        };
        for (margin, validity, expected) in [
            (Margin::Usual, VALIDITY, datetime!(2030-11-27 00:00 UTC)),
            (Margin::Usual, short, datetime!(2030-01-03 00:00 UTC)),
            (
                Margin::Percent(50),
                VALIDITY,
                datetime!(2030-06-30 00:00 UTC),
            ),
            (Margin::Percent(0), VALIDITY, VALIDITY.not_after),
            (
                Margin::Fixed(Duration::days(1)),
                VALIDITY,
                datetime!(2030-12-26 00:00 UTC),
            ),
            (Margin::Fixed(Duration::MAX), VALIDITY, VALIDITY.not_before),
        ] {
            assert_eq!(margin.due_from(validity), expected, "{margin:?}");
        }
    }

    fn issuer(serial: u8, identifier: &[u8]) -> Issuer {
        Issuer {
            subject: distinguished_name(Some("issuing"), None),
            key_identifier: identifier.into(),
            issuer: distinguished_name(Some("root"), None),
            serial: Serial::from_integer(&[serial]),
            validity: VALIDITY,
            key_type: KeyType::P256,
            path_len: None,
        }
    }

    fn predecessor(key: &PrivateKey, extensions: Vec<Extension>) -> Predecessor {
        let contents = Contents {
            serial: Serial::from_integer(&[1]),
            subject: distinguished_name(Some("node1"), None),
            validity: VALIDITY,
            public_key_info: key.public_key_info(),
            extensions: Extensions::Exact(extensions),
        };
        let planned = Planned::new(contents, &issuer(7, &[1])).expect("it can be laid out");
        let predecessor = Predecessor::from_to_be_signed(planned.to_be_signed());
        assert!(Certificate::from_der(planned.unsigned()).is_ok());
        predecessor.expect("our own plan")
    }

    #[test]
    fn extensions_stay_but_for_the_keys_that_they_name() {
        let key = PrivateKey::generate(KeyType::P256).expect("random source");
        let identifier = key_identifier(key.public_key());
        let new = issuer(0x80, &[9, 9]);
        let serial_form = |serial: &[u8], keys: &[u8]| {
            let name = GeneralName::Directory(new.issuer.clone()).to_der();
            let mut value = by_key(keys);
            value.value = der::sequence(&[
                der::tlv(tag::context(0), keys),
                der::constructed(tag::context_constructed(1), &[name]),
                der::tlv(tag::context(2), serial),
            ]);
            value
        };
        let constraints = basic_constraints(false, None);
        let chosen = subject_key_identifier(&[1, 2, 3]);
        for (name, old, expected) in [
            ("unrelated", constraints.clone(), constraints),
            (
                "own key",
                subject_key_identifier(&identifier),
                subject_key_identifier(&[5]),
            ),
            ("chosen", chosen.clone(), chosen),
            ("issuer's key", by_key(&[1]), by_key(&[9, 9])),
            (
                "issuer's key and serial",
                serial_form(&[7], &[1]),
                serial_form(&[0, 0x80], &[9, 9]),
            ),
        ] {
            let by_serial = name.contains("serial");
            let predecessor = predecessor(&key, vec![old]);
            assert_eq!(predecessor.extensions(&[5], &new)[0], expected, "{name}");
            assert_eq!(predecessor.names_issuer_serial(), by_serial, "{name}");
        }
    }

    #[test]
    fn the_period_keeps_its_length() {
        let key = PrivateKey::generate(KeyType::P256).expect("random source");
        let found = predecessor(&key, Vec::new()).lifetime(Duration::minutes(5));
        assert_eq!(found, Duration::days(360) - Duration::minutes(5));
    }
}
