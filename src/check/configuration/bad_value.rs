//! Every value is one that its option takes.

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity};
use crate::emit::{Found, Heard, Kind, OptionSpec, Shape};

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "bad-value",
    severity: Severity::Error,
    source: "certctl-servers(7)",
    meaning: "The option does not take this value; the server does not start, or ignores it",
    hint: "write a value that the option takes: `certctl config SERVER --list` shows them",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    let version = &configuration.reading.version;
    let fault = |(option, spec): (&Found, &OptionSpec)| {
        // Of other kinds servers take more than is ever written here.
        let is_exact = matches!(
            spec.kind,
            Kind::Choice | Kind::Ip | Kind::Number | Kind::Port
        );
        let is_wrong = is_exact && spec.exists_in(version) && !spec.accepts(version, &option.value);
        is_wrong.then(|| {
            let expected = spec.expected(version);
            let message = match configuration.shown_value(option, spec) {
                Some(value) => format!("`{}` does not take `{value}`", option.name),
                None => format!("`{}` does not take its value", option.name),
            };
            Fault::new(option, message, format!("it takes {expected}"))
        })
    };
    let all = configuration.options().into_iter();
    let manifest = &configuration.reading.server.manifest;
    // Of a value whose end is not known `bad-line` tells.
    let whole = all.filter(|option| option.shape != Shape::Unbalanced);
    let others = whole.filter_map(|option| {
        let arity = manifest.arity(&option.name)?;
        let variable = manifest.paths.variable.as_deref();
        let is_wrong = !arity.accepts(&option.value, variable.filter(|_| !option.literal));
        is_wrong.then(|| {
            let message = format!("`{}` does not take its value", option.name);
            Fault::new(option, message, format!("it takes {}", arity.described()))
        })
    });
    let handed =
        configuration
            .options()
            .into_iter()
            .filter_map(|option| match manifest.heard(option)? {
                Heard::Refused(reason) => {
                    let message = format!("`{}` does not take its value", option.name);
                    Some(Fault::new(option, message, reason))
                }
                _ => None,
            });
    let own = configuration.specified().filter_map(fault);
    own.chain(others).chain(handed).collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("words and numbers", "verify = yes\nlisten = 443\n"),
        good("of another version", "old = never\n"),
        bad("another word", "verify = always\n", &[1]),
        bad("none of its words", "only = 3\n", &[1]),
        bad("no suite is left", "suites = FOO\n", &[1]),
        bad("no port", "verify = no\nlisten = 99999\n", &[2]),
    ]
}
