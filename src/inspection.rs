//! From paths to findings: looks at one site after the other, on all processors, and judges each.

use std::{panic::resume_unwind, path::PathBuf, thread};

use time::OffsetDateTime;

use crate::{
    check::{Finding, Inspector, Terms, configuration::Configuration, facts::SiteKind},
    emit::{EmitError, Reading},
    survey::{Spot, Survey, configuration, spread},
};

mod containers;

pub use containers::{inspect_containers, unread_containers};

/// What was found, and how much was looked at.
#[derive(Clone, Debug, Default)]
pub struct Inspection {
    /// Everything that is wrong, CAs before what they have issued
    pub findings: Vec<Finding>,
    /// How many CAs there are
    pub authorities: usize,
    /// How many entries there are
    pub entries: usize,
    /// How many directories are in the archive
    pub archived: usize,
    /// How many configuration files there are
    pub configurations: usize,
    /// What ends next, and when
    pub next_to_end: Option<(OffsetDateTime, PathBuf)>,
}

/// Fewer sites than this are not worth a thread.
const WORTH_A_THREAD: usize = 64;

/// Looks at all that a survey has found.
#[must_use]
pub fn inspect(survey: &Survey, terms: Terms, progress: &(dyn Fn(u64) + Sync)) -> Inspection {
    let spots = survey.spots();
    let is_issued = |spot: &Spot| matches!(spot.kind, SiteKind::Archived | SiteKind::Entry);
    let (first, issued) = spots.split_at(spots.iter().position(is_issued).unwrap_or(spots.len()));
    let mut inspector = Inspector::new(terms);
    let mut whole = Inspection::default();
    whole.add_all(first, survey, &mut inspector, progress);
    let threads = match issued.len() {
        0..=WORTH_A_THREAD => 1,
        _ => thread::available_parallelism().map_or(1, usize::from),
    };
    let share = issued.len().div_ceil(threads).max(WORTH_A_THREAD);
    let mut shares = issued.chunks(share);
    let own = shares.next().unwrap_or_default();
    thread::scope(|scope| {
        let of_share = |share| {
            // Each knows what was judged before.
            let mut inspector = inspector.clone();
            scope.spawn(move || {
                let mut part = Inspection::default();
                part.add_all(share, survey, &mut inspector, progress);
                part
            })
        };
        let parts: Vec<_> = shares.map(of_share).collect();
        whole.add_all(own, survey, &mut inspector, progress);
        for part in parts {
            whole.merge(part.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
    });
    whole
}

/// Looks at a server's configuration file, and at the files that it names.
///
/// # Errors
///
/// The first mistake in the server's manifest.
pub fn inspect_configuration(
    mut reading: Reading<'_>,
    terms: Terms,
) -> Result<Inspection, EmitError> {
    spread(&mut reading);
    let sites = configuration::sites(&reading);
    let configuration = Configuration {
        owners: configuration::owners(&reading),
        reading,
        sites,
    };
    let now = terms.now;
    let ends = configuration.sites.iter().filter_map(|site| site.end());
    Ok(Inspection {
        findings: configuration.findings(&mut Inspector::new(terms))?,
        configurations: 1,
        next_to_end: ends.filter(|(end, _)| *end >= now).min(),
        ..Inspection::default()
    })
}

impl Inspection {
    fn add_all(
        &mut self,
        spots: &[Spot],
        survey: &Survey,
        inspector: &mut Inspector,
        progress: &(dyn Fn(u64) + Sync),
    ) {
        for spot in spots {
            let site = survey.site(spot);
            self.findings.extend(inspector.inspect(&site));
            match spot.kind {
                SiteKind::Archived => self.archived += 1,
                SiteKind::Authority => self.authorities += 1,
                SiteKind::Copy | SiteKind::Entry => self.entries += 1,
                SiteKind::Endpoint | SiteKind::Lone | SiteKind::Pki => {}
            }
            let end = site.end().filter(|(end, _)| *end >= inspector.now());
            self.next_to_end = earlier(self.next_to_end.take(), end);
            progress(1);
        }
    }

    /// Adds what was found elsewhere.
    pub fn merge(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.authorities += other.authorities;
        self.entries += other.entries;
        self.archived += other.archived;
        self.configurations += other.configurations;
        self.next_to_end = earlier(self.next_to_end.take(), other.next_to_end);
    }
}

fn earlier<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    one.into_iter().chain(other).min()
}
