"""The moto server as this project runs it: on a free loopback port, quiet, with gaps.py applied, counting changes.

Usage: server.py RECORD FINGERPRINT

Once it listens it writes RECORD, a JSON file with its pid, port, start and FINGERPRINT. `GET /_local/generation` answers
{"generation": N, "pid": P}: N grows whenever a call may have changed what is provisioned, so whoever keeps a picture of the
world reads it again only then.
"""

import io
import json
import os
import signal
import sys
import threading
import time
import urllib.parse

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server
from werkzeug.test import Client

import gaps

GENERATION_PATH = "/_local/generation"

# Actions that leave what is provisioned alone, by the start of their name; and those that only handle data.
READS = ("BatchGet", "Describe", "Get", "Head", "List", "Search", "Simulate")
DATA = {
    "dynamodb": {"PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchWriteItem", "TransactGetItems",
                 "TransactWriteItems", "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"},
    "kms": {"Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateRandom",
            "Sign", "Verify", "GenerateMac", "VerifyMac"},
    "lambda": {"invocations"},
    "logs": {"PutLogEvents", "StartQuery", "FilterLogEvents"},
    "monitoring": {"PutMetricData"},
    "xray": {"PutTraceSegments", "PutTelemetryRecords", "TraceSegments", "TelemetryRecords"},
}

# One read of each service: its target for JSON, its action and version for forms, or its path.
FIRST_READS = {
    "acm": "CertificateManager.ListCertificates",
    "apigateway": "/restapis",
    "dynamodb": "DynamoDB_20120810.ListTables",
    "ec2": "Action=DescribeVpcs&Version=2016-11-15",
    "elasticloadbalancing": "Action=DescribeLoadBalancers&Version=2015-12-01",
    "iam": "Action=ListRoles&Version=2010-05-08",
    "kms": "TrentService.ListAliases",
    "lambda": "/2015-03-31/functions",
    "logs": "Logs_20140328.DescribeLogGroups",
    "route53": "/2013-04-01/hostedzone",
    "s3": "/",
    "secretsmanager": "secretsmanager.ListSecrets",
    "tagging": "ResourceGroupsTaggingAPI_20170126.GetResources",
}


class Counted:
    """A WSGI application that counts the calls which may change what is provisioned."""

    def __init__(self, inner):
        self.inner = inner
        self.generation = 0
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        if environ.get("PATH_INFO") == GENERATION_PATH:
            return self.answer(start_response)
        counts = may_change_something(environ)
        try:
            return self.inner(environ, start_response)
        finally:
            if counts:  # after the call: whoever read the world during it sees a newer number and reads again
                with self.lock:
                    self.generation += 1

    def answer(self, start_response):
        body = json.dumps({"generation": self.generation, "pid": os.getpid()}).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]


def may_change_something(environ):
    """Whether this request is a control-plane call other than a read."""
    service = service_of(environ.get("HTTP_AUTHORIZATION", ""))
    if service == "sts":
        return False
    action = action_of(environ)
    if action in DATA.get(service, ()):
        return False
    if action is None or action == environ["PATH_INFO"].rstrip("/").rsplit("/", 1)[-1]:
        return environ["REQUEST_METHOD"] not in ("GET", "HEAD", "OPTIONS")
    return not action.startswith(READS)


def service_of(authorization):
    """The service in the credential scope: Credential=KEY/DATE/REGION/SERVICE/aws4_request."""
    scope = authorization.partition("Credential=")[2].split(",")[0].split("/")
    return scope[3] if len(scope) == 5 else ""


def action_of(environ):
    """The action of a JSON, CBOR or query call; the last path segment of a REST call, whose method says the rest."""
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return target.rsplit(".", 1)[-1]
    form = environ["QUERY_STRING"]
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)  # for the application behind this one
        form = body.decode("utf-8", "replace")
    if action := urllib.parse.parse_qs(form).get("Action"):
        return action[0]
    return environ["PATH_INFO"].rstrip("/").rsplit("/", 1)[-1] or None


class QuietHandler(MotoRequestHandler):
    """Logs errors, not every request."""

    def log_request(self, *_):
        pass


def warm(app):
    """Asks each service once, as an account that nobody uses: moto loads a service with its first call, which takes a while."""
    client = Client(app)
    for service, read in FIRST_READS.items():
        scope = f"Credential=000000000000/20300101/eu-west-1/{service}/aws4_request"
        headers = {"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=none"}
        if read.startswith("/"):
            client.get(read, headers=headers)
        elif read.startswith("Action="):
            client.post("/", headers=headers, data=read, content_type="application/x-www-form-urlencoded")
        else:
            headers["X-Amz-Target"] = read
            client.post("/", headers=headers, data="{}", content_type="application/x-amz-json-1.1")


def announce(record, port, fingerprint):
    """Writes the record whole or not at all."""
    draft = f"{record}.draft-{os.getpid()}"
    with open(draft, "w", encoding="utf-8") as file:
        json.dump({"pid": os.getpid(), "port": port, "started": int(time.time()), "fingerprint": fingerprint}, file)
    os.replace(draft, record)


def main(record, fingerprint):
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # nothing is kept, so there is nothing to put in order
    gaps.close_all()
    app = Counted(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    os.environ["MOTO_PORT"] = str(server.port)  # moto calls itself for some features
    announce(record, server.port, fingerprint)
    threading.Thread(target=warm, args=(app.inner,), daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
