"""A consumer that follows ChildShards through a split and a merge, while records keep coming."""

import threading

from checks import check, connect, create, equal, register, until, until_active

KEYS = [f"key-{number}" for number in range(40)]
SHARDS = ["shardId-000000000000", "shardId-000000000001"]
# Records of a key before, between and after the two reshards.
ROUNDS_BY_PHASE = (20, 20, 20)


class Follower:
    """Reads each shard once all its parents are read to their ends."""

    def __init__(self, kinesis, read_shard):
        self.kinesis = kinesis
        self.numbers_by_key = {key: [] for key in KEYS}
        self.shards_read = []
        self.failures = []
        self.done = threading.Event()
        self._read_shard = read_shard
        self._started = set()
        self._lock = threading.Lock()
        self._threads = []

    def start(self, shard):
        with self._lock:
            if shard in self._started:
                return
            self._started.add(shard)
            thread = threading.Thread(target=self._run, args=(shard,), daemon=True)
            self._threads.append(thread)
        thread.start()

    def _run(self, shard):
        try:
            children = self._read_shard(self, shard)
        except Exception as error:
            self.failures.append(f"{shard}: {error!r}")
            return
        if children is None:
            return
        with self._lock:
            self.shards_read.append(shard)
            ready = [child for child in children if set(child["ParentShards"]) <= set(self.shards_read)]
        for child in ready:
            self.start(child["ShardId"])

    def take(self, records):
        with self._lock:
            for record in records:
                self.numbers_by_key[record["PartitionKey"]].append(int(record["Data"]))

    def count(self):
        if self.failures:
            raise AssertionError("\n".join(self.failures))
        with self._lock:
            return sum(len(numbers) for numbers in self.numbers_by_key.values())

    def has_all(self):
        return self.count() >= sum(ROUNDS_BY_PHASE) * len(KEYS)


def put_round(kinesis, stream, number):
    """One record of each key; those that were throttled are put again before the next round, to keep the keys' order."""
    left = [{"PartitionKey": key, "Data": str(number).encode()} for key in KEYS]
    while left:
        answer = kinesis.put_records(StreamName=stream, Records=left)
        left = [entry for entry, result in zip(left, answer["Records"]) if "ErrorCode" in result]


def reshard_under_load(kinesis, stream):
    """Puts rounds of records without a pause, while the first shard is split and two others are merged."""
    between = threading.Barrier(2)
    failures = []

    def produce():
        try:
            number = 0
            for phase, rounds in enumerate(ROUNDS_BY_PHASE):
                for position in range(rounds):
                    put_round(kinesis, stream, number)
                    number += 1
                    # Half-way, so that records of the same phase lie on both sides of the reshard.
                    if phase < 2 and position == rounds // 2:
                        between.wait()
        except Exception as error:
            failures.append(error)
            between.abort()

    producer = threading.Thread(target=produce, daemon=True)
    producer.start()
    between.wait()
    kinesis.split_shard(StreamName=stream, ShardToSplit=SHARDS[0], NewStartingHashKey=str(2**126))
    until_active(kinesis, stream)
    between.wait()
    kinesis.merge_shards(
        StreamName=stream, ShardToMerge="shardId-000000000003", AdjacentShardToMerge=SHARDS[1]
    )
    producer.join()
    equal(failures, [])
    until_active(kinesis, stream)


def subscribe_to_its_end(consumer):
    """A reader by SubscribeToShard that subscribes anew wherever a subscription ends before the shard does."""

    def read_shard(follower, shard):
        position = {"Type": "TRIM_HORIZON"}
        while not follower.done.is_set():
            answer = follower.kinesis.subscribe_to_shard(
                ConsumerARN=consumer, ShardId=shard, StartingPosition=position
            )
            for event in answer["EventStream"]:
                told = event["SubscribeToShardEvent"]
                follower.take(told["Records"])
                if told.get("ChildShards"):
                    assert "ContinuationSequenceNumber" not in told, told
                    return told["ChildShards"]
                position = {"Type": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": told["ContinuationSequenceNumber"]}
                if follower.done.is_set():
                    break
        return None

    return read_shard


def poll_to_its_end(stream):
    def read_shard(follower, shard):
        answer = follower.kinesis.get_shard_iterator(
            StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )
        iterator = answer["ShardIterator"]
        while iterator and not follower.done.is_set():
            answer = follower.kinesis.get_records(ShardIterator=iterator)
            follower.take(answer["Records"])
            iterator = answer.get("NextShardIterator")
            # Five reads a second is what a shard allows.
            follower.done.wait(0.25)
        return answer["ChildShards"] if not iterator else None

    return read_shard


def follow(stream, read_shard):
    kinesis = connect(max_pool_connections=50, retries={"mode": "standard", "max_attempts": 10})
    follower = Follower(kinesis, read_shard)
    for shard in SHARDS:
        follower.start(shard)
    reshard_under_load(kinesis, stream)
    until(follower.has_all, f"all records of {stream} are read", 60)
    expected = list(range(sum(ROUNDS_BY_PHASE)))
    for key, numbers in follower.numbers_by_key.items():
        equal(numbers, expected, f"the numbers of {key}")
    closed = {SHARDS[0], SHARDS[1], "shardId-000000000003"}
    until(lambda: closed <= set(follower.shards_read), "the ends of the closed shards are seen", 30)
    follower.done.set()


@check
def fan_out_follows_a_split_and_a_merge_under_load(kinesis):
    arn = create(kinesis, "followed", 2)
    follow("followed", subscribe_to_its_end(register(kinesis, arn, "reader")))


@check
def polling_follows_a_split_and_a_merge_under_load(kinesis):
    create(kinesis, "polled", 2)
    follow("polled", poll_to_its_end("polled"))
