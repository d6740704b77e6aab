//! Findings as SARIF, JUnit and Prometheus: what other programs take.

#[path = "../support/mod.rs"]
mod support;

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use serde_json::Value;
use support::{
    Certctl, Run, peers,
    process::{Server, free_port},
    program,
};

const FORMATS: [&str; 3] = ["sarif", "junit", "prometheus"];

/// A name that breaks out of whatever does not escape it.
const HOSTILE: &str = "a\"'<&]]>\n\u{1b}[2J\u{202e}\\{0}[x](y) ü.conf";

/// A PKI with something wrong for each command.
fn scene() -> Certctl {
    let certctl = Certctl::new();
    let run = |words: &[&str]| drop(certctl.run(words).expect_status(0));
    run(&["issue", "node1", "node2", "--init", "--local"]);
    run(&["--dir", "other", "issue", "node3", "--init"]);
    let mode = fs::Permissions::from_mode(0o644);
    fs::set_permissions(certctl.pki("certs/node1/key.pem"), mode).expect("one's own");
    let configuration = "tls-port 6379\ntls-cert-file /nowhere/a\ntls-crt-file b\n";
    fs::write(certctl.home().join(HOSTILE), configuration).expect("writable");
    let foreign = certctl.home().join("other/certs/node3/ca.pem");
    fs::copy(foreign, certctl.pki("certs/node2/ca.pem")).expect("writable");
    certctl
}

/// What is wrong with texts, each in one of the formats.
fn mistakes(texts: &[(&str, String)]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/validate.py");
    let schemas = "node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json";
    let asked = serde_json::to_string(texts).expect("text");
    let mut validate = program("python3");
    validate.arg(script).arg(peers().join(schemas));
    Run::with_input(&mut validate, &asked)
        .expect_status(0)
        .stdout
}

#[test]
fn other_programs_take_them() {
    let certctl = scene();
    let port = free_port();
    let [cert, key] = ["cert.pem", "key.pem"].map(|it| certctl.pki(format!("certs/node1/{it}")));
    let chain = fs::read_to_string(&cert).expect("issued");
    let mut server = program("openssl");
    server.args(["s_server", "-www", "-accept", &format!("127.0.0.1:{port}")]);
    let (_, intermediates) = chain.split_once("\n-----BEGIN").expect("a chain");
    let rest = certctl.home().join("rest.pem");
    fs::write(&rest, format!("-----BEGIN{intermediates}")).expect("writable");
    server.arg("-cert").arg(&cert).arg("-cert_chain").arg(&rest);
    let _server = Server::start(server.arg("-key").arg(&key), port);
    let (answered, closed) = (
        format!("127.0.0.1:{port}"),
        format!("127.0.0.1:{}", free_port()),
    );
    let lines: &[(&[&str], i32, &str)] = &[
        (&["check"], 3, "key-mode"),
        (&["check", "node1", HOSTILE], 3, "unknown-option"),
        (&["check", "other"], 0, ""),
        (&["verify", "node1", "node2", "--host", "node1"], 3, "host"),
        (&["verify", "node1"], 0, ""),
        (&["prove"], 3, "issuer-unknown"),
        (&["probe", &answered, &closed], 3, "unreachable"),
        (&["probe", &answered, "--name", "elsewhere.test"], 3, "host"),
        (&["probe", &answered], 0, ""),
    ];
    let mut texts = Vec::new();
    for format in FORMATS {
        for (words, status, code) in lines {
            let run = certctl.run(&[&["-o", format], *words].concat());
            let text = run.expect_status(*status).stdout;
            assert!(text.contains(code), "{words:?}: {text}");
            texts.push((format, text));
        }
    }
    assert_eq!(mistakes(&texts), "");

    let of = |format: &str, line: usize| {
        let mut all = texts.iter().filter(|(it, _)| *it == format);
        all.nth(line).expect("printed").1.clone()
    };
    for metric in [
        "probe_success{instance=\"ADDRESS\"} 1",
        "probe_ssl_earliest_cert_expiry{instance=\"ADDRESS\"} ",
        "probe_tls_version_info{instance=\"ADDRESS\",version=\"TLS 1.3\"} 1",
    ] {
        let metric = metric.replace("ADDRESS", &answered);
        assert!(of("prometheus", 6).contains(&metric), "{metric}");
    }
    let failed = format!("probe_success{{instance=\"{closed}\"}} 0\n");
    assert!(of("prometheus", 6).contains(&failed));
    let sarif: Value = serde_json::from_str(&of("sarif", 1)).expect("JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    let line = |it: &Value| {
        it.pointer("/locations/0/physicalLocation/region/startLine")
            .cloned()
    };
    let of_code = |code: &str| {
        results
            .iter()
            .find(|it| it["ruleId"] == code)
            .expect("found")
    };
    assert_eq!(line(of_code("unknown-option")), Some(3.into()));
    assert_eq!(line(of_code("key-mode")), None);
    let sarif: Value = serde_json::from_str(&of("sarif", 6)).expect("JSON");
    let endpoint = "/runs/0/results/0/locations/0/logicalLocations/0/fullyQualifiedName";
    assert_eq!(sarif.pointer(endpoint), Some(&Value::from(closed)));

    // A validator that finds nothing would be as content.
    for (format, from, to) in [
        ("sarif", "\"level\": \"error\"", "\"level\": \"grave\""),
        ("sarif", "\"startLine\": 3", "\"startLine\": 0"),
        ("sarif", "\"results\"", "\"findings\""),
        ("junit", "&lt;", "<"),
        ("junit", "failures=\"2\"", "failures=\"3\""),
        ("prometheus", "\\\"", "\""),
        ("prometheus", "# EOF\n", ""),
    ] {
        let text = of(format, 1);
        assert!(text.contains(from), "{text}");
        assert_ne!(mistakes(&[(format, text.replace(from, to))]), "", "{from}");
    }
}

#[test]
fn commands_without_findings_refuse_them() {
    let certctl = Certctl::new();
    for command in certctl::cli::definition().get_subcommands() {
        let name = command.get_name();
        if ["check", "verify", "probe", "prove"].contains(&name) {
            continue;
        }
        for (format, words) in FORMATS.iter().flat_map(|format| {
            let words = [&["-o", *format][..], &needed(name)].concat();
            [(format, words)]
        }) {
            let run = certctl.run(&words).expect_status(2);
            let refused =
                format!("`-o {format}` is for findings, which check, verify, probe, prove tell");
            assert!(run.stderr.contains(&refused), "{name}: {}", run.stderr);
        }
    }
    assert!(!certctl.home().join("pki").exists());
}

/// A command line that is complete.
fn needed(command: &str) -> Vec<&str> {
    match command {
        "cross-sign" => vec![command, "a", "--by", "b"],
        "install" => vec![command, "a", "b"],
        "export" => vec![command, "a", "--format", "pem"],
        "client" => vec![command, "redis", "python"],
        "completions" => vec![command, "bash"],
        "fleet" => vec![command, "init"],
        "join" => vec![command, "postgres://a"],
        "ledger" => vec![command, "verify"],
        "rotate-ca" => vec![command, "status"],
        "init-intermediate" | "issue" | "request" | "sign" | "renew" | "revoke" | "apply"
        | "import" | "passphrase" | "show" | "inspect" | "explain" | "needs-renewal" => {
            vec![command, "a"]
        }
        "config" => vec![command, "redis", "a"],
        _ => vec![command],
    }
}
