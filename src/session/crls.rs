//! CRLs as commands make them: of which CAs, and what is said of the others.

use std::path::Path;

use super::{
    Context, Report,
    passphrases::Passphrases,
    signers::{issuing_authority, refuse_fallen, signing_authority},
};
use crate::{
    documents::crl::ListDocument,
    issuance::{
        authorities::authorities,
        crl::{self, CrlError, Signed, Terms},
        defaults,
    },
    newer::Newer,
    pki::{entry_name::EntryName, serial::Serial},
    store::Pki,
};

/// CRLs that `crl` was asked for.
pub(crate) struct Making<'a> {
    /// Of this CA; left out, of the only one that can sign
    pub(crate) ca: Option<&'a EntryName>,
    /// Of every CA
    pub(crate) all: bool,
    pub(crate) if_due: bool,
    pub(crate) terms: Terms,
    pub(crate) dry_run: bool,
}

impl Making<'_> {
    /// Makes them; tells besides whether one is due that cannot be made here.
    pub(crate) fn carry_out(
        &self,
        pki: &mut Pki,
        passphrases: &Passphrases<'_>,
        context: &Context,
    ) -> Result<(Vec<Signed>, bool), Report> {
        let mut names = self.names(pki, context)?;
        if self.if_due {
            names = crl::due(pki, names, context.now)?;
        }
        let mut is_left = false;
        if self.all {
            (names, is_left) = with_key(context, pki, names)?;
        }
        let lists = make(context, pki, &names, passphrases, &self.terms, self.dry_run)?;
        Ok((lists, is_left))
    }

    fn names(&self, pki: &Pki, context: &Context) -> Result<Vec<EntryName>, Report> {
        if self.all {
            let standing = standing(context, pki)?;
            if !standing.is_empty() {
                return Ok(standing);
            }
        }
        let name = match self.ca {
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

/// Those of these CAs whose keys are here; says of the others whose CRL is due, and whether there is such a one.
fn with_key(
    context: &Context,
    pki: &Pki,
    names: Vec<EntryName>,
) -> Result<(Vec<EntryName>, bool), Report> {
    let (here, elsewhere) = crl::by_key(pki, names)?;
    let mut is_left = false;
    for name in elsewhere {
        if crl::stands(pki, &name, context.now)? {
            continue;
        }
        is_left = true;
        context.ui.warning(format!(
            "the CRL of `{name}` is due, and the key of that CA is not here"
        ));
        context.ui.hint(format!(
            "once it is made where the key is: `certctl install ca/{name} crl.pem`"
        ));
    }
    Ok((here, is_left))
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
        life: defaults::CRL_LIFE,
        force: false,
    };
    let (names, _) = with_key(context, pki, names)?;
    let lists = make(context, pki, &names, passphrases, &terms, dry_run)?;
    for list in &lists {
        let list = ListDocument::new(list, pki.layout());
        context.ui.note(line(verb(dry_run), &list, context, pki));
    }
    Ok(!lists.is_empty())
}

/// Signs them all before any is published.
fn make(
    context: &Context,
    pki: &mut Pki,
    names: &[EntryName],
    passphrases: &Passphrases<'_>,
    terms: &Terms,
    dry_run: bool,
) -> Result<Vec<Signed>, Report> {
    let lists = names
        .iter()
        .map(|name| sign(context, pki, name, passphrases, terms));
    let lists: Vec<_> = lists.collect::<Result<_, _>>()?;
    if !dry_run && !lists.is_empty() {
        crl::publish(pki, &lists)?;
    }
    Ok(lists)
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
pub(crate) fn older_ledger(
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

/// What was done to a CRL, in a line.
pub(crate) fn line(verb: &str, list: &ListDocument, context: &Context, pki: &Pki) -> String {
    let path = context.shown(pki.layout(), Path::new(&list.path));
    format!(
        "{verb} CRL {} of the CA `{}` with {} revoked in {path}, next update {}",
        list.number, list.issuer, list.revoked, list.next_update
    )
}

/// How the making of a CRL is called.
pub(crate) fn verb(dry_run: bool) -> &'static str {
    if dry_run { "would make" } else { "made" }
}
