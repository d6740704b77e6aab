//! `certctl config`: print the configuration that a server accepts.

use std::{collections::BTreeSet, path::PathBuf};

use clap::Args;

pub(super) mod folders;

use super::{
    Context, Report, Run,
    args::{authority_name, entry_name, name_of_entry},
    catalogue,
    emitting::{DESTINATION, EmitArgs},
    fallen::warn_of_fallen,
    report::Outcome,
};
use crate::{
    documents::config::{Document, copies},
    emit::{Format, Listener, Request, Server},
    inspection::write,
    pki::entry_name::EntryName,
    store::{Access, Pki, layout::Area, ledger::Status},
    supply::{Asked, Presented, SupplyError, System, printable},
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
            return catalogue::list(context, &servers);
        };
        let server = catalogue.server(name)?;
        if self.list {
            return catalogue::describe(context, &server);
        }
        let format = server.format(self.format.as_deref())?;
        match &self.out_dir {
            Some(folder) => folders::write(&self, context, &server, format, folder),
            None => self.one(context, &server, format),
        }
    }
}

impl Config {
    /// The configuration of one node.
    fn one(&self, context: &Context, server: &Server, format: &Format) -> Result<Outcome, Report> {
        if self.names.len() > 1 {
            return Err(
                Report::usage("several entries are named, and one snippet is for one")
                    .hint("`--out-dir DIR` writes a folder for each"),
            );
        }
        let (request, pki) = self.request(context, server, format)?;
        let outside = System::new(pki.as_ref());
        let rendered = write(server, format, &request, outside, context.now)?;
        let document = Document {
            schema: "certctl/config/v1",
            server: &server.name,
            version: &rendered.version,
            format: &format.name,
            path: &format.path,
            secret: rendered.secret,
            snippet: &rendered.text,
            copies: copies(&rendered),
            findings: &rendered.findings,
        };
        let outcome = self.emit.deliver(context, &rendered, &document)?;
        tell_place(context, server, format);
        Ok(outcome)
    }

    fn chosen<'s>(&self, server: &'s Server, format: &Format) -> Result<Vec<&'s Listener>, Report> {
        let names: Vec<_> = self.listener.iter().map(|(name, _)| name.clone()).collect();
        Ok(server.chosen(format, &names)?)
    }

    /// What is asked of all nodes. Says first whose CA has fallen.
    fn asked<'a>(
        &'a self,
        context: &Context,
        pki: &'a Pki,
        chosen: Vec<&'a Listener>,
        nodes: impl FnOnce(&Asked<'a>) -> Result<Vec<String>, Report>,
    ) -> Result<(Asked<'a>, Vec<String>), Report> {
        let asked = Asked::new(pki, self.base()?, chosen, &self.listener);
        let nodes = nodes(&asked)?;
        let presented = nodes.iter().map(|node| asked.presented(node));
        let presented: Result<Vec<_>, _> = presented.collect();
        let presented: BTreeSet<_> = presented
            .map_err(SupplyError::from)?
            .into_iter()
            .flatten()
            .collect();
        for name in &presented {
            warn_of_fallen(context, pki, name)?;
        }
        let (clients, servers) = (self.client_ca.as_ref(), self.server_ca.as_ref());
        Ok((asked.with(clients, servers)?, nodes))
    }

    fn base(&self) -> Result<Request, Report> {
        Ok(Request {
            version: self.emit.server_version.clone(),
            target_dir: self.target_dir()?,
            set: self.emit.set.clone(),
            ..Request::default()
        })
    }

    fn request(
        &self,
        context: &Context,
        server: &Server,
        format: &Format,
    ) -> Result<(Request, Option<Pki>), Report> {
        let chosen = self.chosen(server, format)?;
        let name = self.names.first().map(ToString::to_string);
        if chosen.is_empty() && self.client_ca.is_none() {
            let name = name.unwrap_or_default();
            let base = self.base()?;
            return Ok((Request { name, ..base }, None));
        }
        let pki = context.open(Access::Read)?;
        let node = match name {
            Some(name) => name,
            None => self.node(&pki, &chosen)?,
        };
        let nodes = vec![node.clone()];
        let (asked, _) = self.asked(context, &pki, chosen, |_| Ok(nodes))?;
        let request = asked.of(&node)?;
        Ok((request, Some(pki)))
    }

    /// What the node is called where nothing is named: as the entry of its first listener.
    fn node(&self, pki: &Pki, chosen: &[&Listener]) -> Result<String, Report> {
        let own = |listener: &&&Listener| {
            let mut own = self.listener.iter();
            let (_, entry) = own.find(|(name, _)| *name == listener.name)?;
            entry.clone()
        };
        let mut presenting = chosen
            .iter()
            .filter(|listener| !listener.anonymous)
            .peekable();
        match presenting.peek().map(own) {
            None => Ok(String::new()),
            Some(first) => match (presenting.all(|it| own(&it).is_some()), first) {
                (true, Some(first)) => Ok(first),
                _ => only_entry(pki).map(|name| name.to_string()),
            },
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

fn tell_place(context: &Context, server: &Server, format: &Format) {
    if !format.path.is_empty() {
        context.ui.detail(format!("place: {}", format.path));
    }
    let reload = &server.manifest.reload;
    context.ui.detail(format!("new certificates: {reload}"));
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
