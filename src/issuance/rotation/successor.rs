//! The next CA of a line: its own key, and whatever else its predecessor's certificate says.

use std::{slice, sync::Arc};

use time::{Duration, OffsetDateTime};
use x509_parser::{
    oid_registry::OID_X509_EXT_SUBJECT_KEY_IDENTIFIER, prelude::FromDer as _, x509::X509Name,
};

use crate::{
    issuance::{
        IssueError, SigningAuthority,
        authority::Made,
        check_plan, constraining,
        defaults::BACKDATE,
        own_key::{Keeping, OwnKey},
    },
    pki::{
        entry_name::EntryName,
        extension::{crl_distribution_point, key_identifier},
        issuer::Issuer,
        key::{KeyType, Signer},
        name::{MAX_ATTRIBUTE_LENGTH, with_common_name},
        octets::Name,
        plan::{Contents, Extensions, Planned, SignError, signature_holds},
        renewal::Predecessor,
        rules::Role,
        serial::Serial,
        validity::{Lifetime, Validity},
    },
    store::{
        authority::Authority,
        ledger::{Origin, Record, Status},
        transaction::Transaction,
    },
};

/// What a successor is to be like, where that is not what its predecessor is like.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Type of its key
    pub key_type: Option<KeyType>,
    /// How long it is valid
    pub lifetime: Option<Lifetime>,
    /// How far its beginning lies before now
    pub backdate: Duration,
    /// Its common name
    pub common_name: Option<String>,
}

impl Terms {
    /// Nothing is to be different.
    #[must_use]
    pub fn as_before() -> Self {
        Self {
            key_type: None,
            lifetime: None,
            backdate: BACKDATE,
            common_name: None,
        }
    }
}

/// Whose successor is made, and how.
pub(super) struct Wanted<'a> {
    /// The CA that makes way
    pub(super) old: &'a Record,
    /// Name of the successor
    pub(super) name: &'a EntryName,
    pub(super) terms: &'a Terms,
    /// The CA above the successor; `None` for a root
    pub(super) parent: Option<&'a SigningAuthority>,
    /// Where its key is kept
    pub(super) keeping: Keeping<'a>,
    /// Where its CRL will be served
    pub(super) crl_url: Option<String>,
}

/// Makes the successor of a CA: a root whose bundle holds the old one too, or below its parent.
pub(super) fn make(
    transaction: &mut Transaction<'_>,
    wanted: &Wanted<'_>,
    now: OffsetDateTime,
) -> Result<Made, IssueError> {
    let &Wanted {
        old,
        name,
        terms,
        parent,
        ..
    } = wanted;
    let key_type = match terms.key_type {
        Some(key_type) => key_type,
        None => old.key_type.parse()?,
    };
    let key = OwnKey::new(key_type, wanted.keeping)?;
    let planned = plan(old, &*key.signer, terms, parent, now)?;
    let above = parent.map(|parent| constraining(&parent.authority));
    let above = above.unwrap_or_default();
    check_plan(name.as_str(), &planned, Role::Authority, &above, now)?;
    let record = Record {
        issuer: parent.map(|parent| parent.authority.name.clone()),
        serial: planned.serial().clone(),
        name: name.clone(),
        validity: planned.validity(),
        key_type: key.signer.key_type().to_string(),
        origin: Origin::Issued,
        status: Status::Current,
        to_be_signed: planned.to_be_signed().into(),
        ..old.clone()
    };
    let recorded = planned.recorded(|| transaction.record(slice::from_ref(&record)))?;
    let certificate = recorded.sign(&**parent.map_or(&key.signer, |parent| &parent.key))?;
    let issuer = parent.map_or(&certificate, |parent| &parent.authority.certificate);
    if !signature_holds(&certificate, issuer) {
        return Err(IssueError::Signature(name.to_string()));
    }
    let chain =
        parent.map(|above| [slice::from_ref(&certificate), &above.authority.behind()].concat());
    let chain = chain.unwrap_or_default();
    let roots = match parent {
        None => vec![certificate.clone()],
        Some(parent) => parent.authority.roots.clone(),
    };
    let signing = SigningAuthority {
        issuer: Issuer::from_certificate(&certificate)?,
        authority: Authority {
            name: name.clone(),
            certificate,
            cross: Vec::new(),
            intermediates: chain.clone(),
            chain,
            roots,
        },
        crl_url: wanted.crl_url.clone(),
        key: Arc::clone(&key.signer),
    };
    Ok(Made {
        signing,
        record,
        key,
    })
}

fn plan(
    old: &Record,
    key: &dyn Signer,
    terms: &Terms,
    parent: Option<&SigningAuthority>,
    now: OffsetDateTime,
) -> Result<Planned, IssueError> {
    let predecessor = Predecessor::from_to_be_signed(&old.to_be_signed).map_err(SignError::from)?;
    let usual = || Lifetime::Default(predecessor.lifetime(terms.backdate));
    let lifetime = terms.lifetime.unwrap_or_else(usual);
    let above = parent.map(|parent| parent.issuer.validity);
    let validity = Validity::plan(lifetime, terms.backdate, above, now);
    let validity = validity.map_err(|source| IssueError::Validity {
        name: old.name.to_string(),
        source,
    })?;
    let identifier = key_identifier(key.public_key());
    let subject = subject(
        &predecessor.subject,
        terms.common_name.as_deref(),
        &identifier,
    );
    if subject == predecessor.subject {
        return Err(IssueError::SameSubject(old.name.to_string()));
    }
    let serial = Serial::generate()?;
    let own = Issuer::of_itself(
        &subject,
        identifier.clone(),
        &serial,
        validity,
        key.key_type(),
    );
    let issuer = parent.map_or(&own, |parent| &parent.issuer);
    // What names its key names another, even where somebody had chosen it.
    let predecessor = predecessor.without_any(&OID_X509_EXT_SUBJECT_KEY_IDENTIFIER);
    let mut extensions = predecessor.extensions(&identifier, issuer);
    let url = parent.and_then(|parent| parent.crl_url.as_ref());
    extensions.extend(url.map(|url| crl_distribution_point(url)));
    let contents = Contents {
        serial,
        subject,
        validity,
        public_key_info: key.key_type().public_key_info(key.public_key()),
        extensions: Extensions::Exact(extensions),
    };
    Ok(Planned::new(contents, issuer)?)
}

/// The predecessor's subject with the new key in its common name: chains are found by subjects (RFC 5280 §6.1), and of
/// two CAs that share one some verifiers try only the first.
fn subject(old: &[u8], common_name: Option<&str>, identifier: &[u8]) -> Name {
    let usual = || {
        let own = common_name_of(old).unwrap_or_else(|| String::from("CA"));
        let key = base16ct::upper::encode_string(&identifier[..4]);
        let base = match own.rsplit_once(' ') {
            Some((base, tail)) if is_key(tail) => base,
            _ => &own,
        };
        let room = MAX_ATTRIBUTE_LENGTH - key.len() - 1;
        let base: String = base.chars().take(room).collect();
        format!("{base} {key}")
    };
    with_common_name(old, &common_name.map_or_else(usual, str::to_owned))
}

/// The common name that is replaced.
fn common_name_of(name: &[u8]) -> Option<String> {
    let (_, parsed) = X509Name::from_der(name).ok()?;
    let last = parsed.iter_common_name().last()?;
    Some(last.as_str().ok()?.to_owned())
}

/// Whether a word is what certctl puts behind the name of a CA: the first octets of its key identifier.
fn is_key(word: &str) -> bool {
    let is_hex = |c: char| c.is_ascii_digit() || ('A'..='F').contains(&c);
    word.len() == 8 && word.chars().all(is_hex)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::name::{display, distinguished_name};

    #[test]
    fn subjects_differ_by_their_keys() {
        let long = "x".repeat(64);
        let cut = format!("CN={} ABCDEF01", "x".repeat(55));
        for (old, organization, given, expected) in [
            ("root CA 3F2A11BC", None, None, "CN=root CA ABCDEF01"),
            ("Acme Root", None, None, "CN=Acme Root ABCDEF01"),
            (
                "Acme Root",
                Some("Acme"),
                None,
                "O=Acme, CN=Acme Root ABCDEF01",
            ),
            ("Acme Root 2024", None, None, "CN=Acme Root 2024 ABCDEF01"),
            ("root CA 3F2A11BC", None, Some("Acme G2"), "CN=Acme G2"),
            (&*long, None, None, &*cut),
        ] {
            let old = distinguished_name(Some(old), organization);
            let found = subject(&old, given, &[0xAB, 0xCD, 0xEF, 0x01, 0x23]);
            assert_eq!(display(&found), expected);
        }
    }
}
