//! `--set KEY=VALUE`, checked against the manifest.

use std::collections::BTreeMap;

use super::quote::visible;
use crate::emit::{
    error::{EmitError, What},
    manifest::Manifest,
    request::Outside,
    version::Version,
};

/// Values by option or parameter.
pub(in crate::emit) type Settings = BTreeMap<String, Vec<String>>;

/// Checks every pair; all mistakes are reported together.
pub(in crate::emit) fn read(
    manifest: &Manifest,
    version: &Version,
    pairs: &[(String, String)],
    outside: &dyn Outside,
) -> Result<Settings, Vec<EmitError>> {
    let (mut settings, mut errors) = (Settings::new(), Vec::new());
    for (name, value) in pairs {
        match check(manifest, version, name, value, outside) {
            Ok(value) => settings.entry(name.clone()).or_default().push(value),
            Err(error) => errors.push(error),
        }
    }
    for (name, values) in &settings {
        if values.len() > 1 && !manifest.spec(name).is_some_and(|spec| spec.repeat) {
            errors.push(EmitError::Repeated(name.clone()));
        }
    }
    if errors.is_empty() {
        Ok(settings)
    } else {
        Err(errors)
    }
}

fn check(
    manifest: &Manifest,
    version: &Version,
    name: &str,
    value: &str,
    outside: &dyn Outside,
) -> Result<String, EmitError> {
    let Some(spec) = manifest.spec(name) else {
        let known = manifest.options.keys().chain(manifest.parameters.keys());
        return Err(EmitError::Unknown {
            what: What::Option,
            name: name.to_owned(),
            known: known.cloned().collect(),
        });
    };
    if !spec.exists_in(version) {
        return Err(EmitError::NotInVersion {
            option: name.to_owned(),
            version: version.to_string(),
            range: spec.exists(),
        });
    }
    // As it was given: a secret that was read from a file shows in no message.
    let bad = |expected: String| EmitError::BadValue {
        option: name.to_owned(),
        value: visible(value),
        expected,
    };
    let value = match value.strip_prefix('@') {
        Some(path) if spec.secret => &outside.secret_file(path).map_err(bad)?,
        _ if spec.secret && value == "random" => &outside.secret(name).map_err(bad)?,
        _ if spec.secret && !spec.words(version).any(|word| word == value) => {
            return Err(EmitError::SecretInArguments(name.to_owned()));
        }
        _ => value,
    };
    if spec.accepts(version, value) {
        return Ok(value.to_owned());
    }
    Err(bad(spec.expected(version)))
}
