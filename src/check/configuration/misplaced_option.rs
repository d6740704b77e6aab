//! No option stands where the server does not take it.

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity, once};
use crate::emit::{Found, Place};

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "misplaced-option",
    severity: Severity::Error,
    source: "certctl-servers(7)",
    meaning: "The option stands where the server does not take it, such as outside of a section",
    hint: "write it where the finding says",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    let reading = &configuration.reading;
    let manifest = &reading.server.manifest;
    let fault = |option: &Found, place: &Place| {
        let message = format!("{} does not take `{}` here", manifest.title, option.name);
        Fault::new(option, message, format!("write it {}", place.right))
    };
    let misplaced = reading.misplaced().into_iter();
    let outside = reading.outside().map(|option| {
        let blocks = manifest.blocks.iter().map(|block| format!("`{block}`"));
        let blocks = blocks.collect::<Vec<_>>().join(", ");
        let message = format!("{} takes nothing before the first section", manifest.title);
        Fault::new(option, message, format!("write it below one of {blocks}"))
    });
    let misspelt = reading.misspelt_sections().map(|(section, meant)| {
        let message = format!(
            "{} does not read `[{}]`, and what stands in it does nothing",
            manifest.title, section.name
        );
        Fault::at(
            section.position,
            message,
            format!("did you mean `[{meant}]`?"),
        )
    });
    once(
        misplaced
            .map(|(option, place)| fault(option, place))
            .chain(outside)
            .chain(misspelt),
    )
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("above all sections", "root = /a\n[a]\nlisten = 1\n"),
        good("may stand anywhere", "listen = 1\n[a]\nlisten = 2\n"),
        bad("in a section", "depth = 1\n[a]\nroot = /a\n", &[3]),
        bad("in another case", "[a]\nlisten = 1\nROOT = /a\n", &[3]),
        bad(
            "in each of several",
            "[a]\nroot = /a\n[b]\nroot = /b\n",
            &[2, 4],
        ),
        bad(
            "in one that is not for it",
            "[never so]\nlisten = 1\n",
            &[2],
        ),
    ]
}
