//! `certctl import`: another tool's PKI goes on here, with all that it has revoked.

use std::path::PathBuf;

mod text;
mod warnings;

use clap::{Args, builder::PossibleValuesParser, builder::TypedValueParser as _};

use super::{Context, Report, Run, args::entry_name, report::Outcome};
use crate::{
    documents::import::{Document, Told},
    import::{
        Tool,
        plan::{Authority, Plan},
    },
    pki::entry_name::EntryName,
    session::imported::Source,
};

/// Take over another tool's PKI
///
/// Reads what easy-rsa, openssl ca, cfssl, step, mkcert, minica, certstrap, cockroach cert or kubeadm keep in a
/// folder (cfssl its database of SQLite, too): CAs, certificates, what was revoked, when and why, and the number of the last CRL. Nothing is written there.
/// Each signature is verified; what another CA has signed is left out. What an index lists and no file holds is on
/// record too, so that it can be revoked. Private keys stay where they are unless --keys brings them. Done again, or
/// with another copy of the same PKI, it adds what is new. Where PATH is the PKI directory itself, its ledger is made
/// anew, or made up, from what lies there.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl import /etc/openvpn/easy-rsa/pki -n\n  \
    certctl import /etc/openvpn/easy-rsa/pki --keys --ca vpn\n  \
    certctl import demoCA --from openssl-ca --crl ca.crl\n  \
    certctl import /etc/kubernetes/pki\n  \
    certctl import pki --from certctl")]
pub(crate) struct Import {
    /// Folder that the tool keeps
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Tool that has made it
    #[arg(long, value_name = "TOOL", default_value = AUTO, value_parser = tool())]
    from: Asked,
    /// Name of its CA here; where there are several, of the one that has issued most
    #[arg(long, value_name = "NAME", value_parser = entry_name)]
    ca: Option<EntryName>,
    /// Take private keys over too; encrypted ones stay so
    #[arg(long)]
    keys: bool,
    /// CRL that lies elsewhere (can be repeated)
    #[arg(long, value_name = "FILE")]
    crl: Vec<PathBuf>,
    /// Say what would be done, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

/// Whatever fits.
const AUTO: &str = "auto";

/// The tool that somebody names, if any.
#[derive(Clone, Copy, Debug)]
struct Asked(Option<Tool>);

fn tool() -> impl clap::builder::TypedValueParser<Value = Asked> {
    let words = [AUTO].into_iter().chain(Tool::ALL.map(Tool::name));
    let parser = PossibleValuesParser::new(words.collect::<Vec<_>>());
    parser.map(|word| Asked(word.parse().ok()))
}

impl Run for Import {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let source = Source {
            path: self.path,
            tool: self.from.0,
            ca: self.ca,
            keys: self.keys,
            lists: self.crl,
        };
        let import = source.take_over(context, self.dry_run)?;
        warnings::warn(context, &import, self.keys);
        let told = Told {
            found: &import.found,
            plan: &import.plan,
            records: &import.records,
            source: &source.shown(),
            dry_run: self.dry_run,
        };
        let document = Document::new(&import.pki, &told, context.now);
        context.ui.result(|| text::text(&told), &document)?;
        if !import.plan.has_changes() {
            return Ok(Outcome::Unchanged);
        }
        if !self.dry_run && !context.ui.is_json() {
            next(context, &import.plan);
        }
        Ok(Outcome::Changed)
    }
}

fn next(context: &Context, plan: &Plan) {
    let has_made_way = |it: &Authority| plan.superseded.iter().any(|(old, _)| *old == it.name);
    let signs = |it: &&Authority| it.has_key && it.revocation.is_none() && !has_made_way(it);
    let mut signing = plan.authorities.iter().filter(signs);
    let words = match signing.next() {
        Some(authority) => format!("crl --ca {}", authority.name),
        None => String::from("list"),
    };
    let command = context.command(&words);
    context.ui.hint(format!("next: `{command}`"));
}
