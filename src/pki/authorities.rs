//! Which CAs there are, which of them can sign, and which signs where nobody names one.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, iter,
};

use super::entry_name::EntryName;

/// CAs by name, each with the one above it. A CA stands as long as it is in use and so are all above it.
/// Those that rest stand as well, but sign only where they are named.
#[derive(Clone, Debug, Default)]
pub struct Authorities(BTreeMap<EntryName, Member>, BTreeSet<EntryName>);

#[derive(Clone, Debug)]
struct Member {
    parent: Option<EntryName>,
    state: State,
}

/// What became of a CA.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// It is in use
    Used,
    /// It is in use, but signed by an earlier CA of its parent's name, with another key
    Orphaned,
    /// It was revoked, and has no successor
    Revoked,
}

/// A CA whose signatures nobody believes, because of itself or one above it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fallen {
    /// The CA itself
    pub name: EntryName,
    /// The one that it falls with: itself, or the nearest above it
    pub with: EntryName,
    /// The CA above that
    pub above: Option<EntryName>,
    /// What became of it
    pub state: State,
}

impl fmt::Display for Fallen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the CA `{}`", self.with)?;
        if self.with != self.name {
            write!(f, " above `{}`", self.name)?;
        }
        match (self.state, &self.above) {
            (State::Orphaned, Some(above)) => write!(f, " was signed by an earlier `{above}`"),
            _ => f.write_str(" was revoked"),
        }
    }
}

/// Why no CA is the one that signs.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Undecided {
    /// There is none, and was none.
    #[error("there is no CA yet")]
    None,
    /// The one that signed does so no more. That the one above it signs in its place is for people to decide.
    #[error("{0}")]
    Fallen(Fallen),
    /// Each of these could sign.
    #[error("there are several CAs that could sign: {}", list(.0))]
    Several(Vec<EntryName>),
}

fn list(names: &[EntryName]) -> String {
    let names: Vec<_> = names.iter().map(EntryName::as_str).collect();
    names.join(", ")
}

impl Authorities {
    /// Adds a CA. One in use takes the place of one of its name that was revoked, never the other way round.
    pub fn add(&mut self, name: EntryName, parent: Option<EntryName>, state: State) {
        let member = Member { parent, state };
        match state {
            State::Revoked => {
                self.0.entry(name).or_insert(member);
            }
            State::Used | State::Orphaned => {
                self.0.insert(name, member);
            }
        }
    }

    /// Has a CA sign only where it is named: its successor signs, or it is one that waits.
    pub fn rest(&mut self, name: EntryName) {
        self.1.insert(name);
    }

    /// Whether there never was one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The CA above a CA, or above the last one of its name.
    #[must_use]
    pub fn parent(&self, name: &EntryName) -> Option<&EntryName> {
        self.0.get(name)?.parent.as_ref()
    }

    /// The CA and those above it. The number of CAs ends a circle, which only tampering can make.
    pub fn upward<'a>(&'a self, name: &'a EntryName) -> impl Iterator<Item = &'a EntryName> {
        iter::successors(Some(name), |name| self.parent(name)).take(self.0.len() + 1)
    }

    /// Whether a CA can sign: it is in use, and so are all above it.
    #[must_use]
    pub fn stands(&self, name: &EntryName) -> bool {
        let is_used = |name| {
            let member = self.0.get(name);
            member.is_some_and(|member| member.state == State::Used)
        };
        self.upward(name).all(is_used)
    }

    /// The CAs that can sign.
    pub fn standing(&self) -> impl Iterator<Item = &EntryName> {
        self.0.keys().filter(|name| self.stands(name))
    }

    /// Why a CA that there is, or was, cannot sign.
    #[must_use]
    pub fn fallen(&self, name: &EntryName) -> Option<Fallen> {
        let fallen = |with: &EntryName| {
            let member = self.0.get(with)?;
            (member.state != State::Used).then(|| Fallen {
                name: name.clone(),
                with: with.clone(),
                above: member.parent.clone(),
                state: member.state,
            })
        };
        self.upward(name).find_map(fallen)
    }

    /// The CA that signs where nobody names one: the only one that stands and has no CA below it.
    ///
    /// # Errors
    ///
    /// Where none or several could, and where the one that did has fallen.
    pub fn signer(&self) -> Result<&EntryName, Undecided> {
        let standing: Vec<_> = self.standing().collect();
        let is_last = |name: &&EntryName| {
            let mut standing = standing.iter().filter(|it| !self.1.contains(**it));
            !standing.any(|below| self.parent(below) == Some(*name))
        };
        let signs = |name: &&EntryName| is_last(name) && !self.1.contains(*name);
        let last: Vec<_> = standing.iter().copied().filter(signs).collect();
        let is_below = |name: &EntryName, above| self.parent(name) == above;
        let fallen = |above| {
            let mut below = self.0.keys().filter(|name| is_below(name, above));
            below.find_map(|name| self.fallen(name))
        };
        match last[..] {
            [name] => match fallen(Some(name)) {
                Some(fallen) => Err(Undecided::Fallen(fallen)),
                None => Ok(name),
            },
            [] => Err(fallen(None).map_or(Undecided::None, Undecided::Fallen)),
            _ => Err(Undecided::Several(last.into_iter().cloned().collect())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> EntryName {
        text.parse().expect("a name")
    }

    /// `root issuing<root !old<root ?new<root ~next`: `!` stands before what was revoked, `?` before an orphan,
    /// `~` before one that rests.
    fn authorities(text: &str) -> Authorities {
        let mut authorities = Authorities::default();
        for word in text.split_whitespace() {
            let (word, is_resting) = match word.strip_prefix('~') {
                Some(word) => (word, true),
                None => (word, false),
            };
            let (own, state) = match (word.strip_prefix('!'), word.strip_prefix('?')) {
                (Some(own), _) => (own, State::Revoked),
                (_, Some(own)) => (own, State::Orphaned),
                _ => (word, State::Used),
            };
            let (own, parent) = match own.split_once('<') {
                Some((own, parent)) => (own, Some(name(parent))),
                None => (own, None),
            };
            if is_resting {
                authorities.rest(name(own));
            }
            authorities.add(name(own), parent, state);
        }
        authorities
    }

    #[test]
    fn who_signs() {
        for (all, expected) in [
            ("", "there is no CA yet"),
            ("root", "root"),
            ("root issuing<root", "issuing"),
            ("root issuing<root ~root-2 ~issuing-2<root-2", "issuing"),
            ("~root ~issuing<root root-2 issuing-2<root-2", "issuing-2"),
            ("root issuing<root ~issuing-2<root", "issuing"),
            ("root ~root-2", "root"),
            (
                "root other",
                "there are several CAs that could sign: other, root",
            ),
            ("root !issuing<root", "the CA `issuing` was revoked"),
            ("root !issuing<root issuing<root", "issuing"),
            ("root issuing<root !issuing<root", "issuing"),
            ("root !old<root issuing<root", "issuing"),
            ("!root issuing<root", "the CA `root` was revoked"),
            ("!root !issuing<root", "the CA `root` was revoked"),
            ("!root issuing<root other", "other"),
            (
                "root ?issuing<root",
                "the CA `issuing` was signed by an earlier `root`",
            ),
            ("root mid<root !low<mid", "the CA `low` was revoked"),
            ("root !mid<root low<mid", "the CA `mid` was revoked"),
            ("a<b b<a", "there is no CA yet"),
            ("a<gone", "there is no CA yet"),
        ] {
            let all_of = authorities(all);
            let found = match all_of.signer() {
                Ok(name) => name.to_string(),
                Err(undecided) => undecided.to_string(),
            };
            assert_eq!(found, expected, "{all}");
        }
    }

    #[test]
    fn who_stands() {
        for (all, of, stands, why) in [
            ("root", "root", true, ""),
            ("root", "x", false, ""),
            ("", "x", false, ""),
            ("!root", "root", false, "the CA `root` was revoked"),
            (
                "!root a<root b<a",
                "b",
                false,
                "the CA `root` above `b` was revoked",
            ),
            ("root !a<root b<a", "root", true, ""),
            (
                "root ?a<root b<a",
                "b",
                false,
                "the CA `a` above `b` was signed by an earlier `root`",
            ),
            ("a<gone", "a", false, ""),
        ] {
            let authorities = authorities(all);
            assert_eq!(authorities.stands(&name(of)), stands, "{all}: {of}");
            let fallen = authorities.fallen(&name(of));
            let found = fallen.map(|fallen| fallen.to_string());
            assert_eq!(found.unwrap_or_default(), why, "{all}: {of}");
        }
    }
}
