//! Where the files lie that a configuration names.

use std::path::{Path, PathBuf};

use toml::Spanned;

use super::Reading;
use crate::emit::{
    manifest::include::From,
    syntax::{Document, Found, Syntax},
};

impl Reading<'_> {
    /// Says of every file of an endpoint where it is, and where relative paths begin, if that is known.
    pub(super) fn find_files(&mut self, document: Document<'_>) -> Option<PathBuf> {
        let paths = &self.server.manifest.paths;
        let home = paths.from.and_then(|from| self.home(from, document));
        let root = paths.root.as_ref();
        let root = root.and_then(|root| self.root(root.get_ref(), None));
        let start = root.or(home).or_else(|| self.start(document));
        let bases: Vec<_> = (self.endpoints.iter())
            .map(|named| {
                let base = |name: &Option<Spanned<String>>| {
                    self.root(name.as_ref()?.get_ref(), start.as_deref())
                };
                let trust = base(&named.endpoint.trust_base);
                let own = base(&named.endpoint.certificate_base);
                [own.clone(), own, trust.clone(), trust.clone(), trust]
            })
            .collect();
        for (named, bases) in self.endpoints.iter_mut().zip(bases) {
            named.base = bases[0].clone().or_else(|| start.clone());
            let targets = named.parts().map(Option::<&Found>::cloned);
            for ((index, option), base) in targets.into_iter().enumerate().zip(bases) {
                let Some(option) = option else { continue };
                let is_list = named.endpoint.is_list(&option);
                let start = base.filter(|_| !is_list).or_else(|| start.clone());
                named.targets[index] = match option.literal {
                    true => paths.literal(&option.value, start.as_deref()),
                    false => paths.target(&option.value, start.as_deref()),
                };
            }
        }
        start
    }

    /// Where the server says that paths begin, itself perhaps relative.
    pub(in crate::emit) fn root(&self, name: &str, start: Option<&Path>) -> Option<PathBuf> {
        let is_lines = self.format.syntax == Some(Syntax::Keywords);
        let count = if is_lines { 1 } else { usize::MAX };
        let options = self.sections.iter().rev();
        let mut options = options.flat_map(|section| section.options.iter().take(count).rev());
        let path = Path::new(&options.find(|option| option.name == name)?.value);
        match start {
            Some(start) => Some(start.join(path)),
            None => path.is_absolute().then(|| path.to_owned()),
        }
    }

    /// Where relative paths begin by the words of the option for that.
    fn start(&self, document: Document<'_>) -> Option<PathBuf> {
        let name = self.server.manifest.paths.start.as_ref()?.get_ref();
        let mut lines = self.sections.iter().rev();
        let line = lines.find(|line| line.name == *name)?;
        let folder = document.path.parent().unwrap_or(Path::new(""));
        match &*line.options.first()?.value {
            "config" => Some(folder.to_owned()),
            "parent" => Some(folder.join("..")),
            "origin" => {
                let path = PathBuf::from(&line.options.get(1)?.value);
                path.is_absolute().then_some(path)
            }
            _ => None,
        }
    }

    fn home(&self, from: From, document: Document<'_>) -> Option<PathBuf> {
        let main = document.path.parent().unwrap_or(Path::new(""));
        let names = &self.server.manifest.paths.main;
        match from {
            From::Main => {
                let home = document.files.home(main, names);
                Some(home.unwrap_or_else(|| main.to_owned()))
            }
            From::File => Some(main.to_owned()),
            From::Process => None,
        }
    }
}
