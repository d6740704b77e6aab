//! CRLs as commands make them: of which CAs, and what is said of the others.

use std::path::Path;

use super::{
    Context, Report,
    passphrases::Passphrases,
    signers::{able, issuing_authority, refuse_fallen},
};
use crate::{
    documents::crl::ListDocument,
    issuance::{
        SigningAuthority,
        authorities::authorities,
        crl::{self, CrlError, Signed, Terms, ahead},
        defaults,
    },
    newer::Newer,
    pki::{entry_name::EntryName, revocation, serial::Serial},
    store::{
        Pki,
        layout::{Place, file},
    },
    terminal::errors::unsigned,
};

/// CRLs that `crl` was asked for.
pub(crate) struct Making<'a> {
    /// Of this CA; left out, of the only one that can sign
    pub(crate) ca: Option<&'a EntryName>,
    /// Of every CA
    pub(crate) all: bool,
    pub(crate) if_due: bool,
    /// So many at once, to be published one after the other
    pub(crate) ahead: Option<u16>,
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
        let names = self.names(pki, context)?;
        self.make(names, pki, passphrases, context)
    }

    fn make(
        &self,
        mut names: Vec<EntryName>,
        pki: &mut Pki,
        passphrases: &Passphrases<'_>,
        context: &Context,
    ) -> Result<(Vec<Signed>, bool), Report> {
        if self.if_due {
            names = crl::due(pki, names, context.now)?;
        }
        let mut lists = Vec::new();
        let mut is_left = false;
        if self.if_due {
            (lists, is_left) = take_come(context, pki, &mut names)?;
        }
        if self.all {
            let (come, lacks) = take_come_elsewhere(context, pki, &mut names)?;
            lists.extend(come);
            let (here, is_due) = with_key(context, pki, names)?;
            names = here;
            is_left |= lacks || is_due;
        }
        for name in &names {
            match able(pki, name, passphrases)? {
                Ok(signer) => lists.push(sign(context, (pki, &signer, self.ahead), &self.terms)?),
                Err(report) if self.all => {
                    context.warn_of(format!("the CRL of `{name}` is not made"), report);
                    is_left = true;
                }
                Err(report) => return Err(report),
            }
        }
        publish(pki, &lists, self.dry_run)?;
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

/// Makes what is due of every CA, and says so, for `renew --all`; tells whether anything was made, and whether something
/// is due that cannot be made here.
pub(crate) fn renew_due(
    context: &Context,
    pki: &mut Pki,
    passphrases: &Passphrases<'_>,
    dry_run: bool,
) -> Result<(bool, bool), Report> {
    let making = Making {
        ca: None,
        all: true,
        if_due: true,
        ahead: None,
        terms: Terms {
            now: context.now.truncate_to_second(),
            life: defaults::CRL_LIFE,
            force: false,
        },
        dry_run,
    };
    let names = standing(context, pki)?;
    let (lists, is_left) = making.make(names, pki, passphrases, context)?;
    for list in &lists {
        let verb = verb(list, dry_run);
        let list = ListDocument::new(list, pki.layout());
        context.ui.note(line(verb, &list, context, pki));
    }
    Ok((!lists.is_empty(), is_left))
}

/// Takes out of these CAs those of which a CRL was made ahead that is good now, and says what it lacks; tells besides
/// whether one lacks something. Of a CA whose key lies in a file here, one that lacks something is made anew.
fn take_come(
    context: &Context,
    pki: &Pki,
    names: &mut Vec<EntryName>,
) -> Result<(Vec<Signed>, bool), Report> {
    let (mut lists, mut lacks, mut left) = (Vec::new(), false, Vec::new());
    for name in names.drain(..) {
        let come = ahead::come(pki, &name, context.now)?;
        let place = pki.layout().place(&Place::authority(name.clone()));
        let is_at_hand = pki.layout().holds(&place.join(file::KEY))?;
        match come.filter(|come| come.lacking.is_empty() || !is_at_hand) {
            Some(come) => {
                lacks |= !come.lacking.is_empty();
                tell_lacking(context, &name, &come.lacking);
                lists.push(come.signed);
            }
            None => left.push(name),
        }
    }
    *names = left;
    Ok((lists, lacks))
}

/// The same of CAs that cannot sign here; the others are left.
fn take_come_elsewhere(
    context: &Context,
    pki: &Pki,
    names: &mut Vec<EntryName>,
) -> Result<(Vec<Signed>, bool), Report> {
    let (mut here, mut elsewhere) = crl::by_key(pki, std::mem::take(names))?;
    let come = take_come(context, pki, &mut elsewhere)?;
    here.extend(elsewhere);
    *names = here;
    Ok(come)
}

/// Says what a CRL that was made ahead does not list.
fn tell_lacking(context: &Context, name: &EntryName, lacking: &[Serial]) {
    if lacking.is_empty() {
        return;
    }
    let serials: Vec<_> = lacking.iter().map(Serial::to_string).collect();
    context.ui.warning(format!(
        "the CRL of `{name}` was made ahead, before these were revoked, and does not list them: {}",
        serials.join(", ")
    ));
    context.ui.hint(format!(
        "sign new ones where the key is: `certctl crl --ca {name} --ahead 12`; their numbers are higher, and take the \
         place of those made before"
    ));
}

fn publish(pki: &mut Pki, lists: &[Signed], dry_run: bool) -> Result<(), Report> {
    match dry_run || lists.is_empty() {
        true => Ok(()),
        false => Ok(crl::publish(pki, lists)?),
    }
}

fn sign(
    context: &Context,
    (pki, signer, ahead): (&Pki, &SigningAuthority, Option<u16>),
    terms: &Terms,
) -> Result<Signed, Report> {
    let issuer = &signer.authority.name;
    let shown = |newer: &Newer| {
        let path = context.shown(pki.layout(), &newer.path);
        format!("{path}: {newer}")
    };
    let made = match ahead {
        Some(count) => ahead::sign_ahead(pki, signer, terms, count),
        None => crl::sign(pki, signer, terms),
    };
    let list = match made {
        Err(CrlError::OlderLedger { newer }) => {
            return Err(older_ledger(context, pki, issuer, &newer, shown));
        }
        Err(CrlError::Store(error)) => return Err(error.into()),
        Err(error @ CrlError::BeyondIssuer(_)) => {
            return Err(Report::refused("outlives-issuer", error)
                .hint("make fewer of them, or shorter ones with `--days`"));
        }
        Err(CrlError::Sign(revocation::CrlError::Key(error))) => return Err(unsigned(&error)),
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
    let ahead = match (list.ahead, &list.ahead_until) {
        (Some(count), Some(until)) => format!("; {count} more follow it, until {until}"),
        _ => String::new(),
    };
    format!(
        "{verb} CRL {} of the CA `{}` with {} revoked in {path}, next update {}{ahead}",
        list.number, list.issuer, list.revoked, list.next_update
    )
}

/// How the making of a CRL is called.
pub(crate) fn verb(list: &Signed, dry_run: bool) -> &'static str {
    match (list.has_waited, dry_run) {
        (false, true) => "would make",
        (false, false) => "made",
        (true, true) => "would publish",
        (true, false) => "published",
    }
}
