/// One account in one Region.
package struct InventoryPlace: Hashable, Sendable {
    package let partition: String
    package let account: String
    package let region: String

    package init(partition: String, account: String, region: String) {
        self.partition = partition
        self.account = account
        self.region = region
    }

    /// The same account in another Region.
    func inRegion(_ region: String) -> Self { Self(partition: partition, account: account, region: region) }

    /// The ARN of something here.
    ///
    /// - Parameter hasAccount: A few kinds have ARNs without it.
    func arn(_ service: String, _ resource: String, hasAccount: Bool = true) -> String {
        "arn:\(partition):\(service):\(region):\(hasAccount ? account : ""):\(resource)"
    }
}
