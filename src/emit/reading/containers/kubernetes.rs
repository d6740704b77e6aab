//! Kubernetes manifests, as far as they have pods.

use std::path::{Path, PathBuf};

use super::{Container, Containers, Mount, compose::through_shell};
use crate::emit::{
    manifest::account::RunsAs,
    yaml::{Node, Rc},
};

/// Where the pod stands in what makes some.
const PODS: [&[&str]; 3] = [
    &["spec", "jobTemplate", "spec", "template", "spec"],
    &["spec", "template", "spec"],
    &["spec"],
];

pub(super) fn read(document: &Node, found: &mut Containers) {
    // A list of manifests.
    for item in document.get("items").iter().flat_map(|items| items.items()) {
        read_one(item, found);
    }
    read_one(document, found);
}

/// Where a ConfigMap or a Secret has files.
const FILES: [&str; 2] = ["data", "stringData"];

fn read_one(document: &Node, found: &mut Containers) {
    let files = FILES.iter().filter_map(|key| document.get(key));
    found.unread(files.flat_map(|files| files.pairs()));
    let mut pods = PODS.iter().filter_map(|keys| document.below(keys));
    let Some(pod) = pods.find(|pod| pod.get("containers").is_some()) else {
        return;
    };
    let all = ["initContainers", "containers"];
    let all = all.iter().filter_map(|key| pod.get(key));
    for container in all.flat_map(|all| all.items()) {
        if found.is_full(container.line) {
            return;
        }
        let more = container.get("envFrom");
        found
            .unfollowed
            .extend(more.map(|it| (it.line, String::from("`envFrom`"))));
        found.all.push(Container {
            name: container.text_of("name").unwrap_or_default().to_owned(),
            line: container.line,
            user: user(container, pod),
            image: container.text_of("image").unwrap_or_default().to_owned(),
            words: words(container),
            environment: environment(container),
            mounts: mounts(container, pod),
        });
    }
}

/// What a container says of its user, or else its pod.
fn user(container: &Node, pod: &Node) -> Option<RunsAs> {
    let said = |key| {
        let mut both = [container, pod].into_iter();
        both.find_map(|node| node.below(&["securityContext", key])?.text())
    };
    let group = said("runAsGroup").into_iter();
    let more = pod.below(&["securityContext", "supplementalGroups"]);
    let more = more.into_iter().flat_map(Node::items);
    let more = more.filter_map(|group| group.text());
    RunsAs::numbered(said("runAsUser").into_iter().chain(group).chain(more))
}

fn words(container: &Node) -> Vec<(usize, String)> {
    let lists = ["command", "args"];
    let lists = lists.iter().filter_map(|key| container.get(key));
    let items = lists.flat_map(|list| list.items());
    let words = items.filter_map(|item| Some((item.line, item.text()?.to_owned())));
    through_shell(words.collect())
}

fn environment(container: &Node) -> Vec<(usize, String, String)> {
    let all = container.get("env");
    let all = all.iter().flat_map(|all| all.items());
    let variable = |one: &Rc| {
        let (name, value) = (one.text_of("name")?, one.text_of("value")?);
        Some((one.line, name.to_owned(), value.to_owned()))
    };
    all.filter_map(variable).collect()
}

fn mounts(container: &Node, pod: &Node) -> Vec<Mount> {
    let all = container.get("volumeMounts");
    let all = all.iter().flat_map(|all| all.items());
    let mount = |mount: &Rc| {
        let name = mount.text_of("name")?;
        let source = host_path(pod, name).map(|path| match mount.text_of("subPath") {
            Some(inside) => Path::new(path).join(inside),
            None => PathBuf::from(path),
        });
        Some(Mount {
            target: PathBuf::from(mount.text_of("mountPath")?),
            source,
        })
    };
    all.filter_map(mount).collect()
}

/// Where a volume lies on the machine, where that is said.
fn host_path<'p>(pod: &'p Node, name: &str) -> Option<&'p str> {
    let mut volumes = pod.get("volumes")?.items();
    let volume = volumes.find(|volume| volume.text_of("name") == Some(name))?;
    volume.get("hostPath")?.text_of("path")
}
