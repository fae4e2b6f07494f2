import { isJsonObject } from '../protocol/json.js';
import { invalidArgument, type ServiceError } from '../protocol/service-error.js';

/** IAM's limit for resource policies of this service. */
const POLICY_BYTES_MAX = 20 * 1024;

/** Throws an InvalidArgumentException if the text is not a resource policy. */
export function checkPolicy(text: string): void {
  if (Buffer.byteLength(text) > POLICY_BYTES_MAX) throw malformed(`it is larger than ${POLICY_BYTES_MAX} bytes`);
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    throw malformed('it is not valid JSON');
  }
  if (!isJsonObject(policy)) throw malformed('it is not a JSON object');
  const { Version: version, Statement: statement } = policy;
  if (version !== undefined && version !== '2012-10-17' && version !== '2008-10-17') {
    throw malformed('its Version must be 2012-10-17');
  }
  const statements: unknown[] = Array.isArray(statement) ? statement : [statement];
  if (statements.length === 0) throw malformed('it has no Statement');
  for (const entry of statements) checkStatement(entry);
}

function checkStatement(statement: unknown): void {
  if (!isJsonObject(statement)) throw malformed('each Statement must be an object');
  const { Effect: effect, Principal: principal, Action: action, Resource: resource } = statement;
  if (effect !== 'Allow' && effect !== 'Deny') throw malformed('the Effect of a Statement must be Allow or Deny');
  if (!isPrincipal(principal)) throw malformed('a Statement must name a Principal');
  if (!isTexts(action) || !texts(action).every((name) => name === '*' || /^kinesis:[a-zA-Z*?]+$/i.test(name))) {
    throw malformed('the Action of a Statement must be kinesis actions');
  }
  if (!isTexts(resource) || !texts(resource).every((arn) => arn === '*' || /^arn:aws[^:]*:kinesis:/.test(arn))) {
    throw malformed('the Resource of a Statement must be kinesis ARNs');
  }
}

function isPrincipal(value: unknown): boolean {
  if (typeof value === 'string') return value === '*';
  return isJsonObject(value) && Object.keys(value).length > 0 && Object.values(value).every(isTexts);
}

function isTexts(value: unknown): value is string | string[] {
  if (Array.isArray(value)) return value.length > 0 && value.every((text) => typeof text === 'string');
  return typeof value === 'string';
}

function texts(value: string | string[]): string[] {
  return typeof value === 'string' ? [value] : value;
}

function malformed(what: string): ServiceError {
  return invalidArgument(`The resource policy is malformed: ${what}.`);
}
