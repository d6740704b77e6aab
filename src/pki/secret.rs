//! Secrets: wiped from memory on drop, never shown, never copied by accident.

use std::{cell::Cell, fmt, hint::black_box};

use zeroize::Zeroizing;

use super::der;

/// More than ring, rsa and the copying of a file take.
const STACK: usize = 32 << 10;

/// Runs what works with a secret, then overwrites the stack that it had: libraries leave copies there.
///
/// A secret in the result must lie on the heap, or else the result is a copy too. Work within such work is
/// overwritten with it: for thousands of keys once in a while is enough.
pub fn wiped<T>(work: impl FnOnce() -> T) -> T {
    if WITHIN.replace(true) {
        return work();
    }
    let _end = End;
    apart(work)
}

thread_local! {
    /// Whether this thread is within [`wiped`]
    static WITHIN: Cell<bool> = const { Cell::new(false) };
}

/// Ends the outermost work, also where it panics.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        overwrite();
        WITHIN.set(false);
    }
}

/// In a frame of its own, which [`overwrite`] takes after it.
#[inline(never)]
fn apart<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[allow(clippy::large_stack_arrays)] // that is its purpose
#[inline(never)]
fn overwrite() {
    // To the compiler somebody looks at it.
    black_box(&mut [0_u8; STACK]);
}

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

    /// Puts a key into the form that its algorithm prescribes into `PrivateKeyInfo`, version 1 (RFC 5208 §5).
    pub(super) fn wrap(algorithm: &[u8], key: &[u8]) -> Self {
        let key = Zeroizing::new(der::octet_string(key));
        let parts = [&der::integer(&[0])[..], algorithm, &key];
        Self(Zeroizing::new(der::sequence(&parts)))
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
