//! Options that name secrets.

use std::{ffi::OsString, os::unix::ffi::OsStringExt as _, path::PathBuf};

use clap::{
    ArgMatches,
    builder::{OsStringValueParser, StringValueParser, TypedValueParser},
    error::ErrorKind,
};

use super::args::authority_name;
use crate::pki::entry_name::EntryName;
pub(crate) use crate::session::secrets::{Secret, Source};

/// `[CA=]FILE`
pub(crate) fn owned_file() -> impl TypedValueParser<Value = Secret> {
    OsStringValueParser::new().map(|text| {
        let (owner, rest) = split_owner(text);
        Secret {
            owner,
            source: file(rest),
            is_pin: false,
        }
    })
}

/// `[CA=]FILE` of a PIN
pub(crate) fn owned_pin_file() -> impl TypedValueParser<Value = Secret> {
    owned_file().map(pin)
}

/// `[CA=]VARIABLE` of a PIN
pub(crate) fn owned_pin_variable() -> impl TypedValueParser<Value = Secret> {
    owned_variable().map(pin)
}

fn pin(secret: Secret) -> Secret {
    Secret {
        is_pin: true,
        ..secret
    }
}

/// `FILE`
pub(crate) fn plain_file() -> impl TypedValueParser<Value = Secret> {
    OsStringValueParser::new().map(|text| Secret {
        owner: None,
        source: file(text),
        is_pin: false,
    })
}

/// `[CA=]VARIABLE`
pub(crate) fn owned_variable() -> impl TypedValueParser<Value = Secret> {
    StringValueParser::new().try_map(|text| {
        let (owner, rest) = split_owner(text.into());
        variable(rest, owner)
    })
}

/// `VARIABLE`
pub(crate) fn plain_variable() -> impl TypedValueParser<Value = Secret> {
    StringValueParser::new().try_map(|text| variable(text.into(), None))
}

/// What stands before the first `=` is an owner where it can be a name; a path that begins so is written `./a=b`.
fn split_owner(text: OsString) -> (Option<EntryName>, OsString) {
    let octets = text.as_encoded_bytes();
    let Some(equals) = octets.iter().position(|&octet| octet == b'=') else {
        return (None, text);
    };
    let name = str::from_utf8(&octets[..equals]).ok();
    match name.and_then(|name| authority_name(name).ok()) {
        Some(owner) => {
            let mut octets = text.into_vec();
            (
                Some(owner),
                OsString::from_vec(octets.split_off(equals + 1)),
            )
        }
        None => (None, text),
    }
}

fn file(text: OsString) -> Source {
    match text.as_encoded_bytes() {
        b"-" => Source::StandardInput,
        _ => Source::File(text.into()),
    }
}

fn variable(name: OsString, owner: Option<EntryName>) -> Result<Secret, &'static str> {
    let name = name.into_string().unwrap_or_default();
    if name.is_empty() || name.contains('=') {
        return Err("write the name of an environment variable");
    }
    let source = Source::Variable(name);
    Ok(Secret {
        owner,
        source,
        is_pin: false,
    })
}

/// All secrets that a command's arguments name, whatever the options are called: their type tells.
///
/// Fails where standard input is to be more than one secret, or a secret and a file.
pub(crate) fn named(matches: &ArgMatches) -> Result<Vec<Secret>, clap::Error> {
    let secrets: Vec<Secret> = values(matches, &[]);
    let is_input = |secret: &&Secret| secret.source == Source::StandardInput;
    let inputs = secrets.iter().filter(is_input).count();
    // `--out -` is standard output.
    let mut files = values::<PathBuf>(matches, &["out"]).into_iter();
    if inputs > 1 || inputs == 1 && files.any(|path| path.as_os_str() == "-") {
        let message = "`-` is given twice, and standard input can be read only once";
        return Err(super::definition().error(ErrorKind::ArgumentConflict, message));
    }
    Ok(secrets)
}

/// The values of this type, a nested command's too, but for these options.
fn values<T: Clone + Send + Sync + 'static>(matches: &ArgMatches, without: &[&str]) -> Vec<T> {
    let ids = matches.ids().map(clap::Id::as_str);
    let ids = ids.filter(|id| !without.contains(id));
    let found = ids.filter_map(|id| matches.try_get_many::<T>(id).ok().flatten());
    let mut found: Vec<T> = found.flatten().cloned().collect();
    if let Some((_, inner)) = matches.subcommand() {
        found.extend(values(inner, without));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_before_the_first_equals_sign_is_an_owner() {
        for (text, owner, rest) in [
            ("file", None, "file"),
            ("root=file", Some("root"), "file"),
            ("root=-", Some("root"), "-"),
            ("root=a=b", Some("root"), "a=b"),
            ("./root=file", None, "./root=file"),
            ("/run/a=b", None, "/run/a=b"),
            ("=file", None, "=file"),
            ("root=", Some("root"), ""),
        ] {
            let (found, path) = split_owner(text.into());
            assert_eq!(found.as_ref().map(EntryName::as_str), owner, "{text}");
            assert_eq!(path, rest, "{text}");
        }
    }
}
