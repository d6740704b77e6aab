//! What a source adds to what is on record already: a revocation, a key that stayed elsewhere until now.

use super::{Keyed, Mistake, Plan, Revoked, certificates::Item, finish::Draft};
use crate::{
    import::{
        here::{Row, Status},
        layout::Standing,
    },
    pki::{certificate::Certificate, octets::Tbs},
};

impl Draft<'_> {
    /// Goes on with a certificate that is on record.
    pub(super) fn go_on(
        &mut self,
        item: &Item<'_>,
        row: &Row,
        plan: &mut Plan,
    ) -> Result<(), Mistake> {
        plan.known += 1;
        let revoked = self.compare(item, row)?;
        if row.status != Status::InUse || revoked.is_some() {
            plan.keys_left += usize::from(self.has_key_of_archived(item, row));
        }
        let is_revoked = revoked.is_some();
        plan.revoked.extend(revoked);
        if is_revoked {
            return Ok(());
        }
        if self.is_put_away(item, row) {
            let issuer = self.chosen.all[item.issuer].name.clone();
            plan.replaced.push((issuer, item.serial.clone()));
        } else {
            plan.keyed.extend(self.key_of(item, row));
        }
        Ok(())
    }

    /// What is to be done where a serial number is on record.
    fn compare(&self, item: &Item<'_>, row: &Row) -> Result<Option<Revoked>, Mistake> {
        let issuer = &self.chosen.all[item.issuer].name;
        if let Some(found) = item.found
            && !row.to_be_signed.is_empty()
            && row.to_be_signed != signed(&found.certificate)
        {
            return Err(Mistake::Clash {
                ca: issuer.clone(),
                serial: item.serial.clone(),
                one: found.origin.clone(),
                other: format!("what is here as `{}`", row.name),
            });
        }
        let revocation = match row.status {
            Status::Revoked => None,
            Status::InUse | Status::Replaced => item.revocation(self.now),
        };
        Ok(revocation.map(|revocation| Revoked {
            issuer: issuer.clone(),
            revocation,
            in_use: (row.status == Status::InUse).then(|| (row.name.clone(), row.is_authority)),
        }))
    }

    /// Whether the ledger calls in use what lies in the archive alone: it is older than that.
    fn is_put_away(&self, item: &Item<'_>, row: &Row) -> bool {
        let is_kept = item
            .found
            .is_some_and(|found| found.standing == Standing::PutAway);
        self.is_in_place && is_kept && row.status == Status::InUse
    }

    /// Whether the key of what is in the archive without it is in the source.
    fn has_key_of_archived(&self, item: &Item<'_>, row: &Row) -> bool {
        let has_none = !row.is_authority && !row.has_key;
        let found = item.found.filter(|_| has_none);
        found.is_some_and(|found| self.keys.has(found))
    }

    /// The key of an entry in use that has none here.
    fn key_of(&mut self, item: &Item<'_>, row: &Row) -> Option<Keyed> {
        let is_keyless = row.status == Status::InUse && !row.is_authority && !row.has_key;
        let found = item.found.filter(|_| is_keyless)?;
        Some(Keyed {
            key: self.keys.take(found)?,
            name: row.name.clone(),
            issuer: self.chosen.all[item.issuer].name.clone(),
            serial: item.serial.clone(),
        })
    }
}

fn signed(certificate: &Certificate) -> Tbs {
    certificate.parsed().tbs_certificate.as_ref().into()
}
