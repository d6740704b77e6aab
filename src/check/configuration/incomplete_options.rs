//! Options that must stand together do.

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity};
use crate::emit::{Found, Named, Section};

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "incomplete-options",
    severity: Severity::Error,
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    let specs = &configuration.reading.server.manifest.options;
    let mut faults = Vec::new();
    for section in &configuration.reading.sections {
        let named = section.options.iter().flat_map(|option| {
            let spec = specs.get(&option.name).filter(|_| is_on(option));
            let needs = spec.into_iter().flat_map(|spec| &spec.needs);
            needs.map(move |need| (option, need.get_ref().as_str()))
        });
        faults.extend(named.filter_map(|(option, need)| fault(section, option, need)));
    }
    for named in &configuration.reading.endpoints {
        let section = &configuration.reading.sections[named.section];
        let halves = halves(named).into_iter().flatten();
        faults.extend(halves.filter_map(|(option, need)| fault(section, option, need)));
    }
    let mut once: Vec<Fault> = Vec::new();
    for fault in faults {
        if !once.contains(&fault) {
            once.push(fault);
        }
    }
    once
}

/// A certificate and its key need each other, where they are in files of their own.
fn halves<'n>(named: &'n Named<'_>) -> [Option<(&'n Found, &'n str)>; 2] {
    let endpoint = named.endpoint;
    let (Some(certificate), Some(key)) = (&endpoint.certificate, &endpoint.key) else {
        return [None, None];
    };
    let pair = |found: &'n Option<Found>, need: &'n str| Some((found.as_ref()?, need));
    [
        pair(&named.certificate, key.get_ref()),
        pair(&named.key, certificate.get_ref()),
    ]
}

fn fault(section: &Section, option: &Found, need: &str) -> Option<Fault> {
    section.get(need).is_none().then(|| {
        let message = format!("`{}` does not work without `{need}`", option.name);
        Fault::new(option, message, format!("add `{need}`"))
    })
}

/// Many options can be there and switched off.
fn is_on(option: &Found) -> bool {
    !["0", "false", "no", "off"].contains(&&*option.value.to_ascii_lowercase())
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("both", "tls-cert = /a\ntls-key = /b\n"),
        good("switched off", "verify = no\n"),
        good("it is needed by nothing", "tls-ca = /a\n"),
        bad("no key", "depth = 1\ntls-cert = /a\n", &[2]),
        bad("no certificate", "tls-key = /a\n", &[1]),
        bad("nothing to verify by", "verify = yes\n", &[1]),
    ]
}
