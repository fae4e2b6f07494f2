"""Errors as boto3's users catch them."""

from checks import check, connect, create, equal, fails_with

FIRST_SHARD = "shardId-000000000000"


@check
def errors_are_classes_of_their_own(kinesis):
    create(kinesis, "erring")
    missing = fails_with(
        "ResourceNotFoundException",
        lambda: kinesis.describe_stream(StreamName="nowhere"),
        "Stream nowhere under account 111122223333 not found.",
    )
    assert isinstance(missing, kinesis.exceptions.ResourceNotFoundException), type(missing)
    equal(missing.response["ResponseMetadata"]["HTTPStatusCode"], 400)
    try:
        kinesis.create_stream(StreamName="erring", ShardCount=1)
        raise AssertionError("a second stream of one name was made")
    except kinesis.exceptions.ResourceInUseException as error:
        equal(error.operation_name, "CreateStream")
    try:
        kinesis.get_records(ShardIterator="garbled")
        raise AssertionError("a garbled iterator was taken")
    except kinesis.exceptions.InvalidArgumentException:
        pass


@check
def validation_names_every_violation(kinesis):
    unchecked = connect(parameter_validation=False)
    fails_with(
        "ValidationException",
        lambda: unchecked.put_record(StreamName="not a name", PartitionKey="", Data=b""),
        "2 validation errors detected",
        "streamName",
        "partitionKey",
    )


@check
def a_shard_that_is_written_to_too_fast_throttles(kinesis):
    create(kinesis, "narrow")
    once = connect(retries={"total_max_attempts": 1})
    entries = [{"PartitionKey": "a", "Data": bytes(100 * 1024)} for _ in range(30)]
    answer = once.put_records(StreamName="narrow", Records=entries)
    failed = [record for record in answer["Records"] if "ErrorCode" in record]
    equal(answer["FailedRecordCount"], len(failed))
    assert 0 < len(failed) < len(entries), f"{len(failed)} of {len(entries)} failed"
    equal({record["ErrorCode"] for record in failed}, {"ProvisionedThroughputExceededException"})
    equal(
        {record["ErrorMessage"] for record in failed},
        {f"Rate exceeded for shard {FIRST_SHARD} in stream narrow under account 111122223333."},
    )


@check
def answers_carry_request_ids_of_their_own(kinesis):
    answers = [kinesis.list_streams()["ResponseMetadata"] for _ in range(3)]
    equal([answer["HTTPStatusCode"] for answer in answers], [200] * 3)
    equal(len({answer["RequestId"] for answer in answers}), 3, "request ids")
    assert all(answer["HTTPHeaders"].get("x-amz-id-2") for answer in answers), answers
