//! Path validation, judged by one table: ours, OpenSSL's and rustls' verdict on every row.

// A table is as long as it is.
#![allow(clippy::too_many_lines, unreachable_pub)]

mod builder;
mod case;
mod like;
mod tables;

#[path = "../support/mod.rs"]
mod support;

use std::path::Path;

use certctl::pki::{
    certificate::Certificate,
    chain::{self, Host, Policy, Purpose, Request},
    der, pem, revocation_list,
};

use builder::{
    ISSUING, NOW, OTHER, ROOT, Template, ca, dns, issuing, leaf, name, name_constraints, root,
};
use case::Case;
use tables::CASES;
use time::Duration;

/// Runs all rows, and shows all that are wrong.
fn for_each(mut check: impl FnMut(&Case) -> Result<(), String>) {
    let mistakes: Vec<_> = CASES
        .iter()
        .filter_map(|case| Some(format!("{}: {}", case.name, check(case).err()?)))
        .collect();
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

#[test]
fn certctl_finds_the_chain_or_the_gravest_fault() {
    for_each(|case| {
        let found = chain::verify(&case.request());
        let summary = match &found {
            Ok(chain) => Ok(chain.certificates.len()),
            Err(failure) => Err(failure.faults[0].rule.code()),
        };
        let ends_are_right = found.as_ref().map_or(true, |chain| {
            let certificates = &chain.certificates;
            certificates[0] == case.leaf
                && case.trust.contains(&certificates[certificates.len() - 1])
        });
        if summary == case.expected && ends_are_right {
            return Ok(());
        }
        let faults = found.map_or_else(|failure| failure.faults, |_| Vec::new());
        Err(format!(
            "{summary:?} instead of {:?} {faults:?}",
            case.expected
        ))
    });
}

/// Whether a judge said the same as we, or otherwise where the row says so.
fn compare(
    expected: bool,
    accepts: bool,
    exception: Option<&str>,
    said: &dyn std::fmt::Debug,
) -> Result<(), String> {
    let same = accepts == expected;
    match exception {
        None if !same => Err(format!("{said:?}")),
        Some(why) if same => Err(format!("agrees, although it {why}")),
        _ => Ok(()),
    }
}

#[test]
fn openssl_agrees() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    for_each(|case| {
        let run = support::openssl(&openssl_arguments(case, directory.path()));
        let ours = chain::verify(&Request {
            policy: Policy::Openssl,
            ..case.request()
        });
        let accepts = run.status == Some(0);
        let said = format!("{} {:?}", run.stderr, ours.as_ref().err());
        compare(ours.is_ok(), accepts, case.not_openssl, &said)
    });
}

/// Writes the case's files and says how to verify them.
fn openssl_arguments(case: &Case, directory: &Path) -> Vec<String> {
    let file = |name: &str, pem: Vec<String>| {
        let path = directory.join(name);
        std::fs::write(&path, pem.concat()).expect("writable");
        path.to_str().expect("UTF-8").to_owned()
    };
    let all = |list: &[Certificate]| list.iter().map(Certificate::to_pem).collect::<Vec<_>>();
    // Level 2 refuses short RSA keys and SHA-1; a partial chain may end in any trusted certificate.
    let options = "verify -x509_strict -partial_chain -auth_level 2 -no-CApath -no-CAstore";
    let mut arguments: Vec<String> = options.split(' ').map(String::from).collect();
    let mut add = |option: &str, value: String| arguments.extend([String::from(option), value]);
    add("-attime", case.at.unix_timestamp().to_string());
    add("-CAfile", file("trust.pem", all(&case.trust)));
    if !case.untrusted.is_empty() {
        add("-untrusted", file("untrusted.pem", all(&case.untrusted)));
    }
    match case.purpose {
        Purpose::Any => {}
        Purpose::Client => add("-purpose", String::from("sslclient")),
        Purpose::Server => add("-purpose", String::from("sslserver")),
    }
    match &case.host {
        Some(Host::Dns(name)) => add("-verify_hostname", name.clone()),
        Some(Host::Ip(ip)) => add("-verify_ip", ip.to_string()),
        None => {}
    }
    if !case.crls.is_empty() {
        let crls = case
            .crls
            .iter()
            .map(|crl| pem::encode(revocation_list::LABEL, crl.der()));
        add("-CRLfile", file("crls.pem", crls.collect()));
        arguments.push(String::from("-crl_check"));
    }
    arguments.push(file("leaf.pem", vec![case.leaf.to_pem()]));
    arguments
}

#[test]
fn rustls_agrees() {
    for_each(|case| {
        let found = chain::rustls_accepts(&case.request());
        let expected = case.expected.is_ok();
        compare(expected, found.is_ok(), case.not_rustls, &found)
    });
}

#[test]
fn no_changed_octet_goes_unnoticed() {
    let trust = [root().sign(&ROOT)];
    let untrusted = [issuing().sign(&ROOT)];
    let good = leaf("issuing", &ISSUING).sign(&ISSUING);
    for (place, bit) in (0..good.der().len()).flat_map(|place| (0..8).map(move |bit| (place, bit)))
    {
        let mut changed = good.der().to_vec();
        changed[place] ^= 1 << bit;
        let Ok(leaf) = Certificate::from_der(changed) else {
            continue;
        };
        let request = Request {
            leaf: &leaf,
            untrusted: &untrusted,
            trust: &trust,
            crls: &[],
            purpose: Purpose::Any,
            host: None,
            at: NOW,
            policy: Policy::Strict,
        };
        assert!(chain::verify(&request).is_err(), "octet {place}, bit {bit}");
    }
}

/// OpenSSL reads no further either; the parser behind ours would pass over them.
#[test]
fn octets_behind_the_signature_are_refused() {
    let root = root().sign(&ROOT);
    let (header, content) = root.der().split_at(4);
    assert_eq!(header[..2], [0x30, 0x82]);
    let with = |more: &[u8]| der::tlv(0x30, &[content, more].concat());
    assert_eq!(Certificate::from_der(with(&[])), Ok(root.clone()));
    assert!(Certificate::from_der(with(&der::null())).is_err());
}

#[test]
fn messages_name_the_certificate_and_the_rule() {
    let root = root().sign(&ROOT);
    let issuing = issuing().sign(&ROOT);
    let young = |it: &mut Template| it.not_before = NOW + Duration::DAY;
    let node = leaf("issuing", &ISSUING);
    let host = Host::parse("10.0.0.9").expect("an address");
    let constraints = name_constraints(&[dns("web.test")], &[]);
    let constrained = builder::issuing().with(constraints).sign(&ROOT);
    for (leaf, untrusted, expected) in [
        (
            node.clone().but(young).sign(&ISSUING),
            &issuing,
            &[
                "certificate \"node1\" (leaf): not valid before 2030-01-02T00:00:00Z (RFC 5280 §4.1.2.5)",
                "certificate \"node1\" (leaf): it does not name 10.0.0.9, only DNS:node1.db.test, IP:10.0.0.1 (RFC 9525 §6)",
            ][..],
        ),
        (
            leaf("nobody", &OTHER).sign(&OTHER),
            &issuing,
            &[
                "certificate \"node1\" (leaf): its issuer \"CN=nobody\" is neither trusted nor among the certificates given (RFC 5280 §6.1.3 (a)(4))",
            ],
        ),
        (
            node.clone()
                .but(|it| it.issuer = name("Issuing"))
                .sign(&ISSUING),
            &issuing,
            &[
                "certificate \"node1\" (leaf): its issuer \"CN=Issuing\" is at hand, and writes the name in other octets (case or blanks): OpenSSL takes it all the same, GnuTLS, Go and rustls do not (RFC 5280 §7.1)",
            ],
        ),
        (
            node.sign(&ISSUING),
            &constrained,
            &[
                "certificate \"node1\" (leaf): DNS:node1.db.test is not permitted (only DNS:web.test) by \"issuing\" (RFC 5280 §4.2.1.10)",
            ],
        ),
        (
            node.clone()
                .but(|it| it.subject = name("a\u{1b}[2J\n"))
                .sign(&OTHER),
            &issuing,
            &[
                "certificate \"a\\u{1b}[2J\\n\" (leaf): the signature does not match; its issuer would be \"CN=issuing\" (RFC 5280 §6.1.3 (a)(1))",
            ],
        ),
    ] {
        let request = Request {
            leaf: &leaf,
            untrusted: std::slice::from_ref(untrusted),
            trust: std::slice::from_ref(&root),
            crls: &[],
            purpose: Purpose::Any,
            host: Some(&host),
            at: NOW,
            policy: Policy::Strict,
        };
        let failure = chain::verify(&request).expect_err("wrong in some way");
        assert_eq!(failure.to_string(), expected[0]);
        let faults: Vec<_> = failure.faults.iter().map(ToString::to_string).collect();
        assert!(
            expected
                .iter()
                .all(|text| faults.iter().any(|fault| fault == text)),
            "{faults:?}"
        );
    }
}

/// CAs of one name and key, each of which could have issued all the others.
#[test]
fn a_search_without_end_is_given_up() {
    for count in [8, 40] {
        let hub = |number| {
            ca("hub", &OTHER, "hub", &OTHER)
                .but(|it| it.serial = vec![1, number])
                .sign(&OTHER)
        };
        let untrusted: Vec<_> = (0..count).map(hub).collect();
        let leaf = leaf("hub", &OTHER).sign(&OTHER);
        let case = case::case(
            "hubs",
            leaf,
            &untrusted.iter().collect::<Vec<_>>(),
            &[&root().sign(&ROOT)],
        );
        let failure = chain::verify(&case.request()).expect_err("nothing is trusted");
        assert!(
            failure
                .faults
                .iter()
                .any(|fault| fault.rule.code() == "budget"),
            "{count}: {failure}"
        );
    }
}
