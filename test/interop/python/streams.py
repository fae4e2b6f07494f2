"""The life of a stream and of its shards."""

from checks import check, create, equal, recent, summary, until_active

LAST_HASH_KEY = 2**128 - 1
HALF = 2**127


def shards_of(kinesis, stream, **more):
    return kinesis.list_shards(StreamName=stream, **more)["Shards"]


def ranges(shards):
    return sorted(
        (int(shard["HashKeyRange"]["StartingHashKey"]), int(shard["HashKeyRange"]["EndingHashKey"]))
        for shard in shards
    )


@check
def creates_waits_describes_and_deletes(kinesis):
    kinesis.create_stream(StreamName="life", ShardCount=2, Tags={"team": "platform"})
    kinesis.get_waiter("stream_exists").wait(StreamName="life", WaiterConfig={"Delay": 1})

    description = kinesis.describe_stream(StreamName="life")["StreamDescription"]
    equal(description["StreamName"], "life")
    equal(description["StreamARN"], "arn:aws:kinesis:us-east-1:111122223333:stream/life")
    equal(description["StreamStatus"], "ACTIVE")
    equal(description["StreamModeDetails"], {"StreamMode": "PROVISIONED"})
    equal(description["RetentionPeriodHours"], 24)
    equal(description["EnhancedMonitoring"], [{"ShardLevelMetrics": []}])
    equal(description["EncryptionType"], "NONE")
    equal(description["HasMoreShards"], False)
    recent(description["StreamCreationTimestamp"])
    equal([shard["ShardId"] for shard in description["Shards"]], ["shardId-000000000000", "shardId-000000000001"])
    equal(ranges(description["Shards"]), [(0, HALF - 1), (HALF, LAST_HASH_KEY)])

    kinesis.delete_stream(StreamName="life")
    kinesis.get_waiter("stream_not_exists").wait(StreamName="life", WaiterConfig={"Delay": 1})


@check
def a_stream_answers_to_its_name_and_its_arn(kinesis):
    arn = create(kinesis, "named", 3)
    by_name = summary(kinesis, "named")
    equal(by_name["OpenShardCount"], 3)
    equal(by_name["ConsumerCount"], 0)
    equal(by_name["MaxRecordSizeInKiB"], 1024)
    by_arn = kinesis.describe_stream_summary(StreamARN=arn)["StreamDescriptionSummary"]
    equal(by_arn, by_name)
    # Given an id, boto3 calls a host made of it, whatever its endpoint is.
    assert "StreamId" not in by_name, by_name


@check
def pages_of_streams_and_shards_add_up(kinesis):
    for number in range(3):
        create(kinesis, f"page-{number}", 5)
    pages = list(kinesis.get_paginator("list_streams").paginate(PaginationConfig={"PageSize": 2}))
    names = [name for page in pages for name in page["StreamNames"]]
    assert len(pages) > 1, "one page of two held all streams"
    equal([name for name in names if name.startswith("page-")], ["page-0", "page-1", "page-2"])
    equal(len(names), len(set(names)), "names, each once")
    in_summaries = [stream["StreamName"] for page in pages for stream in page["StreamSummaries"]]
    equal(in_summaries, names, "names in the summaries")

    expected = [f"shardId-{number:012}" for number in range(5)]
    paginator = kinesis.get_paginator("describe_stream")
    pages = list(paginator.paginate(StreamName="page-0", PaginationConfig={"PageSize": 2}))
    equal(len(pages), 3, "pages of the description")
    equal([shard["ShardId"] for page in pages for shard in page["StreamDescription"]["Shards"]], expected)

    # boto3's paginator sends the name along with the token, which the service refuses: users page by hand.
    page = kinesis.list_shards(StreamName="page-0", MaxResults=2)
    shards = page["Shards"]
    while "NextToken" in page:
        page = kinesis.list_shards(NextToken=page["NextToken"], MaxResults=2)
        shards += page["Shards"]
    equal([shard["ShardId"] for shard in shards], expected)


@check
def splits_and_merges_link_parents_and_children(kinesis):
    create(kinesis, "resharded", 1)
    kinesis.split_shard(StreamName="resharded", ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**126))
    equal(until_active(kinesis, "resharded")["OpenShardCount"], 2)
    kinesis.merge_shards(
        StreamName="resharded",
        ShardToMerge="shardId-000000000001",
        AdjacentShardToMerge="shardId-000000000002",
    )
    equal(until_active(kinesis, "resharded")["OpenShardCount"], 1)

    first, low, high, merged = shards_of(kinesis, "resharded")
    equal(ranges([low, high]), [(0, 2**126 - 1), (2**126, LAST_HASH_KEY)])
    equal(ranges([merged]), [(0, LAST_HASH_KEY)])
    equal([low.get("ParentShardId"), high.get("ParentShardId")], [first["ShardId"]] * 2, "the halves' parent")
    equal([merged["ParentShardId"], merged["AdjacentParentShardId"]], [low["ShardId"], high["ShardId"]])
    for closed in (first, low, high):
        assert int(closed["SequenceNumberRange"]["EndingSequenceNumber"]) > int(
            closed["SequenceNumberRange"]["StartingSequenceNumber"]
        )
    assert "EndingSequenceNumber" not in merged["SequenceNumberRange"], "the merged shard is open"
    latest = shards_of(kinesis, "resharded", ShardFilter={"Type": "AT_LATEST"})
    equal([shard["ShardId"] for shard in latest], [merged["ShardId"]], "shards AT_LATEST")


@check
def updates_the_shard_count(kinesis):
    arn = create(kinesis, "scaled", 2)
    answer = kinesis.update_shard_count(StreamName="scaled", TargetShardCount=4, ScalingType="UNIFORM_SCALING")
    answer.pop("ResponseMetadata")
    equal(answer, {"StreamName": "scaled", "StreamARN": arn, "CurrentShardCount": 2, "TargetShardCount": 4})
    equal(until_active(kinesis, "scaled")["OpenShardCount"], 4)
    equal(len(shards_of(kinesis, "scaled")), 6, "open and closed shards")
    quarter = 2**126
    open_shards = shards_of(kinesis, "scaled", ShardFilter={"Type": "AT_LATEST"})
    equal(ranges(open_shards), [(part * quarter, (part + 1) * quarter - 1) for part in range(4)])
