//! `certctl install-root` and `certctl uninstall-root`: what both do.

use clap::{Args, builder::PossibleValuesParser};

use super::{Context, Report, args::authority_name, open::chosen_root, report::Outcome, ui};
use crate::{
    documents::trust_stores::{Document, Plan, line},
    host::trust_stores::{self, STORES, Store},
    pki::entry_name::EntryName,
    store::{
        Access,
        layout::{Place, file},
    },
};

pub(crate) use trust_stores::Action;

/// Arguments of both commands.
#[derive(Args, Debug)]
pub(crate) struct TrustArgs {
    /// Root CA [default: the only one]
    #[arg(value_name = "CA", value_parser = authority_name)]
    name: Option<EntryName>,
    /// Store to change (can be repeated) [default: the system's]
    #[arg(long = "store", value_name = "STORE", value_parser = PossibleValuesParser::new(STORES.map(|store| store.name)))]
    stores: Vec<String>,
    /// Print the commands for every store, and run none
    #[arg(short = 'n', long, visible_alias = "print")]
    dry_run: bool,
    /// Do not ask on a terminal
    #[arg(short, long)]
    yes: bool,
}

impl TrustArgs {
    pub(crate) fn run(&self, action: Action, context: &Context) -> Result<Outcome, Report> {
        let (name, certificate, label) = self.root(context)?;
        let stores = STORES.iter().filter(|store| self.is_wanted(store, action));
        let plans: Vec<_> = stores
            .map(|store| Plan {
                store: store.name,
                about: store.about,
                commands: store.filled(action, &certificate, &label),
            })
            .collect();
        if plans.is_empty() {
            return Err(Report::failed(
                "no-store",
                "this system has none of the stores that certctl knows",
            )
            .hint("`certctl install-root --print` shows the commands for all of them"));
        }
        let document = Document {
            schema: match action {
                Action::Install => "certctl/install-root/v1",
                Action::Uninstall => "certctl/uninstall-root/v1",
            },
            name: name.as_str(),
            stores: plans,
        };
        if self.dry_run {
            context.ui.result(|| document.script(), &document)?;
            return Ok(Outcome::Changed);
        }
        if !self.yes && !ui::confirm(&question(action, &document), true)? {
            return Err(Report::failed("not-confirmed", "nothing was changed"));
        }
        for command in document.stores.iter().flat_map(|plan| &plan.commands) {
            let line = line(command);
            context.ui.detail(&line);
            trust_stores::run(command, &context.surroundings).map_err(|reason| {
                Report::failed("command", format!("`{line}`: {reason}")).hint(
                    "it may need root; `--print` prints the commands, for you to run as another user",
                )
            })?;
        }
        context.ui.result(
            || match action {
                Action::Install => format!("`{name}` is trusted now"),
                Action::Uninstall => format!("`{name}` is not trusted any more"),
            },
            &document,
        )?;
        Ok(Outcome::Changed)
    }

    /// The root's name, the path of its certificate, and a label that no other root has.
    fn root(&self, context: &Context) -> Result<(EntryName, String, String), Report> {
        let pki = context.open(Access::Read)?;
        let root = chosen_root(&pki, self.name.as_ref())?;
        let label = trust_stores::label(&root.name, &root.certificate);
        let place = pki.layout().place(&Place::authority(root.name.clone()));
        let path = place.join(file::CERTIFICATE);
        Ok((root.name, path.display().to_string(), label))
    }

    fn is_wanted(&self, store: &Store, action: Action) -> bool {
        if !self.stores.is_empty() {
            return self.stores.iter().any(|name| name == store.name);
        }
        self.dry_run || store.is_in_use(action)
    }
}

fn question(action: Action, document: &Document<'_>) -> String {
    let stores: Vec<_> = document.stores.iter().map(|plan| plan.about).collect();
    let verb = match action {
        Action::Install => "Trust",
        Action::Uninstall => "Stop trusting",
    };
    format!("{verb} `{}` ({})?", document.name, stores.join(", "))
}
