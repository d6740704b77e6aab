//! Compose files (the Compose Specification).

use std::path::{Path, PathBuf};

use super::{Container, Containers, Mount};
use crate::emit::{
    manifest::account::RunsAs,
    syntax::shell_words,
    yaml::{Node, Rc},
};

/// What may say more of a service.
const ELSEWHERE: [&str; 2] = ["env_file", "extends"];

/// Shells, which are given a command line as one word.
const SHELLS: [&str; 4] = ["/bin/bash", "/bin/sh", "bash", "sh"];

pub(super) fn read(root: &Node, home: &Path, found: &mut Containers) {
    found.unfollowed.extend(
        root.get("include")
            .map(|it| (it.line, String::from("`include`"))),
    );
    let files = root.get("configs");
    let files = files.iter().flat_map(|files| files.pairs());
    found.unread(files.filter_map(|(name, file)| Some((name, file.get("content")?))));
    let services = root.get("services");
    for (name, service) in services.iter().flat_map(|services| services.pairs()) {
        if found.is_full(name.line) {
            return;
        }
        let more = ELSEWHERE.iter().filter_map(|key| {
            let more = service.get(key)?;
            Some((more.line, format!("`{key}`")))
        });
        found.unfollowed.extend(more);
        let words = ["entrypoint", "command"];
        let words = words
            .iter()
            .filter_map(|key| service.get(key))
            .flat_map(command);
        found.all.push(Container {
            name: name.text().unwrap_or_default().to_owned(),
            line: name.line,
            image: service.text_of("image").unwrap_or_default().to_owned(),
            user: (service.text_of("user")).and_then(|user| RunsAs::numbered(user.split(':'))),
            words: through_shell(words.collect()),
            environment: environment(service),
            mounts: mounts(service, root, home),
        });
    }
}

/// The words of a command: a list, or one text as shells take it.
fn command(node: &Rc) -> Vec<(usize, String)> {
    let text = |text: &str| text.replace("$$", "$");
    match node.text() {
        Some(line) => shell_words(line)
            .iter()
            .map(|word| (node.line, text(word)))
            .collect(),
        None => {
            let items = node.items();
            items
                .filter_map(|item| Some((item.line, text(item.text()?))))
                .collect()
        }
    }
}

/// Whether what follows is a shell's command: `-c`, alone or with others (POSIX, sh §Options).
fn is_command(option: &str) -> bool {
    option.starts_with('-') && !option.starts_with("--") && option.ends_with('c')
}

/// The words of the command of a script that goes on: the last that is put into the background, or else the last of all.
/// What stands before it makes the server ready, and what it is piped to is none (POSIX, Shell Command Language §2.9).
fn server_command(script: &str) -> Vec<String> {
    let script = script.trim_end_matches(|it: char| it.is_ascii_whitespace() || it == ';');
    let script = script.replace("\\\n", " ").replace('\n', " ; ");
    let words = shell_words(&script);
    let end = words.iter().rposition(|word| word == "&");
    let words = &words[..end.unwrap_or(words.len())];
    let is_next = |word: &String| word == "&&" || word.ends_with(';');
    let begin = words.iter().rposition(is_next).map_or(0, |last| last + 1);
    let ends = |word: &&String| word.as_str() != "|" && word.as_str() != "||";
    words[begin..].iter().take_while(ends).cloned().collect()
}

/// The words that a shell is given, in place of the shell.
pub(super) fn through_shell(given: Vec<(usize, String)>) -> Vec<(usize, String)> {
    match &given[..] {
        [(_, shell), (_, option), (line, text), ..]
            if SHELLS.contains(&shell.as_str()) && is_command(option) =>
        {
            let words = server_command(text).into_iter();
            words.map(|word| (*line, word)).collect()
        }
        _ => given,
    }
}

/// `NAME: VALUE`, or a list of `NAME=VALUE`.
fn environment(service: &Node) -> Vec<(usize, String, String)> {
    let Some(node) = service.get("environment") else {
        return Vec::new();
    };
    let pairs = node.pairs().filter_map(|(name, value)| {
        Some((name.line, name.text()?.to_owned(), value.text()?.to_owned()))
    });
    let items = node.items().filter_map(|item| {
        let (name, value) = item.text()?.split_once('=')?;
        Some((item.line, name.to_owned(), value.to_owned()))
    });
    pairs.chain(items).collect()
}

fn mounts(service: &Node, root: &Node, home: &Path) -> Vec<Mount> {
    let volumes = service.get("volumes");
    let volumes = volumes.iter().flat_map(|volumes| volumes.items());
    let volumes = volumes.filter_map(|volume| mount(volume, home));
    let files = [("configs", "/"), ("secrets", "/run/secrets/")];
    let files = files.iter().flat_map(|(key, usual)| {
        let all = service.get(key);
        let all = all.into_iter().flat_map(|all| all.items());
        all.filter_map(move |one| {
            let name = one.text().or_else(|| one.text_of("source"))?;
            let target = one.text_of("target").unwrap_or(name);
            let file = root.below(&[key, name]).and_then(|it| it.text_of("file"));
            Some(Mount {
                target: Path::new(usual).join(target),
                source: file.map(|file| at_home(file, home)),
            })
        })
    });
    volumes.chain(files).collect()
}

/// `SOURCE:TARGET`, or a mapping that says the same.
fn mount(volume: &Node, home: &Path) -> Option<Mount> {
    let (source, target) = match volume.text() {
        Some(text) => {
            let mut parts = text.split(':');
            let first = parts.next()?;
            match parts.next() {
                Some(target) => (Some(first), target),
                None => (None, first),
            }
        }
        None => (volume.text_of("source"), volume.text_of("target")?),
    };
    Some(Mount {
        target: PathBuf::from(target),
        source: source.filter(|it| is_path(it)).map(|it| at_home(it, home)),
    })
}

fn at_home(path: &str, home: &Path) -> PathBuf {
    home.join(path.strip_prefix("./").unwrap_or(path))
}

/// Whether it is no name of a volume, and does not depend on who starts it.
fn is_path(source: &str) -> bool {
    source.starts_with(['/', '.']) && !source.contains('$')
}
