//! `certctl rotate-ca start`.

use std::{collections::HashMap, path::PathBuf, rc::Rc};

use clap::Args;

use super::{Context, Document, Outcome, Report, entries, tell};
use crate::{
    cli::{
        args::{LifetimeArgs, entry_name, key_type},
        fleet_file,
        open::signing_authority,
        passphrases::{PassphraseArgs, Passphrases},
    },
    issuance::{
        authorities::authorities,
        rotation::{
            announcement::{Announcement, Lineup, Outsider, Terms},
            evidence::consumers,
        },
    },
    pki::{entry_name::EntryName, key::KeyType, key_file, secret::Passphrase},
    store::{Access, Pki, ledger::Kind},
};

/// Make the successor of a CA, and have everybody trust both
///
/// The successor has its own key and whatever else the old CA's certificate says; so have the
/// successors of the CAs below. Every bundle (ca.pem, ca-chain.pem, bundle.pem) holds both from now on,
/// certificates still come from the old CA. Keys are encrypted where those of the old CAs are.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl rotate-ca start\n  \
    certctl rotate-ca start root --key-type p384 --fleet fleet.toml\n  \
    certctl rotate-ca start issuing -n")]
pub(super) struct Start {
    /// CA to rotate, with all below it [default: the only root]
    #[arg(value_name = "CA", value_parser = entry_name)]
    ca: Option<EntryName>,
    /// Type of the new keys [default: that of the old ones]
    #[arg(long, value_name = "TYPE", value_parser = key_type())]
    key_type: Option<KeyType>,
    /// Common name of the successor [default: the old one with the new key in it]
    #[arg(long, value_name = "CN")]
    cn: Option<String>,
    /// Where the CRLs of the new CAs will be served; {name} stands for the CA's name
    #[arg(long, value_name = "URL")]
    crl_url: Option<String>,
    /// Fleet file whose `[[trust]]` names who trusts the CA and is no entry
    #[arg(long, value_name = "FILE")]
    fleet: Option<PathBuf>,
    #[command(flatten)]
    lifetime: LifetimeArgs,
    /// Encrypt the new keys; asks for a passphrase where none is given
    #[arg(long)]
    encrypt: bool,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// Say what would be done, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

impl Start {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Report> {
        let mut pki = context.open(Access::Write)?;
        let name = match &self.ca {
            Some(name) => name.clone(),
            None => only_root(&pki)?,
        };
        let lineup = Lineup::of(&pki, &name)?;
        let outside = self.outside(&pki, &lineup)?;
        let made: Vec<_> = lineup.members.iter().map(|(_, new)| new.clone()).collect();
        let passphrases = self.passphrase.among(context, &pki, &made)?;
        let mut parents = HashMap::new();
        if let Some(parent) = &lineup.members[0].0.issuer {
            let signing = signing_authority(&pki, parent, &passphrases)?;
            parents.insert(parent.clone(), signing);
        }
        let terms = Terms {
            key_type: self.key_type,
            lifetime: self.lifetime.given(),
            backdate: self.lifetime.backdate,
            common_name: self.cn.clone(),
        };
        let announcement = Announcement {
            lineup: &lineup,
            terms: &terms,
            parents: &parents,
            joins: None,
            passphrases: &new_passphrases(&pki, &lineup, self.encrypt, &passphrases)?,
            crl_url: &|name| {
                let url = self.crl_url.as_ref()?;
                Some(url.replace("{name}", name.as_str()))
            },
            outside: &outside,
            now: context.now,
            dry_run: self.dry_run,
        };
        let stepped = announcement.carry_out(&mut pki)?;
        self.warn_of_urls(&pki, &lineup, context)?;
        let verb = if self.dry_run { "would make" } else { "made" };
        let made: Vec<_> = made.iter().map(EntryName::as_str).collect();
        let done = format!(
            "{verb} {}; new bundles for {}",
            made.join(", "),
            entries(stepped.followers.count)
        );
        let consumers = match self.dry_run {
            true => Vec::new(),
            false => consumers(&pki, &stepped.rotation, context.now)?,
        };
        let document = Document::new(&pki, &stepped.rotation, &consumers)?;
        tell(context, document, &done)
    }

    /// Who trusts the CA, or one that is rotated with it, and is no entry.
    fn outside(&self, pki: &Pki, lineup: &Lineup) -> Result<Vec<Outsider>, Report> {
        let Some(file) = &self.fleet else {
            return Ok(Vec::new());
        };
        let fleet = fleet_file::read(file, &authorities(pki)?)?;
        let generations = pki.generations()?;
        let is_meant = |ca: &EntryName| {
            let ca = generations.current(ca);
            lineup.members.iter().any(|(old, _)| old.name == *ca)
        };
        let meant = fleet.trust.into_iter().filter(|spec| is_meant(&spec.ca));
        let outsider = meant.map(|spec| Outsider {
            name: spec.name,
            format: spec.format,
        });
        Ok(outsider.collect())
    }

    /// The certificates of a successor tell nobody where its CRL is, where the old one's did.
    fn warn_of_urls(&self, pki: &Pki, lineup: &Lineup, context: &Context) -> Result<(), Report> {
        for (old, new) in &lineup.members {
            if let (None, Some(url)) = (&self.crl_url, pki.ledger().crl_state(&old.name)?.url) {
                context.ui.warning(format!(
                    "the certificates of `{}` say where its CRL is ({url}), those of `{new}` will not: \
                     `--crl-url` says where",
                    old.name
                ));
            }
        }
        Ok(())
    }
}

/// The passphrases of new keys: those of old keys that are encrypted have one, too.
pub(super) fn new_passphrases(
    pki: &Pki,
    lineup: &Lineup,
    encrypt: bool,
    passphrases: &Passphrases<'_>,
) -> Result<HashMap<EntryName, Rc<Passphrase>>, Report> {
    let mut found = HashMap::new();
    for (old, new) in &lineup.members {
        let (_, octets) = pki.authority_key_file(&old.name)?;
        let encrypt = encrypt || key_file::is_encrypted(&octets);
        let passphrase = passphrases.of_new(new, encrypt)?;
        found.extend(passphrase.map(|passphrase| (new.clone(), passphrase)));
    }
    Ok(found)
}

/// The root that is meant where none is named.
pub(super) fn only_root(pki: &Pki) -> Result<EntryName, Report> {
    let generations = pki.generations()?;
    let roots = pki.authorities()?.into_iter();
    let roots = roots.filter(|it| it.kind == Kind::Root && !generations.is_retired(&it.name));
    let mut names: Vec<_> = roots.map(|record| record.name).collect();
    match (names.len(), generations.open()) {
        (_, Some(rotation)) => Ok(rotation.top().old.clone()),
        (1, None) => Ok(names.swap_remove(0)),
        (0, None) => Err(Report::failed("no-ca", "there is no CA yet")
            .hint("make one with `certctl init-ca`, or everything at once with `--init`")),
        (_, None) => {
            let names: Vec<_> = names.iter().map(EntryName::as_str).collect();
            let message = format!("there are several roots: {}", names.join(", "));
            Err(Report::usage(message).hint("name one: `certctl rotate-ca start CA`"))
        }
    }
}
