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

    /// The key of which KMS did not tell something, its policy or when it was used: what uses that key, and other keys, was
    /// read all the same. nil of all else.
    var ownKey: OutsideText? {
        guard service == KeyReader.service.name, let resource, case .keyARN = KeyName(resource.text) else { return nil }
        return resource
    }

    /// Whether it leaves open which keys there are.
    package var hidesKeys: Bool {
        if service == KeyReader.service.name { return [ListKeys.name, DescribeKey.name].contains(operation) }
        return isOfEveryRegion && service != CallerLookup.service
    }

    /// The key that it is of alone, whose callers could not be looked up; nil of what may be of any key.
    var lookedUp: OutsideText? {
        service == CallerLookup.service && operation == CallerLookup.operation ? resource : nil
    }
}

extension KeyReference {
    /// Account and Region of the key that it names: an alias's own, or those in which its name is used.
    var placeOfName: [String] {
        switch self.names.map({ KeyName($0.text) }) {
        case .keyARN(_, let region, let account)?, .aliasARN(_, let region, let account)?: [account, region]
        case .keyID?, .alias?, nil: [self.account, self.region]
        }
    }
}
