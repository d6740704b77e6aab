//! Another tool's PKI, read and taken over.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{Context, Report, bounded::Kind, input::Input};
use crate::{
    host::source_tree::SourceTree,
    import::{
        Files as _, Tool, Unrecognised,
        gather::{Found, Wanted, gather},
        plan::{Mistake, Plan, Terms, plan},
        recognise,
    },
    issuance::takeover::{Manner, carry_out, knowledge},
    pki::{entry_name::EntryName, name::visible},
    store::{Access, Pki, ledger::Record},
};

/// Where it lies, and what of it is wanted.
pub(crate) struct Source {
    /// Its folder
    pub(crate) path: PathBuf,
    /// The tool that has made it, where somebody says so
    pub(crate) tool: Option<Tool>,
    /// What its CA is called here
    pub(crate) ca: Option<EntryName>,
    /// Whether private keys are taken too
    pub(crate) keys: bool,
    /// CRLs that lie elsewhere
    pub(crate) lists: Vec<PathBuf>,
}

/// What was taken over, or would be.
pub(crate) struct Import {
    pub(crate) pki: Pki,
    pub(crate) found: Found,
    pub(crate) plan: Plan,
    /// What is on record since then
    pub(crate) records: Vec<Record>,
    /// Whether the source is the PKI directory itself
    pub(crate) is_in_place: bool,
}

impl Source {
    /// Reads it, and takes it over in one transaction.
    pub(crate) fn take_over(&self, context: &Context, dry_run: bool) -> Result<Import, Report> {
        let (found, is_in_place) = self.found(context)?;
        let access = if is_in_place {
            Access::Rebuild
        } else {
            Access::Create
        };
        let mut pki = context.open(access)?;
        let mut here = knowledge(&pki)?;
        if is_in_place {
            here.owners.clear();
        }
        let terms = Terms {
            ca: self.ca.as_ref(),
            now: context.now,
            is_in_place,
        };
        let manner = Manner {
            dry_run,
            is_in_place,
        };
        let plan = plan(&found, &here, &terms).map_err(|mistakes| self.mistaken(&mistakes))?;
        let records = match plan.has_changes() {
            true => carry_out(&mut pki, &plan, manner)?,
            false => Vec::new(),
        };
        Ok(Import {
            pki,
            found,
            plan,
            records,
            is_in_place,
        })
    }

    /// Its folder, as it is printed.
    pub(crate) fn shown(&self) -> String {
        visible(&self.path.to_string_lossy()).into_owned()
    }

    /// Whether it is the PKI directory itself.
    fn is_in_place(&self, context: &Context, tool: Tool) -> bool {
        let dir = &context.dir;
        tool == Tool::Certctl && (is_same(&self.path, dir) || is_same(&self.path.join("pki"), dir))
    }

    /// Refuses to make a PKI directory of the folder in which another tool keeps its files: nothing is written there.
    fn keep_apart(&self, context: &Context, tool: Tool, base: &str) -> Result<(), Report> {
        if tool == Tool::Certctl || !is_same(&self.path.join(base), &context.dir) {
            return Ok(());
        }
        let message = format!(
            "the PKI directory would be {}, where {tool} keeps its files",
            visible(&context.dir.to_string_lossy())
        );
        Err(Report::refused("in-source", message)
            .hint("nothing is written into what is imported: `--dir DIR` names another directory"))
    }

    /// All that the source holds, and whether it is the PKI directory itself.
    fn found(&self, context: &Context) -> Result<(Found, bool), Report> {
        let tree = SourceTree::open(&self.path).map_err(|error| self.unread(&error))?;
        let (tool, base) =
            recognise(&tree, self.tool).map_err(|error| self.unrecognised(&error))?;
        self.keep_apart(context, tool, base)?;
        let is_in_place = self.is_in_place(context, tool);
        let wanted = Wanted {
            keys: self.keys,
            ledger: !is_in_place,
        };
        let gathered = gather(&tree, (tool, base), wanted);
        self.refuse_changed(&tree)?;
        let mut found = gathered.map_err(|mistakes| {
            let reports = mistakes.into_iter().map(|mistake| Report::failed("import", mistake));
            let report = Report::all(reports.collect());
            let report = report.unwrap_or_else(|| Report::failed("import", self.shown()));
            report.hint("what is left out could be a revocation: mend the file, or take it out of the folder")
        })?;
        for path in &self.lists {
            let input = Input::read(path, Kind::RevocationList)?;
            let lists = input.revocation_lists()?.into_iter();
            found
                .lists
                .extend(lists.map(|list| (input.name.clone(), list)));
        }
        Ok((found, is_in_place))
    }

    /// Half of what was there before and half of what came after was never so.
    fn refuse_changed(&self, tree: &SourceTree) -> Result<(), Report> {
        let changed = tree.changed().map_err(|error| self.unread(&error))?;
        match changed {
            None => Ok(()),
            Some(path) => {
                let message = format!(
                    "{} was changed while the folder was read",
                    tree.shown(&path)
                );
                Err(Report::failed("import", message)
                    .hint("nothing was taken over: import it once nothing works there any more"))
            }
        }
    }

    fn unread(&self, error: &io::Error) -> Report {
        Report::failed("io", format!("cannot read {}: {error}", self.shown()))
    }

    fn unrecognised(&self, error: &Unrecognised) -> Report {
        let report = Report::failed("not-recognised", format!("{}: {error}", self.shown()));
        match error {
            Unrecognised::None => Tool::ALL.into_iter().fold(report, |report, tool| {
                report.hint(format!(
                    "{tool}: {} would be there",
                    tool.looks_for().trim_end_matches(',')
                ))
            }),
            Unrecognised::Several(_) => report.hint("say which with `--from TOOL`"),
            Unrecognised::Other(_) => report,
        }
    }

    fn mistaken(&self, mistakes: &[Mistake]) -> Report {
        let report = |mistake: &Mistake| {
            match mistake {
            Mistake::Taken(name) => Report::refused("exists", mistake)
                .hint(format!("take another name than `{name}`, or none")),
            Mistake::Otherwise(name) => Report::usage(mistake).hint(format!("leave `--ca` out, or write `--ca {name}`")),
            Mistake::NoAuthority => Report::failed("import", format!("{}: {mistake}", self.shown()))
                .hint("name the CA here that it belongs to with `--ca NAME`"),
            Mistake::NoParent { .. } => Report::failed("import", mistake).hint(
                "adopt its issuer first: `certctl init-ca NAME --cert FILE` a root; its key can stay where it is",
            ),
            Mistake::WhoseIndex(_) => Report::failed("import", mistake).hint("name that CA with `--ca NAME`"),
            Mistake::Rotating { .. } => Report::refused("rotating", mistake)
                .hint("finish the rotation there with `certctl rotate-ca finish`, or go back with `certctl rotate-ca abort`"),
            Mistake::Partial(_) => Report::failed("import", mistake).hint("give the complete CRL with `--crl FILE`"),
            Mistake::Clash { .. } | Mistake::Twice { .. } => Report::failed("import", mistake)
                .hint("a CA that gave a number twice cannot revoke the one without the other: take out of the folder what is not in use"),
            Mistake::Unfit { .. } | Mistake::ManyAuthorities(_) => Report::failed("import", mistake),
        }
        };
        let reports = mistakes.iter().map(report).collect();
        Report::all(reports).unwrap_or_else(|| Report::failed("import", self.shown()))
    }
}

/// Whether two paths lead to one place.
fn is_same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}
