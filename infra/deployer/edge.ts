import { type DeployerScope, type GrantStatement, allow, crud, wordsOf } from "./statement.ts";

/** Statements for CloudFront, its firewall, certificates and DNS names. */
export function onEdge(scope: DeployerScope): Readonly<Record<string, readonly GrantStatement[]>> {
  const { own, arn, made, tagged } = wordsOf(scope);
  const edge = [
    // Covers all CloudFront resources of the account: CloudFront's functions and policies do not support tags, and IAM
    // does not support prefixes of their ids.
    allow(
      "Edge",
      [
        ...crud(
          "cloudfront",
          ["Distribution", "Function", "CachePolicy", "ResponseHeadersPolicy", "OriginAccessControl", "KeyValueStore"],
          ["Create", "Update", "Delete", "Get"],
        ),
        "cloudfront:DescribeFunction",
        "cloudfront:DescribeKeyValueStore",
        "cloudfront:PublishFunction",
        "cloudfront:TagResource",
        "cloudfront:ListTagsForResource",
        "cloudfront:AllowVendedLogDeliveryForResource",
        "cloudfront-keyvaluestore:DescribeKeyValueStore",
        "cloudfront-keyvaluestore:GetKey",
        "cloudfront-keyvaluestore:ListKeys",
        "cloudfront-keyvaluestore:UpdateKeys",
      ],
      [arn("cloudfront", "*", "")],
    ),
    allow("EdgeReading", ["cloudfront:List*"], ["*"]),
    allow(
      "Firewall",
      [
        ...crud("wafv2", ["WebACL"], ["Create", "Update", "Delete", "Get"]),
        ...crud("wafv2", ["LoggingConfiguration"], ["Put", "Delete", "Get"]),
        "wafv2:TagResource",
        "wafv2:ListTagsForResource",
      ],
      [arn("wafv2", `global/webacl/${own}`, "us-east-1"), arn("wafv2", "global/managedruleset/*", "us-east-1")],
    ),
    allow("NewCertificates", ["acm:RequestCertificate", "acm:AddTagsToCertificate"], ["*"], made),
    allow(
      "Certificates",
      ["acm:DescribeCertificate", "acm:DeleteCertificate", "acm:ListTagsForCertificate"],
      [arn("acm", "certificate/*", "us-east-1")],
      tagged,
    ),
    allow(
      "Names",
      [
        "route53:ChangeResourceRecordSets",
        "route53:GetHostedZone",
        "route53:ListResourceRecordSets",
        "route53:GetChange",
      ],
      ["arn:aws:route53:::hostedzone/*", "arn:aws:route53:::change/*"],
    ),
    allow("Zones", ["route53:ListHostedZones", "route53:ListHostedZonesByName"], ["*"]),
  ];
  return { edge };
}
