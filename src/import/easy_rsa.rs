//! easy-rsa 3: an `openssl ca` with a name a certificate, and what was revoked or renewed put aside by its serial
//! number.

use super::layout::{
    Layout,
    Place::{self, Index, Issued, Key, List, ListNumber, Own},
    Standing::{InUse, Kept, Revoked},
    stem,
};

pub(super) const LAYOUT: Layout = Layout {
    looks_for: "`ca.crt` and `index.txt` beside `issued/` or `certs_by_serial/`",
    bases: &["", "pki/"],
    fits: |paths| {
        paths.has("ca.crt")
            && paths.has("index.txt")
            && (is_marked(paths) || paths.has("openssl-easyrsa.cnf"))
    },
    place,
};

/// Whether there are the folders that only easy-rsa makes.
pub(super) fn is_marked(paths: &super::layout::Paths<'_>) -> bool {
    let folders = [
        "issued/",
        "certs_by_serial/",
        "renewed/",
        "revoked/certs_by_serial/",
    ];
    paths.any(|path| folders.iter().any(|folder| path.starts_with(folder)))
}

const CERTIFICATE: &[&str] = &[".crt", ".pem"];

fn place(path: &str) -> Option<Place<'_>> {
    let names: Vec<_> = path.split('/').collect();
    Some(match names[..] {
        ["ca.crt"] => Own("ca"),
        ["index.txt"] => Index,
        ["crlnumber"] => ListNumber,
        ["crl.pem"] => List,
        ["renewed" | "revoked", "private" | "private_by_serial", name] | ["private", name] => {
            Key(stem(name, &[".key"])?)
        }
        ["issued", name] => Issued(Some(stem(name, &[".crt"])?), InUse),
        ["renewed", "issued", name] | ["expired", name] => {
            Issued(Some(stem(name, &[".crt"])?), Kept)
        }
        ["revoked", "certs_by_serial", name] => {
            stem(name, CERTIFICATE).map(|_| Issued(None, Revoked))?
        }
        ["certs_by_serial", name] | ["renewed" | "expired", "certs_by_serial", name] => {
            stem(name, CERTIFICATE).map(|_| Issued(None, Kept))?
        }
        _ => return None,
    })
}
