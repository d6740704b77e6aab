//! `certctl man`: the manual, made from the same definition as the help.

use std::{fs, path::PathBuf};

use clap::{Args, Command, builder::PossibleValuesParser};
use clap_mangen::{
    Man,
    roff::{Roff, bold, italic, roman},
};
use serde::Serialize;

mod contributing;
mod findings;
mod fleet;
mod json;

use super::{Context, Report, Run, bounded, definition, report::Outcome, schemas};
use crate::{
    emit,
    pki::{general_name::MAX_NAMES, range},
};

/// Print the manual page, or write all pages
///
/// Each command has a page of its own, such as certctl-issue(1). Without --out the page of certctl
/// itself is printed, for `man -l -` to show.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl man | man -l -\n  \
    certctl man --out ~/.local/share/man/man1\n  \
    certctl man --json-schema check")]
pub(crate) struct ManPages {
    /// Directory to write all pages to
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print the JSON Schema of a document that --json prints
    #[arg(long, value_name = "NAME", hide_possible_values = true, conflicts_with = "out", value_parser = PossibleValuesParser::new(schemas::all().iter().map(|schema| schema.name)))]
    json_schema: Option<String>,
    /// Say what would be written, and write nothing
    #[arg(short = 'n', long, requires = "out")]
    dry_run: bool,
}

/// One page of the manual.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Page {
    /// Name of its file, as in `certctl-issue.1`
    pub file: String,
    /// Its text, for roff
    pub text: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Document {
    schema: &'static str,
    /// The pages of the manual
    pages: Vec<Page>,
}

impl Run for ManPages {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        if let Some(name) = self.json_schema {
            let schema = schemas::all()
                .into_iter()
                .find(|schema| schema.name == name);
            context.ui.print(schema.map_or("", |schema| schema.text))?;
            return Ok(Outcome::Unchanged);
        }
        let mut pages = pages();
        let Some(directory) = self.out else {
            pages.truncate(1);
            let text = pages[0].text.clone();
            print(context, || text, pages)?;
            return Ok(Outcome::Unchanged);
        };
        let failed = |error| {
            let message = format!("cannot write to {}: {error}", directory.display());
            Report::failed("io", message)
        };
        if !self.dry_run {
            fs::create_dir_all(&directory).map_err(failed)?;
            for page in &pages {
                fs::write(directory.join(&page.file), &page.text).map_err(failed)?;
            }
        }
        let verb = if self.dry_run { "would write" } else { "wrote" };
        let text = format!("{verb} {} pages to {}", pages.len(), directory.display());
        print(context, || text, pages)?;
        Ok(Outcome::Changed)
    }
}

fn print(context: &Context, text: impl FnOnce() -> String, pages: Vec<Page>) -> Result<(), Report> {
    let schema = "certctl/man/v1";
    context.ui.result(text, &Document { schema, pages })
}

/// All pages: that of certctl, then one for each command, in the order of the help, then those of other sections.
#[must_use]
pub fn pages() -> Vec<Page> {
    let mut top = definition().disable_help_subcommand(true);
    top.build();
    let mut pages = Vec::new();
    add(&top, &mut pages);
    // A mistake in the built-in manifests is found by their own tests.
    let servers = emit::Catalogue::embedded().servers().unwrap_or_default();
    pages.extend([
        Page {
            file: String::from("certctl-contributing.7"),
            text: contributing::page(),
        },
        Page {
            file: String::from("certctl-fleet.5"),
            text: fleet::page(),
        },
        Page {
            file: String::from("certctl-findings.7"),
            text: findings::page(&servers),
        },
        Page {
            file: String::from("certctl-json.7"),
            text: json::page(),
        },
        Page {
            file: String::from("certctl-servers.7"),
            text: emit::page(&servers, env!("CARGO_PKG_VERSION")),
        },
    ]);
    pages.into_iter().map(plain).collect()
}

/// In ASCII, which every roff reads in every locale; and with the empty date that the roff crate loses, so
/// that the version would stand in its place.
fn plain(page: Page) -> Page {
    let plain = |c: char| match c.is_ascii() {
        true => c.to_string(),
        false => format!("\\[u{:04X}]", u32::from(c)),
    };
    let text: String = page.text.chars().map(plain).collect();
    let text = text.replacen("  \"certctl", " \"\" \"certctl", 1);
    Page { text, ..page }
}

fn add(command: &Command, pages: &mut Vec<Page>) {
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

/// The beginning of a page that is no command's.
fn title(name: &str, section: &str, about: &str) -> Roff {
    let mut roff = Roff::new();
    let version = concat!("certctl ", env!("CARGO_PKG_VERSION"));
    roff.control("TH", [name, section, "", version, "certctl manual"]);
    roff.control("SH", ["NAME"]);
    roff.text([roman(format!("{name} - {about}"))]);
    roff
}

/// A section with a paragraph.
fn section(page: &mut Roff, heading: &str, text: &str) {
    page.control("SH", [heading]);
    if !text.is_empty() {
        page.text([roman(text)]);
    }
}

/// Lines that stand as they are.
fn verbatim<'t>(page: &mut Roff, lines: impl IntoIterator<Item = &'t str>) {
    page.control("EX", []);
    for line in lines {
        page.text([roman(line)]);
    }
    page.control("EE", []);
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
            "certctl-fleet(5), certctl-contributing(7), certctl-findings(7), certctl-json(7), certctl-servers(7), openssl(1)"
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
    ("3", "A check found something wrong."),
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

const FILES: [(&str, &str); 11] = [
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

const ENVIRONMENT: [(&str, &str); 4] = [
    ("CERTCTL_DIR", "The PKI directory, where --dir is left out."),
    (
        "CERTCTL_NOW",
        "The time that the command works at (RFC 3339), for tests and rehearsals; else the clock's.",
    ),
    (
        "CERTCTL_TEMPLATES",
        "Directory with servers that certctl does not know, or that replace its own.",
    ),
    ("NO_COLOR", "Where it is set, nothing is coloured."),
];
