//! `certctl sign`: sign a certificate signing request.

use std::{
    path::{Path, PathBuf},
    slice,
};

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};

mod authority;

use super::{
    Context, Report, Run,
    args::{ChangeArgs, LifetimeArgs, authority_name, entry_name},
    bounded,
    distinguished::{SubjectArgs, note_passed_over},
    elsewhere::warn_of_waiting,
    exposed,
    extfiles::ExtfileArgs,
    input::Input,
    issue::DEFAULT_LIFETIME,
    losses,
    made::{Made, Wording},
    names::{parse, refuse_existing},
    open::{issuing_authority, signing_authority},
    passphrases::PassphraseArgs,
    report::Outcome,
    unusual::Unusual,
};
use crate::{
    issuance::{
        foreign_names::{self, By},
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

/// Sign a certificate signing request
///
/// From the request come the public key and, unless --san is given, its names; nothing else, but for the
/// subject with --keep-subject: --profile says what the certificate is for, and --name what the entry is
/// called. The request must be signed with its own key. The entry has no key here, for that stays where
/// the request was made. The
/// certificate is valid for 365 days unless something else is asked for.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl sign node1.csr\n  \
    certctl sign request.csr --name node1 --profile server --days 90\n  \
    certctl sign mongo1.csr --keep-subject\n  \
    certctl sign request.csr --profile intermediate --name issuing\n  \
    certctl sign - --name node1 --san node1.db.internal,10.0.0.1")]
pub(crate) struct Sign {
    /// The request, PEM or DER; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Name of the entry [default: the file's, or for request.csr the common name asked for]
    #[arg(long, value_name = "NAME", value_parser = entry_name)]
    name: Option<EntryName>,
    /// What the certificate is for; `intermediate` makes a CA of who asks
    #[arg(long, value_name = "PROFILE", default_value = Profile::Node.name(), value_parser = kind())]
    profile: Kind,
    /// How many CAs may follow below an intermediate [default: 0]
    #[arg(long, value_name = "N")]
    path_len: Option<u8>,
    /// Names instead of those that the request asks for, separated by commas (can be repeated)
    #[arg(long, value_name = "SAN")]
    san: Vec<String>,
    #[command(flatten)]
    extfile: ExtfileArgs,
    #[command(flatten)]
    subject: SubjectArgs,
    /// Keep the subject that the request asks for
    #[arg(long, conflicts_with = "subject")]
    keep_subject: bool,
    /// CA that signs [default: the only one without a CA below it]
    #[arg(long, value_name = "NAME", value_parser = authority_name)]
    ca: Option<EntryName>,
    #[command(flatten)]
    lifetime: LifetimeArgs,
    /// Refuse a request that asks to be a CA, instead of leaving that out
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    change: ChangeArgs,
}

/// What a request is signed as.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Leaf(Profile),
    Intermediate,
}

fn kind() -> impl TypedValueParser<Value = Kind> {
    const INTERMEDIATE: &str = "intermediate";
    let words = Profile::ALL.map(Profile::name).into_iter();
    PossibleValuesParser::new(words.chain([INTERMEDIATE])).try_map(|word| match word.as_str() {
        INTERMEDIATE => Ok(Kind::Intermediate),
        word => word.parse().map(Kind::Leaf),
    })
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

impl Run for Sign {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let profile = match self.profile {
            Kind::Leaf(profile) => profile,
            Kind::Intermediate => return authority::run(&self, context),
        };
        if self.path_len.is_some() {
            return Err(Report::usage(
                "`--path-len` is for CAs: `--profile intermediate`",
            ));
        }
        let (input, csr) = read(&self.file)?;
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
        let passphrases = self.passphrase.among(context, &pki, &[])?;
        let key = waiting_key(&pki, &name, &csr)?;
        if matches!(key, LeafKey::Elsewhere(_)) {
            warn_of_waiting(context, pki.layout(), [&name])?;
            refuse_existing(&pki, slice::from_ref(&name), self.change.force)?;
        }
        exposed::warn(context, pki.layout(), [Place::entry(name.clone())]);
        let issuer = issuing_authority(&pki, self.ca.as_ref())?;
        let issuer = signing_authority(&pki, &issuer, &passphrases)?;
        let given = (!self.san.is_empty()).then_some("--san");
        let extfile = self.extfile.requested(Some(&issuer), given, context)?;
        let (wanted, names) = match &extfile {
            Some(asked) if asked.has_names => (asked.extensions.names(), Vec::new()),
            _ => names.map(|names| (names.clone(), names))?,
        };
        for text in foreign_names::warnings(&pki, &[(&name, wanted)], By::Others)? {
            context.ui.warning(text);
        }
        if let (Some(asked), false) = (&extfile, self.keep_subject || self.subject.is_given()) {
            asked.note_subject(&subject::usual(&name), context);
        }
        let request = LeafRequest {
            name,
            profile,
            key,
            model: Model::Profile { subject, names },
            lifetime: self.lifetime.lifetime(DEFAULT_LIFETIME),
            backdate: self.lifetime.backdate,
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
}

impl Sign {
    fn issue(
        &self,
        pki: &mut Pki,
        request: LeafRequest,
        batch: &Batch<'_>,
        context: &Context,
    ) -> Result<Made, Report> {
        let mut losses = Losses::of(pki, [&request.name])?;
        let mut made = Made::default();
        let mut unusual = Unusual::default();
        let mut transaction = pki.begin()?;
        let requests = [Ok(request)].into_iter();
        issue(&mut transaction, requests, batch, &mut |record| {
            made.note(record, true);
            losses.note(record);
            unusual.note(&record.names);
        })?;
        losses::warn(&losses, context);
        unusual.tell(context);
        transaction.finish(self.change.dry_run)?;
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
        if let Some(name) = &self.name {
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
            return parse(&self.san, name);
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
        if let Some(mistake) = Report::all(self.subject.mistakes(slice::from_ref(name))) {
            return Err(mistake);
        }
        let usual = subject::usual(name);
        if !self.keep_subject {
            if !self.subject.is_given() {
                let asked = (&csr.subject[..], &usual[..]);
                let hint = "`--keep-subject` takes what is asked for, and `--subject DN` another";
                note_passed_over(context, file, asked, hint);
            }
            return Ok(self.subject.asked(name));
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
        made.tell(context, pki.layout(), &WORDING, self.change.dry_run)?;
        if let Some(record) = made.first_leaf() {
            self.lifetime
                .note_shortened(DEFAULT_LIFETIME, record, context);
        }
        if self.change.dry_run {
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
