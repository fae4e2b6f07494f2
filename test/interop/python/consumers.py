"""Consumers with enhanced fan-out, registered and subscribed."""

from checks import check, create, equal, fails_with, recent, register, until

FIRST_SHARD = "shardId-000000000000"
FROM_THE_START = {"Type": "TRIM_HORIZON"}


@check
def consumers_are_registered_described_listed_and_deregistered(kinesis):
    stream = create(kinesis, "fanned")
    for name in ("one", "two", "three"):
        register(kinesis, stream, name)
    described = kinesis.describe_stream_consumer(StreamARN=stream, ConsumerName="one")["ConsumerDescription"]
    equal([described["ConsumerName"], described["StreamARN"]], ["one", stream])
    assert described["ConsumerARN"].startswith(f"{stream}/consumer/one:"), described["ConsumerARN"]
    recent(described["ConsumerCreationTimestamp"])

    paginator = kinesis.get_paginator("list_stream_consumers")
    pages = list(paginator.paginate(StreamARN=stream, PaginationConfig={"PageSize": 2}))
    equal(len(pages), 2, "pages")
    listed = [consumer["ConsumerName"] for page in pages for consumer in page["Consumers"]]
    equal(sorted(listed), ["one", "three", "two"])

    kinesis.deregister_stream_consumer(ConsumerARN=described["ConsumerARN"])
    kinesis.deregister_stream_consumer(StreamARN=stream, ConsumerName="two")

    def left():
        consumers = kinesis.list_stream_consumers(StreamARN=stream)["Consumers"]
        return [consumer["ConsumerName"] for consumer in consumers] == ["three"]

    until(left, "only three is left")


@check
def a_subscription_delivers_what_is_there_and_what_comes(kinesis):
    consumer = register(kinesis, create(kinesis, "subscribed"), "reader")
    put = kinesis.put_record(StreamName="subscribed", PartitionKey="ä", Data=bytes(range(256)))
    answer = kinesis.subscribe_to_shard(
        ConsumerARN=consumer, ShardId=FIRST_SHARD, StartingPosition=FROM_THE_START
    )
    assert answer["ResponseMetadata"]["RequestId"], answer
    seen = []
    for event in answer["EventStream"]:
        told = event["SubscribeToShardEvent"]
        assert told["ContinuationSequenceNumber"], told
        equal(told.get("ChildShards", []), [])
        if told["Records"] and not seen:
            kinesis.put_record(StreamName="subscribed", PartitionKey="b", Data=b"second")
        seen += told["Records"]
        if len(seen) == 2:
            break
    answer["EventStream"].close()
    equal([record["Data"] for record in seen], [bytes(range(256)), b"second"])
    equal([seen[0]["PartitionKey"], seen[0]["SequenceNumber"]], ["ä", put["SequenceNumber"]])
    recent(seen[0]["ApproximateArrivalTimestamp"])


@check
def an_idle_subscription_says_so(kinesis):
    consumer = register(kinesis, create(kinesis, "idle"), "reader")
    position = {"Type": "LATEST"}
    answer = kinesis.subscribe_to_shard(ConsumerARN=consumer, ShardId=FIRST_SHARD, StartingPosition=position)
    fails_with(
        "ResourceInUseException",
        lambda: kinesis.subscribe_to_shard(ConsumerARN=consumer, ShardId=FIRST_SHARD, StartingPosition=position),
    )
    event = next(iter(answer["EventStream"]))["SubscribeToShardEvent"]
    equal([event["Records"], event["MillisBehindLatest"]], [[], 0])
    answer["EventStream"].close()
