//! Secrets: wiped from memory on drop, never shown, never copied by accident.

use std::fmt;

use zeroize::Zeroizing;

/// DER of a private key in PKCS#8 form (RFC 5958).
///
/// Neither `Clone` nor `Display`, and its `Debug` output never contains the key.
pub struct PrivateKeyDer(Zeroizing<Vec<u8>>);

impl PrivateKeyDer {
    /// Takes ownership of key octets.
    #[must_use]
    pub fn new(der: Zeroizing<Vec<u8>>) -> Self {
        Self(der)
    }

    /// Lends the octets.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for PrivateKeyDer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKeyDer(…)")
    }
}

/// What encrypts a private key.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes ownership of a passphrase.
    #[must_use]
    pub fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// Lends the octets.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Lends the text.
    #[must_use]
    pub fn expose_text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}
