//! What is left in memory: gdb stops a command at its last system call, and its memory is searched.

#![cfg(target_os = "linux")]

mod support;

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt as _, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use support::{Certctl, Run, debugged, openssl, wrapped};

const PASSPHRASE: &str = "correct-horse-battery-staple";

/// All memory of a command that is about to end well.
fn memory(certctl: &Certctl, arguments: &[&str], environment: &[(&str, &str)]) -> Vec<u8> {
    let core = certctl.home().join("core");
    let _ = fs::remove_file(&core);
    let dump = format!("generate-core-file {}", core.display());
    let commands = [
        // All that is no file's, as a core dump has it, also what asks to be left out of one.
        "set use-coredump-filter on",
        "set dump-excluded-mappings on",
        "catch syscall exit_group",
        "run",
        &dump,
        "continue",
    ];
    let mut gdb = vec!["-nx", "-q", "-readnever", "-batch", "-return-child-result"];
    gdb.extend(commands.iter().flat_map(|command| ["-ex", command]));
    gdb.push("--args");
    let mut command = certctl.command(arguments);
    command.envs(environment.iter().copied());
    let run = Run::of(&mut debugged("gdb", &gdb, &command)).expect_status(0);
    fs::read(&core).unwrap_or_else(|error| panic!("no core: {error}: {run:?}"))
}

/// A key that one would see, or its passphrase: what it is, and the octets to look for.
type Needle = (String, Vec<u8>);

/// Every form of a key's private octets, in pieces: the first octets of what was freed are overwritten.
fn needles(path: &Path, private: std::ops::Range<usize>) -> Vec<Needle> {
    let password = format!("pass:{PASSPHRASE}");
    let file = path.to_str().expect("UTF-8");
    let mut arguments = vec!["pkcs8", "-topk8", "-nocrypt", "-in", file];
    arguments.extend(["-passin", &password]);
    let pem = openssl(&arguments).expect_status(0).stdout;
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(&body).expect("openssl writes base64");
    let scalar = &der[private.clone()];
    let reversed: Vec<u8> = scalar.iter().rev().copied().collect();
    let characters = private.start.div_ceil(3) * 4..private.end / 3 * 4;
    let again = STANDARD.encode(&pem);
    // Where the text is encoded once more: the first line, without the label before it.
    let label = pem.find('\n').expect("a label") + 1;
    let twice = (label + characters.start).div_ceil(3) * 4..(label + 64) / 3 * 4;
    let forms = [
        ("octets", scalar),
        ("octets, backwards", &reversed),
        ("base64", &body.as_bytes()[characters]),
        ("base64 of PEM", &again.as_bytes()[twice]),
    ];
    let pieces = |(what, octets): (&str, &[u8])| {
        let pieces = octets.chunks_exact(12).map(<[u8]>::to_vec);
        let name = format!("{file}: {what}");
        pieces
            .map(|piece| (name.clone(), piece))
            .collect::<Vec<_>>()
    };
    forms.into_iter().flat_map(pieces).collect()
}

/// What is found, in one pass over all memory: few places begin as a needle does.
fn found<'a>(memory: &[u8], needles: &'a [Needle]) -> Vec<&'a str> {
    let start = |octets: &[u8]| usize::from(u16::from_be_bytes([octets[0], octets[1]]));
    let mut begins = vec![false; 1 << 16];
    for (_, octets) in needles {
        begins[start(octets)] = true;
    }
    let mut names = BTreeSet::new();
    for place in 0..memory.len().saturating_sub(1) {
        if begins[start(&memory[place..place + 2])] {
            let here = needles
                .iter()
                .filter(|(_, octets)| memory[place..].starts_with(octets));
            names.extend(here.map(|(what, _)| what.as_str()));
        }
    }
    names.into_iter().collect()
}

/// Runs commands with keys of one type; `private` is where the private octets stand in PKCS#8.
fn commands_leave_nothing(key_type: &str, private: &std::ops::Range<usize>) {
    let certctl = Certctl::new();
    let pass = certctl.home().join("pass");
    fs::write(&pass, format!("{PASSPHRASE}\n")).expect("our own directory");
    fs::set_permissions(&pass, fs::Permissions::from_mode(0o600)).expect("our own file");
    for (command, keys) in [
        (
            "init-ca --passphrase-file pass --key-type TYPE",
            &["ca/root"][..],
        ),
        (
            "init-intermediate issuing --passphrase-file pass --key-type TYPE",
            &["ca/root", "ca/issuing"],
        ),
        (
            "issue a b --passphrase-file pass --key-type TYPE",
            &["ca/issuing", "certs/a", "certs/b"],
        ),
        (
            "renew a --force --passphrase-file pass",
            &["ca/issuing", "certs/a"],
        ),
        (
            "renew a --force --keep-key --passphrase-file pass",
            &["ca/issuing", "certs/a"],
        ),
        (
            "renew ca/root ca/issuing --force --passphrase-file pass",
            &["ca/root", "ca/issuing"],
        ),
        ("request c --key-type TYPE", &["certs/c"]),
        (
            "sign pki/certs/c/request.csr --name d --passphrase-file pass",
            &["ca/issuing", "certs/c"],
        ),
        (
            "crl --all --passphrase-file pass",
            &["ca/root", "ca/issuing"],
        ),
        ("inspect pki/certs/a/key.pem", &["certs/a"]),
        ("check", &["certs/a", "certs/b"]),
        ("export a --format pem", &["certs/a"]),
        ("export a --format pem --out a.pem", &["certs/a"]),
        ("export a --format tar --out a.tar", &["certs/a"]),
        ("export a --format k8s-secret", &["certs/a"]),
        (
            "export issuing --with-key --format pem --out ca.pem --passphrase-file pass",
            &["ca/issuing"],
        ),
    ] {
        let line = command.replace("TYPE", key_type);
        let words: Vec<_> = line.split(' ').collect();
        let memory = memory(&certctl, &words, &[]);
        let passphrase = (String::from("passphrase"), PASSPHRASE.into());
        let of_keys = keys.iter().flat_map(|key| {
            let path = certctl.pki(key).join("key.pem");
            needles(&path, private.clone())
        });
        let needles: Vec<_> = of_keys.chain([passphrase]).collect();
        assert_eq!(found(&memory, &needles), [""; 0], "{line}");
    }
}

#[test]
fn p256_keys() {
    commands_leave_nothing("p256", &(36..68));
}

#[test]
fn ed25519_keys() {
    commands_leave_nothing("ed25519", &(16..48));
}

#[test]
fn a_crash_leaves_no_core() {
    let certctl = Certctl::new();
    // Whoever reads a pipe that nobody writes to waits, and has begun to work.
    let script = "ulimit -S -c \"$(ulimit -H -c)\"; mkfifo pipe; \"$0\" init-ca --passphrase-file pipe & \
        exec 3>pipe; grep 'core file' /proc/$!/limits; kill -ABRT $!; wait $!; echo $?; ls";
    let mut shell = wrapped("sh", &["-c", script], &certctl.command(&[""; 0]));
    let run = Run::of(&mut shell).expect_status(0);
    let words: Vec<_> = run.stdout.split_whitespace().collect();
    assert_eq!(words[..5], ["Max", "core", "file", "size", "0"], "{run:?}");
    let aborted = "134";
    assert_eq!(
        words[words.len() - 3..],
        [aborted, "pipe", "pki"],
        "{run:?}"
    );
}

#[test]
fn the_search_finds_what_is_there() {
    let certctl = Certctl::new();
    let words = ["init-ca", "--passphrase-env", "PASS"];
    // As the manual says, the environment of a process stays.
    let memory = memory(&certctl, &words, &[("PASS", PASSPHRASE)]);
    let passphrase = [(String::from("passphrase"), PASSPHRASE.into())];
    assert_eq!(found(&memory, &passphrase), ["passphrase"]);
}
