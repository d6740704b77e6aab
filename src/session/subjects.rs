//! What commands that look are given: names of entries and CAs, and paths. The one rule that tells them apart.
//!
//! `-` is standard input. Where the PKI directory has an entry or CA of a name (`node1`, `ca/root`, `certs/node1`),
//! it is meant, and that is said where a file is called so too: `./node1` is always the file. All else is a
//! path where it holds `/` or there is something; where there is nothing, it may be a name of the ledger.

use std::{
    ffi::{OsStr, OsString},
    fs,
    path::{Component, Path, PathBuf},
};

use zeroize::Zeroizing;

use super::{
    Context, Report,
    bounded::Kind,
    input::Input,
    names::{Target, entry_name, target},
};
use crate::{
    emit::shell_word,
    nearest::nearest,
    pki::{name::visible, range},
    store::{
        Distrust, Pki,
        directory::Directory,
        layout::{Area, Place, file},
    },
    wire::{Address, Location},
};

/// One thing to look at.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// As it was given, fit to be printed
    pub(crate) given: String,
    pub(crate) what: What,
}

/// A name or a path.
#[derive(Clone, Debug)]
pub(crate) enum What {
    Name(Target),
    Path(PathBuf),
}

/// All that was given; `node{1..9}` stands for nine names.
pub(crate) fn subjects(given: &[OsString], context: &Context) -> Result<Vec<Subject>, Report> {
    let (mut subjects, mut mistakes) = (Vec::new(), Vec::new());
    for given in given {
        match expanded(given) {
            Ok(all) => subjects.extend(all.iter().map(|one| Subject::new(one, context))),
            Err(mistake) => mistakes.push(Report::usage(mistake)),
        }
    }
    Report::none(mistakes).map(|()| subjects)
}

fn expanded(given: &OsStr) -> Result<Vec<OsString>, String> {
    match given.to_str() {
        Some(text) if text.contains('{') && is_like_a_name(text) && !exists(Path::new(given)) => {
            let names = range::expand(text).map_err(|error| error.to_string())?;
            Ok(names.into_iter().map(OsString::from).collect())
        }
        _ => Ok(vec![given.to_owned()]),
    }
}

fn is_like_a_name(text: &str) -> bool {
    let mut areas = Area::ALL.into_iter().map(Area::directory);
    let name = areas.find_map(|area| text.strip_prefix(area)?.strip_prefix('/'));
    !name.unwrap_or(text).contains('/')
}

fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

impl Subject {
    fn new(given: &OsStr, context: &Context) -> Self {
        let path = Path::new(given);
        let name = given.to_str().and_then(|text| target(text).ok());
        let place = name.as_ref().and_then(|name| name.place(context));
        let shown = visible(&given.to_string_lossy()).into_owned();
        let what = match (name, place) {
            (Some(name), Some(place)) => {
                let own = place.below(&context.dir);
                if exists(path) && fs::canonicalize(path).ok() != fs::canonicalize(own).ok() {
                    let what = in_words(&place);
                    context.ui.note(format!(
                        "`{shown}` is taken for the {what}, not for the file: that is `./{shown}`"
                    ));
                }
                What::Name(name)
            }
            (Some(name), None) if !exists(path) => What::Name(name),
            _ => What::Path(path.to_owned()),
        };
        Self { given: shown, what }
    }

    /// Its octets: a file's, or those of the certificate in a directory or of an entry or CA.
    pub(crate) fn read(&self, kind: Kind, context: &Context) -> Result<Input, Report> {
        let target = match &self.what {
            What::Path(path) if self.is_path(path) => {
                return Input::read(&certificate(path), kind);
            }
            What::Path(_) => return Err(self.absent(context)),
            What::Name(target) => target,
        };
        let place = target.place(context).ok_or_else(|| self.absent(context))?;
        let path = place.below(Path::new("")).join(file::CERTIFICATE);
        let octets = Directory::open(&context.dir).and_then(|pki| {
            if let Some(distrust) = Distrust::at(&pki)? {
                context.distrusted(&distrust);
            }
            pki.read(&path)
        });
        let failed = |error| {
            let path = context.dir.join(&path);
            let path = visible(&path.to_string_lossy()).into_owned();
            Report::failed("io", format!("cannot read {path}: {error}"))
        };
        Ok(Input {
            name: self.given.clone(),
            octets: octets.map(Zeroizing::new).map_err(failed)?,
        })
    }

    /// The file that `read` reads; `None` where that is standard input, or there is nothing.
    pub(crate) fn file(&self, context: &Context) -> Option<PathBuf> {
        match &self.what {
            What::Path(path) if path.as_os_str() == "-" => None,
            What::Path(path) => Some(certificate(path)),
            What::Name(target) => {
                let place = target.place(context)?;
                Some(place.below(&short(&context.dir)).join(file::CERTIFICATE))
            }
        }
    }

    /// Where it lies.
    pub(crate) fn path(&self, context: &Context) -> Result<PathBuf, Report> {
        match &self.what {
            What::Path(path) if self.is_path(path) => Ok(path.clone()),
            What::Path(_) => Err(self.absent(context)),
            What::Name(target) => {
                let place = target.place(context).ok_or_else(|| self.absent(context))?;
                Ok(place.below(&short(&context.dir)))
            }
        }
    }

    /// Whether it can be nothing but a path, even where nothing is.
    fn is_path(&self, path: &Path) -> bool {
        let is_url = self.given.contains("://");
        self.given == "-" || exists(path) || self.given.contains('/') && !is_url
    }

    /// The entry or CA that it is, or that a path belongs to; for a command that cannot do with less.
    pub(crate) fn owner(&self, pki: &Pki) -> Result<Target, Report> {
        let path = match &self.what {
            What::Name(target) => return Ok(target.clone()),
            What::Path(path) => path,
        };
        if !self.given.contains('/') && !exists(path) {
            // It would be a name if it were a legal one.
            let mistake = entry_name(&self.given).err().unwrap_or_default();
            return Err(Report::usage(mistake));
        }
        let place = place(path, pki.layout().root()).filter(|place| {
            let look = pki.layout().directory().look(pki.layout().place(place));
            look.is_ok_and(|look| look.is_directory())
        });
        if let Some(Place { area, name }) = place {
            let area = Some(area);
            return Ok(Target { area, name });
        }
        // The ledger may have one whose directory is gone.
        match target(&self.given) {
            Ok(target) if target.record(pki)?.is_some() => Ok(target),
            _ => {
                let message = format!("{} belongs to no entry or CA here", self.given);
                Err(Report::failed("no-entry", message))
            }
        }
    }

    /// The error where there is no such name, and no such file.
    pub(crate) fn absent(&self, context: &Context) -> Report {
        let message = format!("there is no entry, CA or file `{}`", self.given);
        let report = Report::failed("no-entry", message);
        let names = Area::ALL.into_iter().flat_map(|area| {
            let pki = Directory::open(&context.dir);
            let names = pki.and_then(|pki| pki.directory(area.directory())?.names());
            names.unwrap_or_default()
        });
        let mut names: Vec<_> = names.collect();
        // So that of two that are as near always the same is told.
        names.sort_unstable();
        match nearest(&self.given, names.iter().map(String::as_str)) {
            Some(name) => report.hint(format!("is `{name}` meant?")),
            None if self.is_address() => {
                let command = format!("certctl probe {}", shell_word(&self.given));
                report.hint(format!("`{command}` looks at what is served there"))
            }
            None => report.hint("`certctl list` shows what there is"),
        }
    }

    /// Whether something may be served there: there is a port, and no name has a colon.
    fn is_address(&self) -> bool {
        let address = Address::parse(&self.given);
        address.is_ok_and(|it| matches!(it.location, Location::Tcp(_, Some(_))))
    }
}

impl Target {
    /// Where it lies in the PKI directory, if it does. No ledger is opened for that.
    fn place(&self, context: &Context) -> Option<Place> {
        let pki = Directory::open(&context.dir).ok()?;
        let areas = match self.area {
            Some(area) => vec![area],
            None => vec![Area::Entries, Area::Authorities],
        };
        let place = |area| Place {
            area,
            name: self.name.clone(),
        };
        areas.into_iter().map(place).find(|place| {
            let look = pki.look(place.below(Path::new("")));
            look.is_ok_and(|look| look.is_directory())
        })
    }
}

fn in_words(place: &Place) -> String {
    match place.area {
        Area::Authorities => format!("CA `{}`", place.name),
        Area::Entries => format!("entry `{}`", place.name),
    }
}

/// Without a leading `./`, which says nothing.
pub(crate) fn short(path: &Path) -> PathBuf {
    let stripped = path.strip_prefix(".").ok();
    let stripped = stripped.filter(|path| !path.as_os_str().is_empty());
    stripped.unwrap_or(path).to_owned()
}

/// The certificate in a directory; any other path as it is.
fn certificate(path: &Path) -> PathBuf {
    let inside = path.join(file::CERTIFICATE);
    match path.is_dir() && exists(&inside) {
        true => inside,
        false => path.to_owned(),
    }
}

/// The place in the PKI directory `root` whose directory, or certificate, lies at a path.
fn place(path: &Path, root: &Path) -> Option<Place> {
    let mut ancestors = path.ancestors();
    let shown = ancestors.find(|ancestor| {
        let ancestor = if ancestor.as_os_str().is_empty() {
            Path::new(".")
        } else {
            ancestor
        };
        fs::canonicalize(ancestor).is_ok_and(|real| real == root)
    });
    // What is shown to lie below the root is not followed any further.
    if let Some(shown) = shown {
        return read_place(path.strip_prefix(shown).ok()?);
    }
    read_place(fs::canonicalize(path).ok()?.strip_prefix(root).ok()?)
}

fn read_place(below: &Path) -> Option<Place> {
    let names = below.components().map(|component| match component {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    let names = names.collect::<Option<Vec<_>>>()?;
    let ([area, name] | [area, name, file::CERTIFICATE]) = names[..] else {
        return None;
    };
    let mut areas = Area::ALL.into_iter();
    Some(Place {
        area: areas.find(|it| it.directory() == area)?,
        name: name.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_path_belongs_to_the_place_around_it() {
        let home = tempfile::tempdir().expect("made");
        let root = fs::canonicalize(home.path()).expect("real").join("pki");
        fs::create_dir_all(root.join("certs/node1")).expect("made");
        fs::create_dir_all(root.join("ca/root")).expect("made");
        symlink(root.join("certs/node1"), home.path().join("link")).expect("made");
        symlink(root.join("certs/node1"), root.join("certs/other")).expect("made");
        for (path, expected) in [
            ("pki/certs/node1", Some("certs/node1")),
            ("pki/certs/node1/", Some("certs/node1")),
            ("pki/certs/node1/cert.pem", Some("certs/node1")),
            ("pki/ca/root", Some("ca/root")),
            ("link", Some("certs/node1")),
            // It is told by its own name, and refused as the symlink that it is.
            ("pki/certs/other", Some("certs/other")),
            ("pki/certs/node1/key.pem", None),
            ("pki/certs/node1/cert.pem/x", None),
            ("pki/certs", None),
            ("pki", None),
            ("pki/archive/node1", None),
            ("pki/certs/../certs/node1", Some("certs/node1")),
            ("elsewhere/certs/node1", None),
        ] {
            let found = place(&home.path().join(path), &root);
            let found = found.map(|place| place.below(Path::new("")).display().to_string());
            assert_eq!(found.as_deref(), expected, "{path}");
        }
    }
}
