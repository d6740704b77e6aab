"""Parses each text of a folder as its language does, and prints the structure as a line of JSON.

Arguments: language, folder, number of files. Where a language has no parser that can be called, its
documented rules for words and quotes are here.
"""

import ast
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys
import urllib.parse

import yaml

BLANK = " \t"


def python(text):
    def plain(node):
        if isinstance(node, ast.AST):
            return [type(node).__name__, *(plain(value) for _, value in ast.iter_fields(node))]
        if isinstance(node, list):
            return [plain(item) for item in node]
        return node if isinstance(node, str) else repr(node)

    return plain(ast.parse(text))


def undollar(value):
    """What Compose and Kubernetes make of a text: two dollar signs are one, and one is a variable."""
    if isinstance(value, dict):
        return {undollar(key): undollar(item) for key, item in value.items()}
    if isinstance(value, list):
        return [undollar(item) for item in value]
    if isinstance(value, str):
        assert "$" not in value.replace("$$", ""), "a variable"
        return value.replace("$$", "$")
    return value


# Many times faster, where it was built.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def compose(text):
    return undollar(yaml.load(text, LOADER))


def k8s(text):
    documents = list(yaml.load_all(text, LOADER))
    for container in documents[1]["spec"]["template"]["spec"]["containers"]:
        container["command"] = undollar(container["command"])
    # The comments are commands to run first.
    comments = [line[1:].strip() for line in text.splitlines() if line.startswith("#   ")]
    return [documents, [shell("\n".join(comments))]]


STAND_IN = """#!/bin/sh
{ printf '%s\\0' $# "${0##*/}"; [ $# = 0 ] || printf '%s\\0' "$@"; } >>"$RECORD"
"""
PROGRAMS = (
    "bao chromium curl erl etcd etcdctl kubectl mariadb mariadbd memcached mktemp mongosh mosquitto_pub nats postgres psql redis-cli redis-server"
    " rethinkdb rladmin rqlite rqlited ssh valkey-cli valkey-server".split()
)


def run(script, *after):
    """Runs a script where nothing but stand-ins can be found; returns what they were called with."""
    record = f"{os.getcwd()}/../record.{os.getpid()}.{id(script)}.{len(script)}"
    environment = {"PATH": os.environ["STAND_INS"], "RECORD": record, "HOME": "/nowhere"}
    command = ["/bin/sh", *after, script] if after else ["/bin/sh", "-c", script, "sh"]
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert not done.stderr, done.stderr
    words = open(record, "rb").read().decode().split("\0")[:-1] if os.path.exists(record) else []
    if os.path.exists(record):
        os.remove(record)
    calls = []
    while words:
        count = int(words[0]) + 2
        calls.append(words[1:count])
        words = words[count:]
    return calls, done.stdout


def shell(text):
    calls, out = run(text)
    assert calls, "nothing was called"
    calls = [[conninfo(word) if word.startswith("host=") else word for word in call] for call in calls]
    return [calls, out.decode()]


def environment(text):
    words = subprocess.run(
        ["/bin/sh", "-c", 'set -a; eval "$1"; exec /usr/bin/env -0', "sh", text],
        env={"PATH": "/nowhere"},
        capture_output=True,
        check=True,
    )
    pairs = dict(pair.split("=", 1) for pair in words.stdout.decode().split("\0") if pair)
    # The server reads them as HOCON.
    return {name: literal(value) for name, value in pairs.items() if name.startswith("EMQX_")}


def literal(value):
    """A string or a list of words and strings in HOCON; other values stay as they are."""
    if not value.startswith("["):
        return json.loads(value) if value.startswith('"') else value
    items = re.findall(r'[A-Za-z0-9_]+|"(?:[^"\\]|\\.)*"', value)
    assert value == "[" + ", ".join(items) + "]", value
    return [json.loads(item) if item.startswith('"') else item for item in items]


def is_variable(word):
    return {"variable": word}


def nginx(text):
    """ngx_conf_read_token()"""
    tokens, place = [], 0
    while place < len(text):
        first = text[place]
        if first in " \t\r\n":
            place += 1
        elif first == "#":
            place = text.index("\n", place)
        elif first in "{};":
            tokens.append({"end": first})
            place += 1
        else:
            quote = first if first in "\"'" else None
            place += bool(quote)
            word, has_variable = "", False
            while quote and text[place] != quote or not quote and text[place] not in " \t\r\n;{":
                has_variable |= text[place] == "$"
                if text[place] == "\\" and text[place + 1] in "\"'\\":
                    place += 1
                word += text[place]
                place += 1
            if quote:
                place += 1
                assert text[place] in " \t\r\n;{", "text after a quote"
            tokens.append(is_variable(word) if has_variable else word)
    return tokens


def apache(text):
    """ap_cfg_getline() and ap_getword_conf()"""
    lines = []
    for line in re.sub(r"\\\n", "", text).splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        words, place = [], 0
        while place < len(line):
            if line[place] in BLANK:
                place += 1
                continue
            quote = line[place] if line[place] in "\"'" else None
            place += bool(quote)
            word = ""
            while place < len(line) and line[place] != quote and (quote or line[place] not in BLANK):
                if line[place] == "\\" and line[place + 1 : place + 2] in ("\\", quote or "\\"):
                    place += 1
                word += line[place]
                place += 1
            assert not quote or place < len(line), "an open quote"
            place += bool(quote)
            words.append(is_variable(word) if "${" in word else word)
        lines.append(words)
    return lines


def haproxy(text):
    """HAProxy's manual, 2.2: quoting and escaping"""
    lines = []
    for line in text.splitlines():
        words, word, quote, place = [], None, None, 0
        while place < len(line):
            character = line[place]
            if quote is None and character == "#":
                break
            if quote is None and character in BLANK:
                words, word = words + [word] if word is not None else words, None
            elif quote is None and character in "\"'":
                quote, word = character, word or ""
            elif character == quote:
                quote = None
            elif quote != "'" and character == "\\":
                place += 1
                word = (word or "") + line[place]
            else:
                assert not (quote == '"' and character == "$"), "a variable"
                word = (word or "") + character
            place += 1
        assert quote is None, "an open quote"
        lines.append(words + [word] if word is not None else words)
    return lines


def redis(text):
    """sdssplitargs()"""
    lines = []
    for line in text.split("\n"):
        line = line.strip(" \t\r\n")
        if not line or line.startswith("#"):
            continue
        words, place = [], 0
        while place < len(line):
            if line[place].isspace():
                place += 1
                continue
            word = ""
            if line[place] == '"':
                place += 1
                while line[place] != '"':
                    if line[place] == "\\":
                        place += 1
                        assert line[place] not in "xnrtba", "an escape"
                    word += line[place]
                    place += 1
                place += 1
                assert place == len(line) or line[place].isspace(), "text after a quote"
            else:
                while place < len(line) and line[place] not in " \n\r\t\0":
                    assert line[place] not in "\"'", "a quote within a word"
                    word += line[place]
                    place += 1
            words.append(word)
        lines.append(words)
    return lines


def assignments(text, comment=None, variable=None):
    lines = []
    for line in text.splitlines():
        line = line.strip()
        if not line or line[0] in "#;":
            continue
        if comment:
            line = line.split(comment)[0].rstrip()
        name, equals, value = line.partition("=")
        lines.append([name.strip(), is_variable(value) if variable and variable in value else value.strip()])
    return lines


def hcl(text):
    """Blocks as NATS has them, but that each text stands in double quotes, and no `${` in it"""
    for line in text.splitlines():
        match = re.fullmatch(r'[^=#]*= (true|false|"(?:[^"\\]|\\["\\])*")', line)
        assert not line or line.startswith("#") or match or line.rstrip().endswith(("{", "}")), line
        assert not match or "${" not in line, line
    return [re.sub(r"\\(.)", r"\1", line) for line in text.splitlines() if not line.startswith("#")]


def hocon(text):
    pairs = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, value = line.split(" = ", 1)
        assert name not in pairs, "given twice"
        assert re.match(r'["\[]', value) or re.fullmatch(r"[A-Za-z0-9_]+", value), value
        pairs[name] = literal(value)
    return pairs


def systemd(text):
    """systemd.syntax(7) and systemd.service(5), "Command lines" """
    lines = []
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if not line or line[0] in "#;":
            continue
        if not line.startswith("ExecStart="):
            lines.append(line)
            continue
        words, place, line = [], 0, line.removeprefix("ExecStart=")
        while place < len(line):
            if line[place] == " ":
                place += 1
                continue
            word, quote, was_quoted = "", None, False
            while place < len(line) and (quote or line[place] != " "):
                character = line[place]
                if character in "\"'" and quote in (None, character):
                    quote, was_quoted = None if quote else character, True
                elif character == "\\":
                    place += 1
                    assert line[place] in "\"'\\", "an escape"
                    word += line[place]
                else:
                    word += character
                place += 1
            assert not quote and (was_quoted or word != ";"), word
            for sign in "%$":
                assert sign not in word.replace(sign * 2, "") or word == "/etc/rethinkdb/instances.d/%i.conf", word
                word = word.replace(sign * 2, sign)
            words.append(word)
        lines.append(words)
    return lines


def settings(text):
    """guc-file.l of PostgreSQL"""
    lines = []
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, value = re.fullmatch(r"([a-z0-9_]+) = '((?:[^'\\]|''|\\\\)*)'", line).groups()
        value = value.replace("''", "'").replace("\\\\", "\\")
        lines.append([name, conninfo(value) if value.startswith("host=") else value])
    return lines


def groups(text):
    """mysys/my_default.c of MariaDB, as far as its lines are written here"""
    lines = []
    for line in text.splitlines():
        if not line or line[0] in "#[":
            continue
        name, value = re.fullmatch(r'([a-z0-9-]+) = "((?:[^"\\]|\\["\\])*)"', line).groups()
        lines.append([name, re.sub(r"\\(.)", r"\1", value)])
    return lines


def sql(text):
    """Words and strings of SQL as MariaDB reads them"""
    words, place = [], 0
    while place < len(text):
        found = re.compile(r"(?s)(\s+|--[^\n]*)|('(?:[^'\\]|''|\\\\)*')|([A-Z]+|[@;])").match(text, place)
        assert found, text[place:]
        _, string, word = found.groups()
        if string:
            words.append(string[1:-1].replace("''", "'").replace("\\\\", "\\"))
        elif word:
            words.append([word])
        place = found.end()
    return words


def stanzas(text):
    """config__read_file_core() of Mosquitto: a value is the rest of its line"""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [[name, value.strip(" ")] for name, value in (line.split(" ", 1) for line in lines)]


def blocks(text):
    """NATS' conf/lex.go, as far as its words are written here"""
    lines, string = [], r'"((?:[^"\\]|\\["\\])*)"'
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("#"):
            continue
        name, value = re.fullmatch(rf"(?:([a-z_]+)(?:: | )?)?({string}|[0-9]+|true|false|[\[\]{{}}])", line).group(1, 2)
        if value.startswith('"'):
            value = [re.sub(r"\\(.)", r"\1", value[1:-1])]
            if not name and not lines[-1][0]:
                lines[-1][1] += value
                continue
        lines.append([name, value])
    return lines


def conninfo(value):
    """conninfo_parse() of libpq"""
    pairs, place = {}, 0
    while place < len(value):
        found = re.compile(r" ?([a-z]+)=(?:'((?:[^'\\]|\\.)*)'|([^ '\\]+))(?= |$)").match(value, place)
        name, quoted, bare = found.groups()
        assert name not in pairs, "given twice"
        pairs[name] = bare if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        place = found.end()
    return pairs


def columns(text):
    """next_token() of hba.c in PostgreSQL"""
    lines = []
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        assert re.fullmatch(r'(?:[a-z0-9=-]+|"(?:[^"]|"")*")(?: (?:[a-z0-9=-]+|"(?:[^"]|"")*"))*', line), line
        words = re.findall(r'[a-z0-9=-]+|"(?:[^"]|"")*"', line)
        lines.append([word[1:-1].replace('""', '"') if word[0] == '"' else word for word in words])
    return lines


def yaml_columns(text):
    """Patroni's file: of lines in pg_hba and pg_ident that are written, not given, the words with a mark between"""
    document = yaml.safe_load(text)
    for name in ["pg_hba", "pg_ident"]:
        lines = document.get("postgresql", {}).get(name, [])
        written = re.compile(r'(local|hostssl|patroni|members|certctl) "?')
        words = ["\x1f".join(columns(line)[0]) if written.match(line) else line for line in lines]
        if lines:
            document["postgresql"][name] = words
    return document


def properties(text):
    """java.util.Properties.load, but for lines that go on in the next: a backslash at an end is an escaped one"""
    found = []
    for line in text.split("\n"):
        assert "\r" not in line, line
        if not line or line.startswith("#"):
            continue
        assert line.isascii(), line
        match = re.fullmatch(r"([A-Za-z.]+)=((?:[^\\]|\\(?:[\\ ]|u[0-9a-f]{4}))*)", line)
        assert match, line
        units = re.sub(r"\\(u[0-9a-f]{4}|.)", lambda it: chr(int(it[1][1:], 16)) if it[1][0] == "u" else it[1], match[2])
        found.append([match[1], units.encode("utf-16", "surrogatepass").decode("utf-16")])
    return found


def uri(text):
    assert len(text.split()) == 1, text
    parts = urllib.parse.urlsplit(text.strip())
    address = urllib.parse.unquote(parts.netloc)
    return [parts.scheme, address, parts.path, urllib.parse.parse_qsl(parts.query, strict_parsing=True), parts.fragment]


def lines(text):
    return [line for line in text.splitlines() if not line.startswith("#")]


def main():
    language, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    parsers = {
        "apache": apache,
        "assignments": assignments,
        "blocks": blocks,
        "columns": columns,
        "commented": lambda text: assignments(text, "#"),
        "compose": compose,
        "cuttlefish": lambda text: assignments(text, "#", "$("),
        "environment": environment,
        "groups": groups,
        "haproxy": haproxy,
        "hcl": hcl,
        "hocon": hocon,
        "json": json.loads,
        "k8s": k8s,
        "lines": lines,
        "nginx": nginx,
        "properties": properties,
        "python": python,
        "redis": redis,
        "settings": settings,
        "shell": shell,
        "sql": sql,
        "stanzas": stanzas,
        "systemd": systemd,
        "uri": uri,
        "words": lambda text: [shlex.split(line) for line in text.splitlines() if not line.startswith("#")],
        "yaml": yaml.safe_load,
        "yamlcolumns": yaml_columns,
    }
    stand_ins = os.path.abspath(f"{folder}.programs")
    os.environ["STAND_INS"] = stand_ins
    os.makedirs(stand_ins)
    for name in PROGRAMS:
        with open(f"{stand_ins}/{name}", "w") as file:
            file.write(STAND_IN)
        os.chmod(file.name, 0o755)

    def parse(number):
        try:
            with open(f"{folder}/{number}", newline="") as file:
                return parsers[language](file.read())
        except Exception as error:
            return {"error": repr(error)}

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for structure in pool.map(parse, range(count)):
            print(json.dumps(structure))


main()
