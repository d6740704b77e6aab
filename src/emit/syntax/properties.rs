//! `key=value`, `key: value` or `key value` lines, as `java.util.Properties` loads them.

use super::{Found, Position, Source, found};

/// What divides a key from its value, and what stands around it.
const BLANKS: [char; 3] = [' ', '\t', '\u{c}'];

pub(super) fn options(source: &mut Source<'_>) -> Vec<Found> {
    let mut options = Vec::new();
    // A line that goes on in the next, and where it began.
    let mut open: Option<(Position, String)> = None;
    let lines = source.text().lines();
    for (position, line) in lines.flat_map(|(at, line)| line.split('\r').map(move |it| (at, it))) {
        let line = line.trim_start_matches(BLANKS);
        let (start, mut text) = open.take().unwrap_or((position, String::new()));
        if text.is_empty() && (line.is_empty() || line.starts_with(['#', '!'])) {
            continue;
        }
        let rest = line.trim_end_matches('\\');
        let goes_on = (line.len() - rest.len()) % 2 == 1;
        text.push_str(&line[..line.len() - usize::from(goes_on)]);
        match goes_on {
            true => open = Some((start, text)),
            false => options.extend(option(source, start, &text)),
        }
    }
    if let Some((start, text)) = open {
        options.extend(option(source, start, &text));
    }
    options
}

fn option(source: &mut Source<'_>, position: Position, text: &str) -> Option<Found> {
    if text.is_empty() {
        return None;
    }
    let mut escaped = false;
    let end = text.find(|it: char| {
        let ends = !escaped && (BLANKS.contains(&it) || "=:".contains(it));
        escaped = !escaped && it == '\\';
        ends
    });
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    let rest = rest.trim_start_matches(BLANKS);
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest);
    let both = unescaped(name).zip(unescaped(value.trim_start_matches(BLANKS)));
    let Some((name, value)) = both else {
        source.blame(
            position,
            "`\\u` has to be followed by four hexadecimal digits",
        );
        return None;
    };
    // Whoever asks for an option takes blanks off.
    let value = value.trim_ascii().to_owned();
    Some(Found {
        value,
        ..found(position, &name, "")
    })
}

/// What escapes stand for. All else is read octet by octet, whatever it meant to be.
fn unescaped(text: &str) -> Option<String> {
    let mut units = Vec::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        let character = match character {
            '\\' => rest.next(),
            other => {
                let mut octets = [0; 4];
                units.extend(other.encode_utf8(&mut octets).bytes().map(u16::from));
                continue;
            }
        };
        units.push(match character {
            None => break,
            Some('t') => 0x09,
            Some('n') => 0x0a,
            Some('f') => 0x0c,
            Some('r') => 0x0d,
            Some('u') => {
                let digits = rest.as_str().get(..4)?;
                rest = rest.as_str()[4..].chars();
                let is_number = digits.bytes().all(|it| it.is_ascii_hexdigit());
                u16::from_str_radix(digits, 16).ok().filter(|_| is_number)?
            }
            Some(other) => {
                let mut octets = [0; 4];
                units.extend(other.encode_utf8(&mut octets).bytes().map(u16::from));
                continue;
            }
        });
    }
    Some(String::from_utf16_lossy(&units))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `java.util.Properties` reads them.
    #[test]
    fn lines() {
        for (text, expected) in [
            ("a=b", &["1 a=b"] as &[_]),
            ("# a=b\n! c=d\n\n \t a : b", &["4 a=b"]),
            ("a b c\na\t= b ", &["1 a=b c", "2 a=b"]),
            ("a\na=\n=b", &["1 a=", "2 a=", "3 =b"]),
            ("a==b\na=:b", &["1 a==b", "2 a=:b"]),
            (r"a\ b\=\:c=\d", &["1 a b=:c=d"]),
            ("a=b, \\\n   c\nd=e", &["1 a=b, c", "3 d=e"]),
            ("a=b\\\\\nc=d\\", &[r"1 a=b\", "2 c=d"]),
            ("a=b\\\n\nc=d", &["1 a=b", "3 c=d"]),
            ("a=b\\\n#c", &["1 a=b#c"]),
            ("\\\n# c\nd=e", &["3 d=e"]),
            ("# c\\\na=b", &["2 a=b"]),
            (r"a=\u0041\ud83d\ude00", &["1 a=A😀"]),
            (r"a=\t\u00", &["blamed"]),
            (r"a=\u+041", &["blamed"]),
            ("a=é", &["1 a=Ã©"]),
            ("a=b\rc=d", &["1 a=b", "1 c=d"]),
        ] {
            let mut source = Source::alone(text);
            let options = options(&mut source);
            let shown = |it: &Found| format!("{} {}={}", it.position.line, it.name, it.value);
            let mut all: Vec<_> = options.iter().map(shown).collect();
            let (_, _, blunders, _) = source.finish();
            all.extend(blunders.iter().map(|_| "blamed".to_owned()));
            assert_eq!(all, expected, "{text}");
        }
    }
}
