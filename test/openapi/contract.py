"""The server's OpenAPI document: what it gives for an operation, and whether an answer keeps to it."""
import csv
import io
import json
import re

import jsonschema


class Disagreement(AssertionError):
    """The server and its document do not say the same."""


def json_of(text):
    """A JSON text, read strictly: RFC 8259, no key twice, whole characters only. ValueError otherwise."""
    def members(pairs):
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a key stands twice")
        return dict(pairs)

    def no_number(word):
        raise ValueError(f"{word} is no number")

    value = json.loads(text.decode("utf-8") if isinstance(text, bytes) else text,
                       object_pairs_hook=members, parse_constant=no_number)
    json.dumps(value, ensure_ascii=False).encode("utf-8")  # half a pair of surrogates is no text
    return value


def essence(media_type):
    return (media_type or "").split(";")[0].strip().lower()


class Operation:
    def __init__(self, document, path, method, words):
        self.document, self.path, self.method = document, path, method.upper()
        self.name = words["operationId"]
        self.roles = words["x-roles"]
        self.stands_open = words["security"] == []
        self.parameters = [document.resolve(parameter) for parameter in words["parameters"]]
        self.bodies = words.get("requestBody", {}).get("content", {})
        self.responses = {int(status): document.resolve(response) for status, response in words["responses"].items()}

    def __repr__(self):
        return f"{self.method} {self.path}"

    def body_schema(self, media_type):
        return self.bodies[media_type]["schema"]

    def check(self, status, headers, body):
        """Whether an answer is one of those that the document gives. Returns its JSON, if it is JSON."""
        if status not in self.responses:
            raise Disagreement(f"{self} is answered with {status}, which is not among {sorted(self.responses)}")
        response = self.responses[status]
        self.check_headers(status, headers, response.get("headers", {}))
        content = response.get("content")
        if content is None:
            if body or headers.get("Content-Type"):
                raise Disagreement(f"{self}: {status} has content: {headers.get('Content-Type')} {body[:200]!r}")
            return None
        media_type = essence(headers.get("Content-Type"))
        if media_type not in content:
            raise Disagreement(f"{self}: {status} is {media_type!r}, which is not among {sorted(content)}")
        value = text_of(self, status, body)
        if media_type.endswith(("/json", "+json")):
            try:
                value = json_of(value)
            except ValueError as fault:
                raise Disagreement(f"{self}: {status} is not JSON: {fault}: {body[:300]!r}") from fault
        self.document.check(content[media_type]["schema"], value, f"{self}: {status}")
        self.check_rows(status, media_type, content[media_type]["schema"], value)
        return value

    def check_rows(self, status, media_type, schema, text):
        """Of CSV and ndjson, whose schema has that of a row."""
        row_schema = self.document.row_of(schema)
        if row_schema is None:
            return
        rows = csv.DictReader(io.StringIO(text)) if media_type == "text/csv" else [json_of(line) for line in text.splitlines()]
        for number, row in enumerate(rows):
            if media_type == "text/csv" and (None in row or None in row.values()):
                raise Disagreement(f"{self}: {status}: row {number} has not as many fields as the head: {row}")
            if not set(row) <= set(row_schema["properties"]):
                raise Disagreement(f"{self}: {status}: row {number} has what is not listed: {sorted(row)}")
            self.document.check(row_schema, row, f"{self}: {status}: row {number}")

    def check_headers(self, status, headers, given):
        for name, header in given.items():
            value = headers.get(name)
            if value is None:
                if header.get("required"):
                    raise Disagreement(f"{self}: {status} is without {name}")
                continue
            if header["schema"].get("type") == "integer":
                value = int(value)
            self.document.check(header["schema"], value, f"{self}: {status} {name}")


def text_of(operation, status, body):
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise Disagreement(f"{operation}: {status} is not UTF-8: {body[:300]!r}") from fault


class Document:
    def __init__(self, text):
        self.whole = json_of(text)
        self.validators = {}
        self.operations = [Operation(self, path, method, words) for path, methods in self.whole["paths"].items()
                           for method, words in methods.items()]

    def operation(self, name):
        return next(operation for operation in self.operations if operation.name == name)

    def resolve(self, thing):
        while "$ref" in thing and thing["$ref"].startswith("#/components/") and "/schemas/" not in thing["$ref"]:
            thing = self.at(thing["$ref"])
        return thing

    def at(self, reference):
        value = self.whole
        for step in reference.removeprefix("#/").split("/"):
            value = value[step]
        return value

    def row_of(self, schema):
        """What each row of a text keeps to; None where it has none."""
        whole = self.at(schema["$ref"]) if "$ref" in schema else schema
        row = whole.get("x-row")
        return self.at(row["$ref"]) if row and "$ref" in row else row

    def validator(self, schema):
        key = json.dumps(schema, sort_keys=True)
        if key not in self.validators:
            root = {"components": self.whole["components"], "allOf": [schema]}
            self.validators[key] = jsonschema.Draft202012Validator(root)
        return self.validators[key]

    def allows(self, schema, value):
        return self.validator(schema).is_valid(value)

    def check(self, schema, value, where):
        fault = jsonschema.exceptions.best_match(self.validator(schema).iter_errors(value))
        if fault is not None:
            place = "/".join(str(step) for step in fault.absolute_path)
            raise Disagreement(f"{where}: at '{place}': {fault.message[:400]}")

    def check_itself(self):
        """Every schema is one, every reference leads somewhere, every object says whether it is closed."""
        for name, schema in self.whole["components"]["schemas"].items():
            jsonschema.Draft202012Validator.check_schema(schema)
            for part in parts_of(schema):
                if part.get("type") == "object" and "additionalProperties" not in part and name not in OPEN:
                    raise Disagreement(f"the schema {name} has an object that is not closed")
        for part in parts_of(self.whole):
            if isinstance(part.get("$ref"), str):
                self.at(part["$ref"])
        for operation in self.operations:
            for status, response in operation.responses.items():
                for media_type, content in response.get("content", {}).items():
                    if "schema" not in content:
                        raise Disagreement(f"{operation}: {status} {media_type} has no schema")

    def events(self):
        """The schema of each event's data, by the event's name."""
        return self.at("#/components/schemas/EventStream")["contentSchema"]["properties"]

    def check_events(self, operation, text):
        """Server-sent events. Returns their names."""
        schemas = self.events()
        names = []
        for block in text.split("\n\n")[:-1]:
            fields = {}
            for line in block.split("\n"):
                if line.startswith(":"):
                    continue
                name, _, value = line.partition(": ")
                if name in fields or name not in ("event", "id", "data"):
                    raise Disagreement(f"{operation}: a frame that is none: {block!r}")
                fields[name] = value
            if not fields:
                continue
            name = fields.get("event")
            if name not in schemas:
                raise Disagreement(f"{operation}: the event {name!r} is not among {sorted(schemas)}")
            self.check(schemas[name], json_of(fields["data"]), f"{operation}: event {name}")
            names.append(name)
        return names


# What may have more members than are listed.
OPEN = ("ScanGiven", "ScansGiven", "ScansCsv", "PeopleCsv", "PairingsCsv", "ThisDocument")


def parts_of(value):
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from parts_of(part)


def words_in_source(text):
    """The status and word of each problem that a C source answers with."""
    for status, word in re.findall(r'(?:exchange_problem|exchange_refuse|response_problem|answer_and_close|refuse_caller)'
                                   r'\(\s*(?:[a-z>.-]+,\s*)?(\d{3}),\s*"([a-z-]+)"', text):
        yield int(status), word
    for status, word in re.findall(r'status == (\d{3}) \? "([a-z-]+)"', text):
        yield int(status), word
    for word in re.findall(r'urn:whereabouts:problem:([a-z-]+)', text):
        yield None, word
