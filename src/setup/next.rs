//! `next.md`: the commands that follow, for this cluster.

use std::fmt::Write as _;

use crate::emit::shell_word;

/// A file that goes to a node.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Its name in the node's folder
    pub file: String,
    /// Its path on the node; empty where it has none, and a person has to know
    pub place: String,
    /// It is added to what lies there
    pub is_added: bool,
    /// `check` can read it
    pub is_read: bool,
}

/// What is to be done on one node.
#[derive(Clone, Debug)]
pub struct Step {
    /// Name of the node, and of its folder
    pub node: String,
    /// What is dialled
    pub host: String,
    /// Commands on the node, before the files are there
    pub prepare: Vec<String>,
    /// Its configuration
    pub placed: Vec<Placed>,
    /// Commands on the node, once the files are there
    pub start: Vec<String>,
}

/// What is told.
#[derive(Clone, Debug)]
pub struct Next<'a> {
    /// The server's title
    pub title: &'a str,
    /// As `certctl probe` takes the server
    pub server: &'a str,
    /// Folder with a folder for each node
    pub folder: &'a str,
    /// `certctl`, with what it needs to find the PKI directory
    pub certctl: &'a str,
    /// The command that lays the folders again
    pub again: &'a str,
    /// Where certificate and key lie on each node
    pub directory: &'a str,
    /// The user whose they are
    pub owner: &'a str,
    /// How a new certificate is picked up
    pub reload: &'a str,
    /// Client to try it with
    pub client: Option<&'a str>,
    /// One for each node
    pub steps: Vec<Step>,
    /// Commands here, once all nodes run
    pub finish: Vec<String>,
}

impl Next<'_> {
    /// The file's text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!(
            "# {}: what to do next\n\n\
             As whoever reaches the nodes as root by SSH, from the folder in which this was made.\n",
            self.title
        );
        for step in &self.steps {
            self.node(&mut text, step);
        }
        if !self.finish.is_empty() {
            block(&mut text, "Once all of them run", &self.finish);
        }
        block(&mut text, "Check", &self.check());
        text.push_str("\nOn a node, as root:\n");
        let on_node = self.steps.first().into_iter().flat_map(|step| &step.placed);
        let on_node = on_node.filter(|it| it.is_read && !it.place.is_empty());
        let looks = on_node.map(|it| format!("certctl check {}", shell_word(&it.place)));
        fence(&mut text, &looks.collect::<Vec<_>>());
        self.renew(&mut text);
        text
    }

    fn node(&self, text: &mut String, step: &Step) {
        let directory = shell_word(&self.directory.replace("{name}", &step.node));
        let (root, folder) = (
            format!("root@{}", bracketed(&step.host)),
            self.folder_of(&step.node),
        );
        let ssh = format!("ssh root@{}", step.host);
        let remote = |command: &String| format!("{ssh} {}", shell_word(command));
        let mut lines: Vec<_> = step.prepare.iter().map(remote).collect();
        lines.push(remote(&format!("install -d -m 0700 {directory}")));
        lines.push(format!("scp -p {folder}/*.pem {root}:{directory}/"));
        for placed in &step.placed {
            let (file, place) = (&placed.file, &placed.place);
            lines.push(match (place.is_empty(), placed.is_added) {
                (true, _) => format!("scp -p {folder}/{file} {root}:{directory}/"),
                (false, true) => {
                    let add = added(&shell_word(place));
                    format!("{ssh} {} < {folder}/{file}", shell_word(&add))
                }
                (false, false) => format!("scp -p {folder}/{file} {root}:{}", shell_word(place)),
            });
        }
        let own = format!("chown -R {}: {directory}", shell_word(self.owner));
        for command in [own].iter().chain(&step.start) {
            lines.push(remote(command));
        }
        block(text, &step.node, &lines);
    }

    fn folder_of(&self, name: &str) -> String {
        shell_word(&format!("{}/{name}", self.folder))
    }

    fn check(&self) -> Vec<String> {
        let with = self.client.map(|name| format!(" --with {name}"));
        vec![
            format!("{} check", self.certctl),
            format!(
                "{} probe --server {}{}",
                self.certctl,
                self.server,
                with.unwrap_or_default()
            ),
        ]
    }

    /// What is due is made anew, and copied from the PKI directory.
    fn renew(&self, text: &mut String) {
        let _ = write!(
            text,
            "\n## Renew\n\nOnce a day, from a timer or from cron; certctl-timers(7) has both. It does nothing until \
             something is due. The second line lays the folders anew, from which what was made is copied as above; \
             certctl-deploy(7) says more. {}\n",
            self.reload
        );
        let renew = format!("{} renew --all --quiet", self.certctl);
        fence(text, &[renew, self.again.to_owned()]);
    }
}

/// Adds standard input to a file, in the place of what was added before; what comes after a mark that lacks its end
/// is somebody else's.
fn added(place: &str) -> String {
    format!(
        "if grep -qx \"# end of certctl\" {place}; then sed -i \"/^# certctl$/,/^# end of certctl$/d\" {place}; fi; \
         {{ echo \"# certctl\"; cat; echo \"# end of certctl\"; }} >> {place}"
    )
}

/// An IPv6 address as scp takes it.
fn bracketed(host: &str) -> String {
    match host.contains(':') {
        true => format!("[{host}]"),
        false => host.to_owned(),
    }
}

fn block(text: &mut String, heading: &str, lines: &[String]) {
    let _ = write!(text, "\n## {heading}\n");
    fence(text, lines);
}

fn fence(text: &mut String, lines: &[String]) {
    let _ = write!(text, "\n```sh\n{}\n```\n", lines.join("\n"));
}
