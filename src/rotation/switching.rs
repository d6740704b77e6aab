//! Leaves come from the other CA of a pair: from the successor, or from the old one again.

use time::Duration;

use super::{
    doubts::refuse,
    entries,
    keys::KeyWish,
    latecomers::{self, Latecomers},
    signers::signers,
};
use crate::{
    documents::rotation::Document,
    issuance::rotation::{
        announcement::Announcement,
        doubts::{distrusting, needs_trust},
        evidence::{Consumer, Generation, consumers},
        switching::{Share, Switch, chosen, is_elsewhere},
    },
    pki::{entry_name::EntryName, validity::Lifetime},
    session::{Context, exposed, made::tell_owners, passphrases::Passphrases, secrets::Secret},
    store::{
        Pki,
        ledger::{
            Record,
            rotation::{Phase, Rotation},
        },
    },
    terminal::Report,
};

/// How it is done, to whatever side.
pub(crate) struct Manner<'a> {
    pub(crate) lifetime: Option<Lifetime>,
    pub(crate) backdate: Duration,
    /// Passphrases that were given
    pub(crate) given: &'a [Secret],
    /// Where the keys of CAs are that are made now
    pub(crate) keys: KeyWish<'a>,
    /// Whether doubts stop it
    pub(crate) force: bool,
    pub(crate) dry_run: bool,
    pub(crate) context: &'a Context,
}

/// What came of it.
pub(crate) struct Told {
    pub(crate) document: Document,
    /// In words
    pub(crate) done: String,
    pub(crate) has_changed: bool,
}

impl Manner<'_> {
    /// Has leaves come from the successor.
    pub(crate) fn forward(
        &self,
        pki: &mut Pki,
        rotation: &Rotation,
        share: &Share,
    ) -> Result<Told, Report> {
        let context = self.context;
        let lineup = latecomers::lineup(pki, rotation)?;
        let made = lineup.iter().flat_map(|it| &it.members);
        let made: Vec<_> = made.map(|(_, new)| new.clone()).collect();
        let passphrases = Passphrases::among(self.given.to_vec(), context, pki, &made)?;
        let late = lineup.as_ref();
        let read = |it| Latecomers::read(pki, it, rotation, &self.keys, &passphrases);
        let late = late.map(read);
        let late = late.transpose()?;
        let late = late.as_ref();
        let late = late.map(|it| it.announcement(context, self.dry_run));
        let Some(late) = &late else {
            self.keys.refuse_any("no CA is made now")?;
            return self.switch(pki, rotation, share, None, &passphrases);
        };
        let listed = latecomers::listed(pki, late.lineup)?;
        if !listed.is_empty() && !self.force {
            let stepped = late.carry_out(pki)?.rotation;
            latecomers::tell(late.lineup, self.dry_run, context);
            return self.wait_for_lists(pki, &stepped, &listed);
        }
        let rotation = late.lineup.joined(rotation);
        self.switch(pki, &rotation, share, Some(late), &passphrases)
    }

    fn switch(
        &self,
        pki: &mut Pki,
        rotation: &Rotation,
        share: &Share,
        late: Option<&Announcement<'_>>,
        passphrases: &Passphrases<'_>,
    ) -> Result<Told, Report> {
        let context = self.context;
        let before = consumers(pki, rotation, context.now)?;
        if needs_trust(pki, rotation)? {
            refuse(distrusting(&before), self.force, context)?;
        }
        let (leaves, is_last) = chosen(pki, &before, Generation::Old, share)?;
        let left = before.iter().filter(|it| it.leaf == Some(Generation::Old));
        let left = left.filter(|it| is_elsewhere(pki, it)).count();
        if left > 0 && *share == Share::All {
            context.ui.needed(format!(
                "{} left to the machines that have the keys: `certctl rotate-ca switch` there",
                entries(left)
            ));
        }
        let phase = match (is_last, leaves.is_empty()) {
            (true, _) => Phase::Switched,
            (false, true) => rotation.phase,
            (false, false) => Phase::Switching,
        };
        if leaves.is_empty() && phase == rotation.phase {
            return Ok(Told {
                document: Document::new(pki, rotation, &before)?,
                done: String::from(match left {
                    0 => "nothing to switch: what is named comes from the successor",
                    _ => "nothing to switch here",
                }),
                has_changed: false,
            });
        }
        exposed::warn(context, pki.layout(), leaves.iter().map(Record::place));
        let elsewhere: Vec<_> = leaves.iter().filter(|it| !it.origin.has_key()).collect();
        let elsewhere: Vec<_> = elsewhere.iter().map(|it| it.name.to_string()).collect();
        let count = entries(leaves.len());
        let to = (Generation::New, phase);
        let stepped = self.carry_out(pki, (rotation, leaves), to, late, passphrases)?;
        if let Some(late) = late {
            latecomers::tell(late.lineup, self.dry_run, context);
        }
        if !self.dry_run {
            tell_owners(context, elsewhere.iter().map(String::as_str));
        }
        let done = format!("{} {count} to {}", self.verb(), stepped.top().new);
        self.told(pki, &stepped, before, done)
    }

    /// Has leaves come from the old CA again.
    pub(crate) fn back(&self, pki: &mut Pki, rotation: &Rotation) -> Result<Told, Report> {
        let passphrases = Passphrases::among(self.given.to_vec(), self.context, pki, &[])?;
        let before = consumers(pki, rotation, self.context.now)?;
        let (leaves, _) = chosen(pki, &before, Generation::New, &Share::All)?;
        let count = entries(leaves.len());
        let to = (Generation::Old, Phase::Announced);
        let stepped = self.carry_out(pki, (rotation, leaves), to, None, &passphrases)?;
        let done = format!("{} {count} back to {}", self.verb(), stepped.top().old);
        self.told(pki, &stepped, before, done)
    }

    fn carry_out(
        &self,
        pki: &mut Pki,
        (rotation, leaves): (&Rotation, Vec<Record>),
        (to, phase): (Generation, Phase),
        latecomers: Option<&Announcement<'_>>,
        passphrases: &Passphrases<'_>,
    ) -> Result<Rotation, Report> {
        let doing = match to {
            Generation::New => "switching",
            Generation::Old => "switching back",
        };
        let bar = self.context.ui.progress(leaves.len(), doing);
        let switch = Switch {
            rotation,
            to,
            leaves,
            latecomers,
            phase,
            lifetime: self.lifetime,
            backdate: self.backdate,
            now: self.context.now,
            dry_run: self.dry_run,
            progress: &|count| bar.advance(count),
        };
        let signers = signers(pki, &switch, passphrases)?;
        Ok(switch.carry_out(pki, &signers, &mut |_| {})?)
    }

    const fn verb(&self) -> &'static str {
        match self.dry_run {
            true => "would switch",
            false => "switched",
        }
    }

    fn told(
        &self,
        pki: &Pki,
        stepped: &Rotation,
        before: Vec<Consumer>,
        done: String,
    ) -> Result<Told, Report> {
        let after = match self.dry_run {
            true => before,
            false => consumers(pki, stepped, self.context.now)?,
        };
        Ok(Told {
            document: Document::new(pki, stepped, &after)?,
            done,
            has_changed: true,
        })
    }

    /// Who looks at CRLs would refuse what CAs sign whose CRLs have just been made.
    fn wait_for_lists(
        &self,
        pki: &Pki,
        rotation: &Rotation,
        listed: &[EntryName],
    ) -> Result<Told, Report> {
        let names: Vec<_> = listed.iter().map(EntryName::as_str).collect();
        let done = format!(
            "nothing is switched yet: nobody has the CRLs of {}; copy crl-bundle.pem to whoever looks at CRLs, \
             reload, then switch again",
            names.join(", ")
        );
        let consumers = consumers(pki, rotation, self.context.now)?;
        Ok(Told {
            document: Document::new(pki, rotation, &consumers)?,
            done,
            has_changed: true,
        })
    }
}
