"""Holds what certctl prints for other programs to what those take: SCHEMA is SARIF's, standard input a list of
[FORMAT, TEXT]. One line on standard output for each mistake."""

import json
import sys
import xml.etree.ElementTree as ElementTree

from jsonschema import Draft4Validator
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

with open(sys.argv[1], encoding="utf-8") as file:
    SCHEMA = json.load(file)

# What all readers of JUnit's format understand: each element with its attributes, and what may stand in it.
JUNIT = {
    "testsuites": ({"name", "tests", "failures", "errors", "time"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped", "time", "timestamp"}, {"testcase"}),
    "testcase": ({"classname", "name", "time"}, {"failure", "system-out"}),
    "failure": ({"type", "message"}, set()),
    "system-out": (set(), set()),
}


def sarif(text):
    document = json.loads(text)
    for error in Draft4Validator(SCHEMA).iter_errors(document):
        yield f"{error.json_path}: {error.message}"
    for run in document.get("runs", []):
        rules = run["tool"]["driver"]["rules"]
        for result in run["results"]:
            if rules[result["ruleIndex"]]["id"] != result["ruleId"]:
                yield f"{result['ruleId']}: another rule"


def junit(text):
    root = ElementTree.fromstring(text.encode())
    if root.tag != "testsuites":
        yield f"the root is {root.tag}"
    for element in root.iter():
        attributes, children = JUNIT[element.tag]
        if set(element.attrib) != attributes:
            yield f"{element.tag}: {sorted(element.attrib)}"
        yield from (f"{child.tag} in {element.tag}" for child in element if child.tag not in children)
        for tag, count in [("testcase", "tests"), ("failure", "failures")]:
            if count in element.attrib and int(element.attrib[count]) != len(list(element.iter(tag))):
                yield f"{element.tag}: {count}"
        if len(element.findall("failure")) > 1:
            yield f"{element.attrib}: two failures"


def metrics(text):
    parsed = [sorted((f.name, sorted((s.name, sorted(s.labels.items()), s.value) for s in f.samples)) for f in parse(text)) for parse in (prometheus, openmetrics)]
    if parsed[0] != parsed[1]:
        yield "both parsers read something else"
    for name, samples in parsed[0]:
        labels = [(sample[0], sample[1]) for sample in samples]
        yield from (f"{name}: twice {label}" for label in labels if labels.count(label) > 1)


for format, text in json.load(sys.stdin):
    try:
        for mistake in {"sarif": sarif, "junit": junit, "prometheus": metrics}[format](text):
            print(f"{format}: {mistake}")
    except Exception as error:
        print(f"{format}: {type(error).__name__}: {error}")
