//! Commands that texts quote, as hints do: a renamed flag must leave no wrong one behind.

/// Whether every `` `certctl …` `` in a text is a command line that certctl accepts.
pub(crate) fn commands_parse(text: &str) -> bool {
    let quoted = text.split('`').skip(1).step_by(2);
    let parses = |command: &str| {
        let Some(words) = shlex::split(command) else {
            return false;
        };
        match super::definition().try_get_matches_from(words) {
            Ok(_) => true,
            Err(error) => !error.use_stderr(),
        }
    };
    quoted
        .filter(|quoted| quoted.starts_with("certctl "))
        .all(parses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judges_quoted_commands() {
        for (text, is_good) in [
            ("`certctl list`", true),
            ("`certctl --dir 'my pki' list`", true),
            (r"`certctl --dir 'it'\''s' list`", true),
            (r#"`certctl --dir "$(printf 'a\012 b')" list`"#, true),
            ("`certctl --dir my pki list`", false),
            ("`certctl --dir 'my pki list`", false),
            ("`certctl lst`", false),
            ("`chmod 600 'my key'`", true),
        ] {
            assert_eq!(commands_parse(text), is_good, "{text}");
        }
    }
}
