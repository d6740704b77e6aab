//! Files are named by absolute paths.

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity};
use crate::emit::{Found, Named};

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "relative-path",
    severity: Severity::Warning,
    broken,
    #[cfg(test)]
    cases,
};

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    let endpoints = configuration.reading.endpoints.iter();
    let mut faults = Vec::new();
    for option in endpoints.flat_map(Named::files) {
        let hint = match option.value.starts_with(['"', '\'']) {
            true => "leave out the quotes, which this server reads as part of the path",
            false => {
                "write the whole path: where this one leads depends on how the server is started"
            }
        };
        let message = format!("`{}` is not an absolute path", option.value);
        let fault = Fault::new(option, message, hint);
        if is_relative(option) && !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    faults
}

/// A value with other means than a path, such as a variable or an engine's name, is the server's business.
fn is_relative(option: &Found) -> bool {
    !option.value.starts_with('/') && !option.value.contains(['$', ':'])
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("absolute", "tls-cert = /a\n"),
        good("a variable", "tls-cert = $dir/a\n"),
        bad("quotes that are none", "tls-cert = \"/a\"\n", &[1]),
        bad("relative", "tls-key = /b\ntls-cert = tls/a\n", &[2]),
    ]
}
