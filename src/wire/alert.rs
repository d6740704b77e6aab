//! TLS alerts in words (RFC 8446 §6).

/// An alert's name and what the peer means by it.
pub(super) fn words(number: u8) -> String {
    let known = ALERTS.iter().find(|(code, ..)| *code == number);
    known.map_or_else(
        || format!("alert {number}"),
        |(_, name, meaning)| format!("{name}: {meaning}"),
    )
}

/// Number, name and meaning of every alert.
const ALERTS: &[(u8, &str, &str)] = &[
    (0, "close_notify", "it ends the connection"),
    (
        10,
        "unexpected_message",
        "it did not expect this message now",
    ),
    (20, "bad_record_mac", "it could not decrypt a record"),
    (21, "decryption_failed", "it could not decrypt a record"),
    (22, "record_overflow", "a record was too long"),
    (
        30,
        "decompression_failure",
        "it could not decompress a record",
    ),
    (
        40,
        "handshake_failure",
        "it found nothing that both can do, or wants a client certificate",
    ),
    (41, "no_certificate", "it has no certificate"),
    (
        42,
        "bad_certificate",
        "it does not like the certificate that it was shown, or wants one",
    ),
    (
        43,
        "unsupported_certificate",
        "it does not take certificates of this kind",
    ),
    (
        44,
        "certificate_revoked",
        "the certificate that it was shown is revoked",
    ),
    (
        45,
        "certificate_expired",
        "the certificate that it was shown is not valid now",
    ),
    (
        46,
        "certificate_unknown",
        "it does not accept the certificate that it was shown",
    ),
    (47, "illegal_parameter", "a field was out of range"),
    (
        48,
        "unknown_ca",
        "it does not know the CA of the certificate that it was shown, or an intermediate is missing",
    ),
    (
        49,
        "access_denied",
        "the certificate is good, and it lets nobody in with it",
    ),
    (50, "decode_error", "it could not read a message"),
    (51, "decrypt_error", "a signature or a key did not hold"),
    (60, "export_restriction", "it may not use such keys"),
    (
        70,
        "protocol_version",
        "it does not speak this version of TLS",
    ),
    (71, "insufficient_security", "it wants stronger ciphers"),
    (80, "internal_error", "something failed on its side"),
    (
        86,
        "inappropriate_fallback",
        "it speaks a later version than it was asked for",
    ),
    (90, "user_canceled", "somebody stopped it"),
    (100, "no_renegotiation", "it does not negotiate again"),
    (109, "missing_extension", "an extension was missing"),
    (
        110,
        "unsupported_extension",
        "there was an extension that it did not ask for",
    ),
    (
        111,
        "certificate_unobtainable",
        "it could not fetch the certificate",
    ),
    (112, "unrecognized_name", "it does not serve this name"),
    (
        113,
        "bad_certificate_status_response",
        "it does not like the OCSP answer",
    ),
    (
        114,
        "bad_certificate_hash_value",
        "the certificate has another hash",
    ),
    (
        115,
        "unknown_psk_identity",
        "it does not know the pre-shared key",
    ),
    (116, "certificate_required", "it wants a client certificate"),
    (
        120,
        "no_application_protocol",
        "it speaks none of the application protocols",
    ),
    (121, "ech_required", "it wants an encrypted ClientHello"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_have_words() {
        assert!(ALERTS.is_sorted_by(|one, next| one.0 < next.0));
        assert_eq!(
            words(116),
            "certificate_required: it wants a client certificate"
        );
        assert_eq!(words(200), "alert 200");
    }
}
