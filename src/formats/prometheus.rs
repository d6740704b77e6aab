//! Prometheus' text format 0.0.4; that it ends with `# EOF` and has no counters makes it OpenMetrics 1.0 as well.
//!
//! Metrics that others have made known have their names and labels: those of files x509-certificate-exporter's, those
//! of addresses blackbox_exporter's, with the address as `instance`.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use ring::digest::{SHA256, digest};
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use super::{Account, SubjectKind, shown};
use crate::{
    pki::{
        certificate::Certificate,
        name::{self, visible},
    },
    severity::Severity,
    wire::Session,
};

pub(super) fn write(account: &Account) -> String {
    let mut metrics = Metrics::default();
    add_findings(&mut metrics, account);
    for subject in account.subjects() {
        match &subject.kind {
            SubjectKind::Endpoint(session) => {
                add_endpoint(&mut metrics, &subject.path, session.as_deref(), account);
            }
            SubjectKind::File | SubjectKind::Stream => {
                for (path, certificate) in &subject.certificates {
                    add_certificate(&mut metrics, path, certificate, account);
                }
            }
        }
    }
    metrics.text()
}

/// Name and label of each, with the help: a name stands once, and so does each set of labels.
#[derive(Default)]
struct Metrics(BTreeMap<&'static str, (&'static str, BTreeMap<String, i64>)>);

/// A label's name and value.
type Label<'a> = (&'a str, &'a str);

impl Metrics {
    fn add(&mut self, name: &'static str, help: &'static str, labels: &[Label<'_>], value: i64) {
        let labels: Vec<_> = labels
            .iter()
            .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
            .collect();
        let labels = match labels.is_empty() {
            true => String::new(),
            false => format!("{{{}}}", labels.join(",")),
        };
        let (_, series) = self
            .0
            .entry(name)
            .or_insert_with(|| (help, BTreeMap::new()));
        series.insert(labels, value);
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (name, (help, series)) in &self.0 {
            let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n");
            for (labels, value) in series {
                let _ = writeln!(text, "{name}{labels} {value}");
            }
        }
        text + "# EOF\n"
    }
}

/// A label's value: all that is no printable character was made visible, its backslashes are escaped again.
fn escaped(value: &str) -> String {
    let shown = visible(value);
    shown.replace('\\', "\\\\").replace('"', "\\\"")
}

fn add_findings(metrics: &mut Metrics, account: &Account) {
    for finding in &account.findings {
        let path = shown(&finding.path);
        let labels = [
            ("code", &*finding.code),
            ("severity", finding.severity.name()),
            ("path", &path),
        ];
        let help = "What certctl found wrong: 1 for each code of certctl-findings(7) at each path.";
        metrics.add("certctl_finding", help, &labels, 1);
    }
    for severity in Severity::ALL {
        let all = account.findings.iter();
        let count = all.filter(|it| it.severity == severity).count();
        metrics.add(
            "certctl_findings",
            "How many findings there are.",
            &[("severity", severity.name())],
            i64::try_from(count).unwrap_or(i64::MAX),
        );
    }
    metrics.add(
        "certctl_last_run_timestamp_seconds",
        "When certctl looked.",
        &[("command", account.teller.name())],
        account.now.unix_timestamp(),
    );
}

fn add_certificate(
    metrics: &mut Metrics,
    path: &Path,
    certificate: &Certificate,
    account: &Account,
) {
    let parsed = certificate.parsed();
    let file = path.file_name().map(Path::new).map(shown);
    let (file, path) = (file.unwrap_or_default(), shown(path));
    let serial = decimal(certificate.serial().as_bytes());
    let names = [("issuer", parsed.issuer()), ("subject", parsed.subject())];
    let parts: Vec<_> = names
        .into_iter()
        .flat_map(|(of, name)| parts(of, name))
        .collect();
    let mut labels = vec![
        ("filename", &*file),
        ("filepath", &path),
        ("serial_number", &serial),
    ];
    labels.extend(parts.iter().map(|(name, value)| (&**name, &**value)));
    let validity = certificate.validity();
    let is_expired = validity.not_after < account.now;
    for (name, help, value) in [
        (
            "x509_cert_not_before",
            "Indicates the certificate's not before timestamp",
            validity.not_before.unix_timestamp(),
        ),
        (
            "x509_cert_not_after",
            "Indicates the certificate's not after timestamp",
            validity.not_after.unix_timestamp(),
        ),
        (
            "x509_cert_expired",
            "Indicates if the certificate is expired",
            is_expired.into(),
        ),
    ] {
        metrics.add(name, help, &labels, value);
    }
}

/// `subject_CN` and the like with their values, the first of each.
fn parts(of: &str, name: &X509Name<'_>) -> Vec<(String, String)> {
    let value = |it: Option<&AttributeTypeAndValue<'_>>| Some(it?.as_str().ok()?.to_owned());
    let found = [
        ("C", value(name.iter_country().next())),
        ("CN", value(name.iter_common_name().next())),
        ("L", value(name.iter_locality().next())),
        ("O", value(name.iter_organization().next())),
        ("OU", value(name.iter_organizational_unit().next())),
        ("ST", value(name.iter_state_or_province().next())),
    ];
    let found = found.into_iter();
    found
        .filter_map(|(part, value)| Some((format!("{of}_{part}"), value?)))
        .collect()
}

/// A magnitude in decimal, as Go prints serial numbers.
fn decimal(octets: &[u8]) -> String {
    let mut digits = vec![0_u8];
    for &octet in octets {
        let mut carry = u32::from(octet);
        for digit in &mut digits {
            let value = u32::from(*digit) * 256 + carry;
            *digit = u8::try_from(value % 10).unwrap_or_default();
            carry = value / 10;
        }
        while carry > 0 {
            digits.push(u8::try_from(carry % 10).unwrap_or_default());
            carry /= 10;
        }
    }
    let digits = digits.iter().rev();
    digits.map(|digit| char::from(b'0' + digit)).collect()
}

fn add_endpoint(metrics: &mut Metrics, path: &Path, session: Option<&Session>, account: &Account) {
    let address = shown(path);
    let instance = ("instance", &*address);
    let mut findings = account.findings.iter().filter(|it| it.path == path);
    let is_broken = findings.any(|it| it.severity == Severity::Error);
    metrics.add(
        "probe_success",
        "Displays whether or not the probe was a success",
        &[instance],
        (session.is_some() && !is_broken).into(),
    );
    let Some(session) = session else {
        return;
    };
    let ends = session.chain.iter().map(|it| it.validity().not_after);
    if let Some(end) = ends.min() {
        metrics.add(
            "probe_ssl_earliest_cert_expiry",
            "Returns last SSL chain expiry in unixtime",
            &[instance],
            end.unix_timestamp(),
        );
    }
    if let Some(version) = session.version {
        metrics.add(
            "probe_tls_version_info",
            "Returns the TLS version used or NaN when unknown",
            &[instance, ("version", version.name())],
            1,
        );
    }
    if let Some(cipher) = &session.cipher {
        metrics.add(
            "probe_tls_cipher_info",
            "Returns the TLS cipher negotiated during handshake",
            &[instance, ("cipher", cipher)],
            1,
        );
    }
    if let Some(leaf) = session.chain.first() {
        add_leaf(metrics, instance, leaf);
    }
}

fn add_leaf(metrics: &mut Metrics, instance: Label<'_>, leaf: &Certificate) {
    let print = base16ct::lower::encode_string(digest(&SHA256, leaf.der()).as_ref());
    let serial = base16ct::lower::encode_string(leaf.serial().as_bytes());
    let serial = serial.trim_start_matches('0');
    let (subject, issuer) = (
        name::display(&leaf.subject()),
        name::display(&leaf.issuer()),
    );
    metrics.add(
        "probe_ssl_last_chain_info",
        "Contains SSL leaf certificate information",
        &[
            instance,
            ("fingerprint_sha256", &print),
            ("subject", &subject),
            ("issuer", &issuer),
            ("serialnumber", serial),
        ],
        1,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::tests::{HOSTILE, account, finding};

    #[test]
    fn values_are_escaped() {
        for (value, expected) in [
            ("plain ü", "plain ü"),
            ("a\"b", "a\\\"b"),
            ("a\\b", "a\\\\b"),
            ("a\nb\rc\u{1b}", "a\\\\nb\\\\rc\\\\u{1b}"),
        ] {
            assert_eq!(escaped(value), expected);
        }
    }

    #[test]
    fn serials_are_as_go_prints_them() {
        for (octets, expected) in [
            (&[][..], "0"),
            (&[9], "9"),
            (&[1, 0], "256"),
            (&[0xff; 8], "18446744073709551615"),
            (
                &[0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
                "19807040628566084398385987585",
            ),
        ] {
            assert_eq!(decimal(octets), expected);
        }
    }

    #[test]
    fn a_series_stands_once() {
        let findings = vec![
            finding(HOSTILE, Severity::Error),
            finding(HOSTILE, Severity::Error),
            finding("a", Severity::Warning),
        ];
        let text = write(&account(&["a"], findings));
        assert_eq!(text.matches("\ncertctl_finding{").count(), 2, "{text}");
        for line in [
            "certctl_findings{severity=\"error\"} 2",
            "certctl_findings{severity=\"info\"} 0",
            "certctl_findings{severity=\"warning\"} 1",
        ] {
            assert!(text.lines().any(|it| it == line), "{text}");
        }
        assert!(text.ends_with("\n# EOF\n"));
    }
}
