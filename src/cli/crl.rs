//! `certctl crl`: sign the list of a CA's revoked certificates.

use std::path::Path;

use clap::Args;
use time::Duration;

use super::{
    Context, Report, Run,
    args::authority_name,
    open::{issuing_authority, refuse_fallen, signing_authority},
    passphrases::{PassphraseArgs, Passphrases},
    reload::{ReloadArgs, Scope},
    report::Outcome,
};
use crate::{
    documents::crl::{Document, ListDocument},
    issuance::{
        authorities::authorities,
        crl::{self, CrlError, Signed, Terms},
    },
    newer::Newer,
    pki::{entry_name::EntryName, serial::Serial},
    store::{Access, Pki},
};

/// Make a CA's CRL
///
/// The list is complete, made anew from the ledger, and its number only grows. It never says less than the
/// one that it replaces: where an older ledger was put back, none is made without --force. It is good until
/// its next update; make another before that, even if nothing was revoked: `certctl renew --all` does. Beside it, a root's
/// crl-bundle.pem holds its CRL and those of all CAs below it: most servers want them in one file,
/// and refuse whom a CA without a CRL has signed.
///
/// --exec runs a command for the shell once CRLs were made, as that of certctl renew does; its CERTCTL_NAMES
/// and CERTCTL_PATHS are those of the CAs.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl crl\n  \
    certctl crl --all\n  \
    certctl crl --all --if-due --exec 'systemctl reload nginx'\n  \
    certctl crl --ca root --days 90")]
pub(crate) struct Crl {
    /// CA that signs it [default: the only one without a CA below it]
    #[arg(long, value_name = "NAME", value_parser = authority_name)]
    ca: Option<EntryName>,
    /// Make the CRL of every CA
    #[arg(long, conflicts_with = "ca")]
    all: bool,
    /// Days until the next update
    #[arg(long, value_name = "N", default_value_t = DEFAULT_DAYS, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: u32,
    /// Only where a third of the last one's life is left, it is gone, or it lacks a revocation
    #[arg(long)]
    if_due: bool,
    #[command(flatten)]
    reload: ReloadArgs,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// Make it from this ledger, though what lies beside it knows of more revocations or of a later CRL
    #[arg(short, long)]
    force: bool,
    /// Say what would be done, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

/// Days until a CRL's next update.
const DEFAULT_DAYS: u32 = 30;

impl Run for Crl {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let mut pki = context.open(Access::Write)?;
        let passphrases = self.passphrase.among(context, &pki, &[])?;
        let dry_run = self.dry_run;
        let reload = self.reload.begin(&mut pki, Scope::Crls, dry_run)?;
        let mut names = self.names(context, &pki)?;
        if self.if_due {
            names = crl::due(&pki, names, context.now)?;
        }
        let terms = Terms {
            now: context.now.truncate_to_second(),
            life: Duration::days(self.days.into()),
            force: self.force,
        };
        let mut is_left = false;
        if self.all {
            let all = names.len();
            names = with_key(context, &pki, names)?;
            is_left = names.len() < all;
        }
        let lists = names
            .iter()
            .map(|name| sign(context, &pki, name, &passphrases, &terms));
        let lists: Vec<_> = lists.collect::<Result<_, _>>()?;
        if !dry_run && !lists.is_empty() {
            crl::publish(&mut pki, &lists)?;
        }
        let document = Document {
            schema: "certctl/crl/v1",
            crls: lists
                .iter()
                .map(|list| ListDocument::new(list, pki.layout()))
                .collect(),
        };
        let text = || {
            let lines: Vec<_> = document
                .crls
                .iter()
                .map(|list| line(list, dry_run, context, &pki))
                .collect();
            match lines.is_empty() {
                true => String::from("no CRL is due"),
                false => lines.join("\n"),
            }
        };
        context.ui.verdict(!lists.is_empty(), text, &document)?;
        let has_told = reload.map_or(Ok(false), |reload| reload.finish(pki, context))?;
        Ok(match lists.is_empty() && !has_told {
            _ if is_left => Outcome::Found,
            true => Outcome::Unchanged,
            false => Outcome::Changed,
        })
    }
}

impl Crl {
    fn names(&self, context: &Context, pki: &Pki) -> Result<Vec<EntryName>, Report> {
        if self.all {
            let standing = standing(context, pki)?;
            if !standing.is_empty() {
                return Ok(standing);
            }
        }
        let name = match &self.ca {
            // One that has made way goes on making CRLs.
            Some(name) => refuse_fallen(&authorities(pki)?, name).map(|()| name.clone()),
            None => issuing_authority(pki, None),
        };
        name.map(|name| vec![name])
            .map_err(|report| match report.code() {
                "ca-fallen" if !self.all => {
                    report.hint("`certctl crl --all` makes those of all CAs in use")
                }
                _ => report,
            })
    }
}

/// All CAs that somebody believes; of the others it is said that they get no CRL.
fn standing(context: &Context, pki: &Pki) -> Result<Vec<EntryName>, Report> {
    let (standing, fallen) = crl::issuers(pki)?;
    for fallen in fallen {
        context
            .ui
            .warning(format!("there is no CRL of `{}`: {fallen}", fallen.name));
    }
    Ok(standing)
}

/// Those of these CAs whose keys are here; says whose are not.
fn with_key(context: &Context, pki: &Pki, names: Vec<EntryName>) -> Result<Vec<EntryName>, Report> {
    let (here, elsewhere) = crl::by_key(pki, names)?;
    for name in elsewhere {
        context.ui.warning(format!(
            "the CRL of `{name}` is due, and the key of that CA is not here"
        ));
    }
    Ok(here)
}

/// Signs what is due of every CA whose key is here; says whose is not. For `renew --all`.
pub(crate) fn renew_due(
    context: &Context,
    pki: &mut Pki,
    passphrases: &Passphrases<'_>,
    dry_run: bool,
) -> Result<bool, Report> {
    let names = standing(context, pki)?;
    let names = crl::due(pki, names, context.now)?;
    let terms = Terms {
        now: context.now.truncate_to_second(),
        life: Duration::days(DEFAULT_DAYS.into()),
        force: false,
    };
    let mut lists = Vec::new();
    for name in &with_key(context, pki, names)? {
        lists.push(sign(context, pki, name, passphrases, &terms)?);
    }
    if lists.is_empty() {
        return Ok(false);
    }
    for list in &lists {
        context.ui.note(line(
            &ListDocument::new(list, pki.layout()),
            dry_run,
            context,
            pki,
        ));
    }
    if !dry_run {
        crl::publish(pki, &lists)?;
    }
    Ok(true)
}

fn sign(
    context: &Context,
    pki: &Pki,
    issuer: &EntryName,
    passphrases: &Passphrases<'_>,
    terms: &Terms,
) -> Result<Signed, Report> {
    let signer = signing_authority(pki, issuer, passphrases)?;
    let shown = |newer: &Newer| {
        let path = context.shown(pki.layout(), &newer.path);
        format!("{path}: {newer}")
    };
    let list = match crl::sign(pki, &signer, terms) {
        Err(CrlError::OlderLedger { newer }) => {
            return Err(older_ledger(context, pki, issuer, &newer, shown));
        }
        Err(CrlError::Store(error)) => return Err(error.into()),
        Err(error @ (CrlError::Sign(_) | CrlError::Number(_))) => {
            return Err(Report::failed("sign", error));
        }
        Ok(list) => list,
    };
    let passed_over = list.passed_over.iter();
    passed_over.for_each(|newer| context.ui.warning(shown(newer)));
    Ok(list)
}

/// Says what knows more than the ledger, and what can be done.
fn older_ledger(
    context: &Context,
    pki: &Pki,
    issuer: &EntryName,
    newer: &[Newer],
    shown: impl Fn(&Newer) -> String,
) -> Report {
    let refused = |message| Report::refused("crl-newer-than-ledger", message);
    let why = format!(
        "the ledger is older than what lies beside it: the next CRL of `{issuer}` would forget what was revoked"
    );
    let reports = [refused(why).hint("put the newest ledger.db back")];
    let reports = reports
        .into_iter()
        .chain(newer.iter().map(|newer| refused(shown(newer))));
    let is_known = |serial: &&Serial| {
        let records = pki.ledger().with_serial(serial);
        records.is_ok_and(|records| !records.is_empty())
    };
    let revoke = newer
        .iter()
        .flat_map(Newer::serials)
        .find(is_known)
        .map(|serial| {
            let command = context.command(&format!("revoke --serial {serial}"));
            format!("or revoke again what the ledger has forgotten: `{command}`")
        });
    let command = context.command(&format!("crl --ca {issuer} --force"));
    let force = format!("or make one from this ledger all the same: `{command}`");
    let report = Report::all(reports.collect()).unwrap_or_else(|| refused(String::new()));
    revoke.into_iter().chain([force]).fold(report, Report::hint)
}

fn line(list: &ListDocument, dry_run: bool, context: &Context, pki: &Pki) -> String {
    let verb = if dry_run { "would make" } else { "made" };
    let path = context.shown(pki.layout(), Path::new(&list.path));
    format!(
        "{verb} CRL {} of the CA `{}` with {} revoked in {path}, next update {}",
        list.number, list.issuer, list.revoked, list.next_update
    )
}
