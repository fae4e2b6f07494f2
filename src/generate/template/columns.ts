import type { Faker } from '@faker-js/faker';
import { messageOf } from '../../core/errors.js';
import { type Call, TemplateError } from './parse.js';

/** Makes one value. @param args as the template has them */
type Make = (faker: Faker, args: readonly unknown[]) => string | number | boolean;

/** Values of each column, by its name and arguments. */
export type Columns = Readonly<Record<string, readonly string[]>>;

/** Values in a column. Records choose among them. */
const COLUMN_VALUES = 1000;
const SEED = 1;

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** @param format with # for a digit, and ! for one from 2 to 9 */
function phoneNumber(faker: Faker, format = '!##-!##-####'): string {
  return format.replaceAll(/[#!]/g, (symbol) => String(faker.number.int({ min: symbol === '!' ? 2 : 0, max: 9 })));
}

/** Options without those that are undefined. */
function given<T extends object>(options: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof T]?: Exclude<T[Name], undefined> };
}

/** Functions of the Kinesis Data Generator whose values @faker-js/faker makes: most arguments, and how. */
const COLUMNS: Readonly<Record<string, readonly [argsMax: number, make: Make]>> = {
  'address.buildingNumber': [0, (f) => f.location.buildingNumber()],
  'address.city': [0, (f) => f.location.city()],
  'address.cityPrefix': [0, (f) => f.helpers.arrayElement(f.definitions.location.city_prefix)],
  'address.citySuffix': [0, (f) => f.helpers.arrayElement(f.definitions.location.city_suffix)],
  'address.country': [0, (f) => f.location.country()],
  'address.countryCode': [0, (f) => f.location.countryCode()],
  'address.county': [0, (f) => f.location.county()],
  'address.secondaryAddress': [0, (f) => f.location.secondaryAddress()],
  'address.state': [0, (f) => f.location.state()],
  'address.stateAbbr': [0, (f) => f.location.state({ abbreviated: true })],
  'address.streetAddress': [1, (f, [full]) => f.location.streetAddress(full === true)],
  'address.streetName': [0, (f) => f.location.street()],
  'address.streetPrefix': [0, (f) => f.person.firstName()],
  'address.streetSuffix': [0, (f) => f.helpers.arrayElement(f.definitions.location.street_suffix)],
  'address.timeZone': [0, (f) => f.location.timeZone()],
  'address.zipCode': [1, (f, [format]) => f.location.zipCode(textOf(format))],
  'commerce.color': [0, (f) => f.color.human()],
  'commerce.department': [0, (f) => f.commerce.department()],
  'commerce.product': [0, (f) => f.commerce.product()],
  'commerce.productAdjective': [0, (f) => f.commerce.productAdjective()],
  'commerce.productMaterial': [0, (f) => f.commerce.productMaterial()],
  'commerce.productName': [0, (f) => f.commerce.productName()],
  'company.bs': [0, (f) => f.company.buzzPhrase()],
  'company.bsAdjective': [0, (f) => f.company.buzzAdjective()],
  'company.bsBuzz': [0, (f) => f.company.buzzVerb()],
  'company.bsNoun': [0, (f) => f.company.buzzNoun()],
  'company.catchPhrase': [0, (f) => f.company.catchPhrase()],
  'company.catchPhraseAdjective': [0, (f) => f.company.catchPhraseAdjective()],
  'company.catchPhraseDescriptor': [0, (f) => f.company.catchPhraseDescriptor()],
  'company.catchPhraseNoun': [0, (f) => f.company.catchPhraseNoun()],
  'company.companyName': [1, (f) => f.company.name()],
  'company.companySuffix': [
    0,
    (f) => f.helpers.arrayElement(f.definitions.company.legal_entity_type as readonly string[]),
  ],
  'database.collation': [0, (f) => f.database.collation()],
  'database.column': [0, (f) => f.database.column()],
  'database.engine': [0, (f) => f.database.engine()],
  'database.type': [0, (f) => f.database.type()],
  'finance.accountName': [0, (f) => f.finance.accountName()],
  'finance.bic': [0, (f) => f.finance.bic()],
  'finance.bitcoinAddress': [0, (f) => f.finance.bitcoinAddress()],
  'finance.currencyCode': [0, (f) => f.finance.currencyCode()],
  'finance.currencyName': [0, (f) => f.finance.currencyName()],
  'finance.currencySymbol': [0, (f) => f.finance.currencySymbol()],
  'finance.iban': [1, (f) => f.finance.iban()],
  'finance.mask': [1, (f, [length]) => `(...${f.string.numeric(numberOf(length) ?? 4)})`],
  'finance.transactionType': [0, (f) => f.finance.transactionType()],
  'hacker.abbreviation': [0, (f) => f.hacker.abbreviation()],
  'hacker.adjective': [0, (f) => f.hacker.adjective()],
  'hacker.ingverb': [0, (f) => f.hacker.ingverb()],
  'hacker.noun': [0, (f) => f.hacker.noun()],
  'hacker.phrase': [0, (f) => f.hacker.phrase()],
  'hacker.verb': [0, (f) => f.hacker.verb()],
  'image.avatar': [0, (f) => f.image.avatar()],
  'image.dataUri': [
    2,
    (f, [width, height]) => f.image.dataUri(given({ width: numberOf(width), height: numberOf(height) })),
  ],
  'internet.avatar': [0, (f) => f.image.avatar()],
  'internet.color': [0, (f) => f.color.rgb()],
  'internet.domainName': [0, (f) => f.internet.domainName()],
  'internet.domainSuffix': [0, (f) => f.internet.domainSuffix()],
  'internet.domainWord': [0, (f) => f.internet.domainWord()],
  'internet.email': [
    3,
    (f, [firstName, lastName, provider]) =>
      f.internet.email(given({ firstName: textOf(firstName), lastName: textOf(lastName), provider: textOf(provider) })),
  ],
  'internet.exampleEmail': [0, (f) => f.internet.exampleEmail()],
  'internet.ipv6': [0, (f) => f.internet.ipv6()],
  'internet.mac': [0, (f) => f.internet.mac()],
  'internet.password': [1, (f, [length]) => f.internet.password(given({ length: numberOf(length) }))],
  'internet.protocol': [0, (f) => f.internet.protocol()],
  'internet.url': [0, (f) => f.internet.url()],
  'internet.userAgent': [0, (f) => f.internet.userAgent()],
  'internet.userName': [
    2,
    (f, [firstName, lastName]) =>
      f.internet.username(given({ firstName: textOf(firstName), lastName: textOf(lastName) })),
  ],
  'lorem.lines': [1, (f, [count]) => f.lorem.lines(numberOf(count))],
  'lorem.paragraph': [1, (f, [sentences]) => f.lorem.paragraph(numberOf(sentences))],
  'lorem.paragraphs': [1, (f, [count]) => f.lorem.paragraphs(numberOf(count))],
  'lorem.sentence': [1, (f, [words]) => f.lorem.sentence(numberOf(words))],
  'lorem.sentences': [1, (f, [count]) => f.lorem.sentences(numberOf(count))],
  'lorem.slug': [1, (f, [words]) => f.lorem.slug(numberOf(words))],
  'lorem.text': [0, (f) => f.lorem.text()],
  'lorem.word': [0, (f) => f.lorem.word()],
  'lorem.words': [1, (f, [count]) => f.lorem.words(numberOf(count))],
  'name.findName': [0, (f) => f.person.fullName()],
  'name.firstName': [1, (f) => f.person.firstName()],
  'name.jobArea': [0, (f) => f.person.jobArea()],
  'name.jobDescriptor': [0, (f) => f.person.jobDescriptor()],
  'name.jobTitle': [0, (f) => f.person.jobTitle()],
  'name.jobType': [0, (f) => f.person.jobType()],
  'name.lastName': [1, (f) => f.person.lastName()],
  'name.prefix': [0, (f) => f.person.prefix()],
  'name.suffix': [0, (f) => f.person.suffix()],
  'name.title': [0, (f) => f.person.jobTitle()],
  'phone.phoneFormats': [0, () => '###-###-####'],
  'phone.phoneNumber': [1, (f, [format]) => phoneNumber(f, textOf(format))],
  'phone.phoneNumberFormat': [1, (f) => phoneNumber(f)],
  'random.image': [0, (f) => f.image.url()],
  'random.locale': [0, (f) => f.location.countryCode().toLowerCase()],
  'random.word': [0, (f) => f.word.sample()],
  'random.words': [1, (f, [count]) => f.word.words(numberOf(count))],
  'system.commonFileExt': [0, (f) => f.system.commonFileExt()],
  'system.commonFileName': [1, (f, [extension]) => f.system.commonFileName(textOf(extension))],
  'system.commonFileType': [0, (f) => f.system.commonFileType()],
  'system.directoryPath': [0, (f) => f.system.directoryPath()],
  'system.fileExt': [1, (f, [mimeType]) => f.system.fileExt(textOf(mimeType))],
  'system.fileName': [0, (f) => f.system.fileName()],
  'system.filePath': [0, (f) => f.system.filePath()],
  'system.fileType': [0, (f) => f.system.fileType()],
  'system.mimeType': [0, (f) => f.system.mimeType()],
  'system.semver': [0, (f) => f.system.semver()],
};

export const COLUMN_NAMES: readonly string[] = Object.keys(COLUMNS);

/** The most arguments of a function whose values are a column; undefined for other functions. */
export function columnArgsMax(name: string): number | undefined {
  return Object.hasOwn(COLUMNS, name) ? COLUMNS[name]![0] : undefined;
}

export function columnId({ name, args }: Pick<Call, 'name' | 'args'>): string {
  return name + JSON.stringify(args);
}

/** Makes the columns of these calls. Loads @faker-js/faker, but only if there are any. */
export async function makeColumns(calls: readonly Call[]): Promise<Columns> {
  const columns: Record<string, string[]> = {};
  const needed = calls.filter(({ name }) => Object.hasOwn(COLUMNS, name));
  if (needed.length === 0) return columns;
  const { faker } = await import('@faker-js/faker/locale/en');
  for (const call of needed) {
    // Each column begins with the same seed, so that it does not depend on the others.
    faker.seed(SEED);
    const make = COLUMNS[call.name]![1];
    try {
      columns[columnId(call)] = Array.from({ length: COLUMN_VALUES }, () => oneLine(String(make(faker, call.args))));
    } catch (error) {
      throw new TemplateError(call.index, `${call.name} refuses its arguments: ${messageOf(error)}`);
    }
  }
  return columns;
}

/** Line breaks, as between paragraphs, would end a string of JSON. */
function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]\s*/g, ' ');
}
