//! What `sign` was asked to sign: a request, of which the public key is taken, and the names unless others are given.

mod authority;

use std::{path::Path, slice};

use time::Duration;

use super::{
    Context, Report, bounded,
    distinguished::Distinguished,
    elsewhere::warn_of_waiting,
    exposed,
    extfiles::{self, note_passed_over},
    input::Input,
    issuing::{Noted, warn_of_names},
    made::{Made, Wording, note_shortened},
    names::refuse_existing,
    passphrases::Passphrases,
    report::Outcome,
    sans::parse,
    secrets::Secret,
    signers::{issuing_authority, signing_authority},
};
use crate::{
    issuance::{
        foreign_names::By,
        leaf::{Batch, issue},
        losses::Losses,
        request::{LeafKey, LeafRequest, Model},
    },
    pki::{
        csr::{Csr, CsrError},
        entry_name::EntryName,
        general_name::GeneralName,
        key::PrivateKey,
        octets::Name,
        profile::Profile,
        subject,
        validity::Lifetime,
    },
    store::{
        Access, Pki, entry,
        layout::{Place, file},
        waiting::{Waiting, waiting},
    },
};

const WORDING: Wording = Wording {
    schema: "certctl/sign/v1",
    done: "signed",
    would: "would sign",
};

/// What is signed, and how.
pub(crate) struct Signing<'a> {
    /// The request
    pub(crate) file: &'a Path,
    pub(crate) name: Option<&'a EntryName>,
    pub(crate) path_len: Option<u8>,
    /// Names instead of those that the request asks for
    pub(crate) san: &'a [String],
    pub(crate) extfile: extfiles::Wish<'a>,
    pub(crate) subject: Distinguished<'a>,
    /// Keep the one that the request asks for
    pub(crate) keep_subject: bool,
    /// Left out, the only one that can sign
    pub(crate) ca: Option<&'a EntryName>,
    pub(crate) lifetime: Lifetime,
    pub(crate) backdate: Duration,
    /// Refuse who asks to be a CA
    pub(crate) strict: bool,
    pub(crate) given: Vec<Secret>,
    pub(crate) force: bool,
    pub(crate) dry_run: bool,
}

/// Reads a request, or says what lies there instead.
fn read(path: &Path) -> Result<(Input, Csr), Report> {
    let input = Input::read(path, bounded::Kind::Request)?;
    let csr = Csr::read(&input.octets).map_err(|error| {
        let foreign = match error {
            CsrError::None | CsrError::Instead(_) => input.foreign("csr", "a certificate request"),
            _ => None,
        };
        foreign.unwrap_or_else(|| refused(&input.name, &error))
    })?;
    Ok((input, csr))
}

impl Signing<'_> {
    /// Signs it for a CA.
    pub(crate) fn authority(&self, context: &Context) -> Result<Outcome, Report> {
        authority::run(self, context)
    }

    /// Signs it for an entry.
    pub(crate) fn entry(&self, profile: Profile, context: &Context) -> Result<Outcome, Report> {
        if self.path_len.is_some() {
            return Err(Report::usage(
                "`--path-len` is for CAs: `--profile intermediate`",
            ));
        }
        let (input, csr) = read(self.file)?;
        self.check_wishes(&input.name, &csr, profile, context)?;
        let name = self.entry_name(&csr)?;
        let names = self.sans(&input.name, &name, &csr);
        // Those of an extfile may stand in their place.
        let names = match self.extfile.is_given() {
            true => names,
            false => Ok(names?),
        };
        let subject = self.subject(&input.name, &name, &csr, context)?;
        let mut pki = context.open(Access::Write)?;
        let passphrases = Passphrases::among(self.given.clone(), context, &pki, &[])?;
        let key = waiting_key(&pki, &name, &csr)?;
        if matches!(key, LeafKey::Elsewhere(_)) {
            warn_of_waiting(context, pki.layout(), [&name])?;
            refuse_existing(&pki, slice::from_ref(&name), self.force)?;
        }
        exposed::warn(context, pki.layout(), [Place::entry(name.clone())]);
        let issuer = issuing_authority(&pki, self.ca)?;
        let issuer = signing_authority(&pki, &issuer, &passphrases)?;
        let given = (!self.san.is_empty()).then_some("--san");
        let extfile = self.extfile.requested(Some(&issuer), given, context)?;
        let (wanted, names) = match &extfile {
            Some(asked) if asked.has_names => (asked.extensions.names(), Vec::new()),
            _ => names.map(|names| (names.clone(), names))?,
        };
        warn_of_names(&pki, &[(&name, wanted)], By::Others, context)?;
        if let (Some(asked), false) = (&extfile, self.keep_subject || self.subject.is_given()) {
            asked.note_subject(&subject::usual(&name), context);
        }
        let request = LeafRequest {
            name,
            profile,
            key,
            model: Model::Profile { subject, names },
            lifetime: self.lifetime,
            backdate: self.backdate,
        };
        let batch = Batch {
            issuer: Some(&issuer),
            extensions: extfile.as_ref().map(|asked| &asked.extensions),
            now: context.now,
            progress: &|_| {},
        };
        let made = self.issue(&mut pki, request, &batch, context)?;
        self.tell(context, &pki, &made)
    }

    fn issue(
        &self,
        pki: &mut Pki,
        request: LeafRequest,
        batch: &Batch<'_>,
        context: &Context,
    ) -> Result<Made, Report> {
        let mut noted = Noted::new(Losses::of(pki, [&request.name])?);
        let mut transaction = pki.begin()?;
        let requests = [Ok(request)].into_iter();
        issue(&mut transaction, requests, batch, &mut |record| {
            noted.note(record, true);
        })?;
        let made = noted.warn(context);
        transaction.finish(self.dry_run)?;
        Ok(made)
    }

    /// What is asked for and not given is said, or refused.
    fn check_wishes(
        &self,
        file: &str,
        csr: &Csr,
        profile: Profile,
        context: &Context,
    ) -> Result<(), Report> {
        if let Some(wish) = csr.profile.filter(|wish| *wish != profile) {
            context.ui.note(format!(
                "{file}: the request asks for a {wish} certificate; it is signed as {profile} (see --profile)"
            ));
        }
        if csr.authority.is_empty() {
            return Ok(());
        }
        let wishes = csr.authority.join(", ");
        if self.strict {
            let message =
                format!("{file}: the request asks for {wishes}, which only a CA may have");
            return Err(Report::refused("ca-requested", message)
                .hint("sign it without that by leaving out `--strict`"));
        }
        context.ui.note(format!(
            "{file}: the request asks for {wishes}; that is left out, for only a CA may have it"
        ));
        Ok(())
    }

    fn entry_name(&self, csr: &Csr) -> Result<EntryName, Report> {
        if let Some(name) = self.name {
            return Ok(name.clone());
        }
        let stem = self.file.file_stem().and_then(|stem| stem.to_str());
        let is_named = self.file != Path::new("-") && !self.file.ends_with(file::REQUEST);
        let name = stem.filter(|_| is_named).or(csr.common_name.as_deref());
        name.and_then(|name| name.parse().ok()).ok_or_else(|| {
            Report::usage("the entry has no name: neither the file's nor the request's would do")
                .hint("give it one with `--name NAME`")
        })
    }

    fn sans(&self, file: &str, name: &EntryName, csr: &Csr) -> Result<Vec<GeneralName>, Report> {
        if !self.san.is_empty() {
            return parse(self.san, name);
        }
        let names = csr.checked_names().map_err(|errors| {
            let reports = errors.iter().map(|error| refused(file, error));
            Report::all(reports.collect())
                .unwrap_or_else(|| Report::failed("csr", file))
                .hint("give the names that it is to have with `--san`")
        })?;
        if names.is_empty() {
            let message = format!("{file}: the request asks for no subject alternative name");
            return Err(Report::failed("no-san", message).hint(format!(
                "clients look at nothing else: give the names with `--san {name}`"
            )));
        }
        Ok(names)
    }

    /// What is asked for and not taken is said; so is what somebody else has chosen, and is kept.
    fn subject(
        &self,
        file: &str,
        name: &EntryName,
        csr: &Csr,
        context: &Context,
    ) -> Result<Option<Name>, Report> {
        Report::none(self.subject.mistakes(slice::from_ref(name)))?;
        let usual = subject::usual(name);
        if !self.keep_subject {
            if !self.subject.is_given() {
                let asked = (&csr.subject[..], &usual[..]);
                let hint = "`--keep-subject` takes what is asked for, and `--subject DN` another";
                note_passed_over(context, file, asked, hint);
            }
            return Ok(self.subject.of(name));
        }
        if subject::to_text(&csr.subject).is_none() {
            let message = format!("{file}: the subject that it asks for is not in DER");
            return Err(Report::failed("csr", message).hint("give it another with `--subject DN`"));
        }
        if csr.subject != usual {
            let kept = subject::shown(&csr.subject);
            context
                .ui
                .note(format!("{file}: the subject is kept: {kept}"));
        }
        Ok(Some(csr.subject.clone()))
    }

    fn tell(&self, context: &Context, pki: &Pki, made: &Made) -> Result<Outcome, Report> {
        made.tell(context, pki.layout(), &WORDING, self.dry_run)?;
        if let Some(record) = made.first_leaf() {
            note_shortened(self.lifetime, record, context);
        }
        if self.dry_run {
            return Ok(Outcome::Changed);
        }
        let away = made.kept.first().filter(|record| !record.origin.has_key());
        if let (false, Some(record)) = (context.ui.is_json(), away) {
            context.ui.hint(format!(
                "next, where the key is: `certctl install {0} cert.pem --trust ca.pem` with the files of certs/{0}",
                record.name
            ));
        }
        Ok(Outcome::Changed)
    }
}

/// The key of an entry that waits here for its certificate, where it is the one that asks.
fn waiting_key(pki: &Pki, name: &EntryName, csr: &Csr) -> Result<LeafKey, Report> {
    let key = match waiting(pki.layout(), &Place::entry(name.clone()))? {
        Some(Waiting::First) => entry::key(pki.layout(), name, None)?,
        Some(Waiting::Next) => entry::waiting_key(pki.layout(), name)?,
        None => None,
    };
    let asks = |key: &PrivateKey| key.public_key() == csr.public_key.octets();
    let elsewhere = || LeafKey::Elsewhere(csr.public_key.clone());
    Ok(key.filter(asks).map_or_else(elsewhere, LeafKey::Kept))
}

fn refused(file: &str, error: &CsrError) -> Report {
    let report = Report::failed("csr", format!("{file}: {error}"));
    match error {
        CsrError::Key(_) => report.hint("make a new key and request with `certctl request NAME`"),
        _ => report,
    }
}
