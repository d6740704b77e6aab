//! What `check` was asked to look at: found, judged, and mended where it is to be.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use super::{
    Context, Report,
    emitting::catalogue,
    foreign::with_import,
    subjects::{short, subjects},
};
use crate::{
    check::{Finding, Mend, Terms},
    emit::Version,
    inspection::{Done, Fix, Found, ReadError, Reader, inspect},
    store::{Access, Pki, StoreError, rebuild::Rebuilt},
    survey::{Purpose, Survey, Target, configuration, recognise},
    terminal::findings::shown,
};

/// What is looked at, and how.
pub(crate) struct Wish<'a> {
    /// The PKI directory, where nothing is named
    pub(crate) targets: &'a [OsString],
    pub(crate) fix: Fix,
    pub(crate) terms: Terms,
    /// The server whose configuration the files are; left out, it is told by their content
    pub(crate) server: Option<&'a str>,
    pub(crate) version: Option<&'a Version>,
    pub(crate) templates: Option<&'a Path>,
}

/// Looks at all of it. What could not be looked at is told besides, and alone where there is nothing else.
pub(crate) fn examine(wish: &Wish<'_>, context: &Context) -> Result<(Found, Vec<Report>), Report> {
    let mut examination = Examination {
        wish,
        context,
        found: Found::default(),
        errors: Vec::new(),
    };
    let paths = examination.paths()?;
    let (mut is_empty, others) = examination.configurations(paths)?;
    let targets = match wish.targets.is_empty() {
        true => vec![Target::Pki(short(&context.dir))],
        false => {
            let (targets, unknown) = recognise(&others);
            let unknown = unknown.into_iter().map(unrecognised);
            examination.errors.extend(unknown);
            targets
        }
    };
    for target in &targets {
        if let (Target::Pki(path), true) = (target, wish.fix != Fix::No) {
            let rebuilt = examination.rebuild(path)?;
            examination.found.rebuilt.extend(rebuilt);
        }
        match examination.look_at(target) {
            Ok(()) => is_empty = false,
            Err(report) => examination.errors.push(report),
        }
    }
    let Examination { found, errors, .. } = examination;
    match is_empty {
        true => Report::none(errors).map(|()| (found, Vec::new())),
        false => Ok((found, errors)),
    }
}

/// What certctl does not know, it may import.
fn unrecognised(error: StoreError) -> Report {
    match &error {
        StoreError::NotRecognised(folder) => {
            let folder = folder.clone();
            with_import(error.into(), &folder)
        }
        _ => error.into(),
    }
}

struct Examination<'a> {
    wish: &'a Wish<'a>,
    context: &'a Context,
    found: Found,
    errors: Vec<Report>,
}

impl Examination<'_> {
    /// Where what was named lies.
    fn paths(&mut self) -> Result<Vec<PathBuf>, Report> {
        let mut paths = Vec::new();
        for subject in subjects(self.wish.targets, self.context)? {
            match subject.path(self.context) {
                Ok(path) => paths.push(path),
                Err(report) => self.errors.push(report),
            }
        }
        Ok(paths)
    }

    /// Looks at those of the paths that are configuration files; tells whether there was none, and the others.
    fn configurations(&mut self, paths: Vec<PathBuf>) -> Result<(bool, Vec<PathBuf>), Report> {
        let (mut read, mut others) = (Vec::new(), Vec::new());
        let mut servers = Vec::new();
        for path in paths {
            let Some(text) = path.is_file().then(|| configuration::text(&path)).flatten() else {
                others.push(path);
                continue;
            };
            if servers.is_empty() {
                let catalogue = catalogue(self.wish.templates)?;
                servers = match self.wish.server {
                    Some(name) => vec![catalogue.server(name)?],
                    None => catalogue.servers()?,
                };
            }
            let reader = Reader {
                servers: &servers,
                is_named: self.wish.server.is_some(),
                version: self.wish.version,
                terms: self.wish.terms,
            };
            match reader.read(&path, &text) {
                Ok(None) => others.push(path),
                Ok(Some(found)) => {
                    let details = found.details.iter();
                    details.for_each(|it| self.context.ui.detail(it));
                    read.push((path, found.inspection));
                }
                Err(error) => self.errors.push(unread(&path, error)),
            }
        }
        let is_empty = read.is_empty();
        for (path, inspection) in read {
            let mend = |finding: &Finding, mend: Mend| {
                configuration::change_mode(&path, &finding.path, mend.from, mend.to)
            };
            self.found
                .add(inspection, self.wish.fix, &mend, &|finding, mend, done| {
                    tell(finding, mend, done, self.context);
                });
        }
        Ok((is_empty, others))
    }

    /// Makes anew what certctl can derive from its ledger and a PKI directory lacks. Where it cannot be opened,
    /// the findings say why.
    fn rebuild(&self, directory: &Path) -> Result<Vec<PathBuf>, Report> {
        let context = self.context;
        let is_rehearsal = self.wish.fix == Fix::Rehearsed;
        let access = match is_rehearsal {
            true => Access::Read,
            false => Access::Write,
        };
        let mut pki = match Pki::open(directory, access, context.wait) {
            Ok(pki) if pki.distrust().is_none() => pki,
            Err(error @ StoreError::Locked { .. }) => return Err(error.into()),
            Ok(_) | Err(_) => return Ok(Vec::new()),
        };
        pki.set_author(context.author.clone());
        if let Some(repaired) = pki.repaired() {
            let directory = directory.display();
            context.ui.note(format!("{directory}: {repaired}"));
        }
        let rebuilt = pki.to_rebuild()?;
        if !is_rehearsal && !rebuilt.is_empty() {
            pki.rebuild(&rebuilt)?;
        }
        let verb = if is_rehearsal { "would make" } else { "made" };
        let paths = |(place, files): &Rebuilt| {
            let directory = place.below(directory);
            let names = files.iter().map(|(name, _)| name);
            names.map(|name| directory.join(name)).collect::<Vec<_>>()
        };
        let paths: Vec<_> = rebuilt.iter().flat_map(paths).collect();
        for path in &paths {
            context.ui.note(format!("{verb} {} anew", shown(path)));
        }
        Ok(paths)
    }

    fn look_at(&mut self, target: &Target) -> Result<(), Report> {
        let context = self.context;
        let purpose = match self.wish.fix {
            Fix::Done => Purpose::Mend,
            Fix::No | Fix::Rehearsed => Purpose::See,
        };
        let survey = Survey::open(target, purpose, context.wait)?;
        if let Some(repaired) = survey.repaired() {
            let directory = context.dir.display();
            context.ui.note(format!("{directory}: {repaired}"));
        }
        if let Some(distrust) = survey.distrust() {
            context.distrusted(distrust);
        }
        let elsewhere = match survey.elsewhere() {
            0 => None,
            1 => Some(String::from("1 entry is")),
            more => Some(format!("{more} entries are")),
        };
        if let Some(elsewhere) = elsewhere {
            context.ui.note(format!(
                "{elsewhere} on other machines that share the ledger, and not looked at"
            ));
        }
        let bar = context.ui.progress(survey.spots().len(), "checking");
        let inspection = inspect(&survey, self.wish.terms, &|count| bar.advance(count));
        drop(bar);
        let mend =
            |finding: &Finding, mend: Mend| survey.change_mode(&finding.path, mend.from, mend.to);
        self.found
            .add(inspection, self.wish.fix, &mend, &|finding, mend, done| {
                tell(finding, mend, done, context);
            });
        Ok(())
    }
}

fn unread(path: &Path, error: ReadError) -> Report {
    match error {
        ReadError::Emit(error) => error.into(),
        ReadError::NotRecognised(_) => {
            Report::failed("not-recognised", format!("{}: {error}", shown(path)))
                .hint("`certctl check FILE` alone tells whose it is, where that can be told")
        }
    }
}

/// Says which mode was changed, or would be.
fn tell(finding: &Finding, mend: Mend, done: Done<'_>, context: &Context) {
    let path = shown(&finding.path);
    let change = format!("{path}: {:04o} → {:04o}", mend.from, mend.to);
    match done {
        None => context.ui.note(format!("would change {change}")),
        Some(Ok(())) => context.ui.note(format!("changed {change}")),
        Some(Err(error)) => {
            let message = format!("cannot change {change}: {error}");
            context.ui.warning(message);
        }
    }
}
