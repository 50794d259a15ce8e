/// How many people of a role a gate needs, or a change of the roster.
package struct GateRequirement: Codable, Hashable, Sendable {
    package let role: Role
    package let count: Int

    package init(role: Role, count: Int) {
        self.role = role
        self.count = count
    }
}

/// What each gate needs, and a change of the roster, all of it.
package struct GateRules: Codable, Hashable, Sendable {
    package let authorize: [GateRequirement]
    package let release: [GateRequirement]
    package let activate: [GateRequirement]
    package let close: [GateRequirement]
    /// Who of this roster must sign the one that follows it.
    package let change: [GateRequirement]

    package init(
        authorize: [GateRequirement], release: [GateRequirement], activate: [GateRequirement], close: [GateRequirement],
        change: [GateRequirement]
    ) {
        self.authorize = authorize
        self.release = release
        self.activate = activate
        self.close = close
        self.change = change
    }

    package subscript(gate: Gate) -> [GateRequirement] {
        switch gate {
        case .authorize: authorize
        case .release: release
        case .activate: activate
        case .close: close
        }
    }
}
