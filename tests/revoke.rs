//! Revocation and CRLs, as OpenSSL sees them.

mod support;

use std::fs;

use support::{Certctl, openssl};

/// A PKI with three entries, whose certificates are kept beside it under their names.
fn cluster() -> Certctl {
    let certctl = Certctl::new();
    run(
        &certctl,
        &["init-ca", "--crl-url", "http://crl.test/root.crl"],
        0,
    );
    run(&certctl, &["issue", "a", "b", "c"], 0);
    for name in ["a", "b", "c"] {
        let kept = certctl.home().join(format!("{name}.pem"));
        fs::copy(certctl.pki(format!("certs/{name}/cert.pem")), kept).expect("issued");
    }
    certctl
}

fn run(certctl: &Certctl, arguments: &[&str], status: i32) -> String {
    certctl.run(arguments).expect_status(status).stdout
}

/// Makes a CRL and returns what OpenSSL says of a certificate with it: its error number, 0 where it holds.
fn verdict(certctl: &Certctl, name: &str) -> u32 {
    run(certctl, &["crl"], 0);
    let anchors = certctl.home().join("anchors.pem");
    let read = |path| fs::read_to_string(certctl.pki(path)).expect("made");
    fs::write(
        &anchors,
        read("ca/root/cert.pem") + &read("ca/root/crl.pem"),
    )
    .expect("writable");
    let certificate = certctl.home().join(format!("{name}.pem"));
    let checked = openssl(&[
        "verify".as_ref(),
        "-x509_strict".as_ref(),
        "-crl_check".as_ref(),
        "-CAfile".as_ref(),
        anchors.as_os_str(),
        certificate.as_os_str(),
    ]);
    let number = checked
        .stderr
        .split("error ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next());
    match checked.status {
        Some(0) => 0,
        _ => number
            .and_then(|number| number.parse().ok())
            .expect("openssl names its error"),
    }
}

/// X509_V_ERR_CERT_REVOKED
const REVOKED: u32 = 23;

#[test]
fn what_is_revoked_is_refused_and_moves_to_the_archive() {
    let certctl = cluster();
    assert_eq!(verdict(&certctl, "a"), 0);
    run(&certctl, &["revoke", "a", "--reason", "keyCompromise"], 0);
    assert_eq!(verdict(&certctl, "a"), REVOKED);
    assert_eq!(verdict(&certctl, "b"), 0);
    assert!(!certctl.pki("certs/a").exists());
    assert_eq!(
        fs::read_dir(certctl.pki("archive"))
            .expect("archived")
            .count(),
        1
    );
    run(&certctl, &["revoke", "a"], 1);
    run(&certctl, &["issue", "a"], 0);
    let text = openssl(&[
        "crl",
        "-noout",
        "-text",
        "-in",
        certctl.pki("ca/root/crl.pem").to_str().expect("UTF-8"),
    ]);
    assert!(text.stdout.contains("Key Compromise"), "{}", text.stdout);
}

#[test]
fn a_hold_can_be_taken_off_and_the_entry_is_back() {
    let certctl = cluster();
    let key = fs::read(certctl.pki("certs/b/key.pem")).expect("issued");
    run(&certctl, &["revoke", "b", "--reason", "certificateHold"], 0);
    assert_eq!(verdict(&certctl, "b"), REVOKED);
    run(&certctl, &["revoke", "b", "--reason", "removeFromCRL"], 0);
    assert_eq!(verdict(&certctl, "b"), 0);
    assert_eq!(
        fs::read(certctl.pki("certs/b/key.pem")).expect("restored"),
        key
    );
    run(&certctl, &["revoke", "b", "--reason", "superseded"], 0);
    run(&certctl, &["revoke", "b", "--reason", "removeFromCRL"], 1);
}

#[test]
fn crl_numbers_only_grow() {
    let certctl = cluster();
    let number = || {
        let text = run(&certctl, &["crl", "--json"], 0);
        let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        document["crls"][0]["number"].as_u64().expect("a number")
    };
    assert_eq!([number(), number(), number()], [1, 2, 3]);
    run(&certctl, &["crl", "--dry-run"], 0);
    assert_eq!(number(), 4);
}

#[test]
fn a_bundle_has_the_crls_of_a_root_and_of_all_cas_below_it() {
    let certctl = Certctl::new();
    run(&certctl, &["issue", "a", "b", "--init"], 0);
    run(&certctl, &["init-ca", "other"], 0);
    let bundle = |root: &str| fs::read_to_string(certctl.pki(format!("ca/{root}/crl-bundle.pem")));
    let lists = |root: &str| {
        bundle(root)
            .expect("made")
            .matches("BEGIN X509 CRL")
            .count()
    };
    run(&certctl, &["crl", "--ca", "issuing"], 0);
    assert_eq!(lists("root"), 1);
    bundle("other").expect_err("none of its CRLs was made");
    run(&certctl, &["crl", "--all"], 0);
    assert_eq!([lists("root"), lists("other")], [2, 1]);
    // A later CRL takes the place of the one before it, and those of the other CAs stay.
    run(&certctl, &["revoke", "a"], 0);
    run(&certctl, &["crl", "--ca", "issuing"], 0);
    assert_eq!(lists("root"), 2);
    let list = fs::read_to_string(certctl.pki("ca/issuing/crl.pem")).expect("made");
    assert!(bundle("root").expect("made").contains(&list));
    run(&certctl, &["check"], 0);
}

#[test]
fn a_dry_run_revokes_nothing() {
    let certctl = cluster();
    run(&certctl, &["revoke", "a", "-n"], 0);
    assert_eq!(verdict(&certctl, "a"), 0);
    assert!(certctl.pki("certs/a").exists());
}
