//! A PKI directory of certctl's own: another one, or one whose ledger was lost.

use super::layout::{
    Layout,
    Place::{self, Issued, Key, Ledger, List, Own, Unfinished},
    Standing::{InUse, PutAway},
};

pub(super) const LAYOUT: Layout = Layout {
    looks_for: "`ca/NAME/cert.pem`",
    bases: &["", "pki/"],
    fits: |paths| {
        let is_authority = |path: &str| matches!(place(path), Some(Own(_)));
        paths.any(is_authority)
    },
    place,
};

fn place(path: &str) -> Option<Place<'_>> {
    let names: Vec<_> = path.split('/').collect();
    Some(match names[..] {
        ["ledger.db"] => Ledger,
        ["ledger.db-wal"] => Unfinished,
        ["ca", name, "cert.pem"] => Own(name),
        ["ca", _, "crl.pem" | "crl-bundle.pem"] => List,
        ["ca" | "certs", name, "key.pem"] => Key(name),
        ["certs", name, "cert.pem"] => Issued(Some(name), InUse),
        ["archive", name, "cert.pem"] => Issued(Some(name.rsplit_once('-')?.0), PutAway),
        _ => return None,
    })
}
