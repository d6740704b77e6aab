//! What a configuration says of the user that the server runs as.

use std::path::{Path, PathBuf};

use super::Reading;
use crate::emit::{
    manifest::account::RunsAs,
    syntax::{Document, Found, Section, Shape, Syntax},
};

impl Reading<'_> {
    /// As whom the server opens its files, where that is known.
    pub(in crate::emit) fn account(&self, document: Document<'_>) -> Option<RunsAs> {
        self.by_unit(document.text).or_else(|| {
            let account = self.server.manifest.account.as_ref()?;
            let option = account.option.as_ref();
            let option = option.and_then(|it| self.said(account.section.as_deref(), it.get_ref()));
            let owner = self.server.owner();
            match option {
                Some(option) => Some(RunsAs::new(&option.value, true)),
                None if account.by_itself => Some(RunsAs::new(owner, true)),
                None if account.by_unit && self.is_in_place(document.path) => {
                    Some(RunsAs::new(owner, false))
                }
                None => None,
            }
        })
    }

    /// What a unit says of the service that it starts (systemd.exec(5), "User/Group Identity").
    fn by_unit(&self, text: &str) -> Option<RunsAs> {
        let is_unit = self.format.syntax == Some(Syntax::Flags) && text.contains("[Service]");
        let lines = text.lines().filter(|_| is_unit);
        let (mut user, mut groups) = (None, Vec::new());
        for line in lines {
            let Some((name, value)) = line.split_once('=') else {
                continue;
            };
            match name.trim() {
                "User" => user = Some(value.trim()),
                "Group" | "SupplementaryGroups" => {
                    groups.extend(value.split_whitespace().map(str::to_owned));
                }
                _ => {}
            }
        }
        let user = user.filter(|user| !user.is_empty() && !user.contains('%'))?;
        Some(RunsAs {
            groups,
            ..RunsAs::new(user, false)
        })
    }

    /// The last of an option's values.
    fn said(&self, section: Option<&str>, name: &str) -> Option<&Found> {
        let here = |it: &&Section| section.is_none_or(|section| it.name == section);
        let options = self.sections.iter().filter(here).flat_map(|it| &it.options);
        let mut latest = options.rev();
        latest.find(|option| option.name == name && option.shape != Shape::Unbalanced)
    }

    /// Whether a file lies where the server's packages have such files.
    fn is_in_place(&self, path: &Path) -> bool {
        let usual = Path::new(&self.format.path);
        let mut place = usual.components();
        let place: PathBuf = place.by_ref().take(3).collect();
        place.is_absolute() && path.starts_with(place)
    }
}
