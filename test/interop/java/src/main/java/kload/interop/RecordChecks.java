package kload.interop;

import static kload.interop.Checks.equal;
import static kload.interop.Checks.fails;
import static kload.interop.Checks.isTrue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.ProtocolNegotiation;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.KinesisException;
import software.amazon.awssdk.services.kinesis.model.PutRecordResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.ValidationException;

/** Records and errors over CBOR, by the synchronous client (HTTP/1.1) and the asynchronous one (HTTP/2). */
record RecordChecks(Clients clients) {
  private static final String FIRST_SHARD = "shardId-000000000000";
  private static final String CBOR = "application/x-amz-cbor-1.1";

  void addTo(Checks checks) {
    checks.add("bytes come back as they were put", this::bytesComeBack);
    checks.add("answers are CBOR", this::answersAreCbor);
    checks.add("timestamps are exact to the millisecond", this::timestampsAreExact);
    checks.add("hundreds of requests at once over HTTP/2", this::manyAtOnce);
    checks.add("a megabyte goes both ways", this::megabyte);
    checks.add("HTTP versions are agreed on in every way", this::everyNegotiation);
    checks.add("errors have classes of their own", this::typedErrors);
    checks.add("a throttled shard refuses records one by one", this::throttled);
  }

  private void bytesComeBack() throws Exception {
    clients.create("bytes", 1);
    byte[] all = new byte[256];
    for (int value = 0; value < all.length; value++) all[value] = (byte) value;
    PutRecordResponse put = put("bytes", "ключ 🔑", all);
    equal(put.shardId(), FIRST_SHARD, "the shard");
    put("bytes", "a", new byte[0]);
    GetRecordsResponse answer = readAll("bytes");
    equal(answer.records().size(), 2, "records");
    Record first = answer.records().get(0);
    isTrue(java.util.Arrays.equals(first.data().asByteArray(), all), "the bytes came back changed");
    equal(first.partitionKey(), "ключ 🔑", "the key");
    equal(first.sequenceNumber(), put.sequenceNumber(), "the sequence number");
    equal(answer.records().get(1).data().asByteArray().length, 0, "bytes of the empty record");
    equal(answer.millisBehindLatest(), 0L, "millisBehindLatest");
    isTrue(answer.nextShardIterator() != null, "an open shard goes on");
  }

  private void answersAreCbor() {
    for (String operation : List.of("PutRecord", "GetRecords", "DescribeStreamSummary"))
      equal(clients.contentTypes.get(operation), CBOR, "content type of " + operation);
    fails(ResourceNotFoundException.class, () -> put("nowhere", "a", new byte[0]));
    equal(clients.contentTypes.get("PutRecord"), CBOR, "content type of an error");
  }

  private void timestampsAreExact() throws Exception {
    long beforeCreating = System.currentTimeMillis();
    clients.create("dated", 1);
    long created = clients.summary("dated").streamCreationTimestamp().toEpochMilli();
    isTrue(created >= beforeCreating && created <= System.currentTimeMillis(), "created at " + created);

    long before = System.currentTimeMillis();
    put("dated", "a", new byte[] {1});
    long between = System.currentTimeMillis();
    while (System.currentTimeMillis() <= between) Thread.onSpinWait();
    put("dated", "a", new byte[] {2});
    long after = System.currentTimeMillis();
    List<Instant> arrivals = readAll("dated").records().stream().map(Record::approximateArrivalTimestamp).toList();
    long first = arrivals.get(0).toEpochMilli();
    long second = arrivals.get(1).toEpochMilli();
    isTrue(before <= first && first <= between, before + " <= " + first + " <= " + between);
    isTrue(between < second && second <= after, between + " < " + second + " <= " + after);

    equal(countFrom("dated", arrivals.get(0)), 2, "records from the first's time on");
    equal(countFrom("dated", arrivals.get(0).plusMillis(1)), 1, "records from a millisecond later on");
    equal(countFrom("dated", arrivals.get(1)), 1, "records from the second's time on");
  }

  private void manyAtOnce() throws Exception {
    clients.create("many", 4);
    List<CompletableFuture<PutRecordsResponse>> requests = IntStream.range(0, 300)
        .mapToObj(number -> clients.async.putRecords(
            request -> request.streamName("many").records(entries(number, 5))))
        .toList();
    for (CompletableFuture<PutRecordsResponse> request : requests)
      equal(request.join().failedRecordCount(), 0, "failed records");
    List<String> seen = new ArrayList<>();
    for (int shard = 0; shard < 4; shard++) {
      String iterator = iterator("many", "shardId-00000000000" + shard);
      GetRecordsResponse answer = clients.async.getRecords(request -> request.shardIterator(iterator)).join();
      answer.records().forEach(record -> seen.add(record.data().asUtf8String()));
    }
    equal(seen.size(), 1500, "records");
    equal((int) seen.stream().distinct().count(), 1500, "records, each once");
    equal(clients.contentTypes.get("PutRecords"), CBOR, "content type");
  }

  private void megabyte() throws Exception {
    clients.create("large", 1);
    byte[] data = new byte[1024 * 1024 - 1];
    new java.util.Random(1).nextBytes(data);
    clients.async.putRecord(
        request -> request.streamName("large").partitionKey("a").data(SdkBytes.fromByteArray(data))).join();
    String iterator = iterator("large", FIRST_SHARD);
    GetRecordsResponse answer = clients.async.getRecords(request -> request.shardIterator(iterator)).join();
    isTrue(java.util.Arrays.equals(answer.records().get(0).data().asByteArray(), data), "the bytes came back changed");
  }

  private void everyNegotiation() {
    listsStreams(Protocol.HTTP1_1, ProtocolNegotiation.ASSUME_PROTOCOL);
    // Over TLS this is HTTP/2 without ALPN, as older clients speak it; over plain text it is HTTP/2 with prior knowledge.
    listsStreams(Protocol.HTTP2, ProtocolNegotiation.ASSUME_PROTOCOL);
    if (clients.isTls()) listsStreams(Protocol.HTTP2, ProtocolNegotiation.ALPN);
  }

  private void listsStreams(Protocol protocol, ProtocolNegotiation negotiation) {
    try (KinesisAsyncClient client = clients.async(protocol, negotiation)) {
      isTrue(client.listStreams().join().streamNames().size() > 0, "no streams by " + protocol + " " + negotiation);
    }
  }

  private void typedErrors() throws Exception {
    KinesisException missing = fails(ResourceNotFoundException.class,
        () -> clients.sync.describeStream(request -> request.streamName("nowhere")));
    equal(missing.awsErrorDetails().errorMessage(), "Stream nowhere under account 111122223333 not found.", "message");
    equal(missing.statusCode(), 400, "status");
    isTrue(missing.requestId() != null, "the error has no request id");
    fails(ResourceNotFoundException.class,
        () -> clients.async.describeStream(request -> request.streamName("nowhere")).join());
    clients.create("taken", 1);
    fails(ResourceInUseException.class,
        () -> clients.sync.createStream(request -> request.streamName("taken").shardCount(1)));
    fails(InvalidArgumentException.class,
        () -> clients.sync.getRecords(request -> request.shardIterator("garbled")));
    KinesisException invalid = fails(ValidationException.class, () -> put("not a name", "", new byte[0]));
    isTrue(invalid.awsErrorDetails().errorMessage().startsWith("2 validation errors detected: "), invalid.getMessage());
  }

  private void throttled() throws Exception {
    clients.create("narrow", 1);
    SdkBytes data = SdkBytes.fromByteArray(new byte[100 * 1024]);
    List<PutRecordsRequestEntry> entries = IntStream.range(0, 30)
        .mapToObj(number -> PutRecordsRequestEntry.builder().partitionKey("a").data(data).build())
        .toList();
    PutRecordsResponse answer = clients.sync.putRecords(request -> request.streamName("narrow").records(entries));
    List<String> codes = answer.records().stream().map(record -> record.errorCode()).filter(code -> code != null).toList();
    equal(answer.failedRecordCount(), codes.size(), "failed records");
    isTrue(codes.size() > 0 && codes.size() < entries.size(), codes.size() + " failed");
    equal(codes.get(0), "ProvisionedThroughputExceededException", "error code");
  }

  private static List<PutRecordsRequestEntry> entries(int request, int count) {
    return IntStream.range(0, count).mapToObj(number -> request + "-" + number)
        .map(text -> PutRecordsRequestEntry.builder().partitionKey(text).data(SdkBytes.fromUtf8String(text)).build())
        .toList();
  }

  private PutRecordResponse put(String stream, String key, byte[] data) {
    return clients.sync.putRecord(
        request -> request.streamName(stream).partitionKey(key).data(SdkBytes.fromByteArray(data)));
  }

  private String iterator(String stream, String shard) {
    return clients.sync.getShardIterator(request -> request.streamName(stream).shardId(shard)
        .shardIteratorType(ShardIteratorType.TRIM_HORIZON)).shardIterator();
  }

  private GetRecordsResponse readAll(String stream) {
    String iterator = iterator(stream, FIRST_SHARD);
    return clients.sync.getRecords(request -> request.shardIterator(iterator));
  }

  private int countFrom(String stream, Instant time) {
    String iterator = clients.sync.getShardIterator(request -> request.streamName(stream).shardId(FIRST_SHARD)
        .shardIteratorType(ShardIteratorType.AT_TIMESTAMP).timestamp(time)).shardIterator();
    return clients.sync.getRecords(request -> request.shardIterator(iterator)).records().size();
  }
}
