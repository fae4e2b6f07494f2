package kload.interop;

import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.interceptor.SdkExecutionAttribute;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.ProtocolNegotiation;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ConsumerStatus;
import software.amazon.awssdk.services.kinesis.model.CreateStreamRequest;
import software.amazon.awssdk.services.kinesis.model.LimitExceededException;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/** Clients as users make them, and steps that several checks take. */
final class Clients implements AutoCloseable {
  /** What each operation's last answer was encoded as. */
  final Map<String, String> contentTypes = new ConcurrentHashMap<>();
  final URI endpoint = URI.create(System.getenv("KLOAD_ENDPOINT"));
  /** The default: HTTP/1.1. */
  final KinesisClient sync = KinesisClient.builder().endpointOverride(endpoint).overrideConfiguration(overrides()).build();
  /** The default: Netty, HTTP/2. */
  final KinesisAsyncClient async =
      KinesisAsyncClient.builder().endpointOverride(endpoint).overrideConfiguration(overrides()).build();

  /** An asynchronous client that comes to its protocol in a way of its own. */
  KinesisAsyncClient async(Protocol protocol, ProtocolNegotiation negotiation) {
    return KinesisAsyncClient.builder()
        .endpointOverride(endpoint)
        .httpClientBuilder(NettyNioAsyncHttpClient.builder().protocol(protocol).protocolNegotiation(negotiation))
        .build();
  }

  boolean isTls() {
    return endpoint.getScheme().equals("https");
  }

  /** Creates a stream, waits until it is ACTIVE, and returns its ARN. */
  String create(String stream, int shards, Consumer<CreateStreamRequest.Builder> more) throws InterruptedException {
    sync.createStream(request -> request.streamName(stream).shardCount(shards).applyMutation(more));
    return untilActive(stream).streamARN();
  }

  String create(String stream, int shards) throws InterruptedException {
    return create(stream, shards, request -> {});
  }

  StreamDescriptionSummary untilActive(String stream) throws InterruptedException {
    Checks.until(() -> summary(stream).streamStatus() == StreamStatus.ACTIVE, stream + " is ACTIVE");
    return summary(stream);
  }

  StreamDescriptionSummary summary(String stream) {
    return sync.describeStreamSummary(request -> request.streamName(stream)).streamDescriptionSummary();
  }

  /** Registers a consumer, waits until it is ACTIVE, and returns its ARN. */
  String register(String streamArn, String name) throws InterruptedException {
    String arn = sync.registerStreamConsumer(request -> request.streamARN(streamArn).consumerName(name))
        .consumer().consumerARN();
    Checks.until(
        () -> sync.describeStreamConsumer(request -> request.consumerARN(arn)).consumerDescription().consumerStatus()
            == ConsumerStatus.ACTIVE,
        name + " is ACTIVE");
    return arn;
  }

  @Override
  public void close() {
    sync.close();
    async.close();
  }

  /**
   * Notes what the answers are, and waits where the service's call rates (five new streams a second) are met: this SDK,
   * unlike the others, takes them for errors to give up on.
   */
  private ClientOverrideConfiguration overrides() {
    return ClientOverrideConfiguration.builder().retryStrategy(
        AwsRetryStrategy.standardRetryStrategy().toBuilder()
            .maxAttempts(10)
            .retryOnException(Clients::isCallRate)
            .treatAsThrottling(Clients::isCallRate)
            .build()).addExecutionInterceptor(new ExecutionInterceptor() {
      @Override
      public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
        String operation = attributes.getAttribute(SdkExecutionAttribute.OPERATION_NAME);
        context.httpResponse().firstMatchingHeader("Content-Type").ifPresent(
            type -> contentTypes.put(operation, type));
      }
    }).build();
  }

  private static boolean isCallRate(Throwable error) {
    return error instanceof LimitExceededException limit && limit.awsErrorDetails().errorMessage().startsWith("Rate exceeded");
  }
}
