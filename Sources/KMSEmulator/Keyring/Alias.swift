import Foundation

/// An alias and what it stands for, in one Region.
struct Alias: Codable, Sendable {
    let arn: String
    let region: String
    /// With `alias/`.
    let name: String
    var keyID: String
    let created: Date
    var updated: Date
}
