//! Every option is one that the server's version has.

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity};
use crate::emit::{Found, OptionSpec};

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "not-in-version",
    severity: Severity::Warning,
    source: "certctl-servers(7)",
    meaning: "The option exists, but not in the server's version; an error where the version was given and the server does not start with an option that it does not know",
    hint: "leave it out, or give the version with `--server-version`",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    let reading = &configuration.reading;
    let is_refused = !reading.is_assumed && !reading.format.lenient;
    let absent = (configuration.specified()).filter(|(_, spec)| !spec.exists_in(&reading.version));
    let fault = |option: &Found, what: &str, exists: String| {
        let message = format!(
            "{} {} does not have {what} ({exists})",
            reading.server.manifest.title, reading.version,
        );
        let hint = "leave it out, or give the server's version with `--server-version`";
        Fault {
            severity: is_refused.then_some(Severity::Error),
            ..Fault::new(option, message, hint)
        }
    };
    let specified = absent.map(|(option, spec): (&Found, &OptionSpec)| {
        fault(option, &format!("`{}`", option.name), spec.exists())
    });
    let options = configuration.options().into_iter();
    let others = options.flat_map(|option| {
        let existences = reading.server.manifest.existences.iter();
        existences.filter_map(move |existence| {
            let word = existence.absent(option, &reading.version)?;
            // What has it is later than all that are known, if nobody said otherwise.
            let since = existence.since.as_ref();
            if reading.is_assumed && since.is_some_and(|since| *since > reading.version) {
                return None;
            }
            let what = match existence.words.is_empty() {
                true => format!("`{word}`"),
                false => format!("`{word}` behind `{}`", option.name),
            };
            Some(fault(option, &what, existence.exists()))
        })
    });
    specified.chain(others).collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("in all versions", "listen = 1\n"),
        bad("removed", "listen = 1\nold = 1\n", &[2]),
        bad("not yet there", "listen = 1\nnew = 1\n", &[2]),
        bad(
            "a word",
            "words = a late\nwords = a\nwords = b soon=1\n",
            &[1, 3],
        ),
    ]
}
