/// How many people of a role a gate needs.
package struct GateRequirement: Codable, Hashable, Sendable {
    package let role: Role
    package let count: Int

    package init(role: Role, count: Int) {
        self.role = role
        self.count = count
    }
}

/// What each gate needs, all of it.
package struct GateRules: Codable, Hashable, Sendable {
    package let authorize: [GateRequirement]
    package let release: [GateRequirement]
    package let activate: [GateRequirement]
    package let close: [GateRequirement]

    package init(
        authorize: [GateRequirement], release: [GateRequirement], activate: [GateRequirement], close: [GateRequirement]
    ) {
        self.authorize = authorize
        self.release = release
        self.activate = activate
        self.close = close
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
