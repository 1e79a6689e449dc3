"""Random requests out of schemas: some that are right, and some that are wrong in one place."""
import copy
import csv
import io
import json
import time

ODD = ["", " ", "é", "\u0001", "\u007f", "\u0085", "a\nb", "ＦＵＬＬ", "\U0001f9ed", "a" * 129, "é" * 100, "'; --", "../..",
       "%2e%2e", "a,b", "a;b", '"', "\\", "\ufeff", "\u202e", "null", "0", "outside", "unknown", "person:", "person:nobody",
       "x" * 5000]
HUGE = [10 ** 30, -(10 ** 30), 2 ** 63, 2 ** 63 - 1, 2 ** 31, 1e308, -1, 0.5]
DEEP = json.loads("[" * 60 + "]" * 60)
TYPES = [None, True, False, 0, -1, "", "x", [], {}, [None], {"x": None}]
HEX = "04A22B1C3D4E80"


def moment(us):
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(us // 1000000))
    part = us % 1000000
    return text + (f".{part:06d}".rstrip("0") if part else "") + "Z"


class Inventor:
    """pools: what there is, by the name of the schema that it keeps to."""

    def __init__(self, random, document, pools, span_us):
        self.random, self.document, self.pools, self.span_us = random, document, pools, span_us

    def chance(self, part):
        return self.random.random() < part

    # ---- Values that are right ----

    def time(self):
        first, last = self.span_us
        us = self.random.choice([self.random.randint(first, last), self.random.randint(first, last),
                                 int(time.time() * 1e6) - self.random.randint(0, 10 ** 9), self.random.randint(-10 ** 15, 10 ** 16)])
        text = moment(us)
        form = self.random.randrange(8)
        if form == 0:
            return text[:-1]  # in the site's time zone
        if form == 1:
            return text[:-1] + self.random.choice(["+02:00", "-11:30"])
        return text

    def word(self):
        return "".join(self.random.choice("abcdefghijklmnop-é ") for _ in range(self.random.randint(1, 12))).strip() or "x"

    def named(self, name):
        """A value of a schema that is known by its name; None: it is made of the schema."""
        makes = {
            "Id": self.word, "ZoneId": self.word, "ReaderId": self.word, "GroupName": self.word, "Purpose": self.word,
            "OperatorName": lambda: f"op-{self.random.randrange(30)}", "PersonId": lambda: f"p-{self.random.randrange(30)}",
            "BandId": lambda: self.random.choice([f"B-{self.random.randrange(60)}", HEX, ":".join(HEX[i:i + 2] for i in range(0, 14, 2))]),
            "TokenId": lambda: f"t-{self.random.randrange(16 ** 8):08x}", "Password": lambda: "a few good words",
            "TimeGiven": self.time, "Duration": lambda: f"{self.random.randint(0, 90)}{self.random.choice('smhd')}",
            "SignedDuration": lambda: f"{self.random.choice(['', '-', '+'])}{self.random.randint(0, 90)}{self.random.choice('smhd')}",
            "Svg": lambda: f'<svg xmlns="http://www.w3.org/2000/svg"><title>{self.random.randrange(9)}</title></svg>',
        }
        if name in self.pools and self.pools[name] and self.chance(0.85):
            return self.random.choice(self.pools[name])
        return makes[name]() if name in makes else None

    def value(self, schema):
        if "$ref" in schema:
            value = self.named(schema["$ref"].split("/")[-1])
            return value if value is not None else self.value(self.document.at(schema["$ref"]))
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self.value(self.random.choice(schema[key]))
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        kind = schema["type"]
        kind = self.random.choice(kind) if isinstance(kind, list) else kind
        return getattr(self, f"{kind}_value")(schema)

    def null_value(self, _):
        return None

    def boolean_value(self, _):
        return self.chance(0.5)

    def integer_value(self, schema):
        least = schema.get("minimum", 0)
        most = schema.get("maximum", least + 1000)
        return self.random.choice([least, most, self.random.randint(least, min(most, least + 100))])

    def number_value(self, _):
        return self.random.choice([0, 1, 12.5, -3, 1e9])

    def string_value(self, schema):
        text = self.word()
        return text[:schema.get("maxLength", len(text))].ljust(schema.get("minLength", 0), "x")

    def array_value(self, schema):
        most = min(schema.get("maxItems", 3), 3)
        items = [self.value(schema["items"]) for _ in range(self.random.randint(schema.get("minItems", 0), most))] if most else []
        return [item for i, item in enumerate(items) if item not in items[:i]]

    def object_value(self, schema):
        needed = schema.get("required", [])
        made = {name: self.value(part) for name, part in schema.get("properties", {}).items()
                if name in needed or self.chance(0.5)}
        more = schema.get("additionalProperties")
        if isinstance(more, dict):
            for _ in range(self.random.randint(0, 2)):
                made[self.value(schema["propertyNames"])] = self.value(more)
        return made

    # ---- Bodies that are right ----

    def rows(self, schema):
        return [self.object_value(schema) for _ in range(self.random.randint(1, 4))]

    def body(self, media_type, schema):
        """The value that the body says (None where it is not JSON), and its bytes."""
        name = schema.get("$ref", "").split("/")[-1]
        if media_type == "application/json":
            value = self.value(schema)
            return value, json.dumps(value, ensure_ascii=self.chance(0.5)).encode()
        row = self.document.row_of(schema)
        if row is None:
            return None, self.named(name).encode()
        rows = self.rows(row)
        if media_type == "text/csv":
            columns = [column for column in row["properties"] if any(column in line for line in rows)]
            return None, self.csv(columns, rows)
        return None, "".join(json.dumps(line) + "\n" for line in rows).encode()

    def csv(self, columns, rows):
        out = io.StringIO()
        writer = csv.DictWriter(out, columns, restval="", lineterminator=self.random.choice(["\n", "\r\n"]))
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue().encode()

    # ---- What is wrong in one place ----

    def places(self, value, path=()):
        yield path
        if isinstance(value, dict):
            for key in value:
                yield from self.places(value[key], path + (key,))
        elif isinstance(value, list):
            for i, item in enumerate(value):
                yield from self.places(item, path + (i,))

    def wrong_value(self, value):
        """Another value than the given one, changed in one place."""
        value = copy.deepcopy(value)
        path = self.random.choice(list(self.places(value)))
        if not path:
            if isinstance(value, dict) and self.chance(0.7):
                value[self.random.choice(["x", "", "Time", "people", "é", "__proto__"])] = self.random.choice(TYPES)
                return value
            return self.random.choice(TYPES + [DEEP, [value]])
        inside = value
        for step in path[:-1]:
            inside = inside[step]
        how = self.random.randrange(4)
        if how == 0:
            del inside[path[-1]]
        elif how == 1 and isinstance(inside[path[-1]], dict):
            inside[path[-1]]["more"] = self.random.choice(TYPES)
        else:
            inside[path[-1]] = self.random.choice(self.random.choice([TYPES, ODD, HUGE, [DEEP]]))
        return value

    def wrong_text(self, text):
        """Bytes that are perhaps not JSON any more."""
        at = self.random.randrange(len(text) + 1)
        return self.random.choice([
            lambda: text[:at],
            lambda: text + self.random.choice([b"}", b"x", b"\0", b"[]"]),
            lambda: text[:at] + bytes([self.random.choice([0, 1, 0x80, 0xC0, 0xFF, 0xED])]) + text[at:],
            lambda: b"\xef\xbb\xbf" + text,
            lambda: text.replace(b":", b": NaN, \"y\":", 1),
            lambda: text.replace(b'"', b'"\\ud800', 1),
            lambda: text.replace(b'"', b'"\\u0000', 1),
            lambda: self.twice(text),
            lambda: text.replace(b"{", b"{,", 1),
            lambda: text.decode("utf-8").encode("utf-16"),
            lambda: b"",
        ])()

    def twice(self, text):
        try:
            value = json.loads(text)
        except ValueError:
            return text + text
        if not isinstance(value, dict) or not value:
            return text + text
        first = json.dumps(next(iter(value)))
        return text.replace(b"{", b"{" + first.encode() + b": null, ", 1)
