//! From a request to a certificate: [`Planned`] → [`Recorded`] → signed. A plan is complete; only what is on record is
//! signed, and nothing twice.

use rcgen::{
    CertificateParams, CrlDistributionPoint, CustomExtension, DistinguishedName, KeyIdMethod,
};
use x509_parser::{
    certificate::TbsCertificate, extensions::SubjectAlternativeName, oid_registry as oids,
    prelude::FromDer as _,
};

use super::{
    certificate::{Certificate, CertificateError},
    der::{self, tag},
    draft::{self, LayoutError, exactly},
    extension::{Extension, crl_distribution_point, subject_alternative_name},
    general_name::GeneralName,
    issuer::Issuer,
    key::{KeyError, KeyType, Signer},
    octets::{Name, Spki, Tbs},
    serial::Serial,
    signature::{self, SignatureError},
    validity::Validity,
};

/// Everything that a certificate will say, but for the issuer.
#[derive(Clone, Debug)]
pub struct Contents {
    /// Unique for the issuer
    pub serial: Serial,
    /// Exact DER of the subject
    pub subject: Name,
    /// When it is valid
    pub validity: Validity,
    /// `SubjectPublicKeyInfo`
    pub public_key_info: Spki,
    /// What it says besides
    pub extensions: Extensions,
}

/// The extensions of a certificate.
#[derive(Clone, Debug)]
pub enum Extensions {
    /// What a profile demands: rcgen writes them
    Profile(Box<CertificateParams>, Vec<GeneralName>),
    /// Just these, in this order: those of an extfile, or of the certificate that is renewed
    Exact(Vec<Extension>),
}

impl Extensions {
    /// Those that rcgen takes, with these names.
    pub(super) fn of_profile(mut params: CertificateParams, names: Vec<GeneralName>) -> Self {
        match names.iter().map(GeneralName::to_rcgen).collect() {
            Some(names) => params.subject_alt_names = names,
            None => {
                let value = subject_alternative_name(&names).value;
                let names = CustomExtension::from_oid_content(&SUBJECT_ALT_NAME, value);
                params.custom_extensions.push(names);
            }
        }
        Self::Profile(Box::new(params), names)
    }

    /// Says where the CRL of the issuer is served (RFC 5280 §4.2.1.13), unless that is said already.
    pub fn add_crl_url(&mut self, url: &str) {
        let oid = oids::OID_X509_EXT_CRL_DISTRIBUTION_POINTS;
        match self {
            Self::Profile(params, _) => {
                let uris = vec![url.to_owned()];
                params.crl_distribution_points = vec![CrlDistributionPoint { uris }];
            }
            Self::Exact(extensions) if extensions.iter().any(|found| found.oid == oid) => {}
            Self::Exact(extensions) => extensions.push(crl_distribution_point(url)),
        }
    }

    /// One by one, as they are written; `issuer_key` identifies the issuer's key.
    ///
    /// # Errors
    ///
    /// Where rcgen refuses.
    pub fn to_list(&self, issuer_key: &[u8]) -> Result<Vec<Extension>, LayoutError> {
        let params = match self {
            Self::Exact(extensions) => return Ok(extensions.clone()),
            Self::Profile(params, _) => params,
        };
        let tbs = lay_out(params, issuer_key, KeyType::P256)?;
        let parsed = TbsCertificate::from_der(&tbs);
        let (_, parsed) = parsed.map_err(|_| rcgen::Error::CouldNotParseCertificate)?;
        let extensions = parsed.extensions().iter();
        Ok(extensions.map(Extension::from_parsed).collect())
    }

    fn names(&self) -> Vec<GeneralName> {
        match self {
            Self::Profile(_, names) => names.clone(),
            Self::Exact(extensions) => names(extensions),
        }
    }
}

/// id-ce-subjectAltName
const SUBJECT_ALT_NAME: [u64; 4] = [2, 5, 29, 17];

/// A certificate that only lacks its signature.
#[derive(Debug)]
pub struct Planned {
    serial: Serial,
    validity: Validity,
    issuer_key: KeyType,
    names: Vec<GeneralName>,
    tbs: Tbs,
}

/// Places of elements in a `TBSCertificate` (RFC 5280 §4.1)
mod place {
    pub(super) const ISSUER: usize = 3;
    pub(super) const SUBJECT: usize = 5;
    pub(super) const PUBLIC_KEY: usize = 6;
    pub(super) const EXTENSIONS: usize = 7;
}

impl Planned {
    /// Lays out the `TBSCertificate` (RFC 5280 §4.1), version 3.
    ///
    /// A subject alternative name becomes critical where the subject is empty (§4.2.1.6).
    ///
    /// # Errors
    ///
    /// Where rcgen refuses.
    pub fn new(contents: Contents, issuer: &Issuer) -> Result<Self, LayoutError> {
        let names = contents.extensions.names();
        let mut exact = vec![
            (place::ISSUER, &*issuer.subject),
            (place::SUBJECT, &contents.subject),
            (place::PUBLIC_KEY, &contents.public_key_info),
        ];
        let is_anonymous = *contents.subject == EMPTY_NAME;
        let extensions;
        let mut params = match contents.extensions {
            Extensions::Profile(params, _) => *params,
            Extensions::Exact(list) => {
                extensions = written(list, is_anonymous);
                exact.push((place::EXTENSIONS, &extensions));
                CertificateParams::default()
            }
        };
        if is_anonymous {
            // Else rcgen's default stands for the subject, whose exact octets take its place.
            params.distinguished_name = DistinguishedName::new();
            for names in &mut params.custom_extensions {
                names.set_criticality(true);
            }
        }
        params.serial_number = Some(contents.serial.as_bytes().to_vec().into());
        params.not_before = contents.validity.not_before;
        params.not_after = contents.validity.not_after;
        let laid_out = lay_out(&params, &issuer.key_identifier, issuer.key_type)?;
        Ok(Self {
            tbs: exactly(&laid_out, &exact).into(),
            serial: contents.serial,
            validity: contents.validity,
            issuer_key: issuer.key_type,
            names,
        })
    }

    /// Its serial number.
    #[must_use]
    pub fn serial(&self) -> &Serial {
        &self.serial
    }

    /// When it will be valid.
    #[must_use]
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// Its subject alternative names, in their order.
    #[must_use]
    pub fn names(&self) -> &[GeneralName] {
        &self.names
    }

    /// The octets that will be signed: what the ledger records beforehand.
    #[must_use]
    pub fn to_be_signed(&self) -> &[u8] {
        &self.tbs
    }

    /// The plan as a certificate whose signature is empty, for checks before anything is signed.
    #[must_use]
    pub fn unsigned(&self) -> Vec<u8> {
        draft::assemble(&self.tbs, self.issuer_key, &[])
    }

    /// Has `record` write down what will be signed: only then it can be.
    ///
    /// # Errors
    ///
    /// That of `record`.
    pub fn recorded<E>(self, record: impl FnOnce() -> Result<(), E>) -> Result<Recorded, E> {
        record()?;
        Ok(Recorded(self))
    }
}

/// A plan that is on record, and can be signed once.
#[derive(Debug)]
pub struct Recorded(Planned);

impl Recorded {
    /// Has `record` write down several plans at once.
    ///
    /// # Errors
    ///
    /// That of `record`.
    pub fn all<E>(
        plans: Vec<Planned>,
        record: impl FnOnce() -> Result<(), E>,
    ) -> Result<Vec<Self>, E> {
        record()?;
        Ok(plans.into_iter().map(Self).collect())
    }

    /// Its serial number.
    #[must_use]
    pub fn serial(&self) -> &Serial {
        &self.0.serial
    }

    /// Signs the plan.
    ///
    /// # Errors
    ///
    /// Where the key fails, or is of another type than the issuer's certificate says.
    pub fn sign(self, key: &dyn Signer) -> Result<Certificate, SignError> {
        let Self(planned) = self;
        if key.key_type() != planned.issuer_key {
            return Err(SignError::WrongKey {
                expected: planned.issuer_key,
                found: key.key_type(),
            });
        }
        Ok(Certificate::from_der(draft::signed(&planned.tbs, key)?)?)
    }
}

/// An empty SEQUENCE OF
const EMPTY_NAME: [u8; 2] = [tag::SEQUENCE, 0];

/// The element of a `TBSCertificate` that holds just these extensions.
fn written(mut extensions: Vec<Extension>, is_anonymous: bool) -> Vec<u8> {
    for extension in &mut extensions {
        let is_name = extension.oid == oids::OID_X509_EXT_SUBJECT_ALT_NAME;
        extension.critical |= is_anonymous && is_name;
    }
    let extensions: Vec<_> = extensions.iter().map(Extension::to_der).collect();
    der::constructed(tag::context_constructed(3), &[der::sequence(&extensions)])
}

/// Has rcgen lay out a certificate whose issuer's key has this identifier.
fn lay_out(
    params: &CertificateParams,
    issuer_key: &[u8],
    key_type: KeyType,
) -> Result<Vec<u8>, LayoutError> {
    let mut issuer = CertificateParams::default();
    issuer.key_identifier_method = KeyIdMethod::PreSpecified(issuer_key.to_vec());
    draft::lay_out(key_type, &[], |draft| {
        params.signed_by(draft, &rcgen::Issuer::from_params(&issuer, draft))
    })
}

/// Names of the subject alternative name extension; none where it does not parse, which checks tell.
fn names(extensions: &[Extension]) -> Vec<GeneralName> {
    let found = extensions
        .iter()
        .find(|found| found.oid == oids::OID_X509_EXT_SUBJECT_ALT_NAME);
    let parsed = found.and_then(|found| SubjectAlternativeName::from_der(&found.value).ok());
    let names = parsed
        .map(|(_, names)| names.general_names)
        .unwrap_or_default();
    names.iter().map(GeneralName::from_parsed).collect()
}

/// Why a plan was not signed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignError {
    /// The key failed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// What was signed does not parse.
    #[error("what was signed is {0}")]
    Result(#[from] CertificateError),
    /// The key is not the issuer's.
    #[error("the issuer's certificate has a {expected} key, the key file holds {found}")]
    WrongKey {
        /// Type in the certificate
        expected: KeyType,
        /// Type of the key
        found: KeyType,
    },
}

/// Checks a signature with the issuer's public key, as a verifier would.
#[must_use]
pub fn signature_holds(certificate: &Certificate, issuer: &Certificate) -> bool {
    check_signature(certificate, issuer).is_ok()
}

/// The same, and why not.
///
/// # Errors
///
/// Where it does not hold, or its algorithm or the key is refused.
pub fn check_signature(
    certificate: &Certificate,
    issuer: &Certificate,
) -> Result<(), SignatureError> {
    let (certificate, issuer) = (certificate.parsed(), issuer.parsed());
    signature::check(
        issuer.public_key(),
        &certificate.signature_algorithm,
        &certificate.signature_value,
        certificate.tbs_certificate.as_ref(),
    )
}
