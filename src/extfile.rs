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
//! `email:copy`, `email:move` and `issuer:copy` have nothing to copy from, because no subject and no CA
//! made here has such names. `SXNetID`, `proxyCertInfo`, `issuerSignTool`, `issuingDistributionPoint`,
//! `acceptableResponses`, `ct_precert_poison` and the two of RFC 3779 are only taken as `ASN1:` or `DER:`.
//! Files of an included directory are read in the order of their names.

mod asn1;
mod asn1_keywords;
mod asn1_values;
mod config;
mod diagnostic;
mod directory_name;
mod distribution_points;
mod expand;
mod extensions;
mod general_names;
mod identifiers;
mod information_access;
mod line;
mod name_constraints;
mod objects;
mod policies;
mod reader;
mod request;
mod strings;
mod text;
mod usage;
mod values;

use x509_parser::{certificate::X509Certificate, extensions::ParsedExtension, oid_registry::Oid};

use self::{
    config::{Config, DEFAULT_SECTION},
    diagnostic::{Mistakes, all},
    extensions::{Asked, Value},
    request::Request,
    text::Text,
};
use crate::pki::{
    der,
    extension::{Extension, key_identifier},
};

pub use self::diagnostic::{Diagnostic, Diagnostics};

/// What an extfile may ask of the world around it.
pub trait Environment {
    /// The value of an environment variable.
    fn variable(&self, name: &str) -> Option<String>;

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
pub struct Issuer {
    /// DER of the Name of who issued the issuer's certificate
    pub issuer: Vec<u8>,
    /// Content octets of its serial number
    pub serial: Vec<u8>,
    /// Its subject key identifier
    pub key_identifier: Option<Vec<u8>>,
    /// Whether the issuer's certificate is the very one that is made
    pub self_signed: bool,
}

/// Takes the certificate for an issuer of others.
impl From<&X509Certificate<'_>> for Issuer {
    fn from(certificate: &X509Certificate<'_>) -> Self {
        let mut extensions = certificate.extensions().iter();
        let key_identifier = extensions.find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(identifier) => Some(identifier.0.to_vec()),
            _ => None,
        });
        Self {
            issuer: certificate.issuer().as_raw().to_vec(),
            serial: certificate.raw_serial().to_vec(),
            key_identifier,
            self_signed: false,
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
        issuer: &Issuer,
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
    extensions: Vec<Extension>,
    /// Index of the extension that is to hold the hash of the subject's key
    key_hash: Option<usize>,
    omitted: Vec<Oid<'static>>,
}

impl Requested {
    /// Keeps, of an extension that is asked for twice, the later one.
    fn new(asked: Vec<Asked>) -> Self {
        let mut kept: Vec<Asked> = Vec::with_capacity(asked.len());
        for asked in asked {
            kept.retain(|earlier| earlier.oid != asked.oid);
            kept.push(asked);
        }
        let mut requested = Self {
            extensions: Vec::with_capacity(kept.len()),
            key_hash: None,
            omitted: Vec::new(),
        };
        for Asked {
            oid,
            critical,
            value,
        } in kept
        {
            let value = match value {
                Value::Absent => {
                    requested.omitted.push(oid);
                    continue;
                }
                Value::Der(value) => value,
                Value::KeyHash => {
                    requested.key_hash = Some(requested.extensions.len());
                    Vec::new()
                }
            };
            requested.extensions.push(Extension {
                oid,
                critical,
                value,
            });
        }
        requested
    }

    /// The extensions for the subject with this key (the octets of its BIT STRING), in the file's order.
    #[must_use]
    pub fn extensions(&self, public_key: &[u8]) -> Vec<Extension> {
        let mut extensions = self.extensions.clone();
        if let Some(index) = self.key_hash {
            extensions[index].value = der::octet_string(&key_identifier(public_key));
        }
        extensions
    }

    /// The extensions that must be left out (`subjectKeyIdentifier = none`), whatever the default is.
    #[must_use]
    pub fn omitted(&self) -> &[Oid<'static>] {
        &self.omitted
    }
}
