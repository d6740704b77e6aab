//! PEM (RFC 7468): text blocks around DER.

/// Writes one block with lines of 64 characters that end in a line feed.
#[must_use]
pub fn encode(label: &str, der: &[u8]) -> String {
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    pem::encode_config(&pem::Pem::new(label, der), config)
}
