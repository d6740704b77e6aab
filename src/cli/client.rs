//! `certctl client`: print a program or a configuration that connects to a server.

use clap::Args;

use super::{
    Context, Report, Run,
    args::{authority_name, host, name_of_entry},
    emitting::EmitArgs,
    fallen::warn_of_fallen,
    report::Outcome,
};
use crate::{
    documents::client::Document,
    emit::{Dial, Request},
    pki::{chain::Host, entry_name::EntryName},
    store::{Access, layout::file},
    supply::{System, entry, server_authority},
};

/// Print a program that connects to a server
///
/// It runs as it stands: it connects, asks one harmless thing and says what it got. NAME is the
/// entry that the client presents; without it the client presents no certificate. Passwords come
/// from the environment.
#[derive(Args, Debug)]
#[command(after_help = include_str!("../../templates/client.help"))]
pub(crate) struct Client {
    /// Server to connect to; `certctl config --list` shows all
    #[arg(value_name = "SERVER")]
    server: String,
    /// Language or program
    #[arg(value_name = "LANGUAGE")]
    language: String,
    /// Entry that the client presents
    #[arg(value_name = "NAME", value_parser = name_of_entry)]
    name: Option<EntryName>,
    /// Host to connect to, by a name that its certificate holds
    #[arg(long, value_name = "HOST", default_value = "localhost", value_parser = host)]
    host: Host,
    /// Port to connect to [default: the server's usual one]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// CA whose servers are trusted [default: the one that has signed servers]
    #[arg(long, value_name = "CA", value_parser = authority_name)]
    server_ca: Option<EntryName>,
    #[command(flatten)]
    emit: EmitArgs,
}

impl Run for Client {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let catalogue = self.emit.catalogue()?;
        let server = catalogue.server(&self.server)?;
        let client = server.client(&self.language)?;
        let pki = context.open(Access::Read)?;
        let entry = self
            .name
            .as_ref()
            .map(|name| {
                warn_of_fallen(context, &pki, name)?;
                Ok::<_, Report>(entry(&pki, name)?)
            })
            .transpose()?;
        let own = entry
            .as_ref()
            .map(|entry| (entry.roots.as_slice(), &entry.directory));
        let roots = own.map_or(&[][..], |(roots, _)| roots);
        let authority = server_authority(&pki, self.server_ca.as_ref(), roots)?;
        let trust = match (authority, own) {
            (Some(authority), _) => authority.bundle,
            (None, Some((_, directory))) => format!("{directory}/{}", file::TRUST),
            (None, None) => {
                return Err(
                    Report::failed("no-ca", "there is no CA that has signed a server")
                        .hint("name the one to trust with `--server-ca CA`"),
                );
            }
        };
        let request = Request {
            name: self
                .name
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            version: self.emit.server_version.clone(),
            set: self.emit.set.clone(),
            dial: Some(Dial {
                host: self.host.to_string(),
                port: self.port,
                trust,
                entry,
            }),
            ..Request::default()
        };
        let rendered = server.render_client(client, &request, System::new(Some(&pki)))?;
        let document = Document {
            schema: "certctl/client/v1",
            server: &server.name,
            version: &rendered.version,
            language: &client.name,
            snippet: &rendered.text,
            findings: &rendered.findings,
        };
        self.emit.deliver(context, &rendered, &document)
    }
}
