package kload.interop;

import static kload.interop.Checks.equal;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.model.ChildShard;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.kinesis.common.InitialPositionInStream;
import software.amazon.kinesis.common.InitialPositionInStreamExtended;
import software.amazon.kinesis.common.StreamIdentifier;
import software.amazon.kinesis.coordinator.streamInfo.StreamIdCache;
import software.amazon.kinesis.coordinator.streamInfo.StreamIdOnboardingState;
import software.amazon.kinesis.metrics.NullMetricsFactory;
import software.amazon.kinesis.retrieval.GetRecordsResponseAdapter;
import software.amazon.kinesis.retrieval.KinesisDataFetcherProviderConfig;
import software.amazon.kinesis.retrieval.RecordsRetrieved;
import software.amazon.kinesis.retrieval.fanout.FanOutRecordsPublisher;
import software.amazon.kinesis.retrieval.kpl.ExtendedSequenceNumber;
import software.amazon.kinesis.retrieval.polling.KinesisDataFetcher;

/**
 * The Kinesis Client Library's own readers of a shard. They refuse an answer that neither goes on nor names children, and
 * one that does both. Its scheduler, which keeps leases in DynamoDB, has a program of its own.
 */
record KclChecks(Clients clients) {
  private static final InitialPositionInStreamExtended FROM_THE_START =
      InitialPositionInStreamExtended.newInitialPosition(InitialPositionInStream.TRIM_HORIZON);
  private static final int KEYS = 20;
  private static final Map<String, Set<String>> CHILDREN_BY_PARENT = Map.of(
      shard(0), Set.of(shard(2), shard(3)),
      shard(1), Set.of(shard(4)),
      shard(3), Set.of(shard(4)));

  /** What a reader saw of a shard. */
  private record Seen(List<String> data, Set<String> children) {}

  private interface Reader {
    /** Reads a shard to its end, or, where it is open, until it has seen so many records. */
    Seen read(String shard, int count, boolean isClosed) throws Exception;
  }

  void addTo(Checks checks) {
    checks.add("the KCL's fan-out reader ends shards with their children", this::fanOut);
    checks.add("the KCL's polling reader ends shards with their children", this::polling);
  }

  /** As the KCL's scheduler does at its start while it calls streams by their names. */
  private static void callStreamsByName() {
    StreamIdCache.initialize(null, StreamIdOnboardingState.NOT_ONBOARDED);
  }

  private void fanOut() throws Exception {
    callStreamsByName();
    Map<String, List<String>> dataByShard = putAndReshard("kcl-fan-out");
    String consumer = clients.register(clients.summary("kcl-fan-out").streamARN(), "kcl");
    readsAll(dataByShard, (shard, count, isClosed) -> {
      FanOutRecordsPublisher publisher = new FanOutRecordsPublisher(
          clients.async, shard, consumer, StreamIdentifier.singleStreamInstance("kcl-fan-out"));
      publisher.start(ExtendedSequenceNumber.TRIM_HORIZON, FROM_THE_START);
      Collector collector = new Collector(publisher, isClosed ? Integer.MAX_VALUE : count);
      publisher.subscribe(collector);
      try {
        return collector.seen.get(30, TimeUnit.SECONDS);
      } finally {
        publisher.shutdown();
      }
    });
  }

  private void polling() throws Exception {
    callStreamsByName();
    readsAll(putAndReshard("kcl-polling"), (shard, count, isClosed) -> {
      StreamIdentifier stream = StreamIdentifier.singleStreamInstance("kcl-polling");
      KinesisDataFetcher fetcher = new KinesisDataFetcher(clients.async, new KinesisDataFetcherProviderConfig(
          stream, shard, new NullMetricsFactory(), 1000, Duration.ofSeconds(30)));
      fetcher.initialize(ExtendedSequenceNumber.TRIM_HORIZON, FROM_THE_START);
      List<String> data = new ArrayList<>();
      while (true) {
        GetRecordsResponseAdapter answer = fetcher.getRecords().acceptAdapter();
        answer.records().forEach(record -> data.add(StandardCharsets.UTF_8.decode(record.data()).toString()));
        if (fetcher.isShardEndReached()) return new Seen(data, idsOf(answer.childShards()));
        if (!isClosed && data.size() >= count) return new Seen(data, Set.of());
      }
    });
  }

  private static void readsAll(Map<String, List<String>> dataByShard, Reader reader) throws Exception {
    for (Map.Entry<String, List<String>> put : dataByShard.entrySet()) {
      String shard = put.getKey();
      Set<String> children = CHILDREN_BY_PARENT.getOrDefault(shard, Set.of());
      Seen seen = reader.read(shard, put.getValue().size(), !children.isEmpty());
      equal(seen.data, put.getValue(), "records of " + shard);
      equal(seen.children, children, "children of " + shard);
    }
  }

  /** Puts records before, between and after a split and a merge; what each shard took, in its order. */
  private Map<String, List<String>> putAndReshard(String stream) throws Exception {
    clients.create(stream, 2);
    Map<String, List<String>> dataByShard = new TreeMap<>();
    putRound(stream, 0, dataByShard);
    clients.sync.splitShard(request -> request.streamName(stream).shardToSplit(shard(0))
        .newStartingHashKey("85070591730234615865843651857942052864"));
    clients.untilActive(stream);
    putRound(stream, 1, dataByShard);
    clients.sync.mergeShards(request -> request.streamName(stream).shardToMerge(shard(3)).adjacentShardToMerge(shard(1)));
    clients.untilActive(stream);
    putRound(stream, 2, dataByShard);
    equal(dataByShard.keySet(), IntStream.range(0, 5).mapToObj(KclChecks::shard).collect(Collectors.toSet()), "shards");
    return dataByShard;
  }

  private void putRound(String stream, int round, Map<String, List<String>> dataByShard) {
    List<String> data = IntStream.range(0, KEYS).mapToObj(key -> key + "-" + round).toList();
    List<PutRecordsRequestEntry> entries = IntStream.range(0, KEYS).mapToObj(key -> PutRecordsRequestEntry.builder()
        .partitionKey("key-" + key).data(SdkBytes.fromUtf8String(data.get(key))).build()).toList();
    PutRecordsResponse answer = clients.sync.putRecords(request -> request.streamName(stream).records(entries));
    equal(answer.failedRecordCount(), 0, "failed records");
    for (int key = 0; key < KEYS; key++)
      dataByShard.computeIfAbsent(answer.records().get(key).shardId(), shard -> new ArrayList<>()).add(data.get(key));
  }

  private static String shard(int number) {
    return String.format("shardId-%012d", number);
  }

  private static Set<String> idsOf(List<ChildShard> shards) {
    return shards.stream().map(ChildShard::shardId).collect(Collectors.toSet());
  }

  /** Takes what the fan-out reader publishes and acknowledges it, as the KCL's consumer of a shard does. */
  private static final class Collector implements Subscriber<RecordsRetrieved> {
    final CompletableFuture<Seen> seen = new CompletableFuture<>();
    private final List<String> data = new ArrayList<>();
    private final FanOutRecordsPublisher publisher;
    private final int count;
    private Subscription subscription;

    Collector(FanOutRecordsPublisher publisher, int count) {
      this.publisher = publisher;
      this.count = count;
    }

    @Override
    public void onSubscribe(Subscription given) {
      subscription = given;
      given.request(1);
    }

    @Override
    public void onNext(RecordsRetrieved retrieved) {
      publisher.notify(retrieved::batchUniqueIdentifier);
      var input = retrieved.processRecordsInput();
      input.records().forEach(record -> data.add(StandardCharsets.UTF_8.decode(record.data()).toString()));
      if (input.isAtShardEnd()) seen.complete(new Seen(data, idsOf(input.childShards())));
      else if (data.size() >= count) seen.complete(new Seen(data, Set.of()));
      else subscription.request(1);
    }

    @Override
    public void onError(Throwable error) {
      seen.completeExceptionally(error);
    }

    @Override
    public void onComplete() {
      seen.completeExceptionally(new AssertionError("completed before the shard's end, with " + data));
    }
  }
}
