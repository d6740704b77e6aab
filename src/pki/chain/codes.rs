//! The stable codes of what a chain can break, and what they stand for.

use crate::{
    explained::{Explained, Told},
    severity::Severity,
};

/// One kind of breach.
#[derive(Debug)]
pub(super) struct Code {
    /// How far a path got, as [`super::failure::Rule::rank`]; tens tell the kinds apart, and leave room
    pub(super) rank: u8,
    /// Where it is written: of an RFC, or of our manual
    pub(super) section: &'static str,
    /// The code, and what it stands for
    pub(super) told: Told,
}

/// One static each, and the table of them, so that no code can be missing from it.
macro_rules! codes {
    (@told $code:literal, $section:literal, ($meaning:literal, $hint:literal)) => {
        Told::Here(Explained::new($code, Severity::Error, $section, $meaning, $hint))
    };
    (@told $code:literal, $section:literal, $rule:literal) => {
        Told::Alike {
            code: $code,
            severity: Severity::Error,
            source: $section,
            rule: $rule,
        }
    };
    ($($name:ident: $rank:literal, $code:literal, $section:literal, $words:tt;)*) => {
        $(pub(super) static $name: Code = Code {
            rank: $rank,
            section: $section,
            told: codes!(@told $code, $section, $words),
        };)*

        /// Every code, the gravest first.
        pub(super) static CODES: &[&Code] = &[$(&$name),*];
    };
}

// A lone word is the code of a rule of `check` that says the same.
codes! {
    BUDGET: 0, "budget", "certctl-verify(1)", (
        "The search was given up: so many certificates have the same names or keys that trying all paths would take too long",
        "give fewer certificates with `--untrusted` and `--trust`"
    );
    ISSUER_UNKNOWN: 10, "issuer-unknown", "RFC 5280 §6.1.3 (a)(4)", (
        "Nobody who is trusted or was given has the name of the issuer, so that the chain ends too early",
        "give the certificates in between with `--untrusted FILE`, or trust the issuer with `--trust FILE`"
    );
    ISSUER_ENCODING: 12, "issuer-encoding", "RFC 5280 §7.1", (
        "The issuer's certificate is at hand, and writes its name in other octets: string types, case or blanks differ. OpenSSL, Java and Erlang find it, GnuTLS, Go and rustls do not",
        "issue it again by the CA as it is, or give the CA a certificate with the name as it was written before"
    );
    SELF_SIGNED: 11, "self-signed", "RFC 5280 §6.1.1 (d)", (
        "The chain ends in a certificate that signed itself, and it is not trusted",
        "trust it with `--trust FILE`, if you know that it is the right one"
    );
    ISSUER_KEY_DIFFERS: 12, "issuer-key-differs", "RFC 5280 §4.2.1.1", (
        "A certificate with the issuer's name is at hand, and it is not its key that signed: the CA has another certificate, or a namesake",
        "give the issuer's other certificate, or issue again by the CA that is in use"
    );
    ISSUER_CERTIFICATE_DIFFERS: 12, "issuer-certificate-differs", "RFC 5280 §4.2.1.1", (
        "The authorityKeyIdentifier names the issuer's certificate by its serial number and its own issuer, and the one at hand has others: after a renewal with the same key nobody finds it any more",
        "issue it again by the CA that is in use, with a keyIdentifier only, or give the issuer's older certificate"
    );
    BAD_SIGNATURE: 13, "bad-signature", "RFC 5280 §6.1.3 (a)(1)", (
        "The signature does not hold with the issuer's key: the certificate was changed, or another CA of the same name signed it",
        "get the certificate again from where it was issued, or issue it again"
    );
    UNUSABLE_SIGNATURE: 14, "unusable-signature", "RFC 5280 §4.1.1.2", (
        "The signature is of a kind that cannot be checked, or does not fit the issuer's key",
        "issue it again with a key of P-256, P-384, Ed25519 or RSA"
    );
    WEAK_SIGNATURE: 15, "weak-signature", "RFC 9325 §4.5", "weak-signature";
    CRITICAL_EXTENSION: 20, "critical-extension", "RFC 5280 §4.2", (
        "A critical extension is unknown here, and who does not understand it must refuse the certificate",
        "issue it again without the extension, or with it not critical"
    );
    NOT_A_CA: 30, "not-a-ca", "RFC 5280 §6.1.4 (k)", "not-a-ca";
    NO_KEY_CERT_SIGN: 31, "no-key-cert-sign", "RFC 5280 §6.1.4 (n)", "ca-key-usage";
    PATH_TOO_LONG: 32, "path-too-long", "RFC 5280 §6.1.4 (m)", (
        "More CAs stand below a CA than its pathlen allows",
        "issue by a CA that is higher up, or make the upper CA again with a larger `--path-len`"
    );
    NAME_CONSTRAINT: 33, "name-constraint", "RFC 5280 §4.2.1.10", (
        "The certificate has a name that a CA above it must not issue for",
        "issue it for names that the CA allows, or by another CA"
    );
    REVOKED: 40, "revoked", "RFC 5280 §6.3.3", (
        "The CA has taken the certificate back before its end",
        "issue another one; a hold is taken off with `certctl revoke NAME --reason removeFromCRL`"
    );
    EXPIRED: 50, "expired", "RFC 5280 §4.1.2.5", "expired";
    NOT_YET_VALID: 51, "not-yet-valid", "RFC 5280 §4.1.2.5", "not-yet-valid";
    CRL_MISSING: 60, "crl-missing", "RFC 5280 §6.3.3", (
        "CRLs were given, and none is by the certificate's issuer, its name in the same octets, and for such certificates, so that nobody knows whether it was revoked",
        "give the issuer's too; `certctl crl` makes it"
    );
    CRL_EXPIRED: 61, "crl-expired", "RFC 5280 §5.1.2.5", "crl-expired";
    CRL_WITHOUT_END: 61, "crl-unusable", "RFC 5280 §5.1.2.5", (
        "The issuer's CRL is of a kind that cannot be used, such as a delta CRL or one for some reasons only, or does not say when the next one comes",
        "give a complete CRL of the issuer's own"
    );
    CRL_NOT_YET_VALID: 61, "crl-not-yet-valid", "RFC 5280 §5.1.2.4", (
        "The issuer's CRL begins later than the time that is asked for",
        "look at the clock, or at `--at`"
    );
    CRL_SIGNER: 61, "crl-bad-signature", "RFC 5280 §6.3.3 (f)", (
        "The issuer's CRL does not count: its signature does not hold, or the issuer may not sign CRLs",
        "get it again from the CA; a CA that signs CRLs has keyUsage cRLSign"
    );
    CRL_SIGNATURE: 61, "crl-bad-signature", "RFC 5280 §6.3.3 (g)", "crl-bad-signature";
    CRL_UNUSABLE: 61, "crl-unusable", "RFC 5280 §5.2", "crl-unusable";
    PURPOSE: 70, "purpose", "RFC 5280 §4.2.1.12", (
        "The certificate's extendedKeyUsage lacks what `--purpose` asks for: a server refuses such a client, a client such a server",
        "issue it again with a profile that has it: node, server or client"
    );
    KEY_USAGE: 71, "key-usage", "RFC 5280 §4.2.1.12", (
        "The certificate's keyUsage does not allow what the purpose needs, such as digitalSignature",
        "issue it again with digitalSignature"
    );
    WEBPKI: 75, "refused-by-rustls", "certctl-verify(1)", (
        "Nothing here speaks against the chain, and rustls-webpki, which was asked with `--like webpki`, refuses it nevertheless",
        "issue the certificates again by `certctl`, which keeps to what rustls takes"
    );
    HOST: 80, "host", "RFC 9525 §6", (
        "The certificate does not name the host that is asked for; whoever dials by that name refuses it",
        "issue it again with the name, `--san NAME`, or dial a name that it has"
    );
}
