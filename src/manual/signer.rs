//! `certctl-signer(7)`: keys of CAs in tokens and agents, and the language of the programs that reach them.

use clap_mangen::roff::{Roff, bold, roman};

use super::{section, title, verbatim};

/// The example, which tests run.
const EXAMPLE: &str = include_str!("certctl-signer-file");

/// A heading, what stands below it, and lines that stand as they are.
type Chapter = (&'static str, &'static str, &'static [&'static str]);

/// Writes the page in roff.
pub(super) fn page() -> String {
    let mut page = title(
        "certctl-signer",
        "7",
        "keys of CAs that never leave their token, and programs that sign with them",
    );
    for (heading, text, lines) in ABOUT {
        section(&mut page, heading, text);
        verbatim(&mut page, lines.iter().copied());
    }
    list(&mut page, "URIS", URIS);
    list(&mut page, "ENVIRONMENT", VARIABLES);
    for (heading, text, lines) in LANGUAGE {
        section(&mut page, heading, text);
        verbatim(&mut page, lines.iter().copied());
    }
    list(&mut page, "ALGORITHMS", ALGORITHMS);
    list(&mut page, "KINDS OF ERRORS", KINDS);
    let text = "Twenty lines of Python that sign with a key in a file elsewhere. As certctl-signer-file on PATH it \
                serves `certctl init-ca root --key-uri file:/media/stick/ca.pem`:";
    section(&mut page, "EXAMPLE", text);
    verbatim(&mut page, EXAMPLE.lines());
    let others = "certctl-init-ca(1), certctl-init-intermediate(1), certctl-crl(1), certctl-offline-root(7), ssh-agent(1), \
                  RFC 7512";
    section(&mut page, "SEE ALSO", others);
    page.to_roff()
}

/// A section of words, each with what it means.
fn list(page: &mut Roff, heading: &str, rows: &[(&str, &str)]) {
    page.control("SH", [heading]);
    for (word, meaning) in rows {
        page.control("TP", []);
        page.text([bold(*word)]);
        page.text([roman(*meaning)]);
    }
}

const ABOUT: &[Chapter] = &[
    (
        "DESCRIPTION",
        "The key of a CA need not lie in a file. Where ca/NAME/key.uri stands in the place of ca/NAME/key.pem, it names \
         a key in a token (a smart card, an HSM, a YubiHSM, a TPM, all that has a PKCS#11 module) or in an SSH agent, and \
         a program called certctl-signer-SCHEME, found on PATH, signs with it: SCHEME is what stands before the first \
         colon. The key never enters certctl, and a module that crashes takes no ledger with it. All commands work as \
         with a key in a file:",
        &[
            "certctl init-ca root --key-uri 'pkcs11:token=ca;object=root' --generate",
            "certctl init-intermediate issuing --key-uri ssh-agent:issuing",
            "certctl issue node1",
        ],
    ),
    (
        "PINS",
        "A PIN is given with `--pin-file [CA=]FILE` or `--pin-env [CA=]VARIABLE`, or else at the prompt of a terminal. It \
         is the tokens' alone: keys in files are encrypted by `--passphrase-file` and `--passphrase-env`, which give the \
         PIN, too, where no other is given. It goes to the program's \
         standard input, and neither to its command line nor to its environment; where the program repeats it, certctl \
         leaves it out of what is shown. A wrong one is tried once, for tokens lock themselves after a few.",
        &[],
    ),
    (
        "ROTATIONS",
        "`rotate-ca start --key-uri` says where the successor's key is, `{name}` standing for the successor's name, and \
         `--generate` makes it there; so for the CAs below whose keys are in tokens, or one by one with `CA=URI`. A root \
         whose key lay in a file may so move into a token. The old key is still needed, for CRLs, until what it signed has \
         ended; what `abort` takes back leaves its key in the token. In fleet files `key_uri` and `generate` say the same \
         of a CA that is to be made (certctl-fleet(5)).",
        &[
            "certctl rotate-ca start root --key-uri 'pkcs11:token=ca;object={name}' --generate --pin-file pin",
            "certctl rotate-ca switch --pin-file pin",
        ],
    ),
    (
        "WHAT IS BELIEVED",
        "What lies in a PKI directory says which key is meant, and nothing else. It cannot say what is run: the scheme is \
         lower-case letters, digits and hyphens, and the program comes from an absolute directory on PATH. It cannot \
         say what is loaded: a URI with a query, or with module-path, module-name, pin-source or pin-value anywhere, is \
         refused; the module comes from the environment of whoever runs certctl. The public key that the program gives \
         is compared with the CA's certificate before anything is signed, and every signature is verified with it \
         before anything is kept. A program that ends, is silent for a minute or speaks another language is ended, and \
         nothing has changed.",
        &[],
    ),
];

const URIS: &[(&str, &str)] = &[
    (
        "pkcs11:token=ca;object=root",
        "A key in a token (RFC 7512), with the attributes token, manufacturer, model, serial, object, id and type. What is \
         left out may be anything; where several keys are meant, they are listed and none is taken. With `--generate` \
         a key is made under the object's label: sensitive, and not extractable. A large batch is signed in as many sessions as the \
         token gives, up to 32. Private keys that ask for the PIN \
         before each signature get it, where the token makes signatures in parts (SoftHSM: with RSA). What a token can do of p256, p384, ed25519, rsa2048, rsa3072 and rsa4096, \
         certctl can sign with.",
    ),
    (
        "ssh-agent:SHA256:FINGERPRINT, ssh-agent:COMMENT, ssh-agent:",
        "A key of the agent at SSH_AUTH_SOCK, by its fingerprint as `ssh-add -l` shows it, its comment, or as the only \
         one. RSA signatures are PKCS#1 v1.5 with SHA-256, as certctl makes them itself; an agent has no RSASSA-PSS for \
         certificates. Keys of FIDO devices (sk-...) and P-521 cannot sign certificates. An agent takes 256 KiB at \
         once: a CRL with more than some 5,000 certificates needs another key. Agents make no keys: ssh-keygen(1) does.",
    ),
];

const VARIABLES: &[(&str, &str)] = &[
    (
        "CERTCTL_PKCS11_MODULE",
        "The PKCS#11 module that certctl-signer-pkcs11 loads, by its absolute path. Without it p11-kit-proxy.so is loaded, \
         which has all modules that p11-kit(8) knows.",
    ),
    (
        "CERTCTL_SIGNER_TIMEOUT",
        "How many seconds an answer is waited for, 60 unless set: somebody may have to touch the token.",
    ),
    (
        "SSH_AUTH_SOCK",
        "Where certctl-signer-ssh-agent finds the agent.",
    ),
];

const LANGUAGE: &[Chapter] = &[
    (
        "THE LANGUAGE",
        "Whoever has other keys writes another program: certctl-signer-NAME for URIs that begin with NAME. It reads one \
         JSON object a line on standard input, writes one a line on standard output for each, none longer than 64 KiB, and \
         ends where its input ends. Several requests may be on their way, for a large batch some thirty, as HSMs in a network \
         want; id, which stands in the answer too, tells which is answered, and the order is free. One that is at work on \
         others first is waited for, as long as any answer comes within a minute. An answer has public_key, signature, pin_of or error, and one of \
         them only. What it writes on standard error is shown where it fails. First the key is opened; version is 1. \
         The public key is a SubjectPublicKeyInfo (RFC 5280) in base64:",
        &[
            r#"> {"id":1,"op":"open","version":1,"key":"pkcs11:token=ca;object=root"}"#,
            r#"< {"id":1,"public_key":"MFkwEwYHKoZIzj0CAQYI..."}"#,
        ],
    ),
    (
        "PIN",
        "A key that needs a PIN says of what, in words for the prompt, and is asked for again:",
        &[
            r#"< {"id":1,"pin_of":"the token `ca`"}"#,
            r#"> {"id":2,"op":"open","version":1,"key":"pkcs11:token=ca;object=root","pin":"1234"}"#,
        ],
    ),
    (
        "SIGNATURES",
        "Of the key that was opened last; the message is not hashed yet, message and signature are in base64:",
        &[
            r#"> {"id":3,"op":"sign","algorithm":"ecdsa-sha256","message":"MIIB..."}"#,
            r#"< {"id":3,"signature":"MEUC..."}"#,
        ],
    ),
    (
        "NEW KEYS",
        "With `--generate`; a program that makes none says so. It refuses a name that a key has already, and from then on \
         signs with the new key:",
        &[
            r#"> {"id":1,"op":"generate","version":1,"key":"pkcs11:token=ca;object=root","key_type":"p256"}"#,
            r#"< {"id":1,"public_key":"MFkwEwYHKoZIzj0CAQYI..."}"#,
        ],
    ),
    (
        "ERRORS",
        "In words for the user; hint says what mends it, and kind is for certctl. Both may be left out:",
        &[r#"< {"id":1,"error":"no such key","kind":"no-key","hint":"it has root and issuing"}"#],
    ),
];

const ALGORITHMS: &[(&str, &str)] = &[
    (
        "ecdsa-sha256, ecdsa-sha384",
        "ECDSA on P-256 with SHA-256, on P-384 with SHA-384: a SEQUENCE of two INTEGERs in DER (RFC 5758).",
    ),
    ("ed25519", "Ed25519 (RFC 8032): 64 octets."),
    (
        "rsa-pkcs1-sha256",
        "RSASSA-PKCS1-v1_5 with SHA-256 (RFC 4055): as long as the modulus.",
    ),
];

const KINDS: &[(&str, &str)] = &[
    ("pin", "The PIN is wrong, or locked."),
    (
        "no-key",
        "No key has that name. `--generate -n` is content with that.",
    ),
    ("ambiguous", "Several keys have that name."),
    ("exists", "A key that was to be made is there already."),
    ("unable", "The token, the agent or the key cannot do that."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signer::{
        answer::{Answer, Kind, MAX_LINE},
        request::{Algorithm, Request},
    };

    #[test]
    fn lines_of_the_page_are_of_the_language() {
        for line in LANGUAGE.iter().flat_map(|(.., lines)| *lines) {
            match line.split_at(2) {
                ("> ", line) => {
                    assert!(serde_json::from_str::<Request<'_>>(line).is_ok(), "{line}");
                }
                (_, line) => assert!(serde_json::from_str::<Answer>(line).is_ok(), "{line}"),
            }
        }
        let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let told: Vec<_> = ALGORITHMS
            .iter()
            .flat_map(|(words, _)| words.split(", "))
            .collect();
        let known = Algorithm::ALL.map(|it| word(serde_json::to_value(it).expect("JSON")));
        assert_eq!(told, known);
        for (kind, _) in KINDS {
            assert!(
                serde_json::from_str::<Kind>(&format!("\"{kind}\"")).is_ok(),
                "{kind}"
            );
        }
        assert_eq!(MAX_LINE, 64 << 10);
        assert!(EXAMPLE.lines().count() <= 24);
    }
}
