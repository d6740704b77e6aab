//! A cluster as `setup` makes it: planned, and made once somebody agrees to the plan.

use std::{collections::BTreeMap, path::Path, rc::Rc};

use zeroize::Zeroizing;

use super::{
    Context, Report, bounded, emitting::tell_findings, laid, passphrases::Passphrases, plans,
    report::Outcome, secrets::Secret,
};
use crate::{
    documents,
    emit::{EmitError, Server, shell_word},
    fleet::{self, Fleet},
    inspection,
    issuance::authorities::authorities,
    kit::{self, Kit, Wish},
    pki::secret::Passphrase,
    reconcile::{Extfiles, Plan},
    setup::{Answers, person::Unanswered, questions::Answered},
    store::{
        Access, Pki,
        files::PUBLIC,
        outside::{Laying, Sheet},
    },
    supply::{System, printable},
};

/// Where the fleet file is written, and where the folders are laid, unless somebody says otherwise.
pub(crate) const FLEET: &str = "fleet.toml";
pub(crate) const OUT_DIR: &str = "out";

/// Where a cluster is laid, and how.
pub(crate) struct Founding<'a> {
    /// The fleet file
    pub(crate) fleet: &'a Path,
    /// The folder with a folder for each node
    pub(crate) out_dir: &'a Path,
    pub(crate) force: bool,
    pub(crate) dry_run: bool,
    /// Passphrases of CAs
    pub(crate) given: Vec<Secret>,
}

/// What somebody said yes to, and the passphrase of the new CAs, where they get one by question.
#[derive(Default)]
pub(crate) struct Agreed {
    /// The plan as it was shown; whatever it is where nobody was asked
    pub(crate) text: Option<String>,
    pub(crate) passphrase: Option<Rc<Passphrase>>,
}

/// How far it went.
pub(crate) enum Seen {
    Done(Outcome),
    /// Somebody has to agree first
    Plan {
        text: String,
        /// Whether CAs are made
        makes: bool,
    },
}

impl Founding<'_> {
    /// Plans, and does it where that is what was agreed to.
    pub(crate) fn pass(
        &self,
        context: &Context,
        answered: &Answered,
        agreed: Option<&Agreed>,
    ) -> Result<Seen, Report> {
        let (fleet_path, folder) = (printable(self.fleet)?, printable(self.out_dir)?);
        let mut pki = context.open(Access::Create)?;
        let there = authorities(&pki)?;
        let text = answered.cluster.fleet();
        let fleet = fleet::parse(fleet_path, &text, &NoFiles, &there)
            .map_err(|mistakes| Report::of_file("fleet", mistakes))?;
        let named = fleet.authorities.iter().map(|spec| spec.name.clone());
        let named: Vec<_> = named.collect();
        let passphrases = Passphrases::among(self.given.clone(), context, &pki, &named)?;
        let extfiles = Extfiles::new();
        let plan = Plan::new(&pki, &there, &fleet, &extfiles, false, context.now)?;
        plans::refuse_other_keys(&plan)?;
        let kit = self.kit(context, &pki, answered, &fleet, folder)?;
        let due: Vec<_> = plan.due().iter().map(|spec| spec.name.as_str()).collect();
        let planned = [
            self.fleet_laying(&text)?,
            self.laying(&pki, &kit, |name| due.contains(&name))?,
        ];
        let has_changes = plan.has_changes() || planned.iter().any(Laying::has_changes);
        let is_first = agreed.is_none_or(|agreed| agreed.text.is_none());
        if is_first && !context.ui.is_json() {
            tell_findings(context, &kit.findings(), has_changes);
        }
        let refused = planned.iter().map(|it| laid::refuse(it, self.force));
        Report::none(refused.filter_map(Result::err))?;
        if !has_changes {
            self.read_back(context, &answered.server, &kit, has_changes)?;
        }
        if self.dry_run || !has_changes {
            self.tell(context, answered, &plan, &pki, &planned)?;
            return Ok(Seen::Done(Outcome::changed(has_changes)));
        }
        let shown = self.text(&plan, &planned);
        let is_agreed = |agreed: &&Agreed| agreed.text.as_ref().is_none_or(|text| *text == shown);
        let Some(agreed) = agreed.filter(is_agreed) else {
            let makes = plan.made().next().is_some();
            return Ok(Seen::Plan { text: shown, makes });
        };
        if plan.has_changes() {
            let asked = agreed.passphrase.as_ref();
            plans::carry_out(&plan, context, &mut pki, &passphrases, asked, Vec::new())?;
        }
        laid::carry_out(&planned[0])?;
        laid::carry_out(&self.laying(&pki, &kit, |_| false)?)?;
        self.read_back(context, &answered.server, &kit, has_changes)?;
        if is_first || context.ui.is_json() {
            self.tell(context, answered, &plan, &pki, &planned)?;
        }
        if !context.ui.is_json() {
            let next = self.out_dir.join(kit::NEXT);
            let note = format!("{} has what comes next", next.display());
            context.ui.note(note);
        }
        Ok(Seen::Done(Outcome::Changed))
    }

    /// Says what `check` finds in what was laid, now that the certificates are there.
    fn read_back(
        &self,
        context: &Context,
        server: &Server,
        kit: &Kit,
        is_new: bool,
    ) -> Result<(), Report> {
        let found = kit.written.iter().map(|it| {
            let format = server.format(Some(&it.format))?;
            let laid = it.laid(self.out_dir);
            let found = inspection::judge(server, format, &it.request, &laid, context.now)?;
            Ok((it.node.clone(), found))
        });
        let found: Result<Vec<_>, EmitError> = found.collect();
        tell_findings(context, &found?, is_new);
        Ok(())
    }

    fn kit(
        &self,
        context: &Context,
        pki: &Pki,
        answered: &Answered,
        fleet: &Fleet,
        folder: &str,
    ) -> Result<Kit, Report> {
        let wish = Wish {
            server: &answered.server,
            version: answered.version.clone(),
            cluster: &answered.cluster,
            fleet,
            directory: answered.directory.clone(),
            set: answered.set.clone(),
            folder: folder.to_owned(),
            answers: &answered.answers,
            certctl: context.command("").trim_end().to_owned(),
            again: self.again(context),
        };
        let secrets = System::remembering(Some(pki), self.secrets()?);
        Ok(Kit::new(&wish, pki, &secrets)?)
    }

    fn fleet_laying(&self, text: &str) -> Result<Laying, Report> {
        let above = self.fleet.parent().filter(|it| !it.as_os_str().is_empty());
        let folder = above.unwrap_or(Path::new(""));
        let sheet = Sheet {
            path: self.fleet.file_name().unwrap_or_default().into(),
            octets: Zeroizing::new(text.as_bytes().to_vec()),
            mode: PUBLIC,
        };
        compared(folder, vec![sheet])
    }

    fn laying(
        &self,
        pki: &Pki,
        kit: &Kit,
        is_pending: impl Fn(&str) -> bool,
    ) -> Result<Laying, Report> {
        let sheets = kit.sheets(pki, is_pending);
        let sheets = sheets.map_err(|(path, error)| laid::failed(&path, &error))?;
        compared(self.out_dir, sheets)
    }

    /// The plan: what is made, then what is written.
    fn text(&self, plan: &Plan<'_>, planned: &[Laying; 2]) -> String {
        let certificates = plans::text(plan.changes(), false);
        let files = laid::text(&planned.iter().collect::<Vec<_>>(), self.dry_run);
        format!("{certificates}\n{files}")
    }

    fn tell(
        &self,
        context: &Context,
        answered: &Answered,
        plan: &Plan<'_>,
        pki: &Pki,
        planned: &[Laying; 2],
    ) -> Result<(), Report> {
        let document = documents::setup::document(
            &answered.server.name,
            plan.changes(),
            pki.layout(),
            planned,
        );
        let has_changes = plan.has_changes() || planned.iter().any(Laying::has_changes);
        context
            .ui
            .verdict(has_changes, || self.text(plan, planned), &document)
    }

    /// What lays the same folders again, without a question.
    fn again(&self, context: &Context) -> String {
        let word = |path: &Path| shell_word(&path.display().to_string());
        let places = [
            ("--fleet", self.fleet, FLEET),
            ("--out-dir", self.out_dir, OUT_DIR),
        ];
        let others = places
            .into_iter()
            .filter(|(_, path, usual)| *path != Path::new(usual));
        let others: String = others
            .map(|(option, path, _)| format!(" {option} {}", word(path)))
            .collect();
        let answers = word(&self.out_dir.join(kit::ANSWERS));
        context.command(&format!("setup --answers {answers}{others} --yes --force"))
    }

    /// The secrets of the last time.
    fn secrets(&self) -> Result<BTreeMap<String, Zeroizing<String>>, Report> {
        let path = self.out_dir.join(kit::SECRETS);
        if path.symlink_metadata().is_err() {
            return Ok(BTreeMap::new());
        }
        let text = read(&path)?;
        let read: BTreeMap<String, String> = toml::from_str(&text).map_err(|_| {
            let message = format!("{}: not what `certctl setup` wrote", path.display());
            Report::failed("answers", message)
                .hint("without it new secrets are made, and every node needs its new files")
        })?;
        Ok(read
            .into_iter()
            .map(|(label, it)| (label, Zeroizing::new(it)))
            .collect())
    }
}

fn compared(folder: &Path, sheets: Vec<Sheet>) -> Result<Laying, Report> {
    let shown = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let laying = Laying::compare(shown, sheets);
    laying.map_err(|error| laid::failed(folder, &error))
}

/// What a fleet file made here includes.
struct NoFiles;

impl fleet::Loader for NoFiles {
    fn load(&self, _: &str) -> Result<String, String> {
        Err(String::from("it includes none"))
    }
}

/// The answers of a file.
pub(crate) fn answers(path: &Path) -> Result<Answers, Report> {
    Answers::parse(&path.display().to_string(), &read(path)?)
        .map_err(|mistakes| Report::of_file("answers", mistakes))
}

fn read(path: &Path) -> Result<Zeroizing<String>, Report> {
    let mut allowance = bounded::Allowance::of(bounded::Kind::Fleet);
    let text = allowance.read(path).and_then(bounded::text);
    text.map_err(|error| {
        Report::failed(
            "answers",
            format!("cannot read {}: {error}", path.display()),
        )
    })
}

/// All that is wrong, and all that is missing.
pub(crate) fn unanswered(unanswered: Unanswered<Report>, takes_usual: bool) -> Report {
    let (mistakes, missing) = match unanswered {
        Unanswered::Emit(errors) => return errors.into(),
        Unanswered::NoServer => return Report::failed("template", "no server is known"),
        Unanswered::Person(report) => return report,
        Unanswered::Mistakes { mistakes, missing } => (mistakes, missing.join(", ")),
    };
    let mut reports: Vec<_> = mistakes.into_iter().map(Report::usage).collect();
    if !missing.is_empty() {
        let report = Report::usage(format!("there is no answer to: {missing}"));
        reports.push(match takes_usual {
            true => report.hint("these have no default"),
            false => report
                .hint("there is no terminal to ask on: give them as options, or with `--answers FILE`; `--yes` takes the defaults"),
        });
    }
    Report::all(reports).unwrap_or_else(|| Report::failed("internal", "no mistake"))
}
