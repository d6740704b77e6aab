//! Input is bounded: whatever a command line or a file names ends at a limit that the error names, in memory
//! that is in proportion to it; and no input makes the work grow faster than its length.
//!
//! Nothing is timed: what is quadratic would take many minutes here, and what has no bound never ends.

mod support;

use std::{fmt::Write as _, fs, process::Command};

use certctl::pki::{
    csr,
    general_name::GeneralName,
    key::{KeyType, PrivateKey},
    name::distinguished_name,
    profile::Profile,
};
use support::{Certctl, Run};

/// What a command may use of memory, in KiB.
const MEMORY: &str = "ulimit -v 2000000; exec \"$0\" \"$@\"";

fn pki() -> Certctl {
    let certctl = Certctl::at("2026-11-28T00:00:00Z");
    let _ = certctl.run(&["issue", "node1", "--init"]).expect_status(0);
    certctl
}

/// Runs a command line within the memory that it may use.
fn run(certctl: &Certctl, arguments: &[&str]) -> Run {
    let inner = certctl.command(arguments);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", MEMORY])
        .arg(inner.get_program())
        .args(inner.get_args())
        .current_dir(certctl.home());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    Run::of(&mut shell)
}

fn refused(certctl: &Certctl, arguments: &[&str], status: i32, expected: &str) {
    let run = run(certctl, arguments).expect_status(status);
    assert!(
        run.stderr.contains(expected),
        "{arguments:?}: {}",
        run.stderr
    );
}

/// Every door through which a file comes in.
#[test]
fn what_never_ends_is_read_up_to_its_limit() {
    let certctl = pki();
    let home = certctl.home();
    let certificate = certctl.pki("certs/node1/cert.pem");
    let certificate = certificate.to_str().expect("UTF-8");
    fs::write(home.join("zero.cnf"), ".include = /dev/zero\n").expect("written");
    fs::write(home.join("zero.toml"), "include = [\"/dev/zero\"]\n").expect("written");
    fs::create_dir(home.join("templates")).expect("made");
    let large = fs::File::create(home.join("templates/zero")).expect("made");
    large.set_len(1 << 30).expect("a file may have holes");
    let most = "the most that certctl reads of ";
    for (arguments, status, kind) in [
        (&["inspect", "/dev/zero"][..], 1, "a file"),
        (&["verify", "/dev/zero"], 1, "certificates"),
        (
            &["verify", certificate, "--trust", "/dev/zero"],
            1,
            "certificates",
        ),
        (
            &["verify", certificate, "--untrusted", "/dev/zero"],
            1,
            "certificates",
        ),
        (&["verify", certificate, "--crl", "/dev/zero"], 1, "a CRL"),
        (&["needs-renewal", "/dev/zero"], 1, "certificates"),
        (&["install", "node1", "/dev/zero"], 1, "certificates"),
        (
            &["install", "node1", certificate, "--trust", "/dev/zero"],
            1,
            "certificates",
        ),
        (&["sign", "/dev/zero"], 1, "a certificate request"),
        (
            &[
                "init-ca",
                "other",
                "--cert",
                "/dev/zero",
                "--key",
                "/dev/zero",
            ],
            1,
            "certificates",
        ),
        (
            &[
                "init-ca",
                "other",
                "--cert",
                certificate,
                "--key",
                "/dev/zero",
            ],
            1,
            "a private key",
        ),
        (&["issue", "x", "--extfile", "/dev/zero"], 1, "an extfile"),
        (&["issue", "x", "--extfile", "zero.cnf"], 1, "an extfile"),
        (&["apply", "/dev/zero"], 1, "a fleet file"),
        (&["apply", "zero.toml"], 1, "a fleet file"),
        (
            &["config", "emqx", "node1", "--templates", "templates"],
            1,
            "a folder of templates",
        ),
        (
            &[
                "config",
                "emqx",
                "node1",
                "--as",
                "cookie",
                "--set",
                "node.cookie=@/dev/zero",
            ],
            2,
            "a secret",
        ),
    ] {
        refused(&certctl, arguments, status, &format!("{most}{kind}"));
    }
}

#[test]
fn pipes_are_read_and_block_devices_are_not() {
    let certctl = pki();
    let shell = |script: &str, status| {
        let inner = certctl.command(&["list"]);
        let mut shell = Command::new("bash");
        shell.args(["-c", script, "bash"]).arg(inner.get_program());
        shell.current_dir(certctl.home());
        Run::of(&mut shell).expect_status(status)
    };
    let certificate = "pki/certs/node1/cert.pem";
    for script in [
        format!("\"$1\" inspect <(cat {certificate})"),
        format!("cat {certificate} | \"$1\" inspect -"),
        format!("\"$1\" inspect - < {certificate}"),
        format!("cat {certificate} | \"$1\" inspect /dev/stdin"),
    ] {
        let shown = shell(&script, 0);
        assert!(shown.stdout.contains("node1"), "{script}: {}", shown.stdout);
    }
    let endless = shell("cat /dev/zero | \"$1\" inspect -", 1).stderr;
    let expected = "cannot read standard input: it is larger than 32 MiB";
    assert!(endless.contains(expected), "{endless}");
    let folder = shell("\"$1\" inspect pki", 1).stderr;
    assert!(folder.contains("Is a directory"), "{folder}");
}

/// Text that is far shorter than what a careless reader keeps of it.
#[test]
fn memory_is_in_proportion_to_the_input() {
    let certctl = pki();
    let block = |line: &str, count: usize| {
        let body = line.repeat(count);
        format!("-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n").into_bytes()
    };
    let nested = [&[0x30, 0x83, 0x80, 0, 0][..], &[5, 0].repeat(0x40_0000)].concat();
    for (name, content, expected) in [
        ("newlines", block("\n", 15 << 20), "base64 is cut off"),
        ("headers", block(":\n", 7 << 20), "base64 is cut off"),
        (
            "blocks",
            "-----BEGIN -----\nAAAA\n-----END -----\n"
                .repeat(400_000)
                .into(),
            "no certificate",
        ),
        (
            "values",
            nested,
            "the most that certctl reads of one certificate",
        ),
    ] {
        fs::write(certctl.home().join(name), content).expect("written");
        refused(&certctl, &["verify", name], 1, expected);
    }
}

#[test]
fn a_request_has_a_thousand_names() {
    let certctl = pki();
    let key = PrivateKey::generate(KeyType::P256).expect("random source");
    let key = key.to_signing_key().expect("it holds together");
    for (count, status) in [(1000, 0), (1001, 1), (100_000, 1)] {
        let name = |index| GeneralName::Dns(format!("h{index}.test"));
        let names: Vec<_> = (0..count).map(name).collect();
        let request = csr::write(
            &key,
            &distinguished_name(Some("x"), None),
            &names,
            Profile::Node,
        );
        fs::write(certctl.home().join("x.csr"), request.expect("it signs")).expect("written");
        let run = run(&certctl, &["sign", "x.csr", "-n"]).expect_status(status);
        let expected = format!("asks for {count} names; a certificate takes 1000 at most");
        assert_eq!(
            run.stderr.contains(&expected),
            status == 1,
            "{}",
            run.stderr
        );
    }
}

#[test]
fn a_command_line_gives_a_thousand_names() {
    let certctl = pki();
    let list = |count| {
        let names = (0..count).map(|index| format!("h{index}"));
        names.collect::<Vec<_>>().join(",")
    };
    let _ = run(&certctl, &["issue", "a", "-n", "--san", &list(1000)]).expect_status(0);
    let expected = "--san: 20000 names; a certificate takes 1000 at most";
    refused(
        &certctl,
        &["issue", "a{1..100}", "-n", "--san", &list(20_000)],
        2,
        expected,
    );
    let many: Vec<_> = (0..500)
        .map(|index| format!("n{index}-{{1..1000000}}"))
        .collect();
    let words = ["issue"].into_iter().chain(many.iter().map(String::as_str));
    let words: Vec<_> = words.collect();
    refused(&certctl, &words, 2, "more than 1000000 names are given");
}

/// Each of these takes an hour where a place is searched for, or a name looked up in a list.
#[test]
fn fleets_are_read_in_a_time_that_follows_their_length() {
    let certctl = Certctl::at("2026-11-28T00:00:00Z");
    let each =
        |count: usize, of: &dyn Fn(usize) -> String| -> String { (0..count).map(of).collect() };
    let entry = |index| format!("[[entry]]\nname = \"n{index}\"\n");
    let root = "[[ca]]\nname = \"r\"\n";
    let names = |count| each(count, &|index| format!("\"h{index}.test\","));
    for (name, text, status, expected) in [
        (
            "entries in one line",
            format!(
                "ca=[{{name=\"r\"}}]\nentry=[{}]",
                each(60_000, &|it| format!("{{name=\"n{it}\"}},"))
            ),
            0,
            "",
        ),
        (
            "mistakes",
            format!(
                "{root}{}",
                each(40_000, &|it| format!(
                    "[[entry]]\nname=\"n{it}\"\nsan=\"a b{it}\"\n"
                ))
            ),
            1,
            "`a b39999` is not a host name",
        ),
        (
            "names in the defaults",
            format!(
                "{root}[defaults]\nsan=[{}]\n{}",
                names(20_000),
                each(5000, &entry)
            ),
            1,
            "a certificate takes 1000 names at most",
        ),
        (
            "names with commas",
            format!(
                "{root}[[entry]]\nname=\"n{{1..9}}\"\nsan=\"{}\"",
                "h,".repeat(2000)
            ),
            1,
            "a certificate takes 1000 names at most",
        ),
        (
            "a long word in the defaults",
            format!(
                "{root}[defaults]\nextfile=\"{}\"\n{}",
                "x".repeat(5_000_000),
                each(5000, &entry)
            ),
            1,
            "`extfile` must be 4096 octets long at most",
        ),
        (
            "ranges",
            each(300, &|it| {
                let last = if it == 0 { 10 } else { 1_000_000 };
                format!("[[entry]]\nname=\"n{it}-{{1..{last}}}\"\n")
            }),
            1,
            "a fleet has 1000000 entries at most",
        ),
        (
            "names of all entries",
            format!("[[entry]]\nname=\"n{{1..900000}}\"\nsan=[{}]", names(900)),
            1,
            "a fleet has 10000000 names at most",
        ),
        (
            "CAs below one another",
            each(20_000, &|it| {
                format!("[[ca]]\nname=\"n{it}\"\nparent=\"n{}\"\n", it + 1)
            }),
            1,
            "a fleet has 1000 CAs at most",
        ),
    ] {
        fs::write(certctl.home().join("fleet.toml"), text).expect("written");
        let run = run(&certctl, &["apply", "fleet.toml", "-n"]).expect_status(status);
        assert!(run.stderr.contains(expected), "{name}: {}", run.stderr);
    }
}

#[test]
fn extfiles_are_read_in_a_time_that_follows_their_length() {
    let certctl = pki();
    let mut doubled = String::from("a0 = xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n");
    for index in 1..=10 {
        let before = index - 1;
        let _ = writeln!(doubled, "a{index} = $a{before}$a{before}");
    }
    let lines =
        |count: usize, of: &dyn Fn(usize) -> String| -> String { (0..count).map(of).collect() };
    for (name, text, expected) in [
        (
            "names",
            format!(
                "subjectAltName=@s\n[s]\n{}",
                lines(40_000, &|it| format!("DNS.{it}=h{it}.test\n"))
            ),
            "a certificate takes 1000 names at most",
        ),
        (
            "variables",
            format!("{doubled}{}", lines(40_000, &|it| format!("b{it}=$a10\n"))),
            "variables stand for more than 4194304 octets",
        ),
        (
            "a section many times",
            format!(
                "crlDistributionPoints={}\n[s]\nfullname=@t\n[t]\n{}",
                vec!["s"; 20_000].join(","),
                lines(20_000, &|it| format!("URI.{it}=http://h{it}.test/\n"))
            ),
            "more than 100000 entries",
        ),
        (
            "mistakes",
            format!(
                "{}\n{}",
                lines(20_000, &|it| format!("[sect{it}]\n")),
                "keyUsag=a"
            ) + &lines(30_000, &|it| format!("nonsense{it}\n")),
            "`=` is missing",
        ),
        (
            "missing sections",
            format!(
                "{}{}",
                lines(20_000, &|it| format!("1.2.{it}=ASN1:SEQUENCE:sekt{it}\n")),
                lines(20_000, &|it| format!("[sect{it}]\na=b\n"))
            ),
            "there is no section",
        ),
    ] {
        fs::write(certctl.home().join("many.cnf"), text).expect("written");
        let run = run(&certctl, &["issue", "x", "-n", "--extfile", "many.cnf"]).expect_status(1);
        assert!(run.stderr.contains(expected), "{name}: {}", run.stderr);
        let count = run
            .stderr
            .lines()
            .filter(|line| line.contains("many.cnf:"))
            .count();
        assert!(count <= 2001, "{name}: {count} lines");
    }
}
