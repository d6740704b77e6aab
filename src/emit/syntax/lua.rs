//! Blocks of Lua among another language's statements, as OpenResty finds their ends: braces in quotes, comments and
//! long brackets are none, and a quote that does not end in its line is no quote.

/// What stands in a block that has begun, up to the brace that closes it, or to the end of the text.
pub(super) fn block(text: &str) -> &str {
    let mut reader = Reader::default();
    let mut rest = text;
    let mut depth = 0_usize;
    while !rest.is_empty() {
        let (token, behind) = rest.split_at(reader.token(rest));
        match token {
            "{" => depth += 1,
            "}" if depth == 0 => break,
            "}" => depth -= 1,
            _ => {}
        }
        rest = behind;
    }
    &text[..text.len() - rest.len()]
}

/// What is known of the line that is read.
#[derive(Default)]
struct Reader {
    /// The quotes that nothing ends, each with how much text was left behind their line: nobody looks twice
    lone: [Option<usize>; 2],
}

impl Reader {
    /// How long the next token is.
    fn token(&mut self, rest: &str) -> usize {
        if let Some(comment) = rest.strip_prefix("--") {
            let line = || comment.find('\n').unwrap_or(comment.len());
            return 2 + long(comment).unwrap_or_else(line);
        }
        let next = rest.chars().next();
        let quoted = match next {
            Some('[') => long(rest),
            Some('"') => self.quoted(rest, '"', 0),
            Some('\'') => self.quoted(rest, '\'', 1),
            _ => None,
        };
        quoted.unwrap_or_else(|| next.map_or(1, char::len_utf8))
    }

    /// How long a quoted text is that begins here; nothing where it does not end in its line.
    fn quoted(&mut self, rest: &str, quote: char, number: usize) -> Option<usize> {
        if self.lone[number].is_some_and(|behind| rest.len() > behind) {
            return None;
        }
        let mut is_escaped = false;
        for (at, character) in rest.char_indices().skip(1) {
            match character {
                '\n' => {
                    self.lone[number] = Some(rest.len() - at);
                    return None;
                }
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                _ if character == quote => return Some(at + 1),
                _ => {}
            }
        }
        self.lone[number] = Some(0);
        None
    }
}

/// How long a text in long brackets is, as in `[=[ … ]=]`; nothing where none begins.
fn long(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('[')?.trim_start_matches('=');
    let level = rest.len() - inner.len() - 1;
    let inner = inner.strip_prefix('[')?;
    let end = format!("]{}]", "=".repeat(level));
    let behind = inner.find(&end).map(|at| &inner[at + end.len()..]);
    Some(rest.len() - behind.unwrap_or_default().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `nginx -t` with OpenResty's module finds it.
    #[test]
    fn ends() {
        for block in [
            " ngx.say(1) ",
            " ngx.say(\"{\") ",
            " ngx.say('}') ",
            " ngx.say([[ } ]]) ",
            " ngx.say([=[ ]] } ]=]) ",
            " --[[ } ]] ngx.say(1) ",
            " --[==[ } ]] ]==] ngx.say(1) ",
            " local t = {1, {2}} ",
            " ngx.say(\"\\\"}\") ",
            " ngx.say('\\'}') ",
            " ngx.say(\"\\\\\") ",
            " local s = a[b[1]] ",
            " -- don't }\n ngx.say(1) ",
            " --[ }\n",
            " x = [[ a \\]] ",
            " x = \"a\n",
            " x = \"\\\"\\\"'}'\n",
            " x = \"é",
            "",
        ] {
            let text = format!("{block}}} b;\n}}");
            assert_eq!(super::block(&text), block);
        }
    }

    #[test]
    fn without_end() {
        for text in [" [==[ }\n", " --[[ }", " { }", "--", "\"", "[", "[=", "'é"] {
            assert_eq!(block(text), text);
        }
    }

    /// Quotes that do not end are looked for once a line.
    #[test]
    fn long_lines() {
        let text = "\"\\".repeat(1 << 20) + &"'\\".repeat(1 << 20);
        assert_eq!(block(&text), text);
    }
}
