/// A service of AWS, as far as one needs it to call it.
package struct Service: Hashable, Sendable {
    /// The signing name, which is also the first label of its host: `elasticfilesystem`.
    package let name: String
    package let wire: WireProtocol
    /// Of operations, by name.
    package let quotas: [String: CallQuota]
    /// Of all others.
    package let otherwise: CallQuota

    /// - Parameters:
    ///   - quotas: Of operations, by name.
    ///   - otherwise: Of all others.
    package init(
        _ name: String, _ wire: WireProtocol, quotas: [String: CallQuota] = [:], otherwise: CallQuota = .assumed(40)
    ) {
        self.name = name
        self.wire = wire
        self.quotas = quotas
        self.otherwise = otherwise
    }

    package func quota(of operation: String) -> CallQuota { quotas[operation] ?? otherwise }
}
