//! `certctl config`: print the configuration that a server accepts.

use std::{
    path::{Path, PathBuf},
    slice,
};

use clap::Args;

use super::{
    Context, Report, Run,
    args::{authority_name, entry_name, name_of_entry},
    emitting::{DESTINATION, EmitArgs, tell_findings},
    laid,
    report::Outcome,
};
use crate::{
    documents::{config::Document, config_folders, servers::documents},
    pki::entry_name::EntryName,
    session::configuring::{Wish, Written},
    supply::Presented,
};

/// Print the configuration that a server accepts
///
/// Every listener of the server uses the entry NAME unless it is given one of its own. What would
/// be insecure or would not work, as certctl check finds it, is said on stderr. Without --target-dir
/// the PKI directory's own files are named. Servers that can refuse revoked certificates do so once
/// every CA has a CRL, which certctl crl --all makes.
#[derive(Args, Debug)]
#[command(after_help = include_str!("../../templates/config.help"))]
pub(crate) struct Config {
    /// Server to write for; --list shows all
    #[arg(value_name = "SERVER", required_unless_present = "list")]
    server: Option<String>,
    /// Entry whose certificate the server presents [default: the only one]; several with --out-dir
    #[arg(value_name = "NAME", value_parser = name_of_entry)]
    names: Vec<EntryName>,
    /// Write for every entry that can present its certificate to these listeners
    #[arg(long, conflicts_with = "names", requires = "out_dir")]
    all: bool,
    /// Write a folder for each entry; a file that would be the same is left alone
    #[arg(long, value_name = "DIR", group = DESTINATION)]
    out_dir: Option<PathBuf>,
    /// Listeners to write, separated by commas, each with an entry of its own where one is given
    ///
    /// `{name}` in an entry's name stands for NAME.
    #[arg(long, value_name = "LISTENER[=ENTRY]", value_delimiter = ',', value_parser = listener)]
    listener: Vec<Presented>,
    /// Format [default: the server's own configuration file]
    #[arg(long = "as", value_name = "FORMAT")]
    format: Option<String>,
    /// Directory where the files will lie on the node; `{name}` stands for NAME
    #[arg(long, value_name = "DIR")]
    target_dir: Option<PathBuf>,
    /// CA whose clients are let in; those without a certificate are refused
    #[arg(long, value_name = "CA", value_parser = authority_name)]
    client_ca: Option<EntryName>,
    /// CA whose servers are dialled, where the server dials others [default: the one that has signed servers]
    #[arg(long, value_name = "CA", value_parser = authority_name)]
    server_ca: Option<EntryName>,
    /// List servers with their listeners and formats, or what is known of SERVER
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    emit: EmitArgs,
}

fn listener(text: &str) -> Result<Presented, String> {
    let Some((listener, entry)) = text.split_once('=') else {
        return Ok((text.to_owned(), None));
    };
    // Whatever it becomes later, a name that can never be one is a mistake here.
    entry_name(&entry.replace("{name}", "x"))?;
    Ok((listener.to_owned(), Some(entry.to_owned())))
}

impl Run for Config {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let catalogue = self.emit.catalogue()?;
        let Some(name) = &self.server else {
            let servers = catalogue.servers()?;
            let all = documents(&servers);
            let text = || all.text(context.ui.width());
            context.ui.result(text, &all)?;
            return Ok(Outcome::Unchanged);
        };
        let server = catalogue.server(name)?;
        if self.list {
            let only = documents(slice::from_ref(&server));
            let text = || only.servers[0].text(context.ui.width());
            context.ui.result(text, &only)?;
            return Ok(Outcome::Unchanged);
        }
        let format = server.format(self.format.as_deref())?;
        let wish = Wish {
            server: &server,
            format,
            names: &self.names,
            all: self.all,
            listeners: &self.listener,
            client_ca: self.client_ca.as_ref(),
            server_ca: self.server_ca.as_ref(),
            version: self.emit.server_version.as_ref(),
            target_dir: self.target_dir.as_deref(),
            set: &self.emit.set,
        };
        match &self.out_dir {
            Some(folder) => self.folders(context, &wish, folder),
            None => self.one(context, &wish),
        }
    }
}

impl Config {
    fn one(&self, context: &Context, wish: &Wish<'_>) -> Result<Outcome, Report> {
        let rendered = wish.one(context)?;
        let document = Document::new(wish.server, wish.format, &rendered);
        let outcome = self.emit.deliver(context, &rendered, &document)?;
        tell_place(context, wish);
        Ok(outcome)
    }

    /// A folder for each entry, all of them or none.
    fn folders(
        &self,
        context: &Context,
        wish: &Wish<'_>,
        folder: &Path,
    ) -> Result<Outcome, Report> {
        let (written, laying) = wish.folders(folder, context)?;
        let dry_run = self.emit.dry_run;
        laid::refuse(&laying, self.emit.force)?;
        if !dry_run {
            laid::carry_out(&laying)?;
        }
        context.ui.verdict(
            laying.has_changes(),
            || laid::text(&[&laying], dry_run),
            &config_folders::Document::new(wish.server, wish.format, &written, &laying),
        )?;
        if !context.ui.is_json() {
            let of = |(name, it): &Written| (name.clone(), it.findings.clone());
            let found: Vec<_> = written.iter().map(of).collect();
            tell_findings(context, &found, laying.has_changes());
            for (name, rendered) in &written {
                for (from, to) in &rendered.copies {
                    context.ui.detail(format!("{name}: copy {from} to {to}"));
                }
            }
            tell_place(context, wish);
        }
        let findings = written.iter().flat_map(|(_, it)| &it.findings);
        Ok(self.emit.outcome(findings, laying.has_changes()))
    }
}

fn tell_place(context: &Context, wish: &Wish<'_>) {
    if !wish.format.path.is_empty() {
        context.ui.detail(format!("place: {}", wish.format.path));
    }
    let reload = &wish.server.manifest.reload;
    context.ui.detail(format!("new certificates: {reload}"));
}
