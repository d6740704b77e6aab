//! `certctl crl`: sign the list of a CA's revoked certificates.

use clap::Args;
use serde::Serialize;
use time::Duration;

use super::{
    Context, Report, Run,
    args::{PassphraseArgs, entry_name},
    document::time,
    open::{issuing_authority, signing_authority},
    report::Outcome,
};
use crate::{
    pki::{entry_name::EntryName, pem, revocation::Contents, revocation_list::LABEL},
    store::{
        Access,
        files::PUBLIC,
        layout::{Place, file},
        ledger::revocation::CrlState,
        transaction::StagedFile,
    },
};

/// Make a CA's CRL
///
/// The list is complete, made anew from the ledger, and its number only grows. It is good until its
/// next update; make another before that, even if nothing was revoked.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl crl\n  \
    certctl crl --ca root --days 90")]
pub(crate) struct Crl {
    /// CA that signs it [default: the only one without a CA below it]
    #[arg(long, value_name = "NAME", value_parser = entry_name)]
    ca: Option<EntryName>,
    /// Days until the next update
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: u32,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// Say what would be done, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    issuer: String,
    number: u64,
    this_update: String,
    next_update: String,
    revoked: usize,
    path: String,
}

impl Run for Crl {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let mut pki = context.open(Access::Write)?;
        let name = issuing_authority(&pki, self.ca.as_ref())?;
        let signer = signing_authority(&pki, &name, &self.passphrase)?;
        let state = pki.ledger().crl_state(name.as_str())?;
        let now = context.now.truncate_to_second();
        let contents = Contents {
            number: state.number + 1,
            this_update: now,
            next_update: now + Duration::days(self.days.into()),
            revoked: pki.ledger().revocations(name.as_str(), state.this_update)?,
        };
        let list = contents
            .sign(&signer.issuer, &signer.key)
            .map_err(|error| Report::failed("sign", error))?;
        let place = Place::authority(name.clone());
        let path = pki.layout().place(&place).join(file::CRL);
        if !self.dry_run {
            let mut transaction = pki.begin()?;
            let text = pem::encode(LABEL, &list);
            let staged = StagedFile {
                name: file::CRL,
                content: text.as_bytes(),
                mode: PUBLIC,
            };
            transaction.stage()?.change(&place, &[staged])?;
            let made = CrlState {
                number: contents.number,
                this_update: Some(now),
                ..state
            };
            transaction.note_crl(&name, made);
            transaction.commit()?;
        }
        let document = Document {
            schema: "certctl/crl/v1",
            issuer: name.to_string(),
            number: contents.number,
            this_update: time(contents.this_update),
            next_update: time(contents.next_update),
            revoked: contents.revoked.len(),
            path: path.display().to_string(),
        };
        let verb = if self.dry_run { "would make" } else { "made" };
        let text = || {
            format!(
                "{verb} CRL {} of the CA `{name}` with {} revoked in {}, next update {}",
                document.number, document.revoked, document.path, document.next_update
            )
        };
        context.ui.result(text, &document)?;
        Ok(if self.dry_run {
            Outcome::Unchanged
        } else {
            Outcome::Changed
        })
    }
}
