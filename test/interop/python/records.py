"""Putting and getting records."""

import datetime
import hashlib

from checks import check, create, equal, fails_with, recent

FIRST_SHARD = "shardId-000000000000"
ALL_BYTES = bytes(range(256))


def read(kinesis, stream, shard=FIRST_SHARD, **position):
    position = position or {"ShardIteratorType": "TRIM_HORIZON"}
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, **position)["ShardIterator"]
    return kinesis.get_records(ShardIterator=iterator)


def data_of(answer):
    return [record["Data"] for record in answer["Records"]]


@check
def bytes_come_back_as_they_were_put(kinesis):
    create(kinesis, "bytes")
    put = kinesis.put_record(StreamName="bytes", PartitionKey="schlüssel 🔑", Data=ALL_BYTES)
    equal(put["ShardId"], FIRST_SHARD)
    assert len(put["SequenceNumber"]) == 56 and put["SequenceNumber"].isdigit(), put["SequenceNumber"]
    kinesis.put_record(StreamName="bytes", PartitionKey="a", Data=b"")
    answer = read(kinesis, "bytes")
    equal(data_of(answer), [ALL_BYTES, b""])
    first = answer["Records"][0]
    equal(first["PartitionKey"], "schlüssel 🔑")
    equal(first["SequenceNumber"], put["SequenceNumber"])
    recent(first["ApproximateArrivalTimestamp"])
    equal(answer["MillisBehindLatest"], 0)
    assert answer["NextShardIterator"], "an open shard goes on"


@check
def put_records_spreads_keys_by_their_hash(kinesis):
    create(kinesis, "spread", 4)
    keys = [f"key-{number}" for number in range(100)]
    entries = [{"PartitionKey": key, "Data": key.encode()} for key in keys]
    entries.append({"PartitionKey": "any", "ExplicitHashKey": str(2**128 - 1), "Data": b"explicit"})
    answer = kinesis.put_records(StreamName="spread", Records=entries)
    equal(answer["FailedRecordCount"], 0)
    hashes = [int(hashlib.md5(key.encode()).hexdigest(), 16) for key in keys] + [2**128 - 1]
    expected = [f"shardId-{hash_key >> 126:012}" for hash_key in hashes]
    equal([record["ShardId"] for record in answer["Records"]], expected)
    read_back = [data for shard in range(4) for data in data_of(read(kinesis, "spread", f"shardId-{shard:012}"))]
    equal(sorted(read_back), sorted(entry["Data"] for entry in entries))


@check
def iterators_of_every_type_begin_where_they_say(kinesis):
    create(kinesis, "positions")
    numbers = []
    for data in (b"1", b"2", b"3"):
        put = {"SequenceNumberForOrdering": numbers[-1]} if numbers else {}
        answer = kinesis.put_record(StreamName="positions", PartitionKey="a", Data=data, **put)
        numbers.append(answer["SequenceNumber"])
    equal(sorted(numbers), numbers, "sequence numbers, in order")
    stored = read(kinesis, "positions")["Records"]
    at = read(kinesis, "positions", ShardIteratorType="AT_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[1])
    equal(data_of(at), [b"2", b"3"])
    after = read(kinesis, "positions", ShardIteratorType="AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[1])
    equal(data_of(after), [b"3"])
    equal(data_of(read(kinesis, "positions", ShardIteratorType="LATEST")), [])
    last = stored[2]["ApproximateArrivalTimestamp"]
    # This version of boto3 sends whole seconds.
    since = last.replace(microsecond=0)
    from_last = [record["Data"] for record in stored if record["ApproximateArrivalTimestamp"] >= since]
    equal(data_of(read(kinesis, "positions", ShardIteratorType="AT_TIMESTAMP", Timestamp=last)), from_last)
    later = last + datetime.timedelta(hours=1)
    fails_with(
        "InvalidArgumentException",
        lambda: read(kinesis, "positions", ShardIteratorType="AT_TIMESTAMP", Timestamp=later),
    )


@check
def get_records_goes_on_where_it_stopped(kinesis):
    arn = create(kinesis, "paged")
    entries = [{"PartitionKey": "a", "Data": str(number).encode()} for number in range(25)]
    kinesis.put_records(StreamARN=arn, Records=entries)
    answer = kinesis.get_shard_iterator(StreamARN=arn, ShardId=FIRST_SHARD, ShardIteratorType="TRIM_HORIZON")
    iterator, seen = answer["ShardIterator"], []
    for _ in range(3):
        page = kinesis.get_records(ShardIterator=iterator, StreamARN=arn, Limit=10)
        iterator = page["NextShardIterator"]
        seen.append([int(data) for data in data_of(page)])
    equal(seen, [list(range(0, 10)), list(range(10, 20)), list(range(20, 25))])


@check
def a_closed_shard_ends_with_its_children(kinesis):
    create(kinesis, "closing")
    kinesis.put_record(StreamName="closing", PartitionKey="a", Data=b"before")
    kinesis.split_shard(StreamName="closing", ShardToSplit=FIRST_SHARD, NewStartingHashKey=str(2**127))
    answer = read(kinesis, "closing")
    while answer.get("NextShardIterator"):
        equal(answer.get("ChildShards", []), [], "children before the end")
        answer = kinesis.get_records(ShardIterator=answer["NextShardIterator"])
    children = answer["ChildShards"]
    equal([child["ShardId"] for child in children], ["shardId-000000000001", "shardId-000000000002"])
    equal([child["ParentShards"] for child in children], [[FIRST_SHARD]] * 2)
    equal([child["HashKeyRange"]["StartingHashKey"] for child in children], ["0", str(2**127)])
    equal(data_of(read(kinesis, "closing")), [b"before"], "the closed shard's records")


@check
def a_record_of_ten_mebibytes_fits_where_it_may(kinesis):
    arn = create(kinesis, "large", MaxRecordSizeInKiB=10240)
    data = ALL_BYTES * (10 * 1024 * 4 - 8)
    kinesis.put_record(StreamARN=arn, PartitionKey="a", Data=data)
    assert data_of(read(kinesis, "large")) == [data], "ten mebibytes came back changed"
