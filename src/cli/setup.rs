//! `certctl setup`: the first hour in one conversation.

use std::{path::PathBuf, rc::Rc};

use clap::Args;

use super::{
    Context, Report, Run, emitting::TemplatesArgs, passphrases::PassphraseArgs, report::Outcome, ui,
};
use crate::{
    pki::secret::Passphrase,
    session::founding::{self, Agreed, FLEET, Founding, OUT_DIR, Seen, unanswered},
    setup::{Answers, person::Person, questions},
};

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
        let founding = self.founding();
        loop {
            // The PKI directory is not held open while somebody thinks: who leaves then leaves nothing.
            match founding.pass(context, &answered, agreed.as_ref())? {
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

impl Setup {
    /// The options, and behind them the file.
    fn answers(&self) -> Result<Answers, Report> {
        let options = Answers {
            server: self.server.clone(),
            server_version: self.server_version.clone(),
            nodes: self.nodes.clone(),
            addresses: self.addresses.clone(),
            domain: self.domain.clone(),
            clients: self.clients.clone(),
            target_dir: self.target_dir.clone(),
            days: self.days,
            ca_days: self.ca_days,
            set: self.set.iter().cloned().collect(),
        };
        match &self.answers {
            Some(path) => Ok(options.or(founding::answers(path)?)),
            None => Ok(options),
        }
    }

    fn founding(&self) -> Founding<'_> {
        Founding {
            fleet: &self.fleet,
            out_dir: &self.out_dir,
            force: self.force,
            dry_run: self.dry_run,
            given: self.passphrase.given(),
        }
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
                let typed = ui::ask_secret("passphrase of the new CA keys", true)?;
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
