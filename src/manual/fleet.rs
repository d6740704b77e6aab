//! `certctl-fleet(5)`: the format of fleet files, from the keys that the reader takes.

use clap_mangen::roff::{Roff, bold, italic, roman};

use super::{section, title, verbatim};
use crate::fleet::{
    EXAMPLE,
    keys::{self, Key},
};

/// Writes the page in roff.
pub(super) fn page() -> String {
    let mut page = title(
        "certctl-fleet",
        "5",
        "which CAs and entries there are to be",
    );
    section(
        &mut page,
        "DESCRIPTION",
        "A fleet file is TOML. `certctl apply` makes the PKI directory what it says, and `certctl fleet init` \
         writes the file of a PKI directory that is there, or the example below. An unknown key is an error, \
         and all mistakes of a file are told together, with line and column.",
    );
    for (heading, about, keys) in [
        ("KEYS OF THE FILE", "At the top:", keys::FILE),
        ("KEYS OF A CA", "In each [[ca]]:", keys::AUTHORITY),
        (
            "KEYS OF AN ENTRY",
            "In each [[entry]] and, but for the name, in [defaults]:",
            keys::ENTRY,
        ),
    ] {
        section(&mut page, heading, about);
        for key in keys {
            described(&mut page, key);
        }
    }
    page.control("SH", ["EXAMPLE"]);
    verbatim(&mut page, EXAMPLE.lines());
    section(
        &mut page,
        "SEE ALSO",
        "certctl(1), certctl-apply(1), certctl-fleet(1), certctl-fleet-init(1)",
    );
    page.to_roff()
}

fn described(page: &mut Roff, key: &Key) {
    page.control("TP", []);
    page.text([bold(key.name), roman(" = "), italic(key.takes)]);
    let default = match key.default {
        "" => String::from("It must be given."),
        default => format!("Default: {default}."),
    };
    page.text([roman(format!("{}. {default}", key.meaning))]);
}
