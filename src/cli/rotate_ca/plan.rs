//! `certctl rotate-ca plan`.

use clap::{Args, ValueEnum};

use super::{Context, Outcome, Report, key_uri::KeyUriArgs};
use crate::{
    cli::{
        args::entry_name,
        emitting::{TemplatesArgs, version},
    },
    emit::Version,
    pki::entry_name::EntryName,
    rotation::{
        peers::{Peers, warn_of_unknown},
        procedure::Wanted,
    },
    store::Access,
};

/// Print the whole procedure: what to type, what to copy where, and what then reloads
///
/// For the rotation that goes on it is what is left of it. Nothing is changed. As a script it does one step at a time,
/// because servers have to reload in between.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl rotate-ca plan\n  \
    certctl rotate-ca plan --server redis --target-dir /etc/redis/tls\n  \
    certctl rotate-ca plan --server nats --client-ca root\n  \
    certctl rotate-ca plan --server rethinkdb --server-version 2.4.3 --cross-sign\n  \
    certctl rotate-ca plan root --as sh > rotate.sh; sh rotate.sh 1")]
pub(super) struct Plan {
    /// CA to rotate [default: the only root]
    #[arg(value_name = "CA", value_parser = entry_name)]
    ca: Option<EntryName>,
    /// Server that runs on the nodes: how it takes new files is said
    #[arg(long, value_name = "SERVER")]
    server: Option<String>,
    /// Version of that server [default: the newest that is known]
    #[arg(long, value_name = "VERSION", value_parser = version, requires = "server")]
    server_version: Option<Version>,
    /// Tell of a rotation in which the old CA signs the new one's key too: peers that know the old CA alone need no
    /// bundle before the switch
    #[arg(long)]
    cross_sign: bool,
    /// Directory on the nodes where an entry's files lie; `{name}` stands for its name
    #[arg(long, value_name = "DIR", default_value = "/etc/tls")]
    target_dir: String,
    /// CA whose clients the servers let in, as `config` was told: client-ca.pem is copied too
    #[arg(long, value_name = "CA", value_parser = entry_name)]
    client_ca: Option<EntryName>,
    /// CA whose servers are dialled, as `config` was told: server-ca.pem is copied too
    #[arg(long, value_name = "CA", value_parser = entry_name)]
    server_ca: Option<EntryName>,
    #[command(flatten)]
    key_uri: KeyUriArgs,
    /// How it is written
    #[arg(long = "as", value_name = "FORM", value_enum, default_value_t = Form::Markdown)]
    form: Form,
    #[command(flatten)]
    templates: TemplatesArgs,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Form {
    /// For people to read
    Markdown,
    /// A script that takes the number of a step
    Sh,
}

impl Plan {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Report> {
        let pki = context.open(Access::Read)?;
        let wanted = Wanted {
            ca: self.ca.as_ref(),
            reload: self.reload(context)?,
            cross: self.cross_sign,
            target_dir: &self.target_dir,
            client_ca: self.client_ca.as_ref(),
            server_ca: self.server_ca.as_ref(),
            keys: self.key_uri.wish(None, false),
        };
        let document = wanted.document(&pki, context)?;
        let text = || match self.form {
            Form::Markdown => document.markdown(),
            Form::Sh => document.script(),
        };
        context.ui.result(text, &document)?;
        Ok(Outcome::Unchanged)
    }

    /// How the server takes new files; refuses one with which the procedure would not work.
    fn reload(&self, context: &Context) -> Result<Option<String>, Report> {
        let Some(name) = &self.server else {
            if self.cross_sign {
                warn_of_unknown(context);
            }
            return Ok(None);
        };
        let server = self.templates.catalogue()?.server(name)?;
        let peers = Peers::new(server, self.server_version.as_ref());
        match self.cross_sign {
            true => peers.check_chains(context)?,
            false => peers.check_roots()?,
        }
        let manifest = &peers.server.manifest;
        Ok(Some(format!("{}: {}", manifest.title, manifest.reload)))
    }
}
