//! Options that say which servers run on nodes.

use clap::Args;

use super::{
    Context, Report,
    emitting::{TemplatesArgs, version},
};
use crate::{
    emit::Version,
    rotation::peers::{Peers, warn_of_unknown},
};

/// Who looks at the chains.
#[derive(Args, Debug)]
pub(super) struct PeersArgs {
    /// Server that runs on the nodes: whether it sends and reads what a cross certificate needs is looked up (can be repeated)
    #[arg(long, value_name = "SERVER")]
    server: Vec<String>,
    /// Version of that server [default: the newest that is known]
    #[arg(long, value_name = "VERSION", value_parser = version, requires = "server")]
    server_version: Option<Version>,
    #[command(flatten)]
    templates: TemplatesArgs,
}

impl PeersArgs {
    /// Whether any server is named.
    pub(super) fn is_given(&self) -> bool {
        !self.server.is_empty()
    }

    /// Refuses servers for whose peers a cross certificate does nothing.
    pub(super) fn check_chains(&self, context: &Context) -> Result<(), Report> {
        if self.server.is_empty() {
            return Ok(());
        }
        let catalogue = self.templates.catalogue()?;
        for name in &self.server {
            let peers = Peers::new(catalogue.server(name)?, self.server_version.as_ref());
            peers.check_chains(context)?;
        }
        Ok(())
    }

    /// Says that nobody knows who is helped, where no server is named.
    pub(super) fn warn(&self, context: &Context) {
        if self.server.is_empty() {
            warn_of_unknown(context);
        }
    }
}
