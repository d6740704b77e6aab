//! `certctl request`: make a key on the node that keeps it, and ask a CA elsewhere for its certificate.

use std::path::Path;

use clap::Args;

use super::{
    Context, Report, Run,
    args::{ChangeArgs, key_type, profile},
    distinguished::SubjectArgs,
    names::{NameArgs, SanArgs},
    report::Outcome,
    unusual::Unusual,
};
use crate::session::requests::{refuse_waiting, tell_next};
use crate::{
    documents::request::{Made, Requests},
    issuance::asking::{Asked, Wish, ask},
    pki::{entry_name::EntryName, key::KeyType, profile::Profile},
    store::{Access, layout::Layout},
};

/// Make keys and certificate signing requests
///
/// For nodes whose key must not leave them: each NAME gets a directory with a key and a request,
/// `request.csr`. Bring that to the CA, sign it there (`certctl sign`), and put the answer beside
/// the key (`certctl install`). No CA is needed here.
///
/// The key of an entry in use waits as `key.new.pem` beside what is in use, which stays until the answer is
/// installed; names, subject, profile and type of key are those in use unless others are given.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl request node1 --san 10.0.0.1\n  \
    certctl request app --profile client --key-type ed25519\n  \
    certctl request node1 --dir /etc/rethinkdb/pki")]
pub(crate) struct Request {
    #[command(flatten)]
    names: NameArgs,
    /// What the certificates are to be for; the CA decides [default: node, or as in use]
    #[arg(long, value_name = "PROFILE", value_parser = profile())]
    profile: Option<Profile>,
    #[command(flatten)]
    sans: SanArgs,
    #[command(flatten)]
    subject: SubjectArgs,
    /// Type of the new key [default: p256, or as in use]
    #[arg(long, value_name = "TYPE", value_parser = key_type())]
    key_type: Option<KeyType>,
    #[command(flatten)]
    change: ChangeArgs,
}

impl Run for Request {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let names = self.names.checked(&self.sans, &self.subject)?;
        let mut pki = context.open(Access::Create)?;
        let layout = pki.layout().clone();
        if !self.change.force {
            refuse_waiting(&pki, &names, context)?;
        }
        let transaction = pki.begin()?;
        let stage = transaction.stage(names.len())?;
        let made = names
            .into_iter()
            .map(|name| {
                ask(
                    &stage,
                    &layout,
                    self.wish(&name),
                    &self.sans.wish().of(&name),
                )
            })
            .collect::<Result<Vec<_>, _>>()?;
        transaction.finish(self.change.dry_run)?;
        self.tell(context, &layout, &made)
    }
}

impl Request {
    fn wish(&self, name: &EntryName) -> Wish {
        let sans = self.sans.wish();
        Wish {
            name: name.clone(),
            profile: self.profile,
            subject: self.subject.wish().of(name),
            names: sans.says_anything().then(|| sans.of(name)),
            key_type: self.key_type,
        }
    }

    fn tell(&self, context: &Context, layout: &Layout, asked: &[Asked]) -> Result<Outcome, Report> {
        let verb = if self.change.dry_run {
            "would make"
        } else {
            "made"
        };
        let requests: Vec<_> = asked.iter().map(|asked| Made::of(asked, layout)).collect();
        let mut unusual = Unusual::default();
        for request in &requests {
            unusual.note(&request.sans);
        }
        unusual.tell(context);
        let line = |made: &Made| {
            let path = context.shown(layout, Path::new(&made.path));
            let names = made.sans.join(", ");
            let key = if made.in_use { "the next key" } else { "a key" };
            format!("{verb} {key} and the request {path} for {names}")
        };
        let lines: Vec<_> = requests.iter().map(line).collect();
        let document = Requests {
            schema: "certctl/request/v1",
            requests,
        };
        context.ui.result(|| lines.join("\n"), &document)?;
        if let (false, false, Some(first)) =
            (self.change.dry_run, context.ui.is_json(), asked.first())
        {
            tell_next(context, first);
        }
        Ok(Outcome::Changed)
    }
}
