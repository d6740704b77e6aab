//! Hostile surroundings: odd umasks, things where files should go, names made to escape. Nothing leaks,
//! nothing is written outside the PKI directory, and what cannot be done changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, Permissions};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::inspect::{inspect, inspect_unrepaired, names_in};
use crate::scene::words;
use crate::strace::calls;
use crate::support::{Certctl, Run, wrapped};

/// Runs a command line as a shell with this umask starts it.
fn with_umask(umask: &str, command: &Command) -> Command {
    wrapped(
        "sh",
        &["-c", &format!("umask {umask}; exec \"$0\" \"$@\"")],
        command,
    )
}

#[test]
fn umask() {
    for umask in ["000", "022", "077", "0777"] {
        let certctl = Certctl::in_memory();
        for line in [
            "init-ca",
            "issue node1",
            "issue node1 --force",
            "init-intermediate issuing",
        ] {
            let _ =
                Run::of(&mut with_umask(umask, &certctl.command(&words(line)))).expect_status(0);
            inspect(&certctl);
        }
    }
}

/// No key is anybody else's for an instant, because no file or directory ever has another mode than its
/// last: it is given where it is made, under an umask that takes nothing away, and never changed.
#[test]
fn modes_at_every_instant() {
    let certctl = Certctl::in_memory();
    for line in [
        "issue a b --init",
        "issue a --force",
        "init-intermediate other --ca root",
        "init-ca --force",
    ] {
        let mut keys = 0;
        for call in calls(&certctl, &words(line), &[]) {
            let text = call.text;
            let path = || PathBuf::from(text.split('"').nth(1).unwrap_or_default());
            match call.name.as_str() {
                "mkdir" | "mkdirat" => assert!(text.contains(", 0700)"), "{text}"),
                name if name.contains("chmod") => panic!("{text}"),
                "open" | "openat" | "openat2" if text.contains("O_CREAT") => {
                    let is_ledger = text.contains("ledger.db");
                    let is_key = path().ends_with("key.pem");
                    // What keeps a new directory out of repositories is no part of the change.
                    let is_apart = is_ledger || path().ends_with(".gitignore");
                    let mode = if is_ledger || is_key { "0600" } else { "0644" };
                    let as_argument = text.contains(&format!(", {mode})"));
                    assert!(
                        as_argument || text.contains(&format!("mode={mode},")),
                        "{text}"
                    );
                    assert!(is_ledger || text.contains("O_EXCL"), "{text}");
                    assert!(is_apart || text.contains("/.staging-"), "{text}");
                    keys += usize::from(is_key);
                }
                _ => {}
            }
        }
        assert!(keys > 0, "{line} made no key");
    }
    inspect_unrepaired(&certctl);
}

/// What lies in a directory: for each path its mode, and its content or where it points.
pub(crate) type Snapshot = BTreeMap<PathBuf, (u32, OsString)>;

pub(crate) fn snapshot(directory: &Path) -> Snapshot {
    let mut found = BTreeMap::new();
    let mut paths = vec![directory.to_owned()];
    while let Some(path) = paths.pop() {
        let Ok(metadata) = fs::symlink_metadata(&path) else {
            continue;
        };
        let mut content = OsString::new();
        if metadata.is_dir() {
            let entries = fs::read_dir(&path).expect("a directory can be listed");
            paths.extend(entries.map(|entry| entry.expect("listed").path()));
        } else if metadata.is_symlink() {
            content = fs::read_link(&path)
                .expect("a link can be read")
                .into_os_string();
        } else if metadata.is_file() {
            let octets = fs::read(&path).expect("a file can be read");
            content = OsString::from_vec(octets);
        }
        found.insert(path, (metadata.mode(), content));
    }
    found
}

/// Paths that differ from a snapshot. SQLite may leave an empty log.
pub(crate) fn changes(before: &Snapshot, directory: &Path) -> Vec<PathBuf> {
    let after = snapshot(directory);
    let paths: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let differs =
        |path: &&PathBuf| before.get(*path) != after.get(*path) && !path.ends_with("ledger.db-wal");
    paths.into_iter().filter(differs).cloned().collect()
}

/// `outside/` lies beside the PKI directory, in which there are `root` and `node1`.
const OBSTACLES: [(&str, &str, i32); 42] = [
    // Where an entry goes.
    ("ln -s ../../outside pki/certs/node2", "issue node2", 4),
    (
        "ln -s ../../outside pki/certs/node2",
        "issue node2 --force",
        0,
    ),
    ("ln -s ../../nowhere pki/certs/node2", "issue node2", 4),
    (
        "ln -s ../../nowhere pki/certs/node2",
        "issue node2 --force",
        0,
    ),
    ("echo x > pki/certs/node2", "issue node2", 4),
    ("echo x > pki/certs/node2", "issue node2 --force", 0),
    ("mkfifo pki/certs/node2", "issue node2", 4),
    ("mkfifo pki/certs/node2", "issue node2 --force", 0),
    ("mkdir pki/certs/node2", "issue node2 --force", 0),
    // Inside an entry that is replaced.
    (
        "rm pki/certs/node1/key.pem; ln -s ../../../outside/file pki/certs/node1/key.pem",
        "issue node1 --force",
        0,
    ),
    (
        "rm pki/certs/node1/key.pem; mkfifo pki/certs/node1/key.pem",
        "issue node1 --force",
        0,
    ),
    (
        "rm pki/certs/node1/key.pem; mkdir pki/certs/node1/key.pem",
        "issue node1 --force",
        0,
    ),
    (
        "rm pki/certs/node1/cert.pem; mkfifo pki/certs/node1/cert.pem",
        "issue node1 --force",
        0,
    ),
    // Where entries, CAs and what is replaced go.
    (
        "mv pki/certs outside/; ln -s ../outside/certs pki/certs",
        "issue node2",
        1,
    ),
    (
        "mv pki/ca outside/; ln -s ../outside/ca pki/ca",
        "issue node2",
        1,
    ),
    ("ln -s ../outside pki/archive", "issue node1 --force", 1),
    ("ln -s ../nowhere pki/archive", "issue node1 --force", 1),
    ("mkfifo pki/archive", "issue node1 --force", 1),
    ("rm -r pki/certs; echo x > pki/certs", "issue node1", 1),
    // What a killed command leaves, made by another.
    ("ln -s ../outside pki/.staging-9", "issue node2", 0),
    (
        "mkdir pki/.staging-9; ln -s ../../outside pki/.staging-9/certs",
        "issue node2",
        0,
    ),
    ("echo x > pki/.staging-9", "issue node2", 0),
    ("mkfifo pki/.staging-9", "issue node2", 0),
    // The ledger.
    (
        "mv pki/ledger.db outside/; ln -s ../outside/ledger.db pki/ledger.db",
        "issue node2",
        1,
    ),
    (
        "rm pki/ledger.db; ln -s ../outside/nothing pki/ledger.db",
        "issue node2",
        1,
    ),
    ("rm pki/ledger.db; mkfifo pki/ledger.db", "issue node2", 1),
    ("rm pki/ledger.db; mkdir pki/ledger.db", "issue node2", 1),
    ("rm pki/ledger.db", "issue node2", 1),
    (": > pki/ledger.db", "issue node2", 1),
    ("rm pki/ledger.db", "init-ca other", 1),
    (
        "echo 'no database, though long enough to be taken for one at first' > pki/ledger.db",
        "issue node2",
        1,
    ),
    ("ln -s ../outside/file pki/ledger.db-wal", "issue node2", 1),
    (
        "ln -s ../outside/nothing pki/ledger.db-shm",
        "issue node2",
        1,
    ),
    // The CA.
    (
        "mv pki/ca/root/key.pem outside/; ln -s ../../../outside/key.pem pki/ca/root/key.pem",
        "issue node2",
        1,
    ),
    (
        "rm pki/ca/root/key.pem; mkfifo pki/ca/root/key.pem",
        "issue node2",
        1,
    ),
    (
        "rm pki/ca/root/key.pem; mkdir pki/ca/root/key.pem",
        "issue node2",
        1,
    ),
    (": > pki/ca/root/cert.pem", "issue node2", 1),
    (
        "cp pki/certs/node1/key.pem pki/ca/root/key.pem",
        "issue node2",
        1,
    ),
    // The PKI directory.
    ("rm -r pki; echo x > pki", "init-ca", 1),
    ("rm -r pki; ln -s nowhere pki", "init-ca", 1),
    ("mv pki outside/; ln -s outside/pki pki", "issue node2", 0),
    ("chmod 0666 pki/certs/node1/key.pem", "issue node2", 0),
];

#[test]
fn obstacles() {
    let template = Certctl::in_memory();
    let _ = template.run(&["init-ca"]).expect_status(0);
    let _ = template.run(&["issue", "node1"]).expect_status(0);
    for (obstacle, line, status) in OBSTACLES {
        let certctl = Certctl::in_memory();
        let script = format!(
            "cp -a {}/pki . && mkdir outside && echo x > outside/file && {obstacle}",
            template.home().display()
        );
        let _ = Run::of(
            Command::new("sh")
                .args(["-ec", &script])
                .current_dir(certctl.home()),
        )
        .expect_status(0);
        let (pki, outside) = (certctl.home().join("pki"), certctl.home().join("outside"));
        let before = [snapshot(&pki), snapshot(&outside)];
        let run = certctl.run(&words(line));
        assert_eq!(
            run.status,
            Some(status),
            "{obstacle}, {line}: {}",
            run.stderr
        );
        let is_linked = obstacle.ends_with("outside/pki pki");
        let outside = if is_linked {
            Vec::new()
        } else {
            changes(&before[1], &outside)
        };
        assert!(outside.is_empty(), "{obstacle}: {outside:?}");
        if status == 0 {
            let made = certctl.pki("certs").join(words(line)[1]);
            assert!(
                fs::symlink_metadata(made.join("key.pem")).is_ok_and(|key| key.mode() == 0o100_600)
            );
        } else {
            let changes = changes(&before[0], &pki);
            assert!(changes.is_empty(), "{obstacle}: {changes:?}");
            assert!(
                status == 4 || run.stderr.contains("pki") || run.stderr.contains("ledger.db"),
                "{}",
                run.stderr
            );
        }
        if status == 0 {
            // What was moved aside is kept.
            let archived = names_in(certctl.pki("archive")).len();
            assert_eq!(
                archived,
                usize::from(line.ends_with("--force")),
                "{obstacle}"
            );
        }
    }
}

/// A CA key that others can use is refused, and nothing is changed.
#[test]
fn exposed_ca_key() {
    let certctl = Certctl::in_memory();
    let _ = certctl.run(&["init-ca"]).expect_status(0);
    let key = certctl.pki("ca/root/key.pem");
    let refused = |why: &str| {
        let before = snapshot(&certctl.pki(""));
        for line in ["issue node1", "init-intermediate issuing"] {
            let run = certctl.run(&words(line)).expect_status(4);
            assert!(run.stderr.contains("`ch"), "{run:?}");
            let changes = changes(&before, &certctl.pki(""));
            assert!(changes.is_empty(), "{why}: {changes:?}");
        }
    };
    for mode in [0o644, 0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o666] {
        fs::set_permissions(&key, Permissions::from_mode(mode)).expect("it is ours");
        refused(&format!("mode {mode:o}"));
    }
    fs::set_permissions(&key, Permissions::from_mode(0o400)).expect("it is ours");
    // Only root can make a file somebody else's, and only root could then read it.
    if chown(&key, Some(65534), None).is_ok() {
        refused("owned by nobody");
        chown(&key, Some(0), None).expect("it was root's");
    }
    let _ = certctl.run(&["issue", "node1"]).expect_status(0);
}

/// Names that would lead elsewhere, or play tricks on a terminal, wherever a command takes a name.
#[test]
fn names() {
    let certctl = Certctl::in_memory();
    let _ = certctl.run(&["init-ca"]).expect_status(0);
    let before = snapshot(certctl.home());
    let long = "x".repeat(129);
    let longer = "x".repeat(300);
    let names: [&[u8]; 21] = [
        b"",
        b".",
        b"..",
        b"../../x",
        b"/x",
        b"a/b",
        b"a\\b",
        b"-x",
        b"--",
        b".hidden",
        b"a..b",
        b"a b",
        b"a\nb",
        b"a\x1b[31mb",
        b"\x07",
        b"a\x7f",
        "n\u{f6}de".as_bytes(),
        "\u{202e}edon".as_bytes(),
        b"\xff\xfe",
        long.as_bytes(),
        longer.as_bytes(),
    ];
    for name in names {
        for line in [
            "issue --",
            "init-ca --",
            "init-intermediate --",
            "issue node1 --ca",
        ] {
            let mut arguments: Vec<&OsStr> = line.split(' ').map(OsStr::new).collect();
            arguments.push(OsStr::from_bytes(name));
            let run = certctl.run(&arguments).expect_status(2);
            let changes = changes(&before, certctl.home());
            assert!(changes.is_empty(), "{run:?}: {changes:?}");
            assert_eq!(run.stdout, "");
            let printable = |char: char| char == '\n' || !char.is_control();
            assert!(run.stderr.chars().all(printable), "{run:?}");
        }
    }
}

#[test]
fn odd_directories() {
    for name in [
        "with space",
        "a?b#c%20d",
        "quote'\"",
        "-dash",
        "n\u{f6}de",
        "line\nfeed",
    ] {
        let certctl = Certctl::in_memory();
        let run = |words: &[&str]| {
            let mut command = certctl.command(words);
            let _ = Run::of(command.env("CERTCTL_DIR", certctl.home().join(name))).expect_status(0);
        };
        run(&["init-ca"]);
        run(&["issue", "node1"]);
        run(&["list"]);
        fs::rename(certctl.home().join(name), certctl.pki("")).expect("it was made there");
        inspect(&certctl);
    }
}

/// No octet of a key is told anywhere but in its own file.
#[test]
fn secrets() {
    const LINES: [&str; 11] = [
        "init-ca",
        "init-intermediate issuing -v",
        "issue a b --json",
        "issue a --force --key-type p384",
        "issue c --key-type ed25519 -v",
        "list --json",
        "show a --json",
        "show a",
        "revoke b --yes",
        "crl --ca issuing",
        "check -v",
    ];
    let certctl = Certctl::in_memory();
    let mut told = Vec::new();
    for line in LINES {
        let run = certctl.run(&words(line));
        told.extend([run.stdout.into_bytes(), run.stderr.into_bytes()]);
    }
    let files = snapshot(&certctl.pki(""));
    let (keys, others): (Vec<_>, Vec<_>) = files
        .into_iter()
        .partition(|(path, _)| path.ends_with("key.pem"));
    assert_eq!(keys.len(), 6);
    told.extend(
        others
            .into_iter()
            .map(|(_, (_, content))| content.as_bytes().to_vec()),
    );
    for (path, (_, key)) in keys {
        for secret in forms(key.as_bytes()) {
            let is_told =
                |text: &Vec<u8>| text.windows(secret.len()).any(|window| window == secret);
            assert!(!told.iter().any(is_told), "{}", path.display());
        }
    }
    inspect_unrepaired(&certctl);
}

/// A key as it might be told: lines of its PEM text, its secret octets, and those in hexadecimal digits.
fn forms(key: &[u8]) -> Vec<Vec<u8>> {
    let block = pem::parse(key).expect("one block");
    let info = pkcs8::PrivateKeyInfo::try_from(block.contents()).expect("it is PKCS#8");
    // What begins an ECPrivateKey (RFC 5915), short or long, and a CurvePrivateKey (RFC 8410).
    let start = match info.private_key {
        [0x30, 0x81, ..] => 8,
        [0x30, ..] => 7,
        _ => 2,
    };
    let octets = &info.private_key[start..start + 32];
    let hexadecimal = |upper: bool| -> Vec<u8> {
        let digits = octets.iter().map(|octet| {
            if upper {
                format!("{octet:02X}")
            } else {
                format!("{octet:02x}")
            }
        });
        digits.collect::<String>().into_bytes()
    };
    let lines = key
        .split(|octet| *octet == b'\n')
        .filter(|line| line.len() > 40 && !line.starts_with(b"--"));
    lines
        .map(<[u8]>::to_vec)
        .chain([octets.to_vec(), hexadecimal(true), hexadecimal(false)])
        .collect()
}
