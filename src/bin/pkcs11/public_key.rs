//! Public keys of tokens, as X.509 has them.

use certctl::{
    pki::{certificate::Certificate, der, key::KeyType, octets::Spki},
    signer::shapes,
};
use cryptoki::{
    error::Error,
    object::{Attribute, AttributeType, KeyType as Kind, ObjectClass, ObjectHandle},
    session::Session,
};

/// OIDs in DER, as CKA_EC_PARAMS has them (PKCS#11 §6.3.3; RFC 5480 §2.1.1.1, RFC 8410 §3).
const P256: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const P384: &[u8] = &[6, 5, 0x2b, 0x81, 4, 0, 0x22];
const ED25519: &[u8] = &[6, 3, 0x2b, 0x65, 0x70];
/// The same as a PrintableString, which some tokens want.
const ED25519_NAME: &[u8] = b"\x13\x0cedwards25519";

/// What a curve is called to a token; `None` for RSA.
pub(crate) fn curve(key_type: KeyType) -> Option<&'static [u8]> {
    match key_type {
        KeyType::P256 => Some(P256),
        KeyType::P384 => Some(P384),
        KeyType::Ed25519 => Some(ED25519),
        KeyType::Rsa2048 | KeyType::Rsa3072 | KeyType::Rsa4096 => None,
    }
}

/// Other names of a curve, for tokens that do not know the first.
pub(crate) fn other_curve(key_type: KeyType) -> Option<&'static [u8]> {
    (key_type == KeyType::Ed25519).then_some(ED25519_NAME)
}

/// The public half of a private key: from the object beside it, from itself, or from a certificate beside it.
pub(crate) fn find(
    session: &Session,
    key: ObjectHandle,
    id: &[u8],
    label: &[u8],
) -> Result<Option<(KeyType, Spki)>, Error> {
    let beside = |class: ObjectClass| {
        let name = match id.is_empty() {
            true => Attribute::Label(label.to_vec()),
            false => Attribute::Id(id.to_vec()),
        };
        session.find_objects(&[Attribute::Class(class), name])
    };
    for object in beside(ObjectClass::PUBLIC_KEY)?.into_iter().chain([key]) {
        if let Some(found) = of_object(session, object)? {
            return Ok(Some(found));
        }
    }
    for object in beside(ObjectClass::CERTIFICATE)? {
        for attribute in session.get_attributes(object, &[AttributeType::Value])? {
            if let Attribute::Value(der) = attribute
                && let Ok(certificate) = Certificate::from_der(der)
                && let Some(key_type) = certificate.key_type()
            {
                let info = key_type.public_key_info(&certificate.public_key());
                return Ok(Some((key_type, info)));
            }
        }
    }
    Ok(None)
}

fn of_object(session: &Session, object: ObjectHandle) -> Result<Option<(KeyType, Spki)>, Error> {
    let wanted = [
        AttributeType::KeyType,
        AttributeType::EcParams,
        AttributeType::EcPoint,
        AttributeType::Modulus,
        AttributeType::PublicExponent,
    ];
    // What an object has not is left out.
    Ok(of_attributes(&session.get_attributes(object, &wanted)?))
}

fn of_attributes(attributes: &[Attribute]) -> Option<(KeyType, Spki)> {
    let find = |take: fn(&Attribute) -> Option<&[u8]>| attributes.iter().find_map(take);
    let kind = attributes.iter().find_map(|it| match it {
        Attribute::KeyType(kind) => Some(*kind),
        _ => None,
    })?;
    if kind == Kind::RSA {
        let modulus = find(|it| match it {
            Attribute::Modulus(octets) => Some(octets),
            _ => None,
        })?;
        let exponent = find(|it| match it {
            Attribute::PublicExponent(octets) => Some(octets),
            _ => None,
        })?;
        return shapes::rsa_key(modulus, exponent);
    }
    let curve = find(|it| match it {
        Attribute::EcParams(octets) => Some(octets),
        _ => None,
    })?;
    let point = find(|it| match it {
        Attribute::EcPoint(octets) => Some(octets),
        _ => None,
    })?;
    let (key_type, length) = match curve {
        P256 => (KeyType::P256, 65),
        P384 => (KeyType::P384, 97),
        ED25519 | ED25519_NAME => (KeyType::Ed25519, 32),
        _ => return None,
    };
    let point = point_of(point, length)?;
    Some((key_type, key_type.public_key_info(point)))
}

/// The point itself: in an OCTET STRING, as it should be, or without (PKCS#11 §6.3.3 says what some tokens do).
fn point_of(octets: &[u8], length: usize) -> Option<&[u8]> {
    let inside = octets.get(octets.len().checked_sub(length)?..)?;
    let is_wrapped = octets == der::octet_string(inside);
    (is_wrapped || octets.len() == length).then_some(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_from_what_tokens_say() {
        let point = |length: usize| vec![4; length];
        let ec = |curve: &[u8], point: Vec<u8>| {
            vec![
                Attribute::KeyType(Kind::EC),
                Attribute::EcParams(curve.to_vec()),
                Attribute::EcPoint(point),
            ]
        };
        let rsa = |bits: usize| {
            vec![
                Attribute::KeyType(Kind::RSA),
                Attribute::Modulus(vec![0xff; bits / 8]),
                Attribute::PublicExponent(vec![1, 0, 1]),
            ]
        };
        for (attributes, expected) in [
            (ec(P256, der::octet_string(&point(65))), Some(KeyType::P256)),
            (ec(P256, point(65)), Some(KeyType::P256)),
            (ec(P384, der::octet_string(&point(97))), Some(KeyType::P384)),
            (
                ec(ED25519_NAME, der::octet_string(&point(32))),
                Some(KeyType::Ed25519),
            ),
            (ec(ED25519, point(32)), Some(KeyType::Ed25519)),
            (ec(P256, point(64)), None),
            (ec(P256, vec![9; 67]), None),
            (ec(&[6, 1, 1], point(65)), None),
            (rsa(2048), Some(KeyType::Rsa2048)),
            (rsa(1024), None),
            (vec![Attribute::KeyType(Kind::RSA)], None),
            (vec![], None),
        ] {
            let found = of_attributes(&attributes).map(|(key_type, _)| key_type);
            assert_eq!(found, expected, "{attributes:?}");
        }
    }
}
