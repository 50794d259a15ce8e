import Foundation

/// What an emulator does that AWS does only now and then: faults by rule, quotas, and a faster clock.
package struct FaultPlan: Hashable, Sendable {
    /// Every one of them that befalls a call does.
    package var rules: [FaultRule] = []
    /// What CloudTrail then tells of calls.
    package var events: [EventRule] = []
    /// Who may call what of KMS; nobody else is kept from anything.
    package var permissions: [CallerPermissions] = []
    package var quotas = RequestQuotas.none
    /// How many seconds pass for the service in one of the host's.
    package var timeScale = 1.0

    /// Nothing goes wrong.
    package init() {}

    /// - Parameter json: `{"rules": [...], "events": [...], "permissions": [...], "quotas": ..., "timeScale": ...}`, of which nothing must be there.
    /// - Throws: `StrictJSONError` saying what in it is wrong.
    package init(json: [UInt8]) throws {
        do { self = try JSONDecoder().decode(FaultPlan.self, from: Data(json)) } catch let error as DecodingError {
            throw StrictJSONError(error)
        }
    }

    var canLag: Bool { rules.contains { if case .lag = $0.fault { true } else { false } } }
}

extension FaultPlan: Decodable {
    static let members = ["rules", "events", "permissions", "quotas", "timeScale"]

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: MemberName.self)
        try members.refuseAll(but: Self.members)
        try self.init(members)
    }

    /// - Parameter members: Others than the plan's are not looked at.
    init(_ members: KeyedDecodingContainer<MemberName>) throws {
        rules = try members.decodeIfPresent([FaultRule].self, forKey: "rules") ?? []
        events = try members.decodeIfPresent([EventRule].self, forKey: "events") ?? []
        permissions = try members.decodeIfPresent([CallerPermissions].self, forKey: "permissions") ?? []
        quotas = try members.decodeIfPresent(RequestQuotas.self, forKey: "quotas") ?? .none
        timeScale = try members.decodeIfPresent(Double.self, forKey: "timeScale") ?? 1
        try members.require("timeScale", (1...100_000).contains(timeScale), "must be from 1 to 100000")
    }
}
