//! What must hold of every PKI directory, whatever happened to the commands that worked on it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};

use certctl::pki::{certificate::Certificate, pem, secret::Passphrase};
use certctl::store::authority::read_key;
use rusqlite::{Connection, OpenFlags};
use zeroize::Zeroizing;

use crate::scene::State;
use crate::support::{Certctl, openssl};

/// Files of what has a certificate: an entry, a root, an intermediate, each with its key or without one that is
/// elsewhere.
const WHOLE: [&[&str]; 6] = [
    &["ca-chain.pem", "ca.pem", "cert.pem", "key.pem"],
    &["ca-chain.pem", "ca.pem", "cert.pem"],
    &["bundle.pem", "cert.pem", "key.pem"],
    &["bundle.pem", "cert.pem"],
    &["cert.pem", "chain.pem", "key.pem"],
    &["cert.pem", "chain.pem"],
];

/// Opens the keys that are encrypted: the first line of any certificate's file.
const PASSPHRASE: &str = "-----BEGIN CERTIFICATE-----";

/// What holds at every instant, also where a command was killed: no key is anybody else's, and what is
/// published is whole.
pub(crate) fn inspect_unrepaired(certctl: &Certctl) {
    check_modes(&certctl.pki(""));
    for (path, certificates) in directories(certctl, &["ca", "certs"]) {
        let mut names = names_in(&path);
        let waits = names.remove("request.csr") && certificates.is_empty();
        names.remove("key.new.pem");
        for list in ["crl.pem", "crl-ahead.pem", "crl-bundle.pem"] {
            names.remove(list);
        }
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        // An answer takes the request away, then comes the certificate, last of all.
        let mut others = names.iter().filter(|name| **name != "key.pem");
        let is_bundle = |name: &&str| ["ca-chain.pem", "ca.pem", "chain.pem"].contains(name);
        let is_answered =
            certificates.is_empty() && names.contains(&"key.pem") && others.all(is_bundle);
        let waits = waits && names.contains(&"key.pem");
        let is_whole = WHOLE.contains(&&names[..]) || waits || is_answered;
        assert!(is_whole, "{}: {names:?}", path.display());
        if let (Some(certificate), true) = (certificates.first(), names.contains(&"key.pem")) {
            let key = fs::read(path.join("key.pem")).expect("a key can be read");
            let passphrase = Passphrase::new(Zeroizing::new(String::from(PASSPHRASE)));
            let matches = read_key(&key, Some(&passphrase), certificate).is_ok();
            assert!(matches, "{}: key and certificate differ", path.display());
        }
    }
}

/// What holds between commands as well.
pub(crate) fn inspect(certctl: &Certctl) {
    inspect_unrepaired(certctl);
    for name in names_in(certctl.pki("")) {
        let known = ["archive", "ca", "certs", "ledger.db", ".gitignore"].contains(&name.as_str());
        assert!(known, "{name} was left");
    }
    for (path, certificates) in directories(certctl, &["ca"]) {
        let waits = names_in(&path).contains("request.csr");
        assert!(
            waits || !certificates.is_empty(),
            "{}: half an answer",
            path.display()
        );
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
    let mut standing = BTreeSet::new();
    for (path, certificates) in directories(certctl, &["archive", "ca", "certs"]) {
        let Some(serial) = certificates
            .first()
            .map(|certificate| certificate.serial().to_string())
        else {
            continue;
        };
        assert!(
            serials.contains(&serial),
            "nobody recorded what lies in {}",
            path.display()
        );
        let path = path
            .strip_prefix(certctl.pki(""))
            .expect("below the PKI directory");
        if !path.starts_with("archive") {
            standing.insert((path.display().to_string(), serial));
        }
    }
    assert_eq!(standing, current, "ledger and files disagree");
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
        let mut parts = path.components().map(Component::as_os_str);
        let is_key = parts.any(|part| part == "key.pem" || part == "key.new.pem");
        let is_public = !is_key && !path.to_string_lossy().contains("ledger.db");
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
        if let Ok(trust) = fs::read(path.join("ca-chain.pem")) {
            trusts.entry(trust).or_default().push(path);
        }
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
    let gone = made_way(certctl);
    for (path, certificates) in directories(certctl, &["ca"]) {
        if certificates.is_empty() || gone.contains(&path) {
            continue;
        }
        let name = path.file_name().expect("a CA's").to_string_lossy();
        // A cross certificate is called by who has signed it.
        let root = match name.split_once("-by-") {
            Some((_, root)) => root,
            None if name == "issuing-2" && certctl.pki("ca/root-2").exists() => "root-2",
            None => "root",
        };
        let bundle = match path.join("chain.pem").exists() {
            true => certctl.pki("ca").join(root).join("bundle.pem"),
            false => path.join("bundle.pem"),
        };
        let arguments = ["verify".as_ref(), "-CAfile".as_ref(), bundle.as_os_str()];
        let _ = openssl(&[&arguments[..], &[path.join("cert.pem").as_os_str()]].concat())
            .expect_status(0);
    }
}

/// The CAs of which the ledger says that no bundle holds them or their root any more.
fn made_way(certctl: &Certctl) -> BTreeSet<PathBuf> {
    let ledger = certctl.pki("ledger.db");
    if !ledger.exists() {
        return BTreeSet::new();
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let db = Connection::open_with_flags(ledger, flags).expect("it is whole");
    let query = "SELECT ca FROM rotation WHERE phase = 'finished'";
    let Ok(mut statement) = db.prepare(query) else {
        return BTreeSet::new();
    };
    let names = statement.query_map([], |row| row.get::<_, String>(0));
    let names = names.expect("the table can be read");
    names
        .map(|name| certctl.pki("ca").join(name.expect("a name")))
        .collect()
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
    // What was committed is finished once nothing is staged any more, and is seen by that.
    let query = "SELECT count(*) FROM state WHERE progress = 'recorded'";
    let pending = db.query_row(query, [], |row| row.get(0));
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

/// The directories of CAs and entries in some places, with their certificates; none where it is awaited.
fn directories(certctl: &Certctl, places: &[&str]) -> BTreeMap<PathBuf, Vec<Certificate>> {
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
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        text => pem::decode_certificates(&text.expect("a certificate can be read"))
            .unwrap_or_else(|error| panic!("{}: {error}", path.display())),
    }
}
