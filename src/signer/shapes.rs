//! From the shapes that tokens and agents give keys and signatures to those of X.509.

use crate::pki::{
    der,
    key::{KeyType, rsa_public_key},
    octets::Spki,
};

/// An ECDSA signature of its two numbers (RFC 3279 §2.2.3).
#[must_use]
pub fn ecdsa(r: &[u8], s: &[u8]) -> Vec<u8> {
    der::sequence(&[der::integer(r), der::integer(s)])
}

/// The same, where the two stand one behind the other, equally long (PKCS#11 §6.3.1); `None` where they cannot.
#[must_use]
pub fn ecdsa_of_halves(octets: &[u8]) -> Option<Vec<u8>> {
    let (r, s) = octets.split_at(octets.len() / 2);
    (r.len() == s.len() && !r.is_empty()).then(|| ecdsa(r, s))
}

/// An RSA signature, as long as the modulus (RFC 8017 §8.2.1): SSH leaves out zeros in front.
#[must_use]
pub fn rsa(signature: &[u8], key_type: KeyType) -> Vec<u8> {
    let length = key_type.rsa_bits().map_or(0, |bits| bits / 8);
    let missing = length.saturating_sub(signature.len());
    [&vec![0; missing], signature].concat()
}

/// An RSA key of its modulus and exponent, where its length is one that certctl signs with.
#[must_use]
pub fn rsa_key(modulus: &[u8], exponent: &[u8]) -> Option<(KeyType, Spki)> {
    let zeros = modulus.iter().take_while(|&&octet| octet == 0).count();
    let bits = (modulus.len() - zeros) * 8 - modulus.get(zeros)?.leading_zeros() as usize;
    let mut types = KeyType::ALL.into_iter();
    let key_type = types.find(|it| it.rsa_bits() == Some(bits))?;
    let info = key_type.public_key_info(&rsa_public_key(modulus, exponent));
    Some((key_type, info))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_signed_and_short() {
        assert_eq!(ecdsa(&[0, 0x80], &[1]), [0x30, 7, 2, 2, 0, 0x80, 2, 1, 1]);
        assert_eq!(
            ecdsa_of_halves(&[0, 5, 0, 6]),
            Some(vec![0x30, 6, 2, 1, 5, 2, 1, 6])
        );
        assert_eq!(ecdsa_of_halves(&[1, 2, 3]), None);
        assert_eq!(ecdsa_of_halves(&[]), None);
    }

    #[test]
    fn rsa_signatures_are_as_long_as_the_modulus() {
        let signature = rsa(&[7; 255], KeyType::Rsa2048);
        assert_eq!((signature.len(), signature[0], signature[1]), (256, 0, 7));
        assert_eq!(rsa(&[7; 256], KeyType::Rsa2048), [7; 256]);
    }

    #[test]
    fn rsa_keys_are_of_lengths_that_sign() {
        let modulus = |bits: usize| [vec![0], vec![0xff; bits / 8]].concat();
        for (bits, expected) in [
            (2048, Some(KeyType::Rsa2048)),
            (4096, Some(KeyType::Rsa4096)),
            (1024, None),
        ] {
            let found = rsa_key(&modulus(bits), &[1, 0, 1]).map(|(key_type, _)| key_type);
            assert_eq!(found, expected, "{bits}");
        }
        assert_eq!(rsa_key(&[], &[3]), None);
    }
}
