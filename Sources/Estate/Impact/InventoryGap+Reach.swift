import AWS

extension InventoryGap {
    /// Whether it is of all Regions, though it carries the one in which somebody was asked: an account that nobody
    /// entered, one whose Regions nobody knows, events of whatever Region, or a name that may lead to a key there as well.
    var isOfEveryRegion: Bool {
        if soughtName != nil { return true }
        return switch (service, operation) {
        case ("sts", "AssumeRole"), ("organizations", "ListAccounts"), ("ec2", "DescribeRegions"),
            ("cloudtrail", "Records"):
            true
        default: false
        }
    }

    /// The alias or bare id of which KMS did not say in a Region whether it leads to a key there; nil of all else. Keys that
    /// are known to be there are asked for by their ARNs.
    var soughtName: KeyName? {
        guard service == KeyReader.service.name, operation == DescribeKey.name, let resource else { return nil }
        return switch KeyName(resource.text) {
        case .keyID, .alias: KeyName(resource.text)
        case .keyARN, .aliasARN: nil
        }
    }

    /// The key that it is of alone, whose callers could not be looked up; nil of what may be of any key.
    var lookedUp: OutsideText? {
        service == CallerLookup.service && operation == CallerLookup.operation ? resource : nil
    }
}
