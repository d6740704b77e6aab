//! The pages of section 1: one for each command, and that of certctl itself.

use clap::Command;
use clap_mangen::{
    Man,
    roff::{Roff, bold, italic, roman},
};

use super::{Page, verbatim};
use crate::{
    host::bounded,
    pki::{general_name::MAX_NAMES, range},
};

/// Adds the page of a command, and those of its subcommands.
pub(super) fn add(command: &Command, pages: &mut Vec<Page>) {
    pages.push(Page {
        file: format!("{}.1", name(command)),
        text: page(command),
    });
    for subcommand in command.get_subcommands() {
        add(subcommand, pages);
    }
}

fn name(command: &Command) -> &str {
    command
        .get_display_name()
        .unwrap_or_else(|| command.get_name())
}

/// One page. It bears no date, so that the same definition always makes the same page.
fn page(command: &Command) -> String {
    let is_top = name(command) == "certctl";
    // clap's own usage line says which arguments repeat; clap_mangen's does not.
    let usage = command.clone().render_usage().to_string();
    let shown = command
        .clone()
        .override_usage(usage.trim_start_matches("Usage: ").to_owned())
        .mut_args(|arg| match arg.is_global_set() && !is_top {
            true => arg.hide(true),
            false => arg,
        });
    let man = Man::new(shown)
        .source(concat!("certctl ", env!("CARGO_PKG_VERSION")))
        .manual("certctl manual");
    let mut text = Vec::new();
    let rendered = man
        .render_title(&mut text)
        .and_then(|()| man.render_name_section(&mut text))
        .and_then(|()| man.render_synopsis_section(&mut text))
        .and_then(|()| man.render_description_section(&mut text))
        .and_then(|()| man.render_options_section(&mut text))
        .and_then(|()| match command.has_subcommands() {
            true => man.render_subcommands_section(&mut text),
            false => Ok(()),
        })
        .and_then(|()| own_sections(command, is_top).to_writer(&mut text));
    debug_assert!(rendered.is_ok(), "a vector takes all that is written");
    String::from_utf8_lossy(&text).into_owned()
}

/// The sections that clap knows nothing of.
fn own_sections(command: &Command, is_top: bool) -> Roff {
    let mut roff = Roff::new();
    if !is_top {
        roff.control("PP", []);
        roff.text([
            roman("Options that every command takes, such as "),
            bold("--dir"),
            roman(" and "),
            bold("--json"),
            roman(", stand in certctl(1)."),
        ]);
    }
    roff.control("SH", ["EXAMPLES"]);
    verbatim(&mut roff, examples(command).iter().map(String::as_str));
    table(&mut roff, "EXIT STATUS", &EXIT_STATUS);
    if is_top {
        table(&mut roff, "FILES", &FILES);
        table(&mut roff, "ENVIRONMENT", &ENVIRONMENT);
        limits(&mut roff);
        table(&mut roff, "SECRETS IN MEMORY", &SECRETS);
    }
    roff.control("SH", ["SEE ALSO"]);
    let others: &str = match is_top {
        true => {
            "certctl-fleet(5), certctl-contributing(7), certctl-findings(7), certctl-json(7), certctl-ledger(7), certctl-offline-root(7), certctl-servers(7), certctl-signer(7), certctl-timers(7), openssl(1)"
        }
        false => "certctl(1)",
    };
    roff.text([roman(others)]);
    roff
}

fn table(roff: &mut Roff, heading: &str, rows: &[(&str, &str)]) {
    roff.control("SH", [heading]);
    for (term, meaning) in rows {
        roff.control("TP", []);
        roff.text([match heading {
            "FILES" => italic(*term),
            _ => bold(*term),
        }]);
        roff.text([roman(*meaning)]);
    }
}

/// What bounds the input.
fn limits(roff: &mut Roff) {
    roff.control("SH", ["LIMITS"]);
    let read = bounded::limits().map(|(most, what)| format!("{most} of {what}"));
    let read = read.collect::<Vec<_>>().join(", ");
    for text in [
        format!(
            "What comes from outside, from files, pipes or standard input, is read up to a limit: {read}."
        ),
        format!(
            "A certificate is asked for with {MAX_NAMES} names at most. A fleet has {} entries and 1000 CAs at most.",
            range::MAX_NAMES
        ),
    ] {
        roff.control("PP", []);
        roff.text([roman(text)]);
    }
}

/// The command lines under "Examples:" in a command's help.
#[must_use]
pub fn examples(command: &Command) -> Vec<String> {
    let help = command.get_after_help().map(ToString::to_string);
    let lines = help.as_deref().unwrap_or_default().lines();
    lines
        .filter_map(|line| line.strip_prefix("  certctl"))
        .map(|rest| format!("certctl{rest}"))
        .collect()
}

const EXIT_STATUS: [(&str, &str); 7] = [
    ("0", "Done; nothing wrong, or nothing to do."),
    (
        "1",
        "Failed, and nothing was changed, unless the message says what stands; also where the content of a file is bad.",
    ),
    (
        "2",
        "Wrong usage; also where the value of an option is malformed.",
    ),
    (
        "3",
        "A check found something wrong; or --all left what could not be done here, and did the rest.",
    ),
    (
        "4",
        "Refused; the message names the option or the command that would work.",
    ),
    (
        "5",
        "The PKI directory stayed locked for longer than --wait.",
    ),
    (
        "10",
        "Done, and something changed; only with --detailed-exitcode.",
    ),
];

const FILES: [(&str, &str); 13] = [
    (
        "pki/",
        "Everything below belongs to one user, and nobody else can write there. Directories with keys have mode 0700.",
    ),
    (
        "pki/ledger.db",
        "Every certificate signed here, with its status. SQLite, mode 0600.",
    ),
    ("pki/ca/NAME/cert.pem", "The certificate of a CA."),
    (
        "pki/ca/NAME/key.pem",
        "Its private key: PKCS#8, plain or encrypted, mode 0600.",
    ),
    (
        "pki/ca/NAME/key.uri",
        "In its place: what names the key in a token or an agent, see certctl-signer(7).",
    ),
    (
        "pki/ca/NAME/crl-ahead.pem",
        "CRLs that were made ahead, each to be published when its time has come: `certctl crl --ahead`.",
    ),
    ("pki/ca/NAME/bundle.pem", "Of a root: the trust bundle."),
    (
        "pki/ca/NAME/chain.pem",
        "Of an intermediate: itself, then its parents, without the root.",
    ),
    (
        "pki/certs/NAME/cert.pem",
        "The certificate of an entry, then its intermediates, without the root.",
    ),
    (
        "pki/certs/NAME/key.pem",
        "Its private key: PKCS#8, mode 0600.",
    ),
    ("pki/certs/NAME/ca.pem", "The trust bundle: roots only."),
    (
        "pki/certs/NAME/ca-chain.pem",
        "The trust bundle and the intermediates, for peers that read no chain.",
    ),
    ("pki/archive/NAME-SERIAL/", "What was replaced or revoked."),
];

/// What is promised of memory, and what is known to stay there until the process ends.
const SECRETS: [(&str, &str); 4] = [
    (
        "Wiped",
        "Keys, passphrases and other secrets are overwritten as soon as they are not needed any more, and so is the \
         stack of whatever worked with them. All memory is overwritten when it is freed (SQLite's aside, which is \
         given no secret), so that no copy stays that a library has made: of a key that signs, of the primes of a \
         new RSA key, of what a template is given, of a JSON document on its way to standard output.",
    ),
    (
        "Core dumps",
        "There are none (PR_SET_DUMPABLE, and a soft limit of 0 octets that commands run by --exec inherit and may \
         raise), and no other process of the same user may look into the memory.",
    ),
    (
        "--passphrase-env, --password-env",
        "The environment that the process was started with stays, and its user and root can read it in \
         /proc/PID/environ of the shell that set it. A file or standard input leaves nothing.",
    ),
    (
        "Prompts",
        "The line that was typed may have been copied while it was read.",
    ),
];

const ENVIRONMENT: [(&str, &str); 5] = [
    ("CERTCTL_DIR", "The PKI directory, where --dir is left out."),
    (
        "CERTCTL_NOW",
        "The time that the command works at (RFC 3339), for tests and rehearsals; else the clock's.",
    ),
    (
        crate::host::signer::PATIENCE_VARIABLE,
        "How many seconds the program that has a CA's key may take to answer; see certctl-signer(7).",
    ),
    (
        "CERTCTL_TEMPLATES",
        "Directory with servers that certctl does not know, or that replace its own.",
    ),
    ("NO_COLOR", "Where it is set, nothing is coloured."),
];
