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
}
