/// Which calls a fault befalls.
package struct FaultRule: Hashable, Sendable {
    /// AWS's name of the operation; nil for any.
    package let operation: String?
    /// Id, ARN or alias of the key that a call names; nil for any call. Of an alias that is made or moved, the key that
    /// it is to point to.
    package let key: String?
    /// How many such calls go well first.
    package let after: Int
    /// How many fail then; nil for all.
    package let times: Int?
    package let fault: Fault

    /// Whether the fault befalls a call.
    ///
    /// - Parameter earlier: How many calls matched before it.
    func befalls(after earlier: Int) -> Bool {
        earlier >= after && times.map { earlier - after < $0 } ?? true
    }
}

extension FaultRule: Decodable {
    /// What only reads, and so can be answered as it was before.
    private static let lagging: Set = [
        "DescribeKey", "Encrypt", "GenerateMac", "GetKeyPolicy", "GetKeyRotationStatus", "GetPublicKey", "ListAliases",
        "ListGrants", "ListKeyPolicies", "ListKeyRotations", "ListKeys", "ListResourceTags",
    ]

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: MemberName.self)
        operation = try members.decodeIfPresent(String.self, forKey: "operation")
        key = try members.decodeIfPresent(String.self, forKey: "key")
        after = try members.decodeIfPresent(Int.self, forKey: "after") ?? 0
        times = try members.decodeIfPresent(Int.self, forKey: "times")
        let (fault, own) = try Fault.read(members)
        self.fault = fault
        try members.refuseAll(but: ["operation", "key", "after", "times", "fault"] + own)
        try members.require(
            "operation", operation.map(ServedOperations.all.contains) ?? true, "is none of the emulator's")
        try members.require("after", after >= 0, "must be 0 or more")
        try members.require("times", times.map { $0 >= 1 } ?? true, "must be 1 or more")
        if case .lag = fault {
            try members.require(
                "operation", operation.map(Self.lagging.contains) == true,
                "must be one of those that can lag: \(Self.lagging.sorted().joined(separator: ", "))")
        }
    }
}
