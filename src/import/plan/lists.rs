//! The CRLs of a source: each belongs to the CA that has signed it.

use std::collections::BTreeMap;

use super::{Mistake, authorities::Authorities};
use crate::{import::gather::Found, pki::revocation_list::RevocationList};

/// The last CRL of each CA, by its place, and the highest number that was seen.
#[derive(Debug, Default)]
pub(super) struct Lists {
    pub(super) last: BTreeMap<usize, RevocationList>,
    pub(super) numbers: BTreeMap<usize, u64>,
}

impl Lists {
    pub(super) fn of(
        found: &Found,
        chosen: &Authorities,
        warnings: &mut Vec<String>,
    ) -> Result<Self, Vec<Mistake>> {
        let (mut lists, mut mistakes) = (Self::default(), Vec::new());
        for (origin, list) in &found.lists {
            let mut signers = chosen.all.iter();
            let Some(issuer) = signers.position(|it| list.is_signed_by(&it.certificate)) else {
                warnings.push(format!(
                    "{origin}: left out, for no CA here or there has signed this CRL"
                ));
                continue;
            };
            if list.is_beyond_counting() {
                let reason = "its number is larger than 2^63, which certctl does not go on from";
                mistakes.push(Mistake::Unfit {
                    origin: origin.clone(),
                    reason: reason.to_owned(),
                });
            } else if !list.is_complete() {
                mistakes.push(Mistake::Partial(origin.clone()));
            } else {
                lists.take(issuer, list);
            }
        }
        match mistakes.is_empty() {
            true => Ok(lists),
            false => Err(mistakes),
        }
    }

    fn take(&mut self, issuer: usize, list: &RevocationList) {
        let number = self.numbers.entry(issuer).or_default();
        *number = list.number().unwrap_or(0).max(*number);
        let rank = |list: &RevocationList| (list.number(), list.this_update());
        if self
            .last
            .get(&issuer)
            .is_none_or(|last| rank(last) < rank(list))
        {
            self.last.insert(issuer, list.clone());
        }
    }

    /// Notes the number of a CRL that is not there.
    pub(super) fn note(&mut self, issuer: usize, number: u64) {
        let known = self.numbers.entry(issuer).or_default();
        *known = number.max(*known);
    }
}
