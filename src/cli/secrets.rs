//! Secrets that options name: in a file, on standard input or in a variable; each is read once.

use std::{
    cell::RefCell,
    collections::HashMap,
    env,
    ffi::OsString,
    fmt,
    fs::{self, File, Metadata},
    io::{self, Read},
    os::unix::fs::MetadataExt as _,
    os::{fd::AsFd as _, unix::ffi::OsStringExt as _},
    path::{Path, PathBuf},
    rc::Rc,
};

use clap::{
    ArgMatches,
    builder::{OsStringValueParser, StringValueParser, TypedValueParser},
    error::ErrorKind,
};
use zeroize::Zeroizing;

use super::{Report, exposed::exposure, ui::Ui};
use crate::{
    emit::shell_word,
    pki::{entry_name::EntryName, secret::Passphrase},
};

/// Longest first line of a file or a variable: longer than any passphrase, shorter than any accident.
const MAX_LINE: usize = 64 << 10;

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
    match name.and_then(|name| name.parse().ok()) {
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
        let line = match source {
            Source::Variable(name) => of_variable(name)?,
            Source::File(path) => of_file(path, ui).map_err(|error| unreadable(source, &error))?,
            Source::StandardInput => {
                of_standard_input().map_err(|error| unreadable(source, &error))?
            }
        };
        let failed =
            |what| Report::failed("passphrase", format!("the passphrase in {source} {what}"));
        if line.len() > MAX_LINE {
            return Err(failed("is longer than 64 KiB"));
        }
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

fn unreadable(source: &Source, error: &io::Error) -> Report {
    Report::failed("passphrase", format!("cannot read {source}: {error}"))
}

fn of_variable(name: &str) -> Result<Zeroizing<Vec<u8>>, Report> {
    let text = env::var(name).map(Zeroizing::new).map_err(|_| {
        Report::usage(format!(
            "the environment variable {name} is not set, or no text"
        ))
    })?;
    let line = text.lines().next().unwrap_or_default();
    Ok(Zeroizing::new(line.as_bytes().to_vec()))
}

fn of_file(path: &Path, ui: &Ui) -> io::Result<Zeroizing<Vec<u8>>> {
    let file = File::open(path)?;
    if let Some((path, mode)) = exposed(path, &file.metadata()?) {
        let path = path.display().to_string();
        ui.warning(format!(
            "{path} holds a passphrase and is open to others (mode {mode:04o}): `chmod 600 {}`",
            shell_word(&path)
        ));
    }
    first_line(file)
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

/// Past the buffer of `io::stdin`, which nobody wipes.
fn of_standard_input() -> io::Result<Zeroizing<Vec<u8>>> {
    first_line(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// Everything before the first line end; more than [`MAX_LINE`] octets where it is too long.
fn first_line(mut input: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    // In one piece from the beginning: growth would leave copies behind.
    let mut line = Zeroizing::new(vec![0; MAX_LINE + 2]);
    let mut length = 0;
    let mut end = None;
    while end.is_none() && length < line.len() {
        match input.read(&mut line[length..]) {
            Ok(0) => break,
            Ok(count) => {
                let read = &line[length..length + count];
                end = read
                    .iter()
                    .position(|&octet| octet == b'\n')
                    .map(|at| length + at);
                length += count;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let kept = match end {
        Some(end) if end > 0 && line[end - 1] == b'\r' => end - 1,
        other => other.unwrap_or(length),
    };
    line[kept..].fill(0);
    line.truncate(kept);
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_lines() {
        let long = "x".repeat(MAX_LINE);
        for (text, expected) in [
            ("", ""),
            ("a", "a"),
            ("a\nb\n", "a"),
            ("a\r\nb", "a"),
            ("a\r", "a\r"),
            (" a b \n", " a b "),
            ("\na\n", ""),
            (&long, &long),
            (&format!("{long}\n{long}"), &long),
            (&format!("{long}\r\n"), &long),
        ] {
            let line = first_line(text.as_bytes()).expect("memory is readable");
            assert_eq!(line.as_slice(), expected.as_bytes(), "{text:.20}");
        }
        let line = first_line(io::repeat(b'x')).expect("readable");
        assert!(line.len() > MAX_LINE, "endless input ends");
    }

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
