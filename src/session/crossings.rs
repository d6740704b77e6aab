//! Cross-signing, from the names of two CAs.

use time::Duration;

use super::{Context, Report, passphrases::Passphrases, signers::signing_authority};
use crate::{
    issuance::{
        SigningAuthority,
        crossing::{self, CrossError, Crossed, carry_out, depth},
        renewal::Followers,
    },
    pki::{entry_name::EntryName, validity::Lifetime},
    store::{Pki, StoreError, crossing::Crossing, layout::Area},
};

/// Which CA vouches for which.
pub(crate) struct Wanted<'a> {
    pub(crate) of: &'a EntryName,
    pub(crate) by: &'a EntryName,
    pub(crate) lifetime: Option<Lifetime>,
    pub(crate) backdate: Duration,
    /// Whether it takes the place of another
    pub(crate) force: bool,
    pub(crate) dry_run: bool,
}

impl Wanted<'_> {
    /// Signs it, and has all chains lead on by it.
    pub(crate) fn carry_out(
        &self,
        pki: &mut Pki,
        passphrases: &Passphrases<'_>,
        context: &Context,
    ) -> Result<(Crossed, Followers), Report> {
        let of = pki.ledger().current(Area::Authorities, self.of)?;
        let of = of.ok_or_else(|| StoreError::NoAuthority(self.of.clone()))?;
        let replaced = match crossing::check(pki, &of, self.by) {
            Err(CrossError::Standing(standing)) if self.force => Some(standing),
            checked => checked.map(|()| None)?,
        };
        let by: SigningAuthority = signing_authority(pki, self.by, passphrases)?;
        let name = self.name(pki, replaced.as_ref())?;
        let wanted = crossing::Wanted {
            name: &name,
            of: &of,
            by: &by,
            lifetime: self.lifetime,
            backdate: self.backdate,
            depth: depth(pki, self.of)?,
            now: context.now,
        };
        Ok(carry_out(pki, &wanted, replaced.as_ref(), self.dry_run)?)
    }

    /// Its name: that of the one whose place it takes, if the same CA has signed that.
    fn name(&self, pki: &Pki, replaced: Option<&Crossing>) -> Result<EntryName, Report> {
        if let Some(replaced) = replaced.filter(|it| it.by == *self.by) {
            return Ok(replaced.name.clone());
        }
        let name = pki.crossing_name(self.of, self.by)?;
        Ok(name.ok_or_else(|| CrossError::Name {
            of: self.of.clone(),
            by: self.by.clone(),
        })?)
    }
}
