//! Certificates for the rules' examples: made by the book, then bent in one place.

/// What examples are made of.
pub(super) mod prelude {
    pub(in super::super) use time::Duration;
    pub(in super::super) use x509_parser::{der_parser::oid, oid_registry as oids};

    pub(in super::super) use super::{Case, NOW, Sample, bad, good};
    pub(in super::super) use crate::pki::{
        der::{self, tag},
        extension::{Extension, KeyUsage, extended_key_usage, key_usage, subject_alternative_name},
        general_name::GeneralName as Name,
        key::KeyType,
        name::distinguished_name,
    };
}

use time::{OffsetDateTime, macros::datetime};
use x509_parser::oid_registry::Oid;

use super::{Moment, Role};
use crate::pki::{
    der::{self, tag},
    extension::{Extension, PermittedSubtrees},
    general_name::GeneralName,
    key::KeyType,
    name::distinguished_name,
    octets::{Name, Spki},
    plan::Extensions,
    profile::{Profile, ca_extensions, leaf_extensions},
    public_key::PublicKey,
};

/// The middle of every sample's life.
pub(super) const NOW: OffsetDateTime = datetime!(2030-06-01 00:00 UTC);

/// What the examples are judged by.
pub(super) fn moment() -> Moment {
    let within = crate::pki::renewal::Margin::Usual;
    Moment { now: NOW, within }
}

/// A certificate that breaks a rule, or does not.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) sample: Sample,
    pub(super) bad: bool,
}

pub(super) fn good(name: &'static str, sample: Sample) -> Case {
    let bad = false;
    Case { name, sample, bad }
}

pub(super) fn bad(name: &'static str, sample: Sample) -> Case {
    let bad = true;
    Case { name, sample, bad }
}

/// The parts of a certificate, each as its DER; its signature is empty.
pub(super) struct Sample {
    pub(super) role: Role,
    /// The number in the version field: 2 for version 3; the field is left out for 0
    pub(super) version: u8,
    /// Content octets of the INTEGER
    pub(super) serial: Vec<u8>,
    pub(super) algorithm: Vec<u8>,
    pub(super) outer_algorithm: Vec<u8>,
    pub(super) issuer: Name,
    pub(super) not_before: Vec<u8>,
    pub(super) not_after: Vec<u8>,
    pub(super) subject: Name,
    pub(super) public_key_info: Spki,
    pub(super) extensions: Vec<Extension>,
}

const SUBJECT_KEY: [u8; 20] = [1; 20];
const AUTHORITY_KEY: [u8; 20] = [2; 20];

impl Sample {
    fn new(role: Role, issuer: &str, subject: &str, extensions: &Extensions) -> Self {
        let extensions = extensions
            .to_list(&AUTHORITY_KEY)
            .expect("they can be laid out");
        let algorithm = KeyType::P256.signature_algorithm();
        Self {
            role,
            version: 2,
            serial: vec![0x40; 16],
            outer_algorithm: algorithm.clone(),
            algorithm,
            issuer: distinguished_name(Some(issuer), None),
            not_before: der::time(datetime!(2030-01-01 00:00 UTC)),
            not_after: der::time(datetime!(2031-01-01 00:00 UTC)),
            subject: distinguished_name(Some(subject), None),
            public_key_info: KeyType::P256.public_key_info(&[4; 65]),
            extensions,
        }
    }

    pub(super) fn root() -> Self {
        let extensions = ca_extensions(None, &PermittedSubtrees::default(), &SUBJECT_KEY, true);
        Self::new(Role::Authority, "root", "root", &extensions)
    }

    pub(super) fn authority() -> Self {
        let permitted = PermittedSubtrees {
            dns: vec![String::from("test")],
            ip: Vec::new(),
        };
        let extensions = ca_extensions(Some(0), &permitted, &SUBJECT_KEY, false);
        Self::new(Role::Authority, "root", "issuing", &extensions)
    }

    pub(super) fn leaf() -> Self {
        Self::leaf_for(&[GeneralName::Dns(String::from("node1"))])
    }

    pub(super) fn leaf_for(names: &[GeneralName]) -> Self {
        let key = PublicKey::from_info(&KeyType::P256.public_key_info(&[4; 65]));
        let key = key.expect("it has the form of a key");
        let extensions = leaf_extensions(Profile::Node, &key, names);
        Self::new(Role::Leaf, "issuing", "node1", &extensions)
    }

    /// A leaf for these DNS names, whatever they are.
    pub(super) fn leaf_for_dns(names: &[&str]) -> Self {
        let names: Vec<_> = names
            .iter()
            .map(|name| GeneralName::Dns((*name).to_owned()))
            .collect();
        Self::leaf_for(&names)
    }

    pub(super) fn until(self, end: OffsetDateTime) -> Self {
        Self {
            not_after: der::time(end),
            ..self
        }
    }

    pub(super) fn without(mut self, oid: &Oid<'_>) -> Self {
        self.extensions.retain(|extension| extension.oid != *oid);
        self
    }

    /// Puts `extension` in the place of the one of its kind, or at the end.
    pub(super) fn with(self, extension: Extension) -> Self {
        let mut changed = self.without(&extension.oid);
        changed.extensions.push(extension);
        changed
    }

    /// The extension of this kind.
    pub(super) fn extension(&self, oid: &Oid<'_>) -> Extension {
        let mut extensions = self.extensions.iter();
        let found = extensions.find(|found| found.oid == *oid);
        found.expect("the sample has it").clone()
    }

    /// Turns the mark of an extension around.
    pub(super) fn with_criticality_of(mut self, oid: &Oid<'_>, critical: bool) -> Self {
        for extension in &mut self.extensions {
            if extension.oid == *oid {
                extension.critical = critical;
            }
        }
        self
    }

    pub(super) fn der(&self) -> Vec<u8> {
        let version = der::constructed(
            tag::context_constructed(0),
            &[der::integer(&[self.version])],
        );
        let extensions: Vec<_> = self.extensions.iter().map(Extension::to_der).collect();
        let extensions = der::sequence(&extensions);
        let extensions = der::constructed(tag::context_constructed(3), &[extensions]);
        let optional = |part: Vec<u8>, present| if present { part } else { Vec::new() };
        let tbs = der::sequence(&[
            &optional(version, self.version > 0)[..],
            &der::tlv(tag::INTEGER, &self.serial),
            &self.algorithm,
            &self.issuer,
            &der::sequence(&[&self.not_before, &self.not_after]),
            &self.subject,
            &self.public_key_info,
            &optional(extensions, !self.extensions.is_empty()),
        ]);
        der::sequence(&[&tbs[..], &self.outer_algorithm, &der::bit_string(&[])])
    }
}
