extension PartitionAddress {
    /// IAM's in a Region's partition, as botocore's rules have it.
    ///
    /// - Returns: nil for an unknown partition, and for variants outside of the partitions `aws` and `aws-us-gov`.
    package static func iam(of region: Region, _ variant: EndpointVariant = .init()) -> Self? {
        guard let partition = region.partition else { return nil }
        let (home, host): (String, String?) =
            switch partition {
            case .aws:
                (
                    "us-east-1",
                    (variant.fips ? "iam-fips." : "iam.") + (variant.dualStack ? "global.api.aws" : "amazonaws.com")
                )
            // GovCloud's only IAM is validated to FIPS 140.
            case .govCloud: ("us-gov-west-1", "iam.us-gov." + partition.suffix(variant))
            case .china: ("cn-north-1", nil)
            case .europeanSovereign: ("eusc-de-east-1", nil)
            case .iso: ("us-iso-east-1", nil)
            case .isoB: ("us-isob-east-1", nil)
            case .isoE: ("eu-isoe-west-1", nil)
            case .isoF: ("us-isof-south-1", nil)
            }
        guard host != nil || variant.isPlain else { return nil }
        return Self(host: host ?? "iam.\(home).\(partition.suffix(variant))", in: home)
    }
}
