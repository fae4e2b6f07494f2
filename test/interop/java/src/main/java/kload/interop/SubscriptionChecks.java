package kload.interop;

import static kload.interop.Checks.equal;
import static kload.interop.Checks.fails;
import static kload.interop.Checks.isTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.kinesis.model.ChildShard;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StartingPosition;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEventStream;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/** Enhanced fan-out by the asynchronous client: event streams over HTTP/2. */
record SubscriptionChecks(Clients clients) {
  private static final int KEYS = 30;
  private static final int ROUNDS = 20;

  void addTo(Checks checks) {
    checks.add("a subscription is one at a time, and ends when it is cancelled", this::oneAtATime);
    checks.add("a consumer that is not there is said so", this::missingConsumer);
    checks.add("fan-out follows a split and a merge under load, each record once and in order", this::follow);
  }

  private void oneAtATime() throws Exception {
    String consumer = clients.register(clients.create("contended", 1), "reader");
    StartingPosition latest = StartingPosition.builder().type(ShardIteratorType.LATEST).build();
    Events events = new Events();
    CompletableFuture<Void> call = subscribe(consumer, "shardId-000000000000", latest, events);
    events.subscribed.get(30, TimeUnit.SECONDS);
    fails(ResourceInUseException.class,
        () -> subscribe(consumer, "shardId-000000000000", latest, new Events()).join());
    SubscribeToShardEvent idle = events.first.get(30, TimeUnit.SECONDS);
    equal(idle.records().size(), 0, "records");
    equal(idle.millisBehindLatest(), 0L, "millisBehindLatest");
    isTrue(idle.continuationSequenceNumber() != null, "an open shard goes on");
    events.subscription.cancel();
    call.handle((done, error) -> done).get(30, TimeUnit.SECONDS);
  }

  private void missingConsumer() {
    StartingPosition latest = StartingPosition.builder().type(ShardIteratorType.LATEST).build();
    String nobody = "arn:aws:kinesis:us-east-1:111122223333:stream/contended/consumer/nobody:1760000000";
    fails(ResourceNotFoundException.class,
        () -> subscribe(nobody, "shardId-000000000000", latest, new Events()).join());
  }

  private void follow() throws Exception {
    String consumer = clients.register(clients.create("followed", 2), "reader");
    Follower follower = new Follower(consumer);
    follower.start("shardId-000000000000");
    follower.start("shardId-000000000001");
    AtomicInteger next = new AtomicInteger();
    putRounds(next);
    clients.sync.splitShard(request -> request.streamName("followed").shardToSplit("shardId-000000000000")
        .newStartingHashKey("85070591730234615865843651857942052864"));
    putRounds(next);
    clients.untilActive("followed");
    clients.sync.mergeShards(request -> request.streamName("followed").shardToMerge("shardId-000000000003")
        .adjacentShardToMerge("shardId-000000000001"));
    putRounds(next);

    List<Integer> expected = IntStream.range(0, next.get()).boxed().toList();
    Checks.until(() -> follower.failure.isDone() || follower.count() >= KEYS * expected.size(), "all records are read");
    if (follower.failure.isDone()) follower.failure.get();
    for (int key = 0; key < KEYS; key++)
      equal(follower.numbersByKey.get("key-" + key), expected, "numbers of key-" + key);
    equal(follower.ended, Set.of("shardId-000000000000", "shardId-000000000001", "shardId-000000000003"), "ended shards");
    follower.stop();
  }

  /** Puts records of each key in order; a round is done when none of it is throttled any more. */
  private void putRounds(AtomicInteger next) {
    for (int round = 0; round < ROUNDS; round++) {
      SdkBytes data = SdkBytes.fromUtf8String(String.valueOf(next.getAndIncrement()));
      List<PutRecordsRequestEntry> left = IntStream.range(0, KEYS)
          .mapToObj(key -> PutRecordsRequestEntry.builder().partitionKey("key-" + key).data(data).build()).toList();
      while (!left.isEmpty()) {
        List<PutRecordsRequestEntry> sent = left;
        var results = clients.async.putRecords(request -> request.streamName("followed").records(sent)).join().records();
        left = IntStream.range(0, sent.size()).filter(index -> results.get(index).errorCode() != null)
            .mapToObj(sent::get).toList();
      }
    }
  }

  private CompletableFuture<Void> subscribe(
      String consumer, String shard, StartingPosition position, Subscriber<SubscribeToShardEventStream> events) {
    SubscribeToShardResponseHandler handler = SubscribeToShardResponseHandler.builder()
        .onEventStream((SdkPublisher<SubscribeToShardEventStream> stream) -> stream.subscribe(events))
        // An error is what the call's future says.
        .onError(error -> {})
        .build();
    return clients.async.subscribeToShard(
        request -> request.consumerARN(consumer).shardId(shard).startingPosition(position), handler);
  }

  /** Takes events one at a time, as the KCL does. */
  private static class Events implements Subscriber<SubscribeToShardEventStream> {
    final CompletableFuture<SubscribeToShardEvent> first = new CompletableFuture<>();
    final CompletableFuture<Void> subscribed = new CompletableFuture<>();
    volatile Subscription subscription;

    @Override
    public void onSubscribe(Subscription given) {
      subscription = given;
      subscribed.complete(null);
      given.request(1);
    }

    @Override
    public void onNext(SubscribeToShardEventStream event) {
      if (event instanceof SubscribeToShardEvent told) {
        first.complete(told);
        take(told);
      }
      subscription.request(1);
    }

    @Override
    public void onError(Throwable error) {
      first.completeExceptionally(error);
    }

    @Override
    public void onComplete() {}

    void take(SubscribeToShardEvent event) {}
  }

  /** Reads each shard once all its parents are read to their ends, over as many subscriptions as it takes. */
  private final class Follower {
    final Map<String, List<Integer>> numbersByKey = new ConcurrentHashMap<>();
    final Set<String> ended = ConcurrentHashMap.newKeySet();
    final CompletableFuture<Void> failure = new CompletableFuture<>();
    private final Set<String> started = ConcurrentHashMap.newKeySet();
    private final List<Events> subscriptions = new ArrayList<>();
    private final AtomicInteger count = new AtomicInteger();
    private final String consumer;
    private volatile boolean stopped;

    Follower(String consumer) {
      this.consumer = consumer;
    }

    int count() {
      return count.get();
    }

    void start(String shard) {
      if (started.add(shard)) read(shard, StartingPosition.builder().type(ShardIteratorType.TRIM_HORIZON).build());
    }

    synchronized void stop() {
      stopped = true;
      subscriptions.forEach(events -> events.subscription.cancel());
    }

    private synchronized void read(String shard, StartingPosition position) {
      ShardEvents events = new ShardEvents(position);
      subscriptions.add(events);
      subscribe(consumer, shard, position, events).whenComplete((done, error) -> {
        if (stopped) return;
        if (error != null) failure.completeExceptionally(error);
        else if (events.children.isEmpty()) read(shard, events.next);
        else finish(shard, events.children);
      });
    }

    private synchronized void finish(String shard, List<ChildShard> children) {
      ended.add(shard);
      for (ChildShard child : children) if (ended.containsAll(child.parentShards())) start(child.shardId());
    }

    private void take(Record record) {
      numbersByKey.computeIfAbsent(record.partitionKey(), key -> new ArrayList<>())
          .add(Integer.valueOf(record.data().asUtf8String()));
      count.incrementAndGet();
    }

    private final class ShardEvents extends Events {
      volatile StartingPosition next;
      volatile List<ChildShard> children = List.of();

      ShardEvents(StartingPosition position) {
        next = position;
      }

      @Override
      void take(SubscribeToShardEvent event) {
        event.records().forEach(Follower.this::take);
        children = event.childShards();
        if (children.isEmpty() != (event.continuationSequenceNumber() != null))
          failure.completeExceptionally(new AssertionError("neither goes on nor ends: " + event));
        if (event.continuationSequenceNumber() != null)
          next = StartingPosition.builder().type(ShardIteratorType.AFTER_SEQUENCE_NUMBER)
              .sequenceNumber(event.continuationSequenceNumber()).build();
      }
    }
  }
}
