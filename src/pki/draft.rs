//! What is signed is laid out by rcgen, and signed here.
//!
//! rcgen writes what is to be signed, then hands it to a key: a draft is a key that keeps it and signs nothing, so
//! that everything can be looked at and recorded before the real key is needed, whose octets rcgen never sees. What
//! rcgen has no words for (names with repeated or multi-valued attributes, keys of other kinds, extensions from
//! elsewhere) is put in as exact octets, always in the same way.

use std::cell::RefCell;

use rcgen::{
    PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256, PublicKeyData,
    SignatureAlgorithm, SigningKey,
};
use x509_parser::{asn1_rs::Any, prelude::FromDer as _};

use super::{
    der,
    key::{KeyError, KeyType, Signer},
};

/// rcgen refused to lay something out.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("it cannot be written: {0}")]
pub struct LayoutError(#[from] rcgen::Error);

/// A key that keeps what it is to sign.
#[derive(Debug)]
pub(super) struct Draft<'k> {
    key_type: KeyType,
    public_key: &'k [u8],
    laid_out: RefCell<Vec<u8>>,
}

/// Has rcgen lay out what a key of this type would sign.
pub(super) fn lay_out<T>(
    key_type: KeyType,
    public_key: &[u8],
    write: impl FnOnce(&Draft<'_>) -> Result<T, rcgen::Error>,
) -> Result<Vec<u8>, LayoutError> {
    let draft = Draft {
        key_type,
        public_key,
        laid_out: RefCell::default(),
    };
    write(&draft)?;
    Ok(draft.laid_out.into_inner())
}

/// Puts octets in the place of elements of a SEQUENCE; those after its last are added.
pub(super) fn exactly(sequence: &[u8], exact: &[(usize, &[u8])]) -> Vec<u8> {
    let mut parts = elements(sequence);
    for (place, octets) in exact {
        match parts.get_mut(*place) {
            Some(part) => *part = octets,
            None => parts.push(octets),
        }
    }
    der::sequence(&parts)
}

/// The elements of a SEQUENCE, each a complete value.
pub(super) fn elements(sequence: &[u8]) -> Vec<&[u8]> {
    let mut rest = Any::from_der(sequence).map_or(&[][..], |(_, any)| any.data);
    let mut elements = Vec::with_capacity(8);
    while let Ok((after, _)) = Any::from_der(rest) {
        elements.push(&rest[..rest.len() - after.len()]);
        rest = after;
    }
    elements
}

/// What a key has signed, with its algorithm and signature (RFC 5280 §4.1.1, §5.1.1, RFC 2986 §4.2).
pub(super) fn signed(laid_out: &[u8], key: &dyn Signer) -> Result<Vec<u8>, KeyError> {
    let signature = key.sign(laid_out)?;
    Ok(assemble(laid_out, key.key_type(), &signature))
}

/// The same with a signature that is there already, or not yet.
pub(super) fn assemble(laid_out: &[u8], key_type: KeyType, signature: &[u8]) -> Vec<u8> {
    let algorithm = key_type.signature_algorithm();
    der::sequence(&[laid_out, &algorithm, &der::bit_string(signature)])
}

impl PublicKeyData for Draft<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.public_key
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        match self.key_type {
            KeyType::P256 => &PKCS_ECDSA_P256_SHA256,
            KeyType::P384 => &PKCS_ECDSA_P384_SHA384,
            KeyType::Ed25519 => &PKCS_ED25519,
            KeyType::Rsa2048 | KeyType::Rsa3072 | KeyType::Rsa4096 => &PKCS_RSA_SHA256,
        }
    }
}

impl SigningKey for Draft<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.laid_out.replace(message.to_vec());
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_take_the_place_of_elements() {
        let number = |value: u8| der::integer(&[value]);
        let sequence = der::sequence(&[number(1), number(2), number(3)]);
        for (exact, expected) in [
            (&[][..], &[1, 2, 3][..]),
            (&[(1, &[2, 1, 9][..])], &[1, 9, 3]),
            (&[(0, &[2, 1, 8]), (3, &[2, 1, 9])], &[8, 2, 3, 9]),
        ] {
            let parts: Vec<_> = expected.iter().copied().map(number).collect();
            assert_eq!(exactly(&sequence, exact), der::sequence(&parts));
        }
        assert!(elements(b"no DER").is_empty());
    }
}
