//! Extfiles: what `openssl x509 -extfile` of OpenSSL 3 reads, read the same way.
//!
//! A file is parsed once, a section of it is turned into a [`Requested`] once per issuer, and that yields
//! the extensions of one certificate after the other. The extensions equal those that OpenSSL writes, octet
//! by octet and in the same order. Where the file is wrong, all mistakes are reported at once.
//!
//! # Differences from OpenSSL
//!
//! Nothing is written that OpenSSL would not write, but some files that it takes are refused.
//!
//! What it skips without a word is a mistake here: files to include that are missing, text behind the `]`
//! of a section, unknown pragmas, unknown words in the section of a distribution point, anything but
//! `always` behind `keyid:` and `issuer:`, anything but `;` behind `permitted` and `excluded`, an empty
//! name, a NUL octet.
//!
//! What it writes although RFC 5280 forbids it, or DER has another form for it, is a mistake, too:
//! host names, mailboxes and URIs that are none; leading zeros in an address; `pathlen` without `CA:TRUE`;
//! negative counts; `critical` where an extension must not be; `BMP:` texts of a policy, texts of more than
//! 200 characters, a notice with only half of its reference; characters that a string type lacks; times
//! without seconds; `DER:` octets that are not one value; OIDs with empty arcs.
//!
//! Of a list's words, OpenSSL 3.0 keeps the blank behind one of a single letter; here it goes as all others.
//! `contentCommitment` is known here, as in later versions.
//!
//! For a leaf, `CA:TRUE`, `keyCertSign`, `cRLSign`, the CA bits of `nsCertType` and `nameConstraints` are
//! refused, in whatever form they are written.
//!
//! `email:copy`, `email:move` and `issuer:copy` are refused, because no subject made here has mailboxes:
//! the names are to be written out. `SXNetID`, `proxyCertInfo`, `issuerSignTool`, `acceptableResponses`,
//! `issuingDistributionPoint`, `ct_precert_poison` and the two of RFC 3779 take only `ASN1:` and `DER:`.
//! Files of an included directory are read in the order of their names.

mod asn1;
mod asn1_keywords;
mod asn1_values;
mod config;
mod directory_name;
mod distribution_points;
mod expand;
mod extensions;
mod general_names;
mod identifiers;
mod information_access;
mod line;
mod mistakes;
mod name_constraints;
mod objects;
mod policies;
mod raw;
mod reader;
mod request;
mod strings;
mod subject;
mod text;
mod usage;
mod values;

use std::collections::HashSet;

use x509_parser::{
    asn1_rs::Any,
    certificate::X509Certificate,
    extensions::{ParsedExtension, SubjectAlternativeName},
    oid_registry::{OID_X509_EXT_SUBJECT_ALT_NAME, OID_X509_EXT_SUBJECT_KEY_IDENTIFIER, Oid},
    prelude::FromDer as _,
};

use self::{
    config::{Config, DEFAULT_SECTION},
    extensions::Asked,
    identifiers::Value,
    mistakes::{Mistakes, all},
    request::Request,
    text::Text,
};
use crate::{
    diagnostic::Diagnostics,
    pki::{
        der,
        extension::{Extension, key_identifier},
        general_name::GeneralName,
        octets::{KeyId, Name},
        serial::Serial,
    },
};

pub use self::subject::Wish;

/// What an extfile may ask of the world around it.
pub trait Environment {
    /// The value of an environment variable.
    fn variable(&self, name: &str) -> Option<String>;

    /// Where relative includes lie (`OPENSSL_CONF_INCLUDE`): it is read unasked.
    fn include_directory(&self) -> Option<String> {
        self.variable("OPENSSL_CONF_INCLUDE")
    }

    /// What `.include` names: a path as it is written, relative to the working directory.
    ///
    /// # Errors
    ///
    /// The reason why it can't be read, as words that follow a colon.
    fn include(&self, path: &str) -> Result<Included, String>;
}

/// What `.include` found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Included {
    /// The content of a file
    File(Vec<u8>),
    /// Path and content of each `.cnf` and `.conf` file of a directory
    Directory(Vec<(String, Vec<u8>)>),
}

/// What the certificate is to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// A CA's
    Authority,
    /// Anything but a CA's
    Leaf,
}

/// What `authorityKeyIdentifier` may name: the issuer's certificate.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct IssuerCertificate {
    /// DER of the Name of who issued the issuer's certificate
    pub issuer: Name,
    /// Content octets of its serial number
    pub serial: Vec<u8>,
    /// Its subject key identifier
    pub key_identifier: Option<KeyId>,
}

/// What differs from certificate to certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Subject<'a> {
    /// DER of its Name
    pub name: &'a [u8],
    /// The octets of its key's BIT STRING
    pub public_key: &'a [u8],
    /// Its serial number
    pub serial: &'a Serial,
}

/// Takes the certificate for an issuer of others.
impl From<&X509Certificate<'_>> for IssuerCertificate {
    fn from(certificate: &X509Certificate<'_>) -> Self {
        let mut extensions = certificate.extensions().iter();
        let key_identifier = extensions.find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(identifier) => Some(identifier.0.into()),
            _ => None,
        });
        Self {
            issuer: certificate.issuer().as_raw().into(),
            serial: certificate.raw_serial().to_vec(),
            key_identifier,
        }
    }
}

/// An extfile with all that it includes.
#[derive(Debug)]
pub struct Extfile {
    config: Config,
}

impl Extfile {
    /// Reads an extfile; `name` is what diagnostics call it.
    #[must_use]
    pub fn parse(name: &str, octets: &[u8], environment: &dyn Environment) -> Self {
        let config = reader::read(name, octets, environment);
        Self { config }
    }

    /// Reads the extensions that a section asks for.
    ///
    /// Without a section it is the one that `extensions` in the default section names, else the default
    /// section itself.
    ///
    /// # Errors
    ///
    /// All that is wrong in the whole file's grammar and in the section's extensions.
    pub fn request(
        &self,
        section: Option<&str>,
        issuer: Option<&IssuerCertificate>,
        role: Role,
    ) -> Result<Requested, Diagnostics> {
        let request = Request::new(&self.config, issuer, role);
        let mut mistakes = self.config.mistakes.clone();
        match self.asked(section, &request) {
            Ok(asked) if mistakes.is_empty() => return Ok(Requested::new(asked)),
            Ok(_) => {}
            Err(more) => mistakes.add(more),
        }
        Err(mistakes.diagnostics(&self.config.files))
    }

    /// The subject that it asks for, of which extensions know nothing.
    #[must_use]
    pub fn subject(&self) -> Option<Wish> {
        subject::wish(&self.config)
    }

    fn asked(&self, section: Option<&str>, request: &Request<'_>) -> Result<Vec<Asked>, Mistakes> {
        let given = section.map(Text::from_outside);
        let default = Text::from_outside(DEFAULT_SECTION);
        let section = match &given {
            Some(given) => given.as_word(),
            None => match self.config.variable(DEFAULT_SECTION, "extensions") {
                Some(text) => text?.as_word(),
                None => default.as_word(),
            },
        };
        let items = request.section(section)?;
        all(items
            .iter()
            .map(|item| extensions::extension(request, item)))
    }
}

/// The extensions that a section of an extfile asks for, ready for any number of certificates.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Requested {
    asked: Vec<Asked>,
    omitted: Vec<Oid<'static>>,
}

impl Requested {
    /// Keeps, of an extension that is asked for twice, the later one.
    fn new(mut asked: Vec<Asked>) -> Self {
        let mut seen = HashSet::new();
        asked.reverse();
        asked.retain(|extension| seen.insert(extension.oid.clone()));
        asked.reverse();
        let omitted = asked.extract_if(.., |extension| extension.value == Value::Absent);
        let omitted = omitted.map(|extension| extension.oid).collect();
        Self { asked, omitted }
    }

    /// Whether the section asks for nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.asked.is_empty() && self.omitted.is_empty()
    }

    /// The extensions of one certificate, in the file's order.
    #[must_use]
    pub fn extensions(&self, subject: &Subject<'_>) -> Vec<Extension> {
        let extension = |asked: &Asked| Extension {
            oid: asked.oid.clone(),
            critical: asked.critical,
            value: match &asked.value {
                Value::Absent => Vec::new(),
                Value::Der(value) => value.clone(),
                Value::Itself(parts) => {
                    let key = self.key_identifier(subject);
                    parts.write(&key, subject.name, &subject.serial.content())
                }
                Value::KeyHash => der::octet_string(&key_identifier(subject.public_key)),
            },
        };
        self.asked.iter().map(extension).collect()
    }

    /// The subject key identifier: what the file says, or the hash.
    fn key_identifier(&self, subject: &Subject<'_>) -> KeyId {
        let own = self.asked.iter().find_map(|asked| match &asked.value {
            Value::Der(value) if asked.oid == OID_X509_EXT_SUBJECT_KEY_IDENTIFIER => {
                let (_, identifier) = Any::from_der(value).ok()?;
                Some(identifier.data.into())
            }
            _ => None,
        });
        own.unwrap_or_else(|| key_identifier(subject.public_key))
    }

    /// The subject alternative names that it asks for; none where their octets are no names.
    #[must_use]
    pub fn names(&self) -> Vec<GeneralName> {
        let mut values = self.asked.iter().filter_map(|asked| match &asked.value {
            Value::Der(value) if asked.oid == OID_X509_EXT_SUBJECT_ALT_NAME => Some(value),
            _ => None,
        });
        let parsed = values
            .next()
            .map(|value| SubjectAlternativeName::from_der(value));
        let Some(Ok((_, parsed))) = parsed else {
            return Vec::new();
        };
        let names = parsed.general_names.iter();
        names.map(GeneralName::from_parsed).collect()
    }

    /// Whether an extension is asked for.
    #[must_use]
    pub fn includes(&self, oid: &Oid<'_>) -> bool {
        self.asked.iter().any(|asked| asked.oid == *oid)
    }

    /// The extensions that must be left out (`subjectKeyIdentifier = none`), whatever the default is.
    #[must_use]
    pub fn omitted(&self) -> &[Oid<'static>] {
        &self.omitted
    }
}
