"""The rows of src/access/rights.def, for the tests that are generated from them."""
import os
import re
from collections import namedtuple

ROLES = ("anonymous", "reader", "viewer", "warden", "admin")
Right = namedtuple("Right", "method pattern handler kind cells")  # cells: role -> NO, YES, SCOPED, OWN

TABLE = os.path.join(os.environ.get("WB_SOURCE_DIR", os.path.join(os.path.dirname(__file__), "..", "..")),
                     "src", "access", "rights.def")


def rows():
    with open(TABLE, encoding="utf-8") as file:
        text = file.read()
    found = [Right(method, pattern, handler, kind, dict(zip(ROLES, re.split(r",\s*", cells))))
             for method, pattern, handler, kind, cells
             in re.findall(r'^RIGHT\((\w+),\s*"([^"]+)",\s*(\w+),\s*(\w+),\s*([\w,\s]+)\)', text, re.M)]
    # A row that this cannot read would be a row that nobody tries.
    assert len(found) == len(re.findall(r"^RIGHT\(", text, re.M)) > 40, len(found)
    return found
