//! The command that is run once something was changed, and run again until it was told of everything.

use std::{io, process::Stdio};

use super::{Context, Report};
use crate::store::{Access, Pki, StoreError, layout::Place, ledger::Untold};

/// Longest value of a variable: Linux takes 128 KiB for one, its name and the rest included.
const MAX_VARIABLE: usize = 120 << 10;

/// Which changes a command tells of: those that it makes itself, or has made before.
pub(crate) enum Scope {
    All,
    Certificates,
    Crls,
    /// Certificates of these alone
    Of(Vec<Place>),
}

impl Scope {
    fn takes(&self, untold: &Untold) -> bool {
        match self {
            Self::All => true,
            Self::Certificates => untold.crls.is_empty(),
            Self::Crls => untold.certificates.is_empty(),
            Self::Of(places) => {
                let mut certificates = untold.certificates.iter();
                untold.crls.is_empty() && certificates.all(|place| places.contains(place))
            }
        }
    }
}

/// What a run tells, from before it changes anything.
pub(crate) struct Reload<'a> {
    command: &'a str,
    scope: Scope,
    /// What earlier runs made and could not tell
    earlier: Vec<Untold>,
    dry_run: bool,
}

impl<'a> Reload<'a> {
    /// Has what is changed from now on noted as untold.
    pub(crate) fn begin(
        command: &'a str,
        pki: &mut Pki,
        scope: Scope,
        dry_run: bool,
    ) -> Result<Self, Report> {
        pki.tell_changes();
        Ok(Self {
            command,
            earlier: untold(pki, &scope)?,
            scope,
            dry_run,
        })
    }

    /// Runs the command where something is untold, and notes that it was told; false where nothing is.
    ///
    /// In a rehearsal it only says that it would be run again.
    pub(crate) fn finish(self, pki: Pki, context: &Context) -> Result<bool, Report> {
        self.tell_earlier(context);
        if self.dry_run {
            return Ok(!self.earlier.is_empty());
        }
        let untold = untold(&pki, &self.scope)?;
        if untold.is_empty() {
            return Ok(false);
        }
        let layout = pki.layout().clone();
        // The command may want to use certctl.
        drop(pki);
        let places = places(&untold);
        let paths = places.iter().map(|place| layout.place(place));
        let paths: Vec<_> = paths.map(|path| path.display().to_string()).collect();
        let names: Vec<_> = places.iter().map(|place| place.name.as_str()).collect();
        let mut shell = context.surroundings.command("/bin/sh");
        shell
            .args(["-c", self.command])
            .stdin(Stdio::null())
            // Its output goes to stderr, for stdout is for results.
            .stdout(io::stderr())
            .env("CERTCTL_DIR", layout.root())
            .env("CERTCTL_COUNT", names.len().to_string());
        for (variable, value) in [
            ("CERTCTL_NAMES", names.join("\n")),
            ("CERTCTL_PATHS", paths.join("\n")),
        ] {
            match value.len() <= MAX_VARIABLE {
                true => shell.env(variable, value),
                false => shell.env_remove(variable),
            };
        }
        let ended = match shell.status() {
            Ok(status) if status.success() => {
                note_told(&untold, context);
                return Ok(true);
            }
            Ok(status) => format!("ended with {status}"),
            Err(error) => format!("could not be run: {error}"),
        };
        let message = format!("`{}` {ended}; {}", self.command, what_stands(&untold));
        let hint = "the next run with `--exec` runs it again, whether or not anything is due";
        Err(Report::failed("exec", message).hint(hint))
    }

    /// Says what an earlier run left.
    fn tell_earlier(&self, context: &Context) {
        if self.earlier.is_empty() {
            return;
        }
        let verb = if self.dry_run { "would run" } else { "running" };
        context.ui.note(format!(
            "{verb} `{}` for what no command was told of before: {}",
            self.command,
            what_is_made(&self.earlier)
        ));
    }
}

/// What is untold, as far as it is this command's to tell and is still there.
fn untold(pki: &Pki, scope: &Scope) -> Result<Vec<Untold>, StoreError> {
    let mut untold = pki.ledger().untold()?;
    for untold in &mut untold {
        for places in [&mut untold.certificates, &mut untold.crls] {
            let is_there = |place: &Place| pki.layout().holds(&pki.layout().place(place));
            let there = places.iter().map(is_there).collect::<Result<Vec<_>, _>>()?;
            let mut there = there.into_iter();
            places.retain(|_| there.next() == Some(true));
        }
    }
    untold.retain(|untold| !places(std::slice::from_ref(untold)).is_empty() && scope.takes(untold));
    Ok(untold)
}

/// All places, each once.
fn places(untold: &[Untold]) -> Vec<Place> {
    let mut seen = std::collections::HashSet::new();
    let places = untold
        .iter()
        .flat_map(|it| it.certificates.iter().chain(&it.crls));
    places
        .filter(|place| seen.insert(*place))
        .cloned()
        .collect()
}

/// Where that fails, the command is run once too often: better than not at all.
fn note_told(untold: &[Untold], context: &Context) {
    let transactions: Vec<_> = untold.iter().map(|it| it.transaction).collect();
    let noted = context
        .open(Access::Write)
        .and_then(|mut pki| Ok(pki.note_told(&transactions)?));
    if let Err(report) = noted {
        context.ui.warning(format!(
            "the command ran, and that could not be noted ({}): the next run runs it again",
            report.messages().join("; ")
        ));
    }
}

/// A failure changes nothing, but for what was done before the command ran.
fn what_stands(untold: &[Untold]) -> String {
    match untold.iter().all(|it| it.certificates.is_empty()) {
        true => String::from("the new CRLs stand"),
        false => format!("{} all the same", what_is_made(untold)),
    }
}

/// In words, as in: node1 and 3 more were made anew.
fn what_is_made(untold: &[Untold]) -> String {
    let certificates = untold.iter().flat_map(|it| &it.certificates);
    let mut names: Vec<_> = certificates.map(|place| &place.name).collect();
    names.dedup();
    match names[..] {
        [] => String::from("new CRLs were made"),
        [name] => format!("`{name}` was made anew"),
        [name, ref others @ ..] => format!("`{name}` and {} more were made anew", others.len()),
    }
}
