//! What `issue` was asked to make: checked, told, and made, all of it or nothing.

use time::Duration;

use super::{
    Context, Report,
    distinguished::Distinguished,
    elsewhere::warn_of_waiting,
    exposed,
    extfiles::{self, Asked},
    initial::{initial_authorities, make_authorities},
    losses,
    made::{MADE, Made, note_shortened},
    names::refuse_existing,
    passphrases::Passphrases,
    sans::Sans,
    secrets::Secret,
    signers::{issuing_authority, signing_authority},
    unusual::Unusual,
};
use crate::{
    issuance::{
        IssueError, SigningAuthority,
        authorities::authorities,
        foreign_names::{self, By},
        leaf::{Batch, issue},
        losses::Losses,
        request::{LeafKey, LeafRequest, Model},
    },
    pki::{
        entry_name::EntryName, general_name::GeneralName, key::KeyType, profile::Profile, subject,
        validity::Lifetime,
    },
    store::{Access, Pki, layout::Place, ledger::Record, transaction::Transaction},
};

/// What is made.
pub(crate) struct Issuing<'a> {
    pub(crate) names: &'a [EntryName],
    pub(crate) profile: Profile,
    pub(crate) sans: Sans<'a>,
    pub(crate) subject: Distinguished<'a>,
    pub(crate) extfile: extfiles::Wish<'a>,
    /// Left out, the only one that can sign
    pub(crate) ca: Option<&'a EntryName>,
    pub(crate) key_type: KeyType,
    pub(crate) lifetime: Lifetime,
    pub(crate) backdate: Duration,
    /// Make CAs where there is none
    pub(crate) init: bool,
    /// Encrypt their keys
    pub(crate) encrypt: bool,
    /// Without a CA
    pub(crate) self_signed: bool,
    pub(crate) given: Vec<Secret>,
    pub(crate) force: bool,
    pub(crate) dry_run: bool,
}

/// What was made, and what is to be said of it.
pub(super) struct Noted {
    pub(super) made: Made,
    losses: Losses,
    unusual: Unusual,
}

impl Noted {
    pub(super) fn new(losses: Losses) -> Self {
        Self {
            made: Made::default(),
            losses,
            unusual: Unusual::default(),
        }
    }

    pub(super) fn note(&mut self, record: &Record, keep_all: bool) {
        self.made.note(record, keep_all);
        self.losses.note(record);
        self.unusual.note(&record.names);
    }

    pub(super) fn warn(self, context: &Context) -> Made {
        losses::warn(&self.losses, context);
        self.unusual.tell(context);
        self.made
    }
}

/// Says whose names are asked for.
pub(super) fn warn_of_names(
    pki: &Pki,
    wanted: &[(&EntryName, Vec<GeneralName>)],
    by: By,
    context: &Context,
) -> Result<(), Report> {
    for text in foreign_names::warnings(pki, wanted, by)? {
        context.ui.warning(text);
    }
    Ok(())
}

impl Issuing<'_> {
    /// Makes it, and tells what was made.
    pub(crate) fn carry_out(&self, context: &Context) -> Result<Made, Report> {
        let access = match self.init || self.self_signed {
            true => Access::Create,
            false => Access::Write,
        };
        let mut pki = context.open(access)?;
        self.look_around(&pki, context)?;
        let makes_authorities = self.init && authorities(&pki)?.is_empty();
        let initial = initial_authorities()?;
        let new = if makes_authorities { &initial[..] } else { &[] };
        let passphrases = Passphrases::among(self.given.clone(), context, &pki, new)?;
        let (signer, asked) = match makes_authorities {
            true => (None, None),
            false => {
                let signer = self.signer(&pki, &passphrases)?;
                let asked = self.asked(signer.as_ref(), context)?;
                (signer, asked)
            }
        };
        self.warn_of_names(&pki, asked.as_ref(), context)?;
        let replaced = self.names.iter().filter(|_| self.force);
        let mut noted = Noted::new(Losses::of(&pki, replaced)?);
        let mut transaction = pki.begin()?;
        let (signer, asked) = match makes_authorities {
            true => {
                let secrets = (&passphrases, self.encrypt);
                let made = &mut noted.made;
                let made = make_authorities(&mut transaction, made, &initial, secrets, context)?;
                let asked = self.asked(Some(&made), context)?;
                (Some(made), asked)
            }
            false => (signer, asked),
        };
        self.issue(
            &mut transaction,
            signer.as_ref(),
            asked.as_ref(),
            &mut noted,
            context,
        )?;
        let made = noted.warn(context);
        transaction.finish(self.dry_run)?;
        made.tell(context, pki.layout(), &MADE, self.dry_run)?;
        if let Some(record) = made.first_leaf() {
            note_shortened(self.lifetime, record, context);
        }
        Ok(made)
    }

    /// What is there already, and what is wrong with it.
    fn look_around(&self, pki: &Pki, context: &Context) -> Result<(), Report> {
        refuse_existing(pki, self.names, self.force).map_err(|report| {
            let name = self.names.first().map_or("NAME", EntryName::as_str);
            report.hint(format!(
                "or make a new certificate for the same names: `certctl renew {name} --force`"
            ))
        })?;
        let places = self.names.iter().cloned().map(Place::entry);
        exposed::warn(context, pki.layout(), places);
        warn_of_waiting(context, pki.layout(), self.names)
    }

    /// The CA that signs; none where each certificate signs itself.
    fn signer(
        &self,
        pki: &Pki,
        passphrases: &Passphrases<'_>,
    ) -> Result<Option<SigningAuthority>, Report> {
        if self.self_signed {
            return Ok(None);
        }
        let name = issuing_authority(pki, self.ca)?;
        signing_authority(pki, &name, passphrases).map(Some)
    }

    fn asked(
        &self,
        issuer: Option<&SigningAuthority>,
        context: &Context,
    ) -> Result<Option<Asked>, Report> {
        let given = self.sans.is_given().then_some("--san and --local");
        self.extfile.requested(issuer, given, context)
    }

    fn warn_of_names(
        &self,
        pki: &Pki,
        asked: Option<&Asked>,
        context: &Context,
    ) -> Result<(), Report> {
        let given = asked.filter(|asked| asked.has_names);
        let given = given.map(|asked| asked.extensions.names());
        let of = |name| given.clone().unwrap_or_else(|| self.sans.of(name));
        let wanted: Vec<_> = self.names.iter().map(|name| (name, of(name))).collect();
        warn_of_names(pki, &wanted, By::Operator, context)
    }

    fn request(&self, name: &EntryName) -> Result<LeafRequest, IssueError> {
        let names = self.sans.of(name);
        if names.is_empty() && !self.extfile.is_given() {
            return Err(IssueError::NoNames(name.to_string()));
        }
        Ok(LeafRequest {
            name: name.clone(),
            profile: self.profile,
            key: LeafKey::New(self.key_type),
            model: Model::Profile {
                subject: self.subject.of(name),
                names,
            },
            lifetime: self.lifetime,
            backdate: self.backdate,
        })
    }

    fn issue(
        &self,
        transaction: &mut Transaction<'_>,
        issuer: Option<&SigningAuthority>,
        asked: Option<&Asked>,
        noted: &mut Noted,
        context: &Context,
    ) -> Result<(), Report> {
        if let (Some(asked), Some(name), false) =
            (asked, self.names.first(), self.subject.is_given())
        {
            asked.note_subject(&subject::usual(name), context);
        }
        let bar = context.ui.progress(self.names.len(), "issuing");
        let batch = Batch {
            issuer,
            extensions: asked.map(|asked| &asked.extensions),
            now: context.now,
            progress: &|count| bar.advance(count),
        };
        let requests = self.names.iter().map(|name| self.request(name));
        let keep_all = context.ui.is_json();
        issue(transaction, requests, &batch, &mut |record| {
            noted.note(record, keep_all);
        })?;
        Ok(())
    }
}
