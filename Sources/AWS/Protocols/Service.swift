/// A service of AWS, as far as one needs it to call it.
package struct Service: Hashable, Sendable {
    /// The signing name, which is also the first label of its host: `elasticfilesystem`.
    package let name: String
    package let wire: WireProtocol
    /// Calls a second of one operation, in one account and Region.
    package let callsPerSecond: Int
    /// The same of operations that AWS takes fewer of.
    package let scarce: [String: Int]

    /// - Parameters:
    ///   - callsPerSecond: Well within what AWS takes, as others share it.
    ///   - scarce: Of operations that AWS takes fewer of, by name.
    package init(_ name: String, _ wire: WireProtocol, callsPerSecond: Int = 20, scarce: [String: Int] = [:]) {
        self.name = name
        self.wire = wire
        self.callsPerSecond = callsPerSecond
        self.scarce = scarce
    }

    func callsPerSecond(of operation: String) -> Int { scarce[operation] ?? callsPerSecond }
}
