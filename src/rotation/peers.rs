//! What servers make of chains and of bundles: whether a cross certificate helps those who talk with them.

use crate::{
    emit::{Server, Version},
    session::Context,
    terminal::Report,
};

/// Servers of one kind, as nodes run them.
pub(crate) struct Peers {
    pub(crate) server: Server,
    pub(crate) version: Version,
}

impl Peers {
    pub(crate) fn new(server: Server, version: Option<&Version>) -> Self {
        let version = version.unwrap_or_else(|| server.manifest.newest()).clone();
        Self { server, version }
    }

    /// `RethinkDB 2.4.3`
    fn title(&self) -> String {
        format!("{} {}", self.server.manifest.title, self.version)
    }

    /// Why who knows one root alone would not be led to it by what these send, or these by what they are sent.
    fn ignores_chains(&self) -> Option<String> {
        let manifest = &self.server.manifest;
        match (&manifest.chain_since, manifest.reads_chain) {
            (Some(since), _) if !manifest.sends_chain(&self.version) => Some(format!(
                "{} sends nothing behind its certificate, which it does since {since}",
                self.title()
            )),
            (_, Some(false)) => Some(format!(
                "{} does not find every way to a root in what is sent",
                self.title()
            )),
            _ => None,
        }
    }

    /// Refuses those who would not find the way that a cross certificate shows; says where that is not known.
    pub(crate) fn check_chains(&self, context: &Context) -> Result<(), Report> {
        if let Some(why) = self.ignores_chains() {
            let message = format!("{why}: a cross certificate is of no use there");
            return Err(Report::refused("no-chain", message).hint(
                "bring the new bundle to everybody before the switch: leave `--cross-sign` out",
            ));
        }
        if self.server.manifest.reads_chain.is_none() {
            context.ui.warning(format!(
                "whether {} looks at what is sent behind a certificate its manifest does not say (`reads_chain`)",
                self.title()
            ));
        }
        Ok(())
    }

    /// Refuses those whose bundle can hold one root only: there is no moment at which all of them trust both.
    pub(crate) fn check_roots(&self) -> Result<(), Report> {
        if self.server.manifest.many_roots != Some(false) {
            return Ok(());
        }
        let message = format!("{} trusts one root only", self.title());
        Err(Report::refused("no-chain", message).hint(
            "`--cross-sign` has those who know the old root take what the new one signs, until all are replaced",
        ))
    }
}

/// Says that nobody knows what becomes of a cross certificate where no server was named.
pub(crate) fn warn_of_unknown(context: &Context) {
    context.ui.warning(
        "a cross certificate helps only those who look at what is sent behind a certificate: `--server SERVER` says \
         whether the servers of the nodes do",
    );
}
