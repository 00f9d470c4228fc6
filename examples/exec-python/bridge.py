"""A bridge between reseat and the company's wiki, which keeps its users in a JSON file.

reseat writes one request a line, and reads one answer a line (docs/adapter-protocol.md). Everything that is not an answer
goes to standard error: it is shown when the bridge fails. Standard library only.
"""

import json
import os
import sys

PAGE = 2  # A real tool would have hundreds on a page.


class Refused(Exception):
    """Something that cannot be done, in the protocol's words."""

    def __init__(self, kind, message, **more):
        super().__init__(message)
        self.answer = {"kind": kind, "message": message, **more}


class Wiki:
    """The tool. Another one would be asked over its own interface here."""

    def __init__(self, path):
        self.path = path

    def read(self):
        with open(self.path, encoding="utf-8") as file:
            return json.load(file)

    def write(self, data):
        # An answer says that it is done, so it has to be on the disk before.
        draft = self.path + ".new"
        with open(draft, "w", encoding="utf-8") as file:
            json.dump(data, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, self.path)


def account(user):
    holdings = [{"license": user["plan"]}] if user["plan"] else []
    return {"id": user["user"], "email": user["mail"], "holdings": holdings}


def taken(data, plan):
    return sum(user["plan"] == plan for user in data["users"])


def pools(data):
    return [
        {"license": plan, "total": total, "used": taken(data, plan)}
        for plan, total in data["seats"].items()
    ]


def find(data, name):
    return next((user for user in data["users"] if user["user"] == name), None)


def describe(wiki, request):
    if 1 not in request["protocols"]:
        raise Refused("unsupported", "this bridge speaks version 1 of the protocol")
    if not os.environ.get("WIKI_TOKEN"):
        raise Refused("denied", "WIKI_TOKEN is empty", help="name it below `secrets` of the tenant")
    return {
        "protocol": 1,
        "name": "wiki-bridge",
        "version": "1.0",
        "can": ["observe", "account", "pools", "execute", "busy"],
    }


def observe(wiki, request):
    data = wiki.read()
    start = int(request["cursor"] or 0)
    page = data["users"][start : start + PAGE]
    rest = start + PAGE < len(data["users"])
    return {
        "accounts": [account(user) for user in page],
        "pools": pools(data),
        "next": str(start + PAGE) if rest else None,
    }


def one_account(wiki, request):
    user = find(wiki.read(), request["account"])
    return {"account": account(user) if user else None}


def execute(wiki, request):
    order = request["operation"]
    data = wiki.read()
    user = find(data, order["account"])
    if user is None:
        raise Refused("not-found", "the wiki has no user " + order["account"])
    if order["kind"] == "remove":
        before, after = order["license"], None
    elif order["kind"] == "assign":
        before, after = None, order["license"]
    elif order["kind"] == "change":
        before, after = order["license"], order["to"]
    else:
        raise Refused("unsupported", "the wiki cannot " + order["kind"])
    if user["plan"] == after:
        return {"state": "already"}
    if user["plan"] != before:
        raise Refused("conflict", "the user has another plan by now")
    if after is not None and taken(data, after) >= data["seats"].get(after, 0):
        raise Refused("no-seat", "no seat of " + after + " is free", help="buy one")
    user["plan"] = after
    wiki.write(data)
    return {"state": "done"}


ANSWERS = {
    "describe": describe,
    "observe": observe,
    "account": one_account,
    "pools": lambda wiki, request: {"pools": pools(wiki.read())},
    "execute": execute,
    "busy": lambda wiki, request: {"reason": None},
}


def main():
    wiki = Wiki(sys.argv[1])
    for line in sys.stdin:
        request = json.loads(line)
        answer = {"id": request["id"]}
        try:
            answer[request["do"]] = ANSWERS[request["do"]](wiki, request)
        except Refused as refused:
            answer["error"] = refused.answer
        except OSError as error:
            # It is not known what is on the disk now.
            answer["error"] = {"kind": "unavailable", "message": str(error)}
        print(json.dumps(answer), flush=True)


main()
