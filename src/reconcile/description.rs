//! A PKI directory in the words of a fleet file.

use std::{fmt::Write as _, net::IpAddr};

use ipnet::IpNet;
use time::Duration;
use x509_parser::{certificate::TbsCertificate, extensions::GeneralName, prelude::FromDer as _};

use crate::{
    issuance::defaults,
    pki::{octets::Tbs, san, subject},
    store::{
        Pki, StoreError,
        layout::Area,
        ledger::{Kind, Record, Status},
    },
};

const HEAD: &str = "\
# What this PKI directory is to hold; `certctl apply FILE -n` shows what would change.
# certctl-fleet(5) has all keys; those of an entry may stand in [defaults], too.
";

/// The fleet file that says what is in a PKI directory; an entry's own name is left out of its SANs, since it is
/// one by itself.
///
/// # Errors
///
/// Where the ledger cannot be read.
pub fn describe(pki: &Pki) -> Result<String, StoreError> {
    let mut records = Vec::new();
    pki.ledger().for_each(|record| {
        if record.status == Status::Current {
            // Of 100,000 the certificates are as large as all else.
            let signed = (!has_usual_subject(&record)).then(|| record.to_be_signed.clone());
            records.push(record.with(signed));
        }
    })?;
    let mut text = HEAD.to_owned();
    // A rotation is no matter of the file: it names who signs, and apply knows who takes whose place.
    let generations = pki.generations()?;
    for record in records.iter().filter(|record| {
        record.kind.area() == Area::Authorities && !generations.is_resting(&record.name)
    }) {
        text.push_str("\n[[ca]]\n");
        pair(&mut text, "name", record.name.as_str());
        if let Some(parent) = &record.issuer {
            pair(&mut text, "parent", parent.as_str());
        }
        pair(&mut text, "key_type", &record.key_type);
        if let Some(uri) = pki.authority_key_uri(&record.name)? {
            pair(&mut text, "key_uri", &uri.to_string());
        }
        days(&mut text, record);
        limits(&mut text, record);
        if let Some(url) = pki.ledger().crl_state(&record.name)?.url {
            pair(&mut text, "crl_url", &url);
        }
    }
    for record in records
        .iter()
        .filter(|record| record.kind.area() == Area::Entries)
    {
        let Some(issuer) = &record.issuer else {
            let name = &record.name;
            let _ = writeln!(
                text,
                "\n# No CA here has signed `{name}`: apply leaves it alone, but for --prune."
            );
            continue;
        };
        text.push_str("\n[[entry]]\n");
        pair(&mut text, "name", record.name.as_str());
        pair(&mut text, "ca", generations.signing(issuer).as_str());
        pair(&mut text, "profile", record.kind.name());
        // A key that is elsewhere is for its owner to choose.
        if record.origin.has_key() {
            pair(&mut text, "key_type", &record.key_type);
        }
        days(&mut text, record);
        subject(&mut text, record);
        names(&mut text, record);
    }
    Ok(text)
}

/// What was signed is kept where something has to be read from it.
type Described = Record<Option<Tbs>>;

fn has_usual_subject(record: &Record) -> bool {
    record.kind.area() == Area::Entries
        && TbsCertificate::from_der(&record.to_be_signed)
            .is_ok_and(|(_, signed)| *signed.subject().as_raw() == *subject::usual(&record.name))
}

/// The subject, where it is not the usual one.
fn subject(text: &mut String, record: &Described) {
    if let Some(Ok((_, signed))) = record.to_be_signed.as_deref().map(TbsCertificate::from_der)
        && let Some(subject) = subject::to_text(signed.subject().as_raw())
    {
        pair(text, "subject", &subject);
    }
}

/// How long it is valid, where that is not the usual time.
fn days(text: &mut String, record: &Described) {
    let usual = match record.kind {
        Kind::Root => defaults::ROOT_LIFETIME,
        Kind::Intermediate => defaults::INTERMEDIATE_LIFETIME,
        _ => defaults::LEAF_LIFETIME,
    };
    let life = record.validity.not_after - record.validity.not_before - defaults::BACKDATE;
    let days = life.whole_days();
    if days > 0 && life == Duration::days(days) && life != usual {
        let _ = writeln!(text, "days = {days}");
    }
}

/// What a CA may issue for.
fn limits(text: &mut String, record: &Described) {
    let signed = record.to_be_signed.as_deref();
    let Some(Ok((_, certificate))) = signed.map(TbsCertificate::from_der) else {
        return;
    };
    let length = match certificate.basic_constraints() {
        Ok(Some(found)) => found.value.path_len_constraint,
        _ => None,
    };
    // That of an intermediate is 0 unless the file says otherwise.
    if let Some(length) = length
        && (length > 0 || record.kind == Kind::Root)
    {
        let _ = writeln!(text, "path_len = {length}");
    }
    let Ok(Some(constraints)) = certificate.name_constraints() else {
        return;
    };
    let permitted = constraints.value.permitted_subtrees.iter().flatten();
    let (mut domains, mut networks) = (Vec::new(), Vec::new());
    for subtree in permitted {
        match &subtree.base {
            GeneralName::DNSName(domain) => domains.push(quoted(domain)),
            GeneralName::IPAddress(octets) => networks.extend(network(octets)),
            _ => {}
        }
    }
    for (key, values) in [("permit_dns", domains), ("permit_ip", networks)] {
        if !values.is_empty() {
            let _ = writeln!(text, "{key} = [{}]", values.join(", "));
        }
    }
}

/// An address followed by its mask (RFC 5280 §4.2.1.10), as a TOML string.
fn network(octets: &[u8]) -> Option<String> {
    let (address, mask) = octets.split_at(octets.len() / 2);
    let (address, mask) = match octets.len() {
        8 => (
            IpAddr::from(<[u8; 4]>::try_from(address).ok()?),
            IpAddr::from(<[u8; 4]>::try_from(mask).ok()?),
        ),
        _ => (
            IpAddr::from(<[u8; 16]>::try_from(address).ok()?),
            IpAddr::from(<[u8; 16]>::try_from(mask).ok()?),
        ),
    };
    let network = IpNet::with_netmask(address, mask).ok()?;
    Some(quoted(&network.to_string()))
}

fn names(text: &mut String, record: &Described) {
    let own = san::parse(record.name.as_str())
        .map(|name| name.to_string())
        .ok();
    let has_own = own.as_ref().is_some_and(|own| record.names.contains(own));
    if own.is_some() && !has_own {
        text.push_str("name_san = false\n");
    }
    let others: Vec<_> = record
        .names
        .iter()
        .filter(|name| Some(*name) != own.as_ref())
        .map(|name| quoted(name))
        .collect();
    if !others.is_empty() {
        let _ = writeln!(text, "san = [{}]", others.join(", "));
    }
}

fn pair(text: &mut String, key: &str, value: &str) {
    let _ = writeln!(text, "{key} = {}", quoted(value));
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
