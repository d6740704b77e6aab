//! What `--like` says of every row, judged by those whose answer it is.

use std::io::Write as _;

use certctl::pki::chain::Stack;

use super::*;

/// What Go is asked: a folder's certificates, and for what.
fn asked_of_go(case: &Case, home: &Path) -> String {
    let purpose = match case.purpose {
        Purpose::Any => "any",
        Purpose::Client => "client",
        Purpose::Server => "server",
    };
    let host = match &case.host {
        Some(Host::Dns(name)) => name.clone(),
        Some(Host::Ip(ip)) => ip.to_string(),
        None => String::from("-"),
    };
    let at = case.at.unix_timestamp();
    format!("{} {at} {purpose} {host}\n", home.display())
}

fn answers_of_go(asked: &str) -> Vec<String> {
    let mut go = support::program("go");
    go.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/chain"))
        .args(["run", "verify.go"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped());
    let mut child = go.spawn().expect("tests/run installs it");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(asked.as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().map(str::to_owned).collect()
}

/// Rows of which the stack is known to say otherwise: it takes more, or refuses more, than is told.
fn told_otherwise(exceptions: &[&str], said: &[(&str, bool, bool, String)]) -> Vec<String> {
    let wrong = said.iter().filter(|(name, ours, theirs, _)| {
        let is_known = exceptions.contains(name);
        (ours == theirs) == is_known
    });
    wrong
        .map(|(name, ours, theirs, why)| format!("{name}: ours {ours}, theirs {theirs}: {why}"))
        .collect()
}

#[test]
fn openssl_without_strictness_agrees() {
    // What we refuse, and it takes: it reads some extensions when it must, takes common names for hosts and old roots
    // for CAs, and is content with CRLs of which not all is right.
    // What we take, and it refuses: the second of notAfter, and two rows where it is no other with -x509_strict.
    const OTHERWISE: &[&str] = &[
        "CRL with the CA's name in another case",
        "a host without labels before the dot",
        "another curve",
        "authorityInfoAccess malformed",
        "common name",
        "empty SAN",
        "last second",
        "no nextUpdate",
        "no subtrees",
        "number critical",
        "octets after a value",
        "revoked intermediate",
        "root without basicConstraints",
        "the root's CRL is for users only",
        "version 1 root",
        "within the last second",
    ];
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let said: Vec<_> = CASES
        .iter()
        .map(|case| {
            let mut arguments = openssl_arguments(case, directory.path());
            arguments.retain(|argument| argument != "-x509_strict");
            let run = support::openssl(&arguments);
            let ours = Stack::Openssl.verify(&case.request()).found.is_ok();
            (case.name, ours, run.status == Some(0), run.stderr)
        })
        .collect();
    let wrong = told_otherwise(OTHERWISE, &said);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn go_agrees() {
    // What we refuse, and it takes: old roots, anyExtendedKeyUsage, short RSA keys, and names that are no names. What
    // we take, and it refuses: a key on a curve that it does not have.
    const OTHERWISE: &[&str] = &[
        "a common name that is a host, and no names",
        "a leading dot",
        "a leading dot, as OpenSSL takes it",
        "another curve",
        "any purpose is not this one",
        "empty SAN",
        "octets after a value",
        "short RSA key",
        "two @",
        "version 1 root",
        "wildcard above a top level",
    ];
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let asked: String = CASES
        .iter()
        .enumerate()
        .map(|(index, case)| {
            let home = directory.path().join(index.to_string());
            std::fs::create_dir(&home).expect("made");
            // The files are the same.
            let _ = openssl_arguments(case, &home);
            asked_of_go(case, &home)
        })
        .collect();
    let answers = answers_of_go(&asked);
    assert_eq!(answers.len(), CASES.len());
    let said: Vec<_> = CASES
        .iter()
        .zip(answers)
        .map(|(case, answer)| {
            let ours = Stack::Go.verify(&case.request()).found.is_ok();
            (case.name, ours, answer == "ok", answer)
        })
        .collect();
    let wrong = told_otherwise(OTHERWISE, &said);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rustls_answers_itself() {
    for_each(|case| {
        let answer = Stack::Webpki.verify(&case.request());
        let accepts = chain::rustls_accepts(&case.request()).is_ok();
        compare(accepts, answer.found.is_ok(), None, &answer)
    });
}
