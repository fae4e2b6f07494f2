package kload.interop;

import static kload.interop.Checks.equal;
import static kload.interop.Checks.fails;
import static kload.interop.Checks.isTrue;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.services.kinesis.model.EncryptionType;
import software.amazon.awssdk.services.kinesis.model.MetricsName;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ScalingType;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.StreamMode;
import software.amazon.awssdk.services.kinesis.model.Tag;

/** The control plane, over CBOR. */
record StreamChecks(Clients clients) {
  void addTo(Checks checks) {
    checks.add("streams are created, waited for, listed and deleted", this::life);
    checks.add("shards are split, merged and counted", this::reshape);
    checks.add("streams take tags and settings", this::settings);
    checks.add("the account has limits and settings", this::account);
  }

  private void life() throws Exception {
    String arn = clients.create("life", 2, request -> request.tags(Map.of("team", "platform")));
    equal(arn, "arn:aws:kinesis:us-east-1:111122223333:stream/life", "ARN");
    clients.sync.waiter().waitUntilStreamExists(request -> request.streamName("life"));
    equal(clients.summary("life").openShardCount(), 2, "open shards");
    isTrue(clients.sync.listStreamsPaginator().streamNames().stream().anyMatch("life"::equals), "life is not listed");
    List<Tag> tags = clients.sync.listTagsForStream(request -> request.streamARN(arn)).tags();
    equal(tags, List.of(Tag.builder().key("team").value("platform").build()), "tags");
    clients.sync.deleteStream(request -> request.streamARN(arn));
    Checks.until(() -> {
      try {
        clients.summary("life");
        return false;
      } catch (ResourceNotFoundException gone) {
        return true;
      }
    }, "life is gone");
  }

  private void reshape() throws Exception {
    clients.create("reshaped", 1);
    clients.sync.splitShard(request -> request.streamName("reshaped").shardToSplit("shardId-000000000000")
        .newStartingHashKey("170141183460469231731687303715884105728"));
    clients.untilActive("reshaped");
    clients.sync.mergeShards(request -> request.streamName("reshaped").shardToMerge("shardId-000000000001")
        .adjacentShardToMerge("shardId-000000000002"));
    clients.untilActive("reshaped");
    var scaled = clients.async.updateShardCount(request -> request.streamName("reshaped").targetShardCount(2)
        .scalingType(ScalingType.UNIFORM_SCALING)).get(30, TimeUnit.SECONDS);
    equal(scaled.currentShardCount(), 1, "current shards");
    equal(scaled.targetShardCount(), 2, "target shards");
    equal(clients.untilActive("reshaped").openShardCount(), 2, "open shards");
    List<Shard> shards = clients.sync.listShards(request -> request.streamName("reshaped")).shards();
    equal(shards.size(), 6, "shards");
    equal(shards.get(3).parentShardId(), "shardId-000000000001", "the merged shard's parent");
    equal(shards.get(3).adjacentParentShardId(), "shardId-000000000002", "the merged shard's other parent");
    equal(shards.get(5).hashKeyRange().endingHashKey(), "340282366920938463463374607431768211455", "the last hash key");
  }

  private void settings() throws Exception {
    String arn = clients.create("set", 1);
    clients.sync.increaseStreamRetentionPeriod(request -> request.streamARN(arn).retentionPeriodHours(48));
    equal(clients.untilActive("set").retentionPeriodHours(), 48, "retention");
    clients.sync.enableEnhancedMonitoring(request -> request.streamARN(arn).shardLevelMetrics(MetricsName.ALL));
    isTrue(clients.untilActive("set").enhancedMonitoring().get(0).hasShardLevelMetrics(), "no metrics");
    clients.sync.startStreamEncryption(
        request -> request.streamARN(arn).encryptionType(EncryptionType.KMS).keyId("alias/aws/kinesis"));
    equal(clients.untilActive("set").encryptionType(), EncryptionType.KMS, "encryption");
    clients.sync.tagResource(request -> request.resourceARN(arn).tags(Map.of("zone", "eu")));
    equal(clients.sync.listTagsForResource(request -> request.resourceARN(arn)).tags().get(0).value(), "eu", "tag");
    clients.sync.updateStreamMode(
        request -> request.streamARN(arn).streamModeDetails(mode -> mode.streamMode(StreamMode.ON_DEMAND)));
    equal(clients.untilActive("set").streamModeDetails().streamMode(), StreamMode.ON_DEMAND, "mode");
    fails(ResourceNotFoundException.class, () -> clients.sync.getResourcePolicy(request -> request.resourceARN(
        "arn:aws:kinesis:us-east-1:111122223333:stream/nowhere")));
  }

  private void account() throws Exception {
    var limits = clients.sync.describeLimits();
    isTrue(limits.shardLimit() > limits.openShardCount(), limits.toString());
    equal(clients.sync.describeAccountSettings(request -> {}).minimumThroughputBillingCommitment().statusAsString(), "DISABLED",
        "the account's commitment");
  }
}
