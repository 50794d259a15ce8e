/// What a signing key is good for: one day, one Region, one service.
package struct CredentialScope: Hashable, Sendable, CustomStringConvertible {
    /// `yyyyMMdd`.
    package let day: String
    package let region: String
    package let service: String

    package init(day: String, region: String, service: String) {
        self.day = day
        self.region = region
        self.service = service
    }

    /// `20150830/us-east-1/kms/aws4_request`.
    package var description: String { "\(day)/\(region)/\(service)/aws4_request" }
}
