//! What the key and the certificate may be used for.

use super::{
    Role,
    mistakes::{Mistake, Mistakes, all},
    objects,
    request::Request,
    text::{Item, Word},
    values,
};
use crate::pki::{der, extension};

/// A bit: its number, its short name and its long one.
type Bit = (u8, &'static str, &'static str);

/// RFC 5280 §4.2.1.3
const KEY_USAGE: [Bit; 10] = [
    (0, "digitalSignature", "Digital Signature"),
    (1, "nonRepudiation", "Non Repudiation"),
    (1, "contentCommitment", "Content Commitment"),
    (2, "keyEncipherment", "Key Encipherment"),
    (3, "dataEncipherment", "Data Encipherment"),
    (4, "keyAgreement", "Key Agreement"),
    (5, "keyCertSign", "Certificate Sign"),
    (6, "cRLSign", "CRL Sign"),
    (7, "encipherOnly", "Encipher Only"),
    (8, "decipherOnly", "Decipher Only"),
];

/// Netscape's certificate types, older than `extendedKeyUsage`
const CERTIFICATE_TYPE: [Bit; 8] = [
    (0, "client", "SSL Client"),
    (1, "server", "SSL Server"),
    (2, "email", "S/MIME"),
    (3, "objsign", "Object Signing"),
    (4, "reserved", "Unused"),
    (5, "sslCA", "SSL CA"),
    (6, "emailCA", "S/MIME CA"),
    (7, "objCA", "Object Signing CA"),
];

/// Of both lists, what only a CA may do.
const AUTHORITY: [&str; 5] = ["keyCertSign", "cRLSign", "sslCA", "emailCA", "objCA"];

/// RFC 7633; the numbers are of TLS extensions
const TLS_FEATURES: [(&str, u16); 2] = [("status_request", 5), ("status_request_v2", 17)];

/// `keyUsage`
pub(super) fn key_usage(request: &Request<'_>, items: &[Item<'_>]) -> Result<Vec<u8>, Mistakes> {
    bits(request, items, &KEY_USAGE).map(der::named_bits)
}

/// `nsCertType`
pub(super) fn certificate_type(
    request: &Request<'_>,
    items: &[Item<'_>],
) -> Result<Vec<u8>, Mistakes> {
    bits(request, items, &CERTIFICATE_TYPE).map(der::named_bits)
}

fn bits(request: &Request<'_>, items: &[Item<'_>], known: &[Bit]) -> Result<u16, Mistakes> {
    let bits = items.iter().map(|&Item { name, .. }| {
        let &(number, short, _) = bit(name, known)?;
        if request.role == Role::Leaf && AUTHORITY.contains(&short) {
            return Err(only_for_an_authority(name).into());
        }
        Ok(1 << number)
    });
    Ok(all(bits)?.into_iter().fold(0, |all, bit: u16| all | bit))
}

/// Finds a bit by one of its names.
pub(super) fn bit<'b>(word: Word<'_>, known: &'b [Bit]) -> Result<&'b Bit, Mistake> {
    let text = word.as_str();
    let found = known
        .iter()
        .find(|(_, short, long)| *short == text || *long == text);
    found.ok_or_else(|| {
        let unknown = word.mistake(format!("unknown word `{word}`"));
        match text {
            "critical" => unknown.hint("`critical,` stands before all others"),
            _ => unknown.nearest(text, known.iter().map(|&(_, short, _)| short)),
        }
    })
}

/// What would make a leaf a CA.
pub(super) fn only_for_an_authority(word: Word<'_>) -> Mistake {
    word.mistake(format!("`{word}` would make this certificate a CA"))
}

/// `extendedKeyUsage`
pub(super) fn extended_key_usage(_: &Request<'_>, items: &[Item<'_>]) -> Result<Vec<u8>, Mistakes> {
    let purposes = items
        .iter()
        .map(|item| Ok(objects::read(item.value_or_name())?));
    Ok(extension::extended_key_usage(&all(purposes)?).value)
}

/// `basicConstraints`
pub(super) fn basic_constraints(
    request: &Request<'_>,
    items: &[Item<'_>],
) -> Result<Vec<u8>, Mistakes> {
    let (mut authority, mut path_length) = (None, None);
    all(items.iter().map(|item| {
        match item.name.as_str() {
            "CA" => authority = Some(is_authority(request, item)?),
            "pathlen" => path_length = Some((item.name, values::count(item)?)),
            _ => return Err(unknown(item.name, &["CA", "pathlen"]).into()),
        }
        Ok(())
    }))?;
    let authority = authority.unwrap_or_default();
    if let (false, Some((name, _))) = (authority, &path_length) {
        let mistake = name.mistake("`pathlen` stands only with `CA:TRUE` (RFC 5280 §4.2.1.9)");
        return Err(mistake.into());
    }
    let mut parts = Vec::new();
    if authority {
        parts.push(der::boolean(true));
        parts.extend(path_length.map(|(_, length)| length));
    }
    Ok(der::sequence(&parts))
}

fn is_authority(request: &Request<'_>, item: &Item<'_>) -> Result<bool, Mistake> {
    let value = item.value()?;
    let authority = values::boolean(value)?;
    if authority && request.role == Role::Leaf {
        return Err(item
            .name
            .mistake(format!(
                "`{}:{value}` would make this certificate a CA",
                item.name
            ))
            .hint("write `CA:FALSE`: this is to be a leaf"));
    }
    Ok(authority)
}

/// A word that is none of those that may stand here.
pub(super) fn unknown(word: Word<'_>, known: &[&'static str]) -> Mistake {
    let mistake = word.mistake(format!("unknown word `{word}`"));
    match word.as_str() {
        "critical" => mistake.hint("`critical,` stands before all others"),
        text => mistake.nearest(text, known.iter().copied()),
    }
}

/// `tlsfeature`: names or numbers of TLS extensions.
pub(super) fn tls_feature(_: &Request<'_>, items: &[Item<'_>]) -> Result<Vec<u8>, Mistakes> {
    let features = items.iter().map(|item| {
        let word = item.value_or_name();
        let text = word.as_str();
        let named = TLS_FEATURES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(text));
        let number = match named {
            Some(&(_, number)) => number,
            None => text
                .parse()
                .map_err(|_| unknown(word, &TLS_FEATURES.map(|(name, _)| name)))?,
        };
        Ok(der::integer(&number.to_be_bytes()))
    });
    Ok(der::sequence(&all(features)?))
}
