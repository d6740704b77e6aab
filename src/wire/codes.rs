//! The stable codes of what `probe` alone can find, and what they stand for.

use crate::{
    explained::{Explained, Told},
    severity::Severity,
};

/// One static each, and the table of them, so that no code can be missing from it.
macro_rules! codes {
    ($($name:ident: $code:literal, $severity:ident, $source:literal, $meaning:literal, $hint:literal;)*) => {
        $(pub(super) static $name: &Told = &Told::Here(Explained::new(
            $code,
            Severity::$severity,
            $source,
            $meaning,
            $hint,
        ));)*

        static CODES: &[&Told] = &[$($name),*];
    };
}

codes! {
    CLIENT_CA_HINT_MISSING: "client-ca-hint-missing", Warning, "RFC 8446 §4.2.4",
        "The server lists the CAs whose clients it takes, and that of the client certificate is not among them: Java and browsers choose by that list, and show nothing",
        "name the client's root among those that the server verifies clients by";
    CLIENT_CERTIFICATE_LEFT_TO_LOGIN: "client-certificate-left-to-login", Info, "certctl-probe(1)",
        "The server asks for a client certificate, and its own rules say at login who needs one: probe does not log in",
        "see who needs one: `certctl check FILE` reads such rules, and a client without a certificate tries them";
    CLIENT_CERTIFICATE_NOT_ASKED: "client-certificate-not-asked", Warning, "RFC 8446 §4.3.2",
        "The server asks nobody for a certificate, where the ends of the connection are to prove both who they are",
        "turn client certificates on: `certctl config SERVER NAME --client-ca CA` shows how";
    CLIENT_CERTIFICATE_NOT_REQUIRED: "client-certificate-not-required", Warning, "RFC 8446 §4.4.2.4",
        "The server asks for a client certificate, and lets in who has none",
        "have the server demand it: `certctl config SERVER NAME --client-ca CA` shows how";
    CLIENT_CERTIFICATE_REFUSED: "client-certificate-refused", Error, "RFC 8446 §4.4.2.4",
        "The server asks for a client certificate, and refuses the one that it was shown",
        "see whether the server trusts the client's root, and has loaded it: `certctl verify NAME --purpose client`";
    HANDSHAKE_FAILED: "handshake-failed", Error, "RFC 8446 §6.2",
        "Somebody answers, and no TLS connection comes of it",
        "look into the server's log: what it says there is more than what it tells others";
    OLD_PROTOCOL: "old-protocol", Warning, "RFC 8996 §4, §5",
        "The server takes TLS before 1.2, which is broken",
        "allow TLS 1.2 and 1.3 alone";
    PLAINTEXT: "plaintext", Error, "certctl-probe(1)",
        "What answers there speaks without TLS, so that anybody in between reads and changes it",
        "turn TLS on: `certctl config SERVER NAME` shows how; or name what is spoken before TLS: `certctl probe postgresql://HOST`";
    SERVED_CHAIN_INCOMPLETE: "served-chain-incomplete", Error, "RFC 8446 §4.4.2",
        "The server leaves out an intermediate: clients that know only the root refuse it",
        "have it send the whole chain: cert.pem of an entry holds leaf and intermediates";
    SERVED_DIFFERS: "served-differs", Warning, "certctl-probe(1)",
        "The server shows another certificate than the one that lies ready for it, as when it was renewed and not loaded",
        "copy the new files to the server, and have it load them";
    UNREACHABLE: "unreachable", Error, "certctl-probe(1)",
        "Nobody answers there",
        "see whether the server runs, listens on that port, and no firewall is in between";
}

/// Every code that `probe` alone finds, sorted, and what it stands for.
pub fn told() -> impl Iterator<Item = &'static Told> {
    CODES.iter().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted() {
        assert!(CODES.is_sorted_by(|one, next| one.code() < next.code()));
    }
}
