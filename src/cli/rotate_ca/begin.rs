//! `certctl rotate-ca start`.

use std::{collections::HashMap, path::PathBuf};

use clap::Args;

use super::{Context, Document, Outcome, Report, key_uri::KeyUriArgs, tell};
use crate::{
    cli::{
        args::{LifetimeArgs, entry_name, key_type},
        passphrases::PassphraseArgs,
        peers::PeersArgs,
    },
    issuance::{
        SigningAuthority,
        rotation::{
            announcement::{Announcement, Lineup, Terms},
            evidence::consumers,
        },
    },
    pki::{entry_name::EntryName, key::KeyType},
    rotation::{
        entries,
        outsiders::{of_fleet, warn_of_crossings, warn_of_fallen, warn_of_urls},
        signers::{crossing, only_root},
    },
    session::{passphrases::Passphrases, signers::signing_authority},
    store::{Access, Pki},
};

/// Make the successor of a CA, and have everybody trust both
///
/// The successor has its own key and whatever else the old CA's certificate says, but for what strict programs refuse
/// in it, such as basicConstraints that are not critical; so have the
/// successors of the CAs below. Every bundle (ca.pem, ca-chain.pem, bundle.pem) holds both from now on,
/// certificates still come from the old CA. Keys are encrypted where those of the old CAs are.
///
/// Where the old CA's key is in a token or an agent, --key-uri says where the successor's is, and --generate makes it
/// there: see certctl-signer(7).
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl rotate-ca start\n  \
    certctl rotate-ca start root --key-type p384 --fleet fleet.toml\n  \
    certctl rotate-ca start --cross-sign --server redis --server nginx\n  \
    certctl rotate-ca start root --key-uri 'pkcs11:token=ca;object={name}' --generate\n  \
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
    /// Have the old CA sign the new one's key too, so that peers who know the old CA alone take what the new one signs
    #[arg(long)]
    cross_sign: bool,
    #[command(flatten)]
    peers: PeersArgs,
    /// Fleet file whose `[[trust]]` names who trusts the CA and is no entry
    #[arg(long, value_name = "FILE")]
    fleet: Option<PathBuf>,
    #[command(flatten)]
    lifetime: LifetimeArgs,
    /// Encrypt the new keys; asks for a passphrase where none is given
    #[arg(long)]
    encrypt: bool,
    #[command(flatten)]
    key_uri: KeyUriArgs,
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
        let outside = match &self.fleet {
            Some(file) => of_fleet(file, &pki, &lineup)?,
            None => Vec::new(),
        };
        let made: Vec<_> = lineup.members.iter().map(|(_, new)| new.clone()).collect();
        let passphrases = self.passphrase.among(context, &pki, &made)?;
        let mut parents = HashMap::new();
        if let Some(parent) = &lineup.members[0].0.issuer {
            let signing = signing_authority(&pki, parent, &passphrases)?;
            parents.insert(parent.clone(), signing);
        }
        let by = self.crossing(&pki, &lineup, &passphrases, context)?;
        let wish = self.key_uri.wish(self.key_type, self.encrypt);
        let keys = wish.keep(&pki, &lineup, &passphrases)?;
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
            cross: by.as_ref().map(|(by, name)| (by, name.clone())),
            joins: None,
            keeping: keys.keeping(),
            crl_url: &|name| {
                let url = self.crl_url.as_ref()?;
                Some(url.replace("{name}", name.as_str()))
            },
            outside: &outside,
            now: context.now,
            dry_run: self.dry_run,
        };
        let stepped = announcement.carry_out(&mut pki)?;
        if self.cross_sign {
            self.peers.warn(context);
        }
        warn_of_fallen(&lineup, context);
        warn_of_crossings(&pki, &lineup, context)?;
        if self.crl_url.is_none() {
            warn_of_urls(&pki, &lineup, context)?;
        }
        let verb = if self.dry_run { "would make" } else { "made" };
        let cross = by.iter().map(|(_, name)| name);
        let made: Vec<_> = made.iter().chain(cross).map(EntryName::as_str).collect();
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

    /// Who signs the cross certificate, and what that is called.
    fn crossing(
        &self,
        pki: &Pki,
        lineup: &Lineup,
        passphrases: &Passphrases<'_>,
        context: &Context,
    ) -> Result<Option<(SigningAuthority, EntryName)>, Report> {
        match (self.cross_sign, self.peers.is_given()) {
            (false, false) => return Ok(None),
            (false, true) => {
                return Err(
                    Report::usage("`--server` says who reads chains, and none leads on")
                        .hint("`--cross-sign` has the old CA sign the new one's key"),
                );
            }
            (true, _) => self.peers.check_chains(context)?,
        }
        Ok(Some(crossing(pki, lineup, passphrases)?))
    }
}
