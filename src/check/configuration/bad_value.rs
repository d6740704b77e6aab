//! Every value is one that its option takes.

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity, once};
use crate::emit::{Found, Heard, Kind, Manifest, OptionSpec, Shape, Type};

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
    let manifest = &configuration.reading.server.manifest;
    let version = &configuration.reading.version;
    let fault = |(option, spec): (&Found, &OptionSpec)| {
        // Of other kinds servers take more than is ever written here.
        let is_exact = matches!(
            spec.kind,
            Kind::Choice | Kind::Ip | Kind::Number | Kind::Port
        );
        let is_known = spec.exists_in(version) && option.shape != Shape::Is(Type::Variable);
        let is_typed = mistyped(manifest, option).is_none();
        let is_wrong = is_exact && is_known && is_typed && !spec.accepts(version, &option.value);
        is_wrong.then(|| {
            let expected = spec.expected(version);
            let message = match configuration.shown_value(option, spec) {
                Some(value) => format!("`{}` does not take `{value}`", option.name),
                None => format!("`{}` does not take its value", option.name),
            };
            Fault::new(option, message, format!("it takes {expected}"))
        })
    };
    let all = configuration.reading.worded();
    // Of a value whose end is not known `bad-line` tells; what is no text is of the wrong type or right, where types count.
    let whole = all.filter(|worded| match worded.option.shape {
        Shape::Is(kind) => {
            matches!(kind, Type::List | Type::Text) || manifest.typed(&worded.option.name).is_none()
        }
        shape => shape != Shape::Unbalanced,
    });
    let variable = manifest.paths.variable.as_deref();
    let others = whole.filter_map(|worded| {
        let option = worded.option;
        let is_list = option.shape == Shape::Is(Type::List);
        let variable = variable.filter(|_| !option.literal);
        let expected = worded.wrong(|arity| {
            let is_meant = !is_list || arity.each.is_some();
            let is_none = is_list && option.value.is_empty() && arity.least > 0;
            let is_wrong = is_none || !arity.accepts(&option.value, variable);
            (is_meant && is_wrong).then(|| arity.described())
        })?;
        let spec = manifest.options.get(&option.name);
        let is_told = spec.is_some_and(|spec| fault((option, spec)).is_some());
        let message = format!("`{}` does not take its value", option.name);
        (!is_told).then(|| Fault::new(option, message, format!("it takes {expected}")))
    });
    let others = once(others);
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
    let typed = configuration.options().into_iter();
    let typed = typed.filter_map(|option| mistyped(manifest, option));
    own.chain(others).chain(handed).chain(typed).collect()
}

/// What is wrong where a value is a text, a number, a block or a list, and its option takes another.
fn mistyped(manifest: &Manifest, option: &Found) -> Option<Fault> {
    let Shape::Is(kind) = option.shape else {
        return None;
    };
    let typed = manifest.typed(&option.name)?;
    (!typed.takes(kind)).then(|| {
        let message = format!("`{}` does not take a value of this type", option.name);
        Fault::new(option, message, format!("it takes {}", typed.described()))
    })
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
