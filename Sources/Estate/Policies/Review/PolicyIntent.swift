import Evidence

/// Who is to do what with a key: what its policy is held to.
package struct PolicyIntent: Sendable {
    package let partition: String
    /// Twelve digits.
    package let account: String
    /// nil where only its policy is known.
    package let keyARN: String?
    /// As the plan has it; nil without one.
    package let key: AccessedKey?
    package let wrappingKeySpec: String
    package let people: PolicyPeople

    package init(
        partition: String, account: String, keyARN: String?, key: AccessedKey? = nil,
        wrappingKeySpec: String = "RSA_4096", people: PolicyPeople
    ) {
        self.partition = partition
        self.account = account
        self.keyARN = keyARN
        self.key = key
        self.wrappingKeySpec = wrappingKeySpec
        self.people = people
    }

    /// A key of a ceremony.
    package init(of key: AccessedKey, in access: CeremonyAccess, keyARN: String?) {
        self.init(
            partition: access.partition, account: access.account, keyARN: keyARN, key: key,
            wrappingKeySpec: access.wrappingKeySpec, people: access.people)
    }

    /// The role that is to make a call, if any is.
    func role(for action: String) -> CeremonyRole? {
        let operation = String(action.dropFirst("kms:".count))
        guard let role = CeremonyRole.making(operation), role != .create else { return nil }
        // Material is deleted where a plan has it, and never just so.
        guard let key else { return operation == "DeleteImportedKeyMaterial" ? nil : role }
        let wanted =
            switch role {
            case .fetch, .import: key.isImportedInto
            case .activate: key.activationActions.contains(action)
            case .look: key.commitmentActions.contains(action) || key.isTried
            case .create: false
            }
        return wanted ? role : nil
    }

    /// Whether somebody is to be able to do it.
    func isMeant(_ subject: PolicySubject, _ power: KeyPower, _ action: String, throughIAM: Bool) -> Bool {
        if let role = role(for: action), let arn = people.roles[role], subject == .named(arn) { return true }
        if case .named(let arn) = subject, people.administrators.contains(arn),
            [.delete, .disable, .policy, .tags].contains(power)
        {
            return true
        }
        switch power {
        case .decrypt, .sign: return isUser(subject, throughIAM: throughIAM)
        case .grants: return people.usersGrant && isUser(subject, throughIAM: throughIAM)
        // Without it nobody could mend a policy any more, nor stop a key.
        case .policy, .disable: return throughIAM && subject.account == account
        // Whoever uses a key in its own account is for that account to say.
        case .use: return !isStranger(subject, throughIAM: throughIAM) || isUser(subject, throughIAM: throughIAM)
        case .enable: return !isStranger(subject, throughIAM: throughIAM)
        case .revoke:
            return !isStranger(subject, throughIAM: throughIAM)
                || people.usersGrant && isUser(subject, throughIAM: throughIAM)
        case .fetch, .import, .rotate, .aliases, .delete, .tags, .replicate: return false
        }
    }

    /// Whether somebody may be of another account, or is let in of the own one without anybody's having said so.
    private func isStranger(_ subject: PolicySubject, throughIAM: Bool) -> Bool {
        switch subject {
        case .account(let name): name != account || !throughIAM
        case .named, .like: subject.account != account
        // A service calls for whoever has it do something.
        case .service: false
        case .anyone, .outsider, .unknown: true
        }
    }

    /// Whether a grant is to give somebody a power. Who has one to use the key may also give it back.
    func isMeantToBeGranted(_ power: KeyPower, to subject: PolicySubject) -> Bool {
        switch power {
        case .grants: false
        case .use, .enable, .revoke:
            !isStranger(subject, throughIAM: false) || isUser(subject, throughIAM: false)
        default: isUser(subject, throughIAM: false)
        }
    }

    /// - Parameter throughIAM: Whether it is their account's IAM that lets them.
    func isUser(_ subject: PolicySubject, throughIAM: Bool) -> Bool {
        guard !people.users.isEmpty else { return throughIAM && subject.account == account }
        return people.users.contains { user in
            // Of the key's own account it is those whom IAM lets, and not everybody.
            if user.wholeAccount == account { return subject.account == account && throughIAM }
            return PolicySubject(user) == subject
                || user.wholeAccount != nil && user.wholeAccount == subject.account && throughIAM
        }
    }

    var algorithms: Set<String> { Set((key?.algorithms ?? WrappingAlgorithm.all).map(\.rawValue)) }
}
