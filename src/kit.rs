//! A cluster's folders, ready to copy: what is written for each node is known before anything is made, and the
//! rest is taken from the PKI directory once it is there.

mod wanted;
mod written;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use zeroize::Zeroizing;

use wanted::request;
pub use written::Written;

use crate::{
    emit::{
        EmitError, Finding, Outside, Rendered, Request, SERVER_CA, Server, SetupFacts, SetupNode,
        Version,
    },
    fleet::Fleet,
    pki::entry_name::EntryName,
    setup::{
        self, Answers, Cluster, Node,
        next::{Next, Placed, Step},
    },
    store::{
        Pki,
        files::{PRIVATE, PUBLIC},
        layout::{Place, file},
        outside::Sheet,
    },
    supply::{SupplyError, System},
};

/// The secrets of the cluster, so that they stay the same.
pub const SECRETS: &str = "secrets.toml";
/// What was answered, for the next time.
pub const ANSWERS: &str = "answers.toml";
/// What to do next.
pub const NEXT: &str = "next.md";

/// Why there are no folders.
#[derive(Debug, thiserror::Error)]
pub enum KitError {
    /// Mistakes of the request, or of a template.
    #[error("{}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Emit(Vec<EmitError>),
    /// There are no facts.
    #[error(transparent)]
    Supply(#[from] SupplyError),
}

/// What is asked.
#[derive(Debug)]
pub struct Wish<'a> {
    /// The server
    pub server: &'a Server,
    /// Its version
    pub version: Version,
    /// The cluster
    pub cluster: &'a Cluster,
    /// The fleet file, read
    pub fleet: &'a Fleet,
    /// Where certificate and key lie on a node; `{name}` stands for its name
    pub directory: String,
    /// Options and parameters
    pub set: Vec<(String, String)>,
    /// Folder of the folders, as it is told
    pub folder: String,
    /// What was answered
    pub answers: &'a Answers,
    /// `certctl`, with what it needs to find the PKI directory
    pub certctl: String,
    /// The command that lays the same again
    pub again: String,
}

/// Where a file's octets come from.
#[derive(Debug)]
enum Content {
    Text(Zeroizing<Vec<u8>>),
    /// A file of the PKI directory, or several behind each other
    Files(Vec<PathBuf>),
}

/// A cluster's folders.
#[derive(Debug)]
pub struct Kit {
    files: Vec<(PathBuf, u32, Content)>,
    /// The nodes' configuration
    pub written: Vec<Written>,
}

impl Kit {
    /// Writes all that is known without the certificates.
    ///
    /// # Errors
    ///
    /// Where a node's configuration cannot be made, or the PKI directory not be read.
    pub fn new(wish: &Wish<'_>, pki: &Pki, secrets: &Arc<System>) -> Result<Self, KitError> {
        let cluster = wish.cluster;
        let nodes: Vec<_> = cluster.nodes.iter().map(seen).collect();
        let clients: Vec<_> = cluster.clients.iter().map(ToString::to_string).collect();
        let facts = SetupFacts {
            version: &wish.version,
            nodes: &nodes,
            directory: &wish.directory,
            folder: &wish.folder,
            clients: &clients,
        };
        let mut kit = Self {
            files: Vec::new(),
            written: Vec::new(),
        };
        let outside: Arc<dyn Outside> = Arc::<System>::clone(secrets);
        let mut steps = Vec::new();
        for (node, seen) in cluster.nodes.iter().zip(&nodes) {
            steps.push(kit.node(wish, pki, &facts, node, seen, &outside)?);
        }
        kit.refuse_unused(wish)?;
        for client in &cluster.clients {
            kit.client(wish, pki, client);
        }
        let finish = wish.server.manifest.setup.finish.iter();
        let finish = finish.map(|it| wish.server.setup_text(&facts, None, it, &outside));
        let finish: Result<Vec<_>, _> = finish.collect();
        let next = Next {
            title: &wish.server.manifest.title,
            server: &wish.server.name,
            folder: &wish.folder,
            certctl: &wish.certctl,
            again: &wish.again,
            directory: &wish.directory,
            owner: wish.server.owner(),
            reload: &wish.server.manifest.reload,
            client: clients.first().map(String::as_str),
            steps,
            finish: finish.map_err(KitError::Emit)?,
        };
        kit.text(Path::new(NEXT), PUBLIC, next.text().as_bytes());
        let answers = wish.answers.text();
        kit.text(Path::new(ANSWERS), PUBLIC, answers.as_bytes());
        kit.remember(&secrets.secrets());
        Ok(kit)
    }

    /// What is to be said about each node's configuration.
    #[must_use]
    pub fn findings(&self) -> Vec<(String, Vec<Finding>)> {
        let written = self.written.iter();
        written
            .map(|it| (it.node.clone(), it.rendered.findings.clone()))
            .collect()
    }

    /// Each option that is asked for has a place in one of a node's files.
    fn refuse_unused(&self, wish: &Wish<'_>) -> Result<(), KitError> {
        let is_unused = |it: &Written, name: &String| it.rendered.unused.contains(name);
        let is_lost =
            |(name, _): &&(String, String)| self.written.iter().all(|it| is_unused(it, name));
        let formats = wish.server.setup_formats();
        let writers: Vec<_> = formats.map(|it| format!("format `{}`", it.name)).collect();
        let errors = wish
            .set
            .iter()
            .filter(is_lost)
            .map(|(option, _)| EmitError::Unused {
                option: option.clone(),
                writer: writers.join(", "),
                others: Vec::new(),
            });
        match errors.collect::<Vec<_>>() {
            errors if errors.is_empty() => Ok(()),
            errors => Err(KitError::Emit(errors)),
        }
    }

    fn text(&mut self, path: &Path, mode: u32, octets: &[u8]) {
        let octets = Zeroizing::new(octets.to_vec());
        self.files
            .push((path.to_owned(), mode, Content::Text(octets)));
    }

    fn node(
        &mut self,
        wish: &Wish<'_>,
        pki: &Pki,
        facts: &SetupFacts<'_>,
        node: &Node,
        seen: &SetupNode,
        outside: &Arc<dyn Outside>,
    ) -> Result<Step, KitError> {
        let (server, name) = (wish.server, node.name.as_str());
        self.entry(pki, &node.name);
        let mut set = server
            .setup_set(facts, seen, outside)
            .map_err(KitError::Emit)?;
        set.retain(|(option, _)| wish.set.iter().all(|(asked, _)| asked != option));
        set.extend(wish.set.iter().cloned());
        let mut step = Step {
            node: name.to_owned(),
            host: node.dialled().to_owned(),
            prepare: Vec::new(),
            placed: Vec::new(),
            start: Vec::new(),
        };
        let pair = server.manifest.setup.pair.as_ref();
        let pair = pair.map(|it| server.setup_text(facts, Some(seen), it, outside));
        let pair = pair.transpose().map_err(KitError::Emit)?;
        if let Some(file) = &pair {
            self.pair(pki, &node.name, file);
        }
        for format in server.setup_formats() {
            let request = request(wish, pki, node, format, &set)?;
            let rendered = server.render_one_of(format, &request, Arc::clone(outside));
            let rendered = rendered.map_err(KitError::Emit)?;
            let file = format.file_name(&server.name, name);
            let mode = if rendered.secret { PRIVATE } else { PUBLIC };
            self.text(&Path::new(name).join(&file), mode, rendered.text.as_bytes());
            self.copies(name, &request, &rendered);
            let mut added = server.manifest.setup.append.iter();
            step.placed.push(Placed {
                place: format.place(name),
                is_added: added.any(|it| *it.get_ref() == format.name),
                is_read: format.syntax.is_some(),
                file,
            });
            self.written.push(Written {
                node: name.to_owned(),
                format: format.name.clone(),
                request,
                rendered,
                pair: pair.clone(),
            });
        }
        let texts = |commands: &[toml::Spanned<String>]| {
            let texts = commands.iter();
            let texts = texts.map(|it| server.setup_text(facts, Some(seen), it, outside));
            texts.collect::<Result<Vec<_>, _>>().map_err(KitError::Emit)
        };
        step.prepare = texts(&server.manifest.setup.prepare)?;
        step.start = texts(&server.manifest.setup.start)?;
        Ok(step)
    }

    /// An entry's own files.
    fn entry(&mut self, pki: &Pki, name: &EntryName) {
        let directory = pki.layout().place(&Place::entry(name.clone()));
        for (own, mode) in [
            (file::CERTIFICATE, PUBLIC),
            (file::KEY, PRIVATE),
            (file::TRUST, PUBLIC),
            (file::TRUST_CHAIN, PUBLIC),
        ] {
            let path = Path::new(name.as_str()).join(own);
            self.files
                .push((path, mode, Content::Files(vec![directory.join(own)])));
        }
    }

    /// An entry's certificate and key in one file.
    fn pair(&mut self, pki: &Pki, name: &EntryName, file: &str) {
        let directory = pki.layout().place(&Place::entry(name.clone()));
        let both = [file::CERTIFICATE, file::KEY].map(|it| directory.join(it));
        let path = Path::new(name.as_str()).join(file);
        self.files
            .push((path, PRIVATE, Content::Files(both.into())));
    }

    /// What a client needs: what it presents, and the roots of the servers.
    fn client(&mut self, wish: &Wish<'_>, pki: &Pki, name: &EntryName) {
        self.entry(pki, name);
        if wish.cluster.client_ca() != Some(setup::ROOT) {
            let path = Path::new(name.as_str()).join(SERVER_CA);
            let bundle = bundle(pki, setup::ROOT);
            self.files
                .push((path, PUBLIC, Content::Files(vec![bundle])));
        }
    }

    /// What the configuration names besides the entry's own files.
    fn copies(&mut self, node: &str, request: &Request, rendered: &Rendered) {
        let target = request.target_dir.as_deref().unwrap_or_default();
        for (from, to) in &rendered.copies {
            let Some(name) = Path::new(to).strip_prefix(target).ok() else {
                continue;
            };
            let path = Path::new(node).join(name);
            let is_known = self.files.iter().any(|(known, ..)| *known == path);
            if !name.as_os_str().is_empty() && !is_known {
                let content = Content::Files(vec![PathBuf::from(from)]);
                self.files.push((path, PUBLIC, content));
            }
        }
    }

    /// The secrets that went into it, so that they are the same the next time.
    fn remember(&mut self, secrets: &BTreeMap<String, Zeroizing<String>>) {
        let mut text = Zeroizing::new(String::from(
            "# Secrets of this cluster; they stay the same as long as they stand here.\n",
        ));
        for (label, secret) in secrets {
            let label = toml::Value::from(label.as_str());
            // Letters and digits, by those who make them.
            let _ = writeln!(text, "{label} = \"{}\"", secret.as_str());
        }
        if !secrets.is_empty() {
            self.text(Path::new(SECRETS), PRIVATE, text.as_bytes());
        }
    }

    /// The files with their octets; without any where `is_pending` says of a node or client that its
    /// certificate is still to be made, or the PKI directory does not hold the file yet.
    ///
    /// # Errors
    ///
    /// The operating system's, with the path that it is about.
    pub fn sheets(
        &self,
        pki: &Pki,
        is_pending: impl Fn(&str) -> bool,
    ) -> Result<Vec<Sheet>, (PathBuf, io::Error)> {
        let mut sheets = Vec::new();
        for (path, mode, content) in &self.files {
            let owner = path.iter().next().and_then(|name| name.to_str());
            let octets = match content {
                Content::Text(octets) => octets.clone(),
                Content::Files(_) if owner.is_some_and(&is_pending) => Zeroizing::default(),
                Content::Files(files) => joined(pki, files)?,
            };
            sheets.push(Sheet {
                path: path.clone(),
                octets,
                mode: *mode,
            });
        }
        Ok(sheets)
    }
}

/// What files of the PKI directory hold, one behind the other; those that are not there hold nothing.
fn joined(pki: &Pki, files: &[PathBuf]) -> Result<Zeroizing<Vec<u8>>, (PathBuf, io::Error)> {
    let mut parts = Vec::new();
    for path in files {
        match pki.layout().directory().read(path) {
            Ok(octets) => parts.push(Zeroizing::new(octets)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err((path.clone(), error)),
        }
    }
    // Of its size from the beginning, so that no copy of a key stays behind.
    let mut joined = Zeroizing::new(Vec::with_capacity(parts.iter().map(|it| it.len()).sum()));
    for part in &parts {
        joined.extend_from_slice(part);
    }
    Ok(joined)
}

fn seen(node: &Node) -> SetupNode {
    SetupNode {
        name: node.name.to_string(),
        host: node.host.clone(),
        address: node.dialled().to_owned(),
    }
}

fn bundle(pki: &Pki, root: &str) -> PathBuf {
    let area = pki.layout().area(crate::store::layout::Area::Authorities);
    area.join(root).join(file::BUNDLE)
}

/// The findings of all nodes, each once, with the names of the nodes that have it.
#[must_use]
pub fn gathered(findings: &[(String, Vec<Finding>)]) -> Vec<(&Finding, Vec<&str>)> {
    let mut gathered: Vec<(&Finding, Vec<&str>)> = Vec::new();
    for (name, findings) in findings {
        for finding in findings {
            match gathered.iter_mut().find(|(known, _)| *known == finding) {
                Some((_, names)) if names.contains(&name.as_str()) => {}
                Some((_, names)) => names.push(name),
                None => gathered.push((finding, vec![name.as_str()])),
            }
        }
    }
    gathered
}
