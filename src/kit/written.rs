//! One file of a node's configuration, as it was written and as it lies in the cluster's folder.

use std::path::Path;

use crate::emit::{Rendered, Request};

/// One file of a node's configuration.
#[derive(Debug)]
pub struct Written {
    /// The node
    pub node: String,
    /// Name of the format
    pub format: String,
    /// What was asked for
    pub request: Request,
    /// What was written, and what is to be said about it
    pub rendered: Rendered,
    /// The file beside it that holds the node's certificate and key
    pub pair: Option<String>,
}

impl Written {
    /// What was written, as it lies in the cluster's folder: of what a node reads, that file is there alone.
    #[must_use]
    pub fn laid(&self, folder: &Path) -> Rendered {
        let mut rendered = self.rendered.clone();
        let target = self.request.target_dir.as_ref();
        if let (Some(file), Some(target)) = (&self.pair, target) {
            let from = folder.join(&self.node).join(file);
            let to = format!("{}/{file}", target.trim_end_matches('/'));
            rendered.copies.push((from.display().to_string(), to));
        }
        rendered
    }
}
