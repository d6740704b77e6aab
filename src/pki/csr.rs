//! Certificate signing requests (PKCS#10, RFC 2986): written for our keys, read from anybody.
//!
//! Whoever asks decides about a key and its names, and about nothing else.

use x509_parser::{
    certification_request::X509CertificationRequestInfo,
    cri_attributes::ParsedCriAttribute,
    extensions::ParsedExtension,
    oid_registry as oids,
    prelude::{FromDer as _, X509CertificationRequest, X509Extension},
};

use rcgen::{CertificateParams, CustomExtension, DistinguishedName};

use super::{
    der::tag,
    draft::{self, LayoutError, exactly},
    extension::{KeyUsage, basic_constraints, extended_key_usage, key_usage},
    general_name::{GeneralName, MAX_NAMES, each_once},
    key::{KeyError, Signer},
    name::visible,
    octets::Name,
    pem::{self, PemError},
    profile::Profile,
    public_key::{PublicKey, PublicKeyError},
    recognize, san,
    signature::{self, SignatureError},
};

/// Labels that stand for a request; the second is older (RFC 7468 §7).
const LABELS: [&str; 2] = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];

/// Place of the subject in a `CertificationRequestInfo` (RFC 2986 §4.1).
const SUBJECT: usize = 1;

/// Writes the request of `key` as PEM, signed by it, for a subject, whose exact DER is given; rcgen lays it out.
///
/// # Errors
///
/// Where the key cannot sign, or a name is of a kind that nobody asks for.
pub fn write(
    key: &dyn Signer,
    subject: &[u8],
    names: &[GeneralName],
    profile: Profile,
) -> Result<String, RequestError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    let asked = |name: &GeneralName| {
        let other = || RequestError::Name(visible(&name.to_string()).into_owned());
        name.to_rcgen().ok_or_else(other)
    };
    params.subject_alt_names = names.iter().map(asked).collect::<Result<_, _>>()?;
    params.extended_key_usages = profile.purposes_asked();
    sign(key, subject, &params)
}

/// Writes the request of a CA for its certificate as PEM; how many CAs may follow below it is for its issuer to say.
///
/// # Errors
///
/// Where the key cannot sign.
pub fn write_authority(key: &dyn Signer, subject: &[u8]) -> Result<String, RequestError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    for extension in [
        basic_constraints(true, None),
        key_usage(&[KeyUsage::KeyCertSign, KeyUsage::CrlSign]),
    ] {
        let oid: Option<Vec<u64>> = extension.oid.iter().map(Iterator::collect);
        let mut asked =
            CustomExtension::from_oid_content(&oid.unwrap_or_default(), extension.value);
        asked.set_criticality(extension.critical);
        params.custom_extensions.push(asked);
    }
    sign(key, subject, &params)
}

fn sign(
    key: &dyn Signer,
    subject: &[u8],
    params: &CertificateParams,
) -> Result<String, RequestError> {
    let info = draft::lay_out(key.key_type(), key.public_key(), |draft| {
        params.serialize_request(draft)
    })?;
    let info = exactly(&info, &[(SUBJECT, subject)]);
    let request = draft::signed(&info, key)?;
    Ok(pem::encode(LABELS[0], &request))
}

/// Why no request was written.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The key failed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// rcgen refused.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A name that is neither a host, an address, a URI nor a mailbox.
    #[error("a request does not ask for {0}")]
    Name(String),
}

/// What is taken from a request, and what was asked for besides.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Csr {
    /// Its key, which has signed it
    pub public_key: PublicKey,
    /// Its subject alternative names, each once; they may be wrong, see [`Csr::checked_names`]
    pub names: Vec<GeneralName>,
    /// Exact DER of the subject that it asks for
    pub subject: Name,
    /// The last common name of its subject, for want of a better name of the entry
    pub common_name: Option<String>,
    /// The profile that has just the extended key usages asked for
    pub profile: Option<Profile>,
    /// What only a CA may be, if that is asked for
    pub authority: Vec<&'static str>,
}

/// Why a request is refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CsrError {
    /// The key is weak, or of no common kind.
    #[error(transparent)]
    Key(#[from] PublicKeyError),
    /// The DER does not hold together.
    #[error("the request is malformed: {0}")]
    Malformed(String),
    /// A name breaks the rules.
    #[error("the request asks for a name that is none: {0}")]
    Name(String),
    /// A name of a kind that is not taken from requests.
    #[error(
        "the request asks for the name {0}; only DNS, IP, URI and email are taken from a request"
    )]
    NameKind(String),
    /// The file holds none.
    #[error("there is no certificate request in it")]
    None,
    /// The file holds something else: what, with its article.
    #[error("there is no certificate request in it, but {0}")]
    Instead(String),
    /// The PEM does not hold together.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// The file holds more than one.
    #[error("there are {0} certificate requests in it")]
    Several(usize),
    /// No certificate has so many names.
    #[error("the request asks for {0} names; a certificate takes {MAX_NAMES} at most")]
    TooManyNames(usize),
    /// Its key has not signed it: whoever asks need not hold the key.
    #[error("the request does not prove that its sender has the key: {0}")]
    Signature(#[from] SignatureError),
}

impl Csr {
    /// Reads the one request of a file, PEM or DER, and checks key and signature.
    ///
    /// # Errors
    ///
    /// Where there is not just one, or it is refused; its names are not looked at.
    pub fn read(octets: &[u8]) -> Result<Self, CsrError> {
        if octets.first() == Some(&tag::SEQUENCE) {
            return Self::from_der(octets);
        }
        let blocks = pem::decode(octets)?;
        let requests: Vec<_> = blocks
            .iter()
            .filter(|block| LABELS.contains(&block.label.as_str()))
            .collect();
        match (&requests[..], &blocks[..]) {
            ([request], _) => Self::from_der(&request.contents),
            ([], []) => Err(instead(octets)),
            ([], [block, ..]) => Err(CsrError::Instead(format!("a {}", visible(&block.label)))),
            (several, _) => Err(CsrError::Several(several.len())),
        }
    }

    fn from_der(der: &[u8]) -> Result<Self, CsrError> {
        let request = match X509CertificationRequest::from_der(der) {
            Ok(([], request)) => request,
            Ok((rest, _)) => {
                let reason = format!("{} octets after its end", rest.len());
                return Err(CsrError::Malformed(reason));
            }
            Err(_) if recognize::foreign(der).is_some() => return Err(instead(der)),
            Err(error) => return Err(CsrError::Malformed(error.to_string())),
        };
        let info = &request.certification_request_info;
        let public_key = PublicKey::from_info(info.subject_pki.raw)?;
        signature::check(
            &info.subject_pki,
            &request.signature_algorithm,
            &request.signature_value,
            info.raw,
        )?;
        let extensions = extensions(info);
        let common_names = info.subject.iter_common_name();
        let common_name = common_names.last().and_then(|name| name.as_str().ok());
        Ok(Self {
            public_key,
            names: names(&extensions)?,
            subject: info.subject.as_raw().into(),
            common_name: common_name.map(str::to_owned),
            profile: profile(&extensions),
            authority: authority(&extensions),
        })
    }

    /// Its names, judged and brought into their usual form like those of the command line.
    ///
    /// # Errors
    ///
    /// Every name that is wrong or of another kind.
    pub fn checked_names(&self) -> Result<Vec<GeneralName>, Vec<CsrError>> {
        if self.names.len() > MAX_NAMES {
            return Err(vec![CsrError::TooManyNames(self.names.len())]);
        }
        let mut checked = Vec::new();
        let mut errors = Vec::new();
        for name in &self.names {
            match check_name(name) {
                Ok(name) => checked.push(name),
                Err(error) => errors.push(error),
            }
        }
        match errors.is_empty() {
            true => Ok(each_once(checked)),
            false => Err(errors),
        }
    }
}

fn instead(octets: &[u8]) -> CsrError {
    let found = recognize::foreign(octets);
    found.map_or(CsrError::None, |it| CsrError::Instead(it.name.to_owned()))
}

fn check_name(name: &GeneralName) -> Result<GeneralName, CsrError> {
    let typed = match name {
        GeneralName::Ip(_) => return Ok(name.clone()),
        GeneralName::Dns(text) => format!("DNS:{text}"),
        GeneralName::Email(text) => format!("email:{text}"),
        GeneralName::Uri(text) => format!("URI:{text}"),
        other => return Err(CsrError::NameKind(visible(&other.to_string()).into_owned())),
    };
    san::parse(&typed).map_err(|error| CsrError::Name(visible(&error.to_string()).into_owned()))
}

fn extensions<'a>(info: &'a X509CertificationRequestInfo<'a>) -> Vec<&'a X509Extension<'a>> {
    info.iter_attributes()
        .filter_map(|attribute| match attribute.parsed_attribute() {
            ParsedCriAttribute::ExtensionRequest(request) => Some(&request.extensions),
            _ => None,
        })
        .flatten()
        .collect()
}

fn names(extensions: &[&X509Extension<'_>]) -> Result<Vec<GeneralName>, CsrError> {
    let mut found = extensions
        .iter()
        .filter(|extension| extension.oid == oids::OID_X509_EXT_SUBJECT_ALT_NAME);
    let malformed = || CsrError::Malformed(String::from("its subject alternative names"));
    match (found.next(), found.next()) {
        (None, _) => Ok(Vec::new()),
        (Some(extension), None) => match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(names) => Ok(names
                .general_names
                .iter()
                .map(GeneralName::from_parsed)
                .collect()),
            _ => Err(malformed()),
        },
        (Some(_), Some(_)) => Err(malformed()),
    }
}

fn profile(extensions: &[&X509Extension<'_>]) -> Option<Profile> {
    let asked = extensions
        .iter()
        .find(|extension| extension.oid == oids::OID_X509_EXT_EXTENDED_KEY_USAGE)?;
    Profile::ALL
        .into_iter()
        .find(|profile| extended_key_usage(profile.purposes()).value == asked.value)
}

fn authority(extensions: &[&X509Extension<'_>]) -> Vec<&'static str> {
    let mut wishes = Vec::new();
    for extension in extensions {
        match extension.parsed_extension() {
            ParsedExtension::BasicConstraints(constraints) if constraints.ca => {
                wishes.push("CA:TRUE");
            }
            ParsedExtension::KeyUsage(usage) => {
                wishes.extend(usage.key_cert_sign().then_some("keyCertSign"));
                wishes.extend(usage.crl_sign().then_some("cRLSign"));
            }
            _ => {}
        }
    }
    wishes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::key::PrivateKey;
    use crate::pki::{
        der,
        extension::{Extension, subject_alternative_name},
        key::KeyType,
        name::distinguished_name,
        subject,
    };

    /// A request with whatever extensions, laid out by hand.
    fn laid_out(key: &PrivateKey, subject: &[u8], extensions: &[Extension]) -> String {
        let extensions: Vec<_> = extensions.iter().map(Extension::to_der).collect();
        let attribute = der::sequence(&[
            der::oid(&oids::OID_PKCS9_EXTENSION_REQUEST),
            der::set_of(&[der::sequence(&extensions)]),
        ]);
        let info = der::sequence(&[
            &der::integer(&[0])[..],
            subject,
            &key.public_key_info(),
            &der::constructed(tag::context_constructed(0), &[attribute]),
        ]);
        let signature = key.to_signing_key().and_then(|key| key.sign(&info));
        let request = der::sequence(&[
            info,
            key.key_type().signature_algorithm(),
            der::bit_string(&signature.expect("our own key")),
        ]);
        pem::encode(LABELS[0], &request)
    }

    fn request(extensions: &[Extension]) -> String {
        let key = PrivateKey::generate(KeyType::P256).expect("random source");
        let subject = distinguished_name(Some("node1"), None);
        laid_out(&key, &subject, extensions)
    }

    fn octets(pem: &str) -> Vec<u8> {
        pem::decode(pem.as_bytes()).expect("our own PEM")[0]
            .contents
            .to_vec()
    }

    #[test]
    fn own_requests_are_read_back() {
        let names = [
            GeneralName::Dns(String::from("node1")),
            GeneralName::Ip([10, 0, 0, 1].into()),
        ];
        let text = "CN=node1,OU=a+OU=b,OU=a,O=Acme";
        let subject = subject::parse(text, "").expect("a subject");
        for key_type in KeyType::QUICK {
            let key = PrivateKey::generate(key_type).expect("random source");
            let pem = write(
                &key.to_signing_key().expect("our own key"),
                &subject,
                &names,
                Profile::Client,
            )
            .expect("our own key");
            let expected = Csr {
                public_key: PublicKey::from(&key),
                names: names.to_vec(),
                subject: subject.clone(),
                common_name: Some(String::from("node1")),
                profile: Some(Profile::Client),
                authority: Vec::new(),
            };
            assert_eq!(
                Csr::read(pem.as_bytes()).as_ref(),
                Ok(&expected),
                "{key_type}"
            );
            assert_eq!(
                Csr::read(&octets(&pem)).as_ref(),
                Ok(&expected),
                "{key_type}"
            );
            assert_eq!(expected.checked_names(), Ok(names.to_vec()));
        }
    }

    #[test]
    fn what_only_a_ca_may_be_is_named() {
        let usage = key_usage(&[KeyUsage::DigitalSignature, KeyUsage::KeyCertSign]);
        for (extensions, expected) in [
            (vec![], vec![]),
            (vec![basic_constraints(false, None)], vec![]),
            (
                vec![basic_constraints(true, Some(0)), usage],
                vec!["CA:TRUE", "keyCertSign"],
            ),
        ] {
            let csr = Csr::read(request(&extensions).as_bytes()).expect("well formed");
            assert_eq!(csr.authority, expected);
        }
    }

    #[test]
    fn names_are_judged_like_those_of_the_command_line() {
        let dns = |name: &str| GeneralName::Dns(name.to_owned());
        for (names, expected) in [
            (vec![dns("Node1"), dns("node1")], Ok(vec![dns("node1")])),
            (
                vec![dns("a b"), GeneralName::RegisteredId(vec![0x2a, 3])],
                Err(vec![
                    "the request asks for a name that is none: `a b` is not a host name: \
                     only letters, digits, hyphens, underscores and dots are allowed",
                    "the request asks for the name RID:1.2.3; only DNS, IP, URI and email are \
                     taken from a request",
                ]),
            ),
            (
                vec![dns("\u{1b}[2J")],
                Err(vec![
                    "the request asks for a name that is none: `\\u{1b}[2J` is not a host name: \
                     only letters, digits, hyphens, underscores and dots are allowed",
                ]),
            ),
        ] {
            let pem = request(&[subject_alternative_name(&names)]);
            let csr = Csr::read(pem.as_bytes()).expect("well formed");
            let shown = |errors: Vec<CsrError>| errors.iter().map(ToString::to_string).collect();
            let found: Result<_, Vec<String>> = csr.checked_names().map_err(shown);
            assert_eq!(format!("{found:?}"), format!("{expected:?}"));
        }
    }

    #[test]
    fn what_is_refused() {
        let good = request(&[]);
        let mut forged = octets(&good);
        let key_octet = forged.len() / 2;
        forged[key_octet] ^= 1;
        let longer = [octets(&good), vec![0]].concat();
        let two = format!("{good}{good}");
        let twice = subject_alternative_name(&[GeneralName::Dns(String::from("a"))]);
        let twice = request(&[twice.clone(), twice]);
        let key = PrivateKey::generate(KeyType::P256).expect("random source");
        for (name, octets, expected) in [
            (
                "forged",
                &forged[..],
                "does not prove that its sender has the key",
            ),
            ("octets behind", &longer, "1 octets after its end"),
            (
                "two",
                two.as_bytes(),
                "there are 2 certificate requests in it",
            ),
            (
                "names twice",
                twice.as_bytes(),
                "malformed: its subject alternative names",
            ),
            (
                "a key",
                key.to_pem().as_bytes(),
                "request in it, but a PRIVATE KEY",
            ),
            (
                "a key's DER",
                key.pkcs8().expose(),
                "request in it, but a private key",
            ),
            ("nothing", b"", "request in it, but empty"),
            ("text", b"hello", "there is no certificate request in it"),
        ] {
            let error = Csr::read(octets).expect_err(name).to_string();
            assert!(error.contains(expected), "{name}: {error}");
        }
    }
}
