//! `certctl request`: make a key on the node that keeps it, and ask a CA elsewhere for its certificate.

use std::path::Path;

use clap::Args;
use serde::Serialize;

use super::{
    Context, Report, Run,
    args::{ChangeArgs, KeyArgs, profile},
    distinguished::SubjectArgs,
    names::{NameArgs, SanArgs, refuse_existing},
    report::Outcome,
    unusual::Unusual,
};
use crate::{
    issuance::IssueError,
    pki::{csr, entry_name::EntryName, key::PrivateKey, profile::Profile},
    store::{
        Access,
        layout::{Layout, Place, file},
        stage::{Stage, StagedFile},
    },
};

/// Make keys and certificate signing requests
///
/// For nodes whose key must not leave them: each NAME gets a directory with a key and a request,
/// `request.csr`. Bring that to the CA, sign it there (`certctl sign`), and put the answer beside
/// the key (`certctl install`). No CA is needed here.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl request node1 --san 10.0.0.1\n  \
    certctl request app --profile client --key-type ed25519\n  \
    certctl request node1 --dir /etc/rethinkdb/pki")]
pub(crate) struct Request {
    #[command(flatten)]
    names: NameArgs,
    /// What the certificates are to be for; the CA decides
    #[arg(long, value_name = "PROFILE", default_value = Profile::Node.name(), value_parser = profile())]
    profile: Profile,
    #[command(flatten)]
    sans: SanArgs,
    #[command(flatten)]
    subject: SubjectArgs,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    change: ChangeArgs,
}

/// `certctl/request/v1`
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Requests {
    schema: &'static str,
    /// The keys and requests that were made, or would be
    requests: Vec<Made>,
}

/// One request.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Made {
    /// Name of the entry
    name: String,
    /// Subject alternative names asked for, typed
    sans: Vec<String>,
    /// Type of the key
    key_type: &'static str,
    /// The request's file
    path: String,
}

impl Run for Request {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let names = self.names.checked(&self.sans, &self.subject)?;
        let mut pki = context.open(Access::Create)?;
        refuse_existing(&pki, &names, self.change.force)?;
        let layout = pki.layout().clone();
        let transaction = pki.begin()?;
        let stage = transaction.stage(names.len())?;
        let made = names
            .into_iter()
            .map(|name| self.make(&stage, &layout, name))
            .collect::<Result<Vec<_>, _>>()?;
        match self.change.dry_run {
            true => drop(transaction),
            false => transaction.commit()?,
        }
        let mut unusual = Unusual::default();
        for request in &made {
            unusual.note(&request.sans);
        }
        unusual.tell(context);
        self.tell(context, &layout, made)
    }
}

impl Request {
    fn make(&self, stage: &Stage, layout: &Layout, name: EntryName) -> Result<Made, IssueError> {
        let names = self.sans.of(&name);
        if names.is_empty() {
            return Err(IssueError::NoNames(name.to_string()));
        }
        let key = PrivateKey::generate(self.key.key_type)?;
        let request = csr::write(&key, &self.subject.of(&name), &names, self.profile)?;
        let place = Place::entry(name);
        let key_pem = key.to_pem();
        let files = [
            StagedFile::private(file::KEY, &key_pem),
            StagedFile::public(file::REQUEST, &request),
        ];
        stage.add(&place, &files)?;
        Ok(Made {
            sans: names.iter().map(ToString::to_string).collect(),
            key_type: self.key.key_type.name(),
            path: layout
                .place(&place)
                .join(file::REQUEST)
                .display()
                .to_string(),
            name: place.name.to_string(),
        })
    }

    fn tell(
        &self,
        context: &Context,
        layout: &Layout,
        requests: Vec<Made>,
    ) -> Result<Outcome, Report> {
        let verb = if self.change.dry_run {
            "would make"
        } else {
            "made"
        };
        let line = |made: &Made| {
            let path = context.shown(layout, Path::new(&made.path));
            let names = made.sans.join(", ");
            format!("{verb} a key and the request {path} for {names}")
        };
        let lines: Vec<_> = requests.iter().map(line).collect();
        let document = Requests {
            schema: "certctl/request/v1",
            requests,
        };
        context.ui.result(|| lines.join("\n"), &document)?;
        if self.change.dry_run {
            return Ok(Outcome::Changed);
        }
        if let (false, Some(first)) = (context.ui.is_json(), document.requests.first()) {
            context.ui.hint(format!(
                "next, where the CA is: `certctl sign request.csr --name {}`",
                first.name
            ));
        }
        Ok(Outcome::Changed)
    }
}
