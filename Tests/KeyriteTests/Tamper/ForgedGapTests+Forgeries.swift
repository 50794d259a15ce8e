import Evidence

extension Forgery {
    private static let desk = GapCeremony.desk
    private static let vault = GapCeremony.vault

    static let ofTurns = [turns, hosts, handed, surroundings, sealing].flatMap { Tampering.most($0, 2) }
    static let ofHandovers = [documents, lists, signatures].flatMap { Tampering.most($0, 2) }

    /// Puts in a line that another has elsewhere, by this host.
    private static func inserting(
        _ name: String, _ kind: String, by host: String, after place: (String, JSONValue?), plus offset: Int = 0,
        _ reason: String
    ) -> Forgery {
        Forgery(name, reason) { forger in
            var line = forger.lines[try forger.index(kind)]
            line.host = host
            let index = try forger.index(place.0, place.1.map { ["number": $0] } ?? [:]) + 1 + offset
            forger.insert([line], at: index)
            return .line(index)
        }
    }

    /// Changes a line.
    private static func changing(
        _ name: String, _ kind: String, at number: JSONValue? = nil, _ reason: String,
        _ change: @escaping @Sendable (inout Forger.Line) -> Void
    ) -> Forgery {
        Forgery(name, reason) { forger in
            let index = try forger.index(kind, number.map { ["number": $0] } ?? [:])
            change(&forger.lines[index])
            return .line(index)
        }
    }

    private static let notItsTurn = "it was written by a host whose turn it was not"
    private static let forTheOther = "it is for the other host to do"
    private static let whileCarried = "it was written while the folder was carried"

    private static let turns = [
        changing("a line by the other host", "note", notItsTurn) { $0.host = vault },
        Forgery("all of its second half by one host", forTheOther) { forger in
            let handed = try forger.index("handed-over", ["number": 5])
            forger.lines.removeSubrange(handed...(handed + 2))
            for index in handed..<forger.lines.count { forger.lines[index].host = desk }
            return .line(handed)
        },
        changing("a line by a third host", "note", notItsTurn) { $0.host = "cellar" },
        changing("a first line by the host with the HSM", "run-started", notItsTurn) { $0.host = vault },
        inserting("a key made at the desk", "generate-intended", by: desk, after: ("gate-passed", nil), forTheOther),
        inserting("a self-test at the desk", "self-test-intended", by: desk, after: ("gate-passed", nil), forTheOther),
        inserting("a fetch in the vault", "fetch-intended", by: vault, after: ("received", 1), plus: 1, forTheOther),
        inserting("an import in the vault", "import-intended", by: vault, after: ("wrapped", nil), forTheOther),
        inserting("a rotation in the vault", "rotate-intended", by: vault, after: ("settled", nil), forTheOther),
        inserting("a wrap at the desk", "wrap-intended", by: desk, after: ("imported", nil), forTheOther),
        inserting("a line while it was carried", "note", by: desk, after: ("handed-over", 2), whileCarried),
        inserting("a line there while it was carried", "note", by: vault, after: ("handed-over", 1), whileCarried),
        inserting("a second end of the turn", "handed-over", by: desk, after: ("handed-over", 1), whileCarried),
        Forgery("an end of the ceremony while it was carried", whileCarried) { forger in
            var abort = try forger.abort()
            abort.host = vault
            let index = try forger.index("handed-over", ["number": 3]) + 1
            forger.insert([abort], at: index)
            return .line(index)
        },
        openedInTheVault("release", handedOver: 3), openedInTheVault("activate", handedOver: 5),
    ]

    /// Hands over before a gate opens instead of afterwards.
    private static func openedInTheVault(_ gate: JSONValue, handedOver number: JSONValue) -> Forgery {
        Forgery("\(gate.text) opened in the vault", "it is for the other host to open") { forger in
            let handed = try forger.index("handed-over", ["number": number])
            let opened = try forger.index("gate-opened", ["gate": gate])
            let turn = Array(forger.lines[handed...(handed + 2)])
            forger.lines.removeSubrange(handed...(handed + 2))
            forger.insert(turn, at: opened)
            forger.lines[opened + 3].host = vault
            return .line(opened + 3)
        }
    }

    private static let hosts = [
        changing("a receipt by the host that handed it over", "received", at: 1, "it was received by another host") {
            $0.host = desk
        },
        changing("a receipt by a third host", "received", at: 1, "it was received by another host") {
            $0.host = "cellar"
        },
        changing("a hand-over to itself", "handed-over", at: 1, "to another host than the plan's") {
            $0.body["to"] = .string(desk)
        },
        changing("a hand-over to a third host", "handed-over", at: 1, "to another host than the plan's") {
            $0.body["to"] = "cellar"
        },
    ]

    private static let handed = [
        changing("a number that was skipped", "handed-over", at: 2, "it is not the next hand-over") {
            $0.body["number"] = 3
        },
        inserting(
            "a receipt that is replayed", "received", by: vault, after: ("received", 1), plus: 1,
            "the receipt of what was not handed over"),
        changing("a number twice", "handed-over", at: 2, "it is not the next hand-over") { $0.body["number"] = 1 },
        changing("a first number of 0", "handed-over", at: 1, "it is not the next hand-over") { $0.body["number"] = 0 },
        changing("a receipt of another number", "received", at: 2, "the receipt of what was not handed over") {
            $0.body["number"] = 1
        },
        Forgery("a receipt before anything was handed over", "the receipt of what was not handed over") { forger in
            var line = forger.lines[try forger.index("received")]
            line.host = desk
            forger.insert([line], at: 1)
            return .line(1)
        },
        Forgery("two hand-overs that changed places", "it is not the next hand-over") { forger in
            let places = (
                try forger.index("handed-over", ["number": 1]), try forger.index("handed-over", ["number": 3])
            )
            forger.lines.swapAt(places.0, places.1)
            return .line(places.0)
        },
        inserting(
            "a hand-over in the middle of an effect", "handed-over", by: desk, after: ("fetch-intended", nil),
            "it was handed over while an effect had no result"),
        inserting(
            "a hand-over while people sign", "handed-over", by: desk, after: ("gate-opened", nil),
            "it was handed over while a gate stood open"),
        Forgery("a hand-over after the close", "it follows the close") { forger in
            var line = forger.lines[try forger.index("handed-over", ["number": 2])]
            line.body["number"] = 6
            let index = forger.lines.count - 1
            forger.insert([line], at: index)
            return .line(index)
        },
    ]

    private static let otherSurroundings = "it ran in other surroundings than the plan's"

    /// Changes the surroundings that the host with the HSM saw first, which has this beside it.
    private static func seeing(
        _ name: String, _ change: @escaping @Sendable (inout JSONValue, JSONValue) -> Void
    ) -> Forgery {
        Forgery(name, otherSurroundings) { forger in
            let index = try forger.index("received", ["number": 1]) + 1
            let other = forger.lines[0].body["environment"]
            change(&forger.lines[index].body["environment"], other)
            return .line(index)
        }
    }

    private static let surroundings = [
        Forgery("a turn that saw nothing of its surroundings", "before this turn's run saw what is around it") {
            forger in
            let index = try forger.index("received", ["number": 1]) + 1
            forger.lines.remove(at: index)
            return .line(index)
        },
        seeing("the other host's surroundings") { $0 = $1 },
        Forgery("another program at the desk, by an exception", "in a ceremony of two hosts") { forger in
            let index = try forger.index("gate-opened")
            forger.insert([try forger.machine()], at: index)
            return .line(index)
        },
        Forgery("a ceremony that saw nothing of its surroundings", "before this turn's run saw what is around it") {
            forger in
            let note = forger.lines.remove(at: try forger.index("note"))
            forger.lines.insert(note, at: 0)
            return .line(0)
        },
        seeing("both hosts' surroundings") { $0["aws"] = $1["aws"] },
        seeing("no HSM") { seen, _ in seen = seen.without("token") },
        seeing("no module") { seen, _ in seen = seen.without("module") },
        seeing("the other host's program") { $0["programs"] = $1["programs"] },
        seeing("both hosts' programs") { $0["programs"] = .array($1["programs"].elements + $0["programs"].elements) },
        seeing("one program twice") { seen, _ in
            seen["programs"] = .array(seen["programs"].elements + seen["programs"].elements)
        },
        seeing("no program") { seen, _ in seen["programs"] = .array([]) },
        Forgery("surroundings at a gate that the other host saw", "not the one that the run saw") { forger in
            let index = try forger.index("gate-opened", ["gate": "close"])
            let opened = try forger.index("gate-opened", ["gate": "release"])
            forger.lines[index].body["environment"] = forger.lines[opened].body["environment"]
            return .line(index)
        },
        Forgery("an authorization that does not show the hosts", "it authorizes something else than the plan") {
            forger in
            let index = try forger.index("gate-opened", ["gate": "authorize"])
            forger.lines[index].body["subject"]["authorize"] =
                forger.lines[index].body["subject"]["authorize"].without("gap")
            return .line(index)
        },
        Forgery("an authorization of another certificate", "it authorizes something else than the plan") { forger in
            let index = try forger.index("gate-opened", ["gate": "authorize"])
            forger.lines[index].body["subject"]["authorize"]["gap"]["sealing"] = "AAAA"
            return .line(index)
        },
    ]

    /// Moves the end of the sealing key before another line.
    private static func destroying(
        _ name: String, before kind: String, by host: String = desk, plus offset: Int = 0, _ reason: String
    ) -> Forgery {
        Forgery(name, reason) { forger in
            let index = try forger.index("sealing-destroy-intended")
            var pair = Array(forger.lines[index...(index + 1)])
            for index in pair.indices { pair[index].host = host }
            forger.lines.removeSubrange(index...(index + 1))
            let place = try forger.index(kind) + offset
            forger.insert(pair, at: place)
            return .line(place)
        }
    }

    private static let sealing = [
        Forgery("a settled key while blobs can be opened", "settled while sealed blobs could still be opened") {
            forger in
            let index = try forger.index("sealing-destroy-intended")
            forger.lines.removeSubrange(index...(index + 1))
            return .line(try forger.index("settle-intended"))
        },
        destroying(
            "a sealing key that goes early", before: "activation-verified",
            "the sealing key went before all was activated"),
        destroying("a sealing key that goes in the vault", before: "settle-intended", by: vault, forTheOther),
        changing(
            "another certificate", "sealing-destroy-intended", "it is another certificate than the plan's"
        ) { $0.body["certificate"] = .string(Forger.otherDigest) },
        changing(
            "the end of another certificate", "sealing-destroyed",
            "the result sealing-destroyed of something not intended"
        ) { $0.body["certificate"] = .string(Forger.otherDigest) },
        Forgery("an end that was not intended", "the result sealing-destroyed of something not intended") { forger in
            let index = try forger.index("sealing-destroy-intended")
            forger.lines.remove(at: index)
            return .line(index)
        },
        Forgery("a sealing key that goes twice", "it was destroyed already") { forger in
            let index = try forger.index("sealing-destroy-intended")
            forger.insert(Array(forger.lines[index...(index + 1)]), at: index + 2)
            return .line(index + 2)
        },
        Forgery("a sealing key that the service refused to destroy", "a refusal of what no service was asked") {
            forger in
            let index = try forger.index("sealing-destroyed")
            forger.lines[index].kind = "refused"
            forger.lines[index].body = try forger.refusal().body
            return .line(index)
        },
        inserting(
            "a hand-over before it is said to be gone", "handed-over", by: desk,
            after: ("sealing-destroy-intended", nil),
            "it was handed over while an effect had no result"),
    ]
}
