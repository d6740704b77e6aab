//! `certctl crl`: sign the list of a CA's revoked certificates.

use std::path::Path;

use clap::Args;
use serde::Serialize;
use time::Duration;

use super::{
    Context, Report, Run,
    args::entry_name,
    document::time,
    open::{issuing_authority, signing_authority},
    passphrases::{PassphraseArgs, Passphrases},
    report::Outcome,
};
use crate::{
    pki::{entry_name::EntryName, pem, revocation::Contents, revocation_list::LABEL},
    store::{
        Access, Pki,
        layout::{Place, file},
        ledger::revocation::CrlState,
        stage::StagedFile,
    },
};

mod bundle;

pub(crate) use bundle::families;

/// Make a CA's CRL
///
/// The list is complete, made anew from the ledger, and its number only grows. It is good until its
/// next update; make another before that, even if nothing was revoked. Beside it, a root's
/// crl-bundle.pem holds its CRL and those of all CAs below it: most servers want them in one file,
/// and refuse whom a CA without a CRL has signed.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl crl\n  \
    certctl crl --all\n  \
    certctl crl --ca root --days 90")]
pub(crate) struct Crl {
    /// CA that signs it [default: the only one without a CA below it]
    #[arg(long, value_name = "NAME", value_parser = entry_name)]
    ca: Option<EntryName>,
    /// Make the CRL of every CA
    #[arg(long, conflicts_with = "ca")]
    all: bool,
    /// Days until the next update
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: u32,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// Say what would be done, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

/// `certctl/crl/v1`
#[derive(Serialize)]
struct Document {
    schema: &'static str,
    crls: Vec<ListDocument>,
}

#[derive(Serialize)]
struct ListDocument {
    issuer: String,
    number: u64,
    this_update: String,
    next_update: String,
    revoked: usize,
    path: String,
}

/// A CRL that was signed.
struct List {
    issuer: EntryName,
    contents: Contents,
    state: CrlState,
    text: String,
}

impl Run for Crl {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let mut pki = context.open(Access::Write)?;
        let passphrases = self.passphrase.among(context, &pki, &[])?;
        let names = self.names(&pki)?;
        let lists: Vec<_> = names
            .into_iter()
            .map(|name| self.sign(context, &pki, name, &passphrases))
            .collect::<Result<_, _>>()?;
        if !self.dry_run {
            publish(&mut pki, &lists)?;
        }
        let document = Document {
            schema: "certctl/crl/v1",
            crls: lists.iter().map(|list| list.document(&pki)).collect(),
        };
        let verb = if self.dry_run { "would make" } else { "made" };
        let line = |list: &ListDocument| {
            let path = context.shown(pki.layout(), Path::new(&list.path));
            format!(
                "{verb} CRL {} of the CA `{}` with {} revoked in {path}, next update {}",
                list.number, list.issuer, list.revoked, list.next_update
            )
        };
        let text = || {
            let lines: Vec<_> = document.crls.iter().map(line).collect();
            lines.join("\n")
        };
        context.ui.result(text, &document)?;
        Ok(if self.dry_run {
            Outcome::Unchanged
        } else {
            Outcome::Changed
        })
    }
}

impl Crl {
    fn names(&self, pki: &Pki) -> Result<Vec<EntryName>, Report> {
        let families = families(&pki.authorities()?)?;
        if self.all && !families.is_empty() {
            return Ok(families.into_values().flatten().collect());
        }
        issuing_authority(pki, self.ca.as_ref()).map(|name| vec![name])
    }

    fn sign(
        &self,
        context: &Context,
        pki: &Pki,
        issuer: EntryName,
        passphrases: &Passphrases<'_>,
    ) -> Result<List, Report> {
        let signer = signing_authority(pki, &issuer, passphrases)?;
        let state = pki.ledger().crl_state(issuer.as_str())?;
        let now = context.now.truncate_to_second();
        let contents = Contents {
            number: state.number + 1,
            this_update: now,
            next_update: now + Duration::days(self.days.into()),
            revoked: pki
                .ledger()
                .revocations(issuer.as_str(), state.this_update)?,
        };
        let list = contents
            .sign(&signer.issuer, &signer.key)
            .map_err(|error| Report::failed("sign", error))?;
        Ok(List {
            issuer,
            state: CrlState {
                number: contents.number,
                this_update: Some(now),
                ..state
            },
            contents,
            text: pem::encode(LABEL, &list),
        })
    }
}

impl List {
    fn document(&self, pki: &Pki) -> ListDocument {
        let place = pki.layout().place(&Place::authority(self.issuer.clone()));
        ListDocument {
            issuer: self.issuer.to_string(),
            number: self.contents.number,
            this_update: time(self.contents.this_update),
            next_update: time(self.contents.next_update),
            revoked: self.contents.revoked.len(),
            path: place.join(file::CRL).display().to_string(),
        }
    }
}

/// Puts CRLs and the bundles that they belong to into their places, all or none.
fn publish(pki: &mut Pki, lists: &[List]) -> Result<(), Report> {
    let files = bundle::files(pki, lists)?;
    let mut transaction = pki.begin()?;
    let stage = transaction.stage(lists.len())?;
    for (name, files) in &files {
        let staged: Vec<_> = files
            .iter()
            .map(|(file, text)| StagedFile::public(file, text))
            .collect();
        stage.change(&Place::authority(name.clone()), &staged)?;
    }
    for list in lists {
        transaction.note_crl(&list.issuer, list.state.clone());
    }
    transaction.commit()?;
    Ok(())
}
