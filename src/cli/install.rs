//! `certctl install`: put a signed certificate beside the key that asked for it.

use std::path::PathBuf;

use clap::Args;

mod authority;
mod crl;

use super::{
    Context, Report, Run,
    bounded::Kind,
    input::Input,
    made::{Made, Wording},
    names::{Target, target},
    report::Outcome,
};
use crate::session::answers::{answer, divide, intermediates, is_same};
use crate::{
    issuance::installation::{Installation, install},
    pki::{certificate::Certificate, key::PrivateKey},
    store::{
        Access, Pki, entry,
        layout::{Area, file},
    },
};

const WORDING: Wording = Wording {
    schema: "certctl/install/v1",
    done: "installed",
    would: "would install",
};

/// Put a signed certificate beside its key
///
/// The certificate must belong to the key of the entry, as `certctl request` made it, and its chain
/// must lead to a root: of --trust, or of CERT itself. What was there before goes to the archive; a key that
/// waited for the certificate takes its place in the same instant. The certificate of a CA goes to the request
/// that `certctl init-intermediate --request` made, below the CA here that has signed it; the next one of a CA in use,
/// a root whose key is elsewhere among them, needs no request, and all below it gets the new chain and trust bundle.
/// So does the CRL that a CA has signed where its key is: it takes the place of the one here, in the root's
/// crl-bundle.pem too, where its number is larger, and what it lists is revoked here as well.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl install node1 cert.pem --trust ca.pem\n  \
    certctl install node1 - --trust ca.pem\n  \
    certctl install ca/issuing cert.pem\n  \
    certctl install ca/root crl.pem")]
pub(crate) struct Install {
    /// Entry, or ca/NAME for a CA
    #[arg(value_name = "NAME", value_parser = target)]
    target: Target,
    /// The certificate and its intermediates, PEM, DER or PKCS#7, or the CRL of a CA; `-` is standard input
    #[arg(value_name = "CERT|CRL")]
    cert: PathBuf,
    /// The roots that its peers trust [default: those in CERT]
    #[arg(long, value_name = "PEM")]
    trust: Option<PathBuf>,
    /// Say what would be done, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

impl Run for Install {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        if self.target.area == Some(Area::Authorities) {
            return authority::run(&self, context);
        }
        let input = Input::read(&self.cert, Kind::Certificates)?;
        let given = input.certificates()?;
        let trusted = match &self.trust {
            Some(path) => Input::read(path, Kind::Certificates)?.certificates()?,
            None => Vec::new(),
        };
        let mut pki = context.open(Access::Write)?;
        let layout = pki.layout().clone();
        let waiting = entry::waiting_key(&layout, &self.target.name)?;
        let answered = waiting.and_then(|key| Some((answer(&given, &key)?, key)));
        let is_next = answered.is_some();
        let (leaf, key) = match answered {
            Some(answered) => answered,
            None => {
                let key = self.key(&pki)?;
                let leaf = answer(&given, &key);
                (leaf.ok_or_else(|| self.mismatch(&input.name))?, key)
            }
        };
        let (roots, others) = divide(&given, &trusted);
        let intermediates = intermediates(&input.name, leaf, &others, &roots, context)?;
        if !is_next && self.is_installed(&pki, leaf, &roots)? {
            return self.nothing_to_do(context, &pki);
        }
        let installation = Installation {
            name: self.target.name.clone(),
            key_type: key.key_type(),
            key: is_next.then_some(&key),
            leaf,
            intermediates: &intermediates,
            roots: &roots,
        };
        let mut transaction = pki.begin()?;
        let made = Made::given(&install(&mut transaction, &layout, installation)?);
        transaction.finish(self.dry_run)?;
        made.tell(context, &layout, &WORDING, self.dry_run)?;
        Ok(Outcome::Changed)
    }
}

impl Install {
    fn key(&self, pki: &Pki) -> Result<PrivateKey, Report> {
        let name = &self.target.name;
        entry::key(pki.layout(), name, None)?.ok_or_else(|| {
            let message = format!("there is no key for `{name}` here");
            Report::failed("no-key", message).hint(format!(
                "install it where `certctl request {name}` made the key"
            ))
        })
    }

    fn mismatch(&self, file: &str) -> Report {
        let name = &self.target.name;
        let message = format!("{file}: the certificate does not belong to the key of `{name}`");
        Report::failed("key-mismatch", message).hint(format!(
            "it must answer the request that lies beside the key, {name}/{}",
            file::REQUEST
        ))
    }

    fn nothing_to_do(&self, context: &Context, pki: &Pki) -> Result<Outcome, Report> {
        if context.ui.is_json() {
            let mut made = Made::default();
            let record = pki.ledger().current(Area::Entries, &self.target.name)?;
            if let Some(record) = &record {
                made.note(record, true);
            }
            made.tell(context, pki.layout(), &WORDING, false)?;
        }
        context.ui.note(format!(
            "`{}` has this certificate already",
            self.target.name
        ));
        Ok(Outcome::Unchanged)
    }

    /// Whether it lies in its place and is on record: a ledger that was made anew does not know it.
    fn is_installed(
        &self,
        pki: &Pki,
        leaf: &Certificate,
        roots: &[Certificate],
    ) -> Result<bool, Report> {
        let layout = pki.layout();
        let record = pki.ledger().current(Area::Entries, &self.target.name)?;
        if !record.is_some_and(|record| is_same(&record, leaf)) {
            return Ok(false);
        }
        let standing = entry::certificates(layout, &self.target.name).unwrap_or_default();
        let trust = entry::other(layout, &self.target.name, file::TRUST)?;
        let roots: String = roots.iter().map(Certificate::to_pem).collect();
        Ok(standing.first() == Some(leaf) && trust.as_deref() == Some(roots.as_bytes()))
    }
}
