//! Profiles: which extensions a root, an intermediate and each kind of leaf carries.

use std::{fmt, str::FromStr};

use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyIdMethod,
    KeyUsagePurpose,
};
use x509_parser::{der_parser::oid, oid_registry::Oid};

use super::{
    certificate::Certificate, extension::PermittedSubtrees, general_name::GeneralName,
    plan::Extensions, public_key::PublicKey,
};

/// What a leaf is for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Profile {
    /// Dials its peers and answers them: both purposes
    #[default]
    Node,
    /// Answers clients
    Server,
    /// Dials servers
    Client,
}

impl Profile {
    /// All of them, in the order in which help lists them.
    pub const ALL: [Self; 3] = [Self::Node, Self::Server, Self::Client];

    /// The word on the command line, in JSON and in the ledger.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Server => "server",
            Self::Client => "client",
        }
    }

    /// Its extended key usages (RFC 5280 §4.2.1.12).
    #[must_use]
    pub fn purposes(self) -> &'static [Oid<'static>] {
        /// id-kp-serverAuth, id-kp-clientAuth
        static BOTH: [Oid<'static>; 2] = [oid!(1.3.6.1.5.5.7.3.1), oid!(1.3.6.1.5.5.7.3.2)];
        match self {
            Self::Node => &BOTH,
            Self::Server => &BOTH[..1],
            Self::Client => &BOTH[1..],
        }
    }
}

impl Profile {
    /// The one that comes closest to the extended key usages of a certificate.
    #[must_use]
    pub fn nearest(certificate: &Certificate) -> Self {
        let parsed = certificate.parsed();
        match parsed.extended_key_usage() {
            Ok(Some(usage)) if usage.value.server_auth && !usage.value.client_auth => Self::Server,
            Ok(Some(usage)) if usage.value.client_auth && !usage.value.server_auth => Self::Client,
            _ => Self::Node,
        }
    }

    /// Its extended key usages, as rcgen takes them.
    pub(super) fn purposes_asked(self) -> Vec<ExtendedKeyUsagePurpose> {
        use ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
        match self {
            Self::Node => vec![ServerAuth, ClientAuth],
            Self::Server => vec![ServerAuth],
            Self::Client => vec![ClientAuth],
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The word is no profile's name.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("unknown profile `{0}`")]
pub struct UnknownProfile(String);

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(text: &str) -> Result<Self, UnknownProfile> {
        let found = Self::ALL.into_iter().find(|profile| profile.name() == text);
        found.ok_or_else(|| UnknownProfile(text.to_owned()))
    }
}

/// Extensions of a CA; a root names no issuer's key.
#[must_use]
pub fn ca_extensions(
    path_len: Option<u8>,
    permitted: &PermittedSubtrees,
    subject_key: &[u8],
    is_root: bool,
) -> Extensions {
    let mut params = of_key(subject_key);
    params.is_ca = IsCa::Ca(match path_len {
        Some(length) => BasicConstraints::Constrained(length),
        None => BasicConstraints::Unconstrained,
    });
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = (!permitted.is_empty()).then(|| permitted.to_rcgen());
    params.use_authority_key_identifier_extension = !is_root;
    Extensions::of_profile(params, Vec::new())
}

/// Extensions of a leaf, except those that an extfile speaks of.
#[must_use]
pub fn leaf_extensions(profile: Profile, key: &PublicKey, names: &[GeneralName]) -> Extensions {
    let mut params = of_key(&key.identifier());
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = leaf_key_usage(profile, key);
    params.extended_key_usages = profile.purposes_asked();
    params.use_authority_key_identifier_extension = true;
    Extensions::of_profile(params, names.to_vec())
}

fn of_key(subject_key: &[u8]) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.key_identifier_method = KeyIdMethod::PreSpecified(subject_key.to_vec());
    params
}

/// RSA key transport exists in TLS 1.2 and earlier, towards servers only (RFC 5246 §7.4.2).
fn leaf_key_usage(profile: Profile, key: &PublicKey) -> Vec<KeyUsagePurpose> {
    let mut uses = vec![KeyUsagePurpose::DigitalSignature];
    if key.is_rsa() && profile != Profile::Client {
        uses.push(KeyUsagePurpose::KeyEncipherment);
    }
    uses
}
