//! The private keys of a source: plain ones are found by the public key in the certificate, encrypted ones by the name
//! of their file.

use std::{collections::HashMap, path::Path};

use super::Key;
use crate::{
    import::gather::{Found, FoundCertificate, FoundKey},
    pki::{
        key::PrivateKey,
        key_file::{self, KeyFileError},
        pem,
    },
};

/// Label of PKCS#8 that is encrypted (RFC 7468 §11).
const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// Keys that were read.
#[derive(Debug, Default)]
pub(super) struct Keys {
    plain: HashMap<Vec<u8>, PrivateKey>,
    encrypted: HashMap<String, Key>,
}

impl Keys {
    /// Reads them; those that cannot be used are told, and left out.
    pub(super) fn read(found: &Found, warnings: &mut Vec<String>) -> Self {
        let mut keys = Self::default();
        for key in &found.keys {
            match key_file::read(&key.octets, None, None) {
                Ok(plain) => {
                    keys.plain.insert(plain.public_key().to_vec(), plain);
                }
                Err(KeyFileError::Encrypted) => keys.add_encrypted(key),
                Err(error) => warnings.push(told(key, &error)),
            }
        }
        keys
    }

    fn add_encrypted(&mut self, key: &FoundKey) {
        let blocks = pem::decode(&key.octets).unwrap_or_default();
        let block = blocks.iter().find(|block| block.label == ENCRYPTED);
        let der = block.map_or(&key.octets[..], |block| &block.contents[..]);
        let key_pem = Key {
            pem: pem::encode_secret(ENCRYPTED, der),
            is_encrypted: true,
        };
        self.encrypted.insert(plain_name(&key.name), key_pem);
    }

    /// Whether the key of a certificate is among them.
    pub(super) fn has(&self, of: &FoundCertificate) -> bool {
        let named = of.name.as_deref().map(plain_name);
        let is_plain = self.plain.contains_key(&of.certificate.public_key());
        is_plain || named.is_some_and(|name| self.encrypted.contains_key(&name))
    }

    /// Takes the key of a certificate.
    pub(super) fn take(&mut self, of: &FoundCertificate) -> Option<Key> {
        if let Some(key) = self.plain.get(&of.certificate.public_key()) {
            return Some(Key {
                pem: key.to_pem(),
                is_encrypted: false,
            });
        }
        self.encrypted.remove(&plain_name(of.name.as_deref()?))
    }
}

/// What the names of a key's and a certificate's file have in common: `ca` of `cakey` and of `cacert`.
fn plain_name(name: &str) -> String {
    let endings = ["key", "cert", "crt", "pem"];
    let mut plain = name;
    while let Some(shorter) = endings.iter().find_map(|ending| plain.strip_suffix(ending)) {
        plain = shorter.trim_end_matches(['.', '-', '_']);
    }
    match plain {
        "" => name.to_owned(),
        plain => plain.to_owned(),
    }
}

fn told(key: &FoundKey, error: &KeyFileError) -> String {
    let origin = &key.origin;
    format!("{origin}: left out: {}", error.of_file(Path::new(origin)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_keys_and_certificates_meet() {
        for (key, certificate) in [
            ("cakey", "cacert"),
            ("ca.key", "ca.cert"),
            ("ca-key", "ca"),
            ("ca_key", "ca-cert"),
            ("node1", "node1"),
            ("key", "key"),
        ] {
            assert_eq!(
                plain_name(key),
                plain_name(certificate),
                "{key} {certificate}"
            );
        }
        assert_ne!(plain_name("node1"), plain_name("node2"));
    }
}
