//! What a server takes behind an option: how many words, and which.

use std::{borrow::Cow, net::IpAddr};

use serde::Deserialize;

use super::address::{has_port, has_port_first, has_port_last, is_listening};

/// Options that take so many words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arity {
    /// The options; empty for all others that are specified
    #[serde(default)]
    pub options: Vec<String>,
    /// At least so many
    #[serde(default = "one")]
    pub least: usize,
    /// At most so many; without limit where it says nothing
    pub most: Option<usize>,
    /// The only words that are taken; any where there is none
    #[serde(default)]
    pub values: Vec<String>,
    /// Each of the words is one of `values`, and may have one of these signs before it
    pub each: Option<String>,
    /// Only the first word is one of `values`; the others are of these, or begin so, where that ends in `=`
    #[serde(default)]
    pub others: Vec<String>,
    /// Only the first word counts; the server does not read what follows
    #[serde(default)]
    pub first: bool,
    /// No variable may stand there
    #[serde(default)]
    pub constant: bool,
    /// Begins a block
    #[serde(default)]
    pub begins: bool,
    /// The only sections in which all this holds
    #[serde(default)]
    pub only: Vec<String>,
    /// Sections in which all this does not hold
    #[serde(default)]
    pub except: Vec<String>,
    /// They may not be written in upper and lower case
    #[serde(default)]
    pub exact: bool,
    /// It is a number
    #[serde(default)]
    pub number: bool,
    /// The smallest number that it may be, where it is one
    pub lowest: Option<i64>,
    /// A number that may be less than nothing
    #[serde(default)]
    pub signed: bool,
    /// It is a number with one of these behind it, or several of such; an empty one may be left out at the end
    #[serde(default)]
    pub units: Vec<String>,
    /// The number before a unit may have a point
    #[serde(default)]
    pub decimal: bool,
    /// Beginnings that one of `values` may have
    #[serde(default)]
    pub before: Vec<String>,
    /// Of a value only what stands before this is one of `values`
    pub until: Option<String>,
    /// It is hexadecimal, with so many digits
    #[serde(default)]
    pub hexadecimal: Vec<usize>,
    /// One of these characters stands in it
    #[serde(default)]
    pub holds: String,
    /// `HOST:PORT`, where the host may be left out
    #[serde(default)]
    pub address: bool,
    /// URLs of these schemes with a port, separated by commas (RFC 3986 §3)
    #[serde(default)]
    pub urls: Vec<String>,
    /// The host of an address or URL is an IP address, or `localhost`
    #[serde(default)]
    pub numeric: bool,
    /// The port may be -1, for which the server chooses one
    #[serde(default)]
    pub any_port: bool,
    /// A port, perhaps with an IP address before it: `5671`, `127.0.0.1:5671`, `::1:5671`
    #[serde(default)]
    pub port_last: bool,
    /// A port, and perhaps the host that has it; behind port 0 a path
    #[serde(default)]
    pub port_first: bool,
    /// The first word is where a server listens: `PORT`, `HOST`, `HOST:PORT` or `unix:PATH`
    #[serde(default)]
    pub listens: bool,
    /// Each `$` begins a variable's name, perhaps in braces
    #[serde(default)]
    pub fills: bool,
}

/// Words that mean the same, as in `on`, `true` and `yes`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Same {
    /// The word that options list
    pub word: String,
    /// The others
    pub also: Vec<String>,
}

/// Whether what follows each `$` is a name, or one in braces.
fn is_filled(value: &str) -> bool {
    let is_part = |it: char| it.is_ascii_alphanumeric() || it == '_';
    value
        .split('$')
        .skip(1)
        .all(|rest| match rest.strip_prefix('{') {
            Some(rest) => rest
                .split_once('}')
                .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(is_part)),
            None => rest.starts_with(is_part),
        })
}

fn one() -> usize {
    1
}

impl Arity {
    /// How many words are taken, in words.
    #[must_use]
    pub fn expected(&self) -> String {
        match (self.least, self.most) {
            (least, Some(most)) if least == most => words(least),
            (least, Some(most)) => format!("{least} to {}", words(most)),
            (least, None) => format!("at least {}", words(least)),
        }
    }

    /// What is taken, in words.
    #[must_use]
    pub fn described(&self) -> String {
        let words = |all: Vec<String>| all.join(", ");
        match self.number || self.signed || self.lowest.is_some() {
            true if let Some(lowest) = self.lowest => format!("a number from {lowest}"),
            true => String::from("a number"),
            false if self.address => String::from("HOST:PORT, or :PORT"),
            false if !self.urls.is_empty() => {
                let host = if self.numeric { "ADDRESS" } else { "HOST" };
                let urls = self.urls.iter().map(|it| format!("{it}://{host}:PORT"));
                format!("{}, several with commas between", words(urls.collect()))
            }
            false if self.listens => {
                let known = words(self.others.iter().map(|word| format!("`{word}`")).collect());
                format!("PORT, HOST:PORT or unix:PATH, and behind it {known}")
            }
            false if self.port_last => String::from("PORT or IP-ADDRESS:PORT"),
            false if self.port_first => String::from("PORT, PORT HOST or 0 PATH"),
            false if self.fills => String::from("a variable's name behind each `$`"),
            false if !self.units.is_empty() => {
                let units = self.units.iter().filter(|unit| !unit.is_empty());
                let units = units.map(|unit| format!("`{unit}`"));
                format!("a number with one of {} behind it", words(units.collect()))
            }
            false if !self.hexadecimal.is_empty() => {
                let counts: Vec<_> = self.hexadecimal.iter().map(usize::to_string).collect();
                format!("{} hexadecimal digits", counts.join(" or "))
            }
            false if self.values.is_empty() => {
                let holds = self.holds.chars().map(|sign| format!("`{sign}`"));
                format!("what holds one of {}", words(holds.collect()))
            }
            false => {
                let values = self.values.iter().filter(|word| !word.is_empty());
                words(values.map(|word| format!("`{word}`")).collect())
            }
        }
    }

    /// Whether it takes so many words.
    #[must_use]
    pub fn takes(&self, count: usize) -> bool {
        count >= self.least && self.most.is_none_or(|most| count <= most)
    }

    /// Whether it takes a value; `variable` is how one begins whose value may be anything.
    #[must_use]
    pub fn accepts(&self, value: &str, variable: Option<&str>) -> bool {
        let is_chosen = variable.is_some_and(|mark| value.contains(mark));
        if (!is_chosen || self.constant) && !self.has_form(value) {
            return false;
        }
        if self.fills && !is_filled(value) {
            return false;
        }
        match &self.each {
            _ if is_chosen && !self.constant => true,
            None if !self.others.is_empty() => {
                let mut words = value.split_whitespace();
                let first = words.next().unwrap_or_default();
                let is_first = self.values.is_empty() || self.word(first).is_some();
                is_first && words.all(|word| self.may_follow(word))
            }
            _ if self.values.is_empty() => true,
            None => {
                let mut before = self.before.iter();
                let bare = before.find_map(|before| value.strip_prefix(before.as_str()));
                let bare = bare.unwrap_or(value);
                let end = self
                    .until
                    .as_ref()
                    .and_then(|until| bare.find(until.as_str()));
                self.word(&bare[..end.unwrap_or(bare.len())]).is_some()
            }
            Some(signs) => {
                let signs: Vec<char> = signs.chars().collect();
                let mut words = value.split_whitespace();
                words.all(|word| {
                    self.word(word.strip_prefix(&signs[..]).unwrap_or(word))
                        .is_some()
                })
            }
        }
    }

    /// Whether a value is a number, hexadecimal, or what else it must be.
    fn has_form(&self, value: &str) -> bool {
        let is_digits = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
        let is_signed = |word: &str| {
            let bare = word.strip_prefix(['-', '+']).unwrap_or(word);
            !bare.is_empty() && is_digits(bare)
        };
        let is_hexadecimal = |word: &str| {
            let digits = word.bytes().all(|byte| byte.is_ascii_hexdigit());
            digits && self.hexadecimal.contains(&word.len())
        };
        (!self.number || !value.is_empty() && value.split_whitespace().all(is_digits))
            && self
                .lowest
                .is_none_or(|lowest| value.parse().map_or(true, |it: i64| it >= lowest))
            && (self.units.is_empty() || self.measures(value))
            && (!self.signed || value.split_whitespace().all(is_signed))
            && (self.hexadecimal.is_empty() || value.split_whitespace().all(is_hexadecimal))
            && (!self.address || has_port(value, self.any_port))
            && (!self.port_last || has_port_last(value))
            && (!self.port_first || has_port_first(value))
            && (self.urls.is_empty()
                || value.is_empty()
                || value.split(',').all(|it| self.is_url(it.trim())))
            && (!self.listens || value.split_whitespace().next().is_some_and(is_listening))
            && (self.holds.is_empty() || value.contains(|it| self.holds.contains(it)))
    }

    /// Whether it is `SCHEME://HOST:PORT`, and nothing more.
    fn is_url(&self, text: &str) -> bool {
        let is_address = |host: &str| {
            let bare = host.trim_matches(['[', ']']);
            host == "localhost" || bare.parse::<IpAddr>().is_ok()
        };
        // A name that nobody has is taken all the same.
        let is_named = |rest: &str| {
            let (host, port) = rest.rsplit_once(':').unwrap_or_default();
            !self.numeric && !host.contains([':', '[', ']']) && port.parse::<u16>().is_ok()
        };
        text.split_once("://").is_some_and(|(scheme, rest)| {
            let host = rest.rsplit_once(':').map_or(rest, |(host, _)| host);
            let is_host = !host.is_empty() && (!self.numeric || is_address(host));
            self.urls.iter().any(|it| it.eq_ignore_ascii_case(scheme))
                && (has_port(rest, false) || is_named(rest))
                && is_host
        })
    }

    /// Whether a word may stand behind the first.
    fn may_follow(&self, word: &str) -> bool {
        self.others.iter().any(|other| match other.ends_with('=') {
            true => word.starts_with(other),
            false => word == other,
        })
    }

    /// Whether a value is made of numbers with units, as in `1h30m`.
    fn measures(&self, value: &str) -> bool {
        let mut rest = value;
        while !rest.is_empty() {
            let bare = rest.trim_start_matches(|it: char| it.is_ascii_digit());
            let point = bare
                .strip_prefix('.')
                .filter(|_| self.decimal && bare.len() < rest.len());
            let bare = point.map_or(bare, |it| {
                it.trim_start_matches(|it: char| it.is_ascii_digit())
            });
            let end = bare.find(|it: char| it.is_ascii_digit());
            let (unit, behind) = bare.split_at(end.unwrap_or(bare.len()));
            if bare.len() == rest.len() || !self.units.iter().any(|known| known == unit.trim_end())
            {
                return false;
            }
            rest = behind;
        }
        !value.is_empty()
    }

    /// What of a value counts.
    pub(in crate::emit) fn read<'v>(&self, value: &'v str) -> &'v str {
        match self.first {
            true => value.split_whitespace().next().unwrap_or_default(),
            false => value,
        }
    }

    /// Whether it holds in a section of this name.
    #[must_use]
    pub fn is_in(&self, section: &str) -> bool {
        let head = section.split_whitespace().next().unwrap_or_default();
        let names = |words: &[String]| words.iter().any(|word| word == head);
        (self.only.is_empty() || names(&self.only)) && !names(&self.except)
    }

    /// The word that a value is.
    fn word(&self, value: &str) -> Option<&str> {
        let is_same = |word: &&String| match self.exact {
            true => *word == value,
            false => word.eq_ignore_ascii_case(value),
        };
        self.values.iter().find(is_same).map(String::as_str)
    }

    /// A value in the spelling of `values`: one of them, or a list.
    pub(in crate::emit) fn spelt(&self, value: &str) -> Option<Cow<'_, str>> {
        let Some(signs) = &self.each else {
            return self.word(value).map(Cow::Borrowed);
        };
        let spelt = |word: &str| {
            let bare = word.trim_start_matches(|it| signs.contains(it));
            let (sign, bare) = word.split_at(word.len() - bare.len());
            Some(format!("{sign}{}", self.word(bare)?))
        };
        let words: Option<Vec<_>> = value.split_whitespace().map(spelt).collect();
        words.map(|words| Cow::Owned(words.join(" ")))
    }
}

fn words(count: usize) -> String {
    match count {
        0 => String::from("no word"),
        1 => String::from("one word"),
        2 => String::from("two words"),
        count => format!("{count} words"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_variables() {
        for (arity, value, expected) in [
            ("address = true", "a:1", true),
            ("address = true", ":1", true),
            ("address = true", "[::1]:1", true),
            ("address = true", "::1:1", false),
            ("address = true", "a", false),
            ("address = true", "127.0.0.1:1", true),
            ("address = true", "a1.test:1", true),
            ("address = true", "a.test.:1", true),
            ("address = true", "127.0.0.:1", false),
            ("address = true", "127..0.1:1", false),
            ("address = true", "127.x0.0.1:1", false),
            ("address = true", "a:-1", false),
            ("address = true\nany_port = true", "a:-1", true),
            ("address = true\nany_port = true", "a:-2", false),
            ("hexadecimal = [2]\neach = ''", "0f F0", true),
            ("hexadecimal = [2]\neach = ''", "0f f", false),
            ("units = ['s']", "1.5s", false),
            ("units = ['s']\ndecimal = true", "1.5s", true),
            ("units = ['s']\ndecimal = true", ".s", false),
            ("listens = true", "443", true),
            ("listens = true", "8000-8010 ssl", true),
            ("listens = true", "*:443", true),
            ("listens = true", "[::]:443", true),
            ("listens = true", "[::1]", true),
            ("listens = true", "localhost", true),
            ("listens = true", "127.0.0.1", true),
            ("listens = true", "unix:/run/a.sock", true),
            ("listens = true", "0", false),
            ("listens = true", "99999", false),
            ("listens = true", "a:1#", false),
            ("listens = true", "http://a:1", false),
            ("listens = true", "/a", false),
            ("others = ['ssl', 'backlog=']", "1 ssl backlog=5", true),
            ("others = ['ssl', 'backlog=']", "1 ssl a.example", false),
            ("fills = true", "$a/${b}c", true),
            ("fills = true", "a$", false),
            ("fills = true", "${a", false),
            ("number = true", "$a", true),
            ("number = true\nconstant = true", "$a", false),
            ("number = true\nlowest = 1024", "1024", true),
            ("number = true\nlowest = 1024", "512", false),
            (
                "urls = ['http', 'https']",
                "https://a:1,http://[::1]:2",
                true,
            ),
            ("urls = ['http', 'https']", "a:1", false),
            ("urls = ['http', 'https']", "https://a", false),
            ("urls = ['http', 'https']", "https://a:1/b", false),
            ("urls = ['http', 'https']", "https://:1", false),
            ("urls = ['http', 'https']", "ftp://a:1", false),
            ("urls = ['http', 'https']", "https://a:1;", false),
            ("urls = ['http', 'https']", "", true),
            (
                "urls = ['https']\nnumeric = true",
                "https://127.0.0.1:1",
                true,
            ),
            (
                "urls = ['https']\nnumeric = true",
                "https://localhost:1",
                true,
            ),
            ("urls = ['https']\nnumeric = true", "https://a:1", false),
            ("port_last = true", "5671", true),
            ("port_last = true", "127.0.0.1:5671", true),
            ("port_last = true", "::1:5671", true),
            ("port_last = true", "5671 ; a", false),
            ("port_last = true", "localhost:5671", false),
            ("port_last = true", "", true),
            ("port_first = true", "1883", true),
            ("port_first = true", "1883 127.0.0.1", true),
            ("port_first = true", "1883 ::1", true),
            ("port_first = true", "1883 node1", true),
            ("port_first = true", "0 /run/mqtt", true),
            ("port_first = true", "1883 '127.0.0.1'", false),
            ("port_first = true", "1883 127.0.0.", false),
            ("port_first = true", "1883 127.0.0.1# a", false),
            ("port_first = true", "1883 /run/mqtt", false),
            ("port_first = true", "188127.0.0.1", false),
            ("lowest = 0", "x", true),
            ("lowest = 0", "-1", false),
        ] {
            let parsed: Arity = toml::from_str(arity).expect("it is whole");
            assert_eq!(
                parsed.accepts(value, Some("$")),
                expected,
                "{arity} {value}"
            );
        }
    }

    #[test]
    fn numbers_with_units() {
        let arity: Arity = toml::from_str("units = ['', 's', 'm', 'h']").expect("it is whole");
        for (value, expected) in [
            ("10", true),
            ("10m", true),
            ("1h30m", true),
            ("1h 30m", true),
            ("", false),
            ("m", false),
            ("10M", false),
            ("1.5", false),
            ("-1", false),
        ] {
            assert_eq!(arity.accepts(value, None), expected, "{value}");
        }
    }
}
