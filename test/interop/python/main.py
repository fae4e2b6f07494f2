"""boto3 against the emulator: every operation at least once, and what its users rely on."""

import streams  # noqa: F401  (each of these adds its checks)
import records  # noqa: F401
import settings  # noqa: F401
import consumers  # noqa: F401
import follow  # noqa: F401
import errors  # noqa: F401
import checks


@checks.check
def every_operation_of_the_model_was_answered(kinesis):
    unanswered = set(kinesis.meta.service_model.operation_names) - checks.ANSWERED_OPERATIONS
    checks.equal(sorted(unanswered), [], "operations that no check called with success")


checks.main()
