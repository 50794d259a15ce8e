extension InventoryGap {
    /// Whether it is of all Regions, though it carries the one in which somebody was asked: an account that nobody
    /// entered, one whose Regions nobody knows, or events of whatever Region.
    var isOfEveryRegion: Bool {
        switch (service, operation) {
        case ("sts", "AssumeRole"), ("organizations", "ListAccounts"), ("ec2", "DescribeRegions"),
            ("cloudtrail", "Records"):
            true
        default: false
        }
    }

    /// The key that it is of alone, whose callers could not be looked up; nil of what may be of any key.
    var lookedUp: OutsideText? {
        service == CallerLookup.service && operation == CallerLookup.operation ? resource : nil
    }
}
