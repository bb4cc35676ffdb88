"""Checks calls of AWS APIs against botocore's service models, and sends them to an endpoint (moto).

python apply.py < {"endpoint": "http://127.0.0.1:5000" | null, "stages": [[call, …], …]}
  where a call is {"id", "service", "operation", "region", "params", "made"?, "isOnlyChecked"?}

Each stage starts in an empty account. Without an endpoint nothing is sent. Prints a JSON line for each call, in their order:
{"id", "status", "message"?, "made"?}, with the status
  checked   the model accepts the parameters
  applied   the endpoint has accepted the call
  invalid   the model rejects the parameters
  refused   the endpoint has rejected the call
  missing   the endpoint does not implement the operation
"""

import json
import re
import sys
import urllib.request

import jmespath
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, UnknownServiceError
from botocore.parsers import ResponseParserError
from botocore.session import Session
from botocore.validate import ParamValidator

session = Session()
models, clients = {}, {}


def fit(value, shape, path):
    """Converts a value to the names and types of the shape. Raises ValueError for a key that is not in the shape."""
    kind = shape.type_name
    if kind == "structure":
        members = {name.lower(): name for name in shape.members}
        if {"quantity", "items"} <= members.keys():
            value = quantified(value)
        if not isinstance(value, dict):
            raise ValueError(f"{path} is no structure: {value!r}")
        fitted = {}
        for key, each in value.items():
            name = members.get(key.lower())
            if name is None:
                raise ValueError(f"{path} has no member {key!r}, only {', '.join(shape.members)}")
            if each is not None:
                fitted[name] = fit(each, shape.members[name], f"{path}.{name}")
        return fitted
    if kind == "list":
        values = value if isinstance(value, list) else [value]
        return [fit(each, shape.member, f"{path}[{index}]") for index, each in enumerate(values)]
    if kind == "map":
        return {key: fit(each, shape.value, f"{path}.{key}") for key, each in value.items()}
    if kind == "string" and isinstance(value, (int, float)):
        return json.dumps(value)
    if kind in ("float", "double"):
        return float(value)
    if kind == "blob" and isinstance(value, str):
        return value.encode()
    return value


def quantified(value):
    """Converts a list to CloudFront's form, which contains the number of its items."""
    if isinstance(value, list):
        value = {"items": value}
    items = value.get("items")
    return {"quantity": len(items), **value} if isinstance(items, list) else {"quantity": 0, **value}


def problems(value, shape, path, stand_ins):
    """Checks limits that botocore leaves to AWS: enums, patterns, and maximum values. Evaluated values (stand_ins) replace real ones and are not checked."""
    if isinstance(value, str) and any(each in value for each in stand_ins):
        return
    kind, limits = shape.type_name, shape.metadata
    if kind == "structure":
        for name, each in value.items():
            yield from problems(each, shape.members[name], f"{path}.{name}", stand_ins)
    elif kind == "list":
        for index, each in enumerate(value):
            yield from problems(each, shape.member, f"{path}[{index}]", stand_ins)
    elif kind == "map":
        for key, each in value.items():
            yield from problems(each, shape.value, f"{path}.{key}", stand_ins)
    elif kind == "string":
        if limits.get("enum") and value not in limits["enum"]:
            yield f"{path} must be one of {', '.join(limits['enum'])}, not {value!r}"
        pattern = limits.get("pattern")
        if pattern and not matches(pattern, value):
            yield f"{path} must match {pattern}, not {value!r}"
    size = value if kind in ("integer", "long", "float", "double") else len(value) if hasattr(value, "__len__") else None
    if size is not None and "max" in limits and size > float(limits["max"]):
        yield f"{path} may be at most {limits['max']}, not {size}"


def matches(pattern, value):
    try:
        return re.search(pattern, value) is not None
    except re.error:  # written for Java: Python has no \p{…}
        return True


class Answers:
    """Maps the values that the evaluation generated (an id such as `vpc-vpc-id`, an ARN) to the real values in responses."""

    def __init__(self):
        self.real = {}
        self.stand_ins = set()

    def add(self, made, answer):
        for value, path in made.items():
            real = jmespath.search(path, answer)
            if isinstance(real, str):
                self.real[value] = real
            else:
                self.stand_ins.add(value)

    def put_into(self, value):
        if isinstance(value, dict):
            return {key: self.put_into(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.put_into(each) for each in value]
        if isinstance(value, str):
            for evaluated, real in self.real.items():
                if evaluated in value:
                    value = re.sub(rf"(?<![\w/-]){re.escape(evaluated)}(?![\w-])", lambda _: real, value)
        return value


def client_of(service, region, endpoint):
    key = (service, region)
    if key not in clients:
        clients[key] = session.create_client(
            service,
            region_name=region,
            endpoint_url=endpoint,
            aws_access_key_id="local",
            aws_secret_access_key="local-emulator",
            config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}, inject_host_prefix=False),
        )
    return clients[key]


def check(call, params, stand_ins):
    """Returns the parameters in the form of the model. Raises ValueError with everything that the model rejects."""
    service = call["service"]
    if service not in models:
        models[service] = session.get_service_model(service)
    shape = models[service].operation_model(call["operation"]).input_shape
    fitted = fit(params, shape, call["operation"])
    report = ParamValidator().validate(fitted, shape)
    found = ([report.generate_report()] if report.has_errors() else []) or list(problems(fitted, shape, call["operation"], stand_ins))
    if found:
        raise ValueError("; ".join(found))
    return fitted


def is_missing(error):
    """Returns whether moto does not implement the operation. It reports that in several ways."""
    if not isinstance(error, ClientError):
        return False
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    code = error.response.get("Error", {}).get("Code", "")
    text = str(error)
    return status == 501 or code in ("404", "NotImplemented") or "not been implemented" in text or "Not yet implemented" in text


def perform(call, endpoint, answers):
    made = call.get("made", {})
    try:
        fitted = check(call, answers.put_into(call["params"]), answers.stand_ins)
    except (ValueError, UnknownServiceError) as error:
        answers.add(made, {})
        return {"status": "invalid", "message": str(error)}
    if endpoint is None or call.get("isOnlyChecked"):
        answers.add(made, {})
        return {"status": "checked"}
    client = client_of(call["service"], call["region"], endpoint)
    try:
        answer = client._make_api_call(call["operation"], fitted)
    except ResponseParserError as error:  # an HTML page: moto does not support the path, or failed
        answers.add(made, {})
        return {"status": "missing", "message": re.sub(r"\\n|<[^>]*>", " ", str(error))}
    except (ClientError, BotoCoreError) as error:
        answers.add(made, {})
        return {"status": "missing" if is_missing(error) else "refused", "message": str(error)}
    answers.add(made, answer)
    return {"status": "applied", "made": {value: answers.real.get(value) for value in made}}


def main():
    job = json.load(sys.stdin)
    for calls in job["stages"]:
        if job["endpoint"] is not None:
            urllib.request.urlopen(urllib.request.Request(f"{job['endpoint']}/moto-api/reset", method="POST")).close()
        answers = Answers()
        for call in calls:
            print(json.dumps({"id": call["id"], **perform(call, job["endpoint"], answers)}), flush=True)


main()
