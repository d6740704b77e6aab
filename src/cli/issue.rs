//! `certctl issue`: make keys and certificates for nodes, servers and clients.

use clap::Args;
use time::Duration;

use super::{
    Context, Report, Run,
    args::{ChangeArgs, KeyArgs, LifetimeArgs, authority_name, profile},
    distinguished::SubjectArgs,
    elsewhere::warn_of_waiting,
    exposed,
    extfiles::{Asked, ExtfileArgs},
    losses,
    made::{MADE, Made},
    names::{NameArgs, SanArgs, refuse_existing},
    open::{issuing_authority, signing_authority},
    passphrases::PassphraseArgs,
    report::Outcome,
    unusual::Unusual,
};
use crate::session::initial::{initial_authorities, make_authorities};
use crate::{
    issuance::{
        IssueError, SigningAuthority,
        authorities::authorities,
        foreign_names::{self, By},
        leaf::{Batch, issue},
        losses::Losses,
        request::{LeafKey, LeafRequest, Model},
    },
    pki::{entry_name::EntryName, profile::Profile, subject},
    store::{
        Access, Pki,
        layout::Place,
        ledger::{Kind, Listed},
        transaction::Transaction,
    },
};

/// One year.
pub(crate) const DEFAULT_LIFETIME: Duration = Duration::days(365);

/// Make keys and certificates
///
/// Each NAME becomes an entry: a directory with a key, a certificate with its chain, and the trust
/// bundle that its peers need. The entries of one command are made together or not at all.
///
/// A SAN is typed (DNS:a, IP:10.0.0.1, URI:…, email:…) or bare; {name} stands for the entry's name.
/// The name itself is a SAN where it is a host name. A certificate is valid for 365 days, or until
/// its CA ends, unless something else is asked for.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl issue node1 node2 node3 --init\n  \
    certctl issue node1 --san 10.0.0.1,node1.db.internal --local\n  \
    certctl issue node{1..100} --san {name}.db.internal\n  \
    certctl issue app --profile client --days 90\n  \
    certctl issue node{1..3} --subject CN={name},OU=rs0,O=Acme\n  \
    certctl issue node1 --extfile node.cnf --force")]
pub(crate) struct Issue {
    #[command(flatten)]
    names: NameArgs,
    /// What the certificates are for
    #[arg(long, value_name = "PROFILE", default_value = Profile::Node.name(), value_parser = profile())]
    profile: Profile,
    #[command(flatten)]
    sans: SanArgs,
    #[command(flatten)]
    subject: SubjectArgs,
    #[command(flatten)]
    extfile: ExtfileArgs,
    /// CA that signs [default: the only one without a CA below it]
    #[arg(long, value_name = "NAME", value_parser = authority_name, conflicts_with_all = ["init", "self_signed"])]
    ca: Option<EntryName>,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    lifetime: LifetimeArgs,
    /// Make the CAs root and issuing first where there is no CA yet
    #[arg(long, conflicts_with = "self_signed")]
    init: bool,
    /// With --init: encrypt the CAs' keys; asks for passphrases where none are given
    #[arg(long, requires = "init")]
    encrypt: bool,
    /// Let each certificate sign itself, without a CA: for one server on a desk
    #[arg(long)]
    self_signed: bool,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    change: ChangeArgs,
}

impl Run for Issue {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let names = self.names.checked(&self.sans, &self.subject)?;
        let access = if self.init || self.self_signed {
            Access::Create
        } else {
            Access::Write
        };
        let mut pki = context.open(access)?;
        refuse_existing(&pki, &names, self.change.force).map_err(|report| {
            let name = names.first().map_or("NAME", EntryName::as_str);
            report.hint(format!(
                "or make a new certificate for the same names: `certctl renew {name} --force`"
            ))
        })?;
        exposed::warn(
            context,
            pki.layout(),
            names.iter().cloned().map(Place::entry),
        );
        warn_of_waiting(context, pki.layout(), &names)?;
        let makes_authorities = self.init && authorities(&pki)?.is_empty();
        let initial = initial_authorities()?;
        let made = if makes_authorities { &initial[..] } else { &[] };
        let passphrases = self.passphrase.among(context, &pki, made)?;
        let signer = match makes_authorities || self.self_signed {
            true => None,
            false => {
                let name = issuing_authority(&pki, self.ca.as_ref())?;
                Some(signing_authority(&pki, &name, &passphrases)?)
            }
        };
        // Without a CA there is nobody whose names they could be.
        let asked = match makes_authorities {
            true => None,
            false => self.asked(signer.as_ref(), context)?,
        };
        self.warn_of_names(&pki, &names, asked.as_ref(), context)?;
        let mut records = Made::default();
        let mut unusual = Unusual::default();
        let mut losses = Losses::of(&pki, names.iter().filter(|_| self.change.force))?;
        let mut transaction = pki.begin()?;
        let made = match makes_authorities {
            true => Some(make_authorities(
                &mut transaction,
                &mut records,
                &initial,
                (&passphrases, self.encrypt),
                context,
            )?),
            false => None,
        };
        let asked = match &made {
            Some(made) => self.asked(Some(made), context)?,
            None => asked,
        };
        self.issue(
            &mut transaction,
            &names,
            (made.as_ref().or(signer.as_ref()), asked),
            (&mut records, &mut losses, &mut unusual),
            context,
        )?;
        losses::warn(&losses, context);
        unusual.tell(context);
        transaction.finish(self.change.dry_run)?;
        self.tell(context, &pki, &records)
    }
}

impl Issue {
    fn request(&self, name: &EntryName) -> Result<LeafRequest, IssueError> {
        let names = self.sans.of(name);
        if names.is_empty() && !self.extfile.is_given() {
            return Err(IssueError::NoNames(name.to_string()));
        }
        Ok(LeafRequest {
            name: name.clone(),
            profile: self.profile,
            key: LeafKey::New(self.key.key_type),
            model: Model::Profile {
                subject: self.subject.asked(name),
                names,
            },
            lifetime: self.lifetime.lifetime(DEFAULT_LIFETIME),
            backdate: self.lifetime.backdate,
        })
    }

    /// What the extfile asks for.
    fn asked(
        &self,
        issuer: Option<&SigningAuthority>,
        context: &Context,
    ) -> Result<Option<Asked>, Report> {
        let given = self.sans.is_given().then_some("--san and --local");
        self.extfile.requested(issuer, given, context)
    }

    /// Says of names that others have; those of an extfile stand in the place of the entry's own.
    fn warn_of_names(
        &self,
        pki: &Pki,
        names: &[EntryName],
        asked: Option<&Asked>,
        context: &Context,
    ) -> Result<(), Report> {
        let given = asked.filter(|asked| asked.has_names);
        let given = given.map(|asked| asked.extensions.names());
        let of = |name| given.clone().unwrap_or_else(|| self.sans.of(name));
        let wanted = names.iter().map(|name| (name, of(name)));
        // Gone before anything is made: of 100,000 they are as large as all else.
        for text in foreign_names::warnings(pki, &wanted.collect::<Vec<_>>(), By::Operator)? {
            context.ui.warning(text);
        }
        Ok(())
    }

    fn issue(
        &self,
        transaction: &mut Transaction<'_>,
        names: &[EntryName],
        (issuer, asked): (Option<&SigningAuthority>, Option<Asked>),
        (made, losses, unusual): (&mut Made, &mut Losses, &mut Unusual),
        context: &Context,
    ) -> Result<(), Report> {
        if let (Some(asked), Some(name), false) = (&asked, names.first(), self.subject.is_given()) {
            asked.note_subject(&subject::usual(name), context);
        }
        let bar = context.ui.progress(names.len(), "issuing");
        let batch = Batch {
            issuer,
            extensions: asked.as_ref().map(|asked| &asked.extensions),
            now: context.now,
            progress: &|count| bar.advance(count),
        };
        let requests = names.iter().map(|name| self.request(name));
        let keep_all = context.ui.is_json();
        issue(transaction, requests, &batch, &mut |record| {
            made.note(record, keep_all);
            losses.note(record);
            unusual.note(&record.names);
        })?;
        drop(bar);
        Ok(())
    }

    fn tell(&self, context: &Context, pki: &Pki, made: &Made) -> Result<Outcome, Report> {
        let dry_run = self.change.dry_run;
        made.tell(context, pki.layout(), &MADE, dry_run)?;
        if let Some(record) = made.first_leaf() {
            self.lifetime
                .note_shortened(DEFAULT_LIFETIME, record, context);
        }
        if dry_run {
            return Ok(Outcome::Changed);
        }
        if let (false, Some(record)) = (context.ui.is_json(), made.first_leaf()) {
            context.ui.hint(next(context, record));
        }
        Ok(Outcome::Changed)
    }
}

/// What to do with an entry that was made.
fn next(context: &Context, record: &Listed) -> String {
    let name = &record.name;
    let (words, what) = match record.kind {
        Kind::Client => (
            format!("client SERVER LANGUAGE {name}"),
            "a program that connects",
        ),
        _ => (format!("config SERVER {name}"), "a server's configuration"),
    };
    let (command, list) = (context.command(&words), context.command("config --list"));
    format!("next: `{command}` prints {what}; `{list}` names the servers")
}
