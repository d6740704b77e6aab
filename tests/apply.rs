//! Fleet files: what is made of them, and that a second run finds nothing to do.

mod support;

use std::fs;

use support::Certctl;

const FLEET: &str = r#"
[defaults]
ca  = "issuing"
san = ["{name}.db.internal"]

[[ca]]
name   = "issuing"
parent = "root"
[[ca]]
name = "root"

[[entry]]
name = "node{1..3}"

[[entry]]
name    = "app"
profile = "client"
days    = 10
"#;

/// The changes that `apply` says it makes, without those that are none.
fn changes(certctl: &Certctl, fleet: &str, flags: &[&str]) -> Vec<String> {
    fs::write(certctl.home().join("fleet.toml"), fleet).expect("writable");
    let arguments = [&["apply", "fleet.toml", "--json"], flags].concat();
    let run = certctl.run(&arguments).expect_status(0);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    let changes = document["changes"].as_array().expect("a list");
    let shown = changes
        .iter()
        .filter(|change| change["action"] != "none")
        .map(|change| {
            let word = |key: &str| change[key].as_str().expect("a string").to_owned();
            format!("{} {}: {}", word("action"), word("name"), word("reason"))
        });
    shown.collect()
}

fn applied() -> Certctl {
    let certctl = Certctl::at("2030-01-01T00:00:00Z");
    assert_eq!(changes(&certctl, FLEET, &[]).len(), 6);
    certctl
}

#[test]
fn a_second_run_changes_nothing() {
    let certctl = applied();
    let before = fs::read(certctl.pki("certs/node1/cert.pem")).expect("issued");
    assert_eq!(changes(&certctl, FLEET, &[]), [""; 0]);
    assert_eq!(
        fs::read(certctl.pki("certs/node1/cert.pem")).expect("issued"),
        before
    );
    let run = certctl
        .run(&["apply", "fleet.toml", "--detailed-exitcode"])
        .expect_status(0);
    assert!(run.stdout.contains("nothing to do"), "{}", run.stdout);
}

#[test]
fn reasons_are_exact() {
    let entry = |from: &str, to: &str| FLEET.replace(from, to);
    for (name, fleet, expected) in [
        (
            "missing",
            entry("1..3", "1..4"),
            vec!["create node4: missing"],
        ),
        (
            "SANs",
            entry("name    = \"app\"", "name = \"app\"\nsan = [\"10.0.0.1\"]"),
            vec!["reissue app: SANs differ (+IP:10.0.0.1)"],
        ),
        (
            "profile",
            entry("profile = \"client\"", "profile = \"server\""),
            vec!["reissue app: profile client → server"],
        ),
        (
            "key type",
            entry("days    = 10", "days = 10\nkey_type = \"p384\""),
            vec!["reissue app: key type p256 → p384"],
        ),
        (
            "issuer",
            entry("days    = 10", "days = 10\nca = \"root\""),
            vec!["reissue app: issuer issuing → root"],
        ),
    ] {
        let certctl = applied();
        assert_eq!(changes(&certctl, &fleet, &["-n"]), expected, "{name}");
        assert_eq!(
            changes(&certctl, &fleet, &[]),
            expected,
            "{name}, carried out"
        );
        assert_eq!(changes(&certctl, &fleet, &[]), [""; 0], "{name}, again");
    }
}

/// A fleet file without its CAs, which have to stand.
fn without_authorities() -> String {
    let end = FLEET.find("[[ca]]").expect("it has CAs");
    let entries = FLEET.find("[[entry]]").expect("it has entries");
    format!("{}{}", &FLEET[..end], &FLEET[entries..])
}

#[test]
fn revoked_authorities_are_made_anew() {
    let entries = ["app", "node1", "node2", "node3"];
    for (revoked, expected) in [
        (
            &["issuing"][..],
            vec!["create issuing: the CA `issuing` was revoked"],
        ),
        (
            &["root"],
            vec![
                "reissue issuing: the CA `root` above `issuing` was revoked",
                "create root: the CA `root` was revoked",
            ],
        ),
        (
            &["issuing", "root"],
            vec![
                "create issuing: the CA `issuing` was revoked",
                "create root: the CA `root` was revoked",
            ],
        ),
    ] {
        for flags in [&[][..], &["--prune"]] {
            let certctl = applied();
            for name in revoked {
                let _ = certctl.run(&["revoke", name, "--yes"]).expect_status(0);
            }
            let mut expected: Vec<_> = expected.iter().map(ToString::to_string).collect();
            expected.extend(entries.map(|name| format!("reissue {name}: its CA is made anew")));
            expected.sort();
            for flags in [&[flags, &["-n"]].concat(), flags] {
                let mut found = changes(&certctl, FLEET, flags);
                found.sort();
                assert_eq!(found, expected, "{revoked:?} {flags:?}");
            }
            assert_eq!(changes(&certctl, FLEET, flags), [""; 0], "{revoked:?}");
            let _ = certctl.run(&["check", "--within", "1d"]).expect_status(0);
        }
    }
}

#[test]
fn entries_below_a_revoked_authority_are_told() {
    let nameless = without_authorities().replace("ca  = \"issuing\"\n", "");
    for (revoked, fleet, message, hint) in [
        (
            "issuing",
            without_authorities(),
            "the CA `issuing` was revoked",
            "a `[[ca]]` with `name = \"issuing\"` and `parent = \"root\"` makes another",
        ),
        (
            "issuing",
            nameless.clone(),
            "no `ca` is named, and the CA `issuing` was revoked",
            "or add `ca = \"root\"` to it",
        ),
        (
            "root",
            without_authorities(),
            "the CA `root` above `issuing` was revoked",
            "a `[[ca]]` with `name = \"root\"` makes another",
        ),
        (
            "root",
            nameless,
            "no `ca` is named, and the CA `root` was revoked",
            "a `[[ca]]` with `name = \"root\"` makes another",
        ),
    ] {
        let certctl = applied();
        let _ = certctl.run(&["revoke", revoked, "--yes"]).expect_status(0);
        fs::write(certctl.home().join("fleet.toml"), &fleet).expect("writable");
        for flags in [&[][..], &["-n"], &["--prune"]] {
            let run = certctl.run(&[&["apply", "fleet.toml"], flags].concat());
            let run = run.expect_status(1);
            assert!(run.stderr.contains(message), "{}", run.stderr);
            assert!(run.stderr.contains(hint), "{}", run.stderr);
        }
    }
}

#[test]
fn damaged_files_and_stale_chains_are_mended() {
    let certctl = applied();
    fs::remove_file(certctl.pki("certs/node1/ca.pem")).expect("issued");
    fs::write(certctl.pki("certs/node2/cert.pem"), "garbage").expect("writable");
    let chain = certctl.pki("certs/node3/ca-chain.pem");
    fs::copy(certctl.pki("certs/node3/ca.pem"), chain).expect("issued");
    let expected = [
        "reissue node1: file damaged: ca.pem",
        "reissue node2: file damaged: cert.pem",
        "reissue node3: chain stale",
    ];
    assert_eq!(changes(&certctl, FLEET, &[]), expected);
    assert_eq!(changes(&certctl, FLEET, &[]), [""; 0]);
}

#[test]
fn what_ends_soon_is_renewed() {
    let certctl = applied();
    let later = |now| {
        let mut command = certctl.command(&["apply", "fleet.toml", "-n"]);
        support::Run::of(command.env("CERTCTL_NOW", now))
            .expect_status(0)
            .stdout
    };
    let soon = later("2030-01-08T00:00:00Z");
    assert!(soon.contains("renew    app: expires in 3 d"), "{soon}");
    assert!(!soon.contains("node1"), "{soon}");
    let late = later("2030-12-20T00:00:00Z");
    assert!(late.contains("renew    node1: expires in 12 d"), "{late}");
    assert!(late.contains("renew    app: expired"), "{late}");
}

/// The certificate's public key, as PEM.
fn public_key(certctl: &Certctl, name: &str) -> String {
    let path = certctl.pki(format!("certs/{name}/cert.pem"));
    let path = path.to_str().expect("UTF-8");
    support::openssl(&["x509", "-noout", "-pubkey", "-in", path])
        .expect_status(0)
        .stdout
}

#[test]
fn a_key_that_is_elsewhere_stays() {
    let certctl = applied();
    let request = "request db1 --dir node --key-type p384";
    let sign = "sign node/certs/db1/request.csr --name db1 --san db1.db.internal,db1";
    for command in [request, sign] {
        let arguments: Vec<_> = command.split(' ').collect();
        let _ = certctl.run(&arguments).expect_status(0);
    }
    let key = public_key(&certctl, "db1");
    let fleet = format!("{FLEET}\n[[entry]]\nname = \"db1\"\n");
    let with = |line: &str| format!("{fleet}{line}\n");
    assert_eq!(changes(&certctl, &fleet, &[]), [""; 0]);
    for (fleet, expected) in [
        (
            with("san = [\"10.0.0.1\"]"),
            "reissue db1: SANs differ (+IP:10.0.0.1)",
        ),
        (
            with("within = \"360d\""),
            "reissue db1: SANs differ (-IP:10.0.0.1)",
        ),
        (with("within = \"1y\""), "renew db1: expires in 365 d"),
        (
            with("profile = \"server\""),
            "reissue db1: profile node → server",
        ),
        (
            with("profile = \"server\"\nca = \"root\""),
            "reissue db1: issuer issuing → root",
        ),
    ] {
        assert_eq!(changes(&certctl, &fleet, &[]), [expected]);
        assert_eq!(public_key(&certctl, "db1"), key, "{expected}");
        assert!(!certctl.pki("certs/db1/key.pem").exists(), "{expected}");
    }
    let run = certctl.run(&["fleet", "init"]).expect_status(0);
    assert_eq!(changes(&certctl, &run.stdout, &[]), [""; 0]);
}

#[test]
fn prune_revokes_what_the_file_no_longer_names() {
    let certctl = applied();
    let fewer = FLEET.replace("1..3", "1..2");
    assert_eq!(changes(&certctl, &fewer, &[]), [""; 0]);
    assert_eq!(
        changes(&certctl, &fewer, &["--prune"]),
        ["revoke node3: not in the file"]
    );
    assert!(!certctl.pki("certs/node3").exists());
}

#[test]
fn every_mistake_is_reported_with_its_place_and_nothing_is_made() {
    let certctl = Certctl::at("2030-01-01T00:00:00Z");
    let fleet = "[default]\n[[entry]]\nname = \"a b\"\nprofil = \"node\"\n[[entry]]\nname = \"y\"\nsan = [\"10.0.0.999\"]\n";
    fs::write(certctl.home().join("fleet.toml"), fleet).expect("writable");
    let run = certctl.run(&["apply", "fleet.toml"]).expect_status(1);
    for place in [
        "fleet.toml:1:2:",
        "fleet.toml:3:8:",
        "fleet.toml:4:1:",
        "fleet.toml:7:8:",
    ] {
        assert!(run.stderr.contains(place), "{place}\n{}", run.stderr);
    }
    assert!(
        run.stderr.contains("did you mean `profile`?"),
        "{}",
        run.stderr
    );
    assert!(!certctl.pki("").exists());
}

#[test]
fn cas_that_do_not_exist_are_mistakes_of_the_file() {
    let several = "no `ca` is named, and several could sign: issuing, low, top";
    for (name, fleet, expected) in [
        (
            "together with others",
            "[[ca]]\nname = \"low\"\nparent = \"nowhere\"\n\
             [[entry]]\nname = \"x\"\nca = \"gone\"\ncolour = 1\n",
            vec![
                "3:10: the CA `low` has the parent `nowhere`, which does not exist".to_owned(),
                "6:6: there is no CA `gone`".to_owned(),
                "7:1: unknown key `colour`".to_owned(),
            ],
        ),
        (
            "once in the defaults",
            "[defaults]\nca = \"gone\"\n[[entry]]\nname = \"x\"\n[[entry]]\nname = \"y\"\n",
            vec!["2:6: there is no CA `gone`".to_owned()],
        ),
        (
            "ambiguous, once for a range",
            "[[ca]]\nname = \"low\"\nparent = \"root\"\n[[ca]]\nname = \"top\"\n\
             [[entry]]\nname = \"x{1..2}\"\n[[entry]]\nname = \"y\"\n",
            vec![format!("7:8: {several}"), format!("9:8: {several}")],
        ),
    ] {
        assert_eq!(mistakes(&applied(), fleet), expected, "{name}");
    }
    let empty = Certctl::at("2030-01-01T00:00:00Z");
    let fleet = "[[entry]]\nname = \"x\"\n[[entry]]\nname = \"y\"\n";
    let expected = ["2:8: there is no CA, and the file makes none"];
    assert_eq!(mistakes(&empty, fleet), expected);
    assert!(!empty.pki("").exists());
}

/// What is wrong with a fleet file, each with its line and column.
fn mistakes(certctl: &Certctl, fleet: &str) -> Vec<String> {
    fs::write(certctl.home().join("fleet.toml"), fleet).expect("writable");
    let run = certctl.run(&["apply", "fleet.toml"]).expect_status(1);
    let lines = run.stderr.lines();
    lines
        .filter_map(|line| line.split_once("error: fleet.toml:"))
        .map(|(_, mistake)| mistake.to_owned())
        .collect()
}

#[test]
fn fleet_init_describes_what_is_there() {
    let certctl = applied();
    let run = certctl.run(&["fleet", "init"]).expect_status(0);
    assert_eq!(changes(&certctl, &run.stdout, &[]), [""; 0]);
    for arguments in [
        &[
            "init-ca",
            "top",
            "--path-len",
            "1",
            "--permit-dns",
            "db.internal",
            "--permit-ip",
            "10.0.0.0/8",
        ][..],
        &[
            "init-intermediate",
            "low",
            "--ca",
            "top",
            "--days",
            "400",
            "--crl-url",
            "http://crl/low",
        ],
        &["issue", "short", "--ca", "issuing", "--days", "30"],
        &["issue", "alone", "--self-signed"],
    ] {
        let _ = certctl.run(arguments).expect_status(0);
    }
    let fleet = certctl.run(&["fleet", "init"]).expect_status(0).stdout;
    assert_eq!(changes(&certctl, &fleet, &[]), [""; 0], "{fleet}");
    let again = Certctl::at("2030-01-01T00:00:00Z");
    assert!(changes(&again, &fleet, &[]).len() > 8, "{fleet}");
    let repeated = again.run(&["fleet", "init"]).expect_status(0).stdout;
    for line in [
        "path_len = 1",
        "permit_dns = [\"db.internal\"]",
        "permit_ip = [\"10.0.0.0/8\"]",
        "days = 400",
        "crl_url = \"http://crl/low\"",
        "days = 30",
    ] {
        assert!(
            fleet.contains(line) && repeated.contains(line),
            "{line}\n{fleet}\n{repeated}"
        );
    }
    let empty = Certctl::at("2030-01-01T00:00:00Z");
    let run = empty.run(&["fleet", "init"]).expect_status(0);
    assert_eq!(changes(&empty, &run.stdout, &[]).len(), 6);
}

#[test]
fn a_plan_has_an_exit_code() {
    let certctl = Certctl::at("2030-01-01T00:00:00Z");
    fs::write(certctl.home().join("fleet.toml"), FLEET).expect("writable");
    for (words, status) in [
        ("apply fleet.toml -n", 10),
        ("init-ca -n", 10),
        ("issue a --init -n", 10),
        ("apply fleet.toml", 10),
        ("apply fleet.toml -n", 0),
        ("init-intermediate other --ca root -n", 10),
        ("issue b -n", 10),
        ("request c -n", 10),
        ("request c -q", 10),
        ("sign pki/certs/c/request.csr --name c -n", 10),
        ("renew --all -n", 0),
        ("renew node1 -n", 0),
        ("renew node1 -n --force", 10),
        ("renew --all -n --within 366d", 10),
        ("crl --all -n", 10),
        ("revoke node1 -n", 10),
        ("export node1 --format tar --out node1.tar -n", 10),
        ("config rethinkdb node1 --out conf -n", 10),
        ("fleet init --out other.toml -n", 10),
        ("man --out man -n", 10),
        ("apply fleet.toml -n", 0),
    ] {
        let arguments: Vec<_> = words
            .split_whitespace()
            .chain(["--detailed-exitcode"])
            .collect();
        let run = certctl.run(&arguments);
        let _ = run.expect_status(status);
        let without: Vec<_> = words.split_whitespace().collect();
        if words.contains(" -n") {
            let _ = certctl.run(&without).expect_status(0);
        }
    }
}

/// The page is what people copy from.
#[test]
fn the_manual_s_example_can_be_applied() {
    let page = include_str!("../man/certctl-fleet.5");
    let (_, example) = page.split_once(".SH EXAMPLE\n.EX\n").expect("there is one");
    let (example, _) = example.split_once(".EE\n").expect("it ends");
    let example = example.replace("\\-", "-").replace("\\[u2026]", "…");
    assert!(!example.contains('\\'), "{example}");
    let certctl = Certctl::at("2030-01-01T00:00:00Z");
    assert_eq!(changes(&certctl, &example, &[]).len(), 6, "{example}");
    assert_eq!(changes(&certctl, &example, &[]), [""; 0]);
}
