//! From paths to findings: looks at one site after the other, on all processors, and judges each.

use std::{collections::HashSet, panic::resume_unwind, path::PathBuf, rc::Rc, thread};

use time::OffsetDateTime;

use crate::{
    check::{
        Finding, Inspector, Terms,
        configuration::Configuration,
        facts::{Installed, Site, SiteKind},
    },
    emit::{EmitError, Reading},
    pki::certificate::Certificate,
    survey::{Spot, Survey, account, configuration, spread},
};

mod containers;
mod files;
mod mended;
mod written;

pub use containers::{inspect_containers, unread_containers, unread_file};
pub use files::{Read, ReadError, Reader};
pub use mended::{Done, Fix, Found, Mended};
pub use written::{judge, write};

/// A file or directory that was looked at, with the certificates that are in use there and their files.
#[derive(Clone, Debug)]
pub struct Looked {
    /// Where it is
    pub path: PathBuf,
    /// What is in use there
    pub certificates: Vec<(PathBuf, Certificate)>,
}

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
    /// What was looked at, in its order
    pub looked_at: Vec<Looked>,
    /// What nodes hold
    pub installed: Vec<Installed>,
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
    let account = account::account(&reading);
    let configuration = Configuration {
        owners: configuration::owners(&reading),
        ways: account
            .iter()
            .flat_map(|_| account::ways(&reading))
            .collect(),
        account,
        besides: configuration::besides(&reading),
        reading,
        sites,
    };
    let looked_at = Looked {
        path: configuration
            .reading
            .files
            .first()
            .cloned()
            .unwrap_or_default(),
        certificates: in_use(&configuration),
    };
    let now = terms.now;
    let ends = configuration.sites.iter().filter_map(|site| site.end());
    Ok(Inspection {
        findings: configuration.findings(&mut Inspector::new(terms))?,
        configurations: 1,
        looked_at: vec![looked_at],
        installed: installed(&configuration),
        next_to_end: ends.filter(|(end, _)| *end >= now).min(),
        ..Inspection::default()
    })
}

/// What the endpoints of a configuration file hold, those that share files once.
fn installed(configuration: &Configuration<'_>) -> Vec<Installed> {
    let mut all = Vec::new();
    for installed in configuration
        .sites
        .iter()
        .filter_map(|site| site.installed())
    {
        if !all.contains(&installed) {
            all.push(installed);
        }
    }
    all
}

/// The certificates that a configuration file names, those of several endpoints once.
fn in_use(configuration: &Configuration<'_>) -> Vec<(PathBuf, Certificate)> {
    let mut seen = HashSet::new();
    let sites = configuration.sites.iter();
    let sites = sites.filter(|site| seen.insert(Rc::as_ptr(site)));
    sites.flat_map(|site| site.in_use()).collect()
}

/// A directory; or each of the files that somebody named one by one.
fn looked_at(spot: &Spot, site: &Site) -> Vec<Looked> {
    let certificates = site.in_use();
    if spot.kind != SiteKind::Lone {
        let path = spot.path().to_owned();
        return vec![Looked { path, certificates }];
    }
    let of_file = |path: &PathBuf| {
        let own = certificates.iter().filter(|(of, _)| of == path);
        own.cloned().collect()
    };
    let files = site.files().map(|item| Looked {
        path: item.path.clone(),
        certificates: of_file(&item.path),
    });
    files.collect()
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
            self.looked_at.extend(looked_at(spot, &site));
            self.installed.extend(site.installed());
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
        self.looked_at.extend(other.looked_at);
        self.installed.extend(other.installed);
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
