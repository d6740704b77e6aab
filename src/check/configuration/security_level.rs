//! Keys and signatures are as strong as the security level that the file asks for.

use std::rc::Rc;

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity, once};
use crate::{
    check::facts::{Part, Site},
    emit::{Found, Named},
    pki::{name::display, strength},
};

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "security-level",
    severity: Severity::Error,
    source: "SSL_CTX_set_security_level(3) §DEFAULT CALLBACK BEHAVIOUR",
    meaning: "OpenSSL is asked for a security level that the own certificate does not reach; the server does not start, or refuses each handshake",
    hint: "ask for a lower level, or issue the chain with stronger keys: `--key-type p384`",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    let fault = |(named, site): (&Named<'_>, &Rc<Site>)| {
        let (option, level) = level(configuration, named)?;
        let wanted = strength::of_level(level)?;
        let own = site.certificates(Part::Certificate);
        let weak = own.iter().find_map(|certificate| {
            let what = match (
                strength::of_key(certificate),
                strength::of_signature(certificate),
            ) {
                (Some(bits), _) if bits < wanted => {
                    format!("the key of {{}} has {bits} bits of strength")
                }
                (_, Some(bits)) if bits < wanted => {
                    format!("the signature of {{}} has {bits} bits of strength")
                }
                _ => return None,
            };
            Some(what.replace("{}", &display(&certificate.subject())))
        })?;
        let message = format!("{weak}, and security level {level} wants {wanted}");
        let hint =
            "ask for a lower level, or issue the chain with stronger keys: `--key-type p384`";
        Some(Fault::new(option, message, hint))
    };
    once(configuration.endpoints().filter_map(fault))
}

/// The highest level that an endpoint is asked for, and the option that does.
fn level<'c>(
    configuration: &'c Configuration<'_>,
    named: &Named<'_>,
) -> Option<(&'c Found, usize)> {
    let sections = named.sections.iter();
    let sections = sections.map(|&index| &configuration.reading.sections[index]);
    let options = sections.flat_map(|section| {
        let asking = named.endpoint.level.iter();
        asking.filter_map(|name| section.get(name.get_ref()))
    });
    let levels = options.filter_map(|option| {
        let words = option.value.rsplit("@SECLEVEL=").next()?;
        let level = words.split(|it: char| !it.is_ascii_digit()).next()?;
        Some((option, level.parse().ok()?))
    });
    levels.max_by_key(|(_, level)| *level)
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("its own key", "tls-cert = /a\nsuites = HIGH:@SECLEVEL=3\n").with(&KIT.leaf),
        good("no level", "tls-cert = /a\nsuites = HIGH\n").with(&KIT.leaf),
        bad(
            "a higher level",
            "tls-cert = /a\nsuites = HIGH:@SECLEVEL=4:!aNULL\n",
            &[2],
        )
        .with(&KIT.leaf),
        bad("as a number", "tls-cert = /a\nsuites = 5\n", &[2]).with(&KIT.leaf),
    ]
}
