"""What a browser would make of a page: its elements, and what the parser of Python's library reads in them.

    page.py FILE      prints it as JSON
"""

import base64
import hashlib
import html.parser
import json
import sys


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = {"tags": [], "attributes": [], "uses": [], "aliases": [], "keys": [], "cells": [],
                      "script": [], "style": [], "policy": None}
        self.open = []
        self.text = None

    def handle_starttag(self, tag, attributes):
        self.found["tags"].append(tag)
        self.found["attributes"] += [name for name, _ in attributes]
        values = dict(attributes)
        if values.get("http-equiv"):
            self.found["policy"] = values["content"]
        if tag in ("meta", "input", "path"):
            return
        self.open.append((tag, values.get("class", "")))
        if tag == "li" and ("ul", "uses") in self.open:
            self.found["uses"].append([values["class"], values["title"]])
        if tag == "li" and ("ul", "aliases") in self.open:
            self.found["aliases"].append(values["title"])
        if tag == "h2" and "title" in values:
            self.found["keys"].append(values["title"])

    def handle_endtag(self, tag):
        if tag == "path":
            return
        opened, _ = self.open.pop()
        if opened != tag:
            raise SystemExit(f"{tag} ends {opened} at {self.getpos()}")

    def handle_data(self, data):
        tag = self.open[-1][0] if self.open else None
        if tag in ("script", "style"):
            digest = base64.b64encode(hashlib.sha256(data.encode()).digest()).decode()
            self.found[tag].append(f"'sha256-{digest}'")
        if tag == "td":
            self.found["cells"].append(data)


page = Page()
with open(sys.argv[1], encoding="utf-8") as file:
    page.feed(file.read())
page.close()
if page.open:
    raise SystemExit(f"left open: {page.open}")
page.found["tags"] = sorted(set(page.found["tags"]))
page.found["attributes"] = sorted(set(page.found["attributes"]))
json.dump(page.found, sys.stdout)
