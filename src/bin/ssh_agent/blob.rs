//! Keys and signatures in SSH's form (RFC 4251 §5), as X.509 has them.

use std::io;

use certctl::{
    pki::{key::KeyType, octets::Spki},
    signer::{request::Algorithm, shapes},
};

/// Reads values one by one.
#[derive(Debug)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn number(&mut self) -> io::Result<u32> {
        let (number, rest) = self.0.split_first_chunk().ok_or_else(short)?;
        self.0 = rest;
        Ok(u32::from_be_bytes(*number))
    }

    pub(crate) fn string(&mut self) -> io::Result<&'a [u8]> {
        let length = self.number()? as usize;
        let (text, rest) = self.0.split_at_checked(length).ok_or_else(short)?;
        self.0 = rest;
        Ok(text)
    }
}

fn short() -> io::Error {
    io::Error::other("a value is shorter than it says")
}

/// Octets with their number in front.
pub(crate) fn string(octets: &[u8]) -> Vec<u8> {
    let length = u32::try_from(octets.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), octets].concat()
}

/// A public key that certctl can sign with (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4); `None` where it is another:
/// certificates, keys of FIDO devices, which sign more than the message, and lengths that nobody uses.
pub(crate) fn key(blob: &[u8]) -> Option<(KeyType, Spki)> {
    let mut parts = Reader(blob);
    let name = parts.string().ok()?;
    let of = |key_type: KeyType, key: &[u8]| Some((key_type, key_type.public_key_info(key)));
    let found = match name {
        b"ssh-ed25519" => of(KeyType::Ed25519, parts.string().ok()?),
        b"ecdsa-sha2-nistp256" | b"ecdsa-sha2-nistp384" => {
            let key_type = match parts.string().ok()? {
                b"nistp256" => KeyType::P256,
                b"nistp384" => KeyType::P384,
                _ => return None,
            };
            of(key_type, parts.string().ok()?)
        }
        b"ssh-rsa" => {
            let exponent = parts.string().ok()?;
            shapes::rsa_key(parts.string().ok()?, exponent)
        }
        _ => None,
    };
    found.filter(|_| parts.0.is_empty())
}

/// The name of a key's kind, for people.
pub(crate) fn kind(blob: &[u8]) -> String {
    let name = Reader(blob).string().unwrap_or_default();
    String::from_utf8_lossy(name).into_owned()
}

/// A signature in X.509's form (RFC 5656 §3.1.2, RFC 8332 §3, RFC 8709 §6); `None` where it is another than was asked
/// for: old agents know no SHA-256 for RSA.
pub(crate) fn signature(algorithm: Algorithm, key_type: KeyType, blob: &[u8]) -> Option<Vec<u8>> {
    let mut parts = Reader(blob);
    let name = parts.string().ok()?;
    let octets = parts.string().ok()?;
    match (algorithm, name) {
        (Algorithm::Ed25519, b"ssh-ed25519") => Some(octets.to_vec()),
        (Algorithm::RsaPkcs1Sha256, b"rsa-sha2-256") => Some(shapes::rsa(octets, key_type)),
        (Algorithm::EcdsaSha256, b"ecdsa-sha2-nistp256")
        | (Algorithm::EcdsaSha384, b"ecdsa-sha2-nistp384") => {
            let mut numbers = Reader(octets);
            Some(shapes::ecdsa(
                numbers.string().ok()?,
                numbers.string().ok()?,
            ))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(parts: &[&[u8]]) -> Vec<u8> {
        parts.iter().flat_map(|part| string(part)).collect()
    }

    #[test]
    fn keys_that_sign_are_told_from_others() {
        let modulus = [&[0][..], &[0xff; 256]].concat();
        for (parts, expected) in [
            (&[&b"ssh-ed25519"[..], &[7; 32]][..], Some(KeyType::Ed25519)),
            (
                &[b"ecdsa-sha2-nistp256", b"nistp256", &[4; 65]],
                Some(KeyType::P256),
            ),
            (
                &[b"ecdsa-sha2-nistp384", b"nistp384", &[4; 97]],
                Some(KeyType::P384),
            ),
            (&[b"ecdsa-sha2-nistp521", b"nistp521", &[4; 133]], None),
            (&[b"ssh-rsa", &[1, 0, 1], &modulus], Some(KeyType::Rsa2048)),
            (&[b"ssh-rsa", &[1, 0, 1], &[0xff; 128]], None),
            (&[b"sk-ssh-ed25519@openssh.com", &[7; 32], b"ssh:"], None),
            (&[b"ssh-ed25519", &[7; 32], b"more"], None),
            (&[b"ssh-ed25519"], None),
            (&[], None),
        ] {
            let found = key(&blob(parts)).map(|(key_type, _)| key_type);
            assert_eq!(found, expected, "{parts:?}");
        }
        assert_eq!(kind(&blob(&[b"ssh-dss"])), "ssh-dss");
    }

    #[test]
    fn signatures_get_the_shape_of_x509() {
        let numbers = blob(&[&[0, 0x80], &[1]]);
        for (algorithm, name, octets, expected) in [
            (
                Algorithm::Ed25519,
                "ssh-ed25519",
                &[9; 64][..],
                Some(vec![9; 64]),
            ),
            (
                Algorithm::EcdsaSha256,
                "ecdsa-sha2-nistp256",
                &numbers,
                Some(vec![0x30, 7, 2, 2, 0, 0x80, 2, 1, 1]),
            ),
            (
                Algorithm::EcdsaSha384,
                "ecdsa-sha2-nistp256",
                &numbers,
                None,
            ),
            (Algorithm::RsaPkcs1Sha256, "ssh-rsa", &[1; 256], None),
            (
                Algorithm::RsaPkcs1Sha256,
                "rsa-sha2-256",
                &[1; 256],
                Some(vec![1; 256]),
            ),
        ] {
            let blob = blob(&[name.as_bytes(), octets]);
            assert_eq!(
                signature(algorithm, KeyType::Rsa2048, &blob),
                expected,
                "{name}"
            );
        }
        assert_eq!(
            signature(Algorithm::Ed25519, KeyType::Ed25519, b"\0\0\0\x09x"),
            None
        );
    }
}
