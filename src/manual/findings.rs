//! `certctl-findings(7)`: every code of a finding and of an error, from the rules themselves.

use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

use super::{section, title};
use crate::{
    emit::Server,
    rulebook::{self, Entry},
    terminal::codes::{CODES, ErrorCode},
};

/// Writes the page in roff, with what is special to the `servers`.
pub(super) fn page(servers: &[Server]) -> String {
    let mut page = title(
        "certctl-findings",
        "7",
        "codes of what certctl finds wrong, and of its errors",
    );
    section(
        &mut page,
        "DESCRIPTION",
        "The same fault has the same code everywhere: in text and in JSON documents. A code does not \
         change its meaning within a major version, and `certctl explain CODE` prints what stands here. An \
         error is something that does not work or is insecure, a warning what works today or for some, and \
         an info worth knowing. Words in capitals stand for names.",
    );
    section(
        &mut page,
        "FORMATS",
        "check, verify, probe and prove also print findings for other programs. `-o sarif` is SARIF 2.1.0, with \
         the rules that were broken, and lines where there are any. `-o junit` has a test case for each thing that was \
         looked at, which fails where the command exits with 3; milder findings stand in its output. \
         `-o prometheus` is text format 0.0.4 and OpenMetrics: certctl_finding for each code at each path, \
         certctl_findings by severity, x509_cert_not_after and the like as x509-certificate-exporter has them, \
         and of probe, by instance, probe_success (0 where there was no handshake, or an error was found), \
         probe_ssl_earliest_cert_expiry, probe_ssl_last_chain_info, probe_tls_version_info and probe_tls_cipher_info as \
         blackbox_exporter has them. What --fix has mended is left out.",
    );
    let entries = rulebook::entries(servers);
    let (general, special): (Vec<_>, Vec<_>) = entries.iter().partition(|it| it.server.is_none());
    section(
        &mut page,
        "FINDINGS",
        "What holds for every server, and for none.",
    );
    for entry in general {
        finding(&mut page, entry);
    }
    section(
        &mut page,
        "FINDINGS OF SERVERS",
        "What is special to a server stands in its manifest, beside what certctl-servers(7) shows.",
    );
    for entry in special {
        finding(&mut page, entry);
    }
    section(
        &mut page,
        "ERRORS",
        "Why a command could not be done: with --json the code of the object on standard error.",
    );
    for known in CODES {
        error(&mut page, known);
    }
    page.control("SH", ["SEE ALSO"]);
    page.text([roman(
        "certctl(1), certctl-check(1), certctl-explain(1), certctl-probe(1), certctl-servers(7), certctl-verify(1)",
    )]);
    page.to_roff()
}

fn finding(page: &mut Roff, entry: &Entry) {
    let explained = &entry.explained;
    let mut head = vec![bold(&*explained.code)];
    head.extend(
        entry
            .server
            .iter()
            .flat_map(|server| [roman(" of "), roman(server)]),
    );
    head.push(roman(format!(" ({}; ", explained.severity)));
    head.extend([italic(rulebook::tellers(&entry.tellers)), roman(")")]);
    item(page, head, &explained.meaning);
    if !explained.hint.is_empty() {
        page.control("br", []);
        page.text([italic("Remedy: "), roman(format!("{}.", explained.hint))]);
    }
    page.control("br", []);
    page.text([italic("Source: "), roman(format!("{}.", explained.source))]);
}

fn error(page: &mut Roff, known: &ErrorCode) {
    let exits: Vec<_> = known
        .kinds
        .iter()
        .map(|kind| kind.number().to_string())
        .collect();
    let exits = roman(format!(" (exit {})", exits.join(" or ")));
    item(page, vec![bold(known.code), exits], known.meaning);
}

fn item(page: &mut Roff, head: Vec<Inline>, text: &str) {
    page.control("TP", []);
    page.text(head);
    page.text([roman(format!("{text}."))]);
}
