//! Parameters of a Diffie-Hellman exchange over a prime field (PKCS #3 §9, RFC 3279 §2.3.3), as servers read
//! them from PEM.

use x509_parser::{asn1_rs::Any, prelude::FromDer as _};

use super::{der::tag, pem, pem::PemError};

/// Labels of the two forms; both begin with the prime.
const LABELS: [&str; 2] = ["DH PARAMETERS", "X9.42 DH PARAMETERS"];

/// Why there are no parameters in a file.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ParametersError {
    /// It is no PEM.
    #[error("{0}")]
    Pem(#[from] PemError),
    /// Blocks, and none of parameters.
    #[error("no Diffie-Hellman parameters in it; `openssl dhparam 2048` makes them")]
    Missing,
    /// The block holds something else than its label says.
    #[error("line {0}: the block does not hold Diffie-Hellman parameters")]
    Malformed(usize),
}

/// How many bits the prime has.
///
/// # Errors
///
/// Where the text is no PEM of such parameters.
pub fn bits(text: &[u8]) -> Result<usize, ParametersError> {
    let blocks = pem::decode(text)?;
    let mut blocks = blocks.iter();
    let block = blocks.find(|block| LABELS.contains(&&*block.label));
    let block = block.ok_or(ParametersError::Missing)?;
    prime(&block.contents).ok_or(ParametersError::Malformed(block.line))
}

/// The length of the first number, which is positive, of at least two.
fn prime(der: &[u8]) -> Option<usize> {
    let (rest, sequence) = Any::from_der(der).ok()?;
    let is = |any: &Any<'_>, tag: u8| any.header.tag().0 == u32::from(tag & 0x1f);
    if !rest.is_empty() || !is(&sequence, tag::SEQUENCE) {
        return None;
    }
    let (rest, prime) = Any::from_der(sequence.data).ok()?;
    let (_, generator) = Any::from_der(rest).ok()?;
    let are_numbers = is(&prime, tag::INTEGER) && is(&generator, tag::INTEGER);
    let first = *prime.data.first()?;
    if !are_numbers || first & 0x80 != 0 {
        return None;
    }
    let zeroes = prime.data.iter().take_while(|octet| **octet == 0).count();
    let magnitude = &prime.data[zeroes..];
    let leading = magnitude.first()?.leading_zeros();
    Some(magnitude.len() * 8 - usize::try_from(leading).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::der::{integer, sequence};

    fn pem_of(label: &str, prime: &[u8]) -> Vec<u8> {
        let der = sequence(&[integer(prime), integer(&[2])]);
        pem::encode(label, &der).into_bytes()
    }

    #[test]
    fn bits_of_the_prime() {
        let of = |text: &[u8]| bits(text).map_err(|error| error.to_string());
        for label in LABELS {
            assert_eq!(of(&pem_of(label, &[0xff; 256])), Ok(2048));
            assert_eq!(of(&pem_of(label, &[0x01, 0xff])), Ok(9));
        }
        let missing = Err(ParametersError::Missing.to_string());
        assert_eq!(of(b"junk"), missing);
        assert_eq!(of(&pem_of("CERTIFICATE", &[1])), missing);
        let other = pem::encode("DH PARAMETERS", &integer(&[7]));
        let malformed = Err(ParametersError::Malformed(1).to_string());
        assert_eq!(of(other.as_bytes()), malformed);
        let negative = sequence(&[&[0x02, 0x01, 0x80][..], &integer(&[2])]);
        let negative = pem::encode("DH PARAMETERS", &negative);
        assert_eq!(of(negative.as_bytes()), malformed);
    }
}
