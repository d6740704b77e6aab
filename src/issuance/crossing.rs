//! Cross-signing: a CA vouches for the key of another, so that its own peers take what the other signs.

use std::{collections::HashMap, iter, slice};

use time::{Duration, OffsetDateTime};

use super::{
    IssueError, SigningAuthority, check_plan, constraining,
    renewal::{
        choice::{Following, following},
        hierarchy::Hierarchy,
        work::{Followers, follow},
    },
};
use crate::{
    pki::{
        certificate::Certificate,
        entry_name::EntryName,
        extension::{authority_key_identifier, crl_distribution_point},
        issuer::Issuer,
        plan::{Contents, Extensions, Planned, SignError, signature_holds},
        renewal::Predecessor,
        rules::Role,
        serial::Serial,
        validity::{Lifetime, Validity},
    },
    store::{
        Pki, StoreError,
        authority::Authority,
        crossing::Crossing,
        layout::{Area, Layout, Place, file},
        ledger::{
            Kind, Origin, Record, Status,
            revocation::{Change, Fate},
        },
        stage::{Stage, StagedFile},
        transaction::Transaction,
    },
};

/// Why nothing was cross-signed, or taken back.
#[derive(Debug, thiserror::Error)]
pub enum CrossError {
    /// It has an issuer already.
    #[error("`{0}` is below another CA: only a root can be cross-signed")]
    NotRoot(EntryName),
    /// A CA vouches for itself in any case.
    #[error("`{0}` trusts itself already")]
    Itself(EntryName),
    /// Its peers trust it already.
    #[error("`{by}` is below `{of}`, so that whoever trusts the one takes the other")]
    Below {
        /// The CA to be cross-signed
        of: EntryName,
        /// The CA that would sign
        by: EntryName,
    },
    /// A chain can lead to one other root only.
    #[error("`{}` is cross-signed by `{}`: a chain leads on to one root only", .0.of, .0.by)]
    Standing(Crossing),
    /// Chains would have no end.
    #[error("`{of}` vouches for `{by}`, so that the chain would lead back to it")]
    Circle {
        /// The CA to be cross-signed
        of: EntryName,
        /// The CA that would sign
        by: EntryName,
    },
    /// A verifier counts the CAs below it.
    #[error("the CA `{by}` has path length {allowed}, and {needed} would be needed")]
    Depth {
        /// The CA that would sign
        by: EntryName,
        /// How many its certificate allows
        allowed: u32,
        /// How many there would be
        needed: u32,
    },
    /// No name is left for the certificate.
    #[error("no name is left for what `{by}` would sign for `{of}`")]
    Name {
        /// The CA to be cross-signed
        of: EntryName,
        /// The CA that would sign
        by: EntryName,
    },
    /// It could not be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The ledger or the directory cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A cross certificate before its files are staged.
#[derive(Debug)]
pub struct Crossed {
    /// What it is called, and who stands in it
    pub crossing: Crossing,
    /// The certificate as a CA below the one that has signed it
    pub authority: Authority,
    /// What is on record of it
    pub record: Record,
}

/// What is cross-signed, and how.
pub struct Wanted<'a> {
    /// Name of the certificate
    pub name: &'a EntryName,
    /// The root whose key is certified, as it is on record
    pub of: &'a Record,
    /// The CA that signs
    pub by: &'a SigningAuthority,
    /// How long it is valid; as long as both CAs where nobody says
    pub lifetime: Option<Lifetime>,
    /// How far its beginning lies before now
    pub backdate: Duration,
    /// So many CAs stand below the root, one below the other
    pub depth: u32,
    /// The time of signing
    pub now: OffsetDateTime,
}

impl Wanted<'_> {
    /// Signs it: the key, the subject and the extensions of the root, with what names its issuer.
    ///
    /// # Errors
    ///
    /// Where the CA allows too few CAs below it, or the certificate cannot be recorded or signed.
    pub(super) fn sign(&self, transaction: &mut Transaction<'_>) -> Result<Crossed, CrossError> {
        self.check_depth()?;
        let planned = self.plan()?;
        let name = self.name.as_str();
        let above = constraining(&self.by.authority);
        check_plan(name, &planned, Role::Authority, &above, self.now)?;
        let record = Record {
            issuer: Some(self.by.authority.name.clone()),
            serial: planned.serial().clone(),
            name: self.name.clone(),
            kind: Kind::Intermediate,
            validity: planned.validity(),
            origin: Origin::Crossed,
            status: Status::Current,
            to_be_signed: planned.to_be_signed().into(),
            ..self.of.clone()
        };
        let recorded = planned.recorded(|| transaction.record(slice::from_ref(&record)))?;
        let certificate = recorded.sign(&*self.by.key).map_err(IssueError::from)?;
        if !signature_holds(&certificate, &self.by.authority.certificate) {
            return Err(IssueError::Signature(name.to_owned()).into());
        }
        let own = slice::from_ref(&certificate);
        let chain = [own, &self.by.authority.behind()].concat();
        Ok(Crossed {
            crossing: Crossing {
                name: self.name.clone(),
                of: self.of.name.clone(),
                by: self.by.authority.name.clone(),
            },
            authority: Authority {
                name: self.name.clone(),
                certificate,
                intermediates: chain.clone(),
                chain,
                cross: Vec::new(),
                roots: self.by.authority.roots.clone(),
            },
            record,
        })
    }

    /// The cross certificate is one CA more on the way.
    fn check_depth(&self) -> Result<(), CrossError> {
        let needed = self.depth + 1;
        let above = iter::once(&self.by.authority.certificate).chain(&self.by.authority.chain);
        let roots = self.by.authority.roots.iter();
        let last = self.by.authority.chain.last().map(Certificate::issuer);
        let root = roots.filter(|root| Some(root.subject()) == last);
        // Each of those above has one more below it than the one before; a chain begins with the CA itself.
        let above = above.skip(usize::from(!self.by.authority.chain.is_empty()));
        for (more, ca) in (0..).zip(above.chain(root)) {
            let allowed = Issuer::from_certificate(ca).ok().and_then(|it| it.path_len);
            if let Some(allowed) = allowed.filter(|allowed| *allowed < needed + more) {
                return Err(CrossError::Depth {
                    by: self.by.authority.name.clone(),
                    allowed: allowed.saturating_sub(more),
                    needed,
                });
            }
        }
        Ok(())
    }

    fn plan(&self) -> Result<Planned, IssueError> {
        let predecessor =
            Predecessor::from_to_be_signed(&self.of.to_be_signed).map_err(SignError::from)?;
        // It ends with the first of the two: `Validity` sees to that of its issuer.
        let usual = Lifetime::Default(self.of.validity.not_after - self.now);
        let lifetime = self.lifetime.unwrap_or(usual);
        let above = Some(self.by.issuer.validity);
        let validity =
            Validity::plan(lifetime, self.backdate, above, self.now).map_err(|source| {
                IssueError::Validity {
                    name: self.name.to_string(),
                    source,
                }
            })?;
        let issuer = &self.by.issuer;
        let identifier = predecessor.key_identifier().to_vec();
        // A root need not name its issuer's key, and says where no CRL of it is.
        let named = authority_key_identifier(&issuer.key_identifier);
        let mut extensions = predecessor.extensions(&identifier, issuer);
        extensions.retain(|it| it.oid != named.oid);
        extensions.push(named);
        let url = self.by.crl_url.as_ref();
        extensions.extend(url.map(|url| crl_distribution_point(url)));
        let contents = Contents {
            serial: Serial::generate()?,
            subject: predecessor.subject.clone(),
            validity,
            public_key_info: predecessor.public_key_info.clone(),
            extensions: Extensions::Exact(extensions),
        };
        Ok(Planned::new(contents, issuer)?)
    }
}

impl Crossed {
    /// Stages its directory.
    pub(super) fn stage(&self, stage: &Stage) -> Result<(), StoreError> {
        let own = self.authority.certificate.to_pem();
        let chain: String = self
            .authority
            .chain
            .iter()
            .map(Certificate::to_pem)
            .collect();
        let files = [
            StagedFile::public(file::CERTIFICATE, &own),
            StagedFile::public(file::CHAIN, &chain),
        ];
        stage.add(&Place::authority(self.crossing.name.clone()), &files)
    }
}

/// How many CAs stand below one, one below the other.
///
/// # Errors
///
/// Where the ledger cannot be read.
pub fn depth(pki: &Pki, name: &EntryName) -> Result<u32, StoreError> {
    let parents = ways_up(pki)?;
    let above = |below: &EntryName| upward(&parents, below).position(|it| it == *name);
    let deepest = parents.keys().filter_map(above).max().unwrap_or(0);
    Ok(u32::try_from(deepest).unwrap_or(u32::MAX))
}

/// Each CA with the one above it: that which has signed it or, of a root, that which has cross-signed it.
fn ways_up(pki: &Pki) -> Result<HashMap<EntryName, EntryName>, StoreError> {
    let records = pki.authorities()?.into_iter();
    let signed = records.filter_map(|it| Some((it.name, it.issuer?)));
    let crossed = pki.crossings()?.into_iter().map(|it| (it.of, it.by));
    Ok(signed.chain(crossed).collect())
}

/// A CA and those above it. Their number ends a circle, which only tampering can make.
fn upward(
    ways_up: &HashMap<EntryName, EntryName>,
    name: &EntryName,
) -> impl Iterator<Item = EntryName> {
    let above = iter::successors(Some(name.clone()), |it| ways_up.get(it).cloned());
    above.take(ways_up.len() + 1)
}

/// Refuses what cannot be cross-signed, or need not be.
///
/// # Errors
///
/// Where it is no root, the two are one or one below the other, or it is cross-signed already.
pub fn check(pki: &Pki, of: &Record, by: &EntryName) -> Result<(), CrossError> {
    if of.issuer.is_some() {
        return Err(CrossError::NotRoot(of.name.clone()));
    }
    if of.name == *by {
        return Err(CrossError::Itself(by.clone()));
    }
    if super::authorities::authorities(pki)?
        .upward(by)
        .any(|above| *above == of.name)
    {
        let (of, by) = (of.name.clone(), by.clone());
        return Err(CrossError::Below { of, by });
    }
    if upward(&ways_up(pki)?, by).any(|above| above == of.name) {
        let (of, by) = (of.name.clone(), by.clone());
        return Err(CrossError::Circle { of, by });
    }
    let mut standing = pki.crossings()?.into_iter();
    match standing.find(|it| it.of == of.name) {
        Some(standing) => Err(CrossError::Standing(standing)),
        None => Ok(()),
    }
}

/// Cross-signs a root that is there, and has everything below it lead on, in one transaction; in the place of another
/// cross certificate, if it has one.
///
/// # Errors
///
/// The first that occurs; nothing is changed then.
pub fn carry_out(
    pki: &mut Pki,
    wanted: &Wanted<'_>,
    replaced: Option<&Crossing>,
    dry_run: bool,
) -> Result<(Crossed, Followers), CrossError> {
    let mut chains = Chains::read(pki)?;
    let gone = match replaced {
        Some(it) => pki.ledger().current(Area::Authorities, &it.name)?,
        None => None,
    };
    let mut transaction = pki.begin()?;
    if let Some(gone) = gone {
        chains.end(&[&gone.name])?;
        // What has the same name goes as everything goes whose name another takes.
        if gone.name != *wanted.name {
            transaction.retire(gone.place());
            transaction.change(Change {
                issuer: gone.issuer,
                serial: gone.serial,
                fate: Fate::Replaced,
            });
        }
    }
    let crossed = wanted.sign(&mut transaction)?;
    crossed.stage(&transaction.stage(1)?)?;
    chains.lead_on(&crossed)?;
    let followers = chains.stage(&transaction)?;
    transaction.finish(dry_run)?;
    Ok((crossed, followers))
}

/// Every chain of the PKI directory, and whose files hold it.
#[derive(Debug)]
pub(super) struct Chains {
    hierarchy: Hierarchy,
    following: Following,
    layout: Layout,
}

impl Chains {
    pub(super) fn read(pki: &Pki) -> Result<Self, StoreError> {
        Ok(Self {
            hierarchy: Hierarchy::read(pki, HashMap::new())?,
            following: following(pki, iter::empty())?,
            layout: pki.layout().clone(),
        })
    }

    /// With one more way on, whose own files are staged already.
    fn lead_on(&mut self, crossed: &Crossed) -> Result<(), IssueError> {
        let Crossed {
            crossing,
            authority,
            ..
        } = crossed;
        self.hierarchy.cross(authority.clone(), crossing);
        self.hierarchy.settle(None)
    }

    /// Without these ways on.
    pub(super) fn end(&mut self, crossings: &[&EntryName]) -> Result<(), IssueError> {
        for name in crossings {
            self.hierarchy.part(name);
        }
        self.hierarchy.settle(None)
    }

    /// Stages whatever is another chain than before.
    pub(super) fn stage(&self, transaction: &Transaction<'_>) -> Result<Followers, IssueError> {
        self.hierarchy
            .stage(&transaction.stage(self.following.len())?)?;
        follow(transaction, &self.hierarchy, &self.following, &self.layout)
    }
}
