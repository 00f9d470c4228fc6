"""A tool of the conformance suite: a tenant in state.json, what goes wrong in trouble.json, and what was asked in log.

It gives one license of each exclusive pair to a person, takes as long for a change as takes.txt says, and counts seats.
"""

import json
import os
import sys
import time

PAGE = 50
KEY = "TENANT_KEY"


class Refused(Exception):
    def __init__(self, kind, message, **more):
        super().__init__(message)
        self.answer = {"kind": kind, "message": message, **more}


def load(name, otherwise):
    try:
        with open(name, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return otherwise


def store(name, data):
    with open(name + ".new", "w", encoding="utf-8") as file:
        json.dump(data, file)
    os.replace(name + ".new", name)


def spend(trouble):
    """Whether a trouble that happens so many times happens now."""
    troubles = load("trouble.json", {})
    left = troubles.get(trouble, 0)
    if left:
        store("trouble.json", {**troubles, trouble: left - 1})
    return left > 0


def let_in(writing):
    troubles = load("trouble.json", {})
    if troubles.get("wrong-account"):
        raise Refused("denied", "the key belongs to another customer's account", help="use the key of this account")
    if troubles.get("wrong-role") and writing:
        raise Refused("denied", "the role may not write", help="ask the administrator for a role that may")
    if "key-requests" in troubles:
        if troubles["key-requests"] == 0:
            raise Refused("denied", "the key has expired", help="make a new one")
        store("trouble.json", {**troubles, "key-requests": troubles["key-requests"] - 1})
    if not os.environ.get(KEY):
        raise Refused("denied", KEY + " is not there")


def fresh():
    """The tenant, after everything was carried out whose time has come."""
    state, jobs = load("state.json", None), load("jobs.json", [])
    due = [job for job in jobs if job["due"] <= time.time()]
    for job in due:
        carry_out(state, job["operation"])
    if due:
        store("state.json", state)
        store("jobs.json", [job for job in jobs if job not in due])
    return state


def held(account):
    return [holding["license"] for holding in account["holdings"]]


def carry_out(state, order):
    account = next((one for one in state["accounts"] if one["id"] == order["account"]), None)
    if account is None:
        raise Refused("not-found", "there is nobody of that id")
    pools = {pool["license"]: pool for pool in state["pools"]}
    if order["kind"] == "restore":
        missing = [name for name in order["memberships"] if name not in account.get("memberships", [])]
        account["memberships"] = account.get("memberships", []) + missing
        return "done" if missing else "already"
    pool = pools[order["license"]]
    if order["kind"] == "remove":
        if order["license"] not in held(account):
            return "already"
        account["holdings"] = [one for one in account["holdings"] if one["license"] != order["license"]]
        account["memberships"] = []
        pool["used"] -= 1
        return "done"
    if order["kind"] != "assign":
        raise Refused("unsupported", "the tool cannot " + order["kind"])
    if order["license"] in held(account):
        return "already"
    if held(account):
        raise Refused("conflict", "the person holds another license")
    if pool.get("status", "active") != "active":
        raise Refused("conflict", "the pool is " + pool["status"])
    if pool["used"] >= pool["total"]:
        raise Refused("no-seat", "no seat is free", help="buy one")
    account["holdings"] = [{"license": order["license"]}]
    pool["used"] += 1
    return "done"


def describe(request):
    return {
        "protocol": 1,
        "name": "conformance",
        "version": "1.0",
        "can": ["observe", "account", "pools", "execute", "poll", "busy", "health"],
    }


def shown(account):
    return {key: account[key] for key in ("id", "email", "origin", "memberships", "holdings") if key in account}


def observe(request):
    let_in(False)
    if load("trouble.json", {}).get("garbage"):
        print("<html>it works</html>", flush=True)
    start = int(request["cursor"] or 0)
    if start and load("trouble.json", {}).get("second-page"):
        raise Refused("unavailable", "the page is gone")
    state = fresh()
    if start and spend("mutation"):
        # One person near the front leaves, one at the end arrives: numbered pages shift.
        state["accounts"] = [one for one in state["accounts"] if one["id"] != "u-bo"]
        state["accounts"].append({"id": "u-new", "email": "new@acme.example", "holdings": []})
        store("state.json", state)
    accounts = state["accounts"][start : start + PAGE]
    rest = start + PAGE < len(state["accounts"])
    return {
        "accounts": [shown(account) for account in accounts],
        "pools": state["pools"],
        "next": str(start + PAGE) if rest else None,
        "busy": state.get("busy"),
    }


def one_account(request):
    let_in(False)
    account = next((one for one in fresh()["accounts"] if one["id"] == request["account"]), None)
    return {"account": shown(account) if account else None}


def execute(request):
    let_in(True)
    state = fresh()
    if state.get("busy"):
        raise Refused("busy", state["busy"])
    if spend("throttle"):
        raise Refused("throttled", "too many requests", retry_after=1)
    with open("log", "a", encoding="utf-8") as log:
        log.write(request["operation"]["kind"] + "\n")
    takes = load("takes.json", 0)
    if takes:
        jobs = load("jobs.json", [])
        handle = "job-" + str(len(jobs) + 1) + "-" + request["operation"]["name"]
        store("jobs.json", jobs + [{"handle": handle, "due": time.time() + takes, "operation": request["operation"]}])
        return {"state": "accepted", "handle": handle}
    said = carry_out(state, request["operation"])
    store("state.json", state)
    if spend("lose-answer"):
        sys.exit(1)
    if spend("garbled-answer"):
        print('{"id":' + str(request["id"]) + ',"execute":{"state":"do', flush=True)
        sys.exit(1)
    return {"state": said}


def poll(request):
    fresh()
    at_work = any(job["handle"] == request["handle"] for job in load("jobs.json", []))
    return {"state": "accepted" if at_work else "done"}


ANSWERS = {
    "describe": describe,
    "observe": observe,
    "account": one_account,
    "pools": lambda request: {"pools": fresh()["pools"]},
    "execute": execute,
    "poll": poll,
    "busy": lambda request: {"reason": fresh().get("busy")},
    "health": lambda request: {"role": "editor"},
}

for line in sys.stdin:
    request = json.loads(line)
    answer = {"id": request["id"]}
    try:
        answer[request["do"]] = ANSWERS[request["do"]](request)
    except Refused as refused:
        answer["error"] = refused.answer
    print(json.dumps(answer), flush=True)
