//! `certctl check` over made-up damage: what it finds, where, and how it ends; and over PKIs that are
//! as they should be, where it finds nothing.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use support::{Certctl, Run, program};

mod support;

const NOW: &str = "2030-01-01T00:00:00Z";

/// A root, an intermediate and two nodes, made once and copied for each damage.
struct Template(Certctl);

impl Template {
    fn new() -> Self {
        let certctl = Certctl::at(NOW);
        ends(&certctl, &["issue", "node1", "node2", "--init"], 0);
        Self(certctl)
    }

    fn copy(&self) -> Certctl {
        let certctl = Certctl::at(NOW);
        copy(&self.0.pki(""), &certctl.pki(""));
        certctl
    }
}

/// Runs certctl and holds it to its exit code.
#[track_caller]
fn ends(certctl: &Certctl, arguments: &[&str], status: i32) {
    let _ = certctl.run(arguments).expect_status(status);
}

/// Runs another program, which has to succeed.
#[track_caller]
fn succeeds(command: &mut Command) {
    let _ = Run::of(command).expect_status(0);
}

fn copy(from: &Path, to: &Path) {
    succeeds(Command::new("cp").arg("-a").arg(from).arg(to));
}

/// Codes and paths of what was found, without the PKI directory.
fn findings(certctl: &Certctl, run: &Run) -> Vec<(String, String)> {
    let document: Value = serde_json::from_str(&run.stdout).expect("one JSON document");
    assert_eq!(document["schema"], "certctl/check/v1");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let base = certctl.pki("");
    let findings = document["findings"].as_array().expect("a list");
    findings
        .iter()
        .map(|finding| {
            let path = PathBuf::from(text(&finding["path"]));
            let path = path.strip_prefix(&base).unwrap_or(&path);
            (text(&finding["code"]), path.display().to_string())
        })
        .collect()
}

fn chmod(path: PathBuf, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("our own file");
}

fn swap(one: PathBuf, other: PathBuf) {
    let (first, second) = (read(&one), read(&other));
    fs::write(one, second).expect("our own file");
    fs::write(other, first).expect("our own file");
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a text file")
}

fn replace(path: PathBuf, text: &str) {
    fs::write(path, text).expect("our own file");
}

/// The blocks of a PEM file.
fn blocks(path: &Path) -> Vec<String> {
    let text = read(path);
    let ends = text.split_inclusive("-----END CERTIFICATE-----\n");
    ends.map(str::to_owned).collect()
}

/// Moves a file away and puts a symlink to it in its place.
fn link(path: PathBuf, target: PathBuf) {
    fs::rename(&path, &target).expect("on one file system");
    symlink(target, path).expect("the name is free");
}

/// A name, what is done to the PKI directory, and the findings that it leads to with the exit code.
type Damage = (
    &'static str,
    fn(&Certctl),
    &'static [(&'static str, &'static str)],
    i32,
);

const DAMAGES: &[Damage] = &[
    ("nothing", |_| {}, &[], 0),
    (
        "a key that all can read",
        |it| chmod(it.pki("certs/node1/key.pem"), 0o644),
        &[("key-mode", "certs/node1/key.pem")],
        3,
    ),
    (
        "a CA key that a group can read",
        |it| chmod(it.pki("ca/root/key.pem"), 0o640),
        &[("key-mode", "ca/root/key.pem")],
        3,
    ),
    (
        "a key that stands in a public file",
        |it| {
            let (certificate, key) = (
                it.pki("certs/node1/cert.pem"),
                it.pki("certs/node1/key.pem"),
            );
            let text = read(&certificate) + &read(&key);
            replace(certificate, &text);
        },
        &[("key-mode", "certs/node1/cert.pem")],
        3,
    ),
    (
        "a root that is gone",
        |it| fs::remove_dir_all(it.pki("ca/root")).expect("ours"),
        &[("directory-missing", "ca/root")],
        3,
    ),
    (
        "a key beside the ledger",
        |it| copy(&it.pki("certs/node1/key.pem"), &it.pki("node1.key")),
        &[("stray-file", "node1.key")],
        3,
    ),
    (
        "swapped keys",
        |it| swap(it.pki("certs/node1/key.pem"), it.pki("certs/node2/key.pem")),
        &[
            ("key-mismatch", "certs/node1/key.pem"),
            ("key-mismatch", "certs/node2/key.pem"),
        ],
        3,
    ),
    (
        "garbage for a key",
        |it| replace(it.pki("certs/node1/key.pem"), "garbage"),
        &[("malformed", "certs/node1/key.pem")],
        3,
    ),
    (
        "a missing key",
        |it| fs::remove_file(it.pki("certs/node1/key.pem")).expect("it is there"),
        &[("key-missing", "certs/node1/key.pem")],
        3,
    ),
    (
        "a CA whose key is kept elsewhere",
        |it| fs::remove_file(it.pki("ca/root/key.pem")).expect("it is there"),
        &[("authority-key-absent", "ca/root/key.pem")],
        0,
    ),
    (
        "an encrypted key",
        |it| {
            let (key, new) = (it.pki("certs/node1/key.pem"), it.home().join("new"));
            let arguments = ["pkey", "-aes256", "-passout", "pass:secret", "-in"];
            let mut openssl = program("openssl");
            succeeds(openssl.args(arguments).arg(&key).arg("-out").arg(&new));
            replace(key, &read(&new));
        },
        &[("key-encrypted", "certs/node1/key.pem")],
        3,
    ),
    (
        "a symlink for a key",
        |it| link(it.pki("certs/node1/key.pem"), it.home().join("key.pem")),
        &[("key-symlink", "certs/node1/key.pem")],
        3,
    ),
    (
        "a symlink for a bundle",
        |it| link(it.pki("certs/node1/ca.pem"), it.home().join("ca.pem")),
        &[("symlink", "certs/node1/ca.pem")],
        3,
    ),
    (
        "a symlink to nothing",
        |it| {
            link(it.pki("certs/node1/ca.pem"), it.home().join("ca.pem"));
            fs::remove_file(it.home().join("ca.pem")).expect("it is there");
        },
        &[("symlink", "certs/node1/ca.pem")],
        3,
    ),
    (
        "a pipe for a certificate",
        |it| {
            let path = it.pki("certs/node1/cert.pem");
            fs::remove_file(&path).expect("it is there");
            succeeds(Command::new("mkfifo").arg("-m").arg("644").arg(path));
        },
        &[("not-a-file", "certs/node1/cert.pem")],
        3,
    ),
    (
        "a directory that others can write",
        |it| chmod(it.pki("certs"), 0o777),
        &[("directory-writable", "certs")],
        3,
    ),
    (
        "a directory that others can read",
        |it| chmod(it.pki("certs/node1"), 0o755),
        &[("directory-mode", "certs/node1")],
        3,
    ),
    (
        "a bundle that others can write",
        |it| chmod(it.pki("certs/node1/ca.pem"), 0o666),
        &[("file-writable", "certs/node1/ca.pem")],
        3,
    ),
    (
        "a file cut short",
        |it| {
            let path = it.pki("certs/node1/ca.pem");
            let text = read(&path);
            replace(path, &text[..text.len() / 2]);
        },
        &[("malformed", "certs/node1/ca.pem")],
        3,
    ),
    (
        "a missing file",
        |it| fs::remove_file(it.pki("certs/node1/ca-chain.pem")).expect("it is there"),
        &[("file-missing", "certs/node1/ca-chain.pem")],
        3,
    ),
    (
        "a removed chain",
        |it| {
            let path = it.pki("certs/node1/cert.pem");
            let leaf = blocks(&path).swap_remove(0);
            replace(path, &leaf);
        },
        &[("chain-incomplete", "certs/node1/cert.pem")],
        3,
    ),
    (
        "a chain in another order",
        |it| {
            let path = it.pki("certs/node1/cert.pem");
            let text: String = blocks(&path).into_iter().rev().collect();
            replace(path, &text);
        },
        &[("chain-order", "certs/node1/cert.pem")],
        3,
    ),
    (
        "a chain with its root",
        |it| {
            let path = it.pki("certs/node1/cert.pem");
            let text = read(&path) + &read(&it.pki("certs/node1/ca.pem"));
            replace(path, &text);
        },
        &[("chain-root", "certs/node1/cert.pem")],
        0,
    ),
    (
        "an intermediate as a bundle",
        |it| {
            copy(
                &it.pki("ca/issuing/cert.pem"),
                &it.pki("certs/node1/ca.pem"),
            );
        },
        &[
            ("bundle-not-root", "certs/node1/ca.pem"),
            ("trust-chain-differs", "certs/node1/ca-chain.pem"),
        ],
        3,
    ),
    (
        "the bundle of another root",
        |it| {
            ends(it, &["init-ca", "other"], 0);
            copy(
                &it.pki("ca/other/bundle.pem"),
                &it.pki("certs/node1/ca.pem"),
            );
        },
        &[("trust-bundle", "certs/node1/ca.pem")],
        3,
    ),
    (
        "a bundle for others that lacks the intermediate",
        |it| {
            copy(
                &it.pki("certs/node1/ca.pem"),
                &it.pki("certs/node1/ca-chain.pem"),
            );
        },
        &[("trust-chain-differs", "certs/node1/ca-chain.pem")],
        3,
    ),
    (
        "a CA's chain without itself",
        |it| copy(&it.pki("ca/root/cert.pem"), &it.pki("ca/issuing/chain.pem")),
        &[("authority-files-differ", "ca/issuing/chain.pem")],
        3,
    ),
    (
        "an entry that the ledger does not know",
        |it| copy(&it.pki("certs/node1"), &it.pki("certs/node9")),
        &[("unrecorded", "certs/node9")],
        3,
    ),
    (
        "an entry that is gone",
        |it| fs::remove_dir_all(it.pki("certs/node1")).expect("it is there"),
        &[("directory-missing", "certs/node1")],
        3,
    ),
    (
        "an entry out of the archive",
        |it| {
            ends(it, &["issue", "node1", "--force"], 0);
            let archived = fs::read_dir(it.pki("archive")).expect("it was made");
            let archived = archived.last().expect("one").expect("readable").path();
            fs::remove_dir_all(it.pki("certs/node1")).expect("it is there");
            copy(&archived, &it.pki("certs/node1"));
        },
        &[("ledger-differs", "certs/node1/cert.pem")],
        3,
    ),
    (
        "an archived key that all can read",
        |it| {
            ends(it, &["issue", "node1", "--force"], 0);
            let archived = fs::read_dir(it.pki("archive")).expect("it was made");
            let archived = archived.last().expect("one").expect("readable").path();
            fs::rename(&archived, it.pki("archive/node1-00")).expect("the name is free");
            chmod(it.pki("archive/node1-00/key.pem"), 0o644);
        },
        &[
            ("archive-missing", "archive/node1-[SERIAL]"),
            ("key-mode", "archive/node1-00/key.pem"),
        ],
        3,
    ),
    (
        "no ledger",
        |it| fs::remove_file(it.pki("ledger.db")).expect("it is there"),
        &[("ledger-missing", "ledger.db")],
        3,
    ),
    (
        "an empty ledger",
        |it| replace(it.pki("ledger.db"), ""),
        &[("malformed", "ledger.db")],
        3,
    ),
    (
        "garbage for a ledger",
        |it| replace(it.pki("ledger.db"), &"garbage ".repeat(1000)),
        &[("malformed", "ledger.db")],
        3,
    ),
    (
        "a ledger that all can read",
        |it| chmod(it.pki("ledger.db"), 0o644),
        &[("ledger-mode", "ledger.db")],
        3,
    ),
    (
        "foreign files",
        |it| {
            replace(it.pki("certs/node1/notes.txt"), "hello");
            replace(it.pki("ca/README"), "hello");
            replace(it.pki("README"), "may stay");
        },
        &[
            ("stray-file", "ca/README"),
            ("stray-file", "certs/node1/notes.txt"),
        ],
        3,
    ),
    (
        "what an interrupted command has left",
        |it| fs::create_dir(it.pki(".staging-9")).expect("the name is free"),
        &[],
        0,
    ),
];

#[test]
fn damage_is_found() {
    let template = Template::new();
    let mut wrong = Vec::new();
    for (name, damage, expected, status) in DAMAGES {
        let certctl = template.copy();
        damage(&certctl);
        let run = certctl.run(&["check", "--json"]);
        let mut found = findings(&certctl, &run);
        for (_, path) in &mut found {
            *path = without_serial(path);
        }
        found.sort();
        let expected: Vec<_> = expected
            .iter()
            .map(|(code, path)| ((*code).to_owned(), (*path).to_owned()))
            .collect();
        let mut sorted = expected.clone();
        sorted.sort();
        if found != sorted || run.status != Some(*status) {
            wrong.push(format!("{name}: {:?} {found:?}", run.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn without_serial(path: &str) -> String {
    let is_serial = |text: &str| text.len() == 32 && text.bytes().all(|c| c.is_ascii_hexdigit());
    match path.rsplit_once('-') {
        Some((before, serial)) if is_serial(serial) => format!("{before}-[SERIAL]"),
        _ => path.to_owned(),
    }
}

#[test]
fn every_key_type_and_depth_is_clean() {
    let clean = |certctl: &Certctl| {
        let run = certctl.run(&["check", "--json", "--fail-on", "info"]);
        assert_eq!(findings(certctl, &run), [], "{}", run.stdout);
        let _ = run.expect_status(0);
    };
    for (root, leaf, profile) in [
        ("p256", "rsa4096", "node"),
        ("p384", "ed25519", "server"),
        ("ed25519", "p384", "client"),
        ("rsa2048", "p256", "node"),
        ("rsa3072", "rsa2048", "server"),
    ] {
        let certctl = Certctl::at(NOW);
        ends(&certctl, &["init-ca", "--key-type", root], 0);
        let entry = ["issue", "a", "--key-type", leaf, "--profile", profile];
        ends(&certctl, &entry, 0);
        clean(&certctl);
    }
    let certctl = Certctl::at(NOW);
    ends(&certctl, &["init-ca", "root"], 0);
    for (depth, name) in ["one", "two", "three", "four"].iter().enumerate() {
        let left = (3 - depth).to_string();
        ends(
            &certctl,
            &["init-intermediate", name, "--path-len", &left],
            0,
        );
        let entry = format!("below-{name}");
        ends(&certctl, &["issue", &entry, "--ca", name], 0);
    }
    ends(
        &certctl,
        &["init-ca", "other", "--passphrase-env", "HOME"],
        0,
    );
    ends(&certctl, &["issue", "alone", "--self-signed"], 0);
    clean(&certctl);
}

#[test]
fn time_is_told() {
    let template = Template::new();
    let certctl = template.copy();
    for (now, arguments, code, status) in [
        ("2030-12-02T00:00:00Z", &[][..], Some("expiring"), 3),
        (
            "2030-12-02T00:00:00Z",
            &["--fail-on", "error"],
            Some("expiring"),
            0,
        ),
        ("2030-12-01T23:59:59Z", &[], None, 0),
        (
            "2030-12-01T23:59:59Z",
            &["--within", "60d"],
            Some("expiring"),
            3,
        ),
        ("2031-01-01T00:00:01Z", &[], Some("expired"), 3),
        ("2029-12-31T23:54:59Z", &[], Some("not-yet-valid"), 3),
    ] {
        let mut command = certctl.command(&["check", "--json"]);
        let run = Run::of(command.args(arguments).env("CERTCTL_NOW", now)).expect_status(status);
        let found = findings(&certctl, &run);
        let node1 = found
            .iter()
            .find(|(_, path)| path == "certs/node1/cert.pem");
        assert_eq!(
            node1.map(|(code, _)| code.as_str()),
            code,
            "{now}: {found:?}"
        );
    }
}

#[test]
fn modes_are_corrected_and_nothing_else() {
    let certctl = Template::new().copy();
    let modes = |certctl: &Certctl| {
        [
            "certs/node1/key.pem",
            "certs",
            "certs/node1/ca.pem",
            "ledger.db",
        ]
        .map(|path| fs::metadata(certctl.pki(path)).expect("it is there").mode() & 0o7777)
    };
    chmod(certctl.pki("certs/node1/key.pem"), 0o4666);
    chmod(certctl.pki("certs"), 0o777);
    chmod(certctl.pki("certs/node1/ca.pem"), 0o666);
    chmod(certctl.pki("ledger.db"), 0o644);
    let damaged = modes(&certctl);
    let run = certctl.run(&["check", "--fix", "-n"]).expect_status(0);
    assert!(run.stderr.contains("4666 → 0600"), "{}", run.stderr);
    assert_eq!(modes(&certctl), damaged);
    let run = certctl
        .run(&["check", "--fix", "--detailed-exitcode"])
        .expect_status(10);
    assert!(run.stdout.contains("4 fixed"), "{}", run.stdout);
    assert_eq!(modes(&certctl), [0o600, 0o700, 0o644, 0o600]);
    ends(&certctl, &["check"], 0);
    // What is behind a symlink is somebody else's.
    let outside = certctl.home().join("key.pem");
    link(certctl.pki("certs/node1/key.pem"), outside.clone());
    chmod(outside.clone(), 0o644);
    ends(&certctl, &["check", "--fix"], 3);
    assert_eq!(
        fs::metadata(outside).expect("it is there").mode() & 0o777,
        0o644
    );
}

/// Path, mode, time of the last change and content of everything below a directory.
fn snapshot(directory: &Path) -> Vec<(PathBuf, u32, i64, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("readable").path();
        let metadata = fs::symlink_metadata(&path).expect("it is there");
        let content = if metadata.is_dir() {
            found.extend(snapshot(&path));
            Vec::new()
        } else {
            fs::read(&path).expect("readable")
        };
        found.push((path, metadata.mode(), metadata.mtime_nsec(), content));
    }
    found.sort();
    found
}

#[test]
fn nothing_changes_without_fix() {
    let certctl = Template::new().copy();
    chmod(certctl.pki("certs/node1/key.pem"), 0o644);
    replace(certctl.pki("certs/node2/ca.pem"), "garbage");
    for mode in [0o700, 0o500] {
        chmod(certctl.pki(""), mode);
        let before = snapshot(&certctl.pki(""));
        ends(&certctl, &["check"], 3);
        assert_eq!(snapshot(&certctl.pki("")), before, "{mode:o}");
    }
    chmod(certctl.pki(""), 0o700);
}

#[test]
fn entries_and_files_are_checked_by_themselves() {
    let certctl = Template::new().copy();
    copy(&certctl.pki("certs/node1"), &certctl.home().join("tls"));
    copy(&certctl.pki("ca/issuing"), &certctl.home().join("issuing"));
    let ok = |arguments: &[&str], status| {
        let mut all = vec!["check", "--json"];
        all.extend(arguments);
        let run = certctl.run(&all).expect_status(status);
        let codes: Vec<_> = findings(&certctl, &run)
            .into_iter()
            .map(|(code, _)| code)
            .collect();
        codes.join(" ")
    };
    assert_eq!(ok(&["tls"], 0), "");
    assert_eq!(ok(&["issuing"], 0), "");
    assert_eq!(ok(&["pki/certs/node1", "pki/ca/root"], 0), "");
    assert_eq!(ok(&["tls/cert.pem", "tls/key.pem"], 0), "");
    assert_eq!(
        ok(&["tls/cert.pem", "pki/certs/node2/key.pem"], 3),
        "key-mismatch"
    );
    chmod(certctl.home().join("tls/key.pem"), 0o640);
    assert_eq!(ok(&["tls/key.pem"], 3), "key-mode");
    replace(certctl.home().join("tls/notes"), "hello");
    assert_eq!(ok(&["tls/notes"], 3), "unrecognised");
    assert_eq!(ok(&["tls"], 3), "key-mode");
    fs::remove_dir_all(certctl.pki("certs/node1")).expect("it is there");
    copy(&certctl.pki("certs/node2"), &certctl.pki("certs/node1"));
    assert_eq!(ok(&["pki/certs/node1"], 3), "ledger-differs");
    ends(&certctl, &["check", "gone"], 1);
    fs::create_dir(certctl.home().join("empty")).expect("the name is free");
    ends(&certctl, &["check", "empty"], 1);
}

#[test]
fn a_container_may_read_what_is_mounted_there() {
    let certctl = Template::new().copy();
    let home = certctl.home();
    let own = fs::metadata(home).expect("it is there").uid();
    for (user, expected) in [
        (own, ""),
        (0, ""),
        (own.wrapping_add(4_000_000), "unreadable-to-server"),
    ] {
        let compose = format!(
            "services:\n  node1:\n    image: redis:8\n    user: \"{user}:{user}\"\n    command: redis-server --port 0 --tls-port 6379 --tls-cert-file /tls/cert.pem --tls-key-file /tls/key.pem --tls-ca-cert-file /tls/ca.pem --requirepass x\n    volumes:\n      - ./pki/certs/node1:/tls\n"
        );
        replace(home.join("compose.yaml"), &compose);
        let node1 = certctl.pki("certs/node1");
        let pod = format!(
            "apiVersion: v1\nkind: Pod\nspec:\n  securityContext: {{runAsUser: {user}}}\n  containers:\n  - name: node1\n    image: redis:8\n    command: [redis-server, --port, '0', --tls-port, '6379', --tls-cert-file, /tls/cert.pem, --tls-key-file, /tls/key.pem, --tls-ca-cert-file, /tls/ca.pem, --requirepass, x]\n    volumeMounts: [{{name: tls, mountPath: /tls}}]\n  volumes:\n  - name: tls\n    hostPath: {{path: {}}}\n",
            node1.display()
        );
        replace(home.join("pod.yaml"), &pod);
        for file in ["compose.yaml", "pod.yaml"] {
            let run = certctl.run(&["check", "--json", file]);
            let found = findings(&certctl, &run).into_iter();
            let codes: Vec<_> = found.map(|(code, _)| code).collect();
            assert_eq!(codes.join(" "), expected, "{file}: {user}");
        }
    }
}
