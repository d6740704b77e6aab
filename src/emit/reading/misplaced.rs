//! Options that stand where the server does not take them.

use super::Reading;
use crate::{
    emit::{
        manifest::{Format, place::Place},
        syntax::{Found, Section, Syntax},
    },
    nearest::misspelt,
};

impl Reading<'_> {
    /// Options that stand where the server does not take them.
    #[must_use]
    pub fn misplaced(&self) -> Vec<(&Found, &Place)> {
        let places = self.server.manifest.places.iter();
        places.flat_map(|place| self.misplaced_by(place)).collect()
    }

    /// Lines before the first that begins a block, where all belong to one. A file without any is part of another.
    pub fn outside(&self) -> impl Iterator<Item = &Found> {
        let blocks = &self.server.manifest.blocks;
        let is_lines = self.format.syntax == Some(Syntax::Keywords);
        let first = self
            .sections
            .iter()
            .position(|line| blocks.contains(&line.name));
        let count = first.filter(|_| is_lines).unwrap_or(0);
        let lines = self.sections.iter().take(count);
        // What begins with a dot is for whoever reads the file.
        let lines = lines.filter(|line| !line.name.starts_with('.'));
        lines.filter_map(|line| line.options.first())
    }

    /// Whether nobody reads a section, for what it is called.
    #[must_use]
    pub fn is_unread(&self, section: &Section) -> bool {
        let Format {
            merges, headings, ..
        } = self.format;
        let named = headings.iter().flat_map(|it| &it.names);
        let mut read = merges.iter().map(|merge| &merge.name).chain(named);
        let is_any = merges.is_empty() && headings.as_ref().is_none_or(|it| it.names.is_empty());
        // What stands before the first section has no name.
        let is_top = section.name.is_empty() && self.format.syntax != Some(Syntax::Groups);
        !is_any && !is_top && read.all(|name| *name != section.name)
    }

    /// Sections that nobody reads, as what they are called is a slip of the pen, and what was meant.
    pub fn misspelt_sections(&self) -> impl Iterator<Item = (&Section, &str)> {
        let unread = self
            .sections
            .iter()
            .filter(|section| self.is_unread(section));
        unread.filter_map(|section| {
            let groups = self.format.merges.iter().flat_map(|merge| &merge.groups);
            let named = self.format.headings.iter().flat_map(|it| &it.names);
            let known = groups.filter(|group| !group.ends_with('*')).chain(named);
            let meant = misspelt(section.name.trim(), known.map(String::as_str))?;
            // One of several that are numbered, such as `mysqld2`, is somebody else's.
            let is_numbered = section.name.ends_with(|last: char| last.is_ascii_digit());
            (!is_numbered && !section.options.is_empty()).then_some((section, meant))
        })
    }

    /// Looks at each section once: what is around it was looked at before.
    fn misplaced_by<'p>(&'p self, place: &'p Place) -> Vec<(&'p Found, &'p Place)> {
        let manifest = &self.server.manifest;
        let is_lines = self.format.syntax == Some(Syntax::Keywords);
        let mut refused: Vec<bool> = Vec::with_capacity(self.sections.len());
        let mut within: Vec<bool> = Vec::with_capacity(self.sections.len());
        let mut misplaced = Vec::new();
        let mut top = self
            .sections
            .iter()
            .filter(|section| section.outer == Some(0));
        let is_main = top.any(|section| place.is_beside(section, manifest.ignores_case));
        for (index, section) in self.sections.iter().enumerate() {
            let is_beside = index == 0 && is_main && !is_lines;
            let own = is_beside || place.refuses(section, manifest.ignores_case);
            let around = match is_lines {
                // The line that began a block is around those that follow, up to the next such line.
                true if manifest.blocks.contains(&section.name) => false,
                true => refused.last() == Some(&true),
                false => section
                    .outer
                    .is_some_and(|outer| refused[outer] && !(outer == 0 && is_main)),
            };
            let is_named = place
                .within
                .as_ref()
                .is_none_or(|word| section.name == *word);
            within.push(is_named || section.outer.is_some_and(|outer| within[outer]));
            let (own, around) = match place.deep {
                true => (own, around),
                false => (own, false),
            };
            refused.push(own || around);
            if (own || around) && within.last() == Some(&true) {
                // Of a line the others may be values.
                let count = if is_lines { 1 } else { usize::MAX };
                let statements = section.options.iter().take(count);
                let named = statements.filter(|option| place.names(option));
                misplaced.extend(named.map(|option| (option, place)));
            }
        }
        misplaced
    }
}
