//! Certificates and CRLs that may be wrong in any way, at fixed times.

use std::sync::LazyLock;

use certctl::pki::{
    certificate::Certificate,
    der::{self, tag},
    extension::{self as ext, Extension, KeyUsage},
    general_name::GeneralName,
    key::{KeyType, PrivateKey, Signer as _},
    name::distinguished_name,
    octets::{KeyId, Name, Spki},
    profile::Profile,
    revocation_list::RevocationList,
    san,
};
use time::{OffsetDateTime, macros::datetime};
use x509_parser::oid_registry::Oid;

/// When everything is verified, unless a case says otherwise.
pub const NOW: OffsetDateTime = datetime!(2030-01-01 00:00 UTC);
pub const BEFORE: OffsetDateTime = datetime!(2029-01-01 00:00 UTC);
pub const AFTER: OffsetDateTime = datetime!(2031-01-01 00:00 UTC);

/// Keys by role; a role's key is the same in all certificates.
pub static ROOT: LazyLock<PrivateKey> = LazyLock::new(|| generate(KeyType::P256));
pub static OTHER: LazyLock<PrivateKey> = LazyLock::new(|| generate(KeyType::P256));
pub static ISSUING: LazyLock<PrivateKey> = LazyLock::new(|| generate(KeyType::P256));
pub static LEAF: LazyLock<PrivateKey> = LazyLock::new(|| generate(KeyType::P256));

pub fn generate(key_type: KeyType) -> PrivateKey {
    PrivateKey::generate(key_type).expect("the random source works")
}

/// A certificate before it is signed; every part can be changed.
#[derive(Clone)]
pub struct Template {
    /// `Version` as it is written: 2 is version 3; `None` writes no version, which is version 1
    pub version: Option<u8>,
    /// Content of the INTEGER
    pub serial: Vec<u8>,
    pub issuer: Name,
    pub subject: Name,
    pub not_before: OffsetDateTime,
    pub not_after: OffsetDateTime,
    /// `SubjectPublicKeyInfo`
    pub public_key: Spki,
    pub extensions: Vec<Extension>,
    /// `AlgorithmIdentifier` inside, where it is not the signer's
    pub algorithm_inside: Option<Vec<u8>>,
    /// `AlgorithmIdentifier` outside, where it is not the signer's
    pub algorithm: Option<Vec<u8>>,
}

pub fn name(common_name: &str) -> Name {
    distinguished_name(Some(common_name), None)
}

pub fn key_id(key: &PrivateKey) -> KeyId {
    ext::key_identifier(key.public_key())
}

/// A CA as `certctl` makes it; a root where `issuer` is `subject`.
pub fn ca(subject: &str, key: &PrivateKey, issuer: &str, issuer_key: &PrivateKey) -> Template {
    let mut extensions = vec![
        ext::basic_constraints(true, None),
        ext::key_usage(&[KeyUsage::KeyCertSign, KeyUsage::CrlSign]),
        ext::subject_key_identifier(&key_id(key)),
    ];
    if subject != issuer {
        extensions.push(ext::authority_key_identifier(&key_id(issuer_key)));
    }
    Template {
        version: Some(2),
        serial: vec![0x4d; 16],
        issuer: name(issuer),
        subject: name(subject),
        not_before: BEFORE,
        not_after: AFTER,
        public_key: key.public_key_info(),
        extensions,
        algorithm_inside: None,
        algorithm: None,
    }
}

/// The root `root`.
pub fn root() -> Template {
    ca("root", &ROOT, "root", &ROOT)
}

/// The intermediate `issuing` below `root`.
pub fn issuing() -> Template {
    ca("issuing", &ISSUING, "root", &ROOT)
}

/// The node `node1` below an issuer, for both purposes.
pub fn leaf(issuer: &str, issuer_key: &PrivateKey) -> Template {
    let mut template = ca("node1", &LEAF, issuer, issuer_key);
    template.extensions = vec![
        ext::basic_constraints(false, None),
        ext::key_usage(&[KeyUsage::DigitalSignature]),
        ext::extended_key_usage(Profile::Node.purposes()),
        sans(&["DNS:node1.db.test", "IP:10.0.0.1"]),
        ext::subject_key_identifier(&key_id(&LEAF)),
        ext::authority_key_identifier(&key_id(issuer_key)),
    ];
    template
}

pub fn sans(names: &[&str]) -> Extension {
    let names: Vec<_> = names
        .iter()
        .map(|name| san::parse(name).expect("a name"))
        .collect();
    ext::subject_alternative_name(&names)
}

/// `NameConstraints` with these `GeneralName`s (as complete DER) as bases; critical.
pub fn name_constraints(permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Extension {
    let parts: Vec<_> = [(0, permitted), (1, excluded)]
        .into_iter()
        .filter(|(_, bases)| !bases.is_empty())
        .map(|(number, bases)| {
            let subtrees: Vec<_> = bases.iter().map(|base| der::sequence(&[base])).collect();
            der::constructed(tag::context_constructed(number), &subtrees)
        })
        .collect();
    let oid = x509_parser::oid_registry::OID_X509_EXT_NAME_CONSTRAINTS;
    Extension::new(oid, der::sequence(&parts)).critical()
}

pub fn dns(base: &str) -> Vec<u8> {
    GeneralName::Dns(base.into()).to_der()
}

/// An address and a mask, as a constraint has them.
pub fn network(octets: &[u8]) -> Vec<u8> {
    der::tlv(tag::context(7), octets)
}

impl Template {
    /// Adds an extension, in the place of one of the same kind.
    pub fn with(mut self, extension: Extension) -> Self {
        match self
            .extensions
            .iter_mut()
            .find(|found| found.oid == extension.oid)
        {
            Some(found) => *found = extension,
            None => self.extensions.push(extension),
        }
        self
    }

    pub fn without(mut self, oid: &Oid<'_>) -> Self {
        self.extensions.retain(|extension| extension.oid != *oid);
        self
    }

    /// Makes any other change.
    pub fn but(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Signs with a key's own algorithm.
    pub fn sign(&self, signer: &PrivateKey) -> Certificate {
        let key = signer.to_signing_key().expect("our own key");
        let algorithm = signer.key_type().signature_algorithm();
        self.sign_by(&algorithm, |tbs| key.sign(tbs).expect("signs"))
    }

    /// Signs with whatever there is.
    pub fn sign_by(&self, algorithm: &[u8], sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Certificate {
        let tbs = self.to_be_signed(algorithm);
        let outside = self.algorithm.as_deref().unwrap_or(algorithm);
        let signature = der::bit_string(&sign(&tbs));
        let whole = der::sequence(&[&tbs[..], outside, &signature]);
        Certificate::from_der(whole).expect("wrong, but a certificate")
    }

    fn to_be_signed(&self, algorithm: &[u8]) -> Vec<u8> {
        let version = self.version.map_or_else(Vec::new, |version| {
            der::constructed(tag::context_constructed(0), &[der::integer(&[version])])
        });
        let extensions: Vec<_> = self.extensions.iter().map(Extension::to_der).collect();
        let extensions = if extensions.is_empty() {
            Vec::new()
        } else {
            der::constructed(tag::context_constructed(3), &[der::sequence(&extensions)])
        };
        let validity = der::sequence(&[der::time(self.not_before), der::time(self.not_after)]);
        der::sequence(&[
            &version[..],
            &der::tlv(tag::INTEGER, &self.serial),
            self.algorithm_inside.as_deref().unwrap_or(algorithm),
            &self.issuer,
            &validity,
            &self.subject,
            &self.public_key,
            &extensions,
        ])
    }
}

/// A CRL before it is signed.
#[derive(Clone)]
pub struct CrlTemplate {
    pub issuer: Name,
    pub this_update: OffsetDateTime,
    pub next_update: Option<OffsetDateTime>,
    /// Contents of the serial numbers
    pub revoked: Vec<Vec<u8>>,
    pub extensions: Vec<Extension>,
}

/// An empty CRL of a CA, valid around `NOW`.
pub fn crl(issuer: &str, key: &PrivateKey) -> CrlTemplate {
    let number = x509_parser::oid_registry::OID_X509_EXT_CRL_NUMBER;
    CrlTemplate {
        issuer: name(issuer),
        this_update: BEFORE,
        next_update: Some(AFTER),
        revoked: Vec::new(),
        extensions: vec![
            ext::authority_key_identifier(&key_id(key)),
            Extension::new(number, der::integer(&[1])),
        ],
    }
}

impl CrlTemplate {
    pub fn but(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub fn sign(&self, signer: &PrivateKey) -> RevocationList {
        let algorithm = signer.key_type().signature_algorithm();
        let entries: Vec<_> = self.revoked.iter().map(|serial| entry(serial)).collect();
        let entries = if entries.is_empty() {
            Vec::new()
        } else {
            der::sequence(&entries)
        };
        let extensions: Vec<_> = self.extensions.iter().map(Extension::to_der).collect();
        let extensions = der::sequence(&extensions);
        let tbs = der::sequence(&[
            &der::integer(&[1])[..],
            &algorithm,
            &self.issuer,
            &der::time(self.this_update),
            &self.next_update.map_or_else(Vec::new, der::time),
            &entries,
            &der::constructed(tag::context_constructed(0), &[extensions]),
        ]);
        let key = signer.to_signing_key().expect("our own key");
        let signature = der::bit_string(&key.sign(&tbs).expect("signs"));
        let whole = der::sequence(&[&tbs[..], &algorithm, &signature]);
        RevocationList::from_der(whole).expect("wrong, but a CRL")
    }
}

/// An entry with the reason keyCompromise.
fn entry(serial: &[u8]) -> Vec<u8> {
    let oid = x509_parser::oid_registry::OID_X509_EXT_REASON_CODE;
    let reason = Extension::new(oid, der::tlv(tag::ENUMERATED, &[1]));
    der::sequence(&[
        der::tlv(tag::INTEGER, serial),
        der::time(BEFORE),
        der::sequence(&[reason.to_der()]),
    ])
}
