//! `certctl sign`: sign a certificate signing request.

use std::path::PathBuf;

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};

use super::{
    Context, Report, Run,
    args::{ChangeArgs, LifetimeArgs, authority_name, entry_name},
    distinguished::SubjectArgs,
    extfiles::ExtfileArgs,
    passphrases::PassphraseArgs,
    report::Outcome,
};
use crate::{
    issuance::defaults,
    pki::{entry_name::EntryName, profile::Profile},
    session::signing::Signing,
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

impl Run for Sign {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let usual = match self.profile {
            Kind::Leaf(_) => defaults::LEAF_LIFETIME,
            Kind::Intermediate => defaults::INTERMEDIATE_LIFETIME,
        };
        let signing = Signing {
            file: &self.file,
            name: self.name.as_ref(),
            path_len: self.path_len,
            san: &self.san,
            extfile: self.extfile.wish(),
            subject: self.subject.wish(),
            keep_subject: self.keep_subject,
            ca: self.ca.as_ref(),
            lifetime: self.lifetime.lifetime(usual),
            backdate: self.lifetime.backdate,
            strict: self.strict,
            given: self.passphrase.given(),
            force: self.change.force,
            dry_run: self.change.dry_run,
        };
        match self.profile {
            Kind::Leaf(profile) => signing.entry(profile, context),
            Kind::Intermediate => signing.authority(context),
        }
    }
}
