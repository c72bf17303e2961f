import { EXACT_DECIMALS } from './cost-records.ts';
import { amountOf, asHours, roundAmounts } from './price.ts';
import type { SourcedPrice } from './price-on.ts';
import { dayText } from './usage-day.ts';
import type { UsageSum } from './usage-sum.ts';
import { USES, type Use } from './use.ts';

/** Who the device time of a run is charged to, and what it was for. */
export interface FocusRun {
  readonly recipe: string;
  readonly arm: string;
  readonly recipeDigest: string;
  readonly team: string | null;
  readonly project: string | null;
  readonly costCenter: string | null;
  readonly cluster: string;
}

/** Device time of one run, node, stage and day, with its price. */
export interface PricedUsage {
  readonly sum: UsageSum;
  readonly price: SourcedPrice;
}

type Cell = string | null;
export type FocusRecord = Readonly<Record<string, Cell>>;

const PRICING = { 'on-demand': 'Standard', reserved: 'Committed', spot: 'Dynamic' } as const;
const PRODUCT = 'Stint';

/**
 * Charges in the FinOps Open Cost and Usage Specification, version 1.0 (https://focus.finops.org): one a run, node,
 * stage, day and use, so that waste stands in rows of its own. The columns that the specification renamed are there under
 * both names, because the validator of the FinOps Foundation (focus-validator 1.0.0) still asks for the earlier ones.
 *
 * @param runOf - Null for a run that is not known here.
 */
export function focusRecords(
  usage: readonly PricedUsage[],
  runOf: (run: string) => FocusRun | null,
): readonly FocusRecord[] {
  const charges = usage.flatMap(({ sum, price }) =>
    USES.flatMap((use) => {
      const gpuMilliseconds = sum.uses[use] ?? 0;
      return gpuMilliseconds === 0 ? [] : [{ sum, price, use, gpuMilliseconds }];
    }),
  );
  const costs = roundAmounts(
    charges.map(({ gpuMilliseconds, price }) => amountOf(gpuMilliseconds, price)),
    EXACT_DECIMALS,
  );
  const hours = roundAmounts(
    charges.map(({ gpuMilliseconds }) => asHours(gpuMilliseconds)),
    EXACT_DECIMALS,
  );
  return charges.map((charge, index) =>
    record(charge, costs[index] ?? '', hours[index] ?? '', runOf(charge.sum.key.run ?? '')),
  );
}

interface Charge extends PricedUsage {
  readonly use: Use;
  readonly gpuMilliseconds: number;
}

function record({ sum, price, use }: Charge, cost: string, hours: string, run: FocusRun | null): FocusRecord {
  const { deviceModel, capacity, region, day } = sum;
  const { run: id = '', node = '', stage = '' } = sum.key;
  const sku = [deviceModel, capacity, region].filter(Boolean).join('/');
  const subAccount = run?.project ?? run?.team ?? null;
  const what = use === 'productive' ? 'productive' : `waste: ${use}`;
  return {
    AvailabilityZone: null,
    BilledCost: cost,
    BillingAccountId: run?.costCenter ?? PRODUCT,
    BillingAccountName: run?.costCenter ?? PRODUCT,
    BillingCurrency: price.currency,
    BillingPeriodEnd: instant(monthAfter(day)),
    BillingPeriodStart: instant(`${dayText(day).slice(0, 7)}-01`),
    ChargeCategory: 'Usage',
    ChargeClass: null,
    ChargeDescription: `${stage} on ${node}, ${what}; price: ${price.source}`,
    ChargeFrequency: 'Usage-Based',
    ChargePeriodEnd: instant(dayText(day + 1)),
    ChargePeriodStart: instant(dayText(day)),
    ChargeType: 'Usage',
    CommitmentDiscountCategory: null,
    CommitmentDiscountId: null,
    CommitmentDiscountName: null,
    CommitmentDiscountStatus: null,
    CommitmentDiscountType: null,
    ConsumedQuantity: hours,
    ConsumedUnit: 'Hours',
    ContractedCost: cost,
    ContractedUnitPrice: price.perDeviceHour,
    EffectiveCost: cost,
    InvoiceIssuer: PRODUCT,
    InvoiceIssuerName: PRODUCT,
    ListCost: cost,
    ListUnitPrice: price.perDeviceHour,
    PricingCategory: PRICING[capacity],
    PricingQuantity: hours,
    PricingUnit: 'Hours',
    Provider: PRODUCT,
    ProviderName: PRODUCT,
    Publisher: PRODUCT,
    PublisherName: PRODUCT,
    RegionId: region,
    RegionName: region,
    ResourceID: id,
    ResourceId: id,
    ResourceName: run?.arm ?? null,
    ResourceType: 'Training run',
    ServiceCategory: 'AI and Machine Learning',
    ServiceName: PRODUCT,
    SkuId: sku,
    SkuPriceId: `${sku}@${price.perDeviceHour} ${price.currency}`,
    SubAccountId: subAccount,
    SubAccountName: subAccount,
    Tags: JSON.stringify(tags(sum, use, run)),
  };
}

function tags({ key }: UsageSum, use: Use, run: FocusRun | null): Readonly<Record<string, string>> {
  const known = {
    'stint/run': key.run,
    'stint/stage': key.stage,
    'stint/node': key.node,
    'stint/use': use,
    'stint/recipe': run?.recipe,
    'stint/recipe-digest': run?.recipeDigest,
    'stint/cluster': run?.cluster,
    'stint/team': run?.team,
    'stint/project': run?.project,
    'stint/cost-center': run?.costCenter,
  };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value != null)) as Record<
    string,
    string
  >;
}

const instant = (day: string): string => `${day}T00:00:00Z`;

function monthAfter(day: number): string {
  const [year = 0, month = 0] = dayText(day).split('-').map(Number);
  return new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10);
}

const NOTHING: Charge = {
  sum: {
    key: {},
    gpuMilliseconds: 0,
    doubtfulMilliseconds: 0,
    phases: {},
    uses: {},
    deviceModel: '',
    capacity: 'on-demand',
    region: null,
    day: 0,
    listedPrice: null,
  },
  price: { currency: '', billionthsPerDeviceHour: 0n, perDeviceHour: '0', source: '' },
  use: 'productive',
  gpuMilliseconds: 0,
};

/** In their order. A month in which nothing was held has them, too: who reads the file finds no charges, and not no file. */
export const FOCUS_COLUMNS: readonly string[] = Object.keys(record(NOTHING, '', '', null));
