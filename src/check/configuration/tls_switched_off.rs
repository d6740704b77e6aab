//! Where an endpoint's files are named, TLS is on.

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity, once};
use crate::emit::{Found, Named};

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "tls-switched-off",
    severity: Severity::Error,
    source: "certctl-servers(7)",
    meaning: "Certificate or key are named, but the option that turns TLS on is not set; what passes is plain text",
    hint: "turn TLS on with the option that is named",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    let reading = &configuration.reading;
    let fault = |named: &Named<'_>| {
        // What could not be read may turn it on.
        if named.is_on != Some(false) || !reading.is_whole {
            return None;
        }
        let switch = named.endpoint.switch.as_ref()?;
        let file = named.files().next()?;
        let mut sections = named.sections.iter().map(|&it| &reading.sections[it]);
        let wrong: Option<&Found> =
            sections.find_map(|it| switch.at.iter().find_map(|at| it.get(at.get_ref())));
        let message = format!(
            "`{}` is named, and TLS is not on: what passes is plain text",
            file.name
        );
        Some(Fault::new(wrong.unwrap_or(file), message, &switch.mend))
    };
    once(reading.endpoints.iter().filter_map(fault))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("on", "dial-cert = /a\ndial = on\n"),
        good("not told", "dial-cert = /a\nroot = /b\n"),
        good(
            "on in one of two sections",
            "dial-cert = /a\n[a]\ndial = on\n[b]\ndial = off\n",
        ),
        good(
            "perhaps elsewhere",
            "include = none\ndial-cert = /a\ndial = off\n",
        ),
        bad("off", "dial-cert = /a\ndial = off\n", &[2]),
        bad(
            "off in all sections",
            "dial-cert = /a\n[a]\ndial = off\n[b]\ndial = no\n",
            &[3],
        ),
    ]
}
