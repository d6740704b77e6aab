//! What `list` was asked for: found in the ledger, and printed while it is read.

use std::{collections::HashSet, ops::ControlFlow};

use time::OffsetDateTime;

use super::{
    Context, Report,
    elsewhere::{note_all_waiting, waits_for_first},
    names::Target,
};
use crate::{
    documents::list::{Document, Entries},
    pki::{duration, entry_name::EntryName, renewal::Margin},
    store::{
        Access, Pki, StoreError,
        generations::Generations,
        layout::Area,
        ledger::{Listed, Order, Selection, Status},
        waiting::all_waiting,
    },
    terminal::{listed, table::Columns},
};

/// What is listed; each part narrows it.
pub(crate) struct Listing {
    /// Only these; all where none is named
    pub(crate) names: Vec<Target>,
    /// The same, to be found fast
    pub(crate) wanted: HashSet<Target>,
    /// Only what has so much of its life left
    pub(crate) expiring: Option<Margin>,
    /// Only what was revoked
    pub(crate) revoked: bool,
    /// Only what another certificate has replaced
    pub(crate) replaced: bool,
    /// Only what this CA has signed
    pub(crate) ca: Option<EntryName>,
}

impl Listing {
    /// Prints it, and what waits for a CA elsewhere.
    pub(crate) fn tell(&self, context: &Context) -> Result<(), Report> {
        let pki = context.open(Access::Read)?;
        if let Some(name) = &self.ca
            && !pki.authorities()?.iter().any(|ca| ca.name == *name)
        {
            return Err(StoreError::NoAuthority(name.clone()).into());
        }
        self.refuse_unknown(&pki)?;
        let selection = self.selection(context.now);
        let generations = pki.generations()?;
        if context.ui.is_json() {
            let document = Document {
                schema: "certctl/list/v1",
                entries: Entries {
                    pki: &pki,
                    selection: &selection,
                    is_wanted: &|record| self.is_wanted(record, context.now),
                    generations: &generations,
                    now: context.now,
                },
                waiting: self.all_waiting(&pki)?,
            };
            return context.ui.result(String::new, &document);
        }
        self.print(context, &pki, &selection, &generations)?;
        for area in [Area::Authorities, Area::Entries] {
            note_all_waiting(context, area, &self.waiting(&pki, area)?);
        }
        Ok(())
    }

    /// `node1`, `ca/issuing`: all that wait.
    fn all_waiting(&self, pki: &Pki) -> Result<Vec<String>, Report> {
        let authorities = self.waiting(pki, Area::Authorities)?;
        let authorities = authorities.iter().map(|name| format!("ca/{name}"));
        let entries = self.waiting(pki, Area::Entries)?;
        Ok(authorities
            .chain(entries.iter().map(ToString::to_string))
            .collect())
    }

    /// What waits for an answer of a CA elsewhere.
    fn waiting(&self, pki: &Pki, area: Area) -> Result<Vec<EntryName>, Report> {
        match self.ca.is_some() || self.revoked || self.replaced {
            true => Ok(Vec::new()),
            false => {
                let mut waiting = all_waiting(pki.layout(), area)?;
                waiting.retain(|name| self.is_named(area, name));
                Ok(waiting)
            }
        }
    }

    /// Refuses names that nothing ever had, all together.
    fn refuse_unknown(&self, pki: &Pki) -> Result<(), Report> {
        let mut unknown = Vec::new();
        for target in &self.names {
            let selection = Selection {
                area: target.area,
                name: Some(target.name.clone()),
                ..Selection::default()
            };
            let first = pki.ledger().select(&selection, ControlFlow::Break)?;
            if first.is_continue() && waits_for_first(pki, target)?.is_none() {
                unknown.push(target.unknown(pki)?);
            }
        }
        Report::none(unknown)
    }

    /// Whether the names leave it in the list.
    fn is_named(&self, area: Area, name: &EntryName) -> bool {
        let mut meanings = [None, Some(area)].into_iter();
        self.wanted.is_empty()
            || meanings.any(|area| {
                let name = name.clone();
                self.wanted.contains(&Target { area, name })
            })
    }

    /// Whether it is one of the names, and so little of its life is left.
    fn is_wanted(&self, record: &Listed, now: OffsetDateTime) -> bool {
        let margin = self.expiring;
        self.is_named(record.kind.area(), &record.name)
            && margin.is_none_or(|margin| margin.due_from(record.validity) <= now)
    }

    fn selection(&self, now: OffsetDateTime) -> Selection {
        let statuses = match (self.revoked, self.replaced) {
            (false, false) => vec![Status::Current],
            (true, false) => vec![Status::Revoked],
            (false, true) => vec![Status::Replaced],
            (true, true) => vec![Status::Revoked, Status::Replaced],
        };
        Selection {
            issuer: self.ca.clone(),
            statuses,
            ends_by: match self.expiring {
                Some(Margin::Fixed(within)) => Some(now.saturating_add(within)),
                _ => None,
            },
            order: match self.expiring {
                Some(_) => Order::End,
                None => Order::Name,
            },
            ..Selection::default()
        }
    }

    /// Prints a table in two passes, so that its length costs no memory.
    fn print(
        &self,
        context: &Context,
        pki: &Pki,
        selection: &Selection,
        generations: &Generations,
    ) -> Result<(), Report> {
        /// Rows that are printed at a time.
        const PIECE: usize = 1000;
        let past = self.revoked || self.replaced;
        let mut columns = match past {
            false => Columns::new(&["NAME", "KIND", "ISSUER", "KEY", "UNTIL", "STATUS", "NAMES"]),
            true => Columns::new(&[
                "NAME", "KIND", "ISSUER", "KEY", "UNTIL", "STATUS", "SERIAL", "NAMES",
            ]),
        };
        let row = |record: &Listed| listed::row(record, context.now, past, generations);
        let mut is_empty = true;
        let unsorted = Selection {
            order: Order::Newest,
            ..selection.clone()
        };
        let _: ControlFlow<()> = pki.ledger().select(&unsorted, |record| {
            if !self.is_wanted(&record, context.now) {
                return ControlFlow::Continue(());
            }
            is_empty = false;
            columns.measure(&row(&record));
            ControlFlow::Continue(())
        })?;
        if is_empty {
            context.ui.note(self.nothing());
            return Ok(());
        }
        if let Some(width) = context.ui.width() {
            columns.fit(width);
        }
        context.ui.print(&columns.header())?;
        let mut piece = Vec::with_capacity(PIECE);
        let print = |piece: &mut Vec<Listed>| {
            let lines = columns.lines(piece.iter().map(row));
            let styled = lines.iter().zip(piece.iter());
            let text = styled
                .map(|(line, record)| listed::style(record, line, context.now))
                .collect::<String>();
            piece.clear();
            context.ui.print(&text)
        };
        let flow = pki.ledger().select(selection, |record| {
            if self.is_wanted(&record, context.now) {
                piece.push(record);
            }
            match piece.len() {
                PIECE => print(&mut piece).map_or_else(ControlFlow::Break, ControlFlow::Continue),
                _ => ControlFlow::Continue(()),
            }
        })?;
        flow.break_value().map_or_else(|| print(&mut piece), Err)
    }

    fn nothing(&self) -> String {
        let within = self.expiring.map(|within| match within {
            Margin::Usual => String::from(" is due"),
            Margin::Fixed(within) => format!(" ends within {}", duration::display(within)),
            Margin::Percent(percent) => format!(" is in the last {percent}% of its life"),
        });
        let state = match (self.revoked, self.replaced) {
            (false, false) => "certificate in use",
            (true, false) => "revoked certificate",
            (false, true) => "replaced certificate",
            (true, true) => "revoked or replaced certificate",
        };
        let of = self.ca.as_ref().map(|ca| format!(" of the CA `{ca}`"));
        let rest = within.unwrap_or_else(|| String::from(" was found"));
        format!("no {state}{}{rest}", of.unwrap_or_default())
    }
}
