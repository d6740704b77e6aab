//! A command at work: the PKI directory that it opens, the passphrases that it is given, what it is to look at, and
//! what is said by all alike.

use std::{
    cell::Cell,
    fmt, fs,
    path::{Path, PathBuf},
    time::Duration,
};

use time::OffsetDateTime;

pub(crate) mod adoption;
pub(crate) mod answers;
pub(crate) mod authorities;
pub(crate) mod configuring;
pub(crate) mod crls;
pub(crate) mod crossings;
pub(crate) mod distinguished;
pub(crate) mod elsewhere;
pub(crate) mod emitting;
pub(crate) mod examination;
pub(crate) mod exported;
pub(crate) mod exposed;
pub(crate) mod extfiles;
pub(crate) mod fallen;
pub(crate) mod fleet_file;
pub(crate) mod foreign;
pub(crate) mod founding;
pub(crate) mod given;
pub(crate) mod imported;
pub(crate) mod initial;
pub(crate) mod input;
pub(crate) mod issuing;
pub(crate) mod keys;
pub(crate) mod laid;
pub(crate) mod listing;
pub(crate) mod looks;
pub(crate) mod losses;
pub(crate) mod made;
pub(crate) mod members;
pub(crate) mod names;
pub(crate) mod orphans;
pub(crate) mod overview;
pub(crate) mod own;
pub(crate) mod passphrases;
pub(crate) mod placed;
pub(crate) mod plans;
pub(crate) mod ports;
pub(crate) mod probing;
pub(crate) mod reload;
pub(crate) mod renewals;
pub(crate) mod requests;
pub(crate) mod reserve;
pub(crate) mod sans;
pub(crate) mod secrets;
pub(crate) mod shown;
pub(crate) mod signers;
pub(crate) mod signing;
pub(crate) mod subjects;
pub(crate) mod subordinates;
pub(crate) mod taken;
pub(crate) mod tokens;
pub(crate) mod unusual;
pub(crate) mod verification;
pub(crate) mod wanted;

use crate::{
    check::{Policy, Terms},
    emit::shell_word,
    host::{bounded, surroundings::Surroundings},
    issuance::defaults,
    pki::{name::visible, renewal::Margin, validity::rfc3339},
    store::{
        Access, Distrust, Joining, Pki, StoreError, layout::Layout, ledger::event::Author,
        shared::VARIABLE,
    },
    terminal::{
        Report, errors, report,
        ui::{self, Ui},
    },
};
use foreign::with_import;
use secrets::Secrets;
use subjects::short;

/// Where the PKI lies unless somebody says otherwise.
pub(crate) const DEFAULT_DIRECTORY: &str = "./pki";

/// What a command works with besides its own arguments.
pub(crate) struct Context {
    /// The PKI directory, as it was given, without a leading `./`.
    pub(crate) dir: PathBuf,
    /// How long to wait for another certctl that works on it.
    pub(crate) wait: Duration,
    /// Whether nothing is to be changed.
    pub(crate) dry_run: bool,
    pub(crate) ui: Ui,
    /// The time that all decisions of this run are made for (UTC).
    pub(crate) now: OffsetDateTime,
    /// Who runs this, for the history.
    pub(crate) author: Author,
    /// The secrets that were read so far.
    pub(crate) secrets: Secrets,
    /// What programs and extfiles see of the environment.
    pub(crate) surroundings: Surroundings,
    /// The shared ledger that a new PKI directory is to belong to, where the command line names one.
    pub(crate) ledger: Option<String>,
    /// Whether the PKI directory was opened to change it.
    is_changing: Cell<bool>,
    /// Whether it was said that the PKI directory is somebody else's.
    has_warned: Cell<bool>,
}

impl Context {
    /// For one run on the PKI directory `dir`.
    pub(crate) fn new(
        (dir, wait, dry_run): (PathBuf, Duration, bool),
        ui: Ui,
        now: OffsetDateTime,
        author: Author,
        surroundings: Surroundings,
    ) -> Self {
        Self {
            dir: short(&dir),
            wait,
            dry_run,
            ui,
            now,
            author,
            secrets: Secrets::default(),
            surroundings,
            ledger: None,
            is_changing: Cell::new(false),
            has_warned: Cell::new(false),
        }
    }

    /// Says which variables extfiles took: what stands in them may be in a certificate now.
    pub(crate) fn note_variables(&self) {
        let used = self.surroundings.used();
        if !used.is_empty() {
            let names = used.join(", ");
            self.ui
                .note(format!("taken from the environment by extfiles: {names}"));
        }
    }

    /// Names files of the PKI directory as it was given, and says of a result that could not be printed that the
    /// change itself was made.
    pub(crate) fn explained(&self, report: Report) -> Report {
        let report = report.reworded(|text| self.as_given(text));
        match report.code() == ui::UNPRINTED && self.is_changing.get() {
            true => report.hint("what was changed stays so: `certctl log` shows it"),
            false => report,
        }
    }

    /// Opens the PKI directory; says so where something had to be repaired.
    pub(crate) fn open(&self, access: Access) -> Result<Pki, Report> {
        let url = match (access, &self.ledger) {
            (Access::Create, Some(url)) => Some(url.clone()),
            // The environment says it of new directories.
            (Access::Create, None) if !self.dir.join("ledger.db").exists() => {
                std::env::var(VARIABLE).ok().filter(|url| !url.is_empty())
            }
            _ => None,
        };
        let author = format!("{} on {}", self.author.user, self.author.host);
        let joining = url.as_ref().map(|url| Joining {
            url,
            author: &author,
        });
        let opened = match joining {
            Some(joining) => Pki::join(&self.dir, access, self.wait, joining),
            None => Pki::open(&self.dir, access, self.wait),
        };
        let mut pki = opened.map_err(|error| match error {
            StoreError::NoPki(_) => with_import(error.into(), &self.dir),
            error => error.into(),
        })?;
        pki.set_author(self.author.clone());
        if self.dry_run {
            pki.rehearse();
        }
        self.is_changing.set(access != Access::Read);
        if access == Access::Write || (access == Access::Create && joining.is_none()) {
            self.follow(&mut pki)?;
        }
        if let Some(distrust) = pki.distrust() {
            self.distrusted(distrust);
        }
        if let Some(stale) = pki.stale() {
            self.ui.warning(format!(
                "{stale}: what follows is what this directory had from it last"
            ));
        }
        self.tell_clocks(&pki, access)?;
        if let Some(repaired) = pki.repaired() {
            self.ui.note(format!("{}: {repaired}", self.dir.display()));
        }
        Ok(pki)
    }

    /// Says that machines which share a ledger have different times: what one makes may not be valid yet for others.
    fn tell_clocks(&self, pki: &Pki, access: Access) -> Result<(), Report> {
        if access == Access::Read || !pki.ledger().is_shared() {
            return Ok(());
        }
        let last = pki.ledger().last_change()?;
        if let Some(last) = last.filter(|last| *last > self.now + defaults::BACKDATE) {
            self.ui.warning(format!(
                "the last change of the shared ledger was made at {}, which is yet to come by the clock of this machine: \
                 one of the clocks is wrong",
                rfc3339(last)
            ));
        }
        Ok(())
    }

    /// Has what is made follow the CAs as other machines that share the ledger have left them.
    fn follow(&self, pki: &mut Pki) -> Result<(), Report> {
        if self.dry_run {
            return Ok(());
        }
        if let Some(error) = pki.follow_authorities()? {
            self.ui.warning(format!("{error}: what is here stays"));
        }
        Ok(())
    }

    /// What `check` judges by where nobody asked for something else.
    pub(crate) fn usual_terms(&self) -> Terms {
        Terms {
            now: self.now,
            within: Margin::default(),
            policy: Policy::default(),
            user: rustix::process::geteuid().as_raw(),
        }
    }

    /// Says once that a PKI directory was looked at, and no more.
    pub(crate) fn distrusted(&self, distrust: &Distrust) {
        if self.has_warned.replace(true) {
            return;
        }
        self.ui.warning(format!(
            "{distrust}: it is looked at as it is, without repair and without lock"
        ));
    }

    /// A path in the PKI directory, as somebody would write it who wrote `--dir` as it is.
    pub(crate) fn shown(&self, layout: &Layout, path: &Path) -> String {
        let shown = match path.strip_prefix(layout.root()) {
            Ok(below) => self.dir.join(below),
            Err(_) => path.to_owned(),
        };
        visible(&shown.to_string_lossy()).into_owned()
    }

    /// Warns of what is left undone and why, where the rest is done all the same.
    pub(crate) fn warn_of(&self, left: impl fmt::Display, why: Report) {
        let why = self.explained(why);
        let messages = why.messages().join("; ");
        self.ui.warning(format!("{left}: {messages}"));
        why.hints().iter().for_each(|hint| self.ui.hint(hint));
    }

    /// A text that names files of the PKI directory where they really lie, with the paths that [`Self::shown`] makes.
    fn as_given(&self, text: &str) -> String {
        match fs::canonicalize(&self.dir) {
            Ok(root) => renamed(text, &root.to_string_lossy(), &self.dir.to_string_lossy()),
            Err(_) => text.to_owned(),
        }
    }

    /// Whether the PKI directory is the one that is meant where nobody says which.
    pub(crate) fn is_usual(&self) -> bool {
        self.dir == short(Path::new(DEFAULT_DIRECTORY))
    }

    /// A command line to suggest, with the `--dir` that this run was given.
    pub(crate) fn command(&self, words: &str) -> String {
        let preset = std::env::var_os("CERTCTL_DIR");
        if preset.map_or_else(
            || self.is_usual(),
            |preset| self.dir == short(Path::new(&preset)),
        ) {
            return format!("certctl {words}");
        }
        let dir = shell_word(&self.dir.display().to_string());
        format!("certctl --dir {dir} {words}")
    }
}

/// A text with another name of a directory, wherever it is not a part of some other path.
fn renamed(text: &str, from: &str, to: &str) -> String {
    let is_of_path = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    let mut rest = text.split(from);
    let mut renamed = rest.next().unwrap_or_default().to_owned();
    for after in rest {
        let ends = after.starts_with('/') || !after.starts_with(is_of_path);
        let is_whole = ends && !renamed.ends_with(is_of_path);
        renamed += if is_whole { to } else { from };
        renamed += after;
    }
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_renamed_where_it_is_the_whole_of_a_path() {
        for (text, expected) in [
            ("cannot read /a/pki/ca: no", "cannot read pki/ca: no"),
            ("no PKI in /a/pki", "no PKI in pki"),
            ("`/a/pki` and '/a/pki/x'", "`pki` and 'pki/x'"),
            ("/a/pki2 and /b/a/pki/x", "/a/pki2 and /b/a/pki/x"),
            ("/a/pki.old", "/a/pki.old"),
        ] {
            assert_eq!(renamed(text, "/a/pki", "pki"), expected);
        }
    }
}
