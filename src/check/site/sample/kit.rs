//! Certificates with real signatures: a chain, and others that do not belong to it.

use std::convert::Infallible;

use std::sync::LazyLock;

use time::{Duration, OffsetDateTime, macros::datetime};

use super::NOW;
use crate::pki::{
    certificate::Certificate,
    extension::PermittedSubtrees,
    general_name::GeneralName,
    issuer::Issuer,
    key::{KeyType, PrivateKey},
    name::distinguished_name,
    plan::{Contents, Extensions, Planned},
    profile::{Profile, ca_extensions, leaf_extensions},
    public_key::PublicKey,
    revocation::{self, Reason, Revocation},
    revocation_list::RevocationList,
    serial::Serial,
    validity::Validity,
};

/// A certificate with its key.
pub(in crate::check) struct Made {
    pub(in crate::check) certificate: Certificate,
    pub(in crate::check) key: PrivateKey,
}

/// Root, intermediate and leaf, and others that do not belong to them.
pub(in crate::check) struct Kit {
    pub(in crate::check) root: Made,
    pub(in crate::check) issuing: Made,
    /// Beside it while it is rotated
    pub(in crate::check) next_issuing: Made,
    pub(in crate::check) leaf: Made,
    /// For a client only
    pub(in crate::check) client: Made,
    /// For a server only
    pub(in crate::check) server: Made,
    /// Another root of the same name
    pub(in crate::check) impostor: Made,
    /// Signed by `issuing`, and valid for longer than it
    pub(in crate::check) long_lived: Made,
    /// The root before its renewal
    pub(in crate::check) first_root: Certificate,
    /// `issuing` before its renewal
    pub(in crate::check) first_issuing: Certificate,
    /// Another root, whose time is over
    pub(in crate::check) old_root: Made,
    /// What another root has signed for the key of the root
    pub(in crate::check) cross: Made,
    /// What another root has signed for the key of one of its name
    pub(in crate::check) stray_cross: Made,
}

pub(in crate::check) static KIT: LazyLock<Kit> = LazyLock::new(|| {
    let year = |year| {
        datetime!(2030-01-01 00:00 UTC)
            .replace_year(year)
            .expect("a year")
    };
    let root = authority_of("root", None, year(2040));
    let issuing = authority_of("issuing", Some(&root), year(2035));
    let impostor = authority_of("root", None, year(2040));
    let old_root = authority_of("old", None, NOW - Duration::DAY);
    Kit {
        next_issuing: authority_of("issuing", Some(&root), year(2035)),
        leaf: leaf_of(&issuing, Profile::Node, year(2031)),
        client: leaf_of(&issuing, Profile::Client, year(2031)),
        server: leaf_of(&issuing, Profile::Server, year(2031)),
        long_lived: leaf_of(&issuing, Profile::Node, year(2036)),
        first_root: authority_certificate(&root.key, "root", None, year(2035)),
        cross: cross_of(&root, &old_root),
        stray_cross: cross_of(&impostor, &old_root),
        impostor,
        old_root,
        first_issuing: authority_certificate(&issuing.key, "issuing", Some(&root), year(2032)),
        root,
        issuing,
    }
});

impl Made {
    /// Makes a CRL for 30 days.
    pub(super) fn revoke(&self, serials: &[Serial], this_update: OffsetDateTime) -> RevocationList {
        let of = |serial: &Serial| Revocation {
            serial: serial.clone(),
            at: this_update,
            reason: Reason::default(),
        };
        let contents = revocation::Contents {
            number: 1,
            this_update,
            next_update: this_update + Duration::days(30),
            revoked: serials.iter().map(of).collect(),
        };
        let issuer = Issuer::from_certificate(&self.certificate).expect("a CA");
        let key = self.key.to_signing_key().expect("our own key");
        let list = contents.sign(&issuer, &key).expect("signs");
        RevocationList::from_der(list).expect("our own DER")
    }
}

fn authority_of(name: &str, parent: Option<&Made>, not_after: OffsetDateTime) -> Made {
    let key = PrivateKey::generate(KeyType::P256).expect("random source");
    let certificate = authority_certificate(&key, name, parent, not_after);
    Made { certificate, key }
}

/// What one CA has signed for the key of another, which is called `root`; a key of its own it has none.
fn cross_of(of: &Made, by: &Made) -> Made {
    let certificate = authority_certificate(&of.key, "root", Some(by), NOW + Duration::DAY);
    let key = PrivateKey::generate(KeyType::P256).expect("random source");
    Made { certificate, key }
}

fn authority_certificate(
    key: &PrivateKey,
    name: &str,
    parent: Option<&Made>,
    not_after: OffsetDateTime,
) -> Certificate {
    make(key, name, parent, not_after, |key| {
        let permitted = PermittedSubtrees::default();
        ca_extensions(None, &permitted, &key.identifier(), parent.is_none())
    })
}

fn leaf_of(parent: &Made, profile: Profile, not_after: OffsetDateTime) -> Made {
    let names = [GeneralName::Dns(String::from("node1"))];
    let key = PrivateKey::generate(KeyType::P256).expect("random source");
    let certificate = make(&key, "node1", Some(parent), not_after, |key| {
        leaf_extensions(profile, key, &names)
    });
    Made { certificate, key }
}

fn make<F>(
    key: &PrivateKey,
    name: &str,
    parent: Option<&Made>,
    not_after: OffsetDateTime,
    extensions: F,
) -> Certificate
where
    F: FnOnce(&PublicKey) -> Extensions,
{
    let public_key = PublicKey::from(key);
    let subject = distinguished_name(Some(name), None);
    let serial = Serial::generate().expect("random source");
    let validity = Validity {
        not_before: NOW - Duration::days(100),
        not_after,
    };
    let issuer = match parent {
        Some(parent) => Issuer::from_certificate(&parent.certificate).expect("a CA"),
        None => Issuer::of_itself(
            &subject,
            public_key.identifier(),
            &serial,
            validity,
            KeyType::P256,
        ),
    };
    let contents = Contents {
        serial,
        subject,
        validity,
        extensions: extensions(&public_key),
        public_key_info: public_key.info().clone(),
    };
    let signer = parent.map_or(key, |parent| &parent.key).to_signing_key();
    let planned = Planned::new(contents, &issuer).expect("it can be laid out");
    let recorded = planned
        .recorded(|| Ok::<_, Infallible>(()))
        .expect("no ledger");
    let certificate = recorded.sign(&signer.expect("our own key"));
    certificate.expect("signs")
}
