//! What stands in files, in words.

use time::OffsetDateTime;

use super::table::aligned;
use crate::pki::{
    duration,
    inspect::{
        CertificateInfo, Content, ExtensionsInfo, Item, PrivateKeyInfo, PublicKeyInfo, RequestInfo,
        RevocationListInfo,
    },
    validity::rfc3339 as time,
};

/// A heading and its rows of label and value; rows without a value are left out.
pub(crate) type Rows = Vec<(&'static str, String)>;

pub(crate) fn text(items: &[Item], now: OffsetDateTime) -> String {
    let sections: Vec<_> = items.iter().map(|item| section(item, now)).collect();
    sections.join("\n")
}

fn section(item: &Item, now: OffsetDateTime) -> String {
    let (heading, rows) = match &item.content {
        Content::Certificate(info) => ("certificate", certificate(info, now)),
        Content::Crl(info) => ("CRL", revocation_list(info, now)),
        Content::Other { label } => (label.as_str(), Rows::new()),
        Content::PrivateKey(info) => ("private key", private_key(info)),
        Content::PublicKey(info) => ("public key", public_key(info)),
        Content::Request(info) => ("certificate request", request(info)),
    };
    let line = item
        .line
        .map(|line| format!(" (line {line})"))
        .unwrap_or_default();
    let rows = rows.into_iter().filter(|(_, value)| !value.is_empty());
    let rows = rows.map(|(label, value)| [format!("  {label}"), value]);
    format!("{heading}{line}\n{}", aligned(rows))
}

pub(crate) fn certificate(info: &CertificateInfo, now: OffsetDateTime) -> Rows {
    let issuer = if info.self_signed {
        "itself"
    } else {
        &info.issuer
    };
    let mut rows = vec![
        ("Subject", info.subject.clone()),
        ("Issuer", issuer.to_owned()),
        ("Serial", info.serial.clone()),
        ("Valid from", time(info.not_before)),
        ("Valid until", until(info.not_after, now)),
    ];
    rows.extend(public_key(&info.public_key));
    rows.extend(extensions(&info.extensions));
    rows.push(("Signed with", info.signature_algorithm.clone()));
    rows.push(("SHA-256", info.sha256.clone()));
    rows
}

fn request(info: &RequestInfo) -> Rows {
    let fault = info
        .signature_fault
        .as_ref()
        .map(|fault| format!(": {fault}"));
    let mut rows = vec![("Subject", info.subject.clone())];
    rows.extend(public_key(&info.public_key));
    rows.extend(extensions(&info.extensions));
    rows.push((
        "Signed with",
        info.signature_algorithm.clone() + &fault.unwrap_or_default(),
    ));
    rows
}

fn revocation_list(info: &RevocationListInfo, now: OffsetDateTime) -> Rows {
    let mut rows = vec![
        ("Issuer", info.issuer.clone()),
        ("Number", info.number.clone().unwrap_or_default()),
        ("Made", time(info.this_update)),
        (
            "Valid until",
            info.next_update
                .map_or_else(|| String::from("the next one"), |next| until(next, now)),
        ),
        (
            "Issuer's key",
            info.authority_key_id.clone().unwrap_or_default(),
        ),
        ("Signed with", info.signature_algorithm.clone()),
        ("SHA-256", info.sha256.clone()),
        ("Revoked", info.revoked.len().to_string()),
    ];
    rows.extend(info.revoked.iter().map(|entry| {
        let reason = entry
            .reason
            .map(|reason| format!(" ({reason})"))
            .unwrap_or_default();
        (
            "",
            format!("{} on {}{reason}", entry.serial, time(entry.revoked_at)),
        )
    }));
    rows
}

fn private_key(info: &PrivateKeyInfo) -> Rows {
    let encryption = info
        .encryption
        .as_ref()
        .map_or("not encrypted", String::as_str);
    vec![
        ("Key", info.key_type.clone().unwrap_or_default()),
        ("Format", info.format.to_owned()),
        ("Encryption", encryption.to_owned()),
        (
            "Key SHA-256",
            info.public_key_sha256.clone().unwrap_or_default(),
        ),
    ]
}

fn public_key(info: &PublicKeyInfo) -> Rows {
    vec![
        ("Key", info.key_type.clone()),
        ("Key SHA-256", info.public_key_sha256.clone()),
    ]
}

fn extensions(info: &ExtensionsInfo) -> Rows {
    let path_len = info.path_len.map(|length| match length {
        0 => String::from("yes, with no CA below it"),
        1 => String::from("yes, with one CA below it"),
        _ => format!("yes, with {length} CAs below it"),
    });
    let others = info
        .extensions
        .iter()
        .filter(|extension| extension.name.is_none());
    let others = others.map(|extension| {
        let critical = if extension.critical {
            " (critical)"
        } else {
            ""
        };
        format!("{}{critical}", extension.oid)
    });
    vec![
        (
            "CA",
            if info.ca {
                path_len.unwrap_or_else(|| String::from("yes"))
            } else {
                String::new()
            },
        ),
        ("Names", info.sans.join(", ")),
        ("Key usage", info.key_usage.join(", ")),
        ("Purposes", info.extended_key_usage.join(", ")),
        ("May certify", info.permitted_names.join(", ")),
        ("Not certify", info.excluded_names.join(", ")),
        (
            "Subject key",
            info.subject_key_id.clone().unwrap_or_default(),
        ),
        (
            "Issuer's key",
            info.authority_key_id.clone().unwrap_or_default(),
        ),
        ("CRLs", info.crl_urls.join(", ")),
        ("Issuer's URLs", info.authority_info.join(", ")),
        ("Others", others.collect::<Vec<_>>().join(", ")),
    ]
}

/// A point in time and how far away it is.
fn until(end: OffsetDateTime, now: OffsetDateTime) -> String {
    let distance = if end < now {
        format!("{} ago", duration::display(now - end))
    } else {
        format!("in {}", duration::display(end - now))
    };
    format!("{} ({distance})", time(end))
}
