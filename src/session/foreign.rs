//! The PKI of another tool, where somebody looks for one of certctl's.

use std::path::Path;

use super::Report;
use crate::{
    emit::shell_word,
    host::source_tree::SourceTree,
    import::{Tool, recognise},
};

/// More files are not looked through for a hint.
const MOST: usize = 20_000;

/// An error, with the command that takes over what lies in a folder, where a tool is recognised by it.
pub(crate) fn with_import(report: Report, folder: &Path) -> Report {
    let Ok(tree) = SourceTree::of_at_most(folder, MOST) else {
        return report;
    };
    match recognise(&tree, None) {
        Ok((tool, _)) if tool != Tool::Certctl => {
            let folder = shell_word(&folder.display().to_string());
            report.hint(format!(
                "`certctl import {folder}` takes over what {tool} keeps there"
            ))
        }
        _ => report,
    }
}
