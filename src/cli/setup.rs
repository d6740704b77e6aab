//! `certctl setup`: the first hour in one conversation.

use std::{
    path::{Path, PathBuf},
    rc::Rc,
};

use clap::Args;
use zeroize::Zeroizing;

mod reading_back;
mod remembered;

use super::{
    Context, Report, Run,
    emitting::{TemplatesArgs, tell_findings},
    laid,
    passphrases::PassphraseArgs,
    report::Outcome,
    ui,
};
use crate::{
    documents,
    fleet::{self, Fleet},
    issuance::authorities::authorities,
    kit::{self, Kit, Wish},
    pki::secret::Passphrase,
    reconcile::{Extfiles, Plan},
    session::plans,
    setup::{
        person::{Person, Unanswered},
        questions::{self, Answered},
    },
    store::{
        Access, Pki,
        files::PUBLIC,
        outside::{Laying, Sheet},
    },
    supply::{System, printable},
};
use reading_back::read_back;

const FLEET: &str = "fleet.toml";
const OUT_DIR: &str = "out";

/// Set up a cluster: ask what it is to be, and make it
///
/// Asks for the server, its nodes and clients, and what else there is to know; each question has a
/// default and an option. Then it shows the plan, asks once, writes the fleet file, makes CAs and
/// certificates as certctl apply does, and lays a folder for each node, ready to copy, with the
/// commands that follow in next.md. The same answers again change nothing; they are kept in answers.toml.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl setup\n  \
    certctl setup --server redis --nodes 'node[1-3]' --addresses '10.0.0.[11-13]' --yes\n  \
    certctl setup --answers out/answers.toml --yes --force")]
pub(crate) struct Setup {
    /// TOML file with answers, named as the options are, with `_` for `-`
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// Server; `certctl config --list` shows all
    #[arg(long, value_name = "SERVER")]
    server: Option<String>,
    /// Its version
    #[arg(long, value_name = "VERSION")]
    server_version: Option<String>,
    /// Names of the nodes, as in node[1-3] or db1,db2
    #[arg(long, value_name = "NAMES")]
    nodes: Option<String>,
    /// Their IP addresses in the same order, as in 10.0.0.[11-13], or `none`
    #[arg(long, value_name = "ADDRESSES")]
    addresses: Option<String>,
    /// Domain below which the nodes are reached, or `none`
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
    /// Names of the clients, or `none`
    #[arg(long, value_name = "NAMES")]
    clients: Option<String>,
    /// Directory where certificate and key will lie on a node; `{name}` stands for its name
    #[arg(long, value_name = "DIR")]
    target_dir: Option<String>,
    /// Days that a certificate is valid
    #[arg(long, value_name = "N")]
    days: Option<u32>,
    /// Days that a root is valid
    #[arg(long, value_name = "N")]
    ca_days: Option<u32>,
    /// Option of the server, or parameter of its templates (can be repeated)
    #[arg(long, value_name = "KEY=VALUE", value_parser = super::emitting::pair)]
    set: Vec<(String, String)>,
    /// Take the default wherever there is no answer, and ask nothing
    #[arg(short, long)]
    yes: bool,
    /// Fleet file to write
    #[arg(long, value_name = "FILE", default_value = FLEET)]
    fleet: PathBuf,
    /// Folder in which a folder for each node is laid
    #[arg(long, value_name = "DIR", default_value = OUT_DIR)]
    out_dir: PathBuf,
    /// Replace files that are there and different
    #[arg(short, long)]
    force: bool,
    /// Say what would be done, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    templates: TemplatesArgs,
}

impl Run for Setup {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let answers = self.answers()?;
        let catalogue = self.templates.catalogue()?;
        let answered = questions::ask(&AtTerminal { context }, &catalogue, &answers, self.yes)
            .map_err(|it| unanswered(it, self.yes))?;
        let asks = !self.yes && !self.dry_run && ui::is_interactive();
        let mut agreed = (!asks).then_some(Agreed::default());
        loop {
            // The PKI directory is not held open while somebody thinks: who leaves then leaves nothing.
            match self.pass(context, &answered, agreed.as_ref())? {
                Seen::Done(outcome) => return Ok(outcome),
                Seen::Plan { text, makes } => {
                    let before = agreed.take().unwrap_or_default();
                    let Some(now) = self.agree(context, text, makes, before)? else {
                        context.ui.note("nothing was changed");
                        return Ok(Outcome::Unchanged);
                    };
                    agreed = Some(now);
                }
            }
        }
    }
}

/// What somebody said yes to, and the passphrase of the new CAs, where they get one by question.
#[derive(Default)]
struct Agreed {
    /// The plan as it was shown; whatever it is where nobody was asked
    text: Option<String>,
    passphrase: Option<Rc<Passphrase>>,
}

/// How far it went.
enum Seen {
    Done(Outcome),
    /// Somebody has to agree first
    Plan {
        text: String,
        /// Whether CAs are made
        makes: bool,
    },
}

const fn outcome(has_changes: bool) -> Outcome {
    match has_changes {
        true => Outcome::Changed,
        false => Outcome::Unchanged,
    }
}

impl Setup {
    /// Plans, and does it where that is what was agreed to.
    fn pass(
        &self,
        context: &Context,
        answered: &Answered,
        agreed: Option<&Agreed>,
    ) -> Result<Seen, Report> {
        let (fleet_path, folder) = (printable(&self.fleet)?, printable(&self.out_dir)?);
        let mut pki = context.open(Access::Create)?;
        let there = authorities(&pki)?;
        let text = answered.cluster.fleet();
        let fleet = fleet::parse(fleet_path, &text, &NoFiles, &there)
            .map_err(|mistakes| Report::of_file("fleet", mistakes))?;
        let named: Vec<_> = fleet
            .authorities
            .iter()
            .map(|spec| spec.name.clone())
            .collect();
        let passphrases = self.passphrase.among(context, &pki, &named)?;
        let extfiles = Extfiles::new();
        let plan = Plan::new(&pki, &there, &fleet, &extfiles, false, context.now)?;
        plans::refuse_other_keys(&plan)?;
        let kit = self.kit(context, &pki, answered, &fleet, folder)?;
        let due: Vec<_> = plan.due().iter().map(|spec| spec.name.as_str()).collect();
        let planned = [
            self.fleet_laying(&text)?,
            self.laying(&pki, &kit, |name| due.contains(&name))?,
        ];
        let is_first = agreed.is_none_or(|agreed| agreed.text.is_none());
        if is_first && !context.ui.is_json() {
            tell_findings(context, &kit.findings());
        }
        let refused = planned
            .iter()
            .map(|laying| laid::refuse(laying, self.force));
        let refused = refused.filter_map(Result::err).collect();
        Report::all(refused).map_or(Ok(()), Err)?;
        let has_changes = plan.has_changes() || planned.iter().any(Laying::has_changes);
        if !has_changes {
            read_back(context, &answered.server, &kit)?;
        }
        if self.dry_run || !has_changes {
            self.tell(context, answered, &plan, &pki, &planned)?;
            return Ok(Seen::Done(outcome(has_changes)));
        }
        let shown = self.text(&plan, &planned);
        let is_agreed = |agreed: &&Agreed| agreed.text.as_ref().is_none_or(|text| *text == shown);
        let Some(agreed) = agreed.filter(is_agreed) else {
            let makes = plan.made().next().is_some();
            return Ok(Seen::Plan { text: shown, makes });
        };
        if plan.has_changes() {
            let asked = agreed.passphrase.as_ref();
            plans::carry_out(&plan, context, &mut pki, &passphrases, asked)?;
        }
        laid::carry_out(&planned[0])?;
        laid::carry_out(&self.laying(&pki, &kit, |_| false)?)?;
        read_back(context, &answered.server, &kit)?;
        if is_first || context.ui.is_json() {
            self.tell(context, answered, &plan, &pki, &planned)?;
        }
        if !context.ui.is_json() {
            let next = self.out_dir.join(kit::NEXT);
            context
                .ui
                .note(format!("{} has what comes next", next.display()));
        }
        Ok(Seen::Done(Outcome::Changed))
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
        compared(&self.out_dir, sheets)
    }

    /// Shows the plan and asks; nothing where the answer is no.
    fn agree(
        &self,
        context: &Context,
        text: String,
        makes: bool,
        before: Agreed,
    ) -> Result<Option<Agreed>, Report> {
        let mut passphrase = before.passphrase;
        if makes && before.text.is_none() && !self.passphrase.is_given() {
            context.ui.note(
                "A passphrase keeps who reads the files from signing; renewals then need it, too. (--passphrase-file)",
            );
            if ui::confirm("Encrypt the keys of the CAs", false)? {
                let typed = ui::ask_passphrase("of the new CA keys", true)?;
                passphrase = Some(Rc::new(Passphrase::new(typed)));
            }
        }
        match context.ui.is_json() {
            true => text.lines().for_each(|line| context.ui.note(line)),
            false => context.ui.print(&text)?,
        }
        let agreed = Agreed {
            text: Some(text),
            passphrase,
        };
        Ok(ui::proceed("Make it so")?.then_some(agreed))
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

/// Who sits there.
struct AtTerminal<'a> {
    context: &'a Context,
}

impl Person for AtTerminal<'_> {
    type Error = Report;

    fn is_there(&self) -> bool {
        ui::is_interactive()
    }

    fn hears(&self, text: &str, is_wrong: bool) {
        match is_wrong {
            true => self.context.ui.warning(text),
            false => self.context.ui.note(text),
        }
    }

    fn answers(&self, words: &str, usual: Option<&str>) -> Result<String, Report> {
        ui::ask(words, usual)
    }
}

/// All that is wrong, and all that is missing.
fn unanswered(unanswered: Unanswered<Report>, takes_usual: bool) -> Report {
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
