//! The manual, made from what the program itself works with: the definition of the command line, the rules,
//! the keys of fleet files, the schemas of its documents, and the manifests of servers.

use clap::Command;
use clap_mangen::roff::{Roff, roman};
use serde::Serialize;

mod clusters;
mod commands;
mod contributing;
mod deploy;
mod findings;
mod fleet;
mod json;
mod ledger;
mod offline;
mod pipelines;
pub(crate) mod schemas;
mod signer;
mod timers;

pub use commands::examples;

use crate::emit;

/// One page of the manual.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Page {
    /// Name of its file, as in `certctl-issue.1`
    pub file: String,
    /// Its text, for roff
    pub text: String,
}

/// All pages: that of `command_line`, then one for each of its commands, in the order of the help, then those of other sections.
#[must_use]
pub fn pages(command_line: &Command) -> Vec<Page> {
    let mut top = command_line.clone().disable_help_subcommand(true);
    top.build();
    let mut pages = Vec::new();
    commands::add(&top, &mut pages);
    // A mistake in the built-in manifests is found by their own tests.
    let servers = emit::Catalogue::embedded().servers().unwrap_or_default();
    pages.extend([
        Page {
            file: String::from("certctl-clusters.7"),
            text: clusters::page(&servers),
        },
        Page {
            file: String::from("certctl-contributing.7"),
            text: contributing::page(),
        },
        Page {
            file: String::from("certctl-deploy.7"),
            text: deploy::page(),
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
            file: String::from("certctl-ledger.7"),
            text: ledger::page(),
        },
        Page {
            file: String::from("certctl-offline-root.7"),
            text: offline::page(),
        },
        Page {
            file: String::from("certctl-pipelines.7"),
            text: pipelines::page(),
        },
        Page {
            file: String::from("certctl-servers.7"),
            text: emit::page(&servers, env!("CARGO_PKG_VERSION")),
        },
        Page {
            file: String::from("certctl-signer.7"),
            text: signer::page(),
        },
        Page {
            file: String::from("certctl-timers.7"),
            text: timers::page(),
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
