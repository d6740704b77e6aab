//! Secrets that options name: in a file, on standard input or in a variable; each is read once.

use std::{
    cell::RefCell,
    collections::HashMap,
    env, fmt,
    fs::{self, Metadata},
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    rc::Rc,
};

use zeroize::Zeroizing;

use super::{Report, bounded, exposed::exposure, ui::Ui};
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
    /// Whether it opens what is in a token, and encrypts nothing
    pub(crate) is_pin: bool,
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
