//! Manifests of servers that are like another: that one's manifest, with what differs laid over it.

use std::ops::Range;

use serde::Deserialize;
use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue, Error},
};

use crate::emit::{error::SourceError, files::File};

/// The server that a manifest is like.
///
/// What the manifest says itself takes the place of what the other says: values and lists whole, tables key by key. Of
/// lists of tables those of the same name are joined, and all others added.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Like {
    /// Its name
    pub server: Spanned<String>,
    /// What it has by name or code, as clients and rules, and this one has not
    #[serde(default)]
    pub without: Vec<Spanned<String>>,
}

/// A manifest as it is written: its own text, and that of the one that it is like.
#[derive(Clone, Debug)]
pub(in crate::emit) struct Written {
    own: File,
    like: Option<(Like, Behind)>,
}

/// The text of the other manifest.
#[derive(Clone, Debug)]
struct Behind {
    file: File,
    /// Moved so far that its places are behind those of the manifest's own text
    moved: String,
}

/// What can be read without the other manifest.
#[derive(Default, Deserialize)]
struct Head {
    like: Option<Like>,
}

impl Written {
    /// A manifest, and what `find` gives for the name of the server that it is like.
    ///
    /// # Errors
    ///
    /// Where that is no server, or is like another itself.
    pub(in crate::emit) fn new<'f>(
        own: &File,
        find: impl Fn(&str) -> Option<&'f File>,
    ) -> Result<Self, SourceError> {
        let mut written = Self {
            own: own.clone(),
            like: None,
        };
        let Some(like) = head(own).like else {
            return Ok(written);
        };
        let name = like.server.get_ref();
        let wrong = |message| Err(written.error(like.server.span(), message));
        let Some(file) = find(name) else {
            return wrong(format!("unknown server `{name}`"));
        };
        if head(file).like.is_some() {
            return wrong(format!("`{name}` is like another server itself"));
        }
        let behind = Behind {
            file: file.clone(),
            moved: " ".repeat(own.text.len() + 1) + &file.text,
        };
        written.like = Some((like, behind));
        Ok(written)
    }

    /// The name of the server that it is like.
    pub(in crate::emit) fn like(&self) -> Option<&str> {
        self.like.as_ref().map(|(like, _)| &**like.server.get_ref())
    }

    /// What stands at a place.
    pub(in crate::emit) fn text(&self, place: Range<usize>) -> &str {
        let text = match &self.like {
            Some((_, behind)) if place.start > self.own.text.len() => &behind.moved,
            _ => &*self.own.text,
        };
        text.get(place).unwrap_or_default()
    }

    /// A mistake at a place.
    pub(in crate::emit) fn error(&self, place: Range<usize>, message: String) -> SourceError {
        let start = self.own.text.len() + 1;
        match &self.like {
            Some((_, Behind { file, .. })) if place.start >= start => {
                let place = place.start - start..place.end.max(start) - start;
                SourceError::at(&file.origin, &file.text, place, message)
            }
            _ => SourceError::at(&self.own.origin, &self.own.text, place, message),
        }
    }

    /// All that it says.
    pub(super) fn table(&self) -> Result<Spanned<DeTable<'_>>, Error> {
        let own = DeTable::parse(&self.own.text)?;
        let Some((like, behind)) = &self.like else {
            return Ok(own);
        };
        let mut table = DeTable::parse(&behind.moved)?;
        like.leave_out(table.get_mut());
        lay(own.into_inner(), table.get_mut());
        Ok(table)
    }

    /// What it is said to be without, and the other does not have either.
    pub(super) fn needless(&self) -> Vec<(Range<usize>, String)> {
        let Some((like, behind)) = &self.like else {
            return Vec::new();
        };
        let table = DeTable::parse(&behind.moved).map(Spanned::into_inner);
        let table = table.unwrap_or_default();
        let mut items = table
            .values()
            .filter_map(|value| value.get_ref().as_array());
        let called: Vec<_> = items.by_ref().flatten().filter_map(called).collect();
        let needless = like.without.iter();
        let needless = needless.filter(|name| !called.contains(&&**name.get_ref()));
        let message = |name: &str| format!("`{}` has no `{name}`", like.server.get_ref());
        needless
            .map(|name| (name.span(), message(name.get_ref())))
            .collect()
    }
}

impl Like {
    fn leave_out(&self, table: &mut DeTable<'_>) {
        let stays = |item: &Spanned<DeValue<'_>>| {
            let mut left_out = self.without.iter();
            called(item).is_none_or(|it| left_out.all(|name| name.get_ref() != it))
        };
        for (_, value) in table {
            if let DeValue::Array(items) = value.get_mut() {
                let all = std::mem::replace(items, DeArray::new());
                *items = all.into_iter().filter(stays).collect();
            }
        }
    }
}

/// What can be read of a text that may have mistakes.
fn head(file: &File) -> Head {
    toml::from_str(&file.text).unwrap_or_default()
}

/// The name or code of an item of a list.
fn called<'t>(item: &'t Spanned<DeValue<'_>>) -> Option<&'t str> {
    let table = item.get_ref().as_table()?;
    let name = table.get("name").or_else(|| table.get("code"))?;
    name.get_ref().as_str()
}

fn lay<'t>(over: DeTable<'t>, under: &mut DeTable<'t>) {
    for (key, value) in over {
        match under.get_mut(&**key.get_ref()) {
            Some(there) => join(value, there),
            None => {
                under.insert(key, value);
            }
        }
    }
}

fn join<'t>(over: Spanned<DeValue<'t>>, under: &mut Spanned<DeValue<'t>>) {
    let are_tables = |items: &[Spanned<DeValue<'_>>]| {
        !items.is_empty() && items.iter().all(|item| item.get_ref().is_table())
    };
    let span = over.span();
    match (over.into_inner(), under.get_mut()) {
        (DeValue::Table(over), DeValue::Table(under)) => lay(over, under),
        (DeValue::Array(over), DeValue::Array(under)) if are_tables(&over) => {
            over.into_iter().for_each(|item| add(item, under));
        }
        (value, _) => *under = Spanned::new(span, value),
    }
}

/// Adds an item, or joins it with the one of its name; rules of one code are several.
fn add<'t>(item: Spanned<DeValue<'t>>, items: &mut DeArray<'t>) {
    let name = |item: &Spanned<DeValue<'_>>| {
        let name = item.get_ref().as_table()?.get("name")?.get_ref();
        name.as_str().map(str::to_owned)
    };
    let own = name(&item);
    let mut there = items.iter_mut();
    match there.find(|it| own.is_some() && name(it) == own) {
        Some(there) => join(item, there),
        None => items.push(item),
    }
}
