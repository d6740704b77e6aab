//! Whose configuration a file is, told by what stands in it.

use std::{collections::BTreeSet, ffi::OsStr, path::Path};

use toml::Spanned;

use super::names::Names;
use crate::emit::{
    manifest::{Format, endpoint::Endpoint},
    server::Server,
    syntax::{Document, Source, Syntax, Terms},
};
use crate::nearest::misspelt;

/// Tells whose configuration a file is: that of the server most of whose options stand in it, or, where
/// there is none, in what it includes.
///
/// A format counts where one of its options with files is there, or where the file is called as such
/// files are.
#[must_use]
pub fn recognise<'a>(
    servers: &'a [Server],
    document: Document<'_>,
) -> Option<(&'a Server, &'a Format)> {
    let alone = |_: &'a Server, format: &'a Format| format.alone();
    let any = |_: &Format| true;
    let found = best(servers, document, alone, any);
    let found = found.or_else(|| best(servers, document, Server::terms, any));
    found.or_else(|| by_folder(servers, document))
}

/// The server in whose folder a file lies, such as `/etc/nginx/sites-enabled/app`, where several of its options stand
/// there and none is for TLS.
fn by_folder<'a>(
    servers: &'a [Server],
    document: Document<'_>,
) -> Option<(&'a Server, &'a Format)> {
    let is_in = |server: &&Server| {
        let above = document.path.ancestors().skip(1);
        let mut folders = above.filter_map(|it| it.file_name()?.to_str());
        folders.any(|folder| folder.starts_with(&server.name))
    };
    let formats = servers.iter().filter(is_in).flat_map(|server| {
        let formats = server.manifest.formats.iter();
        let formats = formats.filter(|format| server.endpoints(format).next().is_some());
        formats.map(move |format| (server, format))
    });
    let scored = formats.filter_map(|(server, format)| {
        let mut source = Source::new(document, server.terms(format));
        let known = Options::read(server, format, &mut source)?.known;
        (known.len() > 1).then_some((known.len(), (server, format)))
    });
    let best = scored.max_by_key(|(count, _)| *count);
    best.map(|(_, found)| found)
}

/// The same for a text of which the syntax is known.
#[must_use]
pub fn recognise_as<'a>(
    servers: &'a [Server],
    document: Document<'_>,
    syntax: Syntax,
) -> Option<(&'a Server, &'a Format)> {
    let is_meant = |format: &Format| format.syntax == Some(syntax);
    best(servers, document, |_, format| format.alone(), is_meant)
}

fn best<'a>(
    servers: &'a [Server],
    document: Document<'_>,
    terms: impl Fn(&'a Server, &'a Format) -> Terms<'a>,
    is_meant: impl Fn(&Format) -> bool,
) -> Option<(&'a Server, &'a Format)> {
    let formats = servers.iter().flat_map(|server| {
        let formats = server.manifest.formats.iter();
        formats.map(move |format| (server, format))
    });
    let formats = formats.filter(|(_, format)| is_meant(format));
    let scored = formats.filter_map(|(server, format)| {
        let mut source = Source::new(document, terms(server, format));
        let points = points(server, format, document.path, &mut source)?;
        Some((points, (server, format)))
    });
    // Of several the first, which is the server's default format, unless the text speaks of another server.
    let mentions = |of: &(_, (&'a Server, _))| mentions(&of.1.0.name, document);
    let best = scored.reduce(|best, next| {
        let is_next = next.0 > best.0 || next.0 == best.0 && mentions(&next) > mentions(&best);
        if is_next { next } else { best }
    });
    best.map(|(_, found)| found)
}

/// How often a text and its path speak of a server: those that are like another take the same options.
fn mentions(server: &str, document: Document<'_>) -> usize {
    let said = |text: &str| text.to_lowercase().matches(server).count();
    said(document.text) + said(&document.path.to_string_lossy())
}

impl Server {
    /// The format in which most of the server's options stand in a text and in what it includes; where the text says
    /// nothing, as it does with all of it in comments, one in which it may. `None` where there is none.
    #[must_use]
    pub fn format_of(&self, document: Document<'_>) -> Option<&Format> {
        let formats = self.manifest.formats.iter().rev();
        let scored = formats.filter_map(|format| {
            let mut source = Source::new(document, self.terms(format));
            let known = Options::read(self, format, &mut source)?.known;
            let is_include = |name: &String| self.includes(format).any(|include| include == name);
            // What may hold any line at all says nothing, and neither does what all formats include by.
            let is_own = !format.takes_any_line() && !known.iter().all(is_include);
            let count = known.len();
            let is_called = format.is_called(document.path);
            (count > 0).then_some(((is_own, count, is_called, format.told_by(&known)), format))
        });
        let best = scored.max_by_key(|(rank, _)| *rank);
        best.map(|(_, format)| format)
            .or_else(|| self.format_of_nothing(document))
    }

    /// The format of a text that is none of the server's configuration, and that nobody reads: commands, requests,
    /// what is for another program.
    #[must_use]
    pub fn unread_format(&self, document: Document<'_>) -> Option<&Format> {
        let is_meant = |format: &&Format| {
            let mut holds = format.holds.iter();
            let is_called = !format.holds.is_empty() && format.is_called(document.path);
            is_called || holds.any(|part| document.text.contains(part))
        };
        let mut formats = self.manifest.formats.iter();
        formats.find(is_meant)
    }

    /// The format of a text that says nothing, or nothing that can be read: that whose files are called so, or the
    /// default.
    fn format_of_nothing(&self, document: Document<'_>) -> Option<&Format> {
        let says_nothing = |format: &&Format| {
            let mut source = Source::new(document, self.terms(format));
            let options = Options::read(self, format, &mut source);
            let has_none = options.is_some_and(|it| it.known.is_empty() && it.unknown.is_empty());
            let (_, _, blunders, _) = source.finish();
            has_none && (is_silent(document.text) || !blunders.is_empty())
        };
        let formats: Vec<_> = (self.manifest.formats.iter())
            .filter(says_nothing)
            .collect();
        // What cannot be read as one format may be another's options that nobody knows.
        let mut all = self.manifest.formats.iter().filter(|it| it.is_read());
        let called = all.find(|format| format.is_called(document.path));
        let first = *formats.first()?;
        Some(called.unwrap_or(first))
    }
}

impl Format {
    /// Whether its files can be read, other than those that only say what is mounted where.
    fn is_read(&self) -> bool {
        self.syntax.is_some() && self.mount.is_none()
    }

    /// Whether a file is called as those of the format are.
    fn is_called(&self, path: &Path) -> bool {
        let usual = self.path.rsplit('/').next().into_iter();
        let mut names = usual.chain(self.names.iter().map(String::as_str));
        names.any(|name| path.file_name() == Some(OsStr::new(name)))
    }

    /// How many options stand in a text that no other format of the server has.
    fn told_by(&self, known: &BTreeSet<String>) -> usize {
        let is_there = |mark: &&Spanned<String>| known.contains(mark.get_ref());
        self.marks.iter().filter(is_there).count()
    }
}

/// The names that stand in a text, read as one format.
struct Options {
    /// As the manifest spells them
    known: BTreeSet<String>,
    unknown: BTreeSet<String>,
}

impl Options {
    fn read(server: &Server, format: &Format, source: &mut Source<'_>) -> Option<Self> {
        if !format.is_read() {
            return None;
        }
        // A file of options names no program.
        if format.syntax == Some(Syntax::Flags) && !format.names.is_empty() && is_command(source) {
            return None;
        }
        let names = Names::new(server, format);
        let (mut known, mut unknown) = (BTreeSet::new(), BTreeSet::new());
        for option in server
            .sections(format, source)
            .into_iter()
            .flat_map(|it| it.options)
        {
            match names.get(&option.name) {
                Some(name) => known.insert(name.to_owned()),
                None => unknown.insert(option.name),
            };
        }
        Some(Self { known, unknown })
    }
}

/// Whether all lines of a text are comments, whatever sign begins them.
fn is_silent(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim_start);
    lines.all(|line| {
        line.is_empty() || line.starts_with(['#', ';', '!', '%']) || line.starts_with("//")
    })
}

/// Whether a text begins with a word that is no option.
fn is_command(source: &Source<'_>) -> bool {
    let mut lines = source.text().lines().map(|(_, line)| line.trim_start());
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
    first.is_some_and(|line| !line.starts_with('-'))
}

/// How many of the server's options stand in a text, and, where that is the same for several, whether the file is
/// called as the server's are, and how many of them only that format has; `None` where it is not the server's.
fn points(
    server: &Server,
    format: &Format,
    path: &Path,
    source: &mut Source<'_>,
) -> Option<(usize, bool, usize)> {
    let options = Options::read(server, format, source)?;
    let count = options.known.len();
    let files: Vec<_> = server
        .endpoints(format)
        .flat_map(Endpoint::options)
        .collect();
    let has_file = files
        .iter()
        .any(|name| options.known.contains(name.get_ref()));
    let names = Names::new(server, format);
    let is_misspelt = |name: &String| {
        let first = name.split([' ', '=']).next().unwrap_or_default();
        let is_joined = names.contains(first);
        is_joined || misspelt(name, server.names(format)).is_some()
    };
    let is_theirs = match server.knows_all() {
        // Where all names are known, most must be; they may be common words.
        true => count > 1 && count > options.unknown.len(),
        // One word alone may be any program's.
        false => has_file && (count > 1 || options.unknown.iter().any(is_misspelt)),
    };
    // So many are no accident, where nothing else stands there.
    let is_theirs = is_theirs || !files.is_empty() && count > 3 && options.unknown.is_empty();
    // One that says nothing, as it is installed, is its server's too.
    let says_something = !options.unknown.is_empty();
    let is_known_by_name = !format.names.is_empty() || format.syntax == Some(Syntax::Columns);
    let is_called_so = format.is_called(path) && (!files.is_empty() || is_known_by_name);
    let is_theirs = is_theirs || is_called_so && (count > 0 || !says_something);
    is_theirs.then_some((count, is_called_so, format.told_by(&options.known)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::{Catalogue, NoFiles};

    #[test]
    fn what_says_nothing_is_the_server_s_that_is_named() {
        for (server, name, text, expected) in [
            ("etcd", "file", "# name: 'a'\n", Some("env")),
            ("etcd", "etcd.conf.yml", "# name: 'a'\n", Some("yaml")),
            ("nats", "file", "", Some("conf")),
            ("nats", "file", "trace:", Some("conf")),
            ("nats", "file", "colour: red\n", None),
            ("rqlite", "file", "port 6379\n", None),
            ("emqx", "emqx.conf", "colour.a = \"/b\"\n", Some("conf")),
        ] {
            let server = Catalogue::embedded().server(server).expect("it is known");
            let document = Document {
                path: Path::new(name),
                text,
                files: &NoFiles,
            };
            let format = server.format_of(document).map(|format| &*format.name);
            assert_eq!(format, expected, "{text}");
        }
    }

    #[test]
    fn a_file_that_has_nothing_for_tls_is_told_by_its_folder_or_all_of_its_options() {
        let servers = Catalogue::embedded().servers().expect("they are sound");
        let site = "server {\n    listen 80;\n    server_name a;\n    root /a;\n    index b;\n}\n";
        let host = "<VirtualHost *:80>\n    DocumentRoot /a\n    ErrorLog /b\n    CustomLog /c d\n</VirtualHost>\n";
        let etcd = "name: a\nlisten-client-urls: https://a:1\nadvertise-client-urls: https://a:1\ncert-file: /a\n";
        for (path, text, expected) in [
            ("/etc/nginx/sites-enabled/app", site, Some("nginx")),
            ("/etc/apache2/sites-enabled/app.conf", host, Some("apache")),
            ("/etc/other/sites-enabled/app", site, None),
            ("/etc/nginx/sites-enabled/app", "colour red;\n", None),
            ("/etc/nginx/sites-enabled/app", "Dear all\n", None),
            ("/etc/redis/app", site, None),
            ("/a/node.yml", etcd, Some("etcd")),
            ("/a/node.yml", &format!("{etcd}colour: red\n"), None),
            ("/a/node.yml", "name: a\ncert-file: /a\n", None),
        ] {
            let document = Document {
                path: Path::new(path),
                text,
                files: &NoFiles,
            };
            let found = recognise(&servers, document).map(|(server, _)| &*server.name);
            assert_eq!(found, expected, "{path}: {text}");
        }
    }

    #[test]
    fn what_only_one_format_has_tells_it() {
        let servers = Catalogue::embedded().servers().expect("they are sound");
        let store = "ssl.keystore.type=PEM\nssl.keystore.location=/a.pem\n";
        for (path, text, expected) in [
            ("app.properties", "security.protocol=SSL\n", "client"),
            ("app.properties", "bootstrap.servers=a:1\n", "client"),
            ("node.properties", "listeners=SSL://:1\n", "conf"),
            ("server.properties", "security.protocol=SSL\n", "conf"),
            ("client.properties", "listeners=SSL://:1\n", "client"),
        ] {
            let document = Document {
                path: Path::new(path),
                text: &format!("{text}{store}"),
                files: &NoFiles,
            };
            let found = recognise(&servers, document).map(|(_, format)| &*format.name);
            assert_eq!(found, Some(expected), "{path}: {text}");
        }
    }

    #[test]
    fn of_servers_that_take_the_same_options_the_one_that_is_spoken_of_is_meant() {
        let servers = Catalogue::embedded().servers().expect("they are sound");
        let options = "port 0\ntls-port 6379\ntls-cert-file /a\n";
        for (path, text, expected) in [
            ("node1.conf", options, "redis"),
            ("/etc/valkey/node1.conf", options, "valkey"),
            ("valkey.conf", options, "valkey"),
            ("redis.conf", &format!("# Valkey\n{options}"), "redis"),
            ("node1.conf", &format!("# Valkey 8.0\n{options}"), "valkey"),
            ("node1.conf", &format!("rdma-port 1\n{options}"), "valkey"),
            (
                "start",
                "valkey-server --tls-port 1 --tls-cert-file /a",
                "valkey",
            ),
            (
                "start",
                "redis-server --tls-port 1 --tls-cert-file /a",
                "redis",
            ),
        ] {
            let document = Document {
                path: Path::new(path),
                text,
                files: &NoFiles,
            };
            let found = recognise(&servers, document).map(|(server, _)| &*server.name);
            assert_eq!(found, Some(expected), "{path}: {text}");
        }
    }

    #[test]
    fn a_file_with_mistakes_keeps_its_format() {
        for (text, expected) in [
            ("ssl = 'on'\n", "conf"),
            (
                "ssl = 'on'\nssl_key_fle = 'a'\nssl_cert_file 'b' =\n",
                "conf",
            ),
            ("ssl = 'on\n", "ident"),
            ("local all all peer\n", "hba"),
            ("include_dir a\nlocal all all peer\n", "hba"),
            ("map /^a$ b\n", "ident"),
            ("include_dir a\nmap /^a$ b\n", "ident"),
        ] {
            let server = Catalogue::embedded()
                .server("postgresql")
                .expect("it is known");
            let document = Document {
                path: Path::new("file"),
                text,
                files: &NoFiles,
            };
            let format = server.format_of(document).map(|format| &*format.name);
            assert_eq!(format, Some(expected), "{text}");
        }
    }
}
