//! Options that must stand together do.

use std::collections::HashMap;

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity, once};
use crate::{
    check::facts::{Part, Site},
    emit::{Found, Kind, Named, Need, Section},
};

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "incomplete-options",
    severity: Severity::Error,
    source: "certctl-servers(7)",
    meaning: "An option works only together with another, which is not there; the server does not start, or leaves TLS off",
    hint: "add the option that is named",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    let reading = &configuration.reading;
    let specs = &reading.server.manifest.options;
    let mut faults = Vec::new();
    // What is missing may stand in what could not be read.
    if !reading.is_whole {
        return faults;
    }
    for (_, section) in reading.scopes() {
        let kind = |option: &Found| specs.get(&option.name).map(|spec| spec.kind);
        // Nobody finds a file without a name.
        let is_void = |it: &&Found| it.value.is_empty() && kind(it) == Some(Kind::Path);
        let all = section.all().map(|it| (&*it.name, it));
        let mut there: HashMap<&str, &Found> = all.collect();
        there.retain(|_, option| !is_void(option));
        let is_there = |need: &Need| match need.options().collect::<Vec<_>>()[..] {
            [only] => there.contains_key(only),
            // Of several one must count.
            ref any => any
                .iter()
                .any(|name| there.get(name).is_some_and(|it| is_on(it))),
        };
        let on = |option: &&Found| {
            let is_free = kind(option).is_some_and(|kind| !kind.can_be_off());
            !is_void(option) && (is_on(option) || is_free)
        };
        for option in section.all().filter(on) {
            let needs = specs.get(&option.name).map(|spec| &spec.needs);
            let missing = needs.into_iter().flatten().filter(|need| !is_there(need));
            faults.extend(missing.map(|need| fault(option, &need.described())));
        }
    }
    for (named, site) in configuration.endpoints() {
        for (option, need) in halves(named, site).into_iter().flatten() {
            let mut sections = named.sections.iter().map(|&index| &reading.sections[index]);
            // Of several certificates each needs one.
            let is_odd = named.endpoint.several && named.key.is_none();
            let lacks = |section: &Section| section.get(need).is_none_or(|it| it.value.is_empty());
            let is_missing = is_odd || sections.any(lacks);
            faults.extend(is_missing.then(|| fault(option, &format!("`{need}`"))));
        }
    }
    once(faults)
}

/// A certificate and its key need each other, where they are in files of their own.
fn halves<'n>(named: &'n Named<'_>, site: &Site) -> [Option<(&'n Found, &'n str)>; 2] {
    let endpoint = named.endpoint;
    let (Some(certificate), Some(key)) = (&endpoint.certificate, &endpoint.key) else {
        return [None, None];
    };
    let pair = |found: &'n Option<Found>, need: &'n str| Some((found.as_ref()?, need));
    let file = site
        .item(Part::Certificate)
        .and_then(|item| item.found.as_ref());
    let is_inside = endpoint.key_inside && file.is_none_or(|found| found.holds_key);
    [
        pair(&named.certificate, key.get_ref()).filter(|_| !is_inside),
        pair(&named.key, certificate.get_ref()),
    ]
}

fn fault(option: &Found, need: &str) -> Fault {
    let message = format!("`{}` does not work without {need}", option.name);
    Fault::new(option, message, format!("add {need}"))
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
        good(
            "the key may be elsewhere",
            "include = none\ntls-cert = /a\n",
        ),
        good(
            "the key is elsewhere",
            "include = key.conf\ntls-cert = /a\n",
        )
        .beside(&[("key.conf", "tls-key = /b\n")]),
        good("one of two", "name = a\nchain = yes\n"),
        bad("none of two", "name = a\n", &[1]),
        bad("one of two, which is off", "name = a\nchain = no\n", &[1]),
        bad("no key", "depth = 1\ntls-cert = /a\n", &[2]),
        bad("no certificate", "tls-key = /a\n", &[1]),
        bad(
            "a certificate without a name",
            "tls-cert =\ntls-key = /a\n",
            &[2],
        ),
        bad("nothing to verify by", "verify = yes\n", &[1]),
    ]
}
