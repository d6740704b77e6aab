//! A root in reserve: a rotation that is announced, and rests until it is needed.

use std::{collections::HashMap, rc::Rc};

use time::Duration;

use super::{Context, Report};
use crate::{
    issuance::rotation::{
        RotateError,
        announcement::{Announcement, Lineup, Terms},
    },
    pki::{entry_name::EntryName, secret::Passphrase},
    store::{
        Pki,
        layout::{Place, file},
    },
};

/// The name that the root behind another gets.
pub(crate) fn next_name(pki: &Pki, root: &EntryName) -> Result<EntryName, Report> {
    let generations = pki.generations()?;
    if let Some(rotation) = generations.open() {
        return Err(RotateError::Open(Box::new(rotation.clone())).into());
    }
    let next = pki.next_name(&generations, root)?;
    next.ok_or_else(|| RotateError::Name(root.clone()).into())
}

/// A root that waits behind another.
pub(crate) struct Reserve<'a> {
    /// The root in use
    pub(crate) root: &'a EntryName,
    /// Its own name
    pub(crate) name: &'a EntryName,
    pub(crate) passphrase: Option<Rc<Passphrase>>,
    pub(crate) backdate: Duration,
    pub(crate) dry_run: bool,
}

impl Reserve<'_> {
    /// Makes it, and says where its key lies.
    pub(crate) fn make(self, pki: &mut Pki, context: &Context) -> Result<(), Report> {
        let next = self.name;
        if self.dry_run {
            let note = format!("would make the next root `{next}` too");
            context.ui.note(note);
            return Ok(());
        }
        let passphrase = self.passphrase.map(|it| (next.clone(), it));
        let announcement = Announcement {
            lineup: &Lineup::of(pki, self.root)?,
            terms: &Terms {
                key_type: None,
                lifetime: None,
                backdate: self.backdate,
                common_name: None,
            },
            parents: &HashMap::new(),
            cross: None,
            joins: None,
            passphrases: &passphrase.into_iter().collect(),
            crl_url: &|_| None,
            outside: &[],
            now: context.now,
            dry_run: false,
        };
        announcement.carry_out(pki)?;
        let place = pki.layout().place(&Place::authority(next.clone()));
        let key = context.shown(pki.layout(), &place.join(file::KEY));
        context.ui.note(format!(
            "made the next root `{next}`, which every bundle holds from now on; take {key} away, and put it back \
             for `certctl rotate-ca switch`"
        ));
        Ok(())
    }
}
