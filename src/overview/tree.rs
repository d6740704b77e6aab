//! The tree of CAs, with what each has signed; many entries are folded by the month in which they end.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

use super::{Item, Overview, State, date, left, month};

/// A CA with more entries has them by month.
const MOST_OPEN: usize = 20;

/// Names of an entry that are shown besides its own.
const MOST_NAMES: usize = 3;

/// A page has room for so many entries' other names.
const MOST_NAMED: usize = 500;

/// A CA and all below it.
#[derive(Serialize)]
pub(super) struct Branch {
    name: String,
    kind: &'static str,
    ends: String,
    left: String,
    succession: Option<String>,
    state: State,
    /// Entries that it has signed
    count: usize,
    leaves: Vec<Leaf>,
    /// Where there are many, the same by month
    months: Vec<Fold>,
    below: Vec<Branch>,
}

#[derive(Serialize)]
struct Fold {
    month: String,
    state: State,
    leaves: Vec<Leaf>,
}

#[derive(Serialize)]
struct Leaf {
    name: String,
    kind: &'static str,
    ends: String,
    state: State,
    names: String,
}

/// What is needed to put a branch together.
struct Growing<'o> {
    overview: &'o Overview,
    authorities: HashMap<Option<&'o str>, Vec<&'o Item>>,
    entries: HashMap<Option<&'o str>, Vec<&'o Item>>,
}

/// The roots, and entries that no CA here has signed.
pub(super) fn tree(overview: &Overview) -> Vec<Branch> {
    let known: HashSet<_> = overview
        .authorities
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    // Whose CA is not here hangs on nothing.
    let parent = |item: &'_ Item| {
        item.issuer
            .clone()
            .filter(|it| known.contains(it.as_str()) && *it != item.name)
    };
    let (mut authorities, mut entries): (HashMap<_, Vec<_>>, HashMap<_, Vec<_>>) =
        Default::default();
    for (items, map) in [
        (&overview.authorities, &mut authorities),
        (&overview.entries, &mut entries),
    ] {
        for item in items {
            let key = parent(item).and_then(|it| known.get(it.as_str()).copied());
            map.entry(key).or_default().push(item);
        }
    }
    let mut growing = Growing {
        overview,
        authorities,
        entries,
    };
    let roots = growing.authorities.remove(&None).unwrap_or_default();
    let mut branches: Vec<_> = roots.into_iter().map(|it| growing.branch(it)).collect();
    if let Some(lone) = growing.entries.remove(&None) {
        let (leaves, months) = growing.leaves(&lone);
        branches.push(Branch {
            name: String::from("Signed by themselves, or by CAs elsewhere"),
            kind: "",
            ends: String::new(),
            left: String::new(),
            succession: None,
            state: lone.iter().map(|it| it.state).min().unwrap_or(State::Good),
            count: lone.len(),
            leaves,
            months,
            below: Vec::new(),
        });
    }
    branches
}

impl<'o> Growing<'o> {
    fn branch(&mut self, authority: &'o Item) -> Branch {
        let below = self
            .authorities
            .remove(&Some(authority.name.as_str()))
            .unwrap_or_default();
        let entries = self
            .entries
            .remove(&Some(authority.name.as_str()))
            .unwrap_or_default();
        let (leaves, months) = self.leaves(&entries);
        Branch {
            name: authority.name.clone(),
            kind: authority.kind,
            ends: date(authority.ends),
            left: left(authority.ends, self.overview.now),
            succession: authority.succession.clone(),
            state: authority.state,
            count: entries.len(),
            leaves,
            months,
            below: below.into_iter().map(|it| self.branch(it)).collect(),
        }
    }

    /// The entries of one CA: as they are, or by month.
    fn leaves(&self, entries: &[&Item]) -> (Vec<Leaf>, Vec<Fold>) {
        let is_named = self.overview.entries.len() <= MOST_NAMED;
        let leaf = |item: &&Item| leaf(item, is_named);
        if entries.len() <= MOST_OPEN {
            return (entries.iter().map(leaf).collect(), Vec::new());
        }
        let mut months: BTreeMap<String, Vec<&Item>> = BTreeMap::new();
        for item in entries {
            months.entry(month(item.ends)).or_default().push(item);
        }
        let folds = months.into_iter().map(|(month, items)| Fold {
            month,
            state: items.iter().map(|it| it.state).min().unwrap_or(State::Good),
            leaves: items.iter().map(leaf).collect(),
        });
        (Vec::new(), folds.collect())
    }
}

fn leaf(item: &Item, is_named: bool) -> Leaf {
    let own = format!("DNS:{}", item.name);
    let others: Vec<_> = item
        .names
        .iter()
        .filter(|it| **it != own)
        .map(String::as_str)
        .collect();
    let names = match (is_named, others.len()) {
        (false, _) => String::new(),
        (true, 0..=MOST_NAMES) => others.join(", "),
        (true, count) => format!(
            "{} and {} more",
            others[..MOST_NAMES].join(", "),
            count - MOST_NAMES
        ),
    };
    Leaf {
        name: item.name.clone(),
        kind: item.kind,
        ends: date(item.ends),
        state: item.state,
        names,
    }
}
