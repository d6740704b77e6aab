//! Looks at what containers are started with, and at the files of this machine that they see.

use std::path::Path;

use super::{Inspection, Looked, inspect_configuration};
use crate::{
    check::{Finding, Place, Severity, Terms},
    emit::{
        Container, Containers, Document, EmitError, NoFiles, Server, Syntax, Version, YamlError,
        recognise_as,
    },
};

/// Looks at each container of a file; what was not followed is said. Left out, a version is that of the image.
///
/// # Errors
///
/// The first mistake in a server's manifest.
pub fn inspect_containers(
    path: &Path,
    containers: &Containers,
    servers: &[Server],
    version: Option<&Version>,
    terms: Terms,
) -> Result<Inspection, EmitError> {
    let mut whole = Inspection::default();
    for container in &containers.all {
        let inspections = inspect_one(path, container, servers, version, terms)?;
        if inspections.is_empty() {
            let message = "nothing that is known stands in its command or its environment";
            whole.findings.push(unread(path, container.line, message));
        }
        for inspection in inspections {
            whole.merge(inspection);
        }
    }
    if containers.all.is_empty() {
        whole
            .findings
            .push(unread(path, 1, "no container is started here"));
    }
    for (line, what) in &containers.unfollowed {
        let message = format!("{what} may say more, and was not read");
        whole.findings.push(unread(path, *line, &message));
    }
    whole.configurations = 1;
    whole.looked_at.push(Looked {
        path: path.to_owned(),
        certificates: Vec::new(),
    });
    Ok(whole)
}

/// Says of a file for containers that nobody could look into it.
#[must_use]
pub fn unread_containers(path: &Path, error: &YamlError) -> Inspection {
    let message = format!("it cannot be read as YAML: {error}");
    told(path, unread(path, error.line, &message))
}

/// Says of a file that nobody looks into it.
#[must_use]
pub fn unread_file(path: &Path, message: &str) -> Inspection {
    let hint = String::from("name the files that it speaks of to `certctl check` one by one");
    let finding = unread(path, 1, message);
    told(path, Finding { hint, ..finding })
}

/// One file, and all that is said of it.
fn told(path: &Path, finding: Finding) -> Inspection {
    Inspection {
        findings: vec![finding],
        configurations: 1,
        looked_at: vec![Looked {
            path: path.to_owned(),
            certificates: Vec::new(),
        }],
        ..Inspection::default()
    }
}

/// What is found in the words and in the variables of a container.
fn inspect_one(
    path: &Path,
    container: &Container,
    servers: &[Server],
    version: Option<&Version>,
    terms: Terms,
) -> Result<Vec<Inspection>, EmitError> {
    let mut inspections = Vec::new();
    for syntax in [Syntax::Flags, Syntax::Environment] {
        let text = container.text(syntax);
        let document = Document {
            path,
            text: &text,
            files: &NoFiles,
        };
        if let Some((server, format)) = recognise_as(servers, document, syntax) {
            let of_image = container.version();
            let mut reading = server.read(format, version.or(of_image.as_ref()), document)?;
            reading.runs_as.clone_from(&container.user);
            reading.look_from(|path| container.outside(path));
            inspections.push(inspect_configuration(reading, terms)?);
        }
    }
    Ok(inspections)
}

fn unread(path: &Path, line: usize, message: &str) -> Finding {
    Finding {
        code: "not-checked".into(),
        severity: Severity::Info,
        path: path.to_owned(),
        place: Some(Place {
            path: path.to_owned(),
            line,
        }),
        message: message.to_owned(),
        hint: String::from("name the files that the container sees to `certctl check`"),
        mend: None,
    }
}
