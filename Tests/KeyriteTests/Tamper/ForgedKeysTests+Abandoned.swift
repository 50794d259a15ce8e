import Evidence
import TestSupport
import Testing

extension Forgery {
    private static let replaced = "payments-production"

    /// Has the change of an alias abandoned, and *activate* signed again.
    ///
    /// - Returns: Where the gate opens once more.
    static func abandonAlias(
        in forger: inout Forger, saying change: (inout JSONValue) -> Void = { _ in }
    ) throws -> Int {
        let intended = try forger.index("alias-intended", ["slot": .string(replaced)])
        let gate =
            try forger.index("gate-opened", ["gate": "activate"])...forger.index("gate-passed", ["gate": "activate"])
        var abandoned = forger.lines[intended]
        abandoned.kind = "alias-abandoned"
        abandoned.body = abandoned.body.only("slot", "alias")
        abandoned.takenBack = ["activate"]
        var again = forger.lines[gate].filter { $0.kind != "run-started" }
        for index in again.indices { again[index].body["attempt"] = 2 }
        again[0].body["subject"]["activate"]["slots"][2]["intendedBefore"] = .integer(Int64(intended + 1))
        change(&again[0].body["subject"]["activate"]["slots"][2])
        forger.insert([abandoned] + again + [forger.lines[intended]], at: intended + 1)
        return intended + 2
    }

    private static let otherActivation = "it activates something else than was imported"

    static let ofAbandonedAliases = [
        Forgery("signed again without what nobody knows", otherActivation) { forger in
            .line(try abandonAlias(in: &forger) { $0 = $0.without("intendedBefore") })
        },
        Forgery("signed again with another line", otherActivation) { forger in
            .line(try abandonAlias(in: &forger) { $0["intendedBefore"] = 1 })
        },
        Forgery("changed without being signed again", "an alias before *activate* was passed") { forger in
            let opened = try abandonAlias(in: &forger)
            let passed = try #require(forger.lines[opened...].firstIndex { $0.kind == "gate-passed" })
            forger.lines.removeSubrange(opened...passed)
            return .line(opened)
        },
        Forgery("another alias is abandoned", "of something not intended") { forger in
            let opened = try abandonAlias(in: &forger)
            forger.lines[opened - 1].body["alias"] = "alias/other"
            return .line(opened - 1)
        },
        Forgery("abandoned without an intent", "of something not intended") { forger in
            let opened = try abandonAlias(in: &forger)
            forger.lines.remove(at: opened - 2)
            return .line(opened - 2)
        },
        stating("an activation that nobody left before", at: "activate", otherActivation) {
            $0["slots"][2]["intendedBefore"] = 1
        },
    ]
}
