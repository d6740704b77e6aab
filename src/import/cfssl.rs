//! cfssl: `NAME.pem`, `NAME-key.pem` and `NAME.csr`, as `cfssljson -bare` writes them, and a database of SQLite's
//! (`-db-config`).

use super::layout::{
    Layout,
    Place::{self, Database, Key, List, Own, Unfinished},
    stem,
};

pub(super) const LAYOUT: Layout = Layout {
    looks_for: "`NAME.pem` with `NAME-key.pem`, and `NAME.csr` or a database `NAME.db`",
    bases: &[""],
    fits: |paths| {
        let has_database = paths.any(|path| place(path) == Some(Database));
        paths.any_with(".csr", &[".pem", "-key.pem"])
            || has_database && paths.any_with("-key.pem", &[".pem"])
    },
    place,
};

fn place(path: &str) -> Option<Place<'_>> {
    if path.contains('/') {
        return None;
    }
    if stem(path, &[".crl"]).is_some() {
        return Some(List);
    }
    if stem(path, &[".db", ".sqlite", ".sqlite3"]).is_some() {
        return Some(Database);
    }
    if stem(path, &["-wal", "-journal"]).is_some_and(|it| place(it) == Some(Database)) {
        return Some(Unfinished);
    }
    match stem(path, &["-key.pem"]) {
        Some(name) => Some(Key(name)),
        None => stem(path, &[".pem"]).map(Own),
    }
}
