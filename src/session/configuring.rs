//! What `config` was asked to write: for one node, or a folder for each of many.

use std::{path::Path, sync::Arc};

use zeroize::Zeroizing;

use super::{Context, Report, fallen::warn_of_fallen, laid};
use crate::{
    emit::{Format, Listener, Rendered, Request, Server, Version},
    inspection,
    pki::entry_name::EntryName,
    store::{
        Access, Pki,
        files::{PRIVATE, PUBLIC},
        outside::{Laying, Sheet},
    },
    supply::{self, Asked, Presented, SupplyError, System, printable},
};

/// What is written, and of what.
pub(crate) struct Wish<'a> {
    pub(crate) server: &'a Server,
    pub(crate) format: &'a Format,
    /// The nodes
    pub(crate) names: &'a [EntryName],
    /// Every entry that can present its certificate
    pub(crate) all: bool,
    pub(crate) listeners: &'a [Presented],
    pub(crate) client_ca: Option<&'a EntryName>,
    pub(crate) server_ca: Option<&'a EntryName>,
    pub(crate) version: Option<&'a Version>,
    /// Where keys and certificates lie on a node
    pub(crate) target_dir: Option<&'a Path>,
    pub(crate) set: &'a [(String, String)],
}

/// The configuration of one node, with its name.
pub(crate) type Written = (String, Rendered);

impl Wish<'_> {
    /// For one node.
    pub(crate) fn one(&self, context: &Context) -> Result<Rendered, Report> {
        if self.names.len() > 1 {
            return Err(
                Report::usage("several entries are named, and one snippet is for one")
                    .hint("`--out-dir DIR` writes a folder for each"),
            );
        }
        let chosen = self.chosen()?;
        let name = self.names.first().map(ToString::to_string);
        if chosen.is_empty() && self.client_ca.is_none() {
            let request = Request {
                name: name.unwrap_or_default(),
                ..self.base()?
            };
            return self.written(&request, System::new(None), context);
        }
        let pki = context.open(Access::Read)?;
        let node = match name {
            Some(name) => name,
            None => supply::node(&pki, &chosen, self.listeners)?,
        };
        let asked = Asked::new(&pki, self.base()?, chosen, self.listeners);
        let asked = self.known(asked, std::slice::from_ref(&node), &pki, context)?;
        self.written(&asked.of(&node)?, System::new(Some(&pki)), context)
    }

    /// For each node, so that either all folders are there or none is, and how they differ from what is there.
    pub(crate) fn folders(
        &self,
        folder: &Path,
        context: &Context,
    ) -> Result<(Vec<Written>, Laying), Report> {
        printable(folder)?;
        let pki = context.open(Access::Read)?;
        let written = self.each(&pki, context)?;
        let sheets = written.iter().map(|(name, rendered)| Sheet {
            path: Path::new(name).join(self.format.file_name(&self.server.name, name)),
            octets: Zeroizing::new(rendered.text.as_bytes().to_vec()),
            mode: if rendered.secret { PRIVATE } else { PUBLIC },
        });
        let laying = Laying::compare(folder, sheets.collect());
        let laying = laying.map_err(|error| laid::failed(folder, &error))?;
        Ok((written, laying))
    }

    fn chosen(&self) -> Result<Vec<&Listener>, Report> {
        let names = self.listeners.iter().map(|(name, _)| name.clone());
        Ok(self
            .server
            .chosen(self.format, &names.collect::<Vec<_>>())?)
    }

    /// The same with what is known of CAs. Says first whose CA has fallen.
    fn known<'p>(
        &self,
        asked: Asked<'p>,
        nodes: &[String],
        pki: &Pki,
        context: &Context,
    ) -> Result<Asked<'p>, Report> {
        for name in asked.presented_by_all(nodes).map_err(SupplyError::from)? {
            warn_of_fallen(context, pki, &name)?;
        }
        Ok(asked.with(self.client_ca, self.server_ca)?)
    }

    /// What is known without the PKI directory.
    fn base(&self) -> Result<Request, Report> {
        let target_dir = match self.target_dir {
            Some(path) if !path.is_absolute() => {
                let path = path.display();
                let message = format!("--target-dir {path}: write an absolute path");
                return Err(Report::usage(message)
                    .hint("servers may change their directory before they open the files"));
            }
            path => path.map(printable).transpose()?,
        };
        Ok(Request {
            version: self.version.cloned(),
            target_dir: target_dir.map(str::to_owned),
            set: self.set.to_vec(),
            ..Request::default()
        })
    }

    fn written(
        &self,
        request: &Request,
        outside: Arc<System>,
        context: &Context,
    ) -> Result<Rendered, Report> {
        let written = inspection::write(self.server, self.format, request, outside, context.now);
        Ok(written?)
    }

    /// All, or every mistake; what is wrong for every node is said once.
    fn each(&self, pki: &Pki, context: &Context) -> Result<Vec<Written>, Report> {
        let chosen = self.chosen()?;
        let asked = Asked::new(pki, self.base()?, chosen, self.listeners);
        let names = self.nodes(&asked)?;
        let asked = self.known(asked, &names, pki, context)?;
        let outside = System::new(Some(pki));
        let (mut written, mut reports) = (Vec::new(), Vec::<Report>::new());
        for name in names {
            let request = asked.of(&name).map_err(Report::from);
            match request.and_then(|it| self.written(&it, outside.clone(), context)) {
                Ok(rendered) => written.push((name, rendered)),
                Err(report) if reports.iter().any(|it| it.messages() == report.messages()) => {}
                Err(report) => reports.push(report),
            }
        }
        Report::none(reports).map(|()| written)
    }

    /// The entries that are named, each once, or all that can present their certificates there.
    fn nodes(&self, asked: &Asked<'_>) -> Result<Vec<String>, Report> {
        let names = match (self.all, self.names) {
            (false, []) => {
                return Err(Report::usage("--out-dir: name the entries to write for")
                    .hint("`--all` takes every one that can present its certificate there"));
            }
            (false, names) => names.to_vec(),
            (true, _) => asked.able()?,
        };
        let mut nodes: Vec<String> = Vec::new();
        for name in names {
            if !nodes.iter().any(|it| *it == name.as_str()) {
                nodes.push(name.to_string());
            }
        }
        match nodes.is_empty() {
            false => Ok(nodes),
            true => Err(SupplyError::NoneToPresent.into()),
        }
    }
}
