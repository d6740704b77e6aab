//! CAs of a source that have made way for others of it, as its ledger says: they do so here.

use std::collections::HashMap;

use super::{Mistake, authorities::Authorities};
use crate::{
    import::{gather::Found, here::Here, own_ledger::Stage},
    pki::entry_name::EntryName,
};

/// Which CA has another's place, by their places in the list.
#[derive(Debug, Default)]
pub(super) struct Successions {
    pairs: Vec<(usize, usize)>,
    next: HashMap<usize, usize>,
}

impl Successions {
    /// Those of a source; where one is on its way, who imports it would lose one half of the bundles.
    pub(super) fn of(
        found: &Found,
        chosen: &Authorities,
        here: &Here,
        warnings: &mut Vec<String>,
    ) -> Result<Self, Vec<Mistake>> {
        let (mut known, mut mistakes) = (Self::default(), Vec::new());
        for made_way in &found.made_way {
            let both = (
                chosen.called(found, &made_way.old),
                chosen.called(found, &made_way.new),
            );
            let (Some(old), Some(new)) = both else {
                continue;
            };
            match made_way.stage {
                Stage::Done => known.add(old, new),
                Stage::Announced => warnings.push(format!(
                    "`{0}` waits to take the place of `{1}` there, which it does not here: bundles that are written here \
                     hold `{1}` without it",
                    made_way.new, made_way.old
                )),
                Stage::OnItsWay => mistakes.push(Mistake::Rotating {
                    old: chosen.all[old].name.clone(),
                    new: chosen.all[new].name.clone(),
                }),
            }
        }
        known.forget_old(chosen, here, warnings);
        match mistakes.is_empty() {
            true => Ok(known),
            false => Err(mistakes),
        }
    }

    fn add(&mut self, old: usize, new: usize) {
        self.pairs.push((old, new));
        self.next.insert(old, new);
    }

    /// Keeps those of CAs that both come now: what is here has bundles of its own.
    fn forget_old(&mut self, chosen: &Authorities, here: &Here, warnings: &mut Vec<String>) {
        let is_here = |place: usize| chosen.all[place].here.is_some();
        let (old, coming): (Vec<_>, Vec<_>) = std::mem::take(&mut self.pairs)
            .into_iter()
            .partition(|(old, new)| is_here(*old) || is_here(*new));
        self.pairs = coming;
        for (old, new) in old {
            let (old, new) = (&chosen.all[old].name, &chosen.all[new].name);
            if !here.superseded.contains(old) {
                warnings.push(format!(
                    "`{old}` has made way for `{new}` there, which is not so here"
                ));
            }
        }
    }

    /// The last of a CA's line.
    pub(super) fn last(&self, place: usize) -> usize {
        let next = |place: &usize| self.next.get(place).copied();
        // In a circle nobody is the last.
        let line = std::iter::successors(Some(place), next);
        line.take(self.next.len() + 1).last().unwrap_or(place)
    }

    /// Each CA with the one that has its place now.
    pub(super) fn superseded(&self, chosen: &Authorities) -> Vec<(EntryName, EntryName)> {
        let named = |place: usize| chosen.all[place].name.clone();
        let pairs = self.pairs.iter();
        let pairs = pairs.map(|(old, _)| (named(*old), named(self.last(*old))));
        pairs.filter(|(old, last)| old != last).collect()
    }
}
