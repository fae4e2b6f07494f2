"""What can be set on a stream, a consumer or an account."""

import json

from checks import check, create, equal, recent, register, summary, until_active

KEY_ID = "alias/aws/kinesis"
ON_DEMAND = {"StreamMode": "ON_DEMAND"}
PROVISIONED = {"StreamMode": "PROVISIONED"}


@check
def retention_is_raised_and_lowered(kinesis):
    create(kinesis, "kept")
    kinesis.increase_stream_retention_period(StreamName="kept", RetentionPeriodHours=8760)
    equal(until_active(kinesis, "kept")["RetentionPeriodHours"], 8760)
    kinesis.decrease_stream_retention_period(StreamName="kept", RetentionPeriodHours=25)
    equal(until_active(kinesis, "kept")["RetentionPeriodHours"], 25)


@check
def tags_of_a_stream_by_both_ways(kinesis):
    arn = create(kinesis, "tagged", Tags={"zone": "eu"})
    kinesis.add_tags_to_stream(StreamName="tagged", Tags={"env": "dev", "team": "platform"})
    answer = kinesis.list_tags_for_stream(StreamName="tagged", Limit=2)
    equal(answer["Tags"], [{"Key": "env", "Value": "dev"}, {"Key": "team", "Value": "platform"}])
    equal(answer["HasMoreTags"], True)
    answer = kinesis.list_tags_for_stream(StreamName="tagged", ExclusiveStartTagKey="team")
    equal([answer["Tags"], answer["HasMoreTags"]], [[{"Key": "zone", "Value": "eu"}], False])
    kinesis.remove_tags_from_stream(StreamName="tagged", TagKeys=["team"])
    kinesis.tag_resource(ResourceARN=arn, Tags={"env": "prod"})
    kinesis.untag_resource(ResourceARN=arn, TagKeys=["zone"])
    equal(kinesis.list_tags_for_resource(ResourceARN=arn)["Tags"], [{"Key": "env", "Value": "prod"}])


@check
def tags_of_a_consumer(kinesis):
    consumer = register(kinesis, create(kinesis, "tagged-consumer"), "reader")
    kinesis.tag_resource(ResourceARN=consumer, Tags={"owner": "ops"})
    equal(kinesis.list_tags_for_resource(ResourceARN=consumer)["Tags"], [{"Key": "owner", "Value": "ops"}])


@check
def monitoring_is_enabled_and_disabled(kinesis):
    create(kinesis, "monitored")
    answer = kinesis.enable_enhanced_monitoring(
        StreamName="monitored", ShardLevelMetrics=["IncomingBytes", "OutgoingBytes"]
    )
    equal(answer["CurrentShardLevelMetrics"], [])
    equal(sorted(answer["DesiredShardLevelMetrics"]), ["IncomingBytes", "OutgoingBytes"])
    metrics = until_active(kinesis, "monitored")["EnhancedMonitoring"][0]["ShardLevelMetrics"]
    equal(sorted(metrics), ["IncomingBytes", "OutgoingBytes"])
    answer = kinesis.disable_enhanced_monitoring(StreamName="monitored", ShardLevelMetrics=["ALL"])
    equal(answer["DesiredShardLevelMetrics"], [])
    equal(until_active(kinesis, "monitored")["EnhancedMonitoring"], [{"ShardLevelMetrics": []}])


@check
def encryption_starts_and_stops(kinesis):
    create(kinesis, "secret")
    kinesis.start_stream_encryption(StreamName="secret", EncryptionType="KMS", KeyId=KEY_ID)
    seen = until_active(kinesis, "secret")
    equal([seen["EncryptionType"], seen["KeyId"]], ["KMS", KEY_ID])
    equal(kinesis.put_record(StreamName="secret", PartitionKey="a", Data=b"1")["EncryptionType"], "KMS")
    kinesis.stop_stream_encryption(StreamName="secret", EncryptionType="KMS", KeyId=KEY_ID)
    seen = until_active(kinesis, "secret")
    equal(seen["EncryptionType"], "NONE")
    assert "KeyId" not in seen, seen


@check
def policies_are_put_read_and_deleted(kinesis):
    arn = create(kinesis, "shared")
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "read",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
                "Action": ["kinesis:DescribeStreamSummary", "kinesis:GetRecords"],
                "Resource": arn,
            }
        ],
    }
    kinesis.put_resource_policy(ResourceARN=arn, Policy=json.dumps(policy))
    equal(json.loads(kinesis.get_resource_policy(ResourceARN=arn)["Policy"]), policy)
    kinesis.delete_resource_policy(ResourceARN=arn)


@check
def record_size_is_raised(kinesis):
    arn = create(kinesis, "sized")
    kinesis.update_max_record_size(StreamARN=arn, MaxRecordSizeInKiB=2048)
    equal(until_active(kinesis, "sized")["MaxRecordSizeInKiB"], 2048)
    kinesis.put_record(StreamARN=arn, PartitionKey="a", Data=bytes(2048 * 1024 - 1))


@check
def modes_warm_throughput_and_account_settings(kinesis):
    limits = kinesis.describe_limits()
    assert limits["ShardLimit"] > limits["OpenShardCount"] > 0, limits
    assert limits["OnDemandStreamCountLimit"] > limits["OnDemandStreamCount"] >= 0, limits

    equal(kinesis.describe_account_settings()["MinimumThroughputBillingCommitment"]["Status"], "DISABLED")
    answer = kinesis.update_account_settings(MinimumThroughputBillingCommitment={"Status": "ENABLED"})
    equal(answer["MinimumThroughputBillingCommitment"]["Status"], "ENABLED")
    settings = kinesis.describe_account_settings()["MinimumThroughputBillingCommitment"]
    equal(settings["Status"], "ENABLED")
    recent(settings["StartedAt"])

    arn = create(kinesis, "switched")
    kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails=ON_DEMAND)
    equal(until_active(kinesis, "switched")["StreamModeDetails"], ON_DEMAND)
    answer = kinesis.update_stream_warm_throughput(StreamARN=arn, WarmThroughputMiBps=10)
    equal([answer["StreamName"], answer["StreamARN"]], ["switched", arn])
    equal(answer["WarmThroughput"]["TargetMiBps"], 10)
    equal(until_active(kinesis, "switched")["WarmThroughput"], {"TargetMiBps": 10, "CurrentMiBps": 10})
    kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails=PROVISIONED)
    equal(until_active(kinesis, "switched")["StreamModeDetails"], PROVISIONED)


@check
def an_on_demand_stream_begins_with_four_shards(kinesis):
    kinesis.create_stream(StreamName="elastic", StreamModeDetails=ON_DEMAND)
    until_active(kinesis, "elastic")
    seen = summary(kinesis, "elastic")
    equal([seen["StreamModeDetails"], seen["OpenShardCount"]], [ON_DEMAND, 4])
