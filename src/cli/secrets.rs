//! Secrets that options name: in a file, on standard input or in a variable; each is read once.

use std::{
    cell::RefCell,
    collections::HashMap,
    env,
    ffi::OsString,
    fmt,
    fs::{self, Metadata},
    io,
    os::unix::{ffi::OsStringExt as _, fs::MetadataExt as _},
    path::{Path, PathBuf},
    rc::Rc,
};

use clap::{
    ArgMatches,
    builder::{OsStringValueParser, StringValueParser, TypedValueParser},
    error::ErrorKind,
};
use zeroize::Zeroizing;

use super::{Report, args::authority_name, bounded, exposed::exposure, ui::Ui};
use crate::{
    emit::shell_word,
    pki::{entry_name::EntryName, secret::Passphrase},
};

/// Where a secret lies.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Source {
    File(PathBuf),
    /// `-`
    StandardInput,
    Variable(String),
}

/// A source that an option names, for everything or for the key of one CA or entry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Secret {
    pub(crate) owner: Option<EntryName>,
    pub(crate) source: Source,
}

/// `[CA=]FILE`
pub(crate) fn owned_file() -> impl TypedValueParser<Value = Secret> {
    OsStringValueParser::new().map(|text| {
        let (owner, rest) = split_owner(text);
        Secret {
            owner,
            source: file(rest),
        }
    })
}

/// `FILE`
pub(crate) fn plain_file() -> impl TypedValueParser<Value = Secret> {
    OsStringValueParser::new().map(|text| Secret {
        owner: None,
        source: file(text),
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
    Ok(Secret { owner, source })
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::StandardInput => f.write_str("standard input"),
            Self::Variable(name) => write!(f, "the environment variable {name}"),
        }
    }
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

/// What was read so far: a pipe has its octets only once.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    read: RefCell<HashMap<Source, Rc<Passphrase>>>,
}

impl Secrets {
    /// The first line of what the source holds; an empty one is a mistake.
    pub(crate) fn read(&self, source: &Source, ui: &Ui) -> Result<Rc<Passphrase>, Report> {
        if let Some(known) = self.read.borrow().get(source) {
            return Ok(Rc::clone(known));
        }
        let unreadable =
            |error| Report::failed("passphrase", format!("cannot read {source}: {error}"));
        let line = match source {
            Source::Variable(name) => of_variable(name)?,
            Source::File(path) => of_file(path, ui).map_err(unreadable)?,
            Source::StandardInput => bounded::Source::standard_input()
                .and_then(bounded::Source::first_line)
                .map_err(unreadable)?,
        };
        let failed =
            |what| Report::failed("passphrase", format!("the passphrase in {source} {what}"));
        let line = line.ok_or_else(|| failed("is longer than 64 KiB"))?;
        let text = str::from_utf8(&line).map_err(|_| failed("is no UTF-8 text"))?;
        if text.is_empty() {
            return Err(failed("is empty"));
        }
        let passphrase = Rc::new(Passphrase::new(Zeroizing::new(text.to_owned())));
        let mut read = self.read.borrow_mut();
        read.insert(source.clone(), Rc::clone(&passphrase));
        Ok(passphrase)
    }
}

/// `None` where it is too long, as for a file.
fn of_variable(name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Report> {
    let text = env::var(name).map(Zeroizing::new).map_err(|_| {
        Report::usage(format!(
            "the environment variable {name} is not set, or no text"
        ))
    })?;
    let line = text.lines().next().unwrap_or_default();
    let line = Zeroizing::new(line.as_bytes().to_vec());
    Ok(Some(line).filter(|line| line.len() <= bounded::Kind::Secret.limit()))
}

fn of_file(path: &Path, ui: &Ui) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let source = bounded::Source::open(path)?;
    if let Some((path, mode)) = exposed(path, &source.metadata) {
        let path = path.display().to_string();
        ui.warning(format!(
            "{path} holds a passphrase and is open to others (mode {mode:04o}): `chmod 600 {}`",
            shell_word(&path)
        ));
    }
    source.first_line()
}

/// The name and mode of a regular file that others can use. What has no name any more, others cannot open.
fn exposed(path: &Path, metadata: &Metadata) -> Option<(PathBuf, u32)> {
    let mode = exposure(metadata.is_file(), metadata.mode() & 0o7777)?;
    let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
    // `/dev/stdin` is another name of what it leads to.
    let path = match is_link {
        true => fs::canonicalize(path).ok()?,
        false => path.to_owned(),
    };
    Some((path, mode))
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
