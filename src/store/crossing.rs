//! Cross certificates: what one CA here has signed for the key and the subject of another that signs itself, so that
//! peers who trust the first alone take what the second signs.
//!
//! Each is on record, and lies, under a name of its own, and the chain that leads on from it beside it. It signs nothing
//! itself: it stands behind what the CA signs for whose key it is.

use x509_parser::{certificate::TbsCertificate, prelude::FromDer as _};

use super::{
    Pki, StoreError,
    authority::Authority,
    layout::{Area, Place, file},
    ledger::Record,
};
use crate::pki::{certificate::Certificate, entry_name::EntryName};

/// A cross certificate that is in use.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Crossing {
    /// Its own name
    pub name: EntryName,
    /// The CA whose key it certifies
    pub of: EntryName,
    /// The CA that has signed it
    pub by: EntryName,
}

/// Whether two certificates are for the same key under the same subject.
#[must_use]
pub fn are_one(one: &Record, other: &Record) -> bool {
    let (Ok((_, one)), Ok((_, other))) = (
        TbsCertificate::from_der(&one.to_be_signed),
        TbsCertificate::from_der(&other.to_be_signed),
    ) else {
        return false;
    };
    one.subject().as_raw() == other.subject().as_raw()
        && one.public_key().raw == other.public_key().raw
}

impl Pki {
    /// The cross certificates that are in use, in the order of signing; none of a CA that has another key by now.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read.
    pub fn crossings(&self) -> Result<Vec<Crossing>, StoreError> {
        let records = self.ledger().crossings()?;
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let authorities = self.authorities()?;
        let crossing = |record: Record| {
            let mut roots = authorities.iter().filter(|it| it.issuer.is_none());
            Some(Crossing {
                of: roots.find(|it| are_one(it, &record))?.name.clone(),
                name: record.name,
                by: record.issuer?,
            })
        };
        Ok(records.into_iter().filter_map(crossing).collect())
    }

    /// What stands behind the certificates of a root that another CA has cross-signed; empty where none has.
    ///
    /// # Errors
    ///
    /// Where the ledger or its files cannot be read.
    pub(super) fn crossed(&self, root: &EntryName) -> Result<Vec<Certificate>, StoreError> {
        let crossings = self.crossings()?;
        // The last one counts: a chain leads to one more root only.
        match crossings.iter().rfind(|it| it.of == *root) {
            Some(crossing) => {
                let path = self.authority_directory(&crossing.name).join(file::CHAIN);
                let chain = self.certificates(&path)?;
                self.check_recorded(&chain, &path)?;
                Ok(chain)
            }
            None => Ok(Vec::new()),
        }
    }

    /// A cross certificate as a CA below the one that has signed it, so that it follows that one.
    ///
    /// # Errors
    ///
    /// Where its files, or those of the CA, cannot be read.
    pub fn crossing_authority(&self, crossing: &Crossing) -> Result<Authority, StoreError> {
        let directory = self.authority_directory(&crossing.name);
        let own = directory.join(file::CERTIFICATE);
        let chain = self.certificates(&directory.join(file::CHAIN))?;
        let above = self.authority(&crossing.by)?;
        Ok(Authority {
            name: crossing.name.clone(),
            certificate: self.certificates(&own)?.swap_remove(0),
            intermediates: chain.clone(),
            chain,
            cross: Vec::new(),
            roots: above.roots,
        })
    }

    /// A name for what one CA signs for another: `root-2-by-root`, with a number behind it where that was used.
    ///
    /// # Errors
    ///
    /// Where the ledger or the directory cannot be read.
    pub fn crossing_name(
        &self,
        of: &EntryName,
        by: &EntryName,
    ) -> Result<Option<EntryName>, StoreError> {
        /// More than anybody cross-signs.
        const MOST: u32 = 100_000;
        let first = format!("{of}-by-{by}");
        let numbered = (2..MOST).map(|number| format!("{first}-{number}"));
        for name in std::iter::once(first.clone()).chain(numbered) {
            let Ok(name) = name.parse::<EntryName>() else {
                return Ok(None);
            };
            let named = self.ledger().named(&name)?;
            let is_taken = named.iter().any(|it| it.kind.area() == Area::Authorities);
            let place = self.layout().place(&Place::authority(name.clone()));
            if !is_taken && !self.layout().holds(&place)? {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }
}
