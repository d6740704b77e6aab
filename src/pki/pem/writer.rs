//! Writing PEM (RFC 7468 §2), of what everybody may read and of what nobody else may.

use zeroize::Zeroizing;

use super::base64;

/// Writes one block of what everybody may read, with lines of 64 characters that end in a line feed.
#[must_use]
pub fn encode(label: &str, der: &[u8]) -> String {
    let config = ::pem::EncodeConfig::new().set_line_ending(::pem::LineEnding::LF);
    ::pem::encode_config(&::pem::Pem::new(label, der), config)
}

/// Writes the same of a private key, into one buffer that is wiped: the pem crate would leave copies.
#[must_use]
pub fn encode_secret(label: &str, der: &[u8]) -> Zeroizing<String> {
    // Reserved whole, so that no growth leaves a copy behind.
    let markers = 2 * (label.len() + "-----BEGIN -----\n".len());
    let length = markers + base64::encoded_length(der.len());
    let mut text = Zeroizing::new(String::with_capacity(length));
    for part in ["-----BEGIN ", label, "-----\n"] {
        text.push_str(part);
    }
    base64::encode(der, &mut text);
    for part in ["-----END ", label, "-----\n"] {
        text.push_str(part);
    }
    text
}
