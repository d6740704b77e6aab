//! What containers are started with, as Compose files and Kubernetes manifests say it: their words, their environment,
//! and what of the machine they see where.

use std::path::{Path, PathBuf};

use super::Reading;
use crate::emit::{
    manifest::{account::RunsAs, paths::Target},
    syntax::Syntax,
    version::Version,
    yaml::{self, YamlError},
};

mod compose;
mod kubernetes;

/// How many words, variables and mounts a file may have, however often an anchor is used.
const MAX_PARTS: usize = 100_000;

/// A container that is started.
#[derive(Debug, Default)]
pub struct Container {
    /// What the file calls it
    pub name: String,
    /// Where it begins, from 1
    pub line: usize,
    /// The image, perhaps with its version
    pub image: String,
    /// Number of the user, and of the group, where the file says them
    pub user: Option<RunsAs>,
    /// Program and arguments, as far as the file says them, each with its line
    words: Vec<(usize, String)>,
    /// Names and values of variables, each with its line
    environment: Vec<(usize, String, String)>,
    mounts: Vec<Mount>,
}

/// A file or directory that a container sees.
#[derive(Clone, Debug)]
struct Mount {
    /// Where it sees it
    target: PathBuf,
    /// Where it lies on the machine; nothing where it does not lie there
    source: Option<PathBuf>,
}

/// What stands in a file for containers.
#[derive(Debug, Default)]
pub struct Containers {
    /// All that are started
    pub all: Vec<Container>,
    /// What says more and was not followed, each with its line
    pub unfollowed: Vec<(usize, String)>,
}

/// Reads a Compose file or Kubernetes manifests; `None` where a text is neither. Relative paths begin at `home`.
///
/// # Errors
///
/// Where the text is no YAML, or nested too deep.
#[must_use]
pub fn containers(text: &str, home: &Path) -> Option<Result<Containers, YamlError>> {
    let has = |key: &str| text.lines().any(|line| line.starts_with(key));
    let is_compose = has("services:");
    let is_kubernetes = has("apiVersion:") && has("kind:");
    if !(is_compose || is_kubernetes) {
        return None;
    }
    let read = |documents: Vec<yaml::Rc>| {
        let mut found = Containers::default();
        for document in &documents {
            match is_compose {
                true => compose::read(document, home, &mut found),
                false => kubernetes::read(document, &mut found),
            }
        }
        found
    };
    Some(yaml::documents(text).map(read))
}

impl Containers {
    /// Remembers the files that stand in it: what has several lines is more than a variable.
    fn unread<'n>(&mut self, files: impl Iterator<Item = (&'n yaml::Rc, &'n yaml::Rc)>) {
        let texts = files.filter(|(_, file)| {
            let text = file.text().unwrap_or_default();
            text.trim_end().contains('\n') && !text.starts_with("-----BEGIN ")
        });
        let told = texts.filter_map(|(name, _)| Some((name.line, format!("`{}`", name.text()?))));
        self.unfollowed.extend(told);
    }

    /// Whether so much was read that the rest is not.
    fn is_full(&mut self, line: usize) -> bool {
        let parts = |one: &Container| one.words.len() + one.environment.len() + one.mounts.len();
        let is_full = self.all.iter().map(parts).sum::<usize>() > MAX_PARTS;
        if is_full {
            self.unfollowed.push((line, String::from("too much")));
        }
        is_full
    }
}

impl Container {
    /// Its words or its variables as a text of that syntax, in which each stands in the line where the file has it.
    #[must_use]
    pub fn text(&self, syntax: Syntax) -> String {
        let parts: Vec<(usize, String)> = match syntax {
            Syntax::Environment => {
                let all = self.environment.iter();
                all.map(|(line, name, value)| (*line, format!("{name}={}", quoted(value))))
                    .collect()
            }
            _ => self
                .words
                .iter()
                .map(|(line, word)| (*line, quoted(word)))
                .collect(),
        };
        let last = parts.iter().map(|(line, _)| *line).max().unwrap_or(0);
        let mut lines = vec![String::new(); last];
        for (line, part) in parts {
            let line = &mut lines[line - 1];
            if !line.is_empty() {
                // One variable a line; words go on.
                line.push(if syntax == Syntax::Environment {
                    ';'
                } else {
                    ' '
                });
            }
            line.push_str(&part);
        }
        // Its words are one command.
        let between = if syntax == Syntax::Flags {
            " \\\n"
        } else {
            "\n"
        };
        lines.join(between) + "\n"
    }

    /// The version that the image's tag says.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        let (_, tag) = self.image.rsplit('/').next()?.split_once(':')?;
        let tag = tag.strip_prefix('v').unwrap_or(tag);
        let number = tag.split(['-', '@', '+']).next()?;
        number.parse().ok()
    }

    /// Where a path of the container lies on the machine, if it does.
    #[must_use]
    pub fn outside(&self, path: &Path) -> Option<PathBuf> {
        let mounts = self
            .mounts
            .iter()
            .filter(|mount| path.starts_with(&mount.target));
        // What is mounted deeper lies above.
        let mount = mounts.max_by_key(|mount| mount.target.components().count())?;
        let source = mount.source.as_ref()?;
        let inside = path.strip_prefix(&mount.target).ok()?;
        Some(match inside.as_os_str().is_empty() {
            true => source.clone(),
            false => source.join(inside),
        })
    }
}

impl Reading<'_> {
    /// Has every file be the one of this machine that is `there`.
    pub fn look_from(&mut self, there: impl Fn(&Path) -> Option<PathBuf>) {
        let named = self.endpoints.iter_mut();
        let named = named.flat_map(|named| &mut named.targets);
        let besides = self.besides.iter_mut().map(|beside| &mut beside.target);
        for target in named.chain(besides) {
            let Target::File(path) = &*target else {
                continue;
            };
            *target = match there(path) {
                _ if path.to_string_lossy().contains('$') => Target::Chosen,
                Some(path) => Target::File(path),
                None => Target::Inside,
            };
        }
    }
}

/// A word in quotes, as command lines have it.
fn quoted(word: &str) -> String {
    let word = word.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", word.replace(['\n', '\r'], " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names, words, and where `/tls/a` lies.
    fn shown(text: &str) -> Vec<String> {
        let found = containers(text, Path::new("/home")).expect("it is for containers");
        let found = found.expect("it is YAML");
        let containers = found.all.iter().map(|one| {
            let words = one
                .words
                .iter()
                .map(|(line, word)| format!("{line}:{word}"));
            let environment = one.environment.iter();
            let environment =
                environment.map(|(line, name, value)| format!("{line}:{name}={value}"));
            let all: Vec<_> = words.chain(environment).collect();
            let outside = one.outside(Path::new("/tls/a"));
            let outside =
                outside.map_or(String::from("nowhere"), |path| path.display().to_string());
            format!("{} {} > {outside}", one.name, all.join(" "))
        });
        let unfollowed = found
            .unfollowed
            .iter()
            .map(|(line, what)| format!("{line} {what}"));
        containers.chain(unfollowed).collect()
    }

    #[test]
    fn what_is_started_with_what() {
        for (text, expected) in [
            (
                "services:\n  r:\n    command: [\"-a=1\", -b, 'c d']\n    volumes: [\"./x:/tls:ro\"]\n",
                vec!["r 3:-a=1 3:-b 3:c d > /home/x/a"],
            ),
            (
                "services:\n  r:\n    entrypoint: run -a \"b c\"\n    command:\n      - -d\n      - $$e\n    volumes:\n      - t:/tls\n",
                vec!["r 3:run 3:-a 3:b c 5:-d 6:$e > nowhere"],
            ),
            (
                "services:\n  r:\n    command: [sh, -c, \"exec run -a\"]\n    environment: {A: 1}\n    volumes:\n      - {type: bind, source: /s, target: /tls}\n      - {type: bind, source: /deep, target: /tls/a}\n",
                vec!["r 3:exec 3:run 3:-a 4:A=1 > /deep"],
            ),
            (
                "x-base: &base\n  image: i\n  volumes: [/s:/tls]\nservices:\n  r:\n    <<: *base\n    command: >\n      run\n      -a\n    environment: [A=1]\n    extends: {service: b}\n",
                vec!["r 8:run 8:-a 10:A=1 > /s/a", "11 `extends`"],
            ),
            (
                "secrets:\n  k: {file: key.pem}\nservices:\n  r:\n    secrets:\n      - k\n      - {source: k, target: /tls/a}\n    env_file: e\n",
                vec!["r  > /home/key.pem", "8 `env_file`"],
            ),
            (
                "services:\n  r:\n    command: [/bin/sh, -ec, \"run -a\"]\nconfigs:\n  c: {file: f}\n  d:\n    content: |\n      port 1\n      dir /\n",
                vec!["r 3:run 3:-a > nowhere", "6 `d`"],
            ),
            (
                "services:\n  r:\n    entrypoint: [sh, -c]\n    command: [\"cp /a /b; chown x /b && exec run \\\\\\n -a;\\n\"]\n",
                vec!["r 4:exec 4:run 4:-a > nowhere"],
            ),
            (
                "services:\n  r:\n    command: [sh, -c, \"x; run -a & wait\"]\n  s:\n    command: [sh, -c, \"x && run -a | tee -b l\"]\n  t:\n    command: [sh, -c, \"run -a || exit 1\"]\n",
                vec![
                    "r 3:run 3:-a > nowhere",
                    "s 5:run 5:-a > nowhere",
                    "t 7:run 7:-a > nowhere",
                ],
            ),
            (
                "apiVersion: v1\nkind: ConfigMap\ndata:\n  level: info\n  r.conf: |\n    port 1\n    dir /\n  c.pem: |\n    -----BEGIN CERTIFICATE-----\n    AA==\n",
                vec!["5 `r.conf`"],
            ),
            (
                "apiVersion: v1\nkind: Service\n---\napiVersion: apps/v1\nkind: StatefulSet\nspec:\n  template:\n    spec:\n      containers:\n        - name: r\n          command: [run]\n          args: [-a]\n          env: [{name: A, value: b}]\n          volumeMounts: [{name: v, mountPath: /tls, subPath: s}]\n      volumes: [{name: v, hostPath: {path: /host}}]\n",
                vec!["r 11:run 12:-a 13:A=b > /host/s/a"],
            ),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn no_text_makes_much_of_itself() {
        let deep = format!("services: {}", "[".repeat(100_000));
        let laughs: String = (1..30)
            .map(|n| {
                format!(
                    "a{n}: &a{n} [{}]\n",
                    vec![format!("*a{}", n - 1); 9].join(",")
                )
            })
            .collect();
        let laughs = format!("a0: &a0 [x]\n{laughs}services:\n  r:\n    command: *a29\n");
        let wide: String = (0..1000)
            .map(|n| format!("  s{n}: {{command: *c}}\n"))
            .collect();
        let wide = format!("c: &c [{}]\nservices:\n{wide}", "x,".repeat(10_000));
        for text in [deep, laughs, wide] {
            let found = containers(&text, Path::new("")).expect("it is for containers");
            if let Ok(found) = found {
                let words = found.all.iter().map(|one| one.words.len());
                assert!(words.sum::<usize>() < 2 * MAX_PARTS);
            }
        }
    }

    #[test]
    fn versions_of_images() {
        for (image, expected) in [
            ("rqlite/rqlite:8.36.0", Some("8.36.0")),
            ("host:5000/redis:7.0.15-alpine", Some("7.0.15")),
            ("host:5000/redis", None),
            ("redis:latest", None),
        ] {
            let container = Container {
                image: image.to_owned(),
                ..Container::default()
            };
            let version = container.version().map(|it| it.to_string());
            assert_eq!(version.as_deref(), expected, "{image}");
        }
    }
}
