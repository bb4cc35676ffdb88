import { type Violation, add, gone, may, NO_RESOURCE, policy, set } from "./violation.ts";

const STRICT = "securityHeadersConfig";
const trust = (statement: Readonly<Record<string, unknown>>) => ({
  assumeRolePolicy: policy({ Action: "sts:AssumeRole", ...statement }),
});

/** Changes that break each rule about CloudFront, the firewall, the network, hosts, roles and secrets. */
export const ofEdgeAndNetwork: Readonly<Record<string, Violation>> = {
  "cdn-speaks-tls-1.2": set("RouterCdnDistribution", { "viewerCertificate.minimumProtocolVersion": "TLSv1_2016" }),
  "cdn-of-production-has-own-certificate": set("RouterCdnDistribution", {
    viewerCertificate: { cloudfrontDefaultCertificate: true },
  }),
  "cdn-shares-addresses": set("RouterCdnDistribution", { "viewerCertificate.sslSupportMethod": "vip" }),
  "cdn-reaches-origin-by-https": set("RouterCdnDistribution", {
    "origins.0.customOriginConfig.originProtocolPolicy": "http-only",
  }),
  "cdn-reaches-origin-by-tls-1.2": set("RouterCdnDistribution", {
    "origins.0.customOriginConfig.originSslProtocols": ["SSLv3"],
  }),
  "cdn-has-firewall": set("RouterCdnDistribution", { webAclId: undefined }),
  "cdn-logs-requests": gone("CdnLogDelivery", "RouterCdnDistribution"),
  "cdn-adds-security-headers": set("RouterCdnDistribution", {
    "defaultCacheBehavior.responseHeadersPolicyId": undefined,
  }),
  "headers-forbid-guessing-types": set("SecurityHeaders", { [`${STRICT}.contentTypeOptions`]: undefined }),
  "headers-forbid-frames": set("SecurityHeaders", { [`${STRICT}.frameOptions.frameOption`]: "SAMEORIGIN" }),
  "headers-send-no-referrer": set("SecurityHeaders", { [`${STRICT}.referrerPolicy`]: undefined }),
  "headers-allow-no-content": set("SecurityHeaders", {
    [`${STRICT}.contentSecurityPolicy.contentSecurityPolicy`]: "default-src *",
  }),
  "headers-allow-own-scripts-alone": set("SecurityHeaders", {
    [`${STRICT}.contentSecurityPolicy.contentSecurityPolicy`]:
      "default-src 'none'; script-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
  }),
  "cdn-reads-buckets-signed": set("RouterCdnDistribution", { "origins.1.originAccessControlId": undefined }),
  "cdn-keeps-no-answers": set("RouterCdnDistribution", { "defaultCacheBehavior.cachePolicyId": "router-cache" }),
  "cdn-speaks-ipv6": set("RouterCdnDistribution", { isIpv6Enabled: undefined }),
  "cdn-speaks-http3": set("RouterCdnDistribution", { httpVersion: "http2" }),
  "cdn-function-fits": set("RouterCloudfrontFunctionRequest", { code: "é".repeat(5200) }),
  "cdn-function-takes-no-identity-from-callers": set("RouterCloudfrontFunctionRequest", { code: "" }),
  "certificate-names-its-hosts": set("RouterCdnSslCertificate", { domainName: "*.example.org" }),
  "certificate-renews-itself": set("RouterCdnSslCertificate", { validationMethod: "EMAIL" }),
  "domain-answers-over-both-protocols": gone("RouterCdnAAAARecordApiexampleorg"),

  "firewall-logs": gone("RouterWafLogging", "RouterWaf"),
  "firewall-logs-no-credentials": set("RouterWafLogging", { redactedFields: [] }),
  "firewall-limits-addresses": set("RouterWaf", { "rules.0.statement.rateBasedStatement.limit": 100_000 }),
  "firewall-knows-bad-inputs": set("RouterWaf", { "rules.2.statement": {} }),
  "firewall-has-core-rules": set("RouterWaf", { "rules.1.statement": {} }),
  "firewall-knows-sql-injection": set("RouterWaf", { "rules.3.statement": {} }),
  "firewall-counts-each-rule": set("RouterWaf", { "rules.1.visibilityConfig.cloudwatchMetricsEnabled": false }),
  "firewall-refuses": set("RouterWaf", { "rules.1.overrideAction": { none: {} } }),
  "firewall-lets-large-uploads-be": set("RouterWaf", {
    "rules.1.statement.managedRuleGroupStatement.ruleActionOverrides": [],
  }),
  "tenant-has-no-firewall": add("aws:wafv2/webAcl:WebAcl", {}, "tenant-bandung"),

  "vpc-logs-flows": gone("VpcFlowLog", "VpcVpc"),
  "vpc-logs-refused-connections": set("VpcFlowLog", { trafficType: "ACCEPT" }),
  "vpc-of-production-logs-everything": set("VpcFlowLog", { trafficType: "REJECT" }),
  "vpc-resolves-names": set("VpcVpc", { enableDnsHostnames: false }),
  "subnets-span-zones": set("VpcPrivateSubnet3", { availabilityZone: "us-east-1a" }, { finds: NO_RESOURCE }),
  "subnets-are-public-or-private": set("VpcPrivateRouteTable1", {
    routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: "igw-1" }],
  }),
  "subnets-keep-their-names": set("VpcPrivateSubnet1", { tags: { team: "a" } }),
  "subnets-are-tagged-for-load-balancers": set("PrivateSubnet", { tags: { Name: "Private" } }, { base: "kubernetes" }),
  "vpc-reaches-s3-inside": gone("S3Endpoint"),
  "vpc-reaches-s3-from-every-subnet": set(
    "S3Endpoint",
    { routeTableIds: ["vpc-private-route-table1-id"] },
    { finds: "VpcPrivateRouteTable2" },
  ),
  "endpoint-cannot-carry-data-off": set("S3Endpoint", {
    policy: policy({ Action: "s3:*", Resource: "*", Principal: "*" }),
  }),
  "tenant-has-no-interface-endpoint": set("S3Endpoint", { vpcEndpointType: "Interface" }, { base: "tenant-bandung" }),
  "nat-gateway-in-every-zone": gone("VpcNatGateway2"),
  "tenant-has-no-nat-gateway": add("aws:ec2/natGateway:NatGateway", {}, "tenant-bandung"),
  "ipv6-only-leaves": set("VpcPrivateRouteTable1", { routes: [] }, { base: "tenant-bandung" }),
  "address-is-in-use": gone("VpcNatGateway2", "VpcElasticIp2"),

  "group-by-default-is-empty": set("VpcSecurityGroup", { ingress: [{ protocol: "-1", self: true }] }),
  "group-is-closed-to-the-world": set("CacheFromFunctions", { cidrIpv6: "::/0" }),
  "group-opens-few-ports": set("CacheFromFunctions", { ipProtocol: "-1" }),
  "group-of-data-names-its-callers": set("DatabaseFromFunctions", { cidrIpv4: "10.0.0.0/16" }),
  "group-does-not-let-everything-out": set("CacheGroup", {
    egress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }],
  }),
  "group-sends-encrypted-only": set("FunctionsToHttps", { fromPort: 80, toPort: 80 }),
  "group-is-described": set("CacheGroup", { description: "Managed by Pulumi" }),
  "group-has-few-rules": set("CacheGroup", { ingress: Array.from({ length: 21 }, () => ({})) }),

  "machine-keeps-credentials-to-itself": set(
    "NatInstance",
    { "metadataOptions.httpPutResponseHopLimit": 2 },
    { base: "staging" },
  ),
  "machine-disk-is-encrypted": set("NatInstance", { rootBlockDevice: {} }, { base: "staging" }),
  "machine-has-role": set("NatInstance", { iamInstanceProfile: undefined }, { base: "staging" }),
  "machine-script-has-no-secret": set(
    "NatInstance",
    { userData: "#!/bin/sh\nexport PASSWORD=hunter2" },
    { base: "staging" },
  ),
  "machine-is-small": set("NatInstance", { instanceType: "m7g.4xlarge" }, { base: "staging" }),
  "stage-has-no-machine": add("aws:ec2/instance:Instance", {}, "tenant-bandung"),

  "role-trusts-services-only": set("ApiRole", trust({ Principal: { AWS: "arn:aws:iam::123456789012:root" } })),
  "role-trusts-somebody-named": set("ApiRole", trust({ Principal: { AWS: "*" } })),
  "role-names-for-whom-a-service-acts": set(
    "SweepScheduleRole",
    trust({ Principal: { Service: "scheduler.amazonaws.com" } }),
  ),
  "role-administers-nothing": set("ApiRole", { managedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"] }),
  "role-has-few-managed-policies": set("ApiRole", {
    managedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"],
  }),
  "role-may-not-do-everything": set("ApiRole", may("*")),
  "role-names-its-actions": set("ApiRole", may("s3:Get*")),
  "role-names-its-resources": set("ApiRole", may("sqs:SendMessage", "*")),
  "role-cannot-widen-itself": set("ApiRole", may(["sqs:SendMessage", "iam:PassRole"])),
  "role-reads-named-credentials-only": set("ApiRole", may("secretsmanager:GetSecretValue", "*")),
  "role-has-no-keys-to-everything": set("ApiRole", may("kms:Encrypt", "*")),
  "role-says-what-it-may": set("ApiRole", {
    inlinePolicies: [{ name: "it", policy: policy({ NotAction: "iam:*", Resource: "arn:1" }) }],
  }),
  "role-cannot-hide-what-it-did": set("ApiRole", may("logs:DeleteLogGroup")),
  "role-cannot-delete-evidence": set("ApiRole", may("s3:DeleteObjectVersion")),
  "role-policies-can-be-read": set("ApiRole", {
    inlinePolicies: [{ name: "it", policy: policy({ Action: "sqs:SendMessage" }) }],
  }),
  "no-user-with-keys": add("aws:iam/accessKey:AccessKey"),

  "secret-can-be-brought-back": set("CacheProxySecret", { recoveryWindowInDays: 0 }),
  "secret-is-rotated": {
    ...set("CacheProxySecret", {}),
    fix: (resources) => [
      ...resources,
      {
        type: "aws:secretsmanager/secretRotation:SecretRotation",
        name: "Rotation",
        inputs: { secretId: "cache-proxy-secret-id" },
      },
    ],
    spoil: (resources) => resources.filter(({ name }) => name !== "Rotation"),
  },
  "parameter-is-sealed": set("VpcPrivateKeyValue", { type: "String" }, { base: "dev" }),
  "password-is-long": set("DatabasePassword", { length: 12 }),

  "deployer-trusts-one-environment": set("Deployer", {
    assumeRolePolicy: policy({
      Action: "sts:AssumeRoleWithWebIdentity",
      Principal: { Federated: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" },
      Condition: {
        StringEquals: { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" },
        StringLike: { "token.actions.githubusercontent.com:sub": "repo:kampung/*" },
      },
    }),
  }),
  "deployer-names-its-actions": set("DeployerCompute", {
    policy: policy({ Action: "lambda:*", Resource: "arn:aws:lambda:us-east-1:123456789012:function:one" }),
  }),
  "deployer-changes-its-stage-alone": set("DeployerCompute", {
    policy: policy({ Action: "lambda:DeleteFunction", Resource: "*" }),
  }),
  "deployer-makes-bounded-roles": set("DeployerRoles", {
    policy: policy({ Action: "iam:CreateRole", Resource: "arn:aws:iam::123456789012:role/one" }),
  }),
  "roles-keep-to-the-boundary": set("ApiRole", { permissionsBoundary: undefined }),
};
