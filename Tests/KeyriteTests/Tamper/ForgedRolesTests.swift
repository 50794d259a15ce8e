import CryptoPrimitives
import Evidence
import Room
import Testing

// Of a ceremony whose roles are apart: who called is the plan's caller of that very role, and nobody else.
extension Tampering.ForgedFoldingTests {
    @Test("who called, or is to call, is another than the plan has for it", arguments: Forgery.ofRoles)
    func roles(_ forgery: Forgery) async throws {
        try await Tampering.withCopy { try await $0.expectRefusal(of: forgery, inTheSameWords: true) }
    }

    @Test("a plan's callers are of another account, or two of them one", arguments: ForgedPlan.ofRoles)
    func plan(_ forged: ForgedPlan) async throws {
        try await Tampering.withCopy { try await $0.expectRefusal(of: forged) }
    }
}

extension ForgedPlan {
    static let ofRoles = [
        replacing("a caller is none of its account", "import") {
            .string($0.text.replacing("111122223333", with: "444455556666"))
        },
        replacing("a caller is none of its account", "activate") {
            .string($0.text.replacing("arn:aws:", with: "arn:aws-cn:"))
        },
        ForgedPlan(reason: "a caller is none of its account") {
            $0["environment"]["aws"]["caller"] = "arn:aws:iam::1:user/x"
        },
        replacing("two of its roles have one caller", "fetch") {
            .string($0.text.replacing("keyrite-fetch/", with: "keyrite-import/again-"))
        },
        ForgedPlan(reason: "two of its roles have one caller") {
            $0["environment"]["aws"]["callers"]["import"] = $0["environment"]["aws"]["caller"]
        },
        ForgedPlan(reason: "it makes a key, and none of its roles does") {
            $0["environment"]["aws"]["callers"] = $0["environment"]["aws"]["callers"].without("create")
        },
        ForgedPlan(reason: "its form has one caller") { $0["schema"] = "keyrite.plan/1" },
    ]

    private static func replacing(
        _ reason: String, _ role: String, _ value: @escaping @Sendable (JSONValue) -> JSONValue
    ) -> ForgedPlan {
        ForgedPlan(reason: reason) { plan in
            let was = plan["environment"]["aws"]["callers"][role]
            plan["environment"]["aws"]["callers"][role] = value(was)
        }
    }
}

extension Forgery {
    private static let other = "another caller than the plan has for it"

    static let ofRoles = [
        intent("a fetch by who looks", "fetch-intended", other) { $0["caller"] },
        intent("an import by who fetches", "import-intended", other) { $0["callers"]["fetch"] },
        intent("a proof by who activates", "prove-intended", other) { $0["callers"]["activate"] },
        intent("a rotation by who imports", "rotate-intended", other) { $0["callers"]["import"] },
        intent("an alias that moved by who creates", "alias-intended", other) { $0["callers"]["create"] },
        intent("a key by a caller of the same role in another session", "create-intended", other) {
            .string($0["callers"]["create"].text + "-2")
        },
        Forgery("an alias that nobody moved", other) { forger in
            let index = try forger.index("alias-intended")
            forger.lines[index].body = forger.lines[index].body.without("caller")
            return .line(index)
        },
        Forgery("roles that were swapped in what the run saw", "it ran in other surroundings than the plan's") {
            forger in
            let index = try forger.index("run-started")
            let callers = forger.lines[index].body["environment"]["aws"]["callers"]
            forger.lines[index].body["environment"]["aws"]["callers"]["fetch"] = callers["import"]
            forger.lines[index].body["environment"]["aws"]["callers"]["import"] = callers["fetch"]
            return .line(index)
        },
        release("a release by who looks", "caller") { $0["caller"] },
        release("a release that has another activate", "activator") { $0["callers"]["import"] },
    ]

    private static func intent(
        _ name: String, _ kind: String, _ reason: String, _ caller: @escaping @Sendable (JSONValue) -> JSONValue
    ) -> Forgery {
        Forgery(name, reason) { forger in
            let index = try forger.index(kind)
            forger.lines[index].body["caller"] = caller(forger.lines[0].body["environment"]["aws"])
            return .line(index)
        }
    }

    private static func release(
        _ name: String, _ key: String, _ caller: @escaping @Sendable (JSONValue) -> JSONValue
    ) -> Forgery {
        Forgery(name, "it releases in other surroundings than the plan's") { forger in
            let opened = try forger.index("gate-opened", ["gate": "release"])
            forger.lines[opened].body["subject"]["release"][key] = caller(forger.lines[0].body["environment"]["aws"])
            return .line(opened)
        }
    }
}
