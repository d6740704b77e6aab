//! `certctl issue`: make keys and certificates for nodes, servers and clients.

use clap::Args;

use super::{
    Context, Report, Run,
    args::{ChangeArgs, KeyArgs, LifetimeArgs, authority_name, profile},
    distinguished::SubjectArgs,
    extfiles::ExtfileArgs,
    names::{NameArgs, SanArgs},
    passphrases::PassphraseArgs,
    report::Outcome,
};
use crate::{
    issuance::defaults,
    pki::{entry_name::EntryName, profile::Profile},
    session::issuing::Issuing,
    store::ledger::{Kind, Listed},
};

/// Make keys and certificates
///
/// Each NAME becomes an entry: a directory with a key, a certificate with its chain, and the trust
/// bundle that its peers need. The entries of one command are made together or not at all.
///
/// A SAN is typed (DNS:a, IP:10.0.0.1, URI:…, email:…) or bare; {name} stands for the entry's name.
/// The name itself is a SAN where it is a host name. A certificate is valid for 365 days, or until
/// its CA ends, unless something else is asked for.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl issue node1 node2 node3 --init\n  \
    certctl issue node1 --san 10.0.0.1,node1.db.internal --local\n  \
    certctl issue node{1..100} --san {name}.db.internal\n  \
    certctl issue app --profile client --days 90\n  \
    certctl issue node{1..3} --subject CN={name},OU=rs0,O=Acme\n  \
    certctl issue node1 --extfile node.cnf --force")]
pub(crate) struct Issue {
    #[command(flatten)]
    names: NameArgs,
    /// What the certificates are for
    #[arg(long, value_name = "PROFILE", default_value = Profile::Node.name(), value_parser = profile())]
    profile: Profile,
    #[command(flatten)]
    sans: SanArgs,
    #[command(flatten)]
    subject: SubjectArgs,
    #[command(flatten)]
    extfile: ExtfileArgs,
    /// CA that signs [default: the only one without a CA below it]
    #[arg(long, value_name = "NAME", value_parser = authority_name, conflicts_with_all = ["init", "self_signed"])]
    ca: Option<EntryName>,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    lifetime: LifetimeArgs,
    /// Make the CAs root and issuing first where there is no CA yet
    #[arg(long, conflicts_with = "self_signed")]
    init: bool,
    /// With --init: encrypt the CAs' keys; asks for passphrases where none are given
    #[arg(long, requires = "init")]
    encrypt: bool,
    /// Let each certificate sign itself, without a CA: for one server on a desk
    #[arg(long)]
    self_signed: bool,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    change: ChangeArgs,
}

impl Run for Issue {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let dry_run = self.change.dry_run;
        let issuing = Issuing {
            names: &self.names.checked(&self.sans, &self.subject)?,
            profile: self.profile,
            sans: self.sans.wish(),
            subject: self.subject.wish(),
            extfile: self.extfile.wish(),
            ca: self.ca.as_ref(),
            key_type: self.key.key_type.unwrap_or_default(),
            lifetime: self.lifetime.lifetime(defaults::LEAF_LIFETIME),
            backdate: self.lifetime.backdate,
            init: self.init,
            encrypt: self.encrypt,
            self_signed: self.self_signed,
            given: self.passphrase.given(),
            force: self.change.force,
            dry_run,
        };
        let made = issuing.carry_out(context)?;
        if let (false, false, Some(record)) = (dry_run, context.ui.is_json(), made.first_leaf()) {
            context.ui.hint(next(context, record));
        }
        Ok(Outcome::Changed)
    }
}

/// What to do with an entry that was made.
fn next(context: &Context, record: &Listed) -> String {
    let name = &record.name;
    let (words, what) = match record.kind {
        Kind::Client => (
            format!("client SERVER LANGUAGE {name}"),
            "a program that connects",
        ),
        _ => (format!("config SERVER {name}"), "a server's configuration"),
    };
    let (command, list) = (context.command(&words), context.command("config --list"));
    format!("next: `{command}` prints {what}; `{list}` names the servers")
}
