//! A server for the rules' examples, and files that somebody wrote for it.

use std::{
    path::{Path, PathBuf},
    rc::Rc,
    sync::LazyLock,
};

pub(super) use crate::{
    check::site::sample::{KIT, Made},
    emit::InMemory,
};
use crate::{
    check::{
        access::{Account, Step, Way},
        configuration::Configuration,
        facts::{Content, FileKind, Found, Item, Part, Site, SiteKind},
    },
    emit::{Catalogue, Document, Server},
};

static SERVER: LazyLock<Server> = LazyLock::new(|| {
    let manifest = r##"
        title = "Sample"
        versions = ["1.0", "2.0"]
        reload = ""
        proof = ""
        others = ["flag", "only", "root", "words"]
        complete = ["tls-"]
        ignores_case = true

        [[listener]]
        name = "tls"
        title = ""
        eku = ["serverAuth", "clientAuth"]

        [[format]]
        name = "conf"
        title = ""
        template = "conf.j2"
        syntax = "assignments"
        headings = {}
        forbidden = "#"
        directives = ["dial", "dial-cert", "other-cert", "other-key"]

        [[endpoint]]
        listener = "tls"
        certificate = "tls-cert"
        key = "tls-key"
        clients = "tls-ca"
        level = ["suites"]
        depth = { option = "depth", default = 0, counts = "intermediates", when = "option.verify == 'yes'", at = ["verify"] }

        [[endpoint]]
        certificate = "other-cert"
        key = "other-key"

        [[endpoint]]
        eku = ["clientAuth"]
        certificate = "dial-cert"
        switch = { on = "option.dial == 'on'", where = "option.dial", at = ["dial"], mend = "write `dial = on`" }

        [paths]
        variable = "$"
        others = ["engine:"]

        [[words]]
        most = 1

        [[words]]
        options = ["only"]
        values = ["1", "2"]

        [[once]]
        options = ["only"]

        [[once]]
        options = ["owner", "user"]
        together = true
        only = ["a"]

        [[once]]
        options = ["elder"]
        removed = "2.0"

        [[once]]
        options = ["name"]
        named = true
        whole = true

        [[handed]]
        options = ["suites"]
        as = "ciphers"

        [[include]]
        option = "include"
        from = "main"
        pattern = true

        [[include]]
        option = "start"
        from = "process"
        root = "root"

        [[exists]]
        options = ["new"]
        since = "3.0"

        [[exists]]
        options = ["words"]
        words = ["late", "soon="]
        since = "3.0"

        [[place]]
        options = ["root"]
        never = ["*"]
        right = "above the first section"

        [[place]]
        options = ["listen"]
        never = ["never"]
        right = "elsewhere"

        [option]
        depth = { help = "", kind = "number" }
        chain = { help = "", kind = "choice", values = ["yes", "no"] }
        name = { help = "", kind = "text", needs = ["chain|peer"] }
        peer = { help = "", kind = "choice", values = ["yes", "no"] }
        listen = { help = "", kind = "port" }
        old = { help = "", kind = "number", removed = "2.0" }
        suites = { help = "", kind = "text" }
        tls-ca = { help = "", kind = "path" }
        tls-cert = { help = "", kind = "path", needs = ["tls-key"] }
        tls-folder = { help = "", kind = "path" }
        tls-key = { help = "", kind = "path", needs = ["tls-cert"] }
        verify = { help = "", kind = "choice", values = ["yes", "no"], needs = ["tls-ca"] }
    "##;
    let files = [("sample/server.toml", manifest), ("sample/conf.j2", "")];
    let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
    let catalogue = Catalogue::embedded().overlay("", files);
    catalogue
        .server("sample")
        .expect("the manifest holds together")
});

/// A file, and the lines in which it breaks a rule.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) lines: &'static [usize],
    text: &'static str,
    others: InMemory,
    own: Option<&'static Made>,
    above: Option<[&'static Made; 2]>,
    owners: &'static [Option<u32>],
    account: Option<Account>,
    modes: &'static [u32],
    is_empty: bool,
}

pub(super) fn good(name: &'static str, text: &'static str) -> Case {
    bad(name, text, &[])
}

pub(super) fn bad(name: &'static str, text: &'static str, lines: &'static [usize]) -> Case {
    Case {
        name,
        lines,
        text,
        others: InMemory::default(),
        own: None,
        above: None,
        owners: &[],
        account: None,
        modes: &[],
        is_empty: false,
    }
}

impl Case {
    /// Every certificate that the file names is this one.
    pub(super) fn with(self, own: &'static Made) -> Self {
        let own = Some(own);
        Self { own, ..self }
    }

    /// The file has it below this root, with this intermediate between.
    pub(super) fn below(self, root: &'static Made, between: &'static Made) -> Self {
        let above = Some([root, between]);
        Self { above, ..self }
    }

    /// Other files, and what stands in them.
    pub(super) fn beside(self, others: &[(&str, &'static str)]) -> Self {
        let others = InMemory::new(others);
        Self { others, ..self }
    }

    /// Its options stand for several files, and there is none.
    pub(super) fn emptied(self) -> Self {
        Self {
            is_empty: true,
            ..self
        }
    }

    /// The owners of the file and of what it includes.
    pub(super) fn owned(self, owners: &'static [Option<u32>]) -> Self {
        Self { owners, ..self }
    }

    /// The server runs as this user.
    pub(super) fn run_by(self, user: u32) -> Self {
        let account = Some(Account {
            name: String::from("db"),
            user,
            groups: Vec::new(),
        });
        Self { account, ..self }
    }

    /// The modes of the files that it names, all of them root's.
    pub(super) fn with_modes(self, modes: &'static [u32]) -> Self {
        Self { modes, ..self }
    }

    pub(super) fn configuration(&self) -> Configuration<'static> {
        let format = &SERVER.manifest.formats[0];
        let document = Document {
            path: Path::new("sample.conf"),
            text: self.text,
            files: &self.others,
        };
        let reading = SERVER.read(format, Some(SERVER.manifest.newest()), document);
        let mut reading = reading.expect("the manifest holds together");
        let endpoints = reading.endpoints.iter_mut();
        endpoints.for_each(|named| named.is_empty = self.is_empty);
        let item = |part, all: &[&Made]| Item {
            part,
            path: PathBuf::from("/a"),
            found: Some(Found {
                kind: FileKind::File,
                mode: 0o644,
                owner: 0,
                group: 0,
                shared_with: None,
                link: None,
                holds_key: false,
                content: Content::Certificates(
                    all.iter().map(|made| made.certificate.clone()).collect(),
                ),
            }),
        };
        let between = self.above.map(|[_, between]| between);
        let own = self.own.map(|own| {
            [Some(own), between]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
        });
        let own = own.map(|own| item(Part::Certificate, &own));
        let root = self.above.map(|[root, _]| item(Part::Bundle, &[root]));
        let items: Vec<_> = own.into_iter().chain(root).collect();
        let site = |_: &_| Rc::new(Site::new(SiteKind::Endpoint, items.clone()));
        Configuration {
            sites: reading.endpoints.iter().map(site).collect(),
            owners: self.owners.to_vec(),
            account: self.account.clone(),
            ways: self.modes.iter().zip(1..).map(way).collect(),
            besides: Vec::new(),
            reading,
        }
    }
}

fn way((mode, number): (&u32, usize)) -> Way {
    vec![Step {
        path: PathBuf::from(format!("/{number}")),
        is_directory: false,
        mode: *mode,
        owner: 0,
        group: 0,
        has_list: false,
    }]
}
