//! Profiles: which extensions a root, an intermediate and each kind of leaf carries.

use std::{fmt, str::FromStr};

use x509_parser::{der_parser::oid, oid_registry::Oid};

use super::{
    extension::{self as ext, Extension, KeyUsage, PermittedSubtrees},
    general_name::GeneralName,
    public_key::PublicKey,
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

/// Extensions of a CA; `authority` is its issuer's key identifier, `None` for a root.
#[must_use]
pub fn ca_extensions(
    path_len: Option<u8>,
    permitted: &PermittedSubtrees,
    subject_key: &[u8],
    authority: Option<&[u8]>,
) -> Vec<Extension> {
    let mut extensions = vec![
        ext::basic_constraints(true, path_len),
        ext::key_usage(&[KeyUsage::KeyCertSign, KeyUsage::CrlSign]),
    ];
    if !permitted.is_empty() {
        extensions.push(permitted.to_extension());
    }
    extensions.push(ext::subject_key_identifier(subject_key));
    extensions.extend(authority.map(ext::authority_key_identifier));
    extensions
}

/// Extensions of a leaf, except those that an extfile speaks of.
#[must_use]
pub fn leaf_extensions(
    profile: Profile,
    key: &PublicKey,
    names: &[GeneralName],
    authority: &[u8],
) -> Vec<Extension> {
    vec![
        ext::basic_constraints(false, None),
        ext::key_usage(leaf_key_usage(profile, key)),
        ext::extended_key_usage(profile.purposes()),
        ext::subject_alternative_name(names),
        ext::subject_key_identifier(&key.identifier()),
        ext::authority_key_identifier(authority),
    ]
}

/// RSA key transport exists in TLS 1.2 and earlier, towards servers only (RFC 5246 §7.4.2).
fn leaf_key_usage(profile: Profile, key: &PublicKey) -> &'static [KeyUsage] {
    if key.is_rsa() && profile != Profile::Client {
        &[KeyUsage::DigitalSignature, KeyUsage::KeyEncipherment]
    } else {
        &[KeyUsage::DigitalSignature]
    }
}
