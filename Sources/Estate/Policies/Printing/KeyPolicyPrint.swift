import Evidence

/// The key policy of one of a ceremony's keys, where keys lie in an account of their own.
///
/// Each role is named, and allowed its own calls. The account's root, which stands for whatever its IAM policies say,
/// keeps what is needed to look at the key, to stop it and to change this very policy, and nothing by which material
/// comes in or an alias moves. So no IAM policy alone makes an importer, and yet the key can never be without somebody
/// who may mend its policy: the root user of the account can always be recovered, and no Deny here is about
/// PutKeyPolicy. Whoever changes the policy leaves an event in CloudTrail.
///
/// Denies hold for everybody, whatever else is allowed later: the calls of a role are refused to all others, and
/// imports and deletions outside the window to all.
package struct KeyPolicyPrint {
    private let access: CeremonyAccess
    private let key: AccessedKey

    package init(_ key: AccessedKey, of access: CeremonyAccess) {
        self.key = key
        self.access = access
    }

    /// - Throws: `PolicyError` where a role is not named, or all of it is too long.
    package func policy() throws -> PolicyDocument {
        var statements = [accountStatement] + administratorStatement + userStatements
        for (role, calls) in roleStatements where !calls.isEmpty {
            guard access.people.roles[role] != nil else {
                throw PolicyError(role.rawValue, "a key policy names who it is: give the ARN of its role")
            }
            statements += calls
        }
        statements += denials + windowDenials
        let document = PolicyDocument(statements)
        let size = try document.text().utf8.count
        guard size <= PolicyDocument.Kind.key.longest else {
            throw PolicyError(
                "key policy",
                "it would have \(size) bytes, and KMS takes \(PolicyDocument.Kind.key.longest): name fewer users")
        }
        return document
    }

    // MARK: Who has the key

    /// What the account's own IAM policies may allow.
    static let accountActions = [
        "kms:CancelKeyDeletion", "kms:DescribeKey", "kms:DisableKey", "kms:EnableKey", "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus", "kms:ListGrants", "kms:ListKeyPolicies", "kms:ListKeyRotations",
        "kms:ListResourceTags", "kms:PutKeyPolicy", "kms:RevokeGrant",
    ]

    /// What the administrators may beside that.
    static let administratorActions = [
        "kms:DeleteImportedKeyMaterial", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource",
        "kms:UpdateKeyDescription",
    ]

    private var accountStatement: PolicyStatement {
        let use = access.people.users.isEmpty ? key.useActions : []
        return PolicyStatement(
            "AccountByIAM", .allow, principals: [access.root],
            actions: Array(Set(Self.accountActions + use)).sorted(), resources: ["*"])
    }

    private var administratorStatement: [PolicyStatement] {
        guard !access.people.administrators.isEmpty else { return [] }
        // What is denied to all but the role would be no more than words.
        let own = Self.administratorActions.filter { !key.activationActions.contains($0) }
        return [
            PolicyStatement(
                "Administrators", .allow, principals: access.people.administrators.map { .aws($0) },
                actions: (Self.accountActions + own).sorted(), resources: ["*"])
        ]
    }

    private var userStatements: [PolicyStatement] {
        let users = access.people.users
        var statements: [PolicyStatement] = []
        if !users.isEmpty {
            statements.append(
                PolicyStatement("Users", .allow, principals: users, actions: key.useActions, resources: ["*"]))
        }
        if access.people.usersGrant {
            statements.append(
                PolicyStatement(
                    "GrantsForServices", .allow, principals: users.isEmpty ? [access.root] : users,
                    actions: ["kms:CreateGrant"], resources: ["*"],
                    conditions: [PolicyCondition(.bool, "kms:GrantIsForAWSResource", "true")]))
        }
        return statements
    }

    // MARK: Who holds the ceremony

    private var roleStatements: [(role: CeremonyRole, calls: [PolicyStatement])] {
        [
            (.look, look),
            (
                .fetch,
                key.isImportedInto
                    ? [
                        allow(
                            .fetch, "Fetch", ["kms:GetParametersForImport"],
                            [
                                PolicyCondition(
                                    .init(.stringEquals), "kms:WrappingAlgorithm", key.algorithms.map(\.rawValue)),
                                PolicyCondition(.stringEquals, "kms:WrappingKeySpec", access.wrappingKeySpec),
                            ])
                    ] : []
            ),
            (
                .import,
                key.isImportedInto
                    ? [allow(.import, "Import", ["kms:ImportKeyMaterial"], key.expiryConditions)] : []
            ),
            (
                .activate,
                key.activationActions.isEmpty ? [] : [allow(.activate, "Activate", key.activationActions, [])]
            ),
        ]
    }

    private var look: [PolicyStatement] {
        let noContext = PolicyCondition(.null, "kms:EncryptionContextKeys", "true")
        var statements = [allow(.look, "Look", key.readActions + key.commitmentActions, [])]
        guard key.isTried else { return statements }
        let byAlias = key.alias.map { [PolicyCondition(.stringEquals, "kms:RequestAlias", $0)] } ?? []
        statements.append(allow(.look, "TryEncrypt", ["kms:Encrypt"], [noContext] + byAlias))
        statements.append(allow(.look, "TryDecrypt", ["kms:Decrypt"], [noContext]))
        return statements
    }

    private func allow(
        _ role: CeremonyRole, _ sid: String, _ actions: [String], _ conditions: [PolicyCondition]
    ) -> PolicyStatement {
        PolicyStatement(
            sid, .allow, principals: [.aws(access.people.roles[role] ?? "")], actions: actions, resources: ["*"],
            conditions: conditions)
    }

    /// What only one role may: not even a later Allow changes that.
    private var denials: [PolicyStatement] {
        roleStatements.compactMap { role, calls in
            guard role != .look, !calls.isEmpty, let arn = access.people.roles[role] else { return nil }
            return PolicyStatement(
                "Only" + role.rawValue.prefix(1).uppercased() + role.rawValue.dropFirst() + "Role", .deny,
                principals: [.everyone], actions: calls.flatMap(\.actions.patterns), resources: ["*"],
                conditions: [PolicyCondition(.arnNotEquals, "aws:PrincipalArn", arn)])
        }
    }

    private var windowDenials: [PolicyStatement] {
        guard let window = access.people.window, key.isImportedInto || key.part == .revoked else { return [] }
        let (name, action) =
            key.isImportedInto ? ("Import", "kms:ImportKeyMaterial") : ("Deletion", "kms:DeleteImportedKeyMaterial")
        func deny(_ sid: String, _ comparison: ConditionOperator.Comparison, _ time: Timestamp) -> PolicyStatement {
            PolicyStatement(
                sid, .deny, principals: [.everyone], actions: [action], resources: ["*"],
                conditions: [PolicyCondition(comparison, "aws:CurrentTime", time.description)])
        }
        return [
            deny("No\(name)Before", .dateLessThan, window.from),
            deny("No\(name)After", .dateGreaterThan, window.until),
        ]
    }
}
