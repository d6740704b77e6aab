//! Files for TLS that are named, and that nothing here opens: `not-checked` tells of them.

use std::{collections::HashSet, path::Path};

use super::{Configuration, Fault, not_checked::HINT};
use crate::emit::{Found, Kind};

/// What is in the name of an option for certificates, keys, roots and CRLs, whoever's it is, without signs.
const WORDS: [&str; 17] = [
    "cafile",
    "cabundle",
    "capath",
    "cert",
    "crl",
    "crt",
    "dhfile",
    "dhparam",
    "keyfile",
    "keypath",
    "keystore",
    "pem",
    "privkey",
    "pubkey",
    "signingkey",
    "trusted",
    "truststore",
];

/// What such files end in.
const ENDINGS: [&str; 10] = [
    "pem", "crt", "cer", "der", "key", "crl", "p12", "pfx", "jks", "p7b",
];

/// Each of them, once. Of an option that is opened elsewhere this is what the other overrides, and of one that the
/// manifest knows its rules tell.
pub(super) fn faults(configuration: &Configuration<'_>) -> Vec<Fault> {
    let leads: Vec<_> = configuration.reading.leads().map(|it| it.0).collect();
    let names: HashSet<_> = leads.iter().map(|it| &*it.name).collect();
    let opened: HashSet<_> = leads.iter().map(|it| &*it.value).collect();
    let specs = &configuration.reading.server.manifest.options;
    let is_known = |name: &str| {
        let spec = specs.get(name);
        names.contains(name) || spec.is_some_and(|spec| spec.kind == Kind::Path)
    };
    let mut told = HashSet::new();
    let mut faults = Vec::new();
    for option in configuration.options() {
        let unopened = paths(option).into_iter();
        let mut unopened = unopened.filter(|path| !opened.contains(path));
        let is_new = unopened.any(|path| told.insert((option.position, path)));
        if is_new && !is_known(&option.name) {
            let name = configuration.shown_name(option).unwrap_or("an option");
            let written = configuration.reading.format.written(name);
            let name = written.as_deref().unwrap_or(name);
            let message = format!("`{name}` names a file that was not opened");
            faults.push(Fault::new(option, message, HINT));
        }
    }
    faults
}

/// The paths of such files in an option's value, which may hold options itself: `host=a sslrootcert=/b`.
fn paths(option: &Found) -> Vec<&str> {
    let is_theirs = is_meant(&option.name);
    let mut before = "";
    let mut paths = Vec::new();
    let ends = |it: char| it.is_whitespace() || ";,&?='\"()[]{}".contains(it);
    let values = std::iter::once(&option.value).chain(&option.items);
    for word in values.flat_map(|value| value.split(ends)) {
        let word = word.strip_prefix("file:").unwrap_or(word);
        let is_named = is_theirs || is_meant(before);
        match word.starts_with('/') {
            true if is_named || has_ending(word) => paths.push(word),
            true => {}
            false if word.is_empty() => {}
            // A bare word may be anything; the option's name and the ending say together that it is a path.
            false if is_named && has_ending(word) && !word.contains("://") => paths.push(word),
            false => before = word,
        }
    }
    paths
}

/// Whether the last two parts of an option's name say that it is for TLS, and not where such files are.
fn is_meant(name: &str) -> bool {
    let last = name.rsplitn(3, ['.', ' ']).take(2);
    let bare = last.map(|part| {
        part.replace(|it: char| !it.is_alphanumeric(), "")
            .to_lowercase()
    });
    let mut bare = bare.peekable();
    let is_base = bare.peek().is_some_and(|it| it.ends_with("base"));
    !is_base && bare.any(|part| WORDS.iter().any(|word| part.contains(word)))
}

fn has_ending(path: &str) -> bool {
    let ending = Path::new(path).extension().and_then(|it| it.to_str());
    ending.is_some_and(|ending| ENDINGS.contains(&ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::{Position, Shape};

    #[test]
    fn paths_are_told_by_names_and_endings() {
        for (name, value, expected) in [
            ("tls_ca_cert", "/a", vec!["/a"]),
            ("x.sslKeyFile", "file:/a", vec!["/a"]),
            ("log", "/a", vec![]),
            ("log", "/a.pem", vec!["/a.pem"]),
            ("cert.file.log.path", "/a", vec![]),
            ("http.crl.file_path", "/a", vec!["/a"]),
            ("signing_keys.id1", "/a", vec!["/a"]),
            ("crt-base", "/a", vec![]),
            ("url", "postgres://b/c?user=d&sslrootcert=/a", vec!["/a"]),
            ("url", "https://b/c.pem", vec![]),
            ("token", "jwt,pub-key=/a,log=/b", vec!["/a"]),
            ("LDAPTrustedGlobalCert", "CA_BASE64 /a", vec!["/a"]),
            ("cert", "", vec![]),
            ("cacertfile", "certs/a.pem", vec!["certs/a.pem"]),
            ("cacertfile", "$ETC/a.pem", vec!["$ETC/a.pem"]),
            ("cacertfile", "${ETC}/a.pem", vec!["/a.pem"]),
            ("url", "b?sslrootcert=c.pem", vec!["c.pem"]),
            ("log", "a.pem", vec![]),
            ("certurl", "https://b/c.pem", vec![]),
        ] {
            let option = Found {
                position: Position::START,
                name: name.into(),
                value: value.into(),
                items: Vec::new(),
                shape: Shape::default(),
                begins: false,
                literal: false,
                conditional: false,
            };
            assert_eq!(paths(&option), expected, "{name} {value}");
        }
    }
}
