//! `certctl config`: print the configuration that a server accepts.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::{
    Context, Report, Run, args::entry_name, catalogue, emitting::EmitArgs, fallen::warn_of_fallen,
    report::Outcome,
};
use crate::{
    emit::{Entry, Finding, Format, Request, Server},
    inspection::judge_written,
    pki::entry_name::EntryName,
    store::{Access, Pki, layout::Area, ledger::Status},
    supply::{System, authority, entry, printable, revocations, server_authority},
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
    /// Entry whose certificate the server presents [default: the only one]
    #[arg(value_name = "NAME", value_parser = entry_name)]
    name: Option<EntryName>,
    /// Listeners to write, separated by commas, each with an entry of its own where one is given
    #[arg(long, value_name = "LISTENER[=ENTRY]", value_delimiter = ',', value_parser = listener)]
    listener: Vec<(String, Option<EntryName>)>,
    /// Format [default: the server's own configuration file]
    #[arg(long = "as", value_name = "FORMAT")]
    format: Option<String>,
    /// Directory where the files will lie on the node
    #[arg(long, value_name = "DIR")]
    target_dir: Option<PathBuf>,
    /// CA whose clients are let in; those without a certificate are refused
    #[arg(long, value_name = "CA", value_parser = entry_name)]
    client_ca: Option<EntryName>,
    /// CA whose servers are dialled, where the server dials others [default: the one that has signed servers]
    #[arg(long, value_name = "CA", value_parser = entry_name)]
    server_ca: Option<EntryName>,
    /// List servers with their listeners and formats, or what is known of SERVER
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    emit: EmitArgs,
}

fn listener(text: &str) -> Result<(String, Option<EntryName>), String> {
    match text.split_once('=') {
        Some((listener, entry)) => Ok((listener.to_owned(), Some(entry_name(entry)?))),
        None => Ok((text.to_owned(), None)),
    }
}

/// `certctl/config/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Document<'a> {
    schema: &'static str,
    /// Name of the server
    server: &'a str,
    /// Version of the server that it is for
    version: &'a str,
    /// As `--as` takes it
    format: &'a str,
    /// Where the snippet goes on a node; empty where there is no such place
    path: &'a str,
    /// Whether the snippet holds a secret
    secret: bool,
    /// The configuration
    snippet: &'a str,
    /// What to copy to the node
    copies: Vec<Copy<'a>>,
    /// What is to be said about it
    findings: &'a [Finding],
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Copy<'a> {
    /// File or directory here
    from: &'a str,
    /// Where the snippet expects it on the node
    to: &'a str,
}

impl Run for Config {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let catalogue = self.emit.catalogue()?;
        let Some(name) = &self.server else {
            let servers = catalogue.servers()?;
            return catalogue::list(context, &servers);
        };
        let server = catalogue.server(name)?;
        if self.list {
            return catalogue::describe(context, &server);
        }
        let format = server.format(self.format.as_deref())?;
        let (request, pki) = self.request(context, &server, format)?;
        let mut rendered = server.render(format, &request, System::new(pki.as_ref()))?;
        judge_written(&server, format, &request, &mut rendered, context.now)?;
        let document = Document {
            schema: "certctl/config/v1",
            server: &server.name,
            version: &rendered.version,
            format: &format.name,
            path: &format.path,
            secret: rendered.secret,
            snippet: &rendered.text,
            copies: rendered
                .copies
                .iter()
                .map(|(from, to)| Copy { from, to })
                .collect(),
            findings: &rendered.findings,
        };
        let outcome = self.emit.deliver(context, &rendered, &document)?;
        if !format.path.is_empty() {
            context.ui.detail(format!("place: {}", format.path));
        }
        let reload = &server.manifest.reload;
        context.ui.detail(format!("new certificates: {reload}"));
        Ok(outcome)
    }
}

impl Config {
    fn request(
        &self,
        context: &Context,
        server: &Server,
        format: &Format,
    ) -> Result<(Request, Option<Pki>), Report> {
        let names: Vec<_> = self.listener.iter().map(|(name, _)| name.clone()).collect();
        let chosen = server.chosen(format, &names)?;
        let mut request = Request {
            version: self.emit.server_version.clone(),
            target_dir: self.target_dir()?,
            set: self.emit.set.clone(),
            name: self
                .name
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            ..Request::default()
        };
        if chosen.is_empty() && self.client_ca.is_none() {
            return Ok((request, None));
        }
        let pki = context.open(Access::Read)?;
        for listener in &chosen {
            let facts = match listener.anonymous {
                true => Entry::default(),
                false => self.entry(context, &pki, &listener.name, &request)?,
            };
            request.listeners.push((listener.name.clone(), facts));
        }
        let presented = request.listeners.iter().map(|(_, entry)| entry);
        if let (true, Some(first)) = (request.name.is_empty(), presented.clone().next()) {
            request.name.clone_from(&first.name);
        }
        if self.server_ca.is_some() || chosen.iter().any(|listener| listener.dials) {
            let roots: Vec<_> = presented.flat_map(|it| it.roots.clone()).collect();
            request.server_ca = server_authority(&pki, self.server_ca.as_ref(), &roots)?;
        }
        let client_ca = self.client_ca.as_ref().map(|name| authority(&pki, name));
        request.client_ca = client_ca.transpose()?;
        request.revocations = revocations(&pki)?;
        Ok((request, Some(pki)))
    }

    /// The entry that a listener presents; read once for all that present it.
    fn entry(
        &self,
        context: &Context,
        pki: &Pki,
        listener: &str,
        request: &Request,
    ) -> Result<Entry, Report> {
        let mut asked = self.listener.iter().filter(|(name, _)| name == listener);
        let own = asked.find_map(|(_, entry)| entry.clone());
        let name = match own.or_else(|| self.name.clone()) {
            Some(name) => name,
            None => only_entry(pki)?,
        };
        let mut known = request.listeners.iter().map(|(_, entry)| entry);
        match known.find(|entry| entry.name == name.as_str()) {
            Some(known) => Ok(known.clone()),
            None => {
                warn_of_fallen(context, pki, &name)?;
                Ok(entry(pki, &name)?)
            }
        }
    }

    fn target_dir(&self) -> Result<Option<String>, Report> {
        let Some(path) = &self.target_dir else {
            return Ok(None);
        };
        match path.is_absolute() {
            true => Ok(Some(printable(path)?.to_owned())),
            false => Err(Report::usage(format!(
                "--target-dir {}: write an absolute path",
                path.display()
            ))
            .hint("servers may change their directory before they open the files")),
        }
    }
}

/// The entry that is meant where none is named: the only one that is not for a client.
fn only_entry(pki: &Pki) -> Result<EntryName, Report> {
    let mut names = Vec::new();
    pki.ledger().for_each(|record| {
        let answers = record.kind.area() == Area::Entries && record.kind.name() != "client";
        if answers && record.status == Status::Current && names.len() < 2 {
            names.push(record.name);
        }
    })?;
    match &names[..] {
        [name] => Ok(name.clone()),
        [] => Err(
            Report::failed("no-entry", "there is no entry that a server could present")
                .hint("make one with `certctl issue node1`"),
        ),
        _ => Err(
            Report::usage("there are several entries: name the one that the server presents")
                .hint(format!("for example `{}`", names[0])),
        ),
    }
}
