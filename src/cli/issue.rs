//! `certctl issue`: make keys and certificates for nodes, servers and clients.

use std::{collections::HashSet, path::PathBuf};

use clap::Args;
use time::Duration;
use x509_parser::oid_registry::OID_X509_EXT_SUBJECT_ALT_NAME;

mod made;

use made::Made;

use super::{
    Context, Report, Run,
    args::{ChangeArgs, KeyArgs, LifetimeArgs, PassphraseArgs, entry_name, profile},
    document::{Entries, Entry},
    extfile, init_intermediate,
    open::{issuing_authority, new_passphrase, signing_authority},
    report::Outcome,
};
use crate::{
    extfile::{Requested, Role},
    issuance::{
        IssueError, SigningAuthority,
        authority::{AuthorityRequest, create},
        leaf::{Batch, issue},
        request::{LeafKey, LeafRequest, Model},
    },
    pki::{
        entry_name::EntryName, extension::PermittedSubtrees, general_name::GeneralName,
        key::KeyType, profile::Profile, range, san, secret::Passphrase, validity::Lifetime,
    },
    store::{Access, Pki, layout::Place, transaction::Transaction},
};

/// One year.
const DEFAULT_LIFETIME: Duration = Duration::days(365);

/// Make keys and certificates
///
/// Each NAME becomes an entry: a directory with a key, a certificate with its chain, and the trust
/// bundle that its peers need. The entries of one command are made together or not at all.
///
/// A SAN is typed (DNS:a, IP:10.0.0.1, URI:…, email:…) or bare; {name} stands for the entry's name.
/// The name itself is a SAN where it is a host name.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl issue node1 node2 node3 --init\n  \
    certctl issue node1 --san 10.0.0.1,node1.db.internal --local\n  \
    certctl issue node{1..100} --san {name}.db.internal\n  \
    certctl issue app --profile client --days 90\n  \
    certctl issue node1 --extfile node.cnf --force")]
pub(crate) struct Issue {
    /// Name of the entry; node{1..9} stands for nine (can be repeated)
    #[arg(value_name = "NAME", required = true, value_parser = names)]
    names: Vec<Names>,
    /// What the certificates are for
    #[arg(long, value_name = "PROFILE", default_value = Profile::Node.name(), value_parser = profile())]
    profile: Profile,
    /// Subject alternative names, separated by commas (can be repeated)
    #[arg(long, value_name = "SAN")]
    san: Vec<String>,
    /// Add localhost, 127.0.0.1 and ::1 as names
    #[arg(long)]
    local: bool,
    /// Leave the entry's name out of the names
    #[arg(long)]
    no_name_san: bool,
    /// OpenSSL x509v3_config file that asks for extensions
    #[arg(long, value_name = "FILE")]
    extfile: Option<PathBuf>,
    /// Section of the extfile [default: what its `extensions` names, or its unnamed section]
    #[arg(long, value_name = "SECTION", requires = "extfile")]
    extensions: Option<String>,
    /// CA that signs [default: the only one without a CA below it]
    #[arg(long, value_name = "NAME", value_parser = entry_name, conflicts_with_all = ["init", "self_signed"])]
    ca: Option<EntryName>,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    lifetime: LifetimeArgs,
    /// Make the CAs root and issuing first where there is no CA yet
    #[arg(long, conflicts_with = "self_signed")]
    init: bool,
    /// Let each certificate sign itself, without a CA: for one server on a desk
    #[arg(long)]
    self_signed: bool,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    change: ChangeArgs,
}

/// The names that one argument stands for.
#[derive(Clone, Debug)]
struct Names(Vec<EntryName>);

fn names(text: &str) -> Result<Names, String> {
    let names = range::expand(text).map_err(|error| error.to_string())?;
    names
        .iter()
        .map(|name| entry_name(name))
        .collect::<Result<_, _>>()
        .map(Names)
}

impl Run for Issue {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let names = self.distinct_names()?;
        self.check_names(&names)?;
        let access = if self.init || self.self_signed {
            Access::Create
        } else {
            Access::Write
        };
        let mut pki = context.open(access)?;
        self.refuse_existing(&pki, &names)?;
        let makes_authorities = self.init && pki.authorities()?.is_empty();
        let passphrase = new_passphrase(false, &self.passphrase)?;
        let signer = match makes_authorities || self.self_signed {
            true => None,
            false => {
                let name = issuing_authority(&pki, self.ca.as_ref())?;
                Some(signing_authority(&pki, &name, &self.passphrase)?)
            }
        };
        let mut records = Made::default();
        let mut transaction = pki.begin()?;
        let made = match makes_authorities {
            true => Some(make_authorities(
                &mut transaction,
                &mut records,
                passphrase.as_ref(),
                context,
            )?),
            false => None,
        };
        self.issue(
            &mut transaction,
            &names,
            made.as_ref().or(signer.as_ref()),
            &mut records,
            context,
        )?;
        if self.change.dry_run {
            drop(transaction);
        } else {
            transaction.commit()?;
        }
        self.tell(context, &pki, &records)
    }
}

impl Issue {
    fn distinct_names(&self) -> Result<Vec<EntryName>, Report> {
        let mut seen = HashSet::new();
        let all = self.names.iter().flat_map(|names| &names.0);
        let twice: Vec<_> = all.clone().filter(|name| !seen.insert(*name)).collect();
        match twice.first() {
            Some(name) => Err(Report::usage(format!("the name `{name}` is given twice"))),
            None => Ok(all.cloned().collect()),
        }
    }

    /// Reports every mistake in the names before anything is touched.
    ///
    /// One entry stands for all where `{name}` is not used: the others have the same SANs.
    fn check_names(&self, names: &[EntryName]) -> Result<(), Report> {
        let expands = self
            .san
            .iter()
            .any(|text| text.contains(san::NAME_PLACEHOLDER));
        let checked = if expands { names } else { &names[..1] };
        let mut reports = Vec::new();
        for name in checked {
            for text in &self.san {
                let errors = san::parse_list(text, name.as_str())
                    .err()
                    .unwrap_or_default();
                reports.extend(
                    errors
                        .into_iter()
                        .map(|error| Report::usage(format!("--san {text}: {error}"))),
                );
            }
        }
        let hint =
            "`DNS:…` takes a name as it stands where an address is really meant as a host name";
        match Report::all(reports) {
            Some(report) => Err(report.hint(hint)),
            None => Ok(()),
        }
    }

    fn refuse_existing(&self, pki: &Pki, names: &[EntryName]) -> Result<(), Report> {
        if self.change.force {
            return Ok(());
        }
        let exists = |name: &&EntryName| {
            let place = pki.layout().place(&Place::entry((*name).clone()));
            std::fs::symlink_metadata(place).is_ok()
        };
        let reports = names
            .iter()
            .filter(exists)
            .map(|name| Report::refused("exists", format!("the entry `{name}` exists")));
        match Report::all(reports.collect()) {
            Some(report) => {
                Err(report.hint("replace it with `--force`; what is replaced goes to the archive"))
            }

            None => Ok(()),
        }
    }

    /// The names of one entry: its own, those of --san, those of --local; each once.
    fn sans(&self, name: &EntryName) -> Vec<GeneralName> {
        let own = (!self.no_name_san).then(|| own_name(name)).flatten();
        let local = if self.local { san::LOCAL } else { "" };
        let given = self
            .san
            .iter()
            .map(String::as_str)
            .chain((self.local).then_some(local));
        let given = given.flat_map(|text| san::parse_list(text, name.as_str()).unwrap_or_default());
        let mut names: Vec<GeneralName> = Vec::new();
        for found in own.into_iter().chain(given) {
            if !names.contains(&found) {
                names.push(found);
            }
        }
        names
    }

    fn request(&self, name: &EntryName) -> Result<LeafRequest, IssueError> {
        let names = self.sans(name);
        if names.is_empty() && self.extfile.is_none() {
            return Err(IssueError::NoNames(name.to_string()));
        }
        Ok(LeafRequest {
            name: name.clone(),
            profile: self.profile,
            key: LeafKey::New(self.key.key_type),
            model: Model::Profile(names),
            lifetime: self.lifetime.lifetime(DEFAULT_LIFETIME),
            backdate: self.lifetime.backdate,
        })
    }

    fn issue(
        &self,
        transaction: &mut Transaction<'_>,
        names: &[EntryName],
        issuer: Option<&SigningAuthority>,
        made: &mut Made,
        context: &Context,
    ) -> Result<(), Report> {
        /// Up to this number every signature is verified.
        const VERIFIED: usize = 64;
        let requested = self.requested(issuer)?;
        let bar = context.ui.progress(names.len(), "issuing");
        let batch = Batch {
            issuer,
            extensions: requested.as_ref(),
            now: context.now,
            verify_all: names.len() <= VERIFIED,
            progress: &|count| bar.inc(count),
        };
        let requests = names.iter().map(|name| self.request(name));
        let keep_all = context.ui.is_json();
        issue(transaction, requests, &batch, &mut |record| {
            made.note(record, keep_all);
        })?;
        bar.finish_and_clear();
        Ok(())
    }

    /// What the extfile asks for.
    fn requested(&self, issuer: Option<&SigningAuthority>) -> Result<Option<Requested>, Report> {
        let Some(path) = &self.extfile else {
            return Ok(None);
        };
        let file = extfile::open(path).map_err(|error| {
            Report::failed(
                "extfile",
                format!("cannot read {}: {error}", path.display()),
            )
        })?;
        let issuer = issuer.map(|issuer| (&issuer.authority.certificate.parsed()).into());
        let requested = file.request(self.extensions.as_deref(), issuer.as_ref(), Role::Leaf)?;
        let has_names = requested.includes(&OID_X509_EXT_SUBJECT_ALT_NAME);
        if has_names && (self.local || !self.san.is_empty()) {
            return Err(Report::usage(format!(
                "{} has a subjectAltName, so --san and --local would be without effect",
                path.display()
            )));
        }
        Ok(Some(requested))
    }

    fn tell(&self, context: &Context, pki: &Pki, made: &Made) -> Result<Outcome, Report> {
        let entries = || {
            made.kept
                .iter()
                .map(|record| Entry::new(record, pki.layout(), context.now))
                .collect()
        };
        if context.ui.is_json() {
            let document = Entries {
                schema: "certctl/issue/v1",
                entries: entries(),
            };
            context.ui.result(String::new, &document)?;
        } else {
            let entries: Vec<Entry> = entries();
            context
                .ui
                .print(&made.text(&entries, self.change.dry_run))?;
            if let (false, Some(entry)) = (self.change.dry_run, entries.last()) {
                let words = context.command(&format!("config SERVER {}", entry.name));
                context
                    .ui
                    .hint(format!("next: {words} prints the server's configuration"));
            }
        }
        Ok(if self.change.dry_run {
            Outcome::Unchanged
        } else {
            Outcome::Changed
        })
    }
}

/// A SAN of the entry's own name: a host name, or an address.
fn own_name(name: &EntryName) -> Option<GeneralName> {
    san::parse(name.as_str()).ok()
}

/// Makes `root` and, below it, `issuing`.
fn make_authorities(
    transaction: &mut Transaction<'_>,
    made: &mut Made,
    passphrase: Option<&Passphrase>,
    context: &Context,
) -> Result<SigningAuthority, Report> {
    let request = |name: &str, path_len, days| -> Result<_, Report> {
        let name = name
            .parse()
            .map_err(|error| Report::failed("internal", format!("{error}")))?;
        Ok(AuthorityRequest {
            name,
            common_name: None,
            organization: None,
            key_type: KeyType::P256,
            lifetime: Lifetime::Default(days),
            backdate: Duration::minutes(5),
            path_len,
            permitted: PermittedSubtrees::default(),
            passphrase,
            crl_url: None,
        })
    };
    let root = request("root", None, super::init_ca::DEFAULT_LIFETIME)?;
    let (root, record) = create(transaction, &root, None, context.now)?;
    made.note(&record, true);
    let issuing = request("issuing", Some(0), init_intermediate::DEFAULT_LIFETIME)?;
    let (issuing, record) = create(transaction, &issuing, Some(&root), context.now)?;
    made.note(&record, true);
    Ok(issuing)
}
