import type { Call } from "./call.ts";
import type { ResourceCall } from "./translate.ts";

const CALLS: readonly Call[] = [
  { operation: "CreateBucket", service: "s3", params: { bucket: "sst-asset-mock" } },
  {
    operation: "DescribeImages",
    service: "ec2",
    params: {},
    made: { "mock-of-al2023-ami-kernel-default-arm64": "Images[0].ImageId", "ami-mock": "Images[0].ImageId" },
  },
  {
    operation: "DescribeManagedPrefixLists",
    service: "ec2",
    params: {},
    made: { "pl-mock": "PrefixLists[0].PrefixListId" },
  },
  {
    operation: "CreateHostedZone",
    service: "route53",
    params: { name: "example.org", callerReference: "prepared" },
    made: { Z0MOCK: "HostedZone.Id" },
  },
];

/**
 * Calls for the resources that exist before a deployment: the bucket that SST creates at the first deployment of an
 * account, images, Amazon's prefix list, and the DNS zone of a stage with a domain. Each `made` maps a value of the
 * evaluation to the place of the real value in the response.
 */
export const PREPARED: readonly ResourceCall[] = CALLS.map((call) => ({
  ...call,
  id: `(account) ${call.operation}`,
  resource: "(account)",
  region: "us-east-1",
}));
