//! OpenSSL's grammar of configuration files (config(5)): headers, assignments, `.include`, `.pragma`.

use std::cell::Cell;

use super::{
    Environment, Included,
    config::{Config, DEFAULT_SECTION},
    line::{Line, lines},
    mistakes::{Mistake, Mistakes},
    text::{Text, Word},
};

/// More files than any real configuration includes: it includes itself.
const MAX_FILES: usize = 100;

const DIRECTIVES: [&str; 2] = [".include", ".pragma"];
const PRAGMAS: [&str; 3] = ["abspath", "dollarid", "includedir"];

/// Reads a file and what it includes.
pub(super) fn read(name: &str, octets: &[u8], environment: &dyn Environment) -> Config {
    let mut reader = Reader {
        config: Config::default(),
        environment,
        section: Some(DEFAULT_SECTION.to_owned()),
        dollar_in_names: false,
        absolute_includes: false,
        include_directory: environment.include_directory(),
        in_directory: false,
        expanded: Cell::new(0),
    };
    reader.config.open(DEFAULT_SECTION);
    reader.file(name, octets);
    reader.config
}

/// The state that runs through a file and what it includes.
pub(super) struct Reader<'a> {
    pub(super) config: Config,
    pub(super) environment: &'a dyn Environment,
    /// `None` below a header that can't be read: what stands there is checked, then dropped
    section: Option<String>,
    /// Whether `$` belongs to names, and only `${…}` and `$(…)` are variables
    pub(super) dollar_in_names: bool,
    absolute_includes: bool,
    include_directory: Option<String>,
    in_directory: bool,
    /// How many octets variables have stood for
    pub(super) expanded: Cell<usize>,
}

impl Reader<'_> {
    fn file(&mut self, name: &str, octets: &[u8]) {
        let file = self.config.files.len();
        self.config.files.push(name.to_owned());
        let octets = octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(octets);
        for line in lines(file, octets) {
            if let Err(mistakes) = self.line(line) {
                self.config.mistakes.add(mistakes);
            }
            if self.config.mistakes.are_enough() {
                break;
            }
        }
    }

    fn line(&mut self, line: Line) -> Result<(), Mistakes> {
        if let Some(position) = line.nul() {
            return Err(Mistake::new(position, "a NUL octet stands here")
                .hint("save the file as plain text, ASCII or UTF-8")
                .into());
        }
        let line = line.without_comment();
        let start = line.skip_space(0);
        match line.at(start) {
            '\0' => Ok(()),
            '[' => self.header(&line, start + 1),
            _ => self.statement(&line, start),
        }
    }

    /// `[ name ]`, where the name may be several words.
    fn header(&mut self, line: &Line, start: usize) -> Result<(), Mistakes> {
        self.section = None;
        let start = line.skip_space(start);
        let (mut word, mut end) = (start, start);
        while line.at(word) != ']' {
            end = line.skip_name(word, self.dollar_in_names);
            let next = line.skip_space(end);
            if next == word {
                let message = match line.at(next) {
                    '\0' => String::from("`]` is missing behind the name of a section"),
                    bad => format!("`{bad}` is not allowed in the name of a section"),
                };
                return Err(Mistake::new(line.position(next), message).into());
            }
            word = next;
        }
        let name = self.expand(DEFAULT_SECTION, line, start..end)?;
        let name = name.as_word().as_str();
        self.config.open(name);
        self.section = Some(name.to_owned());
        let behind = line.skip_space(word + 1);
        if line.at(behind) != '\0' {
            let message = "nothing may stand behind the `]` of a section";
            let mistake = Mistake::new(line.position(behind), message);
            return Err(mistake.hint("put it on the next line").into());
        }
        Ok(())
    }

    /// A directive, `name = value` or `section::name = value`.
    fn statement(&mut self, line: &Line, start: usize) -> Result<(), Mistakes> {
        let mut section = self.section.clone();
        let (mut start, mut end) = (start, line.skip_name(start, self.dollar_in_names));
        if line.starts_with(end, "::") {
            section = Some(line.text(start, end).as_word().as_str().to_owned());
            start = end + 2;
            end = line.skip_name(start, self.dollar_in_names);
        }
        let name = line.text(start, end);
        let word = name.as_word();
        let behind = line.skip_space(end);
        let equals = line.at(behind) == '=';
        let value = line.skip_space(behind + usize::from(equals));
        if (equals || behind > end) && DIRECTIVES.iter().any(|&d| word.strip_prefix(d).is_some()) {
            return self.directive(word, line, value);
        }
        if !equals {
            let message = format!("`=` is missing behind `{word}`");
            let mistake = Mistake::new(line.position(behind), message);
            return Err(mistake.hint("write `name = value`").into());
        }
        if word.is_empty() {
            return Err(word.mistake("no name stands before `=`").into());
        }
        self.assign(section, name, line, value)
    }

    fn assign(
        &mut self,
        section: Option<String>,
        name: Text,
        line: &Line,
        start: usize,
    ) -> Result<(), Mistakes> {
        let scope = section.as_deref().unwrap_or(DEFAULT_SECTION);
        let value = self.expand(scope, line, start..line.trimmed_end(start));
        let (value, result) = match value {
            Ok(value) => (Some(value), Ok(())),
            Err(mistakes) => (None, Err(mistakes)),
        };
        if let Some(section) = section {
            self.config.insert(&section, name, value);
        }
        result
    }

    fn directive(&mut self, name: Word<'_>, line: &Line, start: usize) -> Result<(), Mistakes> {
        match name.as_str() {
            ".include" => self.include(line, start),
            ".pragma" => {
                let pragma = line.text(start, line.trimmed_end(start));
                self.pragma(pragma.as_word())
            }
            unknown => Err(name
                .mistake(format!("unknown directive `{name}`"))
                .nearest(unknown, DIRECTIVES)
                .into()),
        }
    }

    fn pragma(&mut self, pragma: Word<'_>) -> Result<(), Mistakes> {
        let (keyword, value) = pragma
            .split_once(':')
            .map(|(keyword, value)| (keyword.trim(), value.trim()))
            .filter(|(keyword, value)| !keyword.is_empty() && !value.is_empty())
            .ok_or_else(|| pragma.mistake("`.pragma` takes `keyword:value`"))?;
        match keyword.as_str() {
            "abspath" => self.absolute_includes = switch(value)?,
            "dollarid" => self.dollar_in_names = switch(value)?,
            "includedir" => self.include_directory = Some(value.decode()?),
            unknown => {
                return Err(keyword
                    .mistake(format!("unknown pragma `{keyword}`"))
                    .nearest(unknown, PRAGMAS)
                    .into());
            }
        }
        Ok(())
    }

    fn include(&mut self, line: &Line, start: usize) -> Result<(), Mistakes> {
        let scope = self.section.as_deref().unwrap_or(DEFAULT_SECTION);
        let path = self.expand(scope, line, start..line.trimmed_end(start))?;
        let word = path.as_word();
        let mut path = word.decode()?;
        if let (Some(directory), false) = (&self.include_directory, path.starts_with('/')) {
            path = format!("{}/{path}", directory.trim_end_matches('/'));
        }
        let mistake = |message: &str| word.mistake(format!("`{path}` is not included: {message}"));
        if self.absolute_includes && !path.starts_with('/') {
            return Err(mistake("`.pragma abspath` wants absolute paths").into());
        }
        if self.config.files.len() >= MAX_FILES {
            return Err(mistake("too many files; does this one include itself?").into());
        }
        match self.environment.include(&path) {
            Ok(Included::File(octets)) => self.file(&path, &octets),
            Ok(Included::Directory(_)) if self.in_directory => {
                return Err(
                    mistake("a file of an included directory can't include another").into(),
                );
            }
            Ok(Included::Directory(files)) => {
                self.in_directory = true;
                for (name, octets) in files {
                    self.file(&name, &octets);
                }
                self.in_directory = false;
            }
            Err(reason) => return Err(mistake(&reason).into()),
        }
        Ok(())
    }
}

fn switch(value: Word<'_>) -> Result<bool, Mistake> {
    match value.as_str().to_ascii_lowercase().as_str() {
        "on" | "true" => Ok(true),
        "off" | "false" => Ok(false),
        _ => Err(value.mistake(format!("`{value}` is neither `on` nor `off`"))),
    }
}
