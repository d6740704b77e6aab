//! The codes of errors: what `--json` prints as `code`, and what each stands for.
//!
//! The only table of them: debug builds, and so all tests, refuse a [`super::Report`] whose code is not
//! in it or that ends in another way.

use super::report::Kind::{self, Failed, Locked, Refused, Usage};

/// One code of errors.
#[derive(Debug)]
pub(crate) struct ErrorCode {
    /// Stable name in kebab-case
    pub(crate) code: &'static str,
    /// How a command ends with it
    pub(crate) kinds: &'static [Kind],
    /// What was wrong, without final stop; the message of the error says it more closely
    pub(crate) meaning: &'static str,
}

macro_rules! codes {
    ($($code:literal: $($kind:ident)|+, $meaning:literal;)*) => {
        /// Every code of errors, sorted.
        pub(crate) static CODES: &[ErrorCode] = &[$(ErrorCode {
            code: $code,
            kinds: &[$($kind),+],
            meaning: $meaning,
        }),*];
    };
}

codes! {
    "adopt": Failed, "A CA made elsewhere cannot be taken over as it is";
    "ambiguous": Refused, "Several certificates are meant by what was given";
    "answers": Failed, "A file of answers has mistakes, or cannot be read";
    "ca": Failed, "A CA in the PKI directory cannot sign: its certificate cannot be read, or its issuer is not here";
    "ca-fallen": Refused, "The CA, or one above it, was revoked or replaced, and nothing more is signed below it";
    "ca-requested": Refused, "A request wants to become a CA, and `--strict` was given";
    "chain": Failed, "What was to be installed does not make a chain that holds";
    "command": Failed, "A command of the system that was run for this failed";
    "content": Failed, "A file does not hold what its name or place promises";
    "crl": Failed, "A CRL that was to be installed is not one of this CA, is not complete, or is not good now";
    "crl-newer-than-ledger": Refused, "What lies beside the ledger knows more than it: the next CRL would take revocations back";
    "crl-older": Refused, "A CRL that was to be installed is older than the one that is here";
    "csr": Failed, "A certificate signing request cannot be signed";
    "directory-writable": Refused, "Others can write into the PKI directory, so that nothing in it is believed";
    "ends-earlier": Refused, "A CA would end before what it has signed";
    "exec": Failed, "The command that `--exec` names failed; what was made before stands";
    "exists": Refused, "What was to be made is there, and is replaced only with `--force`";
    "export": Failed, "An entry or CA cannot be exported in this format";
    "extfile": Failed, "An extfile has mistakes, or cannot be read";
    "fleet": Failed, "A fleet file has mistakes, or cannot be read";
    "foreign": Failed, "The certificate was issued by a CA that is not in this PKI directory";
    "import": Failed, "Another tool's PKI cannot be taken over as it is";
    "in-source": Refused, "The PKI directory would be where another tool keeps its files, which are only read";
    "internal": Failed, "certctl has contradicted itself: please report it";
    "io": Failed, "The operating system did not let a file be read or written";
    "issuer-expired": Refused, "The CA that was to sign has ended";
    "key": Failed, "A private or public key cannot be read or used";
    "key-elsewhere": Refused, "The key is not here, and only where it is can this be done";
    "key-exposed": Refused, "A CA's private key can be used by others, or belongs to another user";
    "key-mismatch": Failed, "The certificate is not for the key that it was to lie beside";
    "ledger-changed": Failed, "The ledger was changed by something else than certctl";
    "ledger-missing": Failed, "There are certificates and no ledger, or another file in its place";
    "ledger-older": Refused, "An older ledger was put back: what was revoked or replaced since then would be in use again";
    "ledger-shared": Failed, "A ledger that several machines share cannot be reached, or refused";
    "ledger-taken": Refused, "Somebody else who shares the ledger changes the same thing, or just did";
    "ledger-version": Failed, "The ledger was made by a newer certctl";
    "lifetime": Usage, "The life that was asked for is over, or longer than a certificate can say";
    "locked": Locked, "Another program worked on the PKI directory for longer than `--wait`";
    "name-constraint": Refused, "The CA, or one above it, must not issue for one of the names";
    "no-ca": Failed, "There is no CA that could sign, or none of that name";
    "no-certificate": Failed, "There is no certificate with that serial number";
    "no-chain": Refused, "A server sends or reads no chain, or trusts one root only, so that this would not work with it";
    "no-entry": Failed, "There is no entry, CA or file of that name";
    "no-key": Failed, "The private key that is needed is not here";
    "no-pki": Failed, "There is no PKI directory";
    "no-san": Failed, "A leaf would have no subject alternative name";
    "no-store": Failed, "This system has no trust store that certctl knows";
    "no-trust": Failed, "There is nothing to verify a certificate by";
    "not-a-ca": Failed, "The certificate that was to issue is no CA's";
    "not-a-root": Refused, "Only roots can be done this with";
    "not-confirmed": Failed, "The question was answered with no";
    "not-on-hold": Refused, "A revocation can be taken off only where its reason was certificateHold";
    "not-recognised": Failed, "Nobody knows what the file or directory is, or what the text says";
    "not-rotating": Failed, "No CA is being rotated";
    "outlives-issuer": Refused, "A certificate would be valid for longer than its CA";
    "output": Failed, "The result could not be written; what was changed stays so";
    "owner": Refused, "The PKI directory belongs to another user, so that nothing in it is believed";
    "passphrase": Failed, "A passphrase is wrong, or cannot be read";
    "path-length": Refused, "The parent allows no further CA below it";
    "plan": Failed, "A certificate would break rules, which are named";
    "prompt": Failed, "No answer came from the terminal";
    "revoked": Failed | Refused, "What was named has been revoked already";
    "rotating": Refused, "A CA is being rotated, or has been, so that this is not the time for it";
    "sign": Failed, "Making a key or a signature failed";
    "signer": Failed, "The program that has the key of a CA, or reaches it, is not there, or failed";
    "template": Failed, "A server's manifest or template has a mistake";
    "templates": Failed, "The directory that `--templates` names cannot be read";
    "terminal": Refused, "Octets would go to the terminal";
    "unfinished": Failed, "The change is on record and not yet in the files: the next command finishes it";
    "unproven": Refused, "Somebody is not known to be ready for the next step of a rotation, and would be refused or refuse others";
    "usage": Usage, "The command line cannot be followed";
}

/// Whether an error may have this code and end in this way.
pub(crate) fn is_known(code: &str, kind: Kind) -> bool {
    let mut known = CODES.iter();
    known.any(|known| known.code == code && known.kinds.contains(&kind))
}

/// For the schema of errors.
#[cfg(test)]
pub(super) fn all() -> Vec<&'static str> {
    CODES.iter().map(|known| known.code).collect()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    #[test]
    fn codes_are_sorted_and_explained() {
        assert!(CODES.is_sorted_by(|one, next| one.code < next.code));
        for known in CODES {
            let meaning = known.meaning;
            assert!(!meaning.is_empty() && !meaning.ends_with('.'), "{meaning}");
        }
    }

    /// In the source, where it is written out: what no test provokes is found too.
    #[test]
    fn codes_are_those_of_the_source() {
        let mut found = BTreeSet::new();
        let mut directories = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
        while let Some(directory) = directories.pop() {
            for entry in fs::read_dir(directory).expect("of the package") {
                let path = entry.expect("readable").path();
                match path.is_dir() {
                    true => directories.push(path),
                    false => found.extend(codes(&fs::read_to_string(&path).expect("text"))),
                }
            }
        }
        let known: BTreeSet<_> = CODES.iter().map(|known| known.code.to_owned()).collect();
        assert_eq!(found, known);
    }

    /// The first literal after each maker of a report.
    fn codes(source: &str) -> Vec<String> {
        let makers = [
            "failed(",
            "refused(",
            "of_file(",
            "Kind::Usage,",
            "Kind::Locked,",
        ];
        let of = |maker: &&str| {
            let after = source.split(maker).skip(1);
            let literals =
                after.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split_once('"'));
            let codes = literals.map(|(code, _)| code.to_owned());
            codes
                .filter(|code| code.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
                .collect::<Vec<_>>()
        };
        let constant = source
            .split("UNPRINTED: &str = \"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let written = makers.iter().flat_map(of);
        written
            .chain(constant.map(str::to_owned))
            .filter(|code| !code.is_empty())
            .collect()
    }
}
