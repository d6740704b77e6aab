//! The CAs that `--init` makes, and how long CAs live.

use super::{Context, Report, made::Made, passphrases::Passphrases};
use crate::{
    issuance::{
        SigningAuthority,
        authority::{AuthorityRequest, create},
        defaults,
        own_key::Keeping,
    },
    pki::{entry_name::EntryName, extension::PermittedSubtrees, key::KeyType, validity::Lifetime},
    store::transaction::Transaction,
};

/// Names of the CAs that `--init` makes.
pub(crate) fn initial_authorities() -> Result<[EntryName; 2], Report> {
    let parse = |name: &str| {
        name.parse()
            .map_err(|error| Report::failed("internal", format!("{error}")))
    };
    Ok([parse("root")?, parse("issuing")?])
}

/// Makes `root` and, below it, `issuing`.
pub(crate) fn make_authorities(
    transaction: &mut Transaction<'_>,
    made: &mut Made,
    [root, issuing]: &[EntryName; 2],
    (passphrases, encrypt): (&Passphrases<'_>, bool),
    context: &Context,
) -> Result<SigningAuthority, Report> {
    let secrets = [root, issuing].map(|name| passphrases.of_new(name, encrypt));
    let [root_secret, issuing_secret] = secrets;
    let (root_secret, issuing_secret) = (root_secret?, issuing_secret?);
    let request = |name: &EntryName, path_len, days, passphrase| AuthorityRequest {
        name: name.clone(),
        common_name: None,
        organization: None,
        key_type: KeyType::P256,
        lifetime: Lifetime::Default(days),
        backdate: defaults::BACKDATE,
        path_len,
        permitted: PermittedSubtrees::default(),
        keeping: Keeping::File(passphrase),
        crl_url: None,
    };
    let root = request(root, None, defaults::ROOT_LIFETIME, root_secret.as_deref());
    let (root, record) = create(transaction, &root, None, context.now)?;
    made.note(&record, true);
    let issuing = request(
        issuing,
        Some(0),
        defaults::INTERMEDIATE_LIFETIME,
        issuing_secret.as_deref(),
    );
    let (issuing, record) = create(transaction, &issuing, Some(&root), context.now)?;
    made.note(&record, true);
    Ok(issuing)
}
