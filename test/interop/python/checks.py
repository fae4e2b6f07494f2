"""Runs checks one after another and reports each as a line of JSON (see support/checks.ts)."""

import datetime
import json
import os
import sys
import time
import traceback

import boto3
import botocore.config
import botocore.exceptions

CHECKS = []
ANSWERED_OPERATIONS = set()


def check(function):
    """Adds a function to the checks; its name, in words, is the check's."""
    CHECKS.append(function)
    return function


def name_of(function):
    return function.__name__.replace("_", " ")


def connect(**config):
    """A client as users make one. Environment variables say who calls and whose certificates are trusted."""
    kinesis = boto3.client(
        "kinesis", endpoint_url=os.environ["KLOAD_ENDPOINT"], config=botocore.config.Config(**config)
    )
    kinesis.meta.events.register("after-call.kinesis.*", note_answer)
    return kinesis


def note_answer(model, http_response, **_):
    if http_response.status_code == 200:
        ANSWERED_OPERATIONS.add(model.name)


def equal(actual, expected, what="value"):
    assert actual == expected, f"{what} is\n  {actual!r}\nand should be\n  {expected!r}"


def fails_with(code, call, *words):
    """The error that the call ends with, which has the code, a request id, and the words in its message."""
    try:
        answer = call()
    except botocore.exceptions.ClientError as error:
        equal(error.response["Error"]["Code"], code, "the error's code")
        message = error.response["Error"]["Message"]
        for word in words:
            assert word in message, f"{word!r} is not in the message {message!r}"
        assert error.response["ResponseMetadata"]["RequestId"], "the error has no request id"
        return error
    raise AssertionError(f"{code} was expected, the answer was {answer!r}")


def until(look, what, timeout_s=30):
    """What `look` returns once it is true."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        seen = look()
        if seen:
            return seen
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {timeout_s} s")


def summary(kinesis, stream):
    return kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]


def until_active(kinesis, stream):
    """The summary of the stream once it is ACTIVE."""

    def active():
        seen = summary(kinesis, stream)
        return seen if seen["StreamStatus"] == "ACTIVE" else None

    return until(active, f"{stream} is ACTIVE")


def create(kinesis, stream, shards=1, **more):
    """Creates a stream, waits until it is ACTIVE, and returns its ARN."""
    kinesis.create_stream(StreamName=stream, ShardCount=shards, **more)
    return until_active(kinesis, stream)["StreamARN"]


def register(kinesis, stream_arn, consumer):
    """Registers a consumer, waits until it is ACTIVE, and returns its ARN."""
    arn = kinesis.register_stream_consumer(StreamARN=stream_arn, ConsumerName=consumer)["Consumer"]["ConsumerARN"]

    def active():
        described = kinesis.describe_stream_consumer(ConsumerARN=arn)["ConsumerDescription"]
        return described["ConsumerStatus"] == "ACTIVE"

    until(active, f"{consumer} is ACTIVE")
    return arn


def recent(timestamp):
    """Whether it is a time within the last minute, in the client's own type."""
    age = datetime.datetime.now(datetime.timezone.utc) - timestamp
    assert abs(age.total_seconds()) < 60, f"{timestamp} is {age} old"


def main():
    if "--list" in sys.argv:
        print(json.dumps([name_of(function) for function in CHECKS]))
        return
    kinesis = connect(max_pool_connections=50)
    for function in CHECKS:
        line = {"check": name_of(function)}
        try:
            function(kinesis)
        except Exception:
            line["error"] = traceback.format_exc()
        print(json.dumps(line), flush=True)
