//! What must hold of every PKI directory, whatever happened to the commands that worked on it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use certctl::pki::{certificate::Certificate, pem};
use certctl::store::authority::read_key;
use rusqlite::{Connection, OpenFlags};

use crate::scene::State;
use crate::support::{Certctl, openssl};

/// What holds at every instant, also where a command was killed: no key is anybody else's, and what is
/// published is whole.
pub(crate) fn inspect_unrepaired(certctl: &Certctl) {
    check_modes(&certctl.pki(""));
    for (path, certificates) in directories(certctl, &["ca", "certs"]) {
        let mut names = names_in(&path);
        names.remove("crl.pem");
        let is_leaf = path
            .parent()
            .is_some_and(|parent| parent.ends_with("certs"));
        let expected: &[&[&str]] = match is_leaf {
            true => &[&["ca-chain.pem", "ca.pem", "cert.pem", "key.pem"]],
            false => &[
                &["bundle.pem", "cert.pem", "key.pem"],
                &["cert.pem", "chain.pem", "key.pem"],
            ],
        };
        let is_whole = expected
            .iter()
            .any(|expected| names.iter().eq(expected.iter()));
        assert!(is_whole, "{}: {names:?}", path.display());
        let key = fs::read(path.join("key.pem")).expect("a key can be read");
        let matches = read_key(&key, None, &certificates[0]);
        assert!(
            matches.is_ok(),
            "{}: key and certificate differ",
            path.display()
        );
    }
}

/// What holds between commands as well.
pub(crate) fn inspect(certctl: &Certctl) {
    inspect_unrepaired(certctl);
    for name in names_in(certctl.pki("")) {
        let known = ["archive", "ca", "certs", "ledger.db"].contains(&name.as_str());
        assert!(known, "{name} was left");
    }
    let state = State::of(certctl);
    let mut current = BTreeSet::new();
    let mut serials = BTreeSet::new();
    for (name, kind, status, serial) in &state.rows {
        assert!(serials.insert(serial), "the serial {serial} was used twice");
        if status == "Current" {
            let area = if kind == "Root" || kind == "Intermediate" {
                "ca"
            } else {
                "certs"
            };
            current.insert((format!("{area}/{name}"), serial.clone()));
        }
    }
    let (archived, standing): (BTreeSet<_>, BTreeSet<_>) = state
        .directories
        .iter()
        .cloned()
        .partition(|(path, _)| path.starts_with("archive/"));
    assert_eq!(standing, current, "ledger and files disagree");
    for (path, serial) in archived {
        assert!(
            serials.contains(&serial),
            "{path} has a certificate that nobody recorded"
        );
    }
    verify(certctl);
}

/// Every private key is 0600 in directories of 0700.
fn check_modes(directory: &Path) {
    let Ok(listed) = fs::read_dir(directory) else {
        return;
    };
    let mode = |path: &Path| {
        fs::symlink_metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o7777
    };
    assert_eq!(mode(directory), 0o700, "{}", directory.display());
    for entry in listed {
        let path = entry.expect("a directory can be listed").path();
        if path.is_dir() {
            check_modes(&path);
            continue;
        }
        let is_public =
            !path.ends_with("key.pem") && path.extension().is_some_and(|end| end == "pem");
        let expected = if is_public { 0o644 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{}", path.display());
        let content = fs::read(&path).expect("a file can be read");
        let is_secret = content.windows(11).any(|window| window == b"PRIVATE KEY");
        assert!(
            !is_public || !is_secret,
            "{} holds a private key",
            path.display()
        );
    }
}

/// Lets openssl verify every CA and every entry; those with the same trust in one call.
fn verify(certctl: &Certctl) {
    let mut trusts: BTreeMap<Vec<u8>, Vec<PathBuf>> = BTreeMap::new();
    for path in directories(certctl, &["certs"]).into_keys() {
        let trust = fs::read(path.join("ca-chain.pem")).expect("a bundle can be read");
        trusts.entry(trust).or_default().push(path);
    }
    for entries in trusts.values() {
        let trust = |name| entries[0].join(name).into_os_string();
        let mut arguments = vec!["verify".into(), "-x509_strict".into()];
        arguments.extend([
            "-CAfile".into(),
            trust("ca.pem"),
            "-untrusted".into(),
            trust("ca-chain.pem"),
        ]);
        arguments.extend(
            entries
                .iter()
                .map(|path| path.join("cert.pem").into_os_string()),
        );
        let _ = openssl(&arguments).expect_status(0);
    }
    for path in directories(certctl, &["ca"]).into_keys() {
        let bundle = match path.join("chain.pem").exists() {
            true => certctl.pki("ca/root/bundle.pem"),
            false => path.join("bundle.pem"),
        };
        let arguments = ["verify".as_ref(), "-CAfile".as_ref(), bundle.as_os_str()];
        let _ = openssl(&[&arguments[..], &[path.join("cert.pem").as_os_str()]].concat())
            .expect_status(0);
    }
}

/// Whether a killed command left something that the next one must speak of. Looks at a copy, for looking
/// at a database repairs it.
pub(crate) fn is_unfinished(certctl: &Certctl) -> bool {
    if names_in(certctl.pki(""))
        .iter()
        .any(|name| name.starts_with(".staging-"))
    {
        return true;
    }
    let copy = tempfile::tempdir().expect("a temporary directory can be made");
    for name in ["ledger.db", "ledger.db-journal", "ledger.db-wal"] {
        let _ = fs::copy(certctl.pki(name), copy.path().join(name));
    }
    let Ok(db) = Connection::open_with_flags(
        copy.path().join("ledger.db"),
        OpenFlags::SQLITE_OPEN_READ_WRITE,
    ) else {
        return false;
    };
    let pending = db.query_row("SELECT count(*) FROM pending", [], |row| row.get(0));
    // Without its tables the ledger was not there yet.
    pending.is_ok_and(|pending: i64| pending > 0)
}

/// Sorted names in a directory; none where it is missing.
pub(crate) fn names_in(directory: impl AsRef<Path>) -> BTreeSet<String> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    let names = entries.map(|entry| entry.expect("a directory can be listed").file_name());
    names
        .map(|name| name.into_string().expect("no name is strange"))
        .collect()
}

/// The directories of CAs and entries in some places, with their certificates.
pub(crate) fn directories(
    certctl: &Certctl,
    places: &[&str],
) -> BTreeMap<PathBuf, Vec<Certificate>> {
    let below = places
        .iter()
        .filter_map(|place| fs::read_dir(certctl.pki(place)).ok())
        .flatten();
    let paths = below.map(|entry| entry.expect("a directory can be listed").path());
    paths
        .map(|path| (path.clone(), certificates(&path.join("cert.pem"))))
        .collect()
}

fn certificates(path: &Path) -> Vec<Certificate> {
    let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    pem::decode_certificates(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
