//! The key derivation of PKCS#12 itself (RFC 7292 appendix B), for integrity and the old ciphers.

use ring::digest::{Algorithm, digest};
use zeroize::Zeroizing;

/// What octets are derived for (appendix B.3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Use {
    /// A cipher's key
    Key = 1,
    /// A cipher's first block
    InitialVector = 2,
    /// A key of HMAC
    Integrity = 3,
}

/// Derives octets from a password (appendix B.2).
pub(super) fn derive(
    algorithm: &'static Algorithm,
    of: Use,
    password: &str,
    salt: &[u8],
    rounds: u32,
    length: usize,
) -> Zeroizing<Vec<u8>> {
    let block = algorithm.block_len();
    let password = password_octets(password);
    let lengths = [salt.len(), password.len()].map(|length| length.next_multiple_of(block));
    // Reserved whole, so that no growth leaves a copy of the password behind.
    let mut whole = Zeroizing::new(Vec::with_capacity(lengths[0] + lengths[1]));
    whole.extend(salt.iter().cycle().take(lengths[0]));
    whole.extend(password.iter().cycle().take(lengths[1]));
    let mut derived = Zeroizing::new(Vec::with_capacity(length + algorithm.output_len()));
    while derived.len() < length {
        let hash = hash(algorithm, of, &whole, rounds);
        derived.extend_from_slice(&hash);
        let summand = hash.iter().copied().cycle().take(block);
        let summand = Zeroizing::new(summand.collect::<Vec<_>>());
        whole
            .chunks_mut(block)
            .for_each(|chunk| add_and_one(chunk, &summand));
    }
    derived.truncate(length);
    derived
}

/// Step 6 (A): the hash of the diversifier and the input, hashed again and again.
fn hash(algorithm: &'static Algorithm, of: Use, input: &[u8], rounds: u32) -> Zeroizing<Vec<u8>> {
    let block = algorithm.block_len();
    let mut first = Zeroizing::new(Vec::with_capacity(block + input.len()));
    first.resize(block, of as u8);
    first.extend_from_slice(input);
    let mut hash = digest(algorithm, &first);
    for _ in 1..rounds {
        hash = digest(algorithm, hash.as_ref());
    }
    Zeroizing::new(hash.as_ref().to_vec())
}

/// The password as UTF-16, with a character of zero behind it (appendix B.1).
fn password_octets(password: &str) -> Zeroizing<Vec<u8>> {
    let mut octets = Zeroizing::new(Vec::with_capacity(2 * password.len() + 2));
    octets.extend(password.encode_utf16().flat_map(u16::to_be_bytes));
    octets.extend([0, 0]);
    octets
}

/// Step 6 (C): both as big-endian numbers of one length, and one more; what overflows is dropped.
fn add_and_one(number: &mut [u8], summand: &[u8]) {
    let mut carry = 1;
    for (octet, &other) in number.iter_mut().zip(summand).rev() {
        let sum = u16::from(*octet) + u16::from(other) + carry;
        let [high, low] = sum.to_be_bytes();
        *octet = low;
        carry = high.into();
    }
}

#[cfg(test)]
mod tests {
    use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY as SHA1, SHA256};

    use super::*;

    fn octets(hexadecimal: &str) -> Vec<u8> {
        let digit = |at| u8::from_str_radix(&hexadecimal[at..at + 2], 16).expect("hexadecimal");
        (0..hexadecimal.len()).step_by(2).map(digit).collect()
    }

    /// The vectors that Bouncy Castle and others test with, and two of OpenSSL (`openssl kdf … PKCS12KDF`).
    #[test]
    fn known_values_are_derived() {
        let long = format!("pässwörd-{}😀", "long".repeat(20));
        for (hash, password, salt, rounds, of, expected) in [
            (
                &SHA1,
                "smeg",
                "0a58cf64530d823f",
                1,
                Use::Key,
                "8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3",
            ),
            (
                &SHA1,
                "smeg",
                "0a58cf64530d823f",
                1,
                Use::InitialVector,
                "79993dfe048d3b76",
            ),
            (
                &SHA1,
                "smeg",
                "3d83c0e4546ac140",
                1,
                Use::Integrity,
                "8d967d88f6caa9d714800ab3d48051d63f73a312",
            ),
            (
                &SHA1,
                "queeg",
                "05dec959acff72f7",
                1000,
                Use::Key,
                "ed2034e36328830ff09df1e1a07dd357185dac0d4f9eb3d4",
            ),
            (
                &SHA256,
                "smeg",
                "0a58cf64530d823f",
                1000,
                Use::Integrity,
                "35ac16a454d608fb10c8d7c6338ca85818587aed0ff771fd265957e412c2c03c26ad8fa213a9fcf3",
            ),
            (
                &SHA256,
                &long,
                "0a58cf64530d823f",
                3,
                Use::Key,
                "b30dee7f8433929bab436fbdca255a18050b78bebb436bca57d9988ac788beb561ca943630c4e9aa",
            ),
        ] {
            let expected = octets(expected);
            let found = derive(hash, of, password, &octets(salt), rounds, expected.len());
            assert_eq!(*found, expected, "{password} {salt} {of:?}");
        }
    }
}
