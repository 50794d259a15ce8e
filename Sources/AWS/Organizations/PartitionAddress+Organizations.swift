extension PartitionAddress {
    /// That of Organizations in a Region's partition, as botocore's rules have it. Over dual stack it has none by which the
    /// partition's one Region is not named, so that the plain one is taken.
    ///
    /// - Returns: nil for an unknown partition, and for FIPS outside of the partitions `aws` and `aws-us-gov`.
    package static func organizations(of region: Region, fips: Bool = false) -> Self? {
        guard let partition = region.partition else { return nil }
        let home =
            switch partition {
            case .aws: "us-east-1"
            case .govCloud: "us-gov-west-1"
            case .china: "cn-northwest-1"
            case .europeanSovereign: "eusc-de-east-1"
            case .iso: "us-iso-east-1"
            case .isoB: "us-isob-east-1"
            case .isoE: "eu-isoe-west-1"
            case .isoF: "us-isof-south-1"
            }
        guard !fips || [.aws, .govCloud].contains(partition) else { return nil }
        // GovCloud's only one is validated to FIPS 140.
        let host = fips && partition == .aws ? "organizations-fips" : "organizations"
        return Self(host: "\(host).\(home).\(partition.suffix(.init()))", in: home)
    }
}
