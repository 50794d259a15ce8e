import Evidence

/// What those may ask for who are to call: no more than the ceremony does.
extension PolicyReview {
    func conditionFindings(_ access: [Access]) -> [PolicyFinding] {
        let meant = access.filter { intent.isMeant($0.subject, $0.power, $0.action, throughIAM: $0.throughIAM) }
        // Whoever imports, meant or not, is to do it within the window.
        let windowed = access.filter { $0.action == "kms:ImportKeyMaterial" }.flatMap(windowFindings)
        return windowed
            + meant.flatMap { one -> [PolicyFinding] in
                switch one.action {
                case "kms:GetParametersForImport": fetchFindings(one)
                case "kms:ImportKeyMaterial": importFindings(one)
                case "kms:CreateGrant": grantFindings(one)
                case "kms:Decrypt": decryptFindings(one)
                default: []
                }
            }
    }

    /// Whether a statement lets somebody do it under these values of conditions.
    private func passes(_ access: Access, _ values: [String: [String]]) -> Bool {
        allowing(access.subject, access.action, values).contains { $0.index == access.statement }
    }

    // MARK: Fetching

    /// KMS's names of what can be asked for; those in China, too.
    private static let algorithms = [
        "RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_256", "RSAES_OAEP_SHA_1", "RSA_AES_KEY_WRAP_SHA_1",
        "RSAES_PKCS1_V1_5", "SM2PKE",
    ]
    private static let keySpecs = ["RSA_4096", "RSA_3072", "RSA_2048", "SM2"]

    private func fetchFindings(_ access: Access) -> [PolicyFinding] {
        var algorithms: [String] = []
        var specs: [String] = []
        for algorithm in Self.algorithms {
            for spec in Self.keySpecs
            where passes(access, ["kms:WrappingAlgorithm": [algorithm], "kms:WrappingKeySpec": [spec]]) {
                if !intent.algorithms.contains(algorithm), !algorithms.contains(algorithm) {
                    algorithms.append(algorithm)
                }
                if spec != intent.wrappingKeySpec, !specs.contains(spec) { specs.append(spec) }
            }
        }
        return [("kms:WrappingAlgorithm", algorithms), ("kms:WrappingKeySpec", specs)].filter { !$0.1.isEmpty }.map {
            key, excess in
            PolicyFinding(
                .condition, cause(access.statement),
                "\(access.subject.name) can ask for a wrapping key by \(excess.joined(separator: ", "))",
                remedy: "Add the condition StringEquals \(key): "
                    + (key.hasSuffix("Spec")
                        ? intent.wrappingKeySpec : intent.algorithms.sorted().joined(separator: ", ")))
        }
    }

    // MARK: Importing

    private func importFindings(_ access: Access) -> [PolicyFinding] {
        switch intent.key?.expiry {
        case .at(let time)?: return expiryFindings(access, time)
        // What it is to be is not known yet.
        case nil where intent.key != nil: return []
        case .never?, nil: break
        }
        // Where it is left out, KMS takes it that the material expires.
        guard [["KEY_MATERIAL_EXPIRES"], []].contains(where: { passes(access, ["kms:ExpirationModel": $0]) }) else {
            return []
        }
        return [
            PolicyFinding(
                .condition, cause(access.statement),
                "\(access.subject.name) can import material that expires, and then takes the key out of use",
                remedy: "Add the condition StringEquals kms:ExpirationModel: KEY_MATERIAL_DOES_NOT_EXPIRE")
        ]
    }

    /// That somebody can have material expire sooner or later than the plan says, or never.
    private func expiryFindings(_ access: Access, _ planned: Timestamp) -> [PolicyFinding] {
        func passes(_ model: [String], _ time: [String]) -> Bool {
            self.passes(access, ["kms:ExpirationModel": model, "kms:ValidTo": time])
        }
        let named = policy.statements.flatMap(\.conditions).filter(\.isOfExpiry).flatMap(\.values)
            .compactMap(Self.moment)
        guard named.count <= Self.mostMoments else {
            return [
                PolicyFinding(
                    .notUnderstood, .policy,
                    "it names more than \(Self.mostMoments) times of expiry, which were not tried",
                    remedy: "Name fewer")
            ]
        }
        let ends = [Timestamp(epochSeconds: 0), Timestamp(epochSeconds: .max)]
        let others = ([planned] + named + ends).flatMap {
            [$0.advanced(bySeconds: -1), $0.advanced(bySeconds: 1), $0]
        }.filter { $0 != planned }
        // Where the model is left out, KMS takes it that the material expires.
        let other = others.first { time in
            [["KEY_MATERIAL_EXPIRES"], []].contains { passes($0, ["\(time.epochSeconds)"]) }
        }
        let excess =
            (passes(["KEY_MATERIAL_DOES_NOT_EXPIRE"], []) ? ["never"] : [])
            + (other.map { ["at another time, such as \($0)"] } ?? [])
        guard !excess.isEmpty else { return [] }
        return [
            PolicyFinding(
                .condition, cause(access.statement),
                "\(access.subject.name) can import material that expires \(excess.joined(separator: ", or ")), "
                    + "and the plan has \(planned)",
                remedy:
                    "Add the conditions StringEquals kms:ExpirationModel: KEY_MATERIAL_EXPIRES, and NumericLessThanEquals "
                    + "and NumericGreaterThanEquals kms:ValidTo: \(planned.epochSeconds).0")
        ]
    }

    private static let mostMoments = 100

    private func windowFindings(_ access: Access) -> [PolicyFinding] {
        guard let window = intent.people.window else { return [] }
        // Whatever the policy makes of time changes where it names one.
        let named = policy.statements.flatMap(\.conditions).filter(\.isOfTime).flatMap(\.values).compactMap(Self.moment)
        guard named.count <= Self.mostMoments else {
            return [
                PolicyFinding(
                    .notUnderstood, .policy, "it names more than \(Self.mostMoments) times, which were not tried",
                    remedy: "Name fewer")
            ]
        }
        let moments = [Timestamp(epochSeconds: 0), window.from, window.until, Timestamp(epochSeconds: .max)] + named
        let outside = moments.flatMap { [$0.advanced(bySeconds: -1), $0, $0.advanced(bySeconds: 1)] }
            .filter { !window.contains($0) }.sorted()
        guard let time = outside.first(where: { passes(access, Self.time($0)) }) else { return [] }
        return [
            PolicyFinding(
                .window, cause(access.statement),
                "nothing denies \(access.subject.name) to import outside of the window, such as at \(time)",
                remedy:
                    "Deny kms:ImportKeyMaterial before \(window.from) and after \(window.until), as keyrite policy print "
                    + "--window does")
        ]
    }

    private static func moment(_ text: String) -> Timestamp? {
        let seconds = text.hasSuffix(".0") ? text.dropLast(2) : text[...]
        return Timestamp(text) ?? Int64(seconds).map { Timestamp(epochSeconds: $0) }
    }

    private static func time(_ time: Timestamp) -> [String: [String]] {
        ["aws:CurrentTime": [time.description], "aws:EpochTime": ["\(time.epochSeconds)"]]
    }

    // MARK: Using

    private func grantFindings(_ access: Access) -> [PolicyFinding] {
        guard [["false"], []].contains(where: { passes(access, ["kms:GrantIsForAWSResource": $0]) }) else { return [] }
        return [
            PolicyFinding(
                .condition, cause(access.statement), "\(access.subject.name) can grant to anybody",
                remedy: "Add the condition Bool kms:GrantIsForAWSResource: true")
        ]
    }

    /// Who only looks tries the key with what has no encryption context.
    private func decryptFindings(_ access: Access) -> [PolicyFinding] {
        guard let look = intent.people.roles[.look], access.subject == .named(look),
            !intent.isUser(access.subject, throughIAM: access.throughIAM), !wantsNoContext(access)
        else { return [] }
        return [
            PolicyFinding(
                .condition, cause(access.statement),
                "\(look), which is to look alone, can decrypt what others encrypted with an encryption context",
                remedy: "Add the condition Null kms:EncryptionContextKeys: true")
        ]
    }

    /// Whether a statement, or a Deny beside it, keeps out every encryption context, whatever it is named.
    private func wantsNoContext(_ access: Access) -> Bool {
        if policy.statements[access.statement].conditions.contains(where: { $0.isOfContext && $0.asks("true") }) {
            return true
        }
        return isDenied(access.subject, access.action, ["kms:EncryptionContextKeys": ["keyrite"]]) { statement in
            statement.conditions.filter(\.isOfContext).allSatisfy { $0.asks("false") }
        }
    }

    // MARK: Grants

    var grantFindings: [PolicyFinding] {
        (grants ?? []).flatMap { grant -> [PolicyFinding] in
            let cause = PolicyFinding.Cause.grant(id: grant.id)
            let stray = grant.powers.filter { !intent.isMeantToBeGranted($0, to: grant.grantee) }
            var found: [PolicyFinding] = []
            if !stray.isEmpty {
                found.append(
                    PolicyFinding(
                        .grant, cause,
                        "\(grant.grantee.name) can \(stray.map(\.words).joined(separator: ", "))",
                        remedy:
                            "If nobody wants it: aws kms revoke-grant. A service's own stands as long as what it is for"
                    ))
            }
            if !grant.unknownOperations.isEmpty {
                found.append(
                    PolicyFinding(
                        .notUnderstood, cause,
                        "\(grant.grantee.name) can \(grant.unknownOperations.joined(separator: ", ")), which is not understood",
                        remedy: "Find out what it comes to"))
            }
            return found
        }
    }
}

extension PolicyCondition {
    fileprivate var isOfTime: Bool { ["aws:currenttime", "aws:epochtime"].contains(PolicyPattern.lowercased(key)) }

    fileprivate var isOfExpiry: Bool { PolicyPattern.lowercased(key) == "kms:validto" }

    fileprivate var isOfContext: Bool { PolicyPattern.lowercased(key) == "kms:encryptioncontextkeys" }

    /// Whether it is Null with this value alone.
    fileprivate func asks(_ isAbsent: String) -> Bool {
        comparison.comparison == .null && comparison.quantifier == nil && values.map { $0.lowercased() } == [isAbsent]
    }
}
