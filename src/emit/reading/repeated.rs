//! What stands there again although the server takes it once.

use std::collections::HashSet;

use super::Reading;
use crate::emit::{
    manifest::once::Once,
    syntax::{Found, Syntax},
};

impl Reading<'_> {
    /// Every option that the server refuses because it stands there again, and what says so.
    ///
    /// Of what stands under a condition nobody knows whether it is read: elsewhere the same may be right.
    #[must_use]
    pub fn repeated(&self) -> Vec<(&Found, &Once)> {
        let all = self.server.manifest.singles.iter().enumerate();
        let all = all.filter(|(_, once)| once.is_in(&self.version));
        // Where sections are lines, only their first words are commands.
        let is_lines = self.format.syntax == Some(Syntax::Keywords);
        let most = if is_lines { 1 } else { usize::MAX };
        let mut known = HashSet::new();
        let mut again = Vec::new();
        for (block, section) in self.in_blocks() {
            let options = section.options.iter().take(most);
            for option in options.filter(|it| !it.conditional) {
                let (place, name) = block.unwrap_or_default();
                for (index, once) in all.clone().filter(|(_, it)| it.is_of(&option.name, name)) {
                    let word = option.value.split_whitespace().next().unwrap_or_default();
                    let same = (
                        index,
                        (!once.together).then_some(&option.name),
                        once.named.then_some(word),
                        (!once.whole).then_some(place),
                    );
                    if !known.insert(same) {
                        again.push((option, once));
                    }
                }
            }
        }
        again
    }
}
