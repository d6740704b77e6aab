//! What is left in memory: gdb stops a command at its last system call, and its memory is searched.

#![cfg(target_os = "linux")]

mod support;

use std::{fs, ops::Range, os::unix::fs::PermissionsExt as _, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use pkcs8::PrivateKeyInfo;
use ring::digest;
use support::{Certctl, Run, debugged, openssl, wrapped};

const PASSPHRASE: &str = "correct-horse-battery-staple";
/// So short that a value may hold it without a buffer.
const SHORT: &str = "hunter2hunter2";

/// A command that is about to end well.
struct Ending {
    run: Run,
    /// All that it can write to.
    memory: Vec<u8>,
}

impl Ending {
    fn of(certctl: &Certctl, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let core = certctl.home().join("core");
        let _ = fs::remove_file(&core);
        let dump = format!("generate-core-file {}", core.display());
        let commands = [
            // Also what asks to be left out of a core dump.
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
        let core = fs::read(&core).unwrap_or_else(|error| panic!("no core: {error}: {run:?}"));
        let memory = writable(&core);
        Self { run, memory }
    }

    /// The names of the needles that are found.
    fn found<'a>(&self, needles: &'a [Needle]) -> Vec<&'a str> {
        let start = |octets: &[u8]| usize::from(u16::from_be_bytes([octets[0], octets[1]]));
        // Few places begin as a needle does.
        let mut begins = vec![Vec::new(); 1 << 16];
        for needle in needles {
            begins[start(&needle.1)].push(needle);
        }
        let mut names = Vec::new();
        for (place, pair) in self.memory.windows(2).enumerate() {
            let here = begins[start(pair)].iter();
            let here = here.filter(|(_, octets)| self.memory[place..].starts_with(octets));
            names.extend(here.map(|(what, _)| what.as_str()));
        }
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// The writable segments of a core dump (elf(5)): the others came from files.
fn writable(core: &[u8]) -> Vec<u8> {
    let number = |at: usize, length: usize| {
        let octets = core[at..at + length].iter().rev();
        octets.fold(0, |number, octet| number << 8 | usize::from(*octet))
    };
    let (table, size, count) = (number(32, 8), number(54, 2), number(56, 2));
    let headers = (0..count).map(|index| table + index * size);
    let (load, write) = (1, 2);
    let is_wanted = |&at: &usize| number(at, 4) == load && number(at + 4, 4) & write != 0;
    let content = |at: usize| &core[number(at + 8, 8)..][..number(at + 32, 8)];
    let segments: Vec<_> = headers.filter(is_wanted).map(content).collect();
    segments.concat()
}

/// A secret that one would see: what it is, and the octets to look for.
type Needle = (String, Vec<u8>);

/// In pieces: the first octets of what was freed are overwritten.
fn pieces(what: &str, octets: &[u8]) -> Vec<Needle> {
    let pieces = octets.chunks_exact(12);
    pieces
        .map(|piece| (what.to_owned(), piece.to_vec()))
        .collect()
}

/// Every form of what nobody may know of a key.
fn of_key(path: &Path) -> Vec<Needle> {
    let password = format!("pass:{PASSPHRASE}");
    let file = path.to_str().expect("UTF-8");
    let mut arguments = vec!["pkcs8", "-topk8", "-nocrypt", "-in", file];
    arguments.extend(["-passin", &password]);
    let pem = openssl(&arguments).expect_status(0).stdout;
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(&body).expect("openssl writes base64");
    let again = STANDARD.encode(&pem);
    let info = PrivateKeyInfo::try_from(&der[..]).expect("openssl writes PKCS#8");
    let mut needles = Vec::new();
    for (name, number) in private_numbers(&info) {
        let name = |form: &str| format!("{file}: {name}: {form}");
        let reversed: Vec<u8> = number.iter().rev().copied().collect();
        needles.extend(pieces(&name("octets"), number));
        needles.extend(pieces(&name("octets, backwards"), &reversed));
        let mut places = der.windows(number.len());
        let start = places
            .position(|place| place == number)
            .expect("part of it");
        let characters = encoded(start..start + number.len());
        needles.extend(pieces(&name("base64"), body[characters.clone()].as_bytes()));
        // A label, and lines of 64 characters.
        let label = pem.find('\n').expect("a label") + 1;
        let in_pem = |character: usize| label + character + character / 64;
        let twice = encoded(in_pem(characters.start)..in_pem(characters.end));
        needles.extend(pieces(&name("base64 of PEM"), again[twice].as_bytes()));
    }
    // What an Ed25519 key signs with (RFC 8032 §5.1.5).
    if let [4, 32, seed @ ..] = info.private_key {
        let hash = digest::digest(&digest::SHA512, seed);
        needles.extend(pieces(&format!("{file}: hash"), &hash.as_ref()[1..63]));
    }
    needles
}

/// The characters of base64 that hold nothing but these octets.
fn encoded(octets: Range<usize>) -> Range<usize> {
    octets.start.div_ceil(3) * 4..octets.end / 3 * 4
}

fn private_numbers<'a>(info: &PrivateKeyInfo<'a>) -> Vec<(&'static str, &'a [u8])> {
    if let Ok(key) = rsa::pkcs1::RsaPrivateKey::try_from(info.private_key) {
        return vec![
            ("d", key.private_exponent.as_bytes()),
            ("p", key.prime1.as_bytes()),
            ("q", key.prime2.as_bytes()),
            ("d mod p-1", key.exponent1.as_bytes()),
            ("d mod q-1", key.exponent2.as_bytes()),
            ("1/q mod p", key.coefficient.as_bytes()),
        ];
    }
    // The first OCTET STRING, behind a version or alone (RFC 5915 §3, RFC 8410 §7).
    let octets = info.private_key;
    let is_start = |pair: &[u8]| pair[0] == 4 && [32, 48].contains(&pair[1]);
    let start = octets.windows(2).position(is_start).expect("a key") + 2;
    vec![("key", &octets[start..][..usize::from(octets[start - 1])])]
}

/// A PKI directory's home with files that hold secrets.
fn home() -> Certctl {
    let certctl = Certctl::new();
    for (name, secret) in [("pass", PASSPHRASE), ("short", SHORT)] {
        let path = certctl.home().join(name);
        fs::write(&path, format!("{secret}\n")).expect("our own directory");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("our own file");
    }
    certctl
}

/// Runs a command and looks for these keys and for what the files hold.
fn leaves_nothing(certctl: &Certctl, command: &str, keys: &[&str]) {
    let words: Vec<_> = command.split(' ').collect();
    let ending = Ending::of(certctl, &words, &[]);
    let paths = keys.iter().map(|key| certctl.pki(key).join("key.pem"));
    let mut needles: Vec<_> = paths.flat_map(|path| of_key(&path)).collect();
    needles.extend(pieces("passphrase", PASSPHRASE.as_bytes()));
    needles.extend(pieces("short secret", SHORT.as_bytes()));
    assert_eq!(ending.found(&needles), [""; 0], "{command}");
}

/// Commands that make keys and sign with them.
const SIGNING: [(&str, &[&str]); 4] = [
    (
        "init-ca --passphrase-file pass --key-type TYPE",
        &["ca/root"],
    ),
    (
        "issue a b --passphrase-file pass --key-type TYPE",
        &["ca/root", "certs/a", "certs/b"],
    ),
    (
        "renew a --force --keep-key --passphrase-file pass",
        &["ca/root", "certs/a"],
    ),
    ("request c --key-type TYPE", &["certs/c"]),
];

/// All others that see a key.
const OTHERS: [(&str, &[&str]); 14] = [
    (
        "init-intermediate issuing --passphrase-file pass",
        &["ca/root", "ca/issuing"],
    ),
    (
        "renew a --force --passphrase-file pass",
        &["ca/root", "certs/a"],
    ),
    (
        "renew ca/root ca/issuing --force --passphrase-file pass",
        &["ca/root", "ca/issuing"],
    ),
    (
        "sign pki/certs/c/request.csr --name d --ca issuing --passphrase-file pass",
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
    (
        "export a --format pkcs12 --out a.p12 --password-file pass",
        &["certs/a"],
    ),
    ("export a --format tar --out a.tar", &["certs/a"]),
    ("export a --format k8s-secret", &["certs/a"]),
    (
        "export issuing --with-key --format pem --out ca.pem --passphrase-file pass",
        &["ca/issuing"],
    ),
    (
        "client redis python a --host node1 --server-ca root",
        &["certs/a"],
    ),
];

/// Runs commands with keys of one type.
fn keys_of(key_type: &str, commands: &[(&str, &[&str])]) {
    let certctl = home();
    for (command, keys) in commands {
        leaves_nothing(&certctl, &command.replace("TYPE", key_type), keys);
    }
}

#[test]
fn p256_keys() {
    keys_of("p256", &[&SIGNING[..], &OTHERS].concat());
}

#[test]
fn p384_keys() {
    keys_of("p384", &SIGNING);
}

#[test]
fn ed25519_keys() {
    keys_of("ed25519", &SIGNING);
}

#[test]
fn rsa2048_keys() {
    keys_of("rsa2048", &SIGNING);
}

#[test]
fn rsa3072_keys() {
    keys_of("rsa3072", &SIGNING[..2]);
}

#[test]
fn what_templates_are_given() {
    let certctl = home();
    let _ = certctl.run(&["issue", "a", "--init"]).expect_status(0);
    let rest = "config redis-enterprise a --as rest --set fqdn=a.test";
    let cookie = "config emqx a --set node.cookie=@pass";
    for (command, ending) in [
        (rest, ""),
        (rest, " --json"),
        (rest, " --out rest"),
        (cookie, ""),
        (cookie, " --json"),
        (cookie, " --out emqx"),
        ("config emqx a --set node.cookie=@short", ""),
        ("config redis a --set requirepass=@pass", ""),
        ("config redis a --set requirepass=@short", " --out redis"),
        ("client redis python a --host node1", ""),
    ] {
        let command = format!("{command}{ending}");
        leaves_nothing(&certctl, &command, &["certs/a"]);
    }
}

#[test]
fn secrets_that_are_made_up() {
    let certctl = home();
    let home = certctl.home();
    for command in [
        "config emqx --as cookie",
        "config emqx --as cookie --json",
        "config emqx --as cookie --out made",
        "config rqlite --as auth --set user=ann:all",
    ] {
        let words: Vec<_> = command.split(' ').collect();
        let ending = Ending::of(&certctl, &words, &[]);
        let text = fs::read_to_string(home.join("made")).unwrap_or(ending.run.stdout.clone());
        let mut words = text.split(|it: char| !it.is_ascii_alphanumeric());
        let secret = words.find(|word| word.len() == 43).expect("256 bits");
        let needles = pieces("secret", secret.as_bytes());
        assert_eq!(ending.found(&needles), [""; 0], "{command}");
        let _ = fs::remove_file(home.join("made"));
    }
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
    let ending = Ending::of(&certctl, &words, &[("PASS", PASSPHRASE)]);
    let passphrase = pieces("passphrase", PASSPHRASE.as_bytes());
    assert_eq!(ending.found(&passphrase), ["passphrase"]);
}
